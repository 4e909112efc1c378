"""The first screen of Learning: the four buttons, the picture they drive, the loss curve and what can be set."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.learning.setting import OPTIMIZERS
from lstm.lessons.learning.training import Moment
from ui.cell.show import draw
from ui.learning import controls
from ui.learning.charts import loss_curve
from ui.learning.state import LearningState
from ui.learning.unrolled import small, unrolled_svg
from ui.plain import plain

NOW = {
    "start": "The weights are random numbers. Press **Forward**.",
    "forward": "Every step took x and the last h and C, and handed its own on. The last h answers.",
    "loss": "The loss is the mean square error over all sequences: one number that says how wrong the network is.",
    "backward": "From the loss back to every number: how would the loss change if this one grew? Dashed is negative.",
    "update": "Every weight moved against its gradient. **Forward** begins the next step, with the new weights.",
}


def first_screen(state: LearningState, moment: Moment, hidden: frozenset[str]) -> None:
    """Presets, the four buttons, and the picture they drive."""
    view = state.view
    controls.bar(state)
    if state.problem:
        st.warning(plain(state.problem))
    controls.transport(state, moment)
    backwards = view.phase == "backward"
    draw(
        unrolled_svg(view, moment, hidden),
        key="learning_drawing",
        says="Point at anything: it lights up wherever it stands on this page.",
        animate=f"{view.step} {view.phase}" if view.phase in ("forward", "backward") else view.phase,
        backwards=backwards,
        on_choose=state.chosen,
    )
    diverged = state.training.diverged
    if diverged and view.step == diverged.noticed:
        st.error(
            f"The training has diverged: the loss was lowest at step {diverged.lowest}, from step {diverged.began} on it was never "
            f"that low again, and it is {small(diverged.loss)} now. A learning rate of {view.setting.learning_rate:g} is too large for "
            f"{OPTIMIZERS[view.setting.optimizer]}: go back, or choose a smaller one."
        )
    st.markdown(f"Step **{view.step}**, loss **{small(moment.loss.value)}**. {NOW[view.phase]}")


def around_it(state: LearningState, moment: Moment) -> None:
    """Loss curve, what is looked at, and how it learns."""
    left, right = st.columns([10, 9], gap="medium")
    with left:
        controls.many_steps(state, moment)
        controls.step_slider(state)
        loss_curve(state.training.losses[: max(state.furthest, state.view.step) + 1], state.view.step).show(
            "learning_curve", "Line: the loss before every step"
        )
    with right:
        controls.looks(state)
        controls.optimizer(state)
        controls.network(state)
    controls.own_sequences(state)
