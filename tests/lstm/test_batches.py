"""Batches from arrays, and a long text read in lanes: who sees which symbol when."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm.batches import ArrayBatches, LaneBatches, as_batches


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


# --- arrays ---------------------------------------------------------------------------------------------------------


def test_arrays_in_order() -> None:
    batches = ArrayBatches(np.arange(10).reshape(5, 2), np.arange(5), 2, shuffle=False)
    assert len(batches) == 3 and batches.items == 5 and batches.carry == 3
    seen = list(batches.epoch(rng()))
    assert [y.tolist() for _, y in seen] == [[0, 1], [2, 3], [4]]
    assert [x.tolist() for x, _ in seen] == [[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9]]]


@given(st.integers(1, 20), st.integers(1, 25), st.integers(0, 2**32))
def test_a_shuffled_pass_holds_every_example_once_with_its_target(items: int, size: int, seed: int) -> None:
    batches = ArrayBatches(np.arange(items) * 10, np.arange(items), size)
    seen = list(batches.epoch(rng(seed)))
    assert len(seen) == len(batches)
    assert all(len(x) == size for x, _ in seen[:-1])
    assert all(np.array_equal(x, 10 * y) for x, y in seen)
    assert sorted(np.concatenate([y for _, y in seen])) == list(range(items))


def test_the_order_follows_from_the_generator_and_differs_between_passes() -> None:
    batches = ArrayBatches(np.arange(50), np.arange(50), 10)

    def order(generator) -> list[int]:
        return np.concatenate([x for x, _ in batches.epoch(generator)]).tolist()

    one, two = rng(), rng()
    first, second = order(one), order(one)
    assert first != second and sorted(first) == sorted(second)
    assert [first, second] == [order(two), order(two)]


def test_a_source_of_batches_is_taken_as_it_is() -> None:
    lanes = LaneBatches(np.arange(20), 2, 3)
    assert as_batches(lanes, None, 32, True) is lanes
    arrays = as_batches(np.arange(4), np.arange(4), 3, False)
    assert isinstance(arrays, ArrayBatches) and arrays.batch_size == 3 and not arrays.shuffle


# --- lanes ----------------------------------------------------------------------------------------------------------


def test_lanes_by_hand() -> None:
    # 14 symbols, 2 lanes: each reads (14 − 1)//2 = 6, two windows of 3. Symbol 12 is a target only, 13 nobody's.
    batches = LaneBatches(np.arange(14), lanes=2, steps=3)
    assert (len(batches), batches.items, batches.carry) == (2, 12, 2)
    (x0, y0), (x1, y1) = batches.epoch(None)
    assert x0.tolist() == [[0, 1, 2], [6, 7, 8]] and y0.tolist() == [[1, 2, 3], [7, 8, 9]]
    assert x1.tolist() == [[3, 4, 5], [9, 10, 11]] and y1.tolist() == [[4, 5, 6], [10, 11, 12]]


def test_the_rest_of_each_lane_by_hand() -> None:
    # 17 symbols, 2 lanes of 8: two windows of 3 and a rest of 2
    batches = LaneBatches(np.arange(17), 2, 3, keep_rest=True)
    assert (len(batches), batches.items, batches.carry) == (3, 16, 3)
    seen = list(batches.epoch(None))
    assert seen[2][0].tolist() == [[6, 7], [14, 15]] and seen[2][1].tolist() == [[7, 8], [15, 16]]
    assert len(LaneBatches(np.arange(17), 2, 3)) == 2  # left out unless asked for
    assert len(LaneBatches(np.arange(14), 2, 3, keep_rest=True)) == 2  # no rest: no empty batch


def test_passages_by_hand() -> None:
    # 25 symbols, steps 2, carry 2: passages of 4, six of them, three rounds for two lanes
    batches = LaneBatches(np.arange(25), lanes=2, steps=2, carry=2)
    assert (batches.passage, batches.passages, len(batches), batches.items) == (4, 6, 6, 24)
    seen = list(batches.epoch(rng(0)))
    begins = [int(lane[0]) for x, _ in seen[::2] for lane in x]
    assert sorted(begins) == [0, 4, 8, 12, 16, 20] and begins != sorted(begins)  # drawn without replacement
    for (x0, _), (x1, _) in zip(seen[::2], seen[1::2]):  # within a passage, each lane goes on where it stopped
        np.testing.assert_array_equal(x1, x0 + 2)
    again = [int(lane[0]) for x, _ in list(batches.epoch(rng(1)))[::2] for lane in x]
    assert again != begins


lanes = st.builds(
    dict,
    symbols=st.integers(10, 300),
    lanes=st.integers(1, 8),
    steps=st.integers(1, 20),
    carry=st.none() | st.integers(1, 10),
    keep_rest=st.booleans(),
)


@given(lanes, st.integers(0, 2**32))
def test_every_symbol_is_read_at_most_once_and_its_target_is_the_next(settings: dict, seed: int) -> None:
    symbols = settings.pop("symbols")
    ids = rng(seed).permutation(symbols)  # a text without repeats, so that places can be recognised
    batches = LaneBatches(ids, **settings)
    place = np.argsort(ids)
    seen = list(batches.epoch(rng(seed)))
    assert len(seen) == len(batches) > 0
    read = []
    for number, (x, y) in enumerate(seen):
        assert x.shape == y.shape and x.shape[0] == settings["lanes"] and x.shape[1] <= settings["steps"]
        np.testing.assert_array_equal(place[y], place[x] + 1)
        np.testing.assert_array_equal(np.diff(place[x], axis=1), 1)
        if number % batches.carry:  # goes on where the same lane stopped
            np.testing.assert_array_equal(place[x[:, 0]], place[seen[number - 1][0][:, -1]] + 1)
        read += place[x].ravel().tolist()
    assert len(set(read)) == len(read) == batches.items
    if settings["carry"] is None and settings["keep_rest"]:
        assert len(read) == (symbols - 1) // settings["lanes"] * settings["lanes"]  # all but what no lane can have
    else:
        rounds = (symbols - 1) // batches.passage // settings["lanes"]
        assert len(batches) == rounds * batches.carry


@pytest.mark.parametrize("carry", [None, 2])
def test_the_held_out_tail_never_enters_training(carry) -> None:
    """A text cut in two: no symbol of the tail is read or predicted while training, nor one of the training part after."""
    text = np.arange(1000)
    train, tail = text[:900], text[900:]
    trained = [np.concatenate([x, y]) for x, y in LaneBatches(train, 4, 7, carry).epoch(rng())]
    validated = [np.concatenate([x, y]) for x, y in LaneBatches(tail, 2, 7, keep_rest=True).epoch(rng())]
    assert max(a.max() for a in trained) < 900 <= min(a.min() for a in validated)


def test_windows_shrink_to_what_there_is() -> None:
    batches = LaneBatches(np.arange(9), lanes=2, steps=100, carry=100)
    assert (batches.steps, batches.carry, len(batches)) == (4, 1, 1)
