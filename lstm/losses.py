"""Losses, each with its gradient. Softmax and sigmoid are fused with theirs, so no exponential ever overflows.

Every function takes what the last layer computed before its activation, averages over all rows (batch, and time steps
that are not masked), and returns the loss and its gradient with respect to that input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .cell import sigmoid
from .lacking import explained, lacks

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]


def sparse_categorical_crossentropy(logits: np.ndarray, classes: np.ndarray) -> tuple[float, np.ndarray]:
    """−log softmax(logits)[class], in nats. `logits` (rows, classes), overwritten; `classes` (rows,) integers.

    The gradient of softmax and logarithm together is simply p − y (Bishop 2006, §4.3.4).
    """
    rows = np.arange(len(classes))
    logits -= logits.max(axis=1, keepdims=True)
    right = logits[rows, classes]
    p = np.exp(logits, out=logits)
    total = p.sum(axis=1)
    loss = float(np.mean(np.log(total) - right, dtype=np.float64))
    p *= (1 / (total * len(classes)))[:, None]
    p[rows, classes] -= p.dtype.type(1 / len(classes))
    return loss, p


def binary_crossentropy(logits: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """−y log σ(z) − (1 − y) log(1 − σ(z)), in nats, as max(z, 0) − z y + log(1 + e^−|z|). Both (rows, units)."""
    loss = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    grad = sigmoid(logits)
    grad -= targets
    grad /= logits.size
    return float(np.mean(loss, dtype=np.float64)), grad


def mse(outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean of (output − target)². Both (rows, units)."""
    difference = outputs - targets
    loss = float(np.mean(np.square(difference), dtype=np.float64))
    difference *= 2 / difference.size
    return loss, difference


LOSSES: dict[str, Loss] = {
    "sparse_categorical_crossentropy": sparse_categorical_crossentropy,
    "binary_crossentropy": binary_crossentropy,
    "mse": mse,
}
ALIASES = {
    **dict.fromkeys(("mean_squared_error", "MSE", "MeanSquaredError"), "mse"),
    **dict.fromkeys(("bce", "BCE", "BinaryCrossentropy"), "binary_crossentropy"),
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
}
"""Other names that Keras has for these."""
FUSED_ACTIVATION = {"sparse_categorical_crossentropy": "softmax", "binary_crossentropy": "sigmoid"}
"""The activation that a loss expects its model to end in, and takes over."""


class MeanSquaredError:
    """`compile(loss=MeanSquaredError())` is `compile(loss="mse")`."""

    @explained
    def __init__(self) -> None:
        pass


class _Crossentropy:
    """A loss after a Dense layer with its activation.

    Parameters
    ----------
    from_logits : False; the loss takes the activation over by itself, so that nothing is rounded
    """

    @explained
    def __init__(self, from_logits: bool = False) -> None:
        if from_logits:
            activation = FUSED_ACTIVATION[ALIASES[type(self).__name__]]
            raise ValueError(
                f'from_logits must be False: end in Dense(…, activation="{activation}"), which the loss takes over unrounded; '
                "model.logits(x) gives what comes before it"
            )


class BinaryCrossentropy(_Crossentropy):
    """`compile(loss=BinaryCrossentropy())` is `compile(loss="binary_crossentropy")`."""


class SparseCategoricalCrossentropy(_Crossentropy):
    """`compile(loss=SparseCategoricalCrossentropy())` is `compile(loss="sparse_categorical_crossentropy")`."""


def name_of(loss: Any) -> str:
    """The key in `LOSSES` of a loss that goes by its name, another name that Keras has for it, its class or its function.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if isinstance(loss, (MeanSquaredError, _Crossentropy)):
        return ALIASES[type(loss).__name__]
    for name, function in LOSSES.items():
        if loss is function:
            return name
    if not isinstance(loss, str) or ALIASES.get(loss, loss) not in LOSSES:
        categories = loss in ("categorical_crossentropy", "CategoricalCrossentropy")
        hint = "; with each class as a whole number, y.argmax(axis=-1), the first of them is that loss" if categories else ""
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {loss!r}{hint}")
    return ALIASES.get(loss, loss)


if not TYPE_CHECKING:  # a type checker would take any name then
    __getattr__ = lacks(__name__)
