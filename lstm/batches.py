"""How training data is cut into batches: arrays, sequences of many lengths, and long texts read in parallel lanes.

A source of batches has `len()`, the number of batches in a pass; `items`, how many examples (or characters) a pass
holds; `carry`, after how many batches stateful layers are to start from zeros again; and `epoch(rng)`, which yields
the batches (x, y) of one pass, in an order drawn from `rng`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Literal, Protocol, cast

import numpy as np

from .layers import positive_integer

Batch = tuple[np.ndarray, np.ndarray]


class Batches(Protocol):
    """What `Sequential.fit` accepts in place of arrays."""

    items: int
    carry: int

    def __len__(self) -> int: ...

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]: ...


class PickedBatches(ABC):
    """Examples that are picked by their numbers, `batch_size` at a time, in a new order before each pass.

    A subclass has `pick`, and calls this constructor with how many examples there are. Without `shuffle` they come in
    their own order.
    """

    def __init__(self, items: int, batch_size: int, shuffle: bool = True) -> None:
        self.items, self.batch_size, self.shuffle = items, positive_integer(batch_size, "batch_size"), shuffle
        self.carry = len(self)

    def __len__(self) -> int:
        return -(-self.items // self.batch_size)

    @abstractmethod
    def pick(self, chosen: np.ndarray, rng: np.random.Generator) -> Batch:
        """The batch of the examples with these numbers."""

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        order = rng.permutation(self.items) if self.shuffle else np.arange(self.items)
        for start in range(0, self.items, self.batch_size):
            yield self.pick(order[start : start + self.batch_size], rng)


class ArrayBatches(PickedBatches):
    """Examples in arrays, `batch_size` at a time, reshuffled before each pass unless `shuffle` is False."""

    def __init__(self, x: np.ndarray, y: np.ndarray, batch_size: int = 32, shuffle: bool = True) -> None:
        self.x, self.y = np.asarray(x), np.asarray(y)
        if self.x.ndim == 0 or self.y.ndim == 0:
            raise ValueError(f"x and y must be arrays of examples, got shapes {self.x.shape} and {self.y.shape}")
        if len(self.x) != len(self.y):
            raise ValueError(f"x and y must hold as many examples, got {len(self.x)} and {len(self.y)}")
        if len(self.x) == 0:
            raise ValueError("x must hold at least one example, got none")
        for values, name in ((self.x, "x"), (self.y, "y")):
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                raise ValueError(f"{name} must hold finite numbers, got {np.sum(~np.isfinite(values)):,} that are not")
        super().__init__(len(self.x), batch_size, shuffle)

    def pick(self, chosen: np.ndarray, rng: np.random.Generator) -> Batch:
        return self.x[chosen], self.y[chosen]


class LaneBatches:
    """A long text, read by `lanes` readers at once, each `steps` symbols at a time; the target is the next symbol.

    Batch after batch every lane goes on where it stopped, so a stateful model can carry its states along. After `carry`
    batches each lane jumps to another passage, drawn without replacement, and states begin afresh. A model whose lanes
    never jump has never seen the zero state it will be asked to write from, and may not find its way out of it.

    Parameters
    ----------
    ids : (symbols,), the text
    carry : batches a lane reads in one piece; all there are in the lane if left out, and then nothing is shuffled
    keep_rest : also yield the last, shorter batch of each lane (only without `carry`)
    """

    def __init__(
        self, ids: np.ndarray, lanes: int, steps: int, carry: int | None = None, keep_rest: bool = False
    ) -> None:
        self.lanes, self.steps = positive_integer(lanes, "lanes"), positive_integer(steps, "steps")
        self.ids = np.asarray(ids)
        length = (len(self.ids) - 1) // lanes  # symbols each lane reads; the last one is only a target
        if length < 1:
            raise ValueError(
                f"a text of {len(ids)} symbols is too short for {lanes} lanes: it needs {lanes + 1} or more"
            )
        self.steps, self.shuffle = min(steps, length), carry is not None
        windows = length // self.steps
        self.carry = windows if carry is None else min(positive_integer(carry, "carry"), windows)
        self.passage = length if carry is None else self.carry * self.steps
        self.passages = (len(self.ids) - 1) // self.passage
        self.rest = length - windows * self.steps if keep_rest and carry is None else 0
        self.carry += bool(self.rest)
        self.rounds = self.passages // lanes
        self.items = self.rounds * lanes * (self.passage if self.rest else (self.carry * self.steps))

    def __len__(self) -> int:
        return self.rounds * self.carry

    def epoch(self, rng: np.random.Generator | None) -> Iterator[Batch]:
        order = rng.permutation(self.passages) if self.shuffle else np.arange(self.passages)
        for k in range(self.rounds):
            begins = order[k * self.lanes : (k + 1) * self.lanes] * self.passage
            for start in range(0, self.carry * self.steps, self.steps):
                width = min(self.steps, self.passage - start)
                place = begins[:, None] + start + np.arange(width)
                yield self.ids[place], self.ids[place + 1]


def as_batches(x: np.ndarray | Batches, y: np.ndarray | None, batch_size: int, shuffle: bool) -> Batches:
    """Arrays x and y cut into batches, or `x` as it is if it is a source of batches and there is no `y`."""
    if y is not None:
        return ArrayBatches(np.asarray(x), y, batch_size, shuffle)
    if not hasattr(x, "epoch"):
        raise ValueError(f"y must hold the targets that go with x, or x be a source of batches, got {type(x).__name__}")
    return cast(Batches, x)


class BucketedBatches:
    """Sequences of many lengths, such as reviews, in batches of about equal length.

    A batch takes as many time steps as its longest sequence, so short ones are not kept waiting for long ones. Before
    each pass the sequences are shuffled, sorted by length within stretches of `stretch` batches, and the batches are
    shuffled again: about equal lengths, and still another mix in every pass.

    Parameters
    ----------
    sequences : integers above 0, each sequence (its length,)
    labels : (sequences,)
    padding : "pre" or "post", where the zeros stand that fill a batch up; mask them
    max_length : longer sequences lose their beginning ("pre") or their end ("post"), as in Keras's `pad_sequences`
    """

    def __init__(
        self,
        sequences: list[np.ndarray],
        labels: np.ndarray,
        batch_size: int = 32,
        padding: Literal["pre", "post"] = "pre",
        max_length: int | None = None,
        shuffle: bool = True,
        stretch: int = 50,
    ) -> None:
        if padding not in ("pre", "post"):
            raise ValueError(f'padding must be "pre" or "post", got {padding!r}')
        if len(sequences) != len(labels):
            raise ValueError(f"sequences and labels must be as many, got {len(sequences)} and {len(labels)}")
        if len(sequences) == 0:
            raise ValueError("sequences must hold at least one sequence, got none")
        self.batch_size, self.stretch = positive_integer(batch_size, "batch_size"), positive_integer(stretch, "stretch")
        most = None if max_length is None else positive_integer(max_length, "max_length")
        cut = slice(None) if most is None else (slice(-most, None) if padding == "pre" else slice(most))
        self.sequences = [np.asarray(sequence)[cut] for sequence in sequences]
        self.labels, self.padding, self.shuffle = np.asarray(labels), padding, shuffle
        self.lengths = np.array([len(sequence) for sequence in self.sequences])
        self.items = len(self.sequences)
        self.carry = len(self)

    def __len__(self) -> int:
        return -(-self.items // self.batch_size)

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        order = rng.permutation(self.items) if self.shuffle else np.arange(self.items)
        batches = []
        for start in range(0, self.items, self.batch_size * self.stretch):
            part = order[start : start + self.batch_size * self.stretch]
            part = part[np.argsort(self.lengths[part], kind="stable")]
            batches += [part[k : k + self.batch_size] for k in range(0, len(part), self.batch_size)]
        for k in rng.permutation(len(batches)) if self.shuffle else range(len(batches)):
            yield self.pad(batches[k]), self.labels[batches[k]]

    def pad(self, chosen: np.ndarray) -> np.ndarray:
        """The chosen sequences (indices) as one array (batch, longest), filled up with zeros."""
        longest = max(int(self.lengths[chosen].max()), 1)
        x = np.zeros((len(chosen), longest), np.int32)
        for row, k in zip(x, chosen):
            n = self.lengths[k]
            row[longest - n if self.padding == "pre" else 0 :][:n] = self.sequences[k]
        return x
