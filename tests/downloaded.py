"""Small files in the places of the data sets, known to the catalogue: with them every lesson can be trained."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from lstm.datasets import CORPORA, catalogue
from tests.fake_imdb import as_archive, as_folder, fake_imdb, fake_reviews
from tests.fake_mnist import fake_mnist

_TEXT = b"The wolf spoke to the cub by the river, and the bear slept. " * 2500


def everything_is_downloaded(cache: Path, patch: pytest.MonkeyPatch) -> None:
    """Fill `cache`, and make it the lab's: MNIST, IMDB and the texts."""
    fake_mnist(cache, patch)
    patch.delenv("LSTM_LAB_MIRROR")
    patch.setenv("LSTM_LAB_CACHE", str(cache))
    reviews = fake_reviews()
    fake_imdb(patch, as_archive(reviews))
    as_folder(reviews, cache)
    checksum = f"sha256:{hashlib.sha256(_TEXT).hexdigest()}"
    for name in (name for name, corpus in CORPORA.items() if corpus.needs_download):
        real = catalogue.DATASETS[name]
        (cache / real.folder).mkdir(parents=True, exist_ok=True)
        for file in real.files:
            (cache / real.folder / file.name).write_bytes(_TEXT)
        files = tuple(replace(file, size=len(_TEXT), checksum=checksum) for file in real.files)
        patch.setitem(catalogue.DATASETS, name, replace(real, files=files))
