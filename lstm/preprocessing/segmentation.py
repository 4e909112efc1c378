r"""Where a text has its characters and its words, in whatever script it is written.

A character is what a reader takes for one, a grapheme cluster of Unicode (UAX 29): a letter with its accents, a
consonant with its vowel sign, a flag, a family of four joined by invisible joiners. A word is a run of letters, digits,
the marks that belong to them, and joiners between them. Scripts without spaces between their words, such as Chinese or
Thai, do not show where a word ends; their words are their characters.

What looks the same is made the same first: "ä" in one code point or in two (NFC), a word with or without a soft hyphen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

LONGEST_CHARACTER = 32
"""Code points. More than this under one letter is no writing: such a cluster is taken apart."""

_INVISIBLE = str.maketrans("", "", "\xad\u2060\ufeff")  # soft hyphen, word joiner, byte-order mark
_PLAIN_WORD = re.compile(r"\w+")
_EUROPEAN = re.compile(
    "[\x00-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u03ff\u0400-\u0482\u048a-\u052f\u1e00-\u1eff"
    "\u2000-\u200a\u2010-\u205e\u20a0-\u20bf]*"
)
r"""Latin, Greek and Cyrillic, composed, and what stands between words: here a word is what `\w+` finds."""
UNSPACED = {
    "Han": "Chinese characters", "Hiragana": "Hiragana", "Katakana": "Katakana", "Bopomofo": "Bopomofo", "Thai": "Thai",
    "Lao": "Lao", "Khmer": "Khmer", "Myanmar": "Burmese", "Javanese": "Javanese", "Balinese": "Balinese", "Tai_Tham": "Tai Tham",
}  # fmt: skip
"""Scripts that put no space between words, by Unicode's name, with ours."""
_SHARED = r"\p{scx=Han}\p{scx=Hira}\p{scx=Kana}"  # a mark such as "ー" belongs to several
_UNSPACED = "[[" + _SHARED + "".join(rf"\p{{Script={script}}}" for script in UNSPACED) + r"]&&[\p{L}\p{N}\p{M}]--[0-9]]"
_WORD = (
    rf"(?V1)(?={_UNSPACED})\X"
    rf"|(?!{_UNSPACED})[\p{{L}}\p{{N}}_](?:(?!{_UNSPACED})[\p{{L}}\p{{N}}_]|\p{{M}}|[\u200c\u200d]+(?=[\p{{L}}\p{{N}}])|(?<=\p{{M}})\u200d)*"
)
_JOINING = (
    r"[\p{M}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d"
    r"\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=Prepend}\p{GCB=L}\p{GCB=V}\p{GCB=T}]"
)


def compose(text: str) -> str:
    """`text` with each letter and its accents in one code point where Unicode has one (NFC)."""
    return unicodedata.normalize("NFC", text)


def visible(text: str) -> str:
    """`text` composed and without the invisible signs that only say where a line may break."""
    return text if text.isascii() else compose(text.translate(_INVISIBLE))


def lower(text: str) -> str:
    """`text` in lower case, `İ` as `i`: Python makes an i with a second dot of it."""
    return text.replace("İ", "i").lower()


def characters(text: str) -> list[str]:
    """The characters of `text` as a reader counts them, composed. Together they are `compose(text)`."""
    text = compose(text)
    if not joins(text):
        return list(text)
    found = _compiled(r"\r|\X").findall(text)
    if max(map(len, found), default=0) <= LONGEST_CHARACTER:
        return found
    return [piece for one in found for piece in ([one] if len(one) <= LONGEST_CHARACTER else one)]


def joins(text: str) -> bool:
    """Whether some character of `text` may be longer than one code point."""
    return not text.isascii() and _compiled(_JOINING).search("".join(set(text))) is not None


def is_character(text: str) -> bool:
    """Whether `text` is one character, or one code point."""
    return len(text) == 1 or (len(text) <= LONGEST_CHARACTER and _compiled(r"\X").fullmatch(text) is not None and text != "\r\n")


def words(text: str) -> list[str]:
    """The words of `text`, composed and in lower case, in order."""
    text = lower(visible(text))
    return _pattern(text).findall(text)


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of `text`, which is what `visible` made of it, begin and end."""
    for match in _pattern(text).finditer(text):
        yield match.span()


def unspaced(text: str) -> bool:
    """Whether `text` begins with a character of a script that puts no space between words."""
    return not text.isascii() and _compiled("(?V1)" + _UNSPACED).match(text) is not None


def unspaced_note(text: str) -> str | None:
    """A sentence for a text that is written without spaces, at least for a twentieth of its letters; else None."""
    text = text[:200_000]
    if text.isascii() or not _compiled("(?V1)" + _UNSPACED).search("".join(set(text))):
        return None
    letters = len(_compiled(r"\p{L}").findall(text))
    found = {}
    for script, name in UNSPACED.items():
        count = len(_compiled(rf"(?V1)[\p{{Script={script}}}&&\p{{L}}]").findall(text))
        if 100 * count >= letters:
            found[name] = count
    if 20 * sum(found.values()) < letters:
        return None
    names = sorted(found, key=lambda name: -found[name])
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
    verb = "is" if len(names) == 1 and names[0] != UNSPACED["Han"] else "are"
    return f"{listed} {verb} written without spaces: each character counts as a word"


def _pattern(text: str) -> regex.Pattern | re.Pattern:
    r"""The pattern of a word; `\w+`, which is seven times as fast, where both find the same."""
    return _PLAIN_WORD if text.isascii() or _EUROPEAN.fullmatch("".join(set(text))) else _compiled(_WORD)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> regex.Pattern:
    import regex

    return regex.compile(pattern)
