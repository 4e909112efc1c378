"""What is called during a training. Keras keeps it here too: `from lstm.callbacks import EarlyStopping`."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from .history import History
from .lacking import explained, lacks
from .layers import positive_integer
from .optimizers import positive
from .stack import Stack

__all__ = ["Callback", "EarlyStopping", "History"]

if not TYPE_CHECKING:  # a type checker would take any name then
    __getattr__ = lacks(__name__)


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the validation no longer improves. Up to `mode` the arguments stand in Keras's order, with its defaults.

    Parameters
    ----------
    monitor : "val_loss" or "val_accuracy"
    min_delta : what counts as an improvement is better by more than this
    patience : validations without an improvement after which the training stops; 0 and 1 both mean the first
    verbose : 1 lets `fit` print the epoch after which it stopped
    mode : taken because Keras takes it: "auto", or "min" for a loss and "max" for an accuracy, which is what "auto" means
    restore_best_weights : end with the weights of the best validation rather than the last
    """

    monitor: str = "val_loss"
    min_delta: float = 0.0
    patience: int = 0
    verbose: int = 0
    mode: str = "auto"
    _: KW_ONLY
    restore_best_weights: bool = False

    def __post_init__(self) -> None:
        if self.patience != 0 or isinstance(self.patience, bool):
            positive_integer(self.patience, "patience")
        if self.min_delta != 0:
            positive(self.min_delta, "min_delta")
        better = "max" if "accuracy" in str(self.monitor) else "min"
        if self.mode not in ("auto", better):
            raise ValueError(f'mode must be "auto" or, for {self.monitor}, "{better}", got {self.mode!r}')


EarlyStopping.__init__ = explained(EarlyStopping.__init__)  # type: ignore[method-assign]


class Callback:
    """The base of what `fit(callbacks=[…])` calls, as in Keras: a subclass has those of these methods that it wants.

    on_train_begin(logs), on_train_end(logs), on_epoch_begin(epoch, logs), on_epoch_end(epoch, logs),
    on_train_batch_begin(batch, logs), on_train_batch_end(batch, logs); on_batch_begin and on_batch_end are the last two.
    Epochs and batches count from 0. `logs` has the epoch's means so far, and at its end what the history has of it.

    Attributes
    ----------
    model : what is trained. `self.model.stop_training = True` ends the training there, and
        `self.model.optimizer.learning_rate = …` changes the rate from the next step on
    params : what `fit` was asked for: "epochs", "steps" (batches in an epoch), "verbose"
    """

    model: Any = None
    params: dict[str, Any] = {}  # noqa: RUF012  each instance is handed its own

    def set_model(self, model: Stack) -> None:
        """Called first, with what is trained."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called next."""
        self.params = params


MOMENTS = tuple(f"on_{what}_{when}" for what in ("train", "epoch", "train_batch", "batch") for when in ("begin", "end"))


def early_stopping_and_listeners(callbacks: Any, early_stopping: EarlyStopping | None) -> tuple[EarlyStopping | None, Listeners]:
    """The rule of early stopping that is named, if there is one, and the callbacks that are told."""
    rules: list[EarlyStopping] = [early_stopping] if early_stopping else []
    told = []
    for one in callbacks if isinstance(callbacks, (list, tuple)) else [] if callbacks is None else [callbacks]:
        if isinstance(one, EarlyStopping):
            rules.append(one)
            continue
        if isinstance(one, History):
            raise ValueError("callbacks needs no History: fit returns it")
        if isinstance(one, type) or not (isinstance(one, Callback) or any(callable(getattr(one, name, None)) for name in MOMENTS)):
            name = f"the class {one.__name__}" if isinstance(one, type) else type(one).__name__
            raise ValueError(f"callbacks takes EarlyStopping and objects with on_epoch_end(epoch, logs), got {name}")
        kinds = [kind for kind in type(one).__mro__ if not kind.__module__.startswith("keras.")]
        if never := [name for kind in kinds for name in vars(kind) if name.startswith(("on_test_", "on_predict_"))]:
            raise ValueError(f"{never[0]} is never called: what a validation measured is in the logs of on_epoch_end")
        told.append(one)
    if len(rules) > 1:
        raise ValueError(f"there can be one EarlyStopping, got {len(rules)}")
    return (rules[0] if rules else None), Listeners(told)


class Listeners:
    """Callbacks, told of each moment for which they have a method."""

    def __init__(self, told: list[Any]) -> None:
        self._told = told

    def begin(self, model: Stack, params: dict[str, Any]) -> None:
        """Hand them what they may look at, and tell them that the training begins."""
        for one in self._told:
            for name, value in (("set_model", model), ("set_params", dict(params))):
                if callable(method := getattr(one, name, None)):
                    method(value)
        self.tell("on_train_begin", None)

    def tell(self, moment: str, place: int | None, logs: dict[str, float] | None = None) -> None:
        """Call the method of that name, of a batch also the older one of Keras, with the epoch or batch and a copy of `logs`."""
        for one in self._told:
            method = getattr(one, moment, None)
            if method is None and "batch" in moment:
                method = getattr(one, moment.replace("train_", ""), None)
            if callable(method):
                method(*([] if place is None else [place]), dict(logs or {}))
