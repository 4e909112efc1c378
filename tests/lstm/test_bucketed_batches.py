"""Batches of about equal length: nothing lost, little padding, and the same training as one sequence at a time."""

import numpy as np
import pytest

from lstm import LSTM, Dense, Embedding, Sequential
from lstm.batches import BucketedBatches


def sequences(count=200, seed=0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 60, count)
    return [rng.integers(1, 20, n) for n in lengths], rng.integers(0, 2, count)


@pytest.mark.parametrize("padding", ["pre", "post"])
def test_every_sequence_comes_once_whole_and_padded_with_zeros_on_its_side(padding):
    texts, _ = sequences()
    batches = BucketedBatches(texts, np.arange(len(texts)), 16, padding, stretch=4)
    seen = []
    for x, which in batches.epoch(np.random.default_rng(1)):
        for row, k in zip(x, which):
            n = len(texts[k])
            whole, rest = (row[-n:], row[:-n]) if padding == "pre" else (row[:n], row[n:])
            assert np.array_equal(whole, texts[k])
            assert not rest.any()
            seen.append(k)
    assert sorted(seen) == list(range(len(texts)))
    assert len(batches) == 13  # 200 / 16, the last one short


def test_little_of_a_bucketed_batch_is_padding():
    texts, labels = sequences(2000)

    def share_of_padding(stretch):
        batches = BucketedBatches(texts, labels, 32, stretch=stretch)
        return np.mean([(x == 0).mean() for x, _ in batches.epoch(np.random.default_rng(0))])

    assert share_of_padding(stretch=50) < 0.1 < 0.4 < share_of_padding(stretch=1)


def test_passes_differ_but_a_seed_repeats_them():
    texts, _ = sequences()
    batches = BucketedBatches(texts, np.arange(len(texts)), 16)
    rng = np.random.default_rng(3)
    first, second = ([y.tolist() for _, y in batches.epoch(rng)] for _ in range(2))
    again = [y.tolist() for _, y in batches.epoch(np.random.default_rng(3))]
    assert first == again
    assert first != second


def test_long_sequences_lose_their_beginning_or_their_end():
    texts = [np.arange(1, 11), np.arange(1, 4)]
    pre = next(BucketedBatches(texts, np.zeros(2), 2, "pre", 5, shuffle=False).epoch(np.random.default_rng(0)))[0]
    post = next(BucketedBatches(texts, np.zeros(2), 2, "post", 5, shuffle=False).epoch(np.random.default_rng(0)))[0]
    assert pre.tolist() == [[0, 0, 1, 2, 3], [6, 7, 8, 9, 10]]
    assert post.tolist() == [[1, 2, 3, 0, 0], [1, 2, 3, 4, 5]]


def test_the_gradient_of_a_bucketed_batch_is_the_mean_over_its_sequences():
    texts, labels = sequences(12)
    model = Sequential([Embedding(20, 3, mask_zero=True), LSTM(4), Dense(1, "sigmoid")], dtype="float64")
    model.compile("sgd", "binary_crossentropy")
    x, y = next(BucketedBatches(texts, labels, 12, shuffle=False).epoch(np.random.default_rng(0)))
    _, together = model.gradients(x, y)
    alone = [model.gradients(row[row > 0][None], label[None])[1] for row, label in zip(x, y)]
    for k, gradient in enumerate(together):
        np.testing.assert_allclose(gradient, np.mean([a[k] for a in alone], axis=0), atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([], []), "sequences must hold at least one sequence, got none"),
        (([np.ones(3)], [0, 1]), "sequences and labels must be as many, got 1 and 2"),
        (([np.ones(3)], [0], 0), "batch_size must be a positive integer, got 0"),
        (([np.ones(3)], [0], 1, "left"), 'padding must be "pre" or "post", got \'left\''),
    ],
)
def test_bad_arguments(arguments, sentence):
    with pytest.raises(ValueError) as caught:
        BucketedBatches(*arguments)
    assert str(caught.value) == sentence
