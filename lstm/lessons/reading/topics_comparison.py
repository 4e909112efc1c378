"""A network beside the classical methods over several seeds: the same sentences, the same parts, a table with spreads."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from lstm.history import Control, History, Progress
from lstm.layers import positive_integer
from lstm.lessons.result import Result

from .classical import MethodRow
from .topics import Topics

MAX_SEEDS = 10


@dataclass(frozen=True)
class Compared:
    """A method over several seeds: accuracies on the test part, mean seconds to fit and to predict."""

    name: str
    accuracies: tuple[float, ...]
    mean: float
    spread: float
    """Standard deviation over the seeds (of a sample; 0 with a single seed)."""
    fit_seconds: float
    predict_seconds: float


@dataclass(frozen=True)
class Comparison:
    """The same texts, the same parts, several seeds: a network and every classical method. Building one checks it."""

    lesson: ClassVar[str] = "topics"

    topics: Topics = field(default_factory=Topics)
    seeds: int = 3

    def __post_init__(self) -> None:
        if not isinstance(self.topics, Topics):
            raise ValueError(f"topics must be a Topics, got {type(self.topics).__name__}")
        if positive_integer(self.seeds, "seeds") > MAX_SEEDS:
            raise ValueError(f"seeds must be at most {MAX_SEEDS}, got {self.seeds}")

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Run `topics` with the seeds 0, 1, …; the notes hold "seed" and "rows", every row measured so far."""
        control = control or Control()
        rows: list[MethodRow] = []
        seconds = steps = 0.0
        result = None
        for seed in range(self.seeds):
            inner, own = Control(), 0
            run = replace(self.topics, seed=seed, classical=True).run(inner)
            while True:
                inner.stop = control.stop
                try:
                    progress = next(run)
                except StopIteration as end:
                    result = end.value
                    break
                so_far = [*rows, *progress.notes.get("rows", [])]
                own = progress.step
                yield replace(
                    progress, step=int(steps) + own, seconds=seconds + progress.seconds, eta=None, metrics={},
                    fraction=(seed + 0.9 * progress.fraction) / self.seeds, notes={"seed": seed, "rows": so_far},
                )  # fmt: skip
            if control.stop or result.problem:
                break
            rows += result.details["rows"]
            steps += own
            seconds += sum(row.fit_seconds for row in result.details["rows"])
            notes = {"seed": seed, "rows": list(rows)}
            yield Progress(int(steps), 0.0, seconds, (seed + 1) / self.seeds, None, {}, 0.0, notes)
        table = compared(rows)
        details = {"table": table, "rows": rows, "classes": result.details["classes"], "split": result.details["split"]}
        ended = "stopped" if control.stop else result.ended
        metrics = {one.name: one.mean for one in table}
        return Result(self, result.model, History(), metrics, ended, result.problem, details)


def compared(rows: list[MethodRow]) -> list[Compared]:
    """One line a method, the best mean first."""
    table = []
    for name in dict.fromkeys(row.name for row in rows):
        mine = [row for row in rows if row.name == name]
        accuracies = np.array([row.accuracy for row in mine])
        table.append(
            Compared(
                name, tuple(accuracies.tolist()), float(accuracies.mean()),
                float(accuracies.std(ddof=1)) if len(mine) > 1 else 0.0,
                float(np.mean([row.fit_seconds for row in mine])), float(np.mean([row.predict_seconds for row in mine])),
            )
        )  # fmt: skip
    return sorted(table, key=lambda one: -one.mean)
