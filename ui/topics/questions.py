"""What a reader of Topics predicts before the page shows it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from lstm.lessons.reading.classical import METHODS
from ui import lesson
from ui.plain import plain
from ui.topics.charts import share
from ui.topics.methods import Exam, Panel

EQUAL = "Several, equally often"
_SHORT = (5, 16)  # words of a sentence that is asked about


def questions(methods: Panel, exam: Exam) -> None:
    """A sentence of the test part over which the methods differ, and who is right most often."""
    left, right = st.columns(2, gap="medium")
    with left:
        _which_topic(methods, exam)
    with right:
        _who_wins(methods, exam)


def _which_topic(methods: Panel, exam: Exam) -> None:
    k = split_opinion(exam)
    text, classes = exam.texts[k], exam.classes
    mine = exam.opinions[exam.network][k]

    def explain(right: bool) -> str:
        shares = ", ".join(f"{plain(name)} {share(p)}" for name, p in zip(classes, mine, strict=True) if p >= 0.01)
        others = [int(p[k].argmax()) for name, p in exam.opinions.items() if name != exam.network]
        said = (
            f" {sum(one == mine.argmax() for one in others)} of {len(others)} other methods say the same."
            if others
            else ""
        )
        return f"The {exam.network}: {shares}.{said} The label is {plain(classes[exam.labels[k]])}."

    lesson.predict_then_reveal(
        "topics_which", f"“{plain(text)}”: what does the {exam.network} take it for?", [plain(name) for name in classes],
        int(mine.argmax()), explain, about=(methods.shown.key, k),
    )  # fmt: skip


def split_opinion(exam: Exam) -> int:
    """The short test sentence over which the methods, or the network by itself, are most of two minds."""
    words = np.array([len(text.split()) for text in exam.texts])
    fits = (words >= _SHORT[0]) & (words <= _SHORT[1])
    mean = np.mean(list(exam.opinions.values()), axis=0)
    doubt = -(mean * np.log(mean)).sum(axis=1)
    return int(np.argmax(np.where(fits, doubt, doubt - 100)))


def winner(names: list[str], accuracies: Mapping[str, float]) -> int:
    """The place in `names` of the method that is right most often; behind the last where several share it."""
    best = max(accuracies.values())
    first = [name for name in names if accuracies[name] == best]
    return names.index(first[0]) if len(first) == 1 else len(names)


def _who_wins(methods: Panel, exam: Exam) -> None:
    accuracies = exam.accuracies()
    if not set(METHODS) <= set(accuracies):
        st.caption("Who is right most often? That can be asked once the classical methods are fitted.")
        return
    names = sorted(accuracies, key=lambda name: (name != exam.network, name))

    def explain(right: bool) -> str:
        return (
            ", ".join(f"{name} {value:.1%}" for name, value in accuracies.items())
            + (". One run of each: whether the order holds for other seeds, the comparison below tells.")
        )

    lesson.predict_then_reveal(
        "topics_who",
        f"Who is right most often on the {len(exam.texts):,} test texts?",
        [*names, EQUAL],
        winner(names, accuracies),
        explain,
        about=(methods.shown.key, tuple(names)),
    )
