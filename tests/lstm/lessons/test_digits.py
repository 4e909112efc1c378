"""The lesson Digits: settings, the run, what it reports, its models in files and on the command line."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm import LSTM, Dense, Sequential, load_model
from lstm.cli import main
from lstm.datasets.mnist import load_digits8
from lstm.history import Control
from lstm.lessons import drain
from lstm.lessons.digits.experiment import DigitBatches, Digits, mistakes, reader_for, split
from lstm.lessons.digits.reader import DigitReader, Examination, belief, examine, per_class, reader_of, states
from lstm.preprocessing.image import rendered
from lstm.storage import model_bytes
from tests.fake_mnist import fake_mnist
from ui.digits.examples import NAMES, STROKES, example

SHIPPED = Path(__file__).resolve().parents[3] / "data" / "pretrained" / "digits.npz"
SMALL = Digits(units=16, seconds=None, max_steps=30, validate_every=10)


@pytest.fixture(scope="module")
def small():
    return drain(SMALL.run())


# Settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"data": "emnist"}, "data must be one of mnist, digits8, got 'emnist'"),
        ({"reading": "diagonals"}, "reading must be one of rows, columns, pixels, got 'diagonals'"),
        ({"reading": "pixels", "data": "mnist"}, 'reading "pixels" is for the 8 × 8 digits: 784 time steps are too many for a lesson'),
        ({"answer": "first"}, "answer must be one of every, last, got 'first'"),
        ({"optimizer": "lion"}, "optimizer must be one of sgd, adagrad, rmsprop, adam, got 'lion'"),
        ({"decay": "steps"}, "decay must be one of none, linear, cosine, got 'steps'"),
        ({"clip": "hard"}, "clip must be one of norm, value, none, got 'hard'"),
        ({"units": 0}, "units must be a positive integer, got 0"),
        ({"units": 513}, "units must be at most 512, got 513"),
        ({"layers": 4}, "layers must be at most 3, got 4"),
        ({"limit": -1}, "limit must be a positive integer, got -1"),
        ({"limit": 60_001}, "limit must be at most 60,000, got 60,001"),
        ({"batch": 2.0}, "batch must be a positive integer, got 2.0"),
        ({"learning_rate": float("nan")}, "learning_rate must be a positive number, got nan"),
        ({"seconds": None}, "a budget is needed: set epochs, seconds or max_steps"),
        ({"seconds": -1}, "seconds must be a positive number, got -1"),
        ({"dropout": 1.0}, "dropout must be a number from 0 to below 1, got 1.0"),
        ({"vary": 3}, "vary must be a number from 0 to 2, got 3"),
        ({"vary": float("nan")}, "vary must be a number from 0 to 2, got nan"),
        ({"seed": -1}, "seed must be an integer of 0 or more, got -1"),
        ({"initial": "magic"}, "initial must be one of "),
        ({"data": "mnist", "units": 512, "layers": 3, "batch": 1024}, "one step would keep 264,241,152 numbers in memory"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(settings, said):
    with pytest.raises(ValueError) as caught:
        Digits(**settings)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("settings", [{}, {"layers": 3, "answer": "last"}, {"reading": "pixels"}, {"data": "mnist"}])
def test_parameters_are_counted_without_building(settings):
    config = replace(SMALL, **settings)
    assert config.parameters == config.build().count_params()


def test_the_recurrent_initializer_draws_the_recurrent_kernel_alone():
    """`auto` is what every version has done: orthogonal, or small where the kernel is small."""
    products = {}
    for name in ("auto", "orthogonal", "zeros", "small_normal"):
        products[name] = replace(SMALL, recurrent_initial=name).build().get_weights()[1]
    size = SMALL.units
    assert np.allclose(products["orthogonal"] @ products["orthogonal"].T, np.eye(size), atol=1e-5)
    assert np.array_equal(products["auto"], products["orthogonal"])
    assert not products["zeros"].any() and 0.005 < products["small_normal"].std() < 0.015
    kernel, recurrent = replace(SMALL, initial="small_normal").build().get_weights()[:2]
    assert 0.005 < recurrent.std() < 0.015 and 0.005 < kernel.std() < 0.015
    with pytest.raises(ValueError, match=r"^recurrent_initial must be one of auto, glorot_uniform, .*, got 'magic'$"):
        Digits(recurrent_initial="magic")


# Reading ---------------------------------------------------------------------------------------------------------


def test_rows_columns_and_pixels():
    image = np.arange(64, dtype=np.float32).reshape(1, 8, 8) / 64
    rows, columns, pixels = (
        DigitReader("digits8", reading, 0.5, 0.25).sequences(image) for reading in ("rows", "columns", "pixels")
    )
    assert rows.shape == columns.shape == (1, 8, 8) and pixels.shape == (1, 64, 1)
    assert np.allclose(rows[0, 1], (np.arange(8, 16) / 64 - 0.5) / 0.25)
    assert np.allclose(columns[0, 1], (np.arange(1, 64, 8) / 64 - 0.5) / 0.25)
    assert np.allclose(pixels[0, :, 0], rows.ravel())
    with pytest.raises(ValueError, match=r"^images must have shape \(digits, 8, 8\), got \(1, 28, 28\)$"):
        DigitReader("digits8", "rows", 0.0, 1.0).sequences(np.zeros((1, 28, 28)))


def test_normalised_with_the_training_digits_alone():
    data = load_digits8()
    learn, held_out, test = split(data)
    assert (len(learn[0]), len(held_out[0]), len(test[0])) == (1293, 144, 360)
    reader = reader_for("digits8", "rows", learn[0])
    x = reader.sequences(learn[0] / np.float32(16))
    assert abs(x.mean()) < 1e-4 and abs(x.std() - 1) < 1e-4
    assert reader.mean != reader_for("digits8", "rows", data.train_images).mean
    assert [len(part[0]) for part in split(data, 100)] == [100, 144, 360]
    assert np.array_equal(split(data, 100)[0][0], learn[0][:100])


@pytest.mark.parametrize("answer", ["every", "last"])
def test_belief_is_what_the_model_answers_if_the_digit_ends_there(answer):
    config = replace(SMALL, answer=answer, layers=2)
    model = config.build()
    x = np.random.default_rng(0).normal(size=(5, 8, 8)).astype(np.float32)
    found = belief(model, x)
    assert found.shape == (5, 8, 10) and np.allclose(found.sum(axis=-1), 1, atol=1e-6)
    for rows in (3, 8):
        ended = model.predict(x[:, :rows])
        assert np.allclose(found[:, rows - 1], ended[:, -1] if answer == "every" else ended, atol=1e-6)
    assert set(states(model, x[0])[1]) == {"h", "c", "i", "f", "g", "o"}
    assert states(model, x[0])[0]["c"].shape == (8, 16)


def test_an_examination_by_hand():
    # A network with no weights at all says 0.1 to everything, and so takes every digit for a 0.
    model = Sequential([LSTM(2), Dense(10, activation="softmax")])
    model.build((None, 8, 8))
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    images, labels = np.zeros((4, 8, 8), np.uint8), np.array([0, 0, 3, 9], np.uint8)
    found = examine(model, DigitReader("digits8", "rows", 0.0, 1.0), images, labels)
    assert found.accuracy.tolist() == [0.5] * 8
    assert found.confusion[[0, 3, 9], 0].tolist() == [2, 1, 1] and found.confusion.sum() == 4
    assert found.loss == pytest.approx(np.log(10))
    assert np.allclose(found.gates[0]["f"][[0, 3, 9]], 0.5) and np.allclose(found.gates[0]["g"], 0)


def test_precision_and_recall_by_hand():
    counts = np.zeros((10, 10), int)
    counts[1, 1], counts[1, 7], counts[7, 7] = 3, 1, 4  # four ones, of which one is taken for a seven; four sevens
    found = per_class(counts)
    assert found["precision"][[1, 7]].tolist() == [1.0, 0.8] and found["recall"][[1, 7]].tolist() == [0.75, 1.0]
    assert found["F1"][1] == pytest.approx(2 * 0.75 / 1.75) and found["F1"][0] == 0
    assert found["images"][[0, 1, 7]].tolist() == [0, 4, 4]


def test_the_surest_mistake_comes_first():
    beliefs = np.full((3, 10), 0.01)
    beliefs[0, 1], beliefs[1, 2], beliefs[2, 3] = 0.5, 0.9, 0.7
    found = mistakes(
        Examination(np.zeros((10, 10)), np.zeros(8), beliefs, [], 0.0),
        np.arange(192).reshape(3, 8, 8),
        np.array([7, 7, 3]),
    )
    assert [(one["number"], one["label"], one["guess"], one["sure"]) for one in found] == [
        (1, 7, 2, 0.9),
        (0, 7, 1, 0.5),
    ]
    assert found[0]["pixels"][0, 0] == 64


# The run ---------------------------------------------------------------------------------------------------------


def test_a_run_reports_what_the_page_shows(small):
    seen = []
    result = drain(SMALL.run(), seen.append)
    assert result.ended == "finished" and result.problem is None
    assert [p.step for p in seen] == list(range(31))
    pixels, labels = seen[0].notes["images"]
    assert pixels.shape == (24, 8, 8) and pixels.dtype == np.uint8 and len(labels) == 24
    assert len(seen[0].notes["grid"]["guess"]) == 24 and "images" not in seen[-1].notes
    assert result.history.series("val_accuracy")[0] == [10, 20, 30]
    assert list(result.metrics)[-1] == "test accuracy"
    assert 0.1 < result.metrics["test accuracy"] < 1
    counts = np.array(result.details["report"]["confusion"])
    assert counts.sum() == 360 and np.trace(counts) / 360 == pytest.approx(result.metrics["test accuracy"])
    assert result.details["report"]["accuracy"][-1] == pytest.approx(result.metrics["test accuracy"], abs=1e-5)
    assert len(result.details["mistakes"]) == min(200, 360 - np.trace(counts))
    # Same config, same seed: the same, bit for bit.
    assert np.array_equal(result.model.weights_vector, small.model.weights_vector)


def test_accuracy_is_that_of_the_last_answer_while_the_loss_is_of_all():
    model = replace(SMALL, units=8).build()
    learn, *_ = split(load_digits8())
    reader = reader_for("digits8", "rows", learn[0])
    batches = DigitBatches(reader, *learn, 100, every=8, shuffle=False)
    found = model.evaluate(batches, return_dict=True)
    beliefs = belief(model, reader.sequences(learn[0] / np.float32(16)))
    labels = learn[1].astype(int)
    assert found["accuracy"] == pytest.approx(np.mean(beliefs[:, -1].argmax(axis=1) == labels), abs=1e-6)
    each = -np.log(beliefs[np.arange(len(labels))[:, None], np.arange(8)[None], labels[:, None]])
    assert found["loss"] == pytest.approx(each.mean(), rel=1e-4)


def test_asked_after_every_row_it_knows_more_halfway():
    settings = {"units": 32, "max_steps": 200, "learning_rate": 1e-2, "vary": 0.0}
    every, last = (drain(replace(SMALL, answer=answer, **settings).run()) for answer in ("every", "last"))
    halfway = [result.details["report"]["accuracy"][3] for result in (every, last)]
    assert halfway[0] > halfway[1] + 0.2
    assert min(result.metrics["test accuracy"] for result in (every, last)) > 0.8


def test_stopped_and_taken_up_again_it_ends_as_if_it_had_never_stopped(small):
    saved = []
    control = Control(save=saved.append, save_every=1e-9)
    run = SMALL.run(control)
    for progress in run:
        if progress.step == 15:
            break
    run.close()
    result = drain(SMALL.run(checkpoint=saved[-1]))
    assert np.array_equal(result.model.weights_vector, small.model.weights_vector)
    assert result.history.series("loss") == small.history.series("loss")


def test_stopping_keeps_what_was_learnt():
    control = Control()
    result = drain(SMALL.run(control), lambda progress: setattr(control, "stop", progress.step == 5))
    assert result.ended == "stopped" and result.metrics["steps"] == 6


def test_a_training_that_blows_up_says_so_and_keeps_good_weights():
    config = replace(SMALL, optimizer="sgd", learning_rate=1e38, clip="none", decay="none")
    result = drain(config.run())
    assert result.ended == "diverged" and "Try a learning rate below" in result.problem
    assert np.isfinite(result.model.weights_vector).all()


@pytest.mark.parametrize(
    "settings", [{"reading": "columns", "dropout": 0.2}, {"reading": "pixels", "answer": "last"}, {"limit": 20}]
)
def test_other_ways_to_read(settings):
    result = drain(replace(SMALL, units=4, max_steps=3, **settings).run())
    model = load_model(model_bytes(result.model), lesson="digits")
    reader = reader_of(model)
    assert belief(model, reader.sequences(np.zeros((1, 8, 8)))).shape == (1, reader.steps, 10)


# Models in files -------------------------------------------------------------------------------------------------


def test_a_model_comes_back_from_its_file(small):
    model = load_model(model_bytes(small.model), lesson="digits")
    reader = reader_of(model)
    assert reader == small.details["reader"]
    x = reader.sequences(load_digits8().test_images / np.float32(16))
    assert np.array_equal(belief(model, x), belief(small.model, x))
    assert model.metadata["report"]["confusion"] == small.details["report"]["confusion"]
    assert type(small.model) is Sequential


@pytest.mark.parametrize(
    ("layers", "shape", "facts", "said"),
    [
        ([LSTM(4), Dense(10, "softmax")], (None, 8, 8), None, "the model does not say how it wants to be shown a digit"),
        ([LSTM(4), Dense(10, "softmax")], (None, 8, 8), {"std": 0.0}, "the model does not say how it wants to be shown a digit"),
        ([LSTM(4), Dense(10, "softmax")], (None, 8, 8), {"mean": "0"}, "the model does not say how it wants to be shown a digit"),
        ([LSTM(4), Dense(10, "softmax")], (None, 8, 8), {"data": []}, "the model does not say how it wants to be shown a digit"),
        ([LSTM(4), Dense(9, "softmax")], (None, 8, 8), {}, "the model must end in a softmax over 10 digits"),
        ([LSTM(4), Dense(10)], (None, 8, 8), {}, "the model must end in a softmax over 10 digits"),
        ([Dense(10, "softmax")], (None, 8, 8), {}, "the model must consist of LSTM, GRU or SimpleRNN layers"),
        ([LSTM(4), Dense(3), Dense(10, "softmax")], (None, 8, 8), {}, "the model must consist of LSTM, GRU or SimpleRNN layers"),
        ([LSTM(4), Dense(10, "softmax")], (None, 28, 28), {}, "the model reads 28 numbers a time step, and a row of its images has 8"),
    ],
)  # fmt: skip
def test_a_model_of_another_shape_is_refused_in_a_sentence(layers, shape, facts, said):
    model = Sequential([type(layer)(**layer.get_config()) for layer in layers])
    model.build(shape)
    if facts is not None:
        model.metadata = {"reader": {"data": "digits8", "reading": "rows", "mean": 0.3, "std": 0.4} | facts}
    with pytest.raises(ValueError) as caught:
        reader_of(model)
    assert str(caught.value).startswith(said) and "\n" not in str(caught.value)


# The model that ships --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return load_model(SHIPPED, lesson="digits")


def test_the_shipped_model_is_small_and_says_how_good_it_is(shipped):
    assert SHIPPED.stat().st_size < 2_000_000
    assert shipped.metadata["metrics"]["test accuracy"] >= 0.99
    assert np.trace(np.array(shipped.metadata["report"]["confusion"])) >= 9_900
    assert reader_of(shipped).data == "mnist"


def test_the_shipped_model_reads_every_example(shipped):
    reader = reader_of(shipped)
    found = belief(shipped, reader.sequences(np.stack([reader.prepared(example(name)) for name in NAMES])))[:, -1]
    assert found.argmax(axis=1).tolist() == [*range(10), 7, 4]
    assert found.max(axis=1).min() > 0.8


def test_a_shift_by_two_pixels_changes_no_answer_among_two_hundred(shipped):
    reader, rng, sheets = reader_of(shipped), np.random.default_rng(5), []
    for k in range(200):  # as different as hands are: size, slant, pen
        size, slant, pen = rng.uniform(0.5, 0.95), rng.uniform(-0.3, 0.3), rng.uniform(0.05, 0.11)
        strokes = [
            [((x - 0.5 - slant * (y - 0.5)) * size + 0.5, (y - 0.5) * size + 0.5) for x, y in stroke]
            for stroke in STROKES[str(k % 10)]
        ]
        sheets.append(np.pad(rendered(strokes, 56, pen), 4))

    def answers(right: int, down: int) -> np.ndarray:
        images = [reader.prepared(np.roll(sheet, (down, right), axis=(0, 1))) for sheet in sheets]
        return belief(shipped, reader.sequences(np.stack(images)))[:, -1].argmax(axis=1)

    still = answers(0, 0)
    assert np.mean(still == np.arange(200) % 10) > 0.9
    for right, down in ((2, 0), (-2, 0), (0, 2), (0, -2), (2, -2)):
        assert np.array_equal(answers(right, down), still)


# The command line ------------------------------------------------------------------------------------------------


def test_train_and_evaluate(tmp_path, monkeypatch, capsys):
    fake_mnist(tmp_path / "mirror", monkeypatch)
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path / "cache"))
    path = str(tmp_path / "m.npz")
    how = ["--units", "16", "--steps", "150", "--rate", "0.02", "--vary", "0", "--quiet", "--out", path]
    assert main(["train", "digits", "--data", "mnist", *how]) == 0
    trained = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"test accuracy [01]\.\d{4}", trained)
    assert float(trained.split()[-1]) > 0.5  # a bar in one of ten places is soon told apart
    assert main(["evaluate", path, "--data", "mnist"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "mnist: the 60 test images, which the training never saw"
    assert out[-1] == trained
    assert main(["evaluate", path, "--data", "digits8"]) == 2
    assert "the model reads images of 28 × 28 pixels: it can be evaluated on mnist" in capsys.readouterr().err
    assert main(["evaluate", path, "--data", "jungle_book"]) == 2
    assert "data must be one of mnist, digits8, got 'jungle_book'" in capsys.readouterr().err


def test_a_refused_setting_on_the_command_line(capsys):
    assert main(["train", "digits", "--reading", "pixels", "--data", "mnist"]) == 2
    assert capsys.readouterr().err.startswith('error: reading "pixels" is for the 8 × 8 digits')


@pytest.mark.parametrize(("cell", "kind"), [("lstm", "LSTM"), ("gru", "GRU"), ("simple_rnn", "SimpleRNN")])
def test_the_cell_is_a_setting_and_its_network_is_read_back(cell, kind):
    config = Digits(cell=cell, units=4, layers=2, max_steps=2, seconds=None)
    result = drain(config.run())
    assert [type(layer).__name__ for layer in result.model.layers] == [kind, kind, "Dense"]
    assert reader_of(result.model).data == "digits8"
    assert "h" in states(result.model, np.zeros(result.model.input_shape[1:], np.float32))[0]
