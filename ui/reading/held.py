"""A text read by the network on show with one of its gates held."""

from __future__ import annotations

from collections.abc import Hashable

from lstm.lessons.reading.reader import Reading, read
from ui import lesson
from ui.plain import plain
from ui.reading.models import ReadingModel
from ui.reading.words import percent, running_chart


def question(shown: ReadingModel, reading: Reading, key: str) -> None:
    """What does it say of the text that was just read, with its forget gate held at 0?"""
    classes = [plain(name) for name in shown.reader.classes]
    own = int(reading.final.argmax())

    def show(other: Reading) -> None:
        running_chart(other, [own], [classes[own]], ["f"], height=200).show(
            f"{key}_line", f"Line: how probable {classes[own]} is after each word, with a gate held"
        )

    about: Hashable = (shown.key, reading.text)
    lesson.hold_a_gate(
        key, f"What does it say of the text above, which it calls {classes[own]}?", classes, shown.model,
        lambda model: read(model, shown.reader, reading.text), lambda other: int(other.final.argmax()),
        lambda other: in_words(classes, reading, other), about, show,
    )  # fmt: skip


def in_words(classes: list[str], own: Reading, other: Reading) -> str:
    """What it says with a gate held, beside what it says without."""
    a, b = int(own.final.argmax()), int(other.final.argmax())
    still = " still" if a == b else ""
    shares = f"{percent(float(other.final[b]))} sure; with its gates as computed it gives this {percent(float(own.final[b]))}"
    return f"it says **{classes[b]}**{still}, {shares}."
