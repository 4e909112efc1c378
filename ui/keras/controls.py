"""The controls of Keras against scratch: which settings of a `KerasVsScratch` the page draws, and a `Growth` of it."""

from __future__ import annotations

from dataclasses import fields, replace

import streamlit as st

from lstm.lessons.keras.experiment import PRESETS, Growth, KerasVsScratch
from lstm.lessons.keras.tasks import TASKS
from ui.controls import LessonControls

TITLE = "Keras against scratch"
TIME_LIMIT = 600.0
"""Seconds after which a run on this page is ended."""

controls = LessonControls(
    "keras",
    KerasVsScratch,
    (
        "task", "units", "batch", "steps", "dtype", "cell", "layers", "optimizer", "learning_rate", "clip", "threads", "seed",
    ),
    own={"again": True},
)  # fmt: skip


def main_controls() -> None:
    """What this lesson is about: which network, in how many bits."""
    controls.draw("task")
    st.caption(f"Learn {TASKS[controls['task']].about}.")
    left, right = st.columns(2)
    with left:
        controls.draw("units")
    with right:
        controls.draw("batch")
    controls.draw("dtype")


def more_controls() -> None:
    """What most people leave alone."""
    with st.expander("More settings", icon=":material/tune:"):
        presets = st.container()
        controls.draw("steps")
        left, right = st.columns(2)
        with left:
            controls.draw("cell", "layers", "optimizer", "learning_rate")
        with right:
            controls.draw("clip", "threads", "seed")
        controls.switch(
            "again",
            "Run again when units, batch size or precision change",
            "After the first run, each new position of these three starts the next.",
        )
        with presets:  # after the widgets, so that it knows what the address has set them to
            controls.presets(PRESETS)


def growth_from(config: KerasVsScratch, vary: str) -> Growth:
    """The same network at four sizes."""
    names = {one.name for one in fields(Growth)} & {one.name for one in fields(KerasVsScratch)}
    return Growth(vary=vary, **{name: getattr(config, name) for name in names})


def moved_only(config: KerasVsScratch, before: KerasVsScratch) -> bool:
    """Whether `config` is another one than `before`, in what a slider moves alone."""
    return config != before and config == replace(before, units=config.units, batch=config.batch, dtype=config.dtype)
