"""`SelfAttention`: one causal block of a Transformer, as much of it as a comparison with an LSTM needs.

    s = x W_x + b_x + P_t                       what is read, and where it stands: positions are learnt
    q, k, v = norm(s) W + b                     of each step a question, a label and a content, for each head
    A = softmax(q kᵀ / √d)                      how much each step looks at each step up to itself: the causal mask
    s' = s + (A v) W_o + b_o                    residual: what was found is added
    y = s' + max(0, norm(s') W_1 + b_1) W_2 + b_2   a small dense part for each step, added too
    norm(s) = scale ⊙ (s − mean) / √(variance + 10⁻⁵) + offset

Vaswani et al. (2017), with the norm inside the residual branches (Xiong et al., 2020) as in GPT-2. There is no state:
each step looks at all steps before it, so time and memory of a training step grow with the square of the length.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import initializers
from .kernels import add_rows
from .layers import Layer, Signal, feature_count, flag, positive_integer, softmax
from .packing import PackedSequence, Packing

EPSILON = 1e-5
MOST_POSITIONS = 4_096
_AT_ONCE = 1 << 22
"""Shares that are in memory at a time where nothing has to be kept."""


class SelfAttention(Layer):
    """A causal self-attention block with learnt positions; its equations stand at the head of the file.

    Weights: `kernel` (features, units), `bias`, `positions` (positions, units); `norm_scale`, `norm_offset` (units,);
    `attention_kernel` (units, 3·units) in the order q, k, v, `attention_bias`; `output_kernel` (units, units),
    `output_bias`; `dense_norm_scale`, `dense_norm_offset`; `dense_kernel` (units, 2·units), `dense_bias`,
    `dense_output_kernel` (2·units, units), `dense_output_bias`.

    Parameters
    ----------
    units : length of each step's vector
    num_heads : how many attention patterns there are; each has units / num_heads numbers of q, k and v
    positions : the longest sequence it can read; a position that no training reached keeps the vector it was drawn with
    return_sequences : give y of every step (batch, time, units) rather than of the last (batch, units)

    Input (batch, time, features). A masked step is not there: nobody looks at it, and it has no position.
    """

    def __init__(self, units: int, num_heads: int = 4, positions: int = 512, return_sequences: bool = False) -> None:
        super().__init__()
        self.units, self.num_heads = positive_integer(units, "units"), positive_integer(num_heads, "num_heads")
        self.positions = positive_integer(positions, "positions")
        if self.units % self.num_heads:
            raise ValueError(f"num_heads must divide units, got {self.num_heads} heads for {self.units} units")
        if self.positions > MOST_POSITIONS:
            raise ValueError(f"positions must be at most {MOST_POSITIONS:,}, got {self.positions:,}")
        self.return_sequences = flag(return_sequences, "return_sequences")

    def get_config(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("units", "num_heads", "positions", "return_sequences")}

    def weight_shapes(self, input_shape: tuple[int | None, ...]) -> dict[str, tuple[int, ...]]:
        self.output_shape(input_shape)
        u, wide = self.units, 2 * self.units
        return {
            "kernel": (feature_count(input_shape, self), u), "bias": (u,), "positions": (self.positions, u),
            "norm_scale": (u,), "norm_offset": (u,), "attention_kernel": (u, 3 * u), "attention_bias": (3 * u,),
            "output_kernel": (u, u), "output_bias": (u,), "dense_norm_scale": (u,), "dense_norm_offset": (u,),
            "dense_kernel": (u, wide), "dense_bias": (wide,), "dense_output_kernel": (wide, u), "dense_output_bias": (u,),
        }  # fmt: skip

    def output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        if len(input_shape) != 3:
            raise ValueError(f"{type(self).__name__} expects (batch, time, features), got shape {tuple(input_shape)}")
        return (*input_shape[:2], self.units) if self.return_sequences else (input_shape[0], self.units)

    def initialize(self, rng: np.random.Generator) -> None:
        for name, value in self.params.items():
            if name == "positions":
                value[...] = initializers.draw("random_normal", value.shape, rng)
            elif value.ndim == 2:
                value[...] = initializers.draw("glorot_uniform", value.shape, rng)
            else:
                value[...] = 1 if name.endswith("scale") else 0

    # Passes ----------------------------------------------------------------------------------------------------------
    def forward(self, x: Signal, training: bool, rng: np.random.Generator | None) -> tuple[Signal, Any]:
        packing, p = self._check(x), self.params
        step = packing.places // max(packing.batch, 1)  # of each row, where it stands
        assert isinstance(x, PackedSequence)
        one_hot = x.depth is not None
        s = p["kernel"][x.values] if one_hot else x.values @ p["kernel"]
        s += p["bias"] + p["positions"][step]  # (rows, units)
        normed, norm = _norm(s, p["norm_scale"], p["norm_offset"])
        qkv = normed @ p["attention_kernel"] + p["attention_bias"]  # (rows, 3·units)
        mixed, shares = self._look(packing, qkv, keep=training)  # (rows, units)
        s = s + (mixed @ p["output_kernel"] + p["output_bias"])
        dense_normed, dense_norm = _norm(s, p["dense_norm_scale"], p["dense_norm_offset"])
        wide = np.maximum(dense_normed @ p["dense_kernel"] + p["dense_bias"], 0)
        y = s + (wide @ p["dense_output_kernel"] + p["dense_output_bias"])
        cache = (x, step, normed, norm, qkv, shares, mixed, dense_normed, dense_norm, wide, y) if training else None
        if self.return_sequences:
            return PackedSequence(y, packing), cache
        last = np.zeros((packing.batch, self.units), y.dtype)
        rows = packing.last_rows
        last[: len(rows)] = y[rows]
        return packing.unsort(last), cache

    def _check(self, x: Signal) -> Packing:
        if not isinstance(x, PackedSequence):
            raise ValueError(f"{type(self).__name__} expects (batch, time, features), got an array of shape {np.shape(x)}")
        features = x.depth if x.depth is not None else x.values.shape[-1]
        if features != len(self.params["kernel"]):
            raise ValueError(f"{self.name} expects {len(self.params['kernel'])} features, got {features}")
        if len(x.packing.counts) > self.positions:
            raise ValueError(
                f"{self.name} has learnt positions for {self.positions:,} steps, got a sequence of {len(x.packing.counts):,}"
            )
        return x.packing

    def _heads(self, packing: Packing, rows: np.ndarray) -> np.ndarray:
        """(rows, parts · units) → (parts, batch, heads, steps, units of a head)."""
        parts = rows.shape[1] // self.units
        grid = packing.spread(rows).reshape(len(packing.counts), packing.batch, parts, self.num_heads, -1)
        return grid.transpose(2, 1, 3, 0, 4)

    def _rows(self, packing: Packing, heads: np.ndarray) -> np.ndarray:
        """The way back, from (parts, batch, heads, steps, units of a head)."""
        grid = heads.transpose(3, 1, 0, 2, 4)
        return packing.gather(np.ascontiguousarray(grid).reshape(*grid.shape[:2], -1))

    def _look(self, packing: Packing, qkv: np.ndarray, keep: bool) -> tuple[np.ndarray, np.ndarray | None]:
        """A v (rows, units), and A (batch, heads, steps, steps) if it is to be kept, longest sequence first."""
        q, k, v = self._heads(packing, qkv)
        batch, heads, steps, width = q.shape
        later = np.triu(np.ones((steps, steps), bool), 1)
        out, kept = np.empty(q.shape, qkv.dtype), []
        size = batch if keep else max(1, _AT_ONCE // max(heads * steps * steps, 1))
        for start in range(0, batch, max(size, 1)):
            part = slice(start, start + size)
            scores = (q[part] * q.dtype.type(width**-0.5)) @ k[part].swapaxes(-1, -2)
            scores[..., later] = -np.inf
            shares = softmax(scores, out=scores)
            np.matmul(shares, v[part], out=out[part])
            if keep:
                kept.append(shares)
        return self._rows(packing, out[None]), np.concatenate(kept) if kept else None

    def backward(self, cache: Any, grad: np.ndarray, need_input: bool = True) -> np.ndarray | None:
        x, step, normed, norm, qkv, shares, mixed, dense_normed, dense_norm, wide, y = cache
        packing, p, g = x.packing, self.params, self.grads
        if self.return_sequences:
            dy = grad
        else:
            dy, rows = np.zeros_like(y), packing.last_rows
            dy[rows] = packing.sort(grad)[: len(rows)]
        # the dense part
        _dense_gradient(wide, dy, g, "dense_output_kernel", "dense_output_bias")
        d_wide = (dy @ p["dense_output_kernel"].T) * (wide > 0)
        _dense_gradient(dense_normed, d_wide, g, "dense_kernel", "dense_bias")
        ds = dy + _norm_gradient(d_wide @ p["dense_kernel"].T, dense_norm, p["dense_norm_scale"], g, "dense_norm")
        # attention
        _dense_gradient(mixed, ds, g, "output_kernel", "output_bias")
        [d_mixed] = self._heads(packing, ds @ p["output_kernel"].T)
        q, k, v = self._heads(packing, qkv)
        scale = q.dtype.type(q.shape[-1] ** -0.5)
        d_shares = d_mixed @ v.swapaxes(-1, -2)
        d_scores = shares * (d_shares - (d_shares * shares).sum(axis=-1, keepdims=True)) * scale
        d_qkv = self._rows(packing, np.stack([d_scores @ k, d_scores.swapaxes(-1, -2) @ q, shares.swapaxes(-1, -2) @ d_mixed]))
        _dense_gradient(normed, d_qkv, g, "attention_kernel", "attention_bias")
        ds = ds + _norm_gradient(d_qkv @ p["attention_kernel"].T, norm, p["norm_scale"], g, "norm")
        # what was read, and where it stood
        add_rows(ds, step, g["positions"])
        np.sum(ds, axis=0, out=g["bias"])
        if x.depth is not None:
            add_rows(ds, x.values, g["kernel"])
            return None
        np.matmul(x.values.T, ds, out=g["kernel"])
        return ds @ p["kernel"].T if need_input else None

    def at_masked_steps(self, blank: np.ndarray | None, repeats: bool) -> tuple[np.ndarray | None, bool]:
        return None, False

    def trace(self, cache: Any) -> list[dict[str, np.ndarray]]:
        """`h`, which is y (batch, time, units), and `attention` (batch, heads, steps, steps), padding left out of the steps."""
        packing: Packing = cache[0].packing
        return [{"h": packing.unpack(cache[-1]), "attention": packing.unsort(cache[5]).copy()}]


def _norm(s: np.ndarray, scale: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """scale ⊙ ŝ + offset with ŝ of mean 0 and variance 1 in each row; and ŝ with what it was divided by, for the way back."""
    centred = s - s.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.mean(centred * centred, axis=1, keepdims=True) + s.dtype.type(EPSILON))
    centred /= spread
    return centred * scale + offset, (centred, spread)


def _norm_gradient(
    grad: np.ndarray, cache: tuple[np.ndarray, np.ndarray], scale: np.ndarray, grads: dict[str, np.ndarray], name: str
) -> np.ndarray:
    """Through `_norm`: a shift and a stretch of a whole row change nothing, so those parts of the gradient drop out."""
    normed, spread = cache
    np.sum(grad * normed, axis=0, out=grads[f"{name}_scale"])
    np.sum(grad, axis=0, out=grads[f"{name}_offset"])
    grad = grad * scale
    shift, stretch = grad.mean(axis=1, keepdims=True), (grad * normed).mean(axis=1, keepdims=True)
    return (grad - shift - normed * stretch) / spread


def _dense_gradient(x: np.ndarray, grad: np.ndarray, grads: dict[str, np.ndarray], kernel: str, bias: str) -> None:
    np.matmul(x.T, grad, out=grads[kernel])
    np.sum(grad, axis=0, out=grads[bias])
