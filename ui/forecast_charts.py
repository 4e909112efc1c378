"""Charts of Forecasting: the series and its split, forecasts against what came, windows, free running, residuals.

As in `ui/charts.py` the layout of each is built once per theme, and a redraw sends new rows alone. Time is a number of
steps, or a date where the series has dates: those are sent in milliseconds and read as UTC, so that no time zone moves them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from lstm.series import Series, Split, thin
from ui.charts import Figure, Rows
from ui.theme import COLOURS, Scheme, scheme

PARTS = ("training", "validation", "test")
LSTM = "LSTM"
ACTUAL = "what came"
COPY = "the late copy"
LOOKS = {
    ACTUAL: ("text", (1, 0), 1.3),
    LSTM: ("test", (1, 0), 2.4),
    "last value": ("validation", (5, 3), 1.6),
    "seasonal last value": ("o", (2, 2), 1.6),
    "linear autoregression": ("train", (7, 3), 1.8),
    "knowing the rule": ("baseline", (1, 0), 2.2),
    COPY: ("validation", (5, 3), 1.8),
}
"""Of each forecaster its colour in `ui.theme`, its dashes, its line's width."""
STRIP = 58
"""Height of the whole series above the part that is shown large."""


@dataclass(frozen=True)
class Clock:
    """Where the points of a series stand on a chart's axis, and what a reader calls them there."""

    series: Series

    @property
    def title(self) -> str:
        return "time step" if self.series.dates is None else "date"

    def x(self, places: np.ndarray) -> list[int]:
        """Positions on the axis; places after the end of the series are in its future."""
        if self.series.dates is None:
            return np.asarray(places, int).tolist()
        return self._dates(places).astype("datetime64[ms]").astype(int).tolist()

    def names(self, places: np.ndarray) -> list[str]:
        """What each point is called: its number, or its date."""
        if self.series.dates is None:
            return [f"{place:,}" for place in np.asarray(places, int)]
        return [str(name) for name in np.datetime_as_string(self._dates(places), unit=self._unit())]

    def exact(self, places: np.ndarray) -> list[Any]:
        """The same for a file: a number, or an ISO date."""
        return np.asarray(places, int).tolist() if self.series.dates is None else self.names(places)

    def _dates(self, places: np.ndarray) -> np.ndarray:
        places, known = np.asarray(places, int), self.series.dates
        beyond = int(max(places.max(initial=0) - len(known) + 1, 0))
        if beyond:
            known = np.concatenate([known, self.series.future_dates(beyond).astype(known.dtype)])
        return known[places]

    @property
    def ticks(self) -> str | None:
        """How dates are written below the whole series, where they may span years."""
        if self.series.dates is None:
            return None
        return "%b %Y" if self._unit() == "D" else "%d %b"

    def _unit(self) -> str:
        step = self.series.step
        if step is None or step.astype("timedelta64[s]").astype(int) % 86_400 == 0 or np.datetime_data(step)[0] == "M":
            return "D"
        return "m"


@dataclass(frozen=True)
class Curve:
    """A line of a forecast: a name in `LOOKS`, the places of its points in the series, and its values."""

    name: str
    places: np.ndarray
    values: np.ndarray


def overview(series: Series, split: Split, curves: Sequence[Curve], window: tuple[int, int], *, height: int) -> Figure:
    """The whole series in the colours of its split, small; below it the part between the places of `window`, large.

    Dragging over the small picture chooses another part, in the browser alone.
    """
    clock = Clock(series)
    kept = thin(series.values)
    labels = np.array(split.labels())[kept]
    strip = {"x": clock.x(kept), "value": series.values[kept].tolist(), "part": labels.tolist()}
    # A line breaks where its colour changes: the first point of a part is the last one of the part before it, too.
    for place in np.flatnonzero(labels[1:] != labels[:-1]) + 1:
        for name, extra in (
            ("x", strip["x"][place]),
            ("value", strip["value"][place]),
            ("part", str(labels[place - 1])),
        ):
            strip[name].append(extra)
    look = tuple(dict.fromkeys(curve.name for curve in curves))
    layout = _overview(
        look, clock.title, _unit_title(series), tuple(clock.x(np.array(window))), clock.ticks, height,
        scheme(),
    )  # fmt: skip
    return Figure(layout, {"strip": strip, "rows": _curve_rows(clock, curves, window)})


