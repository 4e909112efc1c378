"""The controls of Topics: from widgets to a `Topics` experiment, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from jobs.job import Job
from lstm.lessons.reading.topics import PRESETS as EXPERIMENTS
from lstm.lessons.reading.topics import Topics
from ui.controls import Controls, preset_picker

TIME_LIMIT = 600.0
"""Seconds after which a training on this page is ended, whatever its budget says."""

_NUMBERED = ("patience",)  # settings that may be None in an experiment, and are 0 in a control
_SETTINGS = (
    "data", "vocabulary", "length", "padding", "mask", "word_dropout", "embedding", "embedding_dropout", "layers", "units",
    "bidirectional", "dropout", "batch", "optimizer", "learning_rate", "decay", "clip", "clip_at", "epochs", "patience", "seed",
)  # fmt: skip
_FIRST = {field.name: field.default for field in fields(Topics)}
DEFAULTS: dict[str, Any] = {name: _FIRST[name] or 0 if name in _NUMBERED else _FIRST[name] for name in _SETTINGS}

controls = Controls(
    "topics",
    DEFAULTS,
    {
        "data": {"topics": "Four topics (ships)", "upload": "Your own CSV"},
        "padding": {"pre": "in front", "post": "behind"},
    },
)


@dataclass(frozen=True)
class Origin:
    """Where a preset comes from: what its project printed, and what was wrong there."""

    summary: str
    printed: Mapping[str, str]
    to_beat: str


ORIGINS = {
    "Four topics": Origin(
        "A vocabulary of 5,000, Embedding 100, LSTM 64, softmax over Education, Finance, Politics and Sports.",
        {"test accuracy": "85–95 %, claimed", "comparison with counting words": "typed in, never run"},
        "The same sentence stood in its training and in its test; here not even a template does.",
    ),
    "Both directions": Origin(
        "One LSTM of 32 units reads forward, one of 32 backward; the answer sees both ends of the sentence.", {}, ""
    ),
}


def presets() -> str | None:
    """The presets, a click each; the name of the one that is set."""
    return preset_picker(controls, {name: values_of(config) for name, config in EXPERIMENTS.items()}, "Start from")


def network() -> None:
    """The few settings that this lesson is about."""
    left, right = st.columns(2)
    with left:
        controls.whole("units", "Units", "The length of the hidden state h. Needs a new training.", 16)
    with right:
        controls.number("epochs", "Passes", "How often it sees every sentence. Needs a new training.", step=5.0)
    controls.switch(
        "bidirectional", "Read in both directions", "A second LSTM reads from the end. Needs a new training."
    )


def more_settings() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.whole(
                "vocabulary", "Vocabulary", "How many words it knows, the commonest; the rest is <UNK>.", 500
            )
            controls.whole("length", "Time steps", "The most words it reads, <START> included.", 5)
            controls.choice("padding", "Filler stands", help="And that end of a long text is cut.")
            controls.switch("mask", "Mask the filler", "Skip it. Otherwise the network reads it like a word.")
            controls.whole("embedding", "Embedding", "Numbers a word becomes.", 20)
            controls.whole("layers", "Layers", "LSTM layers on top of each other.")
            controls.number("word_dropout", "Forget words", "Share shown as <UNK> in training, others each time.", 0.1)
            controls.number("embedding_dropout", "Dropout behind the embedding", step=0.1)
            controls.number("dropout", "Dropout behind the LSTM", step=0.1)
        with right:
            controls.optimizer()
            controls.clipping()
            controls.whole("batch", "Sentences in a step", step=16)
            controls.whole(
                "patience", "Early stopping after",
                "Validations without a better one; then the best weights come back. 0: no early stopping.",
            )  # fmt: skip
            controls.seed()


def config_from(values: Mapping[str, Any], own: Mapping[str, Any] | None = None) -> Topics:
    """The experiment that the controls describe. Raises ValueError as `Topics` does.

    own : csv, text_column and label_column of the reader's file
    """
    settings = {name: values[name] for name in _SETTINGS}
    settings |= {name: settings[name] or None for name in _NUMBERED}
    return Topics(**settings, **(own or {}))


def values_of(config: Topics) -> dict[str, Any]:
    """The controls at which `config_from` gives this experiment."""
    values = {name: getattr(config, name) for name in _SETTINGS}
    values |= {name: values[name] or 0 for name in _NUMBERED}
    return values | {"epochs": float(config.epochs or DEFAULTS["epochs"])}


def take_over(config: Topics) -> None:
    """Set the controls to what a training was started with, unless the address sets some. Before they are drawn."""
    if not any(controls.key(name) in st.query_params for name in DEFAULTS):
        controls.set(values_of(config))


def preset_on_show(job: Job | None) -> str | None:
    """The preset whose training is on show, or else the one the controls stand at."""
    values = [values_of(job.config)] if job is not None else []
    for wanted in [*values, controls.values()]:
        found = next((name for name, config in EXPERIMENTS.items() if values_of(config) == wanted), None)
        if found is not None:
            return found
    return None


def compared(name: str, job: Job | None) -> dict[str, list[str]]:
    """The figures a preset's project printed beside the lab's own, as columns of a table."""
    printed, ours = ORIGINS[name].printed, {}
    if job is not None and job.result is not None and values_of(job.config) == values_of(EXPERIMENTS[name]):
        metrics = job.result.metrics
        ours = {"test accuracy": f"{metrics['test accuracy']:.1%}", "seconds": f"{metrics['seconds']:.1f}"}
    rows = [*printed, *(figure for figure in ours if figure not in printed)]
    below = {"comparison with counting words": "run below"}
    return {
        "": rows,
        "printed there": [printed.get(figure, "") for figure in rows],
        "computed here": [ours.get(figure, below.get(figure, "train it to see")) for figure in rows],
    }
