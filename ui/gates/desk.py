"""The desk of Gate arithmetic: every weight, the inputs and the start, as controls that answer while they are moved.

Streamlit's own slider reports when it is let go. This one, a small component, reports while it is dragged, so that the
picture moves with the hand. What comes back is read like a link: number by number, the nearest sane value for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from lstm.cell import GATES
from lstm.lessons.gates import (
    C0_RANGE,
    H0_RANGE,
    INPUT_RANGE,
    KINDS,
    MAX_STEPS,
    OUTPUT_RANGE,
    WEIGHT_RANGE,
    ScalarStep,
    Setting,
)
from ui.cell.drawing import number

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "lab_gate_desk",
    html='<div class="desk"></div>',
    css=(_HERE / "desk.css").read_text(encoding="utf-8"),
    js=(_HERE / "desk.js").read_text(encoding="utf-8"),
)

_NAMES = {"f": "forget f", "i": "input i", "g": "candidate c̃", "o": "output o", "start": "start"}
_JOBS = {
    "f": "how much of the old cell state stays",
    "i": "how much of the candidate is written",
    "g": "what would be written, from −1 to 1",
    "o": "how much of the cell state is shown",
}
_PARTS = {
    "W": "W multiplies the input x. The larger it is, the harder x pushes this gate.",
    "U": "U multiplies the previous hidden state h. It lets the past speak.",
    "b": "b, the bias, is added whatever comes in. It says how open the gate is when nothing happens.",
}
HELP = {
    "": "Drag a slider, or type a number. Everything on this page follows at once.",
    "h0": "h₀: the hidden state before the first step. Usually 0.",
    "c0": "C₀: what the cell remembers before the first step. Set it, then watch how much of it is left.",
    "v": "V: the output weight. The prediction is V·h.",
    "x": "The input of each time step, first to last. × removes a step.",
    "add": f"One more time step, up to {MAX_STEPS}. It starts as a copy of the last.",
    "hold": "Hold the gate at 0 or at 1 instead of computing it. Press again to let go.",
} | {f"{kind}{gate}": f"Gate {gate}: {_JOBS[gate]}. {_PARTS[kind]}" for gate in GATES for kind in KINDS}


def desk(
    setting: Setting,
    step: ScalarStep,
    revision: int,
    ack: int,
    on_edit: Callable[[Mapping[str, Any]], None],
    key: str = "gate_desk",
) -> None:
    """Show the desk.

    Parameters
    ----------
    step : the step on show; its input is marked, its gates stand beside their names
    revision : another number than last time when `setting` was changed by anything but the desk
    ack : the `sequence` of the last message taken in; mount the desk after what the message changed, so that the next
        one is sent when the page has been drawn
    on_edit : called with each message, `{"sequence", "name", "done", "values"}`; `done` is False while a slider is dragged
    """
    data = {
        "values": to_values(setting),
        "t": step.t,
        "live": {gate: f"= {number(getattr(step, gate))}" for gate in GATES} | {"start": ""},
        "revision": revision,
        "ack": ack,
        "names": _NAMES,
        "help": HELP,
        "max_steps": MAX_STEPS,
        "ranges": {"weight": WEIGHT_RANGE, "x": INPUT_RANGE, "h0": H0_RANGE, "c0": C0_RANGE, "v": OUTPUT_RANGE},
        "steps": {"weight": 0.05, "h0": 0.05, "c0": 0.1, "v": 0.1},
    }
    _component(key=key, data=data, on_edit_change=lambda: on_edit(st.session_state[key].edit))


def to_values(setting: Setting) -> dict[str, Any]:
    """The setting as the desk holds it."""
    weights = {kind: {gate: getattr(getattr(setting.cell, gate), kind) for gate in GATES} for kind in KINDS}
    rest = {"x": list(setting.xs), "h0": setting.h0, "c0": setting.c0, "v": setting.cell.output}
    return weights | rest | {"clamp": dict(setting.clamp), "activation": setting.activation}