def _curve_rows(clock: Clock, curves: Sequence[Curve], window: tuple[int, int] = (0, 0)) -> Rows:
    """The points of all curves, thinned where they are very many, but not those whose places lie in `window`."""
    rows: dict[str, list[Any]] = {"x": [], "when": [], "value": [], "curve": []}
    for curve in curves:
        near = (curve.places >= window[0]) & (curve.places <= window[1])
        kept = np.union1d(thin(curve.values), np.flatnonzero(near))
        places = np.asarray(curve.places)[kept]
        rows["x"] += clock.x(places)
        rows["when"] += clock.names(places)
        rows["value"] += np.asarray(curve.values)[kept].tolist()
        rows["curve"] += [curve.name] * len(kept)
    return rows


@lru_cache(maxsize=64)
def _overview(
    look: tuple[str, ...], x: str, y: str, window: tuple[float, float], ticks: str | None, height: int, theme: Scheme
) -> dict[str, Any]:
    palette, dates = COLOURS[theme], ticks is not None
    below = alt.Axis(tickCount=6, format=ticks) if dates else alt.Axis(tickCount=8)
    brush = alt.selection_interval(name="part", encodings=["x"], value={"x": list(window)}, mark=_brush_look(palette))
    small = (
        alt.Chart(alt.NamedData(name="strip"), height=STRIP)
        .mark_line(strokeWidth=1.2)
        .encode(
            x=alt.X("x", type=_time(dates), title=None, axis=below, scale=_scale(dates)),
            y=alt.Y("value:Q", title=None, axis=None, scale=alt.Scale(zero=False, padding=3)),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=list(PARTS), range=[palette["train"], palette["validation"], palette["test"]]),
                legend=_legend(),
            ),
        )
        .add_params(brush)
    )
    large = (
        _lines(look, x, y, dates, theme, domain=brush)
        .properties(height=height)
    )  # fmt: skip
    stacked = alt.vconcat(small, large, spacing=4).resolve_scale(color="independent", strokeDash="independent")
    return _stacked(stacked)


def _brush_look(palette: Mapping[str, str]) -> alt.BrushConfig:
    return alt.BrushConfig(fill=palette["muted"], fillOpacity=0.14, stroke=palette["muted"])


def _lines(look: tuple[str, ...], x: str, y: str, dates: bool, theme: Scheme, domain: Any = None) -> alt.LayerChart:
    """Lines of `LOOKS` with the exact value of the nearest point on hover."""
    palette = COLOURS[theme]
    colours = [palette[LOOKS[name][0]] for name in look]
    near = alt.selection_point(name="near", nearest=True, on="pointerover", clear="pointerout", empty=False)
    rows = alt.Chart(alt.NamedData(name="rows"))
    rows = rows if domain is None else rows.transform_filter(domain)  # the vertical axis fits what is shown
    base = rows.encode(
        x=alt.X("x", type=_time(dates), title=x, scale=_scale(dates, domain), axis=_axis(dates)),
        y=alt.Y("value:Q", title=y, scale=alt.Scale(zero=False, padding=8), axis=alt.Axis(format=",~r", tickCount=6)),
        color=alt.Color(
            "curve:N", scale=alt.Scale(domain=list(look), range=colours),
            legend=_legend(0 if len(look) < 3 else 2),
        ),
    )  # fmt: skip
    lines = base.mark_line(strokeJoin="round", clip=True).encode(
        strokeDash=alt.StrokeDash(
            "curve:N", scale=alt.Scale(domain=list(look), range=[list(LOOKS[name][1]) for name in look]), legend=None
        ),
        strokeWidth=alt.StrokeWidth(
            "curve:N", scale=alt.Scale(domain=list(look), range=[LOOKS[name][2] for name in look]), legend=None
        ),
    )
    points = base.mark_point(filled=True, size=60, clip=True).encode(
        opacity=alt.condition(near, alt.value(1), alt.value(0)),
        tooltip=[
            alt.Tooltip("curve:N", title="line"), alt.Tooltip("when:N", title=x),
            alt.Tooltip("value:Q", title=y, format=",.5~g"),
        ],
    )  # fmt: skip
    return lines + points.add_params(near)


def errors(names: Sequence[str], rmse: Sequence[float], unit: str, *, height: int = 230) -> Figure:
    """The root mean squared error of each forecaster as a bar, with its figure; what knows the rule is the floor."""
    floor = [value for name, value in zip(names, rmse, strict=True) if name == "knowing the rule"]
    bars = [(name, value) for name, value in zip(names, rmse, strict=True) if name != "knowing the rule"]
    rows = {"name": [name for name, _ in bars], "rmse": [value for _, value in bars]}
    return Figure(
        _errors(tuple(rows["name"]), f"RMSE{f' ({unit})' if unit else ''}", height, scheme()),
        {"rows": rows, "floor": {"level": floor}, "room": {"rmse": [1.18 * max(rows["rmse"])]}},
    )


