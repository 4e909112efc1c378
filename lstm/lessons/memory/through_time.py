"""How far back does a gradient reach? ∂loss/∂h and ∂loss/∂c at every step before the loss, for SimpleRNN and LSTM.

Both networks read the same random sequences, and the loss looks at the last hidden state alone:

    loss = mean over the sequences of ½ ‖h_T − target‖²

On its way back the gradient is multiplied at every step. In a SimpleRNN h_t = tanh(z_t) and z_t = x_t W + h_{t−1} U + b, so

    ∂loss/∂h_{t−1} = (∂loss/∂h_t ⊙ (1 − h_t²)) Uᵀ

and T steps are a product of T such factors: below 1 each, the product vanishes; above, it explodes (Hochreiter 1991;
Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013). The cell state of an LSTM is a sum, and its way back

    ∂loss/∂c_{t−1} = ∂loss/∂c_t ⊙ f_t + what comes through the gates

carries a factor f_t that the network sets itself: the constant error carousel. What goes along it alone is ∂loss/∂c_T times
the product of the forget gates; the rest has gone through h and the gates at least once (`Reach.along_f`). Everything is
computed in float64 with `cell.py`, step by step.

∂loss/∂h_t is what a change of h_t alone would do: c_t stays as it is. A change of c_t also changes h_t = o_t tanh(c_t),
and ∂loss/∂c_t counts both ways on. Nothing comes before that h and c, and so nothing else is counted twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from lstm import cell, initializers
from lstm.layers import positive_integer, softmax

LIMITS = {"steps": 200, "units": 64}
"""Bounds within which both networks take a fraction of a second."""
FEATURES, SEQUENCES = 4, 8
VANISHED, EXPLODED = 1e-3, 1e3
"""A gradient is called so from this share of what it was at the last step."""


@dataclass(frozen=True)
class Setting:
    """What is compared. Building one checks it (`ValueError`).

    Parameters
    ----------
    steps : time steps that are read, T
    units : length of h (and c) in both networks
    scale : what both recurrent kernels are multiplied with; at 1 they are orthogonal and keep lengths
    forget_bias : bias of the LSTM's forget gate; all other biases are 0
    """

    steps: int = 50
    units: int = 16
    scale: float = 1.0
    forget_bias: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, most in LIMITS.items():
            if positive_integer(getattr(self, name), name) > most:
                raise ValueError(f"{name} must be at most {most}, got {getattr(self, name)}")
        for name, low, high in (("scale", 0, 10), ("forget_bias", -10, 10)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise ValueError(f"{name} must be a number from {low} to {high}, got {value!r}")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise ValueError(f"seed must be an integer of 0 or more, got {self.seed!r}")


@dataclass(frozen=True)
class Weights:
    """Of one recurrent network, in Keras's layout: four times as many columns for an LSTM."""

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray

    def moved(self, by: Weights, factor: float) -> Weights:
        """These weights plus `factor` times others."""
        return Weights(*(a + factor * b for a, b in zip(vars(self).values(), vars(by).values())))

    @property
    def norm(self) -> float:
        """√ of the sum of all squares: the length of the weights (or of a gradient) as one vector."""
        return float(np.sqrt(sum(np.square(a).sum() for a in vars(self).values())))


class Problem(Protocol):
    """What is read, (time, sequences, features), and a loss of the last hidden state (sequences, units)."""

    x: np.ndarray

    def loss(self, h: np.ndarray) -> float:
        """The loss."""

    def slope(self, h: np.ndarray) -> np.ndarray:
        """∂loss/∂h of the last step."""


@dataclass(frozen=True)
class Distance:
    """The loss is how far the last h is from a target (sequences, units)."""

    x: np.ndarray
    target: np.ndarray

    def loss(self, h: np.ndarray) -> float:
        """½ ‖h − target‖², the mean over the sequences."""
        return 0.5 * float(np.square(h - self.target).sum()) / len(self.target)

    def slope(self, h: np.ndarray) -> np.ndarray:
        """∂loss/∂h of the last step."""
        return (h - self.target) / len(self.target)


@dataclass(frozen=True)
class NextWord:
    """The loss is −log of the probability of the word that comes next, softmax(h V + b)[answer], in nats.

    `x` (words, 1, features) are the words read so far, `head` (units, vocabulary) is V, `offset` (vocabulary,) is b.
    """

    x: np.ndarray
    head: np.ndarray
    answer: int
    offset: np.ndarray | float = 0.0

    def probabilities(self, h: np.ndarray) -> np.ndarray:
        """softmax(h V + b), (vocabulary,)."""
        return softmax((h @ self.head + self.offset)[0])

    def loss(self, h: np.ndarray) -> float:
        """−log of the answer's probability."""
        return -float(np.log(self.probabilities(h)[self.answer]))

    def slope(self, h: np.ndarray) -> np.ndarray:
        """∂loss/∂h = (p − y) Vᵀ."""
        off = self.probabilities(h)
        off[self.answer] -= 1
        return (off @ self.head.T)[None]


