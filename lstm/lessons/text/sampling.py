"""Writing with a trained model: one symbol at a time, each drawn from what the network expects next.

`Writer` carries the states from symbol to symbol, so a step costs the same however long the text is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import cache
from typing import Any

import numpy as np

from lstm.gru import GRU
from lstm.kernels import split_gates
from lstm.layers import Dense, Dropout, Embedding, OneHot, States, activate, check_ids, positive_integer, softmax
from lstm.model import Sequential
from lstm.recurrent import LSTM, Recurrent, SimpleRNN

MAX_LENGTH = 100_000
Look = Callable[[int, np.ndarray], None]


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
            p = softmax((log_p - log_p.max()) / temperature)
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
    """A model prepared to read and write one symbol at a time.

    For models that read one integer a step (OneHot or Embedding first, every step an output). The weights are copied
    into the shapes that suit products with single vectors; training the model further does not change a writer. States come
    in and go out as in `Sequential.predict`, for a batch of one, and nothing else is kept: one writer serves any number of
    streams, in any number of threads.
    """

    def __init__(self, model: Sequential) -> None:
        first = model.layers[0] if model.layers else None
        if not isinstance(first, (OneHot, Embedding)) or len(model.output_shape or ()) != 3:
            raise ValueError("writing needs a model that reads one symbol a step and predicts the next")
        self.symbols = first.depth if isinstance(first, OneHot) else first.input_dim
        self._check_states = model.check_states
        self._zeros = [layer.zero_states(1) for layer in model.recurrent_layers]
        lookup = None if isinstance(first, OneHot) else first.params["embeddings"].copy()
        one_hot = lookup is None
        self._steps: list[tuple[bool, Callable]] = [] if one_hot else [(False, lambda symbol: lookup[symbol])]
        for layer in model.layers[1:]:
            if isinstance(layer, Dropout):
                continue
            for kind, stepper in _STEPPERS.items():
                if isinstance(layer, kind):
                    self._steps.append((isinstance(layer, Recurrent), stepper(layer, one_hot)))
                    break
            else:
                raise ValueError(f"writing goes forward, one symbol after the other: it has no use for {type(layer).__name__}")
            one_hot = False

    def read(self, symbols: np.ndarray, initial_states: States | None = None) -> tuple[np.ndarray, States]:
        """Read symbols, at least one, each of them checked.

        Returns
        -------
        The probabilities (symbols,) of the next one, and the states after the last
        """
        if len(symbols) == 0:
            raise ValueError("the prompt must hold at least one symbol, got none")
        if initial_states is not None:
            self._check_states(initial_states, 1)
        states = [given or zeros for given, zeros in zip(initial_states or self._zeros, self._zeros)]
        for symbol in check_ids([symbols], self.symbols, "the model")[0]:
            probabilities, states = self.step(int(symbol), states)
        return probabilities, states

    def step(self, symbol: int, states: States) -> tuple[np.ndarray, States]:
        """Read one symbol from `states`, as `read` returned them: the probabilities (symbols,) of the next, and new states."""
        signal: Any = symbol
        given, final = iter(states), []
        for recurrent, step in self._steps:
            if recurrent:
                signal, ended = step(signal, next(given))
                final.append(ended)
            else:
                signal = step(signal)
        return signal, final


def _lstm_stepper(layer: LSTM, one_hot: bool) -> Callable[[Any, list[np.ndarray]], tuple[np.ndarray, list[np.ndarray]]]:
    """The equations of `cell.py` for one vector, gates in the order o, i, f, g and side by side."""
    n = layer.units
    kernel, recurrent, bias = layer.get_weights()
    halves = np.repeat(np.array([0.5, 0.5, 0.5, 1.0], kernel.dtype), n)  # as in `kernels.py`: one tanh for all gates
    flat = [np.concatenate(list(split_gates(w)), axis=-1) * halves for w in (kernel, recurrent, bias)]
    w, u, b = flat[0], np.ascontiguousarray(flat[1].T), flat[2]
    table = w + b if one_hot else np.ascontiguousarray(w.T)
    half = w.dtype.type(0.5)
    relu = layer.activation == "relu"

    def step(x: Any, state: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        h_prev, c_prev = state
        z = np.dot(u, h_prev[0])
        if one_hot:
            np.add(z, table[x], out=z)
        else:
            np.add(z, np.dot(table, x), out=z)
            np.add(z, b, out=z)
        sigmoids, o, i, f, g = z[: 3 * n], z[:n], z[n : 2 * n], z[2 * n : 3 * n], z[3 * n :]
        if relu:
            np.tanh(sigmoids, out=sigmoids)
            np.maximum(g, 0, out=g)
        else:
            np.tanh(z, out=z)
        np.multiply(sigmoids, half, out=sigmoids)
        np.add(sigmoids, half, out=sigmoids)
        c = c_prev * f  # (1, n)
        np.multiply(i, g, out=i)
        np.add(c, i, out=c)
        h = np.maximum(c, 0) if relu else np.tanh(c)
        np.multiply(h, o, out=h)
        return h[0], [h, c]

    return step


def _rnn_stepper(layer: SimpleRNN, one_hot: bool) -> Callable[[Any, list[np.ndarray]], tuple[np.ndarray, list[np.ndarray]]]:
    kernel, recurrent, bias = layer.get_weights()
    w, u = (kernel + bias, recurrent.T.copy()) if one_hot else (kernel.T.copy(), recurrent.T.copy())

    def step(x: Any, state: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        z = np.dot(u, state[0][0])
        z += w[x] if one_hot else w @ x + bias
        h = np.tanh(z, out=z)
        return h, [h[None]]

    return step


def _gru_stepper(layer: GRU, one_hot: bool) -> Callable[[Any, list[np.ndarray]], tuple[np.ndarray, list[np.ndarray]]]:
    """The equations of `gru_cell.py` for one vector, gates in the order z, r, g and side by side."""
    kernel, recurrent, (b, c) = layer.get_weights()
    n, half = layer.units, kernel.dtype.type(0.5)
    table, u = (kernel + b if one_hot else kernel.T.copy()), recurrent.T.copy()

    def step(x: Any, state: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        h_prev = state[0][0]
        from_x = table[x] if one_hot else table @ x + b
        from_h = np.dot(u, h_prev)
        from_h += c
        z, r = (half * np.tanh(half * (from_x[part] + from_h[part])) + half for part in (slice(0, n), slice(n, 2 * n)))
        g = np.tanh(from_x[2 * n :] + r * from_h[2 * n :])
        h = g + z * (h_prev - g)
        return h, [h[None]]

    return step


def _dense_stepper(layer: Dense, one_hot: bool) -> Callable[[Any], np.ndarray]:
    kernel, bias = layer.get_weights()
    w = kernel + bias if one_hot else np.ascontiguousarray(kernel.T)

    def step(x: Any) -> np.ndarray:
        if one_hot:
            return activate(layer.activation, w[x].copy())
        z = np.dot(w, x)
        return activate(layer.activation, np.add(z, bias, out=z))

    return step


_STEPPERS: dict[type, Callable] = {LSTM: _lstm_stepper, GRU: _gru_stepper, SimpleRNN: _rnn_stepper, Dense: _dense_stepper}


def write(
    model: Sequential,
    prompt: np.ndarray,
    length: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int | np.random.Generator | None = None,
    initial_states: States | None = None,
    look: Look | None = None,
) -> Generator[int, None, States]:
    """Read `prompt` (symbols as integers, at least one) and yield `length` further symbols, one by one.

    Starts from `initial_states`, as `Sequential.predict` takes them for a batch of one, or from zeros. The generator's return
    value is the states before its last symbol was read: with that symbol as the prompt, they go on where it stopped.
    `look` sees every symbol before it is yielded, and the probabilities (symbols,) it was drawn from.
    """
    check_settings(temperature, top_k, top_p)
    if positive_integer(length, "length") > MAX_LENGTH:
        raise ValueError(f"length must be at most {MAX_LENGTH:,}, got {length:,}")
    writer = Writer(model)
    p, states = writer.read(prompt, initial_states)
    return _write(writer, p, states, length, temperature, top_k, top_p, np.random.default_rng(seed), look)


def _write(writer, p, states, length, temperature, top_k, top_p, rng, look) -> Generator[int, None, States]:
    plain = temperature == 1 and top_k is None and top_p is None
    uniform: list[float] = []
    for written in range(1, length + 1):
        if not plain:
            p = adjust(p, temperature, top_k, top_p)
        if not uniform:
            uniform = rng.random(1024).tolist()
        reached = p.cumsum()
        symbol = min(int(reached.searchsorted(uniform.pop() * reached[-1], side="right")), len(reached) - 1)
        if look is not None:
            look(symbol, p)
        yield symbol
        if written < length:
            p, states = writer.step(symbol, states)
    return states


def generate(
    model: Sequential,
    vocabulary: Any,
    prompt: str,
    length: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    initial_states: States | None = None,
    look: Look | None = None,
) -> Generator[str, None, States]:
    """Continue `prompt` by `length` characters (or words), streamed piece by piece.

    Parameters
    ----------
    vocabulary : what the model was trained with (see `text.py`)
    prompt : any text of known symbols; empty starts with the vocabulary's newline or its first symbol
    temperature, top_k, top_p : see `adjust`
    seed : the same seed writes the same text
    initial_states, look : see `write`; the final states are this generator's return value too

    Raises
    ------
    ValueError
        If a setting is out of range, or the prompt holds something the vocabulary lacks (it is named).
    """
    ids = vocabulary.encode(prompt) if prompt else np.zeros(0, np.int32)
    if len(ids) == 0:
        ids = vocabulary.encode("\n") if "\n" in vocabulary.tokens else np.zeros(1, np.int32)
    before = int(ids[-1]) if prompt else None
    return _spelt(write(model, ids, length, temperature, top_k, top_p, seed, initial_states, look), vocabulary, before)


def _spelt(
    symbols: Generator[int, None, States], vocabulary: Any, before: int | None
) -> Generator[str, None, States]:
    """Each symbol as it is written after the one before it."""
    decoded = cache(lambda symbol: vocabulary.decode([symbol]))
    while True:
        try:
            symbol = next(symbols)
        except StopIteration as end:
            return end.value
        yield vocabulary.between(before, symbol) + decoded(symbol)
        before = symbol


def next_symbol_probabilities(model: Sequential, ids: np.ndarray, initial_states: States | None = None) -> np.ndarray:
    """What the model expects after reading `ids` from these states (or from zeros): (symbols,)."""
    return Writer(model).read(ids, initial_states)[0]
