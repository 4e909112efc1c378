"""The fast path of the GRU: the equations of `gru_cell.py` over all time steps, in the manner of `kernels.py`.

What is stored of a step is (4, rows, units): inner, z, r, g, where inner = h₋₁ U_g + c_g. In this order what the recurrent
product feeds (inner, z, r) and what the input feeds (z, r, g) are one slice each, and so are their gradients. Therefore
`recurrent_kernel` and the second row of `bias` lie in the order g, z, r; `kernel` and the first row in the order z, r, g.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .kernels import _CHUNK, Projection, Workspace, in_blocks, step_groups
from .packing import PackedSequence, Packing


class _Weights:
    """What a pass makes of the weights once: z and r halved, since σ(y) = ½ tanh(½y) + ½; c_z and c_r put beside b."""

    def __init__(
        self, x: PackedSequence, kernel: np.ndarray, recurrent_kernel: np.ndarray, bias: np.ndarray, product: np.ndarray
    ) -> None:
        halves = np.array([0.5, 0.5, 1.0], kernel.dtype)[:, None]  # of z, r, g
        given = bias[0].copy()
        given[:2] += bias[1, 1:]
        self.projection = Projection(x, kernel * halves[..., None], given * halves)
        self.recurrent, self.product = in_blocks(
            x.packing.batch, recurrent_kernel * np.roll(halves, 1, axis=0)[..., None], product
        )
        self.inner_bias, self.half = bias[1, 0], kernel.dtype.type(0.5)


def gru_forward(
    x: PackedSequence,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    h0: np.ndarray | None,
    work: Workspace,
) -> dict[str, np.ndarray]:
    """All time steps, keeping what `gru_backward` needs.

    Parameters
    ----------
    kernel (3, features, units), recurrent_kernel (3, units, units), bias (2, 3, units): gates as the file's head says
    h0 : (batch, units), longest sequence first; None stands for zeros

    Returns
    -------
    "gates" (4, rows, units); "h" (batch + rows, units), initial states first
    """
    packing, units, dtype = x.packing, recurrent_kernel.shape[-1], recurrent_kernel.dtype
    batch = packing.batch
    gates = work.array("gates", (4, packing.rows, units), dtype)
    h = work.array("h", (batch + packing.rows, units), dtype)
    product = work.array("product", (3, batch, units), dtype)
    scratch = work.array("z", (3 * batch * units,), dtype)
    h[:batch] = 0 if h0 is None else h0
    weights = _Weights(x, kernel, recurrent_kernel, bias, product)
    for n, now, before, after in packing.steps:
        z = scratch[: 3 * n * units].reshape(3, n, units)
        inner = _gates(weights, now, h[before], product[:, :n], z)
        stored = gates[:, now]
        stored[0] = inner
        stored[1:] = z
        _state(z, h[before], out=h[after])
    return {"gates": gates, "h": h}


def _gates(weights: _Weights, now: slice, h_prev: np.ndarray, product: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Fill `z` (3, n, units) with z, r and g of one step; returns inner, which lies in `product`."""
    n = len(h_prev)
    weights.projection(now, out=z)
    np.matmul(h_prev, weights.recurrent, out=weights.product[:, :, :n])
    inner = product[0]
    inner += weights.inner_bias
    both = z[:2]
    both += product[1:]
    np.tanh(both, out=both)  # z, r = σ(x W + b + h₋₁ U + c)
    both *= weights.half
    both += weights.half
    z[2] += np.multiply(z[1], inner, out=product[1])  # g = tanh(x W + b + r ⊙ inner)
    np.tanh(z[2], out=z[2])
    return inner


def _state(z: np.ndarray, h_prev: np.ndarray, out: np.ndarray) -> None:
    """h = z ⊙ h₋₁ + (1 − z) ⊙ g = g + z ⊙ (h₋₁ − g); `out` may be `h_prev`."""
    np.subtract(h_prev, z[2], out=out)
    out *= z[0]
    out += z[2]


