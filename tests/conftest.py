"""What all tests share: how much hypothesis may try, one thread for each, and who runs beside whom."""

from __future__ import annotations

import os

# Before numpy is loaded: on a busy machine BLAS threads that wait for each other make a test ten times slower.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Keras's networks in tests are small: JAX compiles them for longer than it runs them.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every run: a failure is a reason to look, never to press "run again".
settings.register_profile(
    "lab", max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("lab")

CLOCKED = {"browser", "jobs"}
"""Folders of tests that wait for servers, workers and browsers, each with a deadline."""

KERAS = {
    "test_keras_files.py",
    "test_keras_habits.py",
    "test_keras_parity.py",
    "test_keras_scripts.py",
    "test_keras_vs_scratch.py",
}
"""Files whose tests load Keras, which takes seconds: once is enough."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes get their place as a name: an archive built while a file is imported holds the time, and its id would too."""
    return argname if isinstance(val, bytes | bytearray) else None


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `-n 2 --dist loadgroup`, each folder of what is clocked runs one test after the other, beside all that only calculates."""
    here = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(here).parts[0]
        if folder in CLOCKED:
            item.add_marker(pytest.mark.xdist_group(folder))
        elif item.path.name in KERAS:
            item.add_marker(pytest.mark.xdist_group("keras"))
        if folder in CLOCKED | {"pages"}:
            # A shared machine can stand still for longer than any deadline; the report shows what was run again.
            item.add_marker(pytest.mark.flaky(reruns=2))
        if folder == "browser" and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(300))
