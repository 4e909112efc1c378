"""Topics: an LSTM says what a sentence is about, beside methods that only count its words."""

import streamlit as st

from jobs import engine
from lstm.lessons import scores
from lstm.lessons.reading import classical, reader
from lstm.lessons.reading.classical import LSTM_NAME
from lstm.lessons.reading.topics import PRESETS, Topics
from lstm.storage import model_bytes
from ui import accuracy, frame, lesson, live
from ui.files import file_name, history_csv
from ui.plain import sentence
from ui.reading import report
from ui.topics import compare as topics_compare
from ui.topics import controls as topics_controls
from ui.topics import data, inside, methods, opinion, questions, train
from ui.topics.controls import controls
from ui.topics.methods import SHELF

TITLE = "Topics"
FILE = "pages/topics.py"


def settings():
    """What to learn from, and how. Returns the texts on the table and the experiment; None where there is none to run."""
    chosen = data.pick()
    topics_controls.network()
    button = st.container()
    presets = st.container()
    topics_controls.more_settings()
    with presets:  # after the widgets, so that it knows what the address has set them to
        controls.presets(PRESETS)
    config = None
    with button:
        if chosen is not None:
            try:
                config = controls.config(**(chosen.own or {}))
            except ValueError as problem:
                st.error(sentence(problem))
        live.train_button(
            config, job, session=session, title=TITLE, key="topics_train", time_limit=topics_controls.TIME_LIMIT
        )
        if config is not None:
            count(config, chosen.table)
    return chosen, config


def count(config, table):
    words = train.words_known(config, table)
    st.caption(
        f"{config.parameters(words, len(table.classes)):,} parameters, of which {words * config.embedding:,} are the vectors of "
        f"{words:,} words."
    )


def watch():
    """The training: its buttons, its curves, and sentences it is tried on."""
    if job is None:
        st.info(
            "Nothing is being trained. The four topics take a few seconds; the curves, and sentences it is tried on, appear here.",
            icon=":material/model_training:",
        )
        return
    live.transport(job)
    if live.came_back(job):
        st.caption("This page was loaded anew. The training went on meanwhile, and its settings are set again.")
    live.panel(job, accuracy.view("texts", train.probes), key="topics_live")


def compare(name):
    """A preset beside the project it comes from."""
    preset = PRESETS[name]
    with st.container(border=True):
        st.markdown(f"**{name}.** {preset.summary}")
        if preset.printed:
            st.dataframe(topics_controls.beside(name, job), hide_index=True)
            st.markdown(f"*What was wrong there:* {preset.to_beat}")


@st.fragment
def how_good(exam):
    """Confusion matrix, report and mistakes of any method."""
    names = list(exam.accuracies())
    name = st.selectbox("Method", names, index=names.index(LSTM_NAME), key="topics_method", persist_state="session")
    counts = exam.confusion(name)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        report.confusion_matrix(counts, exam.classes, "topics")
    with right:
        st.markdown("**Class by class**")
        report.report(counts, exam.classes, "topics")
    train.mistakes(panel, exam, name)


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Four words and no more",
                controls.link(length=5),
                "It reads the first four words of each sentence. How much of the topic is settled by then?",
            ),
            lesson.Try(
                "A hundred words",
                controls.link(vocabulary=100),
                "All other words are <UNK> to it, and to the methods that count. Who suffers more?",
            ),
            lesson.Try(
                "Nothing left out",
                controls.link(dropout=0.0, embedding_dropout=0.0, word_dropout=0.0),
                "No dropout: watch training accuracy reach 100 % while validation accuracy stays behind.",
            ),
        ],
    )


def take_home():
    files = [
        lesson.Takeaway(
            "The network (.npz)",
            lambda: model_bytes(shown.model),
            file_name("topics", shown.label, ending="npz"),
            "application/octet-stream",
        )
    ]
    if exam is not None:
        files.append(
            lesson.Takeaway(
                "The predictions (.csv)",
                lambda: train.predictions_csv(exam),
                file_name("topics", "predictions", ending="csv"),
                "text/csv",
            )
        )
        files.append(
            lesson.Takeaway(
                "The report (.txt)",
                lambda: scores.report_text(exam.confusion(LSTM_NAME), exam.classes),
                file_name("topics", "report", ending="txt"),
                "text/plain",
            )
        )
    if job is not None and job.result is not None and shown.key == job.id:
        history = job.result.history
        files.append(
            lesson.Takeaway(
                "The history (.csv)",
                lambda: history_csv(history),
                file_name("topics", "history", ending="csv"),
                "text/csv",
            )
        )
    if (done := topics_compare.newest(session)) is not None and (table := topics_compare.results(done)):
        files.append(
            lesson.Takeaway(
                "The comparison (.csv)",
                lambda: topics_compare.comparison_csv(table),
                file_name("topics", "comparison", ending="csv"),
                "text/csv",
            )
        )
    lesson.take_home(files)


session = frame.page(TITLE)
engine.warm_up()
if controls.follow_link():  # the links are far below what they set
    st.toast("The settings are changed: press **Train** under “Train your own”.", icon=":material/tune:")
job = live.newest_job(session, TITLE)
if job is not None and live.first_sight(job):
    controls.take_over(job.config)
    data.keep_own(job.config)

shown = SHELF.choose(job)
panel = methods.panel(shown, job, session)
opinion.show(panel, session)
exam = methods.exam(panel)

if exam is not None:
    st.subheader("Predict, then reveal", anchor=False)
    st.fragment(questions.questions)(panel, exam)

st.subheader("Train your own", anchor=False)
left, right = st.columns([4, 8], gap="medium")
with left:
    chosen, config = settings()
with right:
    watch()
if name := controls.preset_on_show(job.config if job is not None else None, PRESETS):
    compare(name)

if chosen is not None:
    st.subheader("The data", anchor=False)
    data.looks(chosen.table)

st.subheader("How good is it?", anchor=False)
if exam is not None:
    how_good(exam)
elif (counts := shown.report.get("confusion")) is not None:
    report.confusion_and_report(counts, shown.reader.classes, "topics")
else:
    st.info("The file of this network does not say how it did on its test texts, and they are not at hand.")

st.subheader("Is that luck? Several seeds", anchor=False)
topics_compare.show(config, session)

st.subheader("What it knows of words", anchor=False)
inside.embeddings(panel, job)

try_this()
take_home()
SHELF.load_back()
lesson.source(reader.read, label="The source that just ran: the opinion after each word, lstm/lessons/reading/reader.py")
lesson.source(classical.fit_method, label="The source that just ran: a classical method, lstm/lessons/reading/classical.py")
lesson.source(Topics.run, label="The source that just ran: the training, lstm/lessons/reading/topics.py")
