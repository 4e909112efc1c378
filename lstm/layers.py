"""Layers without memory: Embedding, OneHot, Masking, Dense, Dropout, and what every layer shares.

A layer computes, and returns what its backward pass will need (its cache) and the states it ended with; it never changes
its weights and keeps nothing of a forward pass, so one layer serves any number of threads. Its weights and their gradients
are views into two flat vectors of the model, so an optimizer updates all of them in one sweep.
Between layers flows a `PackedSequence` (packed time steps) or an array (batch, features).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import initializers
from .cell import sigmoid
from .kernels import add_rows
from .lacking import Answering, explained, lacks
from .packing import PackedSequence, Packing

ACTIVATIONS = (None, "linear", "softmax", "sigmoid", "tanh", "relu")
Signal = PackedSequence | np.ndarray
States = list[list[np.ndarray] | None]
"""For each recurrent layer its states, h and for an LSTM c, each (batch, units); None stands for zeros."""


def positive_integer(value: Any, name: str) -> int:
    """Return `value` as an int, or raise ValueError naming the argument."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value <= 0:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return int(value)


def flag(value: Any, name: str) -> bool:
    """Return `value` as a bool, or raise ValueError naming the argument; 0 and 1 are taken too."""
    if not isinstance(value, (bool, int, np.bool_, np.integer)) or value not in (0, 1):
        raise ValueError(f"{name} must be True or False, got {str(value)[:40]}")
    return bool(value)


def real_numbers(x: Any) -> np.ndarray:
    """What a layer or model is called with as an array of numbers, or ValueError."""
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        if type(x).__name__ == "Input":
            raise ValueError("layers are not called with an Input here: write Sequential([Input(…), layer, …])")
        raise ValueError(f"x must hold numbers, got {array.dtype}")
    return array


def feature_count(input_shape: tuple[int | None, ...], layer: Layer) -> int:
    """The last entry of a layer's input shape, which must be known before there can be weights."""
    features = input_shape[-1]
    if isinstance(features, bool) or not isinstance(features, (int, np.integer)) or features <= 0:
        name = type(layer).__name__
        raise ValueError(f"{name} needs to know how many features its input has, got shape {tuple(input_shape)}")
    return int(features)


