"""Wrong arguments get one sentence: which argument, what is expected, what came. Nothing else is ever raised."""

from __future__ import annotations

import numpy as np
import pytest

from lstm import GRU, LSTM, SGD, Adagrad, Adam, Dense, Dropout, Embedding, OneHot, RMSprop, Sequential, SimpleRNN
from lstm.batches import ArrayBatches, LaneBatches
from lstm.training import EarlyStopping

NAN, INF = float("nan"), float("inf")


def refused(call, *words: str) -> None:
    """`call()` raises a ValueError of one line that holds all of `words`."""
    with pytest.raises(ValueError) as caught:
        call()
    assert type(caught.value) is ValueError
    sentence = str(caught.value)
    assert "\n" not in sentence and len(sentence) < 200
    for word in words:
        assert word in sentence, sentence


@pytest.mark.parametrize("value", [0, -3, True, 1.5, 2.0, "8", None, NAN, [3]])
@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("units", LSTM),
        ("units", SimpleRNN),
        ("units", Dense),
        ("depth", OneHot),
        ("input_dim", lambda n: Embedding(n, 4)),
        ("output_dim", lambda n: Embedding(4, n)),
        ("batch_size", lambda n: ArrayBatches(np.ones((3, 2)), np.ones(3), n)),
        ("lanes", lambda n: LaneBatches(np.arange(99), n, 2)),
        ("steps", lambda n: LaneBatches(np.arange(99), 2, n)),
    ],
)
def test_counts_are_positive_integers(argument: str, make, value) -> None:
    refused(lambda: make(value), f"{argument} must be a positive integer, got {value!r}")


def test_patience_may_also_be_none_at_all() -> None:
    assert EarlyStopping(patience=0) == EarlyStopping()
    for value in (-1, 1.5, True, "2"):
        refused(lambda value=value: EarlyStopping(patience=value), f"patience must be a positive integer, got {value!r}")


def test_integers_of_numpy_count_as_integers() -> None:
    assert LSTM(np.int64(3)).units == 3 and type(LSTM(np.int64(3)).units) is int


@pytest.mark.parametrize("value", [0, -1, -1e-9, NAN, INF, True, "fast", None, [0.1]])
@pytest.mark.parametrize("kind", [SGD, Adagrad, RMSprop, Adam])
def test_learning_rates_are_positive_and_finite(kind, value) -> None:
    refused(lambda: kind(value), f"learning_rate must be a positive number, got {value!r}")
    for limit in ("clipnorm", "clipvalue", "global_clipnorm"):
        if value is not None:
            refused(lambda limit=limit: kind(**{limit: value}), f"{limit} must be a positive number, got {value!r}")


@pytest.mark.parametrize("value", [1, 1.0, -0.1, 2, NAN, INF, True, "half", None])
@pytest.mark.parametrize(
    ("argument", "make"),
    [
        ("rate", Dropout),
        ("momentum", lambda v: SGD(momentum=v)),
        ("rho", lambda v: RMSprop(rho=v)),
        ("beta_1", lambda v: Adam(beta_1=v)),
        ("beta_2", lambda v: Adam(beta_2=v)),
    ],
)
def test_shares_are_from_0_to_below_1(argument: str, make, value) -> None:
    refused(lambda: make(value), f"{argument} must be a number from 0 to below 1, got {value!r}")


def test_other_settings_of_optimizers() -> None:
    for kind in (Adagrad, RMSprop, Adam):
        refused(lambda kind=kind: kind(epsilon=0), "epsilon must be a positive number, got 0")
    refused(
        lambda: Adagrad(initial_accumulator_value=-1), "initial_accumulator_value must be a positive number, got -1"
    )
    refused(
        lambda: Adam(clipnorm=1, clipvalue=1),
        "only one of clipnorm, clipvalue and global_clipnorm",
        "got clipnorm, clipvalue",
    )


