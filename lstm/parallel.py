"""Two cores for one step: a batch is cut into parts, and each part runs forward and backward in a thread of its own.

NumPy lets go of Python's lock while it calculates, so two threads really run at once; but each of its calls takes the
lock for a moment, so it pays only where the calls are long. The gradient of a mean over the batch is the weighted mean
of the parts' gradients, summed in a fixed order: the same machine gives the same numbers every time.

BLAS itself is held to one thread: two levels of threads on the same cores get into each other's way.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from contextvars import copy_context
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .layers import Layer

if TYPE_CHECKING:
    from .stack import Stack

WORTH_IT = 400_000
"""Multiplications in one gate's recurrent product (batch · units²) from which on two threads beat one, as measured."""


@lru_cache(maxsize=1)
def threads() -> int:
    """How many threads a step may use: what `OMP_NUM_THREADS` or `OPENBLAS_NUM_THREADS` says, else 2 if there are cores."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        if os.environ.get(name, "").isdigit():
            return max(1, min(2, int(os.environ[name])))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(2, cores))


@lru_cache(maxsize=1)
def _blas() -> Any:
    """A handle on BLAS's own threads, or None without the library that has one (then a step uses one thread)."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    controller = ThreadpoolController().select(user_api="blas")
    return controller if controller.lib_controllers else None


def one_blas_thread() -> AbstractContextManager:
    """Within this block BLAS uses one thread.

    The products of one time step are too small to share, and where other programs are busy, BLAS's threads spend more
    time waiting for each other than they save: a step of 10 ms was seen to take 260.
    """
    controller = _blas()
    return nullcontext() if controller is None else controller.limit(limits=1)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="lstm-part")


def pays(model: Stack, batch: int) -> bool:
    """Whether a step over `batch` sequences is worth cutting in two."""
    units = max((memory.units for memory in model.memories), default=0)
    return batch * units**2 >= WORTH_IT and batch >= 2 and threads() > 1 and _blas() is not None


class Parts:
    """Two stand-ins for a model: its weights, but gradients, states and workspaces of their own."""

    def __init__(self, model: Stack) -> None:
        self.weights = model.weights_vector
        self.models = [self._stand_in(model) for _ in range(2)]

    @staticmethod
    def _stand_in(model: Stack) -> Stack:
        twin = type(model)(seed=model.seed, dtype=model.dtype)
        for layer in model.layers:
            copy: Layer = type(layer)(**layer.get_config())
            twin.add(copy)
        twin.adopt(model)
        return twin

    def loss_and_gradient(self, model: Stack, x: np.ndarray, y: np.ndarray, dropout: bool) -> dict[str, float]:
        """What `Sequential.loss_and_gradient` does, by both stand-ins at once; the gradient ends up in `model`."""
        x, y = np.asarray(x), np.asarray(y)
        cut = len(x) // 2
        states = model.get_states()
        for part, rows in zip(self.models, (slice(None, cut), slice(cut, None))):
            part.loss, part.metrics = model.loss, model.metrics
            part.set_states([s and [one[rows] for one in s] for s in states])
            if dropout:  # a stream of its own for each part, drawn from the model's
                part.dropout_rng = np.random.default_rng(model.dropout_rng.integers(2**63))
        first, second = self.models
        with one_blas_thread():
            # In a copy of this thread's context: what it wants of NumPy's warnings holds for the other half too.
            other = _pool().submit(copy_context().run, second.rows_and_logs, x[cut:], y[cut:], dropout)
            try:
                results = [first.rows_and_logs(x[:cut], y[:cut], dropout)]
            finally:
                error = other.exception()  # never leave a thread behind that still writes
            if error is not None:
                raise error
            results.append(other.result())
        (rows_a, logs_a), (rows_b, logs_b) = results
        share = rows_a / max(rows_a + rows_b, 1)
        np.multiply(second.gradient_vector, 1 - share, out=second.gradient_vector)
        np.multiply(first.gradient_vector, share, out=model.gradient_vector)
        model.gradient_vector += second.gradient_vector
        if model.stateful:
            model.set_states([
                a and [np.concatenate(pair) for pair in zip(a, b)]
                for a, b in zip(first.get_states(), second.get_states())
            ])  # fmt: skip
        return {name: share * logs_a[name] + (1 - share) * logs_b[name] for name in logs_a}