class Layer(Answering):
    """The base of all layers.

    A subclass lists its weights in `weight_shapes` when it is built, fills them in `initialize`, and implements
    `forward` and `backward`.
    """

    takes_ids = False
    """Whether the layer reads integers of shape (batch, time) rather than features."""

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls):
            cls.__init__ = explained(cls.__init__)  # type: ignore[method-assign]

    def __init__(self) -> None:
        self.name = type(self).__name__.lower()
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}
        self.built = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.get_config().items())})"

    # What a subclass provides ---------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments: `type(layer)(**layer.get_config())` is the same layer with new weights."""
        return {}

    def weight_shapes(self, input_shape: tuple[int | None, ...]) -> dict[str, tuple[int, ...]]:
        """Name and stored shape of each weight, in Keras's order."""
        return {}

    def output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape (batch, …) the layer gives for an input of `input_shape`."""
        return input_shape

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw new weights."""

    def forward(self, x: Signal, training: bool, rng: np.random.Generator | None) -> tuple[Signal, Any]:
        """Compute the output, and the cache: whatever `backward` needs, if `training`. States start from zeros."""
        raise TypeError(f"{type(self).__name__} has no forward pass")

    def __call__(self, x: np.ndarray, *, training: bool = False, rng: np.random.Generator | None = None) -> Any:
        """Run the layer on an array, as in Keras; its weights are drawn at the first call, if it stands in no model.

        training : a Dropout layer drops, by what is drawn from `rng`, or at random
        """
        x = real_numbers(x)
        if not self.built:
            self.build(x.shape, np.random.default_rng(0))
        signal: Signal = x
        if not self.takes_ids:
            x = x.astype(next(iter(self.params.values())).dtype if self.params else np.float32)
            packing = Packing.full(*x.shape[:2]) if x.ndim == 3 else None
            signal = x if packing is None else PackedSequence(packing.pack(x), packing)
        drops = np.random.default_rng() if training and rng is None else rng
        out, _, _ = self.forward_with_states(signal, training, drops if training else None)
        if not isinstance(out, PackedSequence):
            return out
        if out.depth is not None:
            return out.packing.unpack(np.eye(out.depth, dtype=np.float32)[out.values])
        return out.packing.unpack(out.values, *(self.at_masked_steps(None, True) if out.packing.index is not None else ()))

    def forward_with_states(
        self, x: Signal, training: bool, rng: np.random.Generator | None, initial_states: States | None = None
    ) -> tuple[Signal, Any, States]:
        """`forward` from states that are given; the final ones are returned too. One entry for each of `recurrent_layers`."""
        return *self.forward(x, training, rng), []

    def backward(self, cache: Any, grad: np.ndarray, need_input: bool = True) -> np.ndarray | None:
        """Write the weight gradients into `grads`; return ∂loss/∂input, rows as in the input, if it is needed.

        A cache serves one backward pass: the kernels overwrite it.
        """
        raise TypeError(f"{type(self).__name__} has no backward pass")

    @property
    def recurrent_layers(self) -> tuple[Any, ...]:
        """The recurrent layers in here: none, itself, or the two directions of a `Bidirectional`."""
        return ()

    def at_masked_steps(self, blank: np.ndarray | None, repeats: bool) -> tuple[np.ndarray | None, bool]:
        """What Keras's layer of this name puts out where time steps are masked, from what comes in there.

        Masked steps are not computed; `predict` fills them in at the end. `blank` is the vector (features,) that stands
        before a sequence's first step, None one of zeros; with `repeats` a masked step after it repeats the step before,
        else it is `blank` too.
        """
        return blank, repeats

    def trace(self, cache: Any) -> list[dict[str, np.ndarray]]:
        """What happened inside a forward pass, a dict for each of `recurrent_layers`."""
        return []

    # Weights ---------------------------------------------------------------------------------------------------
    def bind(self, params: dict[str, np.ndarray], grads: dict[str, np.ndarray]) -> None:
        """Take the storage for weights and gradients (views into the model's flat vectors)."""
        self.params, self.grads, self.built = params, grads, True

    def build(self, input_shape: tuple[int | None, ...], rng: np.random.Generator, dtype: str = "float32") -> None:
        """Give a layer that stands alone its own weights. A model does this for all its layers together."""
        shapes = self.weight_shapes(input_shape)
        self.bind({n: np.empty(s, dtype) for n, s in shapes.items()}, {n: np.zeros(s, dtype) for n, s in shapes.items()})
        self.initialize(rng)

    def to_keras(self, name: str, stored: np.ndarray) -> np.ndarray:
        """A weight or gradient as Keras lays it out (a copy)."""
        return stored.copy()

    def from_keras(self, name: str, value: np.ndarray) -> np.ndarray:
        """The way back."""
        return value

    def keras_shape(self, name: str) -> tuple[int, ...]:
        """The shape of a weight as Keras lays it out."""
        return self.to_keras(name, self.params[name]).shape

    @property
    def weights(self) -> list[np.ndarray]:
        """The weights in Keras's order and layout. These are copies: `set_weights` changes the layer."""
        return self.get_weights()

    @property
    def trainable_weights(self) -> list[np.ndarray]:
        """`weights`: all of them are trained."""
        return self.get_weights()

    def get_weights(self) -> list[np.ndarray]:
        """The weights in Keras's order and layout, copied."""
        return [self.to_keras(name, self.params[name]) for name in self.params]

    def get_gradients(self) -> list[np.ndarray]:
        """The gradients of the last backward pass, in the order and layout of `get_weights`."""
        return [self.to_keras(name, self.grads[name]) for name in self.params]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Take weights in Keras's order and layout.

        Raises
        ------
        ValueError
            If their number or a shape differs.
        """
        if len(weights) != len(self.params):
            raise ValueError(f"{self.name} takes {len(self.params)} weight arrays, got {len(weights)}")
        new = [np.asarray(w) for w in weights]
        for name, value in zip(self.params, new):
            if value.shape != self.keras_shape(name):
                raise ValueError(f"{self.name} expects {name} of shape {self.keras_shape(name)}, got {value.shape}")
        for name, value in zip(self.params, new):
            self.params[name][...] = self.from_keras(name, value)

    def count_params(self) -> int:
        """How many numbers the layer learns."""
        return sum(p.size for p in self.params.values())


def check_ids(ids: Any, size: int, layer: str) -> np.ndarray:
    """Integers of shape (batch, time) from 0 to size − 1, or ValueError."""
    ids = np.asarray(ids)
    if ids.ndim != 2:
        raise ValueError(f"{layer} expects integers of shape (batch, time), got shape {ids.shape}")
    whole = whole_numbers(ids, layer)
    if ids.size and (ids.min() < 0 or ids.max() >= size):
        raise ValueError(f"{layer} expects integers from 0 to {size - 1}, got {ids.min()} to {ids.max()}")
    return whole


def whole_numbers(values: np.ndarray, name: str) -> np.ndarray:
    """`values` as integers, or ValueError if one of them is not a whole number. Their range is the caller's business."""
    if values.dtype.kind in "iu":
        return values
    if values.dtype.kind not in "bf":
        raise ValueError(f"{name} expects integers, got {values.dtype}")
    if values.size and not np.array_equal(values, np.trunc(values)):
        raise ValueError(f"{name} expects integers, got {values.dtype} with fractions")
    with np.errstate(invalid="ignore"):  # too large for an integer, and so out of any range
        return values.astype(np.int64)


