"""Sentiment: an LSTM reads a film review word by word, and its opinion changes as it reads."""

import streamlit as st

from jobs import engine
from lstm.datasets.imdb import OPINIONS
from lstm.lessons.reading import reader as reading_module
from lstm.lessons.reading.sentiment import PRESETS, Sentiment
from lstm.storage import model_bytes
from ui import accuracy, frame, lesson, live
from ui.files import file_name, history_csv
from ui.plain import sentence
from ui.reading import report, words
from ui.sentiment import controls as sentiment_controls
from ui.sentiment import first, hard, layers, numbers, padding, train
from ui.sentiment.controls import controls
from ui.sentiment.models import SHELF

TITLE = "Sentiment"
FILE = "pages/sentiment.py"


def settings():
    """What to learn from, and how. Returns the experiment, or None where the settings describe none."""
    ready = sentiment_controls.pick_data()
    sentiment_controls.how_it_reads()
    button = st.container()
    presets = st.container()
    sentiment_controls.more_settings()
    with presets:  # after the widgets, so that it knows what the address has set them to
        controls.presets(PRESETS)
    config = None
    with button:
        try:
            config = sentiment_controls.config()
        except ValueError as problem:
            st.error(sentence(problem))
        live.train_button(
            config if ready else None, job, session=session, title=TITLE, key="sentiment_train",
            time_limit=sentiment_controls.TIME_LIMIT,
        )  # fmt: skip
    return config


def watch():
    """The training: its buttons, its curves, and sentences it is tried on."""
    if job is None:
        st.info(
            "Nothing is being trained. The generated reviews take a few seconds, IMDB takes minutes; the curves, and six "
            "sentences it is tried on, appear here.",
            icon=":material/model_training:",
        )
        return
    live.transport(job)
    if live.came_back(job):
        st.caption("This page was loaded anew. The training went on meanwhile, and its settings are set again.")
    live.panel(job, accuracy.view("reviews", train.probes, height=240), key="sentiment_live")


def compare(name):
    """A preset beside the project it comes from."""
    preset = PRESETS[name]
    with st.container(border=True):
        st.markdown(f"**{name}.** {preset.summary}")
        st.dataframe(sentiment_controls.beside(name, job), hide_index=True)
        if preset.to_beat:
            st.markdown(f"*What was wrong there:* {preset.to_beat}")


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Ten words and no more",
                controls.link(length=11),
                "Filler in front: it reads the last ten words of a review. Is the verdict in them?",
            ),
            lesson.Try(
                "Filler behind, and read",
                controls.link(padding="post", mask=False, bucketed=False),
                "A hundred steps, most of them filler, between the last word and the answer. Does it still learn?",
            ),
            lesson.Try(
                "A hundred reviews",
                controls.link(limit=100, epochs=60.0),
                "It learns them by heart: watch the two losses part.",
            ),
        ],
    )


def take_home():
    data = shown.config.get("data", "own")
    files = [
        lesson.Takeaway(
            "The network (.npz)",
            lambda: model_bytes(shown.model),
            file_name("sentiment", data, ending="npz"),
            "application/octet-stream",
        )
    ]
    if reading is not None:
        files.append(
            lesson.Takeaway(
                "The running scores (.csv)",
                lambda: words.running_csv(reading, OPINIONS),
                file_name("sentiment", "running", ending="csv"),
                "text/csv",
            )
        )
    if job is not None and job.result is not None and shown.key == job.id:
        history = job.result.history
        files.append(
            lesson.Takeaway(
                "The history (.csv)",
                lambda: history_csv(history),
                file_name("sentiment", data, "history", ending="csv"),
                "text/csv",
            )
        )
    if "confusion" in shown.report:
        files.append(
            lesson.Takeaway(
                "The confusion matrix (.csv)",
                lambda: report.confusion_csv(shown.report["confusion"], OPINIONS),
                file_name("sentiment", data, "confusion", ending="csv"),
                "text/csv",
            )
        )
    lesson.take_home(files)


session = frame.page(TITLE)
engine.warm_up()
if controls.follow_link():
    st.toast("The settings are changed: press **Train**.", icon=":material/tune:")
job = live.newest_job(session, TITLE)
if job is not None and live.first_sight(job):
    controls.take_over(job.config)

choice = st.container()
with choice:
    shown = SHELF.choose(job)
reading = first.show(shown)
text = reading.text if reading is not None else first.START

st.subheader("Predict, then reveal", anchor=False)
hard.questions(shown)

st.subheader("A review is numbers", anchor=False)
numbers.decode(shown, text)

st.subheader("Filler", anchor=False)
padding.padding(shown, text)

st.subheader("The layers, and why 53,200", anchor=False)
table = st.container()

st.subheader("Train your own", anchor=False)
left, right = st.columns([4, 8], gap="medium")
with left:
    config = settings()
with right:
    watch()
if name := controls.preset_on_show(job.config if job is not None else None, PRESETS):
    compare(name)
with table:  # stands above the settings it may show
    layers.layers(shown, config)

st.subheader("How good is it?", anchor=False)
train.how_good(shown, job)

try_this()
take_home()
SHELF.load_back()
lesson.source(reading_module.read, label="The source that just ran: an opinion after each word, lstm/lessons/reading/reader.py")
lesson.source(
    Sentiment.run, label="The source that just ran: the training of this lesson, lstm/lessons/reading/sentiment.py"
)
