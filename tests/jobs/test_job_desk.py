"""jobs.desk: fairness, places and limits, without a cluster and with a clock of the test's own."""

from types import SimpleNamespace

import numpy as np
import pytest

from jobs.desk import Desk
from jobs.job import Job
from jobs.limits import Limits, from_environment, memory_setting, visitor_setting
from jobs.sizes import held_bytes


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
    desk, _ = desk_with(*["a"] * Limits().waiting_per_session)
    with pytest.raises(ValueError, match=f"^{Limits().waiting_per_session} of your trainings are waiting already; .*"):
        desk.add(a_job("a"), 0.0)
    desk.add(a_job("b"), 0.0)


def test_the_oldest_ended_jobs_of_a_session_are_dropped():
    desk = Desk(Limits())
    jobs = [a_job() for _ in range(Limits().kept_per_session + 3)]
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
    assert desk.enforce(1.0, now=180.0) == ([], [])
    assert desk.enforce(1.0, now=182.0) == ([run], [])  # it did not leave in time


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


def test_a_run_that_gives_no_sign_is_given_up_and_one_that_does_is_not():
    desk, (job,) = desk_with("a", slots=1, patience=30, overtime=1e6)
    run = run_of(desk, job)
    job.phase = "running"
    desk.enforce(500.0, 0.0)  # silent, but nobody asked it anything, and then it is past its time
    assert job.wanted == "stop"
    for _ in range(20):  # a last validation takes minutes, and says so
        run.silent = 0.0
        assert desk.enforce(20.0, 0.0) == ([], [])
    assert desk.enforce(20.0, 0.0) == ([run], []) and run.given_up and job.notice is None
    assert (
        desk.enforce(1.0, 1e9) == ([], []) and run.key in desk.runs
    )  # its place is taken until its worker was replaced


def test_nobody_examines_for_ever():
    desk, (job,) = desk_with("a", slots=1, overtime=600)
    run = run_of(desk, job)
    job.phase = "running"
    for _ in range(60):
        run.silent = 0.0
        assert desk.enforce(11.0, 0.0) == ([], [])
    run.silent = 0.0
    assert desk.enforce(11.0, 0.0) == ([run], [])


def at_work(*sessions, slots, **limits):
    """A desk whose first jobs train."""
    desk, jobs = desk_with(*sessions, slots=slots, **limits)
    for job in jobs:
        job.time_limit = 1e9
    for run in desk.runs.values():
        run.job.phase, run.reported = "running", True
    return desk, jobs


def change_turns(desk, slots):
    """Let those who are to leave do so, as the engine does; return the jobs that came in their place."""
    desk.take_turns(slots)
    for run in [run for run in desk.runs.values() if run.leaving]:
        del desk.runs[run.key]
        desk.left(run, b"here")
    before = set(desk.runs.values())
    desk.admit(slots)
    for run in desk.runs.values():
        run.job.phase, run.reported = "running", True
    return [run.job for run in desk.runs.values() if run not in before]


def test_nobody_is_interrupted_while_nobody_waits():
    desk, _ = at_work("a", "b", slots=2)
    desk.enforce(50.0, 0.0)
    desk.take_turns(2)
    assert not [run for run in desk.runs.values() if run.leaving]


def test_those_who_wait_take_turns_and_everybody_comes_round():
    desk, (a, b, c) = at_work("a", "b", "c", slots=1, first_turn=4, turn=10)
    desk.enforce(3.0, 0.0)
    assert change_turns(desk, 1) == []  # a's first turn is not over
    desk.enforce(1.0, 0.0)
    assert change_turns(desk, 1) == [b] and a.checkpoint == b"here" and a.state == "queued"
    desk.enforce(4.0, 0.0)
    assert change_turns(desk, 1) == [c]  # who has had nothing goes before who has had something
    desk.enforce(4.0, 0.0)
    assert change_turns(desk, 1) == [a]
    desk.enforce(9.0, 0.0)
    assert change_turns(desk, 1) == []  # later turns are longer
    desk.enforce(1.0, 0.0)
    assert change_turns(desk, 1) == [b]
    assert [job.trained for job in (a, b, c)] == [14.0, 4.0, 4.0]


