"""What padding does to a score: in front or behind, skipped by the mask or read like a word."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lstm import Sequential
from lstm.lessons.reading.reader import TextReader, opinions
from ui import keep, lesson
from ui.reading.models import ReadingModel
from ui.reading.tokens import step_by_step
from ui.reading.words import percent
from ui.sentiment import charts
from ui.sentiment.models import POSITIVE, SHELF

SHORT, YOURS = "What a waste of a good cast.", "Your review"
LITTLE = 0.05
"""A move of the score that is not worth a word."""

_COUNTS = (0, 10, 25, 50, 100, 200, 400)
_WORDS = 120  # of a long review; every count is a reading of its own


@st.fragment
def padding(shown: ReadingModel, text: str) -> None:
    """A question, the score with more and more padding, and what the array looks like."""
    which = st.segmented_control(
        "Review", [SHORT, YOURS], default=SHORT, required=True, key="sentiment_padding_of", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    text = SHORT if which == SHORT else text
    counts, scores = _scores(shown, text)
    front, behind = (scores[way] for way in ("in front, read", "behind, read"))
    left, right = st.columns([5, 7], gap="medium")
    with left:
        trained = "with" if shown.reader.mask else "without"
        where = "in front" if shown.reader.padding == "pre" else "behind"
        ask = "Take the mask away and let it read" if shown.reader.mask else "Let it read"
        answered = lesson.predict_then_reveal(
            "sentiment_padding",
            f"This network was trained {trained} a mask, its padding {where}. {ask} {counts[-1]} steps of padding: "
            "where does it move the score more?",
            ["in front of it", "behind it", f"neither, by more than {100 * LITTLE:.0f} points"],
            lambda: moved_by(front, behind),
            lambda _: (
                f"In front: {percent(front[0])} → {percent(front[-1])}. Behind: {percent(behind[0])} → {percent(behind[-1])}. "
                f"{why(shown.reader.mask, moved_by(front, behind))}"
            ),
            about=(shown.key, text),
        )
    with right:
        if answered is None:  # what is asked is not drawn yet
            scores = {way: line for way, line in scores.items() if way.endswith("masked")}
        charts.padding(counts, scores).show(
            "sentiment_padding_chart", "Lines: the score of the review with padding in front or behind, masked or read"
        )
        long = (
            f" Of your review its last {_WORDS} words are read here." if len(shown.reader.encode(text)) > _WORDS else ""
        )
        st.caption(f"Masked, padding changes nothing, wherever it stands: the state goes past it untouched.{long}")
    with st.expander("The array, place by place", icon=":material/data_array:"):
        step_by_step(shown.reader, text, "sentiment_tokens")


def moved_by(front: list[float], behind: list[float]) -> int:
    """Where the padding moves the score more: 0 in front, 1 behind, 2 nowhere much."""
    moved = [abs(line[-1] - line[0]) for line in (front, behind)]
    return 2 if max(moved) <= LITTLE else int(moved[1] > moved[0])


def why(mask: bool, moved: int) -> str:
    """Why padding moved the score, or did not, of a network that was trained with a mask or without; `moved` as in `moved_by`."""
    if moved == 2:
        return "Hundreds of steps of it hardly move this score, whatever they do to the state."
    if mask:
        return (
            "Behind the mask it never met padding while it learnt, so nothing taught it that padding means nothing: hundreds of "
            "steps of it leave their mark on the state."
        )
    return "It met padding while it learnt, and what it does to the state there is part of what it has learnt."


def _scores(shown: ReadingModel, text: str) -> tuple[tuple[int, ...], dict[str, list[float]]]:
    """The scores of `text` with so much padding, kept until the network or the text changes."""
    compute = lambda: {way: with_padding(shown.model, shown.reader, text, way) for way in charts.WAYS}  # noqa: E731
    if text == SHORT:
        return _COUNTS, SHELF.kept(shown, "padding", None, compute)
    return _COUNTS, keep.of_session("sentiment padding", (shown.key, text), compute)


def with_padding(model: Sequential, reader: TextReader, text: str, way: str) -> list[float]:
    """P(positive) of a text with 0 to 400 steps of padding, in one of `charts.WAYS`."""
    place, treated = way.split(", ")
    ids = reader.encode(text)[-_WORDS:]
    x = np.full((len(_COUNTS), len(ids) + _COUNTS[-1]), reader.vocabulary.pad, np.int32)
    scores = []
    reads = masking(model, treated == "masked")
    for row, count in zip(x, _COUNTS, strict=True):
        start = count if place == "in front" else 0
        row[start : start + len(ids)] = ids
        scores.append(float(opinions(reads.logits(row[None, : len(ids) + count]))[0, POSITIVE]))
    return scores


def masking(model: Sequential, on: bool) -> Sequential:
    """The same network, of the same weights, with or without a mask. The one given stays as it is: it may be everybody's."""
    twin = Sequential([type(layer)(**layer.get_config()) for layer in model.layers], seed=model.seed, dtype=model.dtype)
    twin.layers[0].mask_zero = on
    twin.share_weights(model)
    return twin
