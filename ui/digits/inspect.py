"""Looking inside a network while it reads: its units over the rows, its gates by digit, and where two readings part."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lstm.lessons.digits.reader import states
from ui.digits import charts
from ui.digits.examples import NAMES, example
from ui.digits.models import DigitModel
from ui.digits.row_reader import row_reader
from ui.digits.sheet import drawing
from ui.theme import GATE_NAMES, STATE_NAMES

SHEET = "the sheet above"
_QUANTITIES = {
    "h": STATE_NAMES["h"],
    "c": f"{STATE_NAMES['c']}, as tanh C",
    **{gate: GATE_NAMES[gate] for gate in "figozr"},
}
_ORDERS = ("by number", "by when they are strongest")


def look_inside(shown: DigitModel) -> None:
    """Three ways to look, one at a time."""
    ways = {"Units over rows": _units, "Gates by digit": _gates, "Two digits side by side": _two}
    way = st.segmented_control(
        "Look at", list(ways), default="Units over rows", key="digits_look", required=True,
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    ways[way](shown)


def _choices() -> list[str]:
    return [SHEET, *NAMES]


def _image(shown: DigitModel, name: str) -> np.ndarray:
    """The image of a choice. While the sheet is empty it says so, and reads an example; the choice stays."""
    found = drawing() if name == SHEET else example(name)
    if found is None:
        st.caption(f"The sheet is empty, so this is the example {NAMES[0]} until you draw something.")
        found = example(NAMES[0])
    return shown.reader.prepared(found)


def _layer(shown: DigitModel, key: str) -> int:
    layers = sum(hasattr(layer, "units") for layer in shown.model.layers) - 1
    return st.number_input("Layer", 1, layers, layers, key=key) - 1 if layers > 1 else 0


def _units(shown: DigitModel) -> None:
    left, right = st.columns([1, 3], gap="medium")
    with left:
        name = st.selectbox("Digit", _choices(), key="digits_units_of")
        layer = _layer(shown, "digits_units_layer")
        traces = states(shown.model, shown.reader.sequences(_image(shown, name)[None])[0])[layer]
        quantity = st.selectbox(
            "Show its", [q for q in _QUANTITIES if q in traces], format_func=_QUANTITIES.get, key="digits_units_q"
        )
        order = st.selectbox("Units in order", _ORDERS, key="digits_units_order")
    values = np.tanh(traces["c"]) if quantity == "c" else traces[quantity]
    strongest = np.abs(values).argmax(axis=0)
    places = np.argsort(strongest, kind="stable") if order == _ORDERS[1] else np.arange(values.shape[1])
    with right:
        step = shown.reader.step_name
        charts.units_over_steps(values, places, step, quantity in "hcg").show(
            "digits_units", f"Heat map: {_QUANTITIES[quantity]} of every unit after each {step}"
        )
        late = float(np.mean(np.abs(values[-1]) > 0.5))
        moved = np.abs(np.diff(values, axis=0)).mean(axis=1)
        st.caption(
            f"Each column is a unit, each line a {step}. Most changes between {step}s {int(moved.argmax()) + 1} and "
            f"{int(moved.argmax()) + 2}; at the end {late:.0%} of the units are beyond ±0.5."
        )


def _gates(shown: DigitModel) -> None:
    if "gates" not in shown.report:
        st.info("The file of this network does not hold the means of its gates.")
        return
    left, right = st.columns([1, 3], gap="medium")
    with left:
        digit = st.selectbox("Digit", range(10), index=1, key="digits_gates_of")
        layer = min(_layer(shown, "digits_gates_layer"), len(shown.report["gates"]) - 1)
    with right:
        step = shown.reader.step_name
        charts.gates_of_class(shown.report["gates"][layer], digit, step).show(
            "digits_gates", f"Lines: how open each gate is after each {step}, for the digit {digit} and for all digits"
        )
        st.caption(
            f"Mean over all units and over all test images of a {digit}. Where the line leaves the dashed one, "
            f"the network treats a {digit} differently."
        )


def _two(shown: DigitModel) -> None:
    reader = shown.reader
    columns = st.columns(2, gap="medium")
    images, inputs, inside = [], [], []
    for column, place, name in zip(columns, "ab", ("4", "9"), strict=True):
        with column:
            choices = _choices()
            chosen = st.selectbox(f"Digit {place}", choices, index=choices.index(name), key=f"digits_two_{place}")
            image = _image(shown, chosen)
            row_reader(image, shown.believes(image), reader, f"digits_two_reader_{place}")
        images.append(image)
        inputs.append(reader.sequences(image[None])[0])
        inside.append(states(shown.model, inputs[-1])[-1]["h"])
    distance, read = (np.linalg.norm(a - b, axis=1) for a, b in (inside, inputs))
    step = reader.step_name
    charts.parting(*(values / max(values.max(), 1e-9) for values in (distance, read)), step).show(
        "digits_parting", f"Lines: how far apart the states of the two readings are after each {step}"
    )
    if distance.max() < 1e-6:
        st.caption("Twice the same digit: the states never part.")
    else:
        parted = int(np.argmax(distance > distance.max() / 2)) + 1
        st.caption(
            f"After {step} {parted} the states are half as far apart as they will ever be. Where the dashed line is low and the "
            f"solid one is high, the two {step}s look alike, and the network remembers that the earlier ones did not."
        )
