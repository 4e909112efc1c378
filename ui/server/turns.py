"""Who comes first is served first: a few pages run at a time, and the others wait for their turn.

Streamlit runs the page of each visitor in a thread of its own, and Python lets one of them compute at a time. When thirty
run at once, all end last, and changing between them costs half as much again; in turn, most are done long before. Who has
waited for `PATIENCE` goes ahead all the same: a page that waits for something itself (a file that is being read, a table that
another visitor's page computes) holds nobody up for longer.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import Any

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

PLACES = 2
PATIENCE = 3.0  # seconds

_mine = threading.local()  # the turns in which this thread has a place


class Turns:
    """Places for those who compute, given in the order in which they come."""

    def __init__(self, places: int = PLACES, patience: float = PATIENCE) -> None:
        self._free, self._patience = places, patience
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def come(self) -> bool:
        """Wait for a place; return whether it was given (then `leave` it), or the wait was too long."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(self._patience):
            return True
        with self._lock:
            if called.is_set():  # at the last moment
                return True
            self._waiting.remove(called)
            return False

    def leave(self) -> None:
        """Hand the place to who has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1

    def taken(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, each call in its turn."""

        @wraps(run)
        def in_turn(*args: Any, **kwargs: Any) -> Any:
            _mine.turns = self if self.come() else None
            try:
                return run(*args, **kwargs)
            finally:
                turns, _mine.turns = _mine.turns, None
                if turns is not None:
                    turns.leave()

        return in_turn


def rest(seconds: float) -> None:
    """Sleep in the middle of a page, and let others have the place meanwhile."""
    turns: Turns | None = getattr(_mine, "turns", None)
    if turns is None:
        time.sleep(seconds)
        return
    _mine.turns = None
    turns.leave()
    time.sleep(seconds)
    _mine.turns = turns if turns.come() else None


def take_turns() -> None:
    """Let the pages of this server run in turn, from now on."""
    if not hasattr(ScriptRunner._run_script, "__wrapped__"):
        ScriptRunner._run_script = Turns().taken(ScriptRunner._run_script)  # type: ignore[method-assign]
