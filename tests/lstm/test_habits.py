"""What a Keras user writes from habit: it does what Keras does, or a sentence says what to write instead."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest

import lstm
from lstm import GRU, LSTM, SGD, Adagrad, Adam, Dense, Dropout, EarlyStopping, Embedding, RMSprop, Sequential, SimpleRNN
from lstm.lacking import ADVICE
from lstm.preprocessing.sequence import pad_sequences


def reader() -> tuple[Sequential, np.ndarray, np.ndarray]:
    model = Sequential([Embedding(9, 3, mask_zero=True), LSTM(4), Dropout(0.2), Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics="accuracy")
    x = np.array([[0, 0, 3, 4], [5, 6, 7, 8], [0, 1, 1, 2]])
    model.build(x.shape)
    return model, x, np.array([1, 0, 1])


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda: LSTM(4, dropout=0.2), "LSTM takes no dropout: put a Dropout layer before or after it"),
        (lambda: GRU(4, recurrent_dropout=0.2), "GRU takes no recurrent_dropout: put a Dropout layer"),
        (lambda: LSTM(4, input_shape=(5, 1)), "LSTM takes no input_shape: the shape is read from the data"),
        (lambda: LSTM(4, "tanh", "hard_sigmoid"), "LSTM takes units, activation by position"),
        (lambda: SimpleRNN(4, use_bias=False), "SimpleRNN takes no use_bias: every layer of the lab has a bias"),
        (lambda: Dense(2, kernel_regularizer="l2"), "Dense takes no kernel_regularizer: the lab has no penalties"),
        (lambda: Dense(2, color="red"), "Dense takes no color: it takes activation, kernel_initializer, units"),
        (lambda: SGD(0.1, nesterov=True), "SGD takes no nesterov"),
        (lambda: RMSprop(momentum=0.9), "RMSprop takes no momentum: only SGD has it here"),
        (lambda: Adam(weight_decay=0.1), "Adam takes no weight_decay"),
        (lambda: EarlyStopping(baseline=0.3), "EarlyStopping takes no baseline"),
        (lambda: Sequential(name="imdb"), "Sequential takes no name"),
        (lambda: reader()[0].compile("adam", "binary_crossentropy", ["accuracy"]), "metrics go by name: metrics=…"),
        (lambda: reader()[0].fit(*reader()[1:], class_weight={0: 2.0}), "fit takes no class_weight: every example counts the same"),
        (lambda: reader()[0].fit(*reader()[1:], sample_weight=np.ones(3)), "fit takes no sample_weight"),
        (lambda: reader()[0].fit(*reader()[1:], steps_per_epoch=5), "fit takes no steps_per_epoch"),
        (lambda: reader()[0].evaluate(*reader()[1:], callbacks=[1]), "evaluate takes no callbacks: only fit has callbacks"),
        (lambda: reader()[0].fit([reader()[1], reader()[1]], reader()[2]), "x must be one array, got a list of 2"),
        (lambda: reader()[0].fit(reader()[1], np.array([0, 1, 2])), "binary_crossentropy needs targets from 0 to 1, got 0 to 2"),
        (lambda: reader()[0].evaluate(reader()[1], np.array([-1, 1, 1])), "binary_crossentropy needs targets from 0 to 1, got -1"),
        (lambda: reader()[0].summary(show_trainable=True), "summary takes no show_trainable"),
        (lambda: reader()[0].fit(*reader()[1:], callbacks=[object()]), "objects with on_epoch_end"),
    ],
)
def test_what_the_lab_lacks_is_refused_with_what_to_do_instead(write, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        write()
    assert sentence in str(refused.value), str(refused.value)


def test_what_asks_for_nothing_else_than_the_lab_does_is_taken() -> None:
    LSTM(4, recurrent_activation="sigmoid", use_bias=True, dropout=0.0, recurrent_dropout=0, name=None, unroll=False)
    with pytest.warns(UserWarning, match="Embedding ignores input_length, as Keras 3 does"):
        Embedding(9, 3, input_length=500)
    model, x, y = reader()
    model.fit(x, y, 2, 1, 0, None, 0.0, (x, y), False, class_weight=None, initial_epoch=0)
    assert all(isinstance(advice, str) and advice for _, advice in ADVICE.values())


@pytest.mark.parametrize("kind", [SGD, Adagrad, RMSprop, Adam, EarlyStopping])
def test_every_argument_stands_in_the_signature_and_its_documentation(kind) -> None:
    parameters = inspect.signature(kind).parameters
    assert len(parameters) >= 4 and all(one.kind is not one.VAR_KEYWORD for one in parameters.values())
    assert all(name in kind.__doc__ for name in parameters)


def test_summary_prints(capsys: pytest.CaptureFixture) -> None:
    model, *_ = reader()
    assert model.summary() is None
    assert capsys.readouterr().out == model.table() + "\n"
    lines: list[str] = []
    model.summary(line_length=90, print_fn=lines.append)
    assert capsys.readouterr().out == "" and {len(line) for line in lines[0].splitlines()[:-1]} == {90}


def test_weights_are_those_of_the_model() -> None:
    model, *_ = reader()
    for one, other in zip(model.weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(model.layers[1].weights) == 3


@pytest.mark.parametrize("ending", [".npz", ".keras", ".weights.h5"])
def test_a_file_is_what_its_ending_says(ending: str, tmp_path: Path) -> None:
    model, x, _ = reader()
    path = tmp_path / f"m{ending}"
    model.save(path)
    begins = {".npz": b"PK", ".keras": b"PK", ".weights.h5": b"\x89HDF"}
    assert path.read_bytes().startswith(begins[ending])
    with pytest.raises(ValueError, match="there is a file"):
        model.save(path, overwrite=False)
    if ending == ".weights.h5":
        again, *_ = reader()
        again.set_weights([w * 0 for w in again.get_weights()])
        again.load_weights(path)
        with pytest.raises(ValueError, match="holds weights alone"):
            lstm.load_model(path)
    else:
        again = lstm.load_model(path)
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


@pytest.mark.parametrize("name", ["imdb.h5", "imdb", "imdb.hdf5", "imdb.pkl"])
def test_any_other_ending_is_refused_with_these_three(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.npz, \.keras, \.weights\.h5: the name must end in one of these, got 'imdb"):
        reader()[0].save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_a_keras_file_asks_for_and_the_lab_leaves_out_is_a_warning(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no file"):
        lstm.load_model(tmp_path / "missing.keras")
    with pytest.raises(ValueError, match="weights alone are saved as"):
        reader()[0].save_weights(tmp_path / "m.keras")


def test_a_stateful_model_goes_on_from_batch_to_batch_in_predict() -> None:
    """Six sequences in batches of two: the third batch begins where the second ended."""
    model = Sequential([LSTM(3, stateful=True, return_sequences=True), Dense(2)], seed=1)
    x = np.random.default_rng(0).normal(size=(6, 4, 2))
    model.build((None, 4, 2))
    together = model.predict(x, batch_size=2)
    model.reset_states()
    by_hand = np.concatenate([model.predict(x[k : k + 2]) for k in (0, 2, 4)])
    np.testing.assert_allclose(together, by_hand, rtol=1e-6)
    assert not np.allclose(together[2:4], Sequential.predict(_reset(model), x[2:4]))


def _reset(model: Sequential) -> Sequential:
    model.reset_states()
    return model


def test_a_model_called_in_training_drops() -> None:
    model, x, _ = reader()
    assert not np.allclose(model(x, training=True), model(x, training=True))
    np.testing.assert_array_equal(model(x), model(x))


def test_keras_addresses() -> None:
    assert (lstm.callbacks.EarlyStopping, lstm.layers.LSTM, lstm.layers.GRU) == (EarlyStopping, LSTM, GRU)
    assert (lstm.models.Sequential, lstm.models.load_model) == (Sequential, lstm.load_model)


def test_padding() -> None:
    given = [[1, 2, 3], [4], []]
    assert pad_sequences(given).tolist() == [[1, 2, 3], [0, 0, 4], [0, 0, 0]]
    assert pad_sequences(given, 2, padding="post", truncating="post", value=9).tolist() == [[1, 2], [4, 9], [9, 9]]
    for wrong, said in (({"padding": "left"}, "padding must be"), ({"maxlen": 0}, "maxlen must be a positive integer")):
        with pytest.raises(ValueError, match=said):
            pad_sequences(given, **wrong)
    with pytest.raises(ValueError, match="must hold lists of numbers"):
        pad_sequences([1, 2])
