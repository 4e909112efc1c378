"""What tests in a real browser share: a fresh server, Chromium, and a page that remembers its console errors."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 45_000
"""Milliseconds that a test waits for what a page should show: a busy machine has been seen to take 20 s for what takes one."""
STREAMLIT_PROBES = ("/_stcore/health", "/_stcore/host-config")
"""On a deep link Streamlit looks for its server below the page's own path first; the browser logs that it is not there."""


def missing(reason: str) -> None:
    """A browser that is not there is a failure in CI, and a reason to skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a Streamlit server started for these tests."""
    port = free_port()
    options = {"headless": "true", "port": port, "address": "127.0.0.1", "fileWatcherType": "none"}
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]
    command += [f"--server.{name}={value}" for name, value in options.items()]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, "the Streamlit server ended at once"
                assert time.monotonic() < deadline, "the Streamlit server did not answer within 30 s"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def browser():
    """Chromium: Debian's if it is there, else Playwright's own."""
    try:
        from playwright.sync_api import Error, expect, sync_playwright
    except ImportError:
        missing("the browser tests need the package playwright")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        try:
            chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error:
            missing("the browser tests need Chromium: apt-get install chromium, or playwright install chromium")
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def contexts(browser):
    """A browser profile for each colour scheme: its tabs share the cache, so only the first loads Streamlit's files."""
    return {scheme: browser.new_context(color_scheme=scheme) for scheme in ("light", "dark")}


class Visit:
    """A browser tab on the lab. `errors` are the console errors so far, `warnings` what Vega had to say."""

    def __init__(self, context, server: str, width: int, height: int) -> None:
        self.server = server
        self.tab = context.new_page()
        self.tab.set_viewport_size({"width": width, "height": height})
        self.tab.set_default_timeout(PATIENCE)
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.tab.on("console", self._console)
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))

    def _console(self, message) -> None:
        if message.type == "warning" and message.text.startswith("WARN"):
            self.warnings.append(message.text)
        if message.type == "error" and not message.location.get("url", "").endswith(STREAMLIT_PROBES):
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def open(self, path: str) -> None:
        """Open a page of the lab and wait until it has been drawn."""
        self.tab.goto(self.server + path)
        self.tab.get_by_test_id("stHeading").first.wait_for()
        self.settle()

    def settle(self) -> None:
        """Wait until no script runs."""
        self.tab.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')

    def scrolls_sideways(self) -> bool:
        return self.tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.fixture
def visit(contexts, server):
    """`visit()` opens a tab; `visit(width=390, height=844, scheme="dark")` opens a dark one on a phone."""
    visits: list[Visit] = []

    def start(width: int = 1366, height: int = 768, scheme: str = "light") -> Visit:
        visits.append(Visit(contexts[scheme], server, width, height))
        return visits[-1]

    yield start
    for each in visits:
        each.tab.close()
