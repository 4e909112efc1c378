"""Relatives, run whole: every section by its link, the race judged by its numbers, typed sequences, and a race on the spot."""

import numpy as np
import pytest

from lstm.lessons.relatives.tasks import CELLS
from lstm.lessons.relatives.why import Flips, Straight
from tests.pages.desk import open_page, press, sentences
from ui.relatives import race, train
from ui.relatives import sentences as say
from ui.relatives.models import shipped
from ui.relatives.train import controls

FILE = "pages/relatives.py"
RACE, TYPE, TRAIN, WHY, GOOD = ("The race", "Type a sequence", "Race live", "Why", "What each is good for")

pytestmark = pytest.mark.usefixtures("desk")


def open_section(section, **params):
    return open_page(FILE, relatives_section=section, **params)


def told(page):
    return " ".join(found.value for kind in (page.markdown, page.caption, page.success, page.warning) for found in kind)


def guess(page, key, answer):
    next(one for one in page.radio if one.key == f"predict_{key}").set_value(answer).run()
    assert not page.exception


@pytest.mark.parametrize("section", [RACE, TYPE, TRAIN, WHY, GOOD])
def test_every_section_opens_by_its_link(section):
    page = open_section(section)
    assert page.title[0].value == "Relatives" and page.session_state["relatives_section"] == section
    assert not page.error and not page.warning
    assert [h.value for h in page.header][-2:] == ["Try this", "Take home"]
    assert any(one.label.startswith("The source that just ran") for one in page.expander)
    assert page.get("download_button")
    if section in (RACE, TYPE, WHY):
        assert page.get("vega_lite_chart")


def test_the_lines_go_on_after_the_guess_and_each_wrong_one_has_its_own_answer():
    parity = shipped("parity")
    solvers = parity.solvers(400)
    right = say.answer("parity", solvers)
    answers = set()
    for k, option in enumerate(say.options("parity")):
        page = open_section(RACE)
        assert "then the lines go on" in told(page) and "At **20** symbols, inside the training range" in told(page)
        guess(page, "relatives_parity", option)
        box = (page.success if k == right else page.warning)[0].value
        assert box.startswith("**Right.**" if k == right else "**Not quite.**") and say.listed(solvers) in box
        answers.add(box)
        assert "then the lines go on" not in told(page)
    assert len(answers) == len(say.options("parity"))


def test_the_slider_says_how_all_do_at_that_length():
    page = open_section(RACE, relatives_race_length="400")
    assert "At **20** symbols" in told(page)  # nothing is told beyond the training length before the guess
    guess(page, "relatives_parity", say.options("parity")[0])
    at = shipped("parity").at(400)
    assert f"At **400** symbols, 20.0 times the longest training sequence: LSTM **{at['lstm']:.0%}**" in told(page)


def test_a_typed_sequence_gets_an_opinion_after_every_symbol():
    page = open_section(TYPE)
    page.text_input[0].set_value("11 01").run()
    odd = race.read(shipped("parity"), "1101")
    truth = [1, 0, 0, 1]
    for line in say.where_wrong(truth, odd):
        assert line in told(page)
    assert all(len(values) == 4 for values in odd.values())


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "There is nothing to read yet: type some zeros and ones, such as 1101."),
        ("01x1", "The networks read zeros and ones, and x is neither: leave it out."),
        ("01" * 61, "These are 122 symbols; at most 120 are read here. Leave some out."),
    ],
)
def test_what_cannot_be_read_is_said(typed, sentence):
    page = open_section(TYPE)
    page.text_input[0].set_value(typed).run()
    assert sentence in sentences(page)


def test_a_race_on_the_spot_after_a_guess(desk):
    page = open_section(TRAIN, relatives_beyond="40", relatives_length="6", relatives_units="8")
    button = next(one for one in page.button if one.label == "Race")
    assert button.disabled
    guess(page, "relatives_race", "LSTM")
    press(page, "Race")
    config = desk.all[-1].config
    assert (config.length, config.beyond, config.units, config.names) == (6, 40, 8, tuple(CELLS))
    rows = {row["cell"]: float(np.mean(row["beyond"])) for row in desk.all[-1].result.details["rows"]}
    shown = " ".join([told(page), *sentences(page)])
    assert f"At 40 symbols: LSTM {rows['lstm']:.1%}, GRU {rows['gru']:.1%}" in shown
    table = page.dataframe[0].value
    assert list(table["Network"]) == list(CELLS.values()) and table["Memory a step"].str.endswith(" MB").all()
    assert table.equals(table.__class__(train.table(desk.all[-1])))


def test_settings_that_cannot_be_are_said_and_nothing_starts(desk):
    for params, sentence in (
        ({"relatives_heads": "5"}, "Attention heads must be a number that divides the 32 units, got 5."),
        ({"relatives_beyond": "10"}, "Examined up to must be at least the training length of 20, got 10."),
        ({"relatives_seeds": "99"}, "Seeds must be at most 5, got 99."),
        ({"relatives_units": "0"}, "Units must be a positive integer, got 0."),
    ):
        page = open_section(TRAIN, **params)
        assert sentence in sentences(page)
        assert next(one for one in page.button if one.label == "Race").disabled
    page = open_section(TRAIN)
    page.button_group[-1].set_value([]).run()
    assert not desk.all


