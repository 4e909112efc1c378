"""Which network forecasts: the one that ships, the one trained here, or one that was uploaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from jobs.job import Job
from lstm import Sequential
from lstm.datasets import is_cached
from lstm.lessons.forecast.experiment import DOWNLOADS, Forecast, fingerprint
from lstm.lessons.forecast.forecaster import Forecaster, Remembered, forecaster_of, free_run, predict, remembered
from lstm.lessons.forecast.judging import ORACLE, Examination, Part, Row, examine, judge, table, with_network
from lstm.preprocessing.series import Series, Split, last_value, seasonal_last_value
from ui import keep
from ui.model_shelf import Shelf, origin
from ui.plain import plain

BEYOND = 100
"""Points after the end of the series that a network forecasts for a file; fewer where its look-back is very long."""
_FREE_WORK = 50_000


@dataclass(frozen=True)
class Tested:
    """The forecasts of a test part, who is how good, and what that amounts to; no verdict where no network took part."""

    part: Part
    rows: list[Row]
    sentences: tuple[str, ...] = ()

    @property
    def floor(self) -> Row | None:
        """What someone reaches who knows the rule but not the noise, where that is known."""
        return next((row for row in self.rows if row.name == ORACLE), None)

    def row(self, name: str) -> Row | None:
        return next((row for row in self.rows if row.name == name), None)

    @property
    def best_baseline(self) -> Row:
        return min((row for row in self.rows if row.name not in (self.part.network, ORACLE)), key=lambda row: row.mse)


@dataclass(frozen=True)
class ForecastModel:
    """A network that forecasts. `key` tells it from every other one in this session; `origin` and `learnt` are Markdown.

    series, split : what it learnt; of a series that cannot be made again the end, which its file remembers
    whole : whether `series` is all of it
    beyond : (models, steps), what all of them say of the time after the end of the series, running free
    models : the network, and those trained beside it from other seeds
    """

    key: str
    label: str
    origin: str
    learnt: str
    model: Sequential
    forecaster: Forecaster
    series: Series
    split: Split
    whole: bool
    beyond: np.ndarray
    models: Sequence[Sequential]
    tested: Tested
    metrics: Mapping[str, float]
    config: Forecast | None

    @property
    def test_start(self) -> int:
        return self.split.validation_end

    def has_learnt(self, series: Series | None) -> bool:
        """Whether this is the series it learnt."""
        return series is not None and np.array_equal(series.values, self.series.values)

    def forecast(self, origins: np.ndarray) -> np.ndarray:
        """Its forecasts at these origins: (origins, horizon)."""
        return predict(self.model, self.forecaster, self.series.values, origins)


def _tested(found: Examination) -> Tested:
    return Tested(found.parts["test"], found.table, found.verdict.sentences if found.verdict is not None else ())


def _described(key: str, label: str, model: Sequential) -> ForecastModel:
    forecaster, facts = forecaster_of(model), remembered(model)
    config = _config(facts)
    series = _again(config, model)
    whole = series is not None
    if whole:
        split = config.check(series)
        found = _tested(examine(model, forecaster, series, split))
    else:
        series, split = replace(facts.series, title=facts.series.title or "A series of its own"), facts.split
        found = _tested_on_tail(model, facts)
    beyond = free_run(model, forecaster, series.values, min(BEYOND, max(_FREE_WORK // forecaster.look_back, 10)))
    return ForecastModel(
        key, label, *_origin(model, series, forecaster, facts.metrics), model, forecaster, series, split, whole, beyond,
        [model], found, facts.metrics, config,
    )


def _config(facts: Remembered) -> Forecast | None:
    """How the network was trained, without the values of a series of the reader's own."""
    known = {field.name for field in fields(Forecast)} - {"values", "dates"}
    config = {name: value for name, value in facts.config.items() if name in known}
    if config.get("series") == "given":
        return None
    try:
        return Forecast(**config)
    except (ValueError, TypeError):
        return None


def _again(config: Forecast | None, model: Sequential) -> Series | None:
    """The whole series a network learnt, if it can be made again and is the very same."""
    if config is None or (config.series in DOWNLOADS and not is_cached(config.series)):
        return None
    try:
        series = config.load()
    except (ValueError, OSError):
        return None
    return series if fingerprint(series.values) == model.metadata.get("series_sha256") else None


def _tested_on_tail(model: Sequential, facts: Remembered) -> Tested:
    """The test part of a series of which only the end is known: what its file says of it, and forecasts computed again."""
    series, origins, horizon = facts.series, facts.test_origins, facts.forecaster.horizon
    if not len(origins):
        raise ValueError("the model's file does not hold enough of its series to forecast it")
    found = {"last value": last_value(series.values, origins, horizon)}
    if series.season is not None and series.season <= origins[0]:
        found["seasonal last value"] = seasonal_last_value(series.values, origins, horizon, series.season)
    part = with_network(Part("test", origins, facts.test_actual, found), model, facts.forecaster, series.values)
    try:
        rows = [Row(**row) for row in facts.table]
        said = facts.verdict
        known = {row.name for row in rows} >= {part.network, "last value"} and all(
            isinstance(getattr(row, field.name), int | float)
            for row in rows
            for field in fields(Row)
            if field.name not in ("name", "by_step")
        )
        known = known and all(len(row.by_step) == horizon for row in rows)
    except TypeError:
        known = False
    if not known:
        rows = table(part, facts.forecaster.scaler.span)
        said = judge(part, rows).sentences
    return Tested(part, rows, tuple(said))


def _of_job(key: str, label: str, job: Job) -> ForecastModel:
    """The network of a training, with the whole series and all that was trained beside it."""
    result, details = job.result, job.result.details
    forecaster, series = details["forecaster"], details["series"]
    found = Tested(details["parts"]["test"], details["table"], details["verdict"].sentences)
    return ForecastModel(
        key, label, *_origin(result.model, series, forecaster, result.metrics), result.model, forecaster, series,
        details["split"], True, details["beyond"]["paths"], details["models"], found, result.metrics, job.config,
    )  # fmt: skip


def _origin(
    model: Sequential, series: Series, forecaster: Forecaster, metrics: Mapping[str, float]
) -> tuple[str, str]:
    """`origin` and `learnt` of a `ForecastModel`."""
    learnt, more = f"trained on *{plain(series.title)}*", [f"look-back {forecaster.look_back:,}"]
    if isinstance(epoch := metrics.get("best epoch"), int | float) and np.isfinite(epoch):
        more.append(f"best epoch {epoch:,.0f}")
    return origin(model, learnt, *more), learnt


SHELF = Shelf("forecast", _described, "network", _of_job)


def preview(config: Forecast, series: Series) -> Tested:
    """What needs no network, on a series nobody has been trained on: made once for each series and its windows."""
    windows = (config.look_back, config.horizon, config.validation, config.test)
    wanted = (fingerprint(series.values), series.season, *windows)
    return keep.of_session("forecast preview", wanted, lambda: untaught(config, series), most=4)


def untaught(config: Forecast, series: Series) -> Tested:
    """The forecasts of the test part by what needs no network."""
    return _tested(examine([], config.forecaster(series), series, config.check(series)))
