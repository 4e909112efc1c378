"""Many small digits with what a network takes each one for; a click on one asks for more about it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "lab_digit_grid",
    html='<div class="digits"></div>',
    css=(_HERE / "grid.css").read_text(encoding="utf-8"),
    js=(_HERE / "grid.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Shown:
    """A digit in the grid: pixels (side, side) of unsigned bytes, its label, and the guess with its probability."""

    pixels: np.ndarray
    label: int
    guess: int
    sure: float


def digit_grid(
    digits: Sequence[Shown],
    ink: int,
    key: str,
    chosen: int | None = None,
    on_choose: Callable[[int], None] | None = None,
) -> None:
    """Show the digits; wrong guesses stand out by colour and by a cross.

    Parameters
    ----------
    ink : the value of a black pixel
    chosen : index of the one that is marked
    on_choose : called with the index of a digit that is clicked; without it they are pictures only
    """
    data = {
        "side": int(digits[0].pixels.shape[0]) if digits else 0,
        "pixels": [base64.b64encode((d.pixels * (255 // ink)).astype(np.uint8).tobytes()).decode() for d in digits],
        "facts": [[d.label, d.guess, round(d.sure, 3)] for d in digits],
        "chosen": chosen,
        "clickable": on_choose is not None,
    }

    def sent() -> None:
        index: Any = st.session_state[key].choose
        if on_choose is not None and isinstance(index, int) and 0 <= index < len(digits):
            on_choose(index)

    _component(key=key, data=data, on_choose_change=sent)
