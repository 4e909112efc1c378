"""`Bidirectional`: two recurrent layers over one sequence, one from its first step on and one from its last step back.

Schuster & Paliwal (1997). In the packed layout of `packing.py` a sequence read backwards is the same rows in another
order, so each direction runs the plain kernels, and padding has no say in where a sequence ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .gru import GRU
from .layers import Layer, Signal, States
from .min_lstm import MinLSTM
from .packing import PackedSequence
from .recurrent import LSTM, Recurrent, SimpleRNN

WRAPPED: dict[str, type[Recurrent]] = {kind.__name__: kind for kind in (LSTM, GRU, MinLSTM, SimpleRNN)}


class Bidirectional(Layer):
    """A recurrent layer and its mirror image, their outputs side by side: (…, 2 · units), forward first.

    Weights as in Keras: those of the forward layer, then those of the backward layer. With `return_sequences` both
    outputs of a step stand at that step; without, each direction gives its state after its own last step.

    Parameters
    ----------
    layer : an LSTM, GRU, MinLSTM or SimpleRNN without weights yet, or its settings as `get_config` gives them
    merge_mode : "concat", the only way the lab has
    """

    def __init__(self, layer: Recurrent | dict[str, Any], merge_mode: str = "concat") -> None:
        super().__init__()
        if isinstance(layer, dict):
            settings = dict(layer)
            kind = settings.pop("layer", None)
            if not isinstance(kind, str) or kind not in WRAPPED:
                raise ValueError(f"layer must be one of {', '.join(WRAPPED)}, got {str(kind)[:40]!r}")
            layer = WRAPPED[kind](**settings)
        if type(layer) not in WRAPPED.values():
            raise ValueError(f"layer must be one of {', '.join(WRAPPED)}, got {type(layer).__name__}")
        if merge_mode != "concat":
            raise ValueError(f'merge_mode must be "concat", got {merge_mode!r}')
        if layer.built:
            raise ValueError("layer must not have weights yet: Bidirectional makes them for both directions")
        if layer.stateful or layer.return_state:
            raise ValueError(
                "layer must be neither stateful nor return_state: what is read backwards begins at the end of its own batch"
            )
        self.merge_mode = merge_mode
        self.directions = {"forward": layer, "backward": type(layer)(**layer.get_config())}
        for direction, one in self.directions.items():
            one.name = f"{direction}_{one.name}"
        self.units, self.return_sequences = layer.units, layer.return_sequences

    @property
    def recurrent_layers(self) -> tuple[Recurrent, ...]:
        return tuple(self.directions.values())

    def get_config(self) -> dict[str, Any]:
        inner = self.directions["forward"]
        return {"layer": {"layer": type(inner).__name__, **inner.get_config()}, "merge_mode": self.merge_mode}

    # Weights: one flat dict, in which "forward_kernel" is the forward layer's "kernel" ------------------------------
    def weight_shapes(self, input_shape: tuple[int | None, ...]) -> dict[str, tuple[int, ...]]:
        return {
            f"{direction}_{name}": shape
            for direction, one in self.directions.items()
            for name, shape in one.weight_shapes(input_shape).items()
        }

    def bind(self, params: dict[str, np.ndarray], grads: dict[str, np.ndarray]) -> None:
        super().bind(params, grads)
        for direction, one in self.directions.items():
            begin = f"{direction}_"
            mine = [name for name in params if name.startswith(begin)]
            one.bind(
                {name.removeprefix(begin): params[name] for name in mine},
                {name.removeprefix(begin): grads[name] for name in mine},
            )

    def initialize(self, rng: np.random.Generator) -> None:
        for one in self.recurrent_layers:
            one.initialize(rng)

    def to_keras(self, name: str, stored: np.ndarray) -> np.ndarray:
        direction, _, inner = name.partition("_")
        return self.directions[direction].to_keras(inner, stored)

    def from_keras(self, name: str, value: np.ndarray) -> np.ndarray:
        direction, _, inner = name.partition("_")
        return self.directions[direction].from_keras(inner, value)

    # Passes ----------------------------------------------------------------------------------------------------------
    def output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*self.directions["forward"].output_shape(input_shape)[:-1], 2 * self.units)

    def at_masked_steps(self, blank: np.ndarray | None, repeats: bool) -> tuple[np.ndarray | None, bool]:
        return np.zeros(2 * self.units, self.params["forward_kernel"].dtype), False

    def forward(self, x: Signal, training: bool, rng: np.random.Generator | None) -> tuple[Signal, Any]:
        return self.forward_with_states(x, training, rng)[:2]

    def forward_with_states(
        self, x: Signal, training: bool, rng: np.random.Generator | None, initial_states: States | None = None
    ) -> tuple[Signal, Any, States]:
        ahead, back = self.recurrent_layers
        from_first, from_last = initial_states or (None, None)
        x = ahead.check_input(x)
        turned = PackedSequence(x.values[x.packing.reversal], x.packing, x.depth)
        first, cache_ahead, [at_last] = ahead.forward_with_states(x, training, rng, [from_first])
        second, cache_back, [at_first] = back.forward_with_states(turned, training, rng, [from_last])
        cache, states = (x.packing, cache_ahead, cache_back), [at_last, at_first]
        if not self.return_sequences:
            return np.concatenate([first, second], axis=1), cache, states
        assert isinstance(first, PackedSequence) and isinstance(second, PackedSequence)
        rows = np.concatenate([first.values, second.values[x.packing.reversal]], axis=1)
        return PackedSequence(rows, x.packing), cache, states

    def backward(self, cache: Any, grad: np.ndarray, need_input: bool = True) -> np.ndarray | None:
        packing, cache_ahead, cache_back = cache
        ahead, back = self.recurrent_layers
        first, second = np.ascontiguousarray(grad[:, : self.units]), grad[:, self.units :]
        second = second[packing.reversal] if self.return_sequences else np.ascontiguousarray(second)
        dx, dx_back = ahead.backward(cache_ahead, first, need_input), back.backward(cache_back, second, need_input)
        return None if dx is None else dx + dx_back[packing.reversal]

    def trace(self, cache: Any) -> list[dict[str, np.ndarray]]:
        """What happened inside, forward and then backward, each in the order of the input's time steps."""
        packing, cache_ahead, cache_back = cache
        ahead, back = self.recurrent_layers
        return [*ahead.trace(cache_ahead), *back.trace(cache_back, packing.reversal)]
