"""Digits: the IDX format byte by byte, damaged files, and which digits are the test."""

from __future__ import annotations

import gzip
import os
import time

import numpy as np
import pytest

from lstm.datasets import DownloadError
from lstm.datasets.mnist import load_digits8, load_mnist, read_idx
from tests.fake_mnist import SIZES, fake_digits, fake_mnist, idx


def test_an_idx_file_written_by_hand(tmp_path):
    # type 8 (unsigned bytes), 2 dimensions, 2 rows, 3 columns, six numbers
    data = bytes([0, 0, 8, 2]) + bytes([0, 0, 0, 2]) + bytes([0, 0, 0, 3]) + bytes([1, 2, 3, 250, 251, 252])
    for name, content in (("plain", data), ("packed.gz", gzip.compress(data))):
        (tmp_path / name).write_bytes(content)
        assert read_idx(tmp_path / name).tolist() == [[1, 2, 3], [250, 251, 252]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not an IDX file of unsigned bytes"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x01abcd", "is not an IDX file of unsigned bytes"),  # floats
        (b"<html>not found</html>", "is not an IDX file of unsigned bytes"),
        (b"\x00\x00\x08\x03\x00\x00", "breaks off in its head"),
        (idx(np.zeros((4, 2), np.uint8))[:-3], "declares 8 numbers and holds 5"),
        (idx(np.zeros((4, 2), np.uint8)) + b"x", "declares 8 numbers and holds 9"),
        (b"\x00\x00\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff", "holds 0"),
        (gzip.compress(idx(np.zeros(50, np.uint8)), mtime=0)[:-9], "cannot be unpacked to its end"),
        (b"\x1f\x8b and then nothing of the kind", "cannot be unpacked to its end"),
    ],
)
def test_a_damaged_file_is_named_in_one_sentence(tmp_path, content, said):
    (tmp_path / "digits.gz").write_bytes(content)
    with pytest.raises(ValueError) as caught:
        read_idx(tmp_path / "digits.gz")
    assert str(caught.value).startswith("digits.gz ") and said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_mnist_comes_from_the_mirror_and_stays(tmp_path, monkeypatch):
    folder = fake_mnist(tmp_path / "mirror", monkeypatch)
    found = load_mnist()
    assert found.train_images.shape == (SIZES[0], 28, 28) and found.test_labels.shape == (SIZES[1],)
    assert np.array_equal(found.test_images, fake_digits(SIZES[1], 1)[0])
    for file in folder.iterdir():
        file.unlink()
    assert np.array_equal(load_mnist().train_labels, found.train_labels)  # from the cache


@pytest.mark.parametrize("damage", [lambda data: data[:-100], lambda data: data[:-1] + b"?", lambda data: b""])
def test_a_truncated_or_altered_file_in_the_cache_is_named_and_fetched_anew(tmp_path, cache, monkeypatch, damage):
    fake_mnist(tmp_path / "mirror", monkeypatch)
    load_mnist()
    path = cache / "mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    os.utime(path, ns=(0, time.time_ns()))
    notes: list[str] = []
    found = load_mnist(note=notes.append)
    assert len(notes) == 1 and "mnist/t10k-images-idx3-ubyte.gz" in notes[0] and "fetched again" in notes[0]
    assert np.array_equal(found.test_images, fake_digits(SIZES[1], 1)[0])


def test_without_network_there_is_one_sentence(tmp_path, monkeypatch):
    folder = fake_mnist(tmp_path / "mirror", monkeypatch)
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DownloadError, match=r"^MNIST digits could not be downloaded: ") as caught:
        load_mnist()
    assert "\n" not in str(caught.value)


def test_files_that_do_not_belong_together(tmp_path, monkeypatch):
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.write_bytes(idx(np.zeros((3, 28, 28), np.uint8)))
    monkeypatch.setattr("lstm.datasets.mnist.fetch", lambda *_: [images, labels, images, labels])
    labels.write_bytes(idx(np.zeros(2, np.uint8)))
    with pytest.raises(ValueError, match=r"they do not belong together$"):
        load_mnist()
    labels.write_bytes(idx(np.array([0, 1, 10], np.uint8)))
    with pytest.raises(ValueError, match=r"^labels must hold digits from 0 to 9, got 10$"):
        load_mnist()


def test_the_eight_by_eight_digits_are_always_divided_alike():
    found, again = load_digits8(), load_digits8()
    assert found.train_images.shape == (1437, 8, 8) and found.test_images.shape == (360, 8, 8)
    assert found.train_images.max() == found.ink == 16
    assert np.array_equal(found.test_images, again.test_images)
    assert set(found.test_labels) == set(range(10))
    train = {image.tobytes() for image in found.train_images}
    assert not any(image.tobytes() in train for image in found.test_images)
