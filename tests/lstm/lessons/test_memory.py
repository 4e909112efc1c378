"""The lesson Memory: its two tasks, the two networks that train side by side, its models in files and in commands."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from lstm import LSTM, Dense, OneHot, Sequential, load_model
from lstm.cli import main
from lstm.history import Control
from lstm.lessons import drain
from lstm.lessons.memory.experiment import Memory
from lstm.lessons.memory.tasks import SAYING_ONE, Task, TaskBatches, read_inside, task_of

SHIPPED = Path(__file__).resolve().parents[3] / "data" / "pretrained" / "memory.npz"
SMALL = Memory(distance=6, units=8, batch=8, max_steps=12, validate_every=5)
RECALL, ADDING = Task("recall"), Task("adding")


@pytest.fixture(scope="module")
def small():
    return drain(SMALL.run())


# The tasks -------------------------------------------------------------------------------------------------------


def test_recall_asks_for_the_first_symbol():
    x, y = RECALL.sequences(200, 10, np.random.default_rng(0))
    assert x.shape == (200, 11) and np.array_equal(x[:, 0], y)
    assert set(y.tolist()) == set(range(8)) and set(x[:, 1:].ravel().tolist()) == {8, 9, 10, 11}
    assert RECALL.words == "ABCDEFGH·-~:" and Task("recall", 3, "silence").words == "ABC·"
    assert RECALL.chance == 1 / 8


def test_adding_marks_two_numbers_the_first_of_them_at_the_full_distance():
    x, y = ADDING.sequences(300, 5, np.random.default_rng(0))
    assert x.shape == (300, 6, 2) and y.shape == (300, 1)
    assert (x[:, 0, 1] == 1).all() and (x[:, :, 1].sum(axis=1) == 2).all()
    assert set(np.argmax(x[:, 1:, 1], axis=1).tolist()) == {0, 1, 2, 3, 4}
    assert np.allclose(y[:, 0], [sum(v for v, m in row if m) for row in x.tolist()])
    # Var(u₁ + u₂) = 2 · 1/12
    assert SAYING_ONE == pytest.approx((2 / 12) ** 0.5)
    many = ADDING.sequences(20_000, 2, np.random.default_rng(1))[1]
    assert np.sqrt(np.mean((many - 1) ** 2)) == pytest.approx(SAYING_ONE, rel=0.02)


def test_marks():
    answers = np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]])
    score = Task("recall", 2).mark(answers, np.array([0, 1, 1]))
    assert score.accuracy == score.value == pytest.approx(2 / 3)
    score = ADDING.mark(np.array([[1.0], [0.5]]), np.array([[1.05], [0.8]]))
    assert score.accuracy == 0.5 and score.value == pytest.approx(np.sqrt((0.05**2 + 0.3**2) / 2))


def test_batches_are_fresh_and_their_distances_mixed_or_whole():
    mixed = list(islice(TaskBatches(RECALL, 4, 9, "mixed").epoch(np.random.default_rng(0)), 60))
    assert {x.shape[1] - 1 for x, _ in mixed} == set(range(1, 10))
    whole = list(TaskBatches(RECALL, 4, 9, "whole").epoch(np.random.default_rng(0)))
    assert {x.shape for x, _ in whole} == {(4, 10)} and len(whole) == 100
    assert not any(np.array_equal(a[0], b[0]) for a, b in pairwise(whole))


def test_the_held_out_sequences_are_always_the_same():
    assert np.array_equal(RECALL.held_out(5, 30)[0], RECALL.held_out(5, 30)[0])
    assert not np.array_equal(RECALL.held_out(5, 30)[0][:, :20], RECALL.held_out(5, 20)[0][:, :20])


# Settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"task": "sorting"}, "task must be one of recall, adding, got 'sorting'"),
        ({"practice": "often"}, "practice must be one of mixed, whole, got 'often'"),
        ({"blanks": "music"}, "blanks must be one of noise, silence, got 'music'"),
        ({"distance": 0}, "distance must be a positive integer, got 0"),
        ({"distance": 301}, "distance must be at most 300, got 301"),
        ({"symbols": 1}, "symbols must be at least 2, got 1"),
        ({"symbols": 27}, "symbols must be at most 26, got 27"),
        ({"units": 129}, "units must be at most 128, got 129"),
        ({"batch": 2.0}, "batch must be a positive integer, got 2.0"),
        ({"forget_bias": 11}, "forget_bias must be a number from -10 to 10, got 11"),
        ({"forget_bias": float("nan")}, "forget_bias must be a number from -10 to 10, got nan"),
        ({"learning_rate": 0.0}, "learning_rate must be a positive number, got 0.0"),
        ({"max_steps": None}, "a budget is needed: set epochs, seconds or max_steps"),
        ({"seed": -1}, "seed must be an integer of 0 or more, got -1"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(settings, said):
    with pytest.raises(ValueError) as caught:
        Memory(**settings)
    assert str(caught.value) == said


def test_where_they_are_examined():
    assert Memory().distances == [1, 5, 12, 25, 38, 50, 75, 100]
    assert Memory(distance=1).distances == [1, 2]
    assert all(d in Memory(distance=d).distances for d in (1, 2, 3, 7, 99, 300))
    assert Memory(epochs=2).steps == 200 and Memory(max_steps=None, seconds=1.0).steps is None


def test_the_forget_bias_is_where_the_gate_begins():
    bias = SMALL.build("lstm").layers[1].get_weights()[2]
    assert bias.tolist() == [0.0] * 8 + [3.0] * 8 + [0.0] * 16
    assert SMALL.build("rnn").layers[1].get_weights()[2].tolist() == [0.0] * 8


# Training --------------------------------------------------------------------------------------------------------


def test_both_are_trained_on_the_same_batches_and_told_of_at_every_step(small, monkeypatch):
    seen = {"LSTM": [], "SimpleRNN": []}
    whole = Sequential.loss_and_gradient

    def watched(model, x, y, **options):
        seen[type(model.layers[1]).__name__].append(x.copy())
        return whole(model, x, y, **options)

    monkeypatch.setattr(Sequential, "loss_and_gradient", watched)
    told = list(SMALL.run())
    assert [one.step for one in told] == list(range(13))
    assert len(seen["LSTM"]) == len(seen["SimpleRNN"]) == 12
    assert all(np.array_equal(a, b) for a, b in zip(*seen.values(), strict=True))
    assert set(told[1].metrics) == {"loss", "accuracy", "rnn_loss", "rnn_accuracy"}
    assert {"val_score", "val_rnn_score"} < set(told[5].metrics) and "curve" in told[5].notes
    assert set(told[0].notes["curve"]) == {"distance", "lstm", "rnn"} and told[-1].fraction == 1
    assert small.history.series("loss")[1] == [one.metrics["loss"] for one in told[1:]]  # bit for bit


def test_the_result_holds_both_networks_and_the_metrics(small):
    assert small.ended == "finished" and small.problem is None
    assert list(small.metrics)[-1] == "test accuracy" and "SimpleRNN accuracy" in small.metrics
    assert small.metrics["steps"] == 12
    curve = small.details["curve"]
    assert curve["distance"] == SMALL.distances and len(curve["lstm"]) == len(curve["rnn"]) == len(SMALL.distances)
    assert isinstance(small.details["rnn"], Sequential) and task_of(small.model) == SMALL.posed
    at = SMALL.distances.index(6)
    assert curve["lstm"][at] == small.metrics["test accuracy"] == SMALL.posed.examine(small.model, 6, 512).accuracy
    assert small.history.series("val_score")[0] == [5, 10, 12]
    assert (
        small.history.series("val_score")[1][-1] == small.metrics["test accuracy"]
    )  # what is seen last is what counts


def test_stopped_early_it_keeps_what_was_learnt():
    control = Control()
    run, last = replace(SMALL, max_steps=1_000).run(control), None
    for _ in range(4):
        last = next(run)
    control.stop = True
    result = drain(run)
    assert last.step == 3 and result.ended == "stopped" and result.metrics["steps"] == 4


def test_it_goes_on_from_a_checkpoint_bit_for_bit(small):
    saved = []
    control = Control(save=saved.append, save_every=0.0)
    run = SMALL.run(control)
    for progress in run:
        if progress.step == 6:
            break
    resumed = drain(SMALL.run(checkpoint=saved[-1]))
    assert np.array_equal(resumed.model.weights_vector, small.model.weights_vector)
    assert np.array_equal(resumed.details["rnn"].weights_vector, small.details["rnn"].weights_vector)
    assert resumed.history.points == small.history.points


def test_a_budget_in_seconds_counts_both():
    result = drain(replace(SMALL, max_steps=None, seconds=0.05).run())
    assert result.ended == "finished" and result.history.seconds >= 0.05


def test_a_simple_rnn_that_diverges_is_told_of_and_the_lstm_goes_on(monkeypatch):
    whole = Sequential.loss_and_gradient

    def broken(model, x, y, **options):
        logs = whole(model, x, y, **options)
        return {**logs, "loss": np.nan} if isinstance(model.layers[1], kind) and model.optimizer.step == 3 else logs

    from lstm import SimpleRNN

    monkeypatch.setattr(Sequential, "loss_and_gradient", broken)
    kind = SimpleRNN
    told = []
    result = drain(SMALL.run(), told.append)
    assert result.ended == "finished" and result.metrics["steps"] == 12 and result.details["rnn"] is None
    [note] = [one.notes["lost"] for one in told if "lost" in one.notes]
    assert note.startswith("the SimpleRNN has diverged: the loss is no longer a finite number after 3 steps")
    assert "SimpleRNN accuracy" not in result.metrics

    kind = LSTM
    result = drain(SMALL.run())
    assert result.ended == "diverged" and result.problem.startswith("the LSTM has diverged")
    assert np.isfinite(result.model.weights_vector).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_recall_at_distance_50_on_the_defaults(seed):
    """The page's defaults, for three seeds out of three; a third of their steps is enough for the LSTM."""
    config = Memory(seed=seed, max_steps=250, validate_every=250)
    assert (config.distance, config.task, config.units) == (50, "recall", 32)
    result = drain(config.run())
    assert result.metrics["test accuracy"] >= 0.99
    assert result.metrics["SimpleRNN accuracy"] < 0.9


