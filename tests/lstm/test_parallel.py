"""Two halves of a batch at once: the numbers of one pass, states and dropout kept apart, errors told as ever."""

import numpy as np
import pytest

from lstm import LSTM, Adam, Dense, Dropout, Embedding, OneHot, Sequential, parallel
from lstm.batches import LaneBatches


@pytest.fixture
def in_two(monkeypatch):
    """Cut every batch in two, however small."""
    monkeypatch.setattr(parallel, "threads", lambda: 2)
    monkeypatch.setattr(parallel, "WORTH_IT", 1)
    assert parallel._blas() is not None, "threadpoolctl is a requirement: without it nothing is cut in two"


def one_hot_model(dropout=0.0, stateful=True, dtype="float64"):
    layers = [OneHot(6), LSTM(5, return_sequences=True, stateful=stateful), Dropout(dropout)]
    model = Sequential([*layers, LSTM(4, return_sequences=True), Dense(6, "softmax")], seed=3, dtype=dtype)
    model.compile(Adam(1e-2, global_clipnorm=1.0), "sparse_categorical_crossentropy", ["accuracy"])
    model.build((None, None))
    return model


def masked_model():
    model = Sequential([Embedding(9, 3, mask_zero=True), LSTM(4), Dense(1, "sigmoid")], seed=1, dtype="float64")
    model.compile("adam", "binary_crossentropy", ["accuracy"])
    model.build((None, None))
    return model


def step(model, x, y):
    return model.loss_and_gradient(x, y), model.gradient_vector.copy()


@pytest.mark.parametrize("batch", [2, 5, 8])
def test_the_gradient_is_that_of_one_pass(batch, monkeypatch):
    rng = np.random.default_rng(0)
    ids, following = rng.integers(0, 6, (batch, 7)), rng.integers(0, 6, (batch, 7))
    reviews, labels = rng.integers(1, 9, (batch, 7)), rng.integers(0, 2, batch)
    reviews[np.arange(7) < rng.integers(0, 8, batch)[:, None]] = 0  # some are padding altogether
    for build, x, y in ((one_hot_model, ids, following), (masked_model, reviews, labels)):
        logs, gradient = step(build(), x, y)
        with monkeypatch.context() as patch:
            patch.setattr(parallel, "threads", lambda: 2)
            patch.setattr(parallel, "WORTH_IT", 1)
            model = build()
            logs_in_two, gradient_in_two = step(model, x, y)
            assert model._parts is not None, "the batch was not cut in two"
        assert logs_in_two == pytest.approx(logs, rel=1e-12)
        np.testing.assert_allclose(gradient_in_two, gradient, rtol=1e-9, atol=1e-14)


def test_states_are_carried_as_in_one_pass(in_two, monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 6, (6, 7)), rng.integers(0, 6, (6, 7))
    in_halves, whole = one_hot_model(), one_hot_model()
    for _ in range(3):
        logs = in_halves.loss_and_gradient(x, y)
        logs_whole = whole.rows_and_logs(x, y, True)[1]
        assert logs == pytest.approx(logs_whole, rel=1e-12)
    for a, b in zip(in_halves.layers[1].state, whole.layers[1].state):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_training_with_dropout_repeats_and_goes_on_from_a_checkpoint_bit_for_bit(in_two):
    from lstm.history import Control

    ids = np.random.default_rng(0).integers(0, 6, 400)
    saved = []

    def losses(**options):
        model = one_hot_model(dropout=0.4, dtype="float32")
        history = model.fit(LaneBatches(ids, 4, 10, carry=3), steps=20, **options)
        return history.series("loss")[1], model.weights_vector.copy()

    (first, weights), (second, _) = losses(control=Control(save=saved.append, save_every=0)), losses()
    assert first == second
    resumed, weights_resumed = losses(checkpoint=saved[7])
    assert resumed == first
    assert np.array_equal(weights, weights_resumed)


def test_the_halves_of_a_batch_drop_different_units(in_two):
    model = Sequential([LSTM(50), Dropout(0.5), Dense(1)], dtype="float64")
    model.compile("sgd", "mse")
    model.build((None, 3, 2))
    x = np.repeat(np.random.default_rng(0).normal(size=(1, 3, 2)), 2, axis=0)
    model.loss_and_gradient(x, np.zeros((2, 1)))
    first, second = (part.gradient_vector for part in model._parts.models)
    assert not np.allclose(first / np.linalg.norm(first), second / np.linalg.norm(second))


def test_a_wrong_target_in_either_half_is_an_error_and_the_model_still_works(in_two):
    model = one_hot_model()
    x, y = np.zeros((4, 5), int), np.zeros((4, 5), int)
    for row in (0, 3):
        wrong = y.copy()
        wrong[row, 2] = 6
        with pytest.raises(ValueError, match="y must hold classes from 0 to 5, got 0 to 6"):
            model.loss_and_gradient(x, wrong)
    assert np.isfinite(model.loss_and_gradient(x, y)["loss"])


def test_one_thread_where_the_environment_says_so(monkeypatch):
    parallel.threads.cache_clear()
    try:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
        assert parallel.threads() == 1
    finally:
        parallel.threads.cache_clear()
