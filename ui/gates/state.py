"""What Gate arithmetic remembers between two reruns: the setting, the step on show, undo, play, and the address.

The state is the truth; widgets and the address show it. A change made by hand arrives in a callback, a change of the
address (a link, the browser's back button) is noticed when the whole page runs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from lstm.lessons.gates import Setting
from ui.gates.link import DEFAULT, link_from_setting, setting_from_link, setting_from_values

TICK = 0.9
"""Seconds a step stays on show while playing."""
_UNDO_DEPTH = 100


@dataclass
class GateState:
    """One reader's desk. `revision` counts the changes that were not made on the desk itself; see `ui.gates.desk`."""

    setting: Setting = DEFAULT
    t: int = 1
    revision: int = 0
    ack: int = 0
    problem: str | None = None
    playing: bool = False
    scheduled: bool = False
    undo_stack: list[Setting] = field(default_factory=list)
    _dragging: bool = False
    _by_hand: bool = False
    _address: dict[str, str] | None = None
    _ticked: float = 0.0

    # ---- changes by hand: callbacks

    def edit(self, message: Mapping[str, Any] | None) -> None:
        """Take in a message of the desk. A whole drag is one change to undo."""
        if not isinstance(message, Mapping):
            return
        self._by_hand = True
        setting, self.problem = setting_from_values(message.get("values"), self.setting)
        done = bool(message.get("done", True))
        if not self._dragging and setting != self.setting:
            self._remember()
        self._dragging = not done
        self.setting = setting
        self.t = min(self.t, len(setting.xs))
        sequence = message.get("sequence")
        self.ack = sequence if isinstance(sequence, int) else self.ack
        if self.problem:
            self.revision += 1

    def load(self, setting: Setting) -> None:
        """Put another setting on the desk: a preset, or the default."""
        self._by_hand = True
        self.playing = False
        self.problem = None
        if setting != self.setting:
            self._remember()
            self._replace(setting, 1)

    def undo(self) -> None:
        self._by_hand = True
        self.problem = None
        if self.undo_stack:
            self._replace(self.undo_stack.pop(), self.t)

    def show(self, t: int) -> None:
        """Show step `t`, or the nearest there is."""
        self._by_hand = True
        self.playing = False
        self.t = min(max(t, 1), len(self.setting.xs))

    def toggle_play(self) -> None:
        self._by_hand = True
        self.playing = not self.playing
        self._ticked = time.monotonic()
        if self.playing and self.t == len(self.setting.xs):
            self.t = 1

    # ---- changes by time

    def tick(self) -> None:
        """One step further while playing; at the last step playing ends."""
        if not self.playing or self._by_hand or time.monotonic() - self._ticked < TICK / 2:
            return
        self._ticked = time.monotonic()
        self.t = min(self.t + 1, len(self.setting.xs))
        self.playing = self.t < len(self.setting.xs)

    # ---- the address

    def read_address(self) -> None:
        """Follow a link, unless this run is the answer to a change by hand: the address is older than that."""
        params = st.query_params.to_dict()
        if not params:
            self._address = None  # came back from another page: keep what was on the desk, and say so in the address
        elif not self._by_hand and params != self._address:
            setting, t, self.problem = setting_from_link(params)
            if setting != self.setting and self._address is not None:
                self._remember()
            self.playing = False
            self._replace(setting, t)

    def write_address(self) -> None:
        """Say in the address what is on show; not while something moves, that would fill the browser's history."""
        self._by_hand = False
        if self._dragging or self.playing:
            return
        params = link_from_setting(self.setting, self.t)
        if params != self._address:
            self._address = params
            st.query_params.from_dict(params)

    def _remember(self) -> None:
        self.undo_stack = [*self.undo_stack[-_UNDO_DEPTH + 1 :], self.setting]

    def _replace(self, setting: Setting, t: int) -> None:
        self.setting = setting
        self.t = min(t, len(setting.xs))
        self._dragging = False
        self.revision += 1


def gate_state() -> GateState:
    """This reader's state."""
    return st.session_state.setdefault("gates", GateState())
