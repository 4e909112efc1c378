"""The public face: what holds for every model, whatever its layers: order, padding, copies, states, threads."""

from __future__ import annotations

import copy
import inspect
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm import LSTM, SGD, Adam, Dense, Dropout, Embedding, OneHot, Sequential, SimpleRNN, initializers, optimizers

CROSSENTROPY = "sparse_categorical_crossentropy"

STACKS = {
    "text": (lambda: [OneHot(6), LSTM(5, return_sequences=True), Dense(6, "softmax")], CROSSENTROPY),
    "deep text": (
        lambda: [OneHot(6), LSTM(5, return_sequences=True), Dropout(0.3), LSTM(4, return_sequences=True), Dense(6, "softmax")],
        CROSSENTROPY,
    ),
    "reviews": (lambda: [Embedding(6, 3, mask_zero=True), LSTM(5), Dense(1, "sigmoid")], "binary_crossentropy"),
    "labels of every step": (
        lambda: [Embedding(6, 3, mask_zero=True), SimpleRNN(5, return_sequences=True), LSTM(4, return_sequences=True), Dense(6, "softmax")],
        CROSSENTROPY,
    ),
    "series": (lambda: [LSTM(5, return_sequences=True), SimpleRNN(3), Dense(1)], "mse"),
}  # fmt: skip


def make(name: str, seed: int = 1, dtype: str = "float64", optimizer=None) -> Sequential:
    layers, loss = STACKS[name]
    model = Sequential(layers(), seed=seed, dtype=dtype)
    model.compile(optimizer or Adam(0.01), loss)
    model.build((None, None, 2) if name == "series" else (None, None))
    return model


def batch(name: str, items: int = 5, time: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(items, time, 2)) if name == "series" else rng.integers(0, 6, (items, time))
    if name == "series":
        return x, rng.normal(size=(items, 1))
    if name == "reviews":
        return x, rng.integers(0, 2, items)
    return x, rng.integers(0, 6, (items, time))


# --- order and padding ----------------------------------------------------------------------------------------------


@given(name=st.sampled_from(list(STACKS)), seed=st.integers(0, 2**32 - 1), order=st.permutations(range(5)))
def test_the_order_of_a_batch_does_not_matter(name: str, seed: int, order: list[int]) -> None:
    model, (x, y) = make(name), batch(name, seed=seed)
    np.testing.assert_allclose(model.predict(x[order]), model.predict(x)[order], rtol=1e-10, atol=1e-12)
    loss, grads = model.gradients(x, y)
    mixed_loss, mixed = model.gradients(x[order], y[order])
    assert mixed_loss == pytest.approx(loss, rel=1e-10)
    for one, other in zip(grads, mixed, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-12)


@given(name=st.sampled_from(["reviews", "labels of every step"]), seed=st.integers(0, 2**32 - 1), data=st.data())
def test_where_and_how_much_padding_does_not_matter(name: str, seed: int, data) -> None:
    """The same sequences with zeros elsewhere: the same predictions, loss and gradients."""
    model, rng = make(name), np.random.default_rng(seed)
    lengths = rng.integers(1, 6, 4)
    texts = [rng.integers(1, 6, n) for n in lengths]
    labels = [rng.integers(0, 6, n) for n in lengths] if name != "reviews" else rng.integers(0, 2, 4)

    def padded(time: int) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
        x, places = np.zeros((4, time), int), []
        y = np.zeros((4, time), int) if name != "reviews" else labels
        for b, text in enumerate(texts):
            chosen = data.draw(st.permutations(range(time)), label="places")[: len(text)]
            places.append(sorted(chosen))
            x[b, places[b]] = text
            if name != "reviews":
                y[b, places[b]] = labels[b]
        return x, y, places

    (x, y, at), (x2, y2, at2) = padded(5), padded(data.draw(st.integers(5, 9), label="time"))
    one, two = model.predict(x), model.predict(x2)
    for b in range(4):
        ours, theirs = (one[b], two[b]) if name == "reviews" else (one[b, at[b]], two[b, at2[b]])
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)
    (loss, grads), (loss2, grads2) = model.gradients(x, y), model.gradients(x2, y2)
    assert loss == pytest.approx(loss2, rel=1e-10)
    for a, b in zip(grads, grads2, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-12)
    assert model.evaluate(x, y) == pytest.approx(model.evaluate(x2, y2), rel=1e-10) == pytest.approx(loss, rel=1e-10)