def test_names_that_do_not_exist() -> None:
    refused(lambda: LSTM(3, activation="gelu"), 'LSTM takes the activation "tanh" or "relu"', "'gelu'")
    for layer in (LSTM, GRU, SimpleRNN):  # in Keras None is no squashing at all, which none of them has
        refused(lambda layer=layer: layer(3, activation=None), f"{layer.__name__} takes the activation", "got None")
    refused(lambda: SimpleRNN(3, activation="relu"), 'SimpleRNN takes the activation "tanh"', "'relu'")
    for value in ("gelu", ["tanh"], 3):
        refused(lambda value=value: Dense(3, activation=value), "activation must be one of", "softmax", repr(value))
        refused(lambda value=value: LSTM(3, kernel_initializer=value), "kernel_initializer must be one of", repr(value))
    refused(lambda: LSTM(3, recurrent_initializer="ones"), "recurrent_initializer must be one of", "'ones'")
    model = Sequential([Dense(2, "softmax")])
    for value in ("hinge", ["mse"], None):
        refused(lambda value=value: model.compile("sgd", value), "loss must be one of", "mse", repr(value))
    for value in ("lion", ["adam"], 3):
        refused(lambda value=value: model.compile(value), "optimizer must be one of", "adam", repr(value))
    refused(
        lambda: model.compile("sgd", "sparse_categorical_crossentropy", metrics=["f1"]), "metrics may hold accuracy", "'f1'"
    )
    refused(lambda: model.compile("sgd", "mse", metrics=["accuracy"]), "accuracy needs a loss over classes, got 'mse'")
    refused(lambda: Sequential([Dense(2)], dtype="float16"), 'dtype must be "float32" or "float64", got \'float16\'')
    for seed in (-1, 1.5, True, "0"):
        refused(lambda seed=seed: Sequential(seed=seed), f"seed must be an integer of 0 or more, got {seed!r}")


def test_a_loss_goes_with_its_last_layer() -> None:
    for layers in ([Dense(3)], [Dense(3, "sigmoid")], [LSTM(3)], []):
        model = Sequential(layers)
        refused(
            lambda model=model: model.compile("sgd", "sparse_categorical_crossentropy"),
            "sparse_categorical_crossentropy needs a last layer", 'activation="softmax"',
        )  # fmt: skip
    refused(lambda: Sequential([Dense(1)]).compile("sgd", "binary_crossentropy"), 'activation="sigmoid"')


def test_layers_that_cannot_stand_there() -> None:
    layer = Dense(3)
    refused(lambda: Sequential([layer, layer]), "the same layer cannot stand twice")
    refused(lambda: Sequential([Dense(3), OneHot(3)]), "OneHot reads integers and can only be the first layer")
    refused(lambda: Sequential([LSTM(3, return_state=True)]), "return_state is for a layer called on its own")
    refused(lambda: Sequential(["lstm"]), "layers must be layers of this package, got str")
    refused(lambda: Sequential().build((None, 2)), "a model needs at least one layer")
    built = Sequential([Dense(3)])
    built.build((None, 2))
    refused(lambda: built.add(Dense(2)), "layers can only be added before the model is built")
    refused(
        lambda: Sequential([OneHot(3), Dropout(0.5)]).predict(np.zeros((1, 2), int)), "Dropout cannot follow OneHot"
    )


@pytest.mark.parametrize(
    "shape",
    [(), (3,), (None,), (None, 2, 3, 4), 5, None, "ab", (None, 0), (None, -2), (None, 1.5), (None, True), (None, "a")],
)
def test_input_shapes(shape) -> None:
    refused(lambda: Sequential([Dense(3)]).build(shape), "input_shape")
    assert Sequential([Dense(3)]).input_shape is None


def test_the_number_of_features_must_be_known() -> None:
    refused(lambda: Sequential([Dense(3)]).build((None, None)), "Dense needs to know how many features", "(None, None)")
    for kind in (LSTM, SimpleRNN):
        refused(lambda kind=kind: Sequential([kind(3)]).build((None, 4, None)), "needs to know how many features")
        refused(
            lambda kind=kind: Sequential([kind(3)]).build((None, 4)), "expects (batch, time, features)", "(None, 4)"
        )
        stacked = [kind(3), kind(3)]
        refused(lambda s=stacked: Sequential(s).build((None, 4, 2)), "expects (batch, time, features)", "(None, 3)")
    refused(lambda: Sequential([OneHot(3)]).build((None, 4, 2)), "OneHot expects an input of shape (batch, time)")


def forecaster() -> Sequential:
    model = Sequential([LSTM(3), Dense(2)])
    model.compile("sgd", "mse")
    model.build((None, 4, 2))
    return model