def test_a_turn_begins_with_the_first_step_and_is_worth_the_loading():
    desk, (a, b) = at_work("a", "b", slots=1, first_turn=4, turn=10)
    run_of(desk, a).reported = False
    desk.enforce(8.0, 0.0)
    assert change_turns(desk, 1) == [] and a.trained == a.loading == 8.0  # it reads a large file
    desk.enforce(4.0, 0.0)
    assert change_turns(desk, 1) == [b]
    desk.enforce(4.0, 0.0)
    assert change_turns(desk, 1) == []  # who has had less would come back at once
    desk.enforce(5.0, 0.0)
    assert change_turns(desk, 1) == [a]
    run_of(desk, a).reported = False
    desk.enforce(8.0, 0.0)
    run_of(desk, a).reported = True
    desk.enforce(39.0, 0.0)
    assert change_turns(desk, 1) == []
    desk.enforce(1.0, 0.0)
    assert change_turns(desk, 1) == [b]


def test_a_newcomer_does_not_wait_for_the_end_of_a_long_ones_turn():
    desk, (a, b) = at_work("a", "b", slots=2, first_turn=4, turn=10)
    desk.enforce(100.0, 0.0)
    c = a_job("c", 1e9)
    desk.add(c, 0.0)
    b.trained += 1
    assert change_turns(desk, 2) == [c] and b.state == "queued" and a.state == "running"  # who has trained most leaves


def test_one_session_cannot_shut_another_out_and_its_own_jobs_take_turns_too():
    desk, (a1,) = at_work("a", slots=1)
    desk.enforce(100.0, 0.0)
    a2 = a_job("a")
    desk.add(a2, 0.0)
    assert change_turns(desk, 1) == [a2]  # a demonstration beside one's own long training
    del desk.runs[run_of(desk, a2).key]
    desk.admit(1)
    assert a1.phase == "starting"


def test_demonstrations_that_keep_coming_do_not_starve_a_long_training():
    desk, (long,) = at_work("long", slots=1, first_turn=4, turn=10)
    desk.enforce(100.0, 0.0)
    for number in range(60):  # one every two seconds, two seconds long: the machine is full
        desk.add(a_job(f"demo {number}", 1e9), 0.0)
        change_turns(desk, 1)
        desk.enforce(2.0, 0.0)
        for run in [run for run in desk.runs.values() if run.job is not long and run.turn >= 2]:
            del desk.runs[run.key]
            run.job.end("finished")
        desk.admit(1)
    assert 108.0 <= long.trained < 130.0


def test_who_is_nearly_done_is_left_to_it_but_not_for_ever():
    class Nearly:
        eta = 2.0

    desk, (a, _) = at_work("a", "b", slots=1, first_turn=4, turn=10)
    a.progress = Nearly
    desk.enforce(19.0, 0.0)
    assert change_turns(desk, 1) == []
    desk.enforce(1.0, 0.0)
    assert change_turns(desk, 1) != []


def test_the_wait_that_is_told():
    desk, (a, b, c) = at_work("a", "b", "c", slots=1, first_turn=4, turn=10)
    assert desk.wait(a, 1) is None and desk.wait(b, 0) is not None
    desk.enforce(1.0, 0.0)
    assert desk.wait(b, 1) == 3 + 1  # what is left of a's first turn, and a second to change over
    assert desk.wait(c, 1) == 3 + 1 + 4 + 1
    change_turns(desk, 1)
    desk.enforce(3.0, 0.0)
    change_turns(desk, 1)
    desk.enforce(4.0, 0.0)
    change_turns(desk, 1)
    assert desk.wait(a, 1) == 4 + 1  # then c, which is at work, has had its first turn; b waits behind a


def test_a_run_that_cannot_leave_is_held_and_few_are():
    desk, (a, b, c) = at_work("a", "b", "c", slots=1, first_turn=4)
    desk.enforce(5.0, 0.0)
    desk.take_turns(1)
    run = run_of(desk, a)
    assert run.wanted == "aside"
    desk.hold(run)
    desk.admit(1)
    assert run.wanted == "aside" and a.state == "queued" and b.state == "starting"
    b.phase, b.leaves = "running", False
    desk.enforce(5.0, 0.0)
    desk.take_turns(1)
    assert not run_of(desk, b).leaving  # no second one beside the first: each keeps its memory
    del desk.runs[run_of(desk, b).key]
    desk.leave_queue(c)
    desk.admit(1)
    assert run.wanted == "run" and a.state == "running" and not run.held