def test_a_batch_of_nothing_but_padding() -> None:
    """Nothing to predict: no loss, no gradient, no warning and no division by zero."""
    for name in ("reviews", "labels of every step"):
        model, x = make(name), np.zeros((3, 4), int)
        y = np.zeros(3, int) if name == "reviews" else x
        with np.errstate(all="raise"):
            loss, grads = model.gradients(x, y)
            assert np.isfinite(loss) and all(np.isfinite(g).all() for g in grads)
            if name != "reviews":
                assert loss == 0 and not any(g.any() for g in grads)
                with pytest.raises(ValueError, match="there is nothing to evaluate: every step is padding"):
                    model.evaluate(x, y)
        assert np.isfinite(model.predict(x)).all()


def test_evaluate_is_the_mean_over_all_examples_however_it_is_cut() -> None:
    """But where steps are masked and each has an output: Keras's mean over examples then depends on the batches, so ours does."""
    rng = np.random.default_rng(0)
    for name in STACKS:
        if getattr(make(name).layers[0], "mask_zero", False) and len(make(name).output_shape) == 3:
            continue
        model, (x, y) = make(name), batch(name, items=11)
        whole = model.evaluate(x, y)
        assert whole == pytest.approx(model.gradients(x, y)[0], rel=1e-10)
        for size in (1, 4, 10):
            assert model.evaluate(x, y, batch_size=size) == pytest.approx(whole, rel=1e-10)
        np.testing.assert_allclose(model.predict(x, batch_size=int(rng.integers(1, 11))), model.predict(x), rtol=1e-10)


def test_accuracy_by_hand() -> None:
    model = Sequential([OneHot(3), Dense(3, "softmax")])
    model.compile("sgd", CROSSENTROPY, metrics=["accuracy"])
    model.build((None, None))
    model.set_weights([np.array([[5.0, 0, 0], [0, 5.0, 0], [0, 0, 5.0]]), np.zeros(3)])  # says what it reads
    x, y = np.array([[0, 1, 2, 0]]), np.array([[0, 1, 0, 2]])  # right, right, wrong, wrong
    loss, accuracy = model.evaluate(x, y)
    assert accuracy == 0.5 and model.evaluate(x, y, return_dict=True) == {"loss": loss, "accuracy": 0.5}
    masked = Sequential([Embedding(3, 3, mask_zero=True), Dense(3, "softmax")])
    masked.compile("sgd", CROSSENTROPY, metrics=["accuracy"])
    masked.build((None, None))
    masked.set_weights([np.eye(3) * 5, np.eye(3), np.zeros(3)])
    assert masked.evaluate(x, y, return_dict=True)["accuracy"] == 0.5  # of the two steps that are not 0: right, wrong
    binary = Sequential([Dense(1, "sigmoid")])
    binary.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    binary.build((None, 1))
    binary.set_weights([np.ones((1, 1)), np.zeros(1)])
    assert binary.evaluate(np.array([[3.0], [-2.0], [1.0], [0.5]]), np.array([1, 0, 0, 1]))[1] == 0.75


# --- nothing changes that should not --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STACKS)
def test_looking_changes_nothing(name: str) -> None:
    model, (x, y) = make(name), batch(name)
    model.train_on_batch(x, y)
    before, x0, y0 = pickle.dumps(model), x.copy(), y.copy()
    first = model.predict(x)
    for look in (
        lambda: model.gradients(x, y),
        lambda: model.evaluate(x, y),
        lambda: model.trace(x),
        model.summary,
        model.get_weights,
    ):
        look()
    np.testing.assert_array_equal(model.predict(x), first)
    assert pickle.dumps(model) == before
    np.testing.assert_array_equal(x, x0)
    np.testing.assert_array_equal(y, y0)


def test_weights_and_gradients_are_copies() -> None:
    model, (x, y) = make("text"), batch("text")
    expected = model.predict(x)
    for array in (*model.get_weights(), *model.gradients(x, y)[1]):
        array[...] = 99
    np.testing.assert_array_equal(model.predict(x), expected)
    given_weights = make("text", seed=2).get_weights()
    model.set_weights(given_weights)
    given_weights[0][...] = 99
    np.testing.assert_array_equal(model.get_weights()[0], make("text", seed=2).get_weights()[0])


