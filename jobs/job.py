"""The handle a page holds: one training, from the queue to its result."""

import pickle
import threading
import uuid
from collections.abc import Callable
from typing import Any, Literal

from jobs import sentences
from jobs.history import Curves

State = Literal["queued", "starting", "running", "paused", "finished", "stopped", "failed"]
ENDED = ("finished", "stopped", "failed")


class Job:
    """One training in the background. Made by `jobs.engine.submit`; every attribute may be read at any time.

    Attributes
    ----------
    id, session, title, config
        As submitted; `id` is the engine's.
    time_limit : float
        Seconds of training, pauses excluded, after which the job is stopped with what it learnt.
    progress
        The newest progress the experiment yielded, None before the first.
    history : jobs.history.Curves
        `history.series("loss")` is (steps, values), at most 2,000 of each; also "seconds" and every other metric.
    result
        What the experiment returned, once the job has ended; also when it was stopped, or diverged, or had to be given
        up: then it is that of its last checkpoint.
    error, notice, recovered : str or None
        A sentence each. Why the job failed; what else its reader should know (a time limit was reached); that a worker
        was lost and how the training went on.
    """

    def __init__(
        self,
        config: Any,
        *,
        session: str,
        title: str,
        time_limit: float,
        recycle: bool,
        order: Callable[["Job", str], None],
        place: Callable[["Job"], int | None],
        wait: Callable[["Job"], float | None] = lambda job: None,
    ):
        self.id = uuid.uuid4().hex
        self.session, self.title, self.config = session, title, config
        self.time_limit, self.recycle = time_limit, recycle
        self.progress: Any = None
        self._reached = 0.0  # the share of the budget before the last step, which says 1 however it came to be the last
        self.history = Curves()
        self.result: Any = None
        self.error: str | None = None
        self.notice: str | None = None
        self.recovered: str | None = None
        # The engine's
        self.phase: State = "queued"  # the state, but for pauses
        self.wanted = "run"  # by the page: "run", "pause" or "stop"
        self.checkpoint: bytes | None = None  # the last one the server has
        self.trained = 0.0  # seconds on a worker, over all turns
        self.loading = 0.0  # of these, before the first step of the latest turn
        self.size = 0  # bytes of its result
        self.waited = 0.0  # seconds since it joined the queue
        self.leaves = True  # its worker when asked to, with a checkpoint, as far as is known
        self._order, self._place, self._wait = order, place, wait
        self._ended = threading.Event()
        self._attempt = 0
        self._rewinding: str | None = None  # a worker has begun, and its first report will say where; "lost", "turn" …
        self._lost = (0, False)  # when a worker was lost: its last step, is there a checkpoint?

    # What a page reads

    @property
    def done(self) -> float:
        """The share of the budget that was used, 0 to 1; of a job that was stopped, what it had reached by then."""
        if self.progress is None:
            return 0.0
        fraction = self.progress.fraction
        return self._reached if self.state == "stopped" and fraction >= 1 else min(max(fraction, 0.0), 1.0)

    @property
    def state(self) -> State:
        """queued, starting, running, paused, finished, stopped or failed."""
        if self.phase in ("starting", "running") and self.wanted == "pause":
            return "paused"
        return self.phase

    @property
    def aside(self) -> bool:
        """Whether the training has begun and now waits for its next turn."""
        return self.phase == "queued" and self.progress is not None

    @property
    def ended(self) -> bool:
        """Whether the job is finished, stopped or failed."""
        return self.phase in ENDED

    @property
    def stopping(self) -> bool:
        """Whether the job was asked to stop and has not ended yet."""
        return self.wanted == "stop" and not self.ended

    @property
    def place(self) -> int | None:
        """The n-th in the queue, counted from 1; None when the job does not wait."""
        return self._place(self)

    @property
    def expected_wait(self) -> float | None:
        """Seconds until the job gets its (next) turn, as far as that can be told; None when it does not wait."""
        return self._wait(self)

    def notes(self, name: str) -> list[tuple[int, Any]]:
        """What the experiment noted under `name`, such as "sample", as (step, value), oldest first."""
        return self.history.notes(name)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended; return whether it has."""
        return self._ended.wait(timeout)

    # What a page asks for; each returns at once and does nothing when it makes no sense any more

    def pause(self) -> None:
        """Hold the training after the present step."""
        self._order(self, "pause")

    def resume(self) -> None:
        """Go on with a paused training."""
        self._order(self, "run")

    def stop(self) -> None:
        """End the training after the present step, with what it has learnt as its result."""
        self._order(self, "stop")

    # What the worker reports, told by the engine

    def begun(self, attempt: int, from_checkpoint: bool) -> None:
        """A worker has begun the run: for the first time, for another turn, or again after one was lost."""
        if attempt <= self._attempt:
            return
        if attempt > 1:
            self._lost = (self.progress.step if self.progress is not None else 0, from_checkpoint)
            self._rewinding = "lost"
        elif self.progress is not None:
            self._rewinding = "turn"
        self._attempt = attempt
        if self.phase == "starting":
            self.phase, self.notice = "running", None  # no longer does it wait for a worker

    def reported(self, attempt: int, body: bytes) -> None:
        """Take in what the run yielded since its last report."""
        if attempt != self._attempt or self.ended:
            return  # a worker that was given up for lost
        progress, curves, notes = pickle.loads(body)
        if self._rewinding is not None:
            self._rewind(min([progress.step, *(points[0][0] for points in curves.values())]))
        for name, points in curves.items():
            self.history.add(name, points)
        for name, step, value in notes:
            self.history.add_note(name, step, value)
        self.progress = progress
        if progress.fraction < 1:
            self._reached = progress.fraction

    def _rewind(self, step: int) -> None:
        if self._rewinding == "lost":
            lost, from_checkpoint = self._lost
            self.recovered = sentences.lost(lost, max(step - 1, 0) if from_checkpoint else None)
        self._rewinding = None
        self.history.cut(step)

    def next_turn(self) -> None:
        """The job has left its workers, and they are counted anew."""
        self._attempt = 0

    def end(self, phase: State, *, result: Any = None, error: str | None = None) -> None:
        """Set the final state, once; later calls change nothing."""
        if not self.ended:
            self.result, self.error, self.checkpoint = result, error, None
            self.phase = phase
            self._ended.set()
