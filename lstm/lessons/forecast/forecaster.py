"""A trained forecaster at work: predictions from known values, free running on its own ones, and what goes on inside.

`Forecaster` is what a model must know besides its weights: how long a window is, and how its numbers were scaled. It is
saved with the weights, so that a file goes on forecasting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from lstm.batches import Batch, PickedBatches
from lstm.datasets.tables import LARGEST
from lstm.layers import Dense, Dropout, positive_integer
from lstm.model import Sequential
from lstm.preprocessing.series import Scaler, Series, Split, targets, windows
from lstm.recurrent import Recurrent
from lstm.untrusted import one_sentence

MAX_FREE_RUN = 2_000
"""Most steps of a free run."""
TARGETS = ("value", "change")
_CHUNK = 2_048
_FAR = 10.0  # spans beyond the training part's range at which a free run is held: it has left all that was ever learnt


@dataclass(frozen=True)
class Forecaster:
    """How a model reads a series and what its answers mean.

    Parameters
    ----------
    series, title, unit, season : of the series it learnt, see `lstm.preprocessing.series.Series`
    look_back : values in a window
    horizon : values it predicts from one
    target : "value", or "change" if windows and answers are counted from the window's last value
    scaler : fitted on the training part
    """

    series: str
    title: str
    unit: str
    season: int | None
    look_back: int
    horizon: int
    target: Literal["value", "change"]
    scaler: Scaler

    def to_dict(self) -> dict[str, Any]:
        """For a model's metadata."""
        return asdict(self)

    def inputs(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray | float]:
        """Scaled windows (windows, look_back, 1) as the network gets them, and what is to be added to its answers."""
        if self.target == "value":
            return x, 0.0
        last = x[:, -1:]
        return x - last, last[..., 0]


@one_sentence("the model's notes about its series are damaged")
def forecaster_of(model: Sequential) -> Forecaster:
    """What a loaded model knows about its series.

    Raises
    ------
    ValueError
        One sentence, if its metadata do not say, or do not fit its layers.
    """
    facts = model.metadata.get("forecaster")
    facts = facts if isinstance(facts, dict) else {}
    scaler = facts.get("scaler") if isinstance(facts.get("scaler"), dict) else {}
    low, high = scaler.get("low"), scaler.get("high")
    season = facts.get("season")
    try:
        look_back, horizon = (positive_integer(facts.get(name), name) for name in ("look_back", "horizon"))
        season = None if season is None else positive_integer(season, "season")
        right = all(isinstance(n, int | float) and not isinstance(n, bool) and abs(n) < LARGEST for n in (low, high))
        right = right and high > low and facts.get("target") in TARGETS
    except ValueError:
        right = False
    if not right:
        raise ValueError("the model does not say how it reads a series: this lab's forecasting lesson did not train it")
    if tail := model.metadata.get("tail"):  # a scale on which its own series would not show is no scale of it
        try:
            fits = high - low < 1e6 * max(float(np.ptp(np.array(tail, float))), 1e-12 * abs(high))
        except (ValueError, TypeError, OverflowError):
            fits = False
        if not fits:
            raise ValueError("the model's notes about its series are damaged")
    *below, last = model.layers
    if not isinstance(last, Dense) or last.units != horizon or last.activation is not None:
        raise ValueError(f"the model must end in a linear layer with one output for each of {horizon} steps ahead")
    if not any(isinstance(layer, Recurrent) for layer in below) or any(
        not isinstance(layer, Recurrent | Dropout) for layer in below
    ):
        raise ValueError("the model must consist of layers with memory, dropout, and a linear layer")
    if len(model.input_shape) != 3 or model.input_shape[-1] != 1:
        raise ValueError(f"the model must read one number a time step, got input of shape {model.input_shape}")
    series, title, unit = (str(facts.get(name) or "")[:80] for name in ("series", "title", "unit"))
    return Forecaster(series, title, unit, season, look_back, horizon, facts["target"], Scaler(float(low), float(high)))


class WindowBatches(PickedBatches):
    """Windows of a series as batches, cut out when their turn comes: all of them at once may not fit into memory."""

    def __init__(
        self, values: np.ndarray, origins: np.ndarray, forecaster: Forecaster, batch_size: int, shuffle: bool = True
    ) -> None:
        super().__init__(len(origins), batch_size, shuffle)
        self.scaled = forecaster.scaler.to(values).astype(np.float32)
        self.origins, self.forecaster = origins, forecaster

    def pick(self, chosen: np.ndarray, rng: np.random.Generator) -> Batch:
        origins = self.origins[chosen]
        x, base = self.forecaster.inputs(windows(self.scaled, origins, self.forecaster.look_back))
        return x, targets(self.scaled, origins, self.forecaster.horizon) - base


def predict(model: Sequential, forecaster: Forecaster, values: np.ndarray, origins: np.ndarray) -> np.ndarray:
    """The model's forecasts from known values, in the series' unit: (origins, horizon)."""
    scaled, origins = forecaster.scaler.to(values), np.asarray(origins)
    if not len(origins):
        return np.zeros((0, forecaster.horizon))
    parts = []
    for start in range(0, len(origins), _CHUNK):
        x, base = forecaster.inputs(windows(scaled, origins[start : start + _CHUNK], forecaster.look_back))
        parts.append(model.predict(x).astype(np.float64) + base)
    return forecaster.scaler.back(np.concatenate(parts))