def test_gradients_stand_in_the_order_and_layout_of_the_weights() -> None:
    """Moving one weight, as get_weights lays it out, moves the loss by its gradient."""
    model, (x, y), rng = make("deep text"), batch("deep text"), np.random.default_rng(0)
    _, grads = model.gradients(x, y)
    weights = model.get_weights()
    assert [g.shape for g in grads] == [w.shape for w in weights]
    direction = [rng.normal(size=w.shape) for w in weights]
    eps = 1e-6
    model.set_weights([w + eps * d for w, d in zip(weights, direction)])
    above = model.gradients(x, y)[0]
    model.set_weights([w - eps * d for w, d in zip(weights, direction)])
    slope = (above - model.gradients(x, y)[0]) / (2 * eps)
    assert slope == pytest.approx(sum(np.sum(g * d) for g, d in zip(grads, direction)), rel=1e-6)


def test_train_on_batch_is_one_step_of_the_optimizer() -> None:
    model, (x, y) = make("text", optimizer=SGD(0.5)), batch("text")
    loss, grads = model.gradients(x, y)
    expected = [w - 0.5 * g for w, g in zip(model.get_weights(), grads)]
    assert model.train_on_batch(x, y) == loss
    for got, wanted in zip(model.get_weights(), expected):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)


def test_the_trace_of_a_stack_is_each_layers_own() -> None:
    model, (x, _) = make("labels of every step"), batch("labels of every step")
    first, second = model.trace(x)
    assert set(first) == {"h"} and set(second) == {"h", "c", "i", "f", "g", "o"}
    dense = model.layers[-1]
    logits = second["h"] @ dense.params["kernel"] + dense.params["bias"]
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    mask = x != 0
    np.testing.assert_allclose(p[mask], model.predict(x)[mask], rtol=1e-10)
    one = model.trace(x[:1])[1]["h"]
    kept = one.copy()
    model.trace(x[1:2])
    np.testing.assert_array_equal(one, kept)


# --- one seed, many models ------------------------------------------------------------------------------------------


def test_the_seed_decides_the_weights_and_float32_rounds_them() -> None:
    one, same, other = (make("deep text", seed=s).weights_vector for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    np.testing.assert_array_equal(make("deep text", dtype="float32").weights_vector, one.astype(np.float32))
    large = make("deep text", seed=2**40)
    assert np.isfinite(large.weights_vector).all()


def losses(model: Sequential, name: str, steps: int = 12) -> list[float]:
    return [model.train_on_batch(*batch(name, items=4 + k % 3, time=3 + k % 4, seed=k)) for k in range(steps)]


@pytest.mark.parametrize("name", STACKS)
def test_models_of_one_shape_used_in_turn_do_not_disturb_each_other(name: str) -> None:
    alone = [losses(make(name, seed), name) for seed in (1, 2)]
    one, two, in_turn = make(name, 1), make(name, 2), ([], [])
    for k in range(12):
        data = batch(name, items=4 + k % 3, time=3 + k % 4, seed=k)
        in_turn[0].append(one.train_on_batch(*data))
        two.predict(data[0])
        in_turn[1].append(two.train_on_batch(*data))
        one.trace(data[0][:1])
    assert list(in_turn) == alone


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_one_optimizer_does_not_serve_two_models(optimizer: str) -> None:
    """Its averages would be of both, without a word; a copy, or a model that is gone, is another matter."""
    shared = optimizers.get(optimizer)
    one, two, (x, y) = make("text", 1, optimizer=shared), make("text", 2, optimizer=shared), batch("text")
    one.train_on_batch(x, y)
    with pytest.raises(
        ValueError, match="this optimizer already trains another model: give each model an optimizer of its own"
    ):
        two.train_on_batch(x, y)
    one.train_on_batch(x, y)
    twin = copy.deepcopy(one)
    twin.train_on_batch(x, y)
    one.compile(shared, CROSSENTROPY)  # once more, on the same model
    one.train_on_batch(x, y)
    del one
    two.train_on_batch(x, y)


@pytest.mark.parametrize("name", ["deep text", "labels of every step"])
def test_models_in_threads_do_not_disturb_each_other(name: str) -> None:
    seeds = range(6)
    alone = {seed: losses(make(name, seed, "float32"), name, 25) for seed in seeds}
    found, begin = {}, threading.Barrier(len(seeds))

    def work(seed: int) -> None:
        model = make(name, seed, "float32")
        begin.wait()
        found[seed] = losses(model, name, 25)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == alone


def test_one_model_looked_at_from_many_threads() -> None:
    model = make("deep text", dtype="float32")
    inputs = [batch("deep text", items=1 + k, time=5 + k, seed=k)[0] for k in range(6)]
    expected = [(model.predict(x), model.trace(x)) for x in inputs]
    wrong, begin = [], threading.Barrier(len(inputs))

    def work(k: int) -> None:
        begin.wait()
        for _ in range(30):
            predicted, traced = model.predict(inputs[k]), model.trace(inputs[k])
            if not np.array_equal(predicted, expected[k][0]):
                wrong.append((k, "predict"))
            if any(not np.array_equal(a[n], b[n]) for a, b in zip(traced, expected[k][1]) for n in a):
                wrong.append((k, "trace"))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize(
    "duplicate", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy], ids=["pickle", "deepcopy"]
)
def test_a_copy_goes_on_training_as_the_original_would(name: str, duplicate) -> None:
    """Optimizer state, dropout's random stream and carried states travel along; the original is left alone."""
    model = make(name)
    losses(model, name, 3)
    model.metadata = {"lesson": "text"}
    twin = duplicate(model)
    assert twin.metadata == model.metadata and twin.table() == model.table()
    before = model.weights_vector.copy()
    ahead = losses(twin, name, 5)
    np.testing.assert_array_equal(model.weights_vector, before)
    assert losses(model, name, 5) == ahead
    np.testing.assert_array_equal(twin.weights_vector, model.weights_vector)
    # the layers' weights are still views into one vector, so the optimizer reaches them
    assert all(np.shares_memory(p, twin.weights_vector) for layer in twin.layers for p in layer.params.values())


