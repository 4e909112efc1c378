"""The training engine. Pages import this and hand it experiments.

There is one per process; `submit`, `jobs`, `touch`, `running`, `warm_up` and `close` below are its methods. All return
at once: a thread of its own talks to Dask (jobs.cluster), which starts with the first job.
"""

import logging
import threading
import time
import uuid
from typing import Any

from jobs import sentences, source
from jobs.cluster import Cluster, ClusterError, scheduler_setting, workers_setting
from jobs.desk import Desk, Limits, Run, Summary
from jobs.job import Job

TICK = 0.25  # seconds between two looks at the clock while there are jobs
COUNT = 1.0  # seconds between two looks at how many workers there are

log = logging.getLogger(__name__)


class Engine:
    """Trains for many sessions on one cluster.

    Parameters
    ----------
    limits
        When the engine steps in.
    tree
        What the workers of an existing cluster are sent.
    """

    def __init__(self, limits: Limits | None = None, tree: source.Tree | None = None):
        self._tree = tree
        self._topic = f"lstm-lab-{uuid.uuid4().hex}"
        # Guards everything below. Never held while waiting for Dask: Dask's event thread takes it in _hear().
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._desk = Desk(limits or Limits())
        self._cluster: Cluster | None = None
        self._slots: int | None = None  # unknown until there is a cluster
        self._warm = self._woken = self._closed = False
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
            Seconds of training, pauses excluded, after which it is stopped with what it learnt.
        recycle
            Start the worker's process afresh afterwards: for runs that import what never leaves memory again.

        Raises
        ------
        ValueError
            When too many jobs wait already.
        """
        if not callable(getattr(config, "run", None)):
            raise ValueError(f"config must be an experiment with a run() method, got {config!r}")
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
                raise ValueError("the engine is closed")
            self._desk.add(job, time.monotonic())
            self._desk.admit(self._expected_slots())
            self._go()
        return job

    def jobs(self, session: str) -> list[Job]:
        """Return a session's jobs, oldest first; a session that does not ask for two minutes loses them."""
        with self._lock:
            self._desk.touch(session, time.monotonic())
            return self._desk.jobs(session)

    def touch(self, session: str) -> None:
        """Say that a session is still there."""
        with self._lock:
            self._desk.touch(session, time.monotonic())

    def running(self) -> list[Summary]:
        """Return what trains now and then what waits, of all sessions, in the order of the queue."""
        with self._lock:
            return self._desk.summaries()

    def warm_up(self) -> None:
        """Start the cluster now, in the background, so that the first training need not wait for it."""
        with self._lock:
            if self._cluster is None and not self._closed:
                self._warm = True
                self._go()

    def close(self) -> None:
        """End every training, and the embedded cluster."""
        with self._lock:
            self._closed = True
            self._desk.fail_all(sentences.CLOSED, waiting=True)
            cluster, self._cluster = self._cluster, None
            self._go()
        if cluster is not None:
            cluster.close()

    # What a job's handle calls

    def _place(self, job: Job) -> int | None:
        with self._lock:
            return self._desk.place(job)

    def _ordered(self, job: Job, wanted: str) -> None:
        """Take a page's "pause", "run" or "stop"."""
        with self._lock:
            self._desk.touch(job.session, time.monotonic())
            if job.ended or job.wanted == "stop":
                return
            if job in self._desk.queue:
                if wanted == "stop":
                    self._desk.leave_queue(job)
                    self._desk.end(job, "stopped")
                return
            job.wanted = wanted
            self._go()

    # The engine's thread. Methods that talk to Dask hold the lock before and after, never meanwhile

    def _go(self) -> None:
        """Wake the thread."""
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._serve, name="lstm-lab-engine", daemon=True)
            self._thread.start()
        self._woken = True
        self._wake.notify_all()

    def _serve(self) -> None:
        while True:
            with self._lock:
                idle = self._desk.limits.idle if self._cluster is not None else None
                if not self._wake.wait_for(lambda: self._woken, idle if self._desk.idle else TICK):
                    self._rest()
                self._woken = False
                if self._closed:
                    return
            try:
                self._turn()
            except Exception:
                cluster = self._cluster
                if cluster is None or cluster.alive:  # else the next turn says what happened
                    log.exception("the engine stumbled, and goes on")
                time.sleep(TICK)

    def _rest(self) -> None:
        """Close the cluster if there is nothing to do; the next training starts one again."""
        if self._desk.idle and self._cluster is not None:
            self._cluster.close()
            self._cluster = self._slots = None

    def _turn(self) -> None:
        now = time.monotonic()
        # A turn that took long (a cluster was joined, a laptop slept) must not cost anyone their time limit.
        passed, self._turned = min(now - self._turned, 4 * TICK), now
        self._check_cluster()
        with self._lock:
            forgotten = self._desk.forget_silent(now)
            hung = self._desk.enforce(passed, now)
        for run in forgotten:
            self._release(run)
        for run in hung:
            self._release(run)
            self._renew(run)
        cluster = self._cluster or self._connect()
        if cluster is None:
            return
        self._count(cluster, now)
        with self._lock:
            self._desk.admit(self._expected_slots())
            runs = [run for run in self._desk.runs.values() if not run.job.ended]
        for run in runs:
            self._instruct(cluster, run)

    def _check_cluster(self) -> None:
        cluster = self._cluster
        if cluster is None or cluster.alive:
            return
        address = None if cluster.embedded else cluster.address
        with self._lock:
            self._cluster = self._slots = None
            self._desk.fail_all(sentences.cluster_ended(address), waiting=False)
        cluster.close()

    def _connect(self) -> Cluster | None:
        with self._lock:
            needed, self._warm = self._warm or bool(self._desk.runs) or bool(self._desk.queue), False
        if not needed:
            return None
        try:
            cluster = Cluster(scheduler_setting(), self._topic, self._hear, self._tree)
        except ClusterError as problem:
            with self._lock:
                self._desk.fail_all(str(problem), waiting=True)
            return None
        with self._lock:
            if not self._closed:
                self._cluster = cluster
                return cluster
        cluster.close()
        return None

    def _count(self, cluster: Cluster, now: float) -> None:
        """See how many jobs the cluster can run at the same time."""
        if self._slots is not None and now - self._counted < COUNT:
            return
        slots, self._counted = cluster.slots(), now
        with self._lock:
            self._slots = slots
            starting = [run.job for run in self._desk.runs.values() if run.job.phase == "starting"]
            for job in starting + self._desk.queue:
                job.notice = None if slots else sentences.NO_WORKERS

    def _expected_slots(self) -> int:
        if self._slots is not None:
            return self._slots
        try:
            return 1 if scheduler_setting() else workers_setting() or 1
        except ClusterError:
            return 1  # _connect() will say what is wrong

    def _instruct(self, cluster: Cluster, run: Run) -> None:
        """Bring the cluster up to date with what is wanted of a run."""
        wanted = run.job.wanted
        if wanted == "stop" and run.job.phase == "starting":  # no worker has begun: nothing to wait for
            self._drop(run, "stopped")
        elif run.future is None:
            self._launch(cluster, run)
        elif run.told != wanted:
            cluster.tell(run.key, wanted)
            run.told = wanted

    def _launch(self, cluster: Cluster, run: Run) -> None:
        run.told = run.job.wanted
        try:
            cluster.tell(run.key, run.told)
            run.future = cluster.submit(run.key, run.job.config, self._topic)
        except Exception as problem:
            if cluster.alive:
                log.exception("a training could not be sent to a worker")
                self._drop(run, "failed", error=sentences.failed(problem, "The training could not be started"))
            return
        run.future.add_done_callback(self._done)

    def _drop(self, run: Run, phase: str, **how: Any) -> None:
        with self._lock:
            self._desk.end(run.job, phase, **how)
            self._free(run)
        self._release(run)

    def _release(self, run: Run) -> None:
        """Nobody waits for this run any more: Dask forgets it, and its worker notices."""
        if run.future is not None:
            run.future.release()

    def _renew(self, run: Run) -> None:
        """Give back the process a run was in, all its memory with it, and the place on the cluster after that."""
        with self._lock:
            cluster = self._cluster
            shared = any(other.worker == run.worker for other in self._desk.runs.values() if other is not run)

        def renew() -> None:
            if cluster is not None and run.worker is not None and not shared:
                cluster.restart(run.worker)
            self._free(run)

        threading.Thread(target=renew, name="lstm-lab-renew", daemon=True).start()

    def _free(self, run: Run) -> None:
        """A place on the cluster is free."""
        with self._lock:
            self._desk.runs.pop(run.key, None)
            self._go()

    # What Dask says

    def _hear(self, event: dict[str, Any]) -> None:
        """Take a report of a run; in the client's event thread."""
        with self._lock:
            run = self._desk.runs.get(event["key"])
            if run is None:
                return
            if event["kind"] == "begun":
                run.worker = event["worker"]
                run.job.begun(event["attempt"], event["from_checkpoint"])
            elif event["kind"] == "progress":
                run.job.reported(event["attempt"], event["body"])
            elif event["kind"] == "left" and run.leave_by is not None:
                self._free(run)

    def _done(self, future: Any) -> None:
        """A run is over; in Dask's callback thread."""
        with self._lock:
            run = self._desk.runs.get(future.key)
        if run is None or run.leave_by is not None:
            return
        if future.status == "cancelled":  # by no page: the scheduler is gone, or its owner did it
            with self._lock:
                if self._cluster is None or self._cluster.alive:
                    self._drop(run, "failed", error=sentences.CANCELLED)
                self._go()
            return
        phase, how = _ending(future, run.job)
        future.release()
        with self._lock:
            self._desk.end(run.job, phase, **how)
        if run.job.recycle:
            self._renew(run)
        else:
            self._free(run)


def _ending(future: Any, job: Job) -> tuple[str, dict[str, Any]]:
    """How a job whose run is over has ended: its state, result and error."""
    try:
        outcome = future.result(timeout=60)
    except Exception as problem:
        if type(problem).__name__ == "KilledWorker":
            return "failed", {"error": sentences.killed(problem.allowed_failures + 1)}
        log.error("the training %r ended outside its run", job.title, exc_info=problem)
        return "failed", {"error": sentences.failed(problem)}
    if outcome.trace:
        log.error("the training %r failed\n%s", job.title, outcome.trace)
    result = outcome.result
    problem = outcome.error or getattr(result, "problem", None)
    if problem:
        return "failed", {"error": problem, "result": result}
    if result is None or getattr(result, "ended", None) == "stopped":
        return "stopped", {"result": result}
    job.notice = None  # a limit that came too late
    return "finished", {"result": result}


_engine = Engine()
submit = _engine.submit
jobs = _engine.jobs
touch = _engine.touch
running = _engine.running
warm_up = _engine.warm_up
close = _engine.close
