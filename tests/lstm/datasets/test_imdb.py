"""Reviews: the archive, the unpacked folder, what was parsed, and the ones made up for the lab."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from lstm.datasets import DownloadError, imdb
from lstm.datasets.imdb import PARSED, load_imdb, load_reviews, tidy
from lstm.preprocessing.text import SPECIALS, WordVocabulary, words
from tests.fake_imdb import EACH, as_archive, as_folder, fake_imdb, fake_reviews

ROOT = Path(__file__).resolve().parents[3]


def test_from_the_archive_without_unpacking_it(cache, tmp_path, monkeypatch):
    data = as_archive(fake_reviews())
    fake_imdb(monkeypatch, data)
    mirror = tmp_path / "mirror"
    (mirror / "aclImdb").mkdir(parents=True)
    (mirror / "aclImdb" / "aclImdb_v1.tar.gz").write_bytes(data)
    monkeypatch.setenv("LSTM_LAB_MIRROR", str(mirror))
    reviews = load_imdb()
    assert len(reviews.train_texts) == len(reviews.test_texts) == 2 * EACH
    assert reviews.train_labels.tolist() == [1] * EACH + [0] * EACH == reviews.test_labels.tolist()
    assert (
        reviews.train_texts[11] == "The training film number 11 was superb.\nReally moving, isn't it?"
    )  # in the order of numbers
    assert sorted(p.name for p in cache.rglob("*") if p.is_file()) == ["aclImdb_v1.tar.gz", PARSED]


def test_from_a_folder_and_then_from_what_was_parsed(cache, monkeypatch):
    fake_imdb(monkeypatch, b"not asked for")
    folder = as_folder(fake_reviews(), cache)
    first = load_imdb()
    for path in folder.rglob("*.txt"):
        path.unlink()
    again = load_imdb()
    assert again.train_texts == first.train_texts and again.test_texts == first.test_texts
    np.testing.assert_array_equal(again.test_labels, first.test_labels)


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-40], lambda data: b"", lambda data: b"PK\x03\x04" + data[4:200]]
)
def test_what_was_parsed_and_is_damaged_is_parsed_anew(cache, monkeypatch, damage):
    fake_imdb(monkeypatch, b"not asked for")
    as_folder(fake_reviews(), cache)
    whole = load_imdb()
    path = cache / PARSED
    path.write_bytes(damage(path.read_bytes()))
    assert load_imdb().train_texts == whole.train_texts


def test_what_was_parsed_is_never_read_with_a_flipped_bit(cache, monkeypatch):
    fake_imdb(monkeypatch, b"not asked for")
    as_folder(fake_reviews(), cache)
    whole, path = load_imdb(), cache / PARSED
    data, rng = path.read_bytes(), np.random.default_rng(0)
    heads = [at for mark in (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY") for at in places(data, mark)]
    flips = [*rng.integers(0, len(data), 150), *(at + k for at in heads for k in range(0, 40, 3))]
    noticed = 0
    for place in flips:
        flipped = bytearray(data)
        flipped[min(place, len(data) - 1)] ^= 1 << int(rng.integers(8))
        path.write_bytes(flipped)
        found = imdb._read_parsed(path)
        noticed += found is None
        if found is not None:  # a date, or another byte that nobody reads
            assert (found.train_texts, found.test_texts) == (whole.train_texts, whole.test_texts)
            np.testing.assert_array_equal(found.train_labels, whole.train_labels)
            np.testing.assert_array_equal(found.test_labels, whole.test_labels)
    assert noticed > len(flips) // 2


def places(data: bytes, mark: bytes) -> list[int]:
    """Where `mark` stands in `data`."""
    return [match.start() for match in re.finditer(re.escape(mark), data)]


def test_an_incomplete_folder_says_what_is_missing(cache, monkeypatch):
    fake_imdb(monkeypatch, b"an archive that cannot be had")
    files = {
        name: text for name, text in fake_reviews().items() if "test/neg" not in name and "train/neg/7_" not in name
    }
    folder = as_folder(files, cache)
    with pytest.raises(DownloadError) as caught:
        load_imdb()
    said = f"the folder {folder} is incomplete (train/neg holds {EACH - 1} of {EACH} reviews, test/neg is missing), and IMDB reviews"
    assert str(caught.value).startswith(f"{said} could not be downloaded: 127.0.0.1:9 could not be reached")


def put_archive(cache: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    fake_imdb(monkeypatch, data)
    (cache / "aclImdb").mkdir(parents=True)
    (cache / "aclImdb" / "aclImdb_v1.tar.gz").write_bytes(data)


@pytest.mark.parametrize("data", [as_archive(fake_reviews())[:900], b"no archive at all", b"\x1f\x8b" + bytes(50)])
def test_a_broken_archive_is_named(cache, monkeypatch, data):
    put_archive(cache, monkeypatch, data)
    with pytest.raises(
        ValueError, match=r"^aclImdb_v1.tar.gz is damaged: it cannot be unpacked to its end; delete it from "
    ):
        load_imdb()
    assert not (cache / PARSED).exists()


def test_an_archive_that_lacks_reviews_says_which(cache, monkeypatch):
    files = {name: text for name, text in fake_reviews().items() if "test/pos/3" not in name}
    put_archive(cache, monkeypatch, as_archive(files))
    with pytest.raises(ValueError, match=f"is incomplete: test/pos holds {EACH - 11} of {EACH} reviews"):
        load_imdb()


def test_line_breaks_of_html_become_line_breaks():
    assert tidy("One.<br /><br />Two,<br>three < four. ") == "One.\nTwo,\nthree < four."


def test_what_is_encoded_and_decoded_reads_as_it_was(cache, monkeypatch):
    fake_imdb(monkeypatch, b"")
    as_folder(fake_reviews(), cache)
    texts = load_imdb().train_texts
    vocabulary = WordVocabulary.from_text(texts, 5000, SPECIALS)
    assert vocabulary.tokens[:3] == ("<PAD>", "<START>", "<UNK>")
    for text in texts[:5]:
        assert vocabulary.decode(vocabulary.encode(text)) == " ".join(words(text))
    assert vocabulary.decode(vocabulary.encode("the unheard of film")) == "the <UNK> <UNK> film"
    assert "testing" not in vocabulary.tokens  # a word of the test reviews alone


def test_the_script_writes_the_made_up_reviews_byte_for_byte(tmp_path):
    out = tmp_path / "reviews.csv"
    subprocess.run([sys.executable, str(ROOT / "data" / "make_reviews.py"), "--out", str(out)], check=True, timeout=60)
    assert out.read_bytes() == (ROOT / "data" / "reviews.csv").read_bytes()


def test_made_up_reviews_are_balanced_and_split_by_verdict():
    reviews = load_reviews()
    assert 0.45 < reviews.train_labels.mean() < 0.55 and 0.45 < reviews.test_labels.mean() < 0.55
    assert len(reviews.train_texts) + len(reviews.test_texts) == 1200 and 100 < reviews.held_out.sum() < 300
    splits, texts = defaultdict(set), set()
    with open(ROOT / "data" / "reviews.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            splits[row["template"]].add(row["split"])
            texts.add(row["text"])
    assert all(len(one) == 1 for one in splits.values()) and len(texts) == 1200
