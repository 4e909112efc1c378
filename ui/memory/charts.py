"""Charts of Memory: gradients on their way back, scores against the distance, an LSTM from inside, the V of a check.

As in `ui/charts.py` the layout of each is built once per theme, and a redraw sends new rows alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from ui.charts import LABELS, Figure, in_order, placed
from ui.theme import COLOURS, Scheme, scheme

RNN_H, LSTM_H, LSTM_C = "SimpleRNN ∂loss/∂h", "LSTM ∂loss/∂h", "LSTM ∂loss/∂c"
ALONG_F = "of it along f alone"
BY_F, BY_H = "LSTM, by f alone", "LSTM, by h and the gates"
NETWORKS = {"lstm": ("LSTM", "train"), "rnn": ("SimpleRNN", "validation"), "gru": ("GRU", "test")}
"""What a network is called, and its colour in `ui.theme`."""
_READERS = {**NETWORKS, "taught": ("LSTM, taught to remember", "test")}
_DECADES = [10.0**k for k in range(-40, 41)]
_WAYS = {RNN_H: ("validation", [1, 0]), LSTM_H: ("train", [5, 4]), LSTM_C: ("train", [1, 0]), ALONG_F: ("test", [2, 2])}
_FACTORS = {"SimpleRNN": ("validation", [1, 0]), "LSTM": ("train", [1, 0]), BY_F: ("test", [2, 2]), BY_H: ("o", [5, 4])}


def way_back(
    rnn_h: np.ndarray, lstm_h: np.ndarray, lstm_c: np.ndarray, along_f: np.ndarray, *, height: int = 300
) -> Figure:
    """The norms of the gradients at every step t = 0 … T, on a logarithmic axis; norms of exactly 0 have no place."""
    rows = pd.DataFrame(
        [
            (t, len(norms) - 1 - t, float(norm), way)
            for way, norms in ((RNN_H, rnn_h), (LSTM_H, lstm_h), (LSTM_C, lstm_c), (ALONG_F, along_f))
            for t, norm in enumerate(norms)
            if norm > 0
        ],
        columns=["step", "back", "norm", "way"],
    )
    return Figure(_way_back("time step t (the loss looks at the last one)", height, scheme()), {"rows": rows})


@lru_cache(maxsize=8)
def _way_back(x: str, height: int, theme: Scheme) -> dict[str, Any]:
    points = alt.OverlayMarkDef(size=120, opacity=0)  # nothing to see, something to point at
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2.5, point=points).encode(
        x=alt.X("step:Q", title=x, axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(nice=False)),
        y=alt.Y(
            "norm:Q", title="norm of the gradient", scale=alt.Scale(type="log", nice=False, padding=8),
            axis=_powers(),
        ),
        color=alt.Color("way:N", scale=_scale(_WAYS, theme), legend=_legend(2)),
        strokeDash=alt.StrokeDash("way:N", scale=_dashes(_WAYS), legend=_legend(2)),
        tooltip=[
            alt.Tooltip("way:N", title="norm of"), alt.Tooltip("step:Q", title="time step"),
            alt.Tooltip("back:Q", title="steps before the loss"), alt.Tooltip("norm:Q", format=".4g"),
        ],
    )  # fmt: skip
    return _layout(lines, height)


def _powers() -> alt.Axis:
    """The axis of a logarithmic scale: a line for each power of ten, and no others."""
    return alt.Axis(format=".0e", values=_DECADES, labelOverlap="greedy")


def _scale(ways: Mapping[str, tuple], theme: Scheme) -> alt.Scale:
    return alt.Scale(domain=list(ways), range=[COLOURS[theme][colour] for colour, *_ in ways.values()])


def _dashes(ways: Mapping[str, tuple]) -> alt.Scale:
    return alt.Scale(domain=list(ways), range=[dash for _, dash in ways.values()])


def _legend(columns: int = 0) -> alt.Legend:
    """Above the chart; on a phone three entries need `columns` of two."""
    return alt.Legend(title=None, orient="top", columns=columns, labelLimit=220, symbolSize=400, symbolType="stroke")


def factors(
    rnn: np.ndarray, lstm: np.ndarray, ways: tuple[np.ndarray, np.ndarray], at: int, *, height: int = 300
) -> Figure:
    """By how much each step back stretched the gradient: of h in the SimpleRNN, of c in the LSTM, t = 1 … T.

    `ways` are the factors of the LSTM's two ways, along f and through h and the gates; step `at` is marked.
    """
    rows = pd.DataFrame(
        [
            (t, float(factor), name)
            for name, values in zip(_FACTORS, (rnn, lstm, *ways), strict=True)
            for t, factor in enumerate(values, 1)
        ],
        columns=["step", "factor", "network"],
    )
    tables = {"rows": rows, "level": _level(1.0, "1: as long as before"), "at": {"step": [at]}}
    return Figure(_factors(height, scheme()), tables)


@lru_cache(maxsize=8)
def _factors(height: int, theme: Scheme) -> dict[str, Any]:
    x = alt.X("step:Q", title="time step t", axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(nice=False))
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=18)).encode(
        x=x,
        y=alt.Y("factor:Q", title="factor of one step back", scale=alt.Scale(zero=True)),
        color=alt.Color("network:N", scale=_scale(_FACTORS, theme), legend=_legend(2)),
        strokeDash=alt.StrokeDash("network:N", scale=_dashes(_FACTORS), legend=_legend(2)),
        tooltip=[
            alt.Tooltip("network:N"), alt.Tooltip("step:Q", title="time step"), alt.Tooltip("factor:Q", format=".4f"),
        ],
    )  # fmt: skip
    at = alt.Chart(alt.NamedData(name="at")).mark_rule(color=COLOURS[theme]["muted"], strokeWidth=6, opacity=0.35).encode(x=x)
    return _layout(_rule(theme) + at + lines, height)


def against_distance(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    trained: int,
    chance: float,
    *,
    error: bool = False,
    held: str = "",
    legend: bool = True,
    height: int = 240,
) -> Figure:
    """Scores at each distance, for each network (a key of `NETWORKS`, or "held": the LSTM with its gate held).

    Parameters
    ----------
    curves : distances and scores
    trained : the longest distance that was practised, marked
    chance : what guessing scores
    error : whether the scores are RMS errors (adding) instead of shares of right answers (recall)
    held : what the legend calls "held"
    legend : False below a chart of the same colours
    """
    names = {**NETWORKS, "held": (held, "f")}
    rows = pd.DataFrame(
        [
            (float(distance), float(score), names[kind][0])
            for kind, (distances, scores) in curves.items()
            for distance, score in zip(distances, scores, strict=True)
        ],
        columns=["distance", "score", "network"],
    )
    look = tuple(names[kind] for kind in curves)
    marks = {"place": [trained], "label": ["practised"]}
    level = _level(chance, "always saying 1" if error else "guessing")
    return Figure(
        _against_distance(look, error, legend, height, scheme()), {"rows": rows, "marks": marks, "level": level}
    )


@lru_cache(maxsize=32)
def _against_distance(
    look: tuple[tuple[str, str], ...], error: bool, legend: bool, height: int, theme: Scheme
) -> dict[str, Any]:
    palette = COLOURS[theme]
    colour = alt.Scale(domain=[name for name, _ in look], range=[palette[shade] for _, shade in look])
    title = "RMS error of the sum" if error else "right answers"
    scale = alt.Scale(zero=True, nice=True) if error else alt.Scale(domain=[0, 1])
    x = alt.X(
        "distance:Q",
        title="distance in time steps",
        axis=alt.Axis(format="d", tickMinStep=1),
        scale=alt.Scale(nice=False, zero=True),
    )
    few = not error and len(look) == 2
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(
        strokeWidth=2.5, point=alt.OverlayMarkDef(size=36) if few or error else False
    ).encode(
        x=x,
        y=alt.Y("score:Q", title=title, scale=scale, axis=alt.Axis(format=".2f" if error else "%")),
        color=alt.Color("network:N", scale=colour, legend=_legend() if legend else None),
        tooltip=[
            alt.Tooltip("network:N"), alt.Tooltip("distance:Q"),
            alt.Tooltip("score:Q", title=title, format=".4f" if error else ".1%"),
        ],
    )  # fmt: skip
    mark = alt.Chart(alt.NamedData(name="marks"))
    place = mark.mark_rule(color=palette["muted"], strokeDash=[2, 3]).encode(x="place:Q")
    label = mark.mark_text(align="left", dx=4, dy=-4, color=palette["muted"], fontSize=12, baseline="bottom").encode(
        x="place:Q", y=alt.value("height"), text="label:N"
    )
    return _layout(_rule(theme) + place + label + lines, height)


def _level(level: float, label: str) -> dict[str, list[Any]]:
    """The table "level" of a chart with a `_rule`."""
    return {"level": [level], "label": [label]}


def _rule(theme: Scheme) -> alt.LayerChart:
    """A dashed line at a level, and what it means."""
    palette = COLOURS[theme]
    one = alt.Chart(alt.NamedData(name="level"))
    rule = one.mark_rule(strokeDash=[5, 4], color=palette["baseline"], strokeWidth=1.5).encode(y="level:Q")
    text = one.mark_text(align="right", dy=-6, color=palette["muted"], fontSize=12).encode(
        x=alt.value("width"), y="level:Q", text="label:N"
    )
    return rule + text


def states_over_time(values: np.ndarray, words: Sequence[str], title: str, *, height: int = 250) -> Figure:
    """What each unit holds after each step: `values` (steps, units) from −1 to 1 as colours, time from left to right."""
    steps, units = values.shape
    rows = pd.DataFrame(
        {
            "step": np.repeat(np.arange(steps), units),
            "unit": np.tile(np.arange(1, units + 1), steps),
            "read": np.repeat(np.asarray(words, dtype=object), units),
            "value": np.round(values.ravel().astype(float), 3),
        }
    )
    return Figure(_states_over_time(steps, units, title, height, scheme()), {"rows": rows})


@lru_cache(maxsize=32)
def _states_over_time(steps: int, units: int, title: str, height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    colours = alt.Scale(domain=[-1, 0, 1], range=[palette["i"], palette["surface"], palette["f"]], interpolate="rgb")
    every = max(1, round(steps / 10))
    cells = alt.Chart(alt.NamedData(name="rows")).mark_rect().encode(
        x=alt.X("step:O", title="blanks read", axis=alt.Axis(values=list(range(0, steps, every)), labelAngle=0)),
        y=alt.Y("unit:O", title=f"{units} units", axis=alt.Axis(labels=False, ticks=False)),
        color=alt.Color("value:Q", scale=colours, legend=alt.Legend(title=title, gradientLength=90, orient="right")),
        tooltip=[
            alt.Tooltip("unit:O"), alt.Tooltip("step:O", title="blanks read"), alt.Tooltip("read:N", title="just read"),
            alt.Tooltip("value:Q", title=title, format="+.3f"),
        ],
    )  # fmt: skip
    return _layout(cells, height)


def gates_over_time(gates: Mapping[str, np.ndarray], *, height: int = 170) -> Figure:
    """The mean over all units of some gates after each step."""
    rows = pd.DataFrame(
        [(t, float(value), LABELS[gate]) for gate, values in gates.items() for t, value in enumerate(values)],
        columns=["step", "value", "gate"],
    )
    return Figure(_gates_over_time(tuple(gates), height, scheme()), {"rows": rows})


@lru_cache(maxsize=8)
def _gates_over_time(names: tuple[str, ...], height: int, theme: Scheme) -> dict[str, Any]:
    colour = alt.Scale(domain=[LABELS[n] for n in names], range=[COLOURS[theme][n] for n in names])
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2.5).encode(
        x=alt.X("step:Q", title=None, axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(nice=False)),
        y=alt.Y("value:Q", title="mean", scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("gate:N", scale=colour, legend=alt.Legend(title=None, orient="right", symbolType="stroke", symbolSize=400)),
        tooltip=[
            alt.Tooltip("gate:N"), alt.Tooltip("step:Q", title="blanks read"), alt.Tooltip("value:Q", format=".4f"),
        ],
    )  # fmt: skip
    return _layout(lines, height)


def words_back(words: Sequence[str], clue: int, shares: Mapping[str, np.ndarray], *, height: int = 250) -> Figure:
    """How much of the gradient at the last word reaches each word, on a logarithmic axis; word `clue` is marked.

    `shares` has a value a word for "rnn", "lstm" and, if it is there, "taught"; a share of 0 is left out.
    """
    shown = [placed(k, word) for k, word in enumerate(words)]
    rows = pd.DataFrame(
        [
            (place, word, float(share), _READERS[kind][0])
            for kind, values in shares.items()
            for place, word, share in zip(shown, words, values, strict=True)
            if share > 0
        ],
        columns=["place", "word", "share", "network"],
    )
    look = _words_back(tuple(shares), height, scheme())
    return Figure(look, {"rows": rows, "clue": {"place": [shown[clue]]}}, len(words))


@lru_cache(maxsize=16)
def _words_back(kinds: tuple[str, ...], height: int, theme: Scheme) -> dict[str, Any]:
    readers = {name: (colour,) for name, colour in (_READERS[kind] for kind in kinds)}
    x = alt.X("place:O", title=None, **in_order(labelAngle=-90))
    clue = alt.Chart(alt.NamedData(name="clue")).mark_bar(
        opacity=0.16, color=COLOURS[theme]["muted"], width={"band": 1.0}
    ).encode(x=x, tooltip=alt.value(None))  # fmt: skip
    lines = alt.Chart(alt.NamedData(name="rows")).mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=50)).encode(
        x=x,
        y=alt.Y(
            "share:Q", title="gradient (last word = 1)", scale=alt.Scale(type="log", nice=False, padding=8), axis=_powers()
        ),
        color=alt.Color("network:N", scale=_scale(readers, theme), legend=_legend(2)),
        tooltip=[alt.Tooltip("network:N"), alt.Tooltip("word:N"), alt.Tooltip("share:Q", format=".3g")],
    )  # fmt: skip
    return _layout(clue + lines, height)


def vee(errors: Mapping[float, float], now: float, tolerance: float, *, height: int = 280) -> Figure:
    """The relative error of a numeric gradient for each step size ε, both on logarithmic axes; `now` is marked."""
    rows = pd.DataFrame(
        [(epsilon, max(error, 1e-17), epsilon == now) for epsilon, error in errors.items()],
        columns=["epsilon", "error", "now"],
    )
    return Figure(_vee(height, scheme()), {"rows": rows, "level": _level(tolerance, "what the check allows")})


@lru_cache(maxsize=8)
def _vee(height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    log = alt.Scale(type="log", nice=False, padding=12)
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("epsilon:Q", title="step size ε", scale=log, axis=_powers()),
        y=alt.Y("error:Q", title="relative error", scale=log, axis=_powers()),
        tooltip=[alt.Tooltip("epsilon:Q", format=".0e", title="ε"), alt.Tooltip("error:Q", format=".2e")],
    )
    line = base.mark_line(strokeWidth=2.5, color=palette["train"])
    points = base.mark_point(filled=True, color=palette["train"], opacity=1).encode(
        size=alt.condition("datum.now", alt.value(190), alt.value(45))
    )
    return _layout(_rule(theme) + line + points, height)


def _layout(chart: alt.TopLevelMixin, height: int) -> dict[str, Any]:
    layout = chart.properties(height=height).to_dict()
    layout.pop("config", None)
    return layout
