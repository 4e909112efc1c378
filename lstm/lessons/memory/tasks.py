"""Two tasks that ask for nothing but memory, after Hochreiter & Schmidhuber (1997), section 5.

    recall   B ~ · · - ~ … ·     which symbol came first? Between it and the question lie `distance` blanks.
    adding   .3 .9 .1 .6 … .2    the sum of the two marked numbers; the first of them lies `distance` steps back.

Every sequence is drawn anew, so nothing can be learnt by heart; and the distance is a knob, so one can ask how far a
network remembers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from lstm.batches import Batch
from lstm.cell import unroll
from lstm.gru import GRU
from lstm.layers import Dense, OneHot, activate
from lstm.model import Sequential
from lstm.recurrent import LSTM, SimpleRNN
from lstm.untrusted import one_sentence

Kind = Literal["lstm", "rnn", "gru"]
KINDS: dict[str, str] = {"lstm": "LSTM", "rnn": "SimpleRNN", "gru": "GRU"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLANKS = {"noise": "·-~:", "silence": "·"}
"""How the blanks are written: of four kinds, drawn at random, or all alike."""
CLOSE = 0.1
"""An answer to the adding problem counts as right when it is this close."""
SAYING_ONE = float(np.sqrt(1 / 6))
"""The error of always answering 1 to the adding problem: the spread of the sum of two uniform numbers."""
EPOCH = 100
"""Batches that count as one pass; the sequences of the next are as fresh as those of this one."""

_HELD_OUT = 2_024


@dataclass(frozen=True)
class Task:
    """One of the two, with what it needs to be posed.

    Parameters
    ----------
    name : "recall" or "adding"
    symbols : how many letters the first symbol is one of (recall)
    blanks : "noise" or "silence", see `BLANKS` (recall)
    """

    name: Literal["recall", "adding"]
    symbols: int = 8
    blanks: Literal["noise", "silence"] = "noise"

    @property
    def words(self) -> str:
        """Every symbol of the recall task, as its number counts: first the letters, then the blanks."""
        return LETTERS[: self.symbols] + BLANKS[self.blanks]

    @property
    def chance(self) -> float:
        """What guessing scores, on the scale of `score`."""
        return 1 / self.symbols if self.name == "recall" else SAYING_ONE

    def sequences(self, count: int, distance: int, rng: np.random.Generator) -> Batch:
        """Inputs and answers of `count` fresh sequences.

        Returns
        -------
        recall : symbols (count, 1 + distance) and the first of them (count,)
        adding : (count, 1 + distance, 2), a number from 0 to 1 beside a mark that is 1 at two steps, the first among
            them; and the sums (count, 1)
        """
        if self.name == "recall":
            first = rng.integers(0, self.symbols, (count, 1))
            between = self.symbols + rng.integers(0, len(BLANKS[self.blanks]), (count, distance))
            return np.concatenate([first, between], axis=1), first[:, 0]
        x = np.zeros((count, 1 + distance, 2), np.float32)
        x[:, :, 0] = rng.random((count, 1 + distance), np.float32)
        second = rng.integers(1, 1 + distance, count)
        x[:, 0, 1] = x[np.arange(count), second, 1] = 1
        return x, (x[:, :, 0] * x[:, :, 1]).sum(axis=1, keepdims=True)

    def build(self, kind: Kind, units: int, seed: int, forget_bias: float = 1.0) -> Sequential:
        """An untrained network for the task; `forget_bias` is where the bias of an LSTM's forget gate, or of a GRU's z, begins."""
        layer = {"lstm": LSTM, "rnn": SimpleRNN, "gru": GRU}[kind](units)
        if self.name == "recall":
            model = Sequential([OneHot(len(self.words)), layer, Dense(self.symbols, activation="softmax")], seed=seed)
            model.build((None, None))
        else:
            model = Sequential([layer, Dense(1)], seed=seed)
            model.build((None, None, 2))
        if kind != "rnn":  # of a GRU it is z that keeps the state
            kernel, recurrent, bias = layer.get_weights()
            if kind == "lstm":
                bias[units : 2 * units] = forget_bias
            else:
                bias[0, :units] = forget_bias
            layer.set_weights([kernel, recurrent, bias])
        return model

    def held_out(self, count: int, distance: int) -> Batch:
        """Sequences that no training sees: the same ones whoever asks."""
        return self.sequences(count, distance, np.random.default_rng([_HELD_OUT, distance]))

    def examine(self, model: Sequential, distance: int, count: int = 256) -> Score:
        """How well `model` does on `count` held-out sequences."""
        x, y = self.held_out(count, distance)
        return self.mark(model.predict(x), y)

    def mark(self, answers: np.ndarray, y: np.ndarray) -> Score:
        """Score what a network answered: probabilities (count, symbols), or sums (count, 1)."""
        if self.name == "recall":
            right = float(np.mean(answers.argmax(axis=1) == y))
            return Score(right, right)
        error = answers - y
        return Score(
            float(np.mean(np.abs(error) <= CLOSE)), float(np.sqrt(np.mean(np.square(error, dtype=np.float64))))
        )

    def to_dict(self) -> dict[str, Any]:
        """For a model's metadata."""
        return {"name": self.name, "symbols": self.symbols, "blanks": self.blanks}