def classifier(sequences: bool = False) -> Sequential:
    model = Sequential([Embedding(5, 2), LSTM(3, return_sequences=sequences), Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build((None, None))
    return model


@pytest.mark.parametrize("method", ["predict", "trace", "evaluate", "train_on_batch", "gradients"])
def test_inputs(method: str) -> None:
    def give(model, x):
        y = () if method in ("predict", "trace") else (np.zeros((len(np.atleast_1d(x)), 2), int),)
        return lambda: getattr(model, method)(x, *y)

    refused(give(forecaster(), np.zeros((3, 4, 5))), "the model expects 2 features, got 5")
    refused(give(forecaster(), np.zeros((3, 4))), "the model expects 3 dimensions", "(3, 4)")
    refused(give(forecaster(), np.array([[["a", "b"]]])), "x must hold numbers, got <U1")
    for ids, came in (([[0, 5]], "got 0 to 5"), ([[-1, 2]], "got -1 to 2"), ([[0.0, 1e300]], "got 0.0 to 1e+300")):
        refused(give(classifier(), np.array(ids)), "Embedding expects integers from 0 to 4", came)
    refused(give(classifier(), np.array([[0.5, 1.0]])), "Embedding expects integers, got float64 with fractions")
    refused(give(classifier(), np.array([[NAN, 1.0]])), "got")
    refused(give(classifier(), np.zeros((1, 2, 3), int)), "the model expects 2 dimensions", "(1, 2, 3)")
    refused(give(classifier(), np.array([["a", "b"]])), "x must hold numbers, got <U1")


def test_whole_numbers_stored_as_floats_are_integers() -> None:
    model = classifier()
    np.testing.assert_array_equal(model.predict(np.array([[1.0, 4.0]])), model.predict(np.array([[1, 4]], np.uint8)))


def test_targets() -> None:
    x = np.zeros((3, 4, 2))
    for y in (np.zeros((2, 2)), np.zeros(2), np.float64(1.0)):
        refused(lambda y=y: forecaster().train_on_batch(x, y), "y must hold 3 targets, got shape", str(np.shape(y)))
    refused(
        lambda: forecaster().train_on_batch(x, np.zeros((3, 5))),
        "y must have the shape of the output (3, 2), got (3, 5)",
    )
    refused(lambda: forecaster().train_on_batch(x, np.full((3, 2), "a")), "y must hold numbers, got <U1")
    ids = np.zeros((3, 4), int)
    for y, came in (([0, 1, 3], "got 0 to 3"), ([-1, 0, 0], "got -1 to 0")):
        refused(lambda y=y: classifier().train_on_batch(ids, np.array(y)), "y must hold classes from 0 to 2", came)
    refused(
        lambda: classifier().train_on_batch(ids, np.eye(3)),
        "y must hold one class for each of 3 outputs, got shape (3, 3)",
    )
    refused(
        lambda: classifier().train_on_batch(ids, np.array([0.5, 1, 2])),
        "y expects integers, got float64 with fractions",
    )
    refused(
        lambda: classifier(True).train_on_batch(ids, np.zeros((3, 3), int)), "y must begin with shape (3, 4)", "(3, 3)"
    )


def test_a_refused_batch_changes_nothing() -> None:
    model = classifier()
    before = model.weights_vector.copy()
    refused(lambda: model.train_on_batch(np.zeros((3, 4), int), np.array([0, 1, 3])))
    np.testing.assert_array_equal(model.weights_vector, before)
    assert model.optimizer.step == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, "epochs must be a positive number, got 0"),
        ({"steps": -1}, "steps must be a positive number, got -1"),
        ({"seconds": NAN}, "seconds must be a positive number, got nan"),
        ({"batch_size": 0}, "batch_size must be a positive integer, got 0"),
        ({"decay": "exponential"}, "decay must be one of none, linear, cosine, got 'exponential'"),
        ({"decay": ["cosine"]}, "decay must be one of"),
        ({"validate_every": 0}, "validate_every must be a positive integer, got 0"),
        ({"validation_split": 1.0}, "validation_split must be a number from 0 to below 1, got 1.0"),
        ({"validation_split": "half"}, "validation_split must be a number from 0 to below 1, got 'half'"),
        ({"validation_split": 0.9}, "validation_split 0.9 of 6 examples leaves nothing on one side"),
        ({"validation_data": 5}, "validation_data must be a pair (x, y) or a source of batches, got int"),
        ({"validation_data": (np.ones(2),)}, "validation_data must be a pair (x, y)"),
        ({"early_stopping": EarlyStopping()}, "early_stopping needs something to watch"),
        (
            {"early_stopping": EarlyStopping(monitor="loss"), "validation_split": 0.5},
            "early_stopping can monitor val_loss, got 'loss'",
        ),
    ],
)
def test_training_options(options, words: str) -> None:
    """Refused at once, not when the generator is first asked for a step."""
    x, y = np.zeros((6, 4, 2)), np.zeros((6, 2))
    refused(lambda: forecaster().fit_iter(x, y, **options), words)