def test_adding_is_learnt_better_than_always_saying_one():
    result = drain(Memory(task="adding", distance=10, max_steps=300, validate_every=300).run())
    assert result.metrics["LSTM error"] < 0.8 * SAYING_ONE
    assert result.metrics["error of always saying 1"] == SAYING_ONE
    assert {"SimpleRNN error", "SimpleRNN accuracy", "test accuracy"} <= set(result.metrics)
    assert "accuracy" not in result.history.points and task_of(result.model).name == "adding"


# Inside ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", [RECALL, ADDING], ids=["recall", "adding"])
def test_read_inside_is_what_the_model_does(task):
    model = task.build("lstm", 5, 0, 2.0)
    x, _ = task.held_out(6, 7)
    found = read_inside(model, x)
    assert np.allclose(found.answers, model.predict(x), atol=1e-5)
    [trace] = model.trace(x)
    assert all(np.allclose(found.inside[name], trace[name], atol=1e-5) for name in "ifgoch")
    held = read_inside(model, x, {"f": 0.25})
    assert (held.inside["f"] == 0.25).all()
    c, i, g = (held.inside[name] for name in "cig")
    assert np.allclose(c[:, 1:], 0.25 * c[:, :-1] + i[:, 1:] * g[:, 1:], atol=1e-6)


