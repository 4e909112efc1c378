"""What a visitor of Text generation predicts before the page shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lstm import Sequential
from lstm.lessons.text.sampling import Writer, generate
from ui import keep, lesson
from ui.text import write
from ui.text.inspect import SAMPLE, readable
from ui.text.models import SHELF, TextModel

PROMPT, TEMPERATURE = "I am th", 0.2
WRITTEN = 200  # characters with a gate held
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
    """Temperature, whether it learns while it is used, what is kept of a text, and what its forget gate is good for."""
    shipped = SHELF.shipped()
    columns = st.columns(2, gap="medium") * 2
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
    with columns[3]:
        own = keep.of_all("text own loss", "shipped", lambda: worked(shipped.model, shipped).loss)
        lesson.hold_a_gate(
            "text_held",
            "What does each character of a page cost it then (−ln of the probability it gave to it, in nats, on average)?",
            ["Less than 1.1 times what it was", "1.1 to 2 times", "More than 2 times"],
            shipped.model,
            lambda model: worked(model, shipped),
            answer=lambda found: held_answer(found.loss, own),
            said=lambda found: held_in_words(found.loss, own),
            about=shipped.key,
            show=_held_text,
        )
    with columns[2]:
        lesson.predict_then_reveal(
            "text_kept",
            "What is kept of your text?",
            ["The text itself, in the model", "A fixed number of numbers, until the next text", "Nothing, not even for a moment"],
            answer=lambda: 1 if found().weights_changed == 0 and found().states_changed else 0,
            explanation=lambda _: kept_in_words(found()),
        )


@dataclass(frozen=True)
class Worked:
    """What a model does with a page and by itself: nats per character of the one, and what it writes."""

    loss: float
    text: str


def worked(model: Sequential, shown: TextModel) -> Worked:
    """Let `model`, with the vocabulary of `shown`, read the lab's page and write a line."""
    ids = shown.vocabulary.encode(readable(SAMPLE, shown))
    p = model.predict(ids[None, :-1])[0]
    loss = float(-np.log(np.maximum(p[np.arange(len(p)), ids[1:]], 1e-30)).mean())
    return Worked(loss, "".join(generate(model, shown.vocabulary, PROMPT, WRITTEN, seed=1)))


def held_answer(loss: float, own: float) -> int:
    """Less than 1.1 times its own loss (0), less than twice (1), or more (2)."""
    return sum(loss / own >= edge for edge in (1.1, 2.0))


def held_in_words(loss: float, own: float) -> str:
    """Its loss with a gate held beside its own, going on from "With its forget gate f at 0 "."""
    return f"a character of the page costs it **{loss:.2f}** nats instead of **{own:.2f}**, {loss / own:.2f} times as much."


def _held_text(found: Worked) -> None:
    st.caption("So it writes now; for longer texts there is *Forget gate* under **More**, at the writing desk.")
    st.code(PROMPT + found.text, language=None, wrap_lines=True)


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
