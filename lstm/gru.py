"""`GRU`, the LSTM's younger relative: one state, three blocks of weights. Equations in `gru_cell.py`, arithmetic in `gru_kernels.py`."""

from __future__ import annotations

import numpy as np

from . import gru_kernels, kernels
from .packing import PackedSequence
from .recurrent import Recurrent, _Cache

_KERAS = (0, 1, 2)
"""Where z, r, g stand in Keras's z, r, h: in the kernel and in the first row of the bias …"""
_RECURRENT = (2, 0, 1)
"""… and where g, z, r do, the order of the recurrent kernel and of the second row."""


class GRU(Recurrent):
    """Gated recurrent unit, Cho et al. (2014), with the reset gate after the product as in Keras (`reset_after=True`).

    Weights as in Keras: `kernel` (features, 3·units), `recurrent_kernel` (units, 3·units), `bias` (2, 3·units), gate order
    z, r, h; the first row of the bias belongs to the input, the second to the state.

    Parameters
    ----------
    units : length of the hidden state h
    activation : "tanh", the only one the lab has here
    kernel_initializer, recurrent_initializer : how the weights begin, a name from `initializers.INITIALIZERS`
    return_sequences : give h of every step (batch, time, units) rather than of the last (batch, units)
    return_state : called on its own, also return the final state h
    stateful : start each batch from the states the last one ended with, until `reset_states()`

    Input (batch, time, features). A masked step leaves the state as it is and repeats the output before it.
    """

    blocks = 3

    def __init__(
        self,
        units: int,
        activation: str = "tanh",
        *,
        kernel_initializer: str = "glorot_uniform",
        recurrent_initializer: str = "orthogonal",
        return_sequences: bool = False,
        return_state: bool = False,
        stateful: bool = False,
    ) -> None:
        super().__init__(
            units, activation, kernel_initializer, recurrent_initializer, return_sequences, return_state, stateful
        )

    def weight_shapes(self, input_shape: tuple[int | None, ...]) -> dict[str, tuple[int, ...]]:
        return super().weight_shapes(input_shape) | {"bias": (2, 3, self.units)}

    def to_keras(self, name: str, stored: np.ndarray) -> np.ndarray:
        if name == "bias":
            return np.stack([kernels.join_gates(stored[0], _KERAS), kernels.join_gates(stored[1], _RECURRENT)])
        return kernels.join_gates(stored, _RECURRENT if name == "recurrent_kernel" else _KERAS)

    def from_keras(self, name: str, value: np.ndarray) -> np.ndarray:
        if name == "bias":
            return np.stack([kernels.split_gates(value[0], _KERAS), kernels.split_gates(value[1], _RECURRENT)])
        return kernels.split_gates(value, _RECURRENT if name == "recurrent_kernel" else _KERAS)

    def _input_bias(self, bias: np.ndarray) -> np.ndarray:
        return bias[0]

    def _run(self, x: PackedSequence, initial: list | None, work: kernels.Workspace) -> tuple[np.ndarray, list, dict]:
        p = self.params
        cache = gru_kernels.gru_forward(
            x, p["kernel"], p["recurrent_kernel"], p["bias"], initial[0] if initial else None, work
        )
        return cache["h"][x.packing.batch :], [self._last(x.packing, cache["h"])], cache

    def _inside(self, cache: _Cache) -> dict[str, np.ndarray]:
        inner, z, r, g = cache.arrays["gates"]
        return {"h": cache.arrays["h"][cache.x.packing.batch :], "z": z, "r": r, "g": g, "inner": inner}

    def _infer(self, x: PackedSequence, initial: list | None) -> tuple[np.ndarray | None, list]:
        p = self.params
        h = initial[0].copy() if initial else np.zeros((x.packing.batch, self.units), self._dtype)
        out = np.empty((x.packing.rows, self.units), self._dtype) if self.return_sequences else None
        gru_kernels.gru_infer(x, p["kernel"], p["recurrent_kernel"], p["bias"], h, out)
        return out, [h]

    def _run_backward(self, cache: _Cache, steps: np.ndarray | None, final: list, to_initial: bool) -> np.ndarray:
        return gru_kernels.gru_backward(
            cache.x.packing, cache.arrays, self.params["recurrent_kernel"], steps, final[0],
            self.grads["recurrent_kernel"], self.grads["bias"][1], cache.work,
        )  # fmt: skip
