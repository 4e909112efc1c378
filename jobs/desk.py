"""Who may train now, who waits, for how long: sessions, the queue, turns, and the limits of all three.

Knows neither threads nor Dask nor the clock: the engine calls it under its lock and says what time it is.

Trainings take turns. Nobody is interrupted while nobody waits. Where somebody does, a run that has had its turn leaves its
place: it ends with a checkpoint, queues again and goes on from there. Who has trained least goes first, so that a short
demonstration is over within seconds however long the others train; waiting makes up for having trained, so that a long
training goes on however many demonstrations come.
"""

import heapq
import math
from dataclasses import dataclass
from typing import Any

from jobs import sentences
from jobs.job import Job
from jobs.limits import Limits
from jobs.sizes import held_bytes

NEARLY = 3.0  # who ends within so many seconds is left to
START = 1.0  # seconds between two turns on a place
WORTH_IT = 5.0  # times as long as it took to load its data, a turn lasts at least
SENIORITY = 20.0  # seconds: more training than that sets nobody further back
PATIENT = 2.0  # so many seconds of waiting weigh as much as one of training


@dataclass(frozen=True)
class Summary:
    """What everybody may see of a job, and whose it is, which is shown to nobody."""

    title: str
    state: str
    place: int | None  # in the queue
    fraction: float  # of its budget, 0..1
    session: str = ""


@dataclass(eq=False)
class Run:
    """A job's turn on the cluster."""

    job: Job
    number: int  # of all turns
    future: Any = None  # Dask's, once it was sent there
    sent: tuple[str, int | None] = ("run", None)  # what its worker was last sent: what to do, on how many threads
    worker: str | None = None  # address, once one has begun
    reported: bool = False  # its first step is done; before that it loads its data
    turn: float = 0.0  # seconds of training since then
    paused: float = 0.0
    silent: float = 0.0  # seconds without a sign of life
    leaving: bool = False  # others wait for its place
    held: bool = False  # it could not leave and waits in its worker, beside another
    saved: bool = False  # there is a checkpoint that the server has not fetched yet
    given_up: bool = False  # it did not answer, and its worker is being replaced
    leave_by: float | None = None  # nobody waits for it any more; until then its worker may finish its step

    @property
    def key(self) -> str:
        """Its name on the cluster."""
        return f"lstm-lab-{self.job.id}-{self.number}"

    @property
    def wanted(self) -> str:
        """What its worker shall do: "run", "pause", "aside" or "stop"."""
        if self.job.wanted != "stop" and (self.leaving or self.held):
            return "aside"
        return self.job.wanted


