"""The picture of a confusion matrix, whatever its classes are called."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from ui.charts import Figure, room
from ui.theme import COLOURS, Scheme, scheme

MOST_LEVEL = 60
"""Letters that all names together may have to be written level above their columns, where these are wide enough."""


def confusion(counts: np.ndarray, names: Sequence[str], counted: str = "texts", *, height: int = 340) -> Figure:
    """How many of each class (rows) were taken for which (columns); mistakes are coloured, right answers grey.

    Parameters
    ----------
    counts : (classes, classes)
    names : of the classes
    counted : what was counted: "texts", "images"
    """
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = pd.DataFrame(
        [
            (is_a, taken, int(counts[d, g]), float(share[d, g]), 0.0 if d == g else float(counts[d, g]))
            for d, is_a in enumerate(names)
            for g, taken in enumerate(names)
        ],
        columns=["is", "taken", "count", "share", "wrong"],
    )
    return Figure(_confusion(tuple(names), counted, height, scheme()), {"rows": rows})


@lru_cache(maxsize=16)
def _confusion(names: tuple[str, ...], counted: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    order = list(names)
    letters = sum(map(len, names))
    narrow = f"{room(8 * max(map(len, names)))} < {8 * letters}"
    across = alt.Axis(
        orient="top", labelLimit=110, labelOverlap=False, labelFlush=False,
        labelAngle=-40 if letters > MOST_LEVEL else alt.ExprRef(f"{narrow} ? -40 : 0"),
        labelAlign="left" if letters > MOST_LEVEL else alt.ExprRef(f"{narrow} ? 'left' : 'center'"),
    )  # fmt: skip
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("taken:N", sort=order, title="taken for", axis=across),
        y=alt.Y("is:N", sort=order, title="is", axis=alt.Axis(labelLimit=110, labelOverlap=False, labelFlush=False)),
        tooltip=[
            alt.Tooltip("is:N"),
            alt.Tooltip("taken:N", title="taken for"),
            alt.Tooltip("count:Q", format=",", title=counted),
            alt.Tooltip("share:Q", format=".2%", title="of this class"),
        ],
    )  # fmt: skip
    ground = base.mark_rect(color=palette["surface"])
    wrong = base.transform_filter("datum.wrong > 0").mark_rect().encode(
        color=alt.value(palette["validation"]),
        opacity=alt.Opacity("wrong:Q", scale=alt.Scale(type="sqrt", domainMin=0, range=[0, 0.85]), legend=None),
    )
    text = base.mark_text(fontSize=12).encode(
        text=alt.condition("datum.count > 0", alt.Text("count:Q", format=","), alt.value("")),
        color=alt.value(palette["text"]),
    )
    layout = (ground + wrong + text).properties(height=height).to_dict()
    layout.pop("config", None)
    return layout
