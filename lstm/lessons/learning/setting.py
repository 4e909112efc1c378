"""What is learnt, by what, and how: a handful of short sequences with their targets, a tiny LSTM, an optimizer.

Sequences have a text form, which the page's fields and its address share: numbers of a step are joined by commas, steps
by blanks, sequences by semicolons. `0.4,1 0.1,0; 0.2,1 0.5,1` are two sequences of two steps with two features each.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstm import optimizers
from lstm.lessons.learning.network import Weights, initial
from lstm.optimizers import SGD, Optimizer

MAX_TIME, MAX_UNITS, MAX_FEATURES, MAX_EXAMPLES = 6, 3, 2, 8
VALUE_RANGE = (-10.0, 10.0)
RATE_RANGE = (1e-4, 10.0)
MAX_SEED = 99
OPTIMIZERS = {"sgd": "SGD", "momentum": "SGD with momentum 0.9", "rmsprop": "RMSprop", "adam": "Adam"}
"""Name and label. Momentum is Keras's `SGD(momentum=0.9)`."""

Example = tuple[tuple[float, ...], ...]
"""One sequence: its time steps, each with its features."""


@dataclass(frozen=True)
class Setting:
    """Sequences, their targets, and a network to learn them.

    Parameters
    ----------
    sequences : of one length and one number of features, within `MAX_EXAMPLES`, `MAX_TIME`, `MAX_FEATURES`
    targets : one number for each sequence
    units : length of h, which is not the number of time steps
    optimizer : one of `OPTIMIZERS`

    Raises
    ------
    ValueError
        In one sentence, if something of this is not so or out of its range.
    """

    sequences: tuple[Example, ...]
    targets: tuple[float, ...]
    units: int = 2
    optimizer: str = "adam"
    learning_rate: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        _count("sequences", len(self.sequences), MAX_EXAMPLES)
        for which, sequence in enumerate(self.sequences, 1):
            _count(f"time steps in sequence {which}", len(sequence), MAX_TIME)
            if len(sequence) != len(self.sequences[0]):
                raise ValueError(
                    f"all sequences must be of one length, and sequence {which} has {len(sequence)} steps where the first has "
                    f"{len(self.sequences[0])}"
                )
            for t, step in enumerate(sequence, 1):
                _count(f"features in step {t} of sequence {which}", len(step), MAX_FEATURES)
                if len(step) != self.features:
                    raise ValueError(
                        f"every step must have as many features as the first, {self.features}, and step {t} of sequence "
                        f"{which} has {len(step)}"
                    )
                for value in step:
                    _within(f"step {t} of sequence {which}", value, VALUE_RANGE)
        if len(self.targets) != len(self.sequences):
            raise ValueError(
                f"there must be one target for each sequence, so {len(self.sequences)} here, and not {len(self.targets)}"
            )
        for which, value in enumerate(self.targets, 1):
            _within(f"target {which}", value, VALUE_RANGE)
        _whole("units", self.units, 1, MAX_UNITS)
        _whole("seed", self.seed, 0, MAX_SEED)
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, got {self.optimizer!r}")
        _within("the learning rate", self.learning_rate, RATE_RANGE)

    @property
    def features(self) -> int:
        return len(self.sequences[0][0])

    @property
    def time(self) -> int:
        return len(self.sequences[0])

    @property
    def x(self) -> np.ndarray:
        """(examples, time, features)"""
        return np.array(self.sequences, dtype=float)

    @property
    def y(self) -> np.ndarray:
        """(examples, 1)"""
        return np.array(self.targets, dtype=float)[:, None]

    def first_weights(self) -> Weights:
        return initial(self.features, self.units, self.seed)

    def make_optimizer(self) -> Optimizer:
        if self.optimizer == "momentum":
            return SGD(self.learning_rate, momentum=0.9)
        return optimizers.OPTIMIZERS[self.optimizer](self.learning_rate)


def _count(name: str, found: int, most: int) -> None:
    if not 1 <= found <= most:
        raise ValueError(f"there must be 1 to {most} {name}, not {found}")


def _whole(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}, got {value!r}")


