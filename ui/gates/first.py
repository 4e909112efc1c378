"""The first screen of Gate arithmetic: presets, the cell with its numbers, and the way from step to step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lstm.lessons.gates import PRESETS, ScalarStep
from ui.cell import formula
from ui.cell.drawing import cell_svg
from ui.cell.show import draw, sheet
from ui.gates.link import DEFAULT
from ui.gates.state import GateState


def first_screen(state: GateState, steps: Sequence[ScalarStep], step: ScalarStep) -> Any:
    """Presets, the desk and the picture it drives. Returns the place of the desk, which is filled last."""
    with st.container(horizontal=True, vertical_alignment="center", key="gates_bar"):
        st.session_state.gates_preset = next(
            (name for name, preset in PRESETS.items() if preset == state.setting), None
        )
        st.pills(
            "Preset",
            list(PRESETS),
            key="gates_preset",
            on_change=_choose_preset,
            args=(state,),
            label_visibility="collapsed",
            wrap=True,
        )
        st.button(
            "Undo",
            icon=":material/undo:",
            on_click=state.undo,
            disabled=not state.undo_stack,
            help="Take back the last change.",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            on_click=state.load,
            args=(DEFAULT,),
            help="Everything as it was at first.",
        )
    if state.problem:
        st.warning(state.problem)
    left, right = st.columns([9, 10], gap="medium")
    with right:
        draw(cell_svg(step, state.setting.clamp, state.setting.activation), key="in_sight_cell")
        _transport(state, step, len(steps))
    return left


def _choose_preset(state: GateState) -> None:
    state.load(PRESETS[st.session_state.gates_preset] if st.session_state.gates_preset else state.setting)


def _transport(state: GateState, step: ScalarStep, last: int) -> None:
    """Previous, play, next, and every step to choose from."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="gates_transport"):
        st.button(
            "Previous",
            icon=":material/skip_previous:",
            on_click=state.show,
            args=(state.t - 1,),
            disabled=state.t == 1,
            help="The step before. Key: B",
            shortcut="B",
        )
        st.button(
            "Pause" if state.playing else "Play",
            icon=":material/pause:" if state.playing else ":material/play_arrow:",
            on_click=state.toggle_play,
            type="primary",
            help="Step after step, a second each. Key: P",
            shortcut="P",
        )
        st.button(
            "Next",
            icon=":material/skip_next:",
            on_click=state.show,
            args=(state.t + 1,),
            disabled=state.t == last,
            help="The step after. Key: N",
            shortcut="N",
        )
        st.session_state.gates_step = state.t
        st.segmented_control(
            "Time step",
            range(1, last + 1),
            key="gates_step",
            required=True,
            label_visibility="collapsed",
            on_change=lambda: state.show(st.session_state.gates_step),
        )
    sheet(formula.prediction_formula(state.setting, step), "gates_prediction")
