"""Downloading: the cache, the mirror, retries, and a sentence for every way it fails. All on this machine."""

from __future__ import annotations

import errno
import logging
import os
import pickle
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lstm.datasets import DownloadError, cache_folder, fetch, is_cached, transport

Serve = Callable[..., object]
Server = Any  # conftest.py's

BODY = b"What the file holds.\n" * 20_000
SECOND = b"Another file.\n" * 100


def failure(**arguments: object) -> str:
    """The sentence `fetch` fails with, which is one line and does not end in mid-air; nothing is left in the cache."""
    with pytest.raises(DownloadError) as caught:
        fetch("small", **arguments)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.startswith("A small text could not be downloaded: ")
    assert not is_cached("small")
    assert leftovers() == []
    return sentence


def leftovers() -> list[Path]:
    return list(cache_folder().rglob(".partial-*"))


def altered(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    os.utime(path, ns=(0, time.time_ns()))  # whatever the clock of the file system can tell apart


# --- it works --------------------------------------------------------------------------------------------------------


def test_download_then_cache(serve: Serve, server: Server, cache: Path) -> None:
    serve("ok", second=True)
    assert not is_cached("small")
    seen: list[tuple[int, int]] = []
    paths = fetch("small", progress=lambda done, total: seen.append((done, total)))
    assert paths == [cache / "texts" / "small.txt", cache / "texts" / "second.txt"]
    assert paths[0].read_bytes() == BODY
    assert paths[1].read_bytes() == SECOND
    assert is_cached("small")
    assert leftovers() == []
    total = len(BODY) + len(SECOND)
    assert {of for _, of in seen} == {total}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (total, total)
    assert len(seen) > 4

    asked = server.asked.total()
    server.close()  # a file in the cache is never asked for again
    assert fetch("small") == paths
    assert server.asked.total() == asked == 2


def test_progress_of_a_cached_data_set_ends_at_its_size(serve: Serve) -> None:
    serve("ok")
    fetch("small")
    seen: list[tuple[int, int]] = []
    fetch("small", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(len(BODY), len(BODY))]


def test_downloaded_files_can_be_read_by_the_whole_class(serve: Serve) -> None:
    serve("ok")
    [path] = fetch("small")
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o644


def test_the_default_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LSTM_LAB_CACHE")
    assert cache_folder().name == "lstm-lab"
    monkeypatch.setenv("LSTM_LAB_CACHE", "~/somewhere")
    assert cache_folder() == Path.home() / "somewhere"


# --- retries and second addresses ------------------------------------------------------------------------------------


def test_a_broken_transfer_is_tried_again(serve: Serve, server: Server) -> None:
    serve("flaky")
    assert fetch("small")[0].read_bytes() == BODY
    assert server.asked["/0/small.txt"] == 2


@pytest.mark.parametrize("manner", ["404", "503", "cut"])
def test_the_second_address_is_asked_when_the_first_fails(serve: Serve, server: Server, manner: str) -> None:
    serve(manner, "ok")
    assert fetch("small")[0].read_bytes() == BODY
    assert server.asked["/0/small.txt"] == (1 if manner == "404" else 3)  # what will not pass is not repeated
    assert server.asked["/1/small.txt"] == 1


# --- failures --------------------------------------------------------------------------------------------------------


def test_no_such_file(serve: Serve, server: Server) -> None:
    serve("404", "503")
    host = server.address.removeprefix("http://")
    assert failure().endswith(f": {host} answered 404 Not Found; {host} answered 503 Service Unavailable")


def test_time_out(serve: Serve) -> None:
    serve("stall")
    assert failure().endswith(" sent nothing for 0.3 s")


def test_broken_off_half_way(serve: Serve) -> None:
    serve("cut")
    assert "broke off" in failure()


def test_truncated_at_the_source(serve: Serve) -> None:
    serve("ok", served=BODY[:1000])
    assert failure().endswith(" broke off after 1,000 of 420,000 bytes")


def test_wrong_checksum(serve: Serve, server: Server) -> None:
    serve("ok", served=BODY.replace(b"W", b"w"))
    assert failure().endswith(" sent another file (wrong checksum)")
    assert server.asked.total() == 3


def test_a_server_that_sends_more_is_cut_short(serve: Serve, server: Server) -> None:
    serve("ok", served=BODY * 50)  # such as a login page of a hotel, only longer
    assert failure().endswith(" sent another file (more than 420,000 bytes)")
    assert server.asked.total() == 1


def test_nobody_there(serve: Serve, server: Server) -> None:
    serve("ok")
    server.close()
    assert failure().endswith(" could not be reached (no network?)")


def test_disk_full(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    serve("ok", "ok")

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(transport, "open", full, raising=False)
    assert ": the disk has no room for its 420,000 bytes in " in failure()


def test_a_cache_that_cannot_be_written_to(serve: Serve, cache: Path) -> None:
    serve("ok")
    cache.write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match=r"nothing can be written to .*, so set LSTM_LAB_CACHE to another folder$"):
        fetch("small")


def test_the_error_survives_the_way_from_a_worker(serve: Serve) -> None:
    serve("404")
    with pytest.raises(DownloadError) as caught:
        fetch("small")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert isinstance(caught.value, OSError)


@pytest.mark.parametrize("kind", [ValueError, OSError, KeyboardInterrupt])
def test_a_callback_that_raises_ends_the_download(serve: Serve, server: Server, kind: type[BaseException]) -> None:
    serve("ok", "ok")

    def leave(done: int, total: int) -> None:
        raise kind("the page was left")

    with pytest.raises(kind, match="the page was left"):
        fetch("small", progress=leave)
    assert server.asked.total() == 1
    assert not is_cached("small")
    assert leftovers() == []
    assert fetch("small")[0].read_bytes() == BODY  # and holds nobody else up


# --- the cache is not trusted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (BODY[:7], "has 7 bytes instead of 420,000"),
        (BODY.lower(), "was altered"),
        (b"", "has 0 bytes instead of 420,000"),
    ],
)
def test_a_damaged_file_is_named_and_fetched_anew(serve: Serve, data: bytes, said: str) -> None:
    serve("ok")
    [path] = fetch("small")
    altered(path, data)
    assert not is_cached("small")
    notes: list[str] = []
    assert fetch("small", note=notes.append)[0].read_bytes() == BODY
    assert notes == [f"texts/small.txt in the cache {said}; it is fetched again"]


