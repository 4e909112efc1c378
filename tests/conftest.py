"""What all tests share: how much hypothesis may try, and one thread for each."""

from __future__ import annotations

import os

# Before numpy is loaded: on a busy machine BLAS threads that wait for each other make a test ten times slower.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hypothesis import HealthCheck, settings

# The same examples on every run: a failure is a reason to look, never to press "run again".
settings.register_profile(
    "lab", max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("lab")
