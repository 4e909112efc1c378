"""Relatives: an LSTM beside GRU, minLSTM, attention and SimpleRNN, on tasks that tell them apart."""


from lstm import gru_cell, min_lstm, min_lstm_cell
from lstm.attention import SelfAttention
from lstm.lessons.relatives.experiment import Relatives
from ui import lesson, live
from ui.controls import Controls
from ui.files import csv_file, history_file, network_file, notebook_files
from ui.lesson import csv_text
from ui.relatives import good_for, race, train, why
from ui.relatives.models import shipped
from ui.relatives.race import race_controls
from ui.relatives.train import controls
from ui.runs import compare as compare_runs

TITLE = "Relatives"
FILE = "pages/relatives.py"
SECTION = "relatives_section"
RACE, TYPE, TRAIN, WHY, GOOD = SECTIONS = (
    "The race",
    "Type a sequence",
    "Race live",
    "Why",
    "What each is good for",
)

PART = Controls("relatives", {"section": RACE})


def choose():
    """One section at a time: only what is looked at is computed."""
    return PART.segments("section", "Part of the lesson", SECTIONS, label_visibility="collapsed", wrap=True)


def try_this():
    lesson.try_this(
        FILE,
        [
            lesson.Try(
                "Remember for 300 steps",
                race_controls.link(task="recall", length=300) | {SECTION: RACE},
                "Nothing happens between the letter and the question. Who still knows?",
            ),
            lesson.Try(
                "Copy what came before",
                controls.link(task="copy", beyond=200, max_steps=600) | {SECTION: TRAIN},
                "Five symbols have to be held at once. Is looking back easier than remembering?",
            ),
            lesson.Try(
                "Two blocks of attention",
                controls.link(layers=2) | {SECTION: TRAIN},
                "Twice the depth for all of them. Does it teach attention, or minLSTM, to count?",
            ),
        ],
    )


def take_home(job):
    if job is not None and job.result is not None and job.result.details["models"]:
        models, name = job.result.details["models"], job.config.task
        files = [history_file(job.result.history, "relatives", name)]
        outcome = train.table(job)
        files.append(csv_file("The outcome (.csv)", lambda: csv_text(outcome), "relatives", name, "outcome"))
    else:
        shown = shipped("parity", whole=False)
        models, name, files = shown.models, "parity", []
    first = next(iter(models))
    files += notebook_files(Relatives() if job is None else job.config)
    lesson.take_home([network_file(models[first], "relatives", name, first), *files])


def sources(section):
    label = "The source that just ran: "
    if section == WHY:
        lesson.source(min_lstm_cell.forward, min_lstm.scan, label=f"{label}a minLSTM, step by step and all steps at once")
        lesson.source(gru_cell.forward, label=f"{label}one step of a GRU, lstm/gru_cell.py")
        lesson.source(SelfAttention.forward, label=f"{label}a block of attention, lstm/attention.py")
    else:
        lesson.source(Relatives.run, label=f"{label}the race, lstm/lessons/relatives/experiment.py")


begun = live.begin(
    TITLE, controls, others=[race_controls], kind=Relatives, keep_own=train.keep_own, then="look at the top", warm_up=False
)  # fmt: skip
section = choose()
if section == RACE:
    race.section()
elif section == TYPE:
    race.typed()
elif section == TRAIN:
    train.section(begun)
elif section == WHY:
    why.section(begun)
else:
    good_for.section()

if section == TRAIN:
    compare_runs.section(begun, train.view, controls)
try_this()
take_home(begun.job)
sources(section)