@dataclass(frozen=True)
class Score:
    """`accuracy` is the share of right answers; `value` is the same for recall, and the RMS error for adding."""

    accuracy: float
    value: float


class TaskBatches:
    """Fresh sequences without end, `EPOCH` batches at a time.

    `practice` "mixed" gives each batch a distance of its own, from 1 to `distance`; with "whole" all have `distance`.
    """

    def __init__(self, task: Task, batch: int, distance: int, practice: str) -> None:
        self.task, self.batch, self.distance, self.practice = task, batch, distance, practice
        self.items, self.carry = EPOCH * batch, EPOCH

    def __len__(self) -> int:
        return EPOCH

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        for _ in range(EPOCH):
            distance = self.distance if self.practice == "whole" else int(rng.integers(1, self.distance + 1))
            yield self.task.sequences(self.batch, distance, rng)


@one_sentence("the file does not say which task its network was trained on")
def task_of(model: Sequential) -> Task:
    """The task an LSTM was trained on, from its metadata.

    Raises
    ------
    ValueError
        If the metadata do not say, or the model's layers are not those of the task.
    """
    found = model.metadata.get("task")
    found = found if isinstance(found, Mapping) else {}
    name, symbols, blanks = found.get("name"), found.get("symbols"), found.get("blanks")
    named = isinstance(name, str) and name in ("recall", "adding") and isinstance(blanks, str) and blanks in BLANKS
    if not named or isinstance(symbols, bool) or not isinstance(symbols, int):
        raise ValueError("the file does not say which task its network was trained on")
    if not 2 <= symbols <= len(LETTERS):
        raise ValueError(f"the file speaks of {symbols} symbols, and 2 to {len(LETTERS)} are possible")
    task = Task(name, symbols, blanks)
    kinds = [type(layer).__name__ for layer in model.layers]
    expected = ["OneHot", "LSTM", "Dense"] if name == "recall" else ["LSTM", "Dense"]
    if kinds != expected:
        raise ValueError(f"a network for the task {name} has the layers {', '.join(expected)}, got {', '.join(kinds)}")
    wanted = (len(task.words), task.symbols, "softmax") if name == "recall" else (2, 1, None)
    first, memory, last = model.layers[0], cast(LSTM, model.layers[-2]), cast(Dense, model.layers[-1])
    inputs = first.depth if isinstance(first, OneHot) else model.input_shape[-1]
    if (inputs, last.units, last.activation) != wanted:
        raise ValueError(
            f"a network for this task has {wanted[0]} inputs and {wanted[1]} outputs, "
            f"got {inputs} and {last.units}"
        )
    if memory.return_sequences or memory.activation != "tanh":
        raise ValueError("a network for this task has an LSTM that answers once, at the end, with the activation tanh")
    return task


@dataclass(frozen=True)
class Inside:
    """An LSTM read from inside. `gates` and "c", "h" are (sequences, steps, units); `answers` as the model gives them."""

    inside: dict[str, np.ndarray]
    answers: np.ndarray


def read_inside(model: Sequential, x: np.ndarray, clamp: Mapping[str, float] | None = None) -> Inside:
    """Run the LSTM of a model (see `task_of`) on `x` with the equations of `cell.py`, gates held where `clamp` says so."""
    layer: LSTM = next(layer for layer in model.layers if isinstance(layer, LSTM))
    kernel, recurrent, bias = layer.get_weights()
    steps = np.eye(model.layers[0].depth, dtype=kernel.dtype)[x] if isinstance(model.layers[0], OneHot) else x
    ran = unroll(np.moveaxis(steps, 1, 0), kernel, recurrent, bias, clamp=clamp)
    inside = {name: np.stack([getattr(step, name) for step in ran], axis=1) for name in "ifgoch"}
    return Inside(inside, _answers(cast(Dense, model.layers[-1]), ran[-1].h))


def scores_over_distance(
    model: Sequential, task: Task, distances: list[int], clamp: Mapping[str, float] | None = None, count: int = 64
) -> list[float]:
    """`Score.value` at each distance, with gates held where `clamp` says so.

    In the recall task nobody announces the end, so one run over the longest distance answers for all of them.
    """
    if task.name == "adding":
        held = [task.held_out(count, d) for d in distances]
        return [task.mark(read_inside(model, x, clamp).answers, y).value for x, y in held]
    x, y = task.held_out(count, max(distances))
    h = read_inside(model, x, clamp).inside["h"]
    return [task.mark(_answers(cast(Dense, model.layers[-1]), h[:, d]), y).value for d in distances]


def _answers(head: Dense, h: np.ndarray) -> np.ndarray:
    """What the last layer makes of hidden states (sequences, units)."""
    weights, offset = head.get_weights()
    return activate(head.activation, h @ weights + offset)
