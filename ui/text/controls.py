"""The controls of Text generation: from widgets to a `CharLM`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from jobs.job import Job
from lstm.datasets import CORPORA
from lstm.lessons.text.experiment import CharLM
from ui.controls import Controls, preset_picker
from ui.text.presets import OWN, PRESETS

TIME_LIMIT = 600.0
"""Seconds after which a training on this page is ended, whatever its budget says."""

DEFAULTS: dict[str, Any] = {
    "corpus": "python_docs", "level": "character", "limit": 0, "lowercase": False, "strip_punctuation": False,
    "layers": 1, "units": 128, "time_steps": 64, "batch": 32, "optimizer": "adam", "learning_rate": 1e-2,
    "decay": "cosine", "clip": "norm", "clip_at": 1.0, "dropout": 0.0, "initial": "glorot_uniform", "carry": 16,
    "budget": "time", "seconds": 60, "epochs": 3.0, "seed": 0,
}  # fmt: skip

OWN_FILE = "upload"

controls = Controls(
    "text",
    DEFAULTS,
    {
        "corpus": {**{name: corpus.title for name, corpus in CORPORA.items()}, OWN_FILE: "Your own .txt file"},
        "level": {"character": "character", "word": "word"},
        "initial": {
            "glorot_uniform": "by layer size (Glorot)",
            "he_normal": "by input size (He)",
            "small_normal": "tiny, N(0, 0.01)",
        },
        "budget": {"time": "in time", "passes": "in passes over the text"},
    },
)


def presets() -> str | None:
    """The presets, a click each; the name of the one that is set."""
    values = {OWN: {}, **{name: preset.values for name, preset in PRESETS.items()}}
    return preset_picker(controls, values, "Start from")


def budget() -> None:
    """How long to train."""
    if controls["budget"] == "passes":
        controls.number(
            "epochs", "Passes over the text", "The budget. At most ten minutes, whatever it says.", step=1.0
        )
    else:
        controls.seconds()


def more_settings() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.choice("level", "Predict the next")
            controls.whole("layers", "Layers", "LSTM layers on top of each other.")
            controls.whole(
                "units", "Units", "The length of the hidden state h of each layer: how much it can keep in mind.", 16
            )
            controls.whole("time_steps", "Time steps", "How many characters the gradient travels back.", 8)
            controls.whole("batch", "Lanes", "Passages read side by side. More lanes make steadier, fewer steps.", 8)
            controls.whole(
                "carry",
                "Carry the state for",
                "Batches a lane reads on with the state it has, before it jumps elsewhere.",
            )
            controls.number("dropout", "Dropout", "Share of each layer's outputs left out while training.", 0.1)
            controls.choice("initial", "First weights")
        with right:
            controls.optimizer()
            controls.clipping()
            controls.choice("budget", "Budget")
            controls.seed()
            controls.whole("limit", "Only the first characters", "0 takes the whole text.", 10_000)
        controls.switch("lowercase", "Lower case only")
        controls.switch("strip_punctuation", "Without punctuation")


def config_from(values: dict[str, Any], text: str | None) -> CharLM:
    """The experiment that the controls describe; `text` is the reader's own. Raises ValueError as `CharLM` does."""
    values = dict(values)
    passes = values.pop("budget") == "passes"
    values["limit"] = values["limit"] or None
    values["seconds" if passes else "epochs"] = None
    config = CharLM(**{**values, "corpus": "python_docs", "text": None})
    return (
        replace(config, corpus=values["corpus"], text=text)
        if values["corpus"] != "upload" or text is not None
        else config
    )


def fit(length: int) -> None:
    """Set lanes and time steps so that a short text is enough for them. For callbacks."""
    train = int(length * 0.9)
    batch, time_steps = next(
        ((b, t) for t in (64, 32, 25, 16, 8) for b in (32, 16, 8, 4) if 4 * b * t < train),
        (1, max(min(8, train - 1), 1)),
    )
    controls.put("batch", batch)
    controls.put("time_steps", time_steps)


def take_over(config: CharLM) -> None:
    """Set the controls to what a training was started with, unless the address sets some. Before they are drawn."""
    if any(controls.key(name) in st.query_params for name in DEFAULTS):
        return
    values = {name: getattr(config, name) for name in DEFAULTS if hasattr(config, name)}
    passes = config.seconds is None
    values |= {"limit": config.limit or 0, "budget": "passes" if passes else "time"}
    values |= {"epochs": config.epochs or DEFAULTS["epochs"], "seconds": config.seconds or DEFAULTS["seconds"]}
    controls.set(values)


def preset_config(name: str) -> CharLM:
    """The experiment of a preset."""
    return config_from({**DEFAULTS, **PRESETS[name].values}, None)


def preset_of(config: CharLM) -> str | None:
    """The preset a training was started from, if any."""
    return next((name for name in PRESETS if preset_config(name) == config), None)


def preset_on_show(job: Job | None) -> str | None:
    """The preset whose training is on show, or else the one the controls stand at."""
    return (preset_of(job.config) if job is not None else None) or _preset_of_controls()


def _preset_of_controls() -> str | None:
    values = controls.values()
    return next((name for name, preset in PRESETS.items() if {**DEFAULTS, **preset.values} == values), None)
