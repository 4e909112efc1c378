"""Taking turns on real workers: what is put aside goes on exactly, a demonstration is quick, and what is lost is little."""

import os
import signal
import time

import pytest
from fake_experiments import Count

from jobs.engine import Engine
from jobs.limits import Limits
from lstm.lessons.text.experiment import TextGeneration


@pytest.fixture
def busy():
    """An engine of its own whose turns are short."""
    engine = Engine(Limits(first_turn=0.5, turn=1.0))
    yield engine
    engine.close()


def drained(config):
    run = config.run()
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value


@pytest.mark.timeout(400)
def test_a_training_that_was_put_aside_again_and_again_is_the_undisturbed_one_bit_for_bit(busy, until):
    settings = {
        "units": 24,
        "batch": 8,
        "time_steps": 24,
        "validate_every": 100,
        "epochs": None,
        "seconds": None,
        "max_steps": 2000,
    }
    configs = [TextGeneration(**settings, seed=seed) for seed in range(3)]
    jobs = [busy.submit(config, session=f"s{seed}", title="Text") for seed, config in enumerate(configs)]
    turns = set()

    def over():
        turns.update(busy._desk.runs)
        return all(job.ended for job in jobs)

    until(over, 300)
    assert len(turns) > len(jobs), "nobody was put aside"
    for job, config in zip(jobs, configs, strict=True):
        assert (job.state, job.error, job.notice, job.recovered) == ("finished", None, None, None)
        alone = drained(config)
        assert job.result.history.points == alone.history.points
        assert (job.result.model.weights_vector == alone.model.weights_vector).all()
        steps = job.history.series("loss")[0]  # a fast worker reports fewer than all
        assert steps == sorted(set(steps)) and (steps[0], steps[-1]) == (1, settings["max_steps"])


def test_a_demonstration_does_not_wait_for_long_trainings(engine, until):
    long = [engine.submit(Count(steps=100_000), session=f"long {n}") for n in range(4)]
    until(lambda: all(job.trained > 4 for job in long[:2]))
    paused = long[2:]
    until(lambda: all(job.progress for job in long))
    for job in paused:
        job.pause()
    until(lambda: all(job.state == "paused" for job in paused) and sum(job.state == "running" for job in long) == 2)
    demo = engine.submit(Count(steps=100), session="demo")
    assert demo.expected_wait is not None and demo.expected_wait < 15
    assert demo.wait(60) and demo.state == "finished"
    assert not any(job.ended for job in long)
    until(lambda: sum(job.state == "running" for job in long) == 2)
    for job in long:
        job.resume()
        steps = until(lambda job=job: job.progress.step > 100 and job.history.series("loss")[0])
        assert steps[:100] == list(range(1, 101))  # nothing twice, nothing left out
        job.stop()
    assert all(job.wait(60) and job.state == "stopped" and job.result.metrics["steps"] > 0 for job in long)


def test_a_run_that_makes_no_checkpoint_is_held_and_goes_on_where_it_stood(busy, until):
    held = [busy.submit(Count(steps=800, stubborn=True), session=f"held {n}") for n in range(2)]
    until(lambda: all(job.progress for job in held))
    demo = busy.submit(Count(steps=30), session="demo")
    until(lambda: any(job.state == "queued" for job in held))
    waiting = next(job for job in held if job.state == "queued")
    assert waiting.progress.step > 1 and waiting.place and waiting.checkpoint is None
    assert demo.wait(60) and demo.state == "finished"
    for job in held:
        assert job.wait(60) and (job.state, job.recovered) == ("finished", None)
        assert job.history.series("loss")[0] == list(range(1, 801))


def test_a_held_run_can_be_paused_and_stopped(busy, until):
    held = busy.submit(Count(steps=100_000, stubborn=True), session="held")
    other = busy.submit(Count(steps=100_000, stubborn=True), session="other")
    until(lambda: held.progress and other.progress)
    long = [busy.submit(Count(steps=100_000), session=f"long {n}") for n in range(2)]
    until(lambda: held.state == "queued")
    held.pause()
    assert held.state == "paused"
    step = held.progress.step
    time.sleep(1)
    assert held.progress.step == step
    held.resume()
    until(lambda: held.progress.step > step)
    until(lambda: held.state == "queued")
    held.stop()
    assert held.stopping and held.wait(60) and held.state == "stopped" and held.result.metrics["steps"] > step
    for job in (*long, other):
        job.stop()
        assert job.wait(60)


def test_stopped_while_it_waits_it_keeps_what_it_learnt(busy, until):
    jobs = [busy.submit(Count(steps=100_000), session=f"s{n}") for n in range(3)]
    aside = until(lambda: next((job for job in jobs if job.aside), None))
    step = aside.progress.step
    aside.stop()
    assert aside.stopping and aside.wait(60)
    assert aside.state == "stopped" and aside.error is None and aside.result.metrics["steps"] >= step > 0
    for job in jobs:
        job.stop()