@lru_cache(maxsize=32)
def _errors(names: tuple[str, ...], x: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        y=alt.Y("name:N", title=None, sort=list(names), axis=alt.Axis(labelLimit=160)),
        x=alt.X("rmse:Q", title=x, scale=alt.Scale(zero=True, nice=False), axis=alt.Axis(format=",~r", tickCount=6)),
        tooltip=[alt.Tooltip("name:N", title="forecaster"), alt.Tooltip("rmse:Q", title=x, format=",.5~g")],
    )
    colours = alt.Scale(domain=list(names), range=[palette[LOOKS[name][0]] for name in names])
    bars = base.mark_bar(cornerRadius=2).encode(color=alt.Color("name:N", scale=colours, legend=None))
    words = base.mark_text(align="left", dx=5, color=palette["text"], fontSize=12).encode(
        text=alt.Text("rmse:Q", format=",.4~g")
    )
    floor = alt.Chart(alt.NamedData(name="floor")).encode(x="level:Q")
    rule = floor.mark_rule(color=palette["text"], strokeDash=[5, 4], strokeWidth=1.6)
    room = alt.Chart(alt.NamedData(name="room")).mark_point(opacity=0).encode(x="rmse:Q")  # for the last figure
    return _layout((bars + words + rule + room).properties(height=height))


def error_by_step(names: Sequence[str], rmse: Sequence[Sequence[float]], unit: str, *, height: int = 320) -> Figure:
    """The root mean squared error of each forecaster so many steps ahead: `rmse` has a row for each."""
    rows = {
        "ahead": [k for row in rmse for k in range(1, len(row) + 1)],
        "rmse": [value for row in rmse for value in row],
        "name": [name for name, row in zip(names, rmse, strict=True) for _ in row],
    }
    return Figure(_error_by_step(tuple(names), f"RMSE{f' ({unit})' if unit else ''}", height, scheme()), {"rows": rows})


@lru_cache(maxsize=16)
def _error_by_step(names: tuple[str, ...], y: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    colours = alt.Scale(domain=list(names), range=[palette[LOOKS[name][0]] for name in names])
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2.2, point=alt.OverlayMarkDef(size=26)).encode(
        x=alt.X("ahead:Q", title="steps ahead", axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(zero=False, nice=False)),
        y=alt.Y("rmse:Q", title=y, axis=alt.Axis(format=",~r", tickCount=6)),
        color=alt.Color("name:N", scale=colours, legend=alt.Legend(title=None, orient="top", columns=2)),
        tooltip=[
            alt.Tooltip("name:N", title="forecaster"), alt.Tooltip("ahead:Q", title="steps ahead"),
            alt.Tooltip("rmse:Q", title=y, format=",.5~g"),
        ],
    )  # fmt: skip
    return _layout(lines.properties(height=height))


