"""The one training loop of the project.

`fit_iter` is a generator: it yields a `Progress` after every optimizer step, and whoever drains it (a notebook, the
command line, a background job) decides how often to look, when to pause and when to stop. Where a training stands is one
dataclass, `checkpoints.TrainingState`; the budget, the pace, early stopping and the guard against divergence are small objects beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .batches import ArrayBatches, Batch, Batches, as_batches
from .callbacks import Callback, EarlyStopping, Listeners, early_stopping_and_listeners
from .checkpoints import TrainingState, pack_checkpoint, unpack_checkpoint
from .history import Control, History, Progress
from .lacking import explained
from .layers import positive_integer
from .optimizers import positive, share
from .stack import Stack

Decay = Literal["none", "linear", "cosine"]
DECAYS: dict[str, Callable[[float], float]] = {
    "none": lambda fraction: 1.0,
    "linear": lambda fraction: max(1.0 - fraction, 0.0),
    "cosine": lambda fraction: 0.5 * (1.0 + float(np.cos(np.pi * min(fraction, 1.0)))),
}
"""What the learning rate is multiplied with when a `fraction` of the training's budget is used (cosine: Loshchilov & Hutter, 2017)."""

_SNAPSHOT_EVERY = 25
"""Steps between two copies of the weights that a diverging run would fall back on."""
LOOK_EVERY = 0.25
"""Seconds of a validation after which a run yields: once in every batch that takes longer."""
GRACE = 1.0
"""Seconds that a stop leaves to the validation under way before it is given up."""


class NonFiniteLoss(ValueError):
    """The loss became infinite or not a number; the model holds the last weights that were good."""

    history: History
    """What was measured until then."""


def fit_iter(
    model: Stack,
    x: np.ndarray | Batches,
    y: np.ndarray | None = None,
    batch_size: int = 32,
    epochs: float | None = None,
    *,
    steps: int | None = None,
    seconds: float | None = None,
    validation_data: tuple[np.ndarray, np.ndarray] | Batches | None = None,
    validation_split: float = 0.0,
    validate_every: int | None = None,
    validation_batch_size: int = 256,
    shuffle: bool = True,
    decay: Decay = "none",
    early_stopping: EarlyStopping | None = None,
    control: Control | None = None,
    checkpoint: bytes | None = None,
) -> Generator[Progress, None, History]:
    """Train `model`, yielding a `Progress` after every step; the generator's return value is the `History`.

    Parameters
    ----------
    x, y : arrays, or `x` a source of batches (see `batches.py`) and `y` left out
    batch_size : examples in a step; a source of batches has its own
    epochs, steps, seconds : the budget; training ends when the first of them is used up. One epoch if none is given
    validation_data : never trained on. While it is read the run yields too, with `Progress.validating`, so that it can be
        paused; a stop gives a validation under way a second more, and then the run ends without its figures
    validation_split, validation_batch_size : the share held out at the end of `x` and `y` instead; the size of its batches
    validate_every : steps between validations; by default one after each epoch. There is always one at the end
    shuffle : draw the examples' order anew before each epoch; the last step of an epoch may be a smaller batch
    decay : how the learning rate falls over the budget. With a budget in seconds it depends on the machine's speed
    early_stopping : end when the validation no longer improves, see `EarlyStopping`
    control : to stop early, to be handed checkpoints, to say how many threads may be used
    checkpoint : go on where the training stood that saved it; the result is the same, bit for bit

    Stateful layers start every epoch from zeros, or more often if the batches say so (`carry`).

    Raises
    ------
    ValueError
        For arguments that cannot be met; `NonFiniteLoss` when the loss is no longer a number.
    """
    return _prepared(
        model, x, y, batch_size, epochs, steps=steps, seconds=seconds, validation_data=validation_data,
        validation_split=validation_split, validate_every=validate_every, validation_batch_size=validation_batch_size,
        shuffle=shuffle, decay=decay, early_stopping=early_stopping, control=control, checkpoint=checkpoint,
    ).run()  # fmt: skip


