"""What the charts of Forecasting have in common: who is drawn how, and time on an axis.

Time is a number of steps, or a date where the series has dates: those are sent in milliseconds and read as UTC, so that
no time zone moves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np

from lstm.bidirectional import WRAPPED
from lstm.preprocessing.series import Series, thin
from ui.charts import Rows

PARTS = ("training", "validation", "test")
ONE_STEP = "one step ahead"
ACTUAL = "what came"
COPY = "the late copy"
HELD = "a gate held"
LOOKS = {
    ACTUAL: ("text", (1, 0), 1.3),
    **dict.fromkeys(WRAPPED, ("test", (1, 0), 2.4)),
    "last value": ("validation", (5, 3), 1.6),
    "seasonal last value": ("o", (2, 2), 1.6),
    "linear autoregression": ("train", (7, 3), 1.8),
    "knowing the rule": ("baseline", (1, 0), 2.2),
    COPY: ("validation", (5, 3), 1.8),
    HELD: ("f", (4, 2), 1.8),
}
"""Of each forecaster its colour in `ui.theme`, its dashes, its line's width."""


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


def curve_rows(clock: Clock, curves: Sequence[Curve], window: tuple[int, int] = (0, 0)) -> Rows:
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


def value_title(series: Series) -> str:
    return series.unit or (series.title if series.name == "given" else "value")


def time_type(dates: bool) -> str:
    return "temporal" if dates else "quantitative"


def time_scale(dates: bool, domain: Any = None) -> alt.Scale:
    chosen = {} if domain is None else {"domain": domain}
    return alt.Scale(type="utc", **chosen) if dates else alt.Scale(zero=False, nice=False, **chosen)


def time_axis(dates: bool) -> alt.Axis:
    return alt.Axis(tickCount=8) if dates else alt.Axis(format=",d", tickMinStep=1, tickCount=8)


def legend(columns: int = 0) -> alt.Legend:
    """Above the chart; in `columns`, so that it fits a phone, or all in one row."""
    return alt.Legend(
        title=None, orient="top", offset=4, symbolType="stroke", symbolStrokeWidth=3, columns=columns, columnPadding=8
    )


def stacked_layout(chart: alt.VConcatChart) -> dict[str, Any]:
    """Pictures above each other, all as wide as there is room: Streamlit sets this for the simplest ones alone."""
    return {**layout_of(chart), "autosize": {"type": "fit-x", "contains": "padding"}}


def layout_of(chart: alt.TopLevelMixin) -> dict[str, Any]:
    layout = chart.to_dict()
    layout.pop("config", None)  # sizes of Altair's own theme; Streamlit brings its own
    return layout
