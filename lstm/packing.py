"""How sequences lie in memory: time-major, without the padding.

A masked time step leaves the states of an LSTM as they were, so it need not be computed at all. Each sequence of a
batch is therefore reduced to its unmasked steps, the sequences are sorted by length, longest first, and step t of all
those that still run is stored as one block of rows:

    sequences  a a a        packed  a b c | a b | a
               b b          counts    3     2     1
               c

It does not matter where the padding stood: in front, behind or in between, the packed form is the same. Layers that
work row by row (Dense, Dropout, Embedding) never notice; the recurrent kernels walk from block to block.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np


@dataclass(frozen=True, eq=False)
class Packing:
    """The layout of one batch of sequences. Build it with `full` or `from_mask`."""

    batch: int
    time: int
    counts: tuple[int, ...]
    """For each packed step, how many sequences are still running; never increases."""
    index: np.ndarray | None
    """(rows,), for each packed row its place in the flattened (batch · time); None where nothing is masked."""
    order: np.ndarray | None
    """(batch,), the sequence that stands in each sorted place; None where nothing is masked."""
    mask: np.ndarray | None
    """(batch, time), True where a step counts; None where all do."""
    offsets: tuple[int, ...] = field(init=False)
    """The first packed row of each step, and the number of rows at the end."""
    previous: tuple[int, ...] = field(init=False)
    """Where the states before each step begin in an array of `batch` initial rows followed by the packed rows."""
    steps: tuple[tuple[int, slice, slice, slice], ...] = field(init=False)
    """For each step: how many sequences run, their packed rows, and in an array that begins with `batch` initial rows
    the rows of the states before the step and after it."""

    def __post_init__(self) -> None:
        offsets = [0]
        for count in self.counts:
            offsets.append(offsets[-1] + count)
        object.__setattr__(self, "offsets", tuple(offsets))
        previous = (0, *(self.batch + offset for offset in offsets[: max(len(self.counts) - 1, 0)]))
        object.__setattr__(self, "previous", previous)
        steps = (
            (n, slice(at, at + n), slice(p, p + n), slice(self.batch + at, self.batch + at + n))
            for n, at, p in zip(self.counts, offsets, previous)
        )
        object.__setattr__(self, "steps", tuple(steps))

    @property
    def rows(self) -> int:
        """How many time steps are computed in all."""
        return self.offsets[-1]

    @staticmethod
    @lru_cache(maxsize=64)
    def full(batch: int, time: int) -> Packing:
        """Every step of every sequence counts."""
        return Packing(batch, time, (batch,) * time, None, None, None)

    @staticmethod
    def from_mask(mask: np.ndarray) -> Packing:
        """Lay out only the steps where `mask` (batch, time) is True."""
        mask = np.asarray(mask, dtype=bool)
        batch, time = mask.shape
        if mask.all():
            return Packing.full(batch, time)
        lengths = mask.sum(axis=1)
        order = np.argsort(-lengths, kind="stable")
        steps = int(lengths.max(initial=0))
        counts = (lengths[order][None, :] > np.arange(steps)[:, None]).sum(axis=1)  # (steps,)
        # The unmasked places of each sequence, moved to the front: a stable sort of "is masked".
        places = np.argsort(~mask[order], axis=1, kind="stable")[:, :steps] + (order * time)[:, None]  # (batch, steps)
        running = np.arange(steps)[:, None] < lengths[order][None, :]  # (steps, batch)
        index = places.T[running]
        return Packing(batch, time, tuple(counts.tolist()), index, order, mask)

    def pack(self, values: np.ndarray) -> np.ndarray:
        """(batch, time, …) → (rows, …)."""
        if self.index is None:
            return np.ascontiguousarray(values.swapaxes(0, 1)).reshape(self.rows, *values.shape[2:])
        return values.reshape(self.batch * self.time, *values.shape[2:])[self.index]

    def unpack(self, rows: np.ndarray, blank: np.ndarray | None = None, repeats: bool = True) -> np.ndarray:
        """(rows, …) → (batch, time, …), always a copy.

        A masked step repeats the one before; before the first it is `blank` (…), zero if left out. Without `repeats` every
        masked step is.
        """
        if self.index is None:
            return np.array(rows.reshape(self.time, self.batch, *rows.shape[1:]).swapaxes(0, 1), order="C")
        flat = np.full(self.batch * self.time, -1)
        flat[self.index] = np.arange(self.rows)
        where = flat.reshape(self.batch, self.time)
        last_seen = np.where(where >= 0, np.arange(self.time), -1)
        if repeats:
            last_seen = np.maximum.accumulate(last_seen, axis=1)
        source = np.where(last_seen >= 0, np.take_along_axis(where, np.maximum(last_seen, 0), axis=1), self.rows)
        missing = np.zeros(rows.shape[1:], rows.dtype) if blank is None else blank
        padded = np.concatenate([rows, missing[None]])
        return padded[source]

    def unpack_gradient(self, rows: np.ndarray) -> np.ndarray:
        """(rows, …) → (batch, time, …) for a gradient with respect to an input: zero where masked."""
        if self.index is None:
            return self.unpack(rows)
        out = np.zeros((self.batch * self.time, *rows.shape[1:]), rows.dtype)
        out[self.index] = rows
        return out.reshape(self.batch, self.time, *rows.shape[1:])

    @cached_property
    def places(self) -> np.ndarray:
        """(rows,), for each packed row its place in the flattened (steps · batch), longest sequence first."""
        counts = np.array(self.counts, dtype=np.int64)
        step = np.repeat(np.arange(len(counts)), counts)
        return step * self.batch + np.arange(self.rows) - np.repeat(np.array(self.offsets[:-1], dtype=np.int64), counts)

    def spread(self, rows: np.ndarray, missing: float = 0.0) -> np.ndarray:
        """(rows, features) → (steps, batch, features), longest sequence first; `missing` where a sequence is over."""
        steps = len(self.counts)
        if self.rows == steps * self.batch:
            return rows.reshape(steps, self.batch, rows.shape[-1])
        out = np.full((steps * self.batch, rows.shape[-1]), missing, rows.dtype)
        out[self.places] = rows
        return out.reshape(steps, self.batch, -1)

    def gather(self, values: np.ndarray) -> np.ndarray:
        """The way back from `spread`."""
        flat = values.reshape(-1, values.shape[-1])
        return flat if len(flat) == self.rows else flat[self.places]

    @cached_property
    def reversal(self) -> np.ndarray:
        """(rows,), the packed rows with every sequence turned around, from its own last step to its first."""
        counts, offsets = np.array(self.counts, dtype=np.int64), np.array(self.offsets[:-1], dtype=np.int64)
        step = np.repeat(np.arange(len(counts)), counts)  # of each row, …
        place = np.arange(self.rows) - np.repeat(offsets, counts)  # … which sequence it belongs to, …
        lengths = np.bincount(place, minlength=1)  # … and how long that one is
        return offsets[lengths[place] - 1 - step] + place if self.rows else np.arange(0)

    @cached_property
    def last_rows(self) -> np.ndarray:
        """The packed row of each sequence's last step, longest sequence first; a sequence without a step has none."""
        counts = np.array(self.counts, dtype=np.int64)
        lengths = (counts[:, None] > np.arange(self.batch)).sum(axis=0)  # (batch,)
        running = np.flatnonzero(lengths)
        return np.array(self.offsets, dtype=np.int64)[lengths[running] - 1] + running

    def previous_rows(self) -> np.ndarray:
        """(rows,), for each packed row the row of the state before it (see `previous`)."""
        return np.concatenate([np.arange(p, p + n) for p, n in zip(self.previous, self.counts)] or [np.arange(0)])

    def sort(self, states: np.ndarray) -> np.ndarray:
        """(batch, …) in the caller's order → longest sequence first."""
        return states if self.order is None else states[self.order]

    def unsort(self, states: np.ndarray) -> np.ndarray:
        """(batch, …) longest sequence first → the caller's order."""
        if self.order is None:
            return states
        out = np.empty_like(states)
        out[self.order] = states
        return out


@dataclass(frozen=True)
class PackedSequence:
    """What flows between layers while time is still a dimension.

    `values` is (rows, features), or (rows,) of integers standing for one-hot vectors of length `depth`.
    """

    values: np.ndarray
    packing: Packing
    depth: int | None = None
