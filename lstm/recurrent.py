"""The layers with memory: LSTM and SimpleRNN over whole sequences. Their arithmetic is in `kernels.py`.

Their relatives share what stands here: `GRU` (`gru.py`) and `MinLSTM` (`min_lstm.py`).

A layer can be called on its own, as in Keras: `outputs, h, c = LSTM(8, return_sequences=True, return_state=True)(x)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import initializers, kernels
from .layers import Layer, Signal, States, feature_count, flag, positive_integer, real_numbers
from .packing import PackedSequence, Packing


@dataclass
class _Cache:
    """What a forward pass leaves for the backward pass. It lies in a workspace, which `backward` gives back."""

    x: PackedSequence
    arrays: dict[str, np.ndarray]
    work: kernels.Workspace | None


class Recurrent(Layer):
    """What the layers with memory, which document the arguments, share: sequences in and out, states, their kernels' workspaces.

    States come in and go out as arguments. What a `stateful` layer carries from batch to batch is kept by its model, or,
    if the layer is called on its own, by `__call__`. A masked step leaves the states as they are and repeats the output
    before it.

    Weights are stored block by block, a block for each gate and one for what is written: (blocks, …, units).
    """

    states = 1
    blocks = 1
    activations: tuple[str | None, ...] = ("tanh",)

    def __init__(
        self,
        units: int,
        activation: str | None,
        kernel_initializer: str,
        recurrent_initializer: str | None,
        return_sequences: bool,
        return_state: bool,
        stateful: bool,
    ) -> None:
        super().__init__()
        self.units = positive_integer(units, "units")
        if activation not in self.activations:
            known = " or ".join(f'"{one}"' for one in self.activations)
            raise ValueError(f"{type(self).__name__} takes the activation {known}, got {activation!r}")
        self.activation = activation
        self.return_sequences = flag(return_sequences, "return_sequences")
        self.return_state = flag(return_state, "return_state")
        self.stateful = flag(stateful, "stateful")
        self.kernel_initializer = initializers.check(kernel_initializer, "kernel_initializer")
        if recurrent_initializer is not None:  # None, here and above: a layer that has no such thing
            initializers.check(recurrent_initializer, "recurrent_initializer")
        self.recurrent_initializer = recurrent_initializer
        self._carried: list[np.ndarray] | None = None  # between two calls of a stateful layer on its own
        self._free: list[kernels.Workspace] = []  # of passes whose backward pass is over

    def get_config(self) -> dict[str, Any]:
        names = "units activation return_sequences return_state stateful kernel_initializer recurrent_initializer"
        return {name: value for name in names.split() if (value := getattr(self, name)) is not None}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_free": []}  # buffers are not worth sending to another process

    def output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        if len(input_shape) != 3:
            raise ValueError(f"{type(self).__name__} expects (batch, time, features), got shape {tuple(input_shape)}")
        return (*input_shape[:2], self.units) if self.return_sequences else (input_shape[0], self.units)

    def reset_states(self) -> None:
        """Forget: the next call of a stateful layer on its own starts from zeros."""
        self._carried = None

    reset_state = reset_states  # Keras 3's name for it

    def zero_states(self, batch: int) -> list[np.ndarray]:
        """The states before anything was read, (batch, units) each. A layer that has no weights yet has none."""
        return [np.zeros((batch, self.units), self._dtype) for _ in range(self.states)]

    def check_states(self, states: list[np.ndarray] | None, batch: int) -> None:
        """Raise ValueError unless `states` are what the layer can start a batch of that size from."""
        if states is None:
            return
        if not isinstance(states, (list, tuple)) or len(states) != self.states:
            got = len(states) if isinstance(states, (list, tuple)) else type(states).__name__
            raise ValueError(f"{self.name}: initial_state must hold {self.states} arrays, got {got}")
        for state in states:
            if np.shape(state) != (batch, self.units):
                raise ValueError(f"{self.name} expects states of shape {(batch, self.units)}, got {np.shape(state)}")

    @property
    def recurrent_layers(self) -> tuple[Recurrent, ...]:
        return (self,)

    @property
    def _dtype(self) -> np.dtype:
        return self.params["kernel"].dtype

    def check_input(self, x: Signal) -> PackedSequence:
        """`x` if it is a sequence of as many features as the layer reads, else ValueError."""
        if not isinstance(x, PackedSequence):
            raise ValueError(f"{type(self).__name__} expects (batch, time, features), got an array of shape {np.shape(x)}")
        features = x.depth if x.depth is not None else x.values.shape[-1]
        if features != self.params["kernel"].shape[-2]:
            raise ValueError(f"{self.name} expects {self.params['kernel'].shape[-2]} features, got {features}")
        return x

    def at_masked_steps(self, blank: np.ndarray | None, repeats: bool) -> tuple[np.ndarray | None, bool]:
        return np.zeros(self.units, self._dtype), True

    def forward(self, x: Signal, training: bool, rng: np.random.Generator | None) -> tuple[Signal, Any]:
        return self.forward_with_states(x, training, rng)[:2]

    def forward_with_states(
        self, x: Signal, training: bool, rng: np.random.Generator | None, initial_states: States | None = None
    ) -> tuple[Signal, Any, States]:
        x = self.check_input(x)
        [given] = initial_states or [None]
        self.check_states(given, x.packing.batch)
        initial = given and [x.packing.sort(np.asarray(state, self._dtype)) for state in given]
        if training:
            try:
                work = self._free.pop()
            except IndexError:  # none yet, or another thread was quicker
                work = kernels.Workspace()
            steps, final, arrays = self._run(x, initial, work)
            cache = _Cache(x, arrays, work)
        else:
            (steps, final), cache = self._infer(x, initial), None
        states = [x.packing.unsort(state) for state in final]
        if self.return_sequences:
            return PackedSequence(steps, x.packing), cache, [states]
        return states[0].copy(), cache, [states]

    # What a subclass with other weights overrides -----------------------------------------------------------------
    def weight_shapes(self, input_shape: tuple[int | None, ...]) -> dict[str, tuple[int, ...]]:
        self.output_shape(input_shape)
        return {
            "kernel": (self.blocks, feature_count(input_shape, self), self.units),
            "recurrent_kernel": (self.blocks, self.units, self.units),
            "bias": (self.blocks, self.units),
        }

    def initialize(self, rng: np.random.Generator) -> None:
        features, wide = self.params["kernel"].shape[-2], self.blocks * self.units
        kernel = initializers.draw(self.kernel_initializer, (features, wide), rng)
        recurrent = initializers.draw(self.recurrent_initializer, (self.units, wide), rng)
        self.set_weights([kernel, recurrent, self.to_keras("bias", np.zeros_like(self.params["bias"]))])

    @staticmethod
    def _gates(weights: np.ndarray) -> np.ndarray:
        """Weights block by block, (blocks, …, units)."""
        return weights

    # What a subclass provides: its kernels ----------------------------------------------------------------------
    def _run(self, x: PackedSequence, initial: list | None, work: kernels.Workspace) -> tuple[np.ndarray, list, dict]:
        """The forward pass of a training step: h of every step, the final states, and what `_run_backward` needs."""
        raise TypeError("use LSTM, GRU or SimpleRNN")

    def _infer(self, x: PackedSequence, initial: list | None) -> tuple[np.ndarray | None, list]:
        """The forward pass of a prediction: h of every step, if they are asked for, and the final states."""
        raise TypeError("use LSTM, GRU or SimpleRNN")

    def _run_backward(self, cache: _Cache, steps: np.ndarray | None, final: list, to_initial: bool) -> np.ndarray:
        """The backward pass: the gradient before the activations, (gates, rows, units)."""
        raise TypeError("use LSTM, GRU or SimpleRNN")

    def _inside(self, cache: _Cache) -> dict[str, np.ndarray]:
        """What happened in a forward pass, by name, (rows, units)."""
        raise TypeError("use LSTM, GRU or SimpleRNN")

    def backward(self, cache: _Cache, grad: np.ndarray | None, need_input: bool = True) -> np.ndarray | None:
        return self.backward_with_states(cache, grad, need_input)[0]

    def _input_bias(self, bias: np.ndarray) -> np.ndarray:
        """The part of the bias that is added to x W, gate by gate."""
        return self._gates(bias)

    def backward_with_states(
        self, cache: _Cache, grad: np.ndarray | None, need_input: bool = True, state_grads: list[np.ndarray] | None = None
    ) -> tuple[np.ndarray | None, list[np.ndarray] | None]:
        """`backward`, with ∂loss/∂ of the final states coming in and of the initial states going out.

        Both are one array a state, (batch, units), in the caller's order. Without `state_grads` the final states have no
        part in the loss, and None is returned in place of the second.
        """
        if cache.work is None:
            raise ValueError("a cache serves one backward pass, and this one has had it: run the forward pass again")
        packing = cache.x.packing
        final = [np.zeros((packing.batch, self.units), self._dtype) for _ in range(self.states)]
        for d, given in zip(final, state_grads or []):
            d += packing.sort(given)
        steps = grad if self.return_sequences else None
        if not self.return_sequences and grad is not None:
            final[0] += packing.sort(grad)
        dz = self._run_backward(cache, steps, final, to_initial=state_grads is not None)
        kernel, dkernel = self._gates(self.params["kernel"]), self._gates(self.grads["kernel"])
        kernels.project_gradients(cache.x, dz, dkernel, self._input_bias(self.grads["bias"]))
        dx = kernels.input_gradient(dz, kernel) if need_input and cache.x.depth is None else None
        self._free.append(cache.work)
        cache.work = None
        return dx, None if state_grads is None else [packing.unsort(d) for d in final]

    def trace(self, cache: _Cache, order: np.ndarray | None = None) -> list[dict[str, np.ndarray]]:
        """What happened inside a forward pass: name → (batch, time, units), copied.

        `order` rearranges the packed rows, for a layer that read them in another order.
        """
        packing = cache.x.packing
        return [{n: packing.unpack(rows if order is None else rows[order]) for n, rows in self._inside(cache).items()}]

    def _last(self, packing: Packing, states: np.ndarray) -> np.ndarray:
        """From (batch + rows, units), the state each sequence ends with (batch, units), longest first."""
        last = states[: packing.batch].copy()
        for t, n in enumerate(packing.counts):  # only where a sequence ends is there something to copy
            if t + 1 == len(packing.counts) or packing.counts[t + 1] < n:
                ends = packing.counts[t + 1] if t + 1 < len(packing.counts) else 0
                last[ends:n] = states[packing.batch + packing.offsets[t] + ends : packing.batch + packing.offsets[t] + n]
        return last

    def __call__(
        self,
        x: np.ndarray,
        initial_state: list[np.ndarray] | None = None,
        mask: np.ndarray | None = None,
        training: bool = False,
        *,
        rng: np.random.Generator | None = None,
    ) -> Any:
        """Run the layer on (batch, time, features). Returns the output, and the final states with `return_state`.

        The arguments stand in Keras's order; `training` (and `rng`) change nothing, as nothing in here drops.
        Without `initial_state` a stateful layer starts from the states its last call ended with, all others from zeros.
        """
        x = real_numbers(x)
        if x.ndim != 3:
            raise ValueError(f"{type(self).__name__} expects (batch, time, features), got shape {x.shape}")
        if not self.built:
            self.build(x.shape, np.random.default_rng(0))
        if mask is not None and np.shape(mask) != x.shape[:2]:
            raise ValueError(f"mask must have the shape (batch, time) of the input, {x.shape[:2]}, got {np.shape(mask)}")
        packing = Packing.full(*x.shape[:2]) if mask is None else Packing.from_mask(mask)
        initial = self._carried if initial_state is None and self.stateful else initial_state
        sequence = PackedSequence(packing.pack(x.astype(self._dtype)), packing)
        out, _, [final] = self.forward_with_states(sequence, False, None, [initial])
        if self.stateful:
            self._carried = [state.copy() for state in final]
        y = packing.unpack(out.values) if isinstance(out, PackedSequence) else out
        return (y, *final) if self.return_state else y


class LSTM(Recurrent):
    """Long short-term memory, Hochreiter & Schmidhuber (1997). The equations are in `cell.py`.

    Weights as in Keras: `kernel` (features, 4·units), `recurrent_kernel` (units, 4·units), `bias` (4·units,), gate
    order i, f, c, o. Inside they are stored gate by gate, (4, …, units) in the order o, i, f, g.

    Parameters
    ----------
    units : length of the hidden state h and of the cell state c
    activation : "tanh", or "relu" for the candidate and the cell's output. The gates are always sigmoids
    kernel_initializer, recurrent_initializer : how the weights begin, a name from `initializers.INITIALIZERS`
    unit_forget_bias : begin with a forget gate's bias of 1, so that a new network remembers (Jozefowicz et al., 2015)
    return_sequences : give h of every step (batch, time, units) rather than of the last (batch, units)
    return_state : called on its own, also return the final states h and c
    stateful : start each batch from the states the last one ended with, until `reset_states()`

    Input (batch, time, features). A masked step leaves the states as they are and repeats the output before it.
    """

    states, blocks = 2, 4
    activations = ("tanh", "relu")

    def __init__(
        self,
        units: int,
        activation: str = "tanh",
        *,
        kernel_initializer: str = "glorot_uniform",
        recurrent_initializer: str = "orthogonal",
        unit_forget_bias: bool = True,
        return_sequences: bool = False,
        return_state: bool = False,
        stateful: bool = False,
    ) -> None:
        super().__init__(
            units, activation, kernel_initializer, recurrent_initializer, return_sequences, return_state, stateful
        )
        self.unit_forget_bias = flag(unit_forget_bias, "unit_forget_bias")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "unit_forget_bias": self.unit_forget_bias}

    def initialize(self, rng: np.random.Generator) -> None:
        super().initialize(rng)
        if self.unit_forget_bias:
            self.params["bias"]["oifg".index("f")] = 1

    def to_keras(self, name: str, stored: np.ndarray) -> np.ndarray:
        return kernels.join_gates(stored)

    def from_keras(self, name: str, value: np.ndarray) -> np.ndarray:
        return kernels.split_gates(value)

    def _run(self, x: PackedSequence, initial: list | None, work: kernels.Workspace) -> tuple[np.ndarray, list, dict]:
        p, (h0, c0) = self.params, initial or (None, None)
        cache = kernels.lstm_forward(
            x, p["kernel"], p["recurrent_kernel"], p["bias"], h0, c0, self.activation == "relu", work
        )
        final = [self._last(x.packing, cache["h"]), self._last(x.packing, cache["c"])]
        return cache["h"][x.packing.batch :], final, cache

    def _inside(self, cache: _Cache) -> dict[str, np.ndarray]:
        batch, arrays = cache.x.packing.batch, cache.arrays
        return {"h": arrays["h"][batch:], "c": arrays["c"][batch:], **dict(zip("oifg", arrays["gates"]))}

    def _infer(self, x: PackedSequence, initial: list | None) -> tuple[np.ndarray | None, list]:
        p, shape = self.params, (x.packing.batch, self.units)
        h, c = (s.copy() for s in initial) if initial else (np.zeros(shape, self._dtype), np.zeros(shape, self._dtype))
        out = np.empty((x.packing.rows, self.units), self._dtype) if self.return_sequences else None
        kernels.lstm_infer(x, p["kernel"], p["recurrent_kernel"], p["bias"], h, c, self.activation == "relu", out)
        return out, [h, c]

    def _run_backward(self, cache: _Cache, steps: np.ndarray | None, final: list, to_initial: bool) -> np.ndarray:
        return kernels.lstm_backward(
            cache.x.packing, cache.arrays, self.params["recurrent_kernel"], steps, final[0], final[1],
            self.grads["recurrent_kernel"], self.activation == "relu", cache.work, to_initial,
        )  # fmt: skip


class SimpleRNN(Recurrent):
    """h = tanh(x W + h₋₁ U + b), Elman (1990): what an LSTM is compared with, and why it was invented.

    Weights as in Keras: `kernel` (features, units), `recurrent_kernel` (units, units), `bias` (units,).

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
        self.output_shape(input_shape)
        return {
            "kernel": (feature_count(input_shape, self), self.units),
            "recurrent_kernel": (self.units, self.units),
            "bias": (self.units,),
        }

    @staticmethod
    def _gates(weights: np.ndarray) -> np.ndarray:
        return weights[None]  # one "gate", so that one input projection serves both layers

    def _run(self, x: PackedSequence, initial: list | None, work: kernels.Workspace) -> tuple[np.ndarray, list, dict]:
        p = self.params
        h = kernels.rnn_forward(x, p["kernel"], p["recurrent_kernel"], p["bias"], initial[0] if initial else None, work)
        return h[x.packing.batch :], [self._last(x.packing, h)], {"h": h}

    def _inside(self, cache: _Cache) -> dict[str, np.ndarray]:
        return {"h": cache.arrays["h"][cache.x.packing.batch :]}

    def _infer(self, x: PackedSequence, initial: list | None) -> tuple[np.ndarray, list]:
        steps, final, _ = self._run(x, initial, kernels.Workspace())
        return steps, final

    def _run_backward(self, cache: _Cache, steps: np.ndarray | None, final: list, to_initial: bool) -> np.ndarray:
        return kernels.rnn_backward(
            cache.x.packing, cache.arrays["h"], self.params["recurrent_kernel"], steps, final[0],
            self.grads["recurrent_kernel"], cache.work,
        )[None]  # fmt: skip
