"""Charts of a forecast: the series and its split, forecasts against what came, and how large the errors are.

As in `ui/charts.py` the layout of each is built once per theme, and a redraw sends new rows alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from lstm.preprocessing.series import Series, Split, thin
from ui.charts import Figure
from ui.forecast.axes import (
    LOOKS,
    PARTS,
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

STRIP = 58
"""Height of the whole series above the part that is shown large."""


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
        look, clock.title, value_title(series), tuple(clock.x(np.array(window))), clock.ticks, height,
        scheme(),
    )  # fmt: skip
    return Figure(layout, {"strip": strip, "rows": curve_rows(clock, curves, window)})


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
            x=alt.X("x", type=time_type(dates), title=None, axis=below, scale=time_scale(dates)),
            y=alt.Y("value:Q", title=None, axis=None, scale=alt.Scale(zero=False, padding=3)),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=list(PARTS), range=[palette["train"], palette["validation"], palette["test"]]),
                legend=legend(),
            ),
        )
        .add_params(brush)
    )
    large = (
        _lines(look, x, y, dates, theme, domain=brush)
        .properties(height=height)
    )  # fmt: skip
    stacked = alt.vconcat(small, large, spacing=4).resolve_scale(color="independent", strokeDash="independent")
    return stacked_layout(stacked)


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
        x=alt.X("x", type=time_type(dates), title=x, scale=time_scale(dates, domain), axis=time_axis(dates)),
        y=alt.Y("value:Q", title=y, scale=alt.Scale(zero=False, padding=8), axis=alt.Axis(format=",~r", tickCount=6)),
        color=alt.Color(
            "curve:N", scale=alt.Scale(domain=list(look), range=colours),
            legend=legend(0 if len(look) < 3 else 2),
        ),
    )  # fmt: skip
    lines = base.mark_line(strokeJoin="round", clip=True).encode(
        strokeDash=alt.StrokeDash(
            "curve:N", scale=alt.Scale(domain=list(look), range=[list(LOOKS[name][1]) for name in look]),
            legend=legend(0 if len(look) < 3 else 2),
        ),
        # no scale, whose legend Vega would have to merge with that of the colours
        strokeWidth=alt.StrokeWidthValue(
            LOOKS[look[0]][2],
            condition=[{"test": f"datum.curve === {json.dumps(name)}", "value": LOOKS[name][2]} for name in look],
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
        {"rows": rows, "floor": {"level": floor}, "room": {"rmse": [1.36 * max(rows["rmse"])]}},
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
    return layout_of((bars + words + rule + room).properties(height=height))


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
    return layout_of(lines.properties(height=height))


def lines(series: Series, curves: Sequence[Curve], *, height: int = 250) -> Figure:
    """Forecasts against what came, without the whole series above."""
    clock = Clock(series)
    look = tuple(dict.fromkeys(curve.name for curve in curves))
    layout = _plain_lines(look, clock.title, value_title(series), series.dates is not None, height, scheme())
    return Figure(layout, {"rows": curve_rows(clock, curves)})


@lru_cache(maxsize=32)
def _plain_lines(look: tuple[str, ...], x: str, y: str, dates: bool, height: int, theme: Scheme) -> dict[str, Any]:
    return layout_of(_lines(look, x, y, dates, theme).properties(height=height))
