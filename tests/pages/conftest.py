"""A page under test asks a desk of the test's own for its trainings, not the engine."""

from __future__ import annotations

import pytest

from jobs import engine
from tests.pages.desk import Desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The engine's place is taken by a `Desk`."""
    desk = Desk()
    monkeypatch.setattr(engine, "submit", desk.submit)
    monkeypatch.setattr(engine, "jobs", desk.jobs)
    for name in ("touch", "warm_up"):
        monkeypatch.setattr(engine, name, lambda *_: None)
    monkeypatch.setattr(engine, "running", list)
    return desk


@pytest.fixture(autouse=True)
def _keras_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where other tests have loaded Keras, Streamlit empties its caches after every run of a page: a second each time."""
    monkeypatch.setattr("streamlit.runtime.scriptrunner.script_runner._clean_problem_modules", lambda: None, raising=False)
