"""Keras against scratch: the same network twice, step by step, how far apart the two are, and who is faster."""

import streamlit as st

from lstm import cell
from lstm.lessons.keras.experiment import KerasVsScratch, gaps, measure
from lstm.lessons.keras.process import keras_is_installed
from ui import keep, lesson, live, on_show
from ui.files import csv_file
from ui.keras import code, exercises, models, run, settings, speed, weights
from ui.keras.controls import controls
from ui.runs import compare as compare_runs

TITLE = "Keras against scratch"
FILE = "pages/keras_vs_scratch.py"


def watch(job, config, installed):
    """The picture: the lab's half at once, both as soon as they run."""
    if job is None:
        run.arrival(config, installed)
    else:
        live.watch(job, run.view, key="keras_live", picture_first=True)


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


def take_home(shown, job):
    files = weights.downloads(shown)
    if job is not None and job.history.series("loss")[0]:
        differences = lambda: lesson.csv_text(run.differences(job))  # noqa: E731
        files.append(csv_file("The differences (.csv)", differences, "keras", job.config.task, "differences"))
    lesson.take_home(files)


begun = live.begin(TITLE, controls, kind=KerasVsScratch, then="look at the top")
job, session, installed = begun.job, begun.session, keras_is_installed()

left, right = st.columns([4, 9], gap="medium")
with left:
    config = settings.section(begun, installed)
with right.container(key="first_on_a_phone_keras"):
    # A setting that cannot be is said on the left; the picture stays that of the last one that can.
    pictured = config or keep.table("keras pictured").get("config") or KerasVsScratch()
    keep.remember("keras pictured", "config", pictured)
    watch(job, pictured, installed)
    settings.why(job, session, installed)

st.header("Who is faster?", anchor=False)
if installed:
    speed.section(job)
    speed.growth(session, config)
else:
    st.markdown("Both are timed here, at four sizes too, once Keras is installed.")

st.header("Weights, gate by gate", anchor=False)
shown = models.choose(pictured, job)
on_show.line(shown)
st.fragment(weights.section)(shown, pictured)

on_show.section("Exercises", shown)
left, right = st.columns(2, gap="medium")
with left:
    st.fragment(exercises.gate_order)(shown, pictured)
with right:
    st.fragment(exercises.forget_bias)(shown, pictured)

st.header("The same lines twice", anchor=False)
code.side_by_side(pictured)
st.fragment(code.beside_the_equations)(shown, pictured)

compare_runs.section(begun, run.view, controls)
try_this()
take_home(shown, job)
lesson.source(cell.forward, cell.backward, label="The source that just ran: one time step, lstm/cell.py")
lesson.source(
    gaps, measure, label="The source that just ran: differences and times, lstm/lessons/keras/experiment.py"
)
lesson.source(
    KerasVsScratch.run, label="The source that just ran: both side by side, lstm/lessons/keras/experiment.py"
)
