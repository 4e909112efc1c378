"""One file a lesson: how `train` and `evaluate` treat its models. A lesson is known by being here; see `Lesson`."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from dataclasses import dataclass
from typing import Any, Protocol

from lstm import Sequential

from ..terminal import Line


@dataclass(frozen=True)
class Evaluation:
    """What was measured and on what; of the metrics, the last is the one that counts."""

    on: str
    metrics: dict[str, float]


class Lesson(Protocol):
    """What a module in this folder provides. Its name is the lesson's, as in `CONFIG.lesson`."""

    SUMMARY: str
    """For the list in `train --help`."""
    EXAMPLES: str
    CONFIG: type
    """The experiment's dataclass, from `lstm.lessons`."""
    HEADLINE: str
    """The metric in the last line of `train`."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of `train`; those that name a field of `CONFIG` through `parsing.setting`."""

    def settings(self, options: argparse.Namespace, line: Line) -> dict[str, Any]:
        """The fields of `CONFIG` that the options set."""

    def prepare(self, config: Any, line: Line) -> str:
        """Fetch what the training needs, check it, and describe in a line what is about to be trained."""

    def unit(self, config: Any) -> str:
        """What the rate counts, in the plural."""

    def sample(self, notes: dict[str, Any]) -> str | None:
        """What to show of a progress's notes with --show-samples."""

    def evaluate(self, model: Sequential, data: str | None, line: Line) -> Evaluation:
        """Measure a trained model on `data` (None: what it was trained on, the part that was held out)."""


def names() -> list[str]:
    """Every lesson there is."""
    return [module.name for module in pkgutil.iter_modules(__path__)]


def get(name: str) -> Lesson:
    """The lesson called `name`, one of `names()`."""
    return importlib.import_module(f"{__name__}.{name}")  # type: ignore[return-value]
