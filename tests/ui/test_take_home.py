"""Every lesson that trains can be taken home as a notebook, from its page."""

from __future__ import annotations

import json
from pathlib import Path

from lstm.cli.lessons import LESSONS
from lstm.lessons.digits.experiment import Digits
from lstm.lessons.notebook import MAX_INCLUDED
from lstm.lessons.text.experiment import TextGeneration
from ui.files import notebook_files

PAGES = Path(__file__).resolve().parents[2] / "pages"


def test_an_experiment_is_a_file_made_when_it_is_asked_for() -> None:
    [file] = notebook_files(Digits(units=32, max_steps=7))
    assert file.file_name == "lstm-lab-digits-experiment.ipynb" and callable(file.data)
    text = "\n".join("".join(cell["source"]) for cell in json.loads(file.data())["cells"])
    assert "units=32" in text and "max_steps=7" in text and "%%writefile lstm/cell.py" in text


def test_where_there_is_none_or_its_data_are_too_large_nothing_is_offered() -> None:
    assert notebook_files(None) == []
    assert notebook_files(TextGeneration(corpus="upload", text="a word " * (MAX_INCLUDED // 6))) == []


def test_every_page_of_a_lesson_that_trains_offers_it() -> None:
    offering = {path.stem for path in PAGES.glob("*.py") if "notebook_files(" in path.read_text(encoding="utf-8")}
    assert offering == set(LESSONS)
