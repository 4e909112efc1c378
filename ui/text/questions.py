"""What a visitor of Text generation predicts before the page shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lstm.lessons.text.sampling import Writer
from ui import keep, lesson
from ui.text import write
from ui.text.models import SHELF, TextModel

PROMPT, TEMPERATURE = "I am th", 0.2
READ = "My name is Charles and I live in London."


@dataclass(frozen=True)
class Used:
    """What reading a text changes in a model: of how many numbers. `states` are all numbers of h and C."""

    weights: int
    weights_changed: int
    states: int
    states_changed: int


def used(shown: TextModel, text: str = READ) -> Used:
    """Let a model read a text, and count which of its numbers are other ones afterwards."""
    before = np.concatenate([weight.ravel().copy() for weight in shown.model.get_weights()])
    _, states = Writer(shown.model).read(shown.vocabulary.encode(text))
    after = np.concatenate([weight.ravel() for weight in shown.model.get_weights()])
    held = np.concatenate([np.ravel(one) for layer in states for one in layer])  # before the first symbol all 0
    return Used(before.size, int((before != after).sum()), held.size, int((held != 0).sum()))


def questions() -> None:
    """Temperature, whether it learns while it is used, and what is kept of a text."""
    shipped = SHELF.shipped()
    columns = st.columns(3, gap="medium")
    with columns[0]:
        lesson.predict_then_reveal(
            "text_temperature",
            f"The prompt is *{PROMPT}*. The temperature goes from 1 down to {TEMPERATURE:g}. What happens to the likeliest next "
            "letter?",
            ["It becomes likelier still", "It becomes less likely", "Its probability stays the same"],
            answer=lambda: write.temperature_answer(shipped, PROMPT, TEMPERATURE),
            explanation=lambda _: write.temperature_explanation(shipped, PROMPT, TEMPERATURE),
        )
    found = lambda: keep.of_all("text used", "shipped", lambda: used(shipped))  # noqa: E731
    with columns[1]:
        lesson.predict_then_reveal(
            "text_learns",
            "Does it go on learning while you use it? It reads a sentence of yours. How many of its weights change?",
            ["All of them, a little", "Some", "None"],
            answer=lambda: weights_answer(found()),
            explanation=lambda _: learning_in_words(found()),
        )
    with columns[2]:
        lesson.predict_then_reveal(
            "text_kept",
            "What is kept of your text?",
            ["The text itself, in the model", "A fixed number of numbers, until the next text", "Nothing, not even for a moment"],
            answer=lambda: 1 if found().weights_changed == 0 and found().states_changed else 0,
            explanation=lambda _: kept_in_words(found()),
        )


def weights_answer(found: Used) -> int:
    """All of them (0), some (1), or none (2)."""
    return 2 if found.weights_changed == 0 else 0 if found.weights_changed == found.weights else 1


def learning_in_words(found: Used) -> str:
    """What changes while it reads, in numbers."""
    if found.weights_changed:
        return f"{found.weights_changed:,} of {found.weights:,} weights change, and {found.states_changed:,} numbers of h and C."
    return (
        f"Of {found.weights:,} weights none, of the {found.states:,} numbers of h and C {found.states_changed:,}. The weights stay, "
        "h and C change: it learns when you press **Train**, and at no other time."
    )


def kept_in_words(found: Used) -> str:
    """What is left of a text, and how long."""
    return (
        f"{found.states:,} numbers, h and C, however long the text is; with the next text they begin at 0 again. The page keeps "
        "what you typed for this visit, so that you find it when you come back to it; nobody else is shown it."
    )
