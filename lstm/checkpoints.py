"""A training frozen in bytes: weights, optimizer, random streams, carried states, history.

A checkpoint is made and read by the lab itself, for a run with the same settings. It holds plain arrays and JSON: where the
loop stands (`TrainingState`, field by field), and what the model and the history hold at that moment.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .history import History
from .stack import Stack


@dataclass
class TrainingState:
    """Where a training stands: the state of the loop in `training.py`. Its fields are what a checkpoint holds of it."""

    base_rate: float
    """The learning rate before it decays."""
    order_state: Mapping[str, Any]
    """Of the stream that shuffles, before this epoch's order was drawn."""
    step: int = 0
    epoch: int = 0
    batch: int = 0
    """Batches of this epoch that are done."""
    seconds: float = 0.0
    sums: dict[str, float] = field(default_factory=dict)
    """Of this epoch's measurements: a loss times the examples in its batch, an accuracy times the predictions."""
    examples: int | None = 0
    """Of this epoch that are done. None where a checkpoint of the first edition counted batches alone."""
    rows: int | None = 0
    """Predictions in these examples: one for each, or for each step that is not masked. None as above."""
    val_logs: dict[str, float] = field(default_factory=dict)
    """The last validation of this epoch; empty if there was none yet."""
    waited: int = 0
    """Validations since the best one."""
    best_value: float | None = None
    best_weights: np.ndarray | None = None

    def count(self, logs: dict[str, float], examples: int, rows: int) -> None:
        """A step was taken on so many examples, with so many predictions, and measured `logs`."""
        weights = {name: examples if name == "loss" else rows for name in logs}
        if self.examples is None:  # batches so far as large as this one
            self.examples = self.batch * examples
            self.sums = {name: total * examples for name, total in self.sums.items()}
        if self.rows is None:
            self.rows = self.batch * rows
            self.sums = {n: total * rows / examples if n != "loss" else total for n, total in self.sums.items()}
        self.step, self.batch, self.examples, self.rows = self.step + 1, self.batch + 1, self.examples + examples, self.rows + rows
        for name, value in logs.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * weights[name]

    def means(self) -> dict[str, float]:
        """This epoch's measurements so far, as Keras has them: the loss a mean over examples, an accuracy over predictions."""
        over = {name: self.examples if name == "loss" else self.rows for name in self.sums}
        return {name: total / max(over[name] or 0, 1) for name, total in self.sums.items()}


def pack_checkpoint(model: Stack, history: History, state: TrainingState) -> bytes:
    """Everything a run needs to go on. The fields of `state` are JSON values, but for `best_weights`."""
    arrays: dict[str, np.ndarray] = {"weights": model.weights_vector}
    arrays |= {f"slot_{name}": slot for name, slot in model.optimizer.state.items()}
    for k, states in enumerate(model.get_states()):
        arrays |= {f"state_{k}_{j}": s for j, s in enumerate(states or [])}
    for name, (steps, values) in history.points.items():
        arrays[f"steps_{name}"], arrays[f"values_{name}"] = np.array(steps, np.int64), np.array(values, np.float64)
    plain = dict(vars(state))
    if (best := plain.pop("best_weights")) is not None:
        arrays["best_weights"] = best
    facts = {
        "loop": plain,
        "optimizer_step": model.optimizer.step,
        "dropout_state": model.dropout_rng.bit_generator.state,
        "shuffle_state": model.shuffle_rng.bit_generator.state,
        "history": history.history,
        "epochs": history.epoch,
        "best_step": history.best_step,
        "fingerprint": model.fingerprint,
    }
    file = io.BytesIO()
    np.savez(file, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def unpack_checkpoint(data: bytes, model: Stack, history: History) -> TrainingState:
    """Put a checkpoint into `model` (built, compiled, of the same layers) and `history`; return the loop's state.

    Raises
    ------
    ValueError
        If the checkpoint belongs to a model of another size, or to one whose numbers stand for other characters or words.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        facts = json.loads(arrays["facts"].tobytes().decode())
        if arrays["weights"].shape != model.weights_vector.shape:
            raise ValueError(
                f"the checkpoint holds {arrays['weights'].size:,} weights and the model {model.weights_vector.size:,}: "
                "it belongs to another model"
            )
        before = facts.get("fingerprint")  # not in checkpoints that were written earlier
        if before and model.fingerprint and before != model.fingerprint:
            raise ValueError(
                "the checkpoint's training had another vocabulary: what its numbers stand for is not what they stand for in this text"
            )
        model.weights_vector[...] = arrays["weights"]
        model.optimizer.step = facts["optimizer_step"]
        model.optimizer.state = {name: arrays[f"slot_{name}"] for name in model.optimizer.slots if f"slot_{name}" in arrays}
        states = []
        for k in range(len(model.get_states())):
            names = sorted(n for n in arrays.files if n.startswith(f"state_{k}_"))
            states.append([arrays[n] for n in names] or None)
        model.set_states(states)
        history.points = {
            name[len("steps_") :]: (arrays[name].tolist(), arrays["values_" + name[len("steps_") :]].tolist())
            for name in arrays.files
            if name.startswith("steps_")
        }
        best = arrays["best_weights"] if "best_weights" in arrays else None
    model.dropout_rng.bit_generator.state = facts["dropout_state"]
    model.shuffle_rng.bit_generator.state = facts["shuffle_state"]
    history.history, history.epoch, history.best_step = facts["history"], facts["epochs"], facts["best_step"]
    loop = facts["loop"]
    for name in ("examples", "rows"):
        loop.setdefault(name, None)  # not counted in checkpoints that were written earlier
    return TrainingState(**loop, best_weights=best)
