"""How a training step grows with the length of the sequence: its time and its memory, measured on this machine."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lstm import Sequential
from lstm.history import Control, History, Progress
from lstm.lessons.result import Result
from lstm.lessons.settings import check, option
from lstm.lessons.shared_options import BATCH, UNITS

from .tasks import CELLS, Task

LENGTHS = (50, 100, 200, 400, 1_000)
MOST_ATTENTION = 8
"""Sequences at a time: attention keeps batch · heads · length² numbers, and several times as many on its way back."""


@dataclass(frozen=True)
class Growth:
    """A training step of each cell at `LENGTHS`, on parity. Building one checks every setting (`ValueError`)."""

    lesson: ClassVar[str] = "relatives"

    units: int = UNITS(32, high=64)
    heads: int = option(4, "Attention heads", "Patterns of attention side by side.", high=4)
    batch: int = BATCH(4, help="Sequences a step is taken from.", high=MOST_ATTENTION)

    def __post_init__(self) -> None:
        check(self)
        if self.units % self.heads:
            raise ValueError(f"heads must be a number that divides the {self.units} units, got {self.heads}")

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Measure; notes: "rows" so far, each with "cell", "length", "ms", "bytes". A run that lost its worker begins again."""
        control, task, rows, history = control or Control(), Task("parity"), [], History()
        began, ended = time.perf_counter(), "finished"
        jobs = [(length, cell) for length in LENGTHS for cell in CELLS]
        yield Progress(0, 0.0, 0.0, 0.0, None, {}, 0.0, {"rows": []})
        for k, (length, cell) in enumerate(jobs, 1):
            model = task.build(cell, self.units, 0, heads=self.heads, positions=length)
            model.compile("adam", "sparse_categorical_crossentropy")
            x, y = task.sequences(self.batch, length, np.random.default_rng(0))
            ms, size = measure(model, x, y)
            rows.append({"cell": cell, "length": length, "ms": ms, "bytes": size})
            seconds, share = time.perf_counter() - began, k / len(jobs)
            history.add(k, {f"{cell}_ms": ms})
            yield Progress(
                k, 0.0, seconds, share, seconds * (1 - share) / share, {f"{cell}_ms": ms}, 0.0, {"rows": list(rows)}
            )
            if control.stop:
                ended = "stopped"
                break
        history.seconds = time.perf_counter() - began
        return Result(self, None, history, {}, ended, None, {"rows": rows})


def measure(model: Sequential, x: np.ndarray, y: np.ndarray, repeats: int = 3) -> tuple[float, int]:
    """Milliseconds of a training step, the best of several, and the most bytes that NumPy held at once beyond the weights."""
    model.train_on_batch(x, y)  # the first makes its workspaces
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        model.train_on_batch(x, y)
        times.append(time.perf_counter() - began)
    return min(times) * 1e3, memory(model, x, y)


def memory(model: Sequential, x: np.ndarray, y: np.ndarray) -> int:
    """The most bytes that NumPy holds at once in a pass forward and backward, beyond the weights and their gradients."""
    twin = Sequential([type(layer)(**layer.get_config()) for layer in model.layers], seed=model.seed)  # nothing kept from before
    twin.compile("sgd", model.loss)
    twin.build(model.input_shape)
    traced = tracemalloc.is_tracing()
    if not traced:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    twin.loss_and_gradient(x, y)
    peak = tracemalloc.get_traced_memory()[1] - before
    if not traced:
        tracemalloc.stop()
    return peak


def powers(rows: list[dict[str, Any]], quantity: str = "ms", shortest: int = 200) -> dict[str, float]:
    """For each cell the p of "quantity grows with length to the p", fitted to the lengths from `shortest` on."""
    found = {}
    for cell in CELLS:
        mine = [row for row in rows if row["cell"] == cell and row["length"] >= shortest]
        if len(mine) >= 2:
            x, y = np.log([row["length"] for row in mine]), np.log([max(row[quantity], 1e-9) for row in mine])
            found[cell] = float(np.polyfit(x, y, 1)[0])
    return found
