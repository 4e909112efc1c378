"""Writing with a trained model: one symbol at a time, each drawn from what the network expects next.

`Writer` carries the states from symbol to symbol, so a step costs the same however long the text is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lstm.kernels import split_gates
from lstm.layers import Dense, Dropout, Embedding, OneHot, activate, check_ids, positive_integer
from lstm.model import Sequential
from lstm.recurrent import LSTM, SimpleRNN

MAX_LENGTH = 100_000


def adjust(
    probabilities: np.ndarray, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> np.ndarray:
    """Reshape a distribution before drawing from it.

    Parameters
    ----------
    probabilities : (symbols,), summing to 1
    temperature : p ∝ p^(1/T). Below 1 the likely becomes likelier, at 0 only the likeliest is left
    top_k : keep the k likeliest
    top_p : keep the likeliest until together they reach this share ("nucleus", Holtzman et al. 2020)

    Returns
    -------
    (symbols,), float64, summing to 1; top_k and top_p apply after the temperature

    Raises
    ------
    ValueError
        If a setting is out of range.
    """
    check_settings(temperature, top_k, top_p)
    p = np.asarray(probabilities, np.float64)
    if temperature == 0:
        out = np.zeros_like(p)
        out[p.argmax()] = 1.0
        return out
    if temperature != 1:
        log_p = np.log(np.maximum(p, 1e-300))
        with np.errstate(over="ignore"):  # close to 0 the less likely end at minus infinity, which is probability 0
            p = np.exp((log_p - log_p.max()) / temperature)
    p = p / p.sum()
    if top_k is not None and top_k < len(p):
        keep = np.argpartition(-p, top_k - 1)[:top_k]
        cut = np.zeros_like(p)
        cut[keep] = p[keep]
        p = cut / cut.sum()
    if top_p is not None and top_p < 1:
        order = np.argsort(-p, kind="stable")
        reached = np.cumsum(p[order])
        keep = order[: int(np.searchsorted(reached, top_p)) + 1]  # always at least the likeliest
        cut = np.zeros_like(p)
        cut[keep] = p[keep]
        p = cut / cut.sum()
    return p


def check_settings(temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Raise ValueError if a sampling setting is out of range."""
    if not _number(temperature) or not 0 <= temperature <= 10:
        raise ValueError(f"temperature must be from 0 to 10, got {temperature!r}")
    if top_k is not None:
        positive_integer(top_k, "top_k")
    if top_p is not None and (not _number(top_p) or not 0 < top_p <= 1):
        raise ValueError(f"top_p must be above 0 and at most 1, got {top_p!r}")


def _number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


class Writer:
    """One stream of symbols through a model, states carried, nothing else kept.

    For models that read one integer a step (OneHot or Embedding first, every step an output). The weights are copied
    into the shapes that suit products with single vectors; training the model further does not change a writer.
    """

    def __init__(self, model: Sequential) -> None:
        first = model.layers[0] if model.layers else None
        if not isinstance(first, (OneHot, Embedding)) or len(model.output_shape or ()) != 3:
            raise ValueError("writing needs a model that reads one symbol a step and predicts the next")
        self.symbols = first.depth if isinstance(first, OneHot) else first.input_dim
        lookup = None if isinstance(first, OneHot) else first.params["embeddings"].copy()
        self._steps: list[Callable[[Any], Any]] = []
        if lookup is not None:
            self._steps.append(lambda symbol: lookup[symbol])
        one_hot = lookup is None
        for layer in model.layers[1:]:
            if isinstance(layer, LSTM):
                self._steps.append(_lstm_stepper(layer, one_hot))
            elif isinstance(layer, SimpleRNN):
                self._steps.append(_rnn_stepper(layer, one_hot))
            elif isinstance(layer, Dense):
                self._steps.append(_dense_stepper(layer, one_hot))
            elif not isinstance(layer, Dropout):
                raise ValueError(f"writing goes forward, one symbol after the other: it has no use for {type(layer).__name__}")
            one_hot = one_hot and isinstance(layer, Dropout)

    def read(self, symbols: np.ndarray) -> np.ndarray:
        """Read symbols, at least one, each of them checked; return the probabilities (symbols,) of the next."""
        if len(symbols) == 0:
            raise ValueError("the prompt must hold at least one symbol, got none")
        for symbol in check_ids([symbols], self.symbols, "the model")[0]:
            probabilities = self.step(int(symbol))
        return probabilities

    def step(self, symbol: int) -> np.ndarray:
        """Read one symbol; return the probabilities (symbols,) of the next."""
        signal: Any = symbol
        for step in self._steps:
            signal = step(signal)
        return signal


