"""Which network reads, for the lessons that judge a text: the one that ships, the one trained here, or one that was uploaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lstm import Sequential
from lstm.lessons.reading.reader import Reading, TextReader, read, reader_of
from ui.model_shelf import origin

_OWN = "texts of its own"


@dataclass(frozen=True)
class ReadingModel:
    """A network that judges a text. `key` tells it from every other one in this session; `origin` and `learnt` are Markdown.

    `config` is how it was trained, as far as its file says; `report` is its examination: "confusion" (classes, classes)
    where its file has one, and whatever else it holds, unchecked.
    """

    key: str
    label: str
    origin: str
    learnt: str
    model: Sequential
    reader: TextReader
    config: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)

    def read(self, text: str) -> Reading:
        """Its opinion after each word. Raises ValueError for a text without a word."""
        return read(self.model, self.reader, text)


def described(names: Mapping[Any, str]) -> Callable[[str, str, Sequential], ReadingModel]:
    """For `ui.model_shelf.Shelf`: how to describe a network. `names` says what its data are called: {"imdb": "IMDB"}."""

    def describe(key: str, label: str, model: Sequential) -> ReadingModel:
        reader = reader_of(model)
        config, metrics, report = (_table(model, name) for name in ("config", "metrics", "report"))
        data = config.get("data")
        learnt = f"trained on {names.get(data, _OWN) if isinstance(data, str) else _OWN}"
        accuracy = metrics.get("test accuracy")
        more = [f"test accuracy {accuracy:.1%}"] if isinstance(accuracy, float) else []
        return ReadingModel(key, label, origin(model, learnt, *more), learnt, model, reader, config, _checked(report, len(reader.classes)))

    return describe


def _table(model: Sequential, name: str) -> dict[str, Any]:
    found = model.metadata.get(name)
    return found if isinstance(found, dict) else {}


def _checked(report: dict[str, Any], classes: int) -> dict[str, Any]:
    """A report whose confusion matrix is one: the file may come from anybody."""
    kept = {name: value for name, value in report.items() if name != "confusion"}
    try:
        counts = np.array(report.get("confusion"), np.float64)
    except (ValueError, TypeError):
        return kept
    if counts.shape == (classes, classes) and np.isfinite(counts).all() and (counts >= 0).all() and counts.max() < 1e9:
        kept["confusion"] = counts.astype(np.int64)
    return kept
