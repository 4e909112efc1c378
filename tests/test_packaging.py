"""The package as others install it: what pyproject.toml asks for is what requirements.txt gives reasons for."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import lstm
from lstm.cli import app

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def required(name: str) -> set[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def test_the_package_needs_numpy_and_its_extras_are_the_requirements() -> None:
    extras = {name: set(lines) for name, lines in PROJECT["optional-dependencies"].items()}
    assert [re.split("[<>=]", line)[0] for line in PROJECT["dependencies"]] == ["numpy"]
    assert extras["app"] | set(PROJECT["dependencies"]) == required("requirements.txt")
    assert {re.split("[<>=]", line)[0] for line in extras["keras"]} == {"keras", "jax", "h5py"}
    assert extras["keras"] <= extras["app"]
    assert PROJECT["requires-python"] == ">=3.11"


def test_the_constraints_name_an_exact_version_within_the_bounds_of_every_requirement() -> None:
    from packaging.requirements import Requirement
    from packaging.version import Version

    exact = dict(line.split("==") for line in required("constraints.txt"))
    for line in required("requirements.txt") | required("tests/requirements.txt"):
        wanted = Requirement(line)
        assert wanted.name in exact, f"constraints.txt has no version of {wanted.name}"
        assert Version(exact[wanted.name]) in wanted.specifier, line


NOT_CLEAN_YET = {"ignore_errors": 4, "strict_optional": 39}
"""Files whose types are not checked yet, and files in which None passes for anything; the numbers may only become smaller."""


def test_a_type_checker_finds_the_types_and_leaves_out_few_files() -> None:
    assert (Path(lstm.__file__).parent / "py.typed").is_file()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    assert settings["files"] == ["lstm", "jobs"]
    assert settings.get("strict_optional", True)
    for option, most in NOT_CLEAN_YET.items():
        [left_out] = [one["module"] for one in settings["overrides"] if option in one]
        assert len(left_out) <= most and len(set(left_out)) == len(left_out)
        for name in left_out:
            assert name.startswith(("lstm.", "jobs.")) and (ROOT / name.replace(".", "/")).with_suffix(".py").is_file(), name


def test_the_command_is_python_m_lstm_with_arguments(capsys: pytest.CaptureFixture) -> None:
    assert PROJECT["scripts"] == {"lstm-lab": "lstm.cli.app:main"}
    assert app.main(["summary", str(ROOT / "data" / "pretrained" / "text.npz")]) == 0
    assert "Total params" in capsys.readouterr().out
    assert app.main(["summary", "missing.npz"]) == 2


def test_the_command_alone_opens_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(subprocess, "call", lambda command, cwd: calls.append((command, cwd)) or 0)
    assert app.main([]) == 0
    assert calls == [([sys.executable, "-m", "streamlit", "run", "dashboard.py"], app.folder())]
    assert (app.folder() / "dashboard.py").is_file()


@pytest.mark.parametrize(
    ("lacking", "sentence"), [("folder", "run lstm-lab where dashboard.py lies"), ("find_spec", "pip install -r requirements.txt")]
)
def test_where_there_is_no_app_a_sentence_says_what_to_do(
    lacking: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(app, lacking, lambda *name: None)
    assert app.main([]) == 2
    assert sentence in capsys.readouterr().err
