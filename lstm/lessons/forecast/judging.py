"""How good forecasts are: their errors in a table, against baselines and against chance, and what that amounts to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstm.lessons.cells import cell_of
from lstm.model import Sequential
from lstm.preprocessing.series import (
    BASELINES,
    LinearAR,
    Series,
    Split,
    best_possible,
    last_value,
    score,
    seasonal_last_value,
    skill,
    targets,
)

from .forecaster import Forecaster, predict

ORACLE = "knowing the rule"
CLEAR = 2.0
"""z above which one forecast is called clearly better than another: chance alone gets there once in 44 times."""


@dataclass(frozen=True)
class Part:
    """Forecasts of all windows of one part of a series, in its unit.

    origins : (windows,); actual : (windows, horizon); predictions : who → (windows, horizon)
    network : what the network is called among the predictions, "LSTM" or another cell; empty where none took part
    """

    name: str
    origins: np.ndarray
    actual: np.ndarray
    predictions: dict[str, np.ndarray]
    network: str = ""


@dataclass(frozen=True)
class Row:
    """One forecaster's errors; `skill` is against the last value, `by_step` the RMSE at each step ahead."""

    name: str
    mse: float
    rmse: float
    mae: float
    scaled_mse: float
    r2: float
    skill: float
    by_step: tuple[float, ...]


def baselines(series: Series, split: Split, part: str, linear: LinearAR | None, look_back: int, horizon: int) -> Part:
    """What needs no network, on the windows of a part: the baselines, and the rule itself where it is known.

    The seasonal last value is left out where the season is not known, or reaches back before the beginning.
    """
    values = series.values
    origins = split.origins(part, look_back, horizon)
    found = {BASELINES[0]: last_value(values, origins, horizon)}
    if series.season is not None and len(origins) and series.season <= origins[0]:
        found[BASELINES[1]] = seasonal_last_value(values, origins, horizon, series.season)
    if linear is not None:
        found[BASELINES[2]] = linear.predict(values, origins)
    if (rule := best_possible(series, origins, horizon)) is not None:
        found[ORACLE] = rule
    return Part(part, origins, targets(values, origins, horizon), found)


def with_network(part: Part, model: Sequential, forecaster: Forecaster, values: np.ndarray) -> Part:
    """The part with a network's forecasts first, under the name of its cell."""
    name = cell_of(model)
    mine = {name: predict(model, forecaster, values, part.origins)}
    return replace(part, predictions=mine | part.predictions, network=name)


def table(part: Part, span: float) -> list[Row]:
    """A row for everyone who made forecasts; `span` is the scaler's."""
    reference = score(part.actual, part.predictions[BASELINES[0]], span).mse
    rows = []
    for name, predicted in part.predictions.items():
        s = score(part.actual, predicted, span)
        steps = tuple(float(v) for v in np.sqrt(np.mean((predicted - part.actual) ** 2, axis=0)))
        rows.append(Row(name, s.mse, s.rmse, s.mae, s.scaled_mse, s.r2, skill(s.mse, reference), steps))
    return rows


@dataclass(frozen=True)
class Comparison:
    """One forecast against another: the share of its mean squared error that is saved, and how sure that is."""

    share: float
    z: float

    @property
    def clear(self) -> bool:
        """Whether the first is better by more than chance would explain."""
        return self.z > CLEAR


def compare(actual: np.ndarray, predicted: np.ndarray, other: np.ndarray) -> Comparison:
    """The test of Diebold & Mariano (1995): is the mean difference of squared errors more than chance?

    Errors of overlapping windows hang together, so the variance takes in covariances (Newey & West, 1987), over the
    horizon and n^(1/3) windows more. All arrays are (windows, horizon).
    """
    mine, theirs = np.mean((predicted - actual) ** 2, axis=1), np.mean((other - actual) ** 2, axis=1)
    saved = theirs - mine
    n, mean = len(saved), float(np.mean(saved))
    share = 1 - float(np.mean(mine)) / float(np.mean(theirs)) if np.any(theirs) else 0.0
    if n < 10:
        return Comparison(share, 0.0)  # too few to tell anything from chance
    centred, reach = saved - mean, min(actual.shape[1] - 1 + round(n ** (1 / 3)), n - 1)
    variance = float(np.mean(centred**2))
    for lag in range(1, reach + 1):
        variance += 2 * (1 - lag / (reach + 1)) * float(np.dot(centred[lag:], centred[:-lag])) / n
    if variance <= 0:
        return Comparison(share, 0.0)
    return Comparison(share, mean / (variance / n) ** 0.5)


@dataclass(frozen=True)
class Verdict:
    """What the test part says, computed from the errors alone.

    winner : whose mean squared error is the lowest, the rule itself aside
    beats_last, beats_best : whether the network is clearly better than the last value, and than the best baseline
    nothing_beats_last : neither the network nor a baseline is clearly better than the last value
    """

    winner: str
    beats_last: bool
    beats_best: bool
    nothing_beats_last: bool
    best_baseline: str
    sentences: tuple[str, ...]


