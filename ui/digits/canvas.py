"""A sheet to draw a digit on with mouse, pen or finger, and the check of what the browser sends of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

SIDE = 84
"""The drawing arrives as SIDE × SIDE numbers: three for each pixel of MNIST, each way."""
PEN = 0.08
"""Width of the line, the side of the sheet being 1. Scaled to MNIST's 20 pixels that is about its 2 to 3 pixels."""

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "lab_canvas",
    html="""
<div class="sheet" role="group" aria-label="a sheet to draw a digit on">
  <div class="paper"><canvas aria-label="draw a digit here with mouse or finger"></canvas><div class="hint">Draw a digit here</div></div>
  <div class="tools"><button type="button" class="undo">Undo</button><button type="button" class="clear">Clear</button></div>
</div>
""",
    css=(_HERE / "canvas.css").read_text(encoding="utf-8"),
    js=(_HERE / "canvas.js").read_text(encoding="utf-8"),
)


def canvas(drawing: np.ndarray | None, revision: int, on_drawing: Callable[[Any], None], key: str = "canvas") -> None:
    """Show the sheet.

    Parameters
    ----------
    drawing : (SIDE, SIDE) from 0 to 1, what to put on the sheet when `revision` changes; None for an empty one
    revision : another number than last time when the sheet was changed by anything but a hand
    on_drawing : called with the pixels of each message, unchecked: whatever the browser sent
    """
    pixels = None if drawing is None else np.round(drawing * 255).astype(int).ravel().tolist()

    def sent() -> None:
        message = st.session_state[key].drawing
        on_drawing(message.get("pixels") if isinstance(message, dict) else message)

    _component(key=key, data={"side": SIDE, "pen": PEN, "pixels": pixels, "revision": revision}, on_drawing_change=sent)
