"""jobs.engine on an embedded cluster of two workers: a job's life, seen from a page."""

import os
import re
import signal
import time

import pytest
from fake_experiments import Count

from jobs.engine import Engine, Limits


def test_a_job_from_submit_to_result(engine):
    before = time.monotonic()
    job = engine.submit(Count(steps=20), session="whole", title="Counting")
    assert time.monotonic() - before < 0.5 and job.state == "starting" and job.place is None
    assert job.wait(60)
    assert (job.state, job.error, job.notice, job.recovered, job.place) == ("finished", None, None, None, None)
    assert job.result.ended == "finished" and job.result.metrics["steps"] == 20
    assert job.result.metrics["pid"] != os.getpid()
    assert job.progress.step == 20 and job.progress.fraction == 1.0
    assert job.history.series("loss") == (list(range(1, 21)), [1 / step for step in range(1, 21)])
    assert job.history.series("val_loss") == ([10, 20], [0.2, 0.1])
    assert job.history.series("seconds")[0] == list(range(1, 21))
    assert job.notes("sample") == [(step, f"at {step}") for step in (5, 10, 15, 20)]
    assert engine.jobs("whole") == [job] and engine.jobs("other") == []


def test_a_fast_run_is_thinned_but_keeps_its_ends_and_every_note(engine):
    job = engine.submit(Count(steps=5000, pause=0, note_every=500), session="fast")
    assert job.wait(60)
    steps, values = job.history.series("loss")
    assert (steps[0], steps[-1]) == (1, 5000) and len(steps) <= 2000 and values == [1 / step for step in steps]
    assert [step for step, _ in job.notes("sample")] == list(range(500, 5001, 500))


def test_pause_resume_and_stop_keep_what_was_learnt(engine, until):
    job = engine.submit(Count(steps=2000), session="pausing")
    until(lambda: job.progress)
    assert job.state == "running"
    job.pause()
    assert job.state == "paused"
    time.sleep(0.5)
    step = job.progress.step
    time.sleep(0.5)
    assert job.progress.step == step
    job.resume()
    until(lambda: job.progress.step > step, 2)
    assert job.state == "running"
    job.pause()
    time.sleep(0.4)
    job.stop()
    assert job.stopping and job.wait(2)
    assert job.state == "stopped" and not job.stopping and job.error is None
    assert job.result.ended == "stopped" and step <= job.result.metrics["steps"] < 2000
    job.resume(), job.pause(), job.stop()  # too late: nothing happens
    assert job.state == "stopped"


def test_queue_places_and_stopping_in_the_queue(engine, until):
    first = engine.submit(Count(steps=400), session="q1", title="First")
    other = engine.submit(Count(steps=400), session="q2", title="Other")
    second = engine.submit(Count(steps=3), session="q1", title="Second")
    third = engine.submit(Count(steps=3), session="q3", title="Third")
    assert [job.state for job in (second, third)] == ["queued", "queued"]
    assert [job.place for job in (first, other, second, third)] == [None, None, 2, 1]
    until(lambda: first.progress and other.progress)
    assert [(s.title, s.state, s.place) for s in engine.running()] == [
        ("First", "running", None), ("Other", "running", None), ("Third", "queued", 1), ("Second", "queued", 2)
    ]  # fmt: skip
    assert 0 < engine.running()[0].fraction < 1
    third.pause()
    assert third.state == "queued"
    third.stop()
    assert third.ended and third.state == "stopped" and third.result is None and second.place == 1
    first.stop()
    assert second.wait(60) and second.state == "finished"
    other.stop()
    assert other.wait(60)
    until(lambda: engine.running() == [])


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        ("ValueError", "units must be a positive integer, got 0"),
        ("KeyError", "The training failed: KeyError: 'units must be a positive integer, got 0'."),
        ("MemoryError", "The training failed: it ran out of memory; try fewer units,"),
    ],
)
def test_an_exception_becomes_a_sentence(engine, caplog, failure, sentence):
    job = engine.submit(Count(steps=9, fail_at=3, failure=failure), session="failing")
    assert job.wait(60) and job.state == "failed"
    assert job.error.startswith(sentence) and "Traceback" not in job.error and "\n" not in job.error
    assert job.result is None and job.history.series("loss")[0] == [1, 2]
    assert ("fake_experiments.py" in caplog.text) == (failure != "ValueError")  # the log has the traceback


def test_divergence_fails_and_keeps_the_result(engine):
    job = engine.submit(Count(steps=9, diverge_at=4), session="diverging")
    assert job.wait(60) and job.state == "failed"
    assert job.error == "The loss is not finite; try a smaller learning rate."
    assert job.result.ended == "diverged" and job.result.metrics["steps"] == 4


def test_a_config_that_cannot_travel_fails_with_a_sentence(engine):
    class Stubborn(Count):
        def __reduce__(self):
            raise TypeError("no travelling")

    job = engine.submit(Stubborn(), session="stubborn")
    assert job.wait(60) and job.state == "failed" and "no travelling" in job.error


def test_what_submit_refuses(engine):
    with pytest.raises(ValueError, match="config must be an experiment"):
        engine.submit("CharLM", session="s")
    with pytest.raises(ValueError, match="session must be a non-empty string, got ''"):
        engine.submit(Count(), session="")
    with pytest.raises(ValueError, match="time_limit must be a positive number of seconds, got 0"):
        engine.submit(Count(), session="s", time_limit=0)


def test_time_limit(engine):
    job = engine.submit(Count(steps=10_000), session="long", time_limit=0.5)
    assert job.wait(5) and job.state == "stopped" and job.error is None
    assert job.notice == "The time limit of 0 seconds was reached; what it had learnt is kept."
    assert 10 <= job.result.metrics["steps"] < 1000


