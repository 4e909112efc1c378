"""A review of a data set, opened by its number or at random: it is put into the box, and the whole page reads it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lstm.datasets import imdb
from lstm.datasets.download import DownloadError
from ui import keep
from ui.controls import Controls
from ui.plain import sentence

NAME = {"imdb": "IMDB", "reviews": "generated reviews"}

open_controls = Controls("sentiment_open", {"of": "reviews", "number": 0}, say={"of": NAME})
_OPENED = "_sentiment_opened"


def choose(box: str) -> None:
    """Which data set, which number, or any; `st.session_state[box]` becomes the review. Before the box is drawn."""
    with st.expander("Open a review of a data set", icon=":material/menu_book:"):
        of = open_controls.choice("of", "Reviews of")
        learn, test = imdb.halves(of)
        number = open_controls.whole(
            "number", "Number of the review",
            f"From 1 to {learn + test:,}; from {learn + 1:,} on they are test reviews. 0 opens none.",
        )  # fmt: skip
        here = of == "reviews" or imdb.is_here()
        st.button(
            "One at random", icon=":material/casino:", key="sentiment_open_random", disabled=not here,
            on_click=lambda: open_controls.put("number", int(np.random.default_rng().integers(1, learn + test + 1))),
        )  # fmt: skip
    if not here:
        st.info("IMDB is not on this server yet; below, “Train your own” can download it.")
    if not here or number == 0:
        st.session_state[_OPENED] = None
        return
    try:
        text, label = keep.of_session_or_problem("sentiment opened", (of, number), lambda: _load(of, number))
    except ValueError as problem:
        st.error(sentence(problem))
        return
    if st.session_state.get(_OPENED) != (of, number, text, label):
        st.session_state[_OPENED] = (of, number, text, label)
        st.session_state[box] = text


def verdict(text: str) -> None:
    """Which review this is and what its author thinks, while the box holds what was opened."""
    of, number, opened, label = st.session_state.get(_OPENED) or ("", 0, None, 0)
    if text == opened:
        half = "to learn from" if number <= imdb.halves(of)[0] else "of the test"
        st.caption(
            f":material/menu_book: Review {number:,} of {NAME[of]}, one {half}. Its author’s verdict is {imdb.OPINIONS[label]}."
        )


def _load(of: str, number: int) -> tuple[str, int]:
    if of == "reviews":
        return imdb.review(imdb.load_reviews(), number)
    with st.spinner("IMDB is read from the disk …"):
        try:
            return imdb.load_imdb_review(number)
        except DownloadError as problem:
            raise ValueError(str(problem)) from problem
