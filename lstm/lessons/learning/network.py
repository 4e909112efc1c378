"""A small LSTM and its training step, taken apart: forward, loss, backward, update, every number kept.

    h_t, c_t = cell(x_t, h_{t−1}, c_{t−1})          for t = 1 … T, with the same weights at every step
    prediction = h_T V + d                          the last hidden state answers
    loss = mean over the examples of (prediction − target)²

The arithmetic of a time step is `lstm.cell`'s. What this file adds is where each gradient came from: to the cell state
straight from the step after, or through h; to the hidden state from the prediction, or through one of the four gates of
the step after. All in float64, all arrays (examples, …).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm import cell, initializers, losses
from lstm.cell import GATES, Step, StepGradients

SYMBOLS = {"W": "kernel", "U": "recurrent_kernel", "b": "bias", "V": "output_kernel", "d": "output_bias"}
"""The letters of the equations, and what Keras calls the arrays."""


@dataclass(frozen=True)
class Weights:
    """The five arrays a training moves; the same shape holds their gradients.

    kernel (features, 4·units), recurrent_kernel (units, 4·units), bias (4·units,), output_kernel (units, 1), output_bias (1,)
    """

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray
    output_kernel: np.ndarray
    output_bias: np.ndarray

    @property
    def units(self) -> int:
        return self.recurrent_kernel.shape[0]

    def flat(self) -> np.ndarray:
        """All numbers in one vector (parameters,), a copy: what an optimizer moves."""
        return np.concatenate([array.ravel() for array in vars(self).values()])

    def like(self, vector: np.ndarray) -> Weights:
        """The numbers of `vector` (parameters,) in arrays of these shapes; views, so that a change of it shows."""
        ends = np.cumsum([array.size for array in vars(self).values()])
        pieces = np.split(vector, ends[:-1])
        return Weights(*(piece.reshape(array.shape) for piece, array in zip(pieces, vars(self).values(), strict=True)))

    def places(self) -> list[Place]:
        """Where each number of `flat` stands, in its order."""
        return [
            Place(letter, index)
            for letter, name in SYMBOLS.items()
            for index in np.ndindex(getattr(self, name).shape)
        ]  # fmt: skip

    def at(self, place: Place) -> float:
        return float(getattr(self, SYMBOLS[place.letter])[place.index])


@dataclass(frozen=True)
class Place:
    """One number among the weights: a letter of `SYMBOLS`, and where in its array."""

    letter: str
    index: tuple[int, ...]

    def gate(self, units: int) -> str | None:
        """The gate the number belongs to; None for the output's weights."""
        return GATES[self.index[-1] // units] if self.letter in "WUb" else None

    def unit(self, units: int) -> int:
        """The unit it helps to compute, or, for V, the one it listens to."""
        return self.index[-1] % units if self.letter in "WUb" else self.index[0]

    def __str__(self) -> str:
        return f"{self.letter}[{','.join(map(str, self.index))}]"


def initial(features: int, units: int, seed: int) -> Weights:
    """Weights as the lab's layers begin: Glorot and orthogonal kernels, a forget bias of 1, all else 0.

    Rounded to two decimals, so that a reader with a pencil starts from the same numbers.
    """
    rng = np.random.default_rng(seed)
    kernel = initializers.draw("glorot_uniform", (features, 4 * units), rng)
    recurrent = initializers.draw("orthogonal", (units, 4 * units), rng)
    output = initializers.draw("glorot_uniform", (units, 1), rng)
    bias = np.zeros(4 * units)
    bias[units : 2 * units] = 1.0
    # + 0.0: no number begins as −0
    kernel, recurrent, output = (np.round(drawn, 2) + 0.0 for drawn in (kernel, recurrent, output))
    return Weights(kernel, recurrent, bias, output, np.zeros(1))


@dataclass(frozen=True)
class Forward:
    """Every number on the way from the sequences to the predictions (examples, 1)."""

    steps: tuple[Step, ...]
    prediction: np.ndarray


@dataclass(frozen=True)
class Loss:
    """The mean square error, prediction − target (examples, 1), and ∂loss/∂prediction (examples, 1)."""

    value: float
    error: np.ndarray
    slope: np.ndarray


@dataclass(frozen=True)
class StepBack:
    """What arrives at one time step, and by which way. All (examples, units) but `inside`, which has the gates.

    The parts add up: h = h_from_prediction + Σ h_through.values(), and c = c_straight + c_through_h.
    """

    inside: StepGradients
    h: np.ndarray
    h_from_prediction: np.ndarray
    h_through: dict[str, np.ndarray]
    """Through the gates i, f, g, o of the step after, each by its block of U; zeros at the last step."""
    c: np.ndarray
    c_straight: np.ndarray
    """∂loss/∂c_{t+1} ⊙ f_{t+1}: the way along the cell state, without a weight."""
    c_through_h: np.ndarray
    """∂loss/∂h_t ⊙ o_t ⊙ (1 − tanh² c_t)"""


@dataclass(frozen=True)
class Backward:
    """The gradient of every weight, and its way through the time steps, first to last."""

    steps: tuple[StepBack, ...]
    gradient: Weights


def forward(weights: Weights, sequences: np.ndarray) -> Forward:
    """Read `sequences` (examples, time, features) from the first step to the last."""
    steps = cell.unroll(np.swapaxes(sequences, 0, 1), weights.kernel, weights.recurrent_kernel, weights.bias)
    return Forward(tuple(steps), steps[-1].h @ weights.output_kernel + weights.output_bias)


def compare(prediction: np.ndarray, targets: np.ndarray) -> Loss:
    """Compare the predictions with the targets, both (examples, 1)."""
    value, slope = losses.mse(prediction.copy(), targets)
    return Loss(value, prediction - targets, slope)


def backward(weights: Weights, passed: Forward, slope: np.ndarray) -> Backward:
    """Send ∂loss/∂prediction (examples, 1) back from the last step to the first."""
    units, last = weights.units, passed.steps[-1]
    nothing = np.zeros_like(last.h)
    h_from_prediction = slope @ weights.output_kernel.T
    h_through, c_straight = dict.fromkeys(GATES, nothing), nothing
    total = [np.zeros_like(a) for a in (weights.kernel, weights.recurrent_kernel, weights.bias)]
    steps: list[StepBack] = []
    for step in reversed(passed.steps):
        dh = h_from_prediction + sum(h_through.values())
        inside = cell.backward(step, dh, c_straight, weights.kernel, weights.recurrent_kernel)
        steps.append(
            StepBack(inside, dh, h_from_prediction, h_through, inside.c, c_straight, inside.c - c_straight)
        )  # fmt: skip
        for sum_so_far, share in zip(total, (inside.kernel, inside.recurrent_kernel, inside.bias), strict=True):
            sum_so_far += share
        blocks = (slice(k * units, (k + 1) * units) for k in range(4))
        h_through = {
            gate: inside.z[:, at] @ weights.recurrent_kernel[:, at].T for gate, at in zip(GATES, blocks, strict=True)
        }
        h_from_prediction, c_straight = nothing, inside.c_prev
    return Backward(tuple(reversed(steps)), Weights(*[*total, last.h.T @ slope, slope.sum(axis=0)]))


def shares(place: Place, passed: Forward, back: Backward, slope: np.ndarray) -> np.ndarray:
    """What each time step and each example gives to the gradient of one weight: (time, examples). Their sum is the gradient.

    The same weight is used at every step, so each step has its own slope: input of the weight times ∂loss/∂z.
    """
    found = np.zeros((len(passed.steps), len(slope)))
    if place.letter in "Vd":  # used once, after the last step
        heard = passed.steps[-1].h[:, place.index[0]] if place.letter == "V" else 1.0
        found[-1] = heard * slope[:, 0]
        return found
    for t, (step, arrived) in enumerate(zip(passed.steps, back.steps, strict=True)):
        heard = {"W": step.x, "U": step.h_prev}.get(place.letter)
        found[t] = arrived.inside.z[:, place.index[-1]] * (1.0 if heard is None else heard[:, place.index[0]])
    return found


def loss_of(weights: Weights, sequences: np.ndarray, targets: np.ndarray) -> float:
    """The loss these weights give: forward and compare."""
    return compare(forward(weights, sequences).prediction, targets).value


@dataclass(frozen=True)
class Nudge:
    """A central difference: the loss with one weight ε lower and ε higher, and the slope between them."""

    place: Place
    epsilon: float
    below: float
    above: float
    analytic: float

    @property
    def numeric(self) -> float:
        return (self.above - self.below) / (2 * self.epsilon)

    @property
    def agrees(self) -> bool:
        """To six digits, or to as many as a difference of two losses in float64 has."""
        noise = 1e-15 * max(abs(self.above), abs(self.below)) / self.epsilon
        return abs(self.numeric - self.analytic) <= 1e-6 * abs(self.analytic) + 10 * noise + 1e-9


def nudge(
    place: Place, weights: Weights, gradient: Weights, sequences: np.ndarray, targets: np.ndarray, epsilon: float = 1e-5
) -> Nudge:
    """Check one number of `gradient` by moving its weight a little both ways."""
    where = weights.places().index(place)
    vector = weights.flat()
    found = []
    for move in (-epsilon, epsilon):
        moved = vector.copy()
        moved[where] += move
        found.append(loss_of(weights.like(moved), sequences, targets))
    return Nudge(place, epsilon, found[0], found[1], gradient.at(place))
