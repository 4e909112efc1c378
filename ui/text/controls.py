"""The controls of Text generation: which settings of a `TextGeneration` the page draws, and where."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lstm.lessons.text.experiment import OWN_TEXT, TextGeneration
from ui.controls import LessonControls

TIME_LIMIT = 600.0
"""Seconds after which a training on this page is ended, whatever its budget says."""

controls = LessonControls(
    "text",
    TextGeneration,
    (
        "level", "limit", "lowercase", "strip_punctuation", "cell", "layers", "units", "time_steps", "batch", "optimizer",
        "learning_rate", "decay", "clip", "clip_at", "dropout", "initial", "carry", "seconds", "epochs", "seed", "corpus",
    ),
)  # fmt: skip


def more_settings() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.draw("level", "cell", "layers", "units", "time_steps", "batch")
            controls.draw("carry", "dropout", "initial", quiet=True)
        with right:
            controls.draw("optimizer", "learning_rate", "decay", "clip", "clip_at", quiet=True)
            controls.draw("budget")
            controls.draw("seed", quiet=True)
            controls.draw("limit")
        controls.draw("lowercase", "strip_punctuation")


def experiment(text: str | None) -> TextGeneration:
    """The experiment that the controls describe; `text` is the visitor's own. Raises ValueError as `TextGeneration` does."""
    values = controls.values()
    if values["corpus"] == OWN_TEXT:  # checked before there is a text
        config = controls.config({**values, "corpus": controls.defaults["corpus"]})
        return config if text is None else replace(config, corpus=OWN_TEXT, text=text)
    return controls.config(values)


def fit(length: int) -> None:
    """Set batch size and time steps so that a short text is enough for them. For callbacks."""
    train = int(length * 0.9)
    batch, time_steps = next(
        ((b, t) for t in (64, 32, 25, 16, 8) for b in (32, 16, 8, 4) if 4 * b * t < train),
        (1, max(min(8, train - 1), 1)),
    )
    controls.put("batch", batch)
    controls.put("time_steps", time_steps)
