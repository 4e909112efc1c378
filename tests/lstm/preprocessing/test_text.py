"""Vocabularies and `prepare`: worked examples, round trips, and every sentence a wrong input gets."""

from __future__ import annotations

import json
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm.preprocessing.segmentation import characters, compose
from lstm.preprocessing.text import (
    PAD,
    SPECIALS,
    START,
    UNK,
    CharVocabulary,
    WordVocabulary,
    name_character,
    prepare,
    vocabulary_from_dict,
    words,
)

some_text = st.text(min_size=1, max_size=60)
# Hypothesis reads the code it tests and writes "<UNK>" by itself; what that means has a test of its own.
text_with_words = some_text.filter(lambda text: "<" not in text and bool(words(text)))


# --- characters ------------------------------------------------------------------------------------------------------


def test_characters_are_sorted_and_numbered() -> None:
    vocabulary = CharVocabulary.from_text("hello\nthere")
    assert vocabulary.tokens == ("\n", "e", "h", "l", "o", "r", "t")
    assert len(vocabulary) == 7
    ids = vocabulary.encode("hell\n")
    assert ids.tolist() == [2, 1, 3, 3, 0]
    assert ids.dtype == np.int32
    assert vocabulary.decode(ids) == "hell\n"


@given(some_text)
def test_characters_round_trip(text: str) -> None:
    vocabulary = CharVocabulary.from_text(text)
    assert vocabulary.decode(vocabulary.encode(text)) == compose(text)
    assert vocabulary.encode(text).dtype == np.int32
    assert sorted(set(characters(text))) == list(vocabulary.tokens)


@given(some_text, some_text)
def test_dropping_unknown_characters_keeps_exactly_the_known_ones(seen: str, other: str) -> None:
    vocabulary = CharVocabulary.from_text(seen)
    kept = vocabulary.decode(vocabulary.encode(other, unknown="drop"))
    known = set(vocabulary.tokens)
    forms = {c: (c, tuple(c), tuple(unicodedata.normalize("NFD", c))) for c in characters(other)}
    # A character is known as it is, or by its parts.
    right = [c for c in characters(other) if c in known or any(known.issuperset(form) for form in forms[c][1:])]
    assert compose(kept) == compose("".join(right))


def test_unknown_characters_are_named() -> None:
    vocabulary = CharVocabulary.from_text("abc")
    with pytest.raises(ValueError, match=r"got 3 unknown characters: '😀', space and newline$"):
        vocabulary.encode("a😀b \n c")
    with pytest.raises(ValueError, match=r"got 1 unknown character: 'é'$"):
        vocabulary.encode("éé")
    with pytest.raises(ValueError, match=r"got 9 unknown characters: 'd', 'e', 'f', 'g', 'h' and 4 more$"):
        vocabulary.encode("abcdefghijkl")
    with pytest.raises(ValueError, match=r"U\+D800"):  # half a surrogate pair, as a broken file may hold
        vocabulary.encode("a\ud800")


@pytest.mark.parametrize(
    ("character", "name"),
    [
        (" ", "space"),
        ("\t", "tab"),
        ("\r", "carriage return"),
        ("“", "'“'"),
        ("\u0301", "U+0301 (combining acute accent)"),
        ("\u200d", "U+200D (zero width joiner)"),
        ("\x07", "U+0007"),
    ],
)
def test_names_of_characters(character: str, name: str) -> None:
    assert name_character(character) == name


def test_max_size_keeps_the_most_frequent_characters() -> None:
    vocabulary = CharVocabulary.from_text("aaabbbccd", max_size=2)
    assert vocabulary.tokens == ("a", "b")
    assert CharVocabulary.from_text("ab", max_size=9).tokens == ("a", "b")


def test_empty_texts() -> None:
    with pytest.raises(ValueError, match="at least one character"):
        CharVocabulary.from_text("")
    with pytest.raises(ValueError, match="at least one word"):
        WordVocabulary.from_text("… !?")
    for vocabulary in (CharVocabulary.from_text("a"), WordVocabulary.from_text("a")):
        assert vocabulary.encode("").shape == (0,)
        assert vocabulary.decode([]) == ""


