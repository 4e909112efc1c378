"""The attention block against Keras's own layers, and what is special about it: order, padding, the mask, its limits."""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
import pytest

from lstm import Dense, Embedding, OneHot, SelfAttention, Sequential, load_model

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
TIME, FEATURES, UNITS, HEADS = 7, 3, 8, 2


def ours(seed: int = 0) -> Sequential:
    model = Sequential([SelfAttention(UNITS, HEADS, 9, return_sequences=True), Dense(2)], seed=seed)
    model.compile("sgd", "mse")
    model.build((None, None, FEATURES))
    rng = np.random.default_rng(seed)
    model.set_weights([w + rng.normal(scale=0.3, size=w.shape) for w in model.get_weights()])
    return model


def theirs(model: Sequential) -> keras.Model:
    """The same block from Keras's layers, with the same weights."""
    p = model.layers[0].params
    inputs = keras.Input((TIME, FEATURES))
    layers = keras.layers
    s = layers.Dense(UNITS, name="read")(inputs)
    where = layers.Embedding(9, UNITS, name="where")
    places = keras.Input((TIME,), dtype="int32")
    s = layers.Add()([s, where(places)])
    normed = layers.LayerNormalization(epsilon=1e-5, name="norm")(s)
    looked = layers.MultiHeadAttention(HEADS, UNITS // HEADS, name="look")(normed, normed, use_causal_mask=True)
    s = layers.Add()([s, looked])
    wide = layers.Dense(2 * UNITS, "relu", name="wide")(layers.LayerNormalization(epsilon=1e-5, name="dense_norm")(s))
    s = layers.Add()([s, layers.Dense(UNITS, name="narrow")(wide)])
    made = keras.Model([inputs, places], layers.Dense(2, name="answer")(s))
    head = UNITS // HEADS
    kernels, biases = np.split(p["attention_kernel"], 3, axis=1), np.split(p["attention_bias"], 3)
    attention = [a for k, b in zip(kernels, biases) for a in (k.reshape(UNITS, HEADS, head), b.reshape(HEADS, head))]
    given = {
        "read": [p["kernel"], p["bias"]], "where": [p["positions"]], "norm": [p["norm_scale"], p["norm_offset"]],
        "look": [*attention, p["output_kernel"].reshape(HEADS, head, UNITS), p["output_bias"]],
        "dense_norm": [p["dense_norm_scale"], p["dense_norm_offset"]], "wide": [p["dense_kernel"], p["dense_bias"]],
        "narrow": [p["dense_output_kernel"], p["dense_output_bias"]], "answer": model.layers[1].get_weights(),
    }  # fmt: skip
    for name, weights in given.items():
        made.get_layer(name).set_weights(weights)
    return made


def test_outputs_and_gradients_are_those_of_keras() -> None:
    model = ours()
    made = theirs(model)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(4, TIME, FEATURES)).astype(np.float32), rng.normal(size=(4, TIME, 2)).astype(np.float32)
    given = [x, np.tile(np.arange(TIME), (4, 1))]
    np.testing.assert_allclose(model.predict(x), np.asarray(made(given)), rtol=0, atol=1e-5)

    def loss(values):
        out, _ = made.stateless_call(values, [v.value for v in made.non_trainable_variables], given)
        return keras.ops.mean((out - y) ** 2)

    value, grads = jax.value_and_grad(loss)([v.value for v in made.trainable_variables])
    ours_loss, _ = model.gradients(x, y)
    assert ours_loss == pytest.approx(float(value), abs=1e-5)
    by_path = {v.path.replace("/", ".", 1): np.asarray(g) for v, g in zip(made.trainable_variables, grads)}
    g = model.layers[0].grads
    pairs = {
        "read.kernel": g["kernel"], "read.bias": g["bias"], "where.embeddings": g["positions"],
        "norm.gamma": g["norm_scale"], "norm.beta": g["norm_offset"], "dense_norm.gamma": g["dense_norm_scale"],
        "dense_norm.beta": g["dense_norm_offset"], "wide.kernel": g["dense_kernel"], "wide.bias": g["dense_bias"],
        "narrow.kernel": g["dense_output_kernel"], "narrow.bias": g["dense_output_bias"],
        "look.attention_output/kernel": g["output_kernel"], "look.attention_output/bias": g["output_bias"],
        **{f"look.{part}/kernel": k for part, k in zip(("query", "key", "value"), np.split(g["attention_kernel"], 3, axis=1))},
        **{f"look.{part}/bias": b for part, b in zip(("query", "key", "value"), np.split(g["attention_bias"], 3))},
    }  # fmt: skip
    assert len(pairs) == 19 and len(by_path) == 19 + 2  # the answer's dense layer has two more
    for name, mine in pairs.items():
        other = by_path[name].reshape(mine.shape)
        size = max(np.linalg.norm(other), 1e-3)  # a key's bias shifts all scores of a step alike: its gradient is 0
        assert np.linalg.norm(mine - other) <= 1e-4 * size, name


