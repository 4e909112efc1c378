"""Why each can and cannot: what the networks on show do inside, as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm import Sequential

from .tasks import Task, answering

SEQUENCES, STEPS = 64, 40
"""Held-out sequences that are looked at, and how long they are."""


@dataclass(frozen=True)
class Flips:
    """The unit of a recurrent network whose hidden state tells odd from even best.

    Attributes
    ----------
    unit : which one; agreement : the share of steps at which the sign of its h tells odd from even
    flips : of the steps that read a 1, the share at which the sign changes
    holds : of the steps that read a 0, the share at which it stays
    """

    unit: int
    agreement: float
    flips: float
    holds: float


def flips(model: Sequential, steps: int = STEPS) -> Flips:
    """Look for the unit that counts, in a network that was trained on parity."""
    x, y = Task("parity").held_out(SEQUENCES, steps)
    h = _inside(model, x)["h"]
    odd = (y == 1)[..., None]
    agrees = ((h > 0) == odd).mean(axis=(0, 1))  # of every unit
    unit = int(np.argmax(np.maximum(agrees, 1 - agrees)))
    sign = h[..., unit] > 0
    changed, ones = sign[:, 1:] != sign[:, :-1], x[:, 1:] == 1
    return Flips(
        unit, float(max(agrees[unit], 1 - agrees[unit])), float(changed[ones].mean()), float((~changed)[~ones].mean())
    )


@dataclass(frozen=True)
class Straight:
    """What a minLSTM does with a past: h = a h₋₁ + (1 − a) g, with an a that the symbol alone decides.

    Attributes
    ----------
    kept : (2, units), a when a 0 and when a 1 is read
    turned : of all units and steps, the share at which two pasts changed places: whose h was larger became the smaller
    gap : the distance between the states of two pasts (one with a 1 more) before and after `STEPS` common symbols, a mean
    """

    kept: np.ndarray
    turned: float
    gap: tuple[float, float]


def straight(model: Sequential) -> Straight:
    """Let two pasts that differ in their first symbol read the same symbols afterwards."""
    x, _ = Task("parity").held_out(SEQUENCES, STEPS + 1)
    even, odd = x.copy(), x.copy()
    even[:, 0], odd[:, 0] = 0, 1
    one, other = _inside(model, even), _inside(model, odd)
    apart = other["h"] - one["h"]  # (sequences, steps, units)
    turned = np.sign(apart[:, 1:]) * np.sign(apart[:, :-1]) < 0
    kept = np.stack([one["a"][:, 1:][x[:, 1:] == symbol][0] for symbol in (0, 1)])
    norms = np.linalg.norm(apart, axis=-1)
    return Straight(kept, float(turned.mean()), (float(norms[:, 0].mean()), float(norms[:, -1].mean())))


def looks(model: Sequential, x: np.ndarray) -> np.ndarray:
    """Where attention looks: (steps, steps), the mean over the heads of the first block, for one sequence `x` (steps,)."""
    return answering(model).trace(x[None])[0]["attention"][0].mean(axis=0)


def on_the_first(model: Sequential, task: Task, steps: int) -> float:
    """The share of the last step's attention that goes to the first symbol, a mean over some held-out sequences."""
    x, _ = task.held_out(8, steps)
    return float(np.mean([looks(model, one)[-1, 0] for one in x]))


def _inside(model: Sequential, x: np.ndarray) -> dict[str, np.ndarray]:
    """What the top recurrent layer holds after each step."""
    return answering(model).trace(x)[-1]
