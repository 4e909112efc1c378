"""Text to numbers and back: character and word vocabularies, and the few ways a text is tidied before.

What a character and a word is, in whatever script, `segmentation.py` says. A vocabulary is a list of tokens; a token's
place in it is its number. Two rules keep runs repeatable: characters are sorted by code point, words by how often they
occur (ties by spelling), so the same text always gives the same numbers.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np

from .segmentation import characters, compose, is_character, joins, lower, unspaced, words

__all__ = [
    "PAD", "SPECIALS", "START", "UNK", "CharVocabulary", "Vocabulary", "WordVocabulary", "name_character", "prepare",
    "vocabulary_from_dict", "words",
]  # fmt: skip

PAD, START, UNK = "<PAD>", "<START>", "<UNK>"
SPECIALS = (PAD, START, UNK)
"""The special tokens a word vocabulary may begin with, in this order: padding, begin of a text, any unknown word."""

MAX_TOKENS = 200_000
MAX_TOKEN_CHARACTERS = 5_000_000

_PLAIN_WORD = re.compile(r"\w+")
_SPECIAL = re.compile("(" + "|".join(token.lower() for token in SPECIALS) + ")")
# What a removed sign leaves behind: joiners, variation selectors, tags.
_LEFT_BEHIND = r"(?<![\p{L}\p{M}])[\u200c\u200d\ufe0e\ufe0f\u20e3\U000e0020-\U000e007f]+"
_SPELT_OUT = {" ": "space", "\n": "newline", "\t": "tab", "\r": "carriage return", "\xa0": "no-break space"}


def prepare(text: str, lowercase: bool = False, strip_punctuation: bool = False, limit: int | None = None) -> str:
    """Tidy a text before training; the same arguments always give the same text, composed (NFC).

    Parameters
    ----------
    text : str
    lowercase : bool
        Turn every letter into lower case.
    strip_punctuation : bool
        Dashes become a space ("way--in" → "way in"), every other punctuation mark or symbol (Unicode categories P and
        S) is removed ("it's" → "its"), then runs of spaces shrink to one. Line breaks stay.
    limit : int, optional
        Keep only this many leading characters of `text` as it came, counted before the other steps, so that the
        same passage is meant whatever else is asked for.

    Raises
    ------
    ValueError
        If `limit` is not a positive integer.
    """
    text = compose(text)
    if limit is not None and _positive(limit, "limit") < len(text):
        text = "".join(characters(text)[:limit])
    if lowercase:
        text = compose(lower(text))
    if strip_punctuation:
        category = {character: unicodedata.category(character) for character in set(text)}
        table = {ord(c): " " if kind == "Pd" else None for c, kind in category.items() if kind[0] in "PS"}
        if not text.isascii():
            import regex

            text = regex.sub(_LEFT_BEHIND, "", text.translate(table))
        text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text.translate(table))).strip(" ")
    return text


class _Vocabulary:
    """What both vocabularies share: the tokens, equality, and the way into and out of a dict."""

    kind: ClassVar[str]
    tokens: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.tokens)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.tokens == self.tokens

    def __hash__(self) -> int:
        return hash((self.kind, self.tokens))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} {self.kind})"

    def to_dict(self) -> dict[str, Any]:
        """A JSON-able description that `vocabulary_from_dict` turns back into an equal vocabulary."""
        return {"kind": self.kind, "tokens": list(self.tokens)}

    @property
    def fingerprint(self) -> str:
        """A checksum of the tokens and their numbers: two vocabularies that share it turn every text into the same numbers."""
        return hashlib.sha256(json.dumps(self.to_dict()).encode()).hexdigest()

    def _ids(self, ids: Any) -> np.ndarray:
        """`ids` as a flat integer array, every entry checked to be a token's number."""
        array = np.asarray(ids).ravel()
        if array.size and array.dtype.kind not in "iu":
            raise ValueError(f"ids must be integers, got {array.dtype}")
        if array.size and not (0 <= array.min() and array.max() < len(self)):
            wrong = array.min() if array.min() < 0 else array.max()
            raise ValueError(f"ids must be between 0 and {len(self) - 1}, got {wrong}")
        return array.astype(np.int64)