@dataclass(frozen=True)
class Reach:
    """The way back through one network.

    Attributes
    ----------
    dh, dc : (time + 1, sequences, units), ∂loss/∂h_t and ∂loss/∂c_t for t = 0 … T; `dc` is None for a SimpleRNN
    gate : mean of the forget gate at each step (time,); of a SimpleRNN the mean of tanh′ = 1 − h²
    loss, weights, gradient : the loss, the weights, and ∂loss/∂weights
    along_f : as `dc`, but what came along the forget gates alone: ∂loss/∂c_T ⊙ f_T ⊙ … ⊙ f_{t+1}; None for a SimpleRNN
    kept : as `dc` for t = 0 … T − 1, what of ∂loss/∂c_t the last step back has brought: ∂loss/∂c_{t+1} ⊙ f_{t+1}
    """

    dh: np.ndarray
    dc: np.ndarray | None
    gate: np.ndarray
    loss: float
    weights: Weights
    gradient: Weights
    along_f: np.ndarray | None = None
    kept: np.ndarray | None = None

    @property
    def h_norms(self) -> np.ndarray:
        """‖∂loss/∂h_t‖ for t = 0 … T, over all sequences and units."""
        return _norms(self.dh)

    @property
    def c_norms(self) -> np.ndarray | None:
        """‖∂loss/∂c_t‖ for t = 0 … T, or None."""
        return None if self.dc is None else _norms(self.dc)

    @property
    def along_f_norms(self) -> np.ndarray | None:
        """‖what came along the forget gates alone‖ for t = 0 … T, or None."""
        return None if self.along_f is None else _norms(self.along_f)

    @property
    def other_norms(self) -> np.ndarray | None:
        """‖∂loss/∂c_t without what came along the forget gates alone‖: what has gone through h and the gates; or None."""
        return None if self.along_f is None else _norms(self.dc - self.along_f)

    @property
    def step_norms(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Of each single step back to t = 0 … T − 1: ‖what f brought‖ and ‖what h and the gates brought‖; or None."""
        return None if self.kept is None else (_norms(self.kept), _norms(self.dc[:-1] - self.kept))

    @property
    def state_norms(self) -> np.ndarray:
        """Those of the state that carries the memory: c where there is one, else h."""
        return self.h_norms if self.dc is None else self.c_norms

    @property
    def factors(self) -> np.ndarray:
        """By how much each step back stretched them, (time,): ‖∂loss/∂s_{t−1}‖ / ‖∂loss/∂s_t‖ for t = 1 … T."""
        norms = self.state_norms
        return np.divide(norms[:-1], norms[1:], out=np.zeros(len(norms) - 1), where=norms[1:] > 0)


def _norms(gradients: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(gradients).sum(axis=(1, 2)))


def problem(setting: Setting) -> Distance:
    """The sequences of a setting and their targets: uniform numbers from −1 to 1."""
    rng = np.random.default_rng([setting.seed, 0])
    x = rng.uniform(-1, 1, (setting.steps, SEQUENCES, FEATURES))
    return Distance(x, rng.uniform(-1, 1, (SEQUENCES, setting.units)))


def sentence(setting: Setting, words: Sequence[str], answer: str, features: int = 8) -> NextWord:
    """A sentence before anything was learnt: every word a random vector, equal words the same one."""
    vocabulary = sorted({*words, answer})
    rng = np.random.default_rng([setting.seed, 2])
    vectors = dict(zip(vocabulary, rng.normal(0, 0.5, (len(vocabulary), features))))
    head = initializers.draw("glorot_uniform", (setting.units, len(vocabulary)), rng)
    return NextWord(np.array([vectors[word] for word in words])[:, None], head, vocabulary.index(answer))


def weights(setting: Setting, kind: Literal["lstm", "rnn"], features: int = FEATURES) -> Weights:
    """A fresh network: kernel by Glorot, recurrent kernel orthogonal (each gate's by itself) times `scale`."""
    rng, n = np.random.default_rng([setting.seed, 1]), setting.units
    blocks = 4 if kind == "lstm" else 1
    kernel = np.concatenate([initializers.draw("glorot_uniform", (features, n), rng) for _ in range(blocks)], axis=1)
    recurrent = np.concatenate([initializers.draw("orthogonal", (n, n), rng) for _ in range(blocks)], axis=1)
    bias = np.zeros(blocks * n)
    if kind == "lstm":
        bias[n : 2 * n] = setting.forget_bias
    return Weights(kernel, setting.scale * recurrent, bias)


def reach(given: Weights, task: Problem) -> Reach:
    """Read the sequences with these weights, and send the gradient of the loss back to the first step."""
    is_lstm = given.kernel.shape[1] == 4 * given.recurrent_kernel.shape[0]
    return _through_lstm(given, task) if is_lstm else _through_rnn(given, task)


def _through_lstm(given: Weights, task: Problem) -> Reach:
    steps = cell.unroll(task.x, given.kernel, given.recurrent_kernel, given.bias)
    dh, dc = task.slope(steps[-1].h), np.zeros_like(steps[-1].c)
    total = [np.zeros_like(a) for a in vars(given).values()]
    dhs, dcs = [dh], []
    for step in reversed(steps):
        back = cell.backward(step, dh, dc, given.kernel, given.recurrent_kernel)
        dcs.append(back.c)  # with what c does through h
        for a, b in zip(total, (back.kernel, back.recurrent_kernel, back.bias)):
            a += b
        dh, dc = back.h_prev, back.c_prev
        dhs.append(dh)
    dcs.append(dc)  # before the first step there is no h that depends on c
    dc = np.array(dcs[::-1])  # (time + 1, sequences, units)
    f = np.array([step.f for step in steps])  # (time, sequences, units)
    later = np.cumprod(f[::-1], axis=0)[::-1]  # f_T ⊙ … ⊙ f_{t+1}
    along_f = np.concatenate([dc[-1] * later, dc[-1:]])
    gate = f.mean(axis=(1, 2))
    loss = task.loss(steps[-1].h)
    return Reach(np.array(dhs[::-1]), dc, gate, loss, given, Weights(*total), along_f, dc[1:] * f)


def _through_rnn(given: Weights, task: Problem) -> Reach:
    hs = rnn_unroll(given, task.x)
    dh, dhs = task.slope(hs[-1]), []
    total = [np.zeros_like(a) for a in vars(given).values()]
    for x, h, h_prev in zip(task.x[::-1], hs[:0:-1], hs[-2::-1]):
        dhs.append(dh)
        dz = dh * (1 - h**2)  # tanh′ = 1 − tanh²
        for a, b in zip(total, (x.T @ dz, h_prev.T @ dz, dz.sum(axis=0))):
            a += b
        dh = dz @ given.recurrent_kernel.T
    dhs.append(dh)
    slope = np.array([np.mean(1 - h**2) for h in hs[1:]])
    return Reach(np.array(dhs[::-1]), None, slope, task.loss(hs[-1]), given, Weights(*total))


def rnn_unroll(given: Weights, x: np.ndarray) -> list[np.ndarray]:
    """h_0 = 0, h_1 … h_T of a SimpleRNN that reads `x` (time, sequences, features)."""
    hs = [np.zeros((x.shape[1], given.recurrent_kernel.shape[0]))]
    for step in x:
        hs.append(np.tanh(step @ given.kernel + hs[-1] @ given.recurrent_kernel + given.bias))
    return hs


@dataclass(frozen=True)
class Verdict:
    """What the numbers say of a way back.

    Attributes
    ----------
    says : "vanishes", "explodes" or "reaches back"
    share : of the gradient at the last step, what arrives before the first
    per_step : the factor of one step, in the geometric mean
    after : steps back until `VANISHED` or `EXPLODED` was passed, or None
    """

    says: Literal["vanishes", "explodes", "reaches back"]
    share: float
    per_step: float
    after: int | None


def verdict(norms: np.ndarray) -> Verdict:
    """Judge norms for t = 0 … T by what becomes of the last one on its way to the first."""
    back = norms[::-1]
    share = float(back[-1] / back[0]) if back[0] > 0 else 0.0
    relative = back / back[0] if back[0] > 0 else np.zeros_like(back)
    per_step = share ** (1 / (len(back) - 1)) if share > 0 else 0.0
    if share <= VANISHED:
        return Verdict("vanishes", share, per_step, int(np.argmax(relative <= VANISHED)))
    if share >= EXPLODED:
        return Verdict("explodes", share, per_step, int(np.argmax(relative >= EXPLODED)))
    return Verdict("reaches back", share, per_step, None)


@dataclass(frozen=True)
class Clipping:
    """One step of gradient descent, with the gradient as it is and clipped by its norm.

    `norm` is the gradient's length and `factor` what it is multiplied with, min(1, limit / norm); `before`, `raw` and
    `clipped` are the loss before the step, after the step along the raw gradient, and after that along the clipped one.
    """

    norm: float
    factor: float
    before: float
    raw: float
    clipped: float


def clip_step(found: Reach, task: Problem, limit: float, learning_rate: float) -> Clipping:
    """What clipping at `limit` does to an update of weights ← weights − learning_rate · gradient, and to the loss."""
    norm = found.gradient.norm
    factor = min(1.0, limit / norm) if norm > 0 else 1.0

    def after(share: float) -> float:
        moved = found.weights.moved(found.gradient, -learning_rate * share)
        with np.errstate(over="ignore", invalid="ignore"):
            last = (
                rnn_unroll(moved, task.x)[-1]
                if found.dc is None
                else cell.unroll(task.x, moved.kernel, moved.recurrent_kernel, moved.bias)[-1].h
            )
        return task.loss(last)

    raw = after(1.0)
    return Clipping(norm, factor, found.loss, raw, after(factor) if factor < 1 else raw)
