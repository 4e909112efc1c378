"""The same weights, the same numbers: every layer, loss and optimizer against Keras 3 on JAX, in float32.

Outputs agree within 1e-5, gradients within 1e-4 of their size, weights after ten training steps within 1e-4.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"  # read once, when keras is imported

import jax
import keras
import numpy as np
import pytest

import lstm
from lstm import OneHot, Sequential

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")

OUTPUT, GRADIENT, TRAINED = 1e-5, 1e-4, 1e-4
CROSSENTROPY = "sparse_categorical_crossentropy"
BATCH, TIME, SYMBOLS = 4, 6, 7


@pytest.fixture(autouse=True, scope="module")
def quick_to_compile():
    """Compiling with all optimisations would take longer than everything else here together."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@dataclass
class Pair:
    """One architecture in both packages, our weights in both. Its compiled Keras functions are made once."""

    name: str
    ours: Any  # a function that makes our layers
    keras_layers: Any  # a function that makes Keras's
    shape: tuple[int | None, ...]  # of one example, as our model reads it
    loss: str
    classes: int = 0
    metrics: list[str] = field(default_factory=list)

    def make(self, optimizer="sgd", seed: int = 3) -> Sequential:
        model = Sequential(self.ours(), seed=seed)
        model.compile(optimizer, self.loss, metrics=self.metrics or None)
        model.build((None, *self.shape))
        spread = np.random.default_rng(seed)
        model.set_weights([w + spread.normal(scale=0.3, size=w.shape) for w in model.get_weights()])
        return model

    @cached_property
    def keras(self) -> keras.Model:
        one_hot = isinstance(self.make().layers[0], OneHot)
        shape, dtype = ((*self.shape, SYMBOLS), "float32") if one_hot else (self.shape, "float32")
        if not one_hot and self.make().layers[0].takes_ids:
            dtype = "int32"
        model = keras.Sequential([keras.Input(shape, batch_size=BATCH, dtype=dtype), *self.keras_layers()])
        model.compile("sgd", self.loss, metrics=self.metrics or None, jit_compile=True)
        return model

    def data(self, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        model = self.make()
        if model.layers[0].takes_ids:
            x = rng.integers(0, SYMBOLS, (BATCH, TIME))
            if getattr(model.layers[0], "mask_zero", False):  # reviews of several lengths, padded behind or in front
                x = rng.integers(1, SYMBOLS, (BATCH, TIME))
                for row, length in enumerate((TIME, 2, 4, 1)):
                    x[row, length:] = 0
                x = x[:, ::-1].copy() if "left" in self.name else x
        else:
            x = rng.normal(size=(BATCH, *(TIME if n is None else n for n in self.shape))).astype(np.float32)
        shape = tuple(TIME if n is None else n for n in model.output_shape[1:])
        if self.loss == CROSSENTROPY:
            return x, rng.integers(0, self.classes, (BATCH, *shape[:-1]))
        if self.loss == "binary_crossentropy":
            return x, rng.integers(0, 2, (BATCH, *shape)).astype(np.float32)
        return x, rng.normal(size=(BATCH, *shape)).astype(np.float32)

    def to_keras(self, x: np.ndarray) -> np.ndarray:
        return np.eye(SYMBOLS, dtype=np.float32)[x] if isinstance(self.make().layers[0], OneHot) else x

    def give_weights(self, model: Sequential) -> keras.Model:
        self.keras.set_weights(model.get_weights())
        return self.keras

    @cached_property
    def _gradient_function(self):
        model = self.keras

        def loss(trainable, fixed, metrics, x, y):
            return model.compute_loss_and_updates(trainable, fixed, metrics, x, y, None, training=False)

        return jax.jit(jax.value_and_grad(loss, has_aux=True))

    def run_keras(self, x, y) -> tuple[float, list[np.ndarray], np.ndarray]:
        """Loss, gradients and outputs of the Keras model on one batch, dropout off."""
        groups = self.keras.trainable_variables, self.keras.non_trainable_variables, self.keras.metrics_variables
        values = [[v.value for v in group] for group in groups]
        (loss, (_, out, *_)), grads = self._gradient_function(*values, self.to_keras(x), y)
        return float(loss), [np.asarray(g) for g in grads], np.asarray(out)


# Weights are set, never drawn: drawing them is most of what building a Keras model on JAX takes.
RNN_ZEROS = {"kernel_initializer": "zeros", "recurrent_initializer": "zeros"}
K = SimpleNamespace(
    LSTM=partial(keras.layers.LSTM, **RNN_ZEROS),
    SimpleRNN=partial(keras.layers.SimpleRNN, **RNN_ZEROS),
    GRU=partial(keras.layers.GRU, **RNN_ZEROS),
    Dense=partial(keras.layers.Dense, kernel_initializer="zeros"),
    Embedding=partial(keras.layers.Embedding, embeddings_initializer="zeros"),
    Bidirectional=keras.layers.Bidirectional,
    Dropout=keras.layers.Dropout,
)
PAIRS = {
    pair.name: pair
    for pair in (
        Pair(
            "text, two layers",
            lambda: [
                lstm.OneHot(SYMBOLS), lstm.LSTM(5, return_sequences=True), lstm.Dropout(0.0),
                lstm.LSTM(4, return_sequences=True), lstm.Dense(SYMBOLS, "softmax"),
            ],
            lambda: [
                K.LSTM(5, return_sequences=True), K.Dropout(0.0), K.LSTM(4, return_sequences=True), K.Dense(SYMBOLS, "softmax"),
            ],
            (TIME,), CROSSENTROPY, SYMBOLS, ["accuracy"],
        ),
        Pair(
            "last step, dropout not in training",
            lambda: [lstm.LSTM(5), lstm.Dropout(0.5), lstm.Dense(3, "tanh"), lstm.Dense(2)],
            lambda: [K.LSTM(5), K.Dropout(0.5), K.Dense(3, "tanh"), K.Dense(2)],
            (TIME, 3), "mse",
        ),
        Pair(
            "relu LSTM",
            lambda: [lstm.LSTM(4, activation="relu", return_sequences=True), lstm.Dense(8, "relu"), lstm.Dense(1, "sigmoid")],
            lambda: [K.LSTM(4, activation="relu", return_sequences=True), K.Dense(8, "relu"), K.Dense(1, "sigmoid")],
            (TIME, 2), "binary_crossentropy", 0, ["accuracy"],
        ),
        Pair(
            "SimpleRNN",
            lambda: [lstm.SimpleRNN(5, return_sequences=True), lstm.SimpleRNN(4), lstm.Dense(3, "softmax")],
            lambda: [K.SimpleRNN(5, return_sequences=True), K.SimpleRNN(4), K.Dense(3, "softmax")],
            (TIME, 2), CROSSENTROPY, 3, ["accuracy"],
        ),
        Pair(
            "GRU",
            lambda: [lstm.GRU(5, return_sequences=True), lstm.GRU(4), lstm.Dense(3, "softmax")],
            lambda: [K.GRU(5, return_sequences=True), K.GRU(4), K.Dense(3, "softmax")],
            (TIME, 2), CROSSENTROPY, 3, ["accuracy"],
        ),
        Pair(
            "GRU both ways, padded right",
            lambda: [
                lstm.Embedding(SYMBOLS, 3, mask_zero=True), lstm.Bidirectional(lstm.GRU(4, return_sequences=True)),
                lstm.GRU(3), lstm.Dense(1, "sigmoid"),
            ],
            lambda: [
                K.Embedding(SYMBOLS, 3, mask_zero=True), K.Bidirectional(K.GRU(4, return_sequences=True)), K.GRU(3),
                K.Dense(1, "sigmoid"),
            ],
            (TIME,), "binary_crossentropy", 0, ["accuracy"],
        ),
        Pair(
            "reviews, padded right",
            lambda: [lstm.Embedding(SYMBOLS, 3, mask_zero=True), lstm.LSTM(5), lstm.Dense(1, "sigmoid")],
            lambda: [K.Embedding(SYMBOLS, 3, mask_zero=True), K.LSTM(5), K.Dense(1, "sigmoid")],
            (TIME,), "binary_crossentropy", 0, ["accuracy"],
        ),
        Pair(
            "labels of every step, padded left",
            lambda: [
                lstm.Embedding(SYMBOLS, 3, mask_zero=True), lstm.LSTM(5, return_sequences=True),
                lstm.SimpleRNN(4, return_sequences=True), lstm.Dense(3, "softmax"),
            ],
            lambda: [
                K.Embedding(SYMBOLS, 3, mask_zero=True), K.LSTM(5, return_sequences=True),
                K.SimpleRNN(4, return_sequences=True), K.Dense(3, "softmax"),
            ],
            (TIME,), CROSSENTROPY, 3, ["accuracy"],
        ),
        Pair(
            "both directions, padded right",
            lambda: [
                lstm.Embedding(SYMBOLS, 3, mask_zero=True), lstm.Bidirectional(lstm.LSTM(4, return_sequences=True)),
                lstm.Bidirectional(lstm.SimpleRNN(3)), lstm.Dense(3, "softmax"),
            ],
            lambda: [
                K.Embedding(SYMBOLS, 3, mask_zero=True), K.Bidirectional(K.LSTM(4, return_sequences=True)),
                K.Bidirectional(K.SimpleRNN(3)), K.Dense(3, "softmax"),
            ],
            (TIME,), CROSSENTROPY, 3, ["accuracy"],
        ),
        Pair(
            "both directions at every step, padded left",
            lambda: [
                lstm.Embedding(SYMBOLS, 3, mask_zero=True), lstm.Bidirectional(lstm.LSTM(4, return_sequences=True)),
                lstm.Dense(3, "softmax"),
            ],
            lambda: [
                K.Embedding(SYMBOLS, 3, mask_zero=True), K.Bidirectional(K.LSTM(4, return_sequences=True)),
                K.Dense(3, "softmax"),
            ],
            (TIME,), CROSSENTROPY, 3, ["accuracy"],
        ),
        Pair(
            "numbers of every step, padded right",
            lambda: [lstm.Embedding(SYMBOLS, 3, mask_zero=True), lstm.LSTM(4, return_sequences=True), lstm.Dense(2)],
            lambda: [K.Embedding(SYMBOLS, 3, mask_zero=True), K.LSTM(4, return_sequences=True), K.Dense(2)],
            (TIME,), "mse",
        ),
    )
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_outputs_loss_and_gradients(name: str) -> None:
    pair = PAIRS[name]
    model, (x, y) = pair.make(), pair.data()
    pair.give_weights(model)
    their_loss, their_grads, theirs = pair.run_keras(x, y)

    ours = model.predict(x)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=OUTPUT)

    loss, grads = model.gradients(x, y)
    assert loss == pytest.approx(their_loss, abs=OUTPUT)
    for one, other in zip(grads, their_grads, strict=True):
        assert one.shape == other.shape
        assert 0 < np.linalg.norm(other) and np.linalg.norm(one - other) <= GRADIENT * np.linalg.norm(other)


@pytest.mark.parametrize("name", ["relu LSTM", "labels of every step, padded left"])
def test_evaluate(name: str) -> None:
    pair = PAIRS[name]
    model, (x, y) = pair.make(), pair.data()
    theirs = pair.give_weights(model).test_on_batch(x, y, return_dict=True)
    for metric, value in model.evaluate(x, y, return_dict=True).items():
        assert value == pytest.approx(float(theirs[metric]), abs=OUTPUT), metric


CLIPS = [{}, {"clipnorm": 0.05}, {"clipvalue": 0.01}, {"global_clipnorm": 0.1}]
OPTIMIZERS = [
    ("SGD", {"learning_rate": 0.3}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("Adagrad", {"learning_rate": 0.1}),
    ("RMSprop", {"learning_rate": 0.01}),
    ("Adam", {"learning_rate": 0.01}),
]


@pytest.mark.parametrize("clip", CLIPS, ids=lambda c: next(iter(c), "no clipping"))
@pytest.mark.parametrize(("kind", "options"), OPTIMIZERS, ids=lambda o: o if isinstance(o, str) else "-".join(o))
def test_ten_training_steps(kind: str, options: dict, clip: dict) -> None:
    names = ["text, two layers"] if clip else ["text, two layers", "reviews, padded right", "GRU"]
    for name in names:
        pair = PAIRS[name]
        model = pair.make(getattr(lstm, kind)(**options, **clip))
        theirs = pair.give_weights(model)
        optimizer = getattr(keras.optimizers, kind)(**options, **clip)
        optimizer.build(theirs.trainable_variables)
        moved = model.get_weights()
        for step in range(10):
            x, y = pair.data(step)
            loss, grads, _ = pair.run_keras(x, y)
            optimizer.apply(grads, theirs.trainable_variables)
            assert model.train_on_batch(x, y, return_dict=True)["loss"] == pytest.approx(loss, abs=TRAINED)
        for ours, wanted, before in zip(model.get_weights(), theirs.get_weights(), moved):
            np.testing.assert_allclose(ours, wanted, rtol=0, atol=TRAINED)
            assert np.abs(ours - before).max() > 10 * TRAINED  # there was something to agree about


def test_keras_own_training_loop() -> None:
    """Ten steps of `train_on_batch` in both packages, compiled as a user would."""
    pair = PAIRS["labels of every step, padded left"]
    model = pair.make(lstm.Adam(0.01, global_clipnorm=0.5))
    theirs = pair.give_weights(model)
    theirs.compile(keras.optimizers.Adam(0.01, global_clipnorm=0.5), CROSSENTROPY)
    for step in range(10):
        x, y = pair.data(step)
        theirs.reset_metrics()  # it reports a mean over batches
        ours = model.train_on_batch(x, y, return_dict=True)["loss"]
        assert ours == pytest.approx(float(np.ravel(theirs.train_on_batch(x, y))[0]), abs=TRAINED)
    for ours, wanted in zip(model.get_weights(), theirs.get_weights()):
        np.testing.assert_allclose(ours, wanted, rtol=0, atol=TRAINED)


@pytest.mark.parametrize("name", PAIRS)
def test_weight_lists_are_taken_unchanged_both_ways(name: str) -> None:
    pair = PAIRS[name]
    ours, theirs = pair.make(), pair.keras
    theirs.set_weights(ours.get_weights())
    back = pair.make(seed=8)
    back.set_weights(theirs.get_weights())
    for one, other in zip(ours.get_weights(), back.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [w.shape for w in ours.get_weights()] == [w.shape for w in theirs.get_weights()]
    assert ours.count_params() == theirs.count_params()


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_layers_called_on_their_own(kind: str) -> None:
    """Initial states, masks with holes, final states: the layer alone, with return_state."""
    rng = np.random.default_rng(0)
    ours = getattr(lstm, kind)(4, return_sequences=True, return_state=True)
    theirs = getattr(K, kind)(4, return_sequences=True, return_state=True)
    x = rng.normal(size=(3, 5, 2)).astype(np.float32)
    states = [rng.normal(size=(3, 4)).astype(np.float32) for _ in range(ours.states)]
    theirs.build(x.shape)
    ours.build(x.shape, rng)
    ours.set_weights([rng.normal(size=w.shape) for w in theirs.get_weights()])
    theirs.set_weights(ours.get_weights())
    mask = np.array([[1, 1, 1, 1, 1], [1, 0, 1, 0, 1], [1, 1, 0, 0, 0]], bool)
    for options in ({}, {"mask": mask}, {"initial_state": states}, {"mask": mask, "initial_state": states}):
        for one, other in zip(ours(x, **options), theirs(x, **options), strict=True):
            np.testing.assert_allclose(one, np.asarray(other), rtol=0, atol=OUTPUT)


def test_losses_by_their_definitions() -> None:
    """On probabilities, with and without a mask, as `keras.losses` computes them."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(3, 4, 5)).astype(np.float32)
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    classes, floats, bits = rng.integers(0, 5, (3, 4)), rng.normal(size=(3, 4, 5)), rng.integers(0, 2, (3, 4, 5))
    mask = rng.random((3, 4)) > 0.4

    def theirs(loss, y, out) -> tuple[float, float]:
        masked = keras.ops.convert_to_tensor(out)
        keras.src.backend.set_keras_mask(masked, keras.ops.convert_to_tensor(mask))
        return float(loss(y, out)), float(loss(y, masked))

    def ours(name, y, out) -> tuple[float, float]:
        f, rows = lstm.losses.LOSSES[name], lambda a, m: a[m].copy()
        return f(rows(out, mask | True), y[mask | True])[0], f(rows(out, mask), y[mask])[0]

    sigmoid = 1 / (1 + np.exp(-logits))
    for name, target, out, raw, loss in (
        (CROSSENTROPY, classes, p, logits, keras.losses.SparseCategoricalCrossentropy()),
        ("binary_crossentropy", bits, sigmoid, logits, keras.losses.BinaryCrossentropy()),
        ("mse", floats, logits, logits, keras.losses.MeanSquaredError()),
    ):
        assert ours(name, target, raw) == pytest.approx(theirs(loss, target, out), abs=OUTPUT), name


def test_new_layers_begin_alike() -> None:
    """Initialisers and their names mean the same in both: bounds and spread of large layers."""
    for ours, theirs, shape in (
        (lstm.LSTM(64), keras.layers.LSTM(64), (None, 3, 128)),
        (lstm.GRU(64), keras.layers.GRU(64), (None, 3, 128)),
        (
            lstm.Dense(200, kernel_initializer="he_normal"),
            keras.layers.Dense(200, kernel_initializer="he_normal"),
            (None, 128),
        ),
        (lstm.Embedding(100, 200), keras.layers.Embedding(100, 200), (None, 3)),
    ):
        ours.build(shape, np.random.default_rng(0))
        theirs.build(shape)
        for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            assert one.shape == other.shape and one.dtype == other.dtype
            assert one.std() == pytest.approx(other.std(), rel=0.03, abs=1e-7)
            assert abs(one.mean() - other.mean()) < 0.05 * max(other.std(), 1e-7)


def test_defaults_are_those_of_keras() -> None:
    for kind in ("SGD", "Adagrad", "RMSprop", "Adam"):
        theirs = getattr(keras.optimizers, kind)().get_config()
        for name, value in getattr(lstm, kind)().get_config().items():
            assert name == "name" or value == pytest.approx(theirs[name]), (kind, name)