class OneHot(Layer):
    """Integers (batch, time) → one-hot vectors (batch, time, depth), which are never written out.

    The layer above looks up rows of its kernel instead of multiplying by zeros and ones.

    Parameters
    ----------
    depth : how many integers there are, from 0 on
    """

    takes_ids = True

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.depth = positive_integer(depth, "depth")

    def get_config(self) -> dict[str, Any]:
        return {"depth": self.depth}

    def output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:2], self.depth)

    def forward(self, x: Signal, training: bool, rng: np.random.Generator | None) -> tuple[Signal, Any]:
        ids = check_ids(x, self.depth, "OneHot")
        packing = Packing.full(*ids.shape)
        return PackedSequence(packing.pack(ids), packing, self.depth), None

    def backward(self, cache: Any, grad: np.ndarray, need_input: bool = True) -> np.ndarray | None:
        return None


class Embedding(Layer):
    """Integers (batch, time) → learnt vectors (batch, time, output_dim), the rows of `embeddings` (input_dim, output_dim).

    Parameters
    ----------
    input_dim : how many integers there are, from 0 on
    output_dim : length of each one's vector
    mask_zero : whether 0 is padding: those steps are skipped by every layer above and by the loss
    """

    takes_ids = True

    def __init__(self, input_dim: int, output_dim: int, *, mask_zero: bool = False) -> None:
        super().__init__()
        self.input_dim = positive_integer(input_dim, "input_dim")
        self.output_dim = positive_integer(output_dim, "output_dim")
        self.mask_zero = flag(mask_zero, "mask_zero")

    def get_config(self) -> dict[str, Any]:
        return {"input_dim": self.input_dim, "output_dim": self.output_dim, "mask_zero": self.mask_zero}

    def weight_shapes(self, input_shape: tuple[int | None, ...]) -> dict[str, tuple[int, ...]]:
        return {"embeddings": (self.input_dim, self.output_dim)}

    def output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:2], self.output_dim)

    def initialize(self, rng: np.random.Generator) -> None:
        self.params["embeddings"][...] = initializers.draw("uniform", (self.input_dim, self.output_dim), rng)

    def forward(self, x: Signal, training: bool, rng: np.random.Generator | None) -> tuple[Signal, Any]:
        ids = check_ids(x, self.input_dim, "Embedding")
        packing = Packing.from_mask(ids != 0) if self.mask_zero else Packing.full(*ids.shape)
        ids = packing.pack(ids)
        return PackedSequence(self.params["embeddings"][ids], packing), ids

    def at_masked_steps(self, blank: np.ndarray | None, repeats: bool) -> tuple[np.ndarray | None, bool]:
        return self.params["embeddings"][0], False

    def backward(self, cache: Any, grad: np.ndarray, need_input: bool = True) -> np.ndarray | None:
        add_rows(grad, cache, self.grads["embeddings"])
        return None


