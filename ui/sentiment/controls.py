"""The controls of Sentiment: from widgets to a `Sentiment` experiment, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from jobs.job import Job
from lstm.datasets import imdb
from lstm.lessons.reading.sentiment import PRESETS, Sentiment
from ui import downloads
from ui.controls import Controls, preset_picker
from ui.plain import sentence

TIME_LIMIT = 1800.0
"""Seconds after which a training on this page is ended, whatever its budget says: "Dropout stack" reads IMDB ten times."""

OWN = "The lab's own"
LEARNT = {"imdb": 22_500, "reviews": 740}
"""About how many reviews are learnt from; how often to validate is all that hangs on it."""

DEFAULTS: dict[str, Any] = {
    "data": "reviews", "limit": 0, "vocabulary": 5000, "length": 100, "padding": "pre", "mask": True, "bucketed": True,
    "embedding": 32, "layers": 1, "units": 64, "bidirectional": False, "dropout": 0.0, "batch": 32, "optimizer": "adam",
    "learning_rate": 4e-3, "decay": "none", "clip": "norm", "clip_at": 1.0, "epochs": 15.0, "seed": 0,
}  # fmt: skip

controls = Controls(
    "sentiment",
    DEFAULTS,
    {
        "data": {"reviews": "generated reviews (ship)", "imdb": "IMDB"},
        "padding": {"pre": "in front", "post": "behind"},
    },
)


@dataclass(frozen=True)
class Origin:
    """Where a preset comes from: what its project printed, and what was wrong there."""

    summary: str
    printed: Mapping[str, str]
    to_beat: str = ""


ORIGINS = {
    "IMDB": Origin(
        "25,000 reviews, the 5,000 commonest words, padded in front to 500, Embedding 32 → LSTM 100 → sigmoid, Adam, 2 passes.",
        {
            "parameters": "213,301",
            "validation accuracy": "86.22 → 86.39 %",
            "test accuracy": "86.39 %",
            "test loss": "0.322",
            "seconds": "210 + 203",
        },
        "Its word index is off by two, so decoded reviews are gibberish and the scores of its two typed sentences mean nothing.",
    ),
    "Dropout stack": Origin(
        "1,024 words, Embedding 256 → LSTM 128 → Dropout 0.5 → sigmoid, RMSprop, batches of 16, 10 passes. Takes many minutes.",
        {},
    ),
}


def presets() -> str | None:
    """The presets, a click each; the name of the one that is set."""
    values = {OWN: {}, **{name: values_of(config) for name, config in PRESETS.items()}}
    return preset_picker(controls, values, "Start from")


def pick_data() -> bool:
    """The data menu, and the download it may need. Whether the data are at hand."""
    name = controls.choice(
        "data", "Reviews to learn from",
        help="1,200 reviews made up for this lab by a program are at hand; IMDB has 50,000 written by people. Needs a new training.",
    )  # fmt: skip
    if name == "reviews":
        st.caption(
            "These 1,200 reviews were **generated** for the lab: nobody wrote them, and they know few words. "
            "A network that reads them well knows little of real ones."
        )
        return True
    if imdb.is_here():
        return True
    if lacking := imdb.lacking():
        st.warning(sentence(lacking), icon=":material/folder_off:")
    instead = ("Take the generated reviews instead", controls.put, ("data", "reviews"))
    downloads.offer("imdb", "IMDB", "sentiment", *instead, "The network that ships has learnt from it already.")
    return False


def how_it_reads() -> None:
    """The few settings that this lesson is about."""
    left, right = st.columns(2)
    with left:
        controls.whole("units", "Units", "The length of the hidden state h. Needs a new training.", 16)
        controls.whole("length", "Time steps", "The most words it reads, <START> included. Needs a new training.", 50)
    with right:
        controls.number("epochs", "Passes", "How often it reads every review. Needs a new training.", step=1.0)
        controls.choice("padding", "Filler stands", help="And that end of a long review is cut. Needs a new training.")
    controls.switch("mask", "Mask the filler", "Skip it. Otherwise the network reads it like a word.")


def more_settings() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.whole("limit", "Only so many reviews", "To learn from. 0 takes them all.", 1_000)
            controls.whole("vocabulary", "Vocabulary", "How many words it knows, the commonest.", 500)
            controls.whole("embedding", "Embedding", "Numbers a word becomes.", 16)
            controls.whole("layers", "Layers", "LSTM layers on top of each other.")
            controls.switch("bidirectional", "Read in both directions", "A second LSTM reads from the end.")
            controls.number("dropout", "Dropout", "Share of the LSTM's outputs left out while training.", 0.1)
            controls.switch(
                "bucketed", "Batches of equal length",
                "Reviews of about equal length share a batch, so there is little filler. Otherwise every review is filled up "
                "to all time steps, unless the mask lets them be skipped.",
            )  # fmt: skip
        with right:
            controls.whole("batch", "Reviews in a step", "More make steadier, fewer steps.", 16)
            controls.optimizer()
            controls.clipping()
            controls.seed()


def config_from(values: Mapping[str, Any]) -> Sentiment:
    """The experiment that the controls describe. Raises ValueError as `Sentiment` does."""
    batch = values["batch"]
    limit = values["limit"] or None
    learnt = min(LEARNT[values["data"]], limit if limit is not None and limit > 0 else 10**9)
    every = max(1, learnt // (4 * batch)) if batch > 0 else 1  # four times a pass, to have a curve
    return Sentiment(**{name: values[name] for name in DEFAULTS} | {"limit": limit, "validate_every": every})


def values_of(config: Sentiment) -> dict[str, Any]:
    """The controls at which `config_from` gives this experiment."""
    values = {name: getattr(config, name) for name in DEFAULTS}
    return values | {"limit": config.limit or 0, "epochs": float(config.epochs or DEFAULTS["epochs"])}


def take_over(config: Sentiment) -> None:
    """Set the controls to what a training was started with, unless the address sets some. Before they are drawn."""
    if not any(controls.key(name) in st.query_params for name in DEFAULTS):
        controls.set(values_of(config))


def preset_on_show(job: Job | None) -> str | None:
    """The preset whose training is on show, or else the one the controls stand at."""
    values = [values_of(job.config)] if job is not None else []
    for wanted in [*values, controls.values()]:
        if found := next((name for name, config in PRESETS.items() if values_of(config) == wanted), None):
            return found
    return None


def compared(name: str, job: Job | None) -> dict[str, list[str]]:
    """The figures a preset's project printed beside the lab's own, as columns of a table."""
    printed = ORIGINS[name].printed
    ours = {"parameters": f"{PRESETS[name].parameters():,}"}
    if job is not None and values_of(job.config) == values_of(PRESETS[name]):
        if accuracy := job.history.series("val_accuracy")[1]:
            ours["validation accuracy"] = f"{accuracy[-1]:.2%} lately"
        for metric, value in getattr(job.result, "metrics", {}).items():
            shape = ".2%" if "accuracy" in metric else ",.3f" if "loss" in metric else ",.0f"
            ours[metric] = f"{value:{shape}}"
    rows = list(dict.fromkeys([*printed, *ours]))
    return {
        "": rows,
        "printed there": [printed.get(figure, "") for figure in rows],
        "computed here": [ours.get(figure, "train it to see") for figure in rows],
    }