def test_the_network_that_ships_remembers_until_its_forget_gate_is_held_shut():
    model = load_model(SHIPPED, lesson="memory")
    task = task_of(model)
    x, y = task.held_out(256, 100)
    free = read_inside(model, x)
    assert task.mark(free.answers, y).accuracy == 1.0
    assert free.inside["f"][:, 1:].mean() > 0.98
    accuracies = [task.mark(read_inside(model, x, {"f": held}).answers, y).accuracy for held in (1.0, 0.9, 0.5)]
    assert accuracies[0] > 0.99 and 0.3 < accuracies[1] < 0.7 and accuracies[2] < 0.3
    assert SHIPPED.stat().st_size < 200_000


def test_a_strangers_file_is_refused_in_a_sentence():
    model = RECALL.build("lstm", 4, 0)
    with pytest.raises(ValueError, match=r"^the file does not say which task"):
        task_of(model)
    model.metadata = {"task": {"name": "recall", "symbols": 500, "blanks": "noise"}}
    with pytest.raises(ValueError, match=r"^the file speaks of 500 symbols, and 2 to 26 are possible$"):
        task_of(model)
    model.metadata = {"task": {"name": "recall", "symbols": 9, "blanks": "noise"}}
    with pytest.raises(ValueError, match=r"has 13 inputs and 9 outputs, got 12 and 8$"):
        task_of(model)
    other = Sequential([OneHot(12), Dense(8, activation="softmax")])
    other.build((None, None))
    other.metadata = {"task": RECALL.to_dict()}
    with pytest.raises(ValueError, match=r"has the layers OneHot, LSTM, Dense, got OneHot, Dense$"):
        task_of(other)
    every = Sequential([OneHot(12), LSTM(4, return_sequences=True), Dense(8, activation="softmax")])
    every.build((None, None))
    every.metadata = {"task": RECALL.to_dict()}
    with pytest.raises(ValueError, match=r"^a network for this task has an LSTM that answers once"):
        task_of(every)


