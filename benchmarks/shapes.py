"""The training steps that are timed: network, batch, loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstm import GRU, LSTM, Adam, Dense, Embedding, OneHot, Sequential

RATE = 1e-3
CLIP = 1.0


@dataclass(frozen=True)
class Shape:
    """A network and the batch it is trained on.

    `inputs` is "one-hot" (integers of `features` kinds), "embedding" (integers of `symbols` kinds, each a learnt vector
    of `features` numbers) or "numbers" (`features` of them a step).
    """

    name: str
    inputs: Literal["one-hot", "embedding", "numbers"]
    features: int
    units: int
    time: int
    batch: int
    outputs: int
    layers: int = 1
    every_step: bool = False
    masked: bool = False
    symbols: int = 5000
    cell: Literal["lstm", "gru"] = "lstm"

    @property
    def loss(self) -> str:
        if self.outputs > 1:
            return "sparse_categorical_crossentropy"
        return "mse" if self.inputs == "numbers" else "binary_crossentropy"

    @property
    def activation(self) -> str | None:
        return {"mse": None, "binary_crossentropy": "sigmoid"}.get(self.loss, "softmax")

    def model(self, seed: int = 0) -> Sequential:
        """The network in the lab, built and compiled; its `get_weights()` are every contender's start."""
        first = {
            "one-hot": [OneHot(self.features)],
            "embedding": [Embedding(self.symbols, self.features, mask_zero=self.masked)],
            "numbers": [],
        }[self.inputs]
        layer = {"lstm": LSTM, "gru": GRU}[self.cell]
        stack = [layer(self.units, return_sequences=self.every_step or k + 1 < self.layers) for k in range(self.layers)]
        model = Sequential([*first, *stack, Dense(self.outputs, activation=self.activation)], seed=seed)
        model.compile(Adam(RATE, global_clipnorm=CLIP), self.loss)
        model.build((None, None) if first else (None, None, self.features))
        return model

    def data(self, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """One batch of made-up data; with `masked`, lengths as uneven as those of film reviews, padded behind."""
        rng = np.random.default_rng(seed)
        if self.inputs == "numbers":
            x = rng.random((self.batch, self.time, self.features), dtype=np.float32)
        elif self.inputs == "one-hot":
            x = rng.integers(0, self.features, (self.batch, self.time), dtype=np.int32)
        else:
            x = rng.integers(1, self.symbols, (self.batch, self.time), dtype=np.int32)
        if self.masked:  # IMDB's lengths are close to log-normal, half of the reviews below 175 words
            lengths = np.clip(rng.lognormal(np.log(175), 0.65, self.batch).astype(int), 10, self.time)
            x[np.arange(self.time) >= lengths[:, None]] = 0
        rows = (self.batch, self.time) if self.every_step else (self.batch,)
        if self.loss == "mse":
            y = rng.random((*rows, 1), dtype=np.float32)
        else:
            y = rng.integers(0, max(self.outputs, 2), rows, dtype=np.int32)
        return x, y if self.loss != "binary_crossentropy" else y.astype(np.float32)[:, None]


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("characters", "one-hot", 65, 128, 64, 32, 65, every_step=True),
        Shape("characters GRU", "one-hot", 65, 128, 64, 32, 65, every_step=True, cell="gru"),
        Shape("two layers", "one-hot", 65, 256, 100, 50, 65, layers=2, every_step=True),
        Shape("digits", "numbers", 28, 128, 28, 128, 10),
        Shape("sine", "numbers", 1, 50, 10, 32, 1),
        Shape("topics", "embedding", 100, 64, 50, 32, 4),
        Shape("reviews", "embedding", 32, 100, 500, 128, 1, masked=True),
    )
}
