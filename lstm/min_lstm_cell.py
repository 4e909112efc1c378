"""One time step of a minLSTM, forward and backward: the equations, and nothing else. The LSTM's are in `cell.py`.

    f = σ(x W_f + b_f)              forget gate: how much of the old state stays …
    i = σ(x W_i + b_i)              input gate:  … and how much of the candidate is written,
    a = f / (f + i)                              as shares of one whole
    g = x W_g + b_g                 candidate:   what would be written
    h = a ⊙ h₋₁ + (1 − a) ⊙ g       the state

Feng et al. (2024), "Were RNNs all we needed?", section 3.2. No gate sees h₋₁, so a and g of every step are known before the
first state is, and h is a running weighted mean that can be computed for all steps at once: see `min_lstm.py`. This is also
what it cannot do: each step multiplies h by a number from 0 to 1 that the present symbol alone decides, and no such number
turns a 0 into a 1 and a 1 into a 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cell import sigmoid

GATES = ("f", "i", "g")
"""The order in which the gates stand in `kernel` and `bias`."""


@dataclass(frozen=True)
class MinLSTMStep:
    """Every number of one time step. `x` (batch, features), all others (batch, units)."""

    x: np.ndarray
    h_prev: np.ndarray
    f: np.ndarray
    i: np.ndarray
    a: np.ndarray
    g: np.ndarray
    h: np.ndarray


@dataclass(frozen=True)
class MinLSTMStepGradients:
    """Gradients of a loss with respect to everything that went into one step. Shapes: those of what they belong to."""

    x: np.ndarray
    h_prev: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray


def forward(x: np.ndarray, h_prev: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> MinLSTMStep:
    """Compute one time step from x (batch, features), h₋₁ (batch, units), W (features, 3·units) and b (3·units,)."""
    z_f, z_i, g = np.split(x @ kernel + bias, 3, axis=-1)  # each (batch, units)
    f, i = sigmoid(z_f), sigmoid(z_i)
    a = f / (f + i)
    return MinLSTMStep(x, h_prev, f, i, a, g, a * h_prev + (1 - a) * g)


def backward(step: MinLSTMStep, dh: np.ndarray, kernel: np.ndarray) -> MinLSTMStepGradients:
    """Send ∂loss/∂h (batch, units) back through one time step."""
    s = step
    da = dh * (s.h_prev - s.g)  # h = a h₋₁ + (1 − a) g
    share = da * s.a * (1 - s.a)  # ∂a/∂f = a (1 − a) / f and ∂a/∂i = −a (1 − a) / i; σ' = σ (1 − σ)
    dz = np.concatenate([share * (1 - s.f), -share * (1 - s.i), dh * (1 - s.a)], axis=-1)  # (batch, 3·units)
    return MinLSTMStepGradients(x=dz @ kernel.T, h_prev=dh * s.a, kernel=s.x.T @ dz, bias=dz.sum(axis=0))