def _lstm_stepper(layer: LSTM, one_hot: bool) -> Callable[[Any], np.ndarray]:
    """The equations of `cell.py` for one vector, gates in the order o, i, f, g and side by side."""
    n = layer.units
    kernel, recurrent, bias = layer.get_weights()
    halves = np.repeat(np.array([0.5, 0.5, 0.5, 1.0], kernel.dtype), n)  # as in `kernels.py`: one tanh for all gates
    flat = [np.concatenate(list(split_gates(w)), axis=-1) * halves for w in (kernel, recurrent, bias)]
    w, u, b = flat[0], np.ascontiguousarray(flat[1].T), flat[2]
    table = w + b if one_hot else np.ascontiguousarray(w.T)
    h, c, z = np.zeros(n, w.dtype), np.zeros(n, w.dtype), np.zeros(4 * n, w.dtype)
    sigmoids, o, i, f, g = z[: 3 * n], z[:n], z[n : 2 * n], z[2 * n : 3 * n], z[3 * n :]
    written = np.zeros(n, w.dtype)
    half = w.dtype.type(0.5)
    relu = layer.activation == "relu"

    def step(x: Any) -> np.ndarray:
        np.dot(u, h, out=z)
        if one_hot:
            np.add(z, table[x], out=z)
        else:
            np.add(z, table @ x, out=z)
            np.add(z, b, out=z)
        if relu:
            np.tanh(sigmoids, out=sigmoids)
            np.maximum(g, 0, out=g)
        else:
            np.tanh(z, out=z)
        np.multiply(sigmoids, half, out=sigmoids)
        np.add(sigmoids, half, out=sigmoids)
        np.multiply(c, f, out=c)
        np.multiply(i, g, out=written)
        np.add(c, written, out=c)
        np.maximum(c, 0, out=written) if relu else np.tanh(c, out=written)
        np.multiply(o, written, out=h)
        return h

    return step


def _rnn_stepper(layer: SimpleRNN, one_hot: bool) -> Callable[[Any], np.ndarray]:
    kernel, recurrent, bias = layer.get_weights()
    w, u = (kernel + bias, recurrent.T.copy()) if one_hot else (kernel.T.copy(), recurrent.T.copy())
    h = np.zeros(layer.units, kernel.dtype)

    def step(x: Any) -> np.ndarray:
        z = u @ h
        z += w[x] if one_hot else w @ x + bias
        np.tanh(z, out=h)
        return h

    return step


def _dense_stepper(layer: Dense, one_hot: bool) -> Callable[[Any], np.ndarray]:
    kernel, bias = layer.get_weights()
    w = kernel + bias if one_hot else np.ascontiguousarray(kernel.T)

    def step(x: Any) -> np.ndarray:
        z = w[x].copy() if one_hot else np.dot(w, x)
        if not one_hot:
            np.add(z, bias, out=z)
        if layer.activation == "softmax":
            np.subtract(z, z.max(), out=z)
            np.exp(z, out=z)
            np.multiply(z, 1 / z.sum(), out=z)
            return z
        return activate(layer.activation, z)

    return step


def write(
    model: Sequential,
    prompt: np.ndarray,
    length: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int | np.random.Generator | None = None,
) -> Iterator[int]:
    """Read `prompt` (symbols as integers, at least one) and yield `length` further symbols, one by one."""
    check_settings(temperature, top_k, top_p)
    if positive_integer(length, "length") > MAX_LENGTH:
        raise ValueError(f"length must be at most {MAX_LENGTH:,}, got {length:,}")
    writer = Writer(model)
    return _write(writer, writer.read(prompt), length, temperature, top_k, top_p, np.random.default_rng(seed))


def _write(writer, p, length, temperature, top_k, top_p, rng) -> Iterator[int]:
    plain = temperature == 1 and top_k is None and top_p is None
    uniform: list[float] = []
    for _ in range(length):
        if not plain:
            p = adjust(p, temperature, top_k, top_p)
        if not uniform:
            uniform = rng.random(1024).tolist()
        reached = p.cumsum()
        symbol = min(int(reached.searchsorted(uniform.pop() * reached[-1], side="right")), len(reached) - 1)
        yield symbol
        p = writer.step(symbol)


def generate(
    model: Sequential,
    vocabulary: Any,
    prompt: str,
    length: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
) -> Iterator[str]:
    """Continue `prompt` by `length` characters (or words), streamed piece by piece.

    Parameters
    ----------
    vocabulary : what the model was trained with (see `text.py`)
    prompt : any text of known symbols; empty starts with the vocabulary's newline or its first symbol
    temperature, top_k, top_p : see `adjust`
    seed : the same seed writes the same text

    Raises
    ------
    ValueError
        If a setting is out of range, or the prompt holds something the vocabulary lacks (it is named).
    """
    ids = vocabulary.encode(prompt) if prompt else np.zeros(0, np.int32)
    if len(ids) == 0:
        ids = vocabulary.encode("\n") if "\n" in vocabulary.tokens else np.zeros(1, np.int32)
    symbols = write(model, ids, length, temperature, top_k, top_p, seed)
    between = getattr(vocabulary, "separator", "")
    return (between + vocabulary.decode([symbol]) for symbol in symbols)


def next_symbol_probabilities(model: Sequential, ids: np.ndarray) -> np.ndarray:
    """What the model expects after reading `ids`: (symbols,)."""
    return Writer(model).read(ids).copy()
