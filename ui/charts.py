"""What a chart is made of: a layout that is built once, and rows that change.

Altair takes 20 to 40 ms to build and check a chart, and four are redrawn while a slider moves. So the layout of each is
built once per theme and kept, and a redraw sends new rows alone, which the browser puts into the chart that is there.
Colours are the theme's, hovering gives exact values, and axes stay put while values move a little.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
import streamlit as st

Table = Mapping[str, Sequence[float]]
Rows = Mapping[str, Sequence[Any]]
"""The columns of a table, all of one length."""
LABELS = {"f": "forget", "i": "input", "g": "candidate", "o": "output", "c": "cell state C", "h": "hidden state h"}


FEW_WORDS = 12
"""Words that find room beside each other in any chart; one about more is as wide as they need, and scrolls."""
WORD_STEP, WORDS_WIDTH = 22, 640
"""Least width of a word in pixels, and about the width of a chart with more than `FEW_WORDS` of them."""


@dataclass(frozen=True)
class Figure:
    """A chart's layout (Vega-Lite, shared and never changed) and the tables it draws, by name."""

    layout: Mapping[str, Any]
    rows: Mapping[str, Rows]
    words: int = 0
    """How many words stand below the axis, each with a label; 0 where it is not about words."""

    def chart(self) -> alt.TopLevelMixin:
        """The same as an Altair chart, rows included."""
        rows = {name: pa.table(columns).to_pylist() for name, columns in self.rows.items()}
        return alt.Chart.from_dict({**self.layout, "datasets": rows})

    def show(self, key: str, alt: str) -> None:
        """Draw it across its container. `alt` is what a screen reader says."""
        rows = {name: pa.table(columns) for name, columns in self.rows.items()}
        drawn = fitting(with_rows(self.layout, frozenset(name for name, table in rows.items() if not table.num_rows)))
        if self.words <= FEW_WORDS:
            st.vega_lite_chart({**drawn, "datasets": rows}, key=key, alt=alt, width="stretch")
            return
        step = max(WORD_STEP, WORDS_WIDTH // self.words)
        with st.container(key=f"{key}_wide"):
            st.html(f"<style>.st-key-{key}_wide {{ overflow-x: auto; }}</style>")
            layout = {**drawn, "width": {"step": step}, "autosize": {"type": "pad"}}
            st.vega_lite_chart({**layout, "datasets": rows}, key=key, alt=alt, width="content")


def with_rows(layout: Mapping[str, Any], empty: frozenset[str]) -> Mapping[str, Any]:
    """The layout without the layers whose table is `empty`: of these Vega says in the console that their extent is infinite.

    A picture all of whose layers are empty stays as it is.
    """
    if not empty:
        return layout
    found = dict(layout)
    for kind in ("vconcat", "hconcat", "layer"):
        if kind in found:
            drawn = [part for part in found[kind] if part.get("data", {}).get("name") not in empty or "name" in part]
            kept = [with_rows(part, empty) for part in drawn]  # what has a name is where something is pointed at
            if kept and (kind == "layer" or len(kept) == len(found[kind])):
                found[kind] = kept
    return found


def named(name: str) -> alt.NamedData:
    return alt.NamedData(name=name)


def placed(place: int, label: str) -> str:
    """A value of an axis whose order means something: its place, then what is written there. See `in_order`."""
    return f"{place:04d} {label}"


def in_order(**axis: Any) -> dict[str, Any]:
    """Axis and order for a field of `placed` values: the place sorts them, keeps equal labels apart, and is not written.

    The order in which rows arrive (`sort=None`) will not do: when only the rows change, Vega keeps that of the first drawing.
    """
    return {"sort": "ascending", "axis": alt.Axis(labelExpr="slice(datum.label, 5)", labelOverlap=False, **axis)}


def columns(names: Sequence[str], rows: Sequence[tuple]) -> Rows:
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


def layout(chart: alt.LayerChart, height: int) -> dict[str, Any]:
    layout = chart.properties(height=height).to_dict()
    layout.pop("config", None)  # sizes of Altair's own theme; Streamlit brings its own
    return layout


_LETTER, _SYMBOL, _AXIS = 7.0, 34, 56
"""Pixels: of an average letter of a legend, of a symbol with what is around it, and of the axis that a legend begins behind."""


def fitting(layout: Mapping[str, Any]) -> dict[str, Any]:
    """The layout with legends above or below a chart in as many columns as there is room for: on a phone often one.

    Pictures beside each other, which have no signal `width`, are made anew by Streamlit when the window changes.
    """
    alone = not any(name in layout for name in ("vconcat", "hconcat", "concat", "facet", "repeat"))
    return _fitting(layout, room(_AXIS) if alone else f"(containerSize()[0] - {_AXIS})")


def room(beside: int) -> str:
    """Vega's expression for the pixels across a picture of its own, less those `beside` the plot, whenever the window changes.

    It is the container's, which stands before the picture is laid out: `width` changes once more while Vega makes room for axes,
    and what grows because of that is cut off. Vega reads the container anew only when a signal changes that stands beside it.
    """
    return f"(containerSize()[0] - {beside} + 0 * width)"


def _fitting(part: Any, room: str) -> Any:
    if isinstance(part, list):
        return [_fitting(inner, room) for inner in part]
    if not isinstance(part, Mapping):
        return part
    found = {name: _fitting(inner, room) for name, inner in part.items()}
    legend, scale = found.get("legend"), found.get("scale")
    names = scale.get("domain") if isinstance(scale, dict) else None
    above = isinstance(legend, dict) and legend.get("orient") in ("top", "bottom")
    if above and isinstance(names, list) and names and all(isinstance(name, str) for name in names):
        wide = min(max(map(len, names)) * _LETTER, legend.get("labelLimit", 160))
        wide += max(_SYMBOL, math.sqrt(legend.get("symbolSize", 100)) + 20)
        most = legend.get("columns") or len(names)
        legend["columns"] = {"expr": f"clamp(floor({room} / {wide:.0f}), 1, {most})"}
    return found


def half_units(low: float, high: float) -> tuple[float, float]:
    """Bounds on half units, so that the axis stays put while values move a little."""
    return float(np.floor(low * 2) / 2), float(np.ceil(high * 2 - 1e-9) / 2)