def seen_window(
    series: Series,
    origin: int,
    look_back: int,
    actual: np.ndarray,
    predicted: np.ndarray,
    around: int,
    *,
    height: int = 260,
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
    layout = _seen_window(clock.title, _unit_title(series), series.dates is not None, height, scheme())
    return Figure(layout, {"rows": rows})


@lru_cache(maxsize=32)
def _seen_window(x: str, y: str, dates: bool, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    names = ["the series", "x: what it sees", "y: what came", "what it says"]
    colour = alt.Scale(domain=names, range=[palette["baseline"], palette["train"], palette["text"], palette["test"]])
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("x", type=_time(dates), title=x, scale=_scale(dates), axis=_axis(dates)),
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
    says = base.transform_filter("datum.what === 'what it says'").mark_point(filled=False, size=130, strokeWidth=2.6)
    return _layout((pale + seen + came + says).properties(height=height))


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
    rows = _curve_rows(clock, curves)
    names = [_FREE_NAMES.get(name, name) for name in rows["curve"]]
    free = {"x": clock.x(places), "when": clock.names(places), "value": mean.tolist()}
    rows = {
        "x": rows["x"] + free["x"], "when": rows["when"] + free["when"], "value": rows["value"] + free["value"],
        "curve": names + ["running free"] * steps,
    }  # fmt: skip
    band = {"x": free["x"], "low": low.tolist(), "high": high.tolist()}
    single = {
        "x": free["x"] * len(paths), "value": paths.ravel().tolist(),
        "network": [k + 1 for k in range(len(paths)) for _ in range(steps)],
    } if len(paths) > 1 else {"x": [], "value": [], "network": []}  # fmt: skip
    start = {"x": clock.x(np.array([first])), "says": ["from here on it sees only its own answers"]}
    layout = _free_running(clock.title, _unit_title(series), series.dates is not None, height, scheme())
    return Figure(layout, {"rows": rows, "band": band, "single": single, "start": start})


_FREE_NAMES = {LSTM: "one step ahead"}


@lru_cache(maxsize=16)
def _free_running(x: str, y: str, dates: bool, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    names = [ACTUAL, "one step ahead", "running free"]
    colour = alt.Scale(domain=names, range=[palette["text"], palette["test"], palette["validation"]])
    place = alt.X("x", type=_time(dates), title=x, scale=_scale(dates), axis=_axis(dates))
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
        color=alt.Color("curve:N", scale=colour, legend=_legend(2)),
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
    return _layout((band + single + lines + rule + points.add_params(near)).properties(height=height))


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
        {"rows": rows},
    )


@lru_cache(maxsize=16)
def _residuals(x: str, y: str, dates: bool, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("x", type=_time(dates), title=x, scale=_scale(dates), axis=_axis(dates)),
        y=alt.Y("residual:Q", title=y, axis=alt.Axis(format=",~r", tickCount=6)),
        tooltip=[alt.Tooltip("when:N", title=x), alt.Tooltip("residual:Q", title=y, format=",.4~g")],
    )
    points = base.mark_point(filled=True, size=18, color=palette["test"], opacity=0.75)
    zero = alt.Chart(alt.InlineData(values=[{"y": 0}])).mark_rule(color=palette["muted"]).encode(y="y:Q")
    return _layout((zero + points).properties(height=height))


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
    return _layout((bars + limit).properties(height=height))


def lines(series: Series, curves: Sequence[Curve], *, height: int = 250) -> Figure:
    """Forecasts against what came, without the whole series above."""
    clock = Clock(series)
    look = tuple(dict.fromkeys(curve.name for curve in curves))
    layout = _plain_lines(look, clock.title, _unit_title(series), series.dates is not None, height, scheme())
    return Figure(layout, {"rows": _curve_rows(clock, curves)})


@lru_cache(maxsize=32)
def _plain_lines(look: tuple[str, ...], x: str, y: str, dates: bool, height: int, theme: Scheme) -> dict[str, Any]:
    return _layout(_lines(look, x, y, dates, theme).properties(height=height))


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
        clock.title, _unit_title(series), series.dates is not None, units, quantity, signed, most, height, scheme()
    )
    return Figure(layout, {"cells": cells, "wave": wave, "one": one})


@lru_cache(maxsize=64)
def _riding(
    x: str, y: str, dates: bool, units: int, quantity: str, signed: bool, most: float, height: int, theme: Scheme
) -> dict[str, Any]:
    palette = COLOURS[theme]
    place = alt.X("x", type=_time(dates), title=None, scale=_scale(dates), axis=alt.Axis(labels=False, ticks=False))
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
        x=alt.X("x", type=_time(dates), title=x, scale=_scale(dates), axis=_axis(dates)),
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
    return _stacked(stacked)


def _unit_title(series: Series) -> str:
    return series.unit or (series.title if series.name == "given" else "value")


def _time(dates: bool) -> str:
    return "temporal" if dates else "quantitative"


def _scale(dates: bool, domain: Any = None) -> alt.Scale:
    chosen = {} if domain is None else {"domain": domain}
    return alt.Scale(type="utc", **chosen) if dates else alt.Scale(zero=False, nice=False, **chosen)


def _axis(dates: bool) -> alt.Axis:
    return alt.Axis(tickCount=8) if dates else alt.Axis(format=",d", tickMinStep=1, tickCount=8)


def _legend(columns: int = 0) -> alt.Legend:
    """Above the chart; in `columns`, so that it fits a phone, or all in one row."""
    return alt.Legend(
        title=None, orient="top", offset=4, symbolType="stroke", symbolStrokeWidth=3, columns=columns, columnPadding=8
    )


def _stacked(chart: alt.VConcatChart) -> dict[str, Any]:
    """Pictures above each other, all as wide as there is room: Streamlit sets this for the simplest ones alone."""
    return {**_layout(chart), "autosize": {"type": "fit-x", "contains": "padding"}}


def _layout(chart: alt.TopLevelMixin) -> dict[str, Any]:
    layout = chart.to_dict()
    layout.pop("config", None)  # sizes of Altair's own theme; Streamlit brings its own
    return layout
