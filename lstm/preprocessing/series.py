"""Series of numbers to forecast: how one is split in time, windowed and scaled, and how forecasts of it are scored.

Time never runs backwards here. A series is split into training, validation and test part in that order; a window of
a later part may look back into an earlier one, for that is what a forecaster would have seen, but no target lies in two
parts, and the scaler and the linear model see the training part alone.

A window has an *origin* i: it shows values[i − look_back : i], and its targets are values[i : i + horizon].
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstm.layers import positive_integer
from lstm.optimizers import share

MAX_POINTS = 200_000
"""Most points of a series that is trained on."""
PARTS = ("training", "validation", "test")
BASELINES = ("last value", "seasonal last value", "linear autoregression")
_FIT_NUMBERS = 4_000_000  # most numbers the linear model is fitted on: enough to be exact, and a fraction of a second


@dataclass(frozen=True)
class Series:
    """Numbers in equal steps of time.

    Parameters
    ----------
    values : (points,) float64, all finite
    unit : of the values, such as "visits a day"; may be empty
    season : points after which it roughly repeats, if it does
    dates : (points,) datetime64, if there are any
    expected : (points,), what the generator expected at each point before it drew the noise
    expected_kind : "signal" if that is a function of time alone, "walk" if it is the value before
    """

    name: str
    title: str
    values: np.ndarray
    unit: str = ""
    season: int | None = None
    dates: np.ndarray | None = None
    expected: np.ndarray | None = None
    expected_kind: Literal["signal", "walk"] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def step(self) -> np.timedelta64 | None:
        """The usual distance of two dates, in months if all fall on the same day of their months, or all on the last."""
        if self.dates is None or len(self.dates) < 2:
            return None
        months = self.dates.astype("datetime64[M]")
        days = self.dates - months.astype(self.dates.dtype)
        apart = np.diff(months).astype(int)
        if ((days == days[0]).all() or self._at_month_ends) and apart.min() == apart.max() >= 1:
            return np.timedelta64(int(apart[0]), "M")
        return np.median(np.diff(self.dates).astype("timedelta64[s]").astype(np.int64)).astype("timedelta64[s]")

    @property
    def _at_month_ends(self) -> bool:
        days = self.dates.astype("datetime64[D]")
        return bool((days.astype("datetime64[M]") != (days + 1).astype("datetime64[M]")).all())

    def future_dates(self, count: int) -> np.ndarray | None:
        """The `count` dates that follow the last one."""
        if (step := self.step) is None:
            return None
        last, ahead = self.dates[-1], np.arange(1, count + 1)
        if np.datetime_data(step)[0] == "M":
            month = last.astype("datetime64[M]")
            firsts = (month + step * ahead).astype(self.dates.dtype)
            if self._at_month_ends and last - month.astype(self.dates.dtype) >= np.timedelta64(27, "D"):
                ends = (month + step * ahead + 1).astype("datetime64[D]") - 1
                return ends.astype(self.dates.dtype) + (last - last.astype("datetime64[D]"))
            return firsts + (last - month.astype(self.dates.dtype))
        return last.astype("datetime64[s]") + step * ahead


# Split, windows, scale ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Split:
    """A series in three parts, one after the other: [0, train_end), [train_end, validation_end), [validation_end, points)."""

    points: int
    train_end: int
    validation_end: int

    def part(self, name: str) -> tuple[int, int]:
        """Where a part begins, and where the next one does."""
        if name not in PARTS:
            raise ValueError(f"part must be one of {', '.join(PARTS)}, got {name!r}")
        edges = (0, self.train_end, self.validation_end, self.points)
        return edges[PARTS.index(name)], edges[PARTS.index(name) + 1]

    def origins(self, name: str, look_back: int, horizon: int) -> np.ndarray:
        """The origins of all windows whose targets lie in that part. There may be none."""
        start, stop = self.part(name)
        return np.arange(max(start, look_back), stop - horizon + 1)

    def labels(self) -> list[str]:
        """The part each point belongs to."""
        return [name for name in PARTS for _ in range(*self.part(name))]


def split_in_time(points: int, validation: float = 0.16, test: float = 0.2) -> Split:
    """The last share `test` of a series for testing, the share `validation` before it for validation."""
    validation, test = share(validation, "validation"), share(test, "test")
    if not validation or not test or validation + test > 0.8:
        raise ValueError(
            f"validation and test must be above 0 and leave a fifth of the series for training, got {validation:g} and {test:g}"
        )
    validation_end = points - max(round(points * test), 1)
    return Split(points, max(validation_end - max(round(points * validation), 1), 0), validation_end)


def windows(values: np.ndarray, origins: np.ndarray, look_back: int) -> np.ndarray:
    """What a network sees at each origin: (origins, look_back, 1)."""
    return np.lib.stride_tricks.sliding_window_view(values, look_back)[np.asarray(origins) - look_back][..., None]


def targets(values: np.ndarray, origins: np.ndarray, horizon: int) -> np.ndarray:
    """What it is to say there: (origins, horizon)."""
    return np.lib.stride_tricks.sliding_window_view(values, horizon)[np.asarray(origins)]


@dataclass(frozen=True)
class Scaler:
    """Min-max scaling: `low` becomes 0 and `high` 1. What lies outside of both is scaled alike, and not cut off."""

    low: float
    high: float

    @classmethod
    def fit(cls, values: np.ndarray) -> Scaler:
        """The scaler of these values, which should be the training part's. ValueError if they are all the same."""
        low, high = float(np.min(values)), float(np.max(values))
        if not high - low > 1e-12 * max(abs(low), abs(high)):
            raise ValueError(f"the training part of the series is constant ({low:g}): there is nothing to learn")
        return cls(low, high)

    @property
    def span(self) -> float:
        """The distance in the series' unit that is 1 when scaled."""
        return self.high - self.low

    def to(self, values: np.ndarray) -> np.ndarray:
        """Scale."""
        return (np.asarray(values) - self.low) / self.span

    def back(self, scaled: np.ndarray) -> np.ndarray:
        """From scaled numbers to the series' unit."""
        return np.asarray(scaled) * self.span + self.low


