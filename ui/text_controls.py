"""The controls of Text generation: from widgets to a `CharLM`."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import streamlit as st

from lstm.experiments.char_lm import CharLM
from ui.controls import Controls, preset_picker
from ui.text_presets import OWN, PRESETS

TIME_LIMIT = 600.0
"""Seconds after which a training on this page is ended, whatever its budget says."""

DEFAULTS: dict[str, Any] = {
    "corpus": "python_docs", "level": "character", "limit": 0, "lowercase": False, "strip_punctuation": False,
    "layers": 1, "units": 128, "time_steps": 64, "batch": 32, "optimizer": "adam", "learning_rate": 1e-2,
    "decay": "cosine", "clip": "norm", "clip_at": 1.0, "dropout": 0.0, "initial": "glorot_uniform", "carry": 16,
    "budget": "time", "seconds": 60, "epochs": 3.0, "seed": 0,
}  # fmt: skip

controls = Controls("text", DEFAULTS)

_INITIAL = {
    "glorot_uniform": "by layer size (Glorot)", "he_normal": "by input size (He)", "small_normal": "tiny, N(0, 0.01)",
}  # fmt: skip


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
            controls.choice("level", "Predict the next", ["character", "word"])
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
            controls.choice("initial", "First weights", list(_INITIAL), _INITIAL.get)
        with right:
            controls.optimizer()
            controls.clipping()
            controls.choice(
                "budget", "Budget", ["time", "passes"], {"time": "in time", "passes": "in passes over the text"}.get
            )
            controls.seed()
            controls.whole("limit", "Only the first characters", "0 takes the whole text.", 10_000)
        controls.switch("lowercase", "Lower case only")
        controls.switch("strip_punctuation", "Without punctuation")


def config_from(values: dict[str, Any], text: str | None) -> CharLM:
    """The experiment that the controls describe; `text` is a file of the reader's own. Raises ValueError as `CharLM` does."""
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


def preset_of(config: CharLM) -> str | None:
    """The preset a training was started from, if any."""
    return _configs().get(replace(config, text=None))


@lru_cache(maxsize=1)
def _configs() -> dict[CharLM, str]:
    return {config_from({**DEFAULTS, **preset.values}, None): name for name, preset in PRESETS.items()}