def judge(part: Part, rows: list[Row]) -> Verdict:
    """Compare the part's network with the baselines, and say it in sentences."""
    network, mse = part.network, {row.name: row.mse for row in rows if row.name != ORACLE}
    last = BASELINES[0]
    best = min((name for name in mse if name != network), key=mse.__getitem__)
    winner = min(mse, key=mse.__getitem__)
    against: Mapping[str, Comparison] = {
        name: compare(part.actual, part.predictions[name], part.predictions[last]) for name in mse if name != last
    }
    mine = against[network]
    clearly = [name for name, comparison in against.items() if comparison.clear]
    if not clearly:
        said = [
            f"Nothing here clearly beats the last value: the {network}'s mean squared error is {_apart(-mine.share, 'the same')}."
        ]
    elif mine.clear:
        said = [f"The {network} saves {mine.share:.0%} of the last value's mean squared error."]
    else:
        said = [
            f"The {network} does not clearly beat the last value (its mean squared error is {_apart(-mine.share, 'the same')}); "
            f"{_listed(clearly)} {'does' if len(clearly) == 1 else 'do'}."
        ]
    duel = compare(part.actual, part.predictions[network], part.predictions[best])
    if best != last or clearly:
        if winner == network:
            sure = "clearly" if duel.clear else "but not by more than chance would explain"
            said.append(f"It is best of all, {_percent(duel.share)} below {_with_article(best)}, {sure}.")
        else:
            other = compare(part.actual, part.predictions[best], part.predictions[network])
            sure = "clearly" if other.clear else "but not by more than chance would explain"
            said.append(
                f"{_with_article(best).capitalize()} is best, {_percent(other.share)} below the {network}, {sure}."
            )
    floor = next((row.mse for row in rows if row.name == ORACLE), None)
    if floor is not None and floor > 0:
        said.append(
            f"Someone who knew the rule but not the noise would still have a mean squared error of {_figure(floor)}: "
            f"the {network}'s is {_apart(mse[network] / floor - 1, 'the same')}."
        )
    return Verdict(winner, mine.clear, duel.clear, not clearly, best, tuple(said))


@dataclass(frozen=True)
class Examination:
    """What there is to say about forecasts of a series.

    parts : "validation" and "test"; table, verdict, floor : of the test part
    verdict : None if there is no network; floor : the row of someone who knows the rule, if it is known
    """

    parts: dict[str, Part]
    table: list[Row]
    verdict: Verdict | None
    floor: Row | None


def examine(
    models: Sequential | Sequence[Sequential], forecaster: Forecaster, series: Series, split: Split
) -> Examination:
    """Compare the first of the models with the baselines, on the validation and the test part; without one, the baselines.

    Raises
    ------
    ValueError
        If the test part, or the training part for the linear model, holds no window.
    """
    models = [models] if isinstance(models, Sequential) else list(models)
    look_back, horizon, values = forecaster.look_back, forecaster.horizon, series.values
    for name in ("training", "test"):
        if not len(split.origins(name, look_back, horizon)):
            raise ValueError(f"the {name} part is too short for a look-back of {look_back} and a horizon of {horizon}")
    linear = LinearAR.fit(values, split.origins("training", look_back, horizon), look_back, horizon)
    parts = {}
    for name in ("validation", "test"):
        part = baselines(series, split, name, linear, look_back, horizon)
        parts[name] = with_network(part, models[0], forecaster, values) if models else part
    rows = table(parts["test"], forecaster.scaler.span)
    verdict = judge(parts["test"], rows) if models else None
    return Examination(parts, rows, verdict, next((row for row in rows if row.name == ORACLE), None))


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.095 else f"{share:.1%}"


def _apart(share: float, same: str) -> str:
    """A difference as people say it: "12 % above it"."""
    if abs(share) < 0.0005:
        return same
    return f"{_percent(abs(share))} {'above' if share > 0 else 'below'} it"


def _with_article(name: str) -> str:
    return name if name == BASELINES[2] else f"the {name}"


def _listed(names: list[str]) -> str:
    return " and ".join(_with_article(name) for name in names)


def shift_scores(
    values: np.ndarray, origins: np.ndarray, predicted: np.ndarray, most: int = 20
) -> tuple[np.ndarray, np.ndarray]:
    """The RMSE of one-step forecasts against the series as it was `lag` points earlier, for each lag from 0.

    A forecast that is closest to the series one point earlier is a late copy of its input.
    """
    origins = np.asarray(origins)
    lags = np.arange(min(most, int(origins[0])) + 1)
    first = np.asarray(predicted)[:, 0]
    return lags, np.array([float(np.sqrt(np.mean((first - values[origins - lag]) ** 2))) for lag in lags])


def residuals(part: Part) -> np.ndarray:
    """What came minus what the network predicted, one step ahead: (windows,)."""
    return (part.actual - part.predictions[part.network])[:, 0]


def autocorrelation(values: np.ndarray, most: int = 30) -> tuple[np.ndarray, np.ndarray, float]:
    """Lags from 1, the correlation of `values` with itself at each, and the limit that 95 % of pure noise stays within."""
    centred = np.asarray(values, np.float64) - np.mean(values)
    n, total = len(centred), float(np.dot(centred, centred))
    lags = np.arange(1, min(most, n - 1) + 1)
    r = [float(np.dot(centred[lag:], centred[:-lag])) / total if total > 0 else 0.0 for lag in lags]
    return lags, np.array(r), 1.96 / n**0.5 if n else 0.0
