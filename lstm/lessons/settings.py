"""A setting of an experiment, described once: as a field of the experiment's frozen dataclass.

    @dataclass(frozen=True)
    class Digits:
        units: int = option(128, "Units", "The length of the hidden state h.", high=512, step=16)
        reading: Literal["rows", "columns"] = option("rows", "It reads", labels={"rows": "row by row", …})
        optimizer: str = OPTIMIZER()              # what lessons share is in `shared_options`
        learning_rate: float = LEARNING_RATE(4e-3)  # … with a default of the lesson's own

        def __post_init__(self) -> None:
            check(self)                           # every described field; then what concerns several of them

Its type, its choices and whether it may be None come from the annotation. From the description follow

- the check and its sentence: `check(config)`;
- the option of the command line, with the same help: `lstm.cli.parsing.add_settings(parser, Digits)`;
- the widget, its word in the address, the default, presets, taking over a training's settings:
  `ui.controls.LessonControls("digits", Digits, names)`;
- what differs from the defaults: `differences(config)`.

A field without a description (a text, a file's content) is none of these. To add a setting to a lesson is to add a
field, to use it where the experiment runs, and to name it where the page draws it.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache
from typing import Any, Literal

import numpy as np

from lstm.layers import positive_integer
from lstm.optimizers import OPTIMIZERS, Optimizer, positive

Clip = Literal["norm", "value", "none"]

_KEY = "setting"


@dataclass(frozen=True)
class Setting:
    """What is known of one setting.

    Parameters
    ----------
    default, label, help : `label` is its name on pages and in the command line's help
    name, kind, choices, optional : from the field; `kind` is bool, int, float or str, `optional` lets None through
    low, high, below : bounds; `below` is one that cannot be reached. An int is at least 1 and a float positive unless said
    why : what the lower bound is for, in a few words
    step : of the widget's buttons; stops : the values of a slider, instead of a number
    none : what it means to leave an optional number out: "takes them all". A page shows None as 0
    start : where a widget of an optional setting stands at first, where that is not None
    labels : what pages call the choices, in the menu's order; choices without a word are for the command line
    was : words that stood in addresses once, and the values they meant
    flag, also : the option of the command line, and names it has had; the field's name is always accepted
    group : where the command line's help lists it
    """

    default: Any
    label: str
    help: str = ""
    low: float | None = None
    high: float | None = None
    below: float | None = None
    why: str = ""
    step: float | None = None
    stops: tuple[float, ...] = ()
    none: str = ""
    start: Any = None
    labels: Mapping[Any, str] = field(default_factory=dict)
    was: Mapping[str, Any] = field(default_factory=dict)
    flag: str = ""
    also: tuple[str, ...] = ()
    group: str = "the experiment"
    choices: tuple[Any, ...] = ()
    name: str = ""
    kind: type = str
    optional: bool = False

    def check(self, value: Any) -> None:
        """Raise ValueError, one sentence, unless `value` is one that the setting can have."""
        if value is None and self.optional:
            return
        if self.choices:
            if not any(type(value) is type(choice) and value == choice for choice in self.choices):
                raise ValueError(
                    f"{self.name} must be one of {', '.join(map(str, self.choices))}, got {repr(value)[:40]}"
                )
        elif self.kind is bool:
            if not isinstance(value, bool):
                raise ValueError(f"{self.name} must be True or False, got {repr(value)[:40]}")
        elif self.kind is int:
            self._check_integer(value)
        elif self.kind is float:
            self._check_number(value)
        elif not isinstance(value, self.kind):
            raise ValueError(f"{self.name} must be a text, got {repr(value)[:40]}")

    def _check_integer(self, value: Any) -> None:
        low = 1 if self.low is None else self.low
        if low <= 0 and (isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low):
            raise ValueError(f"{self.name} must be an integer of {low:,} or more, got {value!r}")
        if low > 0 and positive_integer(value, self.name) < low:
            raise ValueError(f"{self.name} must be at least {low:,}{', ' if self.why else ''}{self.why}, got {value:,}")
        if self.high is not None and value > self.high:
            raise ValueError(f"{self.name} must be at most {self.high:,}, got {value:,}")

    def _check_number(self, value: Any) -> None:
        if self.low is None:
            if positive(value, self.name) > (math.inf if self.high is None else self.high):
                raise ValueError(f"{self.name} must be at most {self.high:,}, got {value:,}")
            return
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if self.below is not None:
            inside, bounds = number and self.low <= value < self.below, f"{self.low:g} to below {self.below:g}"
        elif self.high is not None:
            inside, bounds = number and self.low <= value <= self.high, f"{self.low:g} to {self.high:g}"
        else:
            inside, bounds = number and self.low <= value < math.inf, f"{self.low:g} on"
        if not inside:
            raise ValueError(f"{self.name} must be a number from {bounds}, got {value!r}")

    def word(self, value: Any) -> str:
        """What a page, a menu and an address call `value`."""
        if value in self.labels:
            return self.labels[value]
        return f"{value:g}" if isinstance(value, float) else str(value)

    @property
    def range(self) -> str:
        """The bounds in words, for a help text: "1 to 512."; empty for a choice and where there is no upper bound."""
        high = self.below if self.high is None else self.high
        if self.choices or self.stops or self.kind not in (int, float) or high is None:
            return ""
        low = "" if self.low is None and self.kind is float else f"{1 if self.low is None else self.low:,} to "
        return f"{low or 'Up to '}{'below ' if self.below is not None else ''}{high:,}."


def option(default: Any, label: str, help: str = "", **more: Any) -> Any:
    """A dataclass's field, described; the parameters are those of `Setting`."""
    return field(default=default, metadata={_KEY: Setting(default, label, help, **more)})