def both_workers(engine):
    """Whether two workers stand ready; a cluster that ended with the test before is started again."""
    engine.warm_up()
    cluster = engine._cluster
    return cluster is not None and cluster.alive and len(cluster.client.nthreads()) == 2


def test_a_killed_worker_is_replaced_and_the_run_goes_on_from_its_checkpoint(engine, until):
    job = engine.submit(Count(steps=250, save_every=70, ballast=25_000_000), session="killed")
    key, run = until(lambda: next(iter(engine._desk.runs.items()), None))
    until(lambda: job.progress and job.progress.step >= 100)
    worker = run.worker
    os.kill(engine._cluster.client.run(os.getpid, workers=[worker])[worker], signal.SIGKILL)
    assert job.wait(60) and job.state == "finished" and job.result.metrics["steps"] == 250
    lost, at = map(int, re.findall(r"\d+", job.recovered))
    assert lost >= 100 and at in (70, 140, 210) and at < lost
    assert job.recovered == (f"The worker was lost at step {lost}; training went on from the checkpoint at step {at}.")
    assert job.history.series("loss") == (list(range(1, 251)), [1 / step for step in range(1, 251)])
    assert [step for step, _ in job.notes("sample")] == list(range(5, 251, 5))

    def remembered(dask_scheduler):
        return {k: v for k, v in dask_scheduler.task_metadata.items() if k == key}

    until(lambda: engine._cluster.client.run_on_scheduler(remembered) == {}, 5)  # 25 MB given back


def test_a_pause_outlives_its_worker(engine, until):
    job = engine.submit(Count(steps=300, save_every=10), session="paused and killed")
    run = until(lambda: next(iter(engine._desk.runs.values()), None))
    until(lambda: job.progress and job.progress.step >= 20)
    job.pause()
    time.sleep(0.5)
    old = run.worker
    os.kill(engine._cluster.client.run(os.getpid, workers=[old])[old], signal.SIGKILL)
    until(lambda: run.worker != old)
    time.sleep(0.5)
    assert job.state == "paused" and job.recovered is None
    job.resume()
    until(lambda: job.recovered)
    job.stop()
    assert job.wait(5) and job.state == "stopped" and job.result.metrics["steps"] >= 20


def test_a_job_that_kills_its_worker_three_times_fails(engine):
    job = engine.submit(Count(steps=9, die_at=3), session="killer")
    assert job.wait(60) and job.state == "failed"
    assert job.error.startswith("The training was given up after it lost its worker 3 times, most likely because")


def test_recycle_gives_the_process_back(engine, until):
    until(lambda: both_workers(engine))
    pids = engine._cluster.client.run(os.getpid)
    job = engine.submit(Count(steps=3), session="recycling", recycle=True)
    assert job.wait(60) and job.state == "finished"
    until(lambda: not engine._desk.runs and both_workers(engine))
    after = set(engine._cluster.client.run(os.getpid).values())
    assert job.result.metrics["pid"] in pids.values() and job.result.metrics["pid"] not in after
    assert len(after) == 2 and len(after & set(pids.values())) == 1


def test_a_result_does_not_stay_in_the_worker(engine, until):
    job = engine.submit(Count(steps=3, ballast=1_000_000), session="leaving nothing")
    assert job.wait(60) and len(job.result.model) == 1_000_000

    def ballast():
        import gc

        gc.collect()
        return sum(type(thing).__name__ == "Result" for thing in gc.get_objects())

    until(lambda: sum(engine._cluster.client.run(ballast).values()) == 0)
    until(lambda: not engine._cluster.client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))


def test_thirty_sessions_at_once(engine):
    before = time.monotonic()
    jobs = [engine.submit(Count(steps=2, pause=0), session=f"class {n}") for n in range(30)]
    assert time.monotonic() - before < 1
    assert sorted(job.place for job in jobs if job.place) == list(range(1, 29))
    assert all(job.wait(60) and job.state == "finished" for job in jobs)


def test_abandoned_sessions_lose_their_jobs_a_hung_run_its_worker_and_an_idle_engine_its_cluster(until):
    engine = Engine(Limits(session=2.0, patience=1.0, idle=1.0))
    try:
        engine.warm_up()
        until(lambda: engine._cluster)
        done = engine.submit(Count(steps=2), session="watched")
        running = engine.submit(Count(steps=100_000), session="gone")
        waiting = engine.submit(Count(), session="gone")
        until(lambda: engine.jobs("watched") and running.progress and done.ended)
        key = next(iter(engine._desk.runs))
        pids = engine._cluster.client.run(os.getpid)
        until(lambda: engine.jobs("watched") and running.ended)
        assert (running.state, waiting.state) == ("stopped", "stopped") and running.notice and running.result is None
        assert engine.jobs("gone") == [] and engine.jobs("watched") == [done]
        until(lambda: engine.jobs("watched") and key not in engine._desk.runs)
        assert engine._cluster.client.run(os.getpid) == pids  # its worker came back by itself
        hung = engine.submit(Count(hang_at=2), session="hung", time_limit=0.5)
        until(lambda: engine.jobs("hung") and engine.jobs("watched") and hung.ended)
        assert hung.state == "failed" and hung.error == "The training did not answer any more, so it was ended."
        until(lambda: engine.jobs("watched") and not engine._desk.runs, 30)  # its worker was replaced
        until(lambda: len(engine._cluster.client.run(os.getpid)) == 2)
        process = engine._cluster._process
        until(lambda: engine._cluster is None and process.poll() is not None)  # all are gone: so is the cluster
    finally:
        engine.close()
