"""One time step, worked out by hand, and the properties its equations promise."""

from __future__ import annotations

import itertools
from math import log

import numpy as np
import pytest

from lstm import cell
from lstm.gradcheck import numeric_gradient

LN3 = log(3.0)


def by_hand() -> tuple[dict[str, np.ndarray], cell.Step]:
    """One feature, one unit, and weights for which every gate is a fraction.

    σ(ln 3) = 3/4, σ(0) = 1/2, σ(−ln 3) = 1/4, and tanh(½ ln 3) = (3 − 1)/(3 + 1) = 1/2.

    x = 1, h₋₁ = 2, c₋₁ = ln 3 − 3/4, and z = W x + U h₋₁ + b:
        z_i = (ln 3 + 1)·1 + (−1)·2 + 1      = ln 3      i = 3/4
        z_f =          4·1 + (−3)·2 + 2      = 0         f = 1/2
        z_g =       ½ln 3·1 +   2·2 − 4      = ½ ln 3    g = 1/2
        z_o =          1·1 −  ½ln 3·2 − 1    = −ln 3     o = 1/4
    c = f c₋₁ + i g = ½ (ln 3 − 3/4) + 3/8 = ½ ln 3
    tanh c = 1/2,  h = o tanh c = 1/8
    """
    given = {
        "x": np.array([[1.0]]),
        "h_prev": np.array([[2.0]]),
        "c_prev": np.array([[LN3 - 3 / 4]]),
        "kernel": np.array([[LN3 + 1, 4.0, LN3 / 2, 1.0]]),
        "recurrent_kernel": np.array([[-1.0, -3.0, 2.0, -LN3 / 2]]),
        "bias": np.array([1.0, 2.0, -4.0, -1.0]),
    }
    return given, cell.forward(**given)


def test_forward_by_hand() -> None:
    _, s = by_hand()
    expected = {
        "z_i": LN3, "z_f": 0, "z_g": LN3 / 2, "z_o": -LN3,
        "i": 3 / 4, "f": 1 / 2, "g": 1 / 2, "o": 1 / 4, "c": LN3 / 2, "tanh_c": 1 / 2, "h": 1 / 8,
    }  # fmt: skip
    for name, value in expected.items():
        assert getattr(s, name).shape == (1, 1)
        assert getattr(s, name)[0, 0] == pytest.approx(value, abs=1e-14), name


def test_backward_by_hand() -> None:
    given, s = by_hand()
    c_prev = LN3 - 3 / 4
    back = cell.backward(s, np.array([[1.0]]), np.array([[0.25]]), given["kernel"], given["recurrent_kernel"])
    # ∂/∂o = dh tanh c = 1/2;  ∂/∂c = dc + dh o (1 − tanh² c) = 1/4 + 1/4·3/4 = 7/16
    # ∂/∂i = 7/16 g = 7/32;  ∂/∂f = 7/16 c₋₁;  ∂/∂g = 7/16 i = 21/64;  ∂/∂c₋₁ = 7/16 f = 7/32
    assert back.c_prev[0, 0] == pytest.approx(7 / 32)
    # dz_i = 7/32·3/4·1/4;  dz_f = 7/16 c₋₁·1/2·1/2;  dz_g = 21/64 (1 − 1/4);  dz_o = 1/2·1/4·3/4
    dz = np.array([21 / 512, 7 / 64 * c_prev, 63 / 256, 3 / 32])
    np.testing.assert_allclose(back.bias, dz, rtol=1e-13)
    np.testing.assert_allclose(back.kernel, [dz], rtol=1e-13)  # x = 1
    np.testing.assert_allclose(back.recurrent_kernel, [2 * dz], rtol=1e-13)  # h₋₁ = 2
    inside = {"i": 7 / 32, "f": 7 / 16 * c_prev, "g": 21 / 64, "o": 1 / 2, "c": 7 / 16, "tanh_c": 1 / 4}
    for name, value in inside.items():
        assert getattr(back, name)[0, 0] == pytest.approx(value), name
    np.testing.assert_allclose(back.z, [dz], rtol=1e-13)
    # dx = dz Wᵀ, dh₋₁ = dz Uᵀ
    assert back.x[0, 0] == pytest.approx(dz[0] * (LN3 + 1) + dz[1] * 4 + dz[2] * LN3 / 2 + dz[3])
    assert back.h_prev[0, 0] == pytest.approx(-dz[0] - 3 * dz[1] + 2 * dz[2] - dz[3] * LN3 / 2)


