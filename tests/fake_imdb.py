"""IMDB in small: reviews of a few words, as an archive on a mirror or an unpacked folder, and known to the catalogue."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from lstm.datasets import catalogue

EACH = 40
_WORDS = {"pos": ("wonderful", "moving", "superb"), "neg": ("dreadful", "boring", "awful")}


def fake_reviews() -> dict[str, str]:
    """Name of each file in the archive → its text."""
    files = {}
    for half in ("train", "test"):
        for opinion, adjectives in _WORDS.items():
            for k in range(EACH):
                text = f"The {half}ing film number {k} was {adjectives[k % 3]}.<br /><br />Really {adjectives[k % 2]}, isn't it?"
                files[f"aclImdb/{half}/{opinion}/{k}_{9 if opinion == 'pos' else 2}.txt"] = text
    return files


def fake_imdb(monkeypatch: pytest.MonkeyPatch, archive: bytes) -> None:
    """Let the catalogue expect so many reviews, and this archive."""
    real = catalogue.DATASETS["imdb"]
    file = replace(
        real.files[0],
        size=len(archive),
        checksum=f"sha256:{hashlib.sha256(archive).hexdigest()}",
        urls=("http://127.0.0.1:9/",),
    )
    small = replace(real, files=(file,), unpacked=dict.fromkeys(real.unpacked, EACH))
    monkeypatch.setitem(catalogue.DATASETS, "imdb", small)


def as_archive(files: dict[str, str]) -> bytes:
    """The files as a .tar.gz, with others beside them as in the real one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in {"aclImdb/README": "read me", "aclImdb/train/unsup/0_0.txt": "unlabelled", **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


def as_folder(files: dict[str, str], root: Path) -> Path:
    """The files under `root`/aclImdb. Returns that folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root / "aclImdb"
