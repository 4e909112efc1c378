"""The lesson "memory" on the command line: an LSTM and a SimpleRNN learn to remember what came first."""

from __future__ import annotations

import argparse
from typing import Any

from lstm import Sequential
from lstm.lessons.memory.experiment import LONGEST, Memory
from lstm.lessons.memory.tasks import CLOSE, Task, task_of

from ..parsing import whole
from ..terminal import Line
from . import Evaluation

CONFIG = Memory
SUMMARY = "a memory: which symbol came first? LSTM and SimpleRNN side by side"
HEADLINE = "test accuracy"
EXAMPLES = """\
examples:
  python -m lstm train memory --distance 100 --out memory.npz
  python -m lstm train memory --practice whole --forget-bias 1 --steps 2000
  python -m lstm train memory --task adding --steps 3000

The file holds the LSTM. Its test accuracy is that on fresh sequences of the whole distance; an answer to the adding
problem counts as right when it is within 0.1 of the sum. An epoch is 100 steps."""
COUNT = 1_000
"""Sequences a model is evaluated on."""


def prepare(config: Memory, line: Line) -> str:
    """Describe the task and the two networks; there is nothing to fetch."""
    up_to = "up to " if config.practice == "mixed" else ""
    return f"{_named(config.posed)} over {up_to}{config.distance:,} steps; LSTM and SimpleRNN of {config.units:,} units each"


def unit(config: Memory) -> str:
    """What the rate counts."""
    return "sequences"


def sample(notes: dict[str, Any]) -> str | None:
    """How both do at every distance."""
    if "curve" not in notes:
        return None
    return "\n".join(
        f"{name:<9}" + "".join(f"{value:>8.3g}" for value in values) for name, values in notes["curve"].items()
    )


def evaluate(model: Sequential, data: str | None, line: Line) -> Evaluation:
    """Accuracy on fresh sequences; `data` is the distance, by default the one the model practised."""
    task = task_of(model)
    if data is None:
        config = model.metadata.get("config")
        distance = config.get("distance") if isinstance(config, dict) else None
        distance = distance if isinstance(distance, int) and 1 <= distance <= LONGEST else 50
    else:
        try:
            distance = whole(data)
        except argparse.ArgumentTypeError:
            distance = 0
        if not 1 <= distance <= LONGEST:
            raise ValueError(
                f"data must be a distance from 1 to {LONGEST} for this lesson, got {data[:40]!r}"
            )
    score = task.examine(model, distance, COUNT)
    if task.name == "recall":
        figures = {"accuracy of guessing": task.chance}
    else:
        figures = {"RMS error": score.value, "error of always saying 1": task.chance}
    return Evaluation(
        f"{_named(task)} over {distance:,} steps: {COUNT:,} fresh sequences", figures | {HEADLINE: score.accuracy}
    )


def _named(task: Task) -> str:
    if task.name == "recall":
        return f"recall of one symbol out of {task.symbols} through {task.blanks}"
    return f"the adding problem, right within {CLOSE:g},"
