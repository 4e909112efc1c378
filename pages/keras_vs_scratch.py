"""Keras against scratch: the same network twice, step by step, how far apart the two are, and who is faster."""

import streamlit as st

from jobs import engine
from lstm import cell
from lstm.lessons.keras.experiment import KerasVsScratch, gaps, measure
from lstm.lessons.keras.process import keras_is_installed
from ui import frame, lesson, live
from ui.files import file_name
from ui.keras import code, exercises, models, run, speed, weights
from ui.keras import controls as keras_controls
from ui.keras.controls import TIME_LIMIT, controls
from ui.plain import sentence

TITLE = "Keras against scratch"
FILE = "pages/keras_vs_scratch.py"


def settings():
    """Which network, and the button. Returns the experiment, or None where there is none to run."""
    keras_controls.main_controls()
    button = st.container()
    keras_controls.more_controls()
    try:
        config = controls.config()
        run.material(config.task)
    except ValueError as problem:
        st.error(sentence(problem))
        config = None
    with button:
        run_both(config)
    return config


def run_both(config):
    """The button, and what it starts. Moving a slider after a run starts the next one."""
    busy = job is not None and not job.ended
    pressed = st.button(
        "Running …" if busy else "Run both", icon=":material/balance:", type="primary", key="keras_run",
        disabled=busy or config is None or not installed,
        help="Keras needs a few seconds to load and to compile; then both take the same steps.",
    )  # fmt: skip
    asked = run.asked()
    moved = controls["again"] and job is not None and job.ended and config is not None
    moved = moved and keras_controls.moved_only(config, job.config)
    if installed and config is not None and not busy and (pressed or asked or moved):
        try:
            live.start(config, session=session, title=TITLE, time_limit=TIME_LIMIT, recycle=True)
        except ValueError as problem:
            st.error(sentence(problem))
        else:
            st.rerun()


def watch(config):
    """The picture: the lab's half at once, both as soon as they run."""
    if job is None:
        run.arrival(config, installed)
        return
    live.panel(job, run.view(job), key="keras_live")
    live.transport(job)
    if live.came_back(job):
        st.caption("This page was loaded anew. The run went on meanwhile, and its settings are set again.")


def why():
    """Why the two part, and the way to find out."""
    text = run.why(job, session) if job is not None and job.ended else None
    if text is None:
        return
    st.markdown(text)
    other = "float64" if job.config.dtype == "float32" else "float32"
    st.button(
        f"Repeat in {other}", icon=":material/replay:", key="keras_repeat", on_click=run.start_in, args=(other,),
        help="The same run again; the curves of this one stay, dashed.", disabled=not installed,
    )  # fmt: skip


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "One example a step",
                controls.link(batch=1, units=16),
                "Tiny arrays: what costs most is not the arithmetic any more. Who is faster now?",
            ),
            lesson.Try(
                "A rate that is too large",
                controls.link(optimizer="adam", learning_rate=0.1, clip=0.0),
                "The same two networks, fifty times the rate: does a rounding error stay one?",
            ),
            lesson.Try(
                "Padded sentences in 64 bits",
                controls.link(task="topics", units=32, dtype="float64"),
                "Masked time steps, an embedding, and 16 digits. Which difference is largest?",
            ),
        ],
    )


def take_home():
    files = weights.downloads(shown)
    if job is not None and job.history.series("loss")[0]:
        files.append(
            lesson.Takeaway(
                "The differences (.csv)",
                lambda: lesson.csv_text(run.differences(job)),
                file_name("keras", job.config.task, "differences", ending="csv"),
                "text/csv",
            )
        )
    lesson.take_home(files)


session = frame.page(TITLE)
engine.warm_up()
installed = keras_is_installed()
if controls.follow_link():  # the links are far below what they set
    st.toast("The settings are changed: look at the top.", icon=":material/tune:")
job = live.newest_job(session, TITLE, KerasVsScratch)
if job is not None and live.first_sight(job):
    controls.take_over(job.config)

left, right = st.columns([4, 9], gap="medium")
with left:
    config = settings()
with right:
    # A setting that cannot be is said on the left; the picture stays that of the last one that can.
    on_show = config or st.session_state.get("_keras_shown") or KerasVsScratch()
    st.session_state["_keras_shown"] = on_show
    watch(on_show)
    why()

st.subheader("Who is faster?", anchor=False)
if installed:
    speed.section(job)
    speed.growth(session, config)
else:
    st.markdown("Both are timed here, at four sizes too, once Keras is installed.")

st.subheader("Weights, gate by gate", anchor=False)
shown = models.choose(on_show, job)
st.fragment(weights.section)(shown, on_show)

st.subheader("Exercises", anchor=False)
left, right = st.columns(2, gap="medium")
with left:
    st.fragment(exercises.gate_order)(shown, on_show)
with right:
    st.fragment(exercises.forget_bias)(shown, on_show)

st.subheader("The same lines twice", anchor=False)
code.side_by_side(on_show)
st.fragment(code.beside_the_equations)(shown, on_show)

try_this()
take_home()
lesson.source(cell.forward, cell.backward, label="The source that just ran: one time step, lstm/cell.py")
lesson.source(
    gaps, measure, label="The source that just ran: differences and times, lstm/lessons/keras/experiment.py"
)
lesson.source(
    KerasVsScratch.run, label="The source that just ran: both side by side, lstm/lessons/keras/experiment.py"
)
