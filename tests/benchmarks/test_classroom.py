"""The class comes, works and goes, on a real server; wrong words are answered with a sentence. No time is asserted."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.classroom import Plan, main, measure, table, times

ROOT = Path(__file__).resolve().parents[2]


def test_two_visitors_are_let_in_work_and_leave_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))
    plan = Plan(seconds=6.0, trainings=0, after=0.0, pages=("", "memory"))
    found = asyncio.run(measure(ROOT, 2, plan))
    assert found["errors"] == [] and found["tracebacks"] == 0 and found["jobs left behind"] == 0
    assert found["stampede"]["Home"]["count"] == found["stampede"]["memory"]["count"] == 2
    assert found["slider"]["count"] >= 2 and found["page open"]["count"] >= 2
    assert found["reload"]["count"] == found["come back"]["count"] == 2
    assert found["memory"]["warm"]["server"] > 50
    assert "| all open memory within a second |" in table([found])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--visitors", "many"], "--visitors takes whole numbers from 1 to 200, got 'many'"),
        (["--visitors", "0"], "--visitors takes whole numbers from 1 to 200, got '0'"),
        (["--repo", "nowhere"], "--repo needs a folder with dashboard.py, got"),
    ],
)
def test_wrong_words(arguments, sentence, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_times():
    assert times([]) is None
    assert times([0.1, 0.2, 0.3]) == {"p50": 200.0, "p95": 290.0, "max": 300.0, "count": 3}
