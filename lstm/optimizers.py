"""How weights move: SGD, Adagrad, RMSprop, Adam, with the formulas, names and defaults of Keras.

An optimizer sees one flat vector of weights and one of gradients. It works through them in pieces small enough to
stay in the processor's cache, so that its several passes cost about one.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .lacking import explained, lacks

_PIECE = 1 << 14


def positive(value: Any, name: str) -> float:
    """Return `value` as a float, or raise ValueError naming the argument."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 < value < np.inf:
        raise ValueError(f"{name} must be a positive number, got {value!r}")
    return float(value)


def share(value: Any, name: str) -> float:
    """Return `value` as a float from 0 to below 1, or raise ValueError naming the argument."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 <= value < 1:
        raise ValueError(f"{name} must be a number from 0 to below 1, got {value!r}")
    return float(value)


class Optimizer:
    """The base: clipping, the step count, and the state vectors (`slots`) a subclass asks for.

    Parameters
    ----------
    learning_rate : may be changed at any time
    clipnorm : scales each weight's gradient down to at most this norm
    clipvalue : limits each element of the gradient to ± this value
    global_clipnorm : scales all gradients together down to at most this norm (Pascanu et al., 2013)
    """

    slots: tuple[str, ...] = ()
    initial_slot_value = 0.0

    def __init_subclass__(cls) -> None:
        if "__init__" in vars(cls):
            cls.__init__ = explained(cls.__init__)  # type: ignore[method-assign]

    def __init__(
        self,
        learning_rate: float,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        if callable(learning_rate):
            raise ValueError('learning_rate must be a positive number; fit(decay="linear" or "cosine") lets it fall')
        self.learning_rate = positive(learning_rate, "learning_rate")
        limits = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        given = {name: positive(value, name) for name, value in limits.items() if value is not None}
        if len(given) > 1:
            raise ValueError(f"only one of clipnorm, clipvalue and global_clipnorm may be set, got {', '.join(given)}")
        self.clipnorm, self.clipvalue, self.global_clipnorm = (given.get(name) for name in limits)
        self.step = 0
        self.state: dict[str, np.ndarray] = {}
        self._moves: weakref.ref[np.ndarray] | None = None  # the weights this state belongs to

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_moves": None}

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, with the class's name under "name"."""
        hidden = ("step", "state", "_moves")
        return {"name": type(self).__name__.lower(), **{k: v for k, v in vars(self).items() if k not in hidden}}

    def apply(self, weights: np.ndarray, gradient: np.ndarray, parts: Sequence[np.ndarray]) -> None:
        """Clip `gradient` in place and update `weights` in place.

        weights, gradient : (parameters,); parts : the gradient of each single weight, as views into `gradient`

        Raises
        ------
        ValueError
            If it has been moving another model's weights: its state is about those.
        """
        moved = self._moves() if self._moves else None
        if moved is not None and moved is not weights:
            raise ValueError("this optimizer already trains another model: give each model an optimizer of its own")
        self._moves = weakref.ref(weights)
        for name in self.slots:
            if name not in self.state:
                self.state[name] = np.full_like(weights, self.initial_slot_value)
        self.step += 1
        scale = self._clip(gradient, parts)
        size = min(_PIECE, weights.size)
        scratch = np.empty(size, weights.dtype), np.empty(size, weights.dtype)
        for start in range(0, weights.size, _PIECE):
            piece = slice(start, start + _PIECE)
            w, g = weights[piece], gradient[piece]
            if scale is not None:
                g *= scale
            self._update(w, g, *(self.state[n][piece] for n in self.slots), scratch=[s[: w.size] for s in scratch])

    def _clip(self, gradient: np.ndarray, parts: Sequence[np.ndarray]) -> np.floating | None:
        """Clip, or return the factor that the update is to apply on its way."""
        if self.clipvalue is not None:
            np.clip(gradient, -self.clipvalue, self.clipvalue, out=gradient)
        elif self.clipnorm is not None:
            for part in parts:
                norm = np.sqrt(np.vdot(part, part))
                if norm > self.clipnorm:
                    part *= part.dtype.type(self.clipnorm / norm)
        elif self.global_clipnorm is not None:
            norm = np.sqrt(np.dot(gradient, gradient))
            if norm > self.global_clipnorm:
                return gradient.dtype.type(self.global_clipnorm / norm)
        return None

    def _update(self, w: np.ndarray, g: np.ndarray, *slots: np.ndarray, scratch: list[np.ndarray]) -> None:
        raise TypeError("use SGD, Adagrad, RMSprop or Adam")


class SGD(Optimizer):
    """w ← w − η g; with momentum μ, v ← μ v − η g and w ← w + v.

    Parameters
    ----------
    learning_rate : may be changed at any time
    momentum : μ, from 0 to below 1
    clipnorm, clipvalue, global_clipnorm : limits of the gradient, at most one of them, see `Optimizer`
    """

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        *,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clipnorm, clipvalue, global_clipnorm)
        self.momentum = share(momentum, "momentum")
        self.slots = ("velocity",) if self.momentum else ()

    def get_config(self) -> dict[str, Any]:
        return {k: v for k, v in super().get_config().items() if k != "slots"}

    def _update(self, w, g, velocity=None, *, scratch):
        step = np.multiply(g, w.dtype.type(self.learning_rate), out=scratch[0])
        if velocity is None:
            w -= step
            return
        velocity *= w.dtype.type(self.momentum)
        velocity -= step
        w += velocity


