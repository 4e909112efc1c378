"""Trainings that take turns: each step of one is followed by the same step of the next, and a checkpoint holds all of them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from lstm import Sequential
from lstm.batches import Batches
from lstm.history import Control, Progress


class Side:
    """One of the trainings; `advance` takes one step of it.

    Sides whose models have the same seed draw their batches from the same stream, and so see the same ones.
    """

    def __init__(
        self, model: Sequential, batches: Batches, steps: int | None, seconds: float | None, checkpoint: bytes | None = None
    ) -> None:
        self.model, self.bytes = model, b""
        self.control = Control(save_every=np.inf)
        self.control.save = lambda data: setattr(self, "bytes", data)
        self.progress: Progress | None = None
        self.run = model.fit_iter(batches, steps=steps, seconds=seconds, control=self.control, checkpoint=checkpoint)

    @property
    def seconds(self) -> float:
        """How long this one has trained."""
        return self.progress.seconds if self.progress is not None else 0.0

    def advance(self, stop: bool, save: bool) -> Progress | None:
        """The next step, the last one with `stop`; None if there are no more. `bytes` is then a checkpoint if `save`."""
        self.bytes, self.control.stop, self.control.save_every = b"", stop, 0.0 if save else np.inf
        found = next(self.run, None)
        self.progress = found or self.progress
        return found


def pack(sides: Mapping[str, Side], facts: dict[str, Any]) -> bytes:
    """A checkpoint of all sides, and of what else is to be remembered, as JSON values."""
    file = io.BytesIO()
    arrays: dict[str, Any] = {name: np.frombuffer(side.bytes, np.uint8) for name, side in sides.items()}
    np.savez(file, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)
    return file.getvalue()


def unpack(checkpoint: bytes) -> dict[str, Any]:
    """What `pack` packed: the sides' checkpoints by name, and "facts"."""
    with np.load(io.BytesIO(checkpoint), allow_pickle=False) as arrays:
        found: dict[str, Any] = {name: arrays[name].tobytes() for name in arrays.files if name != "facts"}
        found["facts"] = json.loads(arrays["facts"].tobytes().decode())
    return found
