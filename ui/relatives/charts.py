"""Charts of Relatives: accuracy against length, opinions after every symbol, one unit over time, attention, growth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from lstm.lessons.relatives.tasks import CELLS
from ui.charts import Figure, columns, layout, named
from ui.theme import COLOURS, GATE_NAMES, STATE_NAMES, Scheme, scheme

LOOKS = {
    "lstm": ("i", [1, 0]), "gru": ("g", [8, 3]), "min_lstm": ("o", [2, 2]), "attention": ("f", [6, 2, 1, 2]),
    "simple_rnn": ("c", [3, 3]),
}  # fmt: skip
"""Each cell's colour in `ui.theme` and its dashes, so that nobody has to tell them by colour alone."""


def _colours(theme: Scheme) -> alt.Scale:
    return alt.Scale(domain=list(CELLS.values()), range=[COLOURS[theme][LOOKS[cell][0]] for cell in CELLS])


def _dashes() -> alt.Scale:
    return alt.Scale(domain=list(CELLS.values()), range=[LOOKS[cell][1] for cell in CELLS])


def _legend() -> alt.Legend:
    return alt.Legend(
        title=None, orient="top", columns=3, labelLimit=100, symbolSize=160, symbolType="stroke", columnPadding=8, labelOffset=3
    )


def against_length(
    curves: Mapping[str, Sequence[tuple[float, float]]], trained: int, chance: float, *, at: int | None = None,
    farthest: int | None = None, height: int = 300,
) -> Figure:  # fmt: skip
    """Accuracy against length, a line a cell; the training range shaded, guessing as a rule, the chosen length marked.

    Parameters
    ----------
    curves : by cell, points (length, accuracy)
    farthest : where the axis ends
    """
    rows = [(float(x), float(y), CELLS[cell]) for cell, points in curves.items() for x, y in points]
    end = float(farthest or max((x for x, _, _ in rows), default=trained))
    return Figure(
        _against_length(height, scheme()),
        {
            "rows": columns(("length", "accuracy", "network"), rows),
            "trained": columns(("from", "to", "label"), [(0.0, float(trained), f"trained up to {trained}")]),
            "level": columns(("chance", "label"), [(chance, "guessing")]),
            "at": columns(("at",), [] if at is None else [(float(at),)]),
            "end": columns(("length", "accuracy"), [(end, 0.0), (0.0, 1.0)]),
        },
    )


@lru_cache(maxsize=8)
def _against_length(height: int, theme: Scheme) -> dict[str, Any]:
    colours = COLOURS[theme]
    x = alt.X("length:Q", title="length of the sequence in symbols", scale=alt.Scale(nice=False), axis=alt.Axis(format="d"))
    y = alt.Y("accuracy:Q", title="share of right answers", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1.02]))
    shade = alt.Chart(named("trained")).mark_rect(color=colours["baseline"], opacity=0.18).encode(x="from:Q", x2="to:Q")
    said = alt.Chart(named("trained")).mark_text(align="left", dx=4, baseline="bottom", color=colours["muted"]).encode(
        x="from:Q", y=alt.datum(0.01), text="label:N"
    )
    level = alt.Chart(named("level")).mark_rule(color=colours["baseline"], strokeDash=[4, 4]).encode(y="chance:Q")
    guessing = alt.Chart(named("level")).mark_text(align="right", dx=-4, baseline="top", dy=3, color=colours["muted"]).encode(
        x=alt.value("width"), y="chance:Q", text="label:N"
    )
    chosen = alt.Chart(named("at")).mark_rule(color=colours["text"], strokeWidth=2).encode(x="at:Q")
    ends = alt.Chart(named("end")).mark_point(opacity=0).encode(x=x, y=y)
    lines = alt.Chart(named("rows")).mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=60, opacity=0)).encode(
        x=x, y=y, color=alt.Color("network:N", scale=_colours(theme), legend=_legend()),
        strokeDash=alt.StrokeDash("network:N", scale=_dashes(), legend=_legend()),
        tooltip=[alt.Tooltip("network:N"), alt.Tooltip("length:Q", format=".0f"), alt.Tooltip("accuracy:Q", format=".1%")],
    )  # fmt: skip
    return layout(shade + level + guessing + said + ends + chosen + lines, height)


def opinions(symbols: str, truth: Sequence[int], odd: Mapping[str, np.ndarray], *, height: int = 260) -> Figure:
    """What each network thinks after every symbol, a row a network: right or wrong, paler where it is unsure.

    Parameters
    ----------
    odd : by cell, the probability of "odd" after each symbol
    """
    rows = []
    for cell, values in odd.items():
        for k, (symbol, right, value) in enumerate(zip(symbols, truth, values), 1):
            said = int(value > 0.5)
            rows.append(
                (k, CELLS[cell], "right" if said == right else "wrong", 2 * abs(float(value) - 0.5), symbol,
                 ("even", "odd")[said], ("even", "odd")[right], float(value))
            )  # fmt: skip
    names = ("step", "network", "is", "sure", "symbol", "says", "truth", "odd")
    read = columns(("step", "symbol"), [(k, symbol) for k, symbol in enumerate(symbols, 1)] if len(symbols) <= 40 else [])
    return Figure(_opinions(height, scheme()), {"rows": columns(names, rows), "read": read})


