"""What a training tells and takes: where it stands, how it is steered, what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Ended = Literal["finished", "stopped", "early", "diverged"]
"""How a training came to its end."""


@dataclass(frozen=True)
class Progress:
    """Where a training stands after a step.

    Parameters
    ----------
    step : optimizer steps so far
    epoch : passes over the training data so far
    seconds : training time so far, pauses excluded
    fraction : share of the budget used, 0 to 1; 1 with the last step alone
    eta : seconds left at the present pace
    metrics : "loss" of this step; "val_loss" and others only when they were measured at this step. Empty while validating
    rate : examples (or characters) per second, lately
    notes : what a lesson adds, such as a sample of text
    validating : where a validation is under way, the share of it that is done, 0 to 1; the step before it has been taken
    epoch_logs : with the last step of an epoch, what the history has of it
    """

    step: int
    epoch: float
    seconds: float
    fraction: float
    eta: float | None
    metrics: dict[str, float]
    rate: float
    notes: dict[str, Any] = field(default_factory=dict)
    validating: float | None = None
    epoch_logs: dict[str, float] | None = None


@dataclass
class Control:
    """How whoever drives a training reaches into it."""

    stop: bool = False
    """Set it, and the training ends after the step it is in, keeping what was learnt."""
    save: Callable[[bytes], None] | None = None
    """Given a checkpoint every `save_every` seconds."""
    save_every: float = 5.0
    threads: int | None = None
    """How many threads a step may use, looked at before each: 1 where others compute too, 2 for who is alone on the machine.
    None leaves it to `parallel.threads()`. The losses do not depend on it."""


class History:
    """What a training measured.

    `history` is Keras's: "loss" and the metrics have one value for each epoch in `epoch`, the mean over its examples;
    "val_loss" and the others of the validation data have a value only for those epochs in which they were measured (the
    last one, if several), so with a `validate_every` of more than an epoch their lists are shorter, as with Keras's
    `validation_freq`. `series(name)` has every measurement with its step.

    Attributes
    ----------
    history, epoch : as above
    points : what `series` gives, by name
    seconds : of training, pauses excluded
    ended : "finished", or "stopped", "early" (`EarlyStopping`) or "diverged"
    best_step : the step of the best validation, where something was watched for it; None else
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.points: dict[str, tuple[list[int], list[float]]] = {}
        self.seconds = 0.0
        self.ended: Ended = "finished"
        self.best_step: int | None = None

    def add(self, step: int, metrics: dict[str, float]) -> None:
        """Note measurements made at a step."""
        for name, value in metrics.items():
            steps, values = self.points.setdefault(name, ([], []))
            steps.append(step)
            values.append(value)

    def add_epoch(self, epoch: int, metrics: dict[str, float]) -> None:
        """Note the means over an epoch, and what a validation in it measured, if there was one."""
        self.epoch.append(epoch)
        for name, value in metrics.items():
            self.history.setdefault(name, []).append(value)

    def series(self, name: str) -> tuple[list[int], list[float]]:
        """The steps at which `name` was measured, and the values; two empty lists if it never was."""
        return self.points.get(name, ([], []))

    def rows(self) -> list[dict[str, float]]:
        """One row a step that measured anything, ready for a table: {"step": …, "loss": …, "val_loss": …}."""
        by_step: dict[int, dict[str, float]] = {}
        for name, (steps, values) in self.points.items():
            for step, value in zip(steps, values):
                by_step.setdefault(step, {"step": step})[name] = value
        return [by_step[step] for step in sorted(by_step)]