class CharVocabulary(_Vocabulary):
    """Characters ↔ numbers.

    A character is what a reader takes for one (see `segmentation.py`), and may be several code points: "छो", a flag.
    A vocabulary from a file that has the parts of a character only knows it by its parts.

    Parameters
    ----------
    tokens : iterable of str
        Distinct single characters. `from_text` makes the list from a text.

    Attributes
    ----------
    tokens : tuple of str
        The character of each number.
    """

    kind = "characters"

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = _distinct(tokens)
        for token in self.tokens:
            if not is_character(token) or any("\ud800" <= c <= "\udfff" for c in token):
                raise ValueError(f"tokens must be single characters, got {_clipped(token)}")
        self._number = {token: number for number, token in enumerate(self.tokens)}
        single = [token for token in self.tokens if len(token) == 1]
        # One table look-up turns a million code points into numbers in milliseconds. -1 is "unknown"; the extra last
        # entry stays -1 and serves every code point beyond the largest known one.
        self._table = np.full(max(map(ord, single), default=0) + 2, -1, dtype=np.int32)
        self._table[[ord(token) for token in single]] = [self._number[token] for token in single]

    @classmethod
    def from_text(cls, text: str, max_size: int | None = None) -> CharVocabulary:
        """The distinct characters of `text`, sorted.

        With `max_size` only that many of the most frequent ones (ties by code point), still sorted; `encode` then needs
        ``unknown="drop"`` for texts that hold the others. Raises ValueError if `text` is empty.
        """
        if not text:
            raise ValueError("text must hold at least one character, got an empty text")
        found = characters(text)
        distinct = sorted(set(found))
        if max_size is not None and _positive(max_size, "max_size") < len(distinct):
            count = Counter(found)
            distinct = sorted(sorted(distinct, key=lambda c: (-count[c], c))[:max_size])
        return cls(distinct)

    def encode(self, text: str, unknown: Literal["raise", "drop"] = "raise") -> np.ndarray:
        """The number of each character.

        Parameters
        ----------
        text : str
        unknown : "raise" or "drop"
            What to do with characters this vocabulary does not have.

        Returns
        -------
        numpy.ndarray
            int32, shape (characters,).

        Raises
        ------
        ValueError
            Naming the unknown characters (the first five), unless they are dropped.
        """
        _check_unknown(unknown)
        composed = compose(text)
        codes = np.frombuffer(composed.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        ids = self._table[np.minimum(codes, len(self._table) - 1)]
        if (ids < 0).any() or joins(composed):
            ids = self._encode_each(composed)
        known = ids >= 0
        if known.all():
            return ids
        if unknown == "drop":
            return ids[known]
        strange = [c for c in dict.fromkeys(characters(composed)) if self._parts(c) == [-1]]
        raise ValueError(_unknown("character", [name_character(c) for c in strange]))

    def _encode_each(self, composed: str) -> np.ndarray:
        """The number of each character, or those of its parts, or -1."""
        found = characters(composed)
        parts = {character: self._parts(character) for character in set(found)}
        return np.array([number for character in found for number in parts[character]], dtype=np.int32)

    def _parts(self, character: str) -> list[int]:
        """The number of a character; or those of its code points, if all are known; or -1."""
        for form in ([character], list(character), list(unicodedata.normalize("NFD", character))):
            if all(part in self._number for part in form):
                return [self._number[part] for part in form]
        return [-1]

    def decode(self, ids: Any) -> str:
        """The text that `ids` (any shape, read row by row) stands for. Raises ValueError for a number out of range."""
        return "".join([self.tokens[number] for number in self._ids(ids).tolist()])

    def between(self, before: int | None, number: int) -> str:
        """What stands between two characters of a text: nothing."""
        return ""


class WordVocabulary(_Vocabulary):
    r"""Words (lower-cased) ↔ numbers, the most frequent first.

    Parameters
    ----------
    tokens : iterable of str
        Any of `SPECIALS`, in their order, then distinct lower-cased words. `from_text` makes the list from a text.
    boundaries : "unicode" or "plain"
        Where words begin and end: as in `segmentation.py`; or ``\w+``, which cuts words at their marks, as files say
        nothing that were written before there was a choice.

    Attributes
    ----------
    tokens : tuple of str
        The word of each number.
    pad, start, unk : int or None
        The number of ``<PAD>``, ``<START>`` and ``<UNK>``, None where the vocabulary has none.
    """

    kind = "words"

    def __init__(self, tokens: Iterable[str], boundaries: Literal["unicode", "plain"] = "unicode") -> None:
        if boundaries not in ("unicode", "plain"):
            raise ValueError(f"boundaries must be 'unicode' or 'plain', got {_clipped(boundaries)}")
        self.tokens, self.boundaries = _distinct(tokens), boundaries
        self._spelt: dict[str, str] = {}
        self._number = {token: number for number, token in enumerate(self.tokens)}
        self.pad, self.start, self.unk = (self._number.get(token) for token in SPECIALS)
        front = [token for token in SPECIALS if token in self._number]
        if list(self.tokens[: len(front)]) != front:
            raise ValueError(f"tokens must begin with the special tokens in the order {', '.join(SPECIALS)}")
        for token in self.tokens[len(front) :]:
            if self.words(token) != [token]:
                raise ValueError(f"tokens must be lower-cased words of letters and digits, got {_clipped(token)}")
        # Written out in a text, a special token this vocabulary has is that token: what decode wrote, encode reads.
        self._spelt = {token.lower(): token for token in front}

    @classmethod
    def from_text(
        cls, text: str | Iterable[str], max_size: int | None = None, specials: Iterable[str] = ()
    ) -> WordVocabulary:
        """The words of `text`, most frequent first, ties by spelling.

        Parameters
        ----------
        text : str or iterable of str
            One text or many.
        max_size : int, optional
            The largest size, special tokens included. A vocabulary with a `max_size` always has ``<UNK>``.
        specials : iterable of str
            Which of `SPECIALS` to put in front. All three make ``<PAD>`` 0, ``<START>`` 1 and ``<UNK>`` 2.

        Raises
        ------
        ValueError
            If there is no word, or `max_size` leaves no room for one, or there are more than 200,000 without it.
        """
        wanted = set(specials) | ({UNK} if max_size is not None else set())
        if stray := wanted - set(SPECIALS):
            raise ValueError(f"specials must be among {', '.join(SPECIALS)}, got {_clipped(min(stray, key=str))}")
        front = [token for token in SPECIALS if token in wanted]
        count: Counter[str] = Counter()
        for piece in [text] if isinstance(text, str) else text:
            for part in _SPECIAL.split(piece.lower()) if front and "<" in piece else [piece]:
                if not (front and _SPECIAL.fullmatch(part)):
                    count.update(words(part))
        ordered = sorted(count, key=lambda word: (-count[word], word))
        if not ordered:
            raise ValueError("text must hold at least one word, got none")
        if max_size is not None:
            if _positive(max_size, "max_size") <= len(front):
                raise ValueError(f"max_size must leave room for words beside {', '.join(front)}, got {max_size}")
            ordered = ordered[: max_size - len(front)]
        return cls(front + ordered)

    def to_dict(self) -> dict[str, Any]:
        """As for every vocabulary, with the `boundaries`."""
        return {**super().to_dict(), "boundaries": self.boundaries}

    def words(self, text: str) -> list[str]:
        """The words of `text` by the vocabulary's boundaries; a special token that is spelt out is a word."""
        if "<" not in text or not self._spelt:
            return words(text) if self.boundaries == "unicode" else _PLAIN_WORD.findall(text.lower())
        found = []
        for part in _SPECIAL.split(lower(text)):
            found += [self._spelt[part]] if part in self._spelt else self.words(part.replace("<", " "))
        return found

    def encode(self, text: str, unknown: Literal["raise", "drop"] = "raise") -> np.ndarray:
        """The number of each word; an unknown word becomes ``<UNK>`` if the vocabulary has it.

        Parameters
        ----------
        text : str
        unknown : "raise" or "drop"
            What to do with unknown words when the vocabulary has no ``<UNK>``.

        Returns
        -------
        numpy.ndarray
            int32, shape (words,). ``<START>`` is not added.

        Raises
        ------
        ValueError
            Naming the unknown words (the first five), unless they are dropped or become ``<UNK>``.
        """
        _check_unknown(unknown)
        found = self.words(text)
        missing = -1 if self.unk is None else self.unk
        ids = np.fromiter((self._number.get(word, missing) for word in found), dtype=np.int32, count=len(found))
        if missing < 0 and not (known := ids >= 0).all():
            if unknown == "drop":
                return ids[known]
            strange = dict.fromkeys(word for word in found if word not in self._number)
            raise ValueError(_unknown("word", [_clipped(word) for word in strange]))
        return ids

    def numbers(self, words: Iterable[str]) -> np.ndarray:
        """The number of each word of a list, lower-cased already, as int32; the vocabulary must have ``<UNK>``."""
        if self.unk is None:
            raise ValueError("the vocabulary must have <UNK> to give every word a number")
        return np.array([self._number.get(word, self.unk) for word in words], dtype=np.int32)

    def decode(self, ids: Any) -> str:
        """The words of `ids` (any shape, read row by row) as a text. Raises ValueError for one out of range."""
        numbers, text = self._ids(ids).tolist(), list[str]()
        for before, number in zip([None, *numbers], numbers):
            text += [self.between(before, number) if text else "", self.tokens[number]]
        return "".join(text)

    def between(self, before: int | None, number: int) -> str:
        """What stands between two words of a text: a space, except in a script that has none (before None: as after a space)."""
        return " " if before is None else _between(self.tokens[before], self.tokens[number])


@lru_cache(maxsize=4096)
def _between(before: str, word: str) -> str:
    """A space, unless both are written without one and are told apart all the same."""
    return "" if unspaced(word) and unspaced(before) and words(before + word) == [before, word] else " "


Vocabulary = CharVocabulary | WordVocabulary


def vocabulary_from_dict(description: Any) -> Vocabulary:
    """The vocabulary that `to_dict` described. The dict may come from a stranger's file: everything is checked.

    Raises
    ------
    ValueError
        One sentence, if `description` is anything but what `to_dict` writes.
    """
    if not isinstance(description, Mapping):
        raise ValueError(f"vocabulary must be a dict, got {type(description).__name__}")
    kind, tokens = description.get("kind"), description.get("tokens")
    if kind not in (CharVocabulary.kind, WordVocabulary.kind):
        raise ValueError(f"vocabulary kind must be 'characters' or 'words', got {_clipped(kind)}")
    if not isinstance(tokens, list | tuple):
        raise ValueError(f"vocabulary tokens must be a list, got {type(tokens).__name__}")
    try:
        if kind == WordVocabulary.kind:
            return WordVocabulary(tokens, description.get("boundaries", "plain"))
        return CharVocabulary(tokens)
    except ValueError as error:
        raise ValueError(f"vocabulary {error}") from None


def name_character(character: str) -> str:
    """A character as a reader can recognise it in a sentence: `'é'`, `space`, `newline`, `U+0301 (combining …)`."""
    if character in _SPELT_OUT:
        return _SPELT_OUT[character]
    if len(character) > 1:
        return f"'{character}'"
    if character.isprintable() and unicodedata.category(character)[0] != "M":
        return f"'{character}'"
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}" + (f" ({name.lower()})" if name else "")


