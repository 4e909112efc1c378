"""Sentiment: a network reads a film review word by word, and its opinion changes as it reads."""

import streamlit as st

from lstm.datasets.imdb import OPINIONS
from lstm.lessons.reading import reader as reading_module
from lstm.lessons.reading.sentiment import PRESETS, Sentiment
from ui import accuracy, lesson, live, on_show
from ui.files import csv_file, history_file, network_file, notebook_files
from ui.reading import held, report, words
from ui.runs import compare as compare_runs
from ui.sentiment import first, hard, hashed, layers, numbers, padding, settings, train
from ui.sentiment.controls import TIME_LIMIT, beside, controls
from ui.sentiment.models import SHELF

TITLE = "Sentiment"
FILE = "pages/sentiment.py"


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Ten words and no more",
                controls.link(length=11),
                "Padding in front: it reads the last ten words of a review. Is the verdict in them?",
            ),
            lesson.Try(
                "Padding behind, and read",
                controls.link(padding="post", mask=False, bucketed=False),
                "A hundred steps, most of them padding, between the last word and the answer. Does it still learn?",
            ),
            lesson.Try(
                "A hundred reviews",
                controls.link(limit=100, epochs=60.0),
                "It learns them by heart: watch the two losses part.",
            ),
            lesson.Try(
                "A GRU reads",
                controls.link(cell="gru"),
                "Three blocks of weights instead of four gates. Does its opinion change at the same words?",
            ),
        ],
    )


def take_home(shown, reading, job, config):
    data = shown.config.get("data", "own")
    files = [network_file(shown.model, "sentiment", data)]
    if reading is not None:
        running = lambda: words.running_csv(reading, OPINIONS)  # noqa: E731
        files.append(csv_file("The running scores (.csv)", running, "sentiment", "running"))
    if job is not None and job.result is not None and shown.key == job.id:
        files.append(history_file(job.result.history, "sentiment", data))
    if "confusion" in shown.report:
        confusion = lambda: report.confusion_csv(shown.report["confusion"], OPINIONS)  # noqa: E731
        files.append(csv_file("The confusion matrix (.csv)", confusion, "sentiment", data, "confusion"))
    lesson.take_home([*files, *notebook_files(config)])


begun = live.begin(TITLE, controls, then="press **Train**")
job = begun.job

shown = SHELF.choose(job)
offer = st.container()
reading = first.show(shown)
text = reading.text if reading is not None else first.START

on_show.section("Predict, then reveal", shown)
hard.questions(shown)
if reading is not None:
    st.fragment(held.question)(shown, reading, "sentiment_held")

on_show.section("A review is numbers", shown)
numbers.decode(shown, text)
hashed.beside_the_dictionary(shown, text)

on_show.section("Padding", shown)
padding.padding(shown, text)

st.header("The layers, and why 53,200", anchor=False)
table = st.container()

st.header("Train your own", anchor=False)
left, right = st.columns([4, 8], gap="medium")
with left:
    config, ready = settings.section(begun)
with right:
    live.watch(
        job, lambda _: accuracy.view("reviews", train.probes), config, key="sentiment_live",
        idle="Nothing is being trained. The generated reviews take a few seconds, IMDB takes minutes; the curves, and six "
        "sentences it is tried on, appear here.",
    )  # fmt: skip
if name := controls.preset_on_show(None if job is None else job.config, PRESETS):
    lesson.beside_its_project(name, PRESETS[name], beside(name, job))
with table:  # stands above the settings it may show
    layers.layers(shown, config)
if ready and on_show.another(shown, job, config, controls):  # stands at the top
    with offer:
        on_show.offer(live.start_on_click, config, begun, TIME_LIMIT, key="sentiment_train_other")

on_show.section("How good is it?", shown)
train.how_good(shown, job)

compare_runs.section(begun, lambda _: accuracy.view("reviews"), controls)
try_this()
take_home(shown, reading, job, config)
SHELF.load_back()
lesson.source(reading_module.read, label="The source that just ran: an opinion after each word, lstm/lessons/reading/reader.py")
lesson.source(
    Sentiment.run, label="The source that just ran: the training of this lesson, lstm/lessons/reading/sentiment.py"
)
