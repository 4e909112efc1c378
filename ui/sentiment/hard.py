"""Sentences that are hard for a network, to be predicted before the page shows what it says."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lstm.datasets.imdb import OPINIONS
from ui import lesson
from ui.plain import plain
from ui.reading.models import ReadingModel
from ui.reading.words import coloured, percent
from ui.sentiment.first import MEANING
from ui.sentiment.models import POSITIVE

Sentences = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Group:
    """Sentences with what their author means (0 negative, 1 positive), and why they are hard."""

    sentences: Sentences
    why: str


GROUPS: dict[str, Group] = {
    "Two plain ones": Group(
        (("i really liked the movie and had fun", 1), ("professional disappointment", 0)),
        "The preset IMDB comes from a project that scored these two. Its word index was off by two, so it scored other words.",
    ),
    "Not good, not bad": Group(
        (("not good", 0), ("not bad", 1)),
        "Two words are little to go by: IMDB’s reviews have 238 on average. “bad” stands there four times as often in "
        "negative ones, “good” equally often in both.",
    ),
    "Negation": Group(
        (("Nobody could call this boring.", 1), ("It fails to disappoint.", 1), ("It is not the worst film I have seen.", 1)),
        "A word and the word that turns it round must be kept in mind together. That is what a memory is for; whether it "
        "was learnt is another matter.",
    ),
    "Irony": Group(
        (
            ("Great. Two hours of my life I will never get back.", 0),
            ("Oh wonderful, another car chase. How original.", 0),
            ("A masterpiece of boredom.", 0),
        ),
        "The words are those of praise. Who takes them for the opposite knows something that stands in none of them.",
    ),
    "Mixed": Group(
        (
            ("The plot is thin, the acting is wooden, and I had the time of my life.", 1),
            ("The acting is superb and the music is lovely, but the ending is awful.", 0),
            ("I hated the book, but the film is superb.", 1),
        ),
        "Praise and blame in one sentence: what counts is which of them is the verdict.",
    ),
}  # fmt: skip


@st.fragment
def questions(shown: ReadingModel) -> None:
    """One group at a time: predict each of its sentences, then see the score and the colours."""
    name = st.segmented_control(
        "Sentences", list(GROUPS), default=next(iter(GROUPS)), required=True, key="sentiment_hard", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    group = GROUPS[name]
    agreed = []
    for k, (column, (text, meant)) in enumerate(zip(st.columns(len(group.sentences)), group.sentences, strict=True)):
        with column:
            agreed.append(_ask(shown, text, meant, f"{list(GROUPS).index(name)}_{k}"))
    if None not in agreed:
        right = sum(agreed)
        st.caption(f"It agrees with the author on {right} of {len(agreed)}. {group.why}")


def _ask(shown: ReadingModel, text: str, meant: int, key: str) -> bool | None:
    """Ask for one sentence; once predicted, whether the network agrees with its author."""
    reading = shown.read(text)
    verdict = int(reading.final[POSITIVE] >= 0.5)
    answered = lesson.predict_then_reveal(
        f"sentiment_hard_{key}",
        f"“{plain(text)}”: what will the network say?",
        OPINIONS,
        verdict,
        lambda _: explained(float(reading.final[POSITIVE]), meant),
        about=shown.key,
    )
    if answered is None:
        return None
    coloured(reading, POSITIVE, f"sentiment_hard_words_{key}", meaning=MEANING, name="positive")
    return verdict == meant


def explained(score: float, meant: int) -> str:
    """What the network says with P(positive) = `score`, and whether its author meant the same."""
    says = int(score >= 0.5)
    sure = "but hardly: it gives" if 0.4 < score < 0.6 else "and gives"
    author = "The author meant the same" if says == meant else f"The author meant the opposite: {OPINIONS[meant]}"
    return f"It says {OPINIONS[says]}, {sure} {percent(score)} to positive and {percent(1 - score)} to negative. {author}."
