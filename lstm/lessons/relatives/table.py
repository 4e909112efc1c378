"""The table of the lesson: every cell on two tasks, inside and beyond the training length, over several seeds."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from lstm.history import Progress

from .experiment import Relatives
from .tasks import CELLS

RACES: dict[str, dict[str, Any]] = {
    "parity": {"task": "parity", "length": 20, "beyond": 400, "max_steps": 300},
    "recall": {"task": "recall", "asked": "end", "length": 40, "beyond": 300, "max_steps": 400},
}
"""The two races whose networks ship and whose table the documentation has: what is not said is as in `Relatives`."""


def race(task: str, **more: Any) -> Relatives:
    """One of `RACES`."""
    if task not in RACES:
        raise ValueError(f"task must be one of {', '.join(RACES)}, got {str(task)[:40]!r}")
    return Relatives(**RACES[task] | more)


def table(seeds: int = 3) -> Generator[tuple[float, Progress | None], None, list[dict[str, Any]]]:
    """Run both races; yields the share that is done. Returns a row for each task and cell.

    "inside" and "beyond" are lists, one accuracy a seed; see `experiment.at_length`. "ms" is a training step's time.
    """
    rows: list[dict[str, Any]] = []
    for k, task in enumerate(RACES):
        config = race(task, seeds=seeds)
        run = config.run()
        while True:
            try:
                progress = next(run)
            except StopIteration as end:
                result = end.value
                break
            yield (k + progress.fraction) / len(RACES), progress
        about = {"task": task, "length": config.length, "farthest": config.beyond, "chance": config.posed.chance}
        rows += [{**about, **row} for row in result.details["rows"]]
    return rows


def markdown(rows: list[dict[str, Any]]) -> str:
    """The rows as a table in Markdown: mean ± standard deviation over the seeds."""
    lines = [
        "| task | cell | parameters | inside | beyond | guessing | ms a step | kB a step |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        inside, beyond = (f"{np.mean(row[k]):.3f} ± {np.std(row[k]):.3f}" for k in ("inside", "beyond"))
        lines.append(
            f"| {row['task']} | {CELLS[row['cell']]} | {row['parameters']:,} | {inside} (at {row['length']}) | "
            f"{beyond} (at {row['farthest']}) | {row['chance']:.3f} | {np.median(row['ms']):.1f} | {row['bytes'] / 1e3:,.0f} |"
        )
    return "\n".join(lines)
