"""How training data is cut into batches: arrays, and long texts read in parallel lanes.

A source of batches has `len()`, the number of batches in a pass; `items`, how many examples (or characters) a pass
holds; and `epoch(rng)`, which yields the batches (x, y) of one pass, in an order drawn from `rng`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from .layers import positive_integer

Batch = tuple[np.ndarray, np.ndarray]


class Batches(Protocol):
    """What `Sequential.fit` accepts in place of arrays."""

    items: int

    def __len__(self) -> int: ...

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]: ...


class ArrayBatches:
    """Examples in arrays, `batch_size` at a time, reshuffled before each pass unless `shuffle` is False."""

    def __init__(self, x: np.ndarray, y: np.ndarray, batch_size: int = 32, shuffle: bool = True) -> None:
        self.x, self.y = np.asarray(x), np.asarray(y)
        self.batch_size, self.shuffle = positive_integer(batch_size, "batch_size"), shuffle
        if len(self.x) != len(self.y):
            raise ValueError(f"x and y must hold as many examples, got {len(self.x)} and {len(self.y)}")
        if len(self.x) == 0:
            raise ValueError("x must hold at least one example, got none")
        self.items = len(self.x)

    def __len__(self) -> int:
        return -(-self.items // self.batch_size)

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        order = rng.permutation(self.items) if self.shuffle else np.arange(self.items)
        for start in range(0, self.items, self.batch_size):
            chosen = order[start : start + self.batch_size]
            yield self.x[chosen], self.y[chosen]


class LaneBatches:
    """A long text, read by `lanes` readers at once, each `steps` symbols at a time.

    The text is cut into as many equal pieces as there are lanes. Batch after batch, every lane goes on where it
    stopped, so a stateful model can carry its states along; the target is the next symbol.
    """

    def __init__(self, ids: np.ndarray, lanes: int, steps: int) -> None:
        lanes, steps = positive_integer(lanes, "lanes"), positive_integer(steps, "steps")
        ids = np.asarray(ids)
        length = (len(ids) - 1) // lanes  # symbols each lane reads; the last one is only a target
        if length < 1:
            raise ValueError(f"a text of {len(ids)} symbols is too short for {lanes} lanes: it needs {lanes + 1} or more")
        self.x = ids[: lanes * length].reshape(lanes, length)
        self.y = ids[1 : lanes * length + 1].reshape(lanes, length)
        self.steps = min(steps, length)
        self.starts = range(0, length - self.steps + 1, self.steps)  # a shorter rest at the end is left out
        self.items = lanes * self.steps * len(self.starts)

    def __len__(self) -> int:
        return len(self.starts)

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        for start in self.starts:
            yield self.x[:, start : start + self.steps], self.y[:, start : start + self.steps]
