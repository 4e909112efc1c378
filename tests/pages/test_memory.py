"""Memory, run whole: each section by its link, what it says in numbers, and a training of both networks on the spot."""

import io

import numpy as np
import pytest

from lstm import load_model
from lstm.lessons.memory import through_time, truncated
from lstm.lessons.memory.experiment import Memory
from lstm.lessons.memory.tasks import Task
from lstm.storage import model_bytes
from tests.pages.desk import offer, open_page, press, sentences
from ui.memory import check, gradients, train
from ui.memory import story as memory_story
from ui.memory.shapes import numbers
from ui.memory.train import GUESSES, controls, question
from ui.memory.truncated import answer
from ui.numbers import latex_number, scientific

FILE = "pages/memory.py"
GRADIENTS, TRAIN, TRUNCATED, INSIDE, STORY, SHAPES, CHECK = (
    "Gradients through time",
    "Can it remember?",
    "Truncated backpropagation",
    "Inside the memory",
    "The story",
    "Samples, time steps, features",
    "Check the maths",
)

pytestmark = pytest.mark.usefixtures("desk")


def open_section(section, **params):
    return open_page(FILE, memory_section=section, **params)


def told(page):
    return " ".join(found.value for kind in (page.markdown, page.caption, page.success, page.warning) for found in kind)


def guess(page, answer):
    next(one for one in page.radio if one.key == "predict_memory_guess").set_value(answer).run()
    assert not page.exception


@pytest.mark.parametrize("section", [GRADIENTS, TRAIN, TRUNCATED, INSIDE, STORY, SHAPES, CHECK])
def test_every_section_opens_by_its_link_with_links_downloads_and_a_question(section):
    page = open_section(section)
    assert page.title[0].value == "Memory" and page.session_state["memory_section"] == section
    assert not page.error and not page.warning
    assert [h.value for h in page.header][-2:] == ["Try this", "Take home"]
    assert any(one.label.startswith("The source that just ran") for one in page.expander)
    assert page.radio, "something to predict"
    assert len(page.get("download_button")) == 3
    if section not in (TRAIN, TRUNCATED, SHAPES):
        assert page.get("vega_lite_chart")


# Gradients --------------------------------------------------------------------------------------------------------


def test_it_opens_with_gradients_that_vanish_and_reach_back():
    page = open_page(FILE)
    assert "**SimpleRNN: ∂loss/∂h vanishes.**" in told(page) and "**LSTM: ∂loss/∂c reaches back.**" in told(page)
    setting = through_time.Setting()
    rnn = through_time.reach(through_time.weights(setting, "rnn"), through_time.problem(setting))
    verdict = through_time.verdict(rnn.h_norms)
    assert f"Each step back leaves {verdict.per_step:.1%} of it" in told(page)
    assert f"After {verdict.after} steps less than a thousandth is left" in told(page)


def test_the_controls_drive_the_gradients_and_a_link_makes_them_explode():
    page = open_section(GRADIENTS, reach_scale="3.0", reach_steps="100", reach_units="32")
    assert "**SimpleRNN: ∂loss/∂h explodes.**" in told(page)
    page = open_section(GRADIENTS, reach_bias="-2.0")
    assert "**LSTM: ∂loss/∂c vanishes.**" in told(page)
    page = open_section(GRADIENTS, reach_scale="0.0")
    assert "Nothing at all arrives" in told(page) and not page.error


def test_what_clipping_does_is_in_the_table():
    page = open_section(GRADIENTS, reach_scale="3.0", reach_limit="0.5")
    table = page.dataframe[0].value
    assert list(table.columns) == ["one step of training", "SimpleRNN", "LSTM"]
    updates = dict(zip(table["one step of training"], table["SimpleRNN"], strict=True))
    assert updates["length of the update, clipped"] == "0.05"
    assert float(updates["length of the gradient"]) > 1e3


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"reach_seed": "-1"}, "Seed must be an integer of 0 or more, got -1."),
        ({"reach_limit": "0"}, "Clip the norm at must be a positive number, got 0."),
        ({"reach_rate": "-3"}, "Learning rate must be a positive number, got -3."),
    ],
)
def test_a_bad_setting_is_a_sentence(params, said):
    assert sentences(open_section(GRADIENTS, **params)) == [said]


