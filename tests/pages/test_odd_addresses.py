"""Addresses that nobody would write: every parameter of every page, with values that are odd in every way we could think of.

A page answers each with itself: no exception, and its title. Each round gives every parameter of a page another value, so a
few rounds are a spread sample; ODD_ROUNDS=300 in the environment gives every value to every parameter.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from jobs import engine
from tests.pages.desk import open_page
from tests.pages.old_addresses import ADDRESSES
from ui.frame import ROOT

PAGES = ["dashboard.py", *sorted(f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py"))]
ROUNDS = int(os.environ.get("ODD_ROUNDS", "3"))
WORDS = [
    "", " ", "inf", "-inf", "nan", "NaN", "Infinity", "1e400", "-1e400", "1e-400", "1e308", "-0", "0", "00", "-1", "1", "+1",
    "1.", ".5", "0.1.2", "1,5", "1_000", "0x10", "1e", "1e5", "٣", "²", "½", "1 2", "true", "True", "false", "none", "None",
    "null", "undefined", "[]", "{}", "[1,2]", '{"a":1}', "()", "<b>", "<script>alert(1)</script>", "'", '"', "`", "\\", "/",
    "//", "../../etc/passwd", "%00", "\x00", "\x01", "\t", "\n", "\r\n", "\u2028", "\u202e", "\u200b", "\ufeff", "\ud7ff", "😀",
    "é", "e\u0301", "ß", "İ", "ﬀ", "&", "=", "a=b", "a&b", "#", "?", "+", "%", "%s", "%n", "{0}", "${x}", "$x$", "**b**",
    ":material/home:", "http://example.com", "javascript:alert(1)", "data:,x", "adam", "ADAM", "adam ", "lstm", "0 1 2", "x" * 200,
    "9" * 30, "-" + "9" * 30, "1" + "0" * 400, "0." + "0" * 400 + "1", "a,b,c", ",", ";", "1;2", "1,2,3", "1 1 1 1 1 1 1 1", "nan nan",
    "inf 1", "1e308 1e308", "-1 -1", "2", "3", "7", "16", "64", "100", "128", "1000", "1e3", "1024", "4096", "65536", "2147483648",
    "4294967296", "9007199254740993", "18446744073709551616", "0.1", "0.5", "0.999999999", "1.0000001", "-0.0", "1e-9", "1e-30",
]  # fmt: skip


def odd_values() -> list[str]:
    """300 of them: those above, and mixtures of them from a generator with a seed."""
    draw = np.random.default_rng(0)
    mixed = ["".join(WORDS[k] for k in draw.integers(len(WORDS), size=int(n)))[:300] for n in draw.integers(2, 5, size=400)]
    return list(dict.fromkeys([*WORDS, *mixed]))[:300]


VALUES = odd_values()


def elements(block: Any) -> Iterator[Any]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from elements(child)


def parameters(page: AppTest, file: str) -> list[str]:
    """The words that stand in a page's address: its controls', those of links that lead to it, and those of old addresses."""
    found = {name for page, query, _ in ADDRESSES if page == Path(file).stem for name in parse_qs(query)}
    for element in elements(page._tree):
        proto = getattr(element, "proto", None)
        if name := getattr(proto, "query_param_key", ""):
            found.add(name)
        if getattr(element, "type", "") == "page_link" and Path(file).stem in getattr(proto, "page", ""):
            found |= set(parse_qs(getattr(proto, "query_string", "")))
    return sorted(found)


@pytest.fixture(autouse=True)
def _nobody_trains(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def submit(*_: Any, **__: Any) -> None:
        raise ValueError("nobody trains here")

    monkeypatch.setattr(engine, "submit", submit)


@pytest.mark.timeout(120 + 2 * ROUNDS)
@pytest.mark.parametrize("file", PAGES)
def test_odd_values_in_an_address_are_answered_with_the_page(file: str) -> None:
    plain = open_page(file)
    names = parameters(plain, file)
    assert names or file in ("dashboard.py", "pages/teachers.py", "pages/teach.py"), "a lesson's controls stand in its address"
    for number in range(ROUNDS):
        given = {name: VALUES[(k * 37 + number * 101) % len(VALUES)] for k, name in enumerate([*names, "nonsense", "embed"])}
        page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
        page.switch_page(file)
        for name, value in given.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception, (given, [one.message for one in page.exception])
        assert [title.value for title in page.title] == [title.value for title in plain.title], given


def test_there_are_300_values():
    assert len(VALUES) == len(set(VALUES)) == 300