class Adagrad(Optimizer):
    """a ← a + g², w ← w − η g / √(a + ε): Duchi et al. (2011).

    Parameters
    ----------
    learning_rate : may be changed at any time
    initial_accumulator_value : what a begins with, 0 or more
    epsilon : ε, which keeps the divisor from 0
    clipnorm, clipvalue, global_clipnorm : limits of the gradient, at most one of them, see `Optimizer`
    """

    slots = ("accumulator",)

    def __init__(
        self,
        learning_rate: float = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        *,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clipnorm, clipvalue, global_clipnorm)
        self.epsilon = positive(epsilon, "epsilon")
        if initial_accumulator_value != 0:
            positive(initial_accumulator_value, "initial_accumulator_value")
        self.initial_accumulator_value = float(initial_accumulator_value)

    @property
    def initial_slot_value(self) -> float:  # type: ignore[override]
        return self.initial_accumulator_value

    def _update(self, w, g, accumulator, *, scratch):
        accumulator += np.multiply(g, g, out=scratch[0])
        root = np.sqrt(np.add(accumulator, w.dtype.type(self.epsilon), out=scratch[0]), out=scratch[0])
        step = np.multiply(g, w.dtype.type(self.learning_rate), out=scratch[1])
        w -= np.divide(step, root, out=step)


class RMSprop(Optimizer):
    """v ← ρ v + (1 − ρ) g², w ← w − η g / √(v + ε): Tieleman & Hinton (2012).

    Parameters
    ----------
    learning_rate : may be changed at any time
    rho : ρ, from 0 to below 1
    epsilon : ε, which keeps the divisor from 0
    clipnorm, clipvalue, global_clipnorm : limits of the gradient, at most one of them, see `Optimizer`
    """

    slots = ("velocity",)

    def __init__(
        self,
        learning_rate: float = 0.001,
        rho: float = 0.9,
        *,
        epsilon: float = 1e-7,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clipnorm, clipvalue, global_clipnorm)
        self.rho, self.epsilon = share(rho, "rho"), positive(epsilon, "epsilon")

    def _update(self, w, g, velocity, *, scratch):
        velocity *= w.dtype.type(self.rho)
        square = np.multiply(g, g, out=scratch[0])
        square *= w.dtype.type(1 - self.rho)
        velocity += square
        root = np.sqrt(np.add(velocity, w.dtype.type(self.epsilon), out=scratch[0]), out=scratch[0])
        step = np.multiply(g, w.dtype.type(self.learning_rate), out=scratch[1])
        w -= np.divide(step, root, out=step)


class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η' m / (√v + ε): Kingma & Ba (2015).

    η' = η √(1 − β₂ᵗ) / (1 − β₁ᵗ) makes up for m and v starting at zero.

    Parameters
    ----------
    learning_rate : may be changed at any time
    beta_1, beta_2 : β₁ and β₂, from 0 to below 1
    epsilon : ε, which keeps the divisor from 0
    clipnorm, clipvalue, global_clipnorm : limits of the gradient, at most one of them, see `Optimizer`
    """

    slots = ("momentum", "velocity")

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        *,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clipnorm, clipvalue, global_clipnorm)
        self.beta_1, self.beta_2 = share(beta_1, "beta_1"), share(beta_2, "beta_2")
        self.epsilon = positive(epsilon, "epsilon")

    def _update(self, w, g, momentum, velocity, *, scratch):
        # Kept are m / (1 − β₁) and v / (1 − β₂): two multiplications less, made up for in η' and ε.
        real = w.dtype.type
        rate = self.learning_rate * np.sqrt(1 - self.beta_2**self.step) / (1 - self.beta_1**self.step)
        root = np.sqrt(1 - self.beta_2)
        a, b = scratch
        momentum *= real(self.beta_1)
        momentum += g
        velocity *= real(self.beta_2)
        velocity += np.multiply(g, g, out=a)
        np.sqrt(velocity, out=a)
        a += real(self.epsilon / root)
        np.divide(momentum, a, out=b)
        b *= real(rate * (1 - self.beta_1) / root)
        w -= b


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {"sgd": SGD, "adagrad": Adagrad, "rmsprop": RMSprop, "adam": Adam}


def get(optimizer: str | Optimizer) -> Optimizer:
    """An optimizer by its name, small or large letters, with default settings, or the one that is given.

    Raises
    ------
    ValueError
        If there is no optimizer of that name.
    """
    if isinstance(optimizer, Optimizer):
        return optimizer
    if not isinstance(optimizer, str) or optimizer.lower() not in OPTIMIZERS:
        raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)} or an Optimizer, got {optimizer!r}")
    return OPTIMIZERS[optimizer.lower()]()


def from_config(config: dict[str, Any]) -> Optimizer:
    """The optimizer that `get_config` described, with a fresh state."""
    config = dict(config)
    name = config.pop("name")
    if name not in OPTIMIZERS:
        raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, got {name!r}")
    return OPTIMIZERS[name](**config)


if not TYPE_CHECKING:  # a type checker would take any name then
    __getattr__ = lacks(__name__)
