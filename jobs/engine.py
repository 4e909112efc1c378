"""The training engine. Pages import this and hand it experiments.

There is one per process; `submit`, `jobs`, `let_go`, `touch`, `running`, `warm_up` and `close` below are its methods. All return
at once: a thread of its own talks to Dask (jobs.cluster), which starts with the first job.
"""

import logging
import threading
import time
import uuid
from typing import Any

from jobs import rescue, sentences, source
from jobs.cluster import Cluster, ClusterError, scheduler_setting
from jobs.contract import Outcome
from jobs.desk import Desk, Run, Summary
from jobs.job import Job
from jobs.limits import Limits, from_environment, workers_setting

TICK = 0.25  # seconds between two looks at the clock while there are jobs
COUNT = 1.0  # seconds between two looks at how many workers there are

log = logging.getLogger(__name__)


class Engine:
    """Trains for many sessions on one cluster.

    Parameters
    ----------
    limits
        When the engine steps in; by default what the environment says (jobs.limits).
    tree
        What the workers of an existing cluster are sent.
    """

    def __init__(self, limits: Limits | None = None, tree: source.Tree | None = None):
        self._tree = tree
        self._misconfigured: ValueError | None = None  # told to who submits: nobody reads a server's log
        if limits is None:
            try:
                limits = from_environment()
            except ValueError as problem:
                limits, self._misconfigured = Limits(), problem
        self._topic = f"lstm-lab-{uuid.uuid4().hex}"
        # Guards everything below. Never held while waiting for Dask: Dask's event thread takes it in _hear().
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._desk = Desk(limits)
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
            Seconds of training, pauses excluded, after which it is stopped with what it learnt; at most the server's.
        recycle
            Start the worker's process afresh afterwards: for runs that import what never leaves memory again.

        Raises
        ------
        ValueError
            When too many jobs wait already, or the server's limits are set to nonsense.
        """
        if self._misconfigured is not None:
            raise self._misconfigured
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
            time_limit=min(float(time_limit), self._desk.limits.longest),
            recycle=recycle,
            order=self._ordered,
            place=self._place,
            wait=self._wait,
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

    def let_go(self, session: str) -> list[str]:
        """Return the titles of a session's ended trainings that had to make room since this was asked last."""
        with self._lock:
            return self._desk.let_go(session)

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
            for job in self._desk.clear(waiting=True):
                self._desk.end(job, "failed", error=sentences.CLOSED)
            cluster, self._cluster = self._cluster, None
            self._go()
        if cluster is not None:
            cluster.close()

    # What a job's handle calls

    def _place(self, job: Job) -> int | None:
        with self._lock:
            return self._desk.place(job)

    def _wait(self, job: Job) -> float | None:
        with self._lock:
            return self._desk.wait(job, self._expected_slots())

    def _ordered(self, job: Job, wanted: str) -> None:
        """Take a page's "pause", "run" or "stop"."""
        with self._lock:
            desk = self._desk
            desk.touch(job.session, time.monotonic())
            if job.ended or job.wanted == "stop":
                return
            if job not in desk.queue and job not in desk.parked:
                job.wanted = wanted
            elif wanted == "pause":
                desk.pause(job)
            elif wanted == "run":
                desk.resume(job)
            else:
                desk.leave_queue(job)
                if (held := desk.held_run(job)) is not None:
                    held.held, job.phase, job.wanted = False, "running", "stop"
                else:
                    self._conclude(job, "stopped")
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
            hung, tired = self._desk.enforce(passed if self._slots else 0.0, now)
            for run in hung:
                if not run.job.ended:
                    self._conclude(run.job, "failed", error=sentences.NO_ANSWER)
            for job in tired:
                self._desk.leave_queue(job)
                why = f"It was paused for {sentences.span(self._desk.limits.pause)}, so it was stopped"
                self._conclude(job, "stopped", notice=sentences.kept(why))
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
            slots = self._expected_slots()
            self._desk.admit(slots)
            self._desk.take_turns(slots)
            runs = [run for run in self._desk.runs.values() if not run.job.ended and not run.given_up]
            # A training that is alone on the machine gets the cores that nobody else uses.
            threads = max(1, cluster.cores // max(len(self._desk.active), 1)) if cluster.cores else None
        for run in runs:
            self._instruct(cluster, run, threads)
        self._fetch(cluster, runs)

    def _check_cluster(self) -> None:
        cluster = self._cluster
        if cluster is None or cluster.alive:
            return
        address = None if cluster.embedded else cluster.address
        with self._lock:
            self._cluster = self._slots = None
            for job in self._desk.clear(waiting=False):
                self._conclude(job, "failed", error=sentences.cluster_ended(address))
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
                for job in self._desk.clear(waiting=True):
                    self._conclude(job, "failed", error=str(problem))
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
            for job in [*self._desk.queue, *(run.job for run in self._desk.runs.values())]:
                if not slots:
                    job.notice = sentences.NO_WORKERS
                elif job.notice == sentences.NO_WORKERS:
                    job.notice = None

    def _expected_slots(self) -> int:
        if self._slots is not None:
            return self._slots
        try:
            return 1 if scheduler_setting() else workers_setting() or 1
        except ValueError:
            return 1  # _connect() will say what is wrong

    def _instruct(self, cluster: Cluster, run: Run, threads: int | None) -> None:
        """Bring the cluster up to date with what is wanted of a run."""
        orders = (run.wanted, threads)
        if orders[0] == "stop" and run.job.phase == "starting":  # no worker has begun: nothing to wait for
            with self._lock:
                self._conclude(run.job, "stopped")
                self._free(run)
            self._release(run)
        elif run.future is None:
            self._launch(cluster, run, orders)
        elif run.sent != orders:
            cluster.tell(run.key, *orders)
            run.sent = orders

    def _launch(self, cluster: Cluster, run: Run, orders: tuple[str, int | None]) -> None:
        run.sent = orders
        try:
            run.future = cluster.submit(run.key, run.job.config, self._topic, *orders, run.job.checkpoint)
        except Exception as problem:
            if cluster.alive:
                log.exception("a training could not be sent to a worker")
                self._drop(run, "failed", error=sentences.failed(problem, "The training could not be started"))
            return
        run.future.add_done_callback(self._done)

    def _fetch(self, cluster: Cluster, runs: list[Run]) -> None:
        """Copy new checkpoints to the server: what is there outlives every worker, and the cluster."""
        for run in runs:
            if run.saved:
                run.saved = False
                checkpoint = cluster.checkpoint(run.key)
                with self._lock:
                    if checkpoint is not None and not run.job.ended and run.key in self._desk.runs:
                        run.job.checkpoint = checkpoint

    def _conclude(self, job: Job, phase: str, notice: str | None = None, error: str | None = None) -> None:
        """End a job that has no worker (any more); its result is that of its last checkpoint, if it has one."""
        job.notice = notice
        if job.checkpoint is None:
            self._desk.end(job, phase, error=error)
            return
        job.phase, job.wanted = "running", "stop"  # what its reader sees meanwhile
        checkpoint = job.checkpoint

        def conclude() -> None:
            result = rescue.result_of(job.config, checkpoint, self._desk.limits.rescue)
            with self._lock:
                self._desk.end(job, phase, result=result, error=error)

        threading.Thread(target=conclude, name="lstm-lab-conclude", daemon=True).start()

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
            run.silent = 0.0
            if event["kind"] == "begun":
                run.worker = event["worker"]
                run.job.begun(event["attempt"], event["from_checkpoint"])
            elif event["kind"] == "progress":
                run.reported = True
                run.job.reported(event["attempt"], event["body"])
            elif event["kind"] == "saved":
                run.saved = True
            elif event["kind"] == "held" and run.leaving and run.leave_by is None:
                self._desk.hold(run)
                self._go()
            elif event["kind"] == "left" and run.leave_by is not None:
                self._free(run)

    def _done(self, future: Any) -> None:
        """A run is over; in Dask's callback thread."""
        with self._lock:
            run = self._desk.runs.get(future.key)
        if run is None or run.leave_by is not None or run.given_up:
            return
        if future.status == "cancelled":  # by no page: the scheduler is gone, or its owner did it
            with self._lock:
                if self._cluster is None or self._cluster.alive:
                    self._conclude(run.job, "failed", error=sentences.CANCELLED)
                    self._free(run)
                self._go()
            return
        outcome = _outcome(future, run.job)
        future.release()
        with self._lock:
            if run.key not in self._desk.runs or run.job.ended:
                return
            self._ended(run, outcome)
        if run.job.recycle and not outcome.aside:
            self._renew(run)
        else:
            self._free(run)

    def _ended(self, run: Run, outcome: Outcome) -> None:
        """Give a job what its run left: a result, or the place in the queue from which it goes on."""
        job, result = run.job, outcome.result
        self._desk.leave_queue(job)  # held runs are there
        error = outcome.error or getattr(result, "problem", None)
        if outcome.aside and job.wanted == "stop":
            job.checkpoint = outcome.checkpoint or job.checkpoint
            self._conclude(job, "stopped", job.notice)
        elif outcome.aside:
            self._desk.left(run, outcome.checkpoint)
        elif error and result is None:
            self._conclude(job, "failed", error=error)
        elif error:
            self._desk.end(job, "failed", error=error, result=result)
        elif result is None or getattr(result, "ended", None) == "stopped":
            self._desk.end(job, "stopped", result=result)
        else:
            job.notice = None  # a limit that came too late
            self._desk.end(job, "finished", result=result)


def _outcome(future: Any, job: Job) -> Outcome:
    """What a run that is over has come to."""
    try:
        outcome = future.result(timeout=60)
    except Exception as problem:
        if type(problem).__name__ == "KilledWorker":
            return Outcome(error=sentences.killed(getattr(problem, "allowed_failures", 0) + 1))
        log.error("the training %r ended outside its run", job.title, exc_info=problem)
        return Outcome(error=sentences.failed(problem))
    if outcome.trace:
        log.error("the training %r failed\n%s", job.title, outcome.trace)
    return outcome


_engine = Engine()
submit = _engine.submit
jobs = _engine.jobs
let_go = _engine.let_go
touch = _engine.touch
running = _engine.running
warm_up = _engine.warm_up
close = _engine.close
