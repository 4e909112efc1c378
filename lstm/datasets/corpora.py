"""The texts a language model can learn from: one that ships, two computed from Python itself, three downloaded."""

from __future__ import annotations

import re
import sysconfig
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lstm.preprocessing.segmentation import characters, unspaced_note, words

from .download import fetch

# Public domain: Charles Dickens, "A Tale of Two Cities" (1859), book I, chapter I, its first three paragraphs.
TALE_OPENING = """\
It was the best of times, it was the worst of times, it was the age of
wisdom, it was the age of foolishness, it was the epoch of belief, it was
the epoch of incredulity, it was the season of Light, it was the season of
Darkness, it was the spring of hope, it was the winter of despair, we had
everything before us, we had nothing before us, we were all going direct to
Heaven, we were all going direct the other way -- in short, the period was
so far like the present period, that some of its noisiest authorities
insisted on its being received, for good or for evil, in the superlative
degree of comparison only.

There were a king with a large jaw and a queen with a plain face, on the
throne of England; there were a king with a large jaw and a queen with a
fair face, on the throne of France. In both countries it was clearer than
crystal to the lords of the State preserves of loaves and fishes, that
things in general were settled for ever.

It was the year of Our Lord one thousand seven hundred and seventy-five.
Spiritual revelations were conceded to England at that favoured period, as
at this. Mrs. Southcott had recently attained her five-and-twentieth blessed
birthday, of whom a prophetic private in the Life Guards had heralded the
sublime appearance by announcing that arrangements were made for the
swallowing up of London and Westminster.
"""

SOURCE_MODULES = (
    "argparse",
    "calendar",
    "configparser",
    "contextlib",
    "csv",
    "dataclasses",
    "difflib",
    "fractions",
    "functools",
    "heapq",
    "random",
    "textwrap",
)
"""The standard-library modules of `python_source`, about half a million characters together."""


@dataclass(frozen=True)
class Corpus:
    """A text by name: what it is and where it comes from."""

    name: str
    title: str
    description: str
    source: str
    licence: str
    needs_download: bool = False


_ALL = (
    Corpus(
        "tale_opening",
        "A Tale of Two Cities: the opening",
        "The first three paragraphs of the novel: short enough to be learnt by heart in seconds.",
        "Charles Dickens (1859), a quotation that ships with the lab",
        "public domain",
    ),
    Corpus(
        "python_docs",
        "Python's documentation",
        "The language reference that help() shows, each paragraph once. It varies a little between Python versions.",
        "pydoc_data.topics of the Python that runs the lab",
        "PSF licence",
    ),
    Corpus(
        "python_source",
        "Python's source code",
        f"{len(SOURCE_MODULES)} modules of the standard library. They vary a little between Python versions.",
        "the standard library of the Python that runs the lab: " + ", ".join(SOURCE_MODULES),
        "PSF licence",
    ),
    Corpus(
        "tale_of_two_cities",
        "A Tale of Two Cities",
        "The whole novel.",
        "Charles Dickens (1859), downloaded",
        "public domain",
        needs_download=True,
    ),
    Corpus(
        "jungle_book",
        "The Jungle Book",
        "Stories and songs, without Project Gutenberg's header and licence.",
        "Rudyard Kipling (1894), downloaded",
        "public domain in the US; Project Gutenberg's terms",
        needs_download=True,
    ),
    Corpus(
        "tiny_shakespeare",
        "Tiny Shakespeare",
        "40,000 lines from the plays, the usual yardstick for character models.",
        "William Shakespeare, chosen by Andrej Karpathy, downloaded",
        "public domain",
        needs_download=True,
    ),
)

CORPORA: dict[str, Corpus] = {corpus.name: corpus for corpus in _ALL}
"""Every corpus by name; those that need no download first. A downloaded one has its data set's name."""


@dataclass(frozen=True)
class TextFacts:
    """What a page says about a text before anyone trains on it."""

    characters: int
    distinct: int
    words: int
    distinct_words: int
    first_lines: tuple[str, ...]
    """The first five lines that are not blank, each cut at 200 characters."""
    notes: tuple[str, ...] = ()
    """What a word is in this text, where that is not what stands between spaces."""