def _prepared(
    model: Stack, x, y, batch_size, epochs, *, steps, seconds, validation_data, validation_split, validate_every,
    validation_batch_size, shuffle, decay, early_stopping, control, checkpoint,
) -> _Training:  # fmt: skip
    """A training whose arguments, those of `fit_iter`, have been looked at."""
    model._need_compiled()
    if isinstance(x, (list, tuple)) and any(isinstance(one, np.ndarray) for one in x):
        raise ValueError(f"x must be one array, got a {type(x).__name__} of {len(x)}: a model of the lab has one input")
    if y is not None:
        x, y, validation_data = _split(np.asarray(x), np.asarray(y), validation_split, validation_data)
        if model.input_shape is None:
            model.build((None, *np.asarray(x).shape[1:]))
    batches = as_batches(x, y, batch_size, shuffle)
    if len(batches) == 0:
        raise ValueError("there is not one whole batch in the training data")
    validation = _validation(validation_data, validation_batch_size)
    _check(model, validation, validate_every, decay, early_stopping)
    budget = Budget(epochs, steps, seconds)
    return _Training(
        model, batches, budget, validation, validate_every, DECAYS[decay], early_stopping, control or Control(), checkpoint
    )


@explained
def fit(
    model: Stack,
    x: np.ndarray | Batches,
    y: np.ndarray | None = None,
    batch_size: int | None = 32,
    epochs: float | None = None,
    verbose: int | str = 0,
    callbacks: list[Any] | EarlyStopping | Callback | None = None,
    validation_split: float = 0.0,
    validation_data: tuple[np.ndarray, np.ndarray] | Batches | None = None,
    shuffle: bool = True,
    *,
    validation_batch_size: int | None = None,
    steps: int | None = None,
    seconds: float | None = None,
    validate_every: int | None = None,
    decay: Decay = "none",
    early_stopping: EarlyStopping | None = None,
    control: Control | None = None,
    checkpoint: bytes | None = None,
) -> History:
    """Train, and return the history; up to `shuffle` the arguments stand in Keras's order.

    Parameters
    ----------
    x, y : arrays, or `x` a source of batches (see `batches.py`) and `y` left out
    batch_size : examples in a step, 32 if None; a source of batches has its own
    epochs, steps, seconds : the budget, as for `fit_iter`. One epoch if none is given
    verbose : 0, or 1 ("auto") for a line an epoch with what `history.history` has of it
    callbacks : `EarlyStopping`, or objects with methods as `on_epoch_end(epoch, logs)`, called after each epoch (from 0) with
        what the history has of it: see `Callback`
    validation_batch_size : examples of validation arrays in a batch; None: `batch_size`, as in Keras. It matters where steps are
        masked: a loss is a mean over the steps of a batch, then over the batches' examples
    validation_split, validation_data, shuffle, validate_every, decay, early_stopping, control, checkpoint : as for `fit_iter`
    """
    if verbose not in (0, 1, 2, "auto"):
        raise ValueError(f'verbose must be 0, 1, 2 or "auto", got {verbose!r}')
    early_stopping, listeners = early_stopping_and_listeners(callbacks, early_stopping)
    batch_size = 32 if batch_size is None else batch_size
    if validation_batch_size is None:
        validation_batch_size = 256 if y is None else batch_size
    training = _prepared(
        model, x, y, batch_size=batch_size, epochs=epochs, steps=steps, seconds=seconds, validation_data=validation_data,
        validation_split=validation_split, validation_batch_size=validation_batch_size, validate_every=validate_every,
        shuffle=shuffle, decay=decay, early_stopping=early_stopping, control=control, checkpoint=checkpoint,
    )  # fmt: skip
    listeners.begin(model, {"verbose": verbose, "epochs": epochs or 1, "steps": len(training.batches)})
    return _drained(training, listeners, verbose)


def _drained(training: _Training, listeners: Listeners, verbose: int | str) -> History:
    """Train to the end, or until a callback sets `stop_training`; tell of epochs and batches, and print if asked to."""
    model, batches, run, logs = training.model, len(training.batches), training.run(), None
    model.stop_training = False
    training.start()
    epoch, batch, over = training.state.epoch, training.state.batch, False
    while not over and not model.stop_training:
        if batch == 0:
            listeners.tell("on_epoch_begin", epoch)
        listeners.tell("on_train_batch_begin", batch)
        if (progress := next((one for one in run if one.validating is None), None)) is None:
            break  # the checkpoint's training was over
        epoch, batch, logs, over = training.state.epoch, training.state.batch, progress.epoch_logs, progress.fraction >= 1.0
        trained = training.state.means() if logs is None else {name: logs[name] for name in logs if not name.startswith("val_")}
        listeners.tell("on_train_batch_end", (batch or batches) - 1, trained)
        if logs is None and model.stop_training:
            epoch, batch, logs = epoch + 1, 0, training.break_off()
        if logs is None:
            continue
        if verbose:
            figures = "  ".join(f"{name} {value:.4f}" for name, value in logs.items())
            print(f"epoch {epoch}  {progress.seconds:.1f} s  {figures}", flush=True)
        listeners.tell("on_epoch_end", epoch - 1, logs)
    if model.stop_training and not over:
        training.give_up(run)
    for _ in run:  # to its end, where weights are put back
        pass
    if training.early_stopping and training.early_stopping.verbose and training.history.ended == "early":
        print(f"epoch {epoch}: early stopping")
    listeners.tell("on_train_end", None, logs)
    return training.history


