"""Memory: how far back a gradient reaches, who can remember, and what an LSTM's cells do meanwhile."""

import streamlit as st

from jobs import engine
from lstm import cell, gradcheck
from lstm.lessons.memory import through_time, truncated
from lstm.lessons.memory.experiment import Memory
from lstm.lessons.memory.tasks import read_inside
from lstm.preprocessing.windows import cut_windows
from ui import lesson, live
from ui.controls import Controls
from ui.files import csv_file, history_file, network_file, notebook_files
from ui.memory import check, gradients, inside, shapes, story, train
from ui.memory.gradients import reach_controls
from ui.memory.models import SHELF
from ui.memory.train import controls
from ui.memory.truncated import section as truncated_section
from ui.memory.truncated import truncated_controls
from ui.runs import compare as compare_runs

TITLE = "Memory"
FILE = "pages/memory.py"
SECTION = "memory_section"
GRADIENTS, TRAIN, TRUNCATED, INSIDE, STORY, SHAPES, CHECK = SECTIONS = (
    "Gradients through time",
    "Can it remember?",
    "Truncated backpropagation",
    "Inside the memory",
    "The story",
    "Samples, time steps, features",
    "Check the maths",
)

PART = Controls("memory", {"section": GRADIENTS})


def choose():
    """One section at a time: only what is looked at is computed."""
    return PART.segments("section", "Part of the lesson", SECTIONS, label_visibility="collapsed", wrap=True)


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Make it explode",
                reach_controls.link(scale=3.0) | {SECTION: GRADIENTS},
                "Recurrent weights three times as large. Whose gradient explodes, whose does not, and what does clipping save?",
            ),
            lesson.Try(
                "Only the gate is left",
                reach_controls.link(scale=0.0) | {SECTION: GRADIENTS},
                "With weight scale 0 no gate looks at h. What arrives now, compared with the product of the forget gates?",
            ),
            lesson.Try(
                "No short distances first",
                controls.link(practice="whole", forget_bias=1.0, max_steps=1_000) | {SECTION: TRAIN},
                "Every sequence takes the whole distance, and the forget gate begins less open. Is an LSTM enough?",
            ),
            lesson.Try(
                "The adding problem",
                controls.link(task="adding", max_steps=3_000) | {SECTION: TRAIN},
                "A number must be kept exactly, not just a symbol. Who is better than always saying 1?",
            ),
            lesson.Try(
                "A window with short distances",
                truncated_controls.link(practice="mixed") | {SECTION: TRUNCATED},
                "Some letters stand inside the window of ten steps. Who is right at fifty now, even without a state carried along?",
            ),
        ],
    )


def take_home(section, job, ways):
    models = SHELF.models(job)
    chosen = st.session_state.get("memory_model") if section == INSIDE else None
    shown = models.get(chosen) or SHELF.trained(job) or models["shipped"]
    files = [network_file(shown.model, "memory", shown.task.name)]
    if job is not None and job.result is not None:
        files.append(history_file(job.result.history, "memory", job.config.task))
    norms = lambda: gradients.norms_csv(ways or gradients.computed(through_time.Setting()))  # noqa: E731
    files.append(csv_file("The gradient norms (.csv)", norms, "memory", "gradients"))
    lesson.take_home([*files, *notebook_files(Memory() if job is None else job.config)])


def sources(section):
    label = "The source that just ran: "
    if section in (GRADIENTS, STORY):
        lesson.source(
            through_time.reach, label=f"{label}the way back through both networks, lstm/lessons/memory/through_time.py"
        )
        lesson.source(cell.backward, label=f"{label}one step back through an LSTM, lstm/cell.py")
    elif section == TRAIN:
        lesson.source(Memory.run, label=f"{label}the training of both, lstm/lessons/memory/experiment.py")
    elif section == TRUNCATED:
        lesson.source(truncated.gradient, label=f"{label}the gradient of a window, lstm/lessons/memory/truncated.py")
    elif section == INSIDE:
        lesson.source(read_inside, cell.forward, label=f"{label}reading with gates held, lstm/cell.py")
    elif section == SHAPES:
        lesson.source(cut_windows, label=f"{label}from a table to windows, lstm/preprocessing/windows.py")
    else:
        lesson.source(
            gradcheck.numeric_gradient, gradcheck.by_epsilon, label=f"{label}the gradient check, lstm/gradcheck.py"
        )


begun = live.begin(
    TITLE, controls, others=[reach_controls, truncated_controls], then="look at the top", warm_up=False
)  # fmt: skip
session, job = begun.session, begun.job

section = choose()
ways = None
if section == GRADIENTS:
    ways = gradients.section()
elif section == TRAIN:
    engine.warm_up()
    train.section(session, job)
elif section == TRUNCATED:
    engine.warm_up()
    truncated_section(session)
elif section == INSIDE:
    inside.section(job)
elif section == STORY:
    story.section()
elif section == SHAPES:
    shapes.section()
else:
    check.section()

if section == TRAIN:
    compare_runs.section(begun, train.view, controls)
try_this()
take_home(section, job, ways)
if section == INSIDE:
    SHELF.load_back()
sources(section)