# The command line ------------------------------------------------------------------------------------------------


def test_train_and_evaluate_end_with_the_accuracy(tmp_path, capsys):
    path = tmp_path / "m.npz"
    arguments = ["--distance", "6", "--units", "8", "--steps", "12", "--out", str(path)]
    assert main(["train", "memory", *arguments]) == 0
    out, error = capsys.readouterr()
    assert re.fullmatch(r"test accuracy \d\.\d{4}", out.splitlines()[-1])
    assert "recall of one symbol out of 8 through noise over up to 6 steps" in error
    assert load_model(path, lesson="memory").metadata["config"]["distance"] == 6
    assert main(["evaluate", str(path), "--data", "9"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("over 9 steps: 1,000 fresh sequences") and lines[-1].startswith("test accuracy 0.")
    assert main(["evaluate", str(SHIPPED)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "test accuracy 1.0000"


def test_train_adding_names_the_error_of_always_saying_one(capsys):
    assert main(["train", "memory", "--task", "adding", "--distance", "5", "--steps", "3", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "error of always saying 1 0.4082" in out and out.splitlines()[-1].startswith("test accuracy ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "memory", "--distance", "0"], "distance must be a positive integer, got 0"),
        (["train", "memory", "--distance", "many"], "argument --distance: must be a whole number, got 'many'"),
        (["train", "memory", "--task", "sorting"], "task must be one of recall, adding, got 'sorting'"),
        (["evaluate", str(SHIPPED), "--data", "x"], "data must be a distance from 1 to 300 for this lesson, got 'x'"),
        (
            ["evaluate", str(SHIPPED), "--data", "999"],
            "data must be a distance from 1 to 300 for this lesson, got '999'",
        ),
    ],
)
def test_bad_input_is_a_sentence_and_exit_2(arguments, said, capsys):
    assert main(arguments) == 2
    out, error = capsys.readouterr()
    assert out == "" and said in error and "Traceback" not in error


def test_a_gru_is_a_third_line():
    result = drain(Memory(gru=True, units=8, distance=6, max_steps=4, batch=4, validate_every=2).run())
    assert set(result.details["curve"]) == {"distance", "lstm", "rnn", "gru"}
    assert {"GRU accuracy", "SimpleRNN accuracy", "test accuracy"} <= set(result.metrics)
    assert len(result.history.series("gru_loss")[1]) == 4 and result.history.series("val_gru_score")[0] == [2, 4]
    layer = Memory(forget_bias=2.5, units=4).build("gru").layers[1]
    assert (layer.get_weights()[2][0, :4] == 2.5).all() and not layer.get_weights()[2][0, 4:].any()
