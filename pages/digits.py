"""Digits: an LSTM reads a handwritten digit row by row, and its opinion changes as it reads."""

import streamlit as st

from lstm import cell
from lstm.lessons.digits.experiment import PRESETS, Digits
from lstm.preprocessing.image import centred
from ui import lesson, live, on_show
from ui.digits import harder, inspect, report, settings, sheet, train
from ui.digits.controls import TIME_LIMIT, controls
from ui.digits.models import SHELF
from ui.digits.row_reader import row_reader
from ui.files import csv_file, history_file, network_file, notebook_files
from ui.runs import compare as compare_runs

TITLE = "Digits"
FILE = "pages/digits.py"


def read(job):
    """The sheet, and what the network believes while it reads it. Returns the network and the image it was given."""
    left, right = st.columns([4, 8], gap="medium")
    with left:
        sheet.show()
    with right:
        shown = SHELF.choose(job)
        drawing = sheet.drawing()
        image = None if drawing is None else shown.reader.prepared(drawing)
        if image is None:
            st.info("The sheet is empty. Draw a digit from 0 to 9, or take an example.", icon=":material/draw:")
        else:
            row_reader(image, shown.believes(image), shown.reader, "digits_reader", play=not sheet.touched())
        st.caption(f"{shown.label}: {shown.origin}.")
    return shown, image


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Ask only at the end",
                controls.link(answer="last"),
                "Nobody tells it what to say halfway. How good are its early answers now?",
            ),
            lesson.Try(
                "Pixel by pixel",
                controls.link(reading="pixels", seconds=60),
                "64 time steps of one pixel. It has to remember where it is. What does that cost?",
            ),
            lesson.Try(
                "A memory of four",
                controls.link(units=4),
                "Four numbers to keep a digit in mind. Which digits does it still tell apart?",
            ),
            lesson.Try(
                "Without gates",
                controls.link(cell="simple_rnn"),
                "A SimpleRNN reads the same rows, with a quarter of the LSTM's weights. What does it confuse?",
            ),
        ],
    )


def take_home(shown, job, config):
    data = shown.reader.data
    files = [network_file(shown.model, "digits", data)]
    if job is not None and job.result is not None and shown.key == job.id:
        files.append(history_file(job.result.history, "digits", data))
    if "confusion" in shown.report:
        matrix = shown.report["confusion"]
        files.append(
            csv_file("The confusion matrix (.csv)", lambda: report.confusion_csv(matrix), "digits", data, "confusion")
        )
    lesson.take_home([*files, *notebook_files(config)])


begun = live.begin(TITLE, controls, then="press **Train**")
job = begun.job

offer = st.container()
shown, image = read(job)

if image is not None:
    on_show.section("Predict, then reveal", shown)
    st.fragment(harder.questions)(shown, image)
    on_show.section("Make it harder", shown)
    st.fragment(harder.harder)(shown, image)

st.header("Train your own", anchor=False)
left, right = st.columns([4, 8], gap="medium")
with left:
    config = settings.section(begun)
with right:
    live.watch(
        job, train.view, config, key="digits_live",
        idle="Nothing is being trained. The 8 × 8 digits take 20 seconds; the curves, and digits it is tried on, appear here.",
    )  # fmt: skip
if job is not None:
    live.follow(job, train.sample_grid)
if name := controls.preset_on_show(None if job is None else job.config, PRESETS):
    lesson.beside_its_project(name, PRESETS[name], train.beside(name, job))
if on_show.another(shown, job, config, controls):  # stands at the top
    with offer:
        on_show.offer(live.start_on_click, config, begun, TIME_LIMIT, key="digits_train_other")

on_show.section("How good is it?", shown)
report.how_good(shown, SHELF.shipped())
if job is not None and shown.key == job.id:
    train.mistakes(job, shown)

on_show.section("Look inside", shown)
st.fragment(inspect.look_inside)(shown)

compare_runs.section(begun, train.view, controls)
try_this()
take_home(shown, job, config)
SHELF.load_back()
lesson.source(centred, label="The source that just ran: how a drawing is centred, lstm/preprocessing/image.py")
lesson.source(cell.forward, label="The source that just ran: one time step, lstm/cell.py")
lesson.source(Digits.run, label="The source that just ran: the training of this lesson, lstm/lessons/digits/experiment.py")
