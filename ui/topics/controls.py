"""The controls of Topics: which settings of a `Topics` the page draws, and where."""

from __future__ import annotations

import streamlit as st

from jobs.job import Job
from lstm.lessons.presets import compared, figure_text
from lstm.lessons.reading.topics import PRESETS, Topics
from ui.controls import LessonControls

TIME_LIMIT = 600.0
"""Seconds after which a training on this page is ended, whatever its budget says."""

TEXT = ("vocabulary", "length", "padding", "mask")
MODEL = ("cell", "embedding", "layers", "word_dropout", "embedding_dropout", "dropout")
LEARNING = ("optimizer", "learning_rate", "decay", "clip", "clip_at", "batch", "patience", "seed")

controls = LessonControls("topics", Topics, ("data", *TEXT, "units", "epochs", "bidirectional", *MODEL, *LEARNING))


def network() -> None:
    """The few settings that this lesson is about."""
    left, right = st.columns(2)
    with left:
        controls.draw("units")
    with right:
        controls.draw("epochs")
    controls.draw("bidirectional")


def more_settings() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.draw(*TEXT, *MODEL)
        with right:
            controls.draw(*LEARNING)


def beside(name: str, job: Job | None) -> dict[str, list[str]]:
    """The figures a preset's project printed beside the lab's own, as columns of a table."""
    preset = PRESETS[name]
    ours = {"comparison with counting words": "run below"}
    if job is not None and job.result is not None and controls.same(job.config, preset.config):
        ours |= {metric: figure_text(metric, job.result.metrics[metric]) for metric in ("test accuracy", "seconds")}
    return compared(preset, ours)