def test_the_question_on_the_forget_bias_is_answered_by_the_numbers():
    page = open_section(GRADIENTS)
    radio = next(one for one in page.radio if one.key == "predict_memory_bias")
    radio.set_value("Ten times as much or more").run()
    assert page.success and "The gate opens from σ(1) = 0.73 to σ(3) = 0.95" in page.success[0].value


def test_the_norms_as_a_file():
    ways = gradients.computed(through_time.Setting(steps=5, units=2))
    lines = gradients.norms_csv(ways).splitlines()
    assert (
        lines[0] == "time step,SimpleRNN norm of dloss/dh,LSTM norm of dloss/dh,LSTM norm of dloss/dc,of that along the forget gates alone"
        and len(lines) == 7
    )
    assert float(lines[-1].split(",")[1]) == ways.rnn.h_norms[-1]


# Can it remember? -------------------------------------------------------------------------------------------------


def test_the_button_waits_for_a_guess_then_both_are_trained_and_the_guess_is_judged(desk):
    page = open_section(TRAIN, memory_distance="6", memory_units="8")
    button = next(one for one in page.button if one.label == "Train both")
    assert button.disabled and any("First say what you expect" in one.value for one in page.caption)
    guess(page, "Both")
    press(page, "Train both")
    [job] = desk.all
    assert job.config == Memory(distance=6, units=8) and job.title == "Memory"
    assert job.state == "stopped" and job.result.details["rnn"] is not None
    found = train.learnt(job)
    assert found == {"lstm": False, "rnn": False}  # four steps are not enough
    [said] = [one.value for one in page.warning]
    assert "You said: both. It is: neither. At distance 6: the LSTM " in said and "Guessing has 12.5%" in said
    assert len(page.get("download_button")) == 4
    assert "LSTM accuracy at distance 6" in told(page) and "up to twice the distance they practise" in told(page)


def test_the_adding_problem(desk):
    page = open_section(TRAIN, memory_task="add the two marked numbers", memory_distance="4")
    assert any("is at least twice as close to the sum as always saying 1" in one.label for one in page.radio)
    assert any("*" in code.value and "→" in code.value for code in page.code)
    guess(page, "Neither")
    press(page, "Train both")
    assert desk.all[0].config.task == "adding"
    assert any("Always saying 1: 0.408" in one.value for one in [*page.success, *page.warning])


def test_while_it_runs(desk):
    desk.hold = True
    page = open_section(TRAIN, memory_distance="6")
    guess(page, "Only the LSTM")
    press(page, "Train both")
    assert next(one for one in page.button if one.key == "memory_train").disabled
    assert not page.success and len(page.get("vega_lite_chart")) == 2
    press(page, "Stop")
    assert desk.all[0].state == "stopped"


def test_a_training_that_diverges_is_a_sentence_and_keeps_the_last_good_weights(desk):
    desk.steps = 30
    page = open_section(
        TRAIN, memory_task="add the two marked numbers", memory_optimizer="SGD", memory_learning_rate="100", memory_clip="not at all"
    )  # fmt: skip
    guess(page, "Both")
    press(page, "Train both")
    assert desk.all[0].state == "failed"
    [said] = [one.value.replace("\\", "") for one in page.error]
    assert (
        said.startswith("The LSTM has diverged: the loss is no longer a finite number")
        and "weights it had before" in said
    )
    assert "It is: neither." in told(page)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"memory_distance": "0"}, "Distance in time steps must be a positive integer, got 0."),
        ({"memory_distance": "301"}, "Distance in time steps must be at most 300, got 301."),
        ({"memory_units": "500"}, "Units must be at most 128, got 500."),
        ({"memory_symbols": "1"}, "Symbols must be at least 2, got 1."),
        ({"memory_learning_rate": "0"}, "Learning rate must be a positive number, got 0.0."),
    ],
)
def test_what_cannot_be_trained_is_a_sentence_and_no_button(params, said):
    page = open_section(TRAIN, **params)
    assert said in sentences(page)
    assert next(one for one in page.button if one.key == "memory_train").disabled


