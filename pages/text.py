"""Text generation: an LSTM learns to predict the next character, and writes with what it has learnt."""

import streamlit as st

from lstm import cell
from lstm.lessons.text import drift as drift_of
from lstm.lessons.text.experiment import PRESETS, TextGeneration
from ui import lesson, live, on_show
from ui.files import file_name, history_file, network_file, notebook_files
from ui.runs import compare as compare_runs
from ui.text import corpus, drift, inspect, questions, settings, train, write
from ui.text.controls import TIME_LIMIT, controls
from ui.text.models import SHELF

TITLE = "Text generation"
FILE = "pages/text.py"


def write_with_it(beside, below, begun, config):
    """Writing with a model, and what it expects next. Returns the model and what it wrote."""
    with beside:
        shown = SHELF.choose(begun.job)
        if on_show.another(shown, begun.job, config, controls):
            on_show.offer(live.start_on_click, config, begun, TIME_LIMIT, key="text_train_other", noun="model")
        written = write.write(shown)
    with below:
        write.expectation(shown)
    with beside:
        st.caption(f"{shown.label}: {shown.origin}.")
    return shown, written


def ask():
    on_show.section("Predict, then reveal", SHELF.shipped())
    questions.questions()


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Learn a page by heart",
                controls.link(corpus="tale_opening", batch=4, time_steps=32, seconds=20),
                "1,358 characters are soon known by heart: the training loss goes to 0, and the validation loss?",
            ),
            lesson.Try(
                "A memory of eight",
                controls.link(units=8, seconds=30),
                "Eight numbers are all it can keep in mind. Which part of the spelling does it still get?",
            ),
            lesson.Try(
                "A rate that is too high",
                controls.link(learning_rate=1.0, seconds=20),
                "A hundred times the default. Does the loss still fall below what guessing by frequency costs?",
            ),
            lesson.Try(
                "A GRU writes",
                controls.link(cell="gru"),
                "Three blocks of weights instead of four gates, the same minute. Whose loss is lower at its end?",
            ),
        ],
    )


def take_home(shown, written, job, config):
    name = shown.model.metadata.get("config", {}).get("corpus", "")
    text = lesson.Takeaway(
        "The text (.txt)", written or " ", file_name("text", name, "written", ending="txt"), "text/plain"
    )
    files = [network_file(shown.model, "text", name, label="The model (.npz)"), text]
    if job is not None and job.result is not None and shown.key == job.id:
        files.append(history_file(job.result.history, "text", name))
    lesson.take_home([*files, *notebook_files(config)])


begun = live.begin(TITLE, controls, keep_own=lambda config: corpus.keep_own_text(config.text))
job = begun.job

left, right = st.columns([5, 8], gap="medium")
with left:
    chosen, config = settings.section(begun)
if job is None:
    beside = below = right
else:
    with right:
        live.watch(job, train.view, config, key="text_live")
    live.follow(job, train.samples_on_the_way)
if name := controls.preset_on_show(None if job is None else job.config, PRESETS):
    lesson.beside_its_project(name, PRESETS[name], train.beside(name, job))
if job is not None:
    st.header("Write with it", anchor=False)
    beside, below = st.columns([8, 5], gap="medium")
shown, written = write_with_it(beside, below, begun, config)

place_of_text = st.container()

on_show.section("Look inside", shown)
st.markdown("One unit at a time, after every symbol it reads. Nobody told it what to keep in mind.")
inspect.look_inside(shown, written)

on_show.section("Why its texts drift", shown)
drift.section(shown)

ask()
compare_runs.section(begun, train.view, controls)
try_this()
take_home(shown, written, job, config)
SHELF.load_back()
lesson.source(cell.forward, label="The source that just ran: one time step, lstm/cell.py")
lesson.source(drift_of.drift, label="The source that just ran: reading the text and its own, lstm/lessons/text/drift.py")
lesson.source(TextGeneration.run, label="The source that just ran: the training of this lesson, lstm/lessons/text/experiment.py")

with place_of_text:  # filled last, because a word cloud takes a third of a second
    if chosen.ready:
        corpus.looks(chosen)
