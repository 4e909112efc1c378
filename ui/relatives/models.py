"""The networks that ship: each cell, trained on parity and on recall by the lesson's own code; examined once for everybody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm import Sequential, load_model
from lstm.lessons.relatives.experiment import Relatives, at_length
from lstm.lessons.relatives.table import RACES, race
from lstm.lessons.relatives.tasks import CELLS, Task, task_of
from ui import keep
from ui.frame import ROOT

SEQUENCES = 64
"""Held-out sequences that a curve comes from."""
SOLVED = 0.9
"""From this share of right answers on a network counts as one that can do it."""


@dataclass(frozen=True)
class Race:
    """One task's networks by cell, and the share of right answers of each after every step as far as they were examined."""

    config: Relatives
    task: Task
    models: dict[str, Sequential]
    shares: dict[str, np.ndarray]

    def at(self, length: int) -> dict[str, float]:
        """The accuracy of each at a length."""
        return {cell: at_length(one, length) for cell, one in self.shares.items()}

    def solvers(self, length: int) -> frozenset[str]:
        """The cells that can do it at that length."""
        return frozenset(cell for cell, value in self.at(length).items() if value >= SOLVED)


def shipped(task: str, whole: bool = True) -> Race:
    """The race on one of `RACES`, its networks loaded and examined once a server: up to `config.beyond`, or as far as they trained.

    The beginning takes a tenth of the time, and is all that the page shows to whoever has not guessed yet.
    """

    def make() -> Race:
        config, models = race(task), {}
        for cell in CELLS:
            models[cell] = load_model(ROOT / "data" / "pretrained" / f"relatives_{task}_{cell}.npz", lesson="relatives")
            task_of(models[cell])
        upto = None if whole else config.length
        shares = {cell: config.posed.examine(model, config.beyond, SEQUENCES, upto) for cell, model in models.items()}
        return Race(config, config.posed, models, shares)

    assert task in RACES
    return keep.of_all("relatives race", (task, whole), make)
