"""What a lesson with a cell remembers between two reruns: what is on show, undo, play, and the address that says it.

The state is the truth; widgets and the address show it. A change made by hand arrives in a callback, a change of the
address (a link, the browser's back button) is noticed when the whole page runs.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import streamlit as st

from ui import frame
from ui.browser import projector
from ui.plain import plain

TICK = 0.9
"""Seconds a moment stays on show while playing."""
_UNDO_DEPTH = 100


@dataclass
class Stage(ABC):
    """One visitor's. A lesson says what a snapshot is, how it is put back, and how it reads and writes an address."""

    WORDS: ClassVar[Mapping[str, str]] = {}
    """What the words of the address are called on the page."""
    problem: str | None = None
    playing: bool = False
    scheduled: bool = False
    undo_stack: list[Any] = field(default_factory=list)
    _by_hand: bool = False
    _address: dict[str, str] | None = None
    _ticked: float = 0.0

    # ---- what a lesson provides

    @abstractmethod
    def snapshot(self) -> Any:
        """What undo takes back to."""

    @abstractmethod
    def replace(self, snapshot: Any) -> None:
        """Put a snapshot on show."""

    @abstractmethod
    def link(self) -> dict[str, str]:
        """The parameters that open what is on show."""

    @abstractmethod
    def follow(self, params: Mapping[str, str]) -> None:
        """Show what a link asks for, and say in `problem` what of it could not be."""

    @abstractmethod
    def advance(self) -> bool:
        """One moment further while playing; whether there is one more."""

    @abstractmethod
    def rewind(self) -> None:
        """Playing begins: at the end, go back to the beginning."""

    @property
    def moving(self) -> bool:
        """Something changes many times a second, and is not worth an address each time."""
        return self.playing

    def told(self, before: Mapping[str, str]) -> str:
        """What a link has changed, `before` being the address that said what stood here. Markdown."""
        now = self.link()
        changed = [
            f"{plain(self.WORDS.get(word, word))} {plain(now.get(word, 'as at first')[:40])}"
            for word in {**now, **before}
            if now.get(word) != before.get(word)
        ]
        return f"**Changed:** {', '.join(changed)}." if changed else "It stands already as the link says."

    # ---- changes by hand: callbacks

    def touched(self) -> None:
        """A change by hand: the address of this run is older than it."""
        self._by_hand = True
        self.playing = False
        self.problem = None

    def load(self, snapshot: Any) -> None:
        """Show something else: a preset, or the default."""
        self.touched()
        if snapshot != self.snapshot():
            self.remember()
            self.replace(snapshot)

    def undo(self) -> None:
        self._by_hand = True
        self.problem = None
        if self.undo_stack:
            self.replace(self.undo_stack.pop())

    def toggle_play(self) -> None:
        self._by_hand = True
        self.playing = not self.playing
        self._ticked = time.monotonic()
        if self.playing:
            self.rewind()

    def remember(self) -> None:
        self.undo_stack = [*self.undo_stack[-_UNDO_DEPTH + 1 :], self.snapshot()]

    # ---- changes by time

    def tick(self) -> None:
        """One moment further while playing; at the last, playing ends."""
        if not self.playing or self._by_hand or time.monotonic() - self._ticked < TICK / 2:
            return
        self._ticked = time.monotonic()
        self.playing = self.advance()

    # ---- the address

    def read_address(self) -> None:
        """Follow a link, unless this run is the answer to a change by hand: the address is older than that."""
        params = {name: word for name, word in st.query_params.to_dict().items() if name != projector.PARAM}
        if not params:
            self._address = None  # came back from another page: keep what was on show, and say so in the address
        elif not self._by_hand and params != self._address:
            before, address = self.snapshot(), self.link()
            self.playing = False
            known = self._address is not None
            self.follow(params)
            if frame.followed_try():
                st.toast(self.told(address), icon=":material/tune:")
            if known and self.snapshot() != before:
                self.undo_stack = [*self.undo_stack[-_UNDO_DEPTH + 1 :], before]

    def write_address(self) -> None:
        """Say in the address what is on show; not while something moves, that would fill the browser's history."""
        self._by_hand = False
        if self.moving:
            return
        params = self.link()
        if params != self._address:
            self._address = params
            st.query_params.from_dict(params | ({projector.PARAM: "1"} if projector.on() else {}))