def _check(model: Stack, validation: Batches | None, validate_every, decay, early_stopping: EarlyStopping | None) -> None:
    """Raise ValueError for options that cannot be met."""
    if not isinstance(decay, str) or decay not in DECAYS:
        raise ValueError(f"decay must be one of {', '.join(DECAYS)}, got {decay!r}")
    if validate_every is not None:
        positive_integer(validate_every, "validate_every")
    if early_stopping is not None:
        watchable = [f"val_{name}" for name in ("loss", *(["accuracy"] if model.metrics else []))]
        if validation is None:
            raise ValueError("early_stopping needs something to watch: give validation_data or a validation_split")
        if early_stopping.monitor not in watchable:
            raise ValueError(f"early_stopping can monitor {', '.join(watchable)}, got {early_stopping.monitor!r}")


def _split(x, y, held_out: float, validation_data):
    """Hold out the last share of the examples, if asked to."""
    held_out = share(held_out, "validation_split")
    if not held_out or validation_data is not None:
        return x, y, validation_data
    cut = int(np.floor(len(x) * (1.0 - held_out)))  # where Keras cuts
    if not 0 < cut < len(x):
        raise ValueError(f"validation_split {held_out} of {len(x)} examples leaves nothing on one side")
    return x[:cut], y[:cut], (x[cut:], y[cut:])


def _validation(data, batch_size: int) -> Batches | None:
    if data is None or hasattr(data, "epoch"):
        return data
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        got = f"{len(data)} arrays: every example counts the same" if isinstance(data, (tuple, list)) else type(data).__name__
        raise ValueError(f"validation_data must be a pair (x, y) or a source of batches, got {got}")
    return ArrayBatches(data[0], data[1], batch_size=batch_size, shuffle=False)


@dataclass(frozen=True)
class Budget:
    """How long a training goes on: until the first of these is used up. One epoch if none is given."""

    epochs: float | None = None
    steps: float | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        for name in ("epochs", "steps", "seconds"):
            if (value := getattr(self, name)) is not None:
                positive(value, name)
        if not (self.epochs or self.steps or self.seconds):
            object.__setattr__(self, "epochs", 1)

    def used(self, state: TrainingState, batches: int) -> float:
        """The share that is used up, 0 to 1, with so many `batches` an epoch."""
        shares = [(state.epoch + state.batch / batches) / self.epochs] if self.epochs else []
        shares += [state.step / self.steps] if self.steps else []
        shares += [state.seconds / self.seconds] if self.seconds else []
        return min(max(shares), 1.0)


class _Pace:
    """How fast it goes: the seconds of the training, pauses left out, and items a second over the last two of them."""

    def __init__(self, state: TrainingState) -> None:
        self._state, self._items = state, 0.0
        self._lately: list[tuple[float, float]] = [(state.seconds, 0.0)]  # (seconds, items so far)
        self.go_on()

    def go_on(self) -> None:
        """The time until here was a pause: whoever drains the run had not asked for more."""
        self._clock = time.perf_counter()

    def count(self, items: float = 0.0) -> None:
        """The time until here was training; so many items were read in it."""
        now = time.perf_counter()
        self._state.seconds += now - self._clock
        self._clock, self._items = now, self._items + items

    def rate(self) -> float:
        """Items a second, lately."""
        self._lately.append((self._state.seconds, self._items))
        while len(self._lately) > 2 and self._state.seconds - self._lately[0][0] > 2.0:
            self._lately.pop(0)
        (t0, n0), (t1, n1) = self._lately[0], self._lately[-1]
        return (n1 - n0) / max(t1 - t0, 1e-9)

    def eta(self, used: float) -> float | None:
        """Seconds left, if `used` is the share of the budget that is used up."""
        return self._state.seconds * (1 - used) / used if used > 0 else None


