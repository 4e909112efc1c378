"""A training that is gone: the server was started again, or forgot it while nobody looked. The page says so, once.

What a server does not know any more a browser can: a cookie names the server and the training that is under way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.browser import cookies

COOKIE = "lstm_lab_training"
_KNOWN = re.compile("([0-9a-f]{12})-([0-9a-f]{12})-([0-9]{1,2})")


def remember(jobs: Sequence[Any], titles: Sequence[str]) -> None:
    """Note in the browser which of this visitor's trainings is under way, and see whether the last one is gone.

    Parameters
    ----------
    jobs : of this session, as far as the server knows
    titles : of the lessons, in an order that does not change
    """
    state = st.session_state
    if "_training_gone" not in state:
        state._training_gone = _what_is_gone(cookies.told(COOKIE), jobs, titles)
    active = [job for job in jobs if not job.ended and job.title.partition(":")[0] in titles]
    noted = ""
    if active:
        state._training_gone = ""
        noted = f"{cookies.SERVER}-{active[-1].id[:12]}-{titles.index(active[-1].title.partition(':')[0])}"
    cookies.keep(COOKIE, noted)


def tell() -> None:
    """Say what is gone, until this visitor trains again."""
    if sentence := st.session_state.get("_training_gone"):
        st.warning(sentence, icon=":material/heart_broken:")


def _what_is_gone(cookie: str, jobs: Sequence[Any], titles: Sequence[str]) -> str:
    """A sentence about the training of the cookie, or "" if it is still here, or there was none."""
    found = _KNOWN.fullmatch(cookie)
    if found is None or any(job.id.startswith(found[2]) for job in jobs) or int(found[3]) >= len(titles):
        return ""
    title = titles[int(found[3])]
    why = (
        "Nobody looked at it for a while, so the server let it go."
        if found[1] == cookies.SERVER
        else "The server was started again, and what it trained went with it."
    )
    return f"Your training of **{title}** is gone. {why} Its settings are still in the address: start it again."
