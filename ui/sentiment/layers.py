"""The table of layers as Keras prints it, and how each of its numbers comes about."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lstm.lessons.cells import BIASES, BLOCKS, CELLS, parameters
from lstm.lessons.reading.sentiment import PRESETS, Sentiment
from ui import lesson
from ui.reading.models import ReadingModel

Row = tuple[str, str, int, str]
PRESET = "The preset IMDB"
SETTINGS = "Your settings"


@st.fragment
def layers(shown: ReadingModel, config: Sentiment | None) -> None:
    """The table of a preset or of the reader's settings; beside it where the numbers come from."""
    whose = st.segmented_control(
        "Network", [PRESET, SETTINGS], default=PRESET, required=True, key="sentiment_layers_of", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    if whose == SETTINGS and config is None:
        st.info("Your settings below describe no network yet.")
        return
    described = PRESETS["IMDB"].config if whose == PRESET or config is None else config
    rows = described.layer_table()
    left, right = st.columns([6, 6], gap="medium")
    with left:
        st.code(as_keras_prints(rows), language=None)
        st.caption(
            f"One batch is {described.batch} samples × {described.length} time steps; the embedding makes {described.embedding} "
            "features of each word. None stands for any number of samples."
        )
    with right:
        st.dataframe({"layer": [row[0] for row in rows], "its numbers": [row[3] for row in rows]}, hide_index=True)
        st.latex(formula(described))
        st.caption(parts(described))
    n, d, cell = described.units, described.embedding, described.cell
    lesson.predict_then_reveal(
        "sentiment_layers",
        f"The {CELLS[cell].__name__} has {n} units. With {2 * n} units, how many parameters would it have?",
        ["as many", "about twice as many", "more than three times as many", "four times as many or more"],
        lambda: _ratio(cell, n, d),
        lambda _: (
            f"{parameters(cell, d, 2 * n):,} instead of {parameters(cell, d, n):,}, "
            f"{parameters(cell, d, 2 * n) / parameters(cell, d, n):.2f} times as many: the units feed back into themselves, so that "
            "part grows with their square; what comes in from the embedding only doubles."
        ),
        about=(cell, n, d),
    )
    with st.expander("The network at the top of the page", icon=":material/table:"):
        st.code(shown.model.table(), language=None)


def as_keras_prints(rows: Sequence[Row]) -> str:
    """Layer, output shape and parameters, and their sum, in columns."""
    table = [("Layer (type)", "Output shape", "Param #"), *((name, out, f"{count:,}") for name, out, count, _ in rows)]
    kind, shape, count = (max(len(row[k]) for row in table) + 1 for k in range(3))  # no wider than a phone has room for
    lines = [f"{name:<{kind}}{out:<{shape}}{number:>{count}}" for name, out, number in table]
    bar = "─" * len(lines[0])
    lines.insert(1, bar)
    return "\n".join([*lines, bar, f"Total params: {sum(row[2] for row in rows):,}"])


_BLOCKS = {"lstm": r"\underbrace{4}_{i,\,f,\,g,\,o} \cdot\, ", "gru": r"\underbrace{3}_{z,\,r,\,g} \cdot\, ", "simple_rnn": ""}


def formula(config: Sentiment) -> str:
    """Why the (first) layer with memory has as many parameters as it has, as LaTeX."""
    n, d = config.units, config.embedding
    both = 2 if config.bidirectional else 1
    ways = r"2 \cdot " if both == 2 else ""
    count = f"{both * parameters(config.cell, d, n):,}".replace(",", "{,}")
    inside = rf"\underbrace{{{d}}}_{{x_t}} + \underbrace{{{n}}}_{{h_{{t-1}}}} + \underbrace{{{BIASES[config.cell]}}}_{{b}}"
    return rf"{ways}{_BLOCKS[config.cell]}{n} \cdot ({inside}) = {count}"


def parts(config: Sentiment) -> str:
    """The same as the three arrays that `get_weights()` gives."""
    n, d, biases = config.units, config.embedding, BIASES[config.cell]
    wide = BLOCKS[config.cell] * n
    rows = "" if biases == 1 else f"{biases} × {wide:,} = "
    return (
        f"As arrays: kernel {d} × {wide:,} = {wide * d:,}; recurrent_kernel {n} × {wide:,} = {wide * n:,}; "
        f"bias {rows}{biases * wide:,}. The number of time steps is nowhere in it: every step uses the same weights."
    )


def _ratio(cell: str, units: int, features: int) -> int:
    ratio = parameters(cell, features, 2 * units) / parameters(cell, features, units)
    return 3 if ratio >= 4 else 2 if ratio > 3 else 1
