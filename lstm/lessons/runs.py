"""A finished run in a few numbers and words: what it was, how it went, how it ended. Never the network, never its data.

Runs of one lesson stand beside each other: `compared` is the table of what differs, `columns` and `points` are the same
for a file, `band` is what several runs with one setting have in common.

    run = Run.of("7f3a", result, job.history.series, {"val_loss": ("validation loss", "nats per character")})
    run.changed                             # {"Units": "16"}: what differs from the defaults
    run.final                               # ("validation loss", 1.73)
    compared({"Run 1": run, "Run 2": other})
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .presets import beside, figure_text
from .result import Result
from .settings import differences, settings

POINTS = 150
"""Most points of a curve that are kept."""
FINAL = ("validation accuracy", "validation loss", "test accuracy", "lab loss")
"""The figures that may stand for a whole run; the first that it has does."""
LONGEST_NAME = 40
"""Most characters of a run's name in a legend."""
SAMPLE = 400
"""Most characters of a sample of text that are kept."""
HEAD = "what differs, and what came out"
"""Above the names of settings and figures in the table of runs."""
UNSET = "–"
"""The word for a setting that is left out, such as the epochs of a run whose budget is in seconds."""

Series = Callable[[str], tuple[Sequence[float], Sequence[float]]]
"""From a metric to its steps and its values, such as `jobs.history.History.series`."""


@dataclass(frozen=True, eq=False)
class Curve:
    """How one metric went.

    label, unit : its name, and what it is measured in, as the lesson's page calls them
    steps, seconds, values : (points,) float32, at most `POINTS`; seconds are those of training, pauses excluded, and empty
        where nobody measured them
    """

    label: str
    unit: str
    steps: np.ndarray
    seconds: np.ndarray
    values: np.ndarray

    def along(self, by: str) -> np.ndarray:
        """Where its points lie: (points,) steps, or with `by` "seconds" the seconds, empty where nobody measured them."""
        return self.seconds if by == "seconds" else self.steps


@dataclass(frozen=True, eq=False)
class Run:
    """One training that is over.

    Parameters
    ----------
    key : tells it from every other one, such as the id of its job
    lesson : as in the metadata of its models: "text"
    settings : every described setting's word by its label, as the page has them: {"Units": "16"}
    changed : those that differ from the defaults
    data : tells data of one's own from others, whatever it is that cannot be said in settings; empty where there is none
    ended : "finished", "stopped" or "diverged"
    metrics : final figures by name
    parameters : by the network's name; a lesson with one network calls it ""
    curves : by metric
    sample : of text that it wrote in the end; empty in lessons that write none
    """

    key: str
    lesson: str
    settings: Mapping[str, str]
    changed: Mapping[str, str]
    data: str
    ended: str
    metrics: Mapping[str, float]
    parameters: Mapping[str, int]
    curves: Mapping[str, Curve]
    sample: str = ""

    @classmethod
    def of(
        cls, key: str, result: Result, series: Series, named: Mapping[str, tuple[str, str]], defaults: Any = None
    ) -> Run:
        """The record of a result.

        Parameters
        ----------
        series : what was measured on the way, "seconds" included where it was
        named : label and unit of each metric that is kept
        defaults : the experiment that nobody changed; the one of the dataclass's own defaults if left out
        """
        config = result.config
        known = settings(config.__class__)
        words = {one.label: _word(one, getattr(config, name)) for name, one in known.items()}
        changed = [known[name].label for name in differences(config, defaults)]
        clock = series("seconds") if "seconds" in result.metrics else ([], [])  # of some runs a part is no training
        return cls(
            key, config.lesson, words, {label: words[label] for label in changed if words[label] != UNSET}, _own(config), result.ended,
            dict(result.metrics), _parameters(result),
            {name: curve for name, one in named.items() if (curve := _curve(*one, *series(name), *clock)) is not None},
            _sample(result),
        )  # fmt: skip

    @property
    def seconds(self) -> float:
        """How long it trained, pauses excluded."""
        return float(self.metrics.get("seconds", math.nan))

    @property
    def final(self) -> tuple[str, float] | None:
        """The figure that stands for the run, with its name; None where it has none of `FINAL`."""
        return next(((name, self.metrics[name]) for name in FINAL if name in self.metrics), None)

    @property
    def how(self) -> str:
        """The run in a few words: "Units 16, Epochs 3", or that nothing was changed, and how it ended if not by itself."""
        words = ", ".join(f"{label} {word}" for label, word in self.changed.items()) or "all as at first"
        return words if self.ended == "finished" else f"{words}; {self.ended}"


def differing(runs: Sequence[Run]) -> dict[str, list[str]]:
    """The settings in which runs differ, by label: each run's word, in the order of the description."""
    labels = dict.fromkeys(label for run in runs for label in run.settings)
    found = {label: [run.settings.get(label, UNSET) for run in runs] for label in labels}
    found["Data"] = [run.data or UNSET for run in runs]
    return {label: words for label, words in found.items() if len(set(words)) > 1}


