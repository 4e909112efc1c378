"""From a name in the catalogue to files on disk: the cache, the mirror, checksums, and one sentence when it fails.

Two environment variables, read at each call: ``LSTM_LAB_CACHE`` names the cache folder (default: the user's own), and
``LSTM_LAB_MIRROR`` a folder or http address of the same layout that is asked before the data set's own addresses.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from .catalogue import DATASETS, Dataset, File, get
from .transport import Downloader, FolderDownloader, HttpDownloader, Permanent

RETRIES = 2
_PARTIAL = ".partial-"
_log = logging.getLogger(__name__)


class DownloadError(OSError):
    """A data set could not be had; the message is one sentence that says why, address by address."""


class Row(NamedTuple):
    """One line of `overview`."""

    name: str
    title: str
    size: int
    licence: str
    cached: bool


def cache_folder() -> Path:
    """The folder downloads are kept in: ``LSTM_LAB_CACHE``, or ``lstm-lab`` in the user's cache folder."""
    if chosen := os.environ.get("LSTM_LAB_CACHE", "").strip():
        return Path(chosen).expanduser().absolute()
    import pooch

    return Path(pooch.os_cache("lstm-lab"))


def is_cached(name: str) -> bool:
    """Whether the cache holds every file of the data set with the right checksum. Asks neither network nor mirror."""
    dataset, root = get(name), cache_folder()
    return dataset.is_unpacked_in(root) or all(
        _damage(root / dataset.folder / file.name, file) == "" for file in dataset.files
    )


def overview() -> list[Row]:
    """Every data set of the catalogue, with whether it is cached."""
    return [Row(d.name, d.title, d.size, d.licence, is_cached(d.name)) for d in DATASETS.values()]


