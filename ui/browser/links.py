"""Links that open a page of the lab with its settings, and lead to its top."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st

HOME = "dashboard.py"

FROM_TRY = "try"
"""In an address: a "try this" link far below was followed, and what it set stands at the top."""


@cache
def page_of(file: str) -> Any:
    """A page of the lab, as Streamlit's links take it. Given a file's name, each link of each run asks the disk for its path."""
    return st.Page(file, default=file == HOME)


def link(place: Any, file: str, label: str, params: Mapping[str, str], icon: str = ":material/arrow_forward:") -> None:
    """A link that opens a page of the lab with its settings: those that `params` name, and all others as at first.

    It leads to the top of the page, where it is said what was set: see `ui.frame.page` and `ui.live.begin`.

    Parameters
    ----------
    place : where it is drawn: `st`, or a container
    params : from a lesson's `Controls.link`, or all that the address of a page with a `ui.cell.stage.Stage` says
    """
    place.page_link(page_of(file), label=label, icon=icon, query_params=dict(params) | {FROM_TRY: "1"})