def _within(name: str, value: float, bounds: tuple[float, float]) -> None:
    low, high = bounds
    if (
        isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high
    ):  # NaN is within nothing
        raise ValueError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}")


def read_sequences(text: str) -> tuple[Example, ...]:
    """The sequences in a text such as `0.4,1 0.1,0; 0.2,1 0.5,1`.

    Raises
    ------
    ValueError
        If a piece of it is no number, or there is no number at all. Lengths are `Setting`'s business.
    """
    found = []
    for sequence in _pieces(text, ";", MAX_EXAMPLES, "sequences"):
        steps = _pieces(sequence.strip(), r"\s+", MAX_TIME, "time steps in a sequence")
        found.append(
            tuple(tuple(_number(v) for v in _pieces(step, ",", MAX_FEATURES, "features in a step")) for step in steps)
        )
    return tuple(found)


def read_targets(text: str) -> tuple[float, ...]:
    """The targets in a text such as `0.4; 0.7`."""
    return tuple(_number(piece) for piece in _pieces(text, r"[;\s]+", MAX_EXAMPLES, "targets"))


def write_sequences(sequences: Sequence[Example]) -> str:
    """The text that `read_sequences` reads."""
    return "; ".join(" ".join(",".join(f"{v:g}" for v in step) for step in sequence) for sequence in sequences)


def write_targets(targets: Sequence[float]) -> str:
    """The text that `read_targets` reads."""
    return "; ".join(f"{target:g}" for target in targets)


def _pieces(text: str, separator: str, most: int, name: str) -> list[str]:
    pieces = re.split(separator, text.strip(" ;\t\n"), maxsplit=most)
    if len(pieces) > most:
        raise ValueError(f"there must be at most {most} {name}")
    return pieces


def _number(text: str) -> float:
    text = text.strip().replace("−", "-")
    if not text:
        raise ValueError("a number is missing: write sequences as 0.9 0.1 0.4, with ; between two of them")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]!r} is not a number: write sequences as 0.9 0.1 0.4, with ; between two of them")
    return float(f"{value:.6g}")


def _first_number() -> Setting:
    sequences = ((0.9, -0.2, 0.4, 0.1), (-0.8, 0.5, -0.3, 0.2), (0.3, -0.6, 0.1, -0.5), (-0.4, 0.2, 0.7, 0.6))
    return Setting(tuple(tuple((x,) for x in s) for s in sequences), tuple(s[0] for s in sequences))


def _marked_numbers() -> Setting:
    """The adding problem of Hochreiter & Schmidhuber (1997): a number, and a 1 beside the two that count."""
    numbers = ((0.4, 0.1, 0.3, 0.8), (0.2, 0.5, 0.6, 0.3), (0.7, 0.3, 0.1, 0.2), (0.1, 0.9, 0.5, 0.4),
               (0.6, 0.2, 0.8, 0.5), (0.3, 0.4, 0.2, 0.6))  # fmt: skip
    marked = ((0, 2), (0, 3), (1, 2), (1, 3), (0, 1), (2, 3))
    sequences = tuple(
        tuple((x, float(t in marks)) for t, x in enumerate(xs)) for xs, marks in zip(numbers, marked, strict=True)
    )
    return Setting(sequences, tuple(round(xs[a] + xs[b], 6) for xs, (a, b) in zip(numbers, marked, strict=True)))


def _odd_or_even() -> Setting:
    bits = tuple(itertools.product((0.0, 1.0), repeat=3))
    return Setting(tuple(tuple((x,) for x in s) for s in bits), tuple(sum(s) % 2 for s in bits))


PRESETS: dict[str, Setting] = {
    "Remember the first number": _first_number(),
    "Add the two marked numbers": _marked_numbers(),
    "Odd or even": _odd_or_even(),
    "With a pencil": Setting((((1.0,), (0.5,)),), (1.0,), units=1, optimizer="sgd", learning_rate=0.5, seed=7),
}
"""What to learn. The first three begin with the defaults: two units, Adam, a learning rate of 0.05. The last is small
enough to be followed by hand."""
