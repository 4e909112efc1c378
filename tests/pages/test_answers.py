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
    "pages/gates.py": ("predict_gates_hold", "pills", "gates_preset", "A latch"),
    "pages/digits.py": ("predict_digits_flip", "pills", "digits_example", "a 7 with a bar"),
    "pages/forecast.py": ("predict_forecast_copy", "number_input", "forecast_data_seed", 1),
    "pages/sentiment.py": ("predict_sentiment_padding", "segmented_control", "sentiment_padding_of", "Your review"),
    "pages/sentiment.py#": ("predict_sentiment_layers", "segmented_control", "sentiment_layers_of", "Your settings"),
    "pages/memory.py#Can it remember?": ("predict_memory_guess", "number_input", "memory_distance", 150),
    "pages/memory.py#Gradients through time": ("predict_memory_bias", "slider", "reach_scale", 2.0),
    "pages/memory.py#The story": ("predict_memory_sentences", "slider", "story_units", 32),
    "pages/relatives.py#Race live": ("predict_relatives_race", "select_slider", "relatives_max_steps", 600),
    "pages/memory.py#Check the maths": ("predict_memory_vee", "selectbox", "check_dtype", "float32"),
}
"""A question, and a control of what it is about: which widget, its key, another value."""


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
    question, kind, key, value = CHANGES[name]
    page = open_page(name.partition("#")[0], **PAGES.get(name, {}))
    control = lambda: getattr(page, kind)(key=key)  # noqa: E731
    before = control().value
    assert before != value
    first = questions(page)[question].options[0]
    questions(page)[question].set_value(first).run()
    control().set_value(value).run()
    assert not page.exception
    assert questions(page)[question].value is None, "this was not asked yet"
    control().set_value(before).run()
    assert questions(page)[question].value == first, "and this was answered"
