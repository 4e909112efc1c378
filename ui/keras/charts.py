"""Charts of Keras against scratch: two losses that lie on each other, how far apart the two are, who is faster, weights.

As in `ui/charts.py` the layout of each is built once per theme, and a redraw sends new rows alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lstm.cell import GATES
from ui.charts import Figure, columns, in_order, named, placed
from ui.theme import COLOURS, Scheme, scheme
from ui.training_charts import thinned

LAB, KERAS = "the lab", "Keras"
TABLES = {LAB: "lab", KERAS: "keras"}
"""Each side's losses are a table of their own, for a layer without rows is left out."""
_SIDES = {LAB: "train", KERAS: "validation"}
GAPS = {
    "output_gap": ("outputs", "test"),
    "gradient_gap": ("gradients", "validation"),
    "weight_gap": ("weights", "train"),
    "loss_gap": ("loss", "baseline"),
}
"""For each measured difference its label in the legend, and its colour in `ui.theme`."""
UNIT = float(np.finfo(np.float32).eps)
"""Every difference is drawn in units of this, float32's resolution, so that float64 can be seen to be finer."""
FLOOR = {"float32": 1e-2, "float64": 1e-11}
"""Where a difference of exactly 0 is drawn, in these units."""
SHOWN = 32
"""Most rows and units of a matrix that are drawn: more cannot be told apart."""
_DECADES = [10.0**k for k in range(-14, 12)]
Series = tuple[Sequence[float], Sequence[float]]


def losses(curves: Mapping[str, Series], y: str, *, height: int = 250) -> Figure:
    """Both losses over each other: the lab's a broad band, Keras's a thin line on it."""
    rows = {
        TABLES[side]: columns(
            ("step", "loss", "side"), [(step, loss, side) for step, loss in thinned(*curves.get(side, ((), ()))) if np.isfinite(loss)]
        )
        for side in (LAB, KERAS)
    }
    return Figure(_losses(y, height, scheme()), rows)


@lru_cache(maxsize=16)
def _losses(y: str, height: int, theme: Scheme) -> dict[str, Any]:
    def side(name: str) -> alt.Chart:
        return alt.Chart(named(TABLES[name])).encode(
            x=_steps(), y=alt.Y("loss:Q", title=y, scale=alt.Scale(zero=False, nice=False, padding=8)),
            color=_sides(theme),
            tooltip=[alt.Tooltip("side:N"), alt.Tooltip("step:Q"), alt.Tooltip("loss:Q", format=".9f")],
        )  # fmt: skip

    lab = side(LAB).mark_line(strokeWidth=9, opacity=0.45, strokeCap="round")
    keras = side(KERAS).mark_line(strokeWidth=2)
    points = [side(name).mark_point(size=60, opacity=0) for name in (LAB, KERAS)]  # something for the pointer to find
    return _layout(alt.layer(lab, keras, *points), height)


def gaps(
    now: Mapping[str, Series], dtype: str, before: Mapping[str, Series] | None = None, dtype_before: str = "", *,
    height: int = 210,
) -> Figure:  # fmt: skip
    """The largest differences after each step in units of float32's resolution; an earlier run's are dashed.

    Parameters
    ----------
    now, before : steps and values for each name in `GAPS`
    dtype, dtype_before : what each was computed in
    """
    runs = [("this run", dtype, now)] + ([("the run before", dtype_before, before)] if before else [])
    rows = [
        (step, max(value / UNIT, FLOOR[kind]), GAPS[name][0], f"{run}, {kind}", value, "equal" if value == 0 else "")
        for run, kind, series in runs
        for name in GAPS
        for step, value in thinned(*series[name])
        if np.isfinite(value)
    ]
    frame = pd.DataFrame(rows, columns=["step", "gap", "of", "run", "value", "equal"])
    levels = [("float32's resolution", 1.0)]
    if "float64" in (dtype, dtype_before):
        levels.append(("float64's resolution", float(np.finfo(np.float64).eps) / UNIT))
    level = pd.DataFrame(levels, columns=["label", "level"])
    order = tuple(f"{run}, {kind}" for run, kind, _ in runs)
    return Figure(_gaps(order, height, scheme()), {"rows": frame, "levels": level})


