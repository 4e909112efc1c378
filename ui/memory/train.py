"""Can it remember? The two tasks, the student's guess, and both networks while they learn side by side."""

from __future__ import annotations

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm.lessons.memory.experiment import GOAL, Memory
from lstm.lessons.memory.tasks import KINDS
from ui import live
from ui.controls import LessonControls
from ui.lesson import answer_to, predict
from ui.memory import charts
from ui.plain import sentence

TIME_LIMIT = 600.0
"""Seconds after which a training on this page is ended, whatever its budget says."""
TITLE = "Memory"

controls = LessonControls(
    "memory",
    Memory,
    (
        "task", "distance", "practice", "blanks", "symbols", "gru", "units", "forget_bias", "batch", "optimizer", "learning_rate",
        "clip", "clip_at", "max_steps", "seed",
    ),
)  # fmt: skip

GUESS = "memory_guess"
GUESSES = ("Both", "Only the LSTM", "Only the SimpleRNN", "Neither")
SCORES = {"lstm": "val_score", "rnn": "val_rnn_score", "gru": "val_gru_score"}
"""The metric of each network's score on held-out sequences, while it trains."""
HALF = 0.5
"""Adding counts as learnt when the error is below this share of what always saying 1 has."""


def section(session: str, job: Job | None) -> None:
    """Settings and the guess on the left, the training on the right."""
    left, right = st.columns([4, 9], gap="medium")
    with left:
        controls.draw("task", "distance", "max_steps", "gru")
        place = st.container()
        _more()
        with place:
            config = _config()
            _train(session, job, config)
    with right.container(key="first_on_a_phone_memory"):
        _watch(job, config)


def _more() -> None:
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        controls.draw("practice", "blanks", "symbols")
        controls.draw(
            "units", "forget_bias", "batch", "optimizer", "learning_rate", "clip", "clip_at", "seed", quiet=True
        )


def _config() -> Memory | None:
    try:
        return controls.config()
    except ValueError as problem:
        st.error(sentence(problem))
        return None


def question(config: Memory) -> str:
    """What the student is asked before the training."""
    if config.task == "recall":
        can = f"names the first symbol in at least {GOAL:.0%} of new sequences"
    else:
        can = "is at least twice as close to the sum as always saying 1"
    return f"After {config.max_steps:,} steps, who {can} at distance {config.distance}?"


def _train(session: str, job: Job | None, config: Memory | None) -> None:
    busy = job is not None and not job.ended
    guess = None if config is None else predict(GUESS, question(config), GUESSES, config, horizontal=True)
    label = "Training …" if busy else "Train both"
    if st.button(
        label, icon=":material/model_training:", type="primary", key="memory_train",
        disabled=busy or config is None or guess is None,
        help="First say what you expect." if guess is None else "Both networks see the same sequences.",
    ):  # fmt: skip
        try:
            live.start(config, session=session, title=TITLE, time_limit=TIME_LIMIT)
        except ValueError as problem:
            st.error(sentence(problem))
        else:
            st.rerun()
    if guess is None and config is not None and not busy:
        st.caption("First say what you expect; the button waits for it.")


def examples(config: Memory, count: int = 3) -> str:
    """A few sequences as the networks read them, with the answer that is wanted."""
    task = config.posed
    x, y = task.sequences(count, config.distance, np.random.default_rng(config.seed))
    if config.task == "recall":
        lines = ["".join([task.words[row[0]], " ", *(task.words[k] for k in row[1:])]) for row in x]
        answers = [task.words[k] for k in y]
    else:
        lines = [" ".join(f"{value:.2f}{'*' if mark else ' '}" for value, mark in row) for row in x]
        answers = [f"{total:.2f}" for total in y[:, 0]]
    width = 56
    short = [line if len(line) <= width else f"{line[: width - 12]} … {line[-9:]}" for line in lines]
    return "\n".join(f"{line}  →  {answer}" for line, answer in zip(short, answers, strict=True))


