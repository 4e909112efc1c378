"""Speed and memory of all contenders, in turn: A B C A B C …, so that a busy moment of the machine hits them all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from .contenders import CONTENDERS

FIRST_STEPS = 3
_AT_LEAST = 0.05
"""Seconds a timed block lasts at least, so that the clock's resolution does not matter."""

_SETTLE = 0.05
"""Seconds between two turns: the threads of the one before spin for a while, on a core that the next one needs."""


class Worker:
    """A contender in a process of its own (see `worker.py`)."""

    def __init__(self, contender: str, threads: int) -> None:
        env = dict(os.environ)
        if threads:
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
                env[name] = str(threads)
            if threads == 1:
                env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        command = [sys.executable, "-m", "benchmarks.worker", contender, str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def ask(self, **order: Any) -> dict[str, Any]:
        """Send one order and wait for its answer."""
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the benchmark process ended early: {' '.join(self.process.args)}")
        return json.loads(answer)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def speed(
    shapes: list[str], contenders: list[str], threads: int, rounds: int, show: Callable[[str], None] = print
) -> list[dict[str, Any]]:
    """Time training steps. `threads` 0 is the machine's default.

    Returns
    -------
    One row a shape and contender: milliseconds (median, quartiles), the first losses, and, for the others, the median
    over the rounds of their time divided by the lab's in the same round.
    """
    rows = []
    for shape in shapes:
        workers = {name: Worker(name, threads) for name in contenders}
        try:
            first = {name: worker.ask(do="prepare", shape=shape, steps=FIRST_STEPS) for name, worker in workers.items()}
            blocks = {}
            for name, worker in workers.items():  # warm-up, and how many steps make a block
                once = worker.ask(do="time", steps=3)["seconds"]
                blocks[name] = max(1, round(_AT_LEAST / once))
            times: dict[str, list[float]] = {name: [] for name in contenders}
            for _ in range(rounds):
                for name, worker in workers.items():
                    time.sleep(_SETTLE)
                    worker.ask(do="time", steps=1)  # back into the cache
                    times[name].append(worker.ask(do="time", steps=blocks[name])["seconds"] * 1e3)
        finally:
            for worker in workers.values():
                worker.close()
        for name in contenders:
            low, middle, high = np.percentile(times[name], [25, 50, 75])
            ratio = float(np.median(np.array(times[name]) / np.array(times["lab"]))) if "lab" in times else None
            rows.append({
                "shape": shape, "threads": threads or "default", "contender": name, "versions": first[name]["versions"],
                "median_ms": middle, "lower_ms": low, "upper_ms": high, "ratio_to_lab": ratio, "rounds": rounds,
                "first_losses": first[name]["losses"],
            })  # fmt: skip
            show(
                f"{shape:<11} {rows[-1]['threads']!s:>8}  {name:<6} {middle:9.2f} ms  ({low:.2f} to {high:.2f})  "
                f"× {ratio:.2f}   losses {' '.join(f'{loss:.5f}' for loss in first[name]['losses'])}"
            )
    return rows


def memory(shape: str, contenders: list[str] | None = None) -> dict[str, int]:
    """The peak memory of training steps on top of the idle process, in bytes, by contender."""
    peaks = {}
    for name in contenders or list(CONTENDERS):
        worker = Worker(name, 0)
        try:
            peaks[name] = worker.ask(do="peak", shape=shape)["bytes"]
        finally:
            worker.close()
    return peaks


def check_names(names: list[str], known: dict[str, Any], what: str) -> list[str]:
    """Return `names`, or raise ValueError for one that does not exist."""
    for name in names:
        if name not in known:
            raise ValueError(f"{what} must be among {', '.join(known)}, got {name!r}")
    return names


