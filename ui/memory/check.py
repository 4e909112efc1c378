"""Check the maths: analytic gradients beside numeric ones, and the V-shaped curve of their error."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lstm import gradcheck
from lstm.gradcheck import Check
from ui import keep
from ui.controls import Controls
from ui.lesson import predict_then_reveal
from ui.memory import charts
from ui.numbers import scientific

EPSILONS = tuple(10.0**-k for k in range(1, 13))
SHOWN = 12

check_controls = Controls(
    "check", {"layer": "LSTM", "weight": "kernel", "epsilon": 1e-5, "dtype": "float64"},
    {"epsilon": {e: f"1e-{k}" for k, e in enumerate(EPSILONS, 1)}},
)  # fmt: skip


def section() -> None:
    """Choose a layer and one of its weights; everything else is computed at once."""
    left, right = st.columns([4, 9], gap="medium")
    with left:
        layer = check_controls.choice(
            "layer",
            "Layer",
            list(gradcheck.SMALL_MODELS),
            help="It stands at the bottom of a small network, freshly drawn.",
        )
        model, *_ = gradcheck.small_model(layer)
        weights = list(model.layers[0].params)
        if check_controls["weight"] not in weights:
            check_controls.put("weight", weights[0])
        key = check_controls.key("weight")
        weight = st.segmented_control(
            "Gradient of", weights, default=None if key in st.session_state else weights[0], key=key, required=True,
            persist_state="session", help="One of the layer's weights.",
        )  # fmt: skip
        epsilon = check_controls.stops(
            "epsilon", "Step size ε", EPSILONS, help="How far each weight is moved, up and down."
        )
        dtype = check_controls.choice(
            "dtype",
            "Numbers",
            ["float64", "float32"],
            help="float64 has 16 digits, float32 seven: the V moves up and to the left.",
        )
        st.latex(
            r"\frac{\partial L}{\partial w} \approx \frac{L(w + \varepsilon) - L(w - \varepsilon)}{2\,\varepsilon}"
        )
    checks = found(layer, weight, dtype)
    now = checks[epsilon]
    with right:
        charts.vee({e: check.error for e, check in checks.items()}, epsilon, gradcheck.TOLERANCE, height=230).show(
            "memory_vee", "Line on logarithmic axes: the relative error of the numeric gradient for each step size"
        )
        verdict = "agree" if now.passed else "are too far apart"
        st.markdown(
            f"At ε = {scientific(epsilon)} the two gradients {verdict}: relative error **{scientific(now.error)}**, and "
            f"{scientific(gradcheck.TOLERANCE)} is allowed. Towards the right the error of the formula grows with ε², towards "
            "the left the rounding of the loss, divided by 2ε."
        )
        _side_by_side(now)
    _question(layer, weight, dtype)
    st.caption("The whole check, every layer alone, stacked, masked and stateful: `python -m lstm gradcheck`")


def found(layer: str, weight: str, dtype: str) -> dict[float, Check]:
    """The check for every step size; the same for everybody."""

    def compute() -> dict[float, Check]:
        model, x, y = gradcheck.small_model(layer, dtype)
        return dict(zip(EPSILONS, gradcheck.by_epsilon(model, x, y, weight, EPSILONS), strict=True))

    return keep.of_all("memory check", (layer, weight, dtype), compute)


def _side_by_side(check: Check) -> None:
    """The first elements, both gradients and what is between them."""
    analytic, numeric = check.analytic.ravel().astype(float), check.numeric.ravel().astype(float)
    indices = [str(tuple(map(int, np.unravel_index(k, check.analytic.shape)))) for k in range(analytic.size)][:SHOWN]
    st.dataframe(
        {
            "element": indices,
            "analytic": [f"{value:+.10f}" for value in analytic[:SHOWN]],
            "numeric": [f"{value:+.10f}" for value in numeric[:SHOWN]],
            "difference": [f"{a - n:+.1e}" for a, n in zip(analytic[:SHOWN], numeric[:SHOWN], strict=True)],
        },
        hide_index=True, height=213,
    )  # fmt: skip
    if analytic.size > SHOWN:
        st.caption(f"The first {SHOWN} of {analytic.size} elements; the error is over all of them.")


def _question(layer: str, weight: str, dtype: str) -> None:
    st.header("Predict, then reveal", anchor=False)
    checks = found(layer, weight, dtype)
    best = min(checks, key=lambda e: checks[e].error)
    options = ["The smallest, 1e-12", "One in the middle", "The largest, 1e-1"]
    smallest, largest, least = (scientific(checks[e].error) for e in (EPSILONS[-1], EPSILONS[0], best))
    predict_then_reveal(
        "memory_vee",
        f"Which ε gives the most exact numeric gradient in {dtype}?",
        options,
        {EPSILONS[-1]: 0, EPSILONS[0]: 2}.get(best, 1),
        f"ε = {best:.0e}, with a relative error of {least}; 1e-1 has {largest} and 1e-12 has {smallest}. "
        "A small ε is no help where the loss has no digits left to tell two values apart.",
        about=(layer, weight, dtype),
    )
