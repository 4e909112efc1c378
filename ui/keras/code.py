"""The same network in Keras's lines and in the lab's; and the lab's time step beside its equations, with numbers."""

from __future__ import annotations

import inspect
from functools import lru_cache

import numpy as np
import streamlit as st

from lstm import cell
from lstm.keras_files.layers import code
from lstm.lessons import gates as scalar
from lstm.lessons.keras.experiment import KerasVsScratch
from lstm.recurrent import LSTM
from ui.cell import formula
from ui.cell.show import sheet
from ui.keras.models import Network, entering, examples
from ui.keras.run import fresh

LINES = (
    (r"z = x_t W + h_{t-1} U + b", "z = "),
    (r"(z_i, z_f, z_{\tilde c}, z_o) = z", "z_i, z_f"),
    (r"i, f, o = \sigma(z) \qquad \tilde c = \tanh(z_{\tilde c})", "i, f, g, o = sigmoid"),
    (r"c_t = f \odot c_{t-1} + i \odot \tilde c", "c = "),
    (r"\tanh(c_t)", "tanh_c = "),
    (r"h_t = o \odot \tanh(c_t)", "h = "),
)
"""An equation, and how the line of `cell.forward` that computes it begins."""


def side_by_side(config: KerasVsScratch) -> None:
    """What a reader would write to run this network here and there."""
    model = fresh(config)
    settings = model.optimizer.get_config()
    left, right = st.columns(2, gap="medium")
    for column, name, package in ((left, "Keras", "keras"), (right, "The lab", "lstm")):
        with column:
            st.markdown(f"**{name}**")
            st.code(code(model.layers, settings, model.loss, package), language="python", wrap_lines=True)


@lru_cache(maxsize=16)
def line_of(start: str) -> str:
    """The line of `cell.forward` that begins like this."""
    lines = (line.strip() for line in inspect.getsource(cell.forward).splitlines())
    return next(line for line in lines if line.startswith(start))


def beside_the_equations(shown: Network, config: KerasVsScratch) -> None:
    """Each equation beside its line of lstm/cell.py; then one unit's numbers."""
    st.markdown(
        "**What a layer does.** Keras's LSTM computes these six lines at every time step, compiled; the lab's cell is the "
        "lines themselves, as they stand in lstm/cell.py."
    )
    for equation, start in LINES:
        left, right = st.columns([4, 7], gap="medium", vertical_alignment="center")
        left.latex(equation)
        right.code(line_of(start), language="python", wrap_lines=True)
    _with_numbers(shown, config)


def _with_numbers(shown: Network, config: KerasVsScratch) -> None:
    layer = next((one for one in shown.model.layers[:2] if isinstance(one, LSTM) and one.activation == "tanh"), None)
    if layer is None or not (layer is shown.model.layers[0] or shown.model.layers[0].takes_ids):
        return
    left, right, _ = st.columns([2, 2, 4])
    unit = left.number_input(
        "Unit", 1, layer.units, 1, key=f"keras_unit_of_{layer.units}", help="Which of the first LSTM layer's units."
    )
    try:
        x, what, _ = examples(shown.model, config)
    except ValueError:
        return
    t = right.number_input(
        "Time step", 1, x.shape[1], min(2, x.shape[1]), key=f"keras_t_of_{x.shape[1]}", help="Of one example."
    )
    steps = cell.unroll(entering(shown.model, x[:1]), *layer.get_weights(), *np.zeros((2, 1, layer.units)))
    step = scalar.of_unit(steps[t - 1], unit - 1, t)
    numbers = [formula.squashed(gate, step) for gate in cell.GATES]
    sheet(formula.formulas(*numbers, formula.cell_formula(step), formula.hidden_formula(step)), "keras_formulas")
    st.caption(
        f"Unit {unit} at time step {t}, computed by lstm/cell.py just now: {shown.origin}; the first of {what}. Its z is a sum over "
        f"all {layer.get_weights()[0].shape[0]} features and {layer.units} units."
    )