def test_a_model_that_is_not_built_yet_can_be_pickled() -> None:
    model = Sequential([LSTM(3), Dense(1)], seed=4)
    twin = pickle.loads(pickle.dumps(model))
    x = np.random.default_rng(0).normal(size=(2, 3, 2))
    np.testing.assert_array_equal(twin.predict(x), model.predict(x))


def test_a_pickle_holds_the_weights_once() -> None:
    model = Sequential([LSTM(100), Dense(10)])
    model.compile("sgd", "mse")
    x = np.zeros((64, 20, 30), np.float32)
    model.train_on_batch(x, np.zeros((64, 10)))  # buffers have grown
    assert len(pickle.dumps(model)) < model.weights_vector.nbytes + 4000


# --- states ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
@given(cut=st.integers(1, 7), seed=st.integers(0, 2**32 - 1))
def test_two_halves_are_the_whole(kind, cut: int, seed: int) -> None:
    def stack(stateful: bool) -> Sequential:
        layers = [
            OneHot(6),
            kind(4, return_sequences=True, stateful=stateful),
            kind(3, return_sequences=True, stateful=stateful),
        ]
        model = Sequential([*layers, Dense(6, "softmax")], seed=0, dtype="float64")
        model.compile("sgd", CROSSENTROPY)
        model.build((None, None))
        return model

    x = np.random.default_rng(seed).integers(0, 6, (3, 8))
    whole, halves = stack(False), stack(True)
    parts = np.concatenate([halves.predict(x[:, :cut]), halves.predict(x[:, cut:])], axis=1)
    np.testing.assert_allclose(parts, whole.predict(x), rtol=1e-10)
    # a training step starts from the carried states too; asking for gradients does not advance them
    halves.reset_states()
    halves.predict(x[:, :cut])
    rest = [halves.gradients(x[:, cut:], x[:, cut:])[0], halves.train_on_batch(x[:, cut:], x[:, cut:])]
    right = np.take_along_axis(whole.predict(x), x[..., None], axis=2)[:, cut:]
    assert rest == pytest.approx([-np.log(right).mean()] * 2)
    halves.reset_states()
    assert halves.get_states() == [None, None]


def test_states_begin_again_when_asked_and_are_put_aside_in_between() -> None:
    model = Sequential([OneHot(6), LSTM(4, return_sequences=True, stateful=True), Dense(6, "softmax")])
    x = batch("text", items=2)[0]
    first = model.predict(x)
    carried = [s.copy() for s in model.get_states()[0]]
    np.testing.assert_array_equal(model.predict(x, initial_states=model.zero_states()), first)
    model.predict(x[:1], initial_states=[None])  # another size, even
    for now, then in zip(model.get_states()[0], carried):
        np.testing.assert_array_equal(now, then)
    assert not np.array_equal(model.predict(x), first)
    model.reset_states()
    np.testing.assert_array_equal(model.predict(x), first)


