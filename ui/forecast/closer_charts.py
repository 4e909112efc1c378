"""Charts for a closer look at a forecaster: its windows, running free, what is left over, late copies, its states.

As in `ui/charts.py` the layout of each is built once per theme, and a redraw sends new rows alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from lstm.preprocessing.series import Series, thin
from ui.charts import Figure
from ui.forecast.axes import (
    ACTUAL,
    ONE_STEP,
    Clock,
    Curve,
    curve_rows,
    layout_of,
    legend,
    stacked_layout,
    time_axis,
    time_scale,
    time_type,
    value_title,
)
from ui.theme import COLOURS, Scheme, scheme


def seen_window(
    series: Series,
    origin: int,
    look_back: int,
    actual: np.ndarray,
    predicted: np.ndarray,
    around: int,
    *,
    height: int = 310,
) -> Figure:
    """One window: the series pale, the points the network sees, what it says next, and what came."""
    clock = Clock(series)
    first, last = max(origin - look_back - around, 0), min(origin + len(actual) + around, len(series))
    groups = (
        ("the series", np.arange(first, last), series.values[first:last]),
        ("x: what it sees", np.arange(origin - look_back, origin), series.values[origin - look_back : origin]),
        ("y: what came", np.arange(origin, origin + len(actual)), actual),
        ("what it says", np.arange(origin, origin + len(actual)), predicted),
    )
    rows: dict[str, list[Any]] = {"x": [], "when": [], "value": [], "what": []}
    for name, places, values in groups:
        rows["x"] += clock.x(places)
        rows["when"] += clock.names(places)
        rows["value"] += np.asarray(values, float).tolist()
        rows["what"] += [name] * len(places)
    layout = _seen_window(clock.title, value_title(series), series.dates is not None, height, scheme())
    return Figure(layout, {"rows": rows})


@lru_cache(maxsize=32)
def _seen_window(x: str, y: str, dates: bool, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    names = ["the series", "x: what it sees", "y: what came", "what it says"]
    colour = alt.Scale(domain=names, range=[palette["baseline"], palette["train"], palette["text"], palette["test"]])
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("x", type=time_type(dates), title=x, scale=time_scale(dates), axis=time_axis(dates)),
        y=alt.Y("value:Q", title=y, scale=alt.Scale(zero=False, padding=12), axis=alt.Axis(format=",~r")),
        color=alt.Color("what:N", scale=colour, legend=alt.Legend(title=None, orient="top", columns=2)),
        tooltip=[
            alt.Tooltip("what:N", title=" "), alt.Tooltip("when:N", title=x), alt.Tooltip("value:Q", title=y, format=",.5~g"),
        ],
    )  # fmt: skip
    pale = base.transform_filter("datum.what === 'the series'").mark_line(strokeWidth=1.2, opacity=0.7)
    seen = base.transform_filter("datum.what === 'x: what it sees'").mark_line(
        strokeWidth=2, point=alt.OverlayMarkDef(size=34)
    )
    came = base.transform_filter("datum.what === 'y: what came'").mark_point(filled=True, size=90)
    label = base.transform_filter("datum.what === 'what it says'").mark_point(filled=False, size=130, strokeWidth=2.6)
    return layout_of((pale + seen + came + label).properties(height=height))


def free_running(
    series: Series, first: int, paths: np.ndarray, middle: tuple[np.ndarray, np.ndarray, np.ndarray],
    one_step: Curve | None, before: int, *, height: int = 300,
) -> Figure:  # fmt: skip
    """Running free from place `first`: (low, mean, high) of several networks, each path thin, and one step ahead beside it."""
    clock, steps = Clock(series), paths.shape[1]
    places = np.arange(first, first + steps)
    known = np.arange(max(first - before, 0), min(first + steps, len(series)))
    low, mean, high = middle
    curves = [Curve(ACTUAL, known, series.values[known])]
    if one_step is not None and len(one_step.places):
        curves.append(one_step)
    rows = curve_rows(clock, curves)
    free = {"x": clock.x(places), "when": clock.names(places), "value": mean.tolist()}
    rows = {
        "x": rows["x"] + free["x"], "when": rows["when"] + free["when"], "value": rows["value"] + free["value"],
        "curve": rows["curve"] + ["running free"] * steps,
    }  # fmt: skip
    band = {"x": free["x"], "low": low.tolist(), "high": high.tolist()}
    single = {
        "x": free["x"] * len(paths), "value": paths.ravel().tolist(),
        "network": [k + 1 for k in range(len(paths)) for _ in range(steps)],
    } if len(paths) > 1 else {"x": [], "value": [], "network": []}  # fmt: skip
    start = {"x": clock.x(np.array([first])), "label": ["from here on it sees only its own answers"]}
    layout = _free_running(clock.title, value_title(series), series.dates is not None, height, scheme())
    return Figure(layout, {"rows": rows, "band": band, "single": single, "start": start})


@lru_cache(maxsize=16)
def _free_running(x: str, y: str, dates: bool, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    names = [ACTUAL, ONE_STEP, "running free"]
    colour = alt.Scale(domain=names, range=[palette["text"], palette["test"], palette["validation"]])
    place = alt.X("x", type=time_type(dates), title=x, scale=time_scale(dates), axis=time_axis(dates))
    vertical = alt.Scale(zero=False, padding=8)
    band = alt.Chart(alt.NamedData(name="band")).mark_area(opacity=0.22, color=palette["validation"]).encode(
        x=place, y=alt.Y("low:Q", scale=vertical, title=y), y2="high:Q"
    )  # fmt: skip
    single = alt.Chart(alt.NamedData(name="single")).mark_line(
        strokeWidth=0.8, opacity=0.6, color=palette["validation"]
    ).encode(x=place, y=alt.Y("value:Q", scale=vertical, title=y), detail="network:N")  # fmt: skip
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=place,
        y=alt.Y("value:Q", title=y, scale=vertical, axis=alt.Axis(format=",~r", tickCount=6)),
        color=alt.Color("curve:N", scale=colour, legend=legend(2)),
        tooltip=[
            alt.Tooltip("curve:N", title="line"), alt.Tooltip("when:N", title=x),
            alt.Tooltip("value:Q", title=y, format=",.5~g"),
        ],
    )  # fmt: skip
    width = alt.condition("datum.curve === 'running free'", alt.value(2.6), alt.value(1.4))
    lines = base.mark_line(strokeJoin="round").encode(strokeWidth=width)
    near = alt.selection_point(name="near", nearest=True, on="pointerover", clear="pointerout", empty=False)
    points = base.mark_point(filled=True, size=60).encode(opacity=alt.condition(near, alt.value(1), alt.value(0)))
    start = alt.Chart(alt.NamedData(name="start"))
    rule = start.mark_rule(strokeDash=[5, 4], color=palette["muted"]).encode(x=place)
    return layout_of((band + single + lines + rule + points.add_params(near)).properties(height=height))


def residuals_over_time(series: Series, places: np.ndarray, values: np.ndarray, *, height: int = 260) -> Figure:
    """What came minus what the network said, at each place."""
    clock = Clock(series)
    kept = thin(values, 600)
    rows = {
        "x": clock.x(places[kept]), "when": clock.names(places[kept]), "residual": np.asarray(values)[kept].tolist(),
    }  # fmt: skip
    unit = f" ({series.unit})" if series.unit else ""
    return Figure(
        _residuals(clock.title, f"error{unit}", series.dates is not None, height, scheme()),
        {"rows": rows, "zero": {"y": [0]}},
    )


@lru_cache(maxsize=16)
def _residuals(x: str, y: str, dates: bool, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("x", type=time_type(dates), title=x, scale=time_scale(dates), axis=time_axis(dates)),
        y=alt.Y("residual:Q", title=y, axis=alt.Axis(format=",~r", tickCount=6)),
        tooltip=[alt.Tooltip("when:N", title=x), alt.Tooltip("residual:Q", title=y, format=",.4~g")],
    )
    points = base.mark_point(filled=True, size=18, color=palette["test"], opacity=0.75)
    zero = alt.Chart(alt.NamedData(name="zero")).mark_rule(color=palette["muted"]).encode(y="y:Q")
    return layout_of((zero + points).properties(height=height))


def lag_bars(
    lags: np.ndarray, values: np.ndarray, x: str, y: str, limit: float | None = None, marked: int | None = None, *, height: int = 220
) -> Figure:  # fmt: skip
    """A bar a lag. `limit`: chance stays within ± this; `marked`: the lag whose bar stands out."""
    rows = {
        "lag": np.asarray(lags, int).tolist(), "value": np.asarray(values, float).tolist(),
        "marked": [int(lag) == marked for lag in lags],
    }  # fmt: skip
    bounds = {"level": [] if limit is None else [-limit, limit]}
    return Figure(_lag_bars(x, y, height, scheme()), {"rows": rows, "bounds": bounds})


@lru_cache(maxsize=16)
def _lag_bars(x: str, y: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    bars = alt.Chart(alt.NamedData(name="rows")).mark_bar(cornerRadius=1).encode(
        x=alt.X("lag:O", title=x, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y("value:Q", title=y, axis=alt.Axis(format=",~r", tickCount=5)),
        color=alt.condition("datum.marked", alt.value(palette["validation"]), alt.value(palette["baseline"])),
        tooltip=[alt.Tooltip("lag:O", title=x), alt.Tooltip("value:Q", title=y, format=",.4~g")],
    )  # fmt: skip
    limit = (
        alt.Chart(alt.NamedData(name="bounds")).mark_rule(strokeDash=[5, 4], color=palette["text"]).encode(y="level:Q")
    )
    return layout_of((bars + limit).properties(height=height))


def riding(
    series: Series, places: np.ndarray, values: np.ndarray, unit: int, quantity: str, signed: bool, *, height: int = 230
) -> Figure:
    """What each unit holds after each window as colours, one unit a line, and above it the series with one unit's curve.

    values : (places, units), the units in the order in which they are drawn
    """
    clock = Clock(series)
    steps, units = values.shape
    x, names = clock.x(places), clock.names(places)
    after = clock.x(places + 1)
    cells = {
        "x": np.repeat(x, units).tolist(), "next": np.repeat(after, units).tolist(), "when": np.repeat(names, units).tolist(),
        "unit": np.tile(np.arange(units), steps).tolist(), "value": np.round(values.ravel().astype(float), 3).tolist(),
    }  # fmt: skip
    wave = {"x": x, "when": names, "value": series.values[places].tolist()}
    one = {"x": x, "when": names, "value": values[:, unit].astype(float).tolist()}
    most = float(np.clip(np.ceil(np.abs(values).max(initial=0.0) * 10) / 10, 0.1, 1.0)) if signed else 1.0
    layout = _riding(
        clock.title, value_title(series), series.dates is not None, units, quantity, signed, most, height, scheme()
    )
    return Figure(layout, {"cells": cells, "wave": wave, "one": one})


@lru_cache(maxsize=64)
def _riding(
    x: str, y: str, dates: bool, units: int, quantity: str, signed: bool, most: float, height: int, theme: Scheme
) -> dict[str, Any]:
    palette = COLOURS[theme]
    place = alt.X(
        "x", type=time_type(dates), title=None, scale=time_scale(dates), axis=alt.Axis(labels=False, ticks=False)
    )
    wave = alt.Chart(alt.NamedData(name="wave")).mark_line(color=palette["text"], strokeWidth=1.4).encode(
        x=place, y=alt.Y("value:Q", title=y, scale=alt.Scale(zero=False, padding=6), axis=alt.Axis(format=",~r", tickCount=4)),
        tooltip=[alt.Tooltip("when:N", title=x), alt.Tooltip("value:Q", title=y, format=",.4~g")],
    )  # fmt: skip
    bounds = [-most, most] if signed else [0, 1]
    one = alt.Chart(alt.NamedData(name="one")).mark_line(color=palette["validation"], strokeWidth=2).encode(
        x=place, y=alt.Y("value:Q", title="unit on show", scale=alt.Scale(domain=bounds), axis=alt.Axis(tickCount=3)),
        tooltip=[alt.Tooltip("when:N", title=x), alt.Tooltip("value:Q", title=quantity, format="+.3f")],
    )  # fmt: skip
    colours = (
        alt.Scale(domain=[-most, 0, most], range=[palette["i"], palette["surface"], palette["f"]], interpolate="rgb")
        if signed
        else alt.Scale(domain=[0, 1], range=[palette["surface"], palette["f"]])
    )
    cells = alt.Chart(alt.NamedData(name="cells")).mark_rect(clip=True).encode(
        x=alt.X("x", type=time_type(dates), title=x, scale=time_scale(dates), axis=time_axis(dates)),
        x2="next",
        y=alt.Y("unit:O", title=f"{units} units", axis=alt.Axis(labels=False, ticks=False)),
        color=alt.Color("value:Q", scale=colours, legend=alt.Legend(title=None, orient="top", gradientLength=120)),
        tooltip=[
            alt.Tooltip("when:N", title=x), alt.Tooltip("unit:O", title="line"), alt.Tooltip("value:Q", title=quantity, format="+.3f"),
        ],
    )  # fmt: skip
    stacked = alt.vconcat(
        wave.properties(height=90), one.properties(height=70), cells.properties(height=height), spacing=6
    ).resolve_scale(x="shared", color="independent")
    return stacked_layout(stacked)
