"""Digits: an LSTM reads a handwritten digit row by row, and its opinion changes as it reads."""

import streamlit as st

from jobs import engine
from lstm import cell
from lstm.lessons.digits.experiment import PRESETS, Digits
from lstm.preprocessing.image import centred
from ui import frame, lesson, live
from ui.digits import controls as digit_controls
from ui.digits import harder, inspect, report, sheet
from ui.digits import train as digit_train
from ui.digits.controls import controls
from ui.digits.models import SHELF
from ui.digits.row_reader import row_reader
from ui.files import csv_file, history_file, network_file
from ui.plain import sentence

TITLE = "Digits"
FILE = "pages/digits.py"


def read():
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
        st.caption(f"{shown.origin}.")
    return shown, image


def settings():
    """What to learn from, how it reads, how long. Returns the experiment, or None where there is none to run."""
    ready = digit_controls.pick_data()
    controls.draw("reading", "answer")
    controls.draw_budget()
    button = st.container()
    presets = st.container()
    digit_controls.more_settings()
    with presets:  # after the widgets, so that it knows what the address has set them to
        controls.presets(PRESETS)
    config = None
    try:
        config = controls.config()
    except ValueError as problem:
        st.error(sentence(problem))
    with button:
        train(config if ready else None)


def train(config):
    """The button, and what it starts."""
    live.train_button(
        config, job, session=session, title=TITLE, key="digits_train", time_limit=digit_controls.TIME_LIMIT
    )


def watch():
    """The training: its buttons, its curves, and digits it is tried on."""
    if job is None:
        st.info(
            "Nothing is being trained. The 8 × 8 digits take 20 seconds; the curves, and digits it is tried on, "
            "appear here.",
            icon=":material/model_training:",
        )
        return
    live.transport(job)
    if live.came_back(job):
        st.caption("This page was loaded anew. The training went on meanwhile, and its settings are set again.")
    live.panel(job, digit_train.view(job), key="digits_live")


def compare(name):
    """A preset beside the project it comes from."""
    preset = PRESETS[name]
    with st.container(border=True):
        st.markdown(f"**{name}.** {preset.summary}")
        if preset.printed:
            st.dataframe(digit_train.beside(name, job), hide_index=True)
            st.markdown(f"*What was wrong there:* {preset.to_beat}")


def try_this():
    if "try" in st.query_params:  # the links are far below what they set
        del st.query_params["try"]
        st.toast("The settings are changed: press **Train**.", icon=":material/tune:")
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Ask only at the end",
                controls.link(answer="last") | {"try": "1"},
                "Nobody tells it what to say halfway. How good are its early answers now?",
            ),
            lesson.Try(
                "Pixel by pixel",
                controls.link(reading="pixels", seconds=60) | {"try": "2"},
                "64 time steps of one pixel. It has to remember where it is. What does that cost?",
            ),
            lesson.Try(
                "A memory of four",
                controls.link(units=4) | {"try": "3"},
                "Four numbers to keep a digit in mind. Which digits does it still tell apart?",
            ),
        ],
    )


def take_home(shown):
    data = shown.reader.data
    files = [network_file(shown.model, "digits", data)]
    if job is not None and job.result is not None and shown.key == job.id:
        files.append(history_file(job.result.history, "digits", data))
    if "confusion" in shown.report:
        matrix = shown.report["confusion"]
        files.append(
            csv_file("The confusion matrix (.csv)", lambda: report.confusion_csv(matrix), "digits", data, "confusion")
        )
    lesson.take_home(files)


session = frame.page(TITLE)
engine.warm_up()
job = live.newest_job(session, TITLE)
if job is not None and live.first_sight(job):
    controls.take_over(job.config)

shown, image = read()

if image is not None:
    st.subheader("Predict, then reveal", anchor=False)
    st.fragment(harder.questions)(shown, image)
    st.subheader("Make it harder", anchor=False)
    st.fragment(harder.harder)(shown, image)

st.subheader("Train your own", anchor=False)
left, right = st.columns([4, 8], gap="medium")
with left:
    settings()
with right:
    watch()
if job is not None:
    live.follow(job, digit_train.sample_grid)
if name := controls.preset_on_show(job.config if job is not None else None, PRESETS):
    compare(name)

st.subheader("How good is it?", anchor=False)
report.how_good(shown, SHELF.shipped())
if job is not None and shown.key == job.id:
    digit_train.mistakes(job, shown)

st.subheader("Look inside", anchor=False)
st.fragment(inspect.look_inside)(shown)

try_this()
take_home(shown)
SHELF.load_back()
lesson.source(centred, label="The source that just ran: how a drawing is centred, lstm/preprocessing/image.py")
lesson.source(cell.forward, label="The source that just ran: one time step, lstm/cell.py")
lesson.source(
    Digits.run, label="The source that just ran: the training of this lesson, lstm/lessons/digits/experiment.py"
)
