"""The tables that programs of this project wrote: their English."""

from __future__ import annotations

import csv
import re
import sys

import pytest

from ui.frame import ROOT

sys.path.insert(0, str(ROOT / "data"))

from grammar import _ARTICLE, with_article


@pytest.mark.parametrize("file", ["reviews.csv", "topics.csv"])
def test_a_and_an_stand_as_the_next_word_wants_it(file):
    with open(ROOT / "data" / file, encoding="utf-8", newline="") as table:
        texts = [row["text"] for row in csv.DictReader(table)]
    wrong = [text for text in texts if re.search(r"\b[Aa] [aeiou](?!ni|se|u|ne\b)|\b[Aa]n [^aeiouh\W]", text)]
    assert len(texts) > 1000 and not wrong


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a animated film", "an animated film"), ("A awful bore", "An awful bore"), ("an film", "a film"),
        ("a honest word", "an honest word"), ("a hour", "an hour"), ("an house", "a house"), ("an unique one", "a unique one"),
        ("a unexpected end", "an unexpected end"), ("an one-man show", "a one-man show"), ("a European", "a European"),
        ("so a film", "so a film"), ("plan a trip", "plan a trip"),
    ],
)  # fmt: skip
def test_the_article_is_chosen_by_sound(text, right):
    assert _ARTICLE.sub(with_article, text) == right
