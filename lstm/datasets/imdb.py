"""Film reviews as texts and opinions: the 50,000 of IMDB, from their archive or an unpacked folder, and a few made up.

Maas et al. (2011). The archive is read as a stream: its 100,000 files are never written anywhere. What was read is kept
in the cache as one .npz of plain arrays, so it is parsed once.
"""

from __future__ import annotations

import csv
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .catalogue import get
from .download import DownloadError, cache_folder, fetch, is_cached

OPINIONS = ("negative", "positive")
GENERATED = Path(__file__).resolve().parents[2] / "data" / "reviews.csv"
PARSED = "imdb-parsed-1.npz"

_MEMBER = re.compile(r"(?:^|/)(train|test)/(pos|neg)/(\d+)_\d+\.txt$")
_BREAK = re.compile(r"\s*<br\s*/?>\s*(?:<br\s*/?>\s*)*")
_SIDES = tuple(f"{half}/{opinion}" for half in ("train", "test") for opinion in ("pos", "neg"))


@dataclass(frozen=True)
class Reviews:
    """Texts to learn from and texts to be tested on; a label is 1 where the opinion is positive.

    held_out : which of the training texts are for validation, where the data set says so itself
    """

    name: str
    train_texts: list[str]
    train_labels: np.ndarray
    test_texts: list[str]
    test_labels: np.ndarray
    held_out: np.ndarray | None = None


def load_imdb(progress: Callable[[int, int], None] | None = None, note: Callable[[str], None] | None = None) -> Reviews:
    """The 25,000 reviews to learn from and the 25,000 to be tested on; downloaded unless the cache has them.

    `progress` and `note` are those of `fetch`.

    Raises
    ------
    DownloadError
        An OSError of one sentence, when they are neither in the cache nor to be had. It says what an incomplete folder
        lacks.
    ValueError
        If the archive is damaged or lacks reviews.
    """
    parsed = cache_folder() / PARSED
    if (kept := _read_parsed(parsed)) is not None:
        return kept
    try:
        [source] = fetch("imdb", progress, note)
    except DownloadError as error:
        if missing := _missing(cache_folder() / get("imdb").folder):
            raise DownloadError(f"{missing}, and {_lower(str(error))}") from error
        raise
    found: dict[str, list[tuple[int, str]]] = {side: [] for side in _SIDES}
    for side, number, data in _in_folder(source) if source.is_dir() else _in_archive(source):
        found[side].append((number, tidy(data.decode("utf-8", "replace"))))
    for side, expected in get("imdb").unpacked.items():
        if len(found[side]) < expected:
            raise ValueError(
                f"{source.name} is incomplete: {side} holds {len(found[side]):,} of {expected:,} reviews; delete it from "
                f"{source.parent} and it will be downloaded again"
            )
    ordered = {side: [text for _, text in sorted(rows)] for side, rows in found.items()}
    reviews = _reviews("imdb", *(ordered[side] for side in _SIDES))
    _write_parsed(parsed, reviews)
    return reviews


def load_imdb_review(number: int) -> tuple[str, int]:
    """One review and its label, without keeping the other 49,999 in memory. Numbers count from 1, those of the test last.

    Raises
    ------
    ValueError
        If there is no review of this number; else as `load_imdb`, DownloadError too.
    """
    if (kept := _parsed(cache_folder() / PARSED)) is None:
        return review(load_imdb(), number)
    data, lengths, *labels = kept
    k = _place(number, len(lengths))
    end = int(lengths[: k + 1].sum())
    return data[end - int(lengths[k]) : end].tobytes().decode("utf-8", "replace"), int(np.concatenate(labels)[k])


def review(reviews: Reviews, number: int) -> tuple[str, int]:
    """Review `number` of a data set and its label, counted as in `load_imdb_review`; ValueError if there is none."""
    texts = reviews.train_texts + reviews.test_texts
    k = _place(number, len(texts))
    return texts[k], int([*reviews.train_labels, *reviews.test_labels][k])


def halves(name: str) -> tuple[int, int]:
    """How many reviews of "imdb" or "reviews" there are to learn from or to validate on, and to be tested on."""
    if name == "reviews":
        return len(load_reviews().train_texts), len(load_reviews().test_texts)
    expected = get("imdb").unpacked
    return expected["train/pos"] + expected["train/neg"], expected["test/pos"] + expected["test/neg"]


def _place(number: int, count: int) -> int:
    if not 1 <= number <= count:
        raise ValueError(f"the number of a review must be from 1 to {count:,}, got {number:,}")
    return number - 1


def is_here() -> bool:
    """Whether `load_imdb` needs no download."""
    return (cache_folder() / PARSED).is_file() or is_cached("imdb")


