"""One LSTM time step, forward and backward: the equations, and nothing else.

This is the file to read first. Everything the lab computes is these six equations, repeated over time;
`kernels.py` runs the same arithmetic faster and names the equation each of its blocks reorders.

    z = x W + h₋₁ U + b           pre-activations of the four gates, side by side
    i = σ(z_i)                    input gate:     how much of the candidate is written
    f = σ(z_f)                    forget gate:    how much of the old cell state stays
    g = tanh(z_g)                 candidate c̃:    what would be written
    o = σ(z_o)                    output gate:    how much of the cell state is shown
    c = f ⊙ c₋₁ + i ⊙ g           cell state:     a sum, which is why gradients survive it
    h = o ⊙ tanh(c)               hidden state:   what the rest of the network sees

Hochreiter & Schmidhuber (1997), with the forget gate of Gers, Schmidhuber & Cummins (2000).
The gate order i, f, c (here g), o and the weight shapes are those of Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

GATES = ("i", "f", "g", "o")
"""The order in which the gates stand in `kernel`, `recurrent_kernel` and `bias`."""

ACTIVATIONS = ("tanh", "sigmoid", "relu")
"""What may squash the candidate and the cell state on its way out. The LSTM of the papers has tanh; `LSTM` takes "tanh" and "relu"."""


@dataclass(frozen=True)
class Step:
    """Every number of one time step. Shapes: `x` (batch, features), all others (batch, units).

    `tanh_c` is `activation(c)`, which is tanh unless `forward` was told otherwise.
    """

    x: np.ndarray
    h_prev: np.ndarray
    c_prev: np.ndarray
    z_i: np.ndarray
    z_f: np.ndarray
    z_g: np.ndarray
    z_o: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    tanh_c: np.ndarray
    h: np.ndarray
    clamped: frozenset[str] = frozenset()
    activation: str = "tanh"


@dataclass(frozen=True)
class StepGradients:
    """Gradients of a loss with respect to everything that went into one `Step`, and everything inside it.

    `z` (batch, 4·units) are those of the pre-activations; `c` counts both ways on from the cell state, the next step
    and h. Shapes are otherwise those of what they are the gradient of.
    """

    x: np.ndarray
    h_prev: np.ndarray
    c_prev: np.ndarray
    z: np.ndarray
    i: np.ndarray
    f: np.ndarray
    g: np.ndarray
    o: np.ndarray
    c: np.ndarray
    tanh_c: np.ndarray
    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray


def sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z) = 1 / (1 + e⁻ᶻ), written with tanh so that no z overflows."""
    return 0.5 * np.tanh(0.5 * z) + 0.5


def squash(z: np.ndarray, activation: str = "tanh") -> np.ndarray:
    """tanh(z), σ(z) or max(z, 0)."""
    functions: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "tanh": np.tanh, "sigmoid": sigmoid, "relu": lambda z: np.maximum(z, 0.0),
    }  # fmt: skip
    return functions[activation](z)


def slope(value: np.ndarray, activation: str = "tanh") -> np.ndarray:
    """The derivative of `squash` where it has this value: tanh' = 1 − tanh², σ' = σ (1 − σ), and 1 or 0."""
    if activation == "tanh":
        return 1.0 - value**2
    return value * (1.0 - value) if activation == "sigmoid" else (value > 0).astype(value.dtype)


