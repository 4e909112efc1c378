"""A digit, uncovered step by step, beside what a network believes after each step: stepped and played in the browser."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import streamlit as st

from lstm.lessons.digits.reader import DigitReader

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "lab_row_reader",
    html="""
<div class="reading">
  <div class="words" aria-live="polite"></div>
  <div class="figure"></div>
  <div class="tools">
    <button type="button" class="play">▶ Play</button>
    <button type="button" class="back" aria-label="one step back">◀</button>
    <input type="range" min="0" value="0" step="1" aria-label="how much of the digit is read">
    <button type="button" class="forth" aria-label="one step on">▶</button>
  </div>
</div>
""",
    css=(_HERE / "row_reader.css").read_text(encoding="utf-8"),
    js=(_HERE / "row_reader.js").read_text(encoding="utf-8"),
)


def row_reader(image: np.ndarray, belief: np.ndarray, reader: DigitReader, key: str, play: bool = False) -> None:
    """Show a digit and the belief.

    Parameters
    ----------
    image : (side, side) from 0 to 1, what the network was given
    belief : (steps, 10), the probabilities after each step
    play : play it once when the page is opened
    """
    data = {
        "side": reader.side,
        "pixels": np.round(image * 255).astype(int).ravel().tolist(),
        "belief": np.round(belief.astype(float), 4).tolist(),
        "reading": reader.reading,
        "step": reader.step_name,
        "play": play,
    }
    revision = hashlib.sha256(repr(data).encode()).hexdigest()[:12]
    _component(key=key, data={**data, "revision": revision})
