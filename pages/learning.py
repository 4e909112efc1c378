"""Learning: a small LSTM finds its weights, one step at a time; forward, loss, backward, update, with every number."""

import streamlit as st

from lstm.lessons.learning.exercise.template import TEMPLATE
from lstm.lessons.learning.setting import OPTIMIZERS, PRESETS
from ui import frame, lesson
from ui.cell.show import draw, sheet
from ui.cell.stage import TICK
from ui.learning import controls, quiz
from ui.learning.charts import loss_curve
from ui.learning.formulas import sheet_html
from ui.learning.link import View, link_from_view
from ui.learning.source import both_html
from ui.learning.state import learning_state
from ui.learning.tables import parameters, steps_html, weights_html
from ui.learning.unrolled import small, unrolled_svg
from ui.learning.weight import one_weight

FILE = "pages/learning.py"
NOW = {
    "start": "The weights are random numbers. Press **Forward**.",
    "forward": "Every step took x and the last h and C, and handed its own on. The last h answers.",
    "loss": "The loss is the mean square error over all sequences: one number that says how wrong the network is.",
    "backward": "From the loss back to every number: how would the loss change if this one grew? Dashed is negative.",
    "update": "Every weight moved against its gradient. **Forward** begins the next step, with the new weights.",
}
state = learning_state()


def first_screen(moment, hidden):
    """Presets, the four buttons, and the picture they drive."""
    view = state.view
    controls.bar(state)
    if state.problem:
        st.warning(state.problem)
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
            f"The training has diverged: the loss was lowest at step {diverged.lowest}, grew from step {diverged.began} on, "
            f"and is {small(diverged.loss)} now. A learning rate of {view.setting.learning_rate:g} is too large for "
            f"{OPTIMIZERS[view.setting.optimizer]}: go back, or choose a smaller one."
        )
    st.markdown(f"Step **{view.step}**, loss **{small(moment.loss.value)}**. {NOW[view.phase]}")


def around_it(moment):
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


def in_numbers(moment, hidden):
    view = state.view
    st.subheader("The equations, with the numbers in them", anchor=False)
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


def all_weights(moment):
    view = state.view
    st.subheader("The weights: the same at every time step", anchor=False)
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


def shapes():
    """What is `units`? Shown by counting."""
    setting = state.view.setting
    st.subheader("What is “units”?", anchor=False)
    left, right = st.columns([10, 9], gap="medium")
    times = sorted({max(setting.time - 1, 1), setting.time, setting.time + 1})
    count = parameters(setting.features, setting.units)
    with left:
        st.markdown(
            f"**`units` is the length of h, not the number of time steps.** Here h and C are {setting.units} "
            f"number{'s' if setting.units > 1 else ''} long at each of {setting.time} step{'s' if setting.time > 1 else ''}, and there are "
            f"**{count}** numbers to learn. Change *Units* and *Longer* above, and see which of the two changes the tables of weights."
        )
    with right:
        st.table(
            {"units": [1, 2, 3]}
            | {f"{t} step{'s' if t > 1 else ''}": [parameters(setting.features, u) for u in (1, 2, 3)] for t in times}
        )
        st.caption(
            f"How many numbers a network with {setting.features} feature{'s' if setting.features > 1 else ''} learns."
        )
    lesson.predict_then_reveal(
        f"learning_units_{setting.units}_{setting.time}",
        "Every sequence gets one step more. How many numbers are there to learn?",
        ["More: each step needs its own", "As many as before", "Fewer"],
        answer=1 if len({parameters(setting.features, setting.units) for _ in times}) == 1 else 0,
        explanation=f"There are {count} of them, however long a sequence is: each step uses the same W, U and b.",
    )


def the_source(moment):
    view = state.view
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


def lab():
    """All that follows the buttons. A fragment: a press runs this and nothing else of the page."""
    state.tick()
    if state.playing != state.scheduled:
        st.rerun(scope="app")  # only a whole run can start or end the ticking
    moment = state.moment()
    hidden = quiz.hidden(state.view)
    first_screen(moment, hidden)
    around_it(moment)
    in_numbers(moment, hidden)
    st.subheader("Predict, then reveal", anchor=False)
    quiz.ask(state.view, moment)
    all_weights(moment)
    the_source(moment)
    shapes()
    state.write_address()


def write_it_yourself():
    st.subheader("Write the cell yourself", anchor=False)
    st.markdown(
        "A file with the equations, the shapes and thirteen blanks: six forward, seven back. Fill a blank, and let the lab say what is "
        "right and what is wrong, line by line. It runs on your own machine, never here."
    )
    st.code("python -m lstm exercise\npython -m lstm check my_cell.py --train", language="bash")
    st.caption(
        "The first command writes my_cell.py, which is also below. The second judges it, and when all is right lets your own "
        "cell learn to tell odd from even."
    )


def take_home():
    def losses_csv():
        losses = state.training.losses[: state.furthest + 1]
        return lesson.csv_text({"step": list(range(len(losses))), "loss": losses})

    lesson.take_home(
        [
            lesson.Takeaway("The cell with blanks (my_cell.py)", TEMPLATE, "my_cell.py", "text/x-python"),
            lesson.Takeaway("The losses (CSV)", losses_csv, "learning.csv", "text/csv"),
        ]
    )


frame.page("Learning")
state.read_address()
state.scheduled = state.playing
st.fragment(lab, run_every=TICK if state.playing else None)()
write_it_yourself()
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
take_home()