def forward(
    x: np.ndarray,
    h_prev: np.ndarray,
    c_prev: np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    clamp: Mapping[str, float] | None = None,
    activation: str = "tanh",
) -> Step:
    """Compute one time step.

    Parameters
    ----------
    x : (batch, features)
    h_prev, c_prev : (batch, units), the states the step before left behind
    kernel : (features, 4·units), W; recurrent_kernel : (units, 4·units), U; bias : (4·units,), b
    clamp : gates held at a fixed value instead of computed, such as `{"f": 1.0}` (keys from `GATES`)
    activation : one of `ACTIVATIONS`, in place of both tanh, as Keras's argument of this name

    Raises
    ------
    ValueError
        If a clamped gate or the activation does not exist.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
    clamp = dict(clamp or {})
    if unknown := sorted(set(clamp) - set(GATES)):
        raise ValueError(f"clamp takes the gates {', '.join(GATES)}, got {', '.join(map(str, unknown))}")

    z = x @ kernel + h_prev @ recurrent_kernel + bias  # (batch, 4·units)
    z_i, z_f, z_g, z_o = np.split(z, 4, axis=-1)  # each (batch, units)

    i, f, g, o = sigmoid(z_i), sigmoid(z_f), squash(z_g, activation), sigmoid(z_o)
    if clamp:
        held = {name: np.full_like(i, value) for name, value in clamp.items()}
        i, f, g, o = held.get("i", i), held.get("f", f), held.get("g", g), held.get("o", o)

    c = f * c_prev + i * g
    tanh_c = squash(c, activation)
    h = o * tanh_c
    return Step(x, h_prev, c_prev, z_i, z_f, z_g, z_o, i, f, g, o, c, tanh_c, h, frozenset(clamp), activation)


def backward(
    step: Step, dh: np.ndarray, dc: np.ndarray, kernel: np.ndarray, recurrent_kernel: np.ndarray
) -> StepGradients:
    """Send a gradient back through one time step.

    Parameters
    ----------
    step : what `forward` returned
    dh, dc : (batch, units), ∂loss/∂h and ∂loss/∂c as they arrive from the output and from the step after
    kernel, recurrent_kernel : the weights `forward` used
    """
    s = step
    do = dh * s.tanh_c  # h = o tanh(c)
    dtanh_c = dh * s.o
    dc = dc + dtanh_c * slope(s.tanh_c, s.activation)  # tanh' = 1 − tanh²
    df = dc * s.c_prev  # c = f c₋₁ + i g
    di = dc * s.g
    dg = dc * s.i
    dc_prev = dc * s.f  # the carousel: no weight and no squashing on this way back

    by_gate = {"i": di * s.i * (1.0 - s.i), "f": df * s.f * (1.0 - s.f), "g": dg * slope(s.g, s.activation), "o": do * s.o * (1.0 - s.o)}
    # A clamped gate is a constant: nothing that made z matters to it.
    dz = np.concatenate([np.zeros_like(by_gate[n]) if n in s.clamped else by_gate[n] for n in GATES], axis=-1)  # (batch, 4·units)

    return StepGradients(
        x=dz @ kernel.T,
        h_prev=dz @ recurrent_kernel.T,
        c_prev=dc_prev,
        z=dz,
        i=di,
        f=df,
        g=dg,
        o=do,
        c=dc,
        tanh_c=dtanh_c,
        kernel=s.x.T @ dz,
        recurrent_kernel=s.h_prev.T @ dz,
        bias=dz.sum(axis=0),
    )


def unroll(
    xs: Sequence[np.ndarray] | np.ndarray,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    h0: np.ndarray | None = None,
    c0: np.ndarray | None = None,
    clamp: Mapping[str, float] | None = None,
    activation: str = "tanh",
) -> list[Step]:
    """Run `forward` over a sequence, each step starting from the states of the one before.

    Parameters
    ----------
    xs : time steps, each (batch, features); an array (time, batch, features) will do
    h0, c0 : (batch, units), zeros where left out
    """
    steps: list[Step] = []
    if len(xs) == 0:
        return steps
    zeros = np.zeros((np.shape(xs[0])[0], recurrent_kernel.shape[0]), dtype=kernel.dtype)
    h, c = zeros if h0 is None else h0, zeros if c0 is None else c0
    for x in xs:
        steps.append(forward(x, h, c, kernel, recurrent_kernel, bias, clamp, activation))
        h, c = steps[-1].h, steps[-1].c
    return steps