def some_step(rng: np.random.Generator, batch=3, features=2, units=4):
    sizes = {
        "x": (batch, features), "h_prev": (batch, units), "c_prev": (batch, units),
        "kernel": (features, 4 * units), "recurrent_kernel": (units, 4 * units), "bias": (4 * units,),
    }  # fmt: skip
    given = {name: rng.normal(size=size) for name, size in sizes.items()}
    return given, cell.forward(**given)


@pytest.mark.parametrize("activation", cell.ACTIVATIONS)
@pytest.mark.parametrize("clamp", [None, {"f": 1.0}, {"i": 0.0}, {"g": 0.5}, {"o": 1.0, "f": 0.0}])
def test_backward_is_the_slope_of_forward(clamp: dict[str, float] | None, activation: str) -> None:
    rng = np.random.default_rng(0)
    given, _ = some_step(rng)
    s = cell.forward(**given, clamp=clamp, activation=activation)
    dh, dc = rng.normal(size=s.h.shape), rng.normal(size=s.c.shape)
    back = cell.backward(s, dh, dc, given["kernel"], given["recurrent_kernel"])

    def loss() -> float:
        now = cell.forward(**given, clamp=clamp, activation=activation)
        return float(np.sum(now.h * dh) + np.sum(now.c * dc))

    for name, value in given.items():
        np.testing.assert_allclose(
            getattr(back, name), numeric_gradient(loss, value), rtol=1e-6, atol=1e-9, err_msg=name
        )


def test_the_activation_stands_in_for_both_tanh() -> None:
    given, plain = some_step(np.random.default_rng(4))
    for name, function in (("sigmoid", cell.sigmoid), ("relu", lambda z: np.maximum(z, 0)), ("tanh", np.tanh)):
        s = cell.forward(**given, activation=name)
        np.testing.assert_array_equal(s.f, plain.f)  # the gates stay what they are
        np.testing.assert_allclose(s.c, s.f * given["c_prev"] + s.i * function(s.z_g), rtol=1e-14)
        np.testing.assert_allclose(s.h, s.o * function(s.c), rtol=1e-14)
    with pytest.raises(ValueError, match="activation must be one of tanh, sigmoid, relu, got 'gelu'"):
        cell.forward(**given, activation="gelu")


def test_clamped_gates_hold_their_value_and_the_others_are_computed() -> None:
    rng = np.random.default_rng(1)
    given, free = some_step(rng)
    held = cell.forward(**given, clamp={"f": 1.0, "o": 0.25})
    assert np.all(held.f == 1.0) and np.all(held.o == 0.25)
    np.testing.assert_array_equal(held.i, free.i)
    np.testing.assert_allclose(held.c, given["c_prev"] + free.i * free.g)
    np.testing.assert_allclose(held.h, 0.25 * np.tanh(held.c))
    with pytest.raises(ValueError, match="clamp takes the gates i, f, g, o, got q"):
        cell.forward(**given, clamp={"q": 1.0})


def test_a_gate_of_one_and_a_closed_input_keep_the_cell_state_for_ever() -> None:
    rng = np.random.default_rng(2)
    given, _ = some_step(rng)
    c0 = given["c_prev"]
    steps = cell.unroll(
        rng.normal(size=(50, 3, 2)), given["kernel"], given["recurrent_kernel"], given["bias"],
        c0=c0, clamp={"f": 1.0, "i": 0.0},
    )  # fmt: skip
    np.testing.assert_array_equal(steps[-1].c, c0)


def test_unroll_hands_the_states_on() -> None:
    rng = np.random.default_rng(3)
    given, _ = some_step(rng)
    weights = [given[name] for name in ("kernel", "recurrent_kernel", "bias")]
    xs = rng.normal(size=(3, 3, 2))
    steps = cell.unroll(xs, *weights)
    assert np.all(steps[0].h_prev == 0) and np.all(steps[0].c_prev == 0)
    for before, after in itertools.pairwise(steps):
        np.testing.assert_array_equal(after.h_prev, before.h)
        np.testing.assert_array_equal(after.c_prev, before.c)
    again = cell.unroll(xs[1:], *weights, h0=steps[0].h, c0=steps[0].c)
    np.testing.assert_array_equal(again[-1].h, steps[-1].h)
    assert cell.unroll([], *weights) == []


def test_sigmoid_never_overflows() -> None:
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(cell.sigmoid(np.array([-1e300, 0.0, 1e300])), [0.0, 0.5, 1.0])
    z = np.linspace(-30, 30, 101)
    np.testing.assert_allclose(cell.sigmoid(z), 1 / (1 + np.exp(-z)), atol=1e-15)
