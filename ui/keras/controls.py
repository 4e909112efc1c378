"""The controls of Keras against scratch: from widgets to a `KerasVsScratch`, or to a `Growth` of the same network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from lstm.lessons.keras.experiment import Growth, KerasVsScratch
from lstm.lessons.keras.tasks import TASKS
from ui.controls import Controls, preset_picker

TITLE = "Keras against scratch"
TIME_LIMIT = 600.0
"""Seconds after which a run on this page is ended."""

UNITS = (4, 8, 16, 32, 64, 128, 256)
BATCHES = (1, 8, 16, 32, 64, 128, 256, 512)
STEPS = (10, 25, 50, 100, 200, 500)

DEFAULTS: dict[str, Any] = {
    "task": "digits8", "units": 64, "batch": 32, "steps": 50, "dtype": "float32", "layers": 1, "optimizer": "adam",
    "learning_rate": 2e-3, "clip": 1.0, "threads": 1, "seed": 0, "again": True,
}  # fmt: skip

controls = Controls(
    "keras",
    DEFAULTS,
    {
        "task": {name: task.title for name, task in TASKS.items()},
        "threads": {1: "one core each", 0: "all cores"},
        "dtype": {"float32": "float32, 7 digits", "float64": "float64, 16 digits"},
    },
)

PRESETS: dict[str, dict[str, Any]] = {
    "The digits": {},
    "Text, one-hot": {"task": "characters", "units": 128, "batch": 32, "learning_rate": 5e-3},
    "Padded sentences": {"task": "topics", "units": 32},
    "In 64 bits": {"dtype": "float64"},
}
"""What differs from the defaults."""


def main_controls() -> None:
    """What this lesson is about: which network, in how many bits."""
    name = controls.choice("task", "Task", help="The same batches in the same order go to both.")
    st.caption(f"Learn {TASKS[name].about}.")
    left, right = st.columns(2)
    with left:
        controls.stops("units", "Units", UNITS, "The length of the hidden state h of each layer.")
    with right:
        controls.stops(
            "batch", "Batch", BATCHES, "Examples a step learns from. Large ones have more work for each call."
        )
    controls.choice("dtype", "Numbers in", help="In float64 rounding errors are half a thousand million times smaller.")


def more_controls() -> None:
    """What most people leave alone."""
    with st.expander("More settings", icon=":material/tune:"):
        presets = st.container()
        controls.stops("steps", "Training steps", STEPS, "How long the two train together, step by step.")
        left, right = st.columns(2)
        with left:
            controls.whole("layers", "LSTM layers", "On top of each other: 1 to 3.")
            controls.choice("optimizer", "Optimizer", help="How a gradient becomes a step, on both sides.")
            controls.number("learning_rate", "Learning rate", "How large the steps are.")
        with right:
            controls.number("clip", "Clip all gradients at", "The largest norm of all together; 0 clips nothing.", 0.5)
            controls.choice(
                "threads", "Each may use", help="Keras on JAX shares large products among cores; so does NumPy's BLAS."
            )
            controls.seed()
        controls.switch(
            "again",
            "Run again when units, batch or numbers change",
            "After the first run, each new position of these three starts the next.",
        )
        with presets:  # after the widgets, so that it knows what the address has set them to
            preset_picker(controls, PRESETS, "Start from")


def config_from(values: Mapping[str, Any]) -> KerasVsScratch:
    """The experiment that the controls describe. Raises ValueError as `KerasVsScratch` does."""
    settings = {name: value for name, value in values.items() if name != "again"}
    return KerasVsScratch(**{**settings, "clip": settings["clip"] or None})


def growth_from(config: KerasVsScratch, vary: str) -> Growth:
    """The same network at four sizes."""
    names = {one.name for one in fields(Growth)} & {one.name for one in fields(KerasVsScratch)}
    return Growth(vary=vary, **{name: getattr(config, name) for name in names})


def take_over(config: KerasVsScratch) -> None:
    """Set the controls to what a run was started with, unless the address sets some. Before they are drawn."""
    if any(controls.key(name) in st.query_params for name in DEFAULTS):
        return
    values = {name: getattr(config, name) for name in DEFAULTS if hasattr(config, name)}
    controls.set(values | {"clip": config.clip or 0.0})


def moved_only(config: KerasVsScratch, before: KerasVsScratch) -> bool:
    """Whether `config` is another one than `before`, in what a slider moves alone."""
    return config != before and config == replace(before, units=config.units, batch=config.batch, dtype=config.dtype)