def test_training_data() -> None:
    x, y = np.zeros((6, 4, 2)), np.zeros((6, 2))
    refused(lambda: forecaster().fit_iter(x, y[:5]), "x and y must hold as many examples, got 6 and 5")
    refused(lambda: forecaster().fit_iter(x[:0], y[:0]), "x must hold at least one example, got none")
    refused(lambda: forecaster().fit_iter(x), "y must hold the targets", "got ndarray")
    refused(lambda: forecaster().evaluate(x), "y must hold the targets", "got ndarray")
    refused(lambda: forecaster().predict(x[:0]), "x must hold at least one example, got none")
    refused(lambda: forecaster().predict(x, batch_size=0), "batch_size must be a positive integer, got 0")
    refused(lambda: Sequential([Dense(2)]).fit_iter(x[:, 0], y), "the model is not compiled")
    gap = y.copy()
    gap[1, 0], gap[2, 1] = NAN, INF
    refused(lambda: forecaster().fit_iter(x, gap), "y must hold finite numbers, got 2 that are not")
    gap = x.copy()
    gap[0, 0, 0] = NAN
    refused(lambda: forecaster().fit_iter(gap, y), "x must hold finite numbers, got 1 that are not")
    refused(lambda: forecaster().fit_iter(x, y, validation_data=(gap, y)), "x must hold finite numbers")


def test_weights() -> None:
    model = forecaster()
    weights, before = model.get_weights(), model.weights_vector.copy()
    refused(lambda: model.set_weights(weights[:-1]), "the model takes 5 weight arrays, got 4")
    wrong = [w + 1 for w in weights]
    wrong[3] = np.zeros((3, 7))
    refused(lambda: model.set_weights(wrong), "dense expects kernel of shape (3, 2), got (3, 7)")
    np.testing.assert_array_equal(model.weights_vector, before)  # not even those that would have fitted
    refused(lambda: model.layers[0].set_weights(weights[:2]), "lstm takes 3 weight arrays, got 2")
    refused(lambda: Sequential([Dense(2)]).set_weights([]), "the model has no weights yet")
    refused(lambda: Sequential([Dense(2)]).table(), "the model is not built yet")


def test_states() -> None:
    model = Sequential([LSTM(3, stateful=True), Dense(2)])
    model.predict(np.zeros((4, 5, 2)))
    refused(
        lambda: model.predict(np.zeros((2, 5, 2))), "lstm expects states of shape (2, 3), got (4, 3)", "reset_states()"
    )
    layer = LSTM(3)
    x = np.zeros((4, 5, 2))
    refused(lambda: layer(x, initial_state=[np.zeros((4, 3))]), "initial_state must hold 2 arrays, got 1")
    refused(lambda: layer(x, initial_state=[np.zeros((4, 2))] * 2), "lstm expects states of shape (4, 3), got (4, 2)")
    refused(lambda: layer(x[0]), "LSTM expects (batch, time, features), got shape (5, 2)")
    refused(lambda: layer(np.zeros((4, 5, 3))), "lstm expects 2 features, got 3")
    for mask in (np.ones((5, 4)), np.ones(4), np.ones((4, 5, 2))):
        refused(
            lambda mask=mask: layer(x, mask=mask),
            "mask must have the shape (batch, time) of the input, (4, 5)",
            str(mask.shape),
        )


def test_lanes() -> None:
    refused(lambda: LaneBatches(np.arange(4), 4, 2), "a text of 4 symbols is too short for 4 lanes: it needs 5 or more")
    refused(lambda: LaneBatches(np.arange(40), 4, 2, carry=0), "carry must be a positive integer, got 0")