class _Guard:
    """Keeps weights that were good, and puts them back when the loss is no longer a number."""

    def __init__(self, model: Stack) -> None:
        self._model, self._loss, self._weights = model, np.inf, model.weights_vector.copy()

    def look(self, state: TrainingState, loss: float) -> None:
        """Before each step, at the loss of the weights it will move."""
        if not np.isfinite(loss):
            raise self.diverged(state)
        if state.step % _SNAPSHOT_EVERY == 0 and loss <= 2 * self._loss:
            self._loss, self._weights = min(loss, self._loss), self._model.weights_vector.copy()

    def look_at_weights(self, state: TrainingState) -> None:
        """After the last step: no further one would notice."""
        if not np.isfinite(self._model.weights_vector).all():
            raise self.diverged(state)

    def diverged(self, state: TrainingState) -> NonFiniteLoss:
        """Put the last good weights back and say what to try."""
        if self._weights.size:
            self._model.weights_vector[...] = self._weights
        self._model.reset_states()
        return NonFiniteLoss(
            f"the loss is no longer a finite number after {state.step} steps: the training has diverged. "
            f"Try a learning rate below {state.base_rate:g}, or clip the gradient (global_clipnorm=1.0)."
        )


def _no_better(rule: EarlyStopping, state: TrainingState, measured: dict[str, float], model: Stack, history: History) -> bool:
    """Whether `rule` has waited long enough; notes the best validation so far in `state`."""
    value = measured[rule.monitor]
    sign = -1.0 if "accuracy" in rule.monitor else 1.0
    if state.best_value is None or sign * value < sign * state.best_value - rule.min_delta:
        state.best_value, state.best_weights = value, model.weights_vector.copy()
        state.waited, history.best_step = 0, state.step
    else:
        state.waited += 1
    return state.waited >= max(rule.patience, 1)


