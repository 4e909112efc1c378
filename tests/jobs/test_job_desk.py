"""jobs.desk: fairness, places and limits, without a cluster and with a clock of the test's own."""

import pytest

from jobs.desk import KEPT_PER_SESSION, WAITING_PER_SESSION, Desk, Limits
from jobs.job import Job


def a_job(session="a", time_limit=60.0):
    return Job(None, session=session, title=session, time_limit=time_limit, recycle=False, order=None, place=None)


def desk_with(*sessions, slots=0, **limits):
    desk = Desk(Limits(**limits))
    jobs = [a_job(session) for session in sessions]
    for job in jobs:
        desk.add(job, now=0.0)
    desk.admit(slots)
    return desk, jobs


def run_of(desk, job):
    return next(run for run in desk.runs.values() if run.job is job)


def test_one_job_of_a_session_runs_and_everyone_has_a_place():
    desk, (a1, a2, b1, c1) = desk_with("a", "a", "b", "c", slots=2)
    assert [job.phase for job in (a1, a2, b1, c1)] == ["starting", "queued", "starting", "queued"]
    assert [desk.place(job) for job in (a1, a2, b1, c1)] == [None, 2, None, 1]  # c's first before a's second
    del desk.runs[run_of(desk, b1).key]
    desk.admit(2)
    assert c1.phase == "starting" and desk.place(a2) == 1
    desk.admit(3)
    assert a2.phase == "queued"  # there is room, but a's first still runs


def test_everyones_first_comes_before_anyones_second():
    desk, jobs = desk_with("a", "a", "a", "b", "b", "c")
    assert [(job.session, jobs.index(job)) for job in desk.order()] == [
        ("a", 0), ("b", 3), ("c", 5), ("a", 1), ("b", 4), ("a", 2)
    ]  # fmt: skip


def test_a_session_may_not_fill_the_queue():
    desk, _ = desk_with(*["a"] * WAITING_PER_SESSION)
    with pytest.raises(ValueError, match=f"^{WAITING_PER_SESSION} of your trainings are waiting already; .*"):
        desk.add(a_job("a"), 0.0)
    desk.add(a_job("b"), 0.0)


def test_the_oldest_ended_jobs_of_a_session_are_dropped():
    desk = Desk(Limits())
    jobs = [a_job() for _ in range(KEPT_PER_SESSION + 3)]
    for job in jobs:
        desk.add(job, 0.0)
        desk.leave_queue(job)
        desk.end(job, "finished")
    assert desk.jobs("a") == jobs[3:]


def test_a_silent_session_loses_its_jobs():
    desk, (a1, a2, b1) = desk_with("a", "a", "b", slots=2, session=120, patience=60)
    desk.touch("b", now=100.0)
    assert desk.forget_silent(now=120.0) == []
    (run,) = desk.forget_silent(now=121.0)
    assert run.job is a1 and (a1.phase, a2.phase, b1.phase) == ("stopped", "stopped", "starting")
    assert desk.jobs("a") == [] and desk.queue == [] and a1.notice
    assert desk.forget_silent(now=122.0) == []  # told once
    assert desk.enforce(1.0, now=180.0) == [] and desk.enforce(1.0, now=182.0) == [run]  # it did not leave in time


def test_time_limit_stops_keeps_and_counts_training_only():
    desk, (job,) = desk_with("a", slots=1)
    desk.enforce(100.0, 0.0)  # starting costs nothing
    job.phase = "running"
    desk.enforce(59.0, 0.0)
    job.wanted = "pause"
    desk.enforce(100.0, 0.0)  # nor does a pause
    job.wanted = "run"
    desk.enforce(1.0, 0.0)
    assert job.wanted == "run"
    desk.enforce(1.0, 0.0)
    assert job.wanted == "stop"
    assert job.notice == "The time limit of 60 seconds was reached; what it had learnt is kept."


def test_a_run_that_ignores_its_time_limit_is_given_up():
    desk, (job,) = desk_with("a", slots=1, patience=30)
    job.phase = "running"
    assert desk.enforce(89.0, 0.0) == [] and job.phase == "running"
    (run,) = desk.enforce(2.0, 0.0)
    assert job.state == "failed" and "did not answer" in job.error and job.notice is None
    assert desk.enforce(1.0, 1e9) == [] and run.key in desk.runs  # its place is taken until its worker was replaced


def test_pauses_end_sooner_when_others_wait():
    desk, (a, b) = desk_with("a", "b", slots=2, pause=1800, crowded_pause=120)
    for job in (a, b):
        job.phase, job.wanted = "running", "pause"
    desk.enforce(1000.0, 0.0)
    assert a.wanted == b.wanted == "pause"
    b.wanted = "run"
    desk.enforce(1.0, 0.0)
    b.wanted = "pause"
    desk.enforce(100.0, 0.0)
    desk.add(a_job("a"), 0.0)
    desk.enforce(1.0, 0.0)
    assert a.wanted == "pause"  # it keeps nobody waiting but its own session
    desk.add(a_job("c"), 0.0)
    desk.enforce(1.0, 0.0)
    assert a.wanted == "stop" and "while others waited" in a.notice and "kept" in a.notice
    assert b.wanted == "pause"  # its pause began anew
    desk.queue.clear()
    desk.enforce(1700.0, 0.0)
    assert b.wanted == "stop" and b.notice.startswith("It was paused for 30 minutes")
