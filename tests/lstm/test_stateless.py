"""Inference keeps nothing: states come in and go out as arguments, and one model serves any number of threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lstm import GRU, LSTM, Bidirectional, Dense, Dropout, Embedding, MinLSTM, OneHot, Sequential, SimpleRNN, load_model
from lstm.lessons.text.sampling import write

ROOT = Path(__file__).resolve().parents[2]
TEXT = "It was a dark and stormy night; the rain fell in torrents, except at occasional intervals."
ROUNDS = 40
"""Traces a thread takes of the shipped text model."""
LAYERS = {
    "LSTM": lambda: [OneHot(6), LSTM(4, return_sequences=True), LSTM(3, return_sequences=True), Dense(6, "softmax")],
    "stateful": lambda: [OneHot(6), LSTM(4, return_sequences=True, stateful=True), Dense(6, "softmax")],
    "stateful GRU": lambda: [OneHot(6), GRU(4, return_sequences=True, stateful=True), Dense(6, "softmax")],
    "masked GRU, MinLSTM": lambda: [
        Embedding(6, 3, mask_zero=True), GRU(4, return_sequences=True), MinLSTM(3, return_sequences=True), Dense(6, "softmax"),
    ],
    "masked SimpleRNN": lambda: [Embedding(6, 3, mask_zero=True), SimpleRNN(4, return_sequences=True), Dense(6, "softmax")],
    "last step": lambda: [Embedding(6, 3, mask_zero=True), Dropout(0.5), LSTM(4, return_sequences=True), LSTM(3), Dense(6, "softmax")],
}  # fmt: skip


def made(name: str) -> Sequential:
    model = Sequential(LAYERS[name](), seed=1, dtype="float64")
    model.build((None, None))
    return model


def flat(states) -> list[np.ndarray]:
    return [array for one in states for array in one or []]


def held(model: Sequential) -> list[str]:
    """Every array, or list of arrays, that hangs on a layer beside its weights and gradients, and what the model carries."""
    found = [f"{layer.name}.{name}" for one in model.layers for layer in (one, *one.recurrent_layers)
             for name, value in vars(layer).items()
             if name not in ("params", "grads") and (isinstance(value, np.ndarray) or (isinstance(value, list) and value))]  # fmt: skip
    return found + [layer.name for layer, state in zip(model.recurrent_layers, model.get_states()) if state is not None]


# --- states in, states out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("cut", [1, 4, 6])
def test_two_pieces_with_states_are_the_whole(name: str, cut: int) -> None:
    model = made(name)
    x = np.random.default_rng(0).integers(0, 6, (5, 7))
    out, final = model.predict(x, initial_states=model.zero_states(), return_states=True)
    first, states = model.predict(x[:, :cut], initial_states=model.zero_states(), return_states=True)
    second, ended = model.predict(x[:, cut:], batch_size=2, initial_states=states, return_states=True)
    if out.ndim == 3:
        second = np.concatenate([first, second], axis=1)
    if "Embedding" not in type(model.layers[0]).__name__:  # a masked first step of a piece repeats nothing of the piece before
        np.testing.assert_allclose(second, out, rtol=1e-10)
    for a, b in zip(flat(ended), flat(final), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)
    assert held(model) == []


@pytest.mark.parametrize("name", LAYERS)
def test_traces_take_states_and_return_them(name: str) -> None:
    model = made(name)
    x = np.random.default_rng(0).integers(1, 6, (3, 7))
    whole, final = model.trace(x, return_states=True)
    first, states = model.trace(x[:, :3], return_states=True)
    second, ended = model.trace(x[:, 3:], initial_states=states, return_states=True)
    for a, b, both in zip(first, second, whole, strict=True):
        for quantity in both:
            np.testing.assert_allclose(np.concatenate([a[quantity], b[quantity]], axis=1), both[quantity], rtol=1e-10)
    for a, b in zip(flat(ended), flat(final), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)
    np.testing.assert_allclose(flat(final)[0], whole[0]["h"][:, -1])  # h of the last step is what the layer ends with
    assert held(model) == []


def test_logits_take_states_too() -> None:
    model = made("LSTM")
    x = np.random.default_rng(0).integers(0, 6, (3, 7))
    _, states = model.logits(x[:, :3], return_states=True)
    np.testing.assert_allclose(model.logits(x[:, 3:], initial_states=states), model.logits(x)[:, 3:], rtol=1e-10)


def test_both_directions_of_a_bidirectional_take_their_own_states() -> None:
    model = Sequential([Bidirectional(LSTM(3, return_sequences=True)), Dense(2)], dtype="float64")
    x = np.random.default_rng(0).normal(size=(4, 5, 2))
    out, states = model.predict(x, return_states=True)
    assert [len(one) for one in states] == [2, 2]
    again = model.predict(x, initial_states=[None, states[1]])
    assert not np.allclose(again, out)
    forward, backward = (model.layers[0].directions[name] for name in ("forward", "backward"))
    hidden = [forward(x), backward(x[:, ::-1], initial_state=states[1])[:, ::-1]]
    expected = np.concatenate(hidden, axis=2) @ model.layers[1].get_weights()[0]
    np.testing.assert_allclose(again, expected, rtol=1e-10)


def test_states_that_do_not_fit_are_refused_in_a_sentence() -> None:
    model, x = made("LSTM"), np.zeros((3, 5), int)
    two = [np.zeros((2, 4))] * 2
    for call in (model.predict, model.logits, model.trace):
        with pytest.raises(ValueError, match="initial_states must be a list of 2, one entry for each recurrent layer, got 1"):
            call(x, initial_states=[None])
        with pytest.raises(ValueError, match=r"lstm expects states of shape \(3, 4\), got \(2, 4\)"):
            call(x, initial_states=[two, None])
        with pytest.raises(ValueError, match="lstm_1: initial_state must hold 2 arrays, got 1"):
            call(x, initial_states=[None, [np.zeros((3, 3))]])
        with pytest.raises(ValueError, match=r"initial_states must be a list of 2, .* got str"):
            call(x, initial_states="zeros")


def test_states_given_are_not_written_to_and_what_comes_back_is_the_callers() -> None:
    model = made("LSTM")
    x = np.random.default_rng(0).integers(0, 6, (3, 5))
    states = [[np.full((3, n), 0.5), np.full((3, n), 0.5)] for n in (4, 3)]
    for call in (model.predict, model.trace):
        _, first = call(x, initial_states=states, return_states=True)
        copies = [a.copy() for a in flat(first)]
        call(x[::-1], initial_states=first)
        for a, b in zip(flat(first), copies):
            np.testing.assert_array_equal(a, b)
    assert all((a == 0.5).all() for a in flat(states))


# --- stateful=True is a thin layer over that -------------------------------------------------------------------------


def test_a_stateful_model_carries_what_predict_returns_and_explicit_states_leave_that_alone() -> None:
    model = made("stateful")
    model.compile("sgd", "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).integers(0, 6, (3, 5))
    _, states = model.predict(x, return_states=True)
    for a, b in zip(flat(model.get_states()), flat(states), strict=True):
        np.testing.assert_array_equal(a, b)
    model.predict(x[:2], initial_states=model.zero_states())
    model.trace(x)
    model.gradients(x, x)
    model.evaluate(x, x, initial_states=model.zero_states())
    model.loss_and_gradient(x, x, initial_states=model.zero_states())
    for a, b in zip(flat(model.get_states()), flat(states), strict=True):
        np.testing.assert_array_equal(a, b)


def test_gradients_leave_the_carried_states_also_when_they_fail() -> None:
    model = made("stateful")
    model.compile("sgd", "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).integers(0, 6, (3, 5))
    _, states = model.predict(x, return_states=True)
    wrong = np.where(np.arange(5) == 4, 6, x)  # a class that does not exist: noticed after the forward pass
    with pytest.raises(ValueError, match="y must hold classes from 0 to 5"):
        model.gradients(x, wrong)
    for a, b in zip(flat(model.get_states()), flat(states), strict=True):
        np.testing.assert_array_equal(a, b)


# --- threads ----------------------------------------------------------------------------------------------------------


def test_two_threads_that_trace_and_write_with_the_shipped_text_model() -> None:
    """All equal to what one thread gets, and nothing left on any layer."""
    model = load_model(ROOT / "data" / "pretrained" / "text.npz", lesson="text")
    tokens = model.metadata["vocabulary"]["tokens"]
    ids = np.array([[tokens.index(character) for character in TEXT]])
    assert model.stateful  # it was trained with states carried, which is what once made threads meet
    traced, states = model.trace(ids, return_states=True)
    predicted = model.predict(ids, initial_states=model.zero_states())
    going_on = model.trace(ids, initial_states=states)
    written = list(write(model, ids[0, :9], 20, seed=1))

    def same(trace, expected) -> bool:
        return all(np.array_equal(a[name], b[name]) for a, b in zip(trace, expected, strict=True) for name in b)

    def work(number: int) -> list[bool]:
        found = []
        for k in range(ROUNDS):
            if (k + number) % 2:
                found += [same(model.trace(ids), traced), list(write(model, ids[0, :9], 20, seed=1)) == written]
            else:
                found += [same(model.trace(ids, initial_states=states), going_on)]
                found += [np.array_equal(model.predict(ids, initial_states=model.zero_states()), predicted)]
        return found

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(work, range(2)))
    assert [len(found) for found in results] == [2 * ROUNDS] * 2 and all(map(all, results))
    assert held(model) == []
