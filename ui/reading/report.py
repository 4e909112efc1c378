"""How good a reader of texts is: what it takes for what, precision and recall, and the mistakes it was surest of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lstm.lessons.scores import per_class
from ui.confusion import confusion
from ui.lesson import csv_text


@dataclass(frozen=True)
class Mistake:
    """A text that was taken for another class; `sure` is the probability it was given."""

    text: str
    label: int
    guess: int
    sure: float


def confusion_and_report(counts: np.ndarray, names: Sequence[str], key: str, counted: str = "texts") -> None:
    """The confusion matrix, and below it, folded, precision and recall of each class."""
    confusion_matrix(counts, names, key, counted)
    with st.expander("Precision and recall of each class"):
        report(counts, names, key, counted)


def confusion_matrix(counts: np.ndarray, names: Sequence[str], key: str, counted: str = "texts") -> None:
    """What is taken for what."""
    total, right = int(counts.sum()), int(np.trace(counts))
    st.markdown(
        f"**What does it take for what?** {right:,} of {total:,} {counted} of the test part are right "
        f"({right / max(total, 1):.1%}); mistakes are coloured."
    )
    height = 130 + 40 * len(names)
    alt = f"Table: how many test {counted} of each class were taken for which"
    confusion(counts, names, counted, height=height).show(f"{key}_confusion", alt)


def report(counts: np.ndarray, names: Sequence[str], key: str, counted: str = "texts") -> None:
    """Precision, recall and F1 of each class."""
    st.dataframe(report_columns(counts, names, counted), hide_index=True, key=f"{key}_report")
    st.caption(
        "Precision: of all that it took for the class, how much was. Recall: of all that was, how much it found. "
        "F1: their harmonic mean."
    )


def report_columns(counts: np.ndarray, names: Sequence[str], counted: str = "texts") -> dict[str, list[str]]:
    """The classification report as columns of a table."""
    figures = per_class(counts, counted)
    there = [f"{int(count):,}" for count in figures.pop(counted)]
    shares = {name: [f"{value:.1%}" for value in values] for name, values in figures.items()}
    return {"class": list(names), **shares, counted: there}


def confusion_csv(counts: np.ndarray, names: Sequence[str]) -> str:
    """The confusion matrix as a file: a row for each class, a column for each answer."""
    columns = {f"taken for {name}": counts[:, k].tolist() for k, name in enumerate(names)}
    return csv_text({"class": list(names)} | columns)


def how_sure(p: float) -> str:
    """A probability with as many digits as tell it from certainty: 87.3 %, 99.9971 %. Never 100 %."""
    doubt = 1 - p
    if doubt < 1e-7:  # what is computed in 32 bits has no more digits
        return "> 99.99999 %"
    return f"{100 * p:.{max(1, int(np.ceil(-np.log10(doubt))) - 1)}f} %"


def mistakes(
    rows: Sequence[Mistake],
    names: Sequence[str],
    total: int,
    key: str,
    counted: str = "texts",
    most: int = 50,
    wrong: int | None = None,
) -> int | None:
    """The texts it took for something else, the surest mistake first. Returns which one the reader has chosen.

    `wrong` is how many mistakes there are, where `rows` are only the surest of them.
    """
    wrong = len(rows) if wrong is None else wrong
    if not rows:
        st.success(f"None of the {total:,} {counted} of the test part was taken for another class.")
        return None
    shown = rows[:most]
    more = f", of which the surest {len(shown)} stand here" if wrong > len(shown) else ""
    st.markdown(
        f"**The mistakes**: {wrong:,} of {total:,} {counted}{more}. Choose a row to see how it came to that."
    )
    table = {
        "text": [one.text for one in shown],
        "is": [names[one.label] for one in shown],
        "taken for": [names[one.guess] for one in shown],
        "sure": [how_sure(one.sure) for one in shown],
    }
    config = {
        "text": st.column_config.TextColumn(width="large"),
        "sure": st.column_config.TextColumn("how sure"),
    }
    chosen = st.dataframe(
        table, hide_index=True, key=f"{key}_mistakes", column_config=config, on_select="rerun",
        selection_mode="single-row", height=min(38 + 35 * len(shown), 320),
    )  # fmt: skip
    picked = [k for k in chosen.selection.rows if k < len(shown)]
    return picked[0] if picked else None
