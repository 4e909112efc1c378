"""The controls of Digits: from widgets to a `Digits` experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from jobs.job import Job
from lstm.datasets import is_cached
from lstm.lessons.digits.experiment import Digits
from ui import downloads
from ui.controls import Controls, preset_picker

TIME_LIMIT = 900.0
"""Seconds after which a training on this page is ended, whatever its budget says."""

OWN = "The lab's own"

DEFAULTS: dict[str, Any] = {
    "data": "digits8", "limit": 0, "reading": "rows", "answer": "every", "layers": 1, "units": 128, "dropout": 0.0,
    "vary": 0.5, "batch": 64, "optimizer": "adam", "learning_rate": 4e-3, "decay": "cosine", "clip": "norm",
    "clip_at": 1.0, "initial": "glorot_uniform", "budget": "time", "seconds": 20, "epochs": 5.0, "seed": 0,
}  # fmt: skip

controls = Controls(
    "digits",
    DEFAULTS,
    {
        "data": {"digits8": "8 × 8 digits", "mnist": "MNIST"},
        "reading": {"rows": "row by row", "columns": "column by column", "pixels": "pixel by pixel"},
        "answer": {"every": "after every step", "last": "after the last step only"},
        "initial": {
            "glorot_uniform": "by layer size (Glorot)",
            "he_normal": "by input size (He)",
            "small_normal": "tiny, N(0, 0.01)",
        },
        "budget": {"time": "in time", "passes": "in passes over the digits"},
    },
)


@dataclass(frozen=True)
class DigitsPreset:
    """Settings that differ from the lab's defaults, and what the project they come from printed."""

    values: Mapping[str, Any]
    printed: Mapping[str, str]
    summary: str
    to_beat: str


ROWS = "Rows of a digit"
PRESETS: dict[str, DigitsPreset] = {
    "MNIST in a minute": DigitsPreset(
        {"data": "mnist", "seconds": 60},
        {},
        "One layer of 128 units, all of MNIST, one minute.",
        "",
    ),
    ROWS: DigitsPreset(
        {
            "data": "mnist", "layers": 2, "units": 100, "answer": "last", "batch": 1, "optimizer": "adagrad",
            "learning_rate": 0.1, "decay": "none", "clip": "none", "vary": 0.0, "budget": "passes", "epochs": 3.0,
        },
        {"test accuracy": "9.93 → 92.31 → 95.09 → 96.48 %", "training accuracy": "96.895 %", "seconds": "6,546"},
        "28 steps of 28 pixels, two layers of 100 units, softmax on the last step, one digit a step, Adagrad 0.1, 3 passes.",
        "Its test draws a digit at random from the softmax instead of taking the most probable one.",
    ),
}  # fmt: skip


def presets() -> str | None:
    """The presets, a click each; the name of the one that is set."""
    values = {OWN: {}, **{name: preset.values for name, preset in PRESETS.items()}}
    return preset_picker(controls, values, "Start from")


def pick_data() -> bool:
    """The data menu, and the download it may need. Whether the data are at hand."""
    name = controls.choice(
        "data", "Digits to learn from",
        help="The 8 × 8 digits are 1,797 and at hand; MNIST has 70,000 of 28 × 28 pixels. Needs a new training.",
    )  # fmt: skip
    return name == "digits8" or is_cached("mnist") or _offer_download()


def _offer_download() -> bool:
    instead = ("Take the 8 × 8 digits instead", controls.put, ("data", "digits8"))
    more = "The 8 × 8 digits need no download, and the network that ships has learnt from MNIST already."
    downloads.offer("mnist", "MNIST", "digits", *instead, more)
    return False


def budget() -> None:
    """How long to train."""
    if controls["budget"] == "passes":
        controls.number(
            "epochs", "Passes over the digits", "The budget. At most 15 minutes, whatever it says.", step=1.0
        )
    else:
        controls.seconds()


def how_it_reads() -> None:
    """What this lesson is about: in which order, and when it is asked."""
    controls.choice(
        "reading",
        "It reads",
        help="What one time step shows; pixel by pixel is for the 8 × 8 digits. Needs a new training.",
    )
    controls.choice(
        "answer", "It is asked",
        help="Asked after every step, it learns to say how sure it can be by then. Asked at the end only, nobody ever tells it "
        "what to answer earlier. Needs a new training.",
    )  # fmt: skip


def more_settings() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.whole("layers", "Layers", "LSTM layers on top of each other.")
            controls.whole("units", "Units", "The length of the hidden state h of each layer.", 16)
            controls.whole("batch", "Digits in a step", "More make steadier, fewer steps.", 16)
            controls.number("dropout", "Dropout", "Share of each layer's outputs left out while training.", 0.1)
            controls.number(
                "vary", "Vary each digit",
                "0 to 2. At 1 every digit is turned by up to 10°, stretched by up to 10 % and moved a little, anew each "
                "time it is read.", 0.1,
            )  # fmt: skip
            controls.whole("limit", "Only the first digits", "0 takes them all.", 1_000)
        with right:
            controls.optimizer()
            controls.clipping()
            controls.choice("initial", "First weights")
            controls.choice("budget", "Budget")
            controls.seed()


def config_from(values: Mapping[str, Any]) -> Digits:
    """The experiment that the controls describe. Raises ValueError as `Digits` does."""
    values = dict(values)
    passes = values.pop("budget") == "passes"
    values["seconds" if passes else "epochs"] = None
    limit = values.pop("limit")
    # A validation costs as much as a thousand digits, so one after every few thousand.
    every = max(50, 6_400 // values["batch"]) if isinstance(values["batch"], int) and values["batch"] > 0 else 100
    return Digits(**values, limit=limit or None, validate_every=every)


def take_over(config: Digits) -> None:
    """Set the controls to what a training was started with, unless the address sets some. Before they are drawn."""
    if any(controls.key(name) in st.query_params for name in DEFAULTS):
        return
    values = {name: getattr(config, name) for name in DEFAULTS if hasattr(config, name)}
    values |= {"limit": config.limit or 0, "budget": "passes" if config.seconds is None else "time"}
    values |= {"epochs": config.epochs or DEFAULTS["epochs"], "seconds": config.seconds or DEFAULTS["seconds"]}
    controls.set(values)


def preset_config(name: str) -> Digits:
    """The experiment of a preset."""
    return config_from({**DEFAULTS, **PRESETS[name].values})


def preset_of(config: Digits) -> str | None:
    """The preset a training was started from, if any."""
    return next((name for name in PRESETS if preset_config(name) == config), None)


def preset_on_show(job: Job | None) -> str | None:
    """The preset whose training is on show, or else the one the controls stand at."""
    values = controls.values()
    standing = next((name for name, preset in PRESETS.items() if {**DEFAULTS, **preset.values} == values), None)
    return (preset_of(job.config) if job is not None else None) or standing
