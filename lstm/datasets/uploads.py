"""A file somebody hands in, as text: which encoding it is in, and one sentence for each that is no use."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .corpora import normalise_newlines, strip_gutenberg
from .encoding import CONTROLS, decode

LIMIT = 2_000_000


@dataclass(frozen=True)
class Upload:
    """A text that was handed in, and what its reader should know about how it was read."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Other encodings in which the file is some text, if `encoding` was guessed."""


def read_text(data: bytes, name: str, limit: int = LIMIT) -> str:
    """The text of a file; see `read_upload`, which also says how it was read."""
    return read_upload(data, name, limit).text


def read_upload(data: bytes, name: str, limit: int = LIMIT, encoding: str | None = None) -> Upload:
    """Decode and check a plain-text file: `lstm.datasets.encoding` says how.

    Line ends become newlines, stray control characters go, and of a Project Gutenberg file only the book is kept.

    Parameters
    ----------
    data : bytes
    name : str
        The file's name, for the sentences.
    limit : int
        The most characters accepted, counted after the above.
    encoding : str, optional
        Read the file in this one of `encoding.NAMES`, whatever it looks like.

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
    found = decode(data, name, encoding)
    notes = list(found.notes)
    text = CONTROLS.sub("", normalise_newlines(found.text))
    book = strip_gutenberg(text)
    if book != text:
        notes.append("Project Gutenberg's header and licence were cut off")
    if not book.strip():
        raise ValueError(f"{name} holds nothing but blank space")
    if len(set(book.strip())) == 1:
        raise ValueError(f"{name} repeats a single character, {book.strip()[0]!r}, from which nothing can be learnt")
    if len(book) > limit:
        raise ValueError(_too_long(name, f"{len(book):,} characters", limit))
    return Upload(book, found.encoding, tuple(notes), found.others)


def _too_long(name: str, size: str, limit: int) -> str:
    return f"{name} is too long: it has {size}, and at most {limit:,} characters can be used"


def _tidy_name(name: str) -> str:
    """A file name fit for a sentence: no folders, no control characters, not longer than 60 characters."""
    tidy = re.sub(r"[^\w .,()+&@'-]", "", re.split(r"[/\\]", str(name))[-1]).strip()
    return (tidy if len(tidy) <= 60 else tidy[:40] + "…" + tidy[-15:]) or "the file"
