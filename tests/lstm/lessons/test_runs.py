"""The record of a finished run: what it keeps of a real training and what not, and what runs beside each other say."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest

from lstm.history import Control
from lstm.lessons import drain, runs
from lstm.lessons.digits.experiment import Digits
from lstm.lessons.forecast.experiment import Forecast
from lstm.lessons.memory.experiment import Memory
from lstm.lessons.presets import figure_text
from lstm.lessons.result import Result
from lstm.lessons.runs import Curve, Run
from lstm.lessons.text.experiment import TextGeneration

NAMED = {
    "loss": ("loss of each step", "nats"),
    "val_loss": ("validation loss", "nats"),
    "never": ("never measured", ""),
}
TEXT = "the cat sat on the mat and the dog sat on the log. " * 12
SMALL = TextGeneration(
    corpus="upload", text=TEXT, units=4, time_steps=8, batch=2, seconds=None, max_steps=6, validate_every=2
)


def trained(config, stop_at: int = -1) -> tuple[Result, dict[str, tuple[list[float], list[float]]]]:
    """A result, and what was measured on the way, the seconds of each step included."""
    series: dict[str, tuple[list[float], list[float]]] = {}
    control = Control()

    def look(now) -> None:
        for name, value in {"seconds": now.seconds, **now.metrics}.items():
            series.setdefault(name, ([], []))[0].append(now.step)
            series[name][1].append(value)
        control.stop = now.step == stop_at

    return drain(config.run(control), look), series


def record(config, key: str = "one", stop_at: int = -1) -> tuple[Run, Result]:
    result, series = trained(config, stop_at)
    return Run.of(key, result, lambda name: series.get(name, ([], [])), NAMED), result


@pytest.fixture(scope="module")
def small() -> tuple[Run, Result]:
    return record(SMALL)


def test_a_record_is_the_run_in_the_pages_words(small: tuple[Run, Result]) -> None:
    run, result = small
    assert run.lesson == "text" and run.ended == "finished" and run.key == "one"
    assert run.settings["Units"] == "4" and run.settings["Epochs"] == runs.UNSET
    own = {"Text to learn from": "Your own .txt file", "Units": "4", "Time steps": "8", "Batch size": "2"}
    assert run.changed == {**own, "Training steps": "6", "Steps between validations": "2"}
    assert run.metrics == result.metrics and run.parameters == {"": result.model.count_params()}
    assert run.final == ("validation loss", result.metrics["validation loss"])
    assert run.sample == result.details["samples"][-1]["text"]
    assert set(run.curves) == {"loss", "val_loss"}, "what was never measured has no curve"
    loss = run.curves["loss"]
    assert loss.steps.tolist() == [1, 2, 3, 4, 5, 6] and loss.unit == "nats"
    assert np.allclose(loss.values, result.history.series("loss")[1], rtol=1e-6)
    assert (np.diff(loss.seconds) >= 0).all() and loss.seconds[-1] == pytest.approx(run.seconds, rel=1e-5)


def test_a_record_keeps_neither_the_network_nor_its_data(small: tuple[Run, Result]) -> None:
    run, result = small
    packed = pickle.dumps(run)
    assert TEXT[:40].encode() not in packed and b"Sequential" not in packed
    assert len(packed) < len(pickle.dumps(result.model.weights_vector)) + 20_000
    with pytest.raises(ValueError, match="read-only"):
        run.curves["loss"].values[0] = 0.0


def test_a_long_run_is_thinned_and_small() -> None:
    steps = list(range(1, 2_001))
    series = {"loss": (steps, [1 / step for step in steps]), "seconds": (steps, [step / 100 for step in steps])}
    result = Result(Digits(), None, None, {"validation accuracy": 0.9, "seconds": 20.0}, "finished")
    run = Run.of("long", result, lambda name: series.get(name, ([], [])), NAMED)
    loss = run.curves["loss"]
    assert len(loss.steps) == runs.POINTS and loss.steps[0] == 1 and loss.steps[-1] == 2_000
    assert np.allclose(loss.seconds, loss.steps / 100) and np.allclose(loss.values, 1 / loss.steps)
    assert len(pickle.dumps(run)) < 12_000
    assert run.parameters == {} and run.final == ("validation accuracy", 0.9)


def test_a_stopped_run_says_so_and_one_that_nobody_timed_has_no_seconds() -> None:
    run, _ = record(replace(SMALL, max_steps=50), stop_at=2)
    assert run.ended == "stopped" and run.how.endswith("; stopped")
    result = Result(Digits(), None, None, {}, "finished")
    untimed = Run.of(
        "two",
        result,
        {"loss": ([1, 2], [3.0, 2.0]), "seconds": ([], []), "val_loss": ([], [])}.get,
        {"loss": ("l", "")},
    )
    assert untimed.curves["loss"].along("seconds").size == 0 and untimed.curves["loss"].along("step").tolist() == [1, 2]
    assert untimed.how == "all as at first" and math.isnan(untimed.seconds) and untimed.final is None


def test_runs_side_by_side_say_what_differs_and_what_came_out() -> None:
    (one, first), (two, second) = record(SMALL), record(replace(SMALL, units=8, max_steps=3), "two")
    assert runs.differing([one, two]) == {"Units": ["4", "8"], "Training steps": ["6", "3"]}
    assert runs.differing([one, one]) == {}
    assert runs.names([one, two], [1, 2]) == ["1 · Units 4 · Training steps 6", "2 · Units 8 · Training steps 3"]
    table = runs.compared({"run 1": one, "run 2": two})
    head, *columns = table
    rows = dict(zip(table[head], zip(*(table[name] for name in columns))))
    assert columns == ["run 1", "run 2"] and list(rows)[:2] == ["Units", "Training steps"]
    assert rows["parameters"] == tuple(f"{result.model.count_params():,}" for result in (first, second))
    assert rows["seconds of training"] == tuple(f"{result.metrics['seconds']:.2f}" for result in (first, second))
    for name in ("training loss", "validation loss", "steps"):
        assert rows[name] == tuple(figure_text(name, result.metrics[name]) for result in (first, second))
    file = runs.columns({"run 1": one, "run 2": two})
    assert file["Units"] == ["4", "8"] and file["validation loss"] == [
        r.metrics["validation loss"] for r in (first, second)
    ]
    long = runs.points({"run 1": one, "run 2": two})
    assert len(set(map(len, long.values()))) == 1
    mine = [k for k, name in enumerate(long["run"]) if name == "run 2" and long["curve"][k] == "loss of each step"]
    assert [long["step"][k] for k in mine] == [1, 2, 3]
    assert np.allclose([long["value"][k] for k in mine], second.history.series("loss")[1], rtol=1e-5)


def test_other_data_are_a_difference_that_does_not_say_what_is_in_them() -> None:
    one, two = record(SMALL)[0], record(replace(SMALL, text=TEXT.upper()), "two")[0]
    (words,) = runs.differing([one, two]).values()
    assert len(set(words)) == 2 and all(word.startswith("number ") for word in words)
    assert runs.differing([one, record(SMALL, "three")[0]]) == {}


def test_a_generated_series_names_what_it_was_set_to() -> None:
    assert Forecast().data_in_words == ""
    (name, low), *_ = [(p.name, p.low) for p in _generator("noisy_sine").parameters if p.low != p.default]
    label = next(p.label for p in _generator("noisy_sine").parameters if p.name == name)
    assert Forecast(parameters={name: low}).data_in_words == f"{label} {low:g}"
    own = Forecast(series="given", values=tuple(np.sin(np.arange(300.0))), title="my secret")
    assert own.data_in_words.startswith("number ") and "secret" not in own.data_in_words


def _generator(name: str):
    from lstm.lessons.forecast.generated import GENERATORS

    return GENERATORS[name]


def test_several_networks_are_counted_by_name() -> None:
    run, result = record(Memory(distance=5, max_steps=2, units=4, gru=True))
    assert list(run.parameters) == ["LSTM", "SimpleRNN", "GRU"]
    assert (
        run.parameters["LSTM"] == result.model.count_params()
        and run.parameters["SimpleRNN"] == result.details["rnn"].count_params()
    )
    assert runs.columns({"a": run})["parameters of the LSTM"] == [run.parameters["LSTM"]]


def line(*points: tuple[float, float]) -> Curve:
    steps, values = (np.array(part, np.float32) for part in zip(*points))
    return Curve("c", "", steps, steps / 10, values)


def test_a_band_reaches_from_the_lowest_to_the_highest_where_all_have_been() -> None:
    places, low, mean, high = runs.band([line((0, 4.0), (10, 0.0)), line((0, 2.0), (4, 2.0), (20, 2.0))])
    # until step 10, where the shorter one ends; at 4 the first stands at 4 − 4 · 0.4 = 2.4
    assert places.tolist() == [0, 4, 10]
    assert (
        np.allclose(low, [2.0, 2.0, 0.0]) and np.allclose(high, [4.0, 2.4, 2.0]) and np.allclose(mean, [3.0, 2.2, 1.0])
    )
    places, _, mean, _ = runs.band([line((0, 4.0), (10, 0.0))], by="seconds")
    assert places.tolist() == [0.0, 1.0] and mean.tolist() == [4.0, 0.0]
    assert all(not part.size for part in runs.band([line((0, 1.0), (1, 1.0)), line((5, 1.0), (6, 1.0))])), (
        "they never meet"
    )
    assert all(not part.size for part in runs.band([]))
    assert len(runs.band([line(*((k, float(k)) for k in range(1_000)))])[0]) == runs.POINTS


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("validation accuracy", 0.98765, "98.77%"), ("training loss", 1.2345, "1.234"), ("validation loss", 0.001234, "0.001234"),
        ("skill against last value", 0.1234, "12.3%"), ("LSTM at 200", 0.875, "87.5%"), ("steps", 600.0, "600"),
        ("images per second", 12_345.6, "12,346"), ("test MSE", 0.002527, "0.002527"), ("ratio at 64", 1.5, "1.5"),
    ],
)  # fmt: skip
def test_figures_keep_what_tells_them_apart(name: str, value: float, text: str) -> None:
    assert figure_text(name, value) == text