def gru_backward(
    packing: Packing,
    cache: dict[str, np.ndarray],
    recurrent_kernel: np.ndarray,
    dh_steps: np.ndarray | None,
    dh: np.ndarray,
    drecurrent: np.ndarray,
    dbias: np.ndarray,
    work: Workspace,
) -> np.ndarray:
    """Send gradients back through all time steps.

    Long because it is one loop over steps whose factors are prepared around it, as in `lstm_backward`.

    Parameters
    ----------
    cache : what `gru_forward` returned; its "gates" are overwritten
    dh_steps : (rows, units), ∂loss/∂h of every step, or None
    dh : (batch, units), ∂loss/∂h of each sequence's last step; afterwards that of h0
    drecurrent, dbias : (3, units, units) and (3, units), receive ∂loss/∂U and ∂loss/∂c in the order g, z, r

    Returns
    -------
    dz : (3, rows, units), ∂loss/∂(x W + b) in the order z, r, g
    """
    gates, h = cache["gates"], cache["h"]
    units, dtype, rows = gates.shape[-1], gates.dtype, packing.rows
    ragged = packing.index is not None
    came_from: Any = packing.previous_rows() if ragged else slice(0, rows)
    local = work.array("local", (4, max(_CHUNK // units, packing.batch), units), dtype)
    product = work.array("product", (3, packing.batch, units), dtype)
    held = work.array("held", (packing.batch, units), dtype)
    transposed, product_blocks = in_blocks(
        packing.batch, np.ascontiguousarray(recurrent_kernel.transpose(0, 2, 1)), product
    )
    for start, stop, chunk in reversed(step_groups(packing, units)):
        first, size = chunk.start, chunk.stop - chunk.start
        inner, z, r, g = gates[:, chunk]
        h_prev = h[came_from[chunk]] if ragged else h[chunk]
        # All four are ∂loss/∂h times a factor that no other step waits for.
        d_inner, dz, dr, dg = local[:, :size]
        np.subtract(1, z, out=dr)
        np.multiply(g, g, out=dg)
        np.subtract(1, dg, out=dg)
        dg *= dr  # g: (1 − z)(1 − g²)
        np.subtract(h_prev, g, out=dz)
        dz *= z
        dz *= dr  # z: (h₋₁ − g) z (1 − z)
        np.multiply(dg, r, out=d_inner)  # inner: what g gets, through r
        np.subtract(1, r, out=dr)
        dr *= d_inner
        dr *= inner  # r: what g gets, times inner r (1 − r)
        for t in range(stop - 1, start - 1, -1):
            n, now, _, _ = packing.steps[t]
            dh_t, held_t = dh[:n], held[:n]
            if dh_steps is not None:
                dh_t += dh_steps[now]
            step = gates[:, now]
            held_t[...] = step[1]  # z, before its gradient takes its place
            np.multiply(dh_t, local[:, now.start - first : now.stop - first], out=step)
            dh_t *= held_t  # the carousel
            np.matmul(step[:3, None], transposed, out=product_blocks[:, :, :n])
            for k in range(3):  # ∂loss/∂h₋₁ also comes through inner, z and r
                dh_t += product[k, :n]
    np.matmul(h[came_from].T, gates[:3], out=drecurrent)  # over all steps at once
    np.sum(gates[:3], axis=1, out=dbias)
    return gates[1:]


def gru_infer(
    x: PackedSequence,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    h: np.ndarray,
    out: np.ndarray | None,
) -> None:
    """All time steps with nothing kept: `h` (batch, units) is advanced in place, `out` (rows, units) gets each h."""
    packing, units, dtype = x.packing, recurrent_kernel.shape[-1], recurrent_kernel.dtype
    product, scratch = np.empty((3, packing.batch, units), dtype), np.empty(3 * packing.batch * units, dtype)
    weights = _Weights(x, kernel, recurrent_kernel, bias, product)
    for n, now, _, _ in packing.steps:
        z, h_t = scratch[: 3 * n * units].reshape(3, n, units), h[:n]
        _gates(weights, now, h_t, product[:, :n], z)
        _state(z, h_t, out=h_t)
        if out is not None:
            out[now] = h_t
