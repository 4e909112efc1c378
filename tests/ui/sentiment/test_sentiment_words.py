"""What Sentiment says of a score, at its extremes."""

from __future__ import annotations

import pytest

from ui.sentiment.hard import explained
from ui.sentiment.padding import why


@pytest.mark.parametrize("meant", [0, 1])
@pytest.mark.parametrize("score", [0.0, 0.3, 0.46, 0.5, 0.54, 1.0])
def test_what_it_says_and_what_was_meant(score, meant):
    said = explained(score, meant)
    assert said.startswith("It says positive" if score >= 0.5 else "It says negative")
    assert ("but hardly" in said) == (abs(score - 0.5) < 0.1)
    assert ("meant the same" in said) == ((score >= 0.5) == (meant == 1))


def test_padding_that_moves_nothing_has_left_no_mark():
    assert "hardly move" in why(True, 2) and "hardly move" in why(False, 2)
    assert "never met padding" in why(True, 0) and "met padding while it learnt" in why(False, 1)
