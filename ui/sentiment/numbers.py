"""A review as the numbers a network is shown, decoded again; and what an index that is off by two makes of it."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st

from lstm.lessons.reading.reader import TextReader, classify
from lstm.preprocessing.text import SPECIALS
from ui.plain import sentence
from ui.reading.models import ReadingModel
from ui.reading.words import percent
from ui.sentiment.models import POSITIVE

OFF_BY = 2
"""By how many places the reference's index is wrong."""


@st.fragment
def decode(shown: ReadingModel, text: str) -> None:
    """Numbers on the left, to be changed at will; on the right the words they stand for, with the right index and a wrong one."""
    left, right = st.columns(2, gap="medium")
    reader = shown.reader
    with left:
        written = " ".join(map(str, reader.encode(text).tolist()))
        key = f"sentiment_numbers_{hashlib.sha256(f'{shown.key} {written}'.encode()).hexdigest()[:10]}"
        numbers = st.text_area(
            "The review as the network gets it; change a number and see", written, key=key, height=140, max_chars=20_000,
            help="0 is <PAD>, 1 is <START>, 2 is <UNK>; 3 is the commonest word, 4 the next, and so on.",
        )  # fmt: skip
        off = st.slider(
            "Index off by", -3, 3, OFF_BY, key="sentiment_off", persist_state="session",
            help="Every word is taken for the one so many places further down the list of words.",
        )  # fmt: skip
    with right:
        try:
            ids = parsed(numbers, reader)
        except ValueError as problem:
            st.error(sentence(problem))
            return
        wrong = shifted(ids, off, len(reader.vocabulary))
        scores = classify(shown.model, reader, [ids, wrong])[:, POSITIVE]
        _words("With the right index", reader.decode(ids), scores[0])
        if off:
            _words(f"With an index that is off by {off:+d}".replace("-", "−"), reader.decode(wrong), scores[1])
            st.caption(
                "Nothing crashes, the score is a number like any other, and it means nothing: that happened to the project the "
                "preset IMDB comes from, off by two. Decoding one review would have shown it."
            )
        else:
            st.caption("Off by nothing: what is decoded is what was read, but for <UNK>, which nobody can turn back.")


def _words(label: str, text: str, score: float) -> None:
    st.markdown(f"**{label}**: {percent(score)} positive")
    st.code(text, language=None, wrap_lines=True, height=110)


def parsed(written: str, reader: TextReader) -> np.ndarray:
    """The numbers somebody wrote. Raises ValueError, one sentence, unless each stands for a word."""
    found, most = written.replace(",", " ").split(), len(reader.vocabulary) - 1
    if not found:
        raise ValueError("there must be at least one number, got none")
    if len(found) > reader.length:
        raise ValueError(f"there must be at most {reader.length} numbers, as many as it reads, got {len(found):,}")
    for one in found:
        if not (one.isascii() and one.isdigit() and len(one) < 9 and int(one) <= most):
            raise ValueError(f"each number must be a whole number from 0 to {most:,}, got {one[:20]!r}")
    return np.array([int(one) for one in found], np.int32)


def shifted(ids: np.ndarray, off: int, words: int) -> np.ndarray:
    """The same review with every word taken for the one `off` places further on; the special tokens stay."""
    first = len(SPECIALS)
    return np.where(ids < first, ids, np.clip(ids + off, first, words - 1)).astype(np.int32)
