"""Series that the lab draws itself: waves, a trend, a page's visits, a random walk; each with its settings, by seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstm.layers import positive_integer
from lstm.preprocessing.series import Series

POINTS = (200, 20_000)
"""Fewest and most points of a generated series."""


@dataclass(frozen=True)
class Parameter:
    """A number a generator takes. Whole numbers have a whole `step`."""

    name: str
    label: str
    default: float
    low: float
    high: float
    step: float
    unit: str
    help: str


@dataclass(frozen=True)
class Generator:
    """A kind of series: what it is like, what can be set, and the function that draws it."""

    name: str
    title: str
    about: str
    draw: Callable[..., dict[str, Any]]
    parameters: tuple[Parameter, ...]
    points: int = 1_000
    unit: str = ""
    daily: bool = False


def _noisy_sine(n: int, rng: np.random.Generator, amplitude: float, periods: float, noise: float) -> dict[str, Any]:
    signal = amplitude * np.sin(np.linspace(0, 2 * np.pi * periods, n))
    return _with_noise(signal, noise, rng) | {"season": round((n - 1) / periods)}


def _two_sines(
    n: int, rng: np.random.Generator, periods: float, second_periods: float, second_amplitude: float, noise: float
) -> dict[str, Any]:
    time = np.linspace(0, 2 * np.pi, n)
    signal = np.sin(periods * time) + second_amplitude * np.sin(second_periods * time)
    return _with_noise(signal, noise, rng) | {"season": round((n - 1) / periods)}


def _trend_season(
    n: int, rng: np.random.Generator, season: int, rise: float, amplitude: float, noise: float
) -> dict[str, Any]:
    turn = 2 * np.pi * np.arange(n) / season
    signal = 10 + rise * np.arange(n) / (n - 1) + amplitude * (np.sin(turn) + 0.4 * np.sin(2 * turn + 1))
    return _with_noise(signal, noise, rng) | {"season": int(season)}


WEEK = np.array([0.75, 0.9, 0.85, 0.7, 0.2, -1.75, -1.65])
"""How the visits of Monday to Sunday lie about their mean, in units of the weekly swing."""


def _web_traffic(
    n: int, rng: np.random.Generator, level: float, swing: float, growth: float, noise: float, outliers: float
) -> dict[str, Any]:
    day = np.arange(n)
    rate = level * (1 + growth / 100 * day / 365.25) * (1 + swing / 100 * WEEK[day % 7])
    rate = np.maximum(rate, 0.0)
    # Visitors come one by one (Poisson), to a page that has better and worse days (gamma): a negative binomial.
    spread = (noise / 100) ** 2
    visits = rng.poisson(rate * rng.gamma(1 / spread, spread, n) if spread > 0 else rate).astype(np.float64)
    # Now and then somebody links to the page. How strongly: 1.5 to 2.5 times the usual number, 2 on average.
    spike = np.where(rng.random(n) < outliers / 100, rng.uniform(1.5, 2.5, n), 1.0)
    dates = np.datetime64("2022-01-03") + day  # a Monday
    expected = rate * (1 + outliers / 100)
    return {"values": np.round(visits * spike), "expected": expected, "dates": dates, "season": 7}


def _random_walk(n: int, rng: np.random.Generator, stride: float) -> dict[str, Any]:
    values = np.cumsum(np.concatenate([[100.0], rng.normal(0, stride, n - 1)]))
    return {"values": values, "expected": np.concatenate([values[:1], values[:-1]]), "expected_kind": "walk"}


def _with_noise(signal: np.ndarray, noise: float, rng: np.random.Generator) -> dict[str, Any]:
    return {"values": signal + rng.normal(0, noise, len(signal)), "expected": signal}


def _noise(default: float, high: float) -> Parameter:
    return Parameter(
        "noise", "Noise σ", default, 0.0, high, 0.01, "", "Standard deviation of what is added to each point."
    )


_ALL = (
    Generator(
        "noisy_sine", "Noisy sine", "A sine wave with normally distributed noise on every point.", _noisy_sine,
        (
            Parameter("amplitude", "Amplitude", 1.0, 0.1, 10.0, 0.1, "", "Height of the wave above its middle."),
            Parameter("periods", "Periods", 2.0, 0.5, 40.0, 0.5, "", "How often the wave repeats in the whole series."),
            _noise(0.1, 2.0),
        ),
    ),
    Generator(
        "two_sines", "Two sines", "A slow and a fast sine wave on top of each other, with noise.", _two_sines,
        (
            Parameter("periods", "Slow periods", 8.0, 1.0, 40.0, 0.5, "", "How often the slow wave repeats."),
            Parameter("second_periods", "Fast periods", 37.0, 1.0, 100.0, 0.5, "", "How often the fast wave repeats."),
            Parameter("second_amplitude", "Fast amplitude", 0.5, 0.0, 5.0, 0.1, "", "Height of the fast wave; the slow one has 1."),
            _noise(0.1, 2.0),
        ),
    ),
    Generator(
        "trend_season", "Trend and season", "A straight rise with a season on top of it, and noise.", _trend_season,
        (
            Parameter("season", "Season", 12, 4, 60, 1, "points", "Points after which the season repeats."),
            Parameter("rise", "Rise", 3.0, -20.0, 20.0, 0.5, "", "How far the last point's level lies above the first one's."),
            Parameter("amplitude", "Amplitude", 1.0, 0.0, 10.0, 0.1, "", "Strength of the season."),
            _noise(0.3, 3.0),
        ),
        points=600,
    ),
    Generator(
        "web_traffic", "Web traffic",
        "Visits of a page each day: weekends are quiet, the page grows, and now and then somebody links to it.",
        _web_traffic,
        (
            Parameter("level", "Visits at first", 800.0, 5.0, 100_000.0, 5.0, "visits a day", "The mean of the first weeks."),
            Parameter("swing", "Weekly swing", 25.0, 0.0, 55.0, 1.0, "%", "How far the days of a week lie apart."),
            Parameter("growth", "Growth", 10.0, -30.0, 100.0, 1.0, "% a year", "Of the first year's level, each year."),
            Parameter("noise", "Better and worse days", 8.0, 0.0, 50.0, 1.0, "%", "Spread of a day's rate about the expected one."),
            Parameter("outliers", "Outliers", 1.0, 0.0, 10.0, 0.5, "% of days", "Days on which the page has about twice its visits."),
        ),
        points=1_096, unit="visits a day", daily=True,
    ),
    Generator(
        "random_walk", "Random walk", "Each point is the one before it plus pure chance: there is nothing to learn.",
        _random_walk,
        (Parameter("stride", "Stride σ", 1.0, 0.01, 10.0, 0.1, "", "Standard deviation of each step."),),
    ),
)  # fmt: skip
GENERATORS: dict[str, Generator] = {generator.name: generator for generator in _ALL}
"""Every series that can be generated, by name."""


def check_parameters(name: str, points: int | None, parameters: dict[str, Any]) -> dict[str, float]:
    """All parameters of the generator called `name`, the given ones and the defaults.

    Raises
    ------
    ValueError
        For a generator or a parameter that does not exist, and for a value out of its bounds.
    """
    if not isinstance(name, str) or name not in GENERATORS:
        raise ValueError(f"series must be one of {', '.join(GENERATORS)}, got {repr(name)[:40]}")
    known = {p.name: p for p in GENERATORS[name].parameters}
    if points is not None and not POINTS[0] <= positive_integer(points, "points") <= POINTS[1]:
        raise ValueError(f"points must be from {POINTS[0]:,} to {POINTS[1]:,}, got {points:,}")
    for given, value in parameters.items():
        if given not in known:
            raise ValueError(f"{name} has the parameters {', '.join(known)}, got {repr(given)[:40]}")
        p = known[given]
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not p.low <= value <= p.high:
            raise ValueError(f"{given} must be a number from {p.low:g} to {p.high:g}, got {value!r}")
        if isinstance(p.step, int) and value != int(value):
            raise ValueError(f"{given} must be a whole number, got {value!r}")
    return {p.name: type(p.default)(parameters.get(p.name, p.default)) for p in known.values()}


def generate(name: str, points: int | None = None, seed: int = 0, **parameters: float) -> Series:
    """Draw a series.

    Parameters
    ----------
    name : one of `GENERATORS`
    points : how many; the generator's own number if left out
    seed : of the noise
    parameters : those of the generator; see `GENERATORS[name].parameters` for their bounds
    """
    settings = check_parameters(name, points, parameters)
    made = GENERATORS[name]
    drawn = made.draw(points or made.points, np.random.default_rng([seed, 5]), **settings)
    return Series(name, made.title, unit=made.unit, **{"expected_kind": "signal"} | drawn)