def _watch(job: Job | None, config: Memory | None) -> None:
    if job is None and config is not None:
        st.markdown(
            f"**Three sequences, and what is to be said in the end**, {config.distance} steps after it was read:"
        )
        st.code(examples(config), language=None)
        if config.task == "adding":
            st.caption(
                "The two numbers with a star are to be added; the network sees the star as a second feature, 1 or 0."
            )
    live.watch(
        job, view, config, key="memory_live", before=_reveal,
        idle="Nothing is being trained. Say what you expect, then press **Train both**: an LSTM and a SimpleRNN learn from the "
        "same sequences, and this place shows how far back each of them remembers. It takes seconds.",
    )  # fmt: skip


def view(job: Job) -> live.View:
    unit = "loss in nats" if job.config.task == "recall" else "squared error of the sum"
    curves = (live.Curve("loss", "LSTM", "train"), live.Curve("rnn_loss", "SimpleRNN", "validation"))
    if job.config.gru:
        curves += (live.Curve("gru_loss", "GRU", "test"),)
    held_out = "share that is right" if job.config.task == "recall" else "RMS error of the sum"
    more = tuple(
        live.Curve(SCORES[kind], f"{KINDS[kind]} on held-out sequences", "baseline", held_out) for kind in job.config.kinds
    )
    return live.View(unit=unit, per_second="sequences", curves=curves, figures=_figures, notes=_curve, height=240, more=more)


def _figures(job: Job) -> dict[str, str]:
    found = {kind: job.history.series(name)[1] for kind, name in SCORES.items()}
    word = "accuracy" if job.config.task == "recall" else "error"
    say = (lambda value: f"{value:.1%}") if job.config.task == "recall" else (lambda value: f"{value:.3f}")
    return {
        f"{KINDS[kind]} {word} at distance {job.config.distance}": say(values[-1])
        for kind, values in found.items()
        if values
    }


def _curve(job: Job) -> None:
    """The second chart: how far back both remember at the moment."""
    notes = job.notes("curve")
    if lost := job.notes("lost"):
        st.warning(sentence(lost[-1][1]), icon=":material/error:")
    if not notes:
        return
    step, curve = notes[-1]
    adding = job.config.task == "adding"
    curves = {kind: (curve["distance"], curve[kind]) for kind in KINDS if kind in curve}
    charts.against_distance(
        curves, job.config.distance, job.config.posed.chance, error=adding, legend=False, height=210
    ).show("memory_against_distance", "Lines: how well both networks remember at each distance, at this moment")
    what = "RMS error of the sum" if adding else "Right answers"
    st.caption(f"{what} on held-out sequences at step {step:,}, up to twice the distance they practise.")


def learnt(job: Job) -> dict[str, bool]:
    """Whether each network has learnt the task, as the question of the page means it."""
    config, curve = job.result.config, job.result.details["curve"]
    at = curve["distance"].index(config.distance)
    if config.task == "recall":
        return {kind: kind in curve and curve[kind][at] >= GOAL for kind in config.kinds}
    return {kind: kind in curve and curve[kind][at] <= HALF * config.posed.chance for kind in config.kinds}


def _reveal(job: Job) -> None:
    """Once it has ended: what came out, and whether it is what the student expected."""
    if not job.ended or job.result is None:
        return
    config, curve = job.result.config, job.result.details["curve"]
    at, found = curve["distance"].index(config.distance), learnt(job)
    truth = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[found["lstm"], found["rnn"]]
    parts = []
    for kind in config.kinds:
        name = KINDS[kind]
        if kind not in curve:
            parts.append(f"the {name} has diverged")
            continue
        value = curve[kind][at]
        part = f"the {name} {value:.1%}" if config.task == "recall" else f"the {name}'s error is {value:.3f}"
        if step := job.result.details["reached"].get(kind):
            part += f" ({GOAL:.0%} first at step {step:,})"
        parts.append(part)
    numbers = f"At distance {config.distance}: {', '.join(parts)}."
    compare = (
        f"Guessing has {config.posed.chance:.1%}."
        if config.task == "recall"
        else f"Always saying 1: {config.posed.chance:.3f}."
    )
    guess = answer_to(GUESS, job.config)
    said = f"{GUESSES[truth]}. {numbers} {compare}"
    if guess is None:
        st.info(said, icon=":material/insights:")
    elif guess == GUESSES[truth]:
        st.success(f"**Right:** {said}")
    else:
        st.warning(f"**Not quite.** You said: {guess.lower()}. It is: {said[0].lower()}{said[1:]}")
