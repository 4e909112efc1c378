"""A small program that trains with the engine, for tests that kill it: prints one line when its job has progressed."""

import time

from fake_experiments import Count

from jobs import engine

job = engine.submit(Count(steps=100_000), session="parent")
while job.progress is None and not job.ended:
    time.sleep(0.02)
print(f"{job.state} {job.error}", flush=True)
time.sleep(600)
