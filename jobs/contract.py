"""What a run is handed, how it ends, and how somebody who is no worker drains one. Loads nothing but the standard library."""

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NICENESS = 15


@dataclass
class Control:
    """What `run(control, checkpoint)` is handed; the attributes are those of `lstm.history.Control`."""

    stop: bool = False
    save: Callable[[bytes], None] | None = None
    save_every: float = 5.0
    threads: int | None = None


@dataclass
class Outcome:
    """How a run ended, on its way back to the page."""

    result: Any = None  # what run() returned
    error: str | None = None  # a sentence
    trace: str | None = None  # for the server's log
    aside: bool = False  # it left its worker to others and is to go on
    checkpoint: bytes | None = None  # where


def step_back() -> None:
    """Let a training take only what the server leaves over: a look never waits for it.

    On Linux a thread has a priority of its own, so this touches a run and what it starts, not the worker's event loop.
    """
    with contextlib.suppress(OSError, ImportError):  # already lower still
        if sys.platform == "win32":
            import psutil

            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        elif os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
            os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