class Shared:
    """A description that several experiments' fields share: call it where the field stands, with what differs there."""

    def __init__(self, default: Any, label: str, help: str = "", **more: Any) -> None:
        self._setting = Setting(default, label, help, **more)

    def __call__(self, default: Any = MISSING, **more: Any) -> Any:
        """The field, with another `default` or other words where the lesson needs them."""
        setting = replace(self._setting, **({} if default is MISSING else {"default": default}), **more)
        return field(default=setting.default, metadata={_KEY: setting})


def _kind(config: Any) -> Any:
    return type(config)


@cache
def settings(config: Any) -> dict[str, Setting]:
    """The described settings of an experiment's dataclass by name, in the order of its fields."""
    hints = typing.get_type_hints(config)
    found = {}
    for one in fields(config):
        if (setting := one.metadata.get(_KEY)) is not None:
            kind, choices, optional = _read(hints[one.name])
            found[one.name] = replace(
                setting, name=one.name, kind=kind, choices=setting.choices or choices, optional=optional
            )
    return found


def _read(hint: Any) -> tuple[type, tuple[Any, ...], bool]:
    """Kind, choices, and whether None is one of them, of an annotation."""
    optional = False
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        parts = [part for part in typing.get_args(hint) if part is not type(None)]
        optional, hint = len(parts) < len(typing.get_args(hint)), parts[0]
    if typing.get_origin(hint) is Literal:
        choices = typing.get_args(hint)
        return type(choices[0]), choices, optional
    return hint, (), optional


def check(config: Any) -> None:
    """Check every described setting. Raises ValueError, one sentence that names the first that cannot be."""
    for name, setting in settings(_kind(config)).items():
        setting.check(getattr(config, name))


def differences(config: Any, other: Any = None) -> dict[str, Any]:
    """The described settings in which an experiment differs from `other`, or else from the defaults."""
    known = settings(_kind(config))
    return {
        name: getattr(config, name)
        for name, setting in known.items()
        if getattr(config, name) != (setting.default if other is None else getattr(other, name))
    }


def check_budget(config: Any) -> None:
    """Raise ValueError unless `epochs` and `seconds` are positive or None, and one of them or `max_steps` is set."""
    for name in ("epochs", "seconds"):
        if getattr(config, name) is not None:
            positive(getattr(config, name), name)
    if config.epochs is None and config.seconds is None and config.max_steps is None:
        raise ValueError("a budget is needed: set epochs, seconds or max_steps")


def make_optimizer(config: Any, **options: Any) -> Optimizer:
    """The optimizer that `optimizer`, `learning_rate`, `clip` and `clip_at` describe, fresh. `options` are its own."""
    clipping = {"norm": {"global_clipnorm": config.clip_at}, "value": {"clipvalue": config.clip_at}, "none": {}}
    return OPTIMIZERS[config.optimizer](config.learning_rate, **options, **clipping[config.clip])



def check_choice(value: Any, options: Sequence[str], name: str) -> None:
    """Raise ValueError unless `value` is one of `options`."""
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{name} must be one of {', '.join(options)}, got {repr(value)[:40]}")
