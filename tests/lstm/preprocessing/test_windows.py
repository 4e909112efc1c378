"""From a table to (samples, time steps, features)."""

from __future__ import annotations

import numpy as np
import pytest

from lstm import LSTM
from lstm.preprocessing.windows import cut_windows

TABLE = np.array([[1, 10], [2, 20], [3, 30], [4, 40], [5, 50]])


def rows(found):
    """Of each window the rows of the table, from 1, and 0 for padding."""
    return (found.rows + 1).tolist()


def test_windows_by_hand():
    found = cut_windows(TABLE, 3)
    assert found.x.shape == (3, 3, 2) and found.mask.all()
    assert rows(found) == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert found.x[1].tolist() == [[2, 20], [3, 30], [4, 40]]
    assert rows(cut_windows(TABLE, 2, stride=2)) == [[1, 2], [3, 4]]
    assert rows(cut_windows(TABLE, 3, 2, "front")) == [[0, 0, 1], [1, 2, 3], [3, 4, 5]]
    behind = cut_windows(TABLE, 3, 2, "behind")
    assert rows(behind) == [[1, 2, 3], [3, 4, 5], [5, 0, 0]]
    assert behind.x[2].tolist() == [[5, 50], [0, 0], [0, 0]] and behind.mask[2].tolist() == [True, False, False]


def test_longer_than_the_table_only_with_padding():
    assert rows(cut_windows(TABLE[:2], 4, 1, "behind")) == [[1, 2, 0, 0], [2, 0, 0, 0]]
    with pytest.raises(ValueError, match=r"^look_back must be at most the 2 rows of the table without padding, got 4$"):
        cut_windows(TABLE[:2], 4)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((np.zeros((0, 2)), 1), "table must have rows and columns, got shape (0, 2)"),
        ((TABLE, 0), "look_back must be a positive integer, got 0"),
        ((TABLE, 1, -1), "stride must be a positive integer, got -1"),
        ((TABLE, 1, 1, "left"), "padding must be one of none, front, behind, got 'left'"),
    ],
)
def test_what_cannot_be_is_refused(arguments, said):
    with pytest.raises(ValueError) as caught:
        cut_windows(*arguments)
    assert str(caught.value) == said


def test_a_masked_layer_reads_a_padded_window_as_if_nothing_were_there():
    layer = LSTM(4)
    for padding in ("front", "behind"):
        found = cut_windows(TABLE, 3, 4, padding)
        at = int(np.argmin(found.mask.sum(axis=1)))
        alone = layer(found.x[at][found.mask[at]][None])
        assert found.mask[at].sum() == 1 and np.allclose(layer(found.x, mask=found.mask)[at], alone[0], atol=1e-6)
