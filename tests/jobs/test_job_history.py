"""jobs.history: what is thinned, what never is."""

import math
import pickle
from itertools import pairwise

import pytest

from jobs.history import Curves, Series
from jobs.job import Job
from lstm.history import Progress


@pytest.mark.parametrize("count", [0, 1, 2, 9, 10, 11, 12, 57, 1000, 4321])
def test_thinning_keeps_the_ends_and_an_even_spread(count):
    series = Series(limit=10)
    for step in range(count):
        series.add(step, float(step))
    steps = [step for step, _ in series.points()]
    assert len(steps) == len(series) <= 10
    assert steps == sorted(set(steps))
    if count:
        assert (steps[0], steps[-1]) == (0, count - 1)
    gaps = [b - a for a, b in pairwise(steps[:-1])]
    assert len(set(gaps)) <= 1  # even, but for the newest point
    assert len(steps) >= min(count, 5)


def test_two_thousand_points_are_the_most_a_curve_has():
    history = Curves()
    history.add("loss", [(step, 1 / step) for step in range(1, 10_001)])
    steps, values = history.series("loss")
    assert 1000 <= len(steps) <= 2000
    assert (steps[0], steps[-1]) == (1, 10_000)
    assert values == [1 / step for step in steps]


def test_cut_forgets_what_will_be_reported_again():
    series = Series(limit=10)
    for step in range(100):
        series.add(step, step)
    series.cut(40)
    before = [step for step, _ in series.points()]
    assert before and all(step < 40 for step in before)
    for step in range(40, 200):
        series.add(step, step)
    steps = [step for step, _ in series.points()]
    assert steps == sorted(set(steps)) and (steps[0], steps[-1]) == (0, 199) and len(steps) <= 10


def test_values_that_are_not_finite_are_no_points():
    history = Curves()
    history.add("loss", [(1, 3.0), (2, math.nan), (3, math.inf), (4, -math.inf), (5, 2.0)])
    assert history.series("loss") == ([1, 5], [3.0, 2.0])
    assert history.series("val_loss") == ([], [])


def test_notes_of_any_kind_are_kept_in_order_and_bounded():
    history = Curves(notes=5)
    for step in range(50):
        history.add_note("sample", step, f"at {step}")
    notes = history.notes("sample")
    assert len(notes) <= 5 and notes[0] == (0, "at 0") and notes[-1] == (49, "at 49")
    history.cut(10)
    assert all(step < 10 for step, _ in history.notes("sample"))
    assert history.notes("confusion") == []


def test_a_stopped_job_has_used_the_share_it_had_reached_and_a_finished_one_all_of_it():
    def job(*fractions):
        one = Job(None, session="s", title="t", time_limit=1.0, recycle=False, order=lambda *_: None, place=lambda _: None)
        one.phase = "running"
        for step, fraction in enumerate(fractions, 1):
            now = Progress(step, 0.0, 0.0, fraction, None, {}, 0.0)
            one.reported(one._attempt, pickle.dumps((now, {}, [])))
        return one

    assert job().done == 0.0 and job(0.2, 0.3).done == 0.3
    stopped, finished = job(0.2, 0.3, 1.0), job(0.2, 0.3, 1.0)
    stopped.end("stopped")
    finished.end("finished")
    assert stopped.done == 0.3 and finished.done == 1.0
