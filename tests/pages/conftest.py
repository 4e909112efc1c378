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
