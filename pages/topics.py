"""Topics: a network says what a sentence is about, beside methods that only count its words."""

import streamlit as st

from lstm.lessons import scores
from lstm.lessons.reading import classical, reader
from lstm.lessons.reading.topics import PRESETS, Topics
from ui import accuracy, lesson, live, on_show
from ui.files import csv_file, file_name, history_file, network_file, notebook_files
from ui.reading import report
from ui.runs import compare as compare_runs
from ui.topics import compare, data, inside, opinion, questions, settings, train
from ui.topics.controls import TIME_LIMIT, beside, controls
from ui.topics.methods import SHELF, exam_of, panel

TITLE = "Topics"
FILE = "pages/topics.py"


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
            lesson.Try(
                "Without gates",
                controls.link(cell="simple_rnn"),
                "A SimpleRNN reads the same sentences, with a quarter of the LSTM's weights. Are they short enough for it?",
            ),
        ],
    )


def take_home(shown, exam, begun, config):
    files = [network_file(shown.model, "topics", shown.label)]
    if exam is not None:
        files.append(csv_file("The predictions (.csv)", lambda: train.predictions_csv(exam), "topics", "predictions"))
        text = lambda: scores.report_text(exam.confusion(exam.network), exam.classes)  # noqa: E731
        name = file_name("topics", "report", ending="txt")
        files.append(lesson.Takeaway("The report (.txt)", text, name, "text/plain"))
    if (job := begun.job) is not None and job.result is not None and shown.key == job.id:
        files.append(history_file(job.result.history, "topics"))
    if (done := compare.newest(begun.session)) is not None and (table := compare.results(done)):
        files.append(csv_file("The comparison (.csv)", lambda: compare.comparison_csv(table), "topics", "comparison"))
    lesson.take_home([*files, *notebook_files(config)])


begun = live.begin(TITLE, controls, keep_own=data.keep_own, then="press **Train** under “Train your own”")
job, session = begun.job, begun.session

shown = SHELF.choose(job)
offer = st.container()
methods = panel(shown, job, session)
opinion.show(methods, session)
exam = exam_of(methods)

if exam is not None:
    on_show.section("Predict, then reveal", shown)
    st.fragment(questions.questions)(methods, exam)

st.header("Train your own", anchor=False)
left, right = st.columns([4, 8], gap="medium")
with left:
    chosen, config = settings.section(begun)
with right:
    live.watch(
        job, lambda _: accuracy.view("texts", train.probes), config, key="topics_live",
        idle="Nothing is being trained. The four topics take a few seconds; the curves, and sentences it is tried on, appear "
        "here.",
    )  # fmt: skip
if name := controls.preset_on_show(None if job is None else job.config, PRESETS):
    lesson.beside_its_project(name, PRESETS[name], beside(name, job))
if on_show.another(shown, job, config, controls):  # stands at the top
    with offer:
        on_show.offer(live.start_on_click, config, begun, TIME_LIMIT, key="topics_train_other")

if chosen is not None:
    st.header("The data", anchor=False)
    data.looks(chosen.table)

on_show.section("How good is it?", shown)
if exam is not None:
    train.how_good(methods, exam)
elif (counts := shown.report.get("confusion")) is not None:
    report.confusion_and_report(counts, shown.reader.classes, "topics")
else:
    st.info("The file of this network does not say how it did on its test texts, and they are not included.")

st.header("Is that luck? Several seeds", anchor=False)
compare.show(config, session)

on_show.section("What it knows of words", shown)
inside.embeddings(methods, job)

compare_runs.section(begun, lambda _: accuracy.view("texts"), controls)
try_this()
take_home(shown, exam, begun, config)
SHELF.load_back()
lesson.source(reader.read, label="The source that just ran: the opinion after each word, lstm/lessons/reading/reader.py")
lesson.source(classical.fit_method, label="The source that just ran: a classical method, lstm/lessons/reading/classical.py")
lesson.source(Topics.run, label="The source that just ran: the training, lstm/lessons/reading/topics.py")
