"""What concerns the lab alone: time to quality, writing speed, the share of matrix products, growth, import time."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lstm import kernels
from lstm.lessons.text.experiment import TextGeneration
from lstm.lessons.text.sampling import Writer, write

from .shapes import SHAPES, Shape

QUALITY = 1.874
"""Nats per character on Tiny Shakespeare's last tenth: what nanoGPT's published CPU configuration reaches."""

QUALITY_CONFIG = TextGeneration(corpus="tiny_shakespeare", seconds=15.0, validate_every=10_000)


def time_to_quality(seconds: float = 15.0, seed: int = 0) -> dict[str, Any]:
    """Train for `seconds`, then measure the loss over the whole held-out tail.

    The learning rate falls to zero over the budget, so the budget is part of the result: a run reaches its best at the
    end of it and not before.
    """
    from lstm.lessons import drain

    result = drain(replace(QUALITY_CONFIG, seconds=seconds, seed=seed).run())
    keys = ("validation loss", "characters per second", "steps", "seconds")
    return {key: result.metrics[key] for key in keys} | {"seed": seed, "goal": QUALITY}


def two_layer_speed(seconds: float = 10.0) -> dict[str, Any]:
    """Characters a second at the size of "Two layers, Adagrad, one lane" (2 × 100 units, 25 steps), batch 32."""
    config = TextGeneration(
        corpus="python_docs", layers=2, units=100, time_steps=25, batch=32, optimizer="adagrad", learning_rate=0.1,
        clip="value", decay="none", carry=1000, seconds=seconds, validate_every=10**9, sample_seconds=1e9,
    )  # fmt: skip
    vocabulary, ids = config.encode(config.prepared_text())
    from lstm.batches import LaneBatches

    model, batches = config.build(len(vocabulary)), LaneBatches(ids, config.batch, config.time_steps, config.carry)
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for number, (x, y) in enumerate(batches.epoch(model.shuffle_rng)):
            if number % batches.carry == 0:
                model.reset_states()
            model.train_on_batch(x, y)
            done += x.size
            if time.perf_counter() - began >= seconds:
                break
    return {"characters per second": done / (time.perf_counter() - began), "the project that printed it": 3050}


def writing_speed(units: int = 128, symbols: int = 65, length: int = 20_000, rounds: int = 5) -> dict[str, float]:
    """Characters a second that one stream writes, drawing each from the softmax; and of the network alone."""
    shape = replace(SHAPES["characters"], units=units, features=symbols, outputs=symbols)
    model, best_all, best_network = shape.model(), 0.0, 0.0
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in write(model, np.zeros(1, int), length, seed=0):
            pass
        best_all = max(best_all, length / (time.perf_counter() - began))
        writer, began = Writer(model), time.perf_counter()
        _, states = writer.read([3])
        for _ in range(length):
            _, states = writer.step(3, states)
        best_network = max(best_network, length / (time.perf_counter() - began))
    return {"characters per second": best_all, "steps of the network per second": best_network}


class _TimedNumPy:
    """NumPy, with the time spent in matrix products added up."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def matmul(self, *args: Any, **options: Any) -> np.ndarray:
        began = time.perf_counter()
        product = np.matmul(*args, **options)
        self.seconds += time.perf_counter() - began
        return product


def matrix_share(shape: Shape, steps: int = 30) -> float:
    """The share of a training step, in one thread, that is spent inside the kernels' matrix products: their floor."""
    model, (x, y) = shape.model(), shape.data()
    shares = []
    try:
        for _ in range(3):
            model.train_on_batch(x, y)
        for _ in range(steps):
            kernels.np = timed = _TimedNumPy()
            began = time.perf_counter()
            model.loss_and_gradient(x, y, threads=1)  # two threads' products would be counted against the time of one
            model.apply_gradient()
            shares.append(timed.seconds / (time.perf_counter() - began))
    finally:
        kernels.np = np
    return float(np.median(shares))


def growth(rounds: int = 12) -> dict[str, dict[str, Any]]:
    """How a step's time grows when units, time steps or batch double: the times, and the exponent fitted to them."""
    base = SHAPES["characters"]
    sizes = {"units": (64, 128, 256, 512), "time": (16, 32, 64, 128), "batch": (8, 16, 32, 64, 128)}
    found = {}
    for what, values in sizes.items():
        steps: dict[int, Callable[[], Any]] = {}
        for value in values:
            shape = replace(base, **{what: value})
            model, (x, y) = shape.model(), shape.data()
            steps[value] = lambda model=model, x=x, y=y: model.train_on_batch(x, y)
            steps[value]()
        times: dict[int, list[float]] = {value: [] for value in values}
        for _ in range(rounds):
            for value, step in steps.items():
                began = time.perf_counter()
                step()
                times[value].append(time.perf_counter() - began)
        medians = [float(np.median(times[value])) for value in values]
        exponent = float(np.polyfit(np.log(values), np.log(medians), 1)[0])
        found[what] = {"sizes": list(values), "ms": [m * 1e3 for m in medians], "exponent": exponent}
    return found


def import_time(rounds: int = 5) -> dict[str, float]:
    """Seconds a fresh interpreter takes for `import lstm`, and for `import numpy` alone."""
    found = {}
    for module in ("numpy", "lstm"):
        code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        command = [sys.executable, "-c", code]
        runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(rounds)]
        found[module] = min(map(float, runs))
    return found
