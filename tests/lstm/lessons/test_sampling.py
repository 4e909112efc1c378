"""Reshaping a distribution by hand, and a writer that expects exactly what the model predicts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm import GRU, LSTM, Dense, Dropout, Embedding, OneHot, Sequential, SimpleRNN
from lstm.lessons.text.sampling import Writer, adjust, generate, next_symbol_probabilities, write
from lstm.preprocessing.text import CharVocabulary, WordVocabulary

P = np.array([0.1, 0.2, 0.3, 0.4])


def test_temperature_by_hand() -> None:
    np.testing.assert_allclose(adjust(P), P)
    # T = 1/2 squares: (1, 4, 9, 16)/30
    np.testing.assert_allclose(adjust(P, 0.5), np.array([1, 4, 9, 16]) / 30)
    # T = 2 takes roots: √(1, 4, 9, 16) = (1, 2, 3, 4), so from (1, 4, 9, 16)/30 back to P
    np.testing.assert_allclose(adjust(np.array([1, 4, 9, 16]) / 30, 2.0), P)
    np.testing.assert_array_equal(adjust(P, 0.0), [0, 0, 0, 1])
    np.testing.assert_allclose(adjust(P, 1e-3), [0, 0, 0, 1], atol=1e-30)  # no overflow on the way to the limit


def test_top_k_by_hand() -> None:
    np.testing.assert_allclose(adjust(P, top_k=2), [0, 0, 3 / 7, 4 / 7])
    np.testing.assert_allclose(adjust(P, top_k=1), [0, 0, 0, 1])
    np.testing.assert_allclose(adjust(P, top_k=99), P)
    assert (adjust(np.full(4, 0.25), top_k=3) > 0).sum() == 3  # three are kept even where all are equal


def test_top_p_by_hand() -> None:
    # likeliest first: 0.4, 0.7, 0.9, 1.0
    np.testing.assert_allclose(adjust(P, top_p=0.3), [0, 0, 0, 1])
    np.testing.assert_allclose(adjust(P, top_p=0.65), [0, 0, 3 / 7, 4 / 7])
    np.testing.assert_allclose(adjust(P, top_p=0.75), [0, 2 / 9, 3 / 9, 4 / 9])
    np.testing.assert_allclose(adjust(P, top_p=1.0), P)
    np.testing.assert_allclose(adjust(P, top_p=1e-9), [0, 0, 0, 1])


def test_top_k_and_top_p_come_after_the_temperature_and_k_before_p() -> None:
    # T = ½: (1, 4, 9, 16)/30; top 3: (0, 4, 9, 16)/29; of these 16/29 = 0.55 and (16 + 9)/29 = 0.86 reach 0.8
    np.testing.assert_allclose(adjust(P, 0.5, top_k=3, top_p=0.8), [0, 0, 9 / 25, 16 / 25])


def test_adjust_leaves_its_input_alone() -> None:
    before = P.copy()
    adjust(P, 0.7, 2, 0.9)
    np.testing.assert_array_equal(P, before)


@given(
    weights=st.lists(st.floats(0, 1), min_size=2, max_size=8).filter(lambda w: sum(w) > 0.01),
    temperature=st.floats(0, 10),
    top_k=st.none() | st.integers(1, 10),
    top_p=st.none() | st.floats(0.001, 1),
)
def test_the_result_is_a_distribution_that_still_prefers_the_likeliest(weights, temperature, top_k, top_p) -> None:
    p = np.array(weights) / sum(weights)
    out = adjust(p, temperature, top_k, top_p)
    assert np.isfinite(out).all() and (out >= 0).all() and out.sum() == pytest.approx(1)
    assert p[out.argmax()] == pytest.approx(p.max())  # two whose logarithms round to the same are as good as each other
    if top_k:
        assert (out > 0).sum() <= top_k


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": -0.1}, "temperature must be from 0 to 10, got -0.1"),
        ({"temperature": float("nan")}, "temperature must be from 0 to 10, got nan"),
        ({"temperature": "hot"}, "temperature must be from 0 to 10, got 'hot'"),
        ({"top_k": 0}, "top_k must be a positive integer, got 0"),
        ({"top_k": 2.0}, "top_k must be a positive integer, got 2.0"),
        ({"top_p": 0.0}, "top_p must be above 0 and at most 1, got 0.0"),
        ({"top_p": 1.5}, "top_p must be above 0 and at most 1, got 1.5"),
        ({"top_p": "all"}, "top_p must be above 0 and at most 1, got 'all'"),
    ],
)
def test_settings_out_of_range(settings, message) -> None:
    with pytest.raises(ValueError, match=message):
        adjust(P, **settings)


# --- the writer -----------------------------------------------------------------------------------------------------

STACKS = {
    "one-hot LSTM": lambda: [OneHot(5), LSTM(4, return_sequences=True), Dense(5, "softmax")],
    "relu LSTM": lambda: [OneHot(5), LSTM(4, activation="relu", return_sequences=True), Dense(5, "softmax")],
    "embedded, stacked, dropout": lambda: [
        Embedding(5, 3), LSTM(4, return_sequences=True), Dropout(0.5), LSTM(3, return_sequences=True), Dense(5, "softmax"),
    ],
    "GRU": lambda: [OneHot(5), GRU(4, return_sequences=True), Dense(5, "softmax")],
    "embedded, stacked GRU": lambda: [
        Embedding(5, 3), GRU(4, return_sequences=True), GRU(3, return_sequences=True), Dense(5, "softmax"),
    ],
    "SimpleRNN": lambda: [OneHot(5), SimpleRNN(4, return_sequences=True), Dense(5, "softmax")],
    "embedded, stacked SimpleRNN": lambda: [
        Embedding(5, 3), SimpleRNN(4, return_sequences=True), SimpleRNN(3, return_sequences=True), Dense(5, "softmax"),
    ],
    "no memory": lambda: [OneHot(5), Dense(4, "tanh"), Dense(5, "softmax")],
}  # fmt: skip


def made(layers, dtype="float64", scale=0.8) -> Sequential:
    model = Sequential(layers, seed=0, dtype=dtype)
    model.build((None, None))
    model.weights_vector[...] = np.random.default_rng(1).normal(scale=scale, size=model.weights_vector.shape)
    return model


@pytest.mark.parametrize("name", STACKS)
def test_the_writer_expects_what_the_model_predicts(name: str) -> None:
    model = made(STACKS[name]())
    ids = np.random.default_rng(2).integers(0, 5, 12)
    predicted = model.predict(ids[None])[0]  # (12, 5)
    writer, states = Writer(model), None
    for symbol, expected in zip(ids, predicted):
        found, states = writer.read([symbol], states)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(next_symbol_probabilities(model, ids), predicted[-1], rtol=1e-12)


def test_writing_neither_reads_nor_changes_the_states_a_model_carries() -> None:
    model = made([OneHot(5), LSTM(4, return_sequences=True, stateful=True), Dense(5, "softmax")])
    before = next_symbol_probabilities(model, [1, 2])
    model.predict(np.array([[1, 2, 3]]))
    carried = [s.copy() for s in model.get_states()[0]]
    np.testing.assert_array_equal(next_symbol_probabilities(model, [1, 2]), before)
    for now, then in zip(model.get_states()[0], carried):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("name", STACKS)
def test_states_go_from_reading_in_one_piece_to_writing_and_back(name: str) -> None:
    """What `predict` ends with a writer starts from, and the other way round."""
    model = made(STACKS[name]())
    ids = np.random.default_rng(2).integers(0, 5, 12)
    whole, final = model.predict(ids[None], return_states=True)
    _, states = model.predict(ids[None, :7], return_states=True)
    found, ended = Writer(model).read(ids[7:], states)
    np.testing.assert_allclose(found, whole[0, -1], rtol=1e-12)
    for a, b in zip([one for layer in ended for one in layer], [one for layer in final for one in layer], strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=1e-12)
    _, states = Writer(model).read(ids[:7])
    np.testing.assert_allclose(model.predict(ids[None, 7:], initial_states=states), whole[:, 7:], rtol=1e-12)


def test_writing_goes_on_from_the_states_it_ended_with() -> None:
    model = made(STACKS["embedded, stacked, dropout"]())
    whole = list(write(model, [3], 30, temperature=0))
    pieces, prompt, states = [], [3], None
    for length in (1, 12, 17):
        run = write(model, prompt, length, temperature=0, initial_states=states)
        while True:
            try:
                pieces.append(next(run))
            except StopIteration as end:
                states, prompt = end.value, pieces[-1:]
                break
    assert pieces == whole


def test_initial_states_that_do_not_fit_are_refused() -> None:
    model = made(STACKS["one-hot LSTM"]())
    with pytest.raises(ValueError, match="initial_states must be a list of 1, one entry for each recurrent layer, got 2"):
        write(model, [1], 5, initial_states=[None, None])
    with pytest.raises(ValueError, match=r"lstm expects states of shape \(1, 4\), got \(2, 4\)"):
        next_symbol_probabilities(model, [1], [[np.zeros((2, 4))] * 2])


def test_writing_is_drawing_from_the_predictions() -> None:
    """Greedy writing is the argmax of predict, symbol after symbol; two writers at once do not disturb each other."""
    model = made(STACKS["one-hot LSTM"]())
    greedy = list(write(model, np.array([3]), 10, temperature=0))
    read = [3]
    for symbol in greedy:
        assert symbol == model.predict(np.array([read]))[0, -1].argmax()
        read.append(symbol)
    one, two = write(model, [3], 10, seed=1), write(model, [0], 10, seed=2)
    mixed = [(next(one), next(two)) for _ in range(10)]
    assert [a for a, _ in mixed] == list(write(model, [3], 10, seed=1))
    assert [b for _, b in mixed] == list(write(model, [0], 10, seed=2))


def test_symbols_come_as_often_as_the_model_says() -> None:
    model = made([OneHot(3), Dense(3, "softmax")])
    logits = np.log(np.array([0.2, 0.5, 0.3]))
    model.set_weights([np.zeros((3, 3)), logits])  # the next symbol does not depend on this one
    drawn = np.bincount(list(write(model, [0], 20_000, seed=0)), minlength=3) / 20_000
    np.testing.assert_allclose(drawn, [0.2, 0.5, 0.3], atol=0.015)  # four standard deviations
    colder = np.bincount(list(write(model, [0], 20_000, temperature=0.5, seed=0)), minlength=3) / 20_000
    np.testing.assert_allclose(colder, np.array([4, 25, 9]) / 38, atol=0.015)


def test_generate_streams_text_and_the_seed_repeats_it() -> None:
    vocabulary = CharVocabulary.from_text("abc\n ")
    model = made(STACKS["one-hot LSTM"]())
    text = "".join(generate(model, vocabulary, "ab", 30, seed=7))
    assert len(text) == 30 and set(text) <= set("abc\n ")
    assert text == "".join(generate(model, vocabulary, "ab", 30, seed=7))
    assert text != "".join(generate(model, vocabulary, "ab", 30, seed=8))
    assert "".join(generate(model, vocabulary, "", 30, seed=7)) == "".join(
        generate(model, vocabulary, "\n", 30, seed=7)
    )
    stream = generate(model, vocabulary, "a", 1000)
    assert len(next(stream)) == 1  # before the other 999 are computed


def test_words_are_joined_by_spaces() -> None:
    vocabulary = WordVocabulary.from_text("one two three four five")
    pieces = list(generate(made(STACKS["one-hot LSTM"]()), vocabulary, "one two", 4, seed=0))
    assert len(pieces) == 4 and all(piece.startswith(" ") and piece[1:] in vocabulary.tokens for piece in pieces)


def test_what_cannot_be_written() -> None:
    model, vocabulary = made(STACKS["one-hot LSTM"]()), CharVocabulary.from_text("abcde")
    with pytest.raises(ValueError, match="got 1 unknown character: 'z'"):
        generate(model, vocabulary, "abz", 5)
    with pytest.raises(ValueError, match="length must be a positive integer, got 0"):
        generate(model, vocabulary, "a", 0)
    with pytest.raises(ValueError, match="length must be at most 100,000, got 100,001"):
        generate(model, vocabulary, "a", 100_001)
    with pytest.raises(ValueError, match="temperature must be from 0 to 10, got 11"):
        generate(model, vocabulary, "a", 5, temperature=11)
    with pytest.raises(ValueError, match="the prompt must hold at least one symbol, got none"):
        write(model, [], 5)
    for ids in ([-1], [0, 5]):
        with pytest.raises(ValueError, match=f"expects integers from 0 to 4, got {min(ids)} to {max(ids)}"):
            write(model, ids, 5)
        with pytest.raises(ValueError, match=f"expects integers from 0 to 4, got {min(ids)} to {max(ids)}"):
            next_symbol_probabilities(model, ids)


def test_models_that_cannot_write() -> None:
    message = "writing needs a model that reads one symbol a step and predicts the next"
    last_step_only = made([OneHot(5), LSTM(4), Dense(5, "softmax")])
    features = Sequential([LSTM(4, return_sequences=True), Dense(5, "softmax")])
    features.build((None, None, 2))
    unbuilt = Sequential(STACKS["one-hot LSTM"]())
    for model in (last_step_only, features, unbuilt, Sequential()):
        with pytest.raises(ValueError, match=message):
            Writer(model)
