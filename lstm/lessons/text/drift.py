"""Why what a model writes drifts from the text it knows, though its loss is low: teacher forcing beside reading its own text.

In training a model reads the true text, whatever it would have said itself; that is teacher forcing (Williams & Zipser, 1989),
and the loss is measured the same way. When it writes, it reads what it wrote. Here it does both from the same beginnings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lstm.model import Sequential

PROMPT, LENGTH, STREAMS = 40, 100, 64
NEAR = 0.25
"""Nats within which two losses are called about the same."""


@dataclass(frozen=True)
class Drift:
    """What a model expects at each of the steps after its prompts. Step 0 has read the prompt alone, in both ways.

    true, own : (streams, steps), the symbols of the text, and those it wrote
    expects_true, expects_own : (streams, steps, symbols), its probabilities after reading the one or the other so far
    prompts : (streams, symbols of a prompt)
    by_frequency : nats a symbol of the text costs someone who knows only how often each stands in it
    """

    prompts: np.ndarray
    true: np.ndarray
    own: np.ndarray
    expects_true: np.ndarray
    expects_own: np.ndarray
    by_frequency: float

    @property
    def loss_true(self) -> np.ndarray:
        """(steps,), nats of the text's next symbol after reading the text: teacher forcing."""
        return _loss(self.expects_true, self.true)

    @property
    def loss_own(self) -> np.ndarray:
        """(steps,), nats of the same symbols after reading its own."""
        return _loss(self.expects_own, self.true)

    @property
    def together(self) -> np.ndarray:
        """(steps,), the share of streams whose own text has been the true one up to here."""
        same = np.cumprod(self.own == self.true, axis=1)
        return np.concatenate([[1.0], same.mean(axis=0)[:-1]])

    @property
    def entropies(self) -> tuple[float, float]:
        """Mean entropy of what it expects after reading the text, and its own, in nats, over the second half: how unsure it is."""
        half = len(self.loss_true) // 2
        return _entropy(self.expects_true[:, half:]), _entropy(self.expects_own[:, half:])

    @property
    def settled(self) -> tuple[float, float]:
        """Mean of `loss_true` and of `loss_own` over the second half of the steps."""
        half = len(self.loss_true) // 2
        return float(self.loss_true[half:].mean()), float(self.loss_own[half:].mean())


def drift(model: Sequential, ids: np.ndarray, seed: int = 0, length: int = LENGTH, prompt: int = PROMPT) -> Drift:
    """Let a model read a text and write on from the same beginnings, drawing from its probabilities as they are.

    Parameters
    ----------
    ids : the text, symbols as integers
    length, prompt : steps to follow, symbols read before

    Raises
    ------
    ValueError
        If the text is shorter than one prompt and what follows it.
    """
    if len(ids) < prompt + length:
        raise ValueError(f"the text has {len(ids):,} symbols that the model knows, and {prompt + length:,} are needed")
    starts = np.unique(np.linspace(0, len(ids) - prompt - length, STREAMS).astype(int))
    x = np.asarray(ids)[starts[:, None] + np.arange(prompt + length)]

    def read(symbols: np.ndarray, states: Any) -> tuple[np.ndarray, Any]:
        answers, states = model.predict(symbols, initial_states=states, return_states=True)
        return np.asarray(answers), states

    expects_true = read(x[:, :-1], model.zero_states())[0][:, prompt - 1 :]
    answers, states = read(x[:, :prompt], model.zero_states())
    rng, expects, own, p = np.random.default_rng(seed), [], [], answers[:, -1]
    for _ in range(length):
        expects.append(p)
        reached = p.cumsum(axis=1, dtype=np.float64)
        drawn = (reached <= rng.random((len(x), 1)) * reached[:, -1:]).sum(axis=1)
        own.append(np.minimum(drawn, p.shape[1] - 1))
        answers, states = read(own[-1][:, None], states)
        p = answers[:, 0]
    shares = np.bincount(ids) / len(ids)
    by_frequency = float(-np.log(shares[ids]).mean())
    return Drift(x[:, :prompt], x[:, prompt:], np.stack(own, 1), expects_true, np.stack(expects, 1), by_frequency)


def outcome(found: Drift) -> int:
    """What the text's symbols cost once it reads its own: about as much as before (0), more (1), as much as by frequency (2)."""
    true, own = found.settled
    if own <= true + NEAR:
        return 0
    return 2 if own >= found.by_frequency - NEAR else 1


def in_words(found: Drift, symbol: str) -> str:
    """The same in sentences, all from the numbers; `symbol` is "character" or "word"."""
    (true, own), (sure_true, sure_own), half = found.settled, found.entropies, found.true.shape[1] // 2
    streams, steps = len(found.true), min(10, found.true.shape[1] - 1)
    same = round(float(found.together[steps]) * streams)
    drifted = (
        f"{'hardly' if own > true else 'no'} more than reading the text ({true:.2f})",
        f"more than reading the text ({true:.2f}), and less than guessing by frequency ({found.by_frequency:.2f})",
        f"where reading the text costs {true:.2f}: as much as guessing by frequency ({found.by_frequency:.2f}), or more",
    )[outcome(found)]
    apart = sure_own - sure_true
    unsure = "about as unsure" if abs(apart) < NEAR else "more unsure" if apart > 0 else "surer"
    return (
        f"From {half} {symbol}s on, with what it wrote behind it, the text's next {symbol} costs it {own:.2f} nats, {drifted}. "
        f"{same} of {streams} beginnings still went as the text does after {steps} {symbol}s. It is {unsure} of what comes next meanwhile: "
        f"entropy {sure_own:.2f} nats, and {sure_true:.2f} reading the text."
    )


def _loss(expects: np.ndarray, symbols: np.ndarray) -> np.ndarray:
    given = np.take_along_axis(expects, symbols[..., None], axis=-1)[..., 0]
    return -np.log(np.maximum(given, 1e-30)).mean(axis=0, dtype=np.float64)


def _entropy(expects: np.ndarray) -> float:
    return float(-(expects * np.log(np.maximum(expects, 1e-30))).sum(axis=-1, dtype=np.float64).mean())
