"""Samples, time steps, features: the reader's own small table, cut into windows as a network gets them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from lstm.preprocessing.windows import Windows, cut_windows
from ui.controls import Controls
from ui.lesson import predict_then_reveal
from ui.plain import sentence

MAX_ROWS, MAX_LETTERS = 30, 20
COLUMNS = ("temperature", "rain", "wind")
START = {
    "temperature": ["14.2", "15.1", "13.8", "12.9", "16.4", "17.0", "16.1", "15.5"],
    "rain": ["0", "0", "4.5", "2.1", "0", "0", "0.3", "7.2"],
    "wind": ["11", "9", "20", "18", "8", "7", "12", "25"],
}
_SAY = {"none": "not at all", "front": "in front, with zeros", "behind": "behind, with zeros"}

shape_controls = Controls(
    "shape", {"features": 2, "look_back": 3, "stride": 1, "padding": "none", "window": 1}, {"padding": _SAY}
)


def section() -> None:
    """The table on the left, the array it becomes on the right."""
    left, right = st.columns([5, 8], gap="medium")
    with left:
        features = int(
            shape_controls.slider(
                "features", "Features", 1, len(COLUMNS), 1, help="How many columns of the table count."
            )
        )
        columns = {name: START[name] for name in COLUMNS[:features]}
        st.markdown("**A table: one row a day.** Change any number; add or delete rows.")
        edited = st.data_editor(
            columns, num_rows="dynamic", key=f"shape_table_{features}", height=355,
            column_config={name: st.column_config.TextColumn(max_chars=MAX_LETTERS) for name in columns},
        )  # fmt: skip
    with right:
        look_back = int(
            shape_controls.slider(
                "look_back", "Look-back (time steps)", 1, 10, 1, help="How many rows one sample holds."
            )
        )
        stride = int(
            shape_controls.slider("stride", "Stride", 1, 5, 1, help="How many rows further the next sample begins.")
        )
        padding = shape_controls.choice(
            "padding", "Fill up windows that are not whole", help="The mask marks what was filled up."
        )
        try:
            table = numbers(edited)
            found = cut_windows(table, look_back, stride, padding)
        except ValueError as problem:
            st.error(sentence(problem))
            return
        samples, steps, width = found.x.shape
        st.latex(
            rf"\underbrace{{({len(table)}, {width})}}_{{\text{{rows, features}}}} \;\rightarrow\; "
            rf"\underbrace{{({samples}, {steps}, {width})}}_{{\text{{samples, time steps, features}}}}"
        )
        _window(found, list(columns))
    _question(table, look_back, stride)


def _window(found: Windows, names: list[str]) -> None:
    """One sample at a time, as the network gets it."""
    samples = len(found.x)
    key = shape_controls.key("window")
    if st.session_state.get(key, 1) > samples:
        shape_controls.put("window", samples)
    if samples > 1:
        shown = int(shape_controls.slider("window", "Sample", 1, samples, 1, help="Slide through the samples.")) - 1
    else:
        st.markdown("Sample 1, the only one")
        shown = 0
    rows = found.rows[shown]
    st.dataframe(
        {
            "time step": [str(k) for k in range(1, len(rows) + 1)],
            "row": [str(row + 1) if row >= 0 else "padding" for row in rows],
            **{name: [f"{value:g}" for value in found.x[shown, :, k]] for k, name in enumerate(names)},
            "mask": ["True" if real else "False" for real in found.mask[shown]],
        },
        hide_index=True,
    )
    hidden = int((~found.mask).sum())
    st.caption(
        f"x[{shown}] of {samples}. "
        + (
            f"{hidden} of {found.mask.size} steps are padding: a layer that is given the mask skips them and keeps its state."
            if hidden
            else "Every step is real: the mask is True throughout, and no layer needs it."
        )
    )
    with st.expander("All samples as NumPy prints them", icon=":material/data_array:"):
        st.code(
            f"x.shape = {found.x.shape}\n{np.array2string(found.x, precision=3, suppress_small=True)}", language=None
        )


def numbers(columns: Any) -> np.ndarray:
    """The table as numbers (rows, features).

    Parameters
    ----------
    columns : what `st.data_editor` gives for a dict: the columns by name; cells are text, or None where nothing was typed

    Raises
    ------
    ValueError
        In a sentence about the first cell that is no number, or about a table without rows or with too many.
    """
    table: Mapping[str, Sequence[Any]] = {str(name): list(columns[name]) for name in columns}
    names = [name for name in table if name in COLUMNS]
    rows = max((len(table[name]) for name in names), default=0)
    if rows == 0:
        raise ValueError("the table has no rows: add one with the + below it")
    if rows > MAX_ROWS:
        raise ValueError(f"the table may have at most {MAX_ROWS} rows here, got {rows}")
    found = np.zeros((rows, len(names)))
    for k, name in enumerate(names):
        for row in range(rows):
            found[row, k] = _number(table[name][row], f"row {row + 1}, {name}")
    return found


def _number(cell: Any, where: str) -> float:
    text = "" if cell is None else str(cell).strip()
    if not text or text == "nan":
        raise ValueError(f"{where}: the cell is empty, and a network needs a number in every cell")
    try:
        value = float(text.replace(",", ".")) if text.count(",") == 1 and "." not in text else float(text)
    except ValueError:
        raise ValueError(f"{where}: a number is expected, got {text[:MAX_LETTERS]!r}") from None
    if not math.isfinite(value) or abs(value) > 1e9:
        raise ValueError(f"{where}: a number between minus and plus a billion is expected, got {text[:MAX_LETTERS]!r}")
    return value


def _question(table: np.ndarray, look_back: int, stride: int) -> None:
    st.header("Predict, then reveal", anchor=False)
    rows = len(table)
    right = max((rows - look_back) // stride + 1, 0)
    options = sorted({right, max(rows // look_back, 0), rows, right + 1} - {right} | {right})
    predict_then_reveal(
        "memory_samples",
        f"{rows} rows, look-back {look_back}, stride {stride}, no padding: how many samples?",
        [str(option) for option in options],
        options.index(right),
        (
            f"The last whole window begins at row {rows - look_back + 1}. Counting from row 1 in strides of {stride}: "
            f"({rows} − {look_back}) // {stride} + 1 = {right}."
            if right
            else f"None: {look_back} rows do not fit into {rows}."
        ),
        about=(rows, look_back, stride),
    )
