"""The lab and Keras side by side, each in its own process: the same numbers for every task and optimizer."""

from __future__ import annotations

import numpy as np
import pytest

import lstm.lessons.keras.experiment as lesson
from lstm.keras_files.layers import code
from lstm.lessons import drain
from lstm.lessons.keras.experiment import Growth, KerasVsScratch, lockstep, measure
from lstm.lessons.keras.process import Side, keras_is_installed, network
from lstm.lessons.keras.tasks import TASKS, material

STEPS = 50


@pytest.fixture(scope="module")
def sides(request):
    """One process a side for all networks of a dtype: Keras takes seconds to load."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")  # compiling would take longer than all the steps
        lab, keras = Side("lab", request.param), Side("keras", request.param)
    with lab, keras:
        yield request.param, {"lab": lab, "keras": keras}


@pytest.mark.parametrize(
    ("sides", "task", "optimizer"),
    [
        *(("float32", *one) for one in (
            ("characters", "adam"), ("digits8", "rmsprop"), ("sine", "adagrad"), ("topics", "adam"), ("recall", "sgd"),
        )),
        # double precision with and without a mask; the command compare-keras tries every task
        ("float64", "digits8", "rmsprop"), ("float64", "topics", "adam"),
    ],
    indirect=["sides"],
)  # fmt: skip
def test_the_same_losses_outputs_gradients_and_weights_for_fifty_steps(sides, task, optimizer):
    dtype, sides = sides
    units = 12 if task == "characters" else 24
    config = KerasVsScratch(
        task, layers=2 if task == "sine" else 1, units=units, optimizer=optimizer, dtype=dtype, batch=16, steps=STEPS
    )
    data = material(task)
    steps = [metrics for *_, metrics, _ in lockstep(sides, config.build(data), config, data)]
    assert len(steps) == STEPS and steps[-1]["loss"] != steps[0]["loss"]
    if dtype == "float32":
        assert steps[0]["output_gap"] < 1e-5 and steps[0]["gradient_gap"] < 1e-4
        assert steps[-1]["loss_gap"] < 1e-3
    else:
        assert steps[0]["output_gap"] < 1e-12 and steps[0]["gradient_gap"] < 1e-9
        assert steps[-1]["loss_gap"] < 1e-9 and steps[-1]["weight_gap"] < 1e-9


@pytest.fixture
def without_keras(monkeypatch):
    """The lab plays both parts, so that what surrounds them is tested in a moment."""
    monkeypatch.setattr(lesson, "Side", lambda kind, dtype, threads: _Renamed("lab", dtype, threads))
    monkeypatch.setattr(lesson, "BLOCKS", 2)
    monkeypatch.setattr(lesson, "_BLOCK_SECONDS", 0.01)


class _Renamed(Side):
    """A side of the lab where Keras's is expected."""


def test_a_whole_run_against_itself(without_keras):
    seen = []
    result = drain(KerasVsScratch("sine", units=5, steps=4, batch=8).run(), seen.append)
    assert result.ended == "finished" and result.metrics["last weight gap"] == 0 == result.metrics["first gradient gap"]
    assert [p.step for p in seen if p.metrics] == [1, 2, 3, 4]
    assert seen[0].notes["doing"].startswith("Keras is being loaded") and seen[-1].fraction == 1
    assert result.details["parameters"] == 4 * 5 * 7 + 6
    assert result.model.count_params() == 4 * 5 * 7 + 6
    speed = result.details["speed"]
    assert len(speed["blocks"]) == len(speed["keras_blocks"]) == 2
    assert result.metrics["speed ratio"] == pytest.approx(speed["keras_ms"] / speed["ms"])
    assert set(result.details["peak_bytes"]) == {"lab", "keras"}
    moved = [np.abs(a - b).max() for a, b in zip(result.details["initial"], result.model.get_weights())]
    assert min(moved) > 0  # the model that comes back is the trained one


def test_growth_times_each_size(without_keras, monkeypatch):
    monkeypatch.setitem(lesson.SIZES, "units", (4, 8))
    result = drain(Growth("units", "sine").run())
    assert [row["size"] for row in result.details["rows"]] == [4, 8]
    assert result.metrics["ratio at 8"] == pytest.approx(result.details["rows"][1]["keras_ms"] / result.details["rows"][1]["ms"])


