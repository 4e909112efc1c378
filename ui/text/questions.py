"""What a visitor of Text generation predicts before the page shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lstm import Sequential
from lstm.lessons.held import with_gate_held
from lstm.lessons.text.sampling import Writer
from ui import keep, lesson
from ui.text import write
from ui.text.inspect import SAMPLE
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
    losses = lambda: keep.of_all("text held", "shipped", lambda: losses_held(shipped))  # noqa: E731
    with columns[3]:
        lesson.predict_then_reveal(
            "text_held",
            "Its forget gate is held at every step. When does it predict a page worse?",
            ["Held at 0: it forgets everything", "Held at 1: it forgets nothing", "Hardly in either case"],
            answer=lambda: held_answer(losses()),
            explanation=lambda _: held_in_words(losses()),
        )
    with columns[2]:
        lesson.predict_then_reveal(
            "text_kept",
            "What is kept of your text?",
            ["The text itself, in the model", "A fixed number of numbers, until the next text", "Nothing, not even for a moment"],
            answer=lambda: 1 if found().weights_changed == 0 and found().states_changed else 0,
            explanation=lambda _: kept_in_words(found()),
        )


def losses_held(shown: TextModel) -> dict[str, float]:
    """Nats per character on the lab's page: with the forget gate computed, held at 0, held at 1."""
    ids = shown.vocabulary.encode("".join(c for c in SAMPLE if c in shown.vocabulary.tokens))

    def loss(model: Sequential) -> float:
        p = model.predict(ids[None, :-1])[0]
        return float(-np.log(np.maximum(p[np.arange(len(p)), ids[1:]], 1e-30)).mean())

    return {"computed": loss(shown.model)} | {f"held at {v}": loss(with_gate_held(shown.model, "f", v)) for v in (0, 1)}


def held_answer(losses: dict[str, float]) -> int:
    """What costs most: held at 0 (0), held at 1 (1), or neither costs as much as half a nat (2)."""
    shut, open_ = (losses[f"held at {v}"] - losses["computed"] for v in (0, 1))
    return 2 if max(shut, open_) < 0.5 else int(open_ > shut)


def held_in_words(losses: dict[str, float]) -> str:
    """The three losses, and what they say of the gate."""
    said = ", ".join(f"{name} **{loss:.2f}**" for name, loss in losses.items())
    why = (
        "With f at 0 nothing is left of what it read but the newest step's own trace.",
        "With f at 1 nothing ever goes, and C fills up until it says nothing.",
        "It hardly needs this gate here.",
    )[held_answer(losses)]
    return f"Nats per character on a page: forget gate {said}. {why} Hold it yourself: **More**, at the writing desk."


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