def load_corpus(
    name: str,
    progress: Callable[[int, int], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> str:
    """The text of a corpus, its line ends normalised; downloaded first where that is needed and not yet done.

    Parameters
    ----------
    name : str
        A name in `CORPORA`.
    progress, note : callable, optional
        Handed to `fetch`: the one is called with the bytes done and the bytes in all while it downloads, the other
        with a sentence if the cached file was damaged.

    Raises
    ------
    ValueError
        If there is no such corpus, or this Python comes without what the corpus is made of.
    DownloadError
        If it has to be downloaded and cannot.
    """
    if not isinstance(name, str) or name not in CORPORA:
        raise ValueError(f"corpus must be one of {', '.join(CORPORA)}, got {str(name)[:40]!r}")
    if not CORPORA[name].needs_download:
        return _computed(name)
    # The checksum is asked for each time, the reading and tidying is not.
    [path] = fetch(name, progress, note)
    return _downloaded(name, path, path.stat().st_mtime_ns)


def describe(text: str) -> TextFacts:
    """Count a text's characters and words (lower-cased), and show how it begins."""
    found, symbols = words(text), characters(text)
    lines = (line.rstrip()[:200] for line in text[:20_000].splitlines() if line.strip())
    first = tuple(line for line, _ in zip(lines, range(5), strict=False))
    note = unspaced_note(text)
    return TextFacts(len(symbols), len(set(symbols)), len(found), len(set(found)), first, (note,) if note else ())


def normalise_newlines(text: str) -> str:
    r"""`text` with every line ended by ``\n``, whichever system wrote it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# The titles' lengths are bounded: an uploaded file must not be able to keep the search busy.
_MARKER = r"\*\*\* ?%s OF (?:THE|THIS) PROJECT GUTENBERG E-?(?:BOOK|TEXT)[^*]{0,300}\*\*\*"
_GUTENBERG_START = re.compile(_MARKER % "START", re.IGNORECASE)
_GUTENBERG_END = re.compile(
    r"(?:^ {0,20}End of (?:the )?Project Gutenberg[^*]{0,300})?" + _MARKER % "END", re.IGNORECASE | re.MULTILINE
)


def strip_gutenberg(text: str) -> str:
    """`text` without what Project Gutenberg puts before and after a book.

    A text that lacks the two marker lines ("*** START OF THE PROJECT GUTENBERG EBOOK … ***", "*** END …") is returned
    as it is. Otherwise spaces at line ends go too, and more than two blank lines in a row become two.
    """
    start = _GUTENBERG_START.search(text)
    end = _GUTENBERG_END.search(text, start.end()) if start else None
    if start is None or end is None:
        return text
    body = "\n".join(line.rstrip() for line in text[start.end() : end.start()].split("\n"))
    return re.sub(r"\n{4,}", "\n\n\n", body).strip("\n") + "\n"


@lru_cache(maxsize=3)
def _downloaded(name: str, path: Path, changed: int) -> str:
    text = normalise_newlines(path.read_text(encoding="utf-8-sig"))
    return strip_gutenberg(text) if name == "jungle_book" else text


@lru_cache(maxsize=3)
def _computed(name: str) -> str:
    return {"tale_opening": lambda: TALE_OPENING, "python_docs": _python_docs, "python_source": _python_source}[name]()


def _python_docs() -> str:
    """`pydoc_data.topics`, sorted by key. Topics quote each other at length: a paragraph is kept where it comes first,
    otherwise the validation text would hold passages of the training text."""
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise ValueError("corpus python_docs needs pydoc_data.topics, which this Python comes without") from None
    seen: set[str] = set()
    kept = []
    for key in sorted(topics):
        for paragraph in re.split(r"\n\s*\n", _ascii(topics[key])):
            # A heading's row of asterisks says nothing that the heading does not.
            lines = [line.rstrip() for line in paragraph.split("\n") if not re.fullmatch(r"\s*([*=~^-])\1*\s*", line)]
            squeezed = " ".join(" ".join(lines).split())
            if squeezed and squeezed not in seen:
                seen.add(squeezed)
                kept.append("\n".join(lines).strip("\n"))
    return "\n\n".join(kept) + "\n"


def _python_source() -> str:
    """`SOURCE_MODULES` one after another, read from the standard library's folder: none of them is run, and no file of
    the same name elsewhere is mistaken for one. A module this Python lacks is left out."""
    folder = Path(sysconfig.get_path("stdlib"))
    pieces = []
    for module in SOURCE_MODULES:
        try:
            with tokenize.open(folder / f"{module}.py") as stream:
                pieces.append(_ascii(normalise_newlines(stream.read())).strip("\n") + "\n")
        except (OSError, SyntaxError):
            continue
    if not pieces:
        raise ValueError("corpus python_source needs the standard library's source files, which this Python lacks")
    return "\n\n".join(pieces)


_TO_ASCII = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "--", "…": "...", "\xa0": " "})


def _ascii(text: str) -> str:
    """`text` in ASCII: typographic marks become plain ones, and the handful of other characters (a letter in an
    example, an author's name) is dropped, so that a model does not carry a dozen inputs it sees once."""
    return text.translate(_TO_ASCII).encode("ascii", "ignore").decode("ascii")