def test_a_stop_keeps_what_was_done(without_keras):
    from lstm.history import Control

    control = Control()
    run = KerasVsScratch("sine", units=4, steps=100).run(control=control)
    for _ in range(4):
        next(run)
    control.stop = True
    result = drain(run)
    assert result.ended == "stopped" and len(result.history.series("loss")[0]) == 3 and result.details["speed"] is None


def test_compiling_pays_from_the_step_at_which_it_has_been_saved(monkeypatch):
    class Timed:
        def __init__(self, first, later):
            self.first, self.later, self.calls = first, later, 0

        def prepare(self, *_):
            pass

        def ask(self, order, arrays, count):
            self.calls += 1
            return {"seconds": self.first if self.calls == 1 else self.later * count}, []

    model = KerasVsScratch("sine", units=4).build(material("sine"))
    found = measure({"lab": Timed(0.004, 0.003), "keras": Timed(1.001, 0.001)}, model, None, None, 32)
    assert found["compile_ms"] == pytest.approx(1000) and found["break_even"] == 500  # 1,000 ms at 2 ms a step
    assert found["per_second"] == pytest.approx(32 / 0.003)
    found = measure({"lab": Timed(0.001, 0.001), "keras": Timed(1.0, 0.002)}, model, None, None, 32)
    assert found["break_even"] is None


def test_a_side_that_dies_or_fails_says_so():
    with Side("lab") as side:
        with pytest.raises(ValueError, match="there is no order 'dance'"):
            side.ask("dance")
        side._process.kill()
        with pytest.raises(ValueError, match="the lab's process ended early"):
            side.ask("hello")


def test_without_keras_one_sentence(monkeypatch):
    monkeypatch.setattr("lstm.lessons.keras.process.keras_is_installed", lambda: False)
    with pytest.raises(ValueError, match="Keras with JAX is not installed here: pip install keras jax adds it"):
        drain(KerasVsScratch("sine").run())


def test_keras_is_known_without_being_loaded():
    import subprocess
    import sys

    code = "import sys; from lstm.lessons.keras.process import keras_is_installed as k; print(k(), 'keras' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == [str(keras_is_installed()), "False"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"task": "chess"}, "task must be one of characters, digits8"),
        ({"units": 0}, "units must be a positive integer, got 0"),
        ({"units": 10_000}, "units must be at most 256, got 10,000"),
        ({"steps": 501}, "steps must be at most 500, got 501"),
        ({"dtype": "float16"}, "dtype must be one of float32, float64, got 'float16'"),
        ({"threads": 7}, "threads must be one of 1, 0, got 7"),
        ({"clip": -1.0}, "clip must be a positive number, got -1.0"),
    ],
)
def test_bad_settings(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        KerasVsScratch(**settings)


def test_mnist_is_asked_for_only_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))
    with pytest.raises(ValueError, match="MNIST is not on this machine yet"):
        material("mnist")


def test_batches_follow_from_the_seed_and_repeat_nothing_within_a_pass():
    data = material("sine")
    one, same, other = ([x for x, _ in data.batches(32, 10, seed)] for seed in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(one, same)) and not np.array_equal(one[0], other[0])
    first_pass = np.concatenate(one)[..., 0]
    assert len(np.unique(first_pass, axis=0)) == len(first_pass)


@pytest.mark.parametrize("task", [name for name in TASKS if name != "mnist"])
def test_the_code_shown_makes_the_network_shown(task):
    model = KerasVsScratch(task, units=6).build(material(task))
    text = code(model.layers, model.optimizer.get_config(), model.loss, "lstm").split("for x, y")[0]
    names: dict = {}
    exec(text, names)  # the lab's own words
    names["model"].build(model.input_shape)
    assert [w.shape for w in names["model"].get_weights()] == [w.shape for w in model.get_weights()]
    assert names["model"].optimizer.get_config() == model.optimizer.get_config()
    assert network(model)["loss"] == names["model"].loss


@pytest.mark.parametrize("task", ["characters", "topics"])
def test_the_keras_code_shown_runs_and_is_the_same_network(task, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    data = material(task)
    model = KerasVsScratch(task, units=6).build(data)
    text = code(model.layers, model.optimizer.get_config(), model.loss, "keras").split("for x, y")[0]
    names: dict = {}
    exec(text, names)
    [(x, y)] = data.batches(4, 1, 0)
    names["model"].build(x.shape)
    names["model"].set_weights(model.get_weights())
    assert names["model"].train_on_batch(x, y) == pytest.approx(model.train_on_batch(x, y), rel=1e-5)
    np.testing.assert_allclose(names["model"].predict_on_batch(x), model.predict(x), atol=1e-5)
