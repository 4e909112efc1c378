"""Keras's side of a comparison, in the form that `process.py` serves: Keras 3 on JAX, compiled."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from lstm.keras_files.layers import NAMES, keras_settings


class KerasSide:
    """Builds the network and takes training steps with Keras. Importing it takes seconds: only `process.py` makes one."""

    def __init__(self, dtype: str) -> None:
        os.environ["KERAS_BACKEND"] = "jax"
        os.environ["JAX_PLATFORMS"] = "cpu"
        if dtype == "float64":
            os.environ["JAX_ENABLE_X64"] = "1"
        import jax
        import keras

        jax.config.update("jax_enable_x64", dtype == "float64")
        keras.config.set_floatx(dtype)
        if dtype == "float64":
            # Whatever dtype is asked for, Keras on JAX computes some functions (tanh among them) in 32 bits.
            from keras.src.backend.common import dtypes

            dtypes.BIT64_TO_BIT32_DTYPE.pop("float64", None)
        self.jax, self.keras = jax, keras

    def versions(self) -> dict[str, str]:
        """What computes here."""
        return {"Keras": self.keras.__version__, "JAX": self.jax.__version__}

    def prepare(self, network: dict[str, Any], weights: list[np.ndarray]) -> None:
        """Build `network` (see `process.network`) with these weights."""
        from lstm.storage import layer_from_config

        keras = self.keras
        keras.backend.clear_session()
        ids = network["takes_ids"]
        inputs = signal = keras.Input(tuple(network["input_shape"]), dtype="int32" if ids else None)
        zeros = {"kernel_initializer": "zeros", "recurrent_initializer": "zeros"}  # drawn in vain otherwise
        for one in network["layers"]:
            if one["layer"] == "OneHot":
                signal = keras.ops.one_hot(signal, one["depth"])
                continue
            settings = keras_settings(layer_from_config(one))
            starts = {"LSTM": zeros, "GRU": zeros, "SimpleRNN": zeros, "Dense": {"kernel_initializer": "zeros"}}.get(one["layer"], {})
            assert one["layer"] in NAMES
            signal = getattr(keras.layers, one["layer"])(**settings, **starts)(signal)
        model = self.model = keras.Model(inputs, signal)
        settings = dict(network["optimizer"])
        kind = {"sgd": "SGD", "adagrad": "Adagrad", "rmsprop": "RMSprop", "adam": "Adam"}[settings.pop("name")]
        settings = {name: value for name, value in settings.items() if value is not None}
        model.compile(getattr(keras.optimizers, kind)(**settings), loss=network["loss"])
        model.set_weights(weights)
        model.optimizer.build(model.trainable_variables)
        self._state = [[v.value for v in group] for group in (model.trainable_variables, model.optimizer.variables)]
        self._step = self.jax.jit(self._compute)

    def _compute(self, trainable: list[Any], optimizer: list[Any], x: Any, y: Any) -> tuple[Any, ...]:
        model = self.model
        fixed = [v.value for v in model.non_trainable_variables]
        metrics = [v.value for v in model.metrics_variables]

        def loss(trainable: list[Any]) -> tuple[Any, Any]:
            value, (_, out, *_) = model.compute_loss_and_updates(
                trainable, fixed, metrics, x, y, None, training=False
            )  # fmt: skip
            return value, out

        (value, out), gradients = self.jax.value_and_grad(loss, has_aux=True)(trainable)
        trainable, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trainable)
        return value, out, gradients, trainable, optimizer

    def step(self, x: np.ndarray, y: np.ndarray) -> tuple[float, float, list[np.ndarray], list[np.ndarray], np.ndarray]:
        """One training step. Returns seconds, loss, gradients, new weights, and the outputs before the step."""
        began = time.perf_counter()
        loss, out, gradients, *self._state = self.jax.block_until_ready(self._step(*self._state, x, y))
        seconds = time.perf_counter() - began
        return seconds, float(loss), [np.asarray(g) for g in gradients], [np.asarray(w) for w in self._state[0]], np.asarray(out)

    def time_steps(self, x: np.ndarray, y: np.ndarray, count: int) -> float:
        """Seconds for `count` calls of `train_on_batch`; the first ever of a network traces and compiles it."""
        began = time.perf_counter()
        for _ in range(count):
            float(self.model.train_on_batch(x, y))
        return time.perf_counter() - began
