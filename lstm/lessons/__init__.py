"""What a lesson computes without a screen: a folder a lesson, each with a frozen config and `run()`, a generator of `Progress`
that ends in a `Result`.

The pages, the command line, the tests and the benchmarks all drain the same generators.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

P = TypeVar("P")
R = TypeVar("R")


def drain(run: Generator[P, None, R], on_progress: Callable[[P], None] | None = None) -> R:
    """Run an experiment to its end; `on_progress` sees every step. Returns its result."""
    while True:
        try:
            progress = next(run)
        except StopIteration as end:
            return end.value
        if on_progress is not None:
            on_progress(progress)
