"""MNIST's four files in small, with noise for handwriting: laid out as a mirror, and known to the catalogue."""

from __future__ import annotations

import gzip
import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm.datasets import catalogue

SIZES = (400, 60)


def idx(values: np.ndarray) -> bytes:
    """An array of unsigned bytes as an IDX file."""
    return bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


def fake_digits(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images (count, 28, 28) of a bar whose row is the digit's, and a little noise; labels 0 to 9."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(count) % 10).astype(np.uint8)
    images = rng.integers(0, 40, (count, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4 + 2 * label : 6 + 2 * label, 4:24] = 250
    return images, labels


def fake_mnist(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the files to `mirror`, name it in the environment, and let the catalogue expect them. Returns `mirror`/mnist."""
    folder = mirror / "mnist"
    folder.mkdir(parents=True)
    real = catalogue.DATASETS["mnist"]
    parts = [values for seed, count in enumerate(SIZES) for values in fake_digits(count, seed)]
    files = []
    for file, values in zip(real.files, parts, strict=True):
        data = gzip.compress(idx(values), mtime=0)
        (folder / file.name).write_bytes(data)
        checksum = f"sha256:{hashlib.sha256(data).hexdigest()}"
        files.append(replace(file, size=len(data), checksum=checksum, urls=("http://127.0.0.1:9/",)))
    monkeypatch.setitem(catalogue.DATASETS, "mnist", replace(real, files=tuple(files)))
    monkeypatch.setenv("LSTM_LAB_MIRROR", str(mirror))
    return folder
