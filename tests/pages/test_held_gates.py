"""Holding a gate: the question on every page with a trained network, its answer from that network, and the other gates after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstm.lessons.held import with_gate_held
from lstm.lessons.reading.reader import read
from lstm.preprocessing.series import score
from tests.pages.desk import open_page
from ui import lesson
from ui.forecast.questions import held_in_words as forecast_in_words
from ui.reading.words import percent
from ui.relatives.sentences import HELD, held_answer

pytestmark = pytest.mark.usefixtures("desk")


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))


def radio(page, key):
    return page.radio(key=f"predict_{key}")


def revealed(page):
    return [found.value for found in (*page.success, *page.warning) if "With its forget gate f at 0 " in found.value]


def ways(page, key):
    return next(group for group in page.button_group if group.key == f"{key}_way")


def test_every_gate_can_be_held_at_both_ends():
    assert sorted(lesson.HOLDS.values()) == [(gate, value) for gate in "fio" for value in (0, 1)]
    assert lesson.HOLDS[lesson.FORGETS] == ("f", 0)


@pytest.mark.parametrize(("page_file", "key"), [("pages/sentiment.py", "sentiment_held"), ("pages/topics.py", "topics_held")])
def test_a_text_is_read_with_a_gate_held(page_file, key):
    if key.startswith("topics"):
        from ui.topics.methods import SHELF
        from ui.topics.opinion import START
    else:
        from ui.sentiment.first import START
        from ui.sentiment.models import SHELF
    shown = SHELF.shipped()
    page = open_page(page_file)
    assert not revealed(page) and not [group for group in page.button_group if group.key == f"{key}_way"]  # nothing before the guess
    shut = read(with_gate_held(shown.model, "f", 0), shown.reader, START).final
    says = shown.reader.classes[int(shut.argmax())]
    radio(page, key).set_value(says).run()
    (said,) = revealed(page)
    assert said.startswith("**Right.**") and f"it says **{says}**" in said and percent(float(shut.max())) in said
    for way, (gate, value) in list(lesson.HOLDS.items())[1:]:
        ways(page, key).set_value(way).run()
        p = read(with_gate_held(shown.model, gate, value), shown.reader, START).final
        found = next(text.value for text in page.markdown if text.value.startswith(f"With its {way} "))
        assert f"it says **{shown.reader.classes[int(p.argmax())]}**" in found and percent(float(p.max())) in found
    assert not page.exception


def test_a_series_is_forecast_with_a_gate_held():
    from ui.forecast.models import SHELF

    shown = SHELF.shipped()
    part = shown.tested.part
    forecast = replace(shown, model=with_gate_held(shown.model, "f", 0)).forecast(part.origins)[:, 0]
    error = score(part.actual[:, 0], forecast, 1.0).rmse
    own = score(part.actual[:, 0], shown.forecast(part.origins)[:, 0], 1.0).rmse
    page = open_page("pages/forecast.py")
    options = radio(page, "forecast_held").options
    radio(page, "forecast_held").set_value(options[sum(error / own >= edge for edge in (1.1, 2.0))]).run()
    (said,) = revealed(page)
    assert said.startswith("**Right.**") and forecast_in_words(error, own) in said
    assert not page.exception


def test_the_sentence_about_an_error_holds_whichever_way_it_moves():
    assert "**0.2** instead of **0.1**, 2.00 times" in forecast_in_words(0.2, 0.1)
    assert "0.50 times" in forecast_in_words(0.1, 0.2)
    assert "times" not in forecast_in_words(0.1, 0.0)


def test_the_races_lstm_is_examined_with_a_gate_held():
    from lstm.lessons.relatives.experiment import at_length
    from ui.relatives.models import SEQUENCES, shipped

    page = open_page("pages/relatives.py", relatives_section="Why")
    for task in ("parity", "recall"):
        race = shipped(task)
        n = race.config.length
        share = at_length(race.task.examine(with_gate_held(race.models["lstm"], "f", 0), n, SEQUENCES), n)
        radio(page, f"relatives_held_{task}").set_value(HELD[held_answer(share, race.task.chance)]).run()
        (said,) = [one for one in revealed(page) if f"**{share:.1%}** of its answers" in one]
        assert said.startswith("**Right.**") and f"instead of **{at_length(race.shares['lstm'], n):.1%}**" in said
    assert not page.exception
    assert [held_answer(share, 0.5) for share in (0.3, 0.55, 0.56, 0.89, 0.9, 1.0)] == [0, 0, 1, 1, 2, 2]


def test_a_network_without_an_lstm_says_so(monkeypatch):
    from lstm import GRU, Dense, Sequential

    model = Sequential([GRU(2), Dense(1)])
    model.build((None, None, 1))
    said = []
    monkeypatch.setattr(lesson.st, "caption", said.append)
    lesson.hold_a_gate("x", "?", ["a"], model, lambda _: 0, lambda _: 0, lambda _: "", None)
    assert said == ["This network has no LSTM layer, and it is an LSTM’s gates that can be held here."]


def test_what_it_says_of_an_answer_that_stays_and_of_one_that_turns():
    from ui.digits.harder import held_in_words

    assert held_in_words(3, np.array([0.1, 0.2, 0.0, 0.7])) == "it says **3** still, 70% sure."
    assert held_in_words(1, np.array([0.1, 0.2, 0.0, 0.7])) == "it says **3**, 70% sure."
