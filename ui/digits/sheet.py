"""The drawing on the table: what the hand drew, or an example, and what the network gets of it."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
import streamlit as st

from lstm.preprocessing.image import from_browser
from ui import keep
from ui.digits.canvas import SIDE, canvas
from ui.digits.examples import NAMES, example
from ui.plain import plain, sentence

FIRST = "a closed 4"


ADDRESS = "digits_drawing"
"""The name of a drawing in the address."""
_SMALL = SIDE // 2


def written(drawing: np.ndarray) -> str:
    """A drawing as a word of the address: a bit for every four points, packed."""
    bits = drawing.reshape(_SMALL, 2, _SMALL, 2).mean(axis=(1, 3)) >= 0.5
    return base64.urlsafe_b64encode(zlib.compress(np.packbits(bits).tobytes(), 9)).decode().rstrip("=")


def from_address(word: str) -> np.ndarray | None:
    """The drawing of such a word, (SIDE, SIDE) from 0 to 1; None if it is none."""
    if not 0 < len(word) <= LONGEST:
        return None
    try:
        packed = zlib.decompressobj().decompress(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)), _BYTES + 1)
    except (ValueError, zlib.error):
        return None
    if len(packed) != _BYTES:
        return None
    bits = np.unpackbits(np.frombuffer(packed, np.uint8))[: _SMALL**2].reshape(_SMALL, _SMALL)
    return np.kron(bits, np.ones((2, 2))) if bits.any() else None


_BYTES = -(-(_SMALL**2) // 8)
LONGEST = 500
"""Most characters of such a word."""


def _sheet() -> dict[str, Any]:
    """What is on the sheet in this session. `revision` grows when something else than a hand changes it."""
    first = {"drawing": example(FIRST), "revision": 1, "example": FIRST, "problem": None, "drawn": False}
    return keep.of_session("digits", "sheet", lambda: first)


def _follow_address() -> None:
    """Put on the sheet what a link asks for, once: an example by its name, or a drawing."""
    asked = (st.query_params.get("digits_example"), st.query_params.get(ADDRESS))
    sheet = _sheet()
    if asked == (None, None) or "asked" in sheet:
        sheet.setdefault("asked", asked)
        return
    sheet["asked"] = asked
    if asked[0] in NAMES:
        _put(asked[0])
    elif asked[0] is not None:
        sheet.update(problem=f"The address asks for the example “{plain(asked[0][:40])}”, which there is not.")
    elif asked[1] is not None:
        if (found := from_address(asked[1])) is not None:
            sheet.update(drawing=found, revision=sheet["revision"] + 1, example=None, problem=None, drawn=True)
        else:
            sheet.update(problem="The address holds a drawing that cannot be read.")


def _say_in_address() -> None:
    """Let the address say what is on the sheet, once somebody has chosen or drawn."""
    sheet, found = _sheet(), drawing()
    words = {
        "digits_example": sheet["example"] if sheet["drawn"] else None,
        ADDRESS: written(found) if sheet["drawn"] and sheet["example"] is None and found is not None else None,
    }
    for name, word in words.items():
        if word is not None and len(word) <= LONGEST:
            if st.query_params.get(name) != word:
                st.query_params[name] = word
        elif name in st.query_params:
            del st.query_params[name]


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
    _follow_address()
    sheet = _sheet()
    canvas(sheet["drawing"], sheet["revision"], _take, key="digits_canvas")
    if sheet["problem"]:
        st.error(f"{sheet['problem']} The drawing before it stays.")
    if "digits_example" not in st.session_state:
        st.session_state.digits_example = sheet["example"]
    _say_in_address()
    st.pills(
        "Or take one that is drawn already", NAMES, key="digits_example", wrap=True,
        on_change=lambda: _put(st.session_state.digits_example),
    )  # fmt: skip
