"""Answers on every page: they are there after a visit elsewhere, and none stands beside a question that it was not given to."""

from __future__ import annotations

import pytest

from tests.pages.desk import Desk, open_page

PAGES = {
    "pages/gates.py": {}, "pages/learning.py": {}, "pages/text.py": {}, "pages/digits.py": {}, "pages/forecast.py": {},
    "pages/topics.py": {}, "pages/sentiment.py": {},
    **{f"pages/memory.py#{name}": {"memory_section": name} for name in (
        "Gradients through time", "Can it remember?", "Inside the memory", "The story", "Samples, time steps, features", "Check the maths",
    )},
    **{f"pages/relatives.py#{name}": {"relatives_section": name} for name in ("The race", "Race live", "Why")},
    "pages/keras_vs_scratch.py": {},
}  # fmt: skip
"""Every page that asks something, with what its address says."""

CHANGES = {
    "pages/gates.py": ("gates_hold", "button_group", "gates_preset", "Three numbers, scaled", "A latch"),
    "pages/digits.py": ("digits_hide", "button_group", "digits_example", "3", "6"),
    "pages/topics.py": ("topics_held", "text_area", "topics_text", "The bank lent money to the farmer.", "A new phone was sold."),
    "pages/sentiment.py": ("sentiment_held", "text_area", "sentiment_text", "a good film", "a bad film"),
    "pages/sentiment.py#padding": (
        "sentiment_padding", "segmented_control", "sentiment_padding_of", "What a waste of a good cast.", "Your review",
    ),
    "pages/sentiment.py#layers": (
        "sentiment_layers", "segmented_control", "sentiment_layers_of", "The preset IMDB", "Your settings",
    ),
    "pages/forecast.py": ("forecast_copy", "selectbox", "forecast_series", "web_traffic", "random_walk"),
    "pages/keras_vs_scratch.py": (
        "keras_order", "selectbox", "keras_order", "i, o, f, c̃: ONNX", "i, c̃, f, o: TensorFlow 1",
    ),
    "pages/memory.py#Can it remember?": ("memory_guess", "number_input", "memory_distance", 50, 150),
    "pages/memory.py#Gradients through time": ("memory_bias", "slider", "reach_scale", 1.0, 2.0),
    "pages/memory.py#The story": ("memory_sentences", "slider", "story_units", 16, 32),
    "pages/relatives.py#Race live": ("relatives_race", "select_slider", "relatives_max_steps", 300, 600),
    "pages/memory.py#Check the maths": ("memory_vee", "selectbox", "check_dtype", "float64", "float32"),
}  # fmt: skip
"""A question, and a control of what it is about: its kind, its key, two of its values."""


def questions(page) -> dict:
    return {one.key: one for one in page.radio if one.key and one.key.startswith("predict_")}


def answer_all(page) -> dict[str, str]:
    """Take the first option of every question, those included that appear when another one was answered."""
    given: dict[str, str] = {}
    for _ in range(20):
        ahead = [key for key in questions(page) if key not in given]
        if not ahead:
            return given
        question = questions(page)[ahead[0]]
        given[ahead[0]] = question.options[0]
        question.set_value(question.options[0]).run()
        assert not page.exception
    raise AssertionError("there is always another question")


@pytest.mark.parametrize("name", PAGES)
def test_answers_are_there_after_a_visit_to_another_page(desk: Desk, name: str) -> None:
    file = name.partition("#")[0]
    page = open_page(file, **PAGES[name])
    given = answer_all(page)
    if "keras" not in name:  # asks once something was measured
        assert given
    page.switch_page("pages/teachers.py").run()
    assert not questions(page)
    page.switch_page(file).run()
    assert not page.exception
    assert {key: one.value for key, one in questions(page).items()} == given


@pytest.mark.parametrize("name", CHANGES)
def test_a_question_about_something_else_is_asked_anew_and_the_answer_waits(desk: Desk, name: str) -> None:
    key, kind, control, one, other = CHANGES[name]
    page = open_page(name.partition("#")[0], **PAGES.get(name, {}))

    def about(value) -> list[str]:
        """Let the question be about this; what is judged then."""
        getattr(page, kind)(key=control).set_value(value).run()
        assert not page.exception
        return judged(page)

    unasked = {value: about(value) for value in (other, one)}
    question = questions(page)[f"predict_{key}"]
    question.set_value(question.options[0]).run()
    told = judged(page)
    assert len(told) == len(unasked[one]) + 1 or name in NOT_YET
    assert about(other) == unasked[other], "what was said of something else stays away"
    assert questions(page)[f"predict_{key}"].value is None, "this was not asked yet"
    assert about(one) == told, "judged as before"
    again = questions(page)[f"predict_{key}"]
    assert again.value == again.options[0], "and this was answered"


NOT_YET = {"pages/memory.py#Can it remember?", "pages/relatives.py#Race live"}
"""Where an answer is judged once both networks are trained."""


def judged(page) -> list[str]:
    """What the page says of answers."""
    return [one.value for one in (*page.success, *page.warning) if one.value.startswith(("**Right.**", "**Not quite.**"))]
