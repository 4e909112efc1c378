"""docs/package.md is true: its code runs and prints what stands below it."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lstm

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "package.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("core", [None, "Prescott"])
def test_the_ten_lines_print_what_the_page_says(core: str | None) -> None:
    """On this processor, and with the products of an old one: what a page promises holds on every laptop."""
    environment = {**os.environ, **({"OPENBLAS_CORETYPE": core} if core else {})}
    code, wanted = re.search(r"```python\n(.*?)```\n\nprints\n\n```\n(.*?)```", PAGE, re.DOTALL).groups()
    assert len(code.splitlines()) == 10
    ran = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    *table, figures = ran.stdout.splitlines()
    *said, wanted_figures = wanted.splitlines()
    assert table == said
    number = re.compile(r"'(\w+)': ([\d.]+)")
    measured, stated = (dict(number.findall(line)) for line in (figures, wanted_figures))
    assert set(measured) == set(stated) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for name, value in stated.items():  # another BLAS adds in another order
        assert float(measured[name]) == pytest.approx(float(value), abs=0.011), name
    assert float(stated["val_accuracy"]) > 0.85


@pytest.mark.parametrize("name", ["lstm.LSTM", "lstm.Sequential.fit", "lstm.load_model"])
def test_pydoc_reads_well(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "pydoc", name], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert f"python -m pydoc {name}" in PAGE or f"`{name}`" in PAGE
    assert "Parameters" in ran.stdout and "**" not in ran.stdout.split("Parameters")[0]


@pytest.mark.parametrize("name", [name for name in lstm.__all__ if callable(getattr(lstm, name))])
def test_every_parameter_of_what_is_public_is_explained(name: str) -> None:
    one = getattr(lstm, name)
    _, _, told = (inspect.getdoc(one) or "").partition("Parameters\n----------\n")
    explained = {word for line in re.findall(r"^(?:`?)(\w[\w, ]*) : ", told, re.MULTILINE) for word in line.split(", ")}
    explained |= {word for line in re.findall(r"; (\w[\w, ]*) : ", told) for word in line.split(", ")}
    taken = set(inspect.signature(one).parameters) - {"self"}
    assert taken <= explained, f"{name} does not explain {sorted(taken - explained)}"
    assert len(taken) > 0 or name in ("History", "Callback")
