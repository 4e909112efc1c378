"""Text to numbers and back: character and word vocabularies, and the few ways a text is tidied before.

A vocabulary is a list of tokens; a token's place in it is its number. Two rules keep runs repeatable: characters are
sorted by code point, words by how often they occur (ties by spelling), so the same text always gives the same numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

import numpy as np

PAD, START, UNK = "<PAD>", "<START>", "<UNK>"
SPECIALS = (PAD, START, UNK)
"""The special tokens a word vocabulary may begin with, in this order: filler, begin of a text, any unknown word."""

MAX_TOKENS = 200_000
MAX_TOKEN_CHARACTERS = 5_000_000

_WORD = re.compile(r"\w+")
_WORD_OR_SPECIAL = re.compile("|".join(token.lower() for token in SPECIALS) + r"|\w+")
_SPELT_OUT = {" ": "space", "\n": "newline", "\t": "tab", "\r": "carriage return", "\xa0": "no-break space"}


def words(text: str) -> list[str]:
    r"""The lower-cased words (``\w+``: letters, digits and underscores) of `text`, in order."""
    return _WORD.findall(text.lower())


def prepare(text: str, lowercase: bool = False, strip_punctuation: bool = False, limit: int | None = None) -> str:
    """Tidy a text before training; the same arguments always give the same text.

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
    if limit is not None:
        text = text[: _positive(limit, "limit")]
    if lowercase:
        text = text.lower()
    if strip_punctuation:
        category = {character: unicodedata.category(character) for character in set(text)}
        table = {ord(c): " " if kind == "Pd" else None for c, kind in category.items() if kind[0] in "PS"}
        text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text.translate(table))).strip(" ")
    return text


class _Vocabulary:
    """What both vocabularies share: the tokens, equality, and the way into and out of a dict."""

    kind: ClassVar[str]
    separator: ClassVar[str]
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
    separator = ""

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = _distinct(tokens)
        for token in self.tokens:
            if len(token) != 1 or "\ud800" <= token <= "\udfff":
                raise ValueError(f"tokens must be single characters, got {_clipped(token)}")
        self._codes = np.array([ord(token) for token in self.tokens], dtype="<u4")
        # One table look-up turns a million characters into numbers in milliseconds. -1 is "unknown"; the extra last
        # entry stays -1 and serves every code point beyond the largest known one.
        self._table = np.full(int(self._codes.max()) + 2, -1, dtype=np.int32)
        self._table[self._codes] = np.arange(len(self.tokens), dtype=np.int32)

    @classmethod
    def from_text(cls, text: str, max_size: int | None = None) -> CharVocabulary:
        """The distinct characters of `text`, sorted.

        With `max_size` only that many of the most frequent ones (ties by code point), still sorted; `encode` then needs
        ``unknown="drop"`` for texts that hold the others. Raises ValueError if `text` is empty.
        """
        if not text:
            raise ValueError("text must hold at least one character, got an empty text")
        distinct = sorted(set(text))
        if max_size is not None and _positive(max_size, "max_size") < len(distinct):
            count = Counter(text)
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
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        ids = self._table[np.minimum(codes, len(self._table) - 1)]
        known = ids >= 0
        if known.all():
            return ids
        if unknown == "drop":
            return ids[known]
        strange = [chr(code) for code in dict.fromkeys(codes[~known].tolist())]
        raise ValueError(_unknown("character", [name_character(c) for c in strange]))

    def decode(self, ids: Any) -> str:
        """The text that `ids` (any shape, read row by row) stands for. Raises ValueError for a number out of range."""
        return self._codes[self._ids(ids)].tobytes().decode("utf-32-le")


class WordVocabulary(_Vocabulary):
    r"""Words (``\w+``, lower-cased) ↔ numbers, the most frequent first.

    Parameters
    ----------
    tokens : iterable of str
        Any of `SPECIALS`, in their order, then distinct lower-cased words. `from_text` makes the list from a text.

    Attributes
    ----------
    tokens : tuple of str
        The word of each number.
    pad, start, unk : int or None
        The number of ``<PAD>``, ``<START>`` and ``<UNK>``, None where the vocabulary has none.
    """

    kind = "words"
    separator = " "

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = _distinct(tokens)
        self._number = {token: number for number, token in enumerate(self.tokens)}
        self.pad, self.start, self.unk = (self._number.get(token) for token in SPECIALS)
        front = [token for token in SPECIALS if token in self._number]
        if list(self.tokens[: len(front)]) != front:
            raise ValueError(f"tokens must begin with the special tokens in the order {', '.join(SPECIALS)}")
        for token in self.tokens[len(front) :]:
            if token != token.lower() or not _WORD.fullmatch(token):
                raise ValueError(f"tokens must be lower-cased words of letters and digits, got {_clipped(token)}")
        # Written out in a text, a special token this vocabulary has is that token: what decode wrote, encode reads.
        self._number.update({token.lower(): self._number[token] for token in front})
        self._pattern = _WORD_OR_SPECIAL if front else _WORD

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
        pattern = _WORD_OR_SPECIAL if front else _WORD
        count: Counter[str] = Counter()
        for piece in [text] if isinstance(text, str) else text:
            count.update(pattern.findall(piece.lower()))
        ordered = sorted((word for word in count if word[0] != "<"), key=lambda word: (-count[word], word))
        if not ordered:
            raise ValueError("text must hold at least one word, got none")
        if max_size is not None:
            if _positive(max_size, "max_size") <= len(front):
                raise ValueError(f"max_size must leave room for words beside {', '.join(front)}, got {max_size}")
            ordered = ordered[: max_size - len(front)]
        return cls(front + ordered)

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
        found = self._pattern.findall(text.lower())
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
        """The words of `ids` (any shape, read row by row), joined by spaces. Raises ValueError for one out of range."""
        return " ".join([self.tokens[number] for number in self._ids(ids).tolist()])


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
    kinds = {cls.kind: cls for cls in (CharVocabulary, WordVocabulary)}
    kind, tokens = description.get("kind"), description.get("tokens")
    if not isinstance(kind, str) or kind not in kinds:
        raise ValueError(f"vocabulary kind must be 'characters' or 'words', got {_clipped(kind)}")
    if not isinstance(tokens, list | tuple):
        raise ValueError(f"vocabulary tokens must be a list, got {type(tokens).__name__}")
    try:
        return kinds[kind](tokens)
    except ValueError as error:
        raise ValueError(f"vocabulary {error}") from None


def name_character(character: str) -> str:
    """A character as a reader can recognise it in a sentence: `'é'`, `space`, `newline`, `U+0301 (combining …)`."""
    if character in _SPELT_OUT:
        return _SPELT_OUT[character]
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