def test_a_paused_run_leaves_when_others_wait_and_its_pause_ends_with_what_it_learnt():
    desk, (a, b) = at_work("a", "b", slots=2, pause=1800)
    a.wanted = "pause"
    desk.enforce(1000.0, 0.0)
    desk.take_turns(2)
    assert not run_of(desk, a).leaving  # it keeps nobody waiting
    c = a_job("c", 1e9)
    desk.add(c, 0.0)
    assert change_turns(desk, 2) == [c] and b.state == "running"
    assert a.state == "paused" and a not in desk.queue and a.checkpoint == b"here"
    assert desk.enforce(1700.0, 0.0) == ([], [])
    desk.resume(a)
    assert a.state == "queued" and desk.place(a) == 1
    desk.pause(a)
    assert a.state == "queued"  # one that has not begun is not paused …
    a.progress = object()
    desk.pause(a)
    assert a.state == "paused"  # … and one that has is
    assert desk.enforce(1801.0, 0.0)[1] == [a]


def test_a_pause_in_its_place_ends_too():
    desk, (a,) = at_work("a", slots=1, pause=1800)
    a.wanted = "pause"
    desk.enforce(1801.0, 0.0)
    assert a.wanted == "stop"
    assert a.notice == "It was paused for 30 minutes, so it was stopped; what it had learnt is kept."


def test_what_the_server_holds_is_bounded():
    desk, (a,) = desk_with("a", held=1)
    a.checkpoint = bytes(2**20 + 1)
    with pytest.raises(ValueError, match=r"^The trainings under way fill the memory"):
        desk.add(a_job("b"), 0.0)


def test_the_environment_sets_the_limits(monkeypatch):
    assert from_environment() == Limits()
    monkeypatch.setenv("LSTM_LAB_SECONDS", "60")
    monkeypatch.setenv("LSTM_LAB_RUNS", " 2 ")
    monkeypatch.setenv("LSTM_LAB_QUEUE", "30")
    monkeypatch.setenv("LSTM_LAB_HELD", "64")
    monkeypatch.setenv("LSTM_LAB_VISITOR", "3")
    found = from_environment()
    assert (found.longest, found.waiting_per_session, found.waiting, found.held, found.results) == (60, 2, 30, 64, 3)
    assert visitor_setting() == 3 * 2**20
    monkeypatch.setenv("LSTM_LAB_MEMORY", "512")
    assert memory_setting() == 2**29
    monkeypatch.setenv("LSTM_LAB_MEMORY", "1")
    with pytest.raises(ValueError, match=r"^LSTM_LAB_MEMORY must be an integer of 256 or more, got '1'\.$"):
        memory_setting()
    monkeypatch.setenv("LSTM_LAB_SECONDS", "long")
    with pytest.raises(ValueError, match=r"^LSTM_LAB_SECONDS must be a positive integer, got 'long'\.$"):
        from_environment()
    monkeypatch.setenv("LSTM_LAB_VISITOR", "much")
    assert visitor_setting() == Limits().results * 2**20
    monkeypatch.delenv("LSTM_LAB_SECONDS")
    with pytest.raises(ValueError, match=r"^LSTM_LAB_VISITOR must be a positive integer, got 'much'\.$"):
        from_environment()


def test_results_find_room_or_the_oldest_goes_and_is_named():
    desk = Desk(Limits(results=1.0))
    jobs = [a_job() for _ in range(5)]
    for job, title, megabytes in zip(
        jobs, ("first", "second", "third", "large", "small"), (0.4, 0.4, 0.4, 5.0, 0.1), strict=True
    ):
        job.title = title
        desk.add(job, 0.0)
        desk.leave_queue(job)
        desk.end(job, "finished", result={"model": np.zeros(int(megabytes * 2**20), np.int8)})
        if job.title == "second":
            assert desk.let_go(job.session) == [] and len(desk.jobs(job.session)) == 2
        if job.title == "large":
            assert desk.jobs(job.session) == [job], "the newest stays, however large it is"
    assert [job.title for job in desk.jobs(jobs[0].session)] == ["small"]
    assert desk.let_go(jobs[0].session) == ["first", "second", "third", "large"]
    assert desk.let_go(jobs[0].session) == [], "it is said once"


def test_what_a_value_holds():
    array = np.zeros((1000, 100))
    assert abs(held_bytes(array) - 800_000) < 200
    assert held_bytes({"a": array, "b": [array, array[:10], array.T]}) < 801_000, "each once"
    assert held_bytes(array[:2].reshape(-1)) >= 800_000, "a view keeps the whole"

    class Slots:
        __slots__ = ("never", "text")

    one = Slots()
    one.text = "x" * 50_000
    one = [one, SimpleNamespace(inner=(one, b"y" * 30_000), function=len, kind=Slots)]
    one.append(one)
    assert 80_000 < held_bytes(one) < 82_000
