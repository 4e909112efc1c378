"""What an address says and no control can hold is named on the page, whichever control of whichever page it is meant for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pages.desk import open_page, sentences
from tests.pages.test_odd_addresses import elements
from ui.frame import ROOT

SECTIONS = {
    "memory": (
        "Gradients through time", "Can it remember?", "Inside the memory", "The story", "Samples, time steps, features",
        "Check the maths",
    ),
    "relatives": ("The race", "Type a sequence", "Race live", "Why"),
}  # fmt: skip
LESSONS = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
VISITS = [(name, {f"{name}_section": part}) for name, parts in SECTIONS.items() for part in parts]
VISITS += [(name, {}) for name in LESSONS if name not in SECTIONS]
OWN_WAY = ("gates", "learning", "teach", "teachers")
"""Pages without a bound control."""
TEXTS = ("relatives_sequence",)
"""What may be any text, about which its own page has a sentence."""


@pytest.fixture(autouse=True)
def _nothing_is_here(desk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))


def bound(page: Any) -> dict[str, Any]:
    """The controls that stand in the address, by their word in it."""
    found = {}
    for element in elements(page._tree):
        if name := getattr(getattr(element, "proto", None), "query_param_key", ""):
            found[name] = element
    return found


@pytest.mark.parametrize(("lesson", "where"), VISITS)
def test_a_word_that_no_control_can_hold_is_named(lesson: str, where: dict[str, str]) -> None:
    names = [name for name in bound(open_page(f"pages/{lesson}.py", **where)) if name not in (*where, *TEXTS)]
    assert names or lesson in OWN_WAY or where.get("relatives_section") in ("Type a sequence", "Why")
    page = open_page(f"pages/{lesson}.py", **where, **dict.fromkeys(names, "qqnonsense"))
    said = " ".join(sentences(page))
    assert said.count("as “qqnonsense”, which is") == len(names), (lesson, where, names, said)
    assert not page.exception


@pytest.mark.parametrize(("lesson", "where"), VISITS)
def test_a_number_beyond_a_slider_is_named(lesson: str, where: dict[str, str]) -> None:
    page = open_page(f"pages/{lesson}.py", **where)
    names = [name for name, element in bound(page).items() if element.type == "slider"]
    page = open_page(f"pages/{lesson}.py", **where, **dict.fromkeys(names, "987654"))
    assert " ".join(sentences(page)).count("as “987654”, which is not from") == len(names), (lesson, names)
    assert not page.exception


@pytest.mark.parametrize(
    ("lesson", "params"),
    [
        ("memory", {"memory_section": "qqnonsense"}),
        ("relatives", {"relatives_section": "qqnonsense"}),
        ("text", {"look_source": "qqnonsense"}),
        ("memory", {"memory_section": "Inside the memory", "inside_first": "ab"}),
        ("keras_vs_scratch", {"keras_vary": "both"}),
        ("digits", {"digits_example": "qqnonsense"}),
        ("digits", {"digits_drawing": "qqnonsense"}),
        ("sentiment", {"sentiment_open_number": "0.5"}),
        ("relatives", {"relatives_section": "Type a sequence", "relatives_sequence": "qqnonsense"}),
        ("gates", {"w": "qqnonsense"}),
        ("gates", {"squash": "qqnonsense"}),
        ("gates", {"clamp": "f7"}),
        ("gates", {"t": "qqnonsense"}),
        ("learning", {"task": "qqnonsense"}),
        ("learning", {"units": "qqnonsense"}),
        ("learning", {"optimizer": "qqnonsense"}),
        ("learning", {"phase": "qqnonsense"}),
        ("learning", {"weight": "qqnonsense"}),
        ("learning", {"x": "qqnonsense"}),
        ("learning", {"step": "qqnonsense"}),
    ],
)
def test_what_has_a_way_of_its_own_into_the_address_is_named_too(lesson: str, params: dict[str, str]) -> None:
    plain, odd = open_page(f"pages/{lesson}.py"), open_page(f"pages/{lesson}.py", **params)
    assert len(sentences(odd)) > len(sentences(plain)), params
    assert not odd.exception
