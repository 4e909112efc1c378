"""The fast path: the equations of `cell.py` over all time steps, forward and backward.

The arithmetic is that of `cell.py`; a test holds the two equal. What differs is where the numbers lie and when they
are computed, and each block below names the equation it reorders. What makes it fast:

- Gates stand apart: pre-activations and gates are (4, rows, units), so each gate of a step is one contiguous block,
  and a product with (4, units, units) becomes four small matrix products that stay in the processor's cache.
- The order inside is o, i, f, g: the three sigmoids are neighbours, and so are the three gates that c depends on.
- σ(z) = ½ tanh(½z) + ½, so with the weights of o, i and f halved beforehand one `tanh` serves all four gates.
- Each step is computed in one small contiguous array, and only its gates are stored where the backward pass wants
  them: NumPy takes a detour for every elementwise call on an array with gaps.
- x W + b is one product with b as a last row of W, or a look-up when x is one-hot; weight gradients are one product
  over all steps.
- The factors of the backward pass that no other step waits for are computed for several steps at a time.

Rows are packed as `packing.py` describes. `states` arrays hold the batch's initial states first and then one row for
each packed row, so the states before a step are always one slice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .packing import PackedSequence, Packing

GATE_ORDER = (3, 0, 1, 2)
"""Where o, i, f, g stand in Keras's i, f, g, o; `np.argsort` of it is the way back."""

_CHUNK = 1 << 15
"""Elements of one (rows, units) block that the backward pass prepares at a time: about what a core's cache holds."""

_SMALL = 1_000_000
"""OpenBLAS multiplies (m, k) by (k, n) without first copying both if m·k·n is at most this."""


