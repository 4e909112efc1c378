"""Puts an SVG drawn in Python, or a sheet of formulas and tables, on a page; what belongs together lights up together.

`st.html` removes SVG elements and `st.image` cuts a drawing off from the theme, so a small component mounts them, sharp at
any width and in the colours of the reader's theme. `show.js` says which attributes it understands.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
_HTML = '<div class="sheet"><div class="drawing"></div><p class="says" aria-live="polite" hidden></p></div>'
_CSS, _JS = ((_HERE / name).read_text(encoding="utf-8") for name in ("show.css", "show.js"))
_drawing = st.components.v2.component("lab_drawing", html=_HTML, css=_CSS, js=_JS)
_sheet = st.components.v2.component("lab_sheet", html=_HTML, css=_CSS, js=_JS)


def draw(
    svg: str,
    key: str,
    *,
    says: str = "",
    animate: str | None = None,
    backwards: bool = False,
    on_choose: Callable[[str], None] | None = None,
) -> None:
    """Show `svg` (well-formed, made by the lab, never by a user) across the width of its container.

    Its colours may be the theme's variables: `var(--st-text-color)`, and `ui.theme.CSS["f"]` for a gate.

    Parameters
    ----------
    says : the line below it while nothing is pointed at; no line where it is empty
    animate : when this changes, the drawing fills from its first element to its last, or `backwards`
    on_choose : is told the `data-choose` of what was clicked
    """
    data: dict[str, Any] = {"svg": svg, "says": says, "backwards": backwards}
    if animate is not None:
        data["animate"] = animate
    _mount(_drawing, key, data, on_choose)


def sheet(
    html: str, key: str, *, step: int = 0, says: str = "", on_choose: Callable[[str], None] | None = None
) -> None:
    """Show `html` made by the lab: formulas, tables. `step` is the section on show where there are several."""
    _mount(_sheet, key, {"html": html, "step": step, "says": says}, on_choose)


def _mount(component: Any, key: str, data: dict[str, Any], on_choose: Callable[[str], None] | None) -> None:
    def chosen() -> None:
        value = st.session_state[key].choose
        if on_choose and isinstance(value, str):
            on_choose(value)

    component(key=key, data=data, on_choose_change=chosen)