class _Training:
    """One run of `fit_iter`, which documents what goes in."""

    def __init__(
        self,
        model: Stack,
        batches: Batches,
        budget: Budget,
        validation: Batches | None,
        validate_every: int | None,
        decay: Callable[[float], float],
        early_stopping: EarlyStopping | None,
        control: Control,
        checkpoint: bytes | None,
    ) -> None:
        self.model, self.batches, self.budget, self.control = model, batches, budget, control
        self.validation, self.validate_every = validation, validate_every
        self.decay, self.early_stopping = decay, early_stopping
        self.checkpoint = checkpoint
        self.history = History()
        self.started = False
        self.last = False
        """Whether the step under way is the last."""

    def start(self) -> None:
        """Stand at the beginning, or where the checkpoint was made. `run` does this first, if nobody has."""
        model = self.model
        if self.checkpoint is None:
            state = TrainingState(model.optimizer.learning_rate, model.shuffle_rng.bit_generator.state)
        else:
            state = unpack_checkpoint(self.checkpoint, model, self.history)
        self.state, self.pace, self.guard, self.saved_at = state, _Pace(state), _Guard(model), state.seconds
        self.rate = (model.optimizer.learning_rate, 1.0)  # of the last step, and what the decay made of the base rate for it
        self.started = True

    def run(self) -> Generator[Progress, None, History]:
        """Train; see `fit_iter`."""
        if not self.started:
            self.start()
        model, state, history = self.model, self.state, self.history
        try:
            while not self.last and self._used() < 1.0:
                yield from self._epoch()
        except NonFiniteLoss as error:
            history.ended, error.history = "diverged", history
            raise
        finally:
            self._follow_rate()
            model.optimizer.learning_rate = state.base_rate
        self._restore_best()
        return history

    def break_off(self) -> dict[str, float]:
        """End the epoch here, as Keras does when a callback stops the training in it. Returns what the history has of it."""
        if self.validation is not None:
            for _ in self._validate():
                pass
        return self._end_epoch()

    def give_up(self, run: Generator[Progress, None, History]) -> None:
        """End `run` where it stands, after an epoch: what `stop_training` asks for."""
        run.close()
        self.history.ended = "stopped"
        self._restore_best()

    def _restore_best(self) -> None:
        """Put the weights of the best validation back, if that was asked for."""
        if self.early_stopping and self.early_stopping.restore_best_weights and self.state.best_weights is not None:
            self.model.weights_vector[...] = self.state.best_weights

    def _follow_rate(self) -> None:
        """Go on with another learning rate, if somebody set one since the last step: a callback, for instance."""
        rate, factor = self.rate
        if self.model.optimizer.learning_rate != rate:
            self.state.base_rate = positive(self.model.optimizer.learning_rate, "learning_rate") / factor

    def _epoch(self) -> Generator[Progress, None, None]:
        """The loop: forward, loss, backward, step, look."""
        model, state = self.model, self.state
        for x, y in self._batches_left():
            self._follow_rate()
            factor = max(self.decay(self._used()), 1e-6)
            self.rate = (state.base_rate * factor, factor)
            model.optimizer.learning_rate = self.rate[0]
            threads = getattr(self.control, "threads", None)
            with np.errstate(over="ignore", invalid="ignore"):  # whatever overflows is noticed, and in words
                logs = model.loss_and_gradient(x, y, threads=threads)  # forward, loss, backward
                self.guard.look(state, logs["loss"])
                model.apply_gradient()  # step
            state.count(logs, len(x), model.gradient_rows)
            self.history.add(state.step, logs)
            self.pace.count(self.batches.items / len(self.batches))
            yield from self._look(logs)
            if self.last:
                return

    def _batches_left(self) -> Iterator[Batch]:
        """The batches of this epoch that are still to come, states begun afresh where the source says so."""
        state, rng, done = self.state, self.model.shuffle_rng, self.state.batch
        rng.bit_generator.state = state.order_state
        for number, batch in enumerate(self.batches.epoch(rng)):
            if number < done:
                continue  # before the checkpoint
            if self.model.stateful and number % self.batches.carry == 0:
                self.model.reset_states()
            yield batch

    def _look(self, logs: dict[str, float]) -> Generator[Progress, None, None]:
        """After a step: is it the last, how good is the model, is an epoch over; save, and tell."""
        state, history = self.state, self.history
        epoch_over, used_up = state.batch == len(self.batches), self._used() >= 1.0
        if self.control.stop and not used_up:
            history.ended = "stopped"
        self.last = used_up or self.control.stop
        if self.last:
            self.guard.look_at_weights(state)
        measured: dict[str, float] = {}
        due = state.step % self.validate_every == 0 if self.validate_every else epoch_over
        if self.validation is not None and (due or self.last):
            measured = yield from self._validate()
            if self.control.stop and not self.last:
                history.ended, self.last = "stopped", True
        epoch_logs = self._end_epoch() if epoch_over else None
        self.pace.count()
        if self.control.save is not None and not self.last and state.seconds - self.saved_at >= self.control.save_every:
            self.saved_at = state.seconds
            self.control.save(pack_checkpoint(self.model, history, state))
        yield self._progress(1.0 if self.last else self._used(), {**logs, **measured}, epoch_logs=epoch_logs)
        self.pace.go_on()

    def _validate(self) -> Generator[Progress, None, dict[str, float]]:
        """Measure on the validation data, yielding now and then; nothing is measured if a stop comes and it takes too long."""
        state, model = self.state, self.model
        self.pace.count()
        shown, stopped = state.seconds, None
        run = model.evaluate_iter(self.validation, initial_states=model.zero_states())
        while True:
            try:
                with np.errstate(over="ignore", invalid="ignore"):
                    done = next(run)
            except StopIteration as end:
                measured = {f"val_{name}": value for name, value in end.value.items()}
                break
            self.pace.count()
            if self.control.stop:
                stopped = state.seconds if stopped is None else stopped
                if state.seconds - stopped >= GRACE and done < 1.0:
                    self.last, self.history.ended = True, "stopped"
                    return {}
            if state.seconds - shown >= LOOK_EVERY and done < 1.0:
                shown = state.seconds
                yield self._progress(min(self._used(), _ALMOST), {}, validating=done)
                self.pace.go_on()
        if not np.isfinite(measured["val_loss"]):
            raise self.guard.diverged(state)
        state.val_logs = measured
        self.history.add(state.step, measured)
        rule = self.early_stopping
        if rule is not None and _no_better(rule, state, measured, model, self.history) and not self.last:
            self.history.ended, self.last = "early", True
        return measured

    def _end_epoch(self) -> dict[str, float]:
        """Note the epoch's means, and begin the next."""
        state = self.state
        logs = state.means() | state.val_logs
        self.history.add_epoch(state.epoch, logs)
        state.epoch, state.batch, state.sums, state.examples, state.rows, state.val_logs = state.epoch + 1, 0, {}, 0, 0, {}
        state.order_state = self.model.shuffle_rng.bit_generator.state
        return logs

    def _used(self) -> float:
        return self.budget.used(self.state, len(self.batches))

    def _progress(self, used: float, metrics: dict[str, float], **more: Any) -> Progress:
        state = self.state
        self.history.seconds = state.seconds
        return Progress(
            step=state.step,
            epoch=state.epoch + state.batch / len(self.batches),
            seconds=state.seconds,
            fraction=used,
            eta=self.pace.eta(used),
            metrics=metrics,
            rate=self.pace.rate(),
            **more,
        )


_ALMOST = 1 - 1e-6
"""The most a validation under way says of the budget: 1 is what the last `Progress` says, and it is not the last."""