class Workspace:
    """Buffers that are kept between calls, since asking the system for fresh memory costs more than filling it.

    A workspace belongs to one forward pass and its backward pass; a layer keeps a stack of free ones, so two passes
    under way at once, in two threads or two models, never share a buffer.
    """

    def __init__(self) -> None:
        self._buffers: dict[tuple[str, np.dtype], np.ndarray] = {}

    def array(self, name: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """An uninitialized array; its content lasts until the same name is asked for again."""
        size = int(np.prod(shape))
        buffer = self._buffers.get((name, dtype))
        if buffer is None or buffer.size < size:
            buffer = self._buffers[name, dtype] = np.empty(size, dtype)
        return buffer[:size].reshape(shape)


def split_gates(weights: np.ndarray, order: tuple[int, ...] = GATE_ORDER) -> np.ndarray:
    """Keras's (…, 4·units) in the order i, f, g, o → (4, …, units) in the order o, i, f, g; or as `order` says."""
    gates = weights.reshape(*weights.shape[:-1], len(order), weights.shape[-1] // len(order))
    return np.ascontiguousarray(np.moveaxis(gates, -2, 0)[list(order)])


def join_gates(gates: np.ndarray, order: tuple[int, ...] = GATE_ORDER) -> np.ndarray:
    """The way back: (4, …, units) in the order o, i, f, g → Keras's (…, 4·units) in the order i, f, g, o."""
    keras_order = np.moveaxis(gates[list(np.argsort(order))], 0, -2)
    return np.ascontiguousarray(keras_order).reshape(*keras_order.shape[:-2], -1)


def in_blocks(rows: int, weights: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Views of `weights` (gates, units, units) and `product` (gates, rows, units) as blocks of columns.

    A product of a few rows with a large matrix is quicker in pieces small enough for OpenBLAS to take them as they
    are; no number is computed differently. Both views are (gates, blocks, …, columns).
    """
    gates, units, columns = weights.shape
    fitting = [k for k in range(1, columns // 16 + 1) if columns % k == 0 and rows * units * (columns // k) <= _SMALL]
    blocks = fitting[0] if fitting else 1
    shape = (blocks, columns // blocks)
    return (
        weights.reshape(gates, units, *shape).transpose(0, 2, 1, 3),
        product.reshape(gates, -1, *shape).transpose(0, 2, 1, 3),
    )


class Projection:
    """x W + b for some of the packed rows. `kernel` (gates, features, units), `bias` (gates, units)."""

    def __init__(self, x: PackedSequence, kernel: np.ndarray, bias: np.ndarray) -> None:
        self.one_hot = x.depth is not None
        if self.one_hot:  # x W is a row of W, and b may as well stand in that row already
            self.x, self.kernel = x.values, kernel + bias[:, None, :]
        else:  # b is one more row of W, for a feature that is always 1
            self.x, self.kernel = with_ones(x.values), np.concatenate([kernel, bias[:, None, :]], axis=1)

    def __call__(self, rows: slice, out: np.ndarray) -> None:
        """Write the projection of `rows` into `out` (gates, rows, units), which must be contiguous."""
        if self.one_hot:
            np.take(self.kernel, self.x[rows], axis=1, out=out, mode="clip")
        else:
            np.matmul(self.x[rows], self.kernel, out=out)


def with_ones(x: np.ndarray) -> np.ndarray:
    """`x` (rows, features) with a column of ones on its right."""
    out = np.empty((x.shape[0], x.shape[1] + 1), x.dtype)
    out[:, :-1] = x
    out[:, -1] = 1
    return out


def step_groups(packing: Packing, units: int) -> list[tuple[int, int, slice]]:
    """Consecutive steps whose rows fit into the cache together: (first step, step after the last, their rows)."""
    most, groups, start = max(_CHUNK // units, packing.batch), [], 0
    for t in range(1, len(packing.counts) + 1):
        if t == len(packing.counts) or packing.offsets[t + 1] - packing.offsets[start] > most:
            groups.append((start, t, slice(packing.offsets[start], packing.offsets[t])))
            start = t
    return groups


def project_gradients(x: PackedSequence, dz: np.ndarray, dkernel: np.ndarray, dbias: np.ndarray) -> None:
    """∂loss/∂W and ∂loss/∂b from `dz` (gates, rows, units), for all steps at once."""
    if x.depth is not None:
        add_rows(dz, x.values, dkernel)
        np.sum(dkernel, axis=1, out=dbias)  # every one-hot vector has exactly one 1, so b is the sum of W's rows
    else:
        both = np.matmul(with_ones(x.values).T, dz)
        dkernel[...], dbias[...] = both[:, :-1], both[:, -1]


def add_rows(rows: np.ndarray, ids: np.ndarray, out: np.ndarray) -> None:
    """`out[..., ids[n], :]` = the sum of `rows[..., n, :]`: the gradient of a look-up. `out` (…, size, features)."""
    size = out.shape[-2]
    out[...] = 0
    if ids.size == 0:
        return
    order = np.argsort(ids.astype(np.uint16) if size <= 1 << 16 else ids, kind="stable")  # 16 bits: a radix sort
    in_order = ids[order]
    starts = np.flatnonzero(np.diff(in_order, prepend=-1))
    hit = in_order[starts]
    rows = np.take(rows, order, axis=-2, mode="clip")  # all of one id are neighbours now
    if len(hit) * 8 > ids.size:
        out[..., hit, :] = np.add.reduceat(rows, starts, axis=-2)
        return
    ones = np.ones((1, ids.size), rows.dtype)
    for one, start, stop in zip(hit.tolist(), starts.tolist(), [*starts[1:].tolist(), ids.size]):
        np.matmul(ones[:, start:stop], rows[..., start:stop, :], out=out[..., one : one + 1, :])


def input_gradient(dz: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """∂loss/∂x (rows, features) = Σ over the gates of dz Wᵀ."""
    dx = np.empty((dz.shape[1], kernel.shape[1]), dz.dtype)
    transposed = np.ascontiguousarray(kernel.transpose(0, 2, 1))
    size = max(64, _CHUNK // kernel.shape[1])
    product = np.empty((len(dz), min(size, len(dx)), kernel.shape[1]), dz.dtype)
    for start in range(0, len(dx), size):
        rows = slice(start, start + size)
        part = product[:, : len(dx[rows])]
        np.add.reduce(np.matmul(dz[:, rows], transposed, out=part), axis=0, out=dx[rows])
    return dx


def lstm_forward(
    x: PackedSequence,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    h0: np.ndarray | None,
    c0: np.ndarray | None,
    relu: bool,
    work: Workspace,
) -> dict[str, np.ndarray]:
    """All time steps, keeping what `lstm_backward` needs.

    Parameters
    ----------
    kernel (4, features, units), recurrent_kernel (4, units, units), bias (4, units): gates in the order o, i, f, g
    h0, c0 : (batch, units), longest sequence first; None stands for zeros
    relu : whether the candidate and the cell's output use max(0, ·) in place of tanh

    Returns
    -------
    "gates" (4, rows, units); "h" and "c" (batch + rows, units), initial states first; "tanh_c" (rows, units), tanh(c)
    """
    packing, units, dtype = x.packing, recurrent_kernel.shape[-1], recurrent_kernel.dtype
    batch = packing.batch
    gates = work.array("gates", (4, packing.rows, units), dtype)
    h = work.array("h", (batch + packing.rows, units), dtype)
    c = work.array("c", (batch + packing.rows, units), dtype)
    tanh_c = work.array("tanh_c", (packing.rows, units), dtype)
    product = work.array("product", (4, batch, units), dtype)
    written = work.array("written", (batch, units), dtype)
    h[:batch] = 0 if h0 is None else h0
    c[:batch] = 0 if c0 is None else c0

    half = dtype.type(0.5)
    halves = np.array([0.5, 0.5, 0.5, 1.0], dtype)  # σ(z) = ½ tanh(½z) + ½ for o, i, f; g is a plain tanh
    recurrent, product_blocks = in_blocks(batch, recurrent_kernel * halves[:, None, None], product)
    projection = Projection(x, kernel * halves[:, None, None], bias * halves[:, None])

    scratch = work.array("z", (4 * batch * units,), dtype)

    for t, (n, now, before, after) in enumerate(packing.steps):
        z, stored, c_t, tanh_c_t = scratch[: 4 * n * units].reshape(4, n, units), gates[:, now], c[after], tanh_c[now]

        projection(now, out=z)  # z = x W + h₋₁ U + b
        if t > 0 or h0 is not None:
            np.matmul(h[before], recurrent, out=product_blocks[:, :, :n])
            z += product[:, :n]
        _squash(z, half, relu)
        np.add(z[:3], half, out=stored[:3])  # o, i, f = σ(z)
        o, i, f, g = stored
        g[...] = z[3]

        np.multiply(f, c[before], out=c_t)  # c = f ⊙ c₋₁ + i ⊙ g
        c_t += np.multiply(i, g, out=written[:n])
        np.maximum(c_t, 0, out=tanh_c_t) if relu else np.tanh(c_t, out=tanh_c_t)
        np.multiply(o, tanh_c_t, out=h[after])  # h = o ⊙ tanh(c)
    return {"gates": gates, "h": h, "c": c, "tanh_c": tanh_c}


def _squash(z: np.ndarray, half: np.floating, relu: bool) -> None:
    """In place, from the halved z of o, i, f and the plain one of g: ½ tanh(½z), to which ½ is still to be added, and tanh(z)."""
    if relu:
        np.tanh(z[:3], out=z[:3])
        np.maximum(z[3], 0, out=z[3])
    else:
        np.tanh(z, out=z)
    z[:3] *= half


def lstm_backward(
    packing: Packing,
    cache: dict[str, np.ndarray],
    recurrent_kernel: np.ndarray,
    dh_steps: np.ndarray | None,
    dh: np.ndarray,
    dc: np.ndarray,
    drecurrent: np.ndarray,
    relu: bool,
    work: Workspace,
    to_initial: bool = True,
) -> np.ndarray:
    """Send gradients back through all time steps.

    Long because it is one loop over steps whose buffers and factors are prepared around it; cut up, every
    piece would take a dozen arrays as arguments.

    Parameters
    ----------
    cache : what `lstm_forward` returned; its "gates" are overwritten
    dh_steps : (rows, units), ∂loss/∂h of every step, or None
    dh, dc : (batch, units), ∂loss/∂h and ∂loss/∂c of each sequence's last step; afterwards those of h0 and c0
    drecurrent : (4, units, units), receives ∂loss/∂U
    to_initial : whether ∂loss/∂h0 is wanted; without it `dh` is left unfinished

    Returns
    -------
    dz : (4, rows, units), ∂loss/∂z, from which `project_gradients` and `input_gradient` follow
    """
    gates, h, c, tanh_c = cache["gates"], cache["h"], cache["c"], cache["tanh_c"]
    units, dtype, rows = gates.shape[-1], gates.dtype, packing.rows
    ragged = packing.index is not None
    came_from: Any = packing.previous_rows() if ragged else slice(0, rows)
    chunk_rows = max(_CHUNK // units, packing.batch)
    local = work.array("local", (4, chunk_rows, units), dtype)
    through_h = work.array("through_h", (chunk_rows, units), dtype)
    product = work.array("product", (4, packing.batch, units), dtype)
    step_dc = work.array("written", (packing.batch, units), dtype)
    # A copy of Uᵀ: BLAS is twice as fast on it as on a transposed view.
    transposed, product_blocks = in_blocks(
        packing.batch, np.ascontiguousarray(recurrent_kernel.transpose(0, 2, 1)), product
    )

    for start, stop, chunk in reversed(step_groups(packing, units)):
        first, size = chunk.start, chunk.stop - chunk.start
        o, i, _, g = gates[:, chunk]
        c_prev = c[came_from[chunk]] if ragged else c[chunk]

        # What dz is to be multiplied with: for o, i, f the slope s(1 − s) and the other factor of its product, …
        slope = np.subtract(1, gates[:3, chunk], out=local[:3, :size])
        slope *= gates[:3, chunk]
        slope[0] *= tanh_c[chunk]  # h = o ⊙ tanh(c)
        slope[1] *= g  # c = f ⊙ c₋₁ + i ⊙ g
        slope[2] *= c_prev
        # … for g the slope 1 − g² and i, and from h to c the slope 1 − tanh²(c) and o.
        _squash_slope(g, relu, out=local[3, :size])
        local[3, :size] *= i
        _squash_slope(tanh_c[chunk], relu, out=through_h[:size])
        through_h[:size] *= o

        for t in range(stop - 1, start - 1, -1):
            n, now, _, _ = packing.steps[t]
            here = slice(now.start - first, now.stop - first)
            dh_t, dc_t, f_t = dh[:n], dc[:n], step_dc[:n]
            if dh_steps is not None:
                dh_t += dh_steps[now]
            dc_t += np.multiply(dh_t, through_h[here], out=step_dc[:n])
            dz = gates[:, now]
            f_t[...] = dz[2]  # f, before dz takes its place
            np.multiply(dh_t, local[0, here], out=dz[0])
            np.multiply(dc_t, local[1:, here], out=dz[1:])
            dc_t *= f_t  # the carousel
            if t > 0 or to_initial:
                # ∂loss/∂h₋₁ = dz Uᵀ, summed over the gates
                np.matmul(dz[:, None], transposed, out=product_blocks[:, :, :n])
                np.add(product[0, :n], product[1, :n], out=dh_t)
                dh_t += product[2, :n]
                dh_t += product[3, :n]

    h_prev = h[came_from]
    np.matmul(h_prev.T, gates, out=drecurrent)  # ∂loss/∂U = h₋₁ᵀ dz, over all steps at once
    return gates


def _squash_slope(value: np.ndarray, relu: bool, out: np.ndarray) -> None:
    """The derivative of tanh, or of max(0, ·), written in terms of its value."""
    if relu:
        np.greater(value, 0, out=out, casting="unsafe")
    else:
        np.multiply(value, value, out=out)
        np.subtract(1, out, out=out)


def lstm_infer(
    x: PackedSequence,
    kernel: np.ndarray,
    recurrent_kernel: np.ndarray,
    bias: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    relu: bool,
    out: np.ndarray | None,
) -> None:
    """All time steps with nothing kept: `h` and `c` (batch, units) are advanced in place, `out` (rows, units) gets each h."""
    packing, units, dtype = x.packing, recurrent_kernel.shape[-1], recurrent_kernel.dtype
    halves = np.array([0.5, 0.5, 0.5, 1.0], dtype)
    projection = Projection(x, kernel * halves[:, None, None], bias * halves[:, None])
    product, written = np.empty((4, packing.batch, units), dtype), np.empty((packing.batch, units), dtype)
    recurrent, product_blocks = in_blocks(packing.batch, recurrent_kernel * halves[:, None, None], product)
    half = dtype.type(0.5)
    scratch = np.empty(4 * packing.batch * units, dtype)
    for n, now, _, _ in packing.steps:
        z, h_t, c_t, new = scratch[: 4 * n * units].reshape(4, n, units), h[:n], c[:n], written[:n]
        projection(now, out=z)
        np.matmul(h_t, recurrent, out=product_blocks[:, :, :n])
        z += product[:, :n]
        _squash(z, half, relu)
        z[:3] += half
        o, i, f, g = z
        c_t *= f
        c_t += np.multiply(i, g, out=new)
        np.maximum(c_t, 0, out=new) if relu else np.tanh(c_t, out=new)
        np.multiply(o, new, out=h_t)
        if out is not None:
            out[now] = h_t


def rnn_forward(
    x: PackedSequence, kernel: np.ndarray, recurrent_kernel: np.ndarray, bias: np.ndarray, h0: np.ndarray | None, work: Workspace
) -> np.ndarray:
    """h = tanh(x W + h₋₁ U + b) over all steps. Returns h (batch + rows, units), initial states first."""
    packing, units, dtype = x.packing, recurrent_kernel.shape[-1], recurrent_kernel.dtype
    batch = packing.batch
    h = work.array("h", (batch + packing.rows, units), dtype)
    h[:batch] = 0 if h0 is None else h0
    Projection(x, kernel[None], bias[None])(slice(0, packing.rows), out=h[None, batch:])
    product = work.array("product", (batch, units), dtype)
    for n, _, before, after in packing.steps:
        z = h[after]
        z += np.matmul(h[before], recurrent_kernel, out=product[:n])
        np.tanh(z, out=z)
    return h


def rnn_backward(
    packing: Packing,
    h: np.ndarray,
    recurrent_kernel: np.ndarray,
    dh_steps: np.ndarray | None,
    dh: np.ndarray,
    drecurrent: np.ndarray,
    work: Workspace,
) -> np.ndarray:
    """The way back through `rnn_forward`; arguments and result as in `lstm_backward`, dz being (rows, units)."""
    rows, batch = packing.rows, packing.batch
    dz = work.array("dz", (rows, h.shape[1]), h.dtype)
    _squash_slope(h[batch:], False, out=dz)  # tanh' = 1 − h²
    for n, now, _, _ in reversed(packing.steps):
        dh_t, dz_t = dh[:n], dz[now]
        if dh_steps is not None:
            dh_t += dh_steps[now]
        dz_t *= dh_t
        np.matmul(dz_t, recurrent_kernel.T, out=dh_t)
    h_prev = h[packing.previous_rows()] if packing.index is not None else h[:rows]
    np.matmul(h_prev.T, dz, out=drecurrent)
    return dz