def test_the_defaults_are_the_experiments():
    assert controls.config(controls.defaults) == Memory()
    assert question(Memory()).startswith("After 600 steps, who names the first symbol in at least 99% of new sequences")
    assert len(GUESSES) == 4
    for changed in ({"practice": "whole", "forget_bias": 1.0}, {"task": "adding", "max_steps": 3_000}):
        assert isinstance(controls.config(controls.defaults | changed), Memory)


# Inside ------------------------------------------------------------------------------------------------------------


def test_the_network_that_ships_remembers_and_forgets_when_its_gate_is_held():
    page = open_section(INSIDE)
    assert "It says **F**" in told(page) and ":green[**right**]" in told(page)
    assert "Turn on **Hold the forget gate**" in told(page)
    page = open_section(INSIDE, inside_hold="true")
    assert ":red[**wrong**], it was F" in told(page) and "Forget gate: held at 0.80" in told(page)
    assert "with the gate held at 0.80, **100.0%** with its own" in told(page)
    assert any("0.80^{100}" in latex.value for latex in page.get("latex"))
    next(one for one in page.radio if one.key == "predict_memory_half").set_value("It is left with guessing").run()
    assert page.success and "guessing has 12.5%" in page.success[0].value


def test_a_network_is_taken_home_and_brought_back():
    page = open_section(INSIDE)
    model = Task("recall", 3, "silence").build("lstm", 4, 0)
    model.metadata = {
        "lesson": "recall",
        "task": {"name": "recall", "symbols": 3, "blanks": "silence"},
        "config": {"distance": 9},
    }
    offer(page, "Load a network back", "mine.npz", model_bytes(model))
    assert "4 units, " in told(page) and "one symbol out of 3 through silence over 9 steps" in told(page)
    assert page.session_state["inside_first"] == "A"  # it has never seen an F
    adding = Task("adding").build("lstm", 4, 0)
    adding.metadata = {"lesson": "recall", "task": {"name": "adding", "symbols": 8, "blanks": "noise"}}
    offer(page, "Load a network back", "sums.npz", model_bytes(adding))
    assert "the two marked numbers add up to" in told(page)


