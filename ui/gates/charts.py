"""Charts of what goes on inside a cell: each function takes columns of numbers and returns a `Figure`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from lstm.cell import sigmoid, squash
from ui.cell.formula import SQUASHED
from ui.charts import LABELS, Figure, Rows, Table, columns, half_units, layout, named
from ui.theme import COLOURS, Scheme, scheme

ORDER = ("f", "i", "g", "o")
"""The gates from left to right, as in the picture of the cell."""
HEIGHT = 300
_EXACT = ".5f"


def gate_bars(
    table: Table, t: int | None = None, *, low: float = 0.0, high: float = 1.0, height: int = HEIGHT
) -> Figure:
    """The activation of every gate at every step, step `t` marked.

    Parameters
    ----------
    table : columns of `lstm.lessons.gates.gate_table`
    low, high : where the axis begins and ends; the candidate may be negative, and with ReLU above 1
    """
    rows = columns(
        ("step", "gate", "value"),
        [(step, LABELS[gate], table[gate][k]) for k, step in enumerate(table["t"]) for gate in ORDER],
    )
    return Figure(_gate_bars(low, high, height, scheme()), {"rows": rows, "now": _now(t, low, high)})


@lru_cache(maxsize=32)
def _gate_bars(low: float, high: float, height: int, theme: Scheme) -> dict[str, Any]:
    bars = alt.Chart(named("rows")).mark_bar(cornerRadius=2)
    bars = bars.encode(
        x=_step(),
        xOffset=alt.XOffset("gate:N", sort=[LABELS[gate] for gate in ORDER]),
        y=alt.Y("value:Q", title="activation", scale=alt.Scale(domain=[low, high])),
        color=_colour("gate", ORDER, theme),
        tooltip=[alt.Tooltip("step:O"), alt.Tooltip("gate:N"), alt.Tooltip("value:Q", format=_EXACT)],
    )
    return layout(_band(theme) + bars, height)


def state_lines(
    table: Table, t: int, h0: float, c0: float, ghost: Table | None = None, *, height: int = HEIGHT
) -> Figure:
    """C and h after every step, from their start at step 0; `ghost` is an unchanged cell beside a changed one, dashed."""
    runs = [("changed" if ghost else "computed", False, table)] + ([("computed", True, ghost)] if ghost else [])
    rows = columns(
        ("step", "state", "value", "gates", "pale"),
        [
            (k, LABELS[state], value, gates, pale)
            for gates, pale, run in runs
            for state, first in (("c", c0), ("h", h0))
            for k, value in enumerate((first, *run[state]))
        ],
    )
    low, high = half_units(min(*rows["value"], 0.0), max(*rows["value"], 1.0))
    return Figure(_state_lines(low, high, height, scheme()), {"rows": rows, "now": _now(t, low, high)})


@lru_cache(maxsize=64)
def _state_lines(low: float, high: float, height: int, theme: Scheme) -> dict[str, Any]:
    base = alt.Chart(named("rows")).encode(
        x=_step(),
        y=alt.Y("value:Q", title="value", scale=alt.Scale(domain=[low, high])),
        color=_colour("state", ("c", "h"), theme),
        detail="gates:N",
        opacity=alt.condition("datum.pale", alt.value(0.6), alt.value(1)),
        tooltip=[
            alt.Tooltip("step:O"),
            alt.Tooltip("state:N"),
            alt.Tooltip("value:Q", format=_EXACT),
            alt.Tooltip("gates:N"),
        ],
    )
    dash = alt.condition("datum.pale", alt.value([3, 5]), alt.value([1, 0]))
    lines = base.mark_line(strokeWidth=2.5).encode(strokeDash=dash)
    return layout(_band(theme) + lines + base.mark_point(filled=True, size=55), height)


def c0_left(table: Table, t: int, *, height: int = HEIGHT) -> Figure:
    """How much of C₀ is still there after each step: the product of the forget gates so far."""
    rows = {"step": [0, *table["t"]], "left": [1.0, *table["c0_left"]], "f": [None, *table["f"]]}
    return Figure(_c0_left(height, scheme()), {"rows": rows, "now": _now(t, 0.0, 1.0)})


@lru_cache(maxsize=8)
def _c0_left(height: int, theme: Scheme) -> dict[str, Any]:
    bars = alt.Chart(named("rows")).mark_bar(color=COLOURS[theme]["f"], cornerRadius=2)
    bars = bars.encode(
        x=_step(),
        y=alt.Y("left:Q", title="share of C₀ left", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        tooltip=[
            alt.Tooltip("step:O"),
            alt.Tooltip("left:Q", format=".4%", title="of C₀ left"),
            alt.Tooltip("f:Q", format=_EXACT, title="forget gate"),
        ],
    )
    return layout(_band(theme) + bars, height)


def squashing(
    table: Table, t: int, held: Sequence[str] = (), activation: str = "tanh", *, height: int = HEIGHT
) -> Figure:
    """σ and `activation`, with every gate's z of step `t` on its curve; the gates of the other steps stand there pale."""
    points = columns(
        ("gate", "z", "value", "step", "now"),
        [
            (LABELS[gate], table[f"z_{gate}"][k], table[gate][k], step, step == t)
            for k, step in enumerate(table["t"])
            for gate in ORDER
            if gate not in held
        ],
    )
    reach = max([6.0, *map(abs, points["z"])])
    edge = float(2 ** np.ceil(np.log2(reach / 6)) * 6)  # 6, 12, 24, …: the axis jumps seldom
    high = max(1.0, edge if activation == "relu" else 1.0)
    layout = _squashing(edge, high, SQUASHED[activation], height, scheme())
    return Figure(layout, {"points": points, "curves": _curves(edge, activation)})


