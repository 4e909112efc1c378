"""What all tests share: how much hypothesis may try."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples on every run: a failure is a reason to look, never to press "run again".
settings.register_profile(
    "lab", max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("lab")
