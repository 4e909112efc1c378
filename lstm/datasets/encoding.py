"""Bytes somebody hands in, as text: byte-order marks, UTF-8, UTF-16, and what was usual before.

The order of proof: a byte-order mark says what follows; valid UTF-8 is UTF-8, for nothing else is that by chance; UTF-16
shows by its zero bytes. What is left is in one of some thirty older encodings, in most of which any bytes are some
text. charset-normalizer says which of them give one that could be read; among those wins the one whose letters beyond
ASCII are all found in the alphabet of one language, and a note says that this is a guess.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

SAVE_AS = "open it in an editor and save it as UTF-8"

# What other kinds of file begin with.
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "a rich-text document"),
    (b"PK\x03\x04", "a ZIP archive (.docx, .odt and .epub files are such archives inside)"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office document"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"RIFF", "a sound, video or WebP file"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
)
_NAMED_EVEN_IF_TEXT = 2  # of these, the first two may hold no byte that is not text

# UTF-32 comes first: its little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""Control characters that texts do not hold: all but tab, line feed, form feed and carriage return."""

_SAMPLE = 32_768
"""Bytes that the guess looks at, of lines that have more than ASCII in them."""

# The letters beyond ASCII of the languages that each of the older encodings was made for, or its script.
_WEST = (
    "äöüß", "àâæçèéêëîïôùûüÿœ", "áéíñóúü", "àáâãçéêíóôõúü", "àèéìíòóù", "åäöéü", "åæøéèò", "áæéíðóöúýþ", "àçèéíïòóúü·",
    "áéëïóöüè", "áéíóú", "äöõüšž",
)  # fmt: skip
_MIDDLE = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž", "äöüß", "ëç")
_ALPHABETS: dict[str, tuple[str, ...]] = {
    "cp1252": _WEST, "mac_roman": _WEST, "cp850": _WEST, "cp1250": _MIDDLE, "iso8859_2": _MIDDLE, "mac_latin2": _MIDDLE,
    "cp852": _MIDDLE, "cp1254": ("çğıöşüâîû",), "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž"),
}  # fmt: skip
_SCRIPTS = {
    "cp1251": "CYRILLIC", "koi8_r": "CYRILLIC", "koi8_u": "CYRILLIC", "cp866": "CYRILLIC", "mac_cyrillic": "CYRILLIC",
    "iso8859_5": "CYRILLIC", "cp1253": "GREEK", "iso8859_7": "GREEK", "cp1255": "HEBREW", "cp1256": "ARABIC",
    "iso8859_6": "ARABIC", "cp874": "THAI", "cp1258": "LATIN", "gb18030": "CJK", "big5": "CJK", "cp932": "HIRAGANA",
    "euc_jp": "HIRAGANA", "cp949": "HANGUL",
}  # fmt: skip
_KANA = frozenset(map(chr, range(0x3041, 0x30FF)))
_HARDLY_WITHOUT = dict.fromkeys(("cp932", "euc_jp"), _KANA) | dict.fromkeys(("cp1253", "iso8859_7"), frozenset("άέήίόύώ"))
"""Characters of which a text in that encoding has some: kanji stand alone at most in names of columns, Greek has accents."""
NAMES = {
    "cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS Western (850)", "cp1250": "Windows-1250",
    "iso8859_2": "ISO 8859-2", "mac_latin2": "Mac Central European", "cp852": "DOS Central European (852)",
    "cp1254": "Windows-1254", "cp1257": "Windows-1257", "cp1251": "Windows-1251", "koi8_r": "KOI8-R", "koi8_u": "KOI8-U",
    "cp866": "DOS Cyrillic (866)", "mac_cyrillic": "Mac Cyrillic", "iso8859_5": "ISO 8859-5", "cp1253": "Windows-1253",
    "iso8859_7": "ISO 8859-7", "cp1255": "Windows-1255", "cp1256": "Windows-1256", "iso8859_6": "ISO 8859-6",
    "cp874": "Windows-874", "cp1258": "Windows-1258", "gb18030": "GB 18030", "big5": "Big5", "cp932": "Shift JIS",
    "euc_jp": "EUC-JP", "cp949": "EUC-KR",
}  # fmt: skip
"""The older encodings that are looked for, by Python's name, as people call them."""
_RARE = ("mac_cyrillic", "mac_latin2", "iso8859_5")
_USUAL_MARKS = frozenset("“”‘’„‚«»‹›–—…€£¥°²³½¼§©®™·•×÷±µªº¿¡¢\xa0\xad。、，；：？！（）「」『』《》〈〉【】・ー％　")