@pytest.mark.parametrize("data", [b"", b"not a model", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_network_is_a_sentence(data):
    page = open_section(INSIDE)
    offer(page, "Load a network back", "bad.npz", data)
    assert len(page.error) == 1 and page.error[0].value.startswith("bad\\.npz: ")
    other = Task("recall").build("lstm", 4, 0)
    other.metadata = {"lesson": "recall"}
    offer(page, "Load a network back", "other.npz", model_bytes(other))
    assert sentences(page) == ["other.npz: The file does not say which task its network was trained on."]
    assert load_model(io.BytesIO(model_bytes(other)).getvalue()).metadata["lesson"] == "memory"


# The story, shapes, check ------------------------------------------------------------------------------------------


def test_the_long_sentence_keeps_its_clue_in_the_lstm_alone():
    near, far = (memory_story.shares(story, 16, 3.0) for story in (memory_story.SHORT, memory_story.LONG))
    at = memory_story.LONG.words.index("France")
    assert far["rnn"][at] < 0.01 < 0.2 < far["lstm"][at]
    assert near["rnn"][memory_story.SHORT.words.index("sky")] > 10 * far["rnn"][at]
    page = open_section(STORY)
    assert f"**{far['lstm'][at]:.1%}** in the LSTM" in told(page)
    assert "sure of the answer, and the clue gets" in told(page)
    page = open_section(STORY, story_sentence="The colour of the sky")
    assert "sure of the answer" not in told(page)
    assert "lies 2 words back: *sky*" in told(page)


def test_shapes_follow_the_controls():
    page = open_section(SHAPES, shape_look_back="3", shape_stride="2", shape_padding="behind, with zeros")
    assert "(4, 3, 2)" in page.get("latex")[0].value
    window = page.dataframe[-1].value
    assert list(window.columns) == ["time step", "row", "temperature", "rain", "mask"]
    page.slider(key="shape_window").set_value(4).run()
    window = page.dataframe[-1].value
    assert window["row"].tolist() == ["7", "8", "padding"] and window["mask"].tolist() == ["True", "True", "False"]
    page = open_section(SHAPES, shape_look_back="10")
    assert sentences(page) == ["look_back must be at most the 8 rows of the table without padding, got 10."]
    page = open_section(SHAPES, shape_features="3", shape_look_back="8")
    assert "(1, 8, 3)" in page.get("latex")[0].value and "Sample 1, the only one" in told(page)


def test_a_table_of_the_readers_own():
    assert numbers({"temperature": ["1", " 2.5 "], "rain": ["0,5", "-1e3"]}).tolist() == [[1, 0.5], [2.5, -1000]]
    for cells, said in (
        (["1", "warm"], "row 2, rain: a number is expected, got 'warm'"),
        (["1", None], "row 2, rain: the cell is empty, and a network needs a number in every cell"),
        (["  "], "row 1, rain: the cell is empty, and a network needs a number in every cell"),
        (["inf"], "row 1, rain: a number between minus and plus a billion is expected, got 'inf'"),
        (["1"] * 31, "the table may have at most 30 rows here, got 31"),
        ([], "the table has no rows: add one with the + below it"),
    ):
        with pytest.raises(ValueError) as caught:
            numbers({"rain": cells})
        assert str(caught.value) == said


def test_the_check_shows_both_gradients_and_the_v():
    page = open_section(CHECK)
    assert "the two gradients agree" in told(page)
    table = page.dataframe[0].value
    assert list(table.columns) == ["element", "analytic", "numeric", "difference"] and len(table) == 12
    page = open_section(CHECK, check_epsilon="1e-12")
    assert "the two gradients are too far apart" in told(page)
    page = open_section(CHECK, check_layer="Dense", check_dtype="float32")
    assert not page.error and len(page.dataframe[0].value) == 6


def test_numbers_as_they_are_written():
    assert [scientific(value) for value in (8.7e-6, 1e-6, 2.5e12)] == ["8.7 · 10⁻⁶", "10⁻⁶", "2.5 · 10¹²"]
    assert [latex_number(value) for value in (0.012, 0.0, 8.7e-6)] == ["0.012", "0.000", r"8.7 \cdot 10^{-6}"]
    assert len(check.EPSILONS) == 12 and np.isclose(check.EPSILONS[4], 1e-5)


# Truncated backpropagation ------------------------------------------------------------------------------------------


def test_the_four_ways_are_predicted_trained_and_told(desk):
    desk.steps = 10**9  # to the end
    page = open_section(TRUNCATED, truncated_max_steps="200", truncated_seeds="1", truncated_units="8")
    button = next(one for one in page.button if one.key == "truncated_train")
    assert button.disabled
    guessed = truncated.GUESSES[2]
    next(one for one in page.radio if one.key == "predict_memory_truncated").set_value(guessed).run()
    next(one for one in page.button if one.key == "truncated_train").click().run()
    assert not page.exception and not page.error
    (job,) = desk.all
    rows = job.result.details["rows"]
    table = page.dataframe[0].value
    assert list(table["right"]) == [f"{row.mean:.1%}" for row in rows] and len(rows) == 4
    said = told(page)
    assert all(one in said for one in truncated.in_words(rows, 10))
    wrong = truncated.outcome(rows) != 2
    assert (answer(guessed, rows) in said) == wrong and ("**Right.**" in said) != wrong


def test_each_wrong_guess_about_the_cut_gradient_has_its_answer():
    rows = [truncated.Row(way, (mean,), 0.0) for way, mean in zip(truncated.WAYS, (1.0, 0.64, 0.12, 0.12), strict=True)]
    answers = [answer(one, rows) for one in truncated.GUESSES]
    assert len(set(answers)) == 3
    assert "64.0%" in answers[0] and "12.5%" in answers[0] and "100.0%" in answers[2]
