"""Runs inside a worker: drives one experiment, reports what it yields, and does what the page asked for.

Page and run meet in the scheduler's memory, under the job's key (Dask's task metadata):

    orders      what is wanted, and how many threads the run may use; no entry at all: nobody waits for this job any more
    attempt     how many workers have begun this job
    checkpoint  the last bytes the run gave to `control.save`, or those it is to go on from

Wanted is "run", "pause", "stop", or "aside": others wait for this place. The run then ends with a checkpoint, and goes on
from there when its turn comes. One that makes none (Keras has a process of its own; a last examination is under way) is
held where it is, between two steps, and its worker takes in another beside it.

A worker that dies takes none of it along, so the next one goes on where this one was, and Dask forgets it with the task.
"""

import asyncio
import gc
import logging
import math
import pickle
import threading
import time
import traceback
from typing import Any

from distributed import Status, get_worker, secede
from distributed.protocol import to_serialize

from jobs import sentences
from jobs.contract import Control, Outcome, step_back

SAVE_EVERY = Control().save_every
BEAT = 0.2  # seconds between two looks at what is wanted, and between two reports
EVENT_POINTS = 200  # most points of one curve in one report
EVENT_NOTES = 50  # most notes in one report
LOST = 15.0  # seconds without an answer of the scheduler after which nobody can be waiting
SWEEP = 3.0  # seconds after which a finished job's reference cycles are collected
ASIDE = 2.0  # seconds in which a run that is to leave makes its checkpoint, or is held
SAVED = 2e6  # bytes of checkpoints a second, at most

CLOSING = (Status.closing, Status.closed, Status.failed)

log = logging.getLogger(__name__)


def drive(config: bytes, key: str, topic: str) -> Outcome:
    """Run an experiment to its end, on this worker, as the task `key`.

    Parameters
    ----------
    config
        The experiment, pickled: its `run(control=, checkpoint=)` is a generator of progress that returns a result.
    key
        The task's key, under which the scheduler keeps what is wanted and the last checkpoint.
    topic
        Where reports go (`Worker.log_event`).
    """
    link = Link(get_worker(), key, topic)
    step_back()
    try:
        memory = link.open()
        checkpoint = memory.get("checkpoint") if memory else None
        if memory is None or (link.wanted == "stop" and not checkpoint):
            return Outcome()
        if link.wanted == "aside":  # another worker was lost before it could say so
            return Outcome(aside=True, checkpoint=checkpoint)
        return _follow(pickle.loads(config), link, checkpoint)
    except Exception as problem:
        return Outcome(
            error=sentences.failed(problem), trace=None if sentences.is_advice(problem) else traceback.format_exc()
        )
    finally:
        link.close()


def _follow(config: Any, link: "Link", checkpoint: bytes | None) -> Outcome:
    control = link.control
    run = config.run(control=control, checkpoint=checkpoint)
    while True:
        link.wait_while_paused()
        if link.wanted is None:
            run.close()
            return Outcome()
        try:
            progress = next(run)
        except StopIteration as end:
            return Outcome(result=end.value)
        link.report(progress)
        if link.parting is not None:
            run.close()
            return Outcome(aside=True, checkpoint=link.parting)


