"""Relatives: the tasks by hand, the race on equal terms, what ships, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm import load_model
from lstm.history import Control
from lstm.lessons import drain
from lstm.lessons.relatives import why
from lstm.lessons.relatives.experiment import Relatives, at_length, curve
from lstm.lessons.relatives.growth import Growth, powers
from lstm.lessons.relatives.table import RACES, markdown, race
from lstm.lessons.relatives.tasks import CELLS, Task, TaskBatches, answering, task_of

ROOT = Path(__file__).resolve().parents[3]
SMALL = Relatives(length=6, beyond=12, units=8, batch=4, max_steps=3, validate_every=2)


def test_the_answers_are_those_of_the_tasks() -> None:
    rng = np.random.default_rng(0)
    x, y = Task("parity").sequences(3, 7, rng)
    assert y.tolist() == [[sum(row[: k + 1]) % 2 for k in range(7)] for row in x.tolist()]
    x, y = Task("recall").sequences(3, 7, rng)
    assert (x[:, :1] == y).all() and (x[:, 0] < 8).all() and (x[:, 1:] >= 8).all() and x.max() < len(Task("recall").symbols)
    x, y = Task("copy", 2).sequences(3, 7, rng)
    assert (y[:, 2:] == x[:, :-2]).all() and (y[:, :2] == 8).all()
    x, y = Task("adding").sequences(3, 7, rng)
    assert (x[:, :, 1].sum(axis=1) == 2).all()
    np.testing.assert_allclose(y[:, -1, 0], (x[:, :, 0] * x[:, :, 1]).sum(axis=1), rtol=1e-6)


@pytest.mark.parametrize("task", ["parity", "recall", "adding", "copy"])
def test_guessing_scores_what_is_said(task: str) -> None:
    posed = Task(task)
    y = posed.held_out(4_000, 12)[1]
    if task == "adding":
        share = posed.right(np.ones((4_000, 12, 1)), y)[:, -1].mean()
    else:
        answers = np.zeros((4_000, 12, len(posed.answers)))
        answers[..., 1] = 1  # always the same
        share = posed.right(answers, y)[:, posed.first :].mean()
    assert share == pytest.approx(posed.chance, abs=0.03)


def test_the_same_batches_for_all_and_held_out_ones_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    streams: list[list[bytes]] = []
    epoch = TaskBatches.epoch

    def watched(self, rng):
        streams.append([])
        mine = streams[-1]
        for x, y in epoch(self, rng):
            mine.append(x.tobytes())
            yield x, y

    monkeypatch.setattr(TaskBatches, "epoch", watched)
    drain(SMALL.run())
    assert len(streams) == len(CELLS) and len(streams[0]) == 3 and all(one == streams[0] for one in streams)
    held, _ = SMALL.posed.held_out(32, SMALL.length)
    assert held.tobytes() not in streams[0]


def test_what_comes_out_and_the_same_again() -> None:
    config = replace(SMALL, seeds=2)
    notes = []
    result = drain(config.run(), lambda progress: notes.append(progress))
    assert [row["cell"] for row in result.details["rows"]] == list(CELLS)
    assert all(len(row["inside"]) == len(row["beyond"]) == 2 and row["bytes"] > 0 for row in result.details["rows"])
    assert list(result.metrics)[-1] == "test accuracy" and notes[-1].fraction == 1 and result.ended == "finished"
    assert [one.step for one in notes if one.metrics] == [1, 2, 3]
    again = drain(config.run())
    for cell, model in result.details["models"].items():
        np.testing.assert_array_equal(model.weights_vector, again.details["models"][cell].weights_vector)
        assert task_of(model) == (config.posed, cell, config.length)


def test_it_goes_on_from_a_checkpoint_bit_for_bit() -> None:
    saved = []
    config = replace(SMALL, max_steps=4, cells="lstm,min_lstm")
    whole = drain(config.run(Control(save=saved.append, save_every=0.0)))
    rest = drain(config.run(checkpoint=saved[0]))
    for cell in config.names:
        np.testing.assert_array_equal(whole.details["models"][cell].weights_vector, rest.details["models"][cell].weights_vector)


def test_a_stop_keeps_what_was_learnt() -> None:
    control = Control()

    def stop(progress) -> None:
        control.stop = progress.step >= 1

    result = drain(replace(SMALL, max_steps=50).run(control), stop)
    assert result.ended == "stopped" and result.metrics["steps"] == 2 and len(result.details["models"]) == len(CELLS)


def test_one_that_diverges_leaves_the_race_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    build = Relatives.build

    def spoiled(self, cell, seed):
        model = build(self, cell, seed)
        if cell == "simple_rnn":
            model.weights_vector[...] = np.nan
        return model

    monkeypatch.setattr(Relatives, "build", spoiled)
    result = drain(SMALL.run())
    assert "simple_rnn:0" in result.details["lost"] and "the SimpleRNN with seed 0 has diverged" in result.details["lost"]["simple_rnn:0"]
    assert [row["cell"] for row in result.details["rows"]] == [cell for cell in CELLS if cell != "simple_rnn"]


def test_asked_at_the_end_alone_lengths_are_mixed_and_one_answer_is_wanted() -> None:
    rng = np.random.default_rng(0)
    lengths = set()
    for x, y in TaskBatches(Task("copy", 2), 4, 6, every_step=False).epoch(rng):
        assert y.shape == (4,) and 3 <= x.shape[1] <= 6
        lengths.add(x.shape[1])
    assert lengths == {3, 4, 5, 6}
    model = Task("recall").build("gru", 6, 0, every_step=False)
    x, _ = Task("recall").held_out(3, 5)
    np.testing.assert_allclose(answering(model).predict(x)[:, -1], model.predict(x), atol=1e-6)


def test_the_lstm_learns_to_count_and_min_lstm_does_not() -> None:
    result = drain(Relatives(cells="lstm,min_lstm", length=8, beyond=40, max_steps=150, units=24).run())
    lstm, min_lstm = (row["beyond"][0] for row in result.details["rows"])
    assert lstm > 0.95 and min_lstm < 0.65


def test_points_of_a_curve_cover_every_step_once() -> None:
    shares = np.linspace(0, 1, 400)
    points = curve(shares)
    assert points[-1][0] == 400 and [n for n, _ in points] == sorted({n for n, _ in points}) and len(points) <= 60
    assert curve(np.arange(5.0), first=2) == [(3, 2.0), (4, 3.0), (5, 4.0)]
    assert at_length(np.arange(10.0), 10) == pytest.approx(8.5)


@pytest.mark.parametrize("task", RACES)
def test_what_ships_is_what_the_documents_say(task: str) -> None:
    config = race(task)
    for cell in CELLS:
        model = load_model(ROOT / "data" / "pretrained" / f"relatives_{task}_{cell}.npz", lesson="relatives")
        assert task_of(model) == (config.posed, cell, config.length)
        assert model.metadata["config"] == {**vars(config), "seed": 0}
        found = at_length(config.posed.examine(model, config.length, 256), config.length)
        written = (ROOT / "data" / "README.md").read_text(encoding="utf-8").split("relatives_*.npz", 1)[1]
        row = next(line for line in written.splitlines() if line.startswith(f"| {CELLS[cell]} |"))
        said = [float(v) for v in row.split("|")[2:-1]]
        assert found == pytest.approx(said[0 if task == "parity" else 2], abs=0.12)
    assert sum(path.stat().st_size for path in (ROOT / "data" / "pretrained").glob("relatives*.npz")) < 1_500_000


def test_why_is_what_the_networks_do() -> None:
    folder = ROOT / "data" / "pretrained"
    lstm = why.flips(load_model(folder / "relatives_parity_lstm.npz"))
    assert lstm.agreement > 0.9 and lstm.flips > 0.9 and lstm.holds > 0.9
    line = why.straight(load_model(folder / "relatives_parity_min_lstm.npz"))
    assert line.turned == 0 and 0 < line.kept.min() < line.kept.max() < 1 and line.gap[1] < 1e-3 * line.gap[0]
    assert why.on_the_first(load_model(folder / "relatives_recall_attention.npz"), Task("recall"), 40) > 0.2


def test_growth_has_a_row_for_each_and_powers_are_slopes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstm.lessons.relatives.growth.LENGTHS", (5, 10))
    rows = drain(Growth(units=8).run()).details["rows"]
    assert [(row["length"], row["cell"]) for row in rows] == [(n, cell) for n in (5, 10) for cell in CELLS]
    assert all(row["ms"] > 0 and row["bytes"] > 0 for row in rows)
    made = [{"cell": "lstm", "length": n, "ms": n**2, "bytes": n} for n in (200, 400, 1000)]
    assert powers(made)["lstm"] == pytest.approx(2) and powers(made, "bytes")["lstm"] == pytest.approx(1)


def test_the_table_is_markdown() -> None:
    row = {
        "task": "parity", "cell": "lstm", "length": 20, "farthest": 400, "chance": 0.5, "parameters": 4546,
        "inside": [1.0, 0.9], "beyond": [0.5, 0.5], "ms": [3.0, 5.0], "bytes": 12_345,
    }  # fmt: skip
    assert markdown([row]).splitlines()[-1] == (
        "| parity | LSTM | 4,546 | 0.950 ± 0.050 (at 20) | 0.500 ± 0.000 (at 400) | 0.500 | 4.0 | 12 |"
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"cells": "lstm,tcn"}, "cells must be some of lstm, gru, min_lstm, attention, simple_rnn, got 'tcn'"),
        ({"cells": ""}, "cells must be some of lstm, gru, min_lstm, attention, simple_rnn, got ''"),
        ({"cells": "lstm,lstm"}, "cells must name each cell once, got 'lstm,lstm'"),
        ({"heads": 5}, "heads must be a number that divides the 32 units, got 5"),
        ({"length": 50, "beyond": 40}, "beyond must be at least the training length of 50, got 40"),
        ({"beyond": 501}, "beyond must be at most 500, got 501"),
        ({"seeds": 6}, "seeds must be at most 5, got 6"),
        ({"length": 1}, "length must be at least 2, got 1"),
        ({"task": "copy", "back": 20}, "back must be less than the training length of 20, got 20"),
        ({"task": "sorting"}, "task must be one of parity, recall, adding, copy, got 'sorting'"),
        (
            {"length": 200, "batch": 128, "seeds": 5, "units": 128},
            "a step of all networks would keep 757,760,000 numbers in memory, and at most 40,000,000 are allowed: "
            "take fewer cells, seeds, units or heads, a smaller batch or shorter sequences",
        ),
        ({"max_steps": None}, "a budget is needed: set epochs, seconds or max_steps"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(settings, sentence) -> None:
    with pytest.raises(ValueError) as caught:
        Relatives(**settings)
    assert str(caught.value) == sentence


def test_files_of_another_cell_or_task_are_refused() -> None:
    model = load_model(ROOT / "data" / "pretrained" / "relatives_parity_gru.npz")
    for changes, sentence in (
        ({"cell": "lstm"}, "the file says its network is a LSTM, and its layers are GRU"),
        ({"task": {"name": "recall", "back": 5}}, "a network for the task recall has 12 inputs and 8 outputs"),
        ({"task": {"name": ["parity"], "back": 5}}, "the file does not say which task"),
        ({"length": 10**9}, "the file does not say which task"),
    ):
        spoiled = load_model(ROOT / "data" / "pretrained" / "relatives_parity_gru.npz")
        spoiled.metadata = {**model.metadata, **changes}
        with pytest.raises(ValueError, match=sentence):
            task_of(spoiled)
