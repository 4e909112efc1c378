"""The one training loop of the house, and what it tells and takes.

`fit_iter` is a generator: it yields a `Progress` after every optimizer step, and whoever drains it (a notebook, the
command line, a background job) decides how often to look, when to pause and when to stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .batches import ArrayBatches, Batches, as_batches
from .checkpoints import pack_checkpoint, unpack_checkpoint
from .history import Control, History, Progress
from .layers import positive_integer
from .optimizers import positive, share

if TYPE_CHECKING:
    from .stack import Stack

Decay = Literal["none", "linear", "cosine"]
DECAYS: dict[str, Callable[[float], float]] = {
    "none": lambda fraction: 1.0,
    "linear": lambda fraction: max(1.0 - fraction, 0.0),
    "cosine": lambda fraction: 0.5 * (1.0 + float(np.cos(np.pi * min(fraction, 1.0)))),
}
"""What the learning rate is multiplied with when a `fraction` of the training's budget is used (cosine: Loshchilov & Hutter, 2017)."""

_SNAPSHOT_EVERY = 25


class NonFiniteLoss(ValueError):
    """The loss became infinite or not a number; the model holds the last weights that were good."""

    history: History
    """What was measured until then."""


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when `monitor` has not improved for `patience` validations.

    `restore_best_weights` ends with the weights of the best validation rather than the last.
    """

    monitor: str = "val_loss"
    patience: int = 5
    min_delta: float = 0.0
    restore_best_weights: bool = True

    def __post_init__(self) -> None:
        positive_integer(self.patience, "patience")
        if self.min_delta != 0:
            positive(self.min_delta, "min_delta")


def fit_iter(
    model: Stack,
    x: np.ndarray | Batches,
    y: np.ndarray | None = None,
    *,
    batch_size: int = 32,
    epochs: float | None = None,
    steps: int | None = None,
    seconds: float | None = None,
    validation_data: tuple[np.ndarray, np.ndarray] | Batches | None = None,
    validation_split: float = 0.0,
    validate_every: int | None = None,
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
    epochs, steps, seconds : the budget; training ends when the first of them is used up. One epoch if none is given
    validation_data : never trained on
    validation_split : the share at the end of `x` and `y` that is held out instead
    validate_every : steps between validations; by default one after each epoch. There is always one at the end
    decay : how the learning rate falls over the budget. With a budget in seconds it depends on the machine's speed
    control : to stop early, and to be handed checkpoints
    checkpoint : go on where the training stood that saved it; the result is the same, bit for bit

    Stateful layers start every epoch from zeros, or more often if the batches say so (`carry`).

    Raises
    ------
    ValueError
        For arguments that cannot be met; `NonFiniteLoss` when the loss is no longer a number.
    """
    model._need_compiled()
    for value, name in ((epochs, "epochs"), (steps, "steps"), (seconds, "seconds")):
        if value is not None:
            positive(value, name)
    if not isinstance(decay, str) or decay not in DECAYS:
        raise ValueError(f"decay must be one of {', '.join(DECAYS)}, got {decay!r}")
    if validate_every is not None:
        positive_integer(validate_every, "validate_every")
    if y is not None:
        x, y, validation_data = _split(np.asarray(x), np.asarray(y), validation_split, validation_data)
        if model.input_shape is None:
            model.build((None, *x.shape[1:]))
    batches = as_batches(x, y, batch_size, shuffle)
    if len(batches) == 0:
        raise ValueError("there is not one whole batch in the training data")
    validation = _validation(validation_data)
    if early_stopping is not None:
        watchable = [f"val_{name}" for name in ("loss", *model.metrics)]
        if validation is None:
            raise ValueError("early_stopping needs something to watch: give validation_data or a validation_split")
        if early_stopping.monitor not in watchable:
            raise ValueError(f"early_stopping can monitor {', '.join(watchable)}, got {early_stopping.monitor!r}")
    return _run(
        model, batches, epochs if (epochs or steps or seconds) else 1, steps, seconds,
        validation, validate_every, decay, early_stopping, control or Control(), checkpoint,
    )  # fmt: skip


