"""One GRU time step, forward and backward: the equations, and nothing else. The LSTM's are in `cell.py`.

    z = σ(x W_z + b_z + h₋₁ U_z + c_z)          update gate: how much of the old state stays
    r = σ(x W_r + b_r + h₋₁ U_r + c_r)          reset gate:  how much of the old state the candidate sees
    g = tanh(x W_g + b_g + r ⊙ (h₋₁ U_g + c_g)) candidate:   what would be written
    h = z ⊙ h₋₁ + (1 − z) ⊙ g                   the state:   one for both, what is kept and what is shown

Cho et al. (2014), in the form in which the reset gate acts after the product with U, which is Keras's default
(`reset_after=True`) and cuDNN's. An LSTM's gates f and i are here z and 1 − z: what is written takes the place of what is
forgotten. The gate order z, r, h (here g) and the weight shapes are those of Keras; b is the first row of its bias, c the second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cell import sigmoid

GATES = ("z", "r", "g")
"""The order in which the gates stand in `kernel`, `recurrent_kernel` and each row of `bias`."""


@dataclass(frozen=True)
class GRUStep:
    """Every number of one time step. `x` (batch, features), all others (batch, units); `inner` is h₋₁ U_g + c_g."""

    x: np.ndarray
    h_prev: np.ndarray
    z: np.ndarray
    r: np.ndarray
    g: np.ndarray
    inner: np.ndarray
    h: np.ndarray


@dataclass(frozen=True)
class GRUStepGradients:
    """Gradients of a loss with respect to everything that went into one `GRUStep`. Shapes: those of what they belong to."""

    x: np.ndarray
    h_prev: np.ndarray
    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray


def forward(x: np.ndarray, h_prev: np.ndarray, kernel: np.ndarray, recurrent_kernel: np.ndarray, bias: np.ndarray) -> GRUStep:
    """Compute one time step.

    Parameters
    ----------
    x : (batch, features)
    h_prev : (batch, units), the state the step before left behind
    kernel : (features, 3·units), W; recurrent_kernel : (units, 3·units), U; bias : (2, 3·units), b and c
    """
    from_x = np.split(x @ kernel + bias[0], 3, axis=-1)  # each (batch, units)
    from_h = np.split(h_prev @ recurrent_kernel + bias[1], 3, axis=-1)
    z, r, inner = sigmoid(from_x[0] + from_h[0]), sigmoid(from_x[1] + from_h[1]), from_h[2]
    g = np.tanh(from_x[2] + r * inner)
    return GRUStep(x, h_prev, z, r, g, inner, z * h_prev + (1 - z) * g)


def backward(step: GRUStep, dh: np.ndarray, kernel: np.ndarray, recurrent_kernel: np.ndarray) -> GRUStepGradients:
    """Send ∂loss/∂h (batch, units) back through one time step; the weights are those `forward` used."""
    s = step
    dz = dh * (s.h_prev - s.g)  # h = z h₋₁ + (1 − z) g
    dg = dh * (1 - s.z) * (1 - s.g**2)  # of tanh's argument
    dr = dg * s.inner
    dz, dr = dz * s.z * (1 - s.z), dr * s.r * (1 - s.r)  # of the gates' arguments
    to_x = np.concatenate([dz, dr, dg], axis=-1)  # (batch, 3·units)
    to_h = np.concatenate([dz, dr, dg * s.r], axis=-1)  # the candidate sees h₋₁ through r
    return GRUStepGradients(
        x=to_x @ kernel.T,
        h_prev=dh * s.z + to_h @ recurrent_kernel.T,  # z is the carousel; the rest goes through the gates
        kernel=s.x.T @ to_x,
        recurrent_kernel=s.h_prev.T @ to_h,
        bias=np.stack([to_x.sum(axis=0), to_h.sum(axis=0)]),
    )
