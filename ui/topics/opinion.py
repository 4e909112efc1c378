"""The first thing on Topics: a sentence, the network's opinion after each word, and every method's beside each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from lstm.lessons.reading.classical import AVERAGED, EMBEDDINGS, METHODS
from lstm.lessons.reading.reader import Reading
from ui import keep
from ui.plain import plain, sentence
from ui.reading import held
from ui.reading.box import typed
from ui.reading.tokens import step_by_step
from ui.reading.words import coloured
from ui.topics import charts
from ui.topics.methods import SHELF, Panel, try_again

TEXT = "topics_text"
START = "The striker lost interest in the bonds and bought a bank."
EXAMPLES: Mapping[str, str] = {
    "It changes its mind": START,
    "Two worlds": "The teacher left the classroom and scored in the final.",
    "Not … but …": "Not world records but tax reform dominated the evening.",
    "About anything": "It was a matter of time.",
    "Only strangers": "Der Torwart hielt den Elfmeter.",
}
EVERY = 0.5
"""Seconds between two looks at the methods that are being fitted."""


def show(methods: Panel, session: str) -> None:
    """The sentence and what is made of it, in a part of the page that runs by itself while somebody types."""
    every = EVERY if methods.waiting is not None else None
    st.fragment(_show, run_every=every)(methods, session)


def _show(methods: Panel, session: str) -> None:
    if methods.waiting is not None and methods.waiting.ended:
        st.rerun()
    left, right = st.columns([4, 8], gap="medium")
    with left:
        text = typed(TEXT, START, EXAMPLES)
        reading = read(methods, text)
        if isinstance(reading, str):
            st.error(reading)
        else:
            _answer(methods, reading)
        st.caption(f"{methods.shown.label}: {methods.shown.origin}.")
    with right:
        if isinstance(reading, Reading):
            _pictures(methods, reading, session)
        else:
            st.info("A sentence with at least one word is needed; what the network makes of it appears here.")
    st.header("From words to numbers", anchor=False)
    step_by_step(methods.shown.reader, text, "topics_tokens")
    if isinstance(reading, Reading):
        st.header("With a gate held", anchor=False)
        held.question(methods.shown, reading, "topics_held")


def read(methods: Panel, text: str) -> Reading | str:
    """The network's reading of a text, kept until either changes; a sentence if there is nothing to read."""

    def reading() -> Reading | str:
        try:
            return methods.shown.read(text)
        except ValueError as problem:
            return sentence(problem)

    if text == START:
        return SHELF.kept(methods.shown, "first reading", None, reading)
    return keep.of_session("topics reading", (methods.shown.key, text), reading)


def _answer(methods: Panel, reading: Reading) -> None:
    classes = methods.shown.reader.classes
    best = int(reading.final.argmax())
    st.markdown(
        f"The {methods.network} says **{plain(classes[best])}**, {charts.share(reading.final[best])} sure. What each word did:"
    )
    coloured(reading, best, "topics_coloured", name=classes[best], height=130)
    for note in reading.notes:
        st.caption(f":material/info: {sentence(note)}")


def _pictures(methods: Panel, reading: Reading, session: str) -> None:
    classes = methods.shown.reader.classes
    tokens = reading.tokens[reading.first : reading.first + len(reading.running)]
    words = ["(before)", *(token.text for token in tokens)]
    opinions = np.concatenate([reading.before[None], reading.running])
    st.markdown("**Its opinion after each word**")
    charts.after_each_word(words, opinions, classes).show(
        "topics_words_chart", "Bars: how the network shares out its probability after each word of the sentence"
    )
    found = methods.opinions(reading.text, reading.final)
    said = "; ".join(f"{name}: {classes[int(p.argmax())]} {charts.share(p.max())}" for name, p in found.items())
    if methods.waiting is not None:  # their lines are there already, so that nothing jumps when they are fitted
        found = {name: found.get(name, np.full(len(classes), np.nan)) for name in (methods.network, *METHODS)}
    st.markdown("**Every method’s probabilities**")
    charts.beside_each_other(list(found), np.array(list(found.values())), classes).show(
        "topics_methods_chart",
        f"Table: every method's probability for each class. {said}",
    )
    _missing(methods, session)


def _missing(methods: Panel, session: str) -> None:
    """Why a method is not there (yet)."""
    if methods.waiting is not None:
        noted = methods.waiting.notes("method")
        now = f"now {noted[-1][1]}" if noted else "they begin when a training process is free"
        st.caption(
            f":material/hourglass_top: The {len(METHODS)} classical methods are being fitted, which takes a few seconds: {now}."
        )
    elif methods.refused is not None:
        st.warning(f"The classical methods are not there: {sentence(methods.refused)}")
        st.button(
            "Try again", icon=":material/refresh:", key="topics_counting_again", on_click=try_again, args=(session,)
        )
    elif methods.table is None:
        st.caption(
            "The texts this network learnt from are not included, so there is nothing to fit the classical methods on."
        )
    elif set(AVERAGED) <= set(methods.fitted):
        st.caption(
            f"The classical methods count words and know nothing of their order; those on “{EMBEDDINGS}” are "
            f"given the {methods.network}’s word vectors, averaged: its words, but not their order."
        )
