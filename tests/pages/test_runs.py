"""Finished runs beside each other, on the pages: what is kept of a training, what stands in the table, and how much is kept."""

from __future__ import annotations

import math

import pytest

from lstm.lessons.presets import figure_text
from lstm.lessons.runs import HEAD
from tests.pages.desk import Desk, open_page, press, sentences
from ui.runs.compare import MOST

PAGES = {
    "pages/text.py": {}, "pages/digits.py": {}, "pages/forecast.py": {}, "pages/topics.py": {}, "pages/sentiment.py": {},
    "pages/keras_vs_scratch.py": {}, "pages/memory.py": {"memory_section": "Can it remember?"},
    "pages/relatives.py": {"relatives_section": "Race live"},
}  # fmt: skip


def said(page) -> str:
    return " ".join(one.value.replace("\\", "") for kind in (page.markdown, page.caption) for one in kind)


def table(page) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """The headings of the runs, and the rows by name."""
    frame = next(one.value for one in page.dataframe if HEAD in one.value.columns)
    headings = [name for name in frame.columns if name != HEAD]
    return headings, {row[HEAD]: tuple(row[name] for name in headings) for _, row in frame.iterrows()}


@pytest.mark.parametrize("file", PAGES)
def test_every_page_that_trains_says_what_to_do_before_there_is_a_run(desk: Desk, file: str) -> None:
    page = open_page(file, **PAGES[file])
    assert "Compare your runs" in [header.value for header in page.header]
    assert "Train one, then another with one setting changed" in said(page)


def train_twice(desk: Desk, file: str, button: str, key: str, value: int):
    """A training, one setting changed, another training."""
    page = open_page(file)
    press(page, button)
    assert "Train another with one setting changed" in said(page)
    desk.steps = 7
    page.number_input(key=key).set_value(value).run()
    press(page, button)
    return page


@pytest.mark.parametrize(
    ("file", "key", "value", "lesson"),
    [("pages/text.py", "text_units", 16, "text"), ("pages/digits.py", "digits_units", 24, "digits")],
)
def test_two_trainings_stand_beside_each_other(desk: Desk, file: str, key: str, value: int, lesson: str) -> None:
    page = train_twice(desk, file, "Train", key, value)
    first, second = (job.result for job in desk.all)
    headings, rows = table(page)
    assert headings == [f"1 · Units {first.config.units}", f"2 · Units {value}"]
    assert rows.pop("Units") == (str(first.config.units), str(value))
    assert rows.pop("ended") == ("stopped", "stopped")
    assert rows.pop("parameters") == tuple(f"{one.model.count_params():,}" for one in (first, second))
    assert rows.pop("seconds of training") == tuple(f"{one.metrics['seconds']:.2f}" for one in (first, second))
    finals = [
        {name: figure_text(name, one) for name, one in r.metrics.items() if name != "seconds"} for r in (first, second)
    ]
    assert rows == {name: (finals[0][name], finals[1][name]) for name in finals[0]}, "no other setting differs"
    assert rows["steps"] == ("4", "7")
    assert "What is not in the table was set alike." in said(page)

    page.selectbox(key=f"{lesson}_runs_by").set_value("by seconds").run()
    assert not page.exception
    page.multiselect(key=f"{lesson}_runs_chosen").set_value([1]).run()
    assert "Choose two runs or more to lay them over each other." in sentences(page)


def test_a_run_that_was_stopped_says_so_and_one_that_was_reset_on_its_way_is_none(desk: Desk) -> None:
    page = open_page("pages/digits.py")
    press(page, "Train")
    assert "all as at first; stopped" in said(page)
    desk.hold = True
    press(page, "Train")
    desk.hold = False
    press(page, "Reset")
    assert "One run so far" in said(page)


def test_the_newest_runs_are_kept_and_the_page_says_which_are_gone(desk: Desk) -> None:
    desk.steps = 2
    page = open_page("pages/memory.py", memory_section="Can it remember?", memory_distance="5", memory_units="4")
    page.radio(key="predict_memory_guess").set_value("Both").run()
    for _ in range(MOST + 1):
        press(page, "Train both")
    numbers = page.multiselect(key="memory_runs_chosen")
    assert len(numbers.options) == MOST and numbers.options[0].startswith("2")
    assert numbers.value == [8, 9, 10, 11, 12, 13], "the newest are chosen, as many as there are colours"
    assert f"The newest {MOST} runs are kept; run 1 is gone." in said(page)
    assert "All settings are the same" in said(page)
    kept = page.session_state["_kept memory runs"]
    assert list(kept) == list(range(2, MOST + 2))
    assert all(math.isfinite(run.seconds) for run in kept.values())


def test_runs_are_found_again_after_a_visit_to_another_page(desk: Desk) -> None:
    page = train_twice(desk, "pages/digits.py", "Train", "digits_units", 24)
    page.switch_page("pages/gates.py").run()
    page.switch_page("pages/digits.py").run()
    headings, _ = table(page)
    assert headings == ["1 · Units 128", "2 · Units 24"]
    page.switch_page("pages/text.py").run()
    assert "Train one, then another with one setting changed" in said(page), "each lesson has its own"