@lru_cache(maxsize=8)
def _opinions(height: int, theme: Scheme) -> dict[str, Any]:
    colours = COLOURS[theme]
    order = list(CELLS.values())
    cells = alt.Chart(named("rows")).mark_rect(stroke=colours["background"], strokeWidth=0.5).encode(
        x=alt.X("step:O", title="symbols read so far", axis=alt.Axis(labelOverlap="greedy", labelAngle=0)),
        y=alt.Y("network:N", title=None, sort=order, axis=alt.Axis(labelOverlap=False)),
        color=alt.Color(
            "is:N", scale=alt.Scale(domain=["right", "wrong"], range=[colours["i"], colours["f"]]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        opacity=alt.Opacity("sure:Q", scale=alt.Scale(domain=[0, 1], range=[0.25, 1]), legend=None),
        tooltip=[
            alt.Tooltip("network:N"), alt.Tooltip("step:O", title="symbols read"), alt.Tooltip("symbol:N"),
            alt.Tooltip("says:N"), alt.Tooltip("truth:N"), alt.Tooltip("odd:Q", title="probability of odd", format=".3f"),
        ],
    )  # fmt: skip
    cross = alt.MarkDef("text", text="×", fontWeight=700, color=colours["background"])
    wrong = alt.Chart(named("rows"), mark=cross).transform_filter("datum.is == 'wrong'").encode(
        x="step:O", y=alt.Y("network:N", sort=order)
    )
    read = alt.Chart(named("read")).mark_text(baseline="bottom", fontWeight=600, color=colours["text"]).encode(
        x="step:O", y=alt.value(-2), text="symbol:N"
    )
    return layout(cells + wrong + read, height)


def unit_over_time(symbols: str, values: Mapping[str, np.ndarray], *, height: int = 270) -> Figure:
    """Numbers of one unit after each symbol, a line each; the keys are names of `ui.theme` colours."""
    said = GATE_NAMES | STATE_NAMES
    rows = [
        (k, symbol, float(v), said[name]) for name, line in values.items() for k, (symbol, v) in enumerate(zip(symbols, line), 1)
    ]
    ones = [(k,) for k, symbol in enumerate(symbols, 1) if symbol == "1"]
    shown = tuple((said[name], {"z": "f"}.get(name, name)) for name in values)
    return Figure(
        _unit(height, scheme(), shown),
        {"rows": columns(("step", "symbol", "value", "line"), rows), "ones": columns(("step",), ones)},
    )


@lru_cache(maxsize=8)
def _unit(height: int, theme: Scheme, shown: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    colours = COLOURS[theme]
    scale = alt.Scale(domain=[name for name, _ in shown], range=[colours[colour] for _, colour in shown])
    x = alt.X(
        "step:Q", title="symbols read so far; the bars are ones", axis=alt.Axis(format="d", tickMinStep=1),
        scale=alt.Scale(nice=False),
    )  # fmt: skip
    bars = alt.Chart(named("ones")).mark_rule(color=colours["baseline"], opacity=0.35, strokeWidth=6).encode(x=x)
    lines = alt.Chart(named("rows")).mark_line(strokeWidth=2.5, point=True).encode(
        x=x, y=alt.Y("value:Q", title="value"),
        color=alt.Color("line:N", scale=scale, legend=alt.Legend(title=None, orient="top")),
        tooltip=["line:N", alt.Tooltip("step:Q", title="symbols read"), "symbol:N", alt.Tooltip("value:Q", format=".3f")],
    )  # fmt: skip
    return layout(bars + lines, height)


def attention(shares: np.ndarray, *, height: int = 300) -> Figure:
    """Where each step (down) looks (across): (steps, steps)."""
    rows = [(t + 1, s + 1, float(shares[t, s])) for t in range(len(shares)) for s in range(t + 1)]
    return Figure(_attention(height, scheme()), {"rows": columns(("step", "at", "share"), rows)})


@lru_cache(maxsize=8)
def _attention(height: int, theme: Scheme) -> dict[str, Any]:
    colours = COLOURS[theme]
    cells = alt.Chart(named("rows")).mark_rect().encode(
        x=alt.X("at:O", title="looks at symbol", axis=alt.Axis(labelOverlap="greedy", labelAngle=0)),
        y=alt.Y("step:O", title="after symbol", axis=alt.Axis(labelOverlap="greedy")),
        color=alt.Color(
            "share:Q", scale=alt.Scale(range=[colours["surface"], colours["f"]]), legend=alt.Legend(title="share", format=".0%")
        ),
        tooltip=[
            alt.Tooltip("step:O", title="after symbol"), alt.Tooltip("at:O", title="looks at"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )  # fmt: skip
    return layout(alt.layer(cells), height)


def growth(rows: Sequence[Mapping[str, Any]], quantity: str, *, height: int = 320) -> Figure:
    """Time ("ms") or memory ("bytes") of a training step against the length, both axes logarithmic."""
    scale = 1.0 if quantity == "ms" else 1e-6
    data = [(row["length"], row[quantity] * scale, CELLS[row["cell"]]) for row in rows]
    title = "ms for a training step" if quantity == "ms" else "MB beyond the weights"
    return Figure(_growth(height, scheme(), title), {"rows": columns(("length", "value", "network"), data)})


@lru_cache(maxsize=8)
def _growth(height: int, theme: Scheme, title: str) -> dict[str, Any]:
    lines = alt.Chart(named("rows")).mark_line(strokeWidth=2.5, point=True).encode(
        x=alt.X("length:Q", title="length of the sequence", scale=alt.Scale(type="log", nice=False), axis=alt.Axis(format="d")),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(type="log")),
        color=alt.Color("network:N", scale=_colours(theme), legend=_legend()),
        strokeDash=alt.StrokeDash("network:N", scale=_dashes(), legend=_legend()),
        tooltip=["network:N", "length:Q", alt.Tooltip("value:Q", title=title, format=".3g")],
    )  # fmt: skip
    return layout(alt.layer(lines), height)
