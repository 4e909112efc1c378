"""The lab's side of a comparison, in the form that `process.py` serves."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from lstm import optimizers
from lstm.model import Sequential
from lstm.storage import layer_from_config


class LabSide:
    """Builds the network and takes training steps with this package."""

    def versions(self) -> dict[str, str]:
        """What computes here."""
        return {"NumPy": np.__version__}

    def prepare(self, network: dict[str, Any], weights: list[np.ndarray]) -> None:
        """Build `network` (see `process.network`) with these weights, in Keras's order and layout."""
        self.model = Sequential([layer_from_config(one) for one in network["layers"]], dtype=network["dtype"])
        self.model.compile(optimizers.from_config(network["optimizer"]), network["loss"])
        self.model.build((None, *network["input_shape"]))
        self.model.set_weights(weights)

    def step(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float, list[np.ndarray], list[np.ndarray], np.ndarray]:
        """One training step. Returns seconds, loss, gradients, new weights, and the outputs before the step."""
        out = self.model.predict(x, batch_size=len(x))
        began = time.perf_counter()
        loss = self.model.loss_and_gradient(x, y, dropout=False)["loss"]
        middle = time.perf_counter()
        gradients = [g for layer in self.model.layers for g in layer.get_gradients()]
        again = time.perf_counter()
        self.model.apply_gradient()
        seconds = (middle - began) + (time.perf_counter() - again)
        return seconds, loss, gradients, self.model.get_weights(), out

    def time_steps(self, x: np.ndarray, y: np.ndarray, count: int) -> float:
        """Seconds for `count` calls of `train_on_batch`."""
        began = time.perf_counter()
        for _ in range(count):
            self.model.train_on_batch(x, y)
        return time.perf_counter() - began
