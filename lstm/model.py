"""`Sequential`: a stack of layers with one loss. Its public face is that of Keras 3.

Layers, weights and states are kept by `stack.py`, training loops live in `training.py`, files in `storage.py`; here are
the passes forward and backward through the stack.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast, overload

import numpy as np

from . import losses, optimizers, parallel, storage, training
from .batches import Batches, as_batches
from .keras_files.files import MAX_FILE, read_keras_weights, write_keras, write_keras_weights
from .lacking import explained
from .layers import Dense, Signal, States, positive_integer, whole_numbers
from .packing import PackedSequence, Packing
from .stack import Stack
from .untrusted import contents

WRITERS = {".npz": storage.model_bytes, ".keras": write_keras, ".weights.h5": write_keras_weights}
"""What writes a model into a file, by the ending of its name."""
METRICS = ("accuracy", "last_step_accuracy")


class Sequential(Stack):
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

    @explained
    def compile(
        self,
        optimizer: str | optimizers.Optimizer = "adam",
        loss: Any = "mse",
        loss_weights: None = None,
        metrics: str | list[str] | tuple[str, ...] | None = None,
    ) -> None:
        """Choose how to train.

        Parameters
        ----------
        optimizer : an optimizer, or the name of one with its default settings: "sgd", "adagrad", "rmsprop", "adam"
        loss : "sparse_categorical_crossentropy", "binary_crossentropy", or "mse" ("mean_squared_error"); or Keras's classes of
            these from `lstm.losses`
        loss_weights : stands here for Keras's order alone: a model of the lab has one output and one loss
        metrics : "accuracy" or "acc" (or a list of it) to measure the share of right answers too; "last_step_accuracy" to count, of
            a model that answers after every step, each sequence's last answer alone. Either is called "accuracy" in what is
            measured
        """
        loss = losses.name_of(loss)
        if loss_weights is not None:
            raise ValueError(
                f"loss_weights are for models with several losses, got {loss_weights!r}; metrics go by name: metrics=…"
            )
        metrics = [metrics] if isinstance(metrics, str) else metrics
        if metrics is not None and not isinstance(metrics, (list, tuple)):
            raise ValueError(f"metrics must be a name or a list of names, got {type(metrics).__name__}")
        metrics = ["accuracy" if isinstance(one, str) and one == "acc" else one for one in metrics or []]
        if unknown := [m for m in metrics if m not in METRICS]:
            raise ValueError(f"metrics may hold {', '.join(METRICS)}, got {unknown[0]!r}")
        if len(set(metrics or [])) > 1:
            raise ValueError(f"metrics may hold one of {', '.join(METRICS)}: what they measure has one name, accuracy")
        wanted = losses.FUSED_ACTIVATION.get(loss)
        last = self.layers[-1] if self.layers else None
        if wanted and not (isinstance(last, Dense) and last.activation == wanted):
            raise ValueError(f'{loss} needs a last layer Dense(…, activation="{wanted}")')
        if metrics and not wanted:
            raise ValueError(f"accuracy needs a loss over classes, got {loss!r}")
        self.optimizer, self.loss, self.metrics = optimizers.get(optimizer), loss, metrics

    # Passes ----------------------------------------------------------------------------------------------------
    def _enter(self, x: np.ndarray) -> Signal:
        """Check an input, build the model if this is its first, and put it into the form that flows between layers."""
        x = np.asarray(x)
        if x.dtype.kind not in "biuf":
            raise ValueError(f"x must hold numbers, got {x.dtype}")
        if self.input_shape is None:
            self.build((None, *x.shape[1:]))
        if x.ndim != len(self.input_shape):
            raise ValueError(
                f"the model expects {len(self.input_shape)} dimensions {self.input_shape}, got shape {x.shape}"
            )
        if self.layers[0].takes_ids:
            return x
        if x.shape[-1] != self.input_shape[-1]:
            raise ValueError(f"the model expects {self.input_shape[-1]} features, got {x.shape[-1]}")
        x = np.asarray(x, self.dtype)
        if x.ndim == 3:
            packing = Packing.full(*x.shape[:2])
            return PackedSequence(packing.pack(x), packing)
        return x

    def _forward(
        self, x: np.ndarray, training: bool, dropout: bool, fused: bool, states: States | None = None
    ) -> tuple[Signal, list[Any], States]:
        """Through all layers, from `states`; with `fused`, the last layer's activation is left to the loss.

        Returns the output, each layer's cache, and the final states.
        """
        signal, caches, given, final = self._enter(x), [], iter(states or self.zero_states()), []
        rng = self.dropout_rng if dropout else None
        for layer in self.layers[:-1] if fused else self.layers:
            initial = [next(given) for _ in layer.recurrent_layers]
            signal, cache, ended = layer.forward_with_states(signal, training, rng, initial)
            caches.append(cache)
            final += ended
        if fused:
            last = cast(Dense, self.layers[-1])
            caches.append(signal)
            out = last.linear(signal)
            signal = PackedSequence(out, signal.packing) if isinstance(signal, PackedSequence) else out
        return signal, caches, final

    def _targets(self, out: Signal, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Output rows and the targets that belong to them."""
        y = np.asarray(y)
        rows = out.values if isinstance(out, PackedSequence) else out
        if isinstance(out, PackedSequence):
            expected: tuple[int, ...] = (out.packing.batch, out.packing.time)
            if y.shape[:2] != expected:
                raise ValueError(
                    f"y must begin with shape {expected}, as the model gives one output a step, got {y.shape}"
                )
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
        if self.loss == "binary_crossentropy" and y.size and not (y.min() >= 0 and y.max() <= 1):
            raise ValueError(f"binary_crossentropy needs targets from 0 to 1, got {y.min():g} to {y.max():g}")
        if y.size != rows.size:
            raise ValueError(f"y must have the shape of the output {rows.shape}, got {y.shape}")
        return rows, y.reshape(rows.shape).astype(rows.dtype)

    def _accuracy(self, out: Signal, rows: np.ndarray, y: np.ndarray) -> float:
        """The share of rows whose class is right, from what the last layer gave before its activation."""
        if not rows.size:
            return 0.0
        if "last_step_accuracy" in self.metrics and isinstance(out, PackedSequence):
            rows, y = rows[out.packing.last_rows], y[out.packing.last_rows]
        if self.loss == "binary_crossentropy":
            return float(np.mean((rows > 0) == (y > 0.5)))
        return float(np.mean(rows.argmax(axis=1) == y))

    def loss_and_gradient(
        self,
        x: np.ndarray,
        y: np.ndarray,
        dropout: bool = True,
        initial_states: States | None = None,
        threads: int | None = None,
    ) -> dict[str, float]:
        """One pass forward and backward: fills `gradient_vector`, returns the loss and metrics by name.

        Parameters
        ----------
        dropout : whether Dropout layers drop; what they drop is drawn from the model's seed
        initial_states : as for `predict`
        threads : how many may be used; `parallel.threads()` if left out. The numbers do not depend on it

        A large batch is computed in two halves, at once where there are two threads: see `parallel.py`.
        """
        self._need_compiled()
        x = np.asarray(x)
        states = initial_states
        if states is None and self.stateful:
            states = self._carried_for(len(x))
        elif states is not None:
            self.check_states(states, len(x))
        if self.input_shape is not None and np.ndim(y) and len(x) == len(y) and parallel.in_halves(self, len(x)):
            if self._halves is None or self._halves.weights is not self.weights_vector:
                self._halves = parallel.Halves(self)
            self.gradient_rows, logs, final = self._halves.loss_and_gradient(self, x, y, dropout, states, threads)
        else:
            parallel.hold_blas()
            self.gradient_rows, logs, final = self.rows_and_logs(x, y, dropout, states)
        if initial_states is None:
            self._carry_on(final)
        return logs

    def rows_and_logs(
        self, x: np.ndarray, y: np.ndarray, dropout: bool, states: States | None
    ) -> tuple[int, dict[str, float], States]:
        """`loss_and_gradient` in one piece, with the number of rows (predictions) that the loss is a mean over."""
        fused = self.loss in losses.FUSED_ACTIVATION
        out, caches, final = self._forward(x, training=True, dropout=dropout, fused=fused, states=states)
        rows, targets = self._targets(out, y)
        logs = {"loss": 0.0, "accuracy": self._accuracy(out, rows, targets)} if self.metrics else {}
        loss, grad = losses.LOSSES[self.loss](rows, targets) if rows.size else (0.0, rows)
        first = next((k for k, layer in enumerate(self.layers) if layer.params), 0)
        for k in range(len(self.layers) - 1, first - 1, -1):
            need_input = k > first
            if fused and k == len(self.layers) - 1:
                grad = cast(Dense, self.layers[k]).backward_linear(caches[k], grad, need_input)
            else:
                grad = self.layers[k].backward(caches[k], grad, need_input)
        return len(rows), {**logs, "loss": loss}, final

    @explained
    def train_on_batch(
        self, x: np.ndarray, y: np.ndarray, *, return_dict: bool = False
    ) -> float | list[float] | dict[str, float]:
        """One optimizer step. Returns the loss before it; with metrics a list, the loss first, or all by name (`return_dict`).

        They are this batch's: Keras's own `train_on_batch` gives means over all batches since `reset_metrics()`.
        """
        logs = self.loss_and_gradient(x, y)
        self.apply_gradient()
        return _as_keras_returns(logs, return_dict)

    def gradients(
        self, x: np.ndarray, y: np.ndarray, initial_states: States | None = None
    ) -> tuple[float, list[np.ndarray]]:
        """The loss and its gradients, in the order and layout of `get_weights()`. Nothing is changed; no dropout.

        Without `initial_states` a stateful model starts from the states it carries, and goes on carrying those.
        """
        states = self.get_states() if initial_states is None else initial_states
        loss = self.loss_and_gradient(x, y, dropout=False, initial_states=states)["loss"]
        return loss, [g for layer in self.layers for g in layer.get_gradients()]

    @overload
    def predict(
        self,
        x: np.ndarray,
        batch_size: int | None = 256,
        verbose: int | str = 0,
        *,
        initial_states: States | None = None,
        return_states: Literal[False] = False,
    ) -> np.ndarray: ...
    @overload
    def predict(
        self,
        x: np.ndarray,
        batch_size: int | None = 256,
        verbose: int | str = 0,
        *,
        initial_states: States | None = None,
        return_states: Literal[True],
    ) -> tuple[np.ndarray, States]: ...
    @explained
    def predict(
        self,
        x: np.ndarray,
        batch_size: int | None = 256,
        verbose: int | str = 0,
        *,
        initial_states: States | None = None,
        return_states: bool = False,
    ) -> np.ndarray | tuple[np.ndarray, States]:
        """The model's output, (batch, units) or (batch, time, units).

        Parameters
        ----------
        batch_size : how many examples are computed at a time; None: 32, as in Keras
        verbose : taken because Keras takes it; nothing is printed
        initial_states : what each recurrent layer starts from: a list with one entry for each of `recurrent_layers`, as
            `return_states` gives them, or None in an entry's place for zeros. Left out, every example starts from zeros;
            only a stateful model goes on from the states it carries, and carries the final ones, as Keras has it
        return_states : also return the final states. A text read in two pieces gives what it gives in one:
            `first, states = predict(x[:, :9], return_states=True); second = predict(x[:, 9:], initial_states=states)`

        With `initial_states` nothing of the model is read but its weights, and nothing is written: one model serves any
        number of threads.
        """
        out, states = self._predict(x, batch_size, False, initial_states)
        return (out, states) if return_states else out

    @overload
    def logits(
        self,
        x: np.ndarray,
        batch_size: int = 256,
        *,
        initial_states: States | None = None,
        return_states: Literal[False] = False,
    ) -> np.ndarray: ...
    @overload
    def logits(
        self,
        x: np.ndarray,
        batch_size: int = 256,
        *,
        initial_states: States | None = None,
        return_states: Literal[True],
    ) -> tuple[np.ndarray, States]: ...
    def logits(
        self,
        x: np.ndarray,
        batch_size: int = 256,
        *,
        initial_states: States | None = None,
        return_states: bool = False,
    ) -> np.ndarray | tuple[np.ndarray, States]:
        """`predict` without the activation of the last layer, which must be Dense: no rounding to 0 or 1 has happened."""
        if not self.layers or not isinstance(self.layers[-1], Dense):
            raise ValueError(
                "logits are what a last layer Dense computes before its activation, and this model has none"
            )
        out, states = self._predict(x, batch_size, True, initial_states)
        return (out, states) if return_states else out

    def _predict(
        self, x: np.ndarray, batch_size: int | None, fused: bool, initial_states: States | None
    ) -> tuple[np.ndarray, States]:
        x = np.asarray(x)
        if x.ndim == 0 or len(x) == 0:
            raise ValueError("x must hold at least one example, got none")
        size, states = 32 if batch_size is None else positive_integer(batch_size, "batch_size"), initial_states
        if states is not None:
            self.check_states(states, len(x))
        parallel.hold_blas()
        outputs, finals = [], []
        for start in range(0, len(x), size):
            part = slice(start, start + size)
            if states is None and self.stateful:  # as Keras: each batch goes on where the one before it ended
                initial = self._carried_for(len(x[part]))
            else:
                initial = states and [one and [array[part] for array in one] for one in states]
            out, _, final = self._forward(x[part], training=False, dropout=False, fused=fused, states=initial)
            outputs.append(self._unpacked(out, fused))
            finals.append(final)
            if initial_states is None:
                self._carry_on(final)
        final = [[np.concatenate(arrays) for arrays in zip(*one)] for one in zip(*finals)]
        return np.concatenate(outputs), final

    def _unpacked(self, out: Signal, fused: bool) -> np.ndarray:
        """An output as (batch, units) or (batch, time, units), masked steps filled in as Keras fills them."""
        if not isinstance(out, PackedSequence):
            return out
        if out.depth is not None:
            return out.packing.unpack(np.eye(out.depth, dtype=np.float32)[out.values])
        if out.packing.index is None:
            return out.packing.unpack(out.values)
        blank: np.ndarray | None = None
        repeats = True
        for layer in self.layers[:-1] if fused else self.layers:
            blank, repeats = layer.at_masked_steps(blank, repeats)
        if fused:
            last = cast(Dense, self.layers[-1])
            blank = last.linear(np.zeros_like(last.params["kernel"].T[:1]) if blank is None else blank[None])[0]
        return out.packing.unpack(out.values, blank, repeats)

    @explained
    def __call__(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """The output for one batch, as in Keras; with `training`, Dropout layers drop."""
        x = np.asarray(x)
        if not training:
            return self._predict(x, max(len(x), 1) if x.ndim else 1, False, None)[0]
        states = self._carried_for(len(x)) if self.stateful else None
        parallel.hold_blas()
        out, _, final = self._forward(x, training=True, dropout=True, fused=False, states=states)
        self._carry_on(final)
        return self._unpacked(out, fused=False)

    @explained
    def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
        """The output for one batch, as in Keras."""
        return self(x)

    @explained
    def test_on_batch(
        self, x: np.ndarray, y: np.ndarray, *, return_dict: bool = False
    ) -> float | list[float] | dict[str, float]:
        """Loss and metrics of one batch, as `evaluate` returns them."""
        return self.evaluate(x, y, max(len(np.asarray(x)), 1), return_dict=return_dict)

    @explained
    def evaluate(
        self,
        x: np.ndarray | Batches,
        y: np.ndarray | None = None,
        batch_size: int | None = 256,
        verbose: int | str = 0,
        *,
        return_dict: bool = False,
        initial_states: States | None = None,
    ) -> float | list[float] | dict[str, float]:
        """Loss and metrics over arrays or batches, without dropout. A float, or a list when there are metrics.

        Parameters
        ----------
        x, y : arrays, or `x` a source of batches (see `batches.py`) and `y` left out
        batch_size : examples computed at a time; None: 32, as in Keras; a source of batches has its own
        verbose : 1 (or "auto") prints the figures in a line
        return_dict : return loss and metrics by name
        initial_states : as for `predict`, for a stateful model

        A stateful model goes on from batch to batch, from `initial_states` (`zero_states()`, for instance) or, if they are
        left out, from the states it carries, and then carries the final ones. All others start every batch from zeros.
        As in Keras, the loss is a mean over examples of what is a mean over steps in each batch, an accuracy one over predictions.
        """
        run = self.evaluate_iter(x, y, batch_size, initial_states=initial_states)
        while True:
            try:
                next(run)
            except StopIteration as end:
                logs = end.value
                break
        if verbose:
            print("  ".join(f"{name} {value:.4f}" for name, value in logs.items()), flush=True)
        return _as_keras_returns(logs, return_dict)

    def evaluate_iter(
        self,
        x: np.ndarray | Batches,
        y: np.ndarray | None = None,
        batch_size: int | None = 256,
        *,
        initial_states: States | None = None,
    ) -> Generator[float, None, dict[str, float]]:
        """`evaluate` that yields after every batch, the share that is done; its return value is the loss and metrics by name."""
        self._need_compiled()
        if initial_states is not None and not self.stateful and any(state is not None for state in initial_states):
            raise ValueError("initial_states are for a model that carries them from batch to batch (stateful=True)")
        batches = as_batches(x, y, 32 if batch_size is None else batch_size, shuffle=False)
        fused = self.loss in losses.FUSED_ACTIVATION
        total: dict[str, float] = {}
        examples, rows_seen, states = 0, 0, initial_states if self.stateful else None
        parallel.hold_blas()
        for number, (bx, by) in enumerate(batches.epoch(np.random.default_rng(0)), start=1):
            if states is not None:
                self.check_states(states, len(bx))
            elif self.stateful:
                states = self._carried_for(len(bx))
            out, _, final = self._forward(bx, training=False, dropout=False, fused=fused, states=states)
            if self.stateful:
                states = [state if layer.stateful else None for layer, state in zip(self.recurrent_layers, final)]
            rows, targets = self._targets(out, by)
            if rows.size:
                logs = {"loss": 0.0, "accuracy": self._accuracy(out, rows, targets)} if self.metrics else {}
                logs["loss"] = losses.LOSSES[self.loss](rows, targets)[0]  # last: it overwrites the rows
                for name, value in logs.items():
                    total[name] = total.get(name, 0.0) + value * (len(bx) if name == "loss" else len(rows))
                rows_seen += len(rows)
            examples += len(bx)
            yield number / len(batches)
        if not rows_seen:
            raise ValueError("there is nothing to evaluate: every step is padding")
        if initial_states is None and states is not None:
            self._carry_on(states)
        return {name: value / (examples if name == "loss" else rows_seen) for name, value in total.items()}

    @overload
    def trace(
        self, x: np.ndarray, *, initial_states: States | None = None, return_states: Literal[False] = False
    ) -> list[dict[str, np.ndarray]]: ...
    @overload
    def trace(
        self, x: np.ndarray, *, initial_states: States | None = None, return_states: Literal[True]
    ) -> tuple[list[dict[str, np.ndarray]], States]: ...
    def trace(
        self, x: np.ndarray, *, initial_states: States | None = None, return_states: bool = False
    ) -> list[dict[str, np.ndarray]] | tuple[list[dict[str, np.ndarray]], States]:
        """Look inside: for each of `recurrent_layers` h, and for an LSTM c, i, f, g, o, each (batch, time, units).

        Starts from `initial_states` as `predict` takes them, or from zeros, also in a stateful model; with `return_states`
        the final ones are returned too.
        """
        traces: list[dict[str, np.ndarray]] = []
        x = np.asarray(x)
        if initial_states is not None:
            self.check_states(initial_states, len(x))
        parallel.hold_blas()
        _, caches, final = self._forward(x, training=True, dropout=False, fused=False, states=initial_states)
        for layer, cache in zip(self.layers, caches):
            traces += layer.trace(cache)
        return (traces, final) if return_states else traces

    # Training loops --------------------------------------------------------------------------------------------
    fit_iter = training.fit_iter
    fit = training.fit

    @explained
    def save(self, filepath: str | Path | BinaryIO, overwrite: bool = True) -> None:
        """Write the model into a file, of the kind that its name's ending says; `load_model` reads it.

        Parameters
        ----------
        filepath : ending in ".npz", the lab's own: settings, weights, optimizer settings, metadata; in ".keras", which Keras 3
            opens (with h5py installed); in ".weights.h5", the weights alone. An open binary file takes the .npz
        overwrite : replace a file of that name, or raise ValueError if there is one

        No kind holds code or pickles.
        """
        if isinstance(filepath, (str, Path)):
            path = Path(filepath)
            write = next((write for ending, write in WRITERS.items() if path.name.endswith(ending)), None)
            if write is None:
                raise ValueError(
                    f"a model is saved as {', '.join(WRITERS)}: the name must end in one of these, got {path.name!r}"
                )
            if not overwrite and path.exists():
                raise ValueError(f"there is a file {str(path)!r} already")
            if self.input_shape is None:
                raise ValueError("the model has no weights to save yet: build or train it first")
            path.write_bytes(write(self))
        else:
            storage.save_model(self, filepath)

    @explained
    def save_weights(self, filepath: str | Path, overwrite: bool = True) -> None:
        """Write the weights alone, as Keras does: a name that ends in ".weights.h5"."""
        if not str(filepath).endswith(".weights.h5"):
            raise ValueError(
                f"weights alone are saved as .weights.h5: the name must end so, got {Path(filepath).name!r}"
            )
        self.save(filepath, overwrite)

    @explained
    def load_weights(self, filepath: str | Path) -> None:
        """Take the weights of a .weights.h5 file into this model, which must be built, of the same layers."""
        if self.input_shape is None:
            raise ValueError("the model has no weights yet: call build(input_shape) first")
        read_keras_weights(contents(Path(filepath), MAX_FILE), self)


def _as_keras_returns(logs: dict[str, float], return_dict: bool) -> float | list[float] | dict[str, float]:
    """Loss and metrics by name, or a list of them, or the loss where it is alone."""
    if return_dict:
        return logs
    return logs["loss"] if len(logs) == 1 else list(logs.values())
