"""Two halves of a batch at once: the numbers of one pass, states and dropout kept apart, errors told as ever."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl

from lstm import LSTM, Adam, Dense, Dropout, Embedding, OneHot, Sequential, parallel
from lstm.batches import LaneBatches
from lstm.history import Control

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def in_two(monkeypatch):
    """Cut every batch in two, however small."""
    monkeypatch.setattr(parallel, "threads", lambda: 2)
    monkeypatch.setattr(parallel, "WORTH_IT", 1)
    assert parallel.hold_blas(), "threadpoolctl is a requirement: without it nothing is computed at once"


def one_hot_model(dropout=0.0, stateful=True, dtype="float64"):
    layers = [OneHot(6), LSTM(5, return_sequences=True, stateful=stateful), Dropout(dropout)]
    model = Sequential([*layers, LSTM(4, return_sequences=True), Dense(6, "softmax")], seed=3, dtype=dtype)
    model.compile(Adam(1e-2, global_clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((None, None))
    return model


def masked_model():
    model = Sequential([Embedding(9, 3, mask_zero=True), LSTM(4), Dense(1, "sigmoid")], seed=1, dtype="float64")
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
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
            patch.setattr(parallel, "WORTH_IT", 1)
            model = build()
            logs_in_two, gradient_in_two = step(model, x, y)
            assert model._halves is not None, "the batch was not cut in two"
        assert logs_in_two == pytest.approx(logs, rel=1e-12)
        np.testing.assert_allclose(gradient_in_two, gradient, rtol=1e-9, atol=1e-14)


def test_states_are_carried_as_in_one_pass(in_two, monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 6, (6, 7)), rng.integers(0, 6, (6, 7))
    in_halves, whole = one_hot_model(), one_hot_model()
    for _ in range(3):
        logs = in_halves.loss_and_gradient(x, y)
        _, logs_whole, final = whole.rows_and_logs(x, y, True, whole.get_states())
        whole.set_states([final[0], None])  # the second layer is not stateful
        assert logs == pytest.approx(logs_whole, rel=1e-12)
    assert in_halves.get_states()[1] is None
    for a, b in zip(in_halves.get_states()[0], whole.get_states()[0]):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_training_with_dropout_repeats_and_goes_on_from_a_checkpoint_bit_for_bit(in_two):
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
    first, second = (part.gradient_vector for part in model._halves.models)
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


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_the_numbers_do_not_depend_on_how_many_threads_there_are(in_two, monkeypatch, dropout):
    """With one thread, with two, and with a number that changes from step to step: equal bit for bit."""
    ids = np.random.default_rng(0).integers(0, 6, 400)
    at_once = []
    monkeypatch.setattr(parallel, "_both", lambda calls, right=parallel._both: at_once.append(1) or right(calls))

    def weights(threads):
        model, control = one_hot_model(dropout, dtype="float32"), Control()
        at_once.clear()
        run = model.fit_iter(LaneBatches(ids, 5, 10, carry=3), steps=12, control=control)
        for number in range(12):
            control.threads = threads[number % len(threads)]
            next(run)
        return model.weights_vector.copy(), len(at_once)

    (alone, none), (shared, all_of_them), (changing, half) = weights([1]), weights([2]), weights([1, 2])
    assert (none, all_of_them, half) == (0, 12, 6)
    np.testing.assert_array_equal(alone, shared)
    np.testing.assert_array_equal(alone, changing)


def blas_threads() -> set[int]:
    return {one["num_threads"] for one in threadpoolctl.threadpool_info() if one["user_api"] == "blas"}


def test_blas_has_one_thread_from_the_first_pass_on_also_when_passes_overlap():
    model = one_hot_model(stateful=False)
    x = np.zeros((4, 5), int)
    passes = [lambda: model.predict(x), lambda: model.trace(x), lambda: model.evaluate(x, x)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda k: passes[k % 3](), range(60)))
    assert blas_threads() == {1}


def test_blas_is_set_once_and_left_alone_afterwards():
    model, x = one_hot_model(stateful=False), np.zeros((4, 5), int)
    model.predict(x)
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        for one in (model.predict, model.logits, model.trace, lambda x: model.loss_and_gradient(x, x)):
            one(x)
            assert blas_threads() == {2}  # somebody's choice, made later
    assert blas_threads() == {1}


@pytest.mark.parametrize("call", ["predict(x)", "logits(x)", "trace(x)", "evaluate(x, x)", "train_on_batch(x, x)"])
def test_whichever_pass_is_the_first_sets_it(call):
    """In a process of its own, where nothing was computed yet."""
    code = f"""
import numpy as np, threadpoolctl
from lstm import LSTM, Dense, OneHot, Sequential
model = Sequential([OneHot(6), LSTM(5, return_sequences=True), Dense(6, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
x = np.zeros((2, 3), int)
model.{call}
print({{one["num_threads"] for one in threadpoolctl.threadpool_info() if one["user_api"] == "blas"}})
"""
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=ROOT, check=True)
    assert told.stdout.strip() == "{1}", told.stderr
