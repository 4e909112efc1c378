"""Each optimizer's first two steps and each way of clipping, with the arithmetic written out."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from lstm import SGD, Adagrad, Adam, RMSprop, optimizers

EPS = 1e-7


def two_steps(optimizer: optimizers.Optimizer, first: float, second: float) -> tuple[float, float]:
    """One weight that begins at 1: where it is after a gradient of `first`, and after another of `second`."""
    w, seen = np.array([1.0]), []
    for gradient in (first, second):
        g = np.array([gradient])
        optimizer.apply(w, g, [g])
        seen.append(float(w[0]))
    return seen[0], seen[1]


def test_sgd() -> None:
    # 1 − 0.1·2 = 0.8;  0.8 − 0.1·(−1) = 0.9
    assert two_steps(SGD(0.1), 2, -1) == pytest.approx((0.8, 0.9))


def test_sgd_with_momentum() -> None:
    # v = −0.1·2 = −0.2, w = 0.8;  v = 0.5·(−0.2) − 0.1·(−1) = 0, w = 0.8
    assert two_steps(SGD(0.1, momentum=0.5), 2, -1) == pytest.approx((0.8, 0.8))
    # with a second gradient of 2: v = −0.1 − 0.2 = −0.3, w = 0.5
    assert two_steps(SGD(0.1, momentum=0.5), 2, 2) == pytest.approx((0.8, 0.5))


def test_adagrad() -> None:
    # a = 0.1 + 4 = 4.1, w = 1 − 0.1·2/√(4.1 + ε);  a = 4.1 + 1 = 5.1, w ← w + 0.1/√(5.1 + ε)
    first = 1 - 0.2 / sqrt(4.1 + EPS)
    assert two_steps(Adagrad(0.1), 2, -1) == pytest.approx((first, first + 0.1 / sqrt(5.1 + EPS)), abs=1e-14)
    # from an accumulator of 0, the first step is the learning rate itself, whatever the gradient
    assert two_steps(Adagrad(0.1, initial_accumulator_value=0.0), 2, 0) == pytest.approx((0.9, 0.9), abs=1e-8)


def test_rmsprop() -> None:
    # v = 0.9·0 + 0.1·4 = 0.4, w = 1 − 0.1·2/√(0.4 + ε);  v = 0.36 + 0.1·1 = 0.46, w ← w + 0.1/√(0.46 + ε)
    first = 1 - 0.2 / sqrt(0.4 + EPS)
    assert two_steps(RMSprop(0.1), 2, -1) == pytest.approx((first, first + 0.1 / sqrt(0.46 + EPS)), abs=1e-14)


def test_adam() -> None:
    # t=1: m = 0.1·2 = 0.2, v = 0.001·4 = 0.004; m̂ = 0.2/0.1 = 2, v̂ = 0.004/0.001 = 4: a step of 0.1·2/√4 = 0.1
    # t=2: m = 0.18 − 0.1 = 0.08, v = 0.003996 + 0.001 = 0.004996; m̂ = 0.08/0.19, v̂ = 0.004996/0.001999
    first, second = two_steps(Adam(0.1), 2, -1)
    assert first == pytest.approx(0.9, abs=1e-6)  # ε stands beside √v, not √v̂: a difference in the seventh digit
    assert second - first == pytest.approx(-0.1 * (0.08 / 0.19) / sqrt(0.004996 / 0.001999), abs=1e-6)
    # to the last digit: η' = 0.1 √(1 − 0.999ᵗ)/(1 − 0.9ᵗ), and w − η' m/(√v + ε)
    exact = 1 - 0.1 * sqrt(0.001) / 0.1 * 0.2 / (sqrt(0.004) + EPS)
    assert first == pytest.approx(exact, abs=1e-14)
    exact -= 0.1 * sqrt(1 - 0.999**2) / (1 - 0.9**2) * 0.08 / (sqrt(0.004996) + EPS)
    assert second == pytest.approx(exact, abs=1e-14)


def clipped(**limit: float) -> np.ndarray:
    """How far SGD with a learning rate of 1 moves two weights, (3, 4) and (0, 12), along their gradients."""
    w, g = np.zeros(4), np.array([3.0, 4.0, 0.0, 12.0])
    SGD(1.0, **limit).apply(w, g, [g[:2], g[2:]])
    return -w


def test_clipnorm_looks_at_each_weight_alone() -> None:
    # ‖(3, 4)‖ = 5 and ‖(0, 12)‖ = 12
    np.testing.assert_allclose(clipped(clipnorm=10), [3, 4, 0, 10])
    np.testing.assert_allclose(clipped(clipnorm=1), [0.6, 0.8, 0, 1])
    np.testing.assert_allclose(clipped(clipnorm=12), [3, 4, 0, 12])


def test_global_clipnorm_scales_all_together() -> None:
    # √(3² + 4² + 12²) = 13
    np.testing.assert_allclose(clipped(global_clipnorm=6.5), [1.5, 2, 0, 6])
    np.testing.assert_allclose(clipped(global_clipnorm=13), [3, 4, 0, 12])


def test_clipvalue_limits_each_element() -> None:
    np.testing.assert_allclose(clipped(clipvalue=3.5), [3, 3.5, 0, 3.5])
    w, g = np.zeros(1), np.array([-7.0])
    SGD(1.0, clipvalue=2).apply(w, g, [g])
    assert w[0] == 2.0


def test_a_zero_gradient_is_not_divided_by_its_norm() -> None:
    for limit in ("clipnorm", "global_clipnorm"):
        w, g = np.ones(2), np.zeros(2)
        with np.errstate(all="raise"):
            SGD(1.0, **{limit: 1.0}).apply(w, g, [g])
        np.testing.assert_array_equal(w, 1)


@pytest.mark.parametrize(
    "make", [SGD, lambda: SGD(momentum=0.9), Adagrad, RMSprop, Adam, lambda: Adam(global_clipnorm=1.0)]
)
def test_long_vectors_are_worked_through_in_pieces_as_if_in_one(make) -> None:
    """A vector longer than a piece: every element moves as it would alone."""
    rng = np.random.default_rng(0)
    size = 2 * optimizers._PIECE + 17
    w, whole = rng.normal(size=size), make()
    alone = [w[k : k + 1].copy() for k in (0, optimizers._PIECE - 1, optimizers._PIECE, size - 1)]
    singles = [make() for _ in alone]
    for single in singles:
        single.global_clipnorm = None
    for _ in range(3):
        g = rng.normal(size=size)
        scale = min(1.0, 1 / np.linalg.norm(g)) if whole.global_clipnorm else 1.0
        for k, one, single in zip((0, optimizers._PIECE - 1, optimizers._PIECE, size - 1), alone, singles):
            part = g[k : k + 1] * scale
            single.apply(one, part, [part])
        whole.apply(w, g, [g])
    np.testing.assert_allclose(
        w[[0, optimizers._PIECE - 1, optimizers._PIECE, size - 1]], np.concatenate(alone), rtol=1e-12
    )


def test_float32_weights_stay_float32() -> None:
    for name in optimizers.OPTIMIZERS:
        w, g = np.ones(3, np.float32), np.ones(3, np.float32)
        one = optimizers.get(name)
        one.apply(w, g, [g])
        assert w.dtype == np.float32 and all(slot.dtype == np.float32 for slot in one.state.values())


@pytest.mark.parametrize(
    "one",
    [
        SGD(0.3, momentum=0.5, clipvalue=2.0),
        Adagrad(0.2, 0.05, 1e-6),
        RMSprop(0.1, 0.8),
        Adam(0.4, 0.8, 0.9, clipnorm=1.0),
    ],
)
def test_get_config_describes_the_optimizer(one: optimizers.Optimizer) -> None:
    again = optimizers.from_config(one.get_config())
    assert type(again) is type(one) and again.get_config() == one.get_config()
    assert again.step == 0 and again.state == {}


def test_names_and_learning_rate() -> None:
    assert {name: type(optimizers.get(name)) for name in optimizers.OPTIMIZERS} == {
        "sgd": SGD, "adagrad": Adagrad, "rmsprop": RMSprop, "adam": Adam,
    }  # fmt: skip
    one = SGD(0.1)
    assert optimizers.get(one) is one
    one.learning_rate = 0.5  # may be changed at any time
    assert two_steps(one, 1, 0)[0] == pytest.approx(0.5)
