"""Learning, run whole: the four buttons, every earlier step, what a link says, and numbers that are the example's."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from lstm.lessons.learning.network import Place
from lstm.lessons.learning.setting import PRESETS
from lstm.lessons.learning.training import Training
from tests.pages.desk import open_page, sentences
from ui.learning.tables import parameters

FILE = "pages/learning.py"
PRESS = ("Forward", "Loss", "Backward", "Update")


def open_learning(**params):
    return open_page(FILE, **params)


def button(page, label):
    return next(b for b in page.button if b.label == label)


def press(page, *labels):
    for label in labels:
        button(page, label).click().run()
        assert not page.exception
    return page


def state(page):
    return page.session_state["learning"]


def mounted(page):
    """What the components were last told, by key."""
    found = {}
    for element in page.get("bidi_component"):
        if element.proto.component_name in ("lab_drawing", "lab_sheet"):
            data = json.loads(element.proto.json)
            found[element.proto.id.rsplit("-", 1)[-1]] = data
    return found


def picture(page):
    return next(data["svg"] for data in mounted(page).values() if "svg" in data)


def sheets(page):
    return [data["html"] for data in mounted(page).values() if "html" in data]


def words(html):
    return re.sub("<[^>]*>", " ", html)


def alerts(page):
    return [one.replace("⁠", "") for one in sentences(page)]


def test_it_opens_before_the_first_step():
    page = open_learning()
    assert page.title[0].value == "Learning"
    assert state(page).view.phase == "start" and not alerts(page)
    assert "prediction" not in words(picture(page)) and "target 0.900" in words(picture(page))
    assert len(page.get("vega_lite_chart")) == 2


def test_four_presses_are_one_step():
    page = open_learning(task="pencil")
    assert "0.567" not in picture(page)
    press(page, "Forward")
    assert "0.567" in picture(page) and "prediction 0.174" in picture(page) and "off by" not in picture(page)
    press(page, "Loss")
    assert "off by −0.826" in picture(page) and "loss 0.683" in picture(page) and "∂" not in words(picture(page))
    press(page, "Backward")
    assert "∂ −0.552" in picture(page) and "∂ −0.650" in picture(page)  # C₁ and C₂ of the example by hand
    press(page, "Update")
    assert state(page).view.step == 0
    press(page, "Forward")
    assert state(page).view.step == 1 and state(page).view.phase == "forward"
    assert page.query_params["step"] in ("1", ["1"])


def test_the_page_shows_the_example_worked_out_by_hand():
    """The arithmetic stands in tests/lstm/lessons/test_learning.py; here its numbers are read off the page."""
    page = open_learning(task="pencil", phase="update")
    shown = " ".join(words(html) for html in sheets(page))
    for figure in (
        "0.567",
        "0.866",
        "0.537",
        "0.354",
        "0.305",
        "0.105",
        "0.527",
        "0.798",
        "0.294",
        "0.446",
        "0.398",
        "0.169",
    ):
        assert figure in shown, figure  # i, f, c̃, o, C, h of both steps
    for figure in (
        "−0.519",
        "−0.033",
        "−0.552",
        "−1.702",
        "−0.644",
        "−0.223",
        "−0.159",
        "0.012",
        "0.018",
        "0.009",
        "0.124",
    ):
        assert figure in shown, figure  # the ways back
    weights = next(html for html in sheets(page) if "recurrent_kernel" in html and "caption" in html)
    cells = dict(re.findall(r'data-lights="([^"]*)"[^>]*>(.*?)</td>', weights))
    # W i, W c̃, U o, d: old, gradient, new
    for place, (old, gradient, new) in {
        "W[0,0]": ("0.270", "−0.097", "0.318"),
        "W[0,2]": ("0.600", "−0.379", "0.790"),
        "U[0,3]": ("0.780", "−0.017", "0.788"),
        "d[0]": ("0.000", "−1.653", "0.826"),
    }.items():
        assert words(cells[place]).split() == [old, "∂", gradient, new]
    assert any("−0.073 − 0.024 = **−0.097**" in one.value for one in page.markdown)
    assert any("0.2700 − 0.5 · (−0.097) = **0.3183**" in one.value for one in page.markdown)


def test_check_it_puts_both_slopes_beside_each_other():
    page = open_learning(task="pencil", phase="backward")
    page.toggle(key="learning_check").set_value(True).run()
    sentence = next(one.value for one in page.markdown if "difference divided by" in one.value)
    numeric, analytic = (float(number) for number in re.findall(r"\*\*([−\-\d.]+)\*\*", sentence))
    assert numeric == pytest.approx(analytic, abs=1e-8) and analytic == pytest.approx(-0.0966, abs=5e-5)
    assert sentence.endswith("They agree.")


def test_many_steps_and_back_to_any():
    page = open_learning()
    press(page, "+10 steps", "+100 steps")
    assert state(page).view.step == 110 and state(page).furthest == 110
    late = state(page).moment().loss.value
    page.slider(key="learning_step").set_value(3).run()
    assert state(page).view.step == 3 and state(page).furthest == 110
    assert state(page).moment().loss.value == state(page).training.losses[3] > late
    press(page, "Back")
    assert state(page).view.step == 2
    press(page, "Undo", "Undo")
    assert state(page).view.step == 110
    press(page, "Reset")
    assert state(page).view.step == 0 and state(page).view.phase == "start"
    press(page, "Undo")
    assert state(page).view.step == 110


def test_the_optimizer_changes_the_path_and_keeps_the_step():
    page = open_learning(step="10", phase="loss")
    before = state(page).moment().loss.value
    page.selectbox(key="learning_optimizer").set_value("sgd").run()
    assert not page.exception and state(page).view.step == 10
    setting = replace(PRESETS["Remember the first number"], optimizer="sgd")
    expected = Training(setting)
    expected.reach(10)
    assert state(page).moment().loss.value == expected.losses[10] != before
    assert page.query_params["optimizer"] in ("sgd", ["sgd"])


def test_a_training_that_diverges_says_where_it_began():
    page = open_learning(optimizer="sgd", rate="2", step="100", phase="loss")
    found = state(page).training.diverged
    assert state(page).view.step == found.noticed
    assert alerts(page) == [
        f"The training has diverged: the loss was lowest at step {found.lowest}, from step {found.began} on it was never that low "
        f"again, and it is {found.loss:.1f} now. A learning rate of 2 is too large for SGD: go back, or choose a smaller one."
    ]
    assert button(page, "+1 step").disabled and button(page, "Update").disabled and not button(page, "Back").disabled
    press(page, "Back")
    assert not alerts(page)


def test_playing_goes_on_by_itself_and_ends():
    page = open_learning()
    press(page, "Play")
    one = state(page)
    assert one.playing and button(page, "Pause")
    seen = []
    while one.playing and len(seen) < 100:
        one._by_hand, one._ticked = False, 0.0
        one.tick()
        seen.append((one.view.step, one.view.phase))
    assert seen[:5] == [(0, "forward"), (0, "loss"), (0, "backward"), (0, "update"), (1, "forward")]
    assert seen[-1] == (10, "update") and not one.playing


def test_your_own_sequence_and_what_cannot_be():
    page = open_learning()
    page.text_input[0].set_value("0.5,1 0.2,0; 0.1,0 0.4,1")
    page.text_input[1].set_value("0.5; 0.4")
    press(page, "Learn this")
    setting = state(page).view.setting
    assert setting.sequences == (((0.5, 1), (0.2, 0)), ((0.1, 0), (0.4, 1))) and setting.targets == (0.5, 0.4)
    assert state(page).view.step == 0 and page.selectbox(key="learning_preset").value == "Your own sequences"
    for x, y, sentence in (
        ("1 2 3 4 5 6 7", "1", "There must be at most 6 time steps in a sequence."),
        ("1 two", "1", "'two' is not a number: write sequences as 0.9 0.1 0.4, with ; between two of them."),
        ("1 2", "1; 2", "There must be one target for each sequence, so 1 here, and not 2."),
    ):
        page.text_input[0].set_value(x)
        page.text_input[1].set_value(y)
        press(page, "Learn this")
        assert alerts(page) == [sentence]
        assert state(page).view.setting == setting and page.text_input[0].value == x  # nothing is lost


def test_units_and_length_each_change_one_thing():
    page = open_learning(task="pencil")
    for units in (1, 2, 3):
        page.button_group(key="learning_units").set_value(units).run()
        assert state(page).moment().weights.flat().size == parameters(1, units)
        assert any(f"there are **{parameters(1, units)}** numbers to learn" in one.value for one in page.markdown)
        assert picture(page).count('class="cell') == 2
    press(page, "Longer")
    assert state(page).view.setting.time == 3 and picture(page).count('class="cell') == 3
    assert state(page).moment().weights.flat().size == parameters(1, 3)
    press(page, "Shorter", "Shorter")
    assert state(page).view.setting.time == 1 and button(page, "Shorter").disabled
    page.radio(key="predict_learning_units").set_value("As many as before").run()
    assert page.success[0].value.startswith("**Right.**")


def test_a_click_in_a_table_chooses_the_weight_and_its_unit():
    page = open_learning(task="marked", phase="backward")
    state(page).chosen("weight U[1,3]")
    page.run()
    assert state(page).view.weight == Place("U", (1, 3)) and state(page).view.unit == 1
    assert page.selectbox(key="learning_weight").value == Place("U", (1, 3))
    state(page).chosen("t 2")
    page.run()
    assert state(page).view.t == 2
    for nonsense in ("weight W[9,9]", "t x", "t 99999999", "", "unit", "weight", "t ²"):
        before = state(page).view
        state(page).chosen(nonsense)
        page.run()
        assert not page.exception and state(page).view == before


def test_the_landscape_of_two_weights():
    page = open_learning(step="20", second="V.0.0")
    assert state(page).view.second == Place("V", (0, 0))
    assert any(one.value.startswith("Dark is low") for one in page.caption)
    state(page).look(weight=Place("V", (0, 0)))  # both the same: one is left
    page.run()
    assert state(page).view.second is None and not page.exception


def test_predictions_fade_and_each_mistake_has_its_answer():
    page = open_learning(task="pencil", phase="forward", t="2")
    page.button_group(key="learning_level").set_value(1).run()
    formulas = next(html for html in sheets(page) if "data-step" in html)
    assert "0.798" not in picture(page) and "?" in words(picture(page)) and "0.798" not in formulas

    def answer(value):
        one = next(field for field in page.number_input if field.label == "f₂")
        one.set_value(value).run()
        assert not page.exception
        return alerts(page)

    z = 0.87 * 0.5 - 0.57 * 0.10473 + 1
    assert answer(np.tanh(z)) == ["F uses tanh where σ belongs"]
    assert answer(1 / (1 + np.exp(1 - z))) == ["Z leaves out the bias"]
    assert answer(0.3) == ["Not yet: put the numbers into the formula once more"]
    assert answer(0.8) == [] and "0.798" in picture(page)
    assert any(one.value.startswith("All right.") for one in page.success)
    page.button_group(key="learning_level").set_value(3).run()
    labels = [field.label for field in page.number_input if field.label[-1] == "₂"]
    assert labels == ["f₂", "i₂", "c̃₂", "o₂", "C₂", "h₂"]
    hidden_h = next(field for field in page.number_input if field.label == "h₂")
    hidden_h.set_value(0.4456 * np.tanh(0.3046)).run()  # the old C for the new
    assert alerts(page) == ["H uses c before the update"]


@pytest.mark.parametrize(
    "params",
    [
        {"task": "everything"}, {"x": "1 2 3 4 5 6 7"}, {"x": "1 2", "y": "1; 2"}, {"y": "nan"}, {"units": "4"}, {"units": "²"},
        {"rate": "inf"}, {"rate": "1e9"}, {"optimizer": "lion"}, {"seed": "-1"}, {"step": "1e9"}, {"step": "99999999999"},
        {"phase": "sideways"}, {"sequence": "9"}, {"unit": "0"}, {"t": "x"}, {"weight": "W.9.9"}, {"second": "<script>"},
        {"x": ";" * 5000, "y": "a", "units": "a", "rate": "a", "step": "a"},
    ],
)  # fmt: skip
def test_garbage_in_a_link_is_one_sentence_and_a_sane_state(params):
    page = open_learning(**params)
    assert len(alerts(page)) == 1
    assert (
        alerts(page)[0].startswith("Part of this could not be used as it came (")
        and "<script>" not in page.warning[0].value  # its signs are escaped
    )
    assert state(page).view.fitting() == state(page).view


def test_a_link_to_the_last_step_allowed():
    page = open_learning(task="pencil", step="1000", phase="update")
    assert state(page).view.step == 1000 and button(page, "Update").disabled and button(page, "+10 steps").disabled


def test_the_file_with_blanks_is_offered():
    page = open_learning()
    assert "The cell with blanks (my_cell.py)" in [one.label for one in page.get("download_button")]
    assert any("python -m lstm check my_cell.py" in one.value for one in page.code)
