"""Addresses that were sent to classes before: each opens its page, and stands for what it stood for then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qsl

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from jobs import engine
from lstm.lessons.digits.experiment import Digits
from lstm.lessons.reading.classical import ClassicalMethods
from tests.downloaded import everything_is_downloaded
from tests.pages.desk import kept, open_page
from tests.pages.old_addresses import ADDRESSES, DRAWN, GATES, PLAIN

RENAMED: dict[str, str] = {}
"""Fields of an experiment that had another name when the addresses were written: the name then, the name now."""

STARTS = ("Train", "Train both", "Run both")


@pytest.fixture(scope="module", autouse=True)
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every data set is there, in small, so that every address can be trained."""
    with pytest.MonkeyPatch.context() as patch:
        everything_is_downloaded(tmp_path_factory.mktemp("cache"), patch)
        yield


@pytest.fixture
def submitted(desk: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The experiments that were handed to the engine. It takes none, and a run of a page ends there."""
    found: list[Any] = []

    def submit(config: Any, **_: Any) -> None:
        if isinstance(config, ClassicalMethods):  # Topics has them fitted unasked
            raise ValueError("not now")
        found.append(config)
        st.stop()

    monkeypatch.setattr(engine, "submit", submit)
    return found


def opened(page: str, query: str) -> AppTest:
    return open_page(f"pages/{page}.py", **dict(parse_qsl(query)))


def worked_out(config: Any) -> dict[str, Any]:
    """Settings that a page set then and the experiment finds itself now, by their old names."""
    if isinstance(config, Digits):
        return {"validate_every": config.validation_steps}
    return {}


def begin(page: AppTest) -> None:
    """Press the button that starts a training, with a guess where one is asked for first."""
    for radio in page.radio:
        if "Neither" in radio.options:
            radio.set_value("Both").run()
    (button,) = (button for button in page.button if button.label in STARTS)
    assert not button.disabled, [found.value for found in [*page.error, *page.warning]]
    button.click().run()
    assert not page.exception


def test_the_list_has_a_word_for_everything_an_address_can_say() -> None:
    """Every setting of every page that trains stands in it, with each of a menu's words that needs no file of one's own."""
    said = {name for _, query, _ in ADDRESSES for name, _ in parse_qsl(query)}
    assert len(ADDRESSES) >= 60 and len(said) > 100
    for page, start in PLAIN.items():
        lesson = page.split("_")[0]
        differing = {name for where, _, changed in ADDRESSES if where == page for name in changed}
        assert len(differing) >= 10, page
        assert differing <= set(start) and any(name.startswith(f"{lesson}_") for name in said)


@pytest.mark.parametrize(("page", "query", "changed"), ADDRESSES, ids=[f"{p}?{q}"[:90] for p, q, _ in ADDRESSES])
def test_an_old_address_trains_what_it_trained(
    submitted: list[Any], page: str, query: str, changed: dict[str, Any]
) -> None:
    begin(opened(page, query))
    (config,) = submitted
    now = {field.name: getattr(config, field.name) for field in fields(config)} | worked_out(config)
    assert {name: now[RENAMED.get(name, name)] for name in PLAIN[page]} == {**PLAIN[page], **changed}


@pytest.mark.parametrize(("page", "query", "values"), DRAWN, ids=[f"{p}?{q}"[:90] for p, q, _ in DRAWN])
@pytest.mark.usefixtures("desk")
def test_an_old_address_shows_what_it_showed(page: str, query: str, values: dict[str, Any]) -> None:
    shown = opened(page, query)
    assert {name: shown.session_state[name] for name in values} == values


@pytest.mark.parametrize("row", GATES, ids=[f"gates?{row[0]}" for row in GATES])
@pytest.mark.usefixtures("desk")
def test_an_old_address_of_gate_arithmetic_sets_the_cell(row: tuple[Any, ...]) -> None:
    query, gates, output, inputs, h, c, held, t = row
    state = kept(opened("gates", query), "gates")
    cell, setting = state.setting.cell, state.setting
    assert {gate: tuple(getattr(getattr(cell, gate), kind) for kind in "WUb") for gate in "ifgo"} == gates
    assert (cell.output, setting.xs, setting.h0, setting.c0, dict(setting.clamp), state.t) == (output, inputs, h, c, held, t)
