"""What the experiments' configs have in common: checks of their settings, and from settings to an optimizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from lstm.layers import positive_integer
from lstm.optimizers import OPTIMIZERS, Optimizer, positive
from lstm.training import DECAYS

Clip = Literal["norm", "value", "none"]
CLIPS = ("norm", "value", "none")


def check_choice(value: Any, options: Sequence[str], name: str) -> None:
    """Raise ValueError unless `value` is one of `options`."""
    if not isinstance(value, str) or value not in options:
        raise ValueError(f"{name} must be one of {', '.join(options)}, got {repr(value)[:40]}")


def check_seed(value: Any, name: str = "seed") -> None:
    """Raise ValueError unless `value` can seed a generator."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} must be an integer of 0 or more, got {value!r}")


def check_limits(config: Any, limits: Mapping[str, int]) -> None:
    """Raise ValueError unless each setting in `limits` is a positive integer up to its limit; None is let through."""
    for name, most in limits.items():
        value = getattr(config, name)
        if value is not None and positive_integer(value, name) > most:
            raise ValueError(f"{name} must be at most {most:,}, got {value:,}")


def check_budget(config: Any) -> None:
    """Raise ValueError unless `epochs` and `seconds` are positive or None, and one of them or `max_steps` is set."""
    for name in ("epochs", "seconds"):
        if getattr(config, name) is not None:
            positive(getattr(config, name), name)
    if config.epochs is None and config.seconds is None and config.max_steps is None:
        raise ValueError("a budget is needed: set epochs, seconds or max_steps")


def check_learning(config: Any) -> None:
    """Check `optimizer`, `learning_rate`, `decay`, `clip` and `clip_at`."""
    check_choice(config.optimizer, tuple(OPTIMIZERS), "optimizer")
    check_choice(config.decay, tuple(DECAYS), "decay")
    check_choice(config.clip, CLIPS, "clip")
    positive(config.learning_rate, "learning_rate")
    positive(config.clip_at, "clip_at")


def make_optimizer(config: Any, **options: Any) -> Optimizer:
    """The optimizer that `optimizer`, `learning_rate`, `clip` and `clip_at` describe, fresh. `options` are its own."""
    clipping = {"norm": {"global_clipnorm": config.clip_at}, "value": {"clipvalue": config.clip_at}, "none": {}}
    return OPTIMIZERS[config.optimizer](config.learning_rate, **options, **clipping[config.clip])