@lru_cache(maxsize=16)
def _gaps(runs: tuple[str, ...], height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    looks = GAPS.values()
    colour = alt.Scale(domain=[label for label, _ in looks], range=[palette[name] for _, name in looks])
    y = alt.Y(
        "gap:Q", title="difference, in ε", scale=alt.Scale(type="log", nice=False, padding=8),
        axis=alt.Axis(format=".0e", values=_DECADES, labelOverlap="greedy"),
    )  # fmt: skip
    dashes = alt.Scale(domain=list(runs), range=[[1, 0], [2, 4]][: len(runs)])
    legend = alt.Legend(title=None, orient="top", columns=4, labelLimit=200)
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=16)).encode(
        x=_steps(), y=y, color=alt.Color("of:N", scale=colour, legend=legend),
        strokeDash=alt.StrokeDash("run:N", scale=dashes, legend=legend if len(runs) > 1 else None),
        tooltip=[
            alt.Tooltip("of:N", title="difference of"), alt.Tooltip("step:Q"), alt.Tooltip("value:Q", format=".3g"),
            alt.Tooltip("gap:Q", format=".3g", title="in float32's ε"), alt.Tooltip("equal:N", title=" "),
            alt.Tooltip("run:N"),
        ],
    )  # fmt: skip
    level = alt.Chart(alt.NamedData(name="levels"))
    rule = level.mark_rule(strokeDash=[5, 4], color=palette["baseline"], strokeWidth=1.5).encode(y="level:Q")
    words = level.mark_text(align="right", baseline="bottom", dy=-3, color=palette["muted"], fontSize=12).encode(
        x=alt.value("width"), y="level:Q", text="label:N"
    )
    return _layout(rule + words + lines, height)


def step_bars(
    ms: float, keras_ms: float, blocks: Sequence[float], keras_blocks: Sequence[float], *, height: int = 180
) -> Figure:
    """A bar for each side: the median time of a training step, with the quickest and slowest block as a line."""
    sides = ((LAB, ms, blocks), (KERAS, keras_ms, keras_blocks))
    rows = pd.DataFrame(
        [
            (placed(place, f"{side}: {one:.2f} ms"), side, one, min(timed), max(timed))
            for place, (side, one, timed) in enumerate(sides)
        ],
        columns=["place", "side", "ms", "low", "high"],
    )
    return Figure(_step_bars(height, scheme()), {"rows": rows})


@lru_cache(maxsize=8)
def _step_bars(height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        y=alt.Y("place:O", title=None, **in_order(labelLimit=200, labelFontSize=13)),
        tooltip=[alt.Tooltip("side:N"), *(alt.Tooltip(f"{one}:Q", format=".3f") for one in ("ms", "low", "high"))],
    )
    x = alt.X("ms:Q", title="milliseconds a step, once compiled", scale=alt.Scale(zero=True))
    bars = base.mark_bar(cornerRadius=2).encode(x=x, color=_sides(theme, legend=False))
    range_ = base.mark_rule(color=palette["text"], strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    return _layout(bars + range_, height)


def whole_time(
    first: float, ms: float, compile_ms: float, keras_ms: float, break_even: int | None, *, height: int = 250
) -> Figure:
    """Seconds for a training of n steps on each side, compiling included; both axes logarithmic."""
    end = max(1_000, 4 * (break_even or 0))
    counts = np.unique(np.round(np.geomspace(1, end, 60)).astype(int))
    once = max(first - ms, 0.0)
    rows = pd.DataFrame(
        {
            "steps": np.tile(counts, 2),
            "seconds": np.concatenate([(once + ms * counts) / 1e3, (compile_ms + keras_ms * counts) / 1e3]),
            "side": [LAB] * len(counts) + [KERAS] * len(counts),
        }
    )
    marks = [] if break_even is None else [(break_even, f"from {break_even:,} steps on compiling pays")]
    mark = pd.DataFrame(marks, columns=["steps", "label"]).astype({"steps": float, "label": str})
    return Figure(_whole_time(height, scheme()), {"rows": rows, "marks": mark})


@lru_cache(maxsize=8)
def _whole_time(height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    log = alt.Scale(type="log", nice=False, padding=6)
    axis = alt.Axis(format=",~r", values=[*_DECADES], labelOverlap="greedy")
    x = alt.X("steps:Q", title="training steps", scale=log, axis=axis)
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2.5).encode(
        x=x, y=alt.Y("seconds:Q", title="seconds in all", scale=log, axis=axis), color=_sides(theme),
        tooltip=[alt.Tooltip("side:N"), alt.Tooltip("steps:Q", format=","), alt.Tooltip("seconds:Q", format=".3f")],
    )  # fmt: skip
    mark = alt.Chart(alt.NamedData(name="marks")).encode(x="steps:Q")
    rule = mark.mark_rule(strokeDash=[3, 3], color=palette["text"], strokeWidth=1.5)
    words = mark.mark_text(align="right", baseline="top", dx=-6, color=palette["text"], fontSize=12).encode(
        y=alt.value(4), text="label:N"
    )
    return _layout(lines + rule + words, height)


def growth(rows: Sequence[Mapping[str, Any]], vary: str, *, height: int = 250) -> Figure:
    """A step's time on both sides at each size measured so far; both axes logarithmic."""
    names = {"ms": LAB, "keras_ms": KERAS}
    frame = pd.DataFrame(
        [(row["size"], row[name], side) for row in rows for name, side in names.items()], columns=["size", "ms", "side"]
    )
    return Figure(_growth(vary, tuple(row["size"] for row in rows), height, scheme()), {"rows": frame})


@lru_cache(maxsize=32)
def _growth(vary: str, sizes: tuple[int, ...], height: int, theme: Scheme) -> dict[str, Any]:
    log = alt.Scale(type="log", nice=False, padding=12)
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=60)).encode(
        x=alt.X("size:Q", title=vary, scale=log, axis=alt.Axis(values=list(sizes), format=",d", grid=False)),
        y=alt.Y("ms:Q", title="milliseconds a step", scale=log, axis=alt.Axis(format=",~r", tickCount=5)),
        color=_sides(theme),
        tooltip=[alt.Tooltip("side:N"), alt.Tooltip("size:Q", title=vary), alt.Tooltip("ms:Q", format=".3f")],
    )  # fmt: skip
    return _layout(lines, height)


