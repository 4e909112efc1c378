"""Where a text is typed: a box that is filled in already, examples a click away, and a limit that is said."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

LONGEST = 200_000
"""Characters of the longest text that is taken: more than 20,000 words."""


def typed(key: str, start: str, examples: Mapping[str, str], label: str = "Type a sentence", height: int = 100) -> str:
    """The text in the box. It survives a visit to another page; an example takes its place.

    Parameters
    ----------
    key : unique in the lab; `st.session_state[key]` is the text
    start : what stands in the box at first
    examples : by what their buttons say
    """

    def put() -> None:
        if (name := st.session_state[f"{key}_example"]) in examples:
            st.session_state[key] = examples[name]

    text = st.text_area(label, start, key=key, max_chars=LONGEST, height=height, persist_state="session")
    st.session_state[f"{key}_example"] = next((name for name, one in examples.items() if one == text), None)
    st.pills("Or take an example", list(examples), key=f"{key}_example", on_change=put, wrap=True)
    return text