def fetch(
    name: str,
    progress: Callable[[int, int], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> list[Path]:
    """The files of a data set, downloaded if the cache does not hold them yet.

    Sessions that want the same file at the same time share one download; other processes may download it too, but a
    file appears under its name only whole and checked.

    Parameters
    ----------
    name : str
        A name in `DATASETS`.
    progress : callable, optional
        Called with the bytes done and the bytes in all, of all files together. The first number falls when an attempt
        starts over. Whatever it raises ends the download, leaves nothing behind and reaches the caller.
    note : callable, optional
        Called with a sentence when a cached file turned out truncated or altered and is fetched again; otherwise the
        sentence is logged as a warning.

    Returns
    -------
    list of Path
        The files, in the catalogue's order; or one folder, for a data set that is there unpacked.

    Raises
    ------
    ValueError
        If there is no such data set.
    DownloadError
        An OSError with one sentence: no network, time-out, wrong checksum, no room or no permission.
    """
    dataset, root, mirror = get(name), cache_folder(), _mirror()
    for place in (root, mirror):
        if isinstance(place, Path) and dataset.is_unpacked_in(place):
            return [place / dataset.folder]
    paths, before = [], 0

    def report(done: int) -> None:
        if progress is not None:
            try:
                progress(before + done, dataset.size)
            except Exception as error:
                raise _Interrupted(error) from error

    try:
        for file in dataset.files:
            paths.append(_fetch_file(dataset, file, root, mirror, report, note or _log.warning))
            report(file.size)
            before += file.size
    except _Interrupted as interruption:
        raise interruption.error from None
    return paths


class _Interrupted(BaseException):
    """Carries what the caller's callback raised past everything that would retry or rephrase it."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class _Download:
    """A file being downloaded in this process; others that want it wait here and see how far it is."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.done = 0


_downloads: dict[Path, _Download] = {}


def _fetch_file(
    dataset: Dataset,
    file: File,
    root: Path,
    mirror: Path | str | None,
    report: Callable[[int], None],
    note: Callable[[str], None],
) -> Path:
    target = root / dataset.folder / file.name
    if not _damage(target, file):
        return target
    download = _downloads.setdefault(target, _Download())
    while not download.lock.acquire(timeout=0.2):
        report(download.done)
    try:
        damage = _damage(target, file)
        if damage and damage != _MISSING:
            note(f"{dataset.folder}/{file.name} in the cache {damage}; it is fetched again")

        def count(done: int) -> None:
            download.done = done
            report(done)

        if damage:
            _download(dataset, file, target, mirror, count)
        return target
    finally:
        download.done = 0
        download.lock.release()


def _download(
    dataset: Dataset, file: File, target: Path, mirror: Path | str | None, report: Callable[[int], None]
) -> None:
    """Ask the mirror and each address in turn; the first right bytes become `target`."""
    failed = f"{dataset.title} could not be downloaded"
    reasons = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        with tempfile.TemporaryDirectory(prefix=_PARTIAL, dir=target.parent) as staging:
            for source, address, downloader in _sources(dataset, file, mirror, report):
                try:
                    _into_place(_attempt(file, address, downloader, staging), target, file)
                    return
                except (Permanent, ValueError) as error:
                    # What is no Retryable of ours is pooch's complaint about the checksum, several lines long.
                    ours = isinstance(error, Permanent) or type(error) is not ValueError
                    reasons.append(f"{source} {error if ours else 'sent another file (wrong checksum)'}")
    except OSError as error:
        where = target.parent.parent
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DownloadError(f"{failed}: the disk has no room for its {file.size:,} bytes in {where}") from error
        why = error.strerror or type(error).__name__
        raise DownloadError(
            f"{failed}: nothing can be written to {where} ({why}), so set LSTM_LAB_CACHE to another folder"
        ) from error
    raise DownloadError(f"{failed}: {'; '.join(reasons)}")


def _attempt(file: File, address: str, downloader: Downloader, staging: str) -> Path:
    """Let pooch bring `file` from one address into the folder `staging`, with its retries and its checksum."""
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    keeper = pooch.create(
        path=staging,
        base_url="",
        registry={file.name: file.checksum},
        urls={file.name: address},
        retry_if_failed=RETRIES,
    )
    return Path(keeper.fetch(file.name, downloader=downloader))


def _into_place(staged: Path, target: Path, file: File) -> None:
    """Give a checked file its name, in one step: nobody ever sees half of it."""
    staged.chmod(0o644)  # temporary files are private; a cache shared by a class is not
    try:
        os.replace(staged, target)
    except PermissionError:  # Windows, while another process has the same file open: it was faster
        if _damage(target, file):
            raise


def _sources(
    dataset: Dataset, file: File, mirror: Path | str | None, report: Callable[[int], None]
) -> list[tuple[str, str, Downloader]]:
    """What to ask, in order: its name in a sentence, the address, and the downloader that can read it."""
    sources: list[tuple[str, str, Downloader]] = []
    if isinstance(mirror, Path):
        path = str(mirror / dataset.folder / file.name)
        sources.append((f"the mirror {mirror}", path, FolderDownloader(file, report)))
    elif mirror:
        address = f"{mirror}/{quote(dataset.folder)}/{quote(file.name)}"
        sources.append((f"the mirror {_host(mirror)}", address, HttpDownloader(file, report)))
    return sources + [(_host(url), url, HttpDownloader(file, report)) for url in file.urls]


def _mirror() -> Path | str | None:
    chosen = os.environ.get("LSTM_LAB_MIRROR", "").strip()
    if not chosen:
        return None
    if chosen.lower().startswith(("http://", "https://")):
        return chosen.rstrip("/")
    return Path(chosen).expanduser().absolute()


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc.rpartition("@")[2]  # an address may carry a password; a sentence must not
    except ValueError:
        return "at a malformed address"


_MISSING = "is missing"


def _damage(path: Path, file: File) -> str:
    """What is wrong with the cached file, as the end of a sentence; empty if it is whole."""
    try:
        facts = path.stat()
    except OSError:
        return _MISSING
    if facts.st_size != file.size:
        return f"has {facts.st_size:,} bytes instead of {file.size:,}"
    return "" if _has_checksum(path, facts.st_mtime_ns, facts.st_size, file.checksum) else "was altered"


@lru_cache(maxsize=256)
def _has_checksum(path: Path, changed: int, size: int, checksum: str) -> bool:
    """Whether the file has the checksum; `changed` and `size` are only there to forget the answer when it changes."""
    algorithm, _, expected = checksum.partition(":")
    try:
        with open(path, "rb") as stream:
            digest = hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False))
    except OSError:
        return False
    return digest.hexdigest() == expected


def _sweep(folder: Path) -> None:
    """Remove what downloads killed more than a day ago left behind."""
    for leftover in folder.glob(_PARTIAL + "*"):
        try:
            if time.time() - leftover.stat().st_mtime > 86_400:
                shutil.rmtree(leftover, ignore_errors=True)
        except OSError:  # another process swept it
            continue
