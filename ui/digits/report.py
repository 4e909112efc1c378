"""How good a network is: accuracy after each row, confusions, precision and recall."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lstm.lessons.digits.reader import per_class
from ui.confusion import confusion
from ui.digits import charts
from ui.digits.models import DigitModel
from ui.lesson import csv_text


def how_good(shown: DigitModel, other: DigitModel | None = None) -> None:
    """What the network did with the test digits. `other` is drawn beside it where it can be compared."""
    left, right = st.columns(2, gap="medium")
    with left:
        _accuracy(shown, other)
    with right:
        _confusion(shown)


def _accuracy(shown: DigitModel, other: DigitModel | None) -> None:
    step, report = shown.reader.step_name, shown.report
    if "accuracy" not in report:
        st.info("The file of this network does not say how it did on the test digits.")
        return
    accuracy = report["accuracy"]
    curves = [(shown.label, "test", accuracy)]
    if other is not None and len(other.report.get("accuracy", ())) == len(accuracy) and other.key != shown.key:
        curves.append((other.label, "baseline", other.report["accuracy"]))
    st.markdown(f"**How much of a digit must it see?** Right answers after each {step}, over all test digits.")
    charts.accuracy_after(curves, step).show("digits_after", f"Line: right answers after each {step}")
    enough = int(np.argmax(accuracy >= accuracy[-1] - 0.01)) + 1
    half = int(np.argmax(accuracy >= 0.5)) + 1 if accuracy.max() >= 0.5 else None
    sentence = (
        f"After {enough} of {len(accuracy)} {step}s it is within one percentage point of its final {accuracy[-1]:.2%}."
    )
    if half is not None:
        sentence = f"Half of the digits are right after {half} {step}s. {sentence}"
    st.caption(sentence)


def _confusion(shown: DigitModel) -> None:
    counts = shown.report.get("confusion")
    if counts is None:
        return
    st.markdown(f"**What does it take for what?** {int(counts.sum()):,} test digits; mistakes are coloured.")
    digits = [str(digit) for digit in range(10)]
    confusion(counts, digits, "images").show(
        "digits_confusion", "Table: how many test digits of each kind were taken for which"
    )
    with st.expander("Precision and recall of each digit"):
        st.dataframe(per_class_table(counts), hide_index=True)


def per_class_table(counts: np.ndarray) -> dict[str, list[str]]:
    """Precision, recall and F1 of each digit as columns of a table."""
    columns = per_class(counts)
    images = [f"{int(count):,}" for count in columns.pop("images")]
    shares = {name: [f"{value:.2%}" for value in values] for name, values in columns.items()}
    return {"digit": [str(digit) for digit in range(10)], **shares, "images": images}


def confusion_csv(counts: np.ndarray) -> str:
    """The confusion matrix as a file: a row for each digit, a column for each answer."""
    columns = {"digit": range(10)} | {
        f"taken for {guess}": counts[:, guess].astype(int).tolist() for guess in range(10)
    }
    return csv_text(columns)
