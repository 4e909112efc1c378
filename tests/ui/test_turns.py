"""Pages run in turn: few at a time, in the order in which they came, and nobody waits for one that waits itself."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from streamlit import config
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from benchmarks.classroom import Server
from benchmarks.visitor import Visitor
from tests.loops import finish
from tests.ui.test_server import ROOT
from ui.server import turns, watcher
from ui.server.turns import Turns

SOON = 30.0  # seconds, for what happens at once


def started(run, *arguments):
    thread = threading.Thread(target=run, args=arguments, daemon=True)
    thread.start()
    return thread


def until(condition):
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_at_most_so_many_run_at_once_in_the_order_in_which_they_came():
    places, go_on = Turns(places=2, patience=SOON), threading.Semaphore(0)
    running, began, most = set(), [], []

    def page(number):
        running.add(number)
        began.append(number)
        most.append(len(running))
        assert go_on.acquire(timeout=SOON)
        running.discard(number)

    threads = []
    for number in range(6):
        threads.append(started(places.taken(page), number))
        until(lambda number=number: len(began) + len(places._waiting) == number + 1)
    assert began == [0, 1]
    for number in range(6):
        go_on.release()
        until(lambda number=number: len(began) == min(number + 3, 6))
    for thread in threads:
        thread.join(SOON)
    assert began == list(range(6)) and max(most) == 2
    assert places._free == 2 and not places._waiting


def test_who_has_waited_long_goes_ahead_and_takes_nobodys_place():
    places, go_on = Turns(places=1, patience=0.05), threading.Event()
    slow = started(places.taken(lambda: go_on.wait(SOON)))
    until(lambda: places._free == 0)
    assert places.taken(lambda: "done")() == "done", "though the first has not ended"
    assert places._free == 0 and not places._waiting
    go_on.set()
    slow.join(SOON)
    assert places._free == 1


def test_who_rests_lets_others_run_and_has_its_place_again_afterwards():
    places, seen, other_ran = Turns(places=1, patience=SOON), [], threading.Event()

    def page():
        seen.append(places._free)
        started(places.taken(other_ran.set))
        until(lambda: places._waiting)
        turns.rest(0.0)
        assert other_ran.wait(SOON)
        seen.append(places._free)

    places.taken(page)()
    until(lambda: places._free == 1)
    assert seen == [0, 0]
    turns.rest(0.0)  # outside of any page it only sleeps
    assert places._free == 1


def test_a_page_that_fails_gives_its_place_back():
    places = Turns(places=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            places.taken(lambda: 1 / 0)()
    assert places._free == 1


def test_streamlits_pages_are_run_in_turn(monkeypatch):
    monkeypatch.setattr(ScriptRunner, "_run_script", ScriptRunner._run_script)
    before = ScriptRunner._run_script
    turns.take_turns()
    turns.take_turns()
    assert ScriptRunner._run_script.__wrapped__ is before, "once"


def test_a_session_that_comes_back_is_not_watched(monkeypatch):
    asked = []
    monkeypatch.setattr(AppSession, "register_file_watchers", AppSession.register_file_watchers)
    monkeypatch.setattr(watcher, "_register", asked.append)
    watcher.watch_as_configured()
    session = object()
    for kind, expected in (("none", []), ("auto", [session])):
        monkeypatch.setattr(config, "get_option", lambda _, kind=kind: kind)
        AppSession.register_file_watchers(session)
        assert asked == expected


def test_thirty_pages_at_once_and_coming_back_on_a_server(monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))

    async def visit():
        errors = []
        visitors = [Visitor(server.address, errors) for _ in range(30)]
        await asyncio.gather(*(one.open("gates") for one in visitors))
        first = [(one.session, one.title) for one in visitors]
        await asyncio.gather(*(one.open("memory", again=True) for one in visitors))
        assert [(session, "Memory") for session, _ in first] == [(one.session, one.title) for one in visitors]
        assert len({session for session, _ in first}) == 30 and {title for _, title in first} == {"Gate arithmetic"}
        await asyncio.gather(*(one.leave() for one in visitors))
        return errors

    with Server(ROOT, (), tmp_path / "log.txt") as server:
        assert finish(visit()) == []
        assert server.tracebacks() == 0
