"""A training as a list of moments that can be asked again: the weights before every step, and what the loss was there.

Same setting, same moments: step k of a setting is one thing, whoever asks for it and in whatever order. So a page needs
to remember no more than the setting and the number of the step, and going back is asking for a smaller number.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lstm.lessons.learning import network
from lstm.lessons.learning.network import Backward, Forward, Loss, Place, Weights
from lstm.lessons.learning.setting import Setting

MAX_STEPS = 1000
"""Updates a training may take; they cost about half a millisecond each."""
GROWN = 1000.0
"""A training has diverged when its loss is this many times what it began with (or this, if it began below 1)."""


@dataclass(frozen=True)
class Divergence:
    """The loss was lowest at step `lowest`, never so low again, and at step `noticed` past all bounds."""

    lowest: int
    noticed: int
    loss: float

    @property
    def began(self) -> int:
        """The first step at which the loss was higher than the best it ever was."""
        return self.lowest + 1


@dataclass(frozen=True)
class Moment:
    """One step of a training, whole: what forward, loss, backward and update make of its weights.

    `after` is None where there is no next step: at the last one allowed, or where the training has diverged.
    """

    step: int
    weights: Weights
    passed: Forward
    loss: Loss
    back: Backward
    after: Weights | None


@dataclass
class Training:
    """The moments of one setting, computed as far as somebody has asked."""

    setting: Setting
    losses: list[float] = field(default_factory=list)
    diverged: Divergence | None = None

    def __post_init__(self) -> None:
        self._weights = self.setting.first_weights()
        self._vector = self._weights.flat()
        self._weights = self._weights.like(self._vector)  # views, so that what the optimizer moves is what is read
        self._optimizer = self.setting.make_optimizer()
        self._path = [self._vector.copy()]
        self._x, self._y = self.setting.x, self.setting.y
        self._look()

    def _look(self) -> None:
        """Forward and loss with the weights as they stand now."""
        self._passed = network.forward(self._weights, self._x)
        self._loss = network.compare(self._passed.prediction, self._y)
        self.losses.append(self._loss.value)

    def _walk(self, step: int) -> None:
        """Take updates until the weights of `step` are known, or the training has diverged."""
        bound = GROWN * max(self.losses[0], 1.0)
        while len(self._path) <= min(step, MAX_STEPS) and not self.diverged:
            gradient = network.backward(self._weights, self._passed, self._loss.slope).gradient.flat()
            self._optimizer.apply(self._vector, gradient, [gradient])
            self._path.append(self._vector.copy())
            self._look()
            if not self.losses[-1] <= bound:  # NaN included
                self.diverged = Divergence(int(np.nanargmin(self.losses)), len(self.losses) - 1, self.losses[-1])

    def reach(self, step: int) -> int:
        """The step nearest to `step` that there is: a training that diverged ends there."""
        self._walk(step)
        return min(max(step, 0), len(self._path) - 1)

    def moment(self, step: int) -> Moment:
        """Everything about one step, and the weights after it."""
        step = self.reach(step)
        self._walk(step + 1)
        weights = self._weights.like(self._path[step])
        passed = network.forward(weights, self._x)
        loss = network.compare(passed.prediction, self._y)
        back = network.backward(weights, passed, loss.slope)
        after = self._weights.like(self._path[step + 1]) if step + 1 < len(self._path) else None
        return Moment(step, weights, passed, loss, back, after)

    def path(self, place: Place, step: int) -> np.ndarray:
        """The values of one weight from the beginning to `step`: (step + 1,)."""
        where = self._weights.places().index(place)
        return np.array([vector[where] for vector in self._path[: self.reach(step) + 1]])