class Desk:
    """Keeps the books of one engine."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.queue: list[Job] = []
        self.runs: dict[str, Run] = {}  # by key
        self.parked: dict[Job, float] = {}  # paused jobs that have left their workers, and for how long
        self._jobs: dict[str, list[Job]] = {}  # by session
        self._seen: dict[str, float] = {}
        self._let_go: dict[str, list[str]] = {}  # titles of ended jobs that had to go, by session
        self._turns = 0

    @property
    def idle(self) -> bool:
        """Whether nothing here can change by itself."""
        return not self._jobs and not self.runs

    @property
    def active(self) -> list[Run]:
        """The runs that take a place."""
        return [run for run in self.runs.values() if not run.held]

    def add(self, job: Job, now: float) -> None:
        """Put a job into the queue; ValueError when it is full."""
        limits = self.limits
        if sum(waiting.session == job.session for waiting in self.queue) >= limits.waiting_per_session:
            raise ValueError(
                f"{limits.waiting_per_session} of your trainings are waiting already; stop one of them or let one end."
            )
        if len(self.queue) >= limits.waiting:
            raise ValueError(f"{limits.waiting} trainings are waiting already; try again later.")
        if sum(len(other.checkpoint or b"") for jobs in self._jobs.values() for other in jobs) > limits.held * 2**20:
            raise ValueError("The trainings under way fill the memory that is set aside for them; try again later.")
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

    # The queue

    def order(self) -> list[Job]:
        """Return the queue, fairly: everyone's first job before anyone's second; first who has had least."""
        ahead = dict.fromkeys((job.session for job in self.queue), 0)
        for run in self.active:
            if run.job.session in ahead:
                ahead[run.job.session] += 1
        ranked = []
        for need, number, job in sorted((_need(job), number, job) for number, job in enumerate(self.queue)):
            ranked.append((ahead[job.session], need, number, job))
            ahead[job.session] += 1
        return [job for *_, job in sorted(ranked, key=lambda entry: entry[:3])]

    def place(self, job: Job) -> int | None:
        """Return the n-th in the queue, counted from 1; None when the job does not wait."""
        return self.order().index(job) + 1 if job in self.queue else None

    def wait(self, job: Job, slots: int) -> float | None:
        """Return the seconds until a waiting job gets its turn, as far as can be told; None when it does not wait."""
        if job not in self.queue:
            return None
        free = [0.0] * max(slots - len(self.active), 0)
        free += [max(min(_left(run.job), self._length(run.job, run) - run.turn), 0.0) + START for run in self.active]
        heapq.heapify(free)
        for other in self.order():
            begins = heapq.heappop(free) if free else math.inf
            if other is job:
                return begins if begins < math.inf else None
            heapq.heappush(free, begins + min(_left(other), self._length(other)) + START)
        return None

    def summaries(self) -> list[Summary]:
        """Return what trains and then what waits, of all sessions."""
        jobs = [run.job for run in self.active if not run.job.ended]
        places = dict.fromkeys(jobs) | {job: place for place, job in enumerate(self.order(), 1)}
        fractions = [job.progress.fraction if job.progress is not None else 0.0 for job in places]
        return [
            Summary(job.title, job.state, place, fraction, job.session)
            for (job, place), fraction in zip(places.items(), fractions, strict=True)
        ]

    def admit(self, slots: int) -> None:
        """Move jobs from the queue onto free places, one of a session at a time."""
        busy = {run.job.session for run in self.active}
        for job in self.order():
            if len(self.active) >= slots:
                return
            if job.session not in busy:
                busy.add(job.session)
                self.queue.remove(job)
                if (held := self.held_run(job)) is not None:
                    job.phase = "running"
                    held.held, held.turn, held.silent = False, 0.0, 0.0
                else:
                    job.phase, job.loading = "starting", 0.0
                    self._turns += 1
                    run = Run(job, self._turns)
                    self.runs[run.key] = run

    def take_turns(self, slots: int) -> None:
        """Ask as many runs to leave as others wait for their places. At most `slots` are held in their workers."""
        free = slots - len(self.active) + sum(run.leaving for run in self.active)
        may_hold = sum(run.held for run in self.runs.values()) < slots
        sessions = set()
        for job in self.order():
            if job.session in sessions:
                continue
            sessions.add(job.session)
            own = [run for run in self.active if run.job.session == job.session]
            if any(run.leaving for run in own):
                continue
            if not own and free > 0:
                free -= 1
                continue
            ready = [
                run for run in own or self.active
                if (may_hold or run.job.leaves) and self._gives_way(run, job)
            ]  # fmt: skip
            if ready:
                max(ready, key=lambda run: (run.job.wanted == "pause", run.job.trained)).leaving = True

    def _gives_way(self, run: Run, to: Job) -> bool:
        """Whether a run has had its turn, and would not come back before the one that waits."""
        job = run.job
        if run.leaving or run.given_up or run.leave_by is not None or job.phase != "running" or job.wanted == "stop":
            return False
        if job.wanted == "pause":
            return True
        if _left(job) < NEARLY and run.turn < 2 * self.limits.turn:
            return False
        enough = self.limits.first_turn if to.trained == 0 else self._length(job, run)
        return run.turn >= enough and _need(to) < min(job.trained, SENIORITY)

    def _length(self, job: Job, run: Run | None = None) -> float:
        """Seconds of a job's turn. The first is short: others may want to see a beginning too."""
        first = job.trained == 0 if run is None else job.trained - run.turn <= job.loading
        return self.limits.first_turn if first else max(self.limits.turn, WORTH_IT * job.loading)

    def left(self, run: Run, checkpoint: bytes | None) -> None:
        """A run has left its place to others: its job waits for its next turn, or for the end of its pause."""
        run.job.checkpoint = checkpoint or run.job.checkpoint
        run.job.next_turn()
        self._wait_again(run.job)

    def hold(self, run: Run) -> None:
        """A run that was asked to leave cannot; it waits in its worker."""
        run.leaving, run.held = False, True
        run.job.leaves = False
        self._wait_again(run.job)

    def _wait_again(self, job: Job) -> None:
        if job.wanted == "pause":
            job.phase = "paused"
            self.parked[job] = 0.0
        else:
            job.phase, job.waited = "queued", 0.0
            self.queue.append(job)

    # What a page asks for

    def pause(self, job: Job) -> None:
        """Take a job out of the queue until it is to go on; one that has not begun stays there."""
        if job.aside and self.leave_queue(job):
            job.wanted = "pause"
            self._wait_again(job)

    def resume(self, job: Job) -> None:
        """Queue a job again that left its worker in a pause."""
        if self.parked.pop(job, None) is not None:
            job.wanted = "run"
            self._wait_again(job)

    def leave_queue(self, job: Job) -> bool:
        """Take a job out of the queue, or from those that are paused; return whether it was there."""
        waited = job in self.queue or job in self.parked
        if job in self.queue:
            self.queue.remove(job)
        self.parked.pop(job, None)
        return waited

    def held_run(self, job: Job) -> Run | None:
        """The run of a waiting job that could not leave its worker."""
        return next((run for run in self.runs.values() if run.job is job and run.held), None)

    # Ends

    def end(self, job: Job, phase: Any, **how: Any) -> None:
        """Set a job's final state; of the session's ended jobs, keep the newest, as far as their results find room."""
        job.end(phase, **how)
        job.size = held_bytes(job.result)
        kept = self._jobs.get(job.session, [])
        ended = [other for other in kept if other.ended]
        size = sum(other.size for other in ended)
        for number, old in enumerate(ended[:-1]):
            if len(ended) - number <= self.limits.kept_per_session and size <= self.limits.results * 2**20:
                break
            size -= old.size
            kept.remove(old)
            if old.result is not None:
                self._let_go.setdefault(job.session, []).append(old.title)

    def let_go(self, session: str) -> list[str]:
        """Return the titles of a session's trainings that had to go since this was asked last, oldest first."""
        return self._let_go.pop(session, [])

    def clear(self, waiting: bool) -> list[Job]:
        """Take every job off that runs, and those that wait or are paused if `waiting`; return them."""
        jobs = []
        for run in self.runs.values():
            if run.held and run.job.checkpoint is not None:
                run.job.next_turn()
            else:
                self.leave_queue(run.job)
                jobs.append(run.job)
        self.runs = {}
        if waiting:
            jobs += [*self.queue, *self.parked]
            self.queue, self.parked = [], {}
        return [job for job in jobs if not job.ended]

    def forget_silent(self, now: float) -> list[Run]:
        """Drop the jobs of sessions that have gone; return those of them that still run somewhere."""
        gone = [session for session, seen in self._seen.items() if now - seen > self.limits.session]
        for session in gone:
            del self._seen[session]
            self._let_go.pop(session, None)
            for job in self._jobs.pop(session):
                self.leave_queue(job)
                if not job.ended:
                    job.notice = sentences.GONE
                    job.end("stopped")
        runs = [run for run in self.runs.values() if run.job.session in gone and run.leave_by is None]
        for run in runs:
            run.leave_by = now + self.limits.patience  # its place is free when its worker says so
        return runs

    def enforce(self, passed: float, now: float) -> tuple[list[Run], list[Job]]:
        """Count `passed` seconds, and stop jobs whose time is up.

        Returns
        -------
        the runs that do not answer, to be given up
        the jobs without a worker that have been paused for too long
        """
        limits, hung = self.limits, []
        for job in self.queue:
            job.waited += passed
        for run in self.runs.values():
            job = run.job
            if run.given_up:
                continue
            if run.leave_by is not None:
                if now > run.leave_by:
                    hung.append(run)
                continue
            if run.held:
                continue
            told = run.wanted in ("stop", "aside")  # before this turn
            if job.state == "paused":
                run.paused += passed
                if run.paused > limits.pause:
                    self._stop(job, f"It was paused for {sentences.span(run.paused)}, so it was stopped")
            elif job.phase == "running":
                run.paused = 0.0
                job.trained += passed
                if run.reported:
                    run.turn += passed
                else:
                    job.loading += passed
                if job.trained > job.time_limit:
                    self._stop(job, f"The time limit of {sentences.span(job.time_limit)} was reached")
            run.silent += passed if told and job.phase == "running" else 0.0
            if run.silent > limits.patience or job.trained > job.time_limit + limits.overtime:
                job.notice = None
                hung.append(run)
        for run in hung:
            run.given_up = True  # its place is taken until its worker has been replaced
        for job in self.parked:
            self.parked[job] += passed
        return hung, [job for job, seconds in self.parked.items() if seconds > limits.pause]

    def _stop(self, job: Job, why: str) -> None:
        if job.wanted != "stop":
            job.wanted = "stop"
            job.notice = sentences.kept(why)


def _need(job: Job) -> float:
    """The smaller, the sooner a job gets its turn."""
    return min(job.trained, SENIORITY) - job.waited / PATIENT


def _left(job: Job) -> float:
    """Seconds of training that a job says it still needs."""
    eta = job.progress.eta if job.progress is not None else None
    return math.inf if eta is None else eta
