"""Predict, then reveal: numbers of a time step are left out, one, then two, then all, and typed answers are checked.

An answer that is wrong is compared with what the number would be under each mistake that people make; the mistakes and
their sentences are those of the exercise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from lstm.cell import GATES
from lstm.lessons.learning.exercise.judge import FORWARD_RULES, Env, Rule
from lstm.lessons.learning.network import Forward, Weights

LEVELS = (("f",), ("g", "c"), ("f", "i", "g", "o", "c", "h"))
"""What is left out: one number, then two, then all."""
TOLERANCE = 0.006
"""Two decimals are enough, rounded or cut."""


@dataclass(frozen=True)
class Answer:
    """Whether a typed number is right, and what is said of it."""

    right: bool
    says: str


def _env(weights: Weights, passed: Forward, t: int, example: int) -> Env:
    step = passed.steps[t]
    numbers = {
        name: value[example : example + 1] for name, value in vars(step).items() if isinstance(value, np.ndarray)
    }
    z = np.concatenate([numbers[f"z_{gate}"] for gate in GATES], axis=-1)
    return SimpleNamespace(
        **numbers, z=z, kernel=weights.kernel, recurrent_kernel=weights.recurrent_kernel, bias=weights.bias
    )


def _rule(name: str) -> Rule:
    return next(rule for rule in FORWARD_RULES if rule.name == name)


def mistakes(
    name: str, weights: Weights, passed: Forward, t: int, example: int, unit: int
) -> Iterator[tuple[float, str]]:
    """What a quantity would be under each mistake, with the sentence. Mistakes in z reach the gates."""
    env = _env(weights, passed, t, example)
    for mistaken, says in _rule(name).mistakes:
        yield float(mistaken(env)[0, unit]), says
    if name in GATES:
        for mistaken, says in _rule("z").mistakes:
            wrong = SimpleNamespace(**{**vars(env), "z": mistaken(env)})
            for gate in GATES:
                setattr(wrong, f"z_{gate}", _rule(f"z_{gate}").right(wrong))
            yield float(_rule(name).right(wrong)[0, unit]), says


def judge(typed: float, name: str, weights: Weights, passed: Forward, t: int, example: int, unit: int) -> Answer:
    """Check a typed number against the live one; t, example and unit count from 0."""
    right = float(getattr(passed.steps[t], name)[example, unit])
    if abs(typed - right) <= TOLERANCE:
        return Answer(True, f"it is {right:.3f}")
    for value, says in mistakes(name, weights, passed, t, example, unit):
        if abs(typed - value) <= TOLERANCE and abs(value - right) > TOLERANCE:
            return Answer(False, says)
    if abs(typed + right) <= TOLERANCE:
        return Answer(False, "the sign is wrong")
    return Answer(False, "not yet: put the numbers into the formula once more")