def names(runs: Sequence[Run], numbers: Sequence[int]) -> list[str]:
    """What tells runs apart in a legend, each once: "1 · Units 16", from their numbers and the settings in which they differ."""
    apart, found = differing(runs), []
    for k, number in enumerate(numbers):
        words = [f"{label} {word[k]}" for label, word in apart.items() if word[k] != UNSET]
        name = " · ".join([str(number), *words])
        found.append(name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…")
    return found


def compared(runs: Mapping[str, Run]) -> dict[str, list[str]]:
    """Runs beside each other, as columns of a table: what differs, how each ended, parameters, time, final figures.

    runs : by the heading of their column
    """
    apart = differing(list(runs.values()))
    columns = {
        name: {label: words[k] for label, words in apart.items()} | _figures(run)
        for k, (name, run) in enumerate(runs.items())
    }
    return beside(columns, UNSET, head=HEAD)


def _figures(run: Run) -> dict[str, str]:
    seconds = (
        {} if math.isnan(run.seconds) else {"seconds of training": f"{run.seconds:,.{1 if run.seconds >= 10 else 2}f}"}
    )
    first = {"ended": run.ended, **{_counted(name): f"{n:,}" for name, n in run.parameters.items()}, **seconds}
    return first | {name: figure(name, value) for name, value in run.metrics.items() if name != "seconds"}


def figure(name: str, value: float) -> str:
    """A final figure as it is printed; a run that diverged may have one that is not finite."""
    return figure_text(name, value) if math.isfinite(value) else "not finite"


def _counted(name: str) -> str:
    return f"parameters of the {name}" if name else "parameters"


def columns(runs: Mapping[str, Run]) -> dict[str, list[Any]]:
    """The same for a file, a row a run: every setting that differs, and every figure in full precision."""
    facts = list(runs.values())
    figures = dict.fromkeys(name for run in facts for name in run.metrics)
    networks = dict.fromkeys(name for run in facts for name in run.parameters)
    return {
        "run": list(runs),
        "ended": [run.ended for run in facts],
        **differing(facts),
        **{_counted(name): [run.parameters.get(name, "") for run in facts] for name in networks},
        **{name: [run.metrics.get(name, "") for run in facts] for name in figures},
    }


def points(runs: Mapping[str, Run]) -> dict[str, list[Any]]:
    """All curves of runs for a file, a row a point: run, curve, unit, step, seconds, value."""
    rows: list[tuple[Any, ...]] = []
    for name, run in runs.items():
        for curve in run.curves.values():
            seconds = curve.seconds if len(curve.seconds) else [""] * len(curve.steps)
            rows += [
                (
                    name,
                    curve.label,
                    curve.unit,
                    int(step),
                    second if second == "" else float(f"{second:.6g}"),
                    float(f"{value:.6g}"),
                )
                for step, second, value in zip(curve.steps, seconds, curve.values)
            ]
    heads = ("run", "curve", "unit", "step", "seconds", "value")
    return {head: [row[k] for row in rows] for k, head in enumerate(heads)}


def band(
    curves: Sequence[Curve], by: str = "step", most: int = POINTS
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What several curves have in common: where, lowest, mean and highest, each (points,), where all of them have values.

    Between its points a curve is taken to be straight. All four are empty where there is no such place.

    by : "step" or "seconds"
    """
    lines = [(curve.along(by), curve.values) for curve in curves]
    if not lines or not all(len(x) for x, _ in lines):
        return (np.zeros(0),) * 4
    start, stop = max(x[0] for x, _ in lines), min(x[-1] for x, _ in lines)
    if start > stop:
        return (np.zeros(0),) * 4
    places = np.unique(np.concatenate([[start, stop], *(x[(x >= start) & (x <= stop)] for x, _ in lines)]))
    places = places[_spread(len(places), most)]
    values = np.stack([np.interp(places, x, y) for x, y in lines])
    return places, values.min(axis=0), values.mean(axis=0), values.max(axis=0)


def _spread(count: int, most: int) -> np.ndarray:
    """At most `most` of `count` places, evenly, both ends among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def _curve(
    label: str,
    unit: str,
    steps: Sequence[float],
    values: Sequence[float],
    timed: Sequence[float],
    clock: Sequence[float],
) -> Curve | None:
    if not len(steps):
        return None
    chosen = _spread(len(steps), POINTS)
    at, found = np.asarray(steps, np.float32)[chosen], np.asarray(values, np.float32)[chosen]
    seconds = np.interp(at, timed, clock).astype(np.float32) if len(timed) else np.zeros(0, np.float32)
    for array in (at, seconds, found):
        array.setflags(write=False)
    return Curve(label, unit, at, seconds, found)


def _word(setting: Any, value: Any) -> str:
    return setting.none or UNSET if value is None else setting.word(value)


def _own(config: Any) -> str:
    """A short name for the data that a config carries beside its described settings, the same for the same data."""
    if (words := getattr(config, "data_in_words", None)) is not None:
        return words
    known = settings(config.__class__)
    own = [
        getattr(config, one.name)
        for one in fields(config)
        if one.name not in known and not isinstance(one.default, bool) and getattr(config, one.name) != one.default
    ]
    return f"number {hashlib.sha256(repr(own).encode()).hexdigest()[:6]}" if own else ""


def _parameters(result: Result) -> dict[str, int]:
    """By the network's name: as the lesson counts them, else those of the one network there is."""
    counted = result.details.get("parameters")
    if isinstance(counted, Mapping):
        return dict(counted)
    return {"": result.model.count_params()} if result.model is not None else {}


def _sample(result: Result) -> str:
    """The last text it wrote, cut."""
    samples = result.details.get("samples", [])
    return samples[-1]["text"][:SAMPLE] if samples else ""
