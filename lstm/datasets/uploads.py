"""A file somebody hands in, as text: which encoding it is in, and one sentence for each that is no use."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from .corpora import normalise_newlines, strip_gutenberg

LIMIT = 2_000_000
_SAVE_AS = "open it in an editor and save it as UTF-8"

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

# Control characters that texts do hold: tab, line feed, form feed, carriage return.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Upload:
    """A text that was handed in, and what its reader should know about how it was read."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def read_text(data: bytes, name: str, limit: int = LIMIT) -> str:
    """The text of a file; see `read_upload`, which also says how it was read."""
    return read_upload(data, name, limit).text


def read_upload(data: bytes, name: str, limit: int = LIMIT) -> Upload:
    """Decode and check a plain-text file.

    UTF-8 is read with or without a byte-order mark, UTF-16 and UTF-32 with one. What is none of these and mostly plain
    letters is taken for Windows-1252 (which holds Latin-1), and a note says so. Line ends become newlines, stray control
    characters go, and of a Project Gutenberg file only the book is kept.

    Parameters
    ----------
    data : bytes
    name : str
        The file's name, for the sentences.
    limit : int
        The most characters accepted, counted after the above.

    Raises
    ------
    ValueError
        One sentence, for a file that is empty, blank, binary, damaged, too long, in an encoding that cannot be told, or
        made of a single character.
    """
    data, name = bytes(data), _tidy_name(name)
    if not data:
        raise ValueError(f"{name} is empty")
    if len(data) > 4 * limit + 4:  # no encoding needs more than four bytes a character
        raise ValueError(_too_long(name, f"{len(data):,} bytes", limit))
    text, encoding, notes = _decode(data, name)
    text = _CONTROLS.sub("", normalise_newlines(text))
    book = strip_gutenberg(text)
    if book != text:
        notes.append("Project Gutenberg's header and licence were cut off")
    if not book.strip():
        raise ValueError(f"{name} holds nothing but blank space")
    if len(set(book.strip())) == 1:
        raise ValueError(f"{name} repeats a single character, {book.strip()[0]!r}, from which nothing can be learnt")
    if len(book) > limit:
        raise ValueError(_too_long(name, f"{len(book):,} characters", limit))
    return Upload(book, encoding, tuple(notes))


def _decode(data: bytes, name: str) -> tuple[str, str, list[str]]:
    """The text, the name of its encoding, and notes; ValueError if it cannot be told or is binary."""
    for magic, what in _MAGIC[:_NAMED_EVEN_IF_TEXT]:
        if data.startswith(magic):
            raise ValueError(f"{name} is {what}, not plain text, so export it as .txt first")
    for mark, codec, encoding in _MARKS:
        if data.startswith(mark):
            try:
                text = data[len(mark) :].decode(codec)
            except UnicodeDecodeError as error:
                if _binary(data):
                    raise ValueError(_not_text(data, name)) from None
                position = len(mark) + error.start
                raise ValueError(
                    f"{name} says it is {encoding} but is damaged at byte {position:,}; {_SAVE_AS}"
                ) from None
            if _too_many_controls(text):
                raise ValueError(_not_text(data, name))
            return text, encoding, []
    if not _known_magic(data) and (order := _utf16_without_mark(data)):
        raise ValueError(f"{name} seems to be UTF-16 ({order}) without a byte-order mark; {_SAVE_AS}")
    try:
        text, encoding, notes = data.decode("utf-8"), "UTF-8", []
    except UnicodeDecodeError as error:
        if _binary(data):
            raise ValueError(_not_text(data, name)) from None
        text, encoding, notes = _not_quite_utf8(data, name, error)
    if _too_many_controls(text):
        raise ValueError(_not_text(data, name))
    return text, encoding, notes


def _not_quite_utf8(data: bytes, name: str, error: UnicodeDecodeError) -> tuple[str, str, list[str]]:
    """UTF-8 that was cut or damaged, or else Windows-1252: told apart by how much of it is valid."""
    replaced = data.decode("utf-8", "replace")
    bad = replaced.count("\ufffd")
    good = len(re.findall(r"[^\x00-\x7f\ufffd]", replaced))
    if good > bad:
        if error.end == len(data) and error.reason == "unexpected end of data":
            note = "its last character was cut in half and left out"
            return data[: error.start].decode("utf-8"), "UTF-8", [note]
        raise ValueError(f"{name} is UTF-8 with damage, first at byte {error.start:,}; {_SAVE_AS}")
    high = sum(byte > 0x7F for byte in data[:100_000]) / len(data[:100_000])
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = None
    # Western texts have a few accented letters; a text full of them is another alphabet in another encoding.
    if text is None or high > 0.25:
        raise ValueError(f"{name} is not UTF-8 and its encoding cannot be told; {_SAVE_AS}")
    note = "it is not UTF-8 and was read as Windows-1252; if letters look wrong, save it as UTF-8"
    return text, "Windows-1252", [note]


def _utf16_without_mark(data: bytes) -> str:
    """The byte order if every other byte is mostly zero, as in Western text in UTF-16; empty if not."""
    sample = data[: 1 << 14]
    zeros = {"little-endian": sample[1::2].count(0), "big-endian": sample[0::2].count(0)}
    order, other = sorted(zeros, key=lambda name: -zeros[name])
    mostly = 2 * zeros[order] > len(sample) // 2 and 20 * zeros[other] < len(sample) // 2
    if not mostly or _too_many_controls(sample.decode(f"utf-16-{order[0]}e", "replace")):
        return ""
    return order


def _known_magic(data: bytes) -> str:
    return next((what for magic, what in _MAGIC if data.startswith(magic)), "")


def _binary(data: bytes) -> bool:
    return b"\x00" in data or bool(_known_magic(data))


def _too_many_controls(text: str) -> bool:
    """Any NUL, or more control characters than slip into a text by accident (one in a thousand)."""
    return "\x00" in text or 1000 * len(_CONTROLS.findall(text)) > len(text)


def _not_text(data: bytes, name: str) -> str:
    return f"{name} is {_known_magic(data) or 'a binary file'}, not plain text"


def _too_long(name: str, size: str, limit: int) -> str:
    return f"{name} is too long: it has {size}, and at most {limit:,} characters can be used"


def _tidy_name(name: str) -> str:
    """A file name fit for a sentence: no folders, no control characters, not longer than 60 characters."""
    tidy = re.sub(r"[^\w .,()+&@'-]", "", re.split(r"[/\\]", str(name))[-1]).strip()
    return (tidy if len(tidy) <= 60 else tidy[:40] + "…" + tidy[-15:]) or "the file"
