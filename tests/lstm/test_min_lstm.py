"""minLSTM: all steps at once give what they give one after the other, and both give the equations."""

from __future__ import annotations

import numpy as np
import pytest

from lstm import Dense, MinLSTM, OneHot, Sequential, load_model, min_lstm_cell
from lstm.gradcheck import numeric_gradient
from lstm.min_lstm import scan, steps
from lstm.packing import PackedSequence, Packing


def test_one_step_by_hand() -> None:
    """z_f = 0, z_i = 0: both gates ½, so a = ½; g = 3: h = ½·1 + ½·3 = 2. With z_f large, a = 1 / (1 + ½) = ⅔."""
    step = min_lstm_cell.forward(np.array([[1.0]]), np.array([[1.0]]), np.array([[0.0, 0.0, 3.0]]), np.zeros(3))
    assert step.h == pytest.approx(2.0)
    step = min_lstm_cell.forward(np.array([[1.0]]), np.array([[1.0]]), np.array([[50.0, 0.0, 3.0]]), np.zeros(3))
    assert step.a == pytest.approx(2 / 3) and step.h == pytest.approx(2 / 3 + 1)


def test_the_cells_gradients_are_right() -> None:
    rng = np.random.default_rng(0)
    x, h, kernel, bias = rng.normal(size=(3, 2)), rng.normal(size=(3, 4)), rng.normal(size=(2, 12)), rng.normal(size=12)
    out = rng.normal(size=(3, 4))
    found = min_lstm_cell.backward(min_lstm_cell.forward(x, h, kernel, bias), out, kernel)
    for name, array in (("x", x), ("h_prev", h), ("kernel", kernel), ("bias", bias)):
        numeric = numeric_gradient(lambda: float(np.sum(out * min_lstm_cell.forward(x, h, kernel, bias).h)), array)
        np.testing.assert_allclose(getattr(found, name), numeric, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("time", [1, 2, 3, 5, 9, 16, 17, 50, 400])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_scan_is_the_steps(time: int, dtype: str) -> None:
    rng = np.random.default_rng(time)
    a, b = rng.random((time, 3, 4)).astype(dtype), rng.normal(size=(time, 3, 4)).astype(dtype)
    start = rng.normal(size=(3, 4)).astype(dtype)
    found = scan(a, b, start)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, steps(a, b, start), rtol=0, atol=1e-6)


def test_training_and_writing_give_the_same() -> None:
    rng = np.random.default_rng(0)
    layer = MinLSTM(6, return_sequences=True)
    layer.build((None, 40, 3), rng)
    layer.set_weights([rng.normal(size=(3, 18)), rng.normal(size=18)])
    mask = np.arange(40) < np.array([[40], [7], [23]])
    packing = Packing.from_mask(mask)
    sequence = PackedSequence(packing.pack(rng.normal(size=(3, 40, 3)).astype(np.float32)), packing)
    h0 = [rng.normal(size=(3, 6)).astype(np.float32)]
    at_once, cache, [final] = layer.forward_with_states(sequence, True, None, [h0])
    in_turn, _, [ended] = layer.forward_with_states(sequence, False, None, [h0])
    np.testing.assert_allclose(at_once.values, in_turn.values, rtol=0, atol=1e-6)
    np.testing.assert_allclose(final[0], ended[0], rtol=0, atol=1e-6)
    x, h = packing.unpack(sequence.values), h0[0]
    for t in range(7):  # the short sequence's steps, by the equations
        h = min_lstm_cell.forward(x[:, t], h, *layer.get_weights()).h
    np.testing.assert_allclose(final[0][1], h[1], rtol=0, atol=1e-6)
    np.testing.assert_allclose(layer.trace(cache)[0]["h"][1, 39], h[1], rtol=0, atol=1e-6)  # a masked step repeats


def test_no_gate_sees_the_state() -> None:
    """The gates of a step are the same whatever came before: that is what lets all steps be computed at once."""
    model = Sequential([OneHot(2), MinLSTM(5, return_sequences=True), Dense(1)])
    model.build((None, None))
    ones, zeros = np.array([[1, 1, 1, 1]]), np.array([[0, 0, 0, 1]])
    one, other = model.trace(ones)[0], model.trace(zeros)[0]
    np.testing.assert_array_equal(one["a"][:, 3], other["a"][:, 3])
    assert np.abs(one["h"][:, 3] - other["h"][:, 3]).max() > 1e-3


def test_it_comes_back_from_a_file(tmp_path) -> None:
    model = Sequential([OneHot(3), MinLSTM(4, unit_forget_bias=False), Dense(2, "softmax")])
    model.build((None, None))
    model.save(tmp_path / "model.npz")
    back = load_model(tmp_path / "model.npz")
    x = np.array([[0, 1, 2, 1]])
    np.testing.assert_array_equal(back.predict(x), model.predict(x))
    assert back.layers[1].unit_forget_bias is False and back.count_params() == 3 * 4 * 4 + 10


def test_what_it_cannot_be_is_said() -> None:
    with pytest.raises(ValueError, match=r"^units must be a positive integer, got 'many'$"):
        MinLSTM("many")
    with pytest.raises(ValueError, match=r"^kernel_initializer must be one of .*, got 'ones'$"):
        MinLSTM(3, kernel_initializer="ones")