def test_a_step_sees_itself_and_what_came_before_alone() -> None:
    model, rng = ours(), np.random.default_rng(0)
    x = rng.normal(size=(2, TIME, FEATURES)).astype(np.float32)
    changed = x.copy()
    changed[:, 4] += 1
    before, after = model.predict(x), model.predict(changed)
    np.testing.assert_allclose(before[:, :4], after[:, :4], atol=1e-6)
    assert (np.abs(before[:, 4:] - after[:, 4:]).max(axis=(0, 2)) > 1e-4).all()
    [inside] = model.trace(x)
    assert inside["attention"].shape == (2, HEADS, TIME, TIME) and inside["h"].shape == (2, TIME, UNITS)
    np.testing.assert_allclose(inside["attention"].sum(axis=-1), 1, atol=1e-5)
    assert not inside["attention"][..., np.triu(np.ones((TIME, TIME), bool), 1)].any()


def test_padding_has_no_say() -> None:
    model = Sequential([Embedding(5, 4, mask_zero=True), SelfAttention(6, 3, 8), Dense(2)], seed=1)
    model.build((None, None))
    x = np.array([[1, 2, 3, 0, 0], [4, 0, 0, 0, 0], [0, 0, 1, 2, 3], [1, 2, 3, 4, 1], [0, 0, 0, 0, 0]])
    out = model.predict(x)
    np.testing.assert_allclose(out[0], model.predict(x[:1, :3])[0], atol=1e-6)
    np.testing.assert_allclose(out[1], model.predict(x[1:2, :1])[0], atol=1e-6)
    np.testing.assert_allclose(out[2], out[0], atol=1e-6)
    np.testing.assert_allclose(out[4], model.layers[2].params["bias"], atol=1e-6)  # it read nothing


def test_in_pieces_of_a_batch_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = ours(), np.random.default_rng(0).normal(size=(5, TIME, FEATURES)).astype(np.float32)
    whole = model.predict(x)
    monkeypatch.setattr("lstm.attention._AT_ONCE", 2 * HEADS * TIME * TIME)
    np.testing.assert_allclose(model.predict(x), whole, atol=1e-6)


def test_it_comes_back_from_a_file(tmp_path) -> None:
    model = Sequential([OneHot(3), SelfAttention(4, 2, 6), Dense(2, "softmax")])
    model.build((None, None))
    model.save(tmp_path / "model.npz")
    back = load_model(tmp_path / "model.npz")
    x = np.array([[0, 1, 2, 1]])
    np.testing.assert_array_equal(back.predict(x), model.predict(x))
    assert "selfattention (SelfAttention)" in back.table()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: SelfAttention(10, 4), "num_heads must divide units, got 4 heads for 10 units"),
        (lambda: SelfAttention(8, 0), "num_heads must be a positive integer, got 0"),
        (lambda: SelfAttention(8, 2, positions=True), "positions must be a positive integer, got True"),
        (lambda: SelfAttention(8, 2, positions=9_999), "positions must be at most 4,096, got 9,999"),
        (
            lambda: ours().predict(np.zeros((1, 10, FEATURES))),
            "selfattention has learnt positions for 9 steps, got a sequence of 10",
        ),
        (lambda: ours().predict(np.zeros((1, 5, 2))), "the model expects 3 features, got 2"),
        (
            lambda: Sequential([Dense(3), SelfAttention(4)]).build((None, 3)),
            r"SelfAttention expects \(batch, time, features\), got shape \(None, 3\)",
        ),
    ],
)
def test_what_it_cannot_be_is_said(make, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        make()
