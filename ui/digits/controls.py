"""The controls of Digits: which settings of a `Digits` the page draws, and where."""

from __future__ import annotations

import streamlit as st

from lstm.datasets import is_cached
from lstm.lessons.digits.experiment import Digits
from ui import downloads
from ui.controls import LessonControls

TIME_LIMIT = 900.0
"""Seconds after which a training on this page is ended, whatever its budget says."""

MODEL = ("cell", "layers", "units", "dropout", "vary", "limit")
LEARNING = ("batch", "optimizer", "learning_rate", "decay", "clip", "clip_at", "initial", "recurrent_initial")

controls = LessonControls(
    "digits", Digits, ("data", "reading", "answer", *MODEL, *LEARNING, "seconds", "epochs", "seed")
)


def pick_data() -> bool:
    """The data menu, and the download it may need. Whether the data are included or downloaded already."""
    controls.draw("data")
    return controls["data"] == "digits8" or is_cached("mnist") or _offer_download()


def _offer_download() -> bool:
    instead = ("Take the 8 × 8 digits instead", controls.put, ("data", "digits8"))
    more = "The 8 × 8 digits need no download, and the network that ships has learnt from MNIST already."
    downloads.offer("mnist", "MNIST", "digits", *instead, more)
    return False


def more_settings() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.draw(*MODEL, quiet=True)
            controls.draw("budget")
            controls.draw("seed", quiet=True)
        with right:
            controls.draw(*LEARNING, quiet=True)
