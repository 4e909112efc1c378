"""Sequences without their padding: a small mask laid out by hand, and the way there and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstm.packing import Packing

masks = hnp.arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 6)))

MASK = np.array([[0, 1, 1, 0], [1, 0, 1, 1], [0, 0, 0, 0]], dtype=bool)
"""    a: . a1 a2 .     b: b0 . b2 b3     c: nothing      →  longest first: b, a, c

packed    b0 a1 | b2 a2 | b3        counts 2, 2, 1
places     4  1 |  6  2 |  7        of 12, row by row
"""


def test_a_small_mask_by_hand() -> None:
    p = Packing.from_mask(MASK)
    assert (p.batch, p.time, p.rows) == (3, 4, 5)
    assert p.counts == (2, 2, 1)
    assert p.offsets == (0, 2, 4, 5)
    assert p.order.tolist() == [1, 0, 2]
    assert p.index.tolist() == [4, 1, 6, 2, 7]
    # the states before step 0 are the 3 initial ones; before step 1 those of rows 0 and 1, before step 2 that of row 2
    assert p.previous == (0, 3, 5)
    assert p.previous_rows().tolist() == [0, 1, 3, 4, 5]


def test_pack_and_unpack_by_hand() -> None:
    p = Packing.from_mask(MASK)
    values = np.arange(12).reshape(3, 4)
    assert p.pack(values).tolist() == [4, 1, 6, 2, 7]
    rows = np.array([[40], [10], [60], [20], [70]])
    # an output: a masked step repeats the one before it, zero before the first
    assert p.unpack(rows)[..., 0].tolist() == [[0, 10, 20, 20], [40, 40, 60, 70], [0, 0, 0, 0]]
    # a gradient: zero where masked
    assert p.unpack_gradient(rows)[..., 0].tolist() == [[0, 10, 20, 0], [40, 0, 60, 70], [0, 0, 0, 0]]


def test_states_are_sorted_and_back() -> None:
    p = Packing.from_mask(MASK)
    states = np.array([[1.0], [2.0], [3.0]])
    assert p.sort(states)[:, 0].tolist() == [2, 1, 3]
    np.testing.assert_array_equal(p.unsort(p.sort(states)), states)


def test_without_padding_time_comes_first() -> None:
    p = Packing.full(2, 3)
    assert p.counts == (2, 2, 2) and p.index is None and p.order is None
    assert p.pack(np.arange(6).reshape(2, 3)).tolist() == [0, 3, 1, 4, 2, 5]
    assert Packing.from_mask(np.ones((2, 3))) is p


def test_nothing_but_padding() -> None:
    p = Packing.from_mask(np.zeros((2, 3)))
    assert p.rows == 0 and p.counts == ()
    assert p.pack(np.ones((2, 3, 4))).shape == (0, 4)
    np.testing.assert_array_equal(p.unpack(np.zeros((0, 4))), np.zeros((2, 3, 4)))
    assert p.previous_rows().size == 0


@given(masks)
def test_packing_loses_nothing_and_keeps_the_order_of_time(mask: np.ndarray) -> None:
    p = Packing.from_mask(mask)
    assert p.rows == mask.sum() and list(p.counts) == sorted(p.counts, reverse=True)
    values = np.arange(1, mask.size + 1, dtype=float).reshape(*mask.shape, 1)
    rows = p.pack(values)
    np.testing.assert_array_equal(p.unpack_gradient(rows), values * mask[..., None])
    seen = p.unpack(rows)[..., 0]
    for b in range(len(mask)):
        last = 0.0
        for t in range(mask.shape[1]):
            last = values[b, t, 0] if mask[b, t] else last
            assert seen[b, t] == last
    # the row before each row is the same sequence's, one unmasked step earlier
    sequence = np.concatenate([p.order if p.order is not None else np.arange(p.batch), np.zeros(0, int)])
    place = p.index if p.index is not None else p.pack(np.arange(mask.size).reshape(mask.shape))
    owner, extended = place // p.time, np.concatenate([sequence, place // p.time])
    np.testing.assert_array_equal(extended[p.previous_rows()], owner)


@given(masks)
def test_the_last_row_of_each_sequence(mask: np.ndarray) -> None:
    packing = Packing.from_mask(mask)
    steps = np.arange(mask.size).reshape(mask.shape)
    last = [steps[b, np.flatnonzero(mask[b])[-1]] for b in range(len(mask)) if mask[b].any()]
    assert sorted(packing.pack(steps)[packing.last_rows].tolist()) == sorted(last)


@given(masks, st.randoms(use_true_random=False))
def test_where_the_padding_stands_does_not_matter(mask: np.ndarray, random) -> None:
    """The same sequences, padded elsewhere: the same rows."""
    values = np.arange(1, mask.size + 1).reshape(mask.shape)
    moved, moved_mask = np.zeros_like(values), np.zeros_like(mask)
    for b in range(len(mask)):
        places = sorted(random.sample(range(mask.shape[1]), int(mask[b].sum())))
        moved[b, places], moved_mask[b, places] = values[b, mask[b]], True
    np.testing.assert_array_equal(Packing.from_mask(mask).pack(values), Packing.from_mask(moved_mask).pack(moved))
