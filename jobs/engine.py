"""The training engine: who may train now, who waits, for how long, and for whom. Pages import this.

There is one per process. `submit`, `jobs`, `running`, `touch`, `warm_up` and `close` are its methods; all return at once.
A thread of its own talks to Dask (jobs.cluster), which starts with the first job.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jobs import source
from jobs.cluster import Cluster, ClusterError, scheduler_setting, workers_setting
from jobs.job import Job

TICK = 0.25  # seconds between two looks at the clock while there are jobs
SLOTS_EVERY = 1.0  # seconds between two looks at how many workers there are
WAITING_PER_SESSION = 5
WAITING = 200
KEPT_PER_SESSION = 8  # ended jobs a session keeps

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Summary:
    """What everybody may see of a job."""

    title: str
    state: str
    place: int | None  # in the queue
    fraction: float  # of its budget, 0..1


@dataclass(frozen=True)
class Limits:
    """Seconds after which the engine steps in."""

    session: float = 120.0  # a session not heard of loses its jobs
    pause: float = 1800.0  # a paused job is stopped, and keeps what it learnt
    crowded_pause: float = 120.0  # the same while others wait for its place
    patience: float = 60.0  # a run that does not answer, beyond its time limit or after its session has gone


class _Run:
    """What the engine knows of a job that has a place on the cluster."""

    def __init__(self, job: Job):
        self.job = job
        self.future: Any = None
        self.told = job._wanted
        self.worker: str | None = None
        self.trained = self.paused = 0.0  # seconds
        self.leave_by: float | None = None  # the session has gone; until then the worker may finish its step


class Engine:
    """Trains for many sessions on one cluster.

    Parameters
    ----------
    limits
        When the engine steps in.
    names
        What of the source tree the workers of an existing cluster are sent.
    """

    def __init__(self, limits: Limits | None = None, names: tuple[str, ...] = source.SHIPPED):
        self.limits = limits or Limits()
        self._names = names
        self._topic = f"lstm-lab-{uuid.uuid4().hex}"
        # Guards everything below. Never held while talking to Dask: its event thread takes it in _hear().
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._sessions: dict[str, list[Job]] = {}
        self._seen: dict[str, float] = {}
        self._queue: list[Job] = []
        self._runs: dict[str, _Run] = {}  # by key
        self._slots: int | None = None  # not known before the first cluster
        self._cluster: Cluster | None = None
        self._warm = False
        self._woken = False
        self._closed = False
        self._thread: threading.Thread | None = None
        self._turned = self._counted = time.monotonic()

    # What pages call

    def submit(
        self, config: Any, *, session: str, title: str = "Training", time_limit: float = 900, recycle: bool = False
    ) -> Job:
        """Queue a training and return its handle at once.

        Parameters
        ----------
        config
            An experiment: `run(control=, checkpoint=)` is a generator of progress that returns a result.
        session
            Whose job this is. One of a session's jobs runs at a time.
        title
            What others see of it.
        time_limit
            Seconds of training after which it is stopped with what it learnt.
        recycle
            Start the worker's process afresh afterwards: for runs that import what never leaves memory again.

        Raises
        ------
        ValueError
            When too many jobs wait already.
        """
        if not callable(getattr(config, "run", None)):
            raise ValueError(f"config must be an experiment with a run() method, got {type(config).__name__}")
        if not isinstance(session, str) or not session:
            raise ValueError(f"session must be a non-empty string, got {session!r}")
        if not time_limit > 0:
            raise ValueError(f"time_limit must be a positive number of seconds, got {time_limit!r}")
        job = Job(
            config,
            session=session,
            title=title,
            time_limit=float(time_limit),
            recycle=recycle,
            order=self._ordered,
            place=self._place,
        )
        with self._lock:
            if self._closed:
                raise RuntimeError("the engine is closed")
            if sum(waiting.session == session for waiting in self._queue) >= WAITING_PER_SESSION:
                raise ValueError(
                    f"{WAITING_PER_SESSION} of your trainings are waiting already; stop one of them or wait until one ends."
                )
            if len(self._queue) >= WAITING:
                raise ValueError(f"{WAITING} trainings are waiting already; try again later.")
            self._sessions.setdefault(session, []).append(job)
            self._seen[session] = time.monotonic()
            self._queue.append(job)
            self._admit()
            self._go()
        return job

    def jobs(self, session: str) -> list[Job]:
        """Return a session's jobs, oldest first. Calling it keeps the session's jobs alive."""
        with self._lock:
            self.touch(session)
            return list(self._sessions.get(session, ()))

    def touch(self, session: str) -> None:
        """Say that a session is still there; one that is silent for two minutes loses its jobs."""
        with self._lock:
            if session in self._seen:
                self._seen[session] = time.monotonic()

    def running(self) -> list[Summary]:
        """Return what trains now and what waits, of all sessions, in the order of the queue."""
        with self._lock:
            active = [run.job for run in self._runs.values() if not run.job.ended]
            return [
                Summary(job.title, job.state, place, job.progress.fraction if job.progress is not None else 0.0)
                for job, place in [(job, None) for job in active] + [(job, n) for n, job in enumerate(self._order(), 1)]
            ]

    def warm_up(self) -> None:
        """Start the cluster now, in the background, so that the first training need not wait for it."""
        with self._lock:
            if self._cluster is None and not self._closed:
                self._warm = True
                self._go()

    def close(self) -> None:
        """End every training and the embedded cluster."""
        with self._lock:
            self._closed = True
            jobs, self._queue, self._runs = [*self._queue, *(run.job for run in self._runs.values())], [], {}
            for job in jobs:
                job.end("stopped")
            cluster, self._cluster = self._cluster, None
            self._go()
        if cluster is not None:
            cluster.close()

    # The queue. All of this under the lock

    def _go(self) -> None:
        """Wake the engine's thread."""
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._serve, name="lstm-lab-engine", daemon=True)
            self._thread.start()
        self._woken = True
        self._wake.notify_all()

    def _order(self) -> list[Job]:
        """The queue, fairly: everyone's first job before anyone's second."""
        ahead = {job.session: 0 for job in self._queue}
        for run in self._runs.values():
            if run.job.session in ahead:
                ahead[run.job.session] += 1
        ranked = []
        for number, job in enumerate(self._queue):
            ranked.append((ahead[job.session], number, job))
            ahead[job.session] += 1
        return [job for *_, job in sorted(ranked, key=lambda entry: entry[:2])]

    def _place(self, job: Job) -> int | None:
        with self._lock:
            return self._order().index(job) + 1 if job in self._queue else None

    def _admit(self) -> None:
        """Move jobs from the queue onto free places."""
        busy = {run.job.session for run in self._runs.values()}
        for job in self._order():
            if len(self._runs) >= self._expected_slots():
                break
            if job.session not in busy:
                busy.add(job.session)
                self._queue.remove(job)
                job._phase = "starting"
                self._runs[f"lstm-lab-{job.id}"] = _Run(job)

    def _expected_slots(self) -> int:
        if self._slots is not None:
            return self._slots
        try:
            return 1 if scheduler_setting() else workers_setting()
        except ClusterError:
            return 1  # the cluster will say so

    def _ordered(self, job: Job, wanted: str) -> None:
        """A page's pause, resume or stop."""
        with self._lock:
            self.touch(job.session)
            if job.ended or job._wanted == "stop":
                return
            if job in self._queue:
                if wanted == "stop":
                    self._queue.remove(job)
                    self._end(job, "stopped")
                return
            job._wanted = wanted
            self._go()

    def _end(self, job: Job, *end: Any, **how: Any) -> None:
        """Set a job's final state; of the session's ended jobs, keep the newest."""
        job.end(*end, **how)
        kept = self._sessions.get(job.session, [])
        ended = [other for other in kept if other.ended]
        for other in ended[:-KEPT_PER_SESSION]:
            kept.remove(other)

    # The engine's thread

    def _serve(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._woken, TICK if self._sessions else None)
                self._woken = False
                if self._closed:
                    return
            try:
                self._turn()
            except Exception:
                log.exception("the engine stumbled and goes on")
                time.sleep(TICK)

    def _turn(self) -> None:
        now = time.monotonic()
        passed, self._turned = now - self._turned, now
        cluster = self._cluster
        if cluster is not None and not cluster.alive:
            self._lose(cluster)
            cluster = None
        with self._lock:
            forgotten = self._forget_silent(now)
            hung = self._limit(min(passed, 4 * TICK), now)
            needed = self._warm or bool(self._runs) or bool(self._queue)
        for future in forgotten:
            future.release()
        for run in hung:
            self._abandon(run)
        if cluster is None and needed:
            cluster = self._connect()
        if cluster is None:
            return
        if now - self._counted > SLOTS_EVERY or self._slots is None:
            slots, self._counted = cluster.slots(), now
            with self._lock:
                self._slots = slots
                for job in self._queue:
                    job.notice = (
                        None if slots else "The cluster has no workers at the moment; the training waits for one."
                    )
        with self._lock:
            self._admit()
            runs = list(self._runs.items())
        for key, run in runs:
            if run.future is None:
                self._launch(cluster, key, run)
            elif run.told != run.job._wanted and not run.job.ended:
                run.told = run.job._wanted
                cluster.tell(key, run.told)

    def _connect(self) -> Cluster | None:
        self._warm = False
        try:
            cluster = Cluster(scheduler_setting(), self._names)
            cluster.listen(self._topic, self._hear)
        except ClusterError as problem:
            self._fail_all(str(problem), waiting=True)
            return None
        with self._lock:
            if self._closed:
                cluster.close()
                return None
            self._cluster, self._slots = cluster, None
        return cluster

    def _lose(self, cluster: Cluster) -> None:
        with self._lock:
            self._cluster = self._slots = None
        cluster.close()
        if cluster.embedded:
            self._fail_all("The training processes ended unexpectedly; start the training again.")
        else:
            self._fail_all(
                f"The connection to the Dask scheduler at {cluster.address} was lost; start the training again."
            )

    def _fail_all(self, sentence: str, waiting: bool = False) -> None:
        with self._lock:
            jobs = [run.job for run in self._runs.values()]
            self._runs = {}
            if waiting:
                jobs += self._queue
                self._queue = []
            for job in jobs:
                self._end(job, "failed", error=sentence)

    def _launch(self, cluster: Cluster, key: str, run: _Run) -> None:
        from jobs.driver import drive  # imports distributed

        job = run.job
        run.told = job._wanted
        try:
            run.future = cluster.submit(key, run.told, self._done, drive, job.config, key, self._topic)
        except Exception as problem:
            if not cluster.alive:
                return  # the next turn tells
            log.exception("a training could not be sent to its worker")
            with self._lock:
                self._runs.pop(key, None)
                self._end(
                    job, "failed", error=f"The training could not be started: {type(problem).__name__}: {problem}."
                )

    # Limits

    def _forget_silent(self, now: float) -> list[Any]:
        """Drop the jobs of sessions that have gone; return the futures nobody waits for any more."""
        futures = []
        for session in [name for name, seen in self._seen.items() if now - seen > self.limits.session]:
            jobs = self._sessions.pop(session)
            del self._seen[session]
            self._queue = [job for job in self._queue if job.session != session]
            for job in jobs:
                job.notice = (
                    job.notice if job.ended else "Nobody looked at this training for a while, so it was stopped."
                )
                job.end("stopped")
        for run in self._runs.values():
            if run.job.session not in self._sessions and run.leave_by is None:
                # The place is free when the worker says so: it may be in the middle of a step.
                run.leave_by = now + self.limits.patience
                if run.future is not None:
                    futures.append(run.future)
        return futures

    def _limit(self, passed: float, now: float) -> list[_Run]:
        """Stop jobs whose time is up; return the runs that do not answer."""
        hung = []
        for run in self._runs.values():
            job = run.job
            if run.leave_by is not None:
                if now > run.leave_by:
                    hung.append(run)
                continue
            if job.state == "paused":
                run.paused += passed
                if run.paused > self.limits.pause:
                    self._stop(job, f"It was paused for {_span(self.limits.pause)}, so it was stopped")
                elif self._queue and run.paused > self.limits.crowded_pause:
                    self._stop(job, f"It was paused for {_span(run.paused)} while others waited, so it was stopped")
            elif job.state == "running":
                run.paused = 0.0
                run.trained += passed
                if run.trained > job.time_limit:
                    self._stop(job, f"The time limit of {_span(job.time_limit)} was reached")
                if run.trained > job.time_limit + self.limits.patience:
                    hung.append(run)
        return hung

    def _stop(self, job: Job, why: str) -> None:
        if job._wanted != "stop":
            job._wanted = "stop"
            job.notice = f"{why}; what it had learnt is kept."

    def _abandon(self, run: _Run) -> None:
        """Give up a run that does not answer, and its worker with it."""
        key = f"lstm-lab-{run.job.id}"
        with self._lock:
            self._runs.pop(key, None)
            run.job.notice = None
            self._end(run.job, "failed", error="The training did not answer after its time limit, so it was ended.")
            cluster = self._cluster
        if run.future is not None:
            run.future.release()
        if run.worker is not None and cluster is not None:
            threading.Thread(target=cluster.restart, args=(run.worker,), daemon=True).start()

    # What Dask tells

    def _hear(self, event: dict[str, Any]) -> None:
        """Take a report of a run; called in the client's thread."""
        with self._lock:
            run = self._runs.get(event["key"])
            if run is None:
                return
            kind, attempt = event["kind"], event["attempt"]
            if kind == "begun":
                run.worker = event["worker"]
                run.job.begun(attempt, event["from_checkpoint"])
            elif kind == "progress":
                run.job.reported(attempt, event["body"])
            elif kind == "left" and run.leave_by is not None:
                del self._runs[event["key"]]
                self._go()

    def _done(self, future: Any) -> None:
        """A run is over; called in Dask's callback thread."""
        with self._lock:
            run, cluster = self._runs.get(future.key), self._cluster
        if run is None or run.leave_by is not None:
            return
        end, how = _ending(future, run.job)
        future.release()
        with self._lock:
            self._end(run.job, end, **how)
        if run.job.recycle and run.worker is not None and cluster is not None:
            cluster.restart(run.worker)  # its place stays taken until it is back
        with self._lock:
            self._runs.pop(future.key, None)
            self._go()


