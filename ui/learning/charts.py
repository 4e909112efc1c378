"""Charts of learning: the loss over the steps, and as a landscape over one weight or two with the path on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from lstm.lessons.learning.landscape import Landscape
from ui.charts import Figure, layout, named
from ui.theme import COLOURS, Scheme, scheme

HEIGHT = 240
MOST = 300
"""Points of a line, at most."""


def loss_curve(losses: Sequence[float], step: int) -> Figure:
    """The loss before every step up to now, on a logarithmic axis; the step on show is marked."""
    values = np.asarray(losses, dtype=float)
    kept = np.unique(np.linspace(0, len(values) - 1, min(len(values), MOST)).astype(int))
    drawn = [int(k) for k in kept if np.isfinite(values[k]) and values[k] > 0]
    rows = {"step": drawn, "loss": [float(values[k]) for k in drawn]}
    now = (
        {"step": [step], "loss": [float(values[step])]}
        if np.isfinite(values[step]) and values[step] > 0
        else {"step": [], "loss": []}
    )
    return Figure(_loss_curve(scheme()), {"rows": rows, "now": now})


@lru_cache(maxsize=4)
def _loss_curve(theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    x = alt.X("step:Q", title="step", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False))
    y = alt.Y(
        "loss:Q", title="loss (mean square error)", scale=alt.Scale(type="log"), axis=alt.Axis(format="~g", tickCount=5)
    )
    tips = [alt.Tooltip("step:Q"), alt.Tooltip("loss:Q", format=".4g")]
    line = alt.Chart(named("rows")).mark_line(color=palette["train"], strokeWidth=2).encode(x=x, y=y, tooltip=tips)
    dots = (
        alt.Chart(named("now"))
        .mark_point(filled=True, size=90, color=palette["train"], opacity=1)
        .encode(x=x, y=y, tooltip=tips)
    )
    return layout(line + dots, HEIGHT)


def slice_chart(found: Landscape, path: np.ndarray, losses: Sequence[float], name: str) -> Figure:
    """The loss over one weight, as all others stand now, and the steps taken: where the weight was, and the loss there."""
    rows = {"w": found.axes[0].tolist(), "loss": found.loss.tolist()}
    kept = _kept(path)
    taken = {
        "w": path[kept].tolist(),
        "loss": [float(losses[k]) for k in kept],
        "step": kept.tolist(),
        "now": [k == len(path) - 1 for k in kept],
    }
    return Figure(_slice(name, scheme()), {"rows": rows, "path": taken})


@lru_cache(maxsize=64)
def _slice(name: str, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    x = alt.X("w:Q", title=f"value of {name}", scale=alt.Scale(zero=False, nice=False))
    y = alt.Y("loss:Q", title="loss", scale=alt.Scale(zero=True))
    curve = alt.Chart(named("rows")).mark_line(color=palette["muted"], strokeWidth=2).encode(x=x, y=y)
    return layout(curve + _path(x, y, palette), HEIGHT + 40)


def landscape_chart(found: Landscape, first: np.ndarray, second: np.ndarray, names: tuple[str, str]) -> Figure:
    """The loss over two weights in shades, dark is low, and the path of both to where they stand now."""
    a, b = found.axes
    xs, ys = np.meshgrid(a, b)
    half = (a[1] - a[0]) / 2, (b[1] - b[0]) / 2
    rows = {
        "x": (xs - half[0]).ravel().tolist(), "x2": (xs + half[0]).ravel().tolist(),
        "y": (ys - half[1]).ravel().tolist(), "y2": (ys + half[1]).ravel().tolist(), "loss": found.loss.ravel().tolist(),
    }  # fmt: skip
    kept = _kept(first)
    taken = {
        "w": first[kept].tolist(),
        "loss": second[kept].tolist(),
        "step": kept.tolist(),
        "now": [k == len(first) - 1 for k in kept],
    }
    return Figure(_landscape(names, scheme()), {"rows": rows, "path": taken})


@lru_cache(maxsize=64)
def _landscape(names: tuple[str, str], theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    scale = alt.Scale(zero=False, nice=False)
    shade = alt.Color(
        "loss:Q",
        title="loss",
        scale=alt.Scale(type="log", scheme="viridis"),
        legend=alt.Legend(orient="right", format=".2g", tickCount=4),
    )
    field = alt.Chart(named("rows")).mark_rect().encode(
        x=alt.X("x:Q", title=f"value of {names[0]}", scale=scale), x2="x2:Q",
        y=alt.Y("y:Q", title=f"value of {names[1]}", scale=scale), y2="y2:Q", color=shade,
        tooltip=[alt.Tooltip("loss:Q", format=".4g")],
    )  # fmt: skip
    return layout(
        field + _path(alt.X("w:Q", scale=scale), alt.Y("loss:Q", scale=scale), palette, over=True), HEIGHT + 60
    )


def _path(x: alt.X, y: alt.Y, palette: dict[str, str], over: bool = False) -> alt.LayerChart:
    colour = "#FFFFFF" if over else palette["train"]
    base = alt.Chart(named("path")).encode(x=x, y=y, order="step:Q", tooltip=[alt.Tooltip("step:Q")])
    dots = base.mark_point(
        filled=True, color=colour, stroke="#000000" if over else palette["background"], strokeWidth=1, opacity=1
    )
    return base.mark_line(color=colour, strokeWidth=1.5) + dots.encode(
        size=alt.condition("datum.now", alt.value(150), alt.value(25))
    )


def _kept(path: np.ndarray) -> np.ndarray:
    return np.unique(np.linspace(0, len(path) - 1, min(len(path), MOST)).astype(int))
