"""Four tasks with an answer after every symbol, and five networks that learn them.

    recall   B ~ · · - ~ …   which letter came first?                        B B B B B B …
    parity   0 1 1 0 1 …     is the number of ones so far odd?               0 1 0 0 1 …
    adding   .3 .9 .1 …      the sum of the marked numbers so far (two are)  .3 .3 .4 …
    copy     A C B D A …     which symbol stood k places back?               – – A C B …

Recall and adding ask for memory (Hochreiter & Schmidhuber, 1997), copying for an exact memory of several things at once,
and parity for a state that is changed by what is read: a machine with two states. Every sequence is drawn anew. All five
networks see the past alone, so one run over a long sequence answers for all shorter ones.

In training the answer may be wanted after every symbol, or at the end alone, which is harder: what the end has to say about
the beginning must find its way back over the whole sequence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

import numpy as np

from lstm.attention import SelfAttention
from lstm.batches import Batch
from lstm.gru import GRU
from lstm.layers import Dense, Layer, OneHot
from lstm.min_lstm import MinLSTM
from lstm.model import Sequential
from lstm.recurrent import LSTM, SimpleRNN
from lstm.untrusted import one_sentence

TASKS: dict[str, str] = {
    "parity": "is the number of ones odd?",
    "recall": "which letter came first?",
    "adding": "add the marked numbers",
    "copy": "repeat what came k symbols ago",
}
CELLS: dict[str, str] = {
    "lstm": "LSTM", "gru": "GRU", "min_lstm": "minLSTM", "attention": "Attention", "simple_rnn": "SimpleRNN"
}  # fmt: skip
"""Every network by its name here, and what pages call it."""
LETTERS, BLANKS = "ABCDEFGH", "·-~:"
CLOSE = 0.1
"""An answer to the adding problem counts as right when it is this close."""
MOST_STEPS = 500
"""Steps of the longest sequence: attention needs memory for the square of it."""
EPOCH = 100
_HELD_OUT = 2_024


@dataclass(frozen=True)
class Task:
    """One of the four. `back` is how many symbols back copying has to look."""

    name: Literal["parity", "recall", "adding", "copy"]
    back: int = 5

    @property
    def symbols(self) -> str:
        """What may stand in a sequence, in the order of the numbers that stand for it; empty for adding."""
        return {"parity": "01", "recall": LETTERS + BLANKS, "copy": LETTERS, "adding": ""}[self.name]

    @property
    def answers(self) -> str:
        """What may be answered, in the order of the numbers that stand for it; empty for adding."""
        return {"parity": "01", "recall": LETTERS, "copy": LETTERS + "–", "adding": ""}[self.name]

    @property
    def chance(self) -> float:
        """The share of right answers of who does not look: one answer of all, or always the sum 1."""
        return {"parity": 1 / 2, "recall": 1 / len(LETTERS), "copy": 1 / len(LETTERS), "adding": 1 - (1 - CLOSE) ** 2}[self.name]

    @property
    def first(self) -> int:
        """The first step, from 0, whose answer takes memory."""
        return self.back if self.name == "copy" else 0

    def sequences(self, count: int, length: int, rng: np.random.Generator) -> Batch:
        """Inputs (count, length), or (count, length, 2) for adding, and the answer after every step, (count, length[, 1])."""
        if self.name == "parity":
            x = rng.integers(0, 2, (count, length))
            return x, x.cumsum(axis=1) % 2
        if self.name == "recall":
            first = rng.integers(0, len(LETTERS), (count, 1))
            blanks = len(LETTERS) + rng.integers(0, len(BLANKS), (count, length - 1))
            return np.concatenate([first, blanks], axis=1), np.repeat(first, length, axis=1)
        if self.name == "copy":
            x = rng.integers(0, len(LETTERS), (count, length))
            y = np.full_like(x, len(LETTERS))
            y[:, self.back :] = x[:, : length - self.back] if length > self.back else 0
            return x, y
        x = np.zeros((count, length, 2), np.float32)
        x[:, :, 0] = rng.random((count, length), np.float32)
        x[:, 0, 1] = x[np.arange(count), rng.integers(min(1, length - 1), length, count), 1] = 1
        return x, (x[:, :, 0] * x[:, :, 1]).cumsum(axis=1)[..., None]

    def held_out(self, count: int, length: int) -> Batch:
        """Sequences that no training sees: the same ones whoever asks."""
        return self.sequences(count, length, np.random.default_rng([_HELD_OUT, length]))

    def right(self, answers: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Which answers of a network, (count, length, …), are right: (count, length) of bool."""
        if self.name == "adding":
            return np.abs(answers[..., 0] - y[..., 0]) <= CLOSE
        return answers.argmax(axis=-1) == y

    def examine(self, model: Sequential, length: int, count: int = 64, upto: int | None = None) -> np.ndarray:
        """The share of right answers after each of `length` steps, or only the first `upto`, over `count` held-out sequences."""
        x, y = (one[:, :upto] for one in self.held_out(count, length))
        return self.right(answering(model).predict(x, batch_size=32), y).mean(axis=0)

    def build(
        self, cell: str, units: int, seed: int, *, layers: int = 1, heads: int = 4, positions: int = MOST_STEPS,
        forget_bias: float = 1.0, every_step: bool = True,
    ) -> Sequential:
        """An untrained network.

        `forget_bias` is where the bias of a gate that keeps the state begins; without `every_step` it answers once, at the end.
        """
        kinds = {"lstm": LSTM, "gru": GRU, "min_lstm": MinLSTM, "simple_rnn": SimpleRNN}

        def one(sequences: bool) -> Layer:
            if cell == "attention":
                return SelfAttention(units, heads, positions, return_sequences=sequences)
            return kinds[cell](units, return_sequences=sequences)

        stack = [one(every_step or k + 1 < layers) for k in range(layers)]
        if self.name == "adding":
            model = Sequential([*stack, Dense(1)], seed=seed)
            model.build((None, None, 2))
        else:
            model = Sequential([OneHot(len(self.symbols)), *stack, Dense(len(self.answers), "softmax")], seed=seed)
            model.build((None, None))
        for layer in stack:
            _open_the_gate(layer, units, forget_bias)
        return model

    def to_dict(self) -> dict[str, Any]:
        """For a model's metadata."""
        return asdict(self)


