"""What follows the desk of Gate arithmetic: a step in formulas with its numbers, and all steps as pictures."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lstm.cell import ACTIVATIONS
from lstm.lessons.gates import ScalarStep, Setting, gate_table
from ui.cell import formula
from ui.cell.drawing import number
from ui.cell.show import sheet
from ui.gates import charts
from ui.gates.state import GateState
from ui.theme import MARKDOWN

OF_THE_CANDIDATE = {
    "tanh": "Only the candidate can be negative.",
    "sigmoid": "With σ the candidate is never negative either.",
    "relu": "With ReLU the candidate is never negative, and has no upper end.",
}


def in_numbers(state: GateState, step: ScalarStep) -> None:
    """The six formulas of a step with its numbers in them."""
    st.header(f"Step {step.t}, with the numbers in it", anchor=False)
    st.markdown(
        "Each gate looks at the same two numbers, the input $x$ and the previous hidden state $h$. It weighs them, adds its "
        "bias, and squashes the sum: $\\sigma$ to between 0 and 1, $\\tanh$ to between −1 and 1. Point at a term, and its "
        "wire lights up; point at a wire, and its terms do."
    )
    formulas = [formula.gate_formula(gate, state.setting, step) for gate in "figo"]
    formulas += [
        formula.cell_formula(step),
        formula.hidden_formula(step, squash=formula.SQUASHED[state.setting.activation]),
    ]
    with st.container(border=True):
        sheet(formula.formulas(*formulas), "gates_formulas")
    _why_tanh(state)


def _choose_activation(state: GateState) -> None:
    state.load(state.setting.with_activation(st.session_state.gates_squash))


def _why_tanh(state: GateState) -> None:
    """What if the candidate and the output were squashed by something else?"""
    st.session_state.gates_squash = state.setting.activation
    st.segmented_control(
        "Why σ here and tanh there? Squash the candidate and the output with",
        ACTIVATIONS,
        key="gates_squash",
        format_func=formula.SQUASHED.get,
        required=True,
        on_change=_choose_activation,
        args=(state,),
        help="A gate says how much, so it must lie between 0 and 1: σ. A candidate must be able to lower C as well as raise "
        "it, and must stay bounded: tanh.",
    )
    if state.setting.activation == "tanh":
        return
    chosen, usual = state.setting.run(), state.setting.run_with_tanh()
    name = formula.SQUASHED[state.setting.activation]
    rises = all(after.c >= after.f * after.c_prev - 1e-12 for after in chosen)
    largest = max(abs(one.h) for one in chosen)
    words = [f"With {name}, C at the last step is {number(chosen[-1].c)}; with tanh it is {number(usual[-1].c)}."]
    if rises:
        words.append("No step writes anything negative, so nothing can be taken away from C but by forgetting.")
    words.append(
        f"h reaches {number(largest)} at most" + (": it is no longer kept within −1 and 1." if largest > 1 else ".")
    )
    st.caption(" ".join(words))


def over_time(setting: Setting, t: int, steps: Sequence[ScalarStep], ghost: Sequence[ScalarStep] | None) -> None:
    """Gates, states, the curves of what squashes, and what is left of C₀; step `t` is marked. `ghost` has no gate held."""
    table, held = gate_table(steps), setting.clamp
    left, right = st.columns(2)
    with left:
        st.header("Gates at every step", anchor=False)
        low = -1.0 if min(table["g"]) < 0 else 0.0
        charts.gate_bars(table, t, low=low, high=max(1.0, *table["g"])).show(
            "gates_bars", "Bars: the activation of the four gates at every time step"
        )
        st.caption("1 is wide open, 0 is shut. " + OF_THE_CANDIDATE[setting.activation])
    with right:
        st.header("What the cell remembers and what it shows", anchor=False)
        charts.state_lines(
            table, t, setting.h0, setting.c0, gate_table(ghost) if ghost else None
        ).show("gates_states", "Lines: cell state C and hidden state h after every time step")
        if ghost:
            names = " and ".join(f":{MARKDOWN[gate]}[**{gate}** at {value:g}]" for gate, value in held.items())
            st.caption(
                f"You hold {names}. Dashed: the same cell with {'it' if len(held) == 1 else 'them'} computed. At the last step C is "
                f"{number(steps[-1].c)} instead of {number(ghost[-1].c)}, h is {number(steps[-1].h)} instead of "
                f"{number(ghost[-1].h)}."
            )
        else:
            bounds = "h can grow with it" if setting.activation == "relu" else "h cannot leave −1 to 1"
            st.caption(f"C can grow: it is a sum. {bounds}. Hold a gate at 0 or 1 to see what it was good for.")
    left, right = st.columns(2)
    with left:
        st.header("Is the gate stuck?", anchor=False)
        charts.squashing(table, t, tuple(held), setting.activation).show(
            "gates_curves", "The curves of what squashes, with the z of every gate on them"
        )
        st.caption(
            "In the middle of the curve a small change of z moves the gate. On the flat ends nothing does: the gate is "
            "*saturated*, and a network cannot learn from it, because the slope there is almost 0."
        )
    with right:
        st.header("How much of C₀ is left", anchor=False)
        charts.c0_left(table, t).show(
            "gates_left", "Bars: the share of the initial cell state left after each step"
        )
        st.caption(
            f"Every step multiplies by its forget gate: {' · '.join(number(f) for f in table['f'][: t])} = "
            f"**{steps[t - 1].c0_left:.1%}** after step {t}. Along the cell state a gradient on its way back is "
            "multiplied by the same numbers; through h and the gates it takes other ways."
        )
