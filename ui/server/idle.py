"""Gives memory back when people have left, without a click: closed sessions, garbage, and the heap's empty pages.

A page that was closed can come back for a while and find its session; when many have gone, that while is short. Python
collects cycles when it makes objects, so a server at rest keeps its garbage, and the C library keeps what was freed.

What is alive after a collection (libraries, charts' layouts, models) is set aside until the next one: Python looks through
everything that is not, now and then, in the middle of somebody's page, and here that took a tenth of a second.

The C library gives threads heaps of their own, and a page's thread ends with its run: what one heap has free, another cannot
use. Python lets one thread at a time allocate, so a few heaps for all cost no time.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from streamlit import runtime

from jobs.limits import visitor_setting
from ui.server import lookups, turns, watcher

LOOK = 5.0  # seconds between two looks
QUIET = 0.2  # cores that the server uses at most while it rests
WORK = 0.5  # seconds of computing that leave garbage worth collecting
FEW = 8  # sessions that may wait for their pages as long as Streamlit keeps them: two minutes
MANY = 30.0  # seconds that they are kept when there are more
BUSY = 15.0  # seconds between two collections on a server that never rests
HEAPS = 2  # of the C library; by default eight a core
_M_ARENA_MAX = -8  # from glibc's malloc.h

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Run the housekeeper while the server runs, and the pages in turn."""
    share_heaps()
    turns.take_turns()
    watcher.watch_as_configured()
    lookups.look_up_one_by_one()
    keeper = asyncio.create_task(Housekeeper().work())
    try:
        yield
    finally:
        keeper.cancel()


class Housekeeper:
    """Looks every few seconds whether there is something to give back. Lives on the server's event loop."""

    def __init__(self) -> None:
        self._gone: dict[str, float] = {}  # since when a session has been without a page
        self._computed = self._collected_at = time.process_time()
        self._collected = time.monotonic()
        self._left = False

    async def work(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except Exception:
                log.exception("memory was not given back this time")

    async def look(self) -> bool:
        """Close what nobody comes back to, and collect when it costs nobody anything; return whether it did."""
        if runtime.exists():
            server = runtime.get_instance()
            self._left |= self.close(server) | bound_uploads(server.uploaded_file_mgr, visitor_setting())
        computed, self._computed = self._computed, time.process_time()
        rests = self._computed - computed < QUIET * LOOK
        worked = self._computed - self._collected_at > WORK
        waited = time.monotonic() - self._collected > BUSY
        if not ((rests and worked) or (self._left and waited)):
            return False
        await asyncio.to_thread(give_back)
        self._left, self._collected = False, time.monotonic()
        self._collected_at = self._computed = time.process_time()
        return True

    def close(self, server: runtime.Runtime) -> bool:
        """Close sessions whose pages have been gone for long; return whether any left since the last look."""
        sessions = getattr(server, "_session_mgr", None)
        if sessions is None:  # another Streamlit than this one: it closes them itself, some time
            return False
        active = {one.session.id for one in sessions.list_active_sessions()}
        waiting = {one.session.id for one in sessions.list_sessions()} - active
        before, now = self._gone, time.monotonic()
        self._gone = {name: before.get(name, now) for name in waiting}
        if len(waiting) > FEW:
            for name, since in list(self._gone.items()):
                if now - since > MANY:
                    server.close_session(name)
        return set(self._gone) != set(before)


def bound_uploads(files: Any, most: int) -> bool:
    """Let a session's oldest uploads go where they are more than `most` bytes; return whether any went.

    A page reads a file once, and the browser takes back what its visitor replaces: what piles up is nobody's any more.
    """
    went = False
    for session, kept in list(getattr(files, "file_storage", {}).items()):
        sizes = {name: len(file.data) for name, file in list(kept.items())}
        for name in list(sizes)[:-1]:
            if sum(sizes.values()) <= most:
                break
            files.remove_file(session, name)
            del sizes[name]
            went = True
    return went


def share_heaps() -> None:
    """Let all threads that begin from now on share `HEAPS` heaps where the C library can (glibc)."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, HEAPS)


def give_back() -> None:
    """Collect garbage, set aside what is alive, and hand the heap's empty pages to the system where the C library can (glibc)."""
    gc.unfreeze()  # what was alive last time may be garbage now
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
