"""Gate arithmetic: one LSTM unit with twelve sliders, its numbers on the wires, its formulas with those numbers in them."""

import json

import streamlit as st

from lstm import cell
from lstm.cell import ACTIVATIONS
from lstm.lessons.gates import PRESETS, PRINTED, gate_table, trend
from ui import frame, lesson
from ui.cell import formula
from ui.cell.drawing import cell_svg, number
from ui.cell.show import draw, sheet
from ui.cell.stage import TICK
from ui.gates import charts
from ui.gates.desk import desk, to_values
from ui.gates.link import DEFAULT, link_from_setting
from ui.gates.state import gate_state
from ui.theme import MARKDOWN

FILE = "pages/gates.py"
OF_THE_CANDIDATE = {
    "tanh": "Only the candidate can be negative.",
    "sigmoid": "With σ the candidate is never negative either.",
    "relu": "With ReLU the candidate is never negative, and has no upper end.",
}
state = gate_state()


def first_screen(steps, step):
    """Presets, the desk and the picture it drives. Returns the place of the desk, which is filled last."""
    with st.container(horizontal=True, vertical_alignment="center", key="gates_bar"):
        st.session_state.gates_preset = next(
            (name for name, preset in PRESETS.items() if preset == state.setting), None
        )
        st.pills(
            "Preset",
            list(PRESETS),
            key="gates_preset",
            on_change=choose_preset,
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
        draw(cell_svg(step, state.setting.clamp, state.setting.activation), key="gates_cell")
        transport(step, len(steps))
    return left


def choose_preset():
    state.load(PRESETS[st.session_state.gates_preset] if st.session_state.gates_preset else state.setting)


def transport(step, last):
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


def in_numbers(step):
    st.subheader(f"Step {step.t}, with the numbers in it", anchor=False)
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
    why_tanh(step)


def choose_activation():
    state.load(state.setting.with_activation(st.session_state.gates_squash))


def why_tanh(step):
    """What if the candidate and the output were squashed by something else?"""
    st.session_state.gates_squash = state.setting.activation
    st.segmented_control(
        "Why σ here and tanh there? Squash the candidate and the output with",
        ACTIVATIONS,
        key="gates_squash",
        format_func=formula.SQUASHED.get,
        required=True,
        on_change=choose_activation,
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


def over_time(steps, ghost):
    table, held = gate_table(steps), state.setting.clamp
    left, right = st.columns(2)
    with left:
        st.subheader("Gates at every step", anchor=False)
        low = -1.0 if min(table["g"]) < 0 else 0.0
        charts.gate_bars(table, state.t, low=low, high=max(1.0, *table["g"])).show(
            "gates_bars", "Bars: the activation of the four gates at every time step"
        )
        st.caption("1 is wide open, 0 is shut. " + OF_THE_CANDIDATE[state.setting.activation])
    with right:
        st.subheader("What the cell remembers and what it shows", anchor=False)
        charts.state_lines(
            table, state.t, state.setting.h0, state.setting.c0, gate_table(ghost) if ghost else None
        ).show("gates_states", "Lines: cell state C and hidden state h after every time step")
        if ghost:
            names = " and ".join(f":{MARKDOWN[gate]}[**{gate}** at {value:g}]" for gate, value in held.items())
            st.caption(
                f"You hold {names}. Dashed: the same cell with that gate computed. At the last step C is "
                f"{number(steps[-1].c)} instead of {number(ghost[-1].c)}, h is {number(steps[-1].h)} instead of "
                f"{number(ghost[-1].h)}."
            )
        else:
            bounds = "h can grow with it" if state.setting.activation == "relu" else "h cannot leave −1 to 1"
            st.caption(f"C can grow: it is a sum. {bounds}. Hold a gate at 0 or 1 to see what it was good for.")
    left, right = st.columns(2)
    with left:
        st.subheader("Is the gate stuck?", anchor=False)
        charts.squashing(table, state.t, tuple(held), state.setting.activation).show(
            "gates_curves", "The curves of what squashes, with the z of every gate on them"
        )
        st.caption(
            "In the middle of the curve a small change of z moves the gate. On the flat ends nothing does: the gate is "
            "*saturated*, and a network cannot learn from it, because the slope there is almost 0."
        )
    with right:
        st.subheader("How much of C₀ is left", anchor=False)
        charts.c0_left(table, state.t).show(
            "gates_left", "Bars: the share of the initial cell state left after each step"
        )
        st.caption(
            f"Every step multiplies by its forget gate: {' · '.join(number(f) for f in table['f'][: state.t])} = "
            f"**{steps[state.t - 1].c0_left:.1%}** after step {state.t}. A gradient on its way back is multiplied by the same numbers."
        )


def ask_about_this_setting():
    forgotten = state.setting.with_clamp({"f": 0.0}).run()[-1].c
    computed = state.setting.run_unclamped()[-1].c
    st.subheader("Predict, then reveal", anchor=False)
    lesson.predict_then_reveal(
        "gates_hold",
        "On the desk as it stands: what becomes of C at the last step if the forget gate is held at 0?",
        ["It grows", "It shrinks towards 0", "It stays as it is"],
        answer=["grows", "shrinks", "stays"].index(trend(computed, forgotten)),
        explanation=(
            f"C goes from {number(computed)} to {number(forgotten)}: only what the last step itself writes is there, the past "
            "is gone. Hold **f** at 0 on the desk to see every step of it."
        ),
    )


@st.fragment
def ask_about_scale():
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
    raw_beside_scaled(expanded=answered is not None)


def raw_beside_scaled(expanded):
    with st.expander("Raw numbers beside scaled ones", expanded=expanded, icon=":material/compare:"):
        st.markdown(
            "The same twelve weights read 10, 20, 30 and then 1, 2, 3; nothing else differs. On raw numbers every gate is stuck "
            "at 1. This is why data is scaled before a network sees it."
        )
        for column, name in zip(st.columns(2), ("Three numbers", "Three numbers, scaled"), strict=True):
            preset = PRESETS[name]
            with column:
                st.markdown(f"**{name}**: inputs {', '.join(f'{x:g}' for x in preset.xs)}")
                charts.gate_bars(gate_table(preset.run()), height=220).show(
                    f"gates_{name}", f"Gate activations of {name}"
                )
                st.page_link(
                    FILE, label="Put it on the desk", icon=":material/tune:", query_params=link_from_setting(preset, 1)
                )
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


def lab():
    """All that follows the controls. A fragment: a moved slider runs this and nothing else of the page."""
    state.tick()
    if state.playing != state.scheduled:
        st.rerun(scope="app")  # only a whole run can start or end the ticking
    steps = state.setting.run()
    ghost = state.setting.run_unclamped() if state.setting.clamp else None
    step = steps[state.t - 1]
    place_of_desk = first_screen(steps, step)
    in_numbers(step)
    over_time(steps, ghost)
    ask_about_this_setting()
    with place_of_desk:
        desk(state.setting, step, state.revision, state.ack, state.edit)
    state.write_address()


def take_home():
    """The files are made when a button is pressed, of the desk as it stands then."""

    def steps_csv():
        return lesson.csv_text(gate_table(state.setting.run()))

    def setting_json():
        return json.dumps(to_values(state.setting), indent=1)

    lesson.take_home(
        [
            lesson.Takeaway("All steps (CSV)", steps_csv, "gates.csv", "text/csv"),
            lesson.Takeaway("The setting (JSON)", setting_json, "gates.json", "application/json"),
        ]
    )


frame.page("Gate arithmetic")
state.read_address()
state.scheduled = state.playing
st.fragment(lab, run_every=TICK if state.playing else None)()
ask_about_scale()
lesson.try_this(
    FILE,
    [
        lesson.Try(
            "Remember one pulse",
            link_from_setting(PRESETS["A latch"], 5),
            "A forget gate near 1 keeps a number for as long as nobody asks.",
        ),
        lesson.Try(
            "Let it fade",
            link_from_setting(PRESETS["A fading trace"], 5),
            "The same pulse with a forget gate of 0.622: watch C₀'s share shrink.",
        ),
        lesson.Try(
            "ReLU for tanh",
            link_from_setting(PRESETS["Three numbers"].with_activation("relu"), 3),
            "On raw numbers: with nothing to bound the candidate, C follows the size of the inputs.",
        ),
        lesson.Try(
            "Hold the forget gate shut",
            {"clamp": "f0", "c0": "2", "t": "2"},
            "C₀ is 2, and after one step nothing of it is left.",
        ),
    ],
)
take_home()
lesson.source(cell.forward, label="The source that just ran: one time step, lstm/cell.py")
