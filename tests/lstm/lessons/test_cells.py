"""The cell as a setting of a lesson: counted, trained, named in what is said, saved and found again."""

from __future__ import annotations

import pytest

from lstm import Dense, MinLSTM, Sequential, load_model
from lstm.cli import main
from lstm.lessons.cells import CELLS, cell_of, parameters
from lstm.lessons.digits.experiment import Digits
from lstm.lessons.forecast.experiment import Forecast
from lstm.lessons.notebook import notebook
from lstm.lessons.reading import classifier
from lstm.lessons.reading.sentiment import Sentiment
from lstm.lessons.reading.topics import Topics
from lstm.lessons.text.experiment import TextGeneration

LESSONS = {"text": TextGeneration, "digits": Digits, "forecast": Forecast, "topics": Topics, "sentiment": Sentiment}


@pytest.mark.parametrize("cell", CELLS)
def test_parameters_by_hand_are_the_layers(cell: str) -> None:
    model = Sequential([CELLS[cell](5), Dense(1)])
    model.build((None, None, 3))
    by_hand = {"lstm": 4 * 5 * (3 + 5 + 1), "gru": 3 * 5 * (3 + 5 + 2), "simple_rnn": 5 * (3 + 5 + 1)}[cell]
    assert parameters(cell, 3, 5) == by_hand == model.count_params() - 6
    assert cell_of(model) == CELLS[cell].__name__


def test_a_network_without_a_cell_of_the_lessons_has_a_name_too() -> None:
    assert cell_of(Sequential([MinLSTM(2)])) == "MinLSTM" and cell_of(Sequential([Dense(2)])) == "network"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_a_lesson_counts_what_it_builds(cell: str, layers: int) -> None:
    shape = {"cell": cell, "layers": layers, "units": 6}
    assert (text := TextGeneration(**shape)).build(20).count_params() == text.parameters(20)
    assert (digits := Digits(**shape)).build().count_params() == digits.parameters
    assert (forecast := Forecast(**shape)).build().count_params() == forecast.parameters_count
    for ways in (False, True):
        topics, sentiment = Topics(**shape, bidirectional=ways), Sentiment(**shape, bidirectional=ways)
        assert classifier.build(topics, 30, 4).count_params() == topics.parameters(30, 4)
        assert classifier.build(sentiment, 30, 2).count_params() == sentiment.parameters(30)
        name = CELLS[cell].__name__
        assert sum(name in row[0] for row in sentiment.layer_table(30)) == layers


def test_every_lesson_has_the_lstm_where_none_is_named() -> None:
    for kind in LESSONS.values():
        assert kind().cell == "lstm"
        with pytest.raises(ValueError, match="cell must be one of lstm, gru, simple_rnn, got 'elman'"):
            kind(cell="elman")


@pytest.mark.parametrize("cell", ["gru", "simple_rnn"])
def test_only_the_lstm_of_a_forecaster_has_another_activation(cell: str) -> None:
    assert Forecast(activation="relu").build().layers[0].activation == "relu"
    with pytest.raises(ValueError, match=f"^{CELLS[cell].__name__} takes the activation \"tanh\", got 'relu'$"):
        Forecast(cell=cell, activation="relu")


@pytest.mark.parametrize(("lesson", "more", "last"), [
    ("forecast", ["--look-back", "6"], "test RMSE"), ("topics", ["--length", "8"], "test accuracy"),
    ("sentiment", ["--length", "8"], "test accuracy"),
])  # fmt: skip
@pytest.mark.parametrize("cell", ["gru", "simple_rnn"])
def test_trained_saved_and_judged_again(lesson: str, more: list[str], last: str, cell: str, tmp_path, capsys) -> None:
    path, name = tmp_path / "a.npz", CELLS[cell].__name__
    assert main(["train", lesson, "--cell", cell, "--units", "4", "--steps", "3", *more, "--out", str(path)]) == 0
    trained = capsys.readouterr()
    model = load_model(path, lesson=lesson)
    assert cell_of(model) == name and model.metadata["config"]["cell"] == cell
    assert main(["evaluate", str(path)]) == 0
    again = capsys.readouterr()
    assert trained.out.splitlines()[-1] == again.out.splitlines()[-1] and again.out.splitlines()[-1].startswith(last)
    if lesson == "forecast":
        assert f"1 {name} layer of 4 units" in trained.out + trained.err
        assert name in again.out and "LSTM" not in again.out
        assert model.metadata["table"][0]["name"] == name and name in " ".join(model.metadata["verdict"])


@pytest.mark.parametrize("kind", LESSONS.values())
def test_a_notebook_trains_the_cell_that_is_set(kind: type) -> None:
    text = notebook(kind(cell="gru"))
    assert "A GRU trained from scratch" in text and "An LSTM trained from scratch" in notebook(kind())
    assert "cell='gru'" in text and "%%writefile lstm/gru.py" in text and "lstm/gru_kernels.py" in text