@pytest.mark.parametrize("ids", [[0, 3], [-1], [0.5], ["a"], [2**40]])
def test_decode_refuses_what_is_no_number_of_a_token(ids: list) -> None:
    for vocabulary in (CharVocabulary.from_text("abc"), WordVocabulary.from_text("a b c")):
        with pytest.raises(ValueError, match="ids must be"):
            vocabulary.decode(ids)


def test_decode_reads_any_shape() -> None:
    assert CharVocabulary.from_text("abc").decode(np.array([[0, 1], [2, 0]])) == "abca"


# --- words -----------------------------------------------------------------------------------------------------------


def test_words_are_ordered_by_frequency_then_spelling() -> None:
    vocabulary = WordVocabulary.from_text("The cat, the dog: the cat! Bird")
    assert vocabulary.tokens == ("the", "cat", "bird", "dog")  # 3, 2, 1, 1
    assert vocabulary.encode("The Dog?").tolist() == [0, 3]
    assert vocabulary.decode([0, 1]) == "the cat"
    assert (vocabulary.pad, vocabulary.start, vocabulary.unk) == (None, None, None)


def test_max_size_brings_unk_and_counts_it() -> None:
    vocabulary = WordVocabulary.from_text("the cat the dog the cat", max_size=3)
    assert vocabulary.tokens == (UNK, "the", "cat")
    assert vocabulary.encode("the dog and the cat").tolist() == [1, 0, 0, 1, 2]
    with pytest.raises(ValueError, match="max_size must leave room"):
        WordVocabulary.from_text("a b", max_size=1)


def test_unknown_words_without_unk() -> None:
    vocabulary = WordVocabulary.from_text("the cat")
    with pytest.raises(ValueError, match=r"got 2 unknown words: 'dog' and 'bird'$"):
        vocabulary.encode("the dog, the bird, the Dog")
    assert vocabulary.encode("the dog", unknown="drop").tolist() == [1]
    with pytest.raises(ValueError, match="unknown must be"):
        vocabulary.encode("the", unknown="ignore")  # type: ignore[arg-type]


def test_specials_have_fixed_numbers_in_front() -> None:
    vocabulary = WordVocabulary.from_text(["good film", "bad film"], specials=SPECIALS)
    assert vocabulary.tokens == (PAD, START, UNK, "film", "bad", "good")
    assert (vocabulary.pad, vocabulary.start, vocabulary.unk) == (0, 1, 2)
    ids = [0, 0, 1, 5, 3, 2]
    assert vocabulary.decode(ids) == "<PAD> <PAD> <START> good film <UNK>"
    assert vocabulary.encode(vocabulary.decode(ids)).tolist() == ids


def test_a_text_that_spells_a_special_token_out_cannot_break_the_vocabulary() -> None:
    assert WordVocabulary.from_text("<PAD> a <UNK>", specials=SPECIALS).tokens == (*SPECIALS, "a")
    assert WordVocabulary.from_text("<PAD> a").tokens == ("a", "pad")


@given(text_with_words, st.booleans())
def test_words_round_trip(text: str, specials: bool) -> None:
    vocabulary = WordVocabulary.from_text(text, specials=SPECIALS if specials else ())
    ids = vocabulary.encode(text)
    assert words(vocabulary.decode(ids)) == words(text)
    assert vocabulary.encode(vocabulary.decode(ids)).tolist() == ids.tolist()


@given(text_with_words, st.data())
def test_numbers_round_trip_specials_included(text: str, data: st.DataObject) -> None:
    vocabulary = WordVocabulary.from_text(text, specials=SPECIALS)
    ids = data.draw(st.lists(st.integers(0, len(vocabulary) - 1)))
    assert vocabulary.encode(vocabulary.decode(ids)).tolist() == ids


@given(text_with_words, st.integers(2, 8))
def test_a_limited_vocabulary_knows_every_word(text: str, size: int) -> None:
    vocabulary = WordVocabulary.from_text(text, max_size=size)
    assert len(vocabulary) <= size
    assert len(vocabulary.encode(text)) == len(words(text))
    assert vocabulary.encode("a word nobody wrote zzz").shape == (5,)


@pytest.mark.parametrize("size", [0, -3, 1.5, True, "10"])
def test_wrong_sizes(size: object) -> None:
    for cls in (CharVocabulary, WordVocabulary):
        with pytest.raises(ValueError, match=r"^max_size must be a positive integer, got"):
            cls.from_text("a b c", max_size=size)


