"""Projector mode: `?projector=1` on any page makes letters and lines larger and takes the navigation away.

It stands in the address, goes along from page to page, and ends with a press.
"""

from __future__ import annotations

import streamlit as st

PARAM = "projector"
_ON = "_projector"
_STYLE = """<style>
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none !important; }
[data-testid="stMainBlockContainer"] { zoom: 1.3; padding-inline: 2rem; }
.st-key-projector_off { position: fixed; right: 3.5rem; top: .3rem; z-index: 999991; width: auto; }
</style>"""


def follow() -> None:
    """Read the switch in the address, and put it there on the next page."""
    if PARAM in st.query_params:
        st.session_state[_ON] = st.query_params[PARAM] == "1"
        if not on():
            del st.query_params[PARAM]
    elif on():
        st.query_params[PARAM] = "1"


def on() -> bool:
    """Whether the page is projected."""
    return bool(st.session_state.get(_ON, False))


def draw() -> None:
    """What a projected page looks like, and the way out."""
    if on():
        st.html(_STYLE)
        st.button(
            "Leave projector mode", icon=":material/close:", key="projector_off", on_click=_leave, type="tertiary"
        )


def _leave() -> None:
    st.session_state[_ON] = False
    if PARAM in st.query_params:
        del st.query_params[PARAM]
