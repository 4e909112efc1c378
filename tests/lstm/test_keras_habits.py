"""Networks drawn at random, in both packages: outputs, evaluation and history, masks and batch sizes included.

The suite draws six, since Keras compiles every one anew, which takes it seconds (a quarter of what it takes to run it eagerly,
and half again without the compiler's optimizations: tests/conftest.py); `LSTM_LAB_DRAWS=200 pytest
tests/lstm/test_keras_habits.py` draws 200.
"""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "jax"  # read once, when keras is imported

from dataclasses import dataclass

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import lstm
from tests.lstm.test_habits import Noting

DRAWS = int(os.environ.get("LSTM_LAB_DRAWS", "6"))
CROSSENTROPY = "sparse_categorical_crossentropy"
WORDS = 6


@dataclass(frozen=True)
class Drawn:
    """A network, its data and how it is trained. What both packages need to make the same of it."""

    cells: tuple[tuple[str, int, bool], ...]
    every_step: bool
    hidden: str | None
    loss: str
    reads: str
    padding: str
    examples: int
    batch_size: int
    split: float
    optimizer: str
    seed: int

    def layers(self, package) -> list:
        """The layers, of `lstm` or `keras.layers`."""
        made = []
        if self.reads != "numbers":
            made.append(package.Embedding(WORDS, 3, mask_zero=self.reads == "masked words"))
        for place, (kind, units, both_ways) in enumerate(self.cells):
            sequences = self.every_step or place + 1 < len(self.cells)
            layer = getattr(package, kind)(units, return_sequences=sequences)
            made.append(package.Bidirectional(layer) if both_ways else layer)
        if self.hidden:
            made.append(package.Dense(4, activation=self.hidden))
        last = {"mse": (2, None), CROSSENTROPY: (3, "softmax"), "binary_crossentropy": (1, "sigmoid")}[self.loss]
        return [*made, package.Dense(last[0], activation=last[1])]

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Sequences of several lengths, and targets."""
        rng, time = np.random.default_rng(self.seed), 4
        if self.reads == "numbers":
            x = rng.normal(size=(self.examples, time, 2)).astype(np.float32)
        else:
            x = rng.integers(1, WORDS, (self.examples, time))
            for row, length in zip(x, rng.integers(1, time + 1, self.examples)):
                if self.padding == "holes":
                    row[rng.permutation(time)[length:]] = 0
                else:
                    row[slice(length, None) if self.padding == "post" else slice(0, time - length)] = 0
        shape = (self.examples, time) if self.every_step else (self.examples,)
        if self.loss == CROSSENTROPY:
            return x, rng.integers(0, 3, shape)
        if self.loss == "mse":
            return x, rng.normal(size=(*shape, 2)).astype(np.float32)
        return x, rng.integers(0, 2, (*shape, 1)).astype(np.float32)


drawn = st.builds(
    Drawn,
    cells=st.lists(
        st.tuples(st.sampled_from(["LSTM", "GRU", "SimpleRNN"]), st.integers(1, 4), st.booleans()),
        min_size=1, max_size=2,
    ).map(tuple),
    every_step=st.booleans(),
    hidden=st.sampled_from([None, "tanh", "relu"]),
    loss=st.sampled_from(["mse", CROSSENTROPY, "binary_crossentropy"]),
    reads=st.sampled_from(["masked words", "words", "numbers"]),
    padding=st.sampled_from(["pre", "post", "holes"]),
    examples=st.integers(5, 9),
    batch_size=st.integers(2, 5),
    split=st.sampled_from([0.0, 0.2, 0.34]),
    optimizer=st.sampled_from(["sgd", "rmsprop", "adam", "adagrad"]),
    seed=st.integers(0, 1000),
)  # fmt: skip


@settings(max_examples=DRAWS, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(drawn)
@example(  # a validation in batches of the training's size, with steps masked: a mean of the batches' means
    Drawn((("GRU", 2, False),), True, "relu", CROSSENTROPY, "masked words", "pre", 8, 2, 0.34, "adagrad", 67)
)
@pytest.mark.timeout(1800)
def test_any_network_gives_what_keras_gives(one: Drawn) -> None:
    x, y = one.data()
    metrics = None if one.loss == "mse" else ["accuracy"]
    ours = lstm.Sequential(one.layers(lstm), seed=one.seed)
    theirs = keras.Sequential([keras.Input(x.shape[1:], dtype=x.dtype), *one.layers(keras.layers)])
    weighed = one.every_step and one.reads == "masked words"
    ours.compile(one.optimizer, one.loss, metrics=metrics)
    theirs.compile(one.optimizer, one.loss, **{"weighted_metrics" if weighed else "metrics": metrics})
    ours.build((None, *x.shape[1:]))
    spread = np.random.default_rng(one.seed)
    ours.set_weights([w + spread.normal(scale=0.3, size=w.shape) for w in ours.get_weights()])
    theirs.set_weights(ours.weights)

    np.testing.assert_allclose(
        ours.predict(x, one.batch_size), theirs.predict(x, one.batch_size, verbose=0), rtol=0, atol=1e-5
    )
    measured, expected = (
        model.evaluate(x, y, batch_size=one.batch_size, verbose=0, return_dict=True) for model in (ours, theirs)
    )
    assert measured == pytest.approx(expected, abs=1e-5)
    plan = {"batch_size": one.batch_size, "epochs": 2, "verbose": 0, "validation_split": one.split, "shuffle": False}
    # On JAX the outputs lose their mask on the way out of the gradient, so that the accuracy of fit (not that of evaluate, nor
    # the loss) counts masked steps: told the mask as weights, it does not.
    steps = {"sample_weight": (x != 0).astype(np.float32)} if weighed else {}
    mine, wanted = ours.fit(x, y, **plan).history, theirs.fit(x, y, **plan, **steps).history
    assert set(mine) == set(wanted)
    for name, values in wanted.items():
        assert mine[name] == pytest.approx(values, abs=2e-4), name
    for got, right in zip(ours.weights, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(got, right, rtol=0, atol=2e-3)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("stop_at", [None, (1, 0), (1, 2)])
def test_a_callback_is_told_what_keras_tells_it(stop_at: tuple[int, int] | None) -> None:
    """The same class in both: moments, numbers, what stands in the logs, where it stops, the learning rate that it sets."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(10, 4, 2)).astype(np.float32), rng.integers(0, 2, 10).astype(np.float32)
    ours = lstm.Sequential([lstm.Input((4, 2)), lstm.LSTM(3), lstm.Dense(1, "sigmoid")], seed=1)
    theirs = keras.Sequential([keras.Input((4, 2)), keras.layers.LSTM(3), keras.layers.Dense(1, "sigmoid")])
    theirs.set_weights(ours.get_weights())
    told, histories = [], []
    for package, model in ((lstm, ours), (keras, theirs)):
        noting = type("Noted", (package.callbacks.Callback,), {k: v for k, v in vars(Noting).items() if k.startswith(("on_", "__init__"))})
        one = noting(stop_at)
        if package is keras:
            keras.callbacks.Callback.__init__(one)
            one.seen, one.at, one.stop_at = [], 0, stop_at
        model.compile(package.optimizers.SGD(0.5), package.losses.BinaryCrossentropy(), metrics=["accuracy"])
        history = model.fit(x, y, 4, 3, 0, [one], validation_split=0.2, shuffle=False)
        told.append(one.seen)
        histories.append(history.history | {"epoch": history.epoch, "rate": [float(model.optimizer.learning_rate)]})
    assert len(told[0]) == len(told[1])
    for mine, wanted in zip(*told):
        assert mine == pytest.approx(wanted, abs=1e-5) if isinstance(wanted[-1], int) else mine[:-1] == wanted[:-1]
        if len(wanted) == 3:
            assert mine[-1] == pytest.approx(wanted[-1], abs=1e-5)
    assert set(histories[0]) == set(histories[1])
    for name, values in histories[1].items():
        assert histories[0][name] == pytest.approx(values, abs=1e-5), name
    for got, right in zip(ours.weights, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(got, right, rtol=0, atol=1e-5)