def lacking() -> str:
    """What an unpacked folder in the cache lacks, in a sentence without its full stop; empty if it is whole or not there."""
    return _missing(cache_folder() / get("imdb").folder)


@lru_cache(maxsize=1)
def load_reviews() -> Reviews:
    """Reviews made up for this project by `data/make_reviews.py`: small, and there without a download."""
    with open(GENERATED, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    learn = [row for row in rows if row["split"] != "test"]
    test = [row for row in rows if row["split"] == "test"]

    def labels(part: list[dict[str, str]]) -> np.ndarray:
        return np.array([OPINIONS.index(row["label"]) for row in part], np.int8)

    return Reviews(
        "reviews", [row["text"] for row in learn], labels(learn), [row["text"] for row in test], labels(test),
        np.array([row["split"] == "validation" for row in learn]),
    )  # fmt: skip


def tidy(text: str) -> str:
    """A review without its HTML line breaks."""
    return _BREAK.sub("\n", text).strip()


def _reviews(
    name: str, train_pos: list[str], train_neg: list[str], test_pos: list[str], test_neg: list[str]
) -> Reviews:
    def labels(positive: list[str], negative: list[str]) -> np.ndarray:
        return np.repeat(np.array([1, 0], np.int8), [len(positive), len(negative)])

    return Reviews(
        name, train_pos + train_neg, labels(train_pos, train_neg), test_pos + test_neg, labels(test_pos, test_neg)
    )


def _lower(sentence: str) -> str:
    return sentence if sentence.startswith("IMDB") else sentence[:1].lower() + sentence[1:]


def _missing(folder: Path) -> str:
    """What an unpacked folder lacks, as a sentence without its full stop; empty if there is no such folder."""
    if not any((folder / side).is_dir() for side in _SIDES):
        return ""
    lacking = [
        f"{side} holds {there:,} of {expected:,} reviews" if there else f"{side} is missing"
        for side, expected in get("imdb").unpacked.items()
        if (there := sum(1 for _ in (folder / side).glob("*.txt"))) < expected
    ]
    return f"the folder {folder} is incomplete ({', '.join(lacking)})" if lacking else ""


def _in_folder(folder: Path) -> Iterator[tuple[str, int, bytes]]:
    for side in _SIDES:
        for path in (folder / side).iterdir():
            if matched := _MEMBER.search(f"{side}/{path.name}"):
                yield side, int(matched[3]), path.read_bytes()


def _in_archive(path: Path) -> Iterator[tuple[str, int, bytes]]:
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                if member.isfile() and (matched := _MEMBER.search(member.name)):
                    yield f"{matched[1]}/{matched[2]}", int(matched[3]), archive.extractfile(member).read()
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ValueError(
            f"{path.name} is damaged: it cannot be unpacked to its end; delete it from {path.parent} and it will be "
            "downloaded again"
        ) from error


def _write_parsed(path: Path, reviews: Reviews) -> None:
    """Keep the texts as bytes end to end with their lengths. A cache that cannot be written is only slower."""
    texts = [text.encode() for text in reviews.train_texts + reviews.test_texts]
    arrays: dict[str, Any] = {
        "text": np.frombuffer(b"".join(texts), np.uint8),
        "lengths": np.array([len(text) for text in texts], np.int32),
        "train_labels": reviews.train_labels,
        "test_labels": reviews.test_labels,
    }
    part = path.with_name(f"{path.name}.{id(reviews)}.part")
    try:
        with open(part, "wb") as file:
            np.savez(file, **arrays)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)


def _read_parsed(path: Path) -> Reviews | None:
    """What `_write_parsed` kept, or None if it is not there, not whole, or not all of it."""
    if (kept := _parsed(path)) is None:
        return None
    text, lengths, train, test = kept
    data, ends = text.tobytes(), np.cumsum(lengths)
    try:
        texts = [data[end - n : end].decode() for end, n in zip(ends.tolist(), lengths.tolist())]
    except UnicodeDecodeError:
        return None
    return Reviews("imdb", texts[: len(train)], train, texts[len(train) :], test)


def _parsed(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    """All texts end to end as bytes, the length of each, the labels of both halves; None as in `_read_parsed`."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            data, lengths = arrays["text"], arrays["lengths"].astype(np.int64)
            train, test = arrays["train_labels"].astype(np.int8), arrays["test_labels"].astype(np.int8)
        if lengths.min() < 0 or lengths.sum() != data.size or len(train) + len(test) != len(lengths) != 0:
            return None
    except Exception:  # a flipped bit can bring zipfile and NumPy to say anything
        return None
    return None if len(lengths) < sum(get("imdb").unpacked.values()) else (data, lengths, train, test)