class Masking(Layer):
    """Vectors (batch, time, features), of which some steps are padding. It stands first in a model.

    Parameters
    ----------
    mask_value : a step whose every feature is this number is skipped by every layer above and by the loss, as in Keras
    """

    def __init__(self, mask_value: float = 0.0) -> None:
        super().__init__()
        if isinstance(mask_value, bool) or not isinstance(mask_value, (int, float, np.number)) or not np.isfinite(mask_value):
            raise ValueError(f"mask_value must be a number, got {mask_value!r}")
        self.mask_value = float(mask_value)

    def get_config(self) -> dict[str, Any]:
        return {"mask_value": self.mask_value}

    def forward(self, x: Signal, training: bool, rng: np.random.Generator | None) -> tuple[Signal, Any]:
        if not isinstance(x, PackedSequence) or x.depth is not None or x.packing.index is not None:
            raise ValueError("Masking must be the first layer, and expects (batch, time, features)")
        values = x.packing.unpack(x.values)
        packing = Packing.from_mask((values != values.dtype.type(self.mask_value)).any(axis=-1))
        return PackedSequence(packing.pack(values), packing), (x.packing, packing)

    def at_masked_steps(self, blank: np.ndarray | None, repeats: bool) -> tuple[np.ndarray | None, bool]:
        return None, False

    def backward(self, cache: Any, grad: np.ndarray, need_input: bool = True) -> np.ndarray | None:
        whole, packing = cache
        return whole.pack(packing.unpack_gradient(grad)) if need_input else None


class Dense(Layer):
    """y = activation(x W + b), for each row or each time step.

    Weights: `kernel` (features, units), W; `bias` (units,), b. Input (batch, features) or (batch, time, features).

    Parameters
    ----------
    units : length of y
    activation : "linear" (or None), "softmax", "sigmoid", "tanh" or "relu"
    kernel_initializer : how the kernel begins, a name from `initializers.INITIALIZERS`; the bias begins at zero
    """

    def __init__(self, units: int, activation: str | None = None, *, kernel_initializer: str = "glorot_uniform") -> None:
        super().__init__()
        self.units = positive_integer(units, "units")
        if not (activation is None or isinstance(activation, str)) or activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(map(str, ACTIVATIONS))}, got {activation!r}")
        self.activation = None if activation == "linear" else activation
        self.kernel_initializer = initializers.check(kernel_initializer, "kernel_initializer")

    def get_config(self) -> dict[str, Any]:
        return {"units": self.units, "activation": self.activation, "kernel_initializer": self.kernel_initializer}

    def weight_shapes(self, input_shape: tuple[int | None, ...]) -> dict[str, tuple[int, ...]]:
        return {"kernel": (feature_count(input_shape, self), self.units), "bias": (self.units,)}

    def output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def initialize(self, rng: np.random.Generator) -> None:
        kernel = self.params["kernel"]
        kernel[...] = initializers.draw(self.kernel_initializer, kernel.shape, rng)
        self.params["bias"][...] = 0

    def linear(self, x: Signal) -> np.ndarray:
        """x W + b, before the activation; rows as in the input."""
        kernel, bias = self.params["kernel"], self.params["bias"]
        if isinstance(x, PackedSequence) and x.depth is not None:
            return (kernel + bias)[x.values]
        values = x.values if isinstance(x, PackedSequence) else x
        out = values @ kernel
        out += bias
        return out

    def forward(self, x: Signal, training: bool, rng: np.random.Generator | None) -> tuple[Signal, Any]:
        y = activate(self.activation, self.linear(x))
        return (PackedSequence(y, x.packing) if isinstance(x, PackedSequence) else y), (x, y)

    def at_masked_steps(self, blank: np.ndarray | None, repeats: bool) -> tuple[np.ndarray | None, bool]:
        blank = np.zeros_like(self.params["kernel"][:, 0]) if blank is None else blank
        return activate(self.activation, self.linear(blank[None]))[0], repeats

    def backward(self, cache: Any, grad: np.ndarray, need_input: bool = True) -> np.ndarray | None:
        x, y = cache
        return self.backward_linear(x, activation_gradient(self.activation, y, grad), need_input)

    def backward_linear(self, x: Signal, grad: np.ndarray, need_input: bool = True) -> np.ndarray | None:
        """`backward` for a gradient with respect to x W + b, as a loss fused with the activation gives it."""
        if isinstance(x, PackedSequence) and x.depth is not None:
            add_rows(grad, x.values, self.grads["kernel"])
            np.sum(grad, axis=0, out=self.grads["bias"])
            return None
        values = x.values if isinstance(x, PackedSequence) else x
        np.matmul(values.T, grad, out=self.grads["kernel"])
        np.sum(grad, axis=0, out=self.grads["bias"])
        return grad @ self.params["kernel"].T if need_input else None


