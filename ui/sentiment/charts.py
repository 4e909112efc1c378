"""Charts of Sentiment: what padding does to a score, and the ROC curve. Each takes arrays and returns a `Figure`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from ui.charts import Figure
from ui.theme import COLOURS, Scheme, scheme

WAYS = {
    "in front, masked": ("train", [1, 0]),
    "behind, masked": ("train", [5, 4]),
    "in front, read": ("validation", [1, 0]),
    "behind, read": ("validation", [5, 4]),
}
"""How padding can stand and be treated: the colour of its line in `ui.theme`, and its dashes."""


def padding(counts: Sequence[int], scores: Mapping[str, Sequence[float]], *, height: int = 310) -> Figure:
    """The score of one review with so much padding, a line for each of `WAYS`."""
    rows = {
        "count": [count for _ in scores for count in counts],
        "score": [float(score) for line in scores.values() for score in line],
        "way": [way for way in scores for _ in counts],
    }
    return Figure(_padding(height, scheme()), {"rows": rows})


@lru_cache(maxsize=4)
def _padding(height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    legend = alt.Legend(title=None, orient="top", columns=2, symbolType="stroke", symbolSize=300)
    names = list(WAYS)
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("count:Q", title="time steps of padding", scale=alt.Scale(nice=False)),
        y=alt.Y("score:Q", title="P(positive)", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        color=alt.Color(
            "way:N", legend=legend, scale=alt.Scale(domain=names, range=[palette[colour] for colour, _ in WAYS.values()])
        ),
        strokeDash=alt.StrokeDash(
            "way:N", legend=legend, scale=alt.Scale(domain=names, range=[dash for _, dash in WAYS.values()])
        ),
        tooltip=[
            alt.Tooltip("way:N", title="padding"),
            alt.Tooltip("count:Q", title="time steps of it"),
            alt.Tooltip("score:Q", format=".2%", title="positive"),
        ],
    )  # fmt: skip
    return _plain(base.mark_line(strokeWidth=2.5, strokeJoin="round"), height)


def roc_curve(false_positive: np.ndarray, true_positive: np.ndarray, *, height: int = 240) -> Figure:
    """Every threshold's share of negatives taken for positive, and of positives found; the dashed line is guessing."""
    rows = {"false": false_positive.tolist(), "true": true_positive.tolist()}
    return Figure(_roc(height, scheme()), {"rows": rows})


@lru_cache(maxsize=4)
def _roc(height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    share = {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%")}
    x = alt.X("false:Q", title="negative reviews taken for positive", **share)
    y = alt.Y("true:Q", title="positive reviews found", **share)
    guess = alt.Chart(alt.Data(values=[{"false": 0, "true": 0}, {"false": 1, "true": 1}]))
    line = guess.mark_line(strokeDash=[5, 4], color=palette["baseline"], strokeWidth=1.5, tooltip=None).encode(x=x, y=y)
    curve = alt.Chart(alt.NamedData(name="rows")).mark_line(
        color=palette["test"], strokeWidth=2.5, interpolate="linear"
    )
    tips = [
        alt.Tooltip("true:Q", format=".1%", title="positives found"),
        alt.Tooltip("false:Q", format=".1%", title="negatives taken for positive"),
    ]
    return _plain(line + curve.encode(x=x, y=y, order="false:Q", tooltip=tips), height)


def _plain(chart: alt.TopLevelMixin, height: int) -> dict[str, Any]:
    layout = chart.properties(height=height).to_dict()
    layout.pop("config", None)
    return layout
