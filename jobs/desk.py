"""Who may train now, who waits, for how long: sessions, the queue, and the limits of both.

Knows neither threads nor Dask nor the clock: the engine calls it under its lock and says what time it is.
"""

import math
from dataclasses import dataclass
from typing import Any

from jobs import sentences
from jobs.job import Job

WAITING_PER_SESSION = 5
WAITING = 200
KEPT_PER_SESSION = 8  # ended jobs a session keeps


@dataclass(frozen=True)
class Limits:
    """Seconds after which the engine steps in."""

    session: float = 120.0  # a session not heard of loses its jobs
    pause: float = 1800.0  # a paused job is stopped, and keeps what it learnt
    crowded_pause: float = 120.0  # the same while others wait for its place
    patience: float = 60.0  # a run that does not answer, beyond its time limit or after its session has gone
    idle: float = 900.0  # without any session, the cluster's memory is given back


@dataclass(frozen=True)
class Summary:
    """What everybody may see of a job."""

    title: str
    state: str
    place: int | None  # in the queue
    fraction: float  # of its budget, 0..1


@dataclass(eq=False)
class Run:
    """A job that has a place on the cluster."""

    job: Job
    future: Any = None  # Dask's, once it was sent there
    told: str = "run"  # what its worker was told to do
    worker: str | None = None  # address, once one has begun
    trained: float = 0.0  # seconds
    paused: float = 0.0
    leave_by: float | None = None  # nobody waits for it any more; until then its worker may finish its step

    @property
    def key(self) -> str:
        """Its name on the cluster."""
        return f"lstm-lab-{self.job.id}"


class Desk:
    """Keeps the books of one engine."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.queue: list[Job] = []
        self.runs: dict[str, Run] = {}  # by key
        self._jobs: dict[str, list[Job]] = {}  # by session
        self._seen: dict[str, float] = {}

    @property
    def idle(self) -> bool:
        """Whether nothing here can change by itself."""
        return not self._jobs and not self.runs

    def add(self, job: Job, now: float) -> None:
        """Put a job into the queue; ValueError when it is full."""
        if sum(waiting.session == job.session for waiting in self.queue) >= WAITING_PER_SESSION:
            raise ValueError(
                f"{WAITING_PER_SESSION} of your trainings are waiting already; stop one of them or let one end."
            )
        if len(self.queue) >= WAITING:
            raise ValueError(f"{WAITING} trainings are waiting already; try again later.")
        self._jobs.setdefault(job.session, []).append(job)
        self._seen[job.session] = now
        self.queue.append(job)

    def touch(self, session: str, now: float) -> None:
        """Note that a session is still there."""
        if session in self._seen:
            self._seen[session] = now

    def jobs(self, session: str) -> list[Job]:
        """Return a session's jobs, oldest first."""
        return list(self._jobs.get(session, ()))

    def order(self) -> list[Job]:
        """Return the queue, fairly: everyone's first job before anyone's second."""
        ahead = dict.fromkeys((job.session for job in self.queue), 0)
        for run in self.runs.values():
            if run.job.session in ahead:
                ahead[run.job.session] += 1
        ranked = []
        for number, job in enumerate(self.queue):
            ranked.append((ahead[job.session], number, job))
            ahead[job.session] += 1
        return [job for *_, job in sorted(ranked, key=lambda entry: entry[:2])]

    def place(self, job: Job) -> int | None:
        """Return the n-th in the queue, counted from 1; None when the job does not wait."""
        return self.order().index(job) + 1 if job in self.queue else None

    def summaries(self) -> list[Summary]:
        """Return what trains and then what waits, of all sessions."""
        jobs = [run.job for run in self.runs.values() if not run.job.ended]
        places = dict.fromkeys(jobs) | {job: place for place, job in enumerate(self.order(), 1)}
        fractions = [job.progress.fraction if job.progress is not None else 0.0 for job in places]
        return [
            Summary(job.title, job.state, place, fraction)
            for (job, place), fraction in zip(places.items(), fractions, strict=True)
        ]

    def admit(self, slots: int) -> None:
        """Move jobs from the queue onto free places, one of a session at a time."""
        busy = {run.job.session for run in self.runs.values()}
        for job in self.order():
            if len(self.runs) >= slots:
                return
            if job.session not in busy:
                busy.add(job.session)
                self.queue.remove(job)
                job.phase = "starting"
                run = Run(job)
                self.runs[run.key] = run

    def leave_queue(self, job: Job) -> bool:
        """Take a job out of the queue; return whether it was there."""
        waited = job in self.queue
        if waited:
            self.queue.remove(job)
        return waited

    def end(self, job: Job, phase: str, **how: Any) -> None:
        """Set a job's final state; of the session's ended jobs, keep the newest."""
        job.end(phase, **how)
        kept = self._jobs.get(job.session, [])
        for old in [other for other in kept if other.ended][:-KEPT_PER_SESSION]:
            kept.remove(old)

    def fail_all(self, sentence: str, waiting: bool) -> None:
        """End every job that runs, and those that wait if `waiting`."""
        jobs = [run.job for run in self.runs.values()] + (self.queue if waiting else [])
        self.runs, self.queue = {}, [] if waiting else self.queue
        for job in jobs:
            self.end(job, "failed", error=sentence)

    def forget_silent(self, now: float) -> list[Run]:
        """Drop the jobs of sessions that have gone; return those of them that still run somewhere."""
        gone = [session for session, seen in self._seen.items() if now - seen > self.limits.session]
        for session in gone:
            del self._seen[session]
            for job in self._jobs.pop(session):
                self.leave_queue(job)
                if not job.ended:
                    job.notice = sentences.GONE
                    job.end("stopped")
        runs = [run for run in self.runs.values() if run.job.session in gone and run.leave_by is None]
        for run in runs:
            run.leave_by = now + self.limits.patience  # its place is free when its worker says so
        return runs

    def enforce(self, passed: float, now: float) -> list[Run]:
        """Stop jobs whose time is up, `passed` seconds after the last call; return the runs that do not answer."""
        hung = []
        for run in self.runs.values():
            job = run.job
            if run.leave_by is not None:
                if now > run.leave_by:
                    hung.append(run)
            elif job.state == "paused":
                run.paused += passed
                if run.paused > self.limits.pause:
                    _stop(job, f"It was paused for {sentences.span(run.paused)}, so it was stopped")
                elif run.paused > self.limits.crowded_pause and any(
                    other.session != job.session for other in self.queue
                ):
                    _stop(job, f"It was paused for {sentences.span(run.paused)} while others waited, so it was stopped")
            elif job.state == "running":
                run.paused = 0.0
                run.trained += passed
                if run.trained > job.time_limit:
                    _stop(job, f"The time limit of {sentences.span(job.time_limit)} was reached")
                if run.trained > job.time_limit + self.limits.patience:
                    job.notice = None
                    self.end(job, "failed", error=sentences.NO_ANSWER)
                    hung.append(run)
        for run in hung:
            run.leave_by = math.inf  # until its worker has been replaced
        return hung


def _stop(job: Job, why: str) -> None:
    if job.wanted != "stop":
        job.wanted = "stop"
        job.notice = sentences.kept(why)
