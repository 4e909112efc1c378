"""Losses, each with its gradient. Softmax and sigmoid are fused with theirs, so no exponential ever overflows.

Every function takes what the last layer computed before its activation, averages over all rows (batch, and time steps
that are not masked), and returns the loss and its gradient with respect to that input.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .cell import sigmoid

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
ALIASES = {"mean_squared_error": "mse", "MSE": "mse", "MeanSquaredError": "mse"}
"""Other names that Keras has for these."""
FUSED_ACTIVATION = {"sparse_categorical_crossentropy": "softmax", "binary_crossentropy": "sigmoid"}
"""The activation that a loss expects its model to end in, and takes over."""
