"""One embedded cluster for the tests that need no other; each test is a session of its own."""

import os
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
for folder in (str(HERE), str(HERE.parents[1])):
    if folder not in sys.path:
        sys.path.insert(0, folder)


@pytest.fixture(scope="session", autouse=True)
def _workers_find_the_fakes():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")])))
        patch.setenv("LSTM_LAB_WORKERS", "2")
        patch.delenv("LSTM_LAB_SCHEDULER", raising=False)
        yield


@pytest.fixture(scope="session")
def engine():
    from jobs.engine import Engine

    engine = Engine()
    yield engine
    engine.close()


def until(condition, timeout=60.0):
    """Wait until `condition()` is true and return what it returned. A busy machine may take its time."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return value


@pytest.fixture(name="until")
def _until():
    return until
