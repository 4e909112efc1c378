"""Charts of a training: how the loss falls, on a linear or a logarithmic axis, with what a guess would cost.

As in `ui/charts.py`, the layout is built once per theme and kept; a redraw sends new rows alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from lstm.lessons.runs import Curve, band
from ui.charts import Figure, columns
from ui.theme import COLOURS, Scheme, scheme

POINTS = 300
"""Most points of a line: more cannot be told apart, and each is sent several times a second."""


@dataclass(frozen=True)
class Line:
    """One curve: its label in the legend, its colour in `ui.theme`, and its points."""

    label: str
    colour: str
    steps: Sequence[float]
    values: Sequence[float]


def loss_curves(
    lines: Sequence[Line],
    rules: Mapping[str, float] | None = None,
    *,
    marks: Mapping[str, float] | None = None,
    log: bool = False,
    y: str = "loss",
    x: str = "step",
    height: int = 250,
) -> Figure:
    """Curves over the steps of a training; hovering gives the exact value of the nearest point.

    Parameters
    ----------
    lines : a curve of one point is drawn as a point
    rules : horizontal lines by name, such as what guessing costs
    marks : vertical lines by name, such as the step whose weights came back
    log : logarithmic axis; values of 0 or less have no place on it and are left out
    y, x : what the axes say
    """
    rules = rules or {}
    rows = [
        (step, value, line.label)
        for line in lines
        for step, value in thinned(line.steps, line.values)
        if not log or value > 0
    ]
    frame = pd.DataFrame(rows, columns=["step", "value", "curve"])
    last = float(frame["step"].max()) if len(frame) else 1.0
    highest = max(rules.values(), default=0.0)
    level = pd.DataFrame(
        [(name, value, last, value == highest) for name, value in rules.items()],
        columns=["rule", "value", "last", "above"],  # the highest is written above its line, the others below
    )
    look = tuple((line.label, line.colour) for line in lines)
    tables = {"rows": frame, **({"rules": level} if rules else {})}
    if marks:
        tables["marks"] = pd.DataFrame(
            [(name, step, step > last / 2) for name, step in marks.items()], columns=["mark", "step", "late"]
        )
    return Figure(_loss_curves(look, bool(marks), bool(rules), log, y, x, height, scheme(), not len(frame)), tables)


@lru_cache(maxsize=64)
def _loss_curves(
    look: tuple[tuple[str, str], ...], marked: bool, ruled: bool, log: bool, y: str, x: str, height: int, theme: Scheme,
    blank: bool = False,
) -> dict[str, Any]:  # fmt: skip
    palette = COLOURS[theme]
    bounds = {"domain": [0.1, 1]} if blank and not ruled else {}  # before the first point Vega knows none
    along = alt.Scale(nice=False, zero=True) if not blank else alt.Scale(nice=False, domain=[0, 1])
    vertical = alt.Scale(type="log", nice=False, padding=8, **bounds) if log else alt.Scale(zero=False, nice=False, padding=8, **bounds)
    colour = alt.Scale(domain=[label for label, _ in look], range=[palette[name] for _, name in look])
    near = alt.selection_point(
        name="near", nearest=True, on="pointerover", clear="pointerout", fields=["step"], empty=False
    )
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("step:Q", title=x, axis=alt.Axis(format=",d", tickMinStep=1), scale=along),
        y=alt.Y("value:Q", title=y, scale=vertical, axis=alt.Axis(format=",~r", tickCount=6)),
        color=alt.Color("curve:N", scale=colour, legend=alt.Legend(title=None, orient="top", labelLimit=0)),
    )
    lines = base.mark_line(strokeWidth=2, strokeJoin="round")
    targets = base.mark_point(filled=True, size=70).encode(
        opacity=alt.condition(near, alt.value(1), alt.value(0)),
        tooltip=[
            alt.Tooltip("curve:N", title="curve"),
            alt.Tooltip("step:Q", title=x, format=","),
            alt.Tooltip("value:Q", title=y, format=".5f"),
        ],
    )
    layers = lines + targets.add_params(near)
    if ruled:  # of a layer without rows Vega says in the console, at every redraw, that its extent is infinite
        layers = _rules(palette, y) + layers
    if marked:
        layers = _marks(palette) + layers
    layout = layers.properties(height=height).to_dict()
    layout.pop("config", None)
    return layout


RUN_COLOURS = ("train", "validation", "test", "o", "c", "h")
"""One run after another has these colours of `ui.theme`; there are no more lines in a chart than that."""
FEW = 12
"""With fewer points than these a curve shows each of them; one of a single point would not be seen otherwise."""


def overlaid(
    groups: Mapping[str, Sequence[Curve]],
    by: Literal["step", "seconds"] = "step",
    *,
    log: bool = False,
    smooth: bool = False,
    y: str = "loss",
    height: int = 260,
) -> Figure:
    """Curves of several runs over each other; hovering gives the exact value of the nearest point.

    Parameters
    ----------
    groups : by the name in the legend, at most `len(RUN_COLOURS)`: the curve of one run is a line; of several runs the mean is
        the line, and the band around it reaches from the lowest of them to the highest, as far as all of them went
    by : what the horizontal axis counts; curves without seconds have no place on an axis of seconds
    smooth : each curve as a running mean over a twentieth of its points, for what jumps from step to step
    y : what the vertical axis says

    Raises
    ------
    ValueError
        If there are more groups than colours.
    """
    if len(groups) > len(RUN_COLOURS):
        raise ValueError(f"groups must be at most {len(RUN_COLOURS)}, got {len(groups)}")
    rows, bands = [], []
    for name, curves in groups.items():
        if smooth:
            curves = [replace(one, values=np.array(running_mean(one.values, len(one.values) // 20))) for one in curves]
        places, low, mean, high = band(curves, by)
        shown = (low > 0) | (not log)
        rows += [(x, value, name) for x, value in zip(places[shown].tolist(), mean[shown].tolist())]
        if len(curves) > 1:
            bands += [
                (x, a, b, name) for x, a, b in zip(places[shown].tolist(), low[shown].tolist(), high[shown].tolist())
            ]
    look = tuple(zip(groups, RUN_COLOURS))
    few = any(len(one.values) < FEW for curves in groups.values() for one in curves)
    tables = {"rows": columns(("step", "value", "curve"), rows)}
    if bands:
        tables["bands"] = columns(("step", "low", "high", "curve"), bands)
    x = "step" if by == "step" else "seconds of training"
    return Figure(_overlaid(look, bool(bands), few, log, y, x, height, scheme()), tables)


@lru_cache(maxsize=64)
def _overlaid(
    look: tuple[tuple[str, str], ...], banded: bool, few: bool, log: bool, y: str, x: str, height: int, theme: Scheme
) -> dict[str, Any]:
    whole = _loss_curves(look, False, False, log, y, x, height, theme)
    if few:
        line, *others = whole["layer"]
        line = {**line, "mark": {**line["mark"], "point": {"filled": True, "size": 45}}}
        whole = {**whole, "layer": [line, *others]}
    if not banded:
        return whole
    vertical, colour = (whole["layer"][0]["encoding"][name] for name in ("y", "color"))
    area = {
        "data": {"name": "bands"}, "mark": {"type": "area", "opacity": 0.22},
        "encoding": {
            "x": whole["layer"][0]["encoding"]["x"], "y": {**vertical, "field": "low"}, "y2": {"field": "high"}, "color": colour,
            "tooltip": [
                {"field": "curve", "type": "nominal", "title": "runs"},
                {"field": "low", "type": "quantitative", "title": "lowest", "format": ".5f"},
                {"field": "high", "type": "quantitative", "title": "highest", "format": ".5f"},
            ],
        },
    }  # fmt: skip
    return {**whole, "layer": [area, *whole["layer"]]}


def _rules(palette: Mapping[str, str], y: str) -> alt.LayerChart:
    """Horizontal lines with their names at the right."""
    level = alt.Chart(alt.NamedData(name="rules"))
    rule = level.mark_rule(strokeDash=[5, 4], color=palette["baseline"], strokeWidth=1.5).encode(
        y="value:Q", tooltip=[alt.Tooltip("rule:N", title="line"), alt.Tooltip("value:Q", title=y, format=".5f")]
    )
    words = {"align": "right", "color": palette["muted"], "fontSize": 12}
    place = {"x": "last:Q", "y": "value:Q", "text": "rule:N"}
    above = level.transform_filter("datum.above").mark_text(baseline="bottom", dy=-3, **words).encode(**place)
    below = level.transform_filter("!datum.above").mark_text(baseline="top", dy=4, **words).encode(**place)
    return rule + above + below


def _marks(palette: Mapping[str, str]) -> alt.LayerChart:
    """Vertical lines with their names at the top, on the side that has room."""
    mark = alt.Chart(alt.NamedData(name="marks"))
    line = mark.mark_rule(strokeDash=[3, 3], color=palette["text"], strokeWidth=1.5).encode(
        x="step:Q", tooltip=[alt.Tooltip("mark:N", title="line"), alt.Tooltip("step:Q", format=",")]
    )
    words = {"baseline": "top", "color": palette["text"], "fontSize": 12}
    place = {"x": "step:Q", "y": alt.value(2), "text": "mark:N"}
    left = mark.transform_filter("datum.late").mark_text(align="right", dx=-5, **words).encode(**place)
    right = mark.transform_filter("!datum.late").mark_text(align="left", dx=5, **words).encode(**place)
    return line + left + right


def thinned(steps: Sequence[float], values: Sequence[float], most: int = POINTS) -> list[tuple[float, float]]:
    """At most `most` of the points, evenly spread, both ends among them."""
    points = list(zip(steps, values, strict=True))
    if len(points) <= most:
        return points
    last = len(points) - 1
    return [points[round(k * last / (most - 1))] for k in range(most)]


def running_mean(values: Sequence[float], window: int) -> list[float]:
    """The mean of each value and the `window` − 1 before it, or as many as there are."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    last = np.arange(1, len(sums))
    first = np.maximum(last - max(window, 1), 0)
    return ((sums[last] - sums[first]) / (last - first)).tolist()
