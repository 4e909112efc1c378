"""The GRU: one step by hand and against differences, and the fast path against the equations."""

from __future__ import annotations

import numpy as np
import pytest

from lstm import GRU, Adam, Dense, OneHot, Sequential, gru_cell, load_model
from lstm.gradcheck import numeric_gradient
from lstm.packing import PackedSequence, Packing


def weights(features: int, units: int, rng: np.random.Generator) -> list[np.ndarray]:
    shapes = ((features, 3 * units), (units, 3 * units), (2, 3 * units))
    return [rng.normal(scale=0.7, size=shape) for shape in shapes]


def test_one_step_by_hand() -> None:
    """units = features = 1: z = σ(1·½ + 0 + 2·¼ + 0) = σ(1), r = σ(0), inner = 2·1 + 1 = 3, g = tanh(−1 + ½·3) = tanh(½)."""
    kernel, recurrent, bias = np.array([[0.5, 1.0, -1.0]]), np.array([[0.25, -0.5, 1.0]]), np.array([[0.0] * 3, [0.0, 0.0, 1.0]])
    step = gru_cell.forward(np.array([[1.0]]), np.array([[2.0]]), kernel, recurrent, bias)
    z = 1 / (1 + np.exp(-1))
    assert step.z == pytest.approx(z) and step.r == pytest.approx(0.5) and step.inner == pytest.approx(3.0)
    assert step.h == pytest.approx(z * 2 + (1 - z) * np.tanh(0.5))


def test_the_cells_gradients_are_right() -> None:
    rng = np.random.default_rng(0)
    x, h, w = rng.normal(size=(3, 2)), rng.normal(size=(3, 4)), weights(2, 4, rng)
    out = rng.normal(size=(3, 4))
    found = gru_cell.backward(gru_cell.forward(x, h, *w), out, *w[:2])
    for name, array in zip(("x", "h_prev", "kernel", "recurrent_kernel", "bias"), (x, h, *w), strict=True):
        numeric = numeric_gradient(lambda: float(np.sum(out * gru_cell.forward(x, h, *w).h)), array)
        np.testing.assert_allclose(getattr(found, name), numeric, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("one_hot", [False, True])
def test_the_fast_path_is_the_equations(one_hot: bool) -> None:
    rng = np.random.default_rng(1)
    layer = GRU(5, return_sequences=True)
    layer.build((None, 7, 3), rng, "float64")
    layer.set_weights(weights(3, 5, rng))
    ids = rng.integers(0, 3, (4, 7))
    x = np.eye(3)[ids] if one_hot else rng.normal(size=(4, 7, 3))
    h0, packing, w = rng.normal(size=(4, 5)), Packing.full(4, 7), layer.get_weights()
    expected, h, steps = [], h0, []
    for t in range(7):
        steps.append(gru_cell.forward(x[:, t], h, *w))
        h = steps[-1].h
        expected.append(h)
    sequence = PackedSequence(packing.pack(ids), packing, 3) if one_hot else PackedSequence(packing.pack(x), packing)
    out, cache, [final] = layer.forward_with_states(sequence, True, None, [[h0]])
    np.testing.assert_allclose(packing.unpack(out.values), np.stack(expected, axis=1), rtol=1e-12)
    np.testing.assert_allclose(final[0], h, rtol=1e-12)
    written, _, [ended] = layer.forward_with_states(sequence, False, None, [[h0]])
    np.testing.assert_allclose(written.values, out.values, rtol=1e-12)
    np.testing.assert_allclose(ended[0], h, rtol=1e-12)
    [inside] = layer.trace(cache)
    for name in ("h", "z", "r", "g", "inner"):
        np.testing.assert_allclose(inside[name], np.stack([getattr(s, name) for s in steps], axis=1), rtol=1e-12, atol=1e-14)

    # and backwards, through all steps
    grad = rng.normal(size=(4, 7, 5))
    _, [d_initial] = layer.backward_with_states(cache, packing.pack(grad), True, [np.zeros((4, 5))])
    dh, total = np.zeros((4, 5)), [np.zeros_like(one) for one in w]
    for step, given in zip(steps[::-1], np.moveaxis(grad, 1, 0)[::-1]):
        one = gru_cell.backward(step, dh + given, *w[:2])
        dh = one.h_prev
        for a, b in zip(total, (one.kernel, one.recurrent_kernel, one.bias)):
            a += b
    np.testing.assert_allclose(d_initial, dh, rtol=1e-10)
    for ours, theirs in zip(layer.get_gradients(), total, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def test_it_learns_and_comes_back_from_a_file(tmp_path) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (64, 6))
    model = Sequential([OneHot(2), GRU(8), Dense(2, "softmax")])
    model.compile(Adam(0.03), "sparse_categorical_crossentropy")
    losses = [model.train_on_batch(x, x[:, 0]) for _ in range(60)]
    assert losses[-1] < 0.7 * losses[0]
    model.save(tmp_path / "gru.npz")
    back = load_model(tmp_path / "gru.npz")
    np.testing.assert_array_equal(back.predict(x), model.predict(x))
    assert "gru (GRU)" in model.table() and f"{3 * 8 * (2 + 8 + 2):,}" in model.table()


def test_what_it_cannot_be_is_said() -> None:
    with pytest.raises(ValueError, match=r"^GRU takes the activation \"tanh\", got 'relu'$"):
        GRU(3, "relu")
    with pytest.raises(ValueError, match=r"^units must be a positive integer, got 0$"):
        GRU(0)
