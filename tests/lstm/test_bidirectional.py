"""Bidirectional: each direction is the plain layer, padding moves nothing, files and tables know it."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest

from lstm import LSTM, Bidirectional, Dense, Dropout, Embedding, OneHot, Sequential, SimpleRNN, load_model
from lstm.lessons.text.sampling import Writer
from lstm.packing import PackedSequence, Packing
from lstm.parallel import Halves
from lstm.storage import model_bytes

LENGTHS = (5, 2, 4, 1)


def reader(padded: bool = True, seed: int = 0) -> Sequential:
    model = Sequential([
        Embedding(9, 4, mask_zero=padded), Bidirectional(LSTM(3, return_sequences=True)), Dropout(0.5),
        Bidirectional(SimpleRNN(2)), Dense(3, "softmax"),
    ], seed=seed)  # fmt: skip
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((None, None))
    return model


def texts(padding: str, longest: int = 5) -> np.ndarray:
    rng = np.random.default_rng(1)
    x = np.zeros((len(LENGTHS), longest), int)
    for row, n in zip(x, LENGTHS):
        row[:n] = rng.integers(1, 9, n)
        if padding == "pre":
            row[:] = np.roll(row, longest - n)
    return x


def test_reversal_turns_every_sequence_around_at_its_own_end():
    mask = texts("post") != 0
    packing = Packing.from_mask(mask)
    steps = np.broadcast_to(np.arange(5), mask.shape)
    turned = packing.unpack(packing.pack(steps)[packing.reversal])
    for row, n in zip(turned, LENGTHS):
        assert row[:n].tolist() == list(range(n))[::-1]
    for one in (packing, Packing.full(3, 4)):
        assert one.reversal[one.reversal].tolist() == list(range(one.rows))  # twice turned is as it was


def test_each_direction_is_the_plain_layer():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 4, 3)).astype(np.float32)
    both = Bidirectional(LSTM(5, return_sequences=True))
    both.build(x.shape, rng)
    packing = Packing.full(2, 4)
    out, _ = both.forward(PackedSequence(packing.pack(x), packing), False, None)
    out = packing.unpack(out.values)
    for direction, part, order in (("forward", out[..., :5], slice(None)), ("backward", out[..., 5:], slice(None, None, -1))):
        alone = LSTM(5, return_sequences=True)
        alone.build(x.shape, rng)
        alone.set_weights(both.directions[direction].get_weights())
        np.testing.assert_allclose(alone(x[:, order])[:, order], part, atol=1e-6)


def test_padding_moves_nothing():
    model = reader()
    expected = np.concatenate([model.predict(row[row != 0][None]) for row in texts("post")])
    for padding in ("pre", "post"):
        np.testing.assert_allclose(model.predict(texts(padding)), expected, atol=1e-6)
        np.testing.assert_allclose(model.predict(texts(padding, 9)), expected, atol=1e-6)


def test_what_happens_inside_is_shown_for_both_directions():
    model, x = reader(), texts("post")
    forward, backward, *above = model.trace(x)
    assert len(above) == 2 and forward["c"].shape == backward["c"].shape == (4, 5, 3)
    alone = model.trace(x[:1, 2:])[1]["h"]  # read from the end, the beginning that is cut off comes last
    np.testing.assert_allclose(backward["h"][0, 2:], alone[0], atol=1e-6)
    assert [memory.name for memory in model.recurrent_layers][:2] == ["forward_lstm", "backward_lstm"]


def test_saved_loaded_pickled_and_in_two_threads_it_is_the_same_model():
    model, x, y = reader(), texts("pre"), np.array([0, 1, 2, 1])
    assert model.count_params() == 36 + 2 * 4 * 3 * (4 + 3 + 1) + 2 * 2 * (6 + 2 + 1) + 3 * 5
    assert "bidirectional_1 (Bidirectional)" in model.table() and "(None, None, 6)" in model.table()
    for twin in (load_model(io.BytesIO(model_bytes(model))), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(twin.predict(x), model.predict(x))
    whole = model.gradients(x, y)
    _, logs, _ = Halves(model).loss_and_gradient(model, x, y, False, None, 2)
    assert logs["loss"] == pytest.approx(whole[0], abs=1e-6)
    for one, other in zip([g for layer in model.layers for g in layer.get_gradients()], whole[1]):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_it_learns_what_only_the_end_of_a_text_tells():
    rng = np.random.default_rng(0)
    x = rng.integers(1, 4, (256, 6))
    y = (x == x[:, -1:]).astype(int)  # at every step: is this the symbol the text will end with?
    model = Sequential([OneHot(4), Bidirectional(LSTM(12, return_sequences=True)), Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.02
    model.fit(x, y, epochs=25)
    assert model.evaluate(x, y, return_dict=True)["accuracy"] > 0.99


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: Bidirectional(Dense(3)), "layer must be one of LSTM, GRU, MinLSTM, SimpleRNN, got Dense"),
        (lambda: Bidirectional({"layer": "Dense", "units": 3}), "layer must be one of LSTM, GRU, MinLSTM, SimpleRNN, got 'Dense'"),
        (lambda: Bidirectional({"units": 3}), "layer must be one of LSTM, GRU, MinLSTM, SimpleRNN, got 'None'"),
        (lambda: Bidirectional(LSTM(3), "sum"), "merge_mode must be \"concat\", got 'sum'"),
        (lambda: Bidirectional(LSTM(3, stateful=True)), "layer must be neither stateful nor return_state"),
        (lambda: Bidirectional(LSTM(3, return_state=True)), "layer must be neither stateful nor return_state"),
        (lambda: Sequential([Bidirectional(LSTM(3)), Bidirectional(LSTM(3))]).build((None, 4, 2)), "LSTM expects (batch, time, "),
        (lambda: Writer(writing()), "writing goes forward"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(made, said):
    with pytest.raises(ValueError) as caught:
        made()
    assert str(caught.value).startswith(said)


def test_a_layer_that_has_weights_is_refused():
    layer = LSTM(3)
    layer.build((None, 2, 2), np.random.default_rng(0))
    with pytest.raises(ValueError, match="must not have weights yet"):
        Bidirectional(layer)


def writing() -> Sequential:
    model = Sequential([OneHot(4), Bidirectional(LSTM(3, return_sequences=True)), Dense(4, "softmax")])
    model.build((None, None))
    return model
