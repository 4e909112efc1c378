"""The server as the README starts it: what its answers carry, what it hides, and what it gives back."""

from __future__ import annotations

import gc
import os
import platform
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import weakref
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from benchmarks.classroom import Server
from benchmarks.visitor import Visitor
from tests.loops import finish
from ui.server import idle
from ui.server.headers import HEADERS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    os.environ.setdefault("LSTM_LAB_CACHE", str(tmp_path_factory.mktemp("cache")))
    with Server(ROOT, (), tmp_path_factory.mktemp("log") / "log.txt") as server:
        yield server


def test_every_answer_has_the_headers_and_metrics_are_nobodys_business(server):
    for path in ("/", "/gates", "/_stcore/health", "/_stcore/host-config"):
        with urllib.request.urlopen(f"http://{server.address}{path}") as answer:
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path
    for path in ("/_stcore/metrics", "/_stcore/metrics?families=session_state", "/_stcore/metrics/"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://{server.address}{path}")
        assert refused.value.code == 404 and refused.value.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_come_and_components_work_on_a_fresh_server(server):
    async def visit():
        errors = []
        visitor = Visitor(server.address, errors)
        for page in ("gates", "", "memory"):
            await visitor.open(page)
            assert visitor.widgets and not errors
        await visitor.leave()

    finish(visit())
    assert server.tracebacks() == 0


class Sessions:
    """Streamlit's, as far as the housekeeper sees them."""

    def __init__(self, active, waiting):
        self.active, self.waiting, self.closed = set(active), set(waiting), []
        self._session_mgr = self

    def list_active_sessions(self):
        return [SimpleNamespace(session=SimpleNamespace(id=name)) for name in self.active]

    def list_sessions(self):
        return [SimpleNamespace(session=SimpleNamespace(id=name)) for name in self.active | self.waiting]

    def close_session(self, name):
        self.closed.append(name)
        self.waiting.discard(name)


def test_many_closed_pages_do_not_keep_their_sessions_and_a_few_do(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(idle.time, "monotonic", lambda: clock.now)
    keeper, many = idle.Housekeeper(), Sessions(["here"], map(str, range(idle.FEW + 1)))
    assert keeper.close(many) and not keeper.close(many)
    clock.now = idle.MANY + 1
    keeper.close(many)
    assert sorted(many.closed, key=int) == [str(number) for number in range(idle.FEW + 1)] and many.active == {"here"}
    keeper, few = idle.Housekeeper(), Sessions([], ["one", "two"])
    keeper.close(few)
    clock.now += idle.MANY + 1
    keeper.close(few)
    assert few.closed == []


def test_uploads_that_pile_up_go_the_oldest_first():
    files = MemoryUploadedFileManager("/upload")
    for session, sizes in (("many", (400, 400, 300)), ("few", (400, 400)), ("large", (2_000,))):
        for number, size in enumerate(sizes):
            files.add_file(session, UploadedFileRec(f"{session}-{number}", "a.txt", "text/plain", bytes(size)))
    assert idle.bound_uploads(files, 1_000)
    left = {session: list(kept) for session, kept in files.file_storage.items()}
    assert left == {"many": ["many-1", "many-2"], "few": ["few-0", "few-1"], "large": ["large-0"]}
    assert not idle.bound_uploads(files, 1_000)


def test_garbage_goes_when_the_server_rests():
    class Ring:
        pass

    gone = []
    ring = Ring()
    ring.self = ring
    weakref.finalize(ring, gone.append, True)
    gc.collect()
    keeper = idle.Housekeeper()
    gc.disable()
    try:
        del ring
        end = time.process_time() + max(idle.WORK, idle.QUIET * idle.LOOK) + 0.1
        while time.process_time() < end:
            pass
        assert not finish(keeper.look()) and not gone, "it has just been at work"
        assert finish(keeper.look()) and gone
        assert not finish(keeper.look()), "nothing has happened since"
    finally:
        gc.enable()
        gc.unfreeze()


def test_what_lives_is_looked_through_once_and_goes_all_the_same_when_it_is_garbage():
    class Ring:
        pass

    gone = []
    ring = Ring()
    ring.self = ring
    weakref.finalize(ring, gone.append, True)
    try:
        idle.give_back()
        before = gc.get_freeze_count()
        assert before > 10_000, "what was imported"
        assert not any(one is ring for one in gc.get_objects())
        del ring
        gc.collect()
        assert not gone, "set aside until the next time"
        idle.give_back()
        assert gone and gc.get_freeze_count() < before + 1000, "less a few of whatever else this process did meanwhile"
    finally:
        gc.unfreeze()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="heaps are counted as glibc does")
@pytest.mark.parametrize("shared", [True, False])
def test_threads_share_the_heaps_of_the_c_library(shared):
    code = f"""
import ctypes, threading
import numpy as np
from ui.server.idle import share_heaps
if {shared}:
    share_heaps()
end = threading.Event()
threads = [threading.Thread(target=lambda: (np.ones(5000), end.wait())) for _ in range(6)]
for one in threads:
    one.start()
ctypes.CDLL(None).malloc_stats()
end.set()
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stderr
    heaps = len(re.findall(r"^Arena \d+:", said, re.MULTILINE))
    assert heaps <= idle.HEAPS if shared else heaps > idle.HEAPS
