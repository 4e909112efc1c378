"""Charts of Digits: how much of a digit must be read, what units and gates do, where two readings part.

As in `ui/charts.py` the layout of each is built once per theme, and a redraw sends new rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from ui.charts import LABELS, Figure
from ui.theme import COLOURS, Scheme, scheme


def accuracy_after(curves: Sequence[tuple[str, str, np.ndarray]], step: str, *, height: int = 300) -> Figure:
    """The share of right answers after each step; `curves` are (label, colour in `ui.theme`, accuracies)."""
    rows = pd.DataFrame(
        [(k, float(value), label) for label, _, values in curves for k, value in enumerate(values, 1)],
        columns=["step", "accuracy", "curve"],
    )
    look = tuple((label, colour) for label, colour, _ in curves)
    return Figure(_accuracy_after(look, step, height, scheme()), {"rows": rows})


@lru_cache(maxsize=16)
def _accuracy_after(look: tuple[tuple[str, str], ...], step: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    colour = alt.Scale(domain=[label for label, _ in look], range=[palette[name] for _, name in look])
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=28)).encode(
        x=alt.X("step:Q", title=f"{step}s read", axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(zero=False, nice=False)),
        y=alt.Y("accuracy:Q", title="right answers", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        color=alt.Color("curve:N", scale=colour, legend=alt.Legend(title=None, orient="top") if len(look) > 1 else None),
        tooltip=[
            alt.Tooltip("step:Q", title=f"{step}s read"),
            alt.Tooltip("accuracy:Q", format=".2%"),
            alt.Tooltip("curve:N"),
        ],
    )  # fmt: skip
    guess = alt.Chart(alt.InlineData(values=[{"level": 0.1, "label": "guessing"}]))
    rule = guess.mark_rule(strokeDash=[5, 4], color=palette["baseline"], strokeWidth=1.5).encode(y="level:Q")
    text = guess.mark_text(align="right", dy=-6, color=palette["muted"], fontSize=12).encode(
        x=alt.value("width"), y="level:Q", text="label:N"
    )
    return _layout(rule + text + lines, height)


def units_over_steps(values: np.ndarray, order: np.ndarray, step: str, signed: bool, *, height: int = 340) -> Figure:
    """What every unit holds after every step: `values` (steps, units) as colours, the units from left to right in `order`."""
    steps, units = values.shape
    rows = pd.DataFrame(
        {
            "step": np.repeat(np.arange(1, steps + 1), units),
            "place": np.tile(np.arange(units), steps),
            "unit": np.tile(order, steps),
            "value": np.round(values[:, order].ravel().astype(float), 3),
        }
    )
    return Figure(_units_over_steps(steps, units, step, signed, height, scheme()), {"rows": rows})


@lru_cache(maxsize=16)
def _units_over_steps(steps: int, units: int, step: str, signed: bool, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    scale = (
        alt.Scale(domain=[-1, 0, 1], range=[palette["i"], palette["surface"], palette["f"]], interpolate="rgb")
        if signed
        else alt.Scale(domain=[0, 1], range=[palette["surface"], palette["f"]])
    )
    cells = alt.Chart(alt.NamedData(name="rows")).mark_rect().encode(
        x=alt.X("place:O", title=f"{units} units", axis=alt.Axis(labels=False, ticks=False)),
        y=alt.Y("step:O", title=f"{step}s read", axis=alt.Axis(values=[1, *range(4, steps + 1, 4)])),
        color=alt.Color("value:Q", scale=scale, legend=alt.Legend(title=None, gradientLength=120, orient="right")),
        tooltip=[alt.Tooltip("unit:O"), alt.Tooltip("step:O", title=step), alt.Tooltip("value:Q", format="+.3f")],
    )  # fmt: skip
    return _layout(cells, height)


def gates_of_class(layer: dict[str, np.ndarray], digit: int, step: str, *, height: int = 300) -> Figure:
    """How open the gates are after each step: the mean over all units and over all images of `digit`, beside all digits."""
    names = [name for name in "fio" if name in layer] or [name for name in "h" if name in layer]
    rows = pd.DataFrame(
        [
            (k, float(value), LABELS[name], shown)
            for name in names
            for shown, values in ((f"digit {digit}", layer[name][digit]), ("all digits", layer[name].mean(axis=0)))
            for k, value in enumerate(values, 1)
        ],
        columns=["step", "value", "gate", "of"],
    )
    return Figure(_gates_of_class(tuple(names), digit, step, height, scheme()), {"rows": rows})


@lru_cache(maxsize=64)
def _gates_of_class(names: tuple[str, ...], digit: int, step: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    colour = alt.Scale(domain=[LABELS[name] for name in names], range=[palette[name] for name in names])
    dash = alt.Scale(domain=[f"digit {digit}", "all digits"], range=[[1, 0], [4, 4]])
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2.5).encode(
        x=alt.X("step:Q", title=f"{step}s read", axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(zero=False, nice=False)),
        y=alt.Y("value:Q", title="mean over all units", scale=alt.Scale(zero=False)),
        color=alt.Color("gate:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
        strokeDash=alt.StrokeDash("of:N", scale=dash, legend=alt.Legend(title=None, orient="top")),
        tooltip=[
            alt.Tooltip("gate:N"), alt.Tooltip("of:N"), alt.Tooltip("step:Q", title=step),
            alt.Tooltip("value:Q", format=".3f"),
        ],
    )  # fmt: skip
    return _layout(lines, height)


def parting(distance: np.ndarray, pixels: np.ndarray, step: str, *, height: int = 240) -> Figure:
    """How far apart two readings are after each step: in the state h, and in what was just read."""
    rows = pd.DataFrame(
        [
            (k, float(value), name)
            for name, values in (("states h", distance), ("what was read", pixels))
            for k, value in enumerate(values, 1)
        ],
        columns=["step", "distance", "of"],
    )
    return Figure(_parting(step, height, scheme()), {"rows": rows})


@lru_cache(maxsize=8)
def _parting(step: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    colour = alt.Scale(domain=["states h", "what was read"], range=[palette["h"], palette["baseline"]])
    dash = alt.Scale(domain=["states h", "what was read"], range=[[1, 0], [4, 4]])
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2.5).encode(
        x=alt.X("step:Q", title=f"{step}s read", axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(zero=False, nice=False)),
        y=alt.Y("distance:Q", title="distance (most = 1)", scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("of:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
        strokeDash=alt.StrokeDash("of:N", scale=dash, legend=None),
        tooltip=[alt.Tooltip("of:N"), alt.Tooltip("step:Q", title=step), alt.Tooltip("distance:Q", format=".3f")],
    )  # fmt: skip
    return _layout(lines, height)


def _layout(chart: alt.TopLevelMixin, height: int) -> dict[str, Any]:
    layout = chart.properties(height=height).to_dict()
    layout.pop("config", None)
    return layout