@lru_cache(maxsize=16)
def _squashing(edge: float, high: float, other: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    x = alt.X("z:Q", title="z, what goes in", scale=alt.Scale(domain=[-edge, edge], nice=False))
    y = alt.Y("value:Q", title="what comes out", scale=alt.Scale(domain=[-1, high]))
    dash = alt.StrokeDash(
        "curve:N", legend=None, scale=alt.Scale(domain=list(dict.fromkeys(["σ", other])), range=[[1, 0], [5, 4]])
    )
    lines = (
        alt.Chart(named("curves")).mark_line(strokeWidth=1.5, color=palette["muted"]).encode(x=x, y=y, strokeDash=dash)
    )
    marks = alt.Chart(named("points")).mark_point(filled=True, stroke=palette["background"], strokeWidth=1.5)
    marks = marks.encode(
        x=x,
        y=y,
        color=_colour("gate", ORDER, theme),
        size=alt.condition("datum.now", alt.value(200), alt.value(45)),
        opacity=alt.condition("datum.now", alt.value(1), alt.value(0.5)),
        tooltip=[
            alt.Tooltip("gate:N"),
            alt.Tooltip("step:O"),
            alt.Tooltip("z:Q", format=".4f"),
            alt.Tooltip("value:Q", format=_EXACT),
        ],
    )
    return layout(lines + marks, height)


@lru_cache(maxsize=16)
def _curves(edge: float, activation: str) -> Rows:
    z = np.linspace(-edge, edge, 161)
    if activation == "sigmoid":
        return {"z": z, "value": sigmoid(z), "curve": ["σ"] * len(z)}
    names = ["σ"] * len(z) + [SQUASHED[activation]] * len(z)
    return {"z": np.tile(z, 2), "value": np.concatenate([sigmoid(z), squash(z, activation)]), "curve": names}


def _step() -> alt.X:
    return alt.X("step:O", title="time step", axis=alt.Axis(labelAngle=0))


def _colour(field: str, names: Sequence[str], theme: Scheme) -> alt.Color:
    colours = alt.Scale(domain=[LABELS[name] for name in names], range=[COLOURS[theme][name] for name in names])
    return alt.Color(
        f"{field}:N", scale=colours, legend=alt.Legend(title=None, orient="top", columns=4, columnPadding=8)
    )


def _band(theme: Scheme) -> alt.Chart:
    """A band behind the step on show."""
    band = alt.Chart(named("now")).mark_bar(opacity=0.14, color=COLOURS[theme]["muted"], width={"band": 1.0})
    return band.encode(x=_step(), y=alt.Y("low:Q"), y2="high:Q", tooltip=alt.value(None))


def _now(t: int | None, low: float, high: float) -> Rows:
    return {"step": [], "low": [], "high": []} if t is None else {"step": [t], "low": [low], "high": [high]}
