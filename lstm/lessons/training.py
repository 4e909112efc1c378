"""How an experiment drains a model's training: what it yields is passed on with the lesson's notes, and how it ended is said.

What is measured on the way has a name of its own wherever it is not the final figure: the training loss is the mean over the
last steps, the loss of one step is not; and where validating on the whole would take too long, what is measured while the
network learns is the validation loss *on a part*. A lesson says so in the note `MEASURED`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

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


LATELY = 100
"""Steps over which the training loss is the mean."""
MEASURED = "measured on"
"""The note that says on what a metric is measured while the network learns, by metric, where it is not on all of it."""
ON_A_PART = "on a part"


def training_loss(losses: Sequence[float]) -> float:
    """The training loss of a run: the mean over its last `LATELY` steps; nan where there is none."""
    return float(np.mean(losses[-LATELY:])) if len(losses) else float("nan")


def on_a_part(seen: int, whole: int) -> dict[str, Mapping[str, str]]:
    """The note of a lesson that validates on `seen` of its `whole` held-out examples on the way; none if they are all."""
    return {MEASURED: {"val_loss": ON_A_PART, "val_accuracy": ON_A_PART}} if seen < whole else {}


def metric_name(metric: str, measured: Mapping[str, str] | None = None) -> str:
    """What pages and command line call a metric of `Progress`, given the note `MEASURED`: "validation loss on a part"."""
    name = metric.replace("val_", "validation ", 1) if metric.startswith("val_") else metric
    where = (measured or {}).get(metric, "")
    return f"{name} {where}".strip()


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
