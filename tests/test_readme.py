"""The README is true: its commands exist, its links lead somewhere, and CI runs what it says."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from lstm.cli import build_parser

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python -m lstm (.+)$", README, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_understood(command):
    assert callable(build_parser().parse_args(shlex.split(command)).run)


def test_ci_runs_the_test_command():
    script = (ROOT / ".ci" / "run").read_text()
    [command] = [line for line in README.splitlines() if line.startswith("python3 -m venv") and "pytest" in line]
    for part in command.split(" && "):
        assert re.search("^(exec )?" + re.escape(part).replace("install", "install.*"), script, re.MULTILINE), part


def test_links_and_files():
    links = set(re.findall(r"\]\((?!http)([^)#]+)\)", README))
    paths = set(re.findall(r"`([a-z_]+/[a-z_/.]*)`", README))
    assert {"docs/text.png", "data/README.md"} <= links and "lstm/cell.py" in paths
    assert [name for name in links | paths if not (ROOT / name).exists()] == []


def test_the_table_has_every_lesson_and_counts_what_topics_compares():
    from lstm.lessons.reading.classical import METHODS
    from ui.frame import LESSONS

    table = README.split("| lesson |")[1].split("\n\n")[0]
    assert sorted(re.findall(r"^\| ([A-Z][^|]+?) \|", table, re.MULTILINE)) == sorted(one.title for one in LESSONS)
    assert f"by {({6: 'six', 9: 'nine', 10: 'ten'})[len(METHODS)]} classical methods" in table


def test_every_variable_is_told():
    sources = [path for folder in ("lstm", "jobs", "ui", "pages") for path in (ROOT / folder).rglob("*.py")]
    used = {name for path in sources for name in re.findall(r"LSTM_LAB_[A-Z]+", path.read_text(encoding="utf-8"))}
    assert used == set(re.findall(r"LSTM_LAB_[A-Z]+", README))


def test_every_requirement_has_both_bounds_and_a_reason():
    for name in ("requirements.txt", "tests/requirements.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        for before, line in pairwise(lines):
            if line and not line.startswith("#"):
                assert re.fullmatch(r"[a-z0-9-]+>=[\d.]+,<[\d.]+", line), line
                assert before.startswith("# "), line


def test_the_page_for_deployers_names_every_limit_with_its_default():
    from jobs.limits import DEFAULTS, LEAST_MEMORY, Limits

    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(LSTM_LAB_[A-Z]+)` \|.*\| ([^|]+) \|$", page, re.MULTILINE))
    assert {name: told.get(name) for name in DEFAULTS} == {name: str(value) for name, value in DEFAULTS.items()}
    assert set(told) == {*DEFAULTS, "LSTM_LAB_WORKERS", "LSTM_LAB_MEMORY"} and LEAST_MEMORY < 1000
    assert f"({Limits().first_turn:.0f}\n" in page and f"then {Limits().turn:.0f}, or five times" in page
    rows = dict(re.findall(r"^\| `(LSTM_LAB_[A-Z]+)` \|.*\| ([^|]+) \|$", README, re.MULTILINE))
    assert {name: rows.get(name) for name in DEFAULTS} == {name: str(value) for name, value in DEFAULTS.items()}
    links = set(re.findall(r"\]\((?!http)([^)#]+)\)", page))
    assert links and [link for link in links if not (ROOT / "docs" / link).resolve().exists()] == []
