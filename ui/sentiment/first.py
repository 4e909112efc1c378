"""The first thing Sentiment shows: a review, its score, and the word that turned it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lstm.lessons.reading.reader import Reading
from ui import keep
from ui.plain import sentence
from ui.reading.box import typed
from ui.reading.models import ReadingModel
from ui.reading.words import coloured, percent, running_chart
from ui.sentiment import opened
from ui.sentiment.models import POSITIVE, SHELF

TEXT = "sentiment_text"
START = (
    "The first half had me yawning, and then something clicked: the dialogue gets sharp, the two leads are wonderful, "
    "and by the end I was in tears. I loved it."
)
EXAMPLES: Mapping[str, str] = {
    "A change of heart": START,
    "And back again": "The acting is superb and the music is lovely, but the story is a mess and the ending is awful.",
    "Short": "What a waste of a good cast.",
    "Another language": "Der Schnitt holpert, und die Musik kleistert alles zu.",
}
MEANING = ("more negative", "more positive")


def show(shown: ReadingModel) -> Reading | None:
    """The box, and what the network makes of what stands in it. Returns the reading, None where there is nothing to read."""
    left, right = st.columns([4, 8], gap="medium")
    with left:
        box = st.container()
        opened.choose(TEXT)  # what it opens is put into the box, which is not drawn yet
    with box:
        text = typed(TEXT, START, EXAMPLES, "Type a film review", height=150)
        opened.verdict(text)
        st.caption(f"{shown.label}: {shown.origin}.")
    with right:
        reading = read(shown, text)
        if isinstance(reading, str):
            st.error(reading)
            st.info(
                "Type a review of at least one word; its score and its colours appear here.", icon=":material/edit:"
            )
            return None
        show_score(reading)
        notes(reading)
        coloured(reading, POSITIVE, "sentiment_words", meaning=MEANING, name="positive", height=190)
        line(reading, "sentiment_running")
    return reading


def read(shown: ReadingModel, text: str) -> Reading | str:
    """The network's reading of a text, kept until either changes; a sentence if there is nothing to read."""

    def reading() -> Reading | str:
        try:
            return shown.read(text)
        except ValueError as problem:
            return sentence(problem)

    if text == START:
        return SHELF.kept(shown, "first reading", None, reading)
    return keep.of_session("sentiment reading", (shown.key, text), reading)


def notes(reading: Reading) -> None:
    """What a reader of the score should know; loud where the score says nothing."""
    for note in reading.notes:
        if any(token.known for token in reading.tokens):
            st.caption(f":material/info: {sentence(note)}")
        else:
            st.warning(sentence(note), icon=":material/info:")


def line(reading: Reading, key: str) -> None:
    """The running score."""
    final = percent(reading.final[POSITIVE])
    running_chart(reading, [POSITIVE], ["positive"], ["train"], height=220).show(
        key, f"Line: how probable a positive review is after each word; {final} at the end"
    )


def show_score(reading: Reading, key: str = "sentiment_verdict") -> None:
    """The answer, large; no heading, for it heads nothing."""
    with st.container(key=key):
        st.markdown(score_line(reading))


def score_line(reading: Reading) -> str:
    """The answer, large, as Markdown."""
    score = float(reading.final[POSITIVE])
    word = ":blue[Positive]" if score >= 0.5 else ":orange[Negative]"
    doubt = ", but hardly" if 0.4 < score < 0.6 else ""
    return f"**{word}{doubt} · {percent(score)} positive**"
