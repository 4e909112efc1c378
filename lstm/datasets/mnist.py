"""Handwritten digits as arrays: MNIST from its four IDX files, and scikit-learn's 8 × 8 digits, which need no download.

The IDX format (LeCun, Cortes, Burges 1998): two zero bytes, the type of the numbers (8: unsigned bytes), the number of
dimensions, each dimension as four bytes with the highest first, and then the numbers.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .download import fetch

CLASSES = 10
DIGITS8_TEST = 360


@dataclass(frozen=True)
class DigitImages:
    """Images (digits, rows, columns) of unsigned bytes from 0, paper, to `ink`, and the digit each one shows."""

    name: str
    ink: int
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def read_idx(path: str | Path) -> np.ndarray:
    """The array in an IDX file of unsigned bytes, packed by gzip or not.

    Raises
    ------
    ValueError
        One sentence that names the file: it is no IDX file, breaks off, or has something after its end.
    """
    path = Path(path)
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise ValueError(f"{path.name} is damaged: it cannot be unpacked to its end") from None
    if len(data) < 4 or data[:3] != b"\x00\x00\x08" or not 1 <= data[3] <= 3:
        raise ValueError(f"{path.name} is not an IDX file of unsigned bytes")
    head = 4 + 4 * data[3]
    if len(data) < head:
        raise ValueError(f"{path.name} is damaged: it breaks off in its head")
    shape = struct.unpack(f">{data[3]}I", data[4:head])
    size = 1
    for n in shape:
        size *= n
    if len(data) - head != size:
        raise ValueError(f"{path.name} is damaged: it declares {size:,} numbers and holds {len(data) - head:,}")
    return np.frombuffer(data, np.uint8, offset=head).reshape(shape)


def load_mnist(
    progress: Callable[[int, int], None] | None = None, note: Callable[[str], None] | None = None
) -> DigitImages:
    """MNIST, 60,000 images to learn from and 10,000 to test on, downloaded unless the cache has it.

    `progress` and `note` are those of `fetch`: a truncated or altered file in the cache is named, and fetched again.

    Raises
    ------
    DownloadError
        An OSError of one sentence, when a file is neither in the cache nor to be had.
    ValueError
        If the files do not fit together.
    """
    paths = fetch("mnist", progress, note)
    train_images, train_labels, test_images, test_labels = map(read_idx, paths)
    for images, labels, image_path, label_path in (
        (train_images, train_labels, paths[0], paths[1]),
        (test_images, test_labels, paths[2], paths[3]),
    ):
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
            raise ValueError(
                f"{image_path.name} holds an array of shape {images.shape} and {label_path.name} one of {labels.shape}: "
                "they do not belong together"
            )
        if labels.size and labels.max() >= CLASSES:
            raise ValueError(f"{label_path.name} must hold digits from 0 to 9, got {labels.max()}")
    return DigitImages("mnist", 255, train_images, train_labels, test_images, test_labels)


def load_digits8() -> DigitImages:
    """The 1,797 digits of 8 × 8 pixels that come with scikit-learn (Alpaydin, Kaynak 1998), 360 of them for testing.

    Which ones are the test is drawn once and for all: no seed of a training moves a digit from one side to the other.
    """
    from sklearn.datasets import load_digits

    found = load_digits()
    images, labels = found.images.astype(np.uint8), found.target.astype(np.uint8)
    order = np.random.default_rng(8).permutation(len(images))
    train, test = order[:-DIGITS8_TEST], order[-DIGITS8_TEST:]
    return DigitImages("digits8", 16, images[train], labels[train], images[test], labels[test])
