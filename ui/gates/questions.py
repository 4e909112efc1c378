"""What a visitor of Gate arithmetic predicts before the page shows it."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.gates import PRESETS, PRINTED, Setting, gate_table, trend
from ui import lesson
from ui.cell.drawing import number
from ui.gates import charts
from ui.gates.link import link_from_setting


def about_setting(setting: Setting) -> None:
    """What holding the forget gate shut would do to the desk as it stands."""
    others = {gate: value for gate, value in setting.clamp.items() if gate != "f"}  # what else is held stays held
    forgotten = setting.with_clamp({**others, "f": 0.0}).run()[-1].c
    computed = setting.with_clamp(others).run()[-1].c
    held = " and ".join(f"{gate} at {value:g}" for gate, value in others.items())
    st.header("Predict, then reveal", anchor=False)
    lesson.predict_then_reveal(
        "gates_hold",
        f"On the desk as it stands{f', {held}' if held else ''}: what becomes of the size of C at the last step if the "
        "forget gate is held at 0?",
        ["It grows", "It shrinks towards 0", "It stays as it is"],
        answer=["grows", "shrinks", "stays"].index(trend(computed, forgotten)),
        explanation=(
            f"C goes from {number(computed)} to {number(forgotten)}: C is what the last step itself writes, and "
            "nothing of the C before it. Hold **f** at 0 on the desk to see every step of it."
        ),
        about=repr(setting),
    )


@st.fragment
def about_scale(file: str) -> None:
    """Raw numbers instead of scaled ones; `file` is the page that can show them."""
    raw = PRESETS["Three numbers"].run()
    answered = lesson.predict_then_reveal(
        "gates_scale",
        "The weights stay, the inputs are 10, 20, 30 instead of 1, 2, 3. What does the forget gate do?",
        ["It moves as much as before", "It is 1 almost at once and stays there", "It goes to 0"],
        answer=1 if all(step.f > 0.9 for step in raw) else 0,
        explanation=(
            f"It reads {', '.join(number(step.f) for step in raw)}: z is {number(raw[-1].z_f)} by the last step, far out on "
            f"the flat end of σ. Nothing is forgotten, so C only adds up, to {number(raw[-1].c)}."
        ),
    )
    _raw_beside_scaled(file, expanded=answered is not None)


def _raw_beside_scaled(file: str, expanded: bool) -> None:
    with st.expander("Raw numbers beside scaled ones", expanded=expanded, icon=":material/compare:"):
        st.markdown(
            "The same twelve weights read 10, 20, 30 and then 1, 2, 3; nothing else differs. On raw numbers every gate is stuck "
            "at 1. This is why data is scaled before a network sees it."
        )
        for column, name in zip(st.columns(2), ("Three numbers", "Three numbers, scaled"), strict=True):
            preset = PRESETS[name]
            with column:
                st.markdown(f"**{name}**: inputs {', '.join(f'{x:g}' for x in preset.xs)}")
                charts.gate_bars(gate_table(preset.run()), height=290).show(
                    f"gates_{name}", f"Gate activations of {name}"
                )
                lesson.link(st, file, f"{name}: put it on the desk", link_from_setting(preset, 1), icon=":material/tune:")
        rows = gate_table(PRESETS["Three numbers"].run())
        st.markdown("“Three numbers” comes from another project. What it printed, beside what this page computes:")
        st.table(
            {
                "number": ["f", "i", "c̃", "o", "C", "h", "prediction"],
                "printed there": [", ".join(f"{v:.3f}" for v in values) for values in PRINTED.values()],
                "computed here": [
                    ", ".join(f"{v:.3f}" for v in rows[name][-len(values) :]) for name, values in PRINTED.items()
                ],
            }
        )
