"""Which network reads: the one that ships, the one trained here, or one that was uploaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lstm import Sequential
from lstm.lessons.digits.reader import CLASSES, DigitReader, belief, reader_of
from ui.model_shelf import Shelf, origin


@dataclass(frozen=True)
class DigitModel:
    """A network that reads digits. `key` tells it from every other one in this session; `origin` and `learnt` are Markdown.

    `report` holds its examination: "confusion" (10, 10), "accuracy" (steps,), "gates"; empty if its file had none.
    """

    key: str
    label: str
    origin: str
    learnt: str
    model: Sequential
    reader: DigitReader
    report: dict[str, Any] = field(default_factory=dict)

    def beliefs(self, images: np.ndarray) -> np.ndarray:
        """The probabilities (digits, steps, 10) after each step of prepared images."""
        return belief(self.model, self.reader.sequences(images))

    def believes(self, image: np.ndarray) -> np.ndarray:
        """The probabilities (steps, 10) after each step of one prepared image."""
        return self.beliefs(image[None])[0]


def _described(key: str, label: str, model: Sequential) -> DigitModel:
    reader = reader_of(model)
    config, metrics = (
        found if isinstance(found := model.metadata.get(name), dict) else {} for name in ("config", "metrics")
    )
    learnt = f"trained on {'MNIST' if reader.data == 'mnist' else 'the 8 × 8 digits'}"
    more = [f"{reader.step_name} by {reader.step_name}"]
    if isinstance(accuracy := metrics.get("test accuracy"), float):
        more.append(f"test accuracy {accuracy:.2%}")
    if config.get("answer") == "last":
        more[-1] += "; it was only ever asked after the last step"
    origins = origin(model, learnt, *more)
    return DigitModel(key, label, origins, learnt, model, reader, _report(model.metadata.get("report"), reader))


def _report(found: Any, reader: DigitReader) -> dict[str, Any]:
    """An examination out of a file, if it is one: the file may come from anybody."""
    found = found if isinstance(found, dict) else {}
    report: dict[str, Any] = {}
    for name, shape in (("confusion", (CLASSES, CLASSES)), ("accuracy", (reader.steps,))):
        if (values := _numbers(found.get(name), shape)) is not None:
            report[name] = values
    layers = found.get("gates") if isinstance(found.get("gates"), list) else []
    gates = [
        {
            name: values
            for name in "ifgoch"
            if (values := _numbers(layer.get(name), (CLASSES, reader.steps))) is not None
        }
        for layer in layers[:8]
        if isinstance(layer, dict)
    ]
    if gates and all(gates):
        report["gates"] = gates
    return report


def _numbers(values: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    try:
        array = np.array(values, np.float64)
    except (ValueError, TypeError):
        return None
    return array if array.shape == shape and np.isfinite(array).all() else None


SHELF = Shelf("digits", _described, "network")