def free_run(
    models: Sequential | Sequence[Sequential], forecaster: Forecaster, context: np.ndarray, steps: int
) -> np.ndarray:
    """Let each model go on from `context` alone, its own predictions taken for the truth.

    A model that predicts several steps from a window appends all of them before it looks again.

    Parameters
    ----------
    models : one model, or several that share the forecaster
    context : the last known values, `look_back` of them or more
    steps : how far to go, at most `MAX_FREE_RUN`

    Returns
    -------
    (models, steps), in the series' unit
    """
    models = [models] if isinstance(models, Sequential) else list(models)
    if positive_integer(steps, "steps") > MAX_FREE_RUN:
        raise ValueError(f"steps must be at most {MAX_FREE_RUN:,}, got {steps:,}")
    n = forecaster.look_back
    context = np.asarray(context, np.float64)
    if context.ndim != 1 or len(context) < n:
        raise ValueError(f"context must hold at least the {n} values of a window, got shape {context.shape}")
    paths = np.empty((len(models), steps))
    for model, path in zip(models, paths):
        known = np.concatenate([forecaster.scaler.to(context[-n:]), np.zeros(steps + forecaster.horizon)])
        for at in range(n, n + steps, forecaster.horizon):
            x, base = forecaster.inputs(known[None, at - n : at, None])
            answer = model.predict(x)[0].astype(np.float64) + base
            known[at : at + forecaster.horizon] = np.clip(np.nan_to_num(answer, nan=0.0), -_FAR, 1 + _FAR)
        path[:] = forecaster.scaler.back(known[n : n + steps])
    return paths


def band(paths: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The lowest, the mean and the highest of several models' paths (models, steps), at each step."""
    return paths.min(axis=0), paths.mean(axis=0), paths.max(axis=0)


def ride(
    model: Sequential, forecaster: Forecaster, values: np.ndarray, origins: np.ndarray, layer: int = 0
) -> dict[str, np.ndarray]:
    """The states and gates of a recurrent layer after the last step of each window: name → (origins, units)."""
    scaled, origins = forecaster.scaler.to(values), np.asarray(origins)
    parts: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(origins), _CHUNK // 8):
        x, _ = forecaster.inputs(windows(scaled, origins[start : start + _CHUNK // 8], forecaster.look_back))
        traces = model.trace(x)
        if not 0 <= layer < len(traces):
            raise ValueError(f"layer must be from 0 to {len(traces) - 1}, got {layer!r}")
        for name, inside in traces[layer].items():
            parts.setdefault(name, []).append(inside[:, -1].copy())
    return {name: np.concatenate(found) for name, found in parts.items()}


@dataclass(frozen=True)
class Remembered:
    """What a saved forecaster carries besides its weights: the end of its series, and how it did.

    values : the last points of the series, at most 1,000; `split` is counted within them
    dates : of these points, ISO, or None
    table : a dict for each row of the test part's table
    """

    forecaster: Forecaster
    values: np.ndarray
    dates: np.ndarray | None
    split: Split
    metrics: dict[str, float]
    table: list[dict[str, Any]]
    verdict: tuple[str, ...]
    config: dict[str, Any]

    @property
    def series(self) -> Series:
        """The points that are kept, as a series."""
        f = self.forecaster
        return Series(f.series, f.title, self.values, f.unit, f.season, self.dates)

    @property
    def test_origins(self) -> np.ndarray:
        """The origins of the test part's windows within `values`."""
        return self.split.origins("test", self.forecaster.look_back, self.forecaster.horizon)

    @property
    def test_actual(self) -> np.ndarray:
        """What came at these origins: (origins, horizon)."""
        return targets(self.values, self.test_origins, self.forecaster.horizon)


@one_sentence("the model's notes about its series are damaged")
def remembered(model: Sequential) -> Remembered:
    """What a loaded forecaster carries. ValueError, in one sentence, if it is none or its notes are damaged."""
    forecaster, facts = forecaster_of(model), model.metadata
    try:
        values = np.array(facts["tail"], np.float64)
        dates = None if facts.get("tail_dates") is None else np.array(facts["tail_dates"], "datetime64[s]")
        train_end, validation_end, points = (int(n) for n in facts["split"])
        split = Split(len(values), *(max(0, n - points + len(values)) for n in (train_end, validation_end)))
        metrics = {str(name): float(value) for name, value in facts["metrics"].items()}
        table = [
            {k: v for k, v in row.items() if k == "by_step" or isinstance(v, str | int | float)}
            for row in facts["table"]
        ]
        verdict = tuple(str(sentence) for sentence in facts["verdict"])
        config = dict(facts["config"])
        whole = values.ndim == 1 and np.isfinite(values).all() and (dates is None or len(dates) == len(values))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        whole = False
    if not whole or len(values) < forecaster.look_back:
        raise ValueError("the model's notes about its series are damaged or lack its last values")
    return Remembered(forecaster, values, dates, split, metrics, table, verdict, config)
