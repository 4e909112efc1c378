"""The controls of Sentiment: which settings of a `Sentiment` the page draws, and where."""

from __future__ import annotations

import streamlit as st

from jobs.job import Job
from lstm.datasets import imdb
from lstm.lessons.presets import compared, figure_text
from lstm.lessons.reading.sentiment import PRESETS, Sentiment
from lstm.lessons.training import metric_name
from ui import downloads, live
from ui.controls import LessonControls
from ui.plain import sentence

TIME_LIMIT = 1800.0
"""Seconds after which a training on this page is ended, whatever its budget says: "Dropout stack" reads IMDB ten times."""

LEARNT = {"imdb": 22_500, "reviews": 740}
"""About how many reviews are learnt from; how often to validate is all that hangs on it."""

TEXT = ("length", "padding", "mask", "limit", "vocabulary")
MODEL = ("cell", "embedding", "layers", "bidirectional", "dropout", "bucketed")
LEARNING = ("optimizer", "learning_rate", "decay", "clip", "clip_at", "seed")

controls = LessonControls("sentiment", Sentiment, ("data", *TEXT, "units", *MODEL, "epochs", "batch", *LEARNING))


def pick_data() -> bool:
    """The data menu, and the download it may need. Whether the data are on this server."""
    controls.draw("data")
    if controls["data"] == "reviews":
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
        controls.draw("units", "length")
    with right:
        controls.draw("epochs", "padding")
    controls.draw("mask")


def more_settings() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.draw("limit", quiet=True)
            controls.draw("vocabulary", *MODEL)
        with right:
            controls.draw("batch")
            controls.draw(*LEARNING, quiet=True)


def config() -> Sentiment:
    """The experiment that the controls describe, validated four times an epoch, to have a curve.

    Raises ValueError as `Sentiment` does.
    """
    batch, limit = controls["batch"], controls["limit"]
    learnt = min(LEARNT[controls["data"]], limit if limit > 0 else 10**9)
    return controls.config(validate_every=max(1, learnt // (4 * batch)) if batch > 0 else 1)


def beside(name: str, job: Job | None) -> dict[str, list[str]]:
    """The figures a preset's project printed beside the lab's own, as columns of a table."""
    preset = PRESETS[name]
    ours = {"parameters": f"{preset.config.parameters():,}"}
    if job is not None and controls.same(job.config, preset.config):
        if accuracy := job.history.series("val_accuracy")[1]:
            ours[metric_name("val_accuracy", live.measured(job))] = f"{accuracy[-1]:.2%} lately"
        ours |= {metric: figure_text(metric, value) for metric, value in getattr(job.result, "metrics", {}).items()}
    return compared(preset, ours)
