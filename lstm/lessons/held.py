"""A trained network with a gate held shut or open: what is it good for?

σ(z) is exactly 0 or 1 far out on its flat ends. So a gate is held by taking its columns out of both kernels and making its
bias large: the network stays one of its kind, and whatever reads, writes or traces with it does so with the gate held.
"""

from __future__ import annotations

import numpy as np

from lstm.cell import GATES
from lstm.model import Sequential
from lstm.recurrent import LSTM

FAR = 1_000.0
"""A bias for which σ is exactly 0 or 1, in 32 bits and in 64."""
HOLDABLE = ("i", "f", "o")
"""Gates that σ squashes; the candidate is none."""


def with_gate_held(model: Sequential, gate: str, value: float) -> Sequential:
    """A network of the same weights whose LSTM layers have a gate held at 0 or 1; the one given stays as it is.

    Raises
    ------
    ValueError
        If the gate cannot be held, the value is neither 0 nor 1, or the network has no LSTM layer of its own.
    """
    if gate not in HOLDABLE:
        raise ValueError(f"gate must be one of {', '.join(HOLDABLE)}, got {gate!r}")
    if value not in (0, 1):
        raise ValueError(f"value must be 0 or 1, got {value!r}")
    if not can_be_held(model):
        raise ValueError("the network has no LSTM layer whose gate could be held")
    held = Sequential([type(layer)(**layer.get_config()) for layer in model.layers], seed=model.seed, dtype=model.dtype)
    held.build(model.input_shape)
    held.set_weights(model.get_weights())
    held.metadata = model.metadata
    for layer in [inner for outer in held.layers for inner in outer.recurrent_layers]:
        if isinstance(layer, LSTM):
            kernel, recurrent, bias = (weight.copy() for weight in layer.get_weights())
            k = GATES.index(gate)
            columns = np.s_[..., k * layer.units : (k + 1) * layer.units]
            kernel[columns], recurrent[columns], bias[columns] = 0.0, 0.0, FAR if value else -FAR
            layer.set_weights([kernel, recurrent, bias])
    return held


def can_be_held(model: Sequential) -> bool:
    """Whether a network has an LSTM layer, by itself or in both directions."""
    return any(isinstance(one, LSTM) for layer in model.layers for one in layer.recurrent_layers)
