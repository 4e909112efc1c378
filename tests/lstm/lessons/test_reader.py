"""Reading: words to numbers, opinions after each word, and what a stranger's file or a strange text must not do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstm import LSTM, Bidirectional, Dense, Dropout, Embedding, Sequential
from lstm.lessons.reading.reader import TextReader, classify, opinions, probabilities, read, reader_of
from lstm.preprocessing.text import SPECIALS, WordVocabulary

VOCABULARY = WordVocabulary([*SPECIALS, "the", "film", "was", "good", "bad", "not"])
READER = TextReader(VOCABULARY, ("negative", "positive"), 6)


def network(mask: bool = True, both: bool = False, classes: int = 2, layers: int = 1) -> Sequential:
    """A network with weights that make a difference."""
    stack = [Embedding(len(VOCABULARY), 4, mask_zero=mask)]
    for k in range(layers):
        layer = LSTM(5, return_sequences=k + 1 < layers)
        stack += [Bidirectional(layer) if both else layer, Dropout(0.5)]
    stack += [Dense(3, "tanh"), Dense(1, "sigmoid") if classes == 2 else Dense(classes, "softmax")]
    model = Sequential(stack, seed=1)
    model.compile("adam", "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy")
    model.build((None, None))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(scale=0.8, size=w.shape) for w in model.get_weights()])
    return model


# Words -------------------------------------------------------------------------------------------------------------


def test_a_text_word_by_word():
    tokens = READER.tokens("The FILM, was – Godot!")
    assert [(t.text, t.word, t.start, t.end, t.id, t.known, t.read) for t in tokens] == [
        ("The", "the", 0, 3, 3, True, True),
        ("FILM", "film", 4, 8, 4, True, True),
        ("was", "was", 10, 13, 5, True, True),
        ("Godot", "godot", 16, 21, 2, False, True),
    ]
    assert READER.encode("The FILM, was – Godot!").tolist() == [1, 3, 4, 5, 2]
    assert READER.decode([1, 3, 4, 5, 2]) == "<START> the film was <UNK>"


@pytest.mark.parametrize(
    ("padding", "kept", "read_words"), [("pre", [4, 5, 6, 7, 8, 3], "nyyyyyy"), ("post", [1, 3, 4, 5, 6, 7], "yyyyynn")]
)
def test_a_long_text_is_cut_at_one_end(padding, kept, read_words):
    reader = replace(READER, padding=padding)
    text = "the film was good bad not the"
    assert reader.encode(text).tolist() == kept
    assert "".join("ny"[t.read] for t in reader.tokens(text)) == read_words
    exact = " ".join(["good"] * 5)
    assert reader.encode(exact)[0] == 1 and len(reader.encode(exact)) == 6 and all(t.read for t in reader.tokens(exact))


def test_padding_stands_in_front_or_behind():
    ids = [np.array([1, 3]), np.array([1, 4, 5, 6, 7, 8])]
    assert READER.pad(ids).tolist() == [[0, 0, 0, 0, 1, 3], [1, 4, 5, 6, 7, 8]]
    assert replace(READER, padding="post").pad(ids).tolist()[0] == [1, 3, 0, 0, 0, 0]


def test_a_typed_special_token_is_three_words_of_a_text_and_no_token():
    assert [t.id for t in READER.tokens("<PAD> <start>")] == [2, 2]


# Opinions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("options", [
    {"mask": True, "padding": "pre"}, {"mask": True, "padding": "post"}, {"mask": True, "both": True},
    {"mask": False, "padding": "pre"}, {"mask": False, "padding": "post"}, {"mask": False, "both": True, "padding": "post"},
])  # fmt: skip
def test_the_opinion_after_each_word_is_that_on_the_text_so_far(options, layers, classes):
    mask, both = options["mask"], options.get("both", False)
    names = ("a", "b", "c")[:classes]
    reader = replace(READER, classes=names, mask=mask, padding=options.get("padding", "pre"))
    model = network(mask, both, classes, layers)
    text = "The film was not good at all"  # one word longer than is read
    for part in ("bad", "The film was good", text):
        found = read(model, reader, part)
        kept = [t for t in found.tokens if t.read]
        assert found.running.shape == (len(kept), classes) and found.tokens[found.first] is kept[0]
        np.testing.assert_allclose(found.final, probabilities(model, reader, [part])[0], atol=1e-6)
        np.testing.assert_allclose(found.before, classify(model, reader, [np.array([1])])[0], atol=1e-6)
        if part != text:  # nothing was cut: every beginning is a text of its own
            for k, token in enumerate(kept):
                wanted = probabilities(model, reader, [part[: token.end]])[0]
                np.testing.assert_allclose(found.running[k], wanted, atol=1e-6)
        assert found.change(1).sum() == pytest.approx(found.final[1] - found.before[1])
        np.testing.assert_allclose(found.running.sum(axis=1), 1, atol=1e-12)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("padding", ["pre", "post"])
def test_a_fixed_length_counts_the_padding(padding, both):
    reader = replace(READER, mask=False, fixed=True, padding=padding)
    model = network(mask=False, both=both)
    found = read(model, reader, "the film was bad")
    direct = model.predict(reader.pad([reader.encode("the film was bad")]))[0, 0]
    assert found.final[1] == pytest.approx(float(direct), abs=1e-6)
    assert probabilities(model, reader, ["the film was bad"])[0, 1] == pytest.approx(float(direct), abs=1e-6)


def test_pieces_are_the_text():
    text = "  The film – was (not) good. Bad?!"
    found = read(network(), replace(READER, length=4), text)
    assert "".join(piece for piece, _ in found.pieces()) == text
    assert [(piece, k) for piece, k in found.pieces() if k is not None] == [
        ("was", 0),
        ("not", 1),
        ("good", 2),
        ("Bad", 3),
    ]
    assert found.notes == ("The text has 6 words, and the model reads the last 4.",)


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("the film", ()),
        ("the xyzzy film", ("1 of 3 words is unknown to the model: it reads <UNK>.",)),
        ("xyzzy", ("The only word is unknown to the model, so its answer says nothing about the text.",)),
        (
            "это очень хороший фильм",
            ("All 4 words are unknown to the model, so its answer says nothing about the text.",),
        ),
        ("这部电影很好", ("All 6 words are unknown to the model, so its answer says nothing about the text.",)),
    ],
)
def test_what_a_reader_of_the_score_should_know(text, notes):
    found = read(network(), READER, text)
    assert found.notes == notes and np.isfinite(found.running).all()


@pytest.mark.parametrize("text", ["", "   ", "?!…", "\n", None])
def test_a_text_without_a_word_is_refused(text):
    for ask in (lambda: read(network(), READER, text), lambda: probabilities(network(), READER, [text])):
        with pytest.raises(ValueError, match=r"^the text must hold at least one word, got none$"):
            ask()


def test_twenty_thousand_words():
    for both in (False, True):
        found = read(network(both=both), replace(READER, length=50), "the film was good " * 5_000)
        assert found.running.shape == (50, 2) and found.first == 19_950 and len(found.pieces()) == 40_000


def test_a_network_is_never_certain():
    for logits in ([[1e30]], [[-1e30]], [[np.inf]], [[np.nan]], [[1e5, -1e5, 0]], [[np.nan, np.inf, -np.inf]]):
        found = opinions(np.array(logits, np.float32))
        assert ((found > 0) & (found < 1)).all() and found.sum() == pytest.approx(1)
    model = network()
    model.set_weights([w * 1e6 for w in model.get_weights()])
    found = read(model, READER, "good bad not good")
    assert ((found.running > 0) & (found.running < 1)).all()


# Files -------------------------------------------------------------------------------------------------------------


def described(model: Sequential, **changes) -> Sequential:
    model.metadata = {"vocabulary": VOCABULARY.to_dict(), "reader": {**READER.to_dict(), **changes}}
    return model


def test_a_model_says_how_it_wants_to_be_shown_a_text():
    assert reader_of(described(network())) == READER
    three = reader_of(described(network(classes=3, both=True), classes=["a", "b", "c"]))
    assert three.classes == ("a", "b", "c")


@pytest.mark.parametrize("wrong", [
    {"classes": "ab"}, {"classes": ["a", "a"]}, {"classes": ["a"]}, {"classes": ["a", 3]}, {"classes": ["a"] * 21}, {"length": 1},
    {"length": True}, {"length": 10**9}, {"padding": "left"}, {"mask": 1}, {"fixed": None},
])  # fmt: skip
def test_a_description_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r"^the model does not say how it wants to be shown a text"):
        reader_of(described(network(), **wrong))


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (lambda: network(), "vocabulary must be a dict"),
        (lambda: described(network(), mask=False), "the model must begin with an Embedding of its 9 words"),
        (lambda: described(network(classes=3)), "the model must end in a softmax over its 2 classes"),
        (lambda: described(network(), classes=["a", "b", "c"]), "the model has a single output and names 3 classes"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(model, said):
    model = model()
    model.metadata.setdefault("reader", READER.to_dict())
    with pytest.raises(ValueError, match=f"^{said}"):
        reader_of(model)


def test_layers_that_do_not_fit_are_refused():
    steps = Sequential([Embedding(9, 4, mask_zero=True), LSTM(3, return_sequences=True), Dense(1, "sigmoid")])
    none = Sequential([Embedding(9, 4, mask_zero=True), Dense(2), Dense(1, "sigmoid")])
    carrying = Sequential([Embedding(9, 4, mask_zero=True), LSTM(3, stateful=True), Dense(1, "sigmoid")])
    for model in (steps, none, carrying):
        model.build((None, None))
        with pytest.raises(ValueError, match=r"^the model must have recurrent layers and give one answer a text$"):
            reader_of(described(model))
