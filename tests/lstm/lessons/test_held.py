"""A gate that is held is exactly 0 or 1, in every layer, whoever reads, and the network it comes from stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from lstm import LSTM, Bidirectional, Dense, OneHot, Sequential, SimpleRNN, cell
from lstm.lessons.held import HOLDABLE, can_be_held, with_gate_held
from lstm.lessons.text.sampling import Writer


def network():
    model = Sequential([OneHot(7), LSTM(4, return_sequences=True), LSTM(3, return_sequences=True), Dense(7, activation="softmax")], seed=1)
    model.build((None, None))
    return model


@pytest.mark.parametrize("gate", HOLDABLE)
@pytest.mark.parametrize("value", [0, 1])
def test_it_is_exactly_held_and_is_the_cell_with_that_gate_clamped(gate, value):
    model, x = network(), np.array([[1, 5, 2, 2, 6]])
    before = [weight.copy() for weight in model.get_weights()]
    held = with_gate_held(model, gate, value)
    for trace in held.trace(x):
        assert not trace or (trace[gate] == value).all()
    steps = cell.unroll(np.eye(7)[x[0]][:, None], *[w.astype(float) for w in model.layers[1].get_weights()], clamp={gate: value})
    np.testing.assert_allclose(held.trace(x)[0]["h"][0], [step.h[0] for step in steps], atol=1e-6)
    np.testing.assert_allclose(Writer(held).read(x[0])[0], held.predict(x)[0, -1], atol=1e-6)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_what_cannot_be_held_is_one_sentence():
    with pytest.raises(ValueError, match="gate must be one of i, f, o, got 'g'"):
        with_gate_held(network(), "g", 0)
    with pytest.raises(ValueError, match=r"value must be 0 or 1, got 0\.5"):
        with_gate_held(network(), "f", 0.5)
    rnn = Sequential([OneHot(7), SimpleRNN(4), Dense(2)], seed=1)
    rnn.build((None, None))
    with pytest.raises(ValueError, match="no LSTM layer"):
        with_gate_held(rnn, "f", 0)


@pytest.mark.parametrize("gate", HOLDABLE)
def test_both_directions_are_held(gate):
    model = Sequential([OneHot(7), Bidirectional(LSTM(4)), Dense(2)], seed=1)
    model.build((None, None))
    held = with_gate_held(model, gate, 1)
    traces = held.trace(np.array([[1, 5, 2]]))
    assert len(traces) == 2 and all((trace[gate] == 1).all() for trace in traces)
    assert can_be_held(model) and not all((trace[gate] == 1).all() for trace in model.trace(np.array([[1, 5, 2]])))
