"""An LSTM cell small enough to do by hand: one input, one unit, twelve weights.

`ScalarCell` gives names to the twelve numbers and lets `lstm.cell` do the arithmetic, so that what a reader follows
with a pencil is what the rest of the lab runs. `Setting` is everything one experiment with such a cell needs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from lstm.cell import ACTIVATIONS, GATES, Step, unroll

WEIGHT_RANGE = (-5.0, 5.0)
INPUT_RANGE = (-100.0, 100.0)
H0_RANGE = (-1.0, 1.0)
C0_RANGE = (-5.0, 5.0)
OUTPUT_RANGE = (-10.0, 10.0)
MAX_STEPS = 12
KINDS = ("W", "U", "b")
"""The three weights of a gate: on the input, on the previous hidden state, and the bias."""


@dataclass(frozen=True)
class GateWeights:
    """z = W·x + U·h₋₁ + b"""

    W: float
    U: float
    b: float = 0.0


@dataclass(frozen=True)
class ScalarStep:
    """Every number of one time step, as plain floats. `t` counts from 1."""

    t: int
    x: float
    h_prev: float
    c_prev: float
    z_i: float
    z_f: float
    z_g: float
    z_o: float
    i: float
    f: float
    g: float
    o: float
    kept: float
    """f·C₋₁: what the forget gate lets through"""
    written: float
    """i·g: what the input gate adds"""
    c: float
    tanh_c: float
    h: float
    c0_left: float
    """f₁·f₂·…·f_t: the share of C₀ that is still in C_t"""
    prediction: float


@dataclass(frozen=True)
class ScalarCell:
    """One unit with one input. Fields are `GATES`, in their order; `output` is the weight of prediction = output·h."""

    i: GateWeights
    f: GateWeights
    g: GateWeights
    o: GateWeights
    output: float = 1.0

    def run(
        self,
        xs: Sequence[float],
        h0: float = 0.0,
        c0: float = 0.0,
        clamp: Mapping[str, float] | None = None,
        activation: str = "tanh",
    ) -> list[ScalarStep]:
        """Take `xs` one time step after the other.

        Raises
        ------
        ValueError
            If a clamped gate or the activation does not exist.
        """
        weights = [getattr(self, gate) for gate in GATES]
        kernel = np.array([[w.W for w in weights]])  # (features 1, 4·units 4)
        recurrent_kernel = np.array([[w.U for w in weights]])  # (units 1, 4·units 4)
        bias = np.array([w.b for w in weights])  # (4,)
        inputs = np.array(xs, dtype=float).reshape(len(xs), 1, 1)  # (time, batch 1, features 1)
        steps = unroll(inputs, kernel, recurrent_kernel, bias, np.array([[h0]]), np.array([[c0]]), clamp, activation)
        c0_left = np.cumprod([step.f.item() for step in steps])
        return [
            _scalar(t, step, left, self.output) for t, (step, left) in enumerate(zip(steps, c0_left, strict=True), 1)
        ]


def _scalar(t: int, step: Step, c0_left: float, output: float) -> ScalarStep:
    names = ("x", "h_prev", "c_prev", "z_i", "z_f", "z_g", "z_o", "i", "f", "g", "o", "c", "tanh_c", "h")
    values = {name: getattr(step, name).item() for name in names}
    kept, written = (step.f * step.c_prev).item(), (step.i * step.g).item()
    prediction = output * values["h"]
    return ScalarStep(t=t, kept=kept, written=written, c0_left=float(c0_left), prediction=prediction, **values)


def of_unit(step: Step, unit: int, t: int) -> ScalarStep:
    """One unit's numbers of a wider cell's time step `t`, for the first example of the batch.

    A unit hears all features and all units, so `x` is not a number of its own: it is NaN. `c0_left` is this step's alone.
    """
    numbers = {name: value for name, value in vars(step).items() if isinstance(value, np.ndarray) and name != "x"}
    narrow = {name: value[:1, unit : unit + 1] for name, value in numbers.items()}
    alone = Step(**{**vars(step), "x": np.full((1, 1), np.nan), **narrow})
    return _scalar(t, alone, narrow["f"].item(), 1.0)


@dataclass(frozen=True)
class Setting:
    """A cell, what it reads, where it starts, which gates are held, and what squashes the candidate and the output.

    Raises
    ------
    ValueError
        If a number is not finite or out of its range, a clamp is not of a gate to 0 or 1, there is no such activation, or
        there are no time steps or more than `MAX_STEPS`.
    """

    cell: ScalarCell
    xs: tuple[float, ...]
    h0: float = 0.0
    c0: float = 0.0
    clamp: Mapping[str, float] = field(default_factory=dict)
    activation: str = "tanh"

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}")
        if not 1 <= len(self.xs) <= MAX_STEPS:
            raise ValueError(f"xs must have 1 to {MAX_STEPS} time steps, got {len(self.xs)}")
        for gate in GATES:
            for kind in KINDS:
                check(f"{kind} of gate {gate}", getattr(getattr(self.cell, gate), kind), WEIGHT_RANGE)
        for t, x in enumerate(self.xs, 1):
            check(f"input of step {t}", x, INPUT_RANGE)
        check("h0", self.h0, H0_RANGE)
        check("c0", self.c0, C0_RANGE)
        check("output", self.cell.output, OUTPUT_RANGE)
        for gate, value in self.clamp.items():
            if gate not in GATES or value not in (0, 1):
                raise ValueError(f"clamp holds one of the gates {', '.join(GATES)} at 0 or 1, got {gate} at {value}")

    def run(self) -> list[ScalarStep]:
        """Every time step, with the clamps and the activation."""
        return self.cell.run(self.xs, self.h0, self.c0, self.clamp, self.activation)

    def run_unclamped(self) -> list[ScalarStep]:
        """The same without the clamps: what they changed is the difference."""
        return self.cell.run(self.xs, self.h0, self.c0, activation=self.activation)

    def run_with_tanh(self) -> list[ScalarStep]:
        """The same squashed as an LSTM does it: what another activation changed is the difference."""
        return self.cell.run(self.xs, self.h0, self.c0, self.clamp)

    def with_clamp(self, clamp: Mapping[str, float]) -> Setting:
        """This setting with these gates held, and no others."""
        return replace(self, clamp=clamp)

    def with_activation(self, activation: str) -> Setting:
        """This setting with another function where tanh stands."""
        return replace(self, activation=activation)


def check(name: str, value: float, bounds: tuple[float, float]) -> float:
    """Return `value` if it is a finite number within `bounds`; ValueError otherwise."""
    low, high = bounds
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {value}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be between {low:g} and {high:g}, got {value:g}")
    return value


def gate_table(steps: Sequence[ScalarStep]) -> dict[str, list[float]]:
    """The steps as columns, in the order of the equations: what a CSV file or a chart takes."""
    names = list(ScalarStep.__dataclass_fields__)
    return {name: [getattr(step, name) for step in steps] for name in names}


def trend(before: float, after: float, tolerance: float = 5e-4) -> Literal["grows", "shrinks", "stays"]:
    """What became of the size of a number, to the three decimals that are shown."""
    difference = abs(after) - abs(before)
    return "stays" if abs(difference) < tolerance else "grows" if difference > 0 else "shrinks"


_THREE_NUMBERS = ScalarCell(
    i=GateWeights(0.5, 0.15), f=GateWeights(0.4, 0.1), g=GateWeights(0.6, 0.2), o=GateWeights(0.7, 0.25), output=3.0
)
_LATCH = ScalarCell(
    i=GateWeights(4.0, 0.0, -4.0),
    f=GateWeights(4.0, 0.0, 5.0),
    g=GateWeights(2.0, 0.0),
    o=GateWeights(0.0, 0.0, 5.0),
    output=1.0,
)
PRESETS: dict[str, Setting] = {
    "Three numbers": Setting(_THREE_NUMBERS, (10.0, 20.0, 30.0)),
    "Three numbers, scaled": Setting(_THREE_NUMBERS, (1.0, 2.0, 3.0)),
    "A latch": Setting(_LATCH, (2.0, 0.0, 0.0, 0.0, 0.0, -2.0, 0.0, 0.0)),
    "A fading trace": Setting(replace(_LATCH, f=GateWeights(0.0, 0.0, 0.5)), (2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
}
"""Settings worth knowing. The first reads raw numbers and every gate saturates; the second is the same cell and the
same series divided by ten. The latch keeps one pulse until another erases it; the trace lets it fade."""

PRINTED: dict[str, tuple[float, ...]] = {
    "f": (0.982, 1.0, 1.0),
    "i": (0.993, 1.0, 1.0),
    "g": (1.0, 1.0, 1.0),
    "o": (0.999, 1.0, 1.0),
    "c": (0.993, 1.993, 2.993),
    "h": (0.758, 0.964, 0.995),
    "prediction": (2.985,),
}
"""What the project that "Three numbers" comes from printed, step by step; the prediction of the last step only."""
