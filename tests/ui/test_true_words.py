"""Sentences about pictures and questions, fed the extremes of what they speak of."""

from __future__ import annotations

import numpy as np
import pytest

from ui.digits.harder import hiding_in_words
from ui.memory.inside import seen_in_words
from ui.topics.questions import winner


@pytest.mark.parametrize(
    ("inked", "rows", "said"), [(28, 0, ""), (28, 5, ""), (20, 10, "The lowest 8 of them are blank"), (20, 3, "The lowest 3")]
)
def test_rows_are_called_blank_where_they_are(inked, rows, said):
    image = np.zeros((28, 28))
    image[:inked] = 1.0
    found = hiding_in_words(rows, 4, image)
    assert found.startswith(f"With {rows} rows hidden it still says 4") and ("blank" in found) == bool(said) and said in found
    assert hiding_in_words(28, 4, np.zeros((28, 28))).startswith("All of them")


@pytest.mark.parametrize(("accuracies", "right"), [
    ({"LSTM": 0.9, "trees": 0.8}, 0), ({"LSTM": 0.8, "trees": 0.9}, 1), ({"LSTM": 0.9, "trees": 0.9}, 2),
    ({"LSTM": 0.7, "trees": 0.9, "more": 0.9}, 3),
])  # fmt: skip
def test_of_several_that_are_right_equally_often_none_wins(accuracies, right):
    assert winner(list(accuracies), accuracies) == right


@pytest.mark.parametrize("held", [None, 0.0, 1.0])
@pytest.mark.parametrize("task", ["recall", "adding"])
def test_only_the_recall_task_has_blanks(task, held):
    c, f = np.ones((21, 3)), np.full((21, 3), 0.5 if held is None else held)
    said = seen_in_words(c, f, held, task)
    assert ("20 blanks" in said) == (task == "recall") and ("20 steps" in said) == (task == "adding")
    assert ("open at 0.500" in said) if held is None else (f"held at {held:.2f}" in said)
    assert "100% of the cells end with the sign" in said and ("100% of what stood" in said) == (held == 1.0)
