"""Files from strangers: what reading one may cost, and one net for whatever else goes wrong.

What a file declares says nothing about what reading it costs. Zeros compress a thousandfold, so an archive is unpacked
piece by piece, and to no more than a fixed multiple of what was handed in: trained weights hardly compress at all.
"""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RATIO = 8
"""How many times its own size a file may unpack to, beyond `FREE`."""
FREE = 8 * 2**20
"""Bytes that any file may unpack to."""
MAX_MEMBERS = 1_000
"""Members of an archive."""

_log = logging.getLogger(__name__)


class Oversized(ValueError):
    """A file unpacks to more than it may."""

    def __init__(self, most: int) -> None:
        super().__init__(f"it unpacks to more than {_megabytes(most)} MB, the limit for a file of its size")


def contents(path: Path, most: int) -> bytes:
    """The bytes of a file of at most `most` bytes.

    Raises
    ------
    ValueError
        One sentence, if there is no such file, or it is a folder, a device, or larger. No more than `most` is ever read.
    """
    if path.is_dir():
        raise ValueError(f"{str(path)!r} is a folder, and one file is needed")
    if not path.exists():
        raise ValueError(f"there is no file {str(path)!r}")
    if not path.is_file():
        raise ValueError(f"{str(path)!r} is no ordinary file")
    with open(path, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{str(path)!r} is larger than {most // 2**20} MB, the limit")
    return data


def most_unpacked(packed: int, most: int) -> int:
    """To how many bytes a file of `packed` bytes may unpack where `most` is the limit for any."""
    return min(most, RATIO * packed + FREE)


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """The content of an archive's member, whose checksum is looked at.

    Raises
    ------
    Oversized
        A ValueError, if it has more than `most` bytes. No more than that is ever unpacked.
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError
        If it is damaged, or packed in a way that Python cannot undo.
    """
    if member.file_size > most:
        raise Oversized(most)
    with archive.open(member) as file:
        data = file.read(most + 1)  # what an archive says of its sizes need not be true
    if len(data) > most:
        raise Oversized(most)
    return data


@contextmanager
def one_sentence(sentence: str) -> Iterator[None]:
    """Whatever goes wrong inside comes out as a ValueError.

    A ValueError or OSError already is a sentence for the reader. Anything else is a case that nobody has thought of, in
    bytes that may have been made to find one: it comes out as ValueError(`sentence`), and the log has its traceback.
    """
    try:
        yield
    except (UnicodeError, json.JSONDecodeError) as error:  # a ValueError, but no sentence
        raise ValueError(sentence) from error
    except (ValueError, OSError):
        raise
    except MemoryError as error:
        raise ValueError(f"{sentence}: there is not enough memory for it") from error
    except Exception as error:
        _log.warning("unexpected in a file that was handed in: %s", sentence, exc_info=True)
        raise ValueError(sentence) from error


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.3g}" if size < 1000 * 2**20 else f"{size / 2**20:.0f}"
