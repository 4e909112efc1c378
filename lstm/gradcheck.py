"""Is every gradient right? Each is compared with a central difference of the loss, in float64.

    ∂loss/∂w ≈ (loss(w + ε) − loss(w − ε)) / 2ε

The error of that formula falls with ε² and the rounding error rises with 1/ε; around ε = 1e-5 a correct gradient
agrees to eight digits or more, and a wrong one to hardly any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from .attention import SelfAttention
from .bidirectional import Bidirectional
from .gru import GRU
from .layers import Dense, Dropout, Embedding, OneHot
from .min_lstm import MinLSTM
from .model import Sequential
from .packing import PackedSequence, Packing
from .recurrent import LSTM, Recurrent, SimpleRNN

TOLERANCE = 1e-6
EPSILON = 1e-5


@dataclass(frozen=True)
class Check:
    """One array of gradients, analytic and numeric, and how far they are apart."""

    case: str
    name: str
    analytic: np.ndarray
    numeric: np.ndarray

    @property
    def error(self) -> float:
        """‖analytic − numeric‖ / (‖analytic‖ + ‖numeric‖), 0 where both vanish."""
        size = float(np.linalg.norm(self.analytic) + np.linalg.norm(self.numeric))
        return 0.0 if size <= 1e-12 else float(np.linalg.norm(self.analytic - self.numeric)) / size

    @property
    def passed(self) -> bool:
        return bool(np.isfinite(self.error) and self.error <= TOLERANCE)

    def describe(self, most: int = 5) -> str:
        """A line, and on failure the elements that are furthest apart."""
        line = f"{self.case:<34} {self.name:<32} {self.analytic.size:>6}  {self.error:9.2e}  {'ok' if self.passed else 'WRONG'}"
        if self.passed:
            return line
        gap = np.abs(self.analytic - self.numeric).ravel()
        worst = np.argsort(-gap)[:most]
        pairs = "\n".join(
            f"      element {tuple(map(int, np.unravel_index(k, self.analytic.shape)))}: "
            f"analytic {self.analytic.ravel()[k]: .9e}, numeric {self.numeric.ravel()[k]: .9e}"
            for k in worst
        )
        return f"{line}\n{pairs}"


def numeric_gradient(loss: Callable[[], float], array: np.ndarray, epsilon: float = EPSILON) -> np.ndarray:
    """The central difference of `loss()` for every element of `array`, which is changed in place and restored."""
    gradient = np.zeros_like(array)
    for k in np.ndindex(array.shape):
        before = array[k]
        array[k] = before + epsilon
        above = loss()
        array[k] = before - epsilon
        below = loss()
        array[k] = before
        gradient[k] = (above - below) / (2 * epsilon)
    return gradient


def check_model(
    case: str, model: Sequential, x: np.ndarray, y: np.ndarray, epsilon: float = EPSILON
) -> Iterator[Check]:
    """Check every weight of a built and compiled float64 model on one batch. Dropout is off."""
    states = model.get_states()

    def loss() -> float:
        return model.loss_and_gradient(x, y, dropout=False, initial_states=states)["loss"]

    loss()
    analytic = [(layer, name, grad.copy()) for layer in model.layers for name, grad in layer.grads.items()]
    for layer, name, grad in analytic:
        yield Check(case, f"{layer.name}.{name}", grad, numeric_gradient(loss, layer.params[name], epsilon))


def check_recurrent(
    case: str, layer: Recurrent, x: np.ndarray, mask: np.ndarray | None = None, epsilon: float = EPSILON
) -> Iterator[Check]:
    """Check weights, input and initial states of one recurrent layer, in a loss over all outputs and final states."""
    rng = np.random.default_rng(1)
    batch, time, _ = x.shape
    layer.build(x.shape, rng, "float64")
    _spread(layer.params, rng)
    packing = Packing.full(batch, time) if mask is None else Packing.from_mask(mask)
    initial = [rng.normal(size=(batch, layer.units)) for _ in range(layer.states)]
    weight_out = rng.normal(size=(packing.rows if layer.return_sequences else batch, layer.units))
    weight_final = [rng.normal(size=(batch, layer.units)) for _ in range(layer.states)]

    def forward() -> tuple[float, object]:
        sequence = PackedSequence(packing.pack(x), packing)
        out, cache, [final] = layer.forward_with_states(sequence, True, None, [initial])
        rows = out.values if isinstance(out, PackedSequence) else out
        total = np.sum(rows * weight_out) + sum(np.sum(s * w) for s, w in zip(final, weight_final))
        return float(total), cache

    def loss() -> float:
        return forward()[0]

    dx, state_grads = layer.backward_with_states(forward()[1], weight_out, True, weight_final)
    dx = packing.unpack_gradient(dx)
    analytic = {name: grad.copy() for name, grad in layer.grads.items()}
    for name, grad in analytic.items():
        yield Check(case, name, grad, numeric_gradient(loss, layer.params[name], epsilon))
    yield Check(case, "input", dx, numeric_gradient(loss, x, epsilon))
    for name, state, grad in zip(("initial h", "initial c"), initial, state_grads):
        yield Check(case, name, grad, numeric_gradient(loss, state, epsilon))


def _spread(params: dict[str, np.ndarray], rng: np.random.Generator) -> None:
    """Weights large enough that no gate is near its linear middle, where mistakes could hide."""
    for value in params.values():
        value[...] = rng.normal(scale=0.6, size=value.shape)


def all_checks(epsilon: float = EPSILON) -> Iterator[Check]:
    """Every parameter, input and initial state of every layer: alone, stacked, masked, stateful."""
    rng = np.random.default_rng(0)
    holes = np.array([[0, 0, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 1, 0, 1], [0, 0, 0, 0, 0]], dtype=bool)
    for kind, options in ((LSTM, {}), (LSTM, {"activation": "relu"}), (SimpleRNN, {}), (GRU, {}), (MinLSTM, {})):
        for sequences in (True, False):
            for mask in (None, holes):
                label = kind.__name__ + (" relu" if options else "") + (" sequences" if sequences else " last step")
                label += ", masked" if mask is not None else ""
                layer = kind(3, return_sequences=sequences, **options)
                yield from check_recurrent(label, layer, rng.normal(size=(4, 5, 2)), mask, epsilon)

    crossentropy = "sparse_categorical_crossentropy"
    ids, next_ids = rng.integers(0, 6, (4, 5)), rng.integers(0, 6, (4, 5))
    padded = rng.integers(1, 6, (4, 5)) * holes
    labels, floats = rng.integers(0, 2, 4), rng.normal(size=(4, 5, 2))
    several = rng.normal(size=(4, 3))
    cases = [
        ("OneHot, LSTM, Dense", [OneHot(6), LSTM(3, return_sequences=True), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("OneHot, SimpleRNN, Dense", [OneHot(6), SimpleRNN(3, return_sequences=True), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("OneHot, Dense", [OneHot(6), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("stacked LSTM", [OneHot(6), LSTM(3, return_sequences=True), LSTM(4, return_sequences=True), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("Embedding, LSTM", [Embedding(6, 3), LSTM(3), Dense(1, "sigmoid")], "binary_crossentropy", ids, labels),
        ("masked Embedding, LSTM", [Embedding(6, 3, mask_zero=True), LSTM(3), Dense(1, "sigmoid")], "binary_crossentropy", padded, labels),
        ("masked, stacked, every step", [Embedding(6, 3, mask_zero=True), SimpleRNN(3, return_sequences=True), LSTM(3, return_sequences=True), Dense(6, "softmax")], crossentropy, padded, next_ids),
        ("Bidirectional LSTM", [Bidirectional(LSTM(3)), Dense(3)], "mse", floats, several),
        ("masked Bidirectional, stacked", [Embedding(6, 3, mask_zero=True), Bidirectional(LSTM(2, return_sequences=True)), Bidirectional(LSTM(3)), Dense(1, "sigmoid")], "binary_crossentropy", padded, labels),
        ("Bidirectional SimpleRNN, every step", [OneHot(6), Bidirectional(SimpleRNN(2, return_sequences=True)), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("stateful LSTM", [OneHot(6), LSTM(3, return_sequences=True, stateful=True), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("OneHot, GRU, Dense", [OneHot(6), GRU(3, return_sequences=True), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("masked Bidirectional GRU, stacked", [Embedding(6, 3, mask_zero=True), Bidirectional(GRU(2, return_sequences=True)), GRU(3), Dense(1, "sigmoid")], "binary_crossentropy", padded, labels),
        ("stateful GRU", [OneHot(6), GRU(3, return_sequences=True, stateful=True), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("OneHot, MinLSTM, stacked", [OneHot(6), MinLSTM(3, return_sequences=True), MinLSTM(4, return_sequences=True), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("masked Bidirectional MinLSTM", [Embedding(6, 3, mask_zero=True), Bidirectional(MinLSTM(3)), Dense(1, "sigmoid")], "binary_crossentropy", padded, labels),
        ("SelfAttention, last step", [SelfAttention(4, 2, 6), Dense(3)], "mse", floats, several),
        ("SelfAttention, every step", [OneHot(6), SelfAttention(4, 2, 5, return_sequences=True), Dense(6, "softmax")], crossentropy, ids, next_ids),
        ("masked SelfAttention, stacked", [Embedding(6, 3, mask_zero=True), SelfAttention(4, 1, 5, return_sequences=True), SelfAttention(6, 3, 5), Dense(1, "sigmoid")], "binary_crossentropy", padded, labels),
        ("LSTM, Dropout off, regression", [LSTM(3), Dropout(0.5), Dense(3)], "mse", floats, several),
        ("Dense tanh, relu, sigmoid, softmax", [Dense(4, "tanh"), Dense(5, "relu"), Dense(4, "sigmoid"), Dense(3, "softmax")], "mse", floats[:, 0], several),
    ]  # fmt: skip
    for case, layers, loss, x, y in cases:
        model = Sequential(layers, seed=3, dtype="float64")
        model.compile("sgd", loss)
        model.build((None, *x.shape[1:]))
        for layer in model.layers:
            _spread(layer.params, rng)
        if model.stateful:
            model.predict(x)  # so that there are states to start from
        yield from check_model(case, model, x, y, epsilon)


SMALL_MODELS = ("LSTM", "SimpleRNN", "Dense", "Embedding")
"""Layers that `small_model` puts into a network small enough to be checked while somebody waits."""


def small_model(layer: str, dtype: str = "float64", seed: int = 0) -> tuple[Sequential, np.ndarray, np.ndarray]:
    """A network around one layer of `SMALL_MODELS`, and a batch (x, y) for it."""
    if layer not in SMALL_MODELS:
        raise ValueError(f"layer must be one of {', '.join(SMALL_MODELS)}, got {layer!r}")
    rng = np.random.default_rng([seed, 0])
    x, y = rng.normal(size=(4, 5, 2)), rng.normal(size=(4, 1))
    stacks = {
        "LSTM": [LSTM(3), Dense(1)],
        "SimpleRNN": [SimpleRNN(3), Dense(1)],
        "Dense": [Dense(3, "tanh"), Dense(1)],
        "Embedding": [Embedding(6, 3), LSTM(3), Dense(1)],
    }
    x = {"Dense": x[:, 0], "Embedding": rng.integers(0, 6, (4, 5))}.get(layer, x)
    model = Sequential(stacks[layer], seed=seed, dtype=dtype)
    model.compile("sgd", "mse")
    model.build((None, *x.shape[1:]))
    for one in model.layers:
        _spread(one.params, rng)
    return model, x, y


def by_epsilon(model: Sequential, x: np.ndarray, y: np.ndarray, name: str, epsilons: Iterable[float]) -> list[Check]:
    """Check one weight of the model's first layer with several step sizes ε."""
    layer = model.layers[0]

    def loss() -> float:
        return model.loss_and_gradient(x, y, dropout=False)["loss"]

    loss()
    analytic = layer.grads[name].copy()
    return [Check(f"ε = {e:g}", name, analytic, numeric_gradient(loss, layer.params[name], e)) for e in epsilons]


def main(show: Callable[[str], None] = print) -> int:
    """Run all checks and show a table. Returns 0 if every gradient is right, else 1."""
    show(f"{'case':<34} {'gradient of':<32} {'size':>6}  {'rel. error':>9}")
    checks = []
    for check in all_checks():
        checks.append(check)
        show(check.describe())
    wrong = [c for c in checks if not c.passed]
    worst = max(checks, key=lambda c: c.error if np.isfinite(c.error) else np.inf)
    show(
        f"{len(checks)} arrays, {sum(c.analytic.size for c in checks)} numbers; largest relative error {worst.error:.2e}"
    )
    show(f"{len(wrong)} wrong (tolerance {TOLERANCE:g})" if wrong else f"all within {TOLERANCE:g}")
    return 1 if wrong else 0