def test_masked_steps_leave_a_carried_state_alone() -> None:
    model = Sequential([Embedding(6, 3, mask_zero=True), LSTM(4, stateful=True), Dense(1, "sigmoid")], dtype="float64")
    text = np.array([[3, 1, 4, 1, 5]])
    expected = model.predict(text)
    model.reset_states()
    model.predict(np.array([[3, 0, 1]]))
    model.predict(np.array([[0, 0, 0]]))
    np.testing.assert_allclose(model.predict(np.array([[4, 0, 1, 0, 5]])), expected, rtol=1e-12)


# --- dropout --------------------------------------------------------------------------------------------------------


def test_dropout_keeps_the_mean_and_is_off_outside_training() -> None:
    layer, x = Dropout(0.25), np.ones((200, 500), np.float32)
    out, scale = layer.forward(x, True, np.random.default_rng(0))
    assert set(np.unique(out)) == {np.float32(0), np.float32(1 / 0.75)}
    assert np.mean(out == 0) == pytest.approx(0.25, abs=0.01) and out.mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(layer.backward(scale, np.ones_like(x)), out)  # the same elements, the same scale
    assert layer.forward(x, False, np.random.default_rng(0))[0] is x
    assert Dropout(0).forward(x, True, np.random.default_rng(0))[0] is x


def test_dropout_is_drawn_anew_for_every_batch_from_the_models_seed() -> None:
    x, y = batch("deep text")
    runs = []
    for seed in (1, 1, 2):
        model = make("deep text", optimizer=SGD(1e-9))
        model.dropout_rng = np.random.default_rng(seed)
        runs.append([model.train_on_batch(x, y) for _ in range(3)])
    assert runs[0] == runs[1] != runs[2] and len(set(runs[0])) == 3


# --- initializers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("glorot_uniform", np.sqrt(2 / (300 + 200))),
        ("glorot_normal", np.sqrt(2 / (300 + 200))),
        ("he_normal", np.sqrt(2 / 300)),
        ("random_normal", 0.05),
        ("small_normal", 0.01),
        ("uniform", 0.05 / np.sqrt(3)),
        ("orthogonal", np.sqrt(1 / 300)),
        ("zeros", 0.0),
    ],
)
def test_initializers_have_the_spread_their_papers_give(name: str, deviation: float) -> None:
    draw = initializers.draw(name, (300, 200), np.random.default_rng(0))
    assert draw.shape == (300, 200) and draw.dtype == np.float64
    assert draw.std() == pytest.approx(deviation, rel=0.02) and abs(draw.mean()) <= 0.02 * deviation + 1e-12
    if name == "glorot_uniform":
        assert 0.99 * np.sqrt(6 / 500) < np.abs(draw).max() <= np.sqrt(6 / 500)
    assert set(initializers.INITIALIZERS) >= {name}


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (4, 16), (1, 3)])
def test_orthogonal_matrices_are(shape) -> None:
    q = initializers.draw("orthogonal", shape, np.random.default_rng(1))
    product = q.T @ q if shape[0] >= shape[1] else q @ q.T
    np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-12)


def test_how_a_new_lstm_begins() -> None:
    layer = LSTM(4)
    layer.build((None, None, 3), np.random.default_rng(0))
    kernel, recurrent, bias = layer.get_weights()
    assert (kernel.shape, recurrent.shape, bias.shape) == ((3, 16), (4, 16), (16,))
    assert bias.tolist() == [0] * 4 + [1] * 4 + [0] * 8  # i, f, c, o: it begins by remembering
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(4), atol=1e-6)
    plain = LSTM(4, unit_forget_bias=False)
    plain.build((None, None, 3), np.random.default_rng(0))
    assert not plain.get_weights()[2].any()


def test_summary_and_count() -> None:
    model = make("reviews")
    # 6·3, 4·5·(3 + 5 + 1), 5 + 1
    assert model.count_params() == 18 + 180 + 6 == sum(w.size for w in model.get_weights())
    text = model.table()
    for part in ("embedding (Embedding)", "lstm (LSTM)", "(None, 5)", "180", "Total params: 204"):
        assert part in text
    assert [layer.name for layer in make("deep text").layers] == ["onehot", "lstm", "dropout", "lstm_1", "dense"]