def _open_the_gate(layer: Layer, units: int, bias: float) -> None:
    """Let the gate that keeps the state begin with this bias: f of an LSTM and a minLSTM, z of a GRU. Others have none."""
    first = {LSTM: units, GRU: 0, MinLSTM: 0}.get(type(layer))
    if first is None:
        return
    weights = layer.get_weights()
    given = weights[-1][0] if isinstance(layer, GRU) else weights[-1]
    given[first : first + units] = bias
    layer.set_weights(weights)


def answering(model: Sequential) -> Sequential:
    """The same network, weights shared, with an answer after every step."""
    kept = [(layer, layer.get_config()) for layer in model.layers]
    if all(config.get("return_sequences", True) for _, config in kept):
        return model
    twin = Sequential(
        [type(layer)(**({**config, "return_sequences": True} if "return_sequences" in config else config)) for layer, config in kept],
        seed=model.seed, dtype=model.dtype,
    )  # fmt: skip
    twin.share_weights(model)
    twin.optimizer, twin.loss, twin.metrics = model.optimizer, model.loss, list(model.metrics)
    return twin


class TaskBatches:
    """Fresh sequences without end, `EPOCH` batches at a time.

    With an answer after every step all are `length` long; where the answer is asked for at the end alone, each batch has a
    length of its own up to that.
    """

    def __init__(self, task: Task, batch: int, length: int, every_step: bool = True) -> None:
        self.task, self.batch, self.length, self.every_step = task, batch, length, every_step
        self.items, self.carry = EPOCH * batch, EPOCH

    def __len__(self) -> int:
        return EPOCH

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        for _ in range(EPOCH):
            if self.every_step:
                yield self.task.sequences(self.batch, self.length, rng)
                continue
            length = int(rng.integers(min(self.task.first + 1, self.length), self.length + 1))
            x, y = self.task.sequences(self.batch, length, rng)
            yield x, y[:, -1]


def cell_of(model: Sequential) -> str:
    """Which of `CELLS` a network is made of."""
    kinds = {LSTM: "lstm", GRU: "gru", MinLSTM: "min_lstm", SelfAttention: "attention", SimpleRNN: "simple_rnn"}
    found = {kinds.get(type(layer)) for layer in model.layers[:-1] if not isinstance(layer, OneHot)}
    if len(found) != 1 or None in found:
        raise ValueError(f"a network of this lesson has layers of one of {', '.join(CELLS.values())}")
    return found.pop()


@one_sentence("the file does not say which task its network was trained on")
def task_of(model: Sequential) -> tuple[Task, str, int]:
    """Task, cell and training length of a network, from its metadata and layers.

    Raises
    ------
    ValueError
        If the metadata do not say, or the layers are not those of the task.
    """
    found, length = model.metadata.get("task"), model.metadata.get("length")
    name, back = (found.get("name"), found.get("back")) if isinstance(found, Mapping) else (None, None)
    whole = all(isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= MOST_STEPS for n in (back, length))
    if not isinstance(name, str) or name not in TASKS or not whole:
        raise ValueError("the file does not say which task its network was trained on")
    task, cell = Task(cast(Any, name), back), cell_of(model)
    said = model.metadata.get("cell")
    if isinstance(said, str) and said != cell:
        raise ValueError(f"the file says its network is a {CELLS.get(said, said[:20])}, and its layers are {CELLS[cell]}")
    first, last = model.layers[0], model.layers[-1]
    inputs = first.depth if isinstance(first, OneHot) else model.input_shape[-1]
    wanted = (len(task.symbols) or 2, len(task.answers) or 1, "softmax" if task.answers else None)
    if not isinstance(last, Dense) or isinstance(first, OneHot) != bool(task.symbols) or (inputs, last.units, last.activation) != wanted:
        raise ValueError(f"a network for the task {name} has {wanted[0]} inputs and {wanted[1]} outputs, and this one does not")
    if not all(layer.return_sequences for layer in model.layers if hasattr(layer, "return_sequences")):
        raise ValueError("a network of this lesson answers after every step, and this one does not")
    return task, cell, length
