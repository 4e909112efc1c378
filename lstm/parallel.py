"""Two cores for one step: a large batch is cut in halves, and each runs forward and backward, in a thread of its own.

NumPy lets go of Python's lock while it calculates, so two threads really run at once; but each of its calls takes the
lock for a moment, so it pays only where the calls are long (`WORTH_IT`). The gradient of a mean over the batch is the
weighted mean of the halves' gradients, summed in a fixed order.

Whether a batch is cut depends on the model and the batch alone, never on the machine or on how many threads there are:
with one thread the halves are computed one after the other. So a training has the same losses, bit for bit, whether it
is alone on the machine or not, and the number of threads may change while it runs (`Control.threads`).

BLAS has one thread, set once for the process at its first pass through a network, and for good (`hold_blas`). The products
of one time step are too small to share, and where other programs are busy BLAS's threads spend more time waiting for each
other than they save: a step of 10 ms was seen to take 260. It is not set and put back around every call: the number belongs
to the process, and two threads that overlap would put back what the other one had set. Whoever wants another number for
other work may set it after the first pass; it is not touched again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache
from typing import Any

import numpy as np

from .layers import States
from .stack import Stack

WORTH_IT = 1_000_000
"""Multiplications in one gate's recurrent product (batch · units²) from which on a batch is cut.

On two idle cores two threads were 1.8 times as fast as one at 3.3 million (two layers of 256 units, batch 50), 1.4 times at 2.1
million, 1.2 at 1.3 and hardly faster at half a million (`benchmarks/README.md`). Who has one thread pays about a twelfth more
processor time for the cut, which is what equal losses cost.
"""


@lru_cache(maxsize=1)
def threads() -> int:
    """How many threads a step uses if nobody says: what `OMP_NUM_THREADS` or `OPENBLAS_NUM_THREADS` says, else 2 if there are cores."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(name, "").isdigit():
            return max(1, min(2, int(os.environ[name])))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(2, cores))


@lru_cache(maxsize=1)
def hold_blas() -> bool:
    """Give BLAS one thread in this process. Acts the first time it is called, and returns whether it could.

    It cannot without threadpoolctl; then a step uses no second thread of its own either.
    """
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return False
    blas = ThreadpoolController().select(user_api="blas")
    blas.limit(limits=1)
    return bool(blas.lib_controllers)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="lstm-half")


def in_halves(model: Stack, batch: int) -> bool:
    """Whether a step over `batch` sequences is computed in two halves."""
    units = max((layer.units for layer in model.recurrent_layers), default=0)
    return batch * units**2 >= WORTH_IT and batch >= 2


class Halves:
    """Two stand-ins for a model: its weights, but gradients and workspaces of their own."""

    def __init__(self, model: Stack) -> None:
        self.weights = model.weights_vector
        self.models = [self._stand_in(model) for _ in range(2)]

    @staticmethod
    def _stand_in(model: Stack) -> Stack:
        twin = type(model)([type(layer)(**layer.get_config()) for layer in model.layers], seed=model.seed, dtype=model.dtype)
        twin.share_weights(model)
        return twin

    def loss_and_gradient(
        self, model: Stack, x: np.ndarray, y: np.ndarray, dropout: bool, states: States | None, count: int | None
    ) -> tuple[int, dict[str, float], States]:
        """What `Sequential.loss_and_gradient` does, by both stand-ins, with `count` threads. The gradient ends up in `model`.

        Returns the number of rows (predictions), loss and metrics by name, and the final states.
        """
        y, cut = np.asarray(y), len(x) // 2
        calls: list[tuple[Any, ...]] = []
        for half, rows in zip(self.models, (slice(None, cut), slice(cut, None))):
            half.loss, half.metrics = model.loss, model.metrics
            if dropout:  # a stream of its own for each half, drawn from the model's
                half.dropout_rng = np.random.default_rng(model.dropout_rng.integers(2**63))
            initial = states and [one and [array[rows] for array in one] for one in states]
            calls.append((half.rows_and_logs, x[rows], y[rows], dropout, initial))
        at_once = hold_blas() and (threads() if count is None else count) > 1
        (rows_a, logs_a, final_a), (rows_b, logs_b, final_b) = _both(calls) if at_once else [f(*a) for f, *a in calls]
        share = rows_a / max(rows_a + rows_b, 1)
        first, second = (half.gradient_vector for half in self.models)
        np.multiply(second, 1 - share, out=second)
        np.multiply(first, share, out=model.gradient_vector)
        model.gradient_vector += second
        final = [[np.concatenate(pair) for pair in zip(a, b)] for a, b in zip(final_a, final_b)]
        return rows_a + rows_b, {name: share * logs_a[name] + (1 - share) * logs_b[name] for name in logs_a}, final


def _both(calls: list[tuple]) -> list[tuple]:
    """The results of two calls, each (function, *arguments), made at the same time."""
    (first, *given), second = calls
    # In a copy of this thread's context: what it wants of NumPy's warnings holds for the other half too.
    run: Callable[..., Any] = copy_context().run
    other = _pool().submit(run, *second)
    try:
        result = first(*given)
    finally:
        error = other.exception()  # never leave a thread behind that still writes
    if error is not None:
        raise error
    return [result, other.result()]
