"""What a Keras user writes from habit: it does what Keras does, or a sentence says what to write instead."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest

import lstm
from lstm import (
    GRU,
    LSTM,
    SGD,
    Adagrad,
    Adam,
    Callback,
    Dense,
    Dropout,
    EarlyStopping,
    Embedding,
    Input,
    OneHot,
    RMSprop,
    Sequential,
    SimpleRNN,
)  # fmt: skip
from lstm.lacking import ADVICE, ATTRIBUTES, NAMES
from lstm.preprocessing.sequence import pad_sequences


def reader() -> tuple[Sequential, np.ndarray, np.ndarray]:
    model = Sequential([Embedding(9, 3, mask_zero=True), LSTM(4), Dropout(0.2), Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics="accuracy")
    x = np.array([[0, 0, 3, 4], [5, 6, 7, 8], [0, 1, 1, 2]])
    model.build(x.shape)
    return model, x, np.array([1, 0, 1])


class Testing(Callback):
    def on_test_begin(self, logs=None) -> None:
        """Never called."""


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
        (lambda: reader()[0].fit(*reader()[1:], callbacks=[Callback]), "got the class Callback"),
        (lambda: reader()[0].fit(*reader()[1:], callbacks=lstm.History()), "callbacks needs no History: fit returns it"),
        (lambda: reader()[0].fit(*reader()[1:], callbacks=[Testing()]), "on_test_begin is never called: what a validation measured"),
        (lambda: reader()[0].fit(*reader()[1:], validation_data=(*reader()[1:], np.ones(3))), "got 3 arrays: every example counts"),
        (lambda: EarlyStopping("val_loss", mode="max"), 'mode must be "auto" or, for val_loss, "min", got \'max\''),
        (lambda: EarlyStopping("val_loss", 0, 3, 1, "min", None, True), "EarlyStopping takes monitor, min_delta, patience, "),
        (lambda: Adam(lr=0.1), "Adam takes no lr: learning_rate=… is its name"),
        (lambda: Adam(lambda: 0.1), 'fit(decay="linear" or "cosine") lets it fall'),
        (lambda: reader()[0].compile("adamw"), "optimizer must be one of sgd, adagrad, rmsprop, adam"),
        (lambda: reader()[0].compile("adam", "categorical_crossentropy"), "y.argmax(axis=-1), the first of them is that loss"),
        (lambda: reader()[0].compile("adam", "mse", metrics={"out": "accuracy"}), "metrics must be a name or a list of names, got dict"),
        (lambda: lstm.losses.BinaryCrossentropy(from_logits=True), 'from_logits must be False: end in Dense(…, activation="sigmoid")'),
        (lambda: setattr(reader()[0].layers[1], "trainable", False), "every layer of the lab is trained"),
        (lambda: LSTM(4)(Input((5, 3))), "write Sequential([Input(…), layer, …])"),
        (lambda: Sequential([LSTM(4), Input((5, 3))]), "Input stands before all layers"),
        (lambda: Input((5, 3, 2, 1)), "shape must be that of one example"),
        (lambda: Input((0, 3)), "every entry of shape that is not None must be a positive integer"),
        (lambda: Dense(2, "relu", False), "Dense takes units, activation by position"),
        (lambda: Embedding(9, 3, "uniform"), "Embedding takes input_dim, output_dim by position"),
        (lambda: lstm.load_model("m.keras", None), "load_model takes filepath by position"),
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


@pytest.mark.parametrize(
    ("module", "name", "sentence"),
    [
        ("lstm", "Model", "lstm has no Model: the lab's models are a Sequential"),
        ("lstm.layers", "TimeDistributed", "a Dense layer after return_sequences=True is applied to every step"),
        ("lstm.layers", "Conv1D", "the lab has what recurrent networks of its lessons need"),
        ("lstm.callbacks", "ModelCheckpoint", "EarlyStopping(restore_best_weights=True) keeps the best weights"),
        ("lstm.optimizers", "AdamW", "there are SGD, Adagrad, RMSprop and Adam"),
        ("lstm.losses", "CategoricalCrossentropy", "use SparseCategoricalCrossentropy"),
        ("lstm.initializers", "HeNormal", "give the initializer by its name"),
        ("lstm.models", "clone_model", "make the Sequential again"),
    ],
)
def test_what_stands_in_keras_alone_is_answered_also_when_it_is_imported(module: str, name: str, sentence: str) -> None:
    with pytest.raises(ImportError) as refused:
        exec(f"from {module} import {name}")
    assert sentence in str(refused.value)
    with pytest.raises(AttributeError, match="has no attribute 'nobody'"):
        exec(f"import {module}; {module}.nobody")
    with pytest.raises(AttributeError, match=r"Sequential has no to_json: model\.save"):
        reader()[0].to_json()
    with pytest.raises(AttributeError, match="LSTM has no output: nothing is symbolic here"):
        _ = LSTM(3).output
    assert not hasattr(LSTM(3), "cell")


def test_advice_is_about_what_there_is_not() -> None:
    modules = (lstm, lstm.layers, lstm.callbacks, lstm.models, lstm.losses, lstm.optimizers)
    assert not [name for name in NAMES if name != "Layer" and any(name in vars(one) for one in modules)]
    assert not [name for name in ATTRIBUTES if name in dir(Sequential)]
    assert not [name for name in ADVICE if name in inspect.signature(Adam).parameters]


def test_a_model_with_an_input_has_weights_at_once_and_the_same() -> None:
    def layers() -> list:
        return [LSTM(4, return_sequences=True), LSTM(3), Dense(2)]

    model = Sequential([Input((5, 3)), *layers()], seed=3)
    plain = Sequential(layers(), seed=3)
    plain.build((None, 5, 3))
    grown = Sequential(seed=3)
    grown.add(lstm.layers.InputLayer(batch_shape=(None, 5, 3)))
    for layer in layers():
        grown.add(layer)
        assert grown.layers[-1].get_weights()
    for one in (model, grown):
        np.testing.assert_array_equal(one.weights_vector, plain.weights_vector)
    kept = [w + 1 for w in grown.get_weights()]
    grown.set_weights(kept)
    grown.add(Dense(1))
    for before, after in zip(kept, grown.get_weights()):
        np.testing.assert_array_equal(before, after)
    with pytest.raises(ValueError, match="Embedding reads integers"):
        grown.add(Embedding(3, 2))
    grown.compile("sgd", "mse")
    grown.fit(np.zeros((2, 5, 3)), np.zeros((2, 1)))
    with pytest.raises(ValueError, match="before the model is built, or trained"):
        grown.add(Dense(1))
    with pytest.raises(ValueError, match="LSTM expects"):
        Sequential([Input((5,)), LSTM(3)])


def test_names_classes_and_large_letters() -> None:
    model, x, y = reader()
    for optimizer, loss in (("Adam", "BinaryCrossentropy"), (RMSprop(), lstm.losses.BinaryCrossentropy()), ("SGD", "bce")):
        model.compile(optimizer, loss, metrics="acc")
        assert (model.loss, model.metrics) == ("binary_crossentropy", ["accuracy"])
    np.testing.assert_array_equal(model.predict_on_batch(x), model.predict(x, None))
    assert model.test_on_batch(x, y) == model.evaluate(x, y, None) == model.evaluate(x, y)
    assert model.fit(x, y, None).epoch == [0]
    assert [w.shape for w in model.trainable_weights] == [w.shape for w in model.weights]
    with pytest.raises(ValueError, match="loss must be one of"):
        model.compile("adam", ["mse"])


def test_layers_are_called_on_their_own() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 4, 3)).astype(np.float32)
    dense = Dense(5, "tanh")
    np.testing.assert_allclose(dense(x), np.tanh(x @ dense.get_weights()[0]), rtol=1e-5, atol=1e-6)
    assert dense(x[:, 0]).shape == (2, 5)
    np.testing.assert_array_equal(Embedding(9, 3)(np.array([[1, 2]])).shape, (1, 2, 3))
    words = Embedding(9, 3, mask_zero=True)
    np.testing.assert_array_equal(words(np.array([[0, 2]]))[0], words.get_weights()[0][[0, 2]])
    assert OneHot(4)(np.array([[3]])).tolist() == [[[0, 0, 0, 1]]]
    np.testing.assert_array_equal(Dropout(0.5)(x), x)
    dropped = Dropout(0.5)(x, training=True, rng=np.random.default_rng(1))
    assert 0 < (dropped == 0).sum() < x.size and np.allclose(dropped[dropped != 0], 2 * x[dropped != 0])
    both = lstm.Bidirectional(LSTM(3, return_sequences=True))
    assert both(x).shape == (2, 4, 6)
    with pytest.raises(ValueError, match="x must hold numbers"):
        dense([["a"]])
    layer = LSTM(4, stateful=True)
    first = layer(x)
    layer.reset_state()
    np.testing.assert_array_equal(layer(x, [np.zeros((2, 4)), np.zeros((2, 4))]), first)


class Noting(Callback):
    """Notes what it is told, and halves the learning rate after the first epoch."""

    def __init__(self, stop_at: tuple[int, int] | None = None) -> None:
        self.seen: list = []
        self.at, self.stop_at = 0, stop_at

    def on_train_begin(self, logs=None) -> None:
        self.seen.append(("begin", self.params["epochs"], self.params["steps"]))

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self.at = epoch
        self.seen.append(("epoch", epoch))

    def on_batch_end(self, batch, logs=None) -> None:
        self.seen.append((batch, sorted(logs), logs["loss"]))
        if (self.at, batch) == self.stop_at:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.seen.append((epoch, sorted(logs), logs["val_loss"]))
        self.model.optimizer.learning_rate *= 0.5

    def on_train_end(self, logs=None) -> None:
        self.seen.append(("end",))


def test_a_rate_that_a_callback_sets_is_the_rate_that_is_taken() -> None:
    """Against two trainings by hand."""
    x, y = np.random.default_rng(0).normal(size=(8, 3, 2)), np.zeros((8, 1))
    model, by_hand = (Sequential([LSTM(3), Dense(1)], seed=4) for _ in range(2))
    for one in (model, by_hand):
        one.compile(SGD(0.4), "mse")
    model.fit(x, y, 4, 3, validation_data=(x, y), shuffle=False, callbacks=Noting())
    for rate in (0.4, 0.2, 0.1):
        by_hand.optimizer.learning_rate = rate
        by_hand.fit(x, y, 4, shuffle=False)
    np.testing.assert_allclose(model.weights_vector, by_hand.weights_vector, rtol=1e-6)
    assert model.optimizer.learning_rate == 0.05


def test_early_stopping_says_where_if_it_is_asked_to(capsys: pytest.CaptureFixture) -> None:
    model, x, y = reader()
    rule = EarlyStopping("val_loss", 10.0, 1, 1, "min")
    assert len(model.fit(x, y, epochs=9, validation_data=[x, y], callbacks=rule).epoch) == 2
    assert capsys.readouterr().out == "epoch 2: early stopping\n"
