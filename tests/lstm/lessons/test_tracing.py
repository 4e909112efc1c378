"""Looking inside: traces equal to the equations, features of a text, and the unit that follows one."""

import numpy as np
import pytest

from lstm import LSTM, Dense, OneHot, Sequential
from lstm.lessons.text.tracing import MAX_SYMBOLS, features, read, telling_units

TEXT = 'He said: "no (not\nme)".\n\n"Ah", B'


@pytest.fixture
def model():
    model = Sequential(
        [OneHot(5), LSTM(3, return_sequences=True, stateful=True), LSTM(2, return_sequences=True), Dense(5, activation="softmax")],
        seed=1,
    )  # fmt: skip
    model.build((None, None))
    return model


def test_a_trace_is_what_the_model_computes_and_leaves_its_states_alone(model):
    ids = np.array([0, 3, 1, 4])
    model.predict(ids[None])
    states = [None if state is None else [part.copy() for part in state] for state in model.get_states()]
    first, second = read(model, ids)
    again, _ = read(model, ids)
    assert first["h"].shape == (4, 3)
    assert second["c"].shape == (4, 2)
    np.testing.assert_array_equal(first["h"], again["h"])  # from zero states each time
    np.testing.assert_allclose(first["h"], first["o"] * np.tanh(first["c"]), rtol=1e-5)
    for before, after in zip(states, model.get_states(), strict=True):
        for one, other in zip(before or [], after or [], strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("length", [0, MAX_SYMBOLS + 1])
def test_a_text_of_no_or_too_many_symbols_is_refused(model, length):
    with pytest.raises(ValueError, match=f"ids must hold between 1 and 20,000 symbols, got {length:,}"):
        read(model, np.zeros(length, int))


def test_features_of_a_text():
    found = features(TEXT)
    quoted = [k for k, value in enumerate(found["inside quotation marks"]) if value]
    assert quoted == [*range(9, 21), *range(25, 28)]  # from the opening mark to before the closing one
    assert [k for k, value in enumerate(found["at a capital letter"]) if value] == [0, 26, 31]
    assert [k for k, value in enumerate(found["inside brackets"]) if value] == list(range(13, 20))
    assert found["how far into the line"][TEXT.index("\n") + 1] == 1
    assert "inside brackets" not in features("no brackets here")
    assert features("") == {}


def test_a_quotation_that_is_never_closed_ends_with_its_paragraph():
    assert features('"a\n\nb"c')["inside quotation marks"].tolist() == [1, 1, 1, 0, 0, 1, 1]


def test_the_unit_that_follows_a_feature_is_found_in_whichever_layer_it_is():
    rng = np.random.default_rng(0)
    capital = features(TEXT)["at a capital letter"]
    layers = [{"c": rng.normal(size=(len(TEXT), 4))}, {"h": rng.normal(size=(len(TEXT), 3))}]
    layers[1]["h"][:, 2] = 0.3 - 0.2 * capital
    layers[0]["c"][:, 1] = 0.0  # a unit that never moves correlates with nothing
    found = {telling.feature: telling for telling in telling_units(layers, TEXT)}
    assert (found["at a capital letter"].layer, found["at a capital letter"].unit) == (1, 2)
    assert found["at a capital letter"].correlation == pytest.approx(-1)
    strengths = [abs(telling.correlation) for telling in telling_units(layers, TEXT)]
    assert strengths == sorted(strengths, reverse=True)


def test_a_trace_of_another_text_is_refused():
    with pytest.raises(ValueError, match="one character a step, got 3 for 2 steps"):
        telling_units([{"h": np.zeros((2, 1))}], "a b")
