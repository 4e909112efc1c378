"""Learning: a small LSTM finds its weights, one step at a time; forward, loss, backward, update, with every number."""

import streamlit as st

from lstm.lessons.learning.exercise.template import TEMPLATE
from lstm.lessons.learning.setting import PRESETS
from ui import frame, lesson
from ui.cell.stage import TICK
from ui.learning import first, numbers, quiz
from ui.learning.link import View, link_from_view
from ui.learning.shapes import shapes
from ui.learning.state import learning_state

FILE = "pages/learning.py"


def lab(state):
    """All that follows the buttons. A fragment: a press runs this and nothing else of the page."""
    state.tick()
    if state.playing != state.scheduled:
        st.rerun(scope="app")  # only a whole run can start or end the ticking
    moment = state.moment()
    hidden = quiz.hidden(state.view)
    first.first_screen(state, moment, hidden)
    first.around_it(state, moment)
    numbers.in_numbers(state, moment, hidden)
    st.header("Predict, then reveal", anchor=False)
    quiz.ask(state.view, moment)
    numbers.all_weights(state, moment)
    numbers.the_source(state.view, moment)
    shapes(state.view.setting)
    state.write_address()


def write_it_yourself():
    st.header("Write the cell yourself", anchor=False)
    st.markdown(
        "A file with the equations, the shapes and thirteen blanks: six forward, seven back. Fill a blank, and let the lab say what is "
        "right and what is wrong, line by line. It runs on your own machine, never here."
    )
    st.code("python -m lstm exercise\npython -m lstm check my_cell.py --train", language="bash")
    st.caption(
        "The first command writes my_cell.py, which is also below. The second judges it, and when all is right lets your own "
        "cell learn to tell odd from even."
    )


def take_home(state):
    def losses_csv():
        losses = state.training.losses[: state.furthest + 1]
        return lesson.csv_text({"step": list(range(len(losses))), "loss": losses})

    lesson.take_home(
        [
            lesson.Takeaway("The cell with blanks (my_cell.py)", TEMPLATE, "my_cell.py", "text/x-python"),
            lesson.Takeaway("The losses (CSV)", losses_csv, "learning.csv", "text/csv"),
        ]
    )


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Follow it with a pencil",
                link_from_view(View(PRESETS["With a pencil"], phase="backward")),
                "One unit, two steps, one sequence: every gradient can be worked out by hand.",
            ),
            lesson.Try(
                "A learning rate too large",
                {"optimizer": "sgd", "rate": "2", "step": "4", "phase": "loss"},
                "SGD overshoots: each step lands further up the other side. Press +10.",
            ),
            lesson.Try(
                "Odd or even, learnt",
                link_from_view(View(PRESETS["Odd or even"], step=200, phase="loss")),
                "After 200 steps two units can count to one. Look at C and h, step by step.",
            ),
        ],
    )


frame.page("Learning")
state = learning_state()
state.read_address()
state.scheduled = state.playing
st.fragment(lab, run_every=TICK if state.playing else None)(state)
write_it_yourself()
try_this()
take_home(state)
