"""`MinLSTM`: an LSTM whose gates do not see h, so that all its time steps can be computed at once. Equations in `min_lstm_cell.py`.

With a and b = (1 − a) ⊙ g known for every step, h_t = a_t h_{t−1} + b_t is a chain of straight lines, and a chain of straight
lines is a straight line: two steps in one are h_{t+1} = (a_{t+1} a_t) h_{t−1} + (a_{t+1} b_t + b_{t+1}). So pieces of the
sequence can be worked out side by side before anybody knows the state they start from (Blelloch 1990, "Prefix sums and
their applications"), and so can the way back, which is the same chain from the last step to the first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import initializers, kernels
from .layers import feature_count, flag
from .packing import PackedSequence
from .recurrent import Recurrent, _Cache

_ORDER = (0, 1, 2)
"""f, i, g, in a file as inside."""


def scan(a: np.ndarray, b: np.ndarray, start: np.ndarray) -> np.ndarray:
    """h_t = a_t h_{t−1} + b_t for all t, √T steps for blocks of √T steps that are computed side by side.

    Parameters
    ----------
    a, b : (time, …); start : (…), the state before the first step

    Returns
    -------
    h : (time, …)
    """
    time, shape = len(a), a.shape[1:]
    length = max(1, round(time**0.5))
    blocks = -(-time // length)
    # (steps of a block, blocks, …): a row holds the same step of every block. What is missing at the end lets h pass.
    slope, h = np.ones((blocks * length, *shape), a.dtype), np.zeros((blocks * length, *shape), b.dtype)
    slope[:time], h[:time] = a, b
    slope, h = (np.ascontiguousarray(v.reshape(blocks, length, *shape).swapaxes(0, 1)) for v in (slope, h))
    for t in range(1, length):  # every block as if it began with 0, and by what it multiplies whatever it does begin with
        h[t] += slope[t] * h[t - 1]
        slope[t] *= slope[t - 1]
    begins = np.empty((blocks, *shape), h.dtype)
    for block in range(blocks):  # from block to block: what each begins with
        begins[block] = start
        start = slope[-1, block] * start + h[-1, block]
    h += slope * begins
    return h.swapaxes(0, 1).reshape(blocks * length, *shape)[:time]


def steps(a: np.ndarray, b: np.ndarray, start: np.ndarray) -> np.ndarray:
    """What `scan` computes, one step after the other: for a network that writes, and has no later steps yet."""
    h = np.empty_like(b)
    for t in range(len(a)):
        start = h[t] = a[t] * start + b[t]
    return h


class MinLSTM(Recurrent):
    """minLSTM, Feng et al. (2024): forget gate, input gate and candidate, all three from the present input alone.

    Weights: `kernel` (features, 3·units), `bias` (3·units,), order f, i, g. There is no recurrent kernel. A training step
    computes all time steps at once (`scan`), `predict` one after the other (`steps`).

    Parameters
    ----------
    units : length of the hidden state h
    kernel_initializer : how the kernel begins, a name from `initializers.INITIALIZERS`
    unit_forget_bias : begin with a forget gate's bias of 1, so that a new network remembers
    return_sequences : give h of every step (batch, time, units) rather than of the last (batch, units)
    return_state : called on its own, also return the final state h
    stateful : start each batch from the states the last one ended with, until `reset_states()`

    Input (batch, time, features). A masked step leaves the state as it is and repeats the output before it.
    """

    blocks = 3
    activations = (None,)

    def __init__(
        self,
        units: int,
        *,
        kernel_initializer: str = "glorot_uniform",
        unit_forget_bias: bool = True,
        return_sequences: bool = False,
        return_state: bool = False,
        stateful: bool = False,
    ) -> None:
        super().__init__(units, None, kernel_initializer, None, return_sequences, return_state, stateful)
        self.unit_forget_bias = flag(unit_forget_bias, "unit_forget_bias")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "unit_forget_bias": self.unit_forget_bias}

    def weight_shapes(self, input_shape: tuple[int | None, ...]) -> dict[str, tuple[int, ...]]:
        self.output_shape(input_shape)
        return {"kernel": (3, feature_count(input_shape, self), self.units), "bias": (3, self.units)}

    def initialize(self, rng: np.random.Generator) -> None:
        features, units = self.params["kernel"].shape[1:]
        bias = np.zeros(3 * units)
        if self.unit_forget_bias:
            bias[:units] = 1
        self.set_weights([initializers.draw(self.kernel_initializer, (features, 3 * units), rng), bias])

    def to_keras(self, name: str, stored: np.ndarray) -> np.ndarray:
        return kernels.join_gates(stored, _ORDER)

    def from_keras(self, name: str, value: np.ndarray) -> np.ndarray:
        return kernels.split_gates(value, _ORDER)

    def _lines(self, x: PackedSequence) -> tuple[np.ndarray, np.ndarray]:
        """f, i, g (3, rows, units) and a (rows, units), of all steps at once."""
        gates = np.empty((3, x.packing.rows, self.units), self._dtype)
        half = self._dtype.type(0.5)
        halves = np.array([0.5, 0.5, 1.0], self._dtype)[:, None]
        kernels.Projection(x, self.params["kernel"] * halves[..., None], self.params["bias"] * halves)(
            slice(0, x.packing.rows), out=gates
        )
        both = gates[:2]
        np.tanh(both, out=both)  # σ(z) = ½ tanh(½z) + ½
        both *= half
        both += half
        return gates, both[0] / (both[0] + both[1])

    def _states(self, x: PackedSequence, initial: list | None, chain: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        gates, a = self._lines(x)
        start = initial[0] if initial else np.zeros((x.packing.batch, self.units), self._dtype)
        h = chain(x.packing.spread(a, 1), x.packing.spread((1 - a) * gates[2]), start)
        return gates, a, h, h[-1] if len(h) else start

    def _run(self, x: PackedSequence, initial: list | None, work: kernels.Workspace) -> tuple[np.ndarray, list, dict]:
        gates, a, h, last = self._states(x, initial, scan)
        rows = x.packing.gather(h)
        start = initial[0] if initial else np.zeros_like(last)
        return rows, [last], {"gates": gates, "a": a, "h": rows, "start": start}

    def _inside(self, cache: _Cache) -> dict[str, np.ndarray]:
        return {"h": cache.arrays["h"], "a": cache.arrays["a"], **dict(zip("fig", cache.arrays["gates"]))}

    def _infer(self, x: PackedSequence, initial: list | None) -> tuple[np.ndarray, list]:
        _, _, h, last = self._states(x, initial, steps)
        return x.packing.gather(h), [last]

    def _run_backward(self, cache: _Cache, steps: np.ndarray | None, final: list, to_initial: bool) -> np.ndarray:
        """∂loss/∂h_t is what comes from outside plus a_{t+1} times ∂loss/∂h_{t+1}: the same chain, from the last step on."""
        packing, arrays = cache.x.packing, cache.arrays
        (f, i, g), a, h = arrays["gates"], arrays["a"], arrays["h"]
        if not len(a):
            return np.empty((3, 0, self.units), self._dtype)
        outside = np.zeros_like(a) if steps is None else steps
        in_time, slope = packing.spread(outside), packing.spread(a, 1)
        later = np.concatenate([np.ones_like(slope[:1]), slope[:0:-1]])  # a_{t+1}, from the last step on
        dh = scan(later, in_time[::-1], final[0])[::-1]
        final[0][...] = slope[0] * dh[0]
        dh = packing.gather(dh)
        h_prev = np.concatenate([arrays["start"], h])[packing.previous_rows()]
        share = dh * (h_prev - g) * a * (1 - a)  # h = a h₋₁ + (1 − a) g, and a = f / (f + i)
        return np.stack([share * (1 - f), share * (i - 1), dh * (1 - a)])

