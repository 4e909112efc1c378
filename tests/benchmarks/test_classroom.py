"""The class comes, works and goes, on a real server; wrong words are answered with a sentence. No time is asserted."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.classroom import Plan, Server, in_a_room, main, measure, slide, table, times
from benchmarks.visitor import Visitor
from tests.loops import finish

ROOT = Path(__file__).resolve().parents[2]


def test_two_visitors_are_let_in_work_and_leave_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))
    plan = Plan(seconds=6.0, trainings=0, after=0.0, pages=("", "memory"))
    found = finish(measure(ROOT, 2, plan))
    assert found["errors"] == [] and found["tracebacks"] == 0 and found["jobs left behind"] == 0
    assert found["stampede"]["Home"]["count"] == found["stampede"]["memory"]["count"] == 2
    assert found["slider"]["count"] >= 2 and found["page open"]["count"] >= 2
    assert found["reload"]["count"] == found["come back"]["count"] == 2
    assert found["memory"]["warm"]["server"] > 50
    assert "| all open memory within a second |" in table([found])


def test_a_class_in_a_room_answers_is_counted_and_is_told(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))
    assert finish(in_a_room(ROOT, 3, Plan(seconds=3.0))) == 0
    said = capsys.readouterr().out
    for label in ("answer → its own page", "its page waits → the teacher's count", "reveal → a student's bars"):
        assert f"{label}: {{" in said and "'count': 3" in said.partition(label)[2].partition("\n")[0]
    assert "slider → last delta, in a room" in said and "errors: [], tracebacks: 0" in said


def test_a_visitor_stays_on_the_page_and_in_its_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))

    async def visit():
        errors = []
        visitor = Visitor(server.address, errors)
        await visitor.open("digits", "set=digits&digits_seconds=10")
        assert visitor.title == "Digits"
        await slide(visitor, visitor.sliders()[0], 3)
        assert visitor.title == "Digits" and visitor.sliders()
        await visitor.set(visitor.button("Train").id, "trigger_value", True)
        for _ in range(1000):
            if len([step for _, step in visitor.steps if step > 0]) > 2:
                break
            await asyncio.sleep(0.1)
        await visitor.leave()
        return errors, [step for _, step in visitor.steps]

    with Server(ROOT, (), tmp_path / "log.txt") as server:
        errors, steps = finish(visit())
    assert errors == [] and steps == sorted(steps) and steps[-1] > steps[0] >= 0


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
