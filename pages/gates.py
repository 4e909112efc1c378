"""Gate arithmetic: one LSTM unit with twelve sliders, its numbers on the wires, its formulas with those numbers in them."""

import json

import streamlit as st

from lstm import cell
from lstm.lessons.gates import PRESETS, gate_table
from ui import frame, lesson
from ui.cell.stage import TICK
from ui.gates import questions
from ui.gates.desk import desk, to_values
from ui.gates.first import first_screen
from ui.gates.link import link_from_setting
from ui.gates.over_time import in_numbers, over_time
from ui.gates.state import gate_state

FILE = "pages/gates.py"


def lab(state):
    """All that follows the controls. A fragment: a moved slider runs this and nothing else of the page."""
    state.tick()
    if state.playing != state.scheduled:
        st.rerun(scope="app")  # only a whole run can start or end the ticking
    steps = state.setting.run()
    ghost = state.setting.run_unclamped() if state.setting.clamp else None
    step = steps[state.t - 1]
    place_of_desk = first_screen(state, steps, step)
    in_numbers(state, step)
    over_time(state.setting, state.t, steps, ghost)
    questions.about_setting(state.setting)
    with place_of_desk:
        desk(state.setting, step, state.revision, state.ack, state.edit)
    state.write_address()


def take_home(state):
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


def try_this():
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


frame.page("Gate arithmetic")
state = gate_state()
state.read_address()
state.scheduled = state.playing
st.fragment(lab, run_every=TICK if state.playing else None)(state)
questions.about_scale(FILE)
try_this()
take_home(state)
lesson.source(cell.forward, label="The source that just ran: one time step, lstm/cell.py")
