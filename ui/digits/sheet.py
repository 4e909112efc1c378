"""The drawing on the table: what the hand drew, or an example, and what the network gets of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lstm.preprocessing.image import from_browser
from ui import keep
from ui.digits.canvas import SIDE, canvas
from ui.digits.examples import NAMES, example
from ui.plain import sentence

FIRST = "a closed 4"


def _sheet() -> dict[str, Any]:
    """What is on the sheet in this session. `revision` grows when something else than a hand changes it."""
    first = {"drawing": example(FIRST), "revision": 1, "example": FIRST, "problem": None, "drawn": False}
    return keep.of_session("digits", "sheet", lambda: first)


def drawing() -> np.ndarray | None:
    """The drawing (SIDE, SIDE) from 0 to 1; None while the sheet is empty."""
    found = _sheet()["drawing"]
    return found if found is not None and found.max() > 0 else None


def touched() -> bool:
    """Whether anybody has drawn or chosen anything yet."""
    return _sheet()["drawn"]


def _take(pixels: Any) -> None:
    sheet = _sheet()
    try:
        sheet.update(drawing=from_browser(pixels, SIDE), problem=None, drawn=True, example=None)
    except ValueError as problem:
        sheet.update(problem=sentence(problem))
    st.session_state.digits_example = None


def _put(name: str | None) -> None:
    if name in NAMES:
        sheet = _sheet()
        sheet.update(drawing=example(name), revision=sheet["revision"] + 1, example=name, problem=None, drawn=True)


def show() -> None:
    """The sheet, and the examples below it."""
    sheet = _sheet()
    canvas(sheet["drawing"], sheet["revision"], _take, key="digits_canvas")
    if sheet["problem"]:
        st.error(f"{sheet['problem']} The drawing before it stays.")
    if "digits_example" not in st.session_state:
        st.session_state.digits_example = sheet["example"]
    st.pills(
        "Or take one that is drawn already", NAMES, key="digits_example", wrap=True,
        on_change=lambda: _put(st.session_state.digits_example),
    )  # fmt: skip
