"""What Learning remembers of a visitor: the view, and the training behind it, computed as far as it has been looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import streamlit as st

from lstm.lessons.learning.setting import Setting
from lstm.lessons.learning.training import Moment, Training
from ui.cell.stage import Stage
from ui.learning.link import PHASES, View, link_from_view, view_from_link

PLAYED = 10
"""Steps that are played before playing ends of itself."""


@dataclass
class LearningState(Stage):
    """One visitor's. `furthest` is the last step that has been looked at with this setting."""

    WORDS: ClassVar[Mapping[str, str]] = {
        "x": "sequences", "y": "targets", "rate": "learning rate", "step": "training step", "phase": "at", "t": "time step",
        "second": "second weight",
    }  # fmt: skip
    view: View = field(default_factory=View)
    furthest: int = 0
    _training: Training | None = None
    _play_until: int = 0

    @property
    def training(self) -> Training:
        if self._training is None or self._training.setting != self.view.setting:
            self._training = Training(self.view.setting)
            self.furthest = 0
        return self._training

    def moment(self) -> Moment:
        """The step on show. Where there is no such step, the last there is takes its place."""
        found = self.training.moment(self.view.step)
        if found.step != self.view.step:
            self.view = replace(self.view, step=found.step)
        self.furthest = max(self.furthest, found.step)
        return found

    # ---- changes by hand: callbacks

    def press(self, phase: str) -> None:
        """One of the four buttons. After an update, the next step begins."""
        self.touched()
        self.remember()
        self._go(phase)

    def _go(self, phase: str) -> None:
        later = PHASES.index(phase) <= PHASES.index(self.view.phase)
        step = self.view.step + (later and self.view.phase == "update")
        self.view = replace(self.view, step=self.training.reach(step), phase=phase)

    def jump(self, step: int, phase: str | None = None) -> None:
        """To any step, earlier or later."""
        self.touched()
        self.remember()
        self.view = replace(self.view, step=self.training.reach(step), phase=phase or self.view.phase)

    def look(self, **changes: Any) -> None:
        """Another example, unit, time step or weight of the same moment."""
        self.touched()
        self.view = replace(self.view, **changes).fitting()

    def learn(self, setting: Setting, start: bool = False) -> None:
        """Another setting: its training is shown at the same step, or from its `start`."""
        view = replace(self.view, setting=setting)
        self.load((replace(view, step=0, phase="start") if start else view).fitting())

    def chosen(self, value: str) -> None:
        """What was clicked in the drawing or a table: `t 2`, `unit 1` or `weight W.0.3`."""
        what, _, which = value.partition(" ")
        places = {str(place): place for place in self.view.setting.first_weights().places()}
        if what in ("t", "unit", "example") and which.isascii() and which.isdigit() and len(which) < 3:
            self.look(**{what: int(which)})
        elif what == "weight" and which in places:
            self.look(weight=places[which], unit=places[which].unit(self.view.setting.units))

    # ---- what `Stage` asks for

    def snapshot(self) -> View:
        return self.view

    def replace(self, snapshot: View) -> None:
        self.view = snapshot

    def link(self) -> dict[str, str]:
        return link_from_view(self.view)

    def follow(self, params: Mapping[str, str]) -> None:
        self.view, self.problem = view_from_link(params)

    def advance(self) -> bool:
        step = self.view.step
        self._go(PHASES[PHASES.index(self.view.phase) % 4 + 1])
        stuck = self.view.phase == "update" and self.training.moment(self.view.step).after is None
        return (
            not stuck and (self.view.step, self.view.phase) != (self._play_until, "update") and self.view.step >= step
        )

    def rewind(self) -> None:
        self._play_until = self.view.step + PLAYED


def learning_state() -> LearningState:
    """This visitor's state."""
    return st.session_state.setdefault("learning", LearningState())
