"""Which memory is looked into: the one that ships, the one trained here, or one that was uploaded."""

from __future__ import annotations

from dataclasses import dataclass

from lstm import Sequential
from lstm.lessons.memory.experiment import LONGEST
from lstm.lessons.memory.tasks import Task, task_of
from ui.model_shelf import Shelf, origin


@dataclass(frozen=True)
class MemoryModel:
    """An LSTM that was trained to remember. `key` tells it from every other one in this session; `origin` and `learnt` are Markdown."""

    key: str
    label: str
    origin: str
    learnt: str
    model: Sequential
    task: Task
    distance: int

    @property
    def units(self) -> int:
        return self.model.layers[-2].units


def _described(key: str, label: str, model: Sequential) -> MemoryModel:
    task = task_of(model)
    config = model.metadata.get("config")
    distance = config.get("distance") if isinstance(config, dict) else None
    if isinstance(distance, bool) or not isinstance(distance, int) or not 1 <= distance <= LONGEST:
        distance = 50
    what = (
        f"one symbol out of {task.symbols} through {task.blanks}" if task.name == "recall" else "a number to be added"
    )
    learnt = f"trained to remember {what} over {distance} steps"
    return MemoryModel(key, label, origin(model, learnt), learnt, model, task, distance)


SHELF = Shelf("memory", _described, "network")