def matrix(
    weights: np.ndarray, rows_are: str, gates: bool, *, reach: float | None = None, height: int | None = None
) -> Figure:
    """A matrix of weights as colours, blue below and orange above 0; with `gates` its columns stand gate by gate.

    Parameters
    ----------
    weights : (rows, columns), the columns in Keras's order i, f, c (here g), o if `gates`
    rows_are : what a row belongs to
    reach : the value of the strongest colour, by default the largest there is
    """
    parts = np.split(weights, 4, axis=1) if gates else [weights]
    shown = [part[:SHOWN, : SHOWN if gates else 4 * SHOWN] for part in parts]
    rows, columns = shown[0].shape
    gap = max(1.0, columns * 0.06)
    names = GATES if gates else ("",)
    unit, row, size = np.tile(np.arange(columns), rows), np.repeat(np.arange(rows), columns), rows * columns
    x = np.concatenate([unit + k * (columns + gap) for k in range(len(names))])
    table = {
        "x": x,
        "row": np.tile(row, len(names)),
        "unit": np.tile(unit, len(names)),
        "value": np.round(np.concatenate([part.ravel() for part in shown]).astype(float), 4),
        "gate": [name for name in names for _ in range(size)],
        "x2": x + 1,
        "row2": np.tile(row + 1, len(names)),
    }
    reach = reach or float(np.abs(weights).max()) or 1.0
    palette = COLOURS[scheme()]
    heads = {
        "x": [k * (columns + gap) + columns / 2 for k in range(len(names))],
        "label": [_NAMES[name] for name in names],
        "colour": [palette.get(name, palette["text"]) for name in names],
    }
    height = height or int(min(max(rows * 6, 40), 190)) + (62 if gates else 44)
    layout = _matrix(rows_are, rows, len(names) * (columns + gap) - gap, reach, gates, height, scheme())
    return Figure(layout, {"rows": table, "heads": heads})


_NAMES = {"i": "i, input", "f": "f, forget", "g": "c̃ (g), candidate", "o": "o, output", "": ""}


