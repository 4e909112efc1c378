"""One file a lesson: how `train` and `evaluate` treat its models; `LESSONS` lists them, `Lesson` says what each has."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Protocol

from lstm import Sequential

from ..terminal import Line

LESSONS = ("digits", "forecast", "memory", "relatives", "sentiment", "text", "topics")
"""Every lesson that can be trained, by the name of its file here. A file is read only when its lesson is asked for."""


@dataclass(frozen=True)
class Evaluation:
    """What was measured and on what; of the metrics, the last is the one that counts."""

    on: str
    metrics: dict[str, float]


class Lesson(Protocol):
    """What a module in this folder provides. Its name is the lesson's, as in `CONFIG.lesson`.

    The options of `train` follow from the described settings of `CONFIG`. A lesson that takes more than these, a file for
    instance, has a function `add_options(parser)` for them, and `settings(options, line)` that turns all options into fields
    of `CONFIG`. A lesson that knows experiments by name has them in `PRESETS`. One that trains several networks has a function
    `outputs(result, path)`, which gives the bytes of each file to be saved beside `path`.
    """

    SUMMARY: str
    """For the list in `train --help`."""
    EXAMPLES: str
    CONFIG: Any
    """The experiment's dataclass, from `lstm.lessons`."""
    HEADLINE: str
    """The metric in the last line of `train`."""

    def prepare(self, config: Any, line: Line) -> str:
        """Fetch what the training needs, check it, and describe in a line what is about to be trained."""

    def unit(self, config: Any) -> str:
        """What the rate counts, in the plural."""

    def sample(self, notes: dict[str, Any]) -> str | None:
        """What to show of a progress's notes with --show-samples."""

    def evaluate(self, model: Sequential, data: str | None, line: Line) -> Evaluation:
        """Measure a trained model on `data` (None: what it was trained on, the part that was held out)."""


def get(name: str) -> Lesson:
    """The lesson called `name`, one of `LESSONS`."""
    return importlib.import_module(f"{__name__}.{name}")  # type: ignore[return-value]
