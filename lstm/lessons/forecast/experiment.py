"""The lesson "Forecasting": a network that predicts the next values of a series, against honest baselines."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, cast

import numpy as np

from lstm import Dense, Sequential
from lstm.history import Control, Progress
from lstm.lessons.cells import CELLS, stacked
from lstm.lessons.presets import Preset
from lstm.lessons.result import Result
from lstm.lessons.settings import Clip, check, check_budget, make_optimizer, option
from lstm.lessons.shared_options import (
    BATCH,
    CELL,
    CLIP,
    CLIP_AT,
    DECAY,
    EPOCHS,
    INITIAL,
    LAYERS,
    LEARNING_RATE,
    OPTIMIZER,
    SECONDS,
    SEED,
    STEPS,
    UNITS,
)
from lstm.lessons.training import train
from lstm.preprocessing.series import MAX_POINTS, Scaler, Series, Split, split_in_time
from lstm.training import Decay, EarlyStopping

from . import report
from .forecaster import Forecaster, WindowBatches, free_run, predict
from .generated import GENERATORS, check_parameters, generate
from .judging import Part, examine
from .members import Members

DOWNLOADS = {"airline_passengers": "Airline passengers (download)", "sunspots": "Sunspots (download)"}
GIVEN = "given"
SOURCES = (*GENERATORS, *DOWNLOADS, GIVEN)

MAX_WORK = 40_000_000
"""Largest number of values one step keeps in memory."""
MAX_WINDOW_VALUES = 20_000_000
"""Largest number of points times look-back."""
MAX_TARGETS = 4_000_000
"""Largest number of points times horizon."""

FEWEST_WINDOWS = 10
"""Windows the training part must hold; validation and test part need one each."""
_FREE_STEPS, _BEYOND_STEPS, _FREE_WORK = 500, 100, 50_000


@dataclass(frozen=True)
class Forecast:
    """A forecaster and how to train it. Building one checks every setting (`ValueError`).

    Without a description are the fields of a series: `parameters` of a generated one, as a dict or as pairs, see
    `lstm.lessons.forecast.generated`; `values`, `dates` (ISO strings or datetime64), `title` and `unit` of one's own, which
    is called "given". The first of several networks is the result, all of them are its band.
    """

    lesson: ClassVar[str] = "forecast"

    series: str = option(
        "noisy_sine", "Series", "Generated ones are drawn at once, as you set them. Each needs a training of its own.",
        choices=SOURCES, labels={name: made.title for name, made in GENERATORS.items()} | DOWNLOADS | {GIVEN: "Your own CSV file"},
        group="the series",
    )  # fmt: skip
    points: int | None = option(None, "Points", "Of a generated series.", none="takes the series' own", group="the series")
    parameters: tuple[tuple[str, float], ...] = ()
    data_seed: int = option(
        0, "Seed of the noise", "Another seed draws the same generated series with other noise.", low=0, group="the series"
    )
    values: tuple[float, ...] | None = None
    dates: tuple[str, ...] | None = None
    title: str = ""
    unit: str = ""
    season: int | None = option(
        None, "Season", "Points after which the series repeats.", none="takes what the series shows", group="the series"
    )
    look_back: int = option(14, "Look-back", "How many values it sees before it says the next.", high=500)
    horizon: int = option(1, "Horizon", "How many points it forecasts from one window.", high=100)
    target: Literal["value", "change"] = option(
        "value", "It learns", "A network that learns changes cannot be worse than the last value by much.",
        labels={"value": "the next values", "change": "the change from the last one"},
    )  # fmt: skip
    cell: str = CELL()
    layers: int = LAYERS()
    units: int = UNITS(32, high=256, step=8)
    activation: Literal["tanh", "relu"] = option(
        "tanh", "Activation", "Of the candidate and of the output; Web traffic's preset takes relu, which only the LSTM has."
    )
    initial: str = INITIAL(
        labels={
            "glorot_uniform": "by layer size (Glorot)",
            "he_normal": "by input size (He)",
            "random_normal": "small, normal",
        }
    )
    optimizer: str = OPTIMIZER()
    learning_rate: float = LEARNING_RATE(5e-3)
    decay: Decay = DECAY()
    clip: Clip = CLIP()
    clip_at: float = CLIP_AT()
    batch: int = BATCH(32, help="Windows an optimizer step is taken from. More make steadier, fewer steps.", step=8)
    patience: int | None = option(
        20, "Early stopping after", "Epochs without a better validation loss; then the best weights come back.",
        none="never stops early", high=10_000, flag="--patience", group="how it learns",
    )  # fmt: skip
    epochs: float | None = EPOCHS(60.0, help="Passes over the training windows, of each network.", start=100.0, step=10.0)
    seconds: float | None = SECONDS(None)
    max_steps: int | None = STEPS()
    validation: float = option(
        0.16, "Share for validation", "Of the series: it decides when to stop.", low=0, below=1, step=0.01, group="the series"
    )
    test: float = option(
        0.2, "Share for the test", "Of the series, at its end: looked at once.", low=0, below=1, step=0.01, group="the series"
    )
    seeds: int = option(
        1, "Networks", "Trained one after the other, each from another seed: free running then has a band.", high=5,
        group="how it learns",
    )  # fmt: skip
    seed: int = SEED()

    def __post_init__(self) -> None:
        check(self)
        check_budget(self)
        for name in ("title", "unit"):
            if not isinstance(getattr(self, name), str) or len(getattr(self, name)) > 80:
                raise ValueError(f"{name} must be a text of at most 80 characters")
        if self.cell != "lstm" and self.activation != "tanh":
            raise ValueError(f'{CELLS[self.cell].__name__} takes the activation "tanh", got {self.activation!r}')
        split_in_time(1_000, self.validation, self.test)
        self._take_parameters()
        self._take_values()
        kept = self.batch * self.look_back * 6 * self.units * self.layers
        if kept > MAX_WORK:
            raise ValueError(
                f"one step would keep {kept:,} numbers in memory, and at most {MAX_WORK:,} are allowed: "
                "take fewer units, layers or windows in a batch, or a shorter look-back"
            )
        if self.values is not None:
            self.check(self.load())
        elif self.series in GENERATORS:
            self.check_length(self.points or GENERATORS[self.series].points)

    def _take_parameters(self) -> None:
        """Parameters as sorted pairs, whatever they came as, so that equal configs are equal."""
        given = self.parameters
        try:
            pairs = dict(given.items() if isinstance(given, Mapping) else given)
        except (TypeError, ValueError):
            raise ValueError(f"parameters must be a dict or pairs of name and number, got {repr(given)[:40]}") from None
        if self.series in GENERATORS:
            check_parameters(self.series, self.points, pairs)
        elif pairs or self.points is not None:
            raise ValueError(f"parameters and points are for generated series, not for {self.series}")
        object.__setattr__(self, "parameters", tuple(sorted(pairs.items())))

    def _take_values(self) -> None:
        """Values and dates as tuples of plain floats and strings, checked."""
        if (self.series == "given") > (self.values is not None) or (
            self.values is not None and self.series in GENERATORS
        ):
            raise ValueError('values go with series "given", and series "given" with values')
        if self.values is None:
            if self.dates is not None:
                raise ValueError("dates go with values of one's own")
            return
        try:
            values = np.asarray(self.values, np.float64)
        except (TypeError, ValueError):
            raise ValueError("values must be numbers") from None
        if values.ndim != 1 or not len(values):
            raise ValueError(f"values must be one row of numbers, got shape {values.shape}")
        if not np.isfinite(values).all():
            raise ValueError(f"values must be finite, and {np.sum(~np.isfinite(values)):,} of {len(values):,} are not")
        object.__setattr__(self, "values", tuple(values.tolist()))
        if self.dates is None:
            return
        try:
            dates = np.asarray(self.dates, "datetime64[s]")
        except (TypeError, ValueError):
            raise ValueError("dates must be dates such as 2024-05-31") from None
        if dates.shape != values.shape or np.isnat(dates).any():
            raise ValueError(f"dates must be one for each of the {len(values):,} values, got {dates.size:,}")
        object.__setattr__(self, "dates", tuple(np.datetime_as_string(dates).tolist()))

    @classmethod
    def from_series(cls, series: Series, **settings: Any) -> Forecast:
        """A config that carries a loaded series with it."""
        return cls(**carried(series) | settings)

    def load(self) -> Series:
        """The series. It is downloaded if it is one of `DOWNLOADS` that the cache lacks and no values are given."""
        if self.values is not None:
            dates = None if self.dates is None else np.array(self.dates, "datetime64[s]")
            title = self.title or "Your series"
            return Series(self.series, title, np.array(self.values), self.unit, self.season, dates)
        if self.series in GENERATORS:
            series = generate(self.series, self.points, self.data_seed, **dict(self.parameters))
        else:
            from lstm.datasets.tables import load_series

            series = load_series(self.series)
        return replace(series, season=self.season or series.season)

    def check(self, series: Series) -> Split:
        """How the series is split. ValueError if it is too short, too long or too dull for the settings."""
        split = self.check_length(len(series))
        if len(series) > 1 and np.ptp(series.values) == 0:
            raise ValueError(
                f"the series is constant: every value is {series.values[0]:g}, and there is nothing to learn"
            )
        Scaler.fit(series.values[: split.train_end])
        return split

    def check_length(self, points: int) -> Split:
        """`check` for as much as can be told from the number of points."""
        if points > MAX_POINTS:
            raise ValueError(f"the series has {points:,} points, and at most {MAX_POINTS:,} can be used")
        if self.look_back >= points:
            raise ValueError(f"look_back {self.look_back:,} is longer than a series of {points:,} points can serve")
        split = split_in_time(points, self.validation, self.test)
        for name in ("test", "validation"):
            start, stop = split.part(name)
            if stop - start < self.horizon:
                raise ValueError(
                    f"a horizon of {self.horizon:,} leaves no {name} window: the {name} part has {stop - start:,} of the "
                    f"series' {points:,} points"
                )
        found = len(split.origins("training", self.look_back, self.horizon))
        if found < FEWEST_WINDOWS:
            raise ValueError(
                f"look_back {self.look_back:,} and horizon {self.horizon:,} leave {found} windows in the training part of "
                f"{split.train_end:,} points, and at least {FEWEST_WINDOWS} are needed"
            )
        for name, most in (("look_back", MAX_WINDOW_VALUES), ("horizon", MAX_TARGETS)):
            if points * getattr(self, name) > most:
                raise ValueError(f"for a series of {points:,} points {name} must be at most {most // points:,}")
        return split

    @property
    def data_in_words(self) -> str:
        """What a generated series was set to apart from its defaults; of another one, a number that tells it from others."""
        if self.series in GENERATORS:
            first = {p.name: p for p in GENERATORS[self.series].parameters}
            apart = [(name, value) for name, value in self.parameters if value != first[name].default]
            return ", ".join(f"{first[name].label} {value:g}" for name, value in apart)
        return f"number {fingerprint(np.array(self.values))[:6]}" if self.values is not None else ""

    def split(self) -> Split:
        """How the series is split in time."""
        return self.check(self.load())

    def forecaster(self, series: Series) -> Forecaster:
        """How a model of this config reads the series; the scaler is fitted on the training part."""
        scaler = Scaler.fit(series.values[: self.check(series).train_end])
        return Forecaster(
            series.name, series.title, series.unit, series.season, self.look_back, self.horizon, self.target, scaler
        )

    @property
    def parameters_count(self) -> int:
        """How many numbers a model learns."""
        return stacked(self.cell, 1, self.units, self.layers) + (self.units + 1) * self.horizon

    def build(self, member: int = 0) -> Sequential:
        """An untrained, compiled model, the `member`-th of `seeds`."""
        recurrent = self.initial if self.initial in ("small_normal", "random_normal") else "orthogonal"
        stack: list[Any] = [
            CELLS[self.cell](
                self.units, activation=self.activation, return_sequences=k + 1 < self.layers,
                kernel_initializer=self.initial, recurrent_initializer=recurrent,
            )
            for k in range(self.layers)
        ]  # fmt: skip
        model = Sequential([*stack, Dense(self.horizon, kernel_initializer=self.initial)], seed=self.seed + member)
        model.compile(make_optimizer(self), "mse")
        model.build((None, self.look_back, 1))
        return model

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Train, yielding `Progress` at every step. The test part is looked at once, when all training is over.

        Losses are mean squared errors of the scaled series. Of several models the first reports "loss" and "val_loss",
        the k-th "loss k" and "val_loss k". The notes: "series" and "split" at the beginning; "forecast", now and then,
        one step ahead on the validation part; "best" at each new best validation; "member" when another model begins.
        """
        series = self.load()
        split = self.check(series)
        forecaster = self.forecaster(series)
        learn = WindowBatches(
            series.values, split.origins("training", self.look_back, self.horizon), forecaster, self.batch
        )
        held_out = WindowBatches(
            series.values, split.origins("validation", self.look_back, self.horizon), forecaster, 256, shuffle=False
        )
        if checkpoint is None:
            notes = {"series": series.title, "split": (split.train_end, split.validation_end)}
            yield Progress(0, 0.0, 0.0, 0.0, None, {}, 0.0, notes)
        members = Members([self.build(k) for k in range(self.seeds)], control or Control(), checkpoint)
        live = report.Live(series.values, split, forecaster)
        for member in members.remaining():
            run = member.model.fit_iter(
                learn, epochs=self.epochs, steps=self.max_steps,
                seconds=None if self.seconds is None else self.seconds / self.seeds,
                validation_data=held_out, decay=self.decay,
                early_stopping=EarlyStopping(patience=self.patience or 1_000_000, restore_best_weights=True),
                control=member.control, checkpoint=member.checkpoint,
            )  # fmt: skip
            report_of = lambda now, member=member: members.report(member, now, live.notes(member, now))  # noqa: E731
            done = yield from train(run, report_of)
            members.finish(member, done.history, done.problem)
        return self._result(series, split, forecaster, held_out, len(learn), members)

    def _result(
        self,
        series: Series,
        split: Split,
        forecaster: Forecaster,
        held_out: WindowBatches,
        batches: int,
        members: Members,
    ) -> Result:
        """Look at the test part, and at everything a page draws."""
        models, values = members.models, series.values
        history, model = members.histories[0], members.models[0]
        found = examine(model, forecaster, series, split)
        rows, floor = found.table, found.floor
        steps = min(_FREE_STEPS, len(values) - split.validation_end, max(_FREE_WORK // self.look_back, 10))
        beyond = min(_BEYOND_STEPS, max(_FREE_WORK // self.look_back, 10))
        free = {
            "origin": split.validation_end,
            "steps": steps,
            "paths": free_run(models, forecaster, values[: split.validation_end], steps),
        }
        best_step = history.best_step or 0
        details = {
            "series": series, "split": split, "forecaster": forecaster, "models": models, "parts": found.parts, "table": rows,
            "verdict": found.verdict, "floor": None if floor is None else {k: getattr(floor, k) for k in ("mse", "scaled_mse", "rmse")},
            "best_step": best_step, "best_epoch": best_step / batches, "histories": members.histories,
            "test_scaled_mse": [rows[0].scaled_mse, *(_scaled_mse(m, forecaster, values, found.parts["test"]) for m in models[1:])],
            "free": free,
            "beyond": {"origin": len(values), "steps": beyond, "paths": free_run(models, forecaster, values, beyond)},
        }  # fmt: skip
        metrics = report.metrics(
            history, cast(float, model.evaluate(held_out)), rows, found.verdict.best_baseline, best_step / batches, members
        )
        model.metadata = report.metadata(self, details, metrics, fingerprint(series.values))
        for other in models[1:]:
            other.metadata = {"lesson": self.lesson, "forecaster": forecaster.to_dict()}
        return Result(self, model, history, metrics, members.ended, members.problem, details)


_NOISY_SINE = Forecast(
    series="noisy_sine", look_back=10, units=50, optimizer="sgd", learning_rate=0.01, decay="none", clip="value",
    clip_at=1.0, batch=8, patience=20, epochs=200,
)  # fmt: skip
_WEB_TRAFFIC = Forecast(
    series="web_traffic", look_back=14, units=8, activation="relu", optimizer="adam", learning_rate=0.001, decay="none",
    clip="none", batch=10, patience=20, epochs=100,
)  # fmt: skip
PRESETS: dict[str, Preset] = {
    "Noisy sine": Preset(
        _NOISY_SINE,
        "1,000 points of a sine over 0–4π with noise σ 0.1, look-back 10, LSTM 1 → 50 → 1, SGD 0.01, clipped at ±1.",
        {
            "validation MSE, first": "0.022790",
            "validation MSE, last": "0.002530",
            "test MSE": "0.002527",
            "test RMSE": "0.050273",
        },
        "There the test part decided when to stop, the scaler had seen it, and nobody asked what the last value scores.",
    ),
    "Web traffic": Preset(
        _WEB_TRAFFIC,
        "Daily visits of a page with a weekly season, LSTM(8, relu), Adam, batches of 10; here with a look-back of a fortnight.",
        {},
        "There it saw a single day at a time, and was never evaluated.",
    ),
    "Web traffic, one time step": Preset(
        replace(_WEB_TRAFFIC, look_back=1, patience=None),
        "The same as it was there, one day at a time: from a single value nobody can tell a Friday from a Monday.",
        {},
        "Compare it with the seasonal last value, which is last week's.",
    ),
}
"""Forecasters to surpass, by name. "test MSE" and the like are of the scaled series."""


def carried(series: Series) -> dict[str, Any]:
    """The fields of a `Forecast` that takes a loaded series along."""
    return {
        "series": series.name if series.name in DOWNLOADS else GIVEN,
        "values": series.values, "dates": series.dates, "title": series.title[:80], "unit": series.unit[:80],
        "season": series.season,
    }  # fmt: skip


def fingerprint(values: np.ndarray) -> str:
    """What a series is known again by."""
    return hashlib.sha256(np.ascontiguousarray(values, "<f8").tobytes()).hexdigest()


def _scaled_mse(model: Sequential, forecaster: Forecaster, values: np.ndarray, part: Part) -> float:
    wrong = predict(model, forecaster, values, part.origins) - part.actual
    return float(np.mean(wrong**2)) / forecaster.scaler.span**2
