"""A cache folder of its own for every test, and a server on this machine that misbehaves on request."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pooch
import pytest

from lstm.datasets import catalogue, download, transport


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, no mirror, no proxy, and no waiting between retries."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("LSTM_LAB_CACHE", str(folder))
    monkeypatch.delenv("LSTM_LAB_MIRROR", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(pooch.core, "time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr(transport, "TIMEOUT", (1.0, 0.3))
    return folder


class Server:
    """Serves the bytes it was given by path, each in its own manner; counts what was asked."""

    def __init__(self) -> None:
        self.routes: dict[str, tuple[bytes, str]] = {}
        self.asked: Counter[str] = Counter()
        self.go_on = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked[self.path] += 1
                body, manner = server.routes.get(self.path, (b"", "404"))
                if manner.isdigit():
                    self.send_error(int(manner))
                    return
                if manner == "flaky" and server.asked[self.path] == 1:
                    manner = "cut"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                half = len(body) // 2
                if manner == "cut":
                    self.wfile.write(body[:half])
                elif manner in ("stall", "wait"):
                    self.wfile.write(body[:half])
                    self.wfile.flush()
                    server.go_on.wait(5)
                    if manner == "wait":
                        self.wfile.write(body[half:])
                else:
                    self.wfile.write(body)
                self.close_connection = True

            def log_message(self, *arguments: object) -> None:
                """Keep the test's output clean."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.go_on.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


BODY = b"What the file holds.\n" * 20_000  # test_download.py has the same
SECOND = b"Another file.\n" * 100


@pytest.fixture
def serve(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., catalogue.Dataset]:
    """Puts a data set called "small" into the catalogue; `manners` are those of its addresses, one after another."""

    def put(*manners: str, body: bytes = BODY, served: bytes | None = None, second: bool = False) -> catalogue.Dataset:
        urls = []
        for number, manner in enumerate(manners):
            path = f"/{number}/small.txt"
            server.routes[path] = (body if served is None else served, manner)
            urls.append(server.address + path)
        files = [catalogue.File("small.txt", len(body), "sha256:" + hashlib.sha256(body).hexdigest(), tuple(urls))]
        if second:
            server.routes["/second.txt"] = (SECOND, "ok")
            checksum = "md5:" + hashlib.md5(SECOND, usedforsecurity=False).hexdigest()
            files.append(catalogue.File("second.txt", len(SECOND), checksum, (server.address + "/second.txt",)))
        dataset = catalogue.Dataset("small", "A small text", "For tests.", "none", "texts", tuple(files))
        monkeypatch.setitem(catalogue.DATASETS, "small", dataset)
        return dataset

    download._downloads.clear()
    return put
