"""The three losses: worked out by hand, their slopes, and numbers no exponential survives."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from lstm.gradcheck import numeric_gradient
from lstm.losses import LOSSES, binary_crossentropy, mse, sparse_categorical_crossentropy


def test_sparse_categorical_crossentropy_by_hand() -> None:
    # softmax(ln 1, ln 2, ln 5) = (1, 2, 5)/8; softmax(0, 0, ln 2) = (1, 1, 2)/4
    logits = np.log(np.array([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]]))
    loss, grad = sparse_categorical_crossentropy(logits, np.array([2, 0]))
    # −½ (ln 5/8 + ln 1/4)
    assert loss == pytest.approx(-0.5 * (log(5 / 8) + log(1 / 4)))
    # (p − y) / 2 rows
    np.testing.assert_allclose(grad, [[1 / 16, 2 / 16, -3 / 16], [-3 / 8, 1 / 8, 2 / 8]], atol=1e-15)


def test_binary_crossentropy_by_hand() -> None:
    # σ(ln 3) = 3/4 with target 1, σ(−ln 3) = 1/4 with target 1, σ(0) = 1/2 with target 0
    logits = np.array([[log(3.0)], [-log(3.0)], [0.0]])
    loss, grad = binary_crossentropy(logits, np.array([[1.0], [1.0], [0.0]]))
    assert loss == pytest.approx(-(log(3 / 4) + log(1 / 4) + log(1 / 2)) / 3)
    np.testing.assert_allclose(grad, [[-1 / 12], [-3 / 12], [2 / 12]], atol=1e-15)  # (σ − y) / 3


def test_mse_by_hand() -> None:
    # differences 1, −2, 0, 3: (1 + 4 + 0 + 9)/4, slope 2·difference/4
    loss, grad = mse(np.array([[2.0, 0.0], [1.0, 5.0]]), np.array([[1.0, 2.0], [1.0, 2.0]]))
    assert loss == pytest.approx(14 / 4)
    np.testing.assert_allclose(grad, [[0.5, -1.0], [0.0, 1.5]])


@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_is_the_slope(name: str) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(5, 3))
    targets = {
        "sparse_categorical_crossentropy": rng.integers(0, 3, 5),
        "binary_crossentropy": rng.random((5, 3)),
        "mse": rng.normal(size=(5, 3)),
    }[name]
    _, grad = LOSSES[name](rows.copy(), targets)
    numeric = numeric_gradient(lambda: LOSSES[name](rows.copy(), targets)[0], rows)
    np.testing.assert_allclose(grad, numeric, rtol=1e-6, atol=1e-10)


def test_huge_logits_neither_overflow_nor_turn_into_nothing() -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, grad = sparse_categorical_crossentropy(np.array([[1e4, 0.0], [-1e4, 1e4]], np.float32), np.array([1, 0]))
        assert loss == pytest.approx((1e4 + 2e4) / 2)
        np.testing.assert_allclose(grad, [[0.5, -0.5], [-0.5, 0.5]])
        loss, grad = binary_crossentropy(np.array([[1e4], [-1e4]], np.float32), np.array([[0.0], [0.0]], np.float32))
        assert loss == pytest.approx(5e3)
        np.testing.assert_allclose(grad, [[0.5], [0.0]])


def test_targets_are_never_written_to() -> None:
    for name, targets in (("binary_crossentropy", np.ones((2, 2))), ("mse", np.ones((2, 2)))):
        LOSSES[name](np.zeros((2, 2)), targets)
        np.testing.assert_array_equal(targets, np.ones((2, 2)))