def _distinct(tokens: Iterable[str]) -> tuple[str, ...]:
    found = tuple(tokens)
    if not 1 <= len(found) <= MAX_TOKENS:
        raise ValueError(f"tokens must number between 1 and {MAX_TOKENS:,}, got {len(found):,}")
    for token in found:
        if not isinstance(token, str) or not token:
            raise ValueError(f"tokens must be non-empty strings, got {_clipped(token)}")
    if sum(map(len, found)) > MAX_TOKEN_CHARACTERS:
        raise ValueError(f"tokens must hold at most {MAX_TOKEN_CHARACTERS:,} characters together")
    if len(set(found)) != len(found):
        double = next(token for token, times in Counter(found).items() if times > 1)
        raise ValueError(f"tokens must be distinct, got {_clipped(double)} more than once")
    return found


def _positive(value: int, argument: str) -> int:
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{argument} must be a positive integer, got {_clipped(value)}")
    return int(value)


def _check_unknown(unknown: str) -> None:
    if unknown not in ("raise", "drop"):
        raise ValueError(f"unknown must be 'raise' or 'drop', got {_clipped(unknown)}")


def _clipped(value: Any) -> str:
    """`value` as it would be written in code, at most 40 characters of it."""
    shown = repr(value[:40] if isinstance(value, str) else value)
    return shown if len(shown) <= 44 else shown[:40] + "…"


def _unknown(what: str, names: list[str]) -> str:
    """The sentence about `names`, of which the first five are said."""
    said = names if len(names) <= 6 else [*names[:5], f"{len(names) - 5} more"]
    listed = said[0] if len(said) == 1 else ", ".join(said[:-1]) + " and " + said[-1]
    plural = "" if len(names) == 1 else "s"
    return f"text must use only {what}s the vocabulary knows, got {len(names)} unknown {what}{plural}: {listed}"
