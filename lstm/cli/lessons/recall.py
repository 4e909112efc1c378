"""The lesson "recall" on the command line: an LSTM and a SimpleRNN learn to remember what came first."""

from __future__ import annotations

import argparse
from typing import Any

from lstm import Sequential
from lstm.lessons.memory.experiment import LIMITS, Recall
from lstm.lessons.memory.tasks import CLOSE, Task, task_of

from ..parsing import chosen, number, setting, whole
from ..terminal import Line
from . import Evaluation

CONFIG = Recall
SUMMARY = "a memory: which symbol came first? LSTM and SimpleRNN side by side"
HEADLINE = "test accuracy"
EXAMPLES = """\
examples:
  python -m lstm train recall --distance 100 --out recall.npz
  python -m lstm train recall --practice whole --forget-bias 1 --steps 2000
  python -m lstm train recall --task adding --steps 3000

The file holds the LSTM. Its test accuracy is that on fresh sequences of the whole distance; an answer to the adding
problem counts as right when it is within 0.1 of the sum. One pass (--epochs) is 100 steps."""
COUNT = 1_000
"""Sequences a model is evaluated on."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the task's, the networks' and the optimizer's options."""
    task = parser.add_argument_group("the task")
    setting(task, Recall, "--task", "task", str, "recall (which symbol came first?) or adding (two marked numbers)")
    setting(task, Recall, "--distance", "distance", whole, "time steps between what is to be remembered and the answer")
    setting(task, Recall, "--practice", "practice", str, "mixed: any distance up to that; whole: always all of it")
    setting(task, Recall, "--blanks", "blanks", str, "what stands between: noise, or silence")
    setting(task, Recall, "--symbols", "symbols", whole, "how many different symbols there are to remember")
    model = parser.add_argument_group("the networks")
    setting(model, Recall, "--units", "units", whole, "length of the hidden state, in both")
    setting(model, Recall, "--forget-bias", "forget_bias", number, "where the bias of the LSTM's forget gate begins")
    how = parser.add_argument_group("how they learn")
    setting(how, Recall, "--batch", "batch", whole, "sequences in an optimizer step")
    setting(how, Recall, "--optimizer", "optimizer", str, "sgd, adagrad, rmsprop or adam")
    setting(how, Recall, "--rate --learning-rate", "learning_rate", number, "learning rate")
    setting(how, Recall, "--clip", "clip", str, "clip gradients by norm, by value, or none")
    setting(how, Recall, "--clip-at", "clip_at", number, "the largest norm or value")
    setting(how, Recall, "--validate-every", "validate_every", whole, "steps between two looks at held-out sequences")


def settings(options: argparse.Namespace, line: Line) -> dict[str, Any]:
    """The fields of `Recall` that the options set."""
    return chosen(options, Recall)


def prepare(config: Recall, line: Line) -> str:
    """Describe the task and the two networks; there is nothing to fetch."""
    up_to = "up to " if config.practice == "mixed" else ""
    return f"{_named(config.posed)} over {up_to}{config.distance:,} steps; LSTM and SimpleRNN of {config.units:,} units each"


def unit(config: Recall) -> str:
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
        distance = distance if isinstance(distance, int) and 1 <= distance <= LIMITS["distance"] else 50
    else:
        try:
            distance = whole(data)
        except argparse.ArgumentTypeError:
            distance = 0
        if not 1 <= distance <= LIMITS["distance"]:
            raise ValueError(
                f"data must be a distance from 1 to {LIMITS['distance']} for this lesson, got {data[:40]!r}"
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
