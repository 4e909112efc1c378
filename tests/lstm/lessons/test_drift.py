"""What a model expects after the true text beside what it expects after its own, and the words for it."""

from __future__ import annotations

import numpy as np
import pytest

from lstm import LSTM, Dense, OneHot, Sequential
from lstm.lessons.text.drift import Drift, drift, in_words, outcome


def network(seed: int = 0, sharp: float = 1.0) -> Sequential:
    model = Sequential([OneHot(5), LSTM(8, return_sequences=True), Dense(5, activation="softmax")], seed=seed)
    model.build((None, None))
    model.weights_vector[...] *= sharp
    return model


@pytest.fixture(scope="module")
def found() -> tuple[Sequential, Drift]:
    model = network(sharp=3.0)
    return model, drift(model, np.random.default_rng(0).integers(0, 5, 300), length=12, prompt=7)


def test_both_ways_are_the_models_own_reading(found):
    """Written out: each stream read from its beginning, by `predict`, in one piece."""
    model, ways = found
    assert ways.true.shape == ways.own.shape == (64, 12) and ways.prompts.shape == (64, 7)
    for followed, expects in ((ways.true, ways.expects_true), (ways.own, ways.expects_own)):
        whole = model.predict(np.concatenate([ways.prompts, followed[:, :-1]], axis=1))[:, 6:]
        np.testing.assert_allclose(expects, whole, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(ways.expects_true[:, 0], ways.expects_own[:, 0], rtol=1e-4, atol=1e-6)
    assert ways.loss_true[0] == pytest.approx(ways.loss_own[0], rel=1e-4) and ways.together[0] == 1.0
    by_hand = np.mean([-np.log(ways.expects_own[s, 3, ways.true[s, 3]]) for s in range(64)])
    assert ways.loss_own[3] == pytest.approx(by_hand, rel=1e-5)
    assert ways.together[2] == np.mean([(ways.own[s, :2] == ways.true[s, :2]).all() for s in range(64)])


def test_it_draws_from_what_it_expects():
    """First symbols of many streams after one beginning, against the probabilities, within four standard deviations."""
    model = network(sharp=2.0)
    firsts, p = [], None
    for seed in range(60):
        ways = drift(model, np.tile([0, 1, 2, 3, 4], 40), seed=seed, length=1, prompt=5)
        same = (ways.prompts == ways.prompts[0]).all(axis=1)
        firsts += ways.own[same, 0].tolist()
        p = ways.expects_own[0, 0]
    shares, spread = np.bincount(firsts, minlength=5) / len(firsts), np.sqrt(p * (1 - p) / len(firsts))
    assert len(firsts) > 500 and (np.abs(shares - p) <= 4 * spread + 1e-9).all()


def test_the_same_seed_writes_the_same_and_a_stateful_model_is_left_alone():
    model = Sequential([OneHot(5), LSTM(8, return_sequences=True, stateful=True), Dense(5, activation="softmax")], seed=0)
    model.build((None, None))
    ids = np.random.default_rng(0).integers(0, 5, 200)
    one, two, three = (drift(model, ids, seed=s, length=9, prompt=5) for s in (0, 0, 1))
    assert np.array_equal(one.own, two.own) and not np.array_equal(one.own, three.own)


def test_a_text_that_is_too_short_gets_a_sentence():
    with pytest.raises(ValueError, match=r"^the text has 18 symbols that the model knows, and 19 are needed$"):
        drift(network(), np.zeros(18, int), length=12, prompt=7)
    assert len(drift(network(), np.zeros(19, int), length=12, prompt=7).true) == 1
    assert len(drift(network(), np.zeros(20, int), length=12, prompt=7).true) == 2


def made(true: float, own: float, frequency: float) -> Drift:
    """A drift whose losses are these from the first step on, in two streams of 20 steps that part at once."""
    expects = lambda p: np.tile(np.array([p, 1 - p], np.float64), (2, 20, 1))  # noqa: E731
    zeros, ones = np.zeros((2, 20), int), np.ones((2, 20), int)
    return Drift(zeros[:, :3], zeros, ones, expects(np.exp(-true)), expects(np.exp(-own)), frequency)


@pytest.mark.parametrize(("true", "own", "which", "words"), [
    (0.1, 0.1, 0, "no more than reading the text (0.10)"),
    (0.1, 1.0, 1, "more than reading the text (0.10), and less than guessing by frequency (3.00)"),
    (0.1, 7.0, 2, "as much as guessing by frequency (3.00), or more"),
    (1.0, 0.1, 0, "no more than reading the text (1.00)"),
])  # fmt: skip
def test_the_words_at_the_extremes(true, own, which, words):
    ways = made(true, own, 3.0)
    said = in_words(ways, "word")
    assert outcome(ways) == which and words in said
    assert f"costs it {own:.2f} nats" in said and "0 of 2 beginnings still went as the text does after 10 words" in said


def test_how_unsure_it_is_follows_the_entropies():
    assert "about as unsure" in in_words(made(0.7, 0.7, 3.0), "character")
    assert "It is more unsure" in in_words(made(0.001, 0.7, 3.0), "character")
    assert "It is surer" in in_words(made(0.7, 0.001, 3.0), "character")