def test_wrong_specials() -> None:
    with pytest.raises(ValueError, match="specials must be among"):
        WordVocabulary.from_text("a", specials=["<EOS>"])


# --- into a file and back --------------------------------------------------------------------------------------------


@given(text_with_words)
def test_saved_and_loaded(text: str) -> None:
    for vocabulary in (
        CharVocabulary.from_text(text),
        WordVocabulary.from_text(text),
        WordVocabulary.from_text(text, specials=SPECIALS),
    ):
        loaded = vocabulary_from_dict(json.loads(json.dumps(vocabulary.to_dict())))
        assert loaded == vocabulary
        assert hash(loaded) == hash(vocabulary)
        assert loaded.encode(text).tolist() == vocabulary.encode(text).tolist()


def test_the_two_kinds_are_not_equal() -> None:
    assert CharVocabulary(["a"]) != WordVocabulary(["a"])
    assert repr(CharVocabulary(["a"])) == "CharVocabulary(1 characters)"


def of_characters(*tokens: object) -> dict:
    return {"kind": "characters", "tokens": list(tokens)}


def of_words(*tokens: object) -> dict:
    return {"kind": "words", "tokens": list(tokens)}


@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        (None, "vocabulary must be a dict, got NoneType"),
        ([], "vocabulary must be a dict, got list"),
        ({}, "vocabulary kind must be 'characters' or 'words', got None"),
        ({"kind": ["words"], "tokens": ["a"]}, "vocabulary kind must be"),
        ({"kind": "words"}, "vocabulary tokens must be a list, got NoneType"),
        ({"kind": "words", "tokens": "abc"}, "vocabulary tokens must be a list, got str"),
        (of_characters(), "vocabulary tokens must number between 1 and 200,000, got 0"),
        (of_characters(*"ab" * 100_001), "vocabulary tokens must number between 1 and 200,000, got 200,002"),
        (of_words("a" * 5_000_001), "at most 5,000,000 characters"),
        (of_characters("a", "b", "a"), "vocabulary tokens must be distinct, got 'a' more than once"),
        (of_characters("a", "bc"), "vocabulary tokens must be single characters, got 'bc'"),
        (of_characters("a", ""), "vocabulary tokens must be non-empty strings, got ''"),
        (of_characters("a", 1), "vocabulary tokens must be non-empty strings, got 1"),
        (of_characters("a", None), "vocabulary tokens must be non-empty strings, got None"),
        (of_characters("\ud800"), "vocabulary tokens must be single characters"),
        (of_words("Cat"), "vocabulary tokens must be lower-cased words"),
        (of_words("two words"), "vocabulary tokens must be lower-cased words"),
        (of_words("<script>"), "vocabulary tokens must be lower-cased words"),
        (of_words("a", "<UNK>"), "vocabulary tokens must begin with the special tokens"),
        (of_words("<UNK>", "<PAD>"), "vocabulary tokens must begin with the special tokens"),
        (of_words(["a"]), "vocabulary tokens must be non-empty strings"),
    ],
)
def test_a_strangers_vocabulary_is_checked(description: object, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        vocabulary_from_dict(description)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


# --- prepare ---------------------------------------------------------------------------------------------------------


def test_prepare() -> None:
    text = "It's — she said -- the “Best” of times:\nway--in, 5 % off!"
    assert prepare(text) == text
    assert prepare(text, lowercase=True) == text.lower()
    assert prepare(text, strip_punctuation=True) == "Its she said the Best of times\nway in 5 off"
    assert prepare(text, lowercase=True, strip_punctuation=True, limit=4) == "its"  # the limit counts the raw text
    assert prepare(text, limit=10_000) == text


@given(some_text)
def test_stripping_punctuation_twice_changes_nothing_more(text: str) -> None:
    once = prepare(text, strip_punctuation=True)
    assert prepare(once, strip_punctuation=True) == once
    assert once.count("\n") == text.count("\n")


@pytest.mark.parametrize("limit", [0, -1, 2.5])
def test_prepare_refuses_a_wrong_limit(limit: object) -> None:
    with pytest.raises(ValueError, match="limit must be a positive integer, got"):
        prepare("abc", limit=limit)  # type: ignore[arg-type]
