"""How an experiment drains a model's training: what it yields is passed on with the lesson's notes, and how it ended is said."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lstm.history import History, Progress
from lstm.training import NonFiniteLoss


@dataclass(frozen=True)
class Trained:
    """How a training ended: "finished", "stopped" or "diverged", then with `problem`, one sentence; its last progress."""

    history: History
    ended: str
    problem: str | None
    progress: Progress | None


def train(
    run: Generator[Progress, None, History], report: Callable[[Progress], Progress]
) -> Generator[Progress, None, Trained]:
    """Yield everything that `run` yields, as `report` gives it. A loss that is no longer finite is one way to end."""
    progress = None
    try:
        while True:
            progress = next(run)
            yield report(progress)
    except StopIteration as end:
        return Trained(end.value, "stopped" if end.value.ended == "stopped" else "finished", None, progress)
    except NonFiniteLoss as error:
        return Trained(error.history, "diverged", str(error), progress)


def now_and_then(
    seconds: float, look: Callable[[Progress], Mapping[str, Any]], first: Mapping[str, Any] | None = None
) -> Callable[[Progress], Progress]:
    """A `report` that adds notes: `first` to the first progress, and what `look` finds every so many seconds and at the end."""
    last, waiting = 0.0, dict(first or {})

    def report(progress: Progress) -> Progress:
        nonlocal last, waiting
        notes, waiting = waiting, {}
        if progress.seconds - last >= seconds or progress.fraction >= 1:
            last = progress.seconds
            notes |= look(progress)
        return replace(progress, notes=notes) if notes else progress

    return report