class Dropout(Layer):
    """In training, sets a share of the inputs to zero and scales the rest by 1 / (1 − rate).

    Srivastava et al. (2014), in the "inverted" form: prediction needs no change.

    Parameters
    ----------
    rate : the share, from 0 to below 1
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        if isinstance(rate, bool) or not isinstance(rate, (int, float, np.floating)) or not 0 <= rate < 1:
            raise ValueError(f"rate must be a number from 0 to below 1, got {rate!r}")
        self.rate = float(rate)

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate}

    def forward(self, x: Signal, training: bool, rng: np.random.Generator | None) -> tuple[Signal, Any]:
        if isinstance(x, PackedSequence) and x.depth is not None:
            raise ValueError("Dropout cannot follow OneHot: a dropped symbol would be no symbol at all")
        if not training or self.rate == 0 or rng is None:
            return x, None
        values = x.values if isinstance(x, PackedSequence) else x
        scale = (rng.random(values.shape, dtype=np.float32) >= self.rate) * values.dtype.type(1 / (1 - self.rate))
        scale = scale.astype(values.dtype, copy=False)
        values = values * scale
        return (PackedSequence(values, x.packing) if isinstance(x, PackedSequence) else values), scale

    def backward(self, cache: Any, grad: np.ndarray, need_input: bool = True) -> np.ndarray | None:
        return grad if cache is None else grad * cache


def activate(name: str | None, z: np.ndarray) -> np.ndarray:
    """Apply an activation by its name; `z` may be overwritten."""
    if name is None:
        return z
    if name == "softmax":
        return softmax(z, out=z)
    if name == "relu":
        return np.maximum(z, 0, out=z)
    if name == "tanh":
        return np.tanh(z, out=z)
    return sigmoid(z)


def softmax(z: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """e^z / Σ e^z over the last axis; the largest z is subtracted first, so that no e^z overflows."""
    shares = np.subtract(z, z.max(axis=-1, keepdims=True), out=out)
    np.exp(shares, out=shares)
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


def activation_gradient(name: str | None, y: np.ndarray, grad: np.ndarray) -> np.ndarray:
    """∂loss/∂z from ∂loss/∂y, written in terms of y = activation(z)."""
    if name is None:
        return grad
    if name == "softmax":
        return y * (grad - (grad * y).sum(axis=-1, keepdims=True))
    if name == "relu":
        return grad * (y > 0)
    if name == "tanh":
        return grad * (1 - y * y)
    return grad * y * (1 - y)


if not TYPE_CHECKING:  # a type checker would take any name then
    __getattr__ = lacks(__name__)
