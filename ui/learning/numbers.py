"""The sections with all the numbers: equations, tables, weights, and the source that computed them."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.learning.training import Moment
from ui.cell.show import sheet
from ui.learning.formulas import sheet_html
from ui.learning.link import View
from ui.learning.source import both_html
from ui.learning.state import LearningState
from ui.learning.tables import steps_html, weights_html
from ui.learning.weight import one_weight


def in_numbers(state: LearningState, moment: Moment, hidden: frozenset[str]) -> None:
    """The equations of a time step, and every quantity of every step."""
    view = state.view
    st.header("The equations, with the numbers in them", anchor=False)
    st.markdown(
        f"Sequence {view.example + 1}, unit {view.unit + 1}, time step {view.t + 1}; pointing at another time step shows that one."
        + (
            " Gradients are those of the mean over all sequences."
            if view.at_least("backward") and len(view.setting.sequences) > 1
            else ""
        )
    )
    with st.container(border=True):
        sheet(sheet_html(view, moment, hidden), "learning_formulas", step=view.t + 1, on_choose=state.chosen)
    with st.expander("Every number of every step", icon=":material/table:"):
        sheet(steps_html(view, moment, hidden), "learning_steps", on_choose=state.chosen)


def all_weights(state: LearningState, moment: Moment) -> None:
    """W, U, b, V and d as blocks, and one of their numbers looked at closely."""
    view = state.view
    st.header("The weights: the same at every time step", anchor=False)
    st.markdown(
        "Point at a weight: the wires it works on light up in every cell at once. Point at a unit: its columns, and its row in U. "
        + (
            "Below each weight its gradient" + (", then its new value." if view.phase == "update" else ".")
            if view.at_least("backward")
            else ""
        )
    )
    sheet(weights_html(view, moment), "learning_weights", says=" ", on_choose=state.chosen)
    st.markdown(f"**One weight**, at step {view.step}")
    one_weight(state, moment)


def the_source(view: View, moment: Moment) -> None:
    """The lines of `cell.forward` and `cell.backward`, lit together with what they make."""
    arrays = {
        name: " ".join(str(place) for place in moment.weights.places() if place.letter == letter)
        for name, letter in (("kernel", "W"), ("recurrent_kernel", "U"), ("bias", "b"))
    }
    with st.expander(
        "The source that just ran: lstm/cell.py. The line that makes a number lights up with it", icon=":material/code:"
    ):
        for column, (name, html) in zip(
            st.columns(2),
            zip(("forward", "backward"), both_html(view.setting.time, view.unit, arrays), strict=True),
            strict=True,
        ):
            with column:
                sheet(html, f"learning_source_{name}")
