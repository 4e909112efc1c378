"""Runs inside a worker: drives one experiment, reports what it yields, and does what the page asked for.

Page and run meet in the scheduler's memory, under the job's key (Dask's task metadata):

    wanted      what the page wants: "run", "pause" or "stop"; no entry at all: nobody waits for this job any more
    attempt     how many workers have begun this job
    checkpoint  the last bytes the run gave to `control.save`

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
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from distributed import Status, get_worker
from distributed.protocol import to_serialize

from jobs import sentences

BEAT = 0.2  # seconds between two looks at what is wanted, and between two reports
EVENT_POINTS = 200  # most points of one curve in one report
EVENT_NOTES = 50  # most notes in one report
LOST = 15.0  # seconds without an answer of the scheduler after which nobody can be waiting
SWEEP = 3.0  # seconds after which a finished job's reference cycles are collected

CLOSING = (Status.closing, Status.closed, Status.failed)

log = logging.getLogger(__name__)


@dataclass
class Control:
    """What `run(control, checkpoint)` is handed; the attributes are those of `lstm.training.Control`."""

    stop: bool = False
    save: Callable[[bytes], None] | None = None
    save_every: float = 5.0


@dataclass
class Outcome:
    """How a run ended, on its way back to the page."""

    result: Any = None  # what run() returned
    error: str | None = None  # a sentence
    trace: str | None = None  # for the server's log


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
    try:
        memory = link.open()
        if memory is None or link.wanted == "stop":
            return Outcome()
        return _follow(pickle.loads(config), link, memory.get("checkpoint"))
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


class Link:
    """The wire between a run, in its thread, and the scheduler, through the worker's event loop."""

    def __init__(self, worker: Any, key: str, topic: str):
        self.worker, self.key, self.topic = worker, key, topic
        self.control = Control(save=self.save)
        self.attempt = 0
        self.wanted: str | None = "run"
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
        self._obey(memory.get("wanted") if memory else None)
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
        if self.wanted is None or (self._saving is not None and not self._saving.done()):
            return
        # to_serialize: 25 MB then pass the scheduler as they are, in 20 ms; packed into the message they take 160
        call = self.worker.scheduler.set_metadata(keys=[self.key, "checkpoint"], value=to_serialize(checkpoint))
        self._saving = asyncio.run_coroutine_threadsafe(call, self._loop)

    def wait_while_paused(self) -> None:
        """Return when the run may take its next step (also when it is to stop)."""
        while self.wanted == "pause":
            self._changed.wait(1.0)
            self._changed.clear()

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
            self._loop.call_soon_threadsafe(self._loop.call_later, SWEEP, gc.collect)
        except Exception:
            log.info("the scheduler did not hear the end of %s", self.key, exc_info=True)

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return self.worker.loop.asyncio_loop

    def _ask(self, what: str, **arguments: Any) -> Any:
        call = getattr(self.worker.scheduler, what)(**arguments)
        return asyncio.run_coroutine_threadsafe(call, self._loop).result(timeout=LOST)

    def _obey(self, wanted: str | None) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self.control.stop = wanted not in ("run", "pause")
            self._changed.set()

    async def _beat(self) -> None:
        answered = time.monotonic()
        while not self._closed:
            try:
                self._obey(await self.worker.scheduler.get_metadata(keys=[self.key, "wanted"], default=None))
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
