"""The lesson "relatives" on the command line: an LSTM and its relatives learn one task, side by side."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from lstm import Sequential
from lstm.lessons.relatives.experiment import Relatives, at_length
from lstm.lessons.relatives.tasks import CELLS, CLOSE, MOST_STEPS, TASKS, task_of
from lstm.lessons.result import Result
from lstm.storage import model_bytes

from ..parsing import whole
from ..terminal import Line
from . import Evaluation

CONFIG = Relatives
SUMMARY = "an LSTM among its relatives: GRU, minLSTM, attention and SimpleRNN learn the same task side by side"
HEADLINE = "test accuracy"
EXAMPLES = f"""\
examples:
  python -m lstm train relatives --task parity --cells lstm,gru,min_lstm,attention,simple_rnn
  python -m lstm train relatives --task recall --length 40 --beyond 300 --steps 400 --out race.npz
  python -m lstm train relatives --task copy --back 8 --cells lstm,attention --seeds 3

With --out race.npz each network has a file of its own, race_lstm.npz and so on; of several seeds the first is kept.
An accuracy "at" a length is the mean over the last fifth of the steps up to it; an answer to the adding problem counts
as right when it is within {CLOSE:g} of the sum. The test accuracy is that of the first cell at the training length. An
epoch is 100 steps."""
COUNT = 128
"""Sequences a model is evaluated on."""


def prepare(config: Relatives, line: Line) -> str:
    """Describe the task and the networks; there is nothing to fetch."""
    seeds = f", {config.seeds} seeds each" if config.seeds > 1 else ""
    names = ", ".join(CELLS[name] for name in config.names)
    return f"{config.task} ({TASKS[config.task]}) over {config.length} steps; {names} of {config.units} units{seeds}"


def unit(config: Relatives) -> str:
    """What the rate counts."""
    return "sequences"


def sample(notes: dict[str, Any]) -> str | None:
    """How all do at the training length."""
    if "curve" not in notes:
        return None
    curve = notes["curve"]
    return "\n".join(f"{CELLS[name]:<10} {values[-1]:.3f}" for name, values in curve.items() if name in CELLS)


def outputs(result: Result, path: Path) -> dict[Path, bytes]:
    """A file for each network."""
    return {
        path.with_name(f"{path.stem}_{cell}{path.suffix}"): model_bytes(model)
        for cell, model in result.details["models"].items()
    }


def evaluate(model: Sequential, data: str | None, line: Line) -> Evaluation:
    """Accuracy at a length on fresh sequences; `data` is the length, by default the one it was trained on."""
    task, cell, length = task_of(model)
    if data is not None:
        try:
            length = whole(data)
        except argparse.ArgumentTypeError:
            length = 0
        if not 2 <= length <= MOST_STEPS:
            raise ValueError(f"data must be a length from 2 to {MOST_STEPS} for this lesson, got {data[:40]!r}")
    shares = task.examine(model, length, COUNT)
    figures = {"accuracy of guessing": task.chance, "accuracy of every answer": float(np.mean(shares[task.first :]))}
    return Evaluation(
        f"{CELLS[cell]} on {task.name} over {length} steps: {COUNT} fresh sequences", figures | {HEADLINE: at_length(shares, length)}
    )