def fit(model: Stack, x: Any, y: np.ndarray | None = None, *, verbose: int = 0, **options: Any) -> History:
    """Drain `fit_iter`; with `verbose`, print a line an epoch."""
    run, shown = fit_iter(model, x, y, **options), 0
    while True:
        try:
            progress = next(run)
        except StopIteration as end:
            return end.value
        if verbose and int(progress.epoch) > shown:
            shown = int(progress.epoch)
            figures = "  ".join(f"{name} {value:.4f}" for name, value in progress.metrics.items())
            print(f"epoch {shown}  {progress.seconds:.1f} s  {figures}", flush=True)


def _split(x, y, held_out: float, validation_data):
    """Hold out the last share of the examples, if asked to."""
    held_out = share(held_out, "validation_split")
    if not held_out or validation_data is not None:
        return x, y, validation_data
    cut = len(x) - round(len(x) * held_out)
    if not 0 < cut < len(x):
        raise ValueError(f"validation_split {held_out} of {len(x)} examples leaves nothing on one side")
    return x[:cut], y[:cut], (x[cut:], y[cut:])


def _validation(data) -> Batches | None:
    if data is None or hasattr(data, "epoch"):
        return data
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise ValueError(f"validation_data must be a pair (x, y) or a source of batches, got {type(data).__name__}")
    return ArrayBatches(*data, batch_size=256, shuffle=False)


