"""What a stack of layers is: their order, their weights in one flat vector, their states, their table, their file.

What a stack does, passes forward and backward, is in `model.py`. What a training asks of it is named here, so that
`training.py` and `parallel.py` need not know who calls them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from typing import Any, Self

import numpy as np

from . import optimizers
from .batches import Batches
from .inputs import Input
from .lacking import Answering, explained
from .layers import Layer, States, positive_integer
from .recurrent import Recurrent


class Stack(Answering, ABC):
    """The base of `Sequential`, which documents the arguments."""

    @explained
    def __init__(self, layers: Sequence[Layer | Input] | None = None, seed: int = 0, dtype: str = "float32") -> None:
        if dtype not in ("float32", "float64"):
            raise ValueError(f'dtype must be "float32" or "float64", got {dtype!r}')
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise ValueError(f"seed must be an integer of 0 or more, got {seed!r}")
        self.layers: list[Layer] = []
        self.seed, self.dtype = int(seed), dtype
        self.metadata: dict[str, Any] = {}
        self.fingerprint = ""  # of the vocabulary whose numbers it reads: a checkpoint with another one is refused
        self.input_shape: tuple[int | None, ...] | None = None
        self.output_shape: tuple[int | None, ...] | None = None
        self.optimizer: optimizers.Optimizer | None = None
        self.loss: str | None = None
        self.metrics: list[str] = []
        self.weights_vector = self.gradient_vector = np.zeros(0, dtype)
        self.gradient_rows = 0  # the predictions whose loss `gradient_vector` is about
        self.stop_training = False  # what a callback sets to end `fit`
        self._given: tuple[int | None, ...] | None = None  # the shape that an `Input` before the layers says
        self._carried: States | None = None  # what stateful layers ended the last batch with; None for zeros
        self._halves: Any = None  # `parallel.Halves`, once a step was worth cutting in two
        # Separate streams: how many draws one of them takes never shifts another.
        self.dropout_rng, self.shuffle_rng = (np.random.default_rng([self.seed, stream]) for stream in (1, 2))
        for layer in layers or []:
            self.add(layer)

    def add(self, layer: Layer | Input) -> None:
        """Put a layer on top. Raises ValueError if it cannot stand there. Before all layers there can be an `Input`."""
        if isinstance(layer, Input):
            if self.layers or self._given:
                raise ValueError("Input stands before all layers, and once")
            self._given = layer.batch_shape
            return
        if not isinstance(layer, Layer):
            raise ValueError(f"layers must be layers of this package, got {type(layer).__name__}")
        if self.input_shape is not None and (self._given is None or (self.optimizer and self.optimizer.step)):
            raise ValueError("layers can only be added before the model is built, or trained")
        if any(layer is other for other in self.layers):
            raise ValueError("the same layer cannot stand twice in a model: make a second one")
        if any(one.return_state for one in layer.recurrent_layers):
            raise ValueError("return_state is for a layer called on its own: a Sequential passes one output on")
        if self.layers and layer.takes_ids:
            raise ValueError(f"{type(layer).__name__} reads integers and can only be the first layer")
        kind = type(layer).__name__.lower()
        same = sum(type(other) is type(layer) for other in self.layers)
        layer.name = f"{kind}_{same}" if same else kind
        self.layers.append(layer)
        if self._given is not None:
            weights = self.weights_vector
            try:
                self._build(self._given)
            except ValueError:
                self.layers.pop()
                raise
            self.weights_vector[: weights.size] = weights  # of the layers below, who may have been given others

    # Building --------------------------------------------------------------------------------------------------
    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for inputs of `input_shape`, (batch, time), (batch, time, features) or (batch, features).

        The batch (and time) may be None. Weights are drawn from the seed.
        """
        self._build(input_shape)

    def _build(
        self, input_shape: tuple[int | None, ...], draw: bool = True, weights: np.ndarray | None = None
    ) -> None:
        """`build`; without `draw` the weights stay as they are: zero, or those of the vector `weights`, now shared."""
        if not self.layers:
            raise ValueError("a model needs at least one layer")
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) not in (2, 3):
            raise ValueError(f"input_shape must have 2 or 3 entries, the batch first, got {input_shape!r}")
        for n in input_shape:
            if n is not None:
                positive_integer(n, "every entry of input_shape that is not None")
        shape, all_shapes = tuple(input_shape), []
        if self.layers[0].takes_ids and len(shape) != 2:
            raise ValueError(f"{type(self.layers[0]).__name__} expects an input of shape (batch, time), got {shape}")
        for layer in self.layers:
            all_shapes.append(layer.weight_shapes(shape))
            shape = layer.output_shape(shape)
        size = sum(int(np.prod(s)) for shapes in all_shapes for s in shapes.values())
        self.weights_vector = np.zeros(size, self.dtype) if weights is None else weights
        self.gradient_vector = np.zeros(size, self.dtype)
        self.gradient_parts: list[np.ndarray] = []
        init_rng, at = np.random.default_rng([self.seed, 0]), 0
        for layer, shapes in zip(self.layers, all_shapes):
            params, grads = {}, {}
            for name, s in shapes.items():
                stop = at + int(np.prod(s))
                params[name] = self.weights_vector[at:stop].reshape(s)
                grads[name] = self.gradient_vector[at:stop].reshape(s)
                at = stop
            layer.bind(params, grads)
            if draw:
                layer.initialize(init_rng)
            self.gradient_parts += grads.values()
        self.input_shape, self.output_shape = tuple(input_shape), shape

    def share_weights(self, model: Self) -> None:
        """Become a stand-in for a built model of the same layers: its weights, gradients of one's own."""
        self._build(model.input_shape, draw=False, weights=model.weights_vector)

    def __getstate__(self) -> dict[str, Any]:
        """Weights are stored once: layers hold views, which a copy would turn into arrays of their own."""
        weights = self.weights_vector
        state = {k: v for k, v in self.__dict__.items() if k not in ("weights_vector", "gradient_vector", "gradient_parts", "_halves")}
        state["layers"] = [(type(layer), layer.get_config()) for layer in self.layers]
        return {**state, "weights": weights}

    def __setstate__(self, state: dict[str, Any]) -> None:
        weights, layers = state.pop("weights"), state.pop("layers")
        self.__dict__.update(state, layers=[], _halves=None, _given=None, weights_vector=np.zeros(0), gradient_vector=np.zeros(0))
        input_shape, self.input_shape = self.input_shape, None
        for kind, config in layers:
            self.add(kind(**config))
        if input_shape is not None:
            self._build(input_shape, draw=False)
            self.weights_vector[...] = weights

    # Weights and states ----------------------------------------------------------------------------------------
    @property
    def weights(self) -> list[np.ndarray]:
        """All weights in Keras's order and layout. These are copies: `set_weights` changes the model."""
        return self.get_weights()

    @property
    def trainable_weights(self) -> list[np.ndarray]:
        """`weights`: all of them are trained."""
        return self.get_weights()

    def get_weights(self) -> list[np.ndarray]:
        """All weights, copied, as `keras.Model.get_weights` of the same layers orders them."""
        return [w for layer in self.layers for w in layer.get_weights()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Take weights as `get_weights` gives them. Raises ValueError if the number or a shape is wrong."""
        if self.input_shape is None:
            raise ValueError("the model has no weights yet: call build(input_shape) first")
        counts = [len(layer.params) for layer in self.layers]
        if len(weights) != sum(counts):
            raise ValueError(f"the model takes {sum(counts)} weight arrays, got {len(weights)}")
        before, at = self.weights_vector.copy(), 0
        try:
            for layer, count in zip(self.layers, counts):
                layer.set_weights(weights[at : at + count])
                at += count
        except ValueError:
            self.weights_vector[...] = before  # all of them or none
            raise

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by its name, as `summary` has it, or by its place from the input, counted from 0."""
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ValueError(f"index must be a place among {len(self.layers)} layers, got {index}")
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"there is no layer {name!r}; there are {', '.join(layer.name for layer in self.layers)}")

    def count_params(self) -> int:
        """How many numbers the model learns."""
        return sum(layer.count_params() for layer in self.layers)

    @property
    def recurrent_layers(self) -> list[Recurrent]:
        """The recurrent layers from input to output; of a `Bidirectional` both, the forward one first."""
        return [one for layer in self.layers for one in layer.recurrent_layers]

    @property
    def stateful(self) -> bool:
        """Whether a layer carries its states from batch to batch."""
        return any(layer.stateful for layer in self.recurrent_layers)

    def zero_states(self) -> States:
        """The states of a network that has read nothing yet, to be given as `initial_states`."""
        return [None for _ in self.recurrent_layers]

    def check_states(self, states: States, batch: int) -> None:
        """Raise ValueError unless `states` are one entry for each recurrent layer, fit for a batch of that size."""
        layers = self.recurrent_layers
        if not isinstance(states, (list, tuple)) or len(states) != len(layers):
            got = len(states) if isinstance(states, (list, tuple)) else type(states).__name__
            raise ValueError(f"initial_states must be a list of {len(layers)}, one entry for each recurrent layer, got {got}")
        for layer, given in zip(layers, states):
            layer.check_states(given, batch)

    # `stateful=True`, as Keras has it: a model remembers the final states of one batch as initial ones of the next.
    # All that needs it is here and in `_carry_on`; everything else is handed its states.
    def reset_states(self) -> None:
        """Make every stateful layer start from zeros again."""
        self._carried = None

    def get_states(self) -> States:
        """The states that stateful layers carry, an entry for each recurrent layer."""
        return self.zero_states() if self._carried is None else list(self._carried)

    def set_states(self, states: States) -> None:
        """Let stateful layers go on from `states`, as `get_states` gives them."""
        self._carried = list(states)

    def _carry_on(self, states: States) -> None:
        """Remember what a batch ended with, for the layers that are stateful."""
        if self.stateful:
            self._carried = [state if layer.stateful else None for layer, state in zip(self.recurrent_layers, states)]

    def _carried_for(self, batch: int) -> States:
        """What a batch of that size goes on from, when its caller names no states."""
        states = self.get_states()
        try:
            self.check_states(states, batch)
        except ValueError as error:
            raise ValueError(f"{error}; call reset_states() before a batch of another size") from None
        return states

    # What a training asks ---------------------------------------------------------------------------------------
    @abstractmethod
    def loss_and_gradient(
        self,
        x: np.ndarray,
        y: np.ndarray,
        dropout: bool = True,
        initial_states: States | None = None,
        threads: int | None = None,
    ) -> dict[str, float]:
        """See `Sequential`."""

    @abstractmethod
    def rows_and_logs(
        self, x: np.ndarray, y: np.ndarray, dropout: bool, states: States | None
    ) -> tuple[int, dict[str, float], States]:
        """See `Sequential`."""

    @abstractmethod
    def evaluate_iter(
        self, x: np.ndarray | Batches, y: np.ndarray | None = None, batch_size: int | None = 256, *, initial_states: States | None = None
    ) -> Generator[float, None, dict[str, float]]:
        """See `Sequential`."""

    def apply_gradient(self) -> None:
        """Let the optimizer move the weights along `gradient_vector`."""
        self.optimizer.apply(self.weights_vector, self.gradient_vector, self.gradient_parts)

    def _need_compiled(self) -> None:
        if self.loss is None:
            raise ValueError("the model is not compiled: call compile(optimizer=…, loss=…) first")

    # Reading and writing ---------------------------------------------------------------------------------------
    @explained
    def summary(self, line_length: int | None = None, *, print_fn: Callable[[str], Any] | None = None) -> None:
        """Print `table()`.

        Parameters
        ----------
        line_length : how long the lines are at least
        print_fn : called with the table in place of `print`
        """
        (print_fn or print)(self.table(line_length))

    def table(self, line_length: int | None = None) -> str:
        """The layers, their output shapes and parameters, as text."""
        if self.input_shape is None:
            raise ValueError("the model is not built yet: call build(input_shape) first")
        shape, lines = self.input_shape, []
        for layer in self.layers:
            shape = layer.output_shape(shape)
            lines.append((f"{layer.name} ({type(layer).__name__})", str(shape), f"{layer.count_params():,}"))
        head = ("Layer (type)", "Output shape", "Param #")
        widths = [max(len(row[k]) for row in [head, *lines]) for k in range(3)]
        if line_length is not None:
            widths[1] += max(positive_integer(line_length, "line_length") - sum(widths) - 4, 0)
        table = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in [head, *lines]]
        return "\n".join([table[0], "─" * len(table[0]), *table[1:], "─" * len(table[0]), f"Total params: {self.count_params():,}"])