def test_a_damaged_file_is_logged_when_nobody_listens(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    serve("ok")
    [path] = fetch("small")
    altered(path, b"other")
    with caplog.at_level(logging.WARNING):
        fetch("small")
    assert "texts/small.txt in the cache has 5 bytes" in caplog.text


def test_a_failed_repair_leaves_the_old_file_alone(serve: Serve, server: Server) -> None:
    serve("ok")
    [path] = fetch("small")
    altered(path, b"my own notes")
    server.routes.clear()
    failure()
    assert path.read_bytes() == b"my own notes"


def test_what_killed_downloads_left_behind_is_swept(serve: Serve, cache: Path) -> None:
    serve("ok")
    old, new = cache / "texts" / ".partial-old", cache / "texts" / ".partial-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "tmp").write_bytes(b"half")
    os.utime(old, (0, 0))
    fetch("small")
    assert not old.exists()
    assert new.exists()  # somebody may be at it


# --- the mirror ------------------------------------------------------------------------------------------------------


def test_a_folder_is_asked_first(
    serve: Serve, server: Server, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve("ok", second=True)
    fetch("small")
    server.asked.clear()
    mirror = tmp_path / "mirror"
    cache.rename(mirror)  # a cache folder is a mirror
    monkeypatch.setenv("LSTM_LAB_MIRROR", str(mirror))
    assert fetch("small")[0].read_bytes() == BODY
    assert is_cached("small")
    assert server.asked.total() == 0


def test_an_address_is_asked_first(serve: Serve, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    serve("ok")
    server.routes["/school/texts/small.txt"] = (BODY, "ok")
    monkeypatch.setenv("LSTM_LAB_MIRROR", server.address + "/school/")
    assert fetch("small")[0].read_bytes() == BODY
    assert server.asked == {"/school/texts/small.txt": 1}


@pytest.mark.parametrize("content", [None, b"truncated", BODY.lower()])
def test_a_mirror_that_does_not_have_it_is_passed_over(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    serve("ok")
    if content is not None:
        (tmp_path / "texts").mkdir()
        (tmp_path / "texts" / "small.txt").write_bytes(content)
    monkeypatch.setenv("LSTM_LAB_MIRROR", str(tmp_path))
    assert fetch("small")[0].read_bytes() == BODY


def test_the_sentence_names_the_mirror(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serve("404")
    monkeypatch.setenv("LSTM_LAB_MIRROR", str(tmp_path))
    assert f": the mirror {tmp_path} does not have it; 127.0.0.1:" in failure()
    (tmp_path / "texts" / "small.txt").mkdir(parents=True)
    assert f": the mirror {tmp_path} cannot be read (" in failure()


@pytest.mark.parametrize("mirror", ["http://", "http://[nonsense", "https://user:secret@127.0.0.1:1/x"])
def test_a_mirror_that_is_no_address(serve: Serve, monkeypatch: pytest.MonkeyPatch, mirror: str) -> None:
    serve("404")
    monkeypatch.setenv("LSTM_LAB_MIRROR", mirror)
    sentence = failure()
    assert "the mirror" in sentence
    assert "secret" not in sentence


# --- several at once -------------------------------------------------------------------------------------------------


def test_two_sessions_share_one_download(serve: Serve, server: Server) -> None:
    serve("wait")
    seen: dict[int, list[int]] = {0: [], 1: []}
    got: dict[int, Path] = {}

    def session(number: int) -> None:
        got[number] = fetch("small", progress=lambda done, total: seen[number].append(done))[0]

    transport.TIMEOUT = (1.0, 5.0)
    threads = [threading.Thread(target=session, args=(number,)) for number in seen]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 5
    while not (seen[0] and seen[1]) and time.monotonic() < deadline:
        time.sleep(0.01)
    server.go_on.set()
    for thread in threads:
        thread.join(5)
    assert server.asked.total() == 1
    assert got[0] == got[1]
    assert got[0].read_bytes() == BODY
    assert all(done[-1] == len(BODY) and len(done) > 1 for done in seen.values())  # the one that waits sees it move


def test_when_the_first_session_leaves_the_second_takes_over(serve: Serve, server: Server) -> None:
    serve("wait")
    transport.TIMEOUT = (1.0, 5.0)
    started, leave, seen = threading.Event(), threading.Event(), []

    def abandon(done: int, total: int) -> None:
        started.set()
        leave.wait(5)
        raise RuntimeError

    def first() -> None:
        with pytest.raises(RuntimeError):
            fetch("small", progress=abandon)

    def second() -> None:
        seen.extend(fetch("small"))

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert started.wait(5)
    threads[1].start()
    leave.set()
    server.go_on.set()
    for thread in threads:
        thread.join(5)
    assert seen[0].read_bytes() == BODY


def test_another_process_was_faster(serve: Serve, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a file that is open elsewhere cannot be replaced; if it is whole by then, that is as good."""
    serve("ok")

    def busy(staged: Path, target: Path) -> None:
        shutil.copy(staged, target)
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr("lstm.datasets.download.os.replace", busy)
    assert fetch("small")[0].read_bytes() == BODY