def _run(
    model, batches, epochs, steps, seconds, validation, validate_every, decay, early_stopping, control, checkpoint
) -> Generator[Progress, None, History]:
    history = History()
    step = epoch = batch = 0  # batches of this epoch that are done
    spent = 0.0
    sums: dict[str, float] = {}  # of this epoch's measurements
    best: tuple[float, np.ndarray] | None = None
    waited = 0  # validations since the best one
    base_rate = model.optimizer.learning_rate
    order_state = model.shuffle_rng.bit_generator.state  # before this epoch's order was drawn
    val_logs: dict[str, float] = {}
    if checkpoint is not None:
        saved = unpack_checkpoint(checkpoint, model, history)
        step, epoch, batch, spent = saved["step"], saved["epoch"], saved["batch"], saved["seconds"]
        sums, waited, base_rate, order_state = saved["sums"], saved["waited"], saved["base_rate"], saved["order_state"]
        val_logs = saved["val_logs"]
        best = None if saved["best_value"] is None else (saved["best_value"], saved["best_weights"])

    def fraction() -> float:
        shares = [(epoch + batch / len(batches)) / epochs] if epochs else []
        shares += [step / steps] if steps else []
        shares += [spent / seconds] if seconds else []
        return min(max(shares), 1.0)

    def save() -> bytes:
        state = {
            "step": step, "epoch": epoch, "batch": batch, "seconds": spent, "sums": sums, "waited": waited,
            "base_rate": base_rate, "order_state": order_state, "val_logs": val_logs,
            "best_value": best[0] if best else None, "best_weights": best[1] if best else None,
        }  # fmt: skip
        return pack_checkpoint(model, history, state)

    good = (np.inf, model.weights_vector.copy() if model.weights_vector.size else None)
    lately: list[tuple[float, int]] = [(spent, 0)]  # (seconds, items so far), for the rate
    items_done, saved_at = 0, spent
    clock = time.perf_counter()
    ended = "finished"
    more = fraction() < 1.0
    try:
        while more:
            model.shuffle_rng.bit_generator.state = order_state
            for number, (bx, by) in enumerate(batches.epoch(model.shuffle_rng)):
                if number < batch:
                    continue  # done before the checkpoint
                if model.stateful and number % batches.carry == 0:
                    model.reset_states()
                model.optimizer.learning_rate = base_rate * max(DECAYS[decay](fraction()), 1e-6)
                with np.errstate(over="ignore", invalid="ignore"):  # whatever overflows is noticed, and in words
                    logs = model.loss_and_gradient(bx, by, threads=getattr(control, "threads", None))
                if not np.isfinite(logs["loss"]):
                    raise _diverged(model, good[1], step, base_rate)
                if step % _SNAPSHOT_EVERY == 0 and logs["loss"] <= 2 * good[0]:
                    good = (min(logs["loss"], good[0]), model.weights_vector.copy())
                with np.errstate(over="ignore", invalid="ignore"):
                    model.apply_gradient()
                step, batch = step + 1, batch + 1
                items_done += batches.items / len(batches)
                for name, value in logs.items():
                    sums[name] = sums.get(name, 0.0) + value
                history.add(step, logs)

                now = time.perf_counter()
                spent, clock = spent + now - clock, now
                epoch_over = batch == len(batches)
                used_up, stopped = fraction() >= 1.0, control.stop
                last = used_up or stopped
                if stopped and not used_up:
                    ended = "stopped"
                measured = {}
                if last and not np.isfinite(model.weights_vector).all():  # no further step would notice
                    raise _diverged(model, good[1], step, base_rate)
                if validation is not None and (last or (step % validate_every == 0 if validate_every else epoch_over)):
                    with np.errstate(over="ignore", invalid="ignore"):
                        found = model.evaluate(validation, return_dict=True, initial_states=model.zero_states())
                    val_logs = measured = {f"val_{k}": v for k, v in found.items()}
                    if not np.isfinite(measured["val_loss"]):
                        raise _diverged(model, good[1], step, base_rate)
                    history.add(step, measured)
                    if early_stopping and early_stopping.monitor in measured:
                        value = measured[early_stopping.monitor]
                        sign = -1.0 if "accuracy" in early_stopping.monitor else 1.0
                        if best is None or sign * value < sign * best[0] - early_stopping.min_delta:
                            best, waited, history.best_step = (value, model.weights_vector.copy()), 0, step
                        else:
                            waited += 1
                            if waited >= early_stopping.patience and not last:
                                ended, last = "early", True
                if epoch_over:
                    history.add_epoch(epoch, {name: total / batch for name, total in sums.items()} | val_logs)
                    epoch, batch, sums = epoch + 1, 0, {}
                    order_state = model.shuffle_rng.bit_generator.state
                now = time.perf_counter()
                spent, clock = spent + now - clock, now
                if control.save is not None and not last and spent - saved_at >= control.save_every:
                    saved_at = spent
                    control.save(save())

                lately.append((spent, items_done))
                while len(lately) > 2 and spent - lately[0][0] > 2.0:
                    lately.pop(0)
                (t0, n0), (t1, n1) = lately[0], lately[-1]
                used = 1.0 if last else fraction()
                history.seconds = spent
                yield Progress(
                    step=step,
                    epoch=epoch + batch / len(batches),
                    seconds=spent,
                    fraction=used,
                    eta=spent * (1 - used) / used if used > 0 else None,
                    metrics={**logs, **measured},
                    rate=(n1 - n0) / max(t1 - t0, 1e-9),
                )
                clock = time.perf_counter()  # the time between two calls of next() is a pause
                if last:
                    more = False
                    break
    except NonFiniteLoss as error:
        history.ended, error.history = "diverged", history
        raise
    finally:
        model.optimizer.learning_rate = base_rate
    if early_stopping and early_stopping.restore_best_weights and best is not None:
        model.weights_vector[...] = best[1]
    history.ended = ended
    return history


def _diverged(model: Stack, good: np.ndarray | None, step: int, rate: float) -> NonFiniteLoss:
    """Put the last good weights back and say what to try."""
    if good is not None:
        model.weights_vector[...] = good
    model.reset_states()
    return NonFiniteLoss(
        f"the loss is no longer a finite number after {step} steps: the training has diverged. "
        f"Try a learning rate below {rate:g}, or clip the gradient (global_clipnorm=1.0)."
    )
