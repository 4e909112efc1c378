"""A race of one's own: task, cells, units, length, seeds; all on the same batches, in one training."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm.lessons.presets import Preset
from lstm.lessons.relatives.experiment import Relatives
from lstm.lessons.relatives.tasks import CELLS
from ui import live
from ui.controls import LessonControls
from ui.lesson import answer_to, predict
from ui.plain import sentence
from ui.relatives import charts
from ui.relatives.models import SOLVED

TITLE = "Relatives"
TIME_LIMIT = 600.0
CELLS_KEY = "relatives_cells"
PRESETS = {
    "Parity": Preset(Relatives(), "Is the number of ones so far odd?"),
    "Recall": Preset(Relatives(task="recall", asked="end", length=40, beyond=300, max_steps=400), "Asked at the end alone."),
    "Copy": Preset(Relatives(task="copy", beyond=200, max_steps=600), "Which symbol stood five places back?"),
    "Adding": Preset(Relatives(task="adding", length=40, beyond=200, max_steps=600), "A number has to be kept exactly."),
}
controls = LessonControls(
    "relatives",
    Relatives,
    (
        "task", "asked", "length", "beyond", "back", "units", "layers", "heads", "forget_bias", "seeds", "batch", "optimizer",
        "learning_rate", "max_steps", "seed",
    ),
)  # fmt: skip


def keep_own(config: Any) -> None:
    """Which cells a training that is found again has."""
    st.session_state[CELLS_KEY] = list(config.names)


def section(begun: live.Begun) -> Relatives | None:
    """Settings and the guess on the left, the race on the right."""
    left, right = st.columns([4, 9], gap="medium")
    with left:
        presets = st.container()
        controls.draw("task", "max_steps")
        chosen = st.pills(
            "Cells", list(CELLS), selection_mode="multi", format_func=CELLS.get, key=CELLS_KEY,
            default=None if CELLS_KEY in st.session_state else list(CELLS), persist_state="session", wrap=True,
            help="Which networks race. All of them learn from the same batches, in turns.",
        )  # fmt: skip
        place = st.container()
        with st.expander("More settings", icon=":material/tune:"):
            controls.draw("length", "beyond", "asked", "back")
            controls.draw("units", "layers", "heads", "forget_bias", "seeds", quiet=True)
            controls.draw("batch", "optimizer", "learning_rate", "seed", quiet=True)
        with presets:
            controls.presets(PRESETS)
        with place:
            config = _config(chosen)
            _start(begun, config)
    with right:
        live.watch(
            begun.job, view, config, key="relatives_live", before=_reveal,
            idle="Nothing is being trained. Say what you expect, then press **Race**: the networks you chose learn from the same "
            "batches, side by side, and this place shows who gets it and how far beyond the training length it holds.",
        )  # fmt: skip
        if begun.job is not None and begun.job.ended and begun.job.result is not None:
            _outcome(begun.job)
    return config


def _config(chosen: list[str]) -> Relatives | None:
    if not chosen:
        st.error("Choose at least one cell to race.")
        return None
    try:
        return controls.config(cells=",".join(cell for cell in CELLS if cell in chosen))
    except ValueError as problem:
        st.error(sentence(problem))
        return None


def question(config: Relatives) -> tuple[str, list[str]]:
    """What is asked before the race, and the answers."""
    names = [CELLS[cell] for cell in config.names]
    return (
        f"After {config.max_steps:,} steps, who is best at {config.beyond} symbols, trained on up to {config.length}?",
        [*names, f"Nobody has {SOLVED:.0%} there"],
    )


def _start(begun: live.Begun, config: Relatives | None) -> None:
    busy = begun.job is not None and not begun.job.ended
    guess = None
    if config is not None:
        asked, answers = question(config)
        guess = predict("relatives_race", asked, answers, config)
    off = busy or config is None or guess is None
    st.button(
        "Racing …" if busy else "Race", icon=":material/flag:", type="primary", key="relatives_train", disabled=off,
        on_click=live.start_on_click, args=(config, begun, TIME_LIMIT),
        help="First say what you expect." if guess is None else "All networks see the same sequences.",
    )  # fmt: skip
    if guess is None and config is not None and not busy:
        st.caption("First say what you expect; the button waits for it.")


def view(job: Job) -> live.View:
    names = job.config.names
    unit = "squared error" if job.config.task == "adding" else "loss in nats"
    curves = tuple(live.Curve(f"{cell}_loss", CELLS[cell], charts.LOOKS[cell][0]) for cell in names)
    more = tuple(
        live.Curve(f"val_{cell}", f"{CELLS[cell]} at the training length", charts.LOOKS[cell][0], "share that is right")
        for cell in names
    )
    return live.View(unit=unit, per_second="sequences", curves=curves, figures=_figures, notes=_notes, height=240, more=more)


def _figures(job: Job) -> dict[str, str]:
    found = {cell: job.history.series(f"val_{cell}")[1] for cell in job.config.names}
    return {f"{CELLS[cell]} at {job.config.length}": f"{values[-1]:.0%}" for cell, values in found.items() if values}


def _notes(job: Job) -> None:
    """Accuracy against length, up to the training length, while it runs."""
    if lost := job.notes("lost"):
        st.warning(sentence(lost[-1][1]), icon=":material/error:")
    notes = job.notes("curve")
    if not notes or (job.ended and job.result is not None):
        return
    step, found = notes[-1]
    lines = {cell: list(zip(found["length"], found[cell])) for cell in CELLS if cell in found}
    charts.against_length(lines, job.config.length, job.config.posed.chance, height=230).show(
        "relatives_live_lengths", "Lines: the share of right answers at each length up to the training length"
    )
    st.caption(f"On held-out sequences at step {step:,}; beyond the training length they are examined at the end.")


def best(job: Job) -> int:
    """Which answer to `question` is right."""
    rows = {row["cell"]: float(np.mean(row["beyond"])) for row in job.result.details["rows"]}
    names = job.config.names
    if not rows or max(rows.values()) < SOLVED:
        return len(names)
    return names.index(max(rows, key=lambda cell: rows[cell]))


def _reveal(job: Job) -> None:
    if not job.ended or job.result is None or not job.result.details["rows"]:
        return
    config = job.config
    answers = question(config)[1]
    guess = answer_to("relatives_race", config)
    rows = {row["cell"]: float(np.mean(row["beyond"])) for row in job.result.details["rows"]}
    top = max(rows.values())
    ties = [CELLS[cell] for cell in config.names if rows.get(cell) == top]
    numbers = ", ".join(f"{CELLS[cell]} {value:.1%}" for cell, value in rows.items())
    said = f"At {config.beyond} symbols: {numbers}. Guessing has {config.posed.chance:.1%}."
    if guess is None:
        st.info(said, icon=":material/insights:")
    elif guess == answers[best(job)] or (top >= SOLVED and guess in ties):
        st.success(f"**Right.** {said}")
    else:
        st.warning(f"**Not quite.** You said {guess}. {said}")


def _outcome(job: Job) -> None:
    """The table and the chart beyond the training length, once it has ended."""
    details, config = job.result.details, job.config
    lines = {}
    for cell, curves in details["curves"].items():
        values = np.mean([[value for _, value in one] for one in curves], axis=0)
        lines[cell] = [(length, float(value)) for (length, _), value in zip(curves[0], values)]
    if not lines:
        return
    charts.against_length(lines, config.length, config.posed.chance).show(
        "relatives_outcome", "Lines: the share of right answers at each length, inside and beyond the training length"
    )
    st.dataframe(table(job), hide_index=True, width="stretch")
    seeds = "one seed" if config.seeds == 1 else f"{config.seeds} seeds, ± their standard deviation"
    st.caption(
        f"From {seeds}. A step is one batch of {config.batch} sequences of {config.length} symbols on this machine; memory is what a "
        "pass forward and backward holds beyond the weights."
    )


def table(job: Job) -> dict[str, list[str]]:
    """The outcome as columns of text."""
    config, rows = job.config, job.result.details["rows"]

    def spread(values: list[float]) -> str:
        return f"{np.mean(values):.1%}" + (f" ± {np.std(values):.1%}" if len(values) > 1 else "")

    return {
        "Network": [CELLS[row["cell"]] for row in rows],
        "Parameters": [f"{row['parameters']:,}" for row in rows],
        f"At {config.length}": [spread(row["inside"]) for row in rows],
        f"At {config.beyond}": [spread(row["beyond"]) for row in rows],
        "ms a step": [f"{np.median(row['ms']):.1f}" for row in rows],
        "Memory a step": [f"{row['bytes'] / 1e6:.2f} MB" for row in rows],
    }
