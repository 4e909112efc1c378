"""The texts: the quotation, what Python carries, what is downloaded, and the counting of what is in them."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from pathlib import Path

import pytest

from lstm.datasets import (
    CORPORA,
    DATASETS,
    Dataset,
    DownloadError,
    File,
    corpora,
    describe,
    load_corpus,
    strip_gutenberg,
)

SHIPPED = [name for name, corpus in CORPORA.items() if not corpus.needs_download]
DOWNLOADED = [name for name, corpus in CORPORA.items() if corpus.needs_download]


@pytest.mark.parametrize("name", CORPORA)
def test_each_says_what_it_is(name: str) -> None:
    corpus = CORPORA[name]
    assert corpus.name == name
    assert corpus.title
    assert corpus.description.endswith(".")
    assert corpus.source
    assert corpus.licence


@pytest.mark.parametrize("name", SHIPPED)
def test_what_needs_no_download_is_plain_text(name: str) -> None:
    text = load_corpus(name)
    assert text.isascii()
    assert text.isprintable() or set(text) - {"\n", "\t", "\f"} <= set(map(chr, range(32, 127)))
    assert "\r" not in text
    assert text.endswith("\n")
    assert load_corpus(name) is text  # kept


def test_the_quotation_is_short_and_begins_as_everybody_knows() -> None:
    text = load_corpus("tale_opening")
    assert text.startswith("It was the best of times, it was the worst of times,")
    assert 1_000 < len(text) <= 1_500
    assert describe(text).distinct < 50


def test_python_docs_hold_no_passage_twice() -> None:
    text = load_corpus("python_docs")
    assert 250_000 < len(text) < 1_000_000
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    assert len(paragraphs) == len(set(paragraphs))
    assert "\n*****" not in text  # the rows under headings
    corpora._computed.cache_clear()
    assert load_corpus("python_docs") == text


def test_python_docs_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    corpora._computed.cache_clear()
    with pytest.raises(ValueError, match=r"^corpus python_docs needs pydoc_data.topics"):
        load_corpus("python_docs")


def test_python_source_is_about_half_a_million_characters() -> None:
    text = load_corpus("python_source")
    assert 400_000 < len(text) < 700_000
    assert "class ArgumentParser(" in text
    assert "def wrap(" in text


def test_a_missing_module_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    corpora._computed.cache_clear()
    monkeypatch.setattr(corpora.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(ValueError, match=r"^corpus python_source needs the standard library's source files"):
        load_corpus("python_source")
    (tmp_path / "heapq.py").write_text("heap = []\r\n", newline="")
    (tmp_path / "csv.py").write_text("# “quoted” – é\n", encoding="utf-8")
    try:
        assert load_corpus("python_source") == '# "quoted" - \n\n\nheap = []\n'
    finally:
        corpora._computed.cache_clear()


@pytest.mark.parametrize("name", ["Shakespeare", "", None, ["tale_opening"]])
def test_unknown_names(name: object) -> None:
    with pytest.raises(ValueError, match=r"^corpus must be one of tale_opening, .*, tiny_shakespeare, got "):
        load_corpus(name)  # type: ignore[arg-type]


# --- downloaded ------------------------------------------------------------------------------------------------------

BOOK = (
    "\ufeffThe Project Gutenberg eBook of A Made-Up Book\r\n\r\nThis ebook is for the use of anyone.\r\n\r\n"
    "   *** START OF THE PROJECT GUTENBERG EBOOK A MADE-UP BOOK ***   \r\n\r\n\r\n"
    "A MADE-UP BOOK  \r\n\r\n    \r\n\r\n\r\n\r\nChapter 1 *** or not ***\r\n\r\n    It rained.   \r\n\r\n"
    "  *** END OF THE PROJECT GUTENBERG EBOOK A MADE-UP BOOK ***\r\n\r\nThe licence, at length.\r\n"
)
KEPT = "A MADE-UP BOOK\n\n\nChapter 1 *** or not ***\n\n    It rained.\n"


def put(name: str, text: str, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Path:
    """Cache a made-up text under the name of a real data set."""
    data = text.encode()
    real = DATASETS[name]
    file = File(real.files[0].name, len(data), "sha256:" + hashlib.sha256(data).hexdigest(), ())
    made_up = Dataset(name, real.title, real.about, real.licence, real.folder, (file,))
    monkeypatch.setitem(DATASETS, name, made_up)
    path = cache / real.folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_the_jungle_book_comes_without_header_and_licence(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    put("jungle_book", BOOK, monkeypatch, cache)
    assert load_corpus("jungle_book") == KEPT


def test_other_books_come_as_they_are(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    put("tiny_shakespeare", "First Citizen:  \r\nSpeak.\r\n", monkeypatch, cache)
    assert load_corpus("tiny_shakespeare") == "First Citizen:  \nSpeak.\n"


def test_a_downloaded_text_is_read_once_and_again_when_the_file_changed(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    path = put("tiny_shakespeare", "one", monkeypatch, cache)
    text = load_corpus("tiny_shakespeare")
    assert load_corpus("tiny_shakespeare") is text
    put("tiny_shakespeare", "two", monkeypatch, cache)
    os.utime(path, ns=(0, time.time_ns() + 1))
    assert load_corpus("tiny_shakespeare") == "two"


@pytest.mark.parametrize("name", DOWNLOADED)
def test_without_network(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = DATASETS[name]
    file = File(real.files[0].name, 10, real.files[0].checksum, ("http://127.0.0.1:1/nobody",))
    offline = Dataset(name, real.title, real.about, real.licence, real.folder, (file,))
    monkeypatch.setitem(DATASETS, name, offline)
    with pytest.raises(
        DownloadError, match=rf"^{real.title} could not be downloaded: 127.0.0.1:1 could not be reached"
    ):
        load_corpus(name)


def test_older_and_broken_markers() -> None:
    old = (
        "Header\n***START OF THIS PROJECT GUTENBERG EBOOK A VERY LONG\nTITLE***\n\nThe book.\n\n"
        "End of the Project Gutenberg EBook of A Very Long Title\n\n"
        "*** END OF THIS PROJECT GUTENBERG EBOOK A VERY LONG TITLE ***\nLicence\n"
    )
    assert strip_gutenberg(old) == "The book.\n"
    for incomplete in (
        "no marker at all  \n",
        old.split("End of the")[0],
        "*** END OF THE PROJECT GUTENBERG EBOOK X ***",
    ):
        assert strip_gutenberg(incomplete) == incomplete


# --- describe --------------------------------------------------------------------------------------------------------


def test_describe() -> None:
    facts = describe("\n  The cat.  \n\nthe CAT sat\n" + "x" * 300 + "\n4\n5\n6\n")
    assert facts.characters == 2 + 12 + 2 + 12 + 301 + 6 - 1
    assert facts.words == 2 + 3 + 1 + 3
    assert facts.distinct_words == 3 + 1 + 3  # the, cat, sat; x…; 4, 5, 6
    assert facts.distinct == len(set("\n TheCATcats.x456"))
    assert facts.first_lines == ("  The cat.", "the CAT sat", "x" * 200, "4", "5")


def test_describe_nothing() -> None:
    assert describe("") == corpora.TextFacts(0, 0, 0, 0, ())
