"""What is on show on the page Learning, and the address that opens it.

    /learning?task=odd&units=3&optimizer=sgd&rate=0.3&seed=1&step=12&phase=backward&sequence=2&unit=1&t=3&weight=W.0.5
    /learning?x=1+0.5&y=1

`task` is a preset; `x` and `y` are a visitor's own sequences and targets. What is left out is the preset's. A link comes
from anywhere: what cannot be is named in one sentence, and the rest is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lstm.lessons.learning.network import Place
from lstm.lessons.learning.setting import (
    MAX_SEED,
    MAX_UNITS,
    OPTIMIZERS,
    PRESETS,
    RATE_RANGE,
    Setting,
    read_sequences,
    read_targets,
    write_sequences,
    write_targets,
)
from lstm.lessons.learning.training import MAX_STEPS

PHASES = ("start", "forward", "loss", "backward", "update")
"""How far into a step the picture has come."""
TASKS = dict(zip(("first", "marked", "odd", "pencil"), PRESETS, strict=True))
"""The word of each preset in an address."""
DEFAULT_TASK = next(iter(PRESETS))
FIRST = Place("W", (0, 0))


@dataclass(frozen=True)
class View:
    """What is on show: a step of a training, how far into it, and which of its numbers. All but `step` count from 0."""

    setting: Setting = PRESETS[DEFAULT_TASK]
    step: int = 0
    phase: str = "start"
    example: int = 0
    unit: int = 0
    t: int = 0
    weight: Place = FIRST
    second: Place | None = None
    """A second weight for the landscape."""

    def fitting(self) -> View:
        """The same with every choice within what the setting has."""
        places = self.setting.first_weights().places()
        return replace(
            self,
            example=min(self.example, len(self.setting.sequences) - 1),
            unit=min(self.unit, self.setting.units - 1),
            t=min(self.t, self.setting.time - 1),
            weight=self.weight if self.weight in places else places[0],
            second=self.second if self.second in places and self.second != self.weight else None,
        )

    def at_least(self, phase: str) -> bool:
        """Whether the step has come this far."""
        return PHASES.index(self.phase) >= PHASES.index(phase)


def preset_of(setting: Setting) -> str | None:
    """The preset whose sequences and targets these are."""
    return next(
        (name for name, one in PRESETS.items() if (one.sequences, one.targets) == (setting.sequences, setting.targets)),
        None,
    )


def place_word(place: Place) -> str:
    """W[0,5] as W.0.5, which an address leaves as it is."""
    return ".".join([place.letter, *map(str, place.index)])


def link_from_view(view: View) -> dict[str, str]:
    """The parameters that open `view`: what differs from the default, and always the step."""
    name, params = preset_of(view.setting), {}
    base = PRESETS[name or DEFAULT_TASK]
    if name is None:
        params = {"x": write_sequences(view.setting.sequences), "y": write_targets(view.setting.targets)}
    elif name != DEFAULT_TASK:
        params = {"task": next(word for word, one in TASKS.items() if one == name)}
    for word, field in (("units", "units"), ("optimizer", "optimizer"), ("rate", "learning_rate"), ("seed", "seed")):
        if (value := getattr(view.setting, field)) != getattr(base, field):
            params[word] = f"{value:g}" if isinstance(value, float) else str(value)
    params["step"] = str(view.step)
    if view.phase != "start":
        params["phase"] = view.phase
    for word, value in (("sequence", view.example), ("unit", view.unit), ("t", view.t)):
        if value:
            params[word] = str(value + 1)
    if view.weight != FIRST:
        params["weight"] = place_word(view.weight)
    if view.second is not None:
        params["second"] = place_word(view.second)
    return params


def view_from_link(params: Mapping[str, str]) -> tuple[View, str | None]:
    """The view a link asks for, and a sentence if some of it was not possible."""
    complaints: list[str] = []

    def take(word: str, read: Callable[[str], Any], fallback: Any) -> Any:
        if word not in params:
            return fallback
        try:
            return read(params[word])
        except (ValueError, OverflowError) as error:
            complaints.append(str(error))
            return fallback

    base = PRESETS[TASKS[take("task", _one_of("task", TASKS), next(iter(TASKS)))]]
    changes = {
        "units": take("units", _whole("units", 1, MAX_UNITS), base.units),
        "optimizer": take("optimizer", _one_of("optimizer", OPTIMIZERS), base.optimizer),
        "learning_rate": take("rate", _rate, base.learning_rate),
        "seed": take("seed", _whole("seed", 0, MAX_SEED), base.seed),
    }
    setting = replace(base, **changes)
    sequences, targets = take("x", read_sequences, base.sequences), take("y", read_targets, base.targets)
    try:
        setting = replace(setting, sequences=sequences, targets=targets)
    except ValueError as error:
        complaints.append(str(error))
    weights = {place_word(place): place for place in setting.first_weights().places()}
    view = View(
        setting,
        take("step", _whole("step", 0, MAX_STEPS), 0),
        take("phase", _one_of("phase", PHASES), "start"),
        take("sequence", _whole("sequence", 1, len(setting.sequences)), 1) - 1,
        take("unit", _whole("unit", 1, setting.units), 1) - 1,
        take("t", _whole("t", 1, setting.time), 1) - 1,
        weights[take("weight", _one_of("weight", weights), next(iter(weights)))],
        weights.get(take("second", _one_of("second", weights), "")),
    ).fitting()
    return view, sentence_of(complaints)


def sentence_of(complaints: list[str]) -> str | None:
    """What could not be, as one sentence."""
    if not complaints:
        return None
    more = f"; and {len(complaints) - 2} more" if len(complaints) > 2 else ""
    return f"Part of this could not be used as it came ({'; '.join(complaints[:2])}{more}), and the rest is shown."


def _one_of(word: str, choices: Any) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            listed = ", ".join(list(choices)[:6])
            raise ValueError(f"{word} is one of {listed}{', …' if len(choices) > 6 else ''}, not {text[:20]!r}")
        return text

    return read


def _whole(word: str, low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 8 and low <= int(text) <= high):
            raise ValueError(f"{word} is a whole number from {low} to {high}, not {text[:20]!r}")
        return int(text)

    return read


def _rate(text: str) -> float:
    low, high = RATE_RANGE
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise ValueError(f"rate is a number from {low:g} to {high:g}, not {text[:20]!r}")
    return float(f"{value:.4g}")