class Link:
    """The wire between a run, in its thread, and the scheduler, through the worker's event loop."""

    def __init__(self, worker: Any, key: str, topic: str):
        self.worker, self.key, self.topic = worker, key, topic
        self.control = Control(save=self.save)
        self.attempt = 0
        self.wanted: str | None = "run"
        self.parting: bytes | None = None  # the checkpoint with which the run leaves its place to another
        self._aside: float | None = None  # since when it is to leave
        self._seceded = self._told_held = False
        self._changed = threading.Event()
        self._closed = False
        self._beating: Any = None
        self._saving: Any = None
        self._outbox = Outbox()
        self._flushing = threading.Lock()
        self._first = True
        self._failure: Exception | None = None  # why a report could not leave: the lesson's mistake, told by report()

    def open(self) -> dict[str, Any] | None:
        """Say that this worker has begun; return what the scheduler remembers, None if the job is not wanted."""
        memory = self._ask("get_metadata", keys=[self.key], default=None)
        self._obey(memory.get("orders") if memory else None)
        if memory is not None:
            self.attempt = memory.get("attempt", 0) + 1
            self._ask("set_metadata", keys=[self.key, "attempt"], value=self.attempt)
        self._send({"kind": "begun", "from_checkpoint": bool(memory and memory.get("checkpoint"))})
        self._beating = asyncio.run_coroutine_threadsafe(self._beat(), self._loop)
        return memory

    def report(self, progress: Any) -> None:
        """Take one progress; it leaves with the next beat, the first one at once."""
        if self._failure is not None:
            raise self._failure
        self._outbox.add(progress)
        if self._first:
            self._first = False
            self._flush()

    def save(self, checkpoint: bytes) -> None:
        """Keep a checkpoint outside this worker; one at a time, the run does not wait for it."""
        if self.wanted == "aside":
            self.parting = checkpoint
            return
        if self.wanted is None or (self._saving is not None and not self._saving.done()):
            return
        self.control.save_every = max(SAVE_EVERY, len(checkpoint) / SAVED)
        self._saving = asyncio.run_coroutine_threadsafe(self._keep(checkpoint), self._loop)

    async def _keep(self, checkpoint: bytes) -> None:
        # to_serialize: 25 MB then pass the scheduler as they are, in 20 ms; packed into the message they take 160
        await self.worker.scheduler.set_metadata(keys=[self.key, "checkpoint"], value=to_serialize(checkpoint))
        self._send({"kind": "saved"})  # the server fetches a copy

    def wait_while_paused(self) -> None:
        """Return when the run may take its next step (also when it is to stop)."""
        while self.wanted == "pause" or self._held():
            self._changed.wait(1.0)
            self._changed.clear()

    def _held(self) -> bool:
        """Whether the run is to leave and has made no checkpoint in time: then it waits, beside another."""
        since = self._aside
        if since is None or time.monotonic() - since < ASIDE:
            return False
        if not self._seceded:
            self._seceded = True
            secede()
        if not self._told_held:
            self._told_held = True
            self._flush()
            self._send({"kind": "held"})
        return True

    def close(self) -> None:
        """Send what is left and leave nothing behind, here or in the scheduler."""
        self._closed = True
        if self._beating is not None:
            self._beating.cancel()
        if self.worker.status in CLOSING:
            return
        try:
            self._flush()
            if self._saving is not None:
                self._saving.exception(timeout=LOST)
            if self.wanted is None:  # Dask has dropped the entry already; a late checkpoint made a new one
                self._ask("set_metadata", keys=[self.key], value=None)
            self._send({"kind": "left"})
            self._loop.call_soon_threadsafe(lambda: self._loop.call_later(SWEEP, gc.collect))
        except Exception:
            log.info("the scheduler did not hear the end of %s", self.key, exc_info=True)

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return self.worker.loop.asyncio_loop

    def _ask(self, what: str, **arguments: Any) -> Any:
        call = getattr(self.worker.scheduler, what)(**arguments)
        return asyncio.run_coroutine_threadsafe(call, self._loop).result(timeout=LOST)

    def _obey(self, orders: list[Any] | None) -> None:
        wanted, threads = orders or (None, None)
        self.control.threads = threads
        if wanted != self.wanted:
            self.control.stop = wanted not in ("run", "pause", "aside")
            self.control.save_every = 0.0 if wanted == "aside" else SAVE_EVERY
            self._aside = time.monotonic() if wanted == "aside" else None
            self.parting, self._told_held = None, False
            self.wanted = wanted
            self._changed.set()

    async def _beat(self) -> None:
        answered = time.monotonic()
        while not self._closed:
            try:
                self._obey(await self.worker.scheduler.get_metadata(keys=[self.key, "orders"], default=None))
                answered = time.monotonic()
            except Exception:
                if self.worker.status in CLOSING or time.monotonic() - answered > LOST:
                    self._obey(None)
            self._flush()
            await asyncio.sleep(BEAT)

    def _flush(self) -> None:
        with self._flushing:  # the run's thread and the event loop both come here, and reports must leave in order
            try:
                body = self._outbox.take()
            except Exception as problem:
                self._failure = problem
                return
            if body is not None:
                self._send({"kind": "progress", "body": body})

    def _send(self, event: dict[str, Any]) -> None:
        event |= {"key": self.key, "attempt": self.attempt}
        # log_event() sends at once when the event loop calls it and queues when another thread does; always queue
        self._loop.call_soon_threadsafe(self.worker.log_event, self.topic, event)


class Outbox:
    """Gathers progress between two reports: the newest whole, every finite metric as a point, every new note."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: Any = None
        self._curves: dict[str, list[tuple[int, float]]] = {}
        self._notes: list[tuple[str, int, Any]] = []

    def add(self, progress: Any) -> None:
        step = progress.step
        with self._lock:
            self._latest = progress
            for name, value in (("seconds", progress.seconds), *progress.metrics.items()):
                if value is not None and math.isfinite(value):
                    self._curves.setdefault(name, []).append((step, float(value)))
            self._notes.extend((name, step, value) for name, value in progress.notes.items())

    def take(self) -> bytes | None:
        """Return everything since the last call, pickled; None if there was nothing."""
        with self._lock:
            latest, curves, notes = self._latest, self._curves, self._notes
            self._latest, self._curves, self._notes = None, {}, []
        if latest is None:
            return None
        thin = {name: thinned(points) for name, points in curves.items()}
        return pickle.dumps((latest, thin, notes[-EVENT_NOTES:]))


def thinned(points: list[tuple[int, float]], most: int = EVENT_POINTS) -> list[tuple[int, float]]:
    """Return at most `most` of the points, evenly spread, both ends among them."""
    if len(points) <= most:
        return points
    last = len(points) - 1
    return [points[round(i * last / (most - 1))] for i in range(most)]