@lru_cache(maxsize=64)
def _matrix(
    rows_are: str, rows: int, width: float, reach: float, gates: bool, height: int, theme: Scheme
) -> dict[str, Any]:
    palette = COLOURS[theme]
    colours = alt.Scale(
        domain=[-reach, 0, reach], range=[palette["i"], palette["surface"], palette["f"]], clamp=True, interpolate="rgb"
    )
    x = alt.X("x:Q", title="unit" if gates else "column", axis=alt.Axis(labels=False, ticks=False, grid=False, domain=False),
              scale=alt.Scale(domain=[0, width], nice=False))  # fmt: skip
    y = alt.Y("row:Q", title=rows_are, axis=alt.Axis(labels=False, ticks=False, grid=False, domain=False),
              scale=alt.Scale(domain=[rows, 0], nice=False))  # fmt: skip
    seen = [alt.Tooltip("row:Q", title=rows_are), alt.Tooltip("unit:Q", title="unit" if gates else "column")]
    cells = alt.Chart(alt.NamedData(name="rows")).mark_rect().encode(
        x=x, x2="x2:Q", y=y, y2="row2:Q",
        color=alt.Color("value:Q", scale=colours, legend=None),
        tooltip=[*([alt.Tooltip("gate:N")] if gates else []), *seen, alt.Tooltip("value:Q", format="+.4f")],
    )  # fmt: skip
    layers = cells
    if gates:
        heads = alt.Chart(alt.NamedData(name="heads")).mark_text(baseline="bottom", fontSize=12, dy=-4)
        words = heads.encode(x="x:Q", y=alt.value(0), text="label:N", color=alt.Color("colour:N", scale=None))
        layers = (cells + words).resolve_scale(color="independent")
    layout = _layout(layers, height)
    layout["padding"] = {"top": 22 if gates else 4, "left": 5, "right": 5, "bottom": 5}
    return layout


def pairs(groups: Mapping[str, np.ndarray], names: Sequence[str], x: str, y: str, *, height: int = 240) -> Figure:
    """Bars side by side, one of each group at each name: the outputs of a network, read rightly and wrongly."""
    rows = pd.DataFrame(
        [
            (name, group, float(v), placed(k, name))
            for group, values in groups.items()
            for k, (name, v) in enumerate(zip(names, values))
        ],
        columns=["name", "group", "value", "place"],
    )
    return Figure(_pairs(tuple(groups), x, y, height, scheme()), {"rows": rows})


@lru_cache(maxsize=32)
def _pairs(groups: tuple[str, ...], x: str, y: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    colour = alt.Scale(domain=list(groups), range=[palette["train"], palette["validation"]][: len(groups)])
    legend = alt.Legend(title=None, orient="top", labelLimit=260) if len(groups) > 1 else None
    bars = alt.Chart(alt.NamedData(name="rows")).mark_bar(cornerRadius=1).encode(
        x=alt.X("place:O", title=x, **in_order(labelAngle=-90)),
        xOffset=alt.XOffset("group:N", sort=list(groups)),
        y=alt.Y("value:Q", title=y), color=alt.Color("group:N", scale=colour, legend=legend),
        tooltip=[alt.Tooltip("group:N", title=" "), alt.Tooltip("name:N", title=x), alt.Tooltip("value:Q", format=".6f")],
    )  # fmt: skip
    return _layout(bars, height)


def left_of_memory(curves: Mapping[str, np.ndarray], *, height: int = 320) -> Figure:
    """The share of the first cell state that is left after each time step, on a logarithmic axis; up to two curves."""
    rows = [
        (t, float(share), label)
        for label, shares in curves.items()
        for t, share in enumerate((1.0, *shares))
        if share > 0
    ]
    frame = pd.DataFrame(rows, columns=["step", "share", "with"])
    return Figure(_left_of_memory(tuple(curves), height, scheme()), {"rows": frame})


@lru_cache(maxsize=8)
def _left_of_memory(labels: tuple[str, ...], height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    colour = alt.Scale(domain=list(labels), range=[palette["train"], palette["validation"]])
    axis = alt.Axis(format="~p", values=[10.0**k for k in range(-12, 1)], labelOverlap="greedy")
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=24)).encode(
        x=alt.X("step:Q", title="time step", axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(nice=False)),
        y=alt.Y("share:Q", title="share of C₀ left", scale=alt.Scale(type="log", nice=False, padding=8), axis=axis),
        color=alt.Color("with:N", scale=colour, legend=alt.Legend(title=None, orient="top", labelLimit=260)),
        tooltip=[alt.Tooltip("with:N", title=" "), alt.Tooltip("step:Q", title="time step"), alt.Tooltip("share:Q", format=".4%")],
    )  # fmt: skip
    return _layout(lines, height)


def _steps() -> alt.X:
    return alt.X(
        "step:Q",
        title="training step",
        axis=alt.Axis(format=",d", tickMinStep=1),
        scale=alt.Scale(nice=False, zero=True),
    )


def _sides(theme: Scheme, legend: bool = True) -> alt.Color:
    scale = alt.Scale(domain=list(_SIDES), range=[COLOURS[theme][name] for name in _SIDES.values()])
    return alt.Color("side:N", scale=scale, legend=alt.Legend(title=None, orient="top") if legend else None)


def _layout(chart: Any, height: int) -> dict[str, Any]:
    layout = chart.properties(height=height).to_dict()
    layout.pop("config", None)
    return layout