def _ending(future: Any, job: Job) -> tuple[str, dict[str, Any]]:
    """How a job whose run is over has ended: its final state, result and error."""
    from jobs import driver

    try:
        outcome = future.result(timeout=60)
    except Exception as problem:
        if future.status == "cancelled":
            return "failed", {"error": "The connection to the training processes was lost; start the training again."}
        if type(problem).__name__ == "KilledWorker":
            return "failed", {"error": driver.KILLED}
        log.error("a training failed outside its run", exc_info=problem)
        return "failed", {"error": driver.sentence(problem)}
    if outcome.trace:
        log.error("the training %r failed\n%s", job.title, outcome.trace)
    result = outcome.result
    if outcome.error:
        return "failed", {"error": outcome.error}
    if getattr(result, "problem", None):
        return "failed", {"error": result.problem, "result": result}
    stopped = result is None or getattr(result, "ended", None) == "stopped"
    if not stopped:
        job.notice = None
    return "stopped" if stopped else "finished", {"result": result}


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


_engine = Engine()
submit: Callable[..., Job] = _engine.submit
jobs: Callable[[str], list[Job]] = _engine.jobs
touch: Callable[[str], None] = _engine.touch
running: Callable[[], list[Summary]] = _engine.running
warm_up: Callable[[], None] = _engine.warm_up
close: Callable[[], None] = _engine.close
