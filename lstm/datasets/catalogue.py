"""What can be downloaded: each data set with its size, licence, addresses and checksums, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class File:
    """One file of a data set, exactly as its addresses serve it."""

    name: str
    size: int
    checksum: str
    """``algorithm:hexadecimal digits``, with sha256 or md5."""
    urls: tuple[str, ...]
    """Addresses of the same bytes, asked in this order."""


@dataclass(frozen=True)
class Dataset:
    """A data set of the catalogue. In the cache and on a mirror its files lie at ``folder/<file name>``."""

    name: str
    title: str
    about: str
    licence: str
    folder: str
    files: tuple[File, ...]
    unpacked: Mapping[str, int] = field(default_factory=dict)
    """Folder → number of files, for a data set that counts as present once its archive is unpacked into `folder`."""

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    def is_unpacked_in(self, root: Path) -> bool:
        """Whether `root` (a cache or mirror folder) holds the complete unpacked data set."""
        return bool(self.unpacked) and all(
            _count(root / self.folder / inside) >= expected for inside, expected in self.unpacked.items()
        )


def _count(folder: Path) -> int:
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0


_MNIST = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
_GITHUB = "https://raw.githubusercontent.com/"
_SERIES = _GITHUB + "jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f/"


def _mnist(name: str, size: int, sha256: str) -> File:
    return File(name, size, f"sha256:{sha256}", tuple(address + name for address in _MNIST))


def _single(url: str, size: int, checksum: str) -> tuple[File]:
    return (File(url.rsplit("/", 1)[1], size, checksum, (url,)),)


_ALL = (
    Dataset(
        name="tale_of_two_cities",
        title="A Tale of Two Cities",
        about="The whole novel by Charles Dickens (1859), without any header.",
        licence="public domain",
        folder="texts",
        files=_single(
            _GITHUB + "clocasto/HaikuGenerator/936af28fdf47e9a50abf52183a04959df01daf17/pg98.txt",
            771_136,
            "sha256:5d1ba49aa66841d2ef97f50f6ff172052fb8de4c442335c03dcce5c44de30419",
        ),
    ),
    Dataset(
        name="jungle_book",
        title="The Jungle Book",
        about="Stories and songs by Rudyard Kipling (1894); Project Gutenberg's header and licence are cut off on loading.",
        licence="public domain in the US; Project Gutenberg's terms",
        folder="texts",
        files=_single(
            _GITHUB
            + "prashant9907/text-generation-using-lstm/eeb20e5f0c38221614fff351db600a232a27c6cb/thejunglebook.txt",
            303_898,
            "sha256:693c23b5d6bed65a5776151e5d9f259f6a5f5a0adde73bb88a9389fa04ffa72b",
        ),
    ),
    Dataset(
        name="tiny_shakespeare",
        title="Tiny Shakespeare",
        about="40,000 lines from Shakespeare's plays, the usual yardstick for character models.",
        licence="public domain",
        folder="texts",
        files=_single(
            _GITHUB + "karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt",
            1_115_394,
            "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        ),
    ),
    Dataset(
        name="mnist",
        title="MNIST digits",
        about="70,000 handwritten digits of 28 × 28 pixels, 10,000 of them for testing.",
        licence="CC BY-SA 3.0 (LeCun, Cortes)",
        folder="mnist",
        files=(
            _mnist(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            _mnist(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            _mnist(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            _mnist(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ),
    ),
    Dataset(
        name="airline_passengers",
        title="Airline passengers",
        about="Passengers of international airlines, in thousands, each month from 1949 to 1960.",
        licence="public",
        folder="series",
        files=_single(
            _SERIES + "airline-passengers.csv",
            2_180,
            "sha256:8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621",
        ),
    ),
    Dataset(
        name="sunspots",
        title="Sunspots",
        about="Mean number of sunspots each month from 1749 to 1983.",
        licence="public",
        folder="series",
        files=_single(
            _SERIES + "monthly-sunspots.csv",
            45_039,
            "sha256:c4ec8cc57d9f6fb6ecdb3e1f37f25b6f4badd5124c55931052b0cd2fc3bc71f3",
        ),
    ),
    Dataset(
        name="imdb",
        title="IMDB reviews",
        about="50,000 film reviews, half of them for testing, half of each positive.",
        licence="research use, cite Maas et al. (2011)",
        folder="aclImdb",
        files=_single(
            "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
            84_125_825,
            "md5:7c2ac02c03563afcf9b574c7e56c153a",
        ),
        unpacked={"train/pos": 12_500, "train/neg": 12_500, "test/pos": 12_500, "test/neg": 12_500},
    ),
)

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in _ALL}
"""Every downloadable data set by name."""


def get(name: str) -> Dataset:
    """The data set called `name`; ValueError, listing the names there are, if there is none."""
    try:
        return DATASETS[name]
    except (KeyError, TypeError):
        raise ValueError(f"data set must be one of {', '.join(DATASETS)}, got {str(name)[:40]!r}") from None
