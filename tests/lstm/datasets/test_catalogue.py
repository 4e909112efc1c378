"""The rules every data set keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lstm.datasets import CORPORA, DATASETS, Dataset, fetch, is_cached, overview


@pytest.mark.parametrize("name", DATASETS)
def test_rules(name: str) -> None:
    dataset = DATASETS[name]
    assert dataset.name == name
    assert dataset.title
    assert dataset.about.endswith(".")
    assert dataset.licence
    assert re.fullmatch(r"\w+", dataset.folder)
    assert dataset.files
    for file in dataset.files:
        assert file.size > 0
        assert re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", file.checksum)
        assert file.urls
        for url in file.urls:
            assert url.startswith("https://")
            assert url.endswith("/" + file.name)  # the cache's layout


def test_no_two_files_share_a_place_in_the_cache() -> None:
    places = [(d.folder, file.name) for d in DATASETS.values() for file in d.files]
    assert len(places) == len(set(places)) == 10


def test_addresses_on_github_name_a_commit() -> None:
    for dataset in DATASETS.values():
        for file in dataset.files:
            for url in file.urls:
                if "githubusercontent" in url:
                    assert re.search(r"/[0-9a-f]{40}/", url), "a branch's file may change under its checksum"


def test_mnist_has_two_addresses_a_file() -> None:
    assert [len(file.urls) for file in DATASETS["mnist"].files] == [2, 2, 2, 2]
    assert DATASETS["mnist"].size == 9_912_422 + 28_881 + 1_648_877 + 4_542


def test_downloaded_corpora_are_data_sets() -> None:
    assert {name for name, corpus in CORPORA.items() if corpus.needs_download} <= set(DATASETS)


def test_a_data_set_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        DATASETS["mnist"].licence = "mine"  # type: ignore[misc]


def test_overview_of_an_empty_cache() -> None:
    rows = overview()
    assert [row.name for row in rows] == list(DATASETS)
    assert not any(row.cached for row in rows)
    assert rows[0]._asdict().keys() == {"name", "title", "size", "licence", "cached"}


@pytest.mark.parametrize("name", ["minst", "", None, ["mnist"]])
def test_unknown_names(name: object) -> None:
    for function in (fetch, is_cached):
        with pytest.raises(ValueError, match=r"^data set must be one of tale_of_two_cities, .*, imdb, got"):
            function(name)


def test_an_unpacked_archive_counts_once_it_is_complete(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = DATASETS["imdb"]
    small = Dataset(
        real.name,
        real.title,
        real.about,
        real.licence,
        real.folder,
        real.files,
        dict.fromkeys(real.unpacked, 2),
    )
    monkeypatch.setitem(DATASETS, "imdb", small)
    for folder in small.unpacked:
        assert not is_cached("imdb")
        (cache / "aclImdb" / folder).mkdir(parents=True)
        (cache / "aclImdb" / folder / "0_9.txt").write_text("made up")
        assert not is_cached("imdb")
        (cache / "aclImdb" / folder / "1_8.txt").write_text("made up")
    assert is_cached("imdb")
    assert fetch("imdb") == [cache / "aclImdb"]

    monkeypatch.setenv("LSTM_LAB_MIRROR", str(cache))  # a mirror's unpacked folder is used where it is
    monkeypatch.setenv("LSTM_LAB_CACHE", str(cache / "elsewhere"))
    assert not is_cached("imdb")
    assert fetch("imdb") == [cache / "aclImdb"]
