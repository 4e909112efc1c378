"""What Text generation says of itself while it is used: counted, and said by what was counted."""

from __future__ import annotations

import tomllib

import pytest

from lstm.lessons.held import with_gate_held
from ui.frame import ROOT
from ui.reading.report import how_sure
from ui.text.models import SHELF
from ui.text.questions import (
    WRITTEN,
    Used,
    held_answer,
    held_in_words,
    kept_in_words,
    learning_in_words,
    used,
    weights_answer,
    worked,
)


def test_reading_changes_no_weight_and_every_state():
    found = used(SHELF.shipped())
    assert found.weights_changed == 0 and weights_answer(found) == 2
    assert found.states_changed == found.states == 400 and found.weights == 233_873
    assert used(SHELF.shipped(), "It was the best of times, it was the worst of times").states == found.states


@pytest.mark.parametrize(("found", "answer"), [(Used(10, 0, 4, 4), 2), (Used(10, 3, 4, 4), 1), (Used(10, 10, 4, 4), 0)])
def test_that_the_weights_stay_is_said_only_where_they_do(found, answer):
    assert weights_answer(found) == answer
    assert ("The weights stay" in learning_in_words(found)) == (answer == 2)
    assert "4 numbers" in kept_in_words(found)


def test_mistakes_of_a_sure_network_differ_and_none_is_certain():
    said = [how_sure(p) for p in (0.5, 0.873, 0.999, 0.9999, 0.99995, 0.999971, 1 - 2e-7, 1.0)]
    assert len(set(said)) == len(said) and not any(one.startswith("100") for one in said)
    assert said[1] == "87.3 %"


def test_a_control_that_has_a_default_and_is_set_by_a_link_is_no_warning_in_the_log():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["global"]["disableWidgetStateDuplicationWarning"] is True


@pytest.mark.parametrize(("loss", "answer"), [(1.0, 0), (1.5, 0), (1.6, 1), (2.7, 1), (2.9, 2), (9.0, 2)])
def test_what_a_held_gate_costs_is_said_by_the_losses(loss, answer):
    assert held_answer(loss, 1.4) == answer
    assert held_in_words(loss, 1.4).endswith(f"**{loss:.2f}** nats instead of **1.40**, {loss / 1.4:.2f} times as much.")


def test_the_model_that_ships_needs_its_forget_gate_to_read_and_to_write():
    shown = SHELF.shipped()
    own = worked(shown.model, shown)
    for value in (0, 1):
        found = worked(with_gate_held(shown.model, "f", value), shown)
        assert found.loss > 1.1 * own.loss and found.text != own.text
        assert len(found.text) == len(own.text) == WRITTEN
