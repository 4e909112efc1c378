"""A notebook of each lesson runs from top to bottom in a fresh folder, without this project, and ends where the lab ends."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from lstm.cli import lessons, main
from lstm.lessons.notebook import ABOUT, MAX_INCLUDED, QUESTIONS, notebook

SMALL = {
    "digits": {"units": 8, "max_steps": 4},
    "forecast": {"units": 4, "max_steps": 4},
    "memory": {"units": 4, "max_steps": 4},
    "relatives": {"units": 4, "max_steps": 4},
    "sentiment": {"units": 4, "max_steps": 4},
    "text": {"units": 8, "max_steps": 4},
    "topics": {"units": 4, "max_steps": 4},
}


def small(name: str):
    return lessons.get(name).CONFIG(**{"seconds": None, "epochs": None} | SMALL[name])


def test_every_lesson_has_a_question() -> None:
    assert {name: lessons.get(name).SUMMARY for name in lessons.LESSONS} == ABOUT
    assert set(QUESTIONS) == set(ABOUT) == set(lessons.LESSONS) == set(SMALL)


@pytest.mark.timeout(900)  # a kernel is started for each
@pytest.mark.parametrize("name", SMALL)
def test_it_runs_alone_and_ends_where_the_lab_ends(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_testsuite_property: Callable[[str, object], None]
) -> None:
    from nbclient import NotebookClient

    config = small(name)
    made = nbformat.reads(notebook(config), as_version=4)
    written = [cell.source.splitlines()[0] for cell in made.cells if cell.source.startswith("%%writefile lstm/")]
    assert written[0] == "%%writefile lstm/cell.py"
    assert made.cells[-1].cell_type == "code" and made.cells[-1].source == ""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("MPLBACKEND", "agg")
    where = {"metadata": {"path": str(tmp_path)}}
    look = "import lstm, sys; print(lstm.__file__); print([m for m in ('streamlit', 'pooch', 'keras') if m in sys.modules])"
    check = nbformat.v4.new_code_cell(look)
    made.cells.insert(-1, check)
    began = time.perf_counter()
    NotebookClient(made, timeout=600, kernel_name="python3", resources=where).execute()
    seconds = time.perf_counter() - began

    said = ["".join(out.get("text", "") for out in cell.outputs) for cell in made.cells if cell.cell_type == "code"]
    folder, loaded = made.cells[-2].outputs[0].text.splitlines()
    assert Path(folder).resolve() == (tmp_path / "lstm" / "__init__.py").resolve() and loaded == "[]"
    figures = dict(re.findall(r"^(.+): (\S+)$", "\n".join(said), re.MULTILINE))
    run = config.run()
    while True:
        try:
            next(run)
        except StopIteration as end:
            result = end.value
            break
    losses = {name: value for name, value in result.metrics.items() if "loss" in name or "accuracy" in name or "error" in name}
    assert losses
    lines = sum(len(cell.source.splitlines()) for cell in made.cells)
    told = [name for name in losses if "guessing" not in name]
    final = next((name for name in told if "loss" in name), told[0])
    row = f"{name:10} {lines:6,} lines {seconds:6.1f} s  {final}: {figures[final]} in the notebook, {losses[final]:.6g} in the lab"
    record_testsuite_property(f"notebook {name}", row)  # `pytest -s` prints the table, `--junitxml` keeps it
    print(f"\n{row}")
    for metric, value in losses.items():
        assert float(figures[metric]) == pytest.approx(value, rel=1e-4, nan_ok=True), metric


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "d.ipynb"
    assert main(["notebook", "digits", "--units", "64", "--steps", "5", "--out", str(path)]) == 0
    made = json.loads(path.read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in made["cells"])
    assert "units=64" in text and "max_steps=5" in text and os.fspath(tmp_path) not in text
    assert main(["notebook", "digits", "--out", str(tmp_path / "d.txt")]) == 2
    assert "ends in .ipynb" in capsys.readouterr().err


def test_data_that_cannot_be_included_say_what_to_place_where() -> None:
    config = lessons.get("digits").CONFIG(data="mnist")
    text = notebook(config)
    assert "lstm-lab-data/" in text and "train-images-idx3-ubyte.gz" in text and "Place the files as" in text


def test_a_table_that_is_too_large_is_refused() -> None:
    config = lessons.get("text").CONFIG(corpus="upload", text="a word and another " * (MAX_INCLUDED // 15), max_steps=2)
    with pytest.raises(ValueError, match="a notebook includes at most 2,000,000: take a part of them"):
        notebook(config)
