"""What Gate arithmetic remembers between two reruns: the setting and the step on show. `ui.cell.stage` has the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from lstm.lessons.gates import Setting
from ui import keep
from ui.cell.stage import Stage
from ui.gates.link import DEFAULT, link_from_setting, setting_from_link, setting_from_values


@dataclass
class GateState(Stage):
    """One reader's desk. `revision` counts the changes that were not made on the desk itself; see `ui.gates.desk`."""

    WORDS: ClassVar[Mapping[str, str]] = {
        "w": "W of i, f, c̃, o", "u": "U of i, f, c̃, o", "b": "b of i, f, c̃, o", "v": "V", "x": "inputs", "h0": "h₀", "c0": "C₀",
        "clamp": "held", "squash": "candidate and output squashed with", "t": "step",
    }  # fmt: skip
    setting: Setting = DEFAULT
    t: int = 1
    revision: int = 0
    ack: int = 0
    _dragging: bool = False

    def edit(self, message: Mapping[str, Any] | None) -> None:
        """Take in a message of the desk. A whole drag is one change to undo."""
        if not isinstance(message, Mapping):
            return
        self._by_hand = True
        setting, self.problem = setting_from_values(message.get("values"), self.setting)
        done = bool(message.get("done", True))
        if not self._dragging and setting != self.setting:
            self.remember()
        self._dragging = not done
        self.setting = setting
        self.t = min(self.t, len(setting.xs))
        sequence = message.get("sequence")
        self.ack = sequence if isinstance(sequence, int) else self.ack
        if self.problem:
            self.revision += 1

    def load(self, snapshot: Setting) -> None:
        """Put another setting on the desk: a preset, or the default. It is read from its first step."""
        if snapshot != self.setting:
            self.remember()
            self.replace(snapshot)
            self.t = 1
        self.touched()

    def show(self, t: int) -> None:
        """Show step `t`, or the nearest there is."""
        self.touched()
        self.t = min(max(t, 1), len(self.setting.xs))

    # ---- what `Stage` asks for

    def snapshot(self) -> Setting:
        return self.setting

    def replace(self, snapshot: Setting) -> None:
        self.setting = snapshot
        self.t = min(self.t, len(snapshot.xs))
        self._dragging = False
        self.revision += 1

    def link(self) -> dict[str, str]:
        return link_from_setting(self.setting, self.t)

    def follow(self, params: Mapping[str, str]) -> None:
        setting, t, self.problem = setting_from_link(params)
        self.replace(setting)
        self.t = t

    def advance(self) -> bool:
        self.t = min(self.t + 1, len(self.setting.xs))
        return self.t < len(self.setting.xs)

    def rewind(self) -> None:
        if self.t == len(self.setting.xs):
            self.t = 1

    @property
    def moving(self) -> bool:
        return self.playing or self._dragging


def gate_state() -> GateState:
    """This reader's state."""
    return keep.of_session("gates", "desk", GateState)