def test_a_last_examination_that_takes_long_is_no_failure(until):
    engine = Engine(Limits(patience=1.0))
    try:
        job = engine.submit(Count(steps=100_000, examine=4.0), session="a", time_limit=0.5)
        long = engine.submit(Count(steps=2, examine=8.0), session="b", time_limit=5.0)
        assert job.wait(60) and job.state == "stopped" and "time limit" in job.notice
        assert long.wait(60) and long.state == "finished" and long.result.ended == "finished"
    finally:
        engine.close()


# --- the last checkpoint ----------------------------------------------------------------------------------------------


def test_a_run_that_is_given_up_ends_with_its_last_checkpoint(until):
    engine = Engine(Limits(patience=1.0))
    try:
        job = engine.submit(Count(steps=100, save_every=20, hang_at=50), session="a", time_limit=2.0)
        until(lambda: job.checkpoint)
        assert job.wait(60) and job.state == "failed"
        assert job.error == "The training did not answer any more, so it was ended."
        assert job.result.ended == "stopped" and job.result.metrics["steps"] in (20, 40)
    finally:
        engine.close()


def test_a_run_whose_workers_died_three_times_ends_with_its_last_checkpoint(engine, until):
    job = engine.submit(Count(steps=100, pause=0.02, save_every=20, die_at=70), session="killer with a past")
    assert job.wait(100) and job.state == "failed"
    assert job.error.startswith("The training was given up after it lost its worker 3 times")
    assert job.result.ended == "stopped" and job.result.metrics["steps"] in (20, 40, 60)


def test_a_run_whose_cluster_was_killed_ends_with_its_last_checkpoint_and_who_waited_goes_on(busy, until):
    jobs = [busy.submit(Count(steps=100_000, save_every=20), session=f"s{n}") for n in range(3)]
    aside = until(lambda: next((job for job in jobs if job.aside), None))
    until(lambda: all(job.checkpoint for job in jobs))
    os.kill(busy._cluster._process.pid, signal.SIGKILL)
    until(lambda: sum(job.ended for job in jobs) >= 1)
    until(lambda: not any(job.stopping for job in jobs))
    ended = [job for job in jobs if job.ended]
    for job in ended:
        assert job.state == "failed" and "start the training again" in job.error
        assert job.result.ended == "stopped" and job.result.metrics["steps"] >= 20
    alive = [job for job in jobs if not job.ended]
    assert alive, "who waited has a checkpoint on the server"
    step = alive[0].progress.step
    until(lambda: alive[0].progress.step > step)
    assert aside in jobs
    for job in alive:
        job.stop()
        assert job.wait(60)


def test_what_cannot_be_rescued_says_why_and_has_no_result(engine, until, caplog):
    job = engine.submit(Count(steps=100, pause=0.02, save_every=20, fail_at=70, failure="KeyError"), session="x")
    until(lambda: job.checkpoint)
    assert job.wait(60) and job.state == "failed" and "KeyError" in job.error
    assert job.result.metrics["steps"] in (20, 40, 60)
    broken = engine.submit(Count(steps=100_000, save_every=20), session="y")
    until(lambda: broken.checkpoint)
    with engine._lock:
        broken.checkpoint = b"no number"
        run = next(run for run in engine._desk.runs.values() if run.job is broken)
        engine._conclude(broken, "failed", error="Lost.")
        engine._free(run)
    engine._release(run)
    assert broken.wait(60) and (broken.state, broken.error, broken.result) == ("failed", "Lost.", None)
    assert "no result could be made" in caplog.text


# --- the machine ------------------------------------------------------------------------------------------------------


def test_trainings_run_at_a_lower_priority_and_share_the_cores(engine, until):
    def priorities():
        import os

        return sorted({os.getpriority(os.PRIO_PROCESS, int(task)) for task in os.listdir("/proc/self/task")})

    first = engine.submit(Count(steps=100_000), session="first")
    until(lambda: first.progress and first.progress.metrics["threads"] == engine._cluster.cores)
    second = engine.submit(Count(steps=100_000), session="second")
    for job in (first, second):
        until(lambda job=job: job.progress and job.progress.metrics["threads"] == max(1, engine._cluster.cores // 2))
    if os.path.isdir("/proc/self/task"):
        for found in engine._cluster.client.run(priorities).values():
            assert found[-1] >= 15 and found[0] < 15  # the run steps back, the worker's loop does not
    second.stop()
    assert second.wait(60)
    until(lambda: first.progress.metrics["threads"] == engine._cluster.cores)
    first.stop()
    assert first.wait(60)
