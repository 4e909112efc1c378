"""One weight: its gradient as a sum over time steps, checked by nudging it, and the loss as it is moved."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lstm.lessons.learning.landscape import around, landscape
from lstm.lessons.learning.network import Place, nudge, shares
from lstm.lessons.learning.training import Moment
from ui.cell.formula import SYMBOL
from ui.learning.charts import landscape_chart, slice_chart
from ui.learning.link import View
from ui.learning.state import LearningState
from ui.learning.unrolled import small

NONE = "none: the loss over one weight"
FINE = {1: 81, 2: 25}
"""Points of an axis of the landscape over one weight, and over two."""


def name_of(place: Place, units: int) -> str:
    """W[0,5] and what it is for."""
    gate = place.gate(units)
    return f"{place}" + (f" ({SYMBOL[gate]} of unit {place.unit(units) + 1})" if gate else "")


def one_weight(state: LearningState, moment: Moment) -> None:
    """The section about the chosen weight."""
    view = state.view
    places = moment.weights.places()
    left, right = st.columns([9, 10], gap="medium")
    with left:
        st.session_state.learning_weight = view.weight
        st.selectbox(
            "Weight",
            places,
            key="learning_weight",
            format_func=lambda place: name_of(place, view.setting.units),
            on_change=lambda: state.look(weight=st.session_state.learning_weight),
            help="Or click a weight in the tables above.",
        )
        _sum(view, moment)
        _check(view, moment)
        _moved(view, moment)
    with right:
        _landscape(state, moment)


def _sum(view: View, moment: Moment) -> None:
    parts = shares(view.weight, moment.passed, moment.back, moment.loss.slope).sum(axis=1)
    total = moment.back.gradient.at(view.weight)
    if view.weight.letter in "Vd":
        st.markdown(f"Used once, after the last step. Its gradient is **{small(total)}**.")
        return
    terms = " + ".join(f"{small(part)}" for part in parts).replace("+ −", "− ")
    largest = int(np.argmax(np.abs(parts))) + 1
    st.markdown(
        f"The same weight is used at every time step, so its gradient is a sum over steps 1 to {view.setting.time}"
        + (", each added up over all sequences" if len(view.setting.sequences) > 1 else "")
        + f":\n\n{terms} = **{small(total)}**"
        + (f"\n\nThe largest part is that of step {largest}." if view.setting.time > 1 and np.any(parts) else "")
    )


def _check(view: View, moment: Moment) -> None:
    if st.toggle(
        "Check it", key="learning_check", help="Move the weight a little both ways, and see what the loss does."
    ):
        found = nudge(view.weight, moment.weights, moment.back.gradient, view.setting.x, view.setting.y)
        w = moment.weights.at(view.weight)
        st.markdown(
            f"With {w - found.epsilon:.5f} the loss is {found.below:.10f}, with {w + found.epsilon:.5f} it is {found.above:.10f}. Their "
            f"difference divided by 2 · {found.epsilon:g} is **{found.numeric:.9f}**; the way back through the network gave "
            f"**{found.analytic:.9f}**. " + ("They agree." if found.agrees else ":red[They do not agree.]")
        )


def _moved(view: View, moment: Moment) -> None:
    if moment.after is None:
        return
    old, new, gradient = (
        moment.weights.at(view.weight),
        moment.after.at(view.weight),
        moment.back.gradient.at(view.weight),
    )
    setting = view.setting
    if setting.optimizer == "sgd":
        words = (
            f"new = old − rate · gradient = {old:.4f} − {setting.learning_rate:g} · ({small(gradient)}) = **{new:.4f}**"
        )
    else:
        against = (
            "against its gradient"
            if (new - old) * gradient < 0
            else "not against its gradient: the steps before still count"
        )
        words = f"{setting.optimizer.capitalize()} moves it from {old:.4f} by {small(new - old)} to **{new:.4f}**, {against}."
        if gradient == 0 and new == old:
            words = f"Its gradient is 0, so it stays at **{old:.4f}**."
    st.markdown(words.replace("-", "−"))


def _landscape(state: LearningState, moment: Moment) -> None:
    view = state.view
    places = [NONE, *(place for place in moment.weights.places() if place != view.weight)]
    st.session_state.learning_second = view.second or NONE
    st.selectbox(
        "And a second weight",
        places,
        key="learning_second",
        format_func=lambda place: place if place == NONE else name_of(place, view.setting.units),
        on_change=lambda: state.look(
            second=None if st.session_state.learning_second == NONE else st.session_state.learning_second
        ),
        help="With a second weight the loss becomes a landscape.",
    )
    chosen = (view.weight,) if view.second is None else (view.weight, view.second)
    paths = [state.training.path(place, view.step) for place in chosen]
    axes = tuple(around(path, FINE[len(chosen)]) for path in paths)
    found = landscape(moment.weights, chosen, view.setting.x, view.setting.y, axes)
    if view.second is None:
        chart = slice_chart(found, paths[0], state.training.losses[: view.step + 1], str(view.weight))
        chart.show("learning_slice", f"The loss over the weight {view.weight}, with the steps taken")
        st.caption(
            "Line: the loss if this weight alone were moved from where all stand now. Dots: the steps taken, at the loss of their "
            "time; the other weights were elsewhere then, so only the last lies on the line."
        )
    else:
        landscape_chart(found, *paths, (str(view.weight), str(view.second))).show(
            "learning_landscape", f"The loss over the weights {view.weight} and {view.second}, with the steps taken"
        )
        st.caption(
            "Dark is low. The landscape is that of now: every step changes it, because all other weights move as well."
        )