@dataclass(frozen=True)
class Decoded:
    """Bytes as text.

    encoding : as people call it
    notes : what the reader should know about how the bytes were read; one for a guess
    others : other encodings in which the bytes are some text, likeliest first; empty unless `encoding` was guessed
    """

    text: str
    encoding: str
    notes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def decode(data: bytes, name: str, encoding: str | None = None) -> Decoded:
    """The text that bytes stand for.

    Parameters
    ----------
    data : bytes
    name : the file's name, fit for a sentence
    encoding : read the bytes in this one of `NAMES` (either spelling), whatever they look like

    Raises
    ------
    ValueError
        One sentence, for bytes that are binary or damaged, or whose encoding cannot be told.
    """
    for magic, what in _MAGIC[:_NAMED_EVEN_IF_TEXT]:
        if data.startswith(magic):
            raise ValueError(f"{name} is {what}, not plain text, so export it as .txt first")
    if encoding is not None:
        return _as_told(data, name, encoding)
    for mark, codec, called in _MARKS:
        if data.startswith(mark):
            return _marked(data, name, len(mark), codec, called)
    if not known_magic(data) and (codec := _utf16_without_mark(data)):
        order = "little" if codec.endswith("le") else "big"
        text = data[: len(data) // 2 * 2].decode(codec, "replace")
        note = f"it is UTF-16 ({order}-endian) without a byte-order mark"
        return Decoded(text.removeprefix("\ufeff"), "UTF-16", (note,))
    try:
        found = Decoded(data.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError as error:
        if _binary(data):
            raise ValueError(_not_text(data, name)) from None
        found = _not_quite_utf8(data, name, error)
    if _too_many_controls(found.text):
        raise ValueError(_not_text(data, name))
    return found


def known_magic(data: bytes) -> str:
    """What kind of file begins like `data`; empty if none that is known."""
    return next((what for magic, what in _MAGIC if data.startswith(magic)), "")


def _marked(data: bytes, name: str, start: int, codec: str, called: str) -> Decoded:
    try:
        text = data[start:].decode(codec)
    except UnicodeDecodeError as error:
        if _binary(data):
            raise ValueError(_not_text(data, name)) from None
        position = start + error.start
        raise ValueError(f"{name} says it is {called} but is damaged at byte {position:,}; {SAVE_AS}") from None
    if _too_many_controls(text):
        raise ValueError(_not_text(data, name))
    return Decoded(text, called)


def _as_told(data: bytes, name: str, encoding: str) -> Decoded:
    codecs_by_name = {**{codec: codec for codec in NAMES}, **{called: codec for codec, called in NAMES.items()}}
    if encoding not in codecs_by_name:
        raise ValueError(f"encoding must be one of {', '.join(NAMES.values())}, got {str(encoding)[:40]!r}")
    codec = codecs_by_name[encoding]
    text = _in(codec, data)
    if text is None:
        raise ValueError(f"{name} is not {NAMES[codec]}: some of its bytes stand for nothing there")
    return Decoded(text, NAMES[codec], (f"it was read as {NAMES[codec]}, as asked for",))


# UTF-8 with something wrong, and UTF-16 without its mark --------------------------------------------------------------
def _not_quite_utf8(data: bytes, name: str, error: UnicodeDecodeError) -> Decoded:
    """UTF-8 that was cut or damaged, or else an older encoding: told apart by how much of it is valid."""
    replaced = data.decode("utf-8", "replace")
    bad = replaced.count("\ufffd")
    good = len(re.findall(r"[^\x00-\x7f\ufffd]", replaced))
    if good > bad:
        if error.end == len(data) and error.reason == "unexpected end of data":
            return Decoded(
                data[: error.start].decode("utf-8"), "UTF-8", ("its last character was cut in half and left out",)
            )
        if good > 20 * bad:
            places = "place is" if bad == 1 else f"{bad:,} places are"
            note = f"{'a ' if bad == 1 else ''}{places} not valid UTF-8, the first at byte {error.start:,}: each is shown as \ufffd"
            return Decoded(replaced, "UTF-8", (note,))
        raise ValueError(f"{name} is UTF-8 with damage, first at byte {error.start:,}; {SAVE_AS}")
    sample = _sample(data)
    ranked = _ranked(sample)
    for codec in ranked:
        if (text := _in(codec, data)) is not None:
            called = NAMES[codec]
            note = f"it is not UTF-8 and was read as {called}; if letters look wrong, save it as UTF-8"
            possible = [*ranked, *(other for other in NAMES if other not in ranked and _in(other, sample) is not None)]
            return Decoded(text, called, (note,), tuple(NAMES[other] for other in possible if other != codec))
    raise ValueError(f"{name} is not UTF-8 and its encoding cannot be told; {SAVE_AS}")


def _utf16_without_mark(data: bytes) -> str:
    """The codec, if the bytes are text in UTF-16 and hardly anything else; empty if not.

    A text has spaces and line ends, and each of them has a zero byte on the same side. The other order makes no text.
    """
    sample = data[: 1 << 14]
    sample = sample[: len(sample) // 2 * 2]
    if len(sample) < 4 or (sample.count(0) * 50 < len(sample) and not _too_many_controls(sample.decode("latin-1"))):
        return ""
    fit = {}
    for codec in ("utf-16-le", "utf-16-be"):
        text = sample.decode(codec, "replace")
        odd = sum(
            (unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") and c not in "\t\n\r\f") or c == "\ufffd" for c in text
        )
        spaces = len(re.findall(r"[ \n\r\t。，、]", text))
        if 100 * odd <= len(text) and spaces and not _too_many_controls(text):
            fit[codec] = spaces
    return max(fit, key=fit.get, default="")


# The older encodings ------------------------------------------------------------------------------------------------
def _sample(data: bytes) -> bytes:
    """The lines that have more than ASCII in them, up to some number of bytes."""
    lines, size = [], 0
    for line in re.finditer(rb"[^\r\n]*[\x80-\xff][^\r\n]*", data):
        lines.append(line.group()[: _SAMPLE - size])
        size += len(lines[-1])
        if size >= _SAMPLE:
            break
    return b"\n".join(lines)


def _ranked(sample: bytes) -> list[str]:
    """The older encodings in which `sample` reads as a text, the likeliest first."""
    from charset_normalizer import from_bytes

    proposed = {}
    for match in from_bytes(
        sample, cp_isolation=list(NAMES), threshold=0.35, language_threshold=0.1, preemptive_behaviour=False
    ):
        for codec in {match.encoding, *match.could_be_from_charset} & NAMES.keys():
            proposed[codec] = match.coherence - 2 * match.chaos
    for codec in ("cp1252", "mac_roman"):  # so little beyond ASCII that no language shows
        proposed.setdefault(codec, -0.2)
    usual = {codec: -k / 1000 - 0.5 * (codec in _RARE) for k, codec in enumerate(NAMES)}
    score = {}
    for codec, said in proposed.items():
        text = _in(codec, sample)
        if text is not None and (fit := _fit(text, codec)) > 0.5:
            score[codec] = 3 * fit + said + usual[codec]
    return sorted(score, key=lambda codec: -score[codec])


def _fit(text: str, codec: str) -> float:
    """How well the characters beyond ASCII suit a language that `codec` was made for, at most 1."""
    count: Counter[str] = Counter()
    wrong = 0.0
    for before, c, after in zip(" " + text, text, text[1:] + " "):
        if c < "\x80":
            continue
        count[c.lower() if len(c.lower()) == 1 else c] += 1
        wrong += _out_of_place(before, c, after)
        if c.isalpha() and c < "\u2000" and not (before.isalpha() or after.isalpha()):
            wrong += 0.2  # more likely a sign in another encoding, such as the euro's after an amount
    total = sum(count.values())
    if not total:
        return 0.0
    marks = sum(n for c, n in count.items() if c in _USUAL_MARKS)
    if codec in _ALPHABETS:
        letters: float = max(
            sum(count[c] for c in set(alphabet) - _USUAL_MARKS)
            for alphabet in _ALPHABETS[codec]
            if "þ" not in alphabet or any(count[c] for c in "áíé")  # in Icelandic ý and þ are rarer than these
        )
    else:
        letters = sum(n for c, n in count.items() if _of_script(c, _SCRIPTS[codec]))
        if codec in _HARDLY_WITHOUT and not _HARDLY_WITHOUT[codec] & count.keys():
            letters *= 0.8
    return (letters + marks - 2 * wrong) / total


def _out_of_place(before: str, c: str, after: str) -> bool:
    """A capital after a small letter, a sign between letters, a letter at a digit: in no language is that usual."""
    if unicodedata.category(c)[0] == "M" or c in "’·\xad\xa0":
        return False
    if not c.isalpha():
        return before.isalpha() and after.isalpha() and before < "\u0250"
    at_digit = c < "\u2000" and (before.isdecimal() or after.isdecimal())  # "2020年" is fine
    return (c.isupper() and before.islower()) or (c.islower() and after.isupper()) or at_digit


def _of_script(character: str, script: str) -> bool:
    found = _script(character)
    if script == "HIRAGANA":
        return found in ("HIRAGANA", "KATAKANA", "CJK")
    if script == "HANGUL":  # the syllables in use; the others came with Windows
        return found == script and _within(character, "euc_kr")
    if found == "CJK":  # the characters in everyday use have the codes that were given first
        return script == found and (_within(character, "gb2312") or _within(character, "big5"))
    return found == script


def _within(character: str, codec: str) -> bool:
    try:
        return len(character.encode(codec)) < 3  # EUC-KR spells out in eight bytes what it lacks
    except UnicodeEncodeError:
        return False


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ", 1)[0]


def _in(codec: str, data: bytes) -> str | None:
    """`data` in that encoding, or None if it holds bytes that stand for nothing there, or for control characters."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return None if _too_many_controls(text) or re.search(r"[\x80-\x84\x86-\x9f]", text) else text


def _binary(data: bytes) -> bool:
    return b"\x00" in data or bool(known_magic(data))


def _too_many_controls(text: str) -> bool:
    """Any NUL, or more control characters than slip into a text by accident (one in a thousand)."""
    return "\x00" in text or 1000 * len(CONTROLS.findall(text)) > len(text)


def _not_text(data: bytes, name: str) -> str:
    return f"{name} is {known_magic(data) or 'a binary file'}, not plain text"