# --- as a Keras user writes it --------------------------------------------------------------------------------------


def test_layers_are_found_and_say_what_they_are() -> None:
    model = Sequential([Embedding(9, 4), LSTM(3, return_sequences=True), LSTM(2), Dense(1, "sigmoid")])
    assert model.get_layer("lstm_1") is model.layers[2] is model.get_layer(index=-2)
    with pytest.raises(ValueError, match="there is no layer 'gru'; there are embedding, lstm, lstm_1, dense"):
        model.get_layer("gru")
    with pytest.raises(ValueError, match="index must be a place among 4 layers, got 4"):
        model.get_layer(index=4)
    for layer in model.layers:
        again = eval(repr(layer), {kind.__name__: kind for kind in (Embedding, LSTM, Dense)})
        assert type(again) is type(layer) and again.get_config() == layer.get_config()


def test_other_names_of_keras_and_metrics_as_a_word() -> None:
    model = Sequential([Dense(1)])
    model.compile("sgd", "mean_squared_error")
    assert model.loss == "mse"
    model = Sequential([Dense(3, "softmax")])
    model.compile("sgd", CROSSENTROPY, metrics="accuracy")
    assert model.metrics == ["accuracy"]
    with pytest.raises(ValueError, match="metrics may hold accuracy, last_step_accuracy, got 'auc'"):
        model.compile("sgd", CROSSENTROPY, metrics="auc")


def test_the_accuracy_of_the_last_step_alone() -> None:
    """By hand: three sequences of 4, 2 and 3 steps with an answer after each; right at the end are two of the three."""
    model = Sequential([Embedding(5, 3, mask_zero=True), LSTM(4, return_sequences=True), Dense(3, "softmax")], seed=1)
    model.compile("sgd", CROSSENTROPY, metrics="last_step_accuracy")
    x = np.array([[1, 2, 3, 4], [2, 1, 0, 0], [4, 4, 2, 0]])
    model.build((None, None))
    said = model.predict(x).argmax(axis=2)
    y = (said + 1) % 3  # all wrong …
    y[0, 3], y[1, 1] = said[0, 3], said[1, 1]  # … but the last answers of two
    assert model.evaluate(x, y, return_dict=True)["accuracy"] == pytest.approx(2 / 3)
    assert model.loss_and_gradient(x, y)["accuracy"] == pytest.approx(2 / 3)
    model.compile("sgd", CROSSENTROPY, metrics="accuracy")
    assert model.evaluate(x, y, return_dict=True)["accuracy"] == pytest.approx(2 / 9)
    with pytest.raises(ValueError, match="metrics may hold one of accuracy, last_step_accuracy"):
        model.compile("sgd", CROSSENTROPY, metrics=["accuracy", "last_step_accuracy"])


def test_a_model_is_called_and_evaluates_with_verbose(capsys: pytest.CaptureFixture) -> None:
    model = Sequential([Dense(3, "softmax")])
    model.compile("sgd", CROSSENTROPY, metrics="accuracy")
    x, y = np.random.default_rng(0).normal(size=(300, 2)), np.zeros(300, int)
    np.testing.assert_allclose(model(x), model.predict(x, 7, 1), rtol=1e-5)
    loss, accuracy = model.evaluate(x, y, 32, 0)
    assert capsys.readouterr().out == ""
    assert model.evaluate(x, y, 32, 1) == [loss, accuracy]
    assert capsys.readouterr().out == f"loss {loss:.4f}  accuracy {accuracy:.4f}\n"


@pytest.mark.parametrize("kind", [LSTM, SimpleRNN])
def test_every_argument_stands_in_the_signature_and_its_documentation(kind) -> None:
    parameters = inspect.signature(kind).parameters
    assert set(parameters) == set(kind(2).get_config())
    assert all(one.kind is not one.VAR_KEYWORD for one in parameters.values())
    assert all(name in kind.__doc__ for name in parameters)


def test_every_argument_of_the_training_loops_is_documented() -> None:
    for method in (Sequential.fit, Sequential.fit_iter, Sequential.evaluate, Sequential.predict, Sequential.compile):
        parameters = list(inspect.signature(method).parameters.values())[1:]
        assert all(one.kind is not one.VAR_KEYWORD and one.name in method.__doc__ for one in parameters), method
