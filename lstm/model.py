"""`Sequential`: a stack of layers with one loss. Its public face is that of Keras 3.

Training loops live in `training.py`, files in `storage.py`; here are the passes forward and backward through a stack.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from . import losses, optimizers, parallel
from .batches import Batches, as_batches
from .layers import Dense, Layer, Signal, positive_integer, whole_numbers
from .packing import Packing, Sequence
from .recurrent import Recurrent

if TYPE_CHECKING:
    from pathlib import Path

    from .training import History, Progress

METRICS = ("accuracy",)


class Sequential:
    """A stack of layers.

    Parameters
    ----------
    layers : from input to output
    seed : every random draw of the model (weights, dropout, shuffling) follows from it
    dtype : "float32", or "float64" for gradient checks

    Attributes
    ----------
    metadata : a dict of JSON values that `save` writes into the file and `load_model` brings back
    """

    def __init__(self, layers: list[Layer] | None = None, seed: int = 0, dtype: str = "float32") -> None:
        if dtype not in ("float32", "float64"):
            raise ValueError(f'dtype must be "float32" or "float64", got {dtype!r}')
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise ValueError(f"seed must be an integer of 0 or more, got {seed!r}")
        self.layers: list[Layer] = []
        self.seed, self.dtype = int(seed), dtype
        self.metadata: dict[str, Any] = {}
        self.input_shape: tuple[int | None, ...] | None = None
        self.output_shape: tuple[int | None, ...] | None = None
        self.optimizer: optimizers.Optimizer | None = None
        self.loss: str | None = None
        self.metrics: list[str] = []
        self.weights_vector = self.gradient_vector = np.zeros(0, dtype)
        self._parts: parallel.Parts | None = None
        # Separate streams: how many draws one of them takes never shifts another.
        self.dropout_rng, self.shuffle_rng = (np.random.default_rng([self.seed, stream]) for stream in (1, 2))
        for layer in layers or []:
            self.add(layer)

    def add(self, layer: Layer) -> None:
        """Put a layer on top. Raises ValueError if it cannot stand there."""
        if not isinstance(layer, Layer):
            raise ValueError(f"layers must be layers of this package, got {type(layer).__name__}")
        if self.input_shape is not None:
            raise ValueError("layers can only be added before the model is built")
        if any(layer is other for other in self.layers):
            raise ValueError("the same layer cannot stand twice in a model: make a second one")
        if isinstance(layer, Recurrent) and layer.return_state:
            raise ValueError("return_state is for a layer called on its own: a Sequential passes one output on")
        if self.layers and layer.takes_ids:
            raise ValueError(f"{type(layer).__name__} reads integers and can only be the first layer")
        kind = type(layer).__name__.lower()
        same = sum(type(other) is type(layer) for other in self.layers)
        layer.name = f"{kind}_{same}" if same else kind
        self.layers.append(layer)

    # Building --------------------------------------------------------------------------------------------------
    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for inputs of `input_shape`, (batch, time), (batch, time, features) or (batch, features).

        The batch (and time) may be None. Weights are drawn from the seed.
        """
        self._build(input_shape)

    def _build(
        self, input_shape: tuple[int | None, ...], draw: bool = True, weights: np.ndarray | None = None
    ) -> None:
        """`build`; without `draw` the weights stay as they are: zero, or those of the vector `weights`, now shared."""
        if not self.layers:
            raise ValueError("a model needs at least one layer")
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) not in (2, 3):
            raise ValueError(f"input_shape must have 2 or 3 entries, the batch first, got {input_shape!r}")
        for n in input_shape:
            if n is not None:
                positive_integer(n, "every entry of input_shape that is not None")
        shape, all_shapes = tuple(input_shape), []
        if self.layers[0].takes_ids and len(shape) != 2:
            raise ValueError(f"{type(self.layers[0]).__name__} expects an input of shape (batch, time), got {shape}")
        for layer in self.layers:
            all_shapes.append(layer.weight_shapes(shape))
            shape = layer.output_shape(shape)
        size = sum(int(np.prod(s)) for shapes in all_shapes for s in shapes.values())
        self.weights_vector = np.zeros(size, self.dtype) if weights is None else weights
        self.gradient_vector = np.zeros(size, self.dtype)
        self.gradient_parts: list[np.ndarray] = []
        init_rng, at = np.random.default_rng([self.seed, 0]), 0
        for layer, shapes in zip(self.layers, all_shapes):
            params, grads = {}, {}
            for name, s in shapes.items():
                stop = at + int(np.prod(s))
                params[name] = self.weights_vector[at:stop].reshape(s)
                grads[name] = self.gradient_vector[at:stop].reshape(s)
                at = stop
            layer.bind(params, grads)
            if draw:
                layer.initialise(init_rng)
            self.gradient_parts += grads.values()
        self.input_shape, self.output_shape = tuple(input_shape), shape

    def adopt(self, model: Sequential) -> None:
        """Become a stand-in for a built model of the same layers: its weights, gradients of one's own."""
        self._build(model.input_shape, draw=False, weights=model.weights_vector)

    def compile(
        self, optimizer: str | optimizers.Optimizer = "adam", loss: str = "mse", metrics: list[str] | None = None
    ) -> None:
        """Choose how to train: an optimizer, one of the losses in `losses.py`, and `["accuracy"]` or nothing."""
        if not isinstance(loss, str) or loss not in losses.LOSSES:
            raise ValueError(f"loss must be one of {', '.join(losses.LOSSES)}, got {loss!r}")
        if unknown := [m for m in metrics or [] if m not in METRICS]:
            raise ValueError(f"metrics may hold {', '.join(METRICS)}, got {unknown[0]!r}")
        wanted = losses.FUSED_ACTIVATION.get(loss)
        last = self.layers[-1] if self.layers else None
        if wanted and not (isinstance(last, Dense) and last.activation == wanted):
            raise ValueError(f'{loss} needs a last layer Dense(…, activation="{wanted}")')
        if metrics and not wanted:
            raise ValueError(f"accuracy needs a loss over classes, got {loss!r}")
        self.optimizer, self.loss, self.metrics = optimizers.get(optimizer), loss, list(metrics or [])

    def __getstate__(self) -> dict[str, Any]:
        """Weights are stored once: layers hold views, which a copy would turn into arrays of their own."""
        weights = self.weights_vector
        state = {k: v for k, v in self.__dict__.items() if k not in ("weights_vector", "gradient_vector", "gradient_parts", "_parts")}
        state["layers"] = [(type(layer), layer.get_config(), getattr(layer, "state", None)) for layer in self.layers]
        return {**state, "weights": weights}

    def __setstate__(self, state: dict[str, Any]) -> None:
        weights, layers = state.pop("weights"), state.pop("layers")
        self.__dict__.update(state, layers=[], _parts=None, weights_vector=np.zeros(0), gradient_vector=np.zeros(0))
        input_shape, self.input_shape = self.input_shape, None
        for kind, config, layer_state in layers:
            self.add(kind(**config))
            if layer_state is not None:
                self.layers[-1].state = layer_state
        if input_shape is not None:
            self._build(input_shape, draw=False)
            self.weights_vector[...] = weights

    # Passes ----------------------------------------------------------------------------------------------------
    def _enter(self, x: np.ndarray) -> Signal:
        """Check an input, build the model if this is its first, and put it into the form that flows between layers."""
        x = np.asarray(x)
        if x.dtype.kind not in "biuf":
            raise ValueError(f"x must hold numbers, got {x.dtype}")
        if self.input_shape is None:
            self.build((None, *x.shape[1:]))
        if x.ndim != len(self.input_shape):
            raise ValueError(f"the model expects {len(self.input_shape)} dimensions {self.input_shape}, got shape {x.shape}")
        if self.layers[0].takes_ids:
            return x
        if x.shape[-1] != self.input_shape[-1]:
            raise ValueError(f"the model expects {self.input_shape[-1]} features, got {x.shape[-1]}")
        x = np.asarray(x, self.dtype)
        if x.ndim == 3:
            packing = Packing.full(*x.shape[:2])
            return Sequence(packing.pack(x), packing)
        return x

    def _forward(self, x: np.ndarray, training: bool, dropout: bool, fused: bool) -> tuple[Signal, list[Any]]:
        """Through all layers; with `fused`, the last layer's activation is left to the loss."""
        signal, kept = self._enter(x), []
        rng = self.dropout_rng if dropout else None
        for layer in self.layers[:-1] if fused else self.layers:
            signal, keep = layer.forward(signal, training, rng)
            kept.append(keep)
        if fused:
            last: Dense = self.layers[-1]
            kept.append(signal)
            out = last.linear(signal)
            signal = Sequence(out, signal.packing) if isinstance(signal, Sequence) else out
        return signal, kept

    def _targets(self, out: Signal, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Output rows and the targets that belong to them."""
        y = np.asarray(y)
        rows = out.values if isinstance(out, Sequence) else out
        if isinstance(out, Sequence):
            expected: tuple[int, ...] = (out.packing.batch, out.packing.time)
            if y.shape[:2] != expected:
                raise ValueError(f"y must begin with shape {expected}, as the model gives one output a step, got {y.shape}")
            y = out.packing.pack(y)
        elif y.ndim == 0 or len(y) != len(rows):
            raise ValueError(f"y must hold {len(rows)} targets, got shape {y.shape}")
        if y.dtype.kind not in "biuf":
            raise ValueError(f"y must hold numbers, got {y.dtype}")
        if self.loss == "sparse_categorical_crossentropy":
            if y.size != len(rows):
                raise ValueError(f"y must hold one class for each of {len(rows)} outputs, got shape {y.shape}")
            y = whole_numbers(y, "y").reshape(len(rows))
            if y.size and (y.min() < 0 or y.max() >= rows.shape[1]):
                raise ValueError(f"y must hold classes from 0 to {rows.shape[1] - 1}, got {y.min()} to {y.max()}")
            return rows, y
        if y.size != rows.size:
            raise ValueError(f"y must have the shape of the output {rows.shape}, got {y.shape}")
        return rows, y.reshape(rows.shape).astype(rows.dtype)

    def _hits(self, rows: np.ndarray, y: np.ndarray) -> float:
        """The share of rows whose class is right, from what the last layer gave before its activation."""
        if not rows.size:
            return 0.0
        if self.loss == "binary_crossentropy":
            return float(np.mean((rows > 0) == (y > 0.5)))
        return float(np.mean(rows.argmax(axis=1) == y))

    def loss_and_gradient(self, x: np.ndarray, y: np.ndarray, dropout: bool = True) -> dict[str, float]:
        """One pass forward and backward: fills `gradient_vector`, returns the loss and metrics by name.

        A large batch is computed in two halves at once where there are two cores, see `parallel.py`.
        """
        self._need_compiled()
        if self.input_shape is not None and np.ndim(y) and len(x) == len(y) and parallel.pays(self, len(x)):
            if self._parts is None or self._parts.weights is not self.weights_vector:
                self._parts = parallel.Parts(self)
            return self._parts.loss_and_gradient(self, x, y, dropout)
        with parallel.one_blas_thread():
            return self.rows_and_logs(x, y, dropout)[1]

    def rows_and_logs(self, x: np.ndarray, y: np.ndarray, dropout: bool) -> tuple[int, dict[str, float]]:
        """`loss_and_gradient` in this thread, with the number of rows (predictions) that the loss is a mean over."""
        fused = self.loss in losses.FUSED_ACTIVATION
        out, kept = self._forward(x, training=True, dropout=dropout, fused=fused)
        rows, targets = self._targets(out, y)
        logs = {"accuracy": self._hits(rows, targets)} if self.metrics else {}
        loss, grad = losses.LOSSES[self.loss](rows, targets) if rows.size else (0.0, rows)
        first = next((k for k, layer in enumerate(self.layers) if layer.params), 0)
        for k in range(len(self.layers) - 1, first - 1, -1):
            need_input = k > first
            if fused and k == len(self.layers) - 1:
                grad = self.layers[k].backward_linear(kept[k], grad, need_input)
            else:
                grad = self.layers[k].backward(kept[k], grad, need_input)
        return len(rows), {"loss": loss, **logs}

    def train_on_batch(self, x: np.ndarray, y: np.ndarray) -> float:
        """One optimizer step. Returns the loss before it."""
        logs = self.loss_and_gradient(x, y)
        self.apply_gradient()
        return logs["loss"]

    def apply_gradient(self) -> None:
        """Let the optimizer move the weights along `gradient_vector`."""
        self.optimizer.apply(self.weights_vector, self.gradient_vector, self.gradient_parts)

    def gradients(self, x: np.ndarray, y: np.ndarray) -> tuple[float, list[np.ndarray]]:
        """The loss and its gradients, in the order and layout of `get_weights()`. Nothing is changed; no dropout."""
        states = self.get_states()
        loss = self.loss_and_gradient(x, y, dropout=False)["loss"]
        self.set_states(states)
        return loss, [g for layer in self.layers for g in layer.get_gradients()]

    def predict(self, x: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """The model's output, (batch, units) or (batch, time, units)."""
        x = np.asarray(x)
        if x.ndim == 0 or len(x) == 0:
            raise ValueError("x must hold at least one example, got none")
        size = len(x) if self.stateful else positive_integer(batch_size, "batch_size")
        parts = []
        for start in range(0, len(x), size):
            with parallel.one_blas_thread():
                out, _ = self._forward(x[start : start + size], training=False, dropout=False, fused=False)
            parts.append(out.packing.unpack(self._dense_values(out)) if isinstance(out, Sequence) else out)
        return np.concatenate(parts)

    @staticmethod
    def _dense_values(out: Sequence) -> np.ndarray:
        return out.values if out.depth is None else np.eye(out.depth, dtype=np.float32)[out.values]

    def evaluate(
        self, x: np.ndarray | Batches, y: np.ndarray | None = None, batch_size: int = 256, return_dict: bool = False
    ) -> float | list[float] | dict[str, float]:
        """Loss and metrics over arrays or batches, without dropout. A float, or a list when there are metrics."""
        self._need_compiled()
        batches = as_batches(x, y, batch_size, shuffle=False)
        fused = self.loss in losses.FUSED_ACTIVATION
        total, rows_seen = {}, 0
        for bx, by in batches.epoch(np.random.default_rng(0)):
            with parallel.one_blas_thread():
                out, _ = self._forward(bx, training=False, dropout=False, fused=fused)
            rows, targets = self._targets(out, by)
            if not rows.size:
                continue
            logs = {"accuracy": self._hits(rows, targets)} if self.metrics else {}
            logs = {"loss": losses.LOSSES[self.loss](rows, targets)[0], **logs}
            for name, value in logs.items():
                total[name] = total.get(name, 0.0) + value * len(rows)
            rows_seen += len(rows)
        if not rows_seen:
            raise ValueError("there is nothing to evaluate: every step is padding")
        logs = {name: value / rows_seen for name, value in total.items()}
        if return_dict:
            return logs
        return logs["loss"] if len(logs) == 1 else list(logs.values())

    def trace(self, x: np.ndarray) -> list[dict[str, np.ndarray]]:
        """Look inside: for each recurrent layer h, and for an LSTM c, i, f, g, o, each (batch, time, units)."""
        traces: list[dict[str, np.ndarray]] = []
        signal = self._enter(x)
        for layer in self.layers:
            signal, kept = layer.forward(signal, True, None)
            if isinstance(layer, Recurrent):
                traces.append(layer.trace(kept))
        return traces

    # Training loops --------------------------------------------------------------------------------------------
    def fit_iter(self, x: Any, y: np.ndarray | None = None, **options: Any) -> Generator[Progress, None, History]:
        """Train, yielding a `Progress` after every step. See `training.fit_iter` for the options."""
        from .training import fit_iter

        return fit_iter(self, x, y, **options)

    def fit(self, x: Any, y: np.ndarray | None = None, verbose: int = 0, **options: Any) -> History:
        """Train, and return the history. The options are those of `fit_iter`; `verbose=1` prints a line an epoch."""
        from .training import fit

        return fit(self, x, y, verbose=verbose, **options)

    def _need_compiled(self) -> None:
        if self.loss is None:
            raise ValueError("the model is not compiled: call compile(optimizer=…, loss=…) first")

    # Weights and states ----------------------------------------------------------------------------------------
    def get_weights(self) -> list[np.ndarray]:
        """All weights, copied, as `keras.Model.get_weights` of the same layers orders them."""
        return [w for layer in self.layers for w in layer.get_weights()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Take weights as `get_weights` gives them. Raises ValueError if the number or a shape is wrong."""
        if self.input_shape is None:
            raise ValueError("the model has no weights yet: call build(input_shape) first")
        counts = [len(layer.params) for layer in self.layers]
        if len(weights) != sum(counts):
            raise ValueError(f"the model takes {sum(counts)} weight arrays, got {len(weights)}")
        before, at = self.weights_vector.copy(), 0
        try:
            for layer, count in zip(self.layers, counts):
                layer.set_weights(weights[at : at + count])
                at += count
        except ValueError:
            self.weights_vector[...] = before  # all of them or none
            raise

    def count_params(self) -> int:
        """How many numbers the model learns."""
        return sum(layer.count_params() for layer in self.layers)

    @property
    def stateful(self) -> bool:
        """Whether a layer carries its states from batch to batch."""
        return any(isinstance(layer, Recurrent) and layer.stateful for layer in self.layers)

    def reset_states(self) -> None:
        """Make every stateful layer start from zeros again."""
        for layer in self.layers:
            if isinstance(layer, Recurrent):
                layer.reset_states()

    def get_states(self) -> list[list[np.ndarray] | None]:
        """The states that stateful layers carry, layer by layer."""
        return [layer.state for layer in self.layers if isinstance(layer, Recurrent)]

    def set_states(self, states: list[list[np.ndarray] | None]) -> None:
        """Put back what `get_states` gave."""
        for layer, state in zip((one for one in self.layers if isinstance(one, Recurrent)), states):
            layer.state = state

    @contextmanager
    def fresh_states(self) -> Iterator[None]:
        """Within this block stateful layers start from zeros; afterwards they carry on as if nothing had been."""
        states = self.get_states()
        self.reset_states()
        try:
            yield
        finally:
            self.set_states(states)

    # Reading and writing ---------------------------------------------------------------------------------------
    def summary(self) -> str:
        """A table of the layers, their output shapes and parameters, as a string."""
        if self.input_shape is None:
            raise ValueError("the model is not built yet: call build(input_shape) first")
        shape, lines = self.input_shape, []
        for layer in self.layers:
            shape = layer.output_shape(shape)
            lines.append((f"{layer.name} ({type(layer).__name__})", str(shape), f"{layer.count_params():,}"))
        head = ("Layer (type)", "Output shape", "Param #")
        widths = [max(len(row[k]) for row in [head, *lines]) for k in range(3)]
        table = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in [head, *lines]]
        return "\n".join([table[0], "─" * len(table[0]), *table[1:], "─" * len(table[0]), f"Total params: {self.count_params():,}"])

    def save(self, path: str | Path | BinaryIO) -> None:
        """Write the model to an .npz file: settings, weights, metadata; no code and no pickles."""
        from .storage import save_model

        save_model(self, path)