def test_the_growth_is_measured_after_a_guess_and_judged(desk, monkeypatch):
    monkeypatch.setattr("lstm.lessons.relatives.growth.LENGTHS", (4, 8))
    page = open_section(WHY)
    assert next(one for one in page.button if one.label == "Measure").disabled
    guess(page, "relatives_fastest", "Attention")
    press(page, "Measure")
    assert desk.all[-1].result.details["rows"] and desk.all[-1].title == "Relatives: growth"


def test_links_lead_to_what_they_say():
    page = open_section(TRAIN, **controls.link(layers=2))
    assert "Layers 2" in told(page)


# The sentences, from made-up numbers ----------------------------------------------------------------------------------


def test_a_choice_is_answered_by_what_was_wrong_with_it():
    at = {"lstm": 1.0, "gru": 0.95, "min_lstm": 0.5, "attention": 0.52, "simple_rnn": 0.6}
    solvers = frozenset({"lstm", "gru"})
    assert say.answer("parity", solvers) == 1
    words = [say.explanation("parity", option, solvers, at, 400, 0.5) for option in say.options("parity")]
    assert "You trusted SimpleRNN (60%); guessing has 50%." in words[0] and "did not expect" not in words[0]
    assert words[1] == "At 400 symbols LSTM and GRU are right at least nine times out of ten."
    assert "You trusted Attention (52%)" in words[2] and "You did not expect LSTM (100%), GRU (95%)." in words[2]
    assert "minLSTM (50%), Attention (52%), SimpleRNN (60%)" in words[3]
    assert words[4].endswith("“LSTM and GRU alone”.")
    strange = frozenset({"attention", "min_lstm"})
    assert say.answer("parity", strange) == 4
    assert say.explanation("parity", say.ANOTHER, strange, at, 400, 0.5).endswith("None of the sets above is that one.")
    assert say.listed([]) == "nobody"


def test_a_switch_is_called_one_only_where_it_is_one():
    assert "That is a switch" in say.of_flips("lstm", Flips(3, 0.95, 0.94, 0.96))
    other = say.of_flips("simple_rnn", Flips(3, 0.7, 0.69, 0.74))
    assert "No single unit is the switch" in other and "**69%** of the ones" in other
    line = say.of_straight(Straight(np.array([[0.1, 0.9], [0.2, 0.8]]), 0.0, (2.0, 1e-6)))
    assert "between **0.10** and **0.90**" in line and "**0.0%**" in line and "falls from 2.00 to 1e-06" in line
    assert "falls" not in say.of_straight(Straight(np.array([[0.1], [0.9]]), 0.0, (1.0, 3.0)))


def test_who_was_fastest_and_how_costs_grow():
    rows = {cell: {"ms": 10.0 * k, "length": 1000} for k, cell in enumerate(CELLS, 1)}
    assert say.fastest(rows, "LSTM").startswith("**Right.** At 1,000 symbols a step of LSTM took **10.0 ms**")
    assert say.fastest(rows, "GRU").endswith("You said GRU: 20.0 ms, 2.0 times as long.")
    assert not say.fastest(rows, None).startswith("**")
    powers = dict.fromkeys(CELLS, 1.0)
    assert "Memory grows fastest for Attention, with the length to the power of 2.0" in say.of_powers(powers, powers | {"attention": 2.0})
    assert "Attention time × 2.0, memory × 4.0" in say.of_powers(powers, powers | {"attention": 2.0})


def test_obsolete_is_answered_by_the_numbers():
    at = {"lstm": 1.0, "gru": 1.0, "min_lstm": 0.5, "attention": 0.5, "simple_rnn": 1.0}
    assert "right 100% of the time at 400, 20 times as far, where minLSTM (50%), Attention (50%)" not in say.obsolete(at, 400, 20, 0.5)
    assert "where Attention (50%), minLSTM (50%) are near the 50% of guessing" in say.obsolete(at, 400, 20, 0.5)
    assert "here it proves nothing" in say.obsolete(at | {"lstm": 0.6}, 400, 20, 0.5)


@pytest.mark.parametrize("task", ["parity", "recall"])
def test_what_is_shown_before_the_guess_is_the_beginning_of_what_is_shown_after_it(task):
    beginning, whole = shipped(task, whole=False), shipped(task)
    for cell in CELLS:
        assert len(beginning.shares[cell]) == whole.config.length < len(whole.shares[cell]) == whole.config.beyond
        np.testing.assert_allclose(beginning.shares[cell], whole.shares[cell][: whole.config.length], atol=1 / 64 + 1e-9)


def test_a_words_former_name_in_an_address_means_what_it_meant():
    page = open_section("Race live", relatives_asked="at the end alone")
    asked = page.selectbox(key="relatives_asked")
    assert (asked.label, asked.value) == ("Output after", "end") and page.query_params["relatives_asked"] == "the last symbol only"
    assert not page.warning
