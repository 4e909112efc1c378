"""What a lesson computes without a screen: a folder a lesson, each with a frozen config and `run()`, a generator of `Progress`
that ends in a `Result`.

The pages, the command line, the tests and the benchmarks all drain the same generators.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from lstm.history import Progress

from .result import Result


def drain(run: Generator[Progress, None, Result], on_progress: Callable[[Progress], None] | None = None) -> Result:
    """Run an experiment to its end; `on_progress` sees every step."""
    while True:
        try:
            progress = next(run)
        except StopIteration as end:
            return end.value
        if on_progress is not None:
            on_progress(progress)
