"""Characters and words in the world's scripts, counted by hand, and the short cut for European ones."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm.preprocessing import segmentation
from lstm.preprocessing.segmentation import characters, compose, is_character, unspaced_note, visible, word_spans, words
from lstm.preprocessing.text import CharVocabulary, WordVocabulary, prepare, vocabulary_from_dict

SCRIPTS = {
    # what it is: the text, its words, how many characters
    "Latin, decomposed": (unicodedata.normalize("NFD", "Der Käse schmeckt süß."), ["der", "käse", "schmeckt", "süß"], 22),
    "Latin, Turkish": ("İstanbul ışık saçar", ["istanbul", "ışık", "saçar"], 19),
    "Cyrillic, decomposed": (unicodedata.normalize("NFD", "Ёжик в тумане"), ["ёжик", "в", "тумане"], 13),
    "Greek": ("Η άνοιξη ήρθε", ["η", "άνοιξη", "ήρθε"], 13),
    "Arabic, with vowels": ("كَتَبَ الوَلَدُ", ["كَتَبَ", "الوَلَدُ"], 9),
    "Arabic, Persian with a non-joiner": ("می\u200cخواهم بروم", ["می\u200cخواهم", "بروم"], 12),
    "Hebrew, with points": (compose("שָׁלוֹם עוֹלָם"), [compose("שָׁלוֹם"), compose("עוֹלָם")], 9),
    "Devanagari": ("यह छोटी कहानी है", ["यह", "छोटी", "कहानी", "है"], 11),
    "Bengali": ("আমি বাংলা", ["আমি", "বাংলা"], 5),
    "Tamil": ("நான் தமிழ்", ["நான்", "தமிழ்"], 6),
    "Sinhala, with a joiner": ("ක්\u200dරියා", ["ක්\u200dරියා"], 3),
    "Thai": ("ฉันไปโรงเรียน", ["ฉั", "น", "ไ", "ป", "โ", "ร", "ง", "เ", "รี", "ย", "น"], 11),
    "Chinese": ("我们去公园。", ["我", "们", "去", "公", "园"], 6),
    "Japanese": ("コーヒーを飲む", ["コ", "ー", "ヒ", "ー", "を", "飲", "む"], 7),
    "Korean, decomposed": (unicodedata.normalize("NFD", "나는 학교에 간다"), ["나는", "학교에", "간다"], 9),
    "Ethiopic": ("ሰላም ለዓለም", ["ሰላም", "ለዓለም"], 8),
    "Georgian": ("გამარჯობა მსოფლიო", ["გამარჯობა", "მსოფლიო"], 17),
    "Chinese with a number and an English word": ("2020年 iPhone很好", ["2020", "年", "iphone", "很", "好"], 14),
    "emoji": ("I ❤️ 👨‍👩‍👧 🇩🇪 👍🏽!", ["i"], 10),
    "a soft hyphen": ("Zu\xadcker, it's", ["zucker", "it", "s"], 13),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_words_and_characters_counted_by_hand(name: str) -> None:
    text, expected, count = SCRIPTS[name]
    assert words(text) == expected
    assert len(characters(text)) == count
    assert "".join(characters(text)) == compose(text)
    shown = visible(text)
    assert [segmentation.lower(shown[a:b]) for a, b in word_spans(shown)] == expected


@pytest.mark.parametrize("name", SCRIPTS)
def test_vocabularies_of_every_script_write_what_they_read(name: str) -> None:
    text, expected, count = SCRIPTS[name]
    of_words, of_characters = WordVocabulary.from_text(text), CharVocabulary.from_text(text)
    assert len(of_words.encode(text)) == len(expected) and len(of_characters.encode(text)) == count
    assert words(of_words.decode(of_words.encode(text))) == expected
    assert of_characters.decode(of_characters.encode(text)) == compose(text)
    for vocabulary in (of_words, of_characters):
        assert vocabulary_from_dict(vocabulary.to_dict()).encode(text).tolist() == vocabulary.encode(text).tolist()
        # Typed composed or decomposed, a prompt is the same.
        assert vocabulary.encode(unicodedata.normalize("NFD", text)).tolist() == vocabulary.encode(text).tolist()


def test_words_of_a_script_without_spaces_are_written_without() -> None:
    vocabulary = WordVocabulary.from_text("我们去公园 with a friend 2020年")
    assert vocabulary.decode(vocabulary.encode("我们去公园 with 我们 a friend")) == "我们去公园 with 我们 a friend"


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("plain English", None),
        ("Der Käse und ein 中 in einem langen deutschen Satz ohne weitere Zeichen", None),
        ("यह छोटी कहानी है", None),
        ("ฉันไป", "Thai is written without spaces: each character counts as a word"),
        ("我们去公园", "Chinese characters are written without spaces: each character counts as a word"),
        (
            "彼はコーヒーを飲むのです",
            "Hiragana, Chinese characters and Katakana are written without spaces: each character counts as a word",
        ),
    ],
)
def test_what_is_said_of_a_script_without_spaces(text: str, note: str | None) -> None:
    assert unspaced_note(text) == note


def test_the_short_cut_for_european_letters_finds_the_same_words() -> None:
    settled = [c for c in map(chr, range(0x3000)) if segmentation._EUROPEAN.fullmatch(c)]
    assert len(settled) > 1_500
    exact = segmentation._compiled(segmentation._WORD)
    for c in settled:
        text = f"a{c}b {c}"
        assert re.findall(r"\w+", text) == exact.findall(text), hex(ord(c))


@given(st.text(max_size=40))
def test_any_text_falls_into_characters_and_its_words_into_themselves(text: str) -> None:
    assert "".join(characters(text)) == compose(text)
    assert all(is_character(c) for c in characters(text))
    for word in words(text):
        assert words(word) == [word]


def test_a_letter_under_a_heap_of_accents_is_taken_apart() -> None:
    assert len(characters("a" + "\u0335" * 500)) == 501


def test_characters_of_an_older_file_are_known_by_their_parts() -> None:
    old = vocabulary_from_dict({"kind": "characters", "tokens": [" ", "u", "\u0308", "क", "ी", "\u200d"]})
    assert old.encode("ü ü").tolist() == [1, 2, 0, 1, 2]
    assert old.encode("की").tolist() == [3, 4]
    cut = vocabulary_from_dict({"kind": "words", "tokens": ["ह", "क"]})
    assert cut.boundaries == "plain" and cut.encode("है की").tolist() == [0, 1]
    assert vocabulary_from_dict({"kind": "words", "tokens": ["今天"]}).encode("今天").tolist() == [0]


def test_prepare_composes_and_cuts_no_character_in_two() -> None:
    assert prepare("u\u0308ber", limit=1) == "ü"
    assert prepare("👨‍👩‍👧👍🏽!", limit=2) == "👨‍👩‍👧👍🏽"
    assert prepare("I ❤️ you 👨‍👩‍👧!", strip_punctuation=True) == "I you"
    assert prepare("می\u200cخواهم", strip_punctuation=True) == "می\u200cخواهم"
    assert prepare("İI", lowercase=True) == "ii"
