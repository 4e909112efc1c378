"""What Learning is set with: the task, the network, the optimizer; the four buttons; what of a step is looked at."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lstm.lessons.learning.setting import (
    MAX_FEATURES,
    MAX_SEED,
    MAX_TIME,
    MAX_UNITS,
    OPTIMIZERS,
    PRESETS,
    RATE_RANGE,
    read_sequences,
    read_targets,
    write_sequences,
    write_targets,
)
from lstm.lessons.learning.training import MAX_STEPS, Moment
from ui.learning.link import View, preset_of
from ui.learning.state import LearningState
from ui.plain import sentence

OWN = "Your own sequences"
PHASE_BUTTONS = (
    ("forward", "Forward", "F", "Read the sequence from left to right, with the weights as they are. Key: F"),
    ("loss", "Loss", "L", "Compare the prediction with the target. Key: L"),
    ("backward", "Backward", "G", "Send the gradient from right to left: who is to blame, and by how much? Key: G"),
    ("update", "Update", "U", "Move every weight a little against its gradient. Key: U"),
)


def bar(state: LearningState) -> None:
    """Presets, undo, reset."""
    with st.container(horizontal=True, vertical_alignment="center", key="learning_bar"):
        known = preset_of(state.view.setting)
        st.session_state.learning_preset = known or OWN
        st.selectbox(
            "What to learn",
            list(PRESETS) if known else [OWN, *PRESETS],
            key="learning_preset",
            on_change=lambda: _choose_preset(state),
            label_visibility="collapsed",
            width=290,
            help="What the network shall learn. Your own sequences go in below.",
        )
        st.button(
            "Undo",
            icon=":material/undo:",
            on_click=state.undo,
            disabled=not state.undo_stack,
            help="Take back the last press.",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            on_click=state.load,
            args=(View(),),
            help="Everything as it was at first.",
        )


def _choose_preset(state: LearningState) -> None:
    name = st.session_state.learning_preset
    if name in PRESETS:
        state.learn(PRESETS[name], start=True)


def transport(state: LearningState, moment: Moment) -> None:
    """Forward, Loss, Backward, Update, one press each, and Play."""
    phases = [phase for phase, *_ in PHASE_BUTTONS]
    view = state.view
    following = phases[(phases.index(view.phase) + 1) % 4] if view.phase in phases else "forward"
    at_end = moment.after is None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="learning_transport"):
        for phase, label, key, help_text in PHASE_BUTTONS:
            st.button(
                label,
                key=f"learning_{phase}",
                on_click=state.press,
                args=(phase,),
                type="primary" if phase == following and not state.playing else "secondary",
                help=help_text,
                shortcut=key,
                disabled=at_end and (phase == "update" or (phase == "forward" and view.phase == "update")),
            )
        st.button(
            "Pause" if state.playing else "Play",
            icon=":material/pause:" if state.playing else ":material/play_arrow:",
            on_click=state.toggle_play,
            help="Press after press, ten steps long. Key: P",
            shortcut="P",
            disabled=at_end and not state.playing,
        )


def many_steps(state: LearningState, moment: Moment) -> None:
    """1, 10 or 100 whole steps, and back."""
    view, at_end = state.view, moment.after is None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="learning_many"):
        for many in (1, 10, 100):
            st.button(
                f"+{many} step{'s' if many > 1 else ''}",
                key=f"learning_plus_{many}",
                on_click=state.jump,
                args=(view.step + many,),
                help="Whole steps: forward, loss, backward, update each time.",
                disabled=at_end,
            )
        st.button(
            "Back",
            icon=":material/skip_previous:",
            on_click=state.jump,
            args=(max(view.step - 1, 0),),
            disabled=view.step == 0,
            help="The step before. Key: B",
            shortcut="B",
        )


def step_slider(state: LearningState) -> None:
    """Back to any step that has been looked at."""
    if not state.furthest:
        return
    st.session_state.learning_step = state.view.step
    st.slider(
        "Step",
        0,
        state.furthest,
        key="learning_step",
        on_change=lambda: state.jump(st.session_state.learning_step),
        help=f"Back to any earlier step, and on again. A training takes at most {MAX_STEPS} steps here.",
    )


def looks(state: LearningState) -> None:
    """Which sequence, which unit, which time step is looked at."""
    view = state.view
    with st.container(horizontal=True, gap="medium", key="learning_looks"):
        for field, label, count, help_text in (
            (
                "example",
                "Sequence",
                len(view.setting.sequences),
                "Which sequence is drawn. The loss is the mean over all of them.",
            ),
            ("unit", "Unit", view.setting.units, "Which number of h and C is written out."),
            ("t", "Time step", view.setting.time, "Whose equations stand below. Pointing at another step shows those."),
        ):
            st.session_state[f"learning_{field}"] = getattr(view, field) + 1
            st.segmented_control(
                label,
                range(1, count + 1),
                key=f"learning_{field}",
                required=True,
                help=help_text,
                on_change=lambda field=field: state.look(**{field: st.session_state[f"learning_{field}"] - 1}),
            )


def optimizer(state: LearningState) -> None:
    """Optimizer, learning rate and first weights: the same number of steps, taken another way."""
    setting = state.view.setting
    st.session_state.learning_optimizer = setting.optimizer
    st.session_state.learning_rate = setting.learning_rate
    st.session_state.learning_seed = setting.seed
    left, middle, right = st.columns([5, 4, 3])
    left.selectbox(
        "Optimizer",
        list(OPTIMIZERS),
        key="learning_optimizer",
        format_func=OPTIMIZERS.get,
        on_change=lambda: state.learn(replace(state.view.setting, optimizer=st.session_state.learning_optimizer)),
        help="How a gradient becomes a step. The training is run again from the same first weights, as far as you had come.",
    )
    low, high = RATE_RANGE
    middle.number_input(
        "Learning rate",
        low,
        high,
        key="learning_rate",
        step=0.01,
        format="%.4g",
        on_change=lambda: state.learn(
            replace(state.view.setting, learning_rate=round(float(st.session_state.learning_rate), 6))
        ),
        help="How far a step goes. Too large, and it overshoots: try SGD with a rate of 2.",
    )
    right.number_input(
        "Seed",
        0,
        MAX_SEED,
        key="learning_seed",
        on_change=lambda: state.learn(replace(state.view.setting, seed=int(st.session_state.learning_seed))),
        help="The first weights are drawn at random; another seed draws others.",
    )


def network(state: LearningState) -> None:
    """Units, and the length of the sequences."""
    setting = state.view.setting
    st.session_state.learning_units = setting.units
    with st.container(horizontal=True, vertical_alignment="bottom", key="learning_network"):
        st.segmented_control(
            "Units",
            range(1, MAX_UNITS + 1),
            key="learning_units",
            required=True,
            on_change=lambda: state.learn(replace(state.view.setting, units=st.session_state.learning_units)),
            help="The length of h and of C. It has nothing to do with the number of time steps.",
        )
        for label, more, at_end, help_text in (
            ("Shorter", -1, setting.time == 1, "Leave out the last step of every sequence."),
            ("Longer", 1, setting.time == MAX_TIME, "Add a step of zeros to every sequence."),
        ):
            st.button(label, on_click=_length, args=(state, more), disabled=at_end, help=help_text)


def _length(state: LearningState, more: int) -> None:
    setting = state.view.setting
    if more > 0:
        longer = tuple((*sequence, (0.0,) * setting.features) for sequence in setting.sequences)
    else:
        longer = tuple(sequence[:-1] for sequence in setting.sequences)
    state.learn(replace(setting, sequences=longer))


def own_sequences(state: LearningState) -> None:
    """A visitor's own sequences and targets. What cannot be is said in a sentence, and what was typed stays."""
    with st.expander("Your own sequences and targets", icon=":material/edit:"), st.form("learning_own", border=False):
        st.markdown(
            f"Numbers of a sequence with blanks between them, sequences with **;** between them: `0.9 0.1; 0.2 0.5`. Up to {MAX_TIME} "
            f"steps. Two features of a step with a comma: `0.4,1 0.1,0`."
        )
        x = st.text_input(
            "Sequences",
            write_sequences(state.view.setting.sequences),
            max_chars=400,
            help=f"Up to 8, of one length, with up to {MAX_FEATURES} features.",
        )
        y = st.text_input(
            "Targets", write_targets(state.view.setting.targets), max_chars=100, help="One number for each sequence."
        )
        if st.form_submit_button("Learn this", type="primary"):
            try:
                setting = replace(state.view.setting, sequences=read_sequences(x), targets=read_targets(y))
            except ValueError as error:
                st.error(sentence(error))
            else:
                state.learn(setting, start=True)
                st.rerun(scope="app")