def thin(values: np.ndarray, most: int = 2_000) -> np.ndarray:
    """Indices of at most `most` points that draw like all of them: both ends, and of each stretch its extremes."""
    n = len(values)
    if n <= max(most, 4):
        return np.arange(n)
    edges = np.linspace(0, n, (most - 2) // 2 + 1).astype(int)
    kept = {0, n - 1}
    for start, stop in itertools.pairwise(edges):
        kept |= {start + int(np.argmin(values[start:stop])), start + int(np.argmax(values[start:stop]))}
    return np.array(sorted(kept))


# Baselines and scores -----------------------------------------------------------------------------------------------


def last_value(values: np.ndarray, origins: np.ndarray, horizon: int) -> np.ndarray:
    """Tomorrow will be like today: (origins, horizon)."""
    return np.repeat(values[np.asarray(origins) - 1][:, None], horizon, axis=1)


def seasonal_last_value(values: np.ndarray, origins: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Each target will be like the last known point a whole number of seasons before it: (origins, horizon)."""
    ahead = np.arange(horizon)
    place = np.asarray(origins)[:, None] + ahead - season * (ahead // season + 1)
    if place.size and place.min() < 0:
        raise ValueError(f"a season of {season} points reaches back before the beginning of the series")
    return values[place]


def lagged_copy(values: np.ndarray, origins: np.ndarray, lag: int) -> np.ndarray:
    """The series itself, `lag` points late: (origins, 1)."""
    place = np.asarray(origins) - positive_integer(lag, "lag")
    if place.size and place.min() < 0:
        raise ValueError(f"a lag of {lag} points reaches back before the beginning of the series")
    return values[place][:, None]


@dataclass(frozen=True)
class LinearAR:
    """Linear autoregression: each target as a weighted sum of the window, plus a constant, by least squares.

    weights : (look_back, horizon), the oldest point of the window first
    """

    weights: np.ndarray
    constant: np.ndarray

    @classmethod
    def fit(cls, values: np.ndarray, origins: np.ndarray, look_back: int, horizon: int) -> LinearAR:
        """Least squares over these windows, which should be the training part's; the latest ones if they are very many."""
        origins = np.asarray(origins)[-max(_FIT_NUMBERS // look_back, 10) :]
        x, y = windows(values, origins, look_back)[..., 0], targets(values, origins, horizon)
        middle_x, middle_y = x.mean(axis=0), y.mean(axis=0)
        weights = np.linalg.lstsq(x - middle_x, y - middle_y, rcond=1e-8)[0]
        return cls(weights, middle_y - middle_x @ weights)

    def predict(self, values: np.ndarray, origins: np.ndarray) -> np.ndarray:
        """(origins, horizon)"""
        return windows(values, origins, len(self.weights))[..., 0] @ self.weights + self.constant


def best_possible(series: Series, origins: np.ndarray, horizon: int) -> np.ndarray | None:
    """What someone would say who knows the rule of a generated series but not its noise: nothing is better but by luck."""
    if series.expected is None:
        return None
    if series.expected_kind == "walk":
        return last_value(series.values, origins, horizon)
    return targets(series.expected, origins, horizon)


@dataclass(frozen=True)
class Score:
    """How far predictions are off: in the series' unit (`mse` in its square), and scaled to the span of the training part.

    r2 : 1 − MSE / variance; close to 1 for anything that follows a smooth series, a late copy of it included
    """

    mse: float
    rmse: float
    mae: float
    scaled_mse: float
    r2: float


def score(actual: np.ndarray, predicted: np.ndarray, span: float) -> Score:
    """The score of predictions; both arrays of one shape. `span` is the scaler's."""
    if np.shape(actual) != np.shape(predicted):
        raise ValueError(f"actual and predicted must have one shape, got {np.shape(actual)} and {np.shape(predicted)}")
    error = np.asarray(predicted, np.float64) - actual
    mse, variance = float(np.mean(error**2)), float(np.var(actual))
    r2 = 1 - mse / variance if variance > 0 else 0.0
    return Score(mse, mse**0.5, float(np.mean(np.abs(error))), mse / span**2, r2)


def skill(mse: float, reference: float) -> float:
    """The share of the reference's mean squared error that is saved: 1 − MSE / reference. Below 0 it is worse."""
    return 1 - mse / reference if reference > 0 else 0.0
