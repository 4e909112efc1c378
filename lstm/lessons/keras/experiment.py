"""The lesson "Keras against scratch": the same weights and batches through the lab and through Keras, step by step."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from lstm.history import Control, History, Progress
from lstm.lessons.presets import Preset
from lstm.lessons.result import Result
from lstm.lessons.settings import check, option
from lstm.lessons.shared_options import BATCH, CELL, LAYERS, LEARNING_RATE, OPTIMIZER, SEED, STEPS, UNITS
from lstm.model import Sequential
from lstm.optimizers import OPTIMIZERS

from .process import Side, network
from .tasks import TASKS, Material, material

SIZES = {"units": (16, 32, 64, 128), "batch": (1, 16, 64, 256)}
"""What `Growth` lets grow."""

BLOCKS = 8
"""How often the two are timed in turn when their speed is measured."""
_BLOCK_SECONDS = 0.25
_KERAS_WAIT = "Keras is being loaded and compiled."


@dataclass(frozen=True)
class KerasVsScratch:
    """One network, trained by the lab and by Keras at once. Building one checks every setting (`ValueError`).

    `speed` says whether steady-state speed is measured afterwards.
    """

    lesson: ClassVar[str] = "keras"

    task: str = option(
        "digits8", "Task", "The same batches in the same order go to both.", choices=tuple(TASKS),
        labels={name: task.title for name, task in TASKS.items()},
    )  # fmt: skip
    cell: str = CELL()
    layers: int = LAYERS()
    units: int = UNITS(64, high=256, stops=(4, 8, 16, 32, 64, 128, 256))
    optimizer: str = OPTIMIZER(help="How a gradient becomes a step, on both sides.")
    learning_rate: float = LEARNING_RATE(2e-3)
    clip: float | None = option(
        1.0, "Clip all gradients at", "The largest norm of all gradients together.", none="clips nothing", step=0.5
    )
    batch: int = BATCH(
        32, help="Examples a step learns from. Large ones have more work for each call.", high=512,
        stops=(1, 8, 16, 32, 64, 128, 256, 512),
    )  # fmt: skip
    steps: int = STEPS(
        50, help="How long the two train together, step by step.", high=500, stops=(10, 25, 50, 100, 200, 500)
    )
    dtype: Literal["float32", "float64"] = option(
        "float32", "Precision", "In float64 rounding errors are about 500 million times smaller.",
        labels={"float32": "float32, 7 digits", "float64": "float64, 16 digits"}, flag="--precision",
    )  # fmt: skip
    threads: Literal[1, 0] = option(
        1, "Cores for each side", "Keras on JAX shares large products among cores; so does NumPy's BLAS. 0 stands for all.",
        labels={1: "one core each", 0: "all cores"}, flag="--threads",
    )  # fmt: skip
    speed: bool = True
    seed: int = SEED()

    def __post_init__(self) -> None:
        check(self)

    def build(self, data: Material) -> Sequential:
        """The untrained, compiled model, from which both sides take their weights."""
        model = Sequential(data.layers(self.layers, self.units, self.cell), seed=self.seed, dtype=self.dtype)
        model.compile(OPTIMIZERS[self.optimizer](self.learning_rate, global_clipnorm=self.clip), data.loss)
        model.build((None, *data.x.shape[1:]))
        return model

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Train both, yielding `Progress` at every step. A run that lost its worker begins again.

        The metrics of a step: "loss" and "keras_loss"; "output_gap", "gradient_gap", "weight_gap", "loss_gap" as
        `gaps` defines them; "ms" and "keras_ms", the time of the step. The last notes: "speed", rows as in the result.

        Raises
        ------
        ValueError
            If Keras is not installed, or the task's data is not on this machine.
        """
        control, data, history = control or Control(), material(self.task), History()
        model = self.build(data)
        ended, weights = "finished", model.get_weights()
        began = time.perf_counter()
        yield Progress(0, 0.0, 0.0, 0.0, None, {}, 0.0, {"doing": _KERAS_WAIT})
        with ExitStack() as stack:
            sides = {kind: stack.enter_context(Side(kind, self.dtype, self.threads)) for kind in ("lab", "keras")}
            together = lockstep(sides, model, self, data)
            for step, (x, y, metrics, weights) in enumerate(together, 1):  # noqa: B007 – the last ones are wanted below
                history.add(step, metrics)
                seconds = time.perf_counter() - began
                rate = self.batch / (metrics["ms"] + metrics["keras_ms"]) * 1e3
                share = step / self.steps * (0.8 if self.speed else 1.0)
                yield Progress(
                    step, step * self.batch / len(data.x), seconds, share, seconds * (1 - share) / share, metrics, rate
                )  # fmt: skip
                if control.stop or not np.isfinite(metrics["loss"] + metrics["keras_loss"]):
                    ended = "stopped" if control.stop else "diverged"
                    break
            speed = None
            if self.speed and ended == "finished":
                yield Progress(
                    step, step * self.batch / len(data.x), time.perf_counter() - began, 0.85, None, {}, rate,
                    {"doing": "Now each trains alone, in turn, and is timed."},
                )  # fmt: skip
                speed = measure(sides, model, x, y, self.batch)
            peaks = {kind: side.ask("peak")[0]["peak"] for kind, side in sides.items()}
            versions = {kind: side.ask("hello")[0]["versions"] for kind, side in sides.items()}
        model.set_weights(weights)
        history.seconds = time.perf_counter() - began
        metrics = _final_metrics(history, speed)
        model.metadata = {"lesson": self.lesson, "config": asdict(self), "metrics": metrics}
        problem = None
        if ended == "diverged":
            problem = "The loss is no longer a finite number, on both sides alike: try a smaller learning rate."
        details = {
            "speed": speed, "peak_bytes": peaks, "versions": versions, "parameters": model.count_params(),
            "initial": self.build(data).get_weights(), "network": network(model), "examples": TASKS[self.task].examples,
        }  # fmt: skip
        yield Progress(
            step, step * self.batch / len(data.x), history.seconds, 1.0, 0.0, {}, rate, {"speed": speed} if speed else {}
        )
        return Result(self, model, history, metrics, ended, problem, details)


PRESETS: dict[str, Preset] = {
    "The digits": Preset(KerasVsScratch(), "One layer of 64 units reads the 8 × 8 digits row by row."),
    "Text, one-hot": Preset(
        KerasVsScratch(task="characters", units=128, learning_rate=5e-3), "Characters, with an answer after every time step."
    ),
    "Padded sentences": Preset(KerasVsScratch(task="topics", units=32), "An embedding and masked time steps."),
    "In 64 bits": Preset(KerasVsScratch(dtype="float64"), "The digits with 16 digits of precision."),
}


@dataclass(frozen=True)
class Growth:
    """How a training step's time grows on both sides when the units, or the batch, grow. Settings as in `KerasVsScratch`."""

    lesson: ClassVar[str] = "keras"

    vary: Literal["units", "batch"] = option("units", "What grows")
    task: str = "digits8"
    cell: str = "lstm"
    layers: int = 1
    units: int = 64
    batch: int = 32
    optimizer: str = "adam"
    dtype: Literal["float32", "float64"] = "float32"
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        check(self)
        for size in SIZES[self.vary]:
            self._one(size)

    def _one(self, size: int) -> KerasVsScratch:
        settings = {name: value for name, value in asdict(self).items() if name != "vary"}
        return KerasVsScratch(**{**settings, self.vary: size})

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Time both at each size. Metrics at the size: "ms" and "keras_ms"; notes: "rows" measured so far.

        Result.details["rows"] has a row for each size: what `measure` returns, and "size".
        """
        control, data, history, rows = control or Control(), material(self.task), History(), []
        began, sizes = time.perf_counter(), SIZES[self.vary]
        ended = "finished"
        yield Progress(0, 0.0, 0.0, 0.0, None, {}, 0.0, {"doing": _KERAS_WAIT})
        with ExitStack() as stack:
            sides = {kind: stack.enter_context(Side(kind, self.dtype, self.threads)) for kind in ("lab", "keras")}
            for number, size in enumerate(sizes, 1):
                config = self._one(size)
                model = config.build(data)
                x, y = next(data.batches(config.batch, 1, self.seed))
                rows.append({"size": size, **measure(sides, model, x, y, config.batch)})
                metrics = {name: rows[-1][name] for name in ("ms", "keras_ms")}
                history.add(size, metrics)
                seconds, share = time.perf_counter() - began, number / len(sizes)
                yield Progress(
                    size, 0.0, seconds, share, seconds * (1 - share) / share, metrics, config.batch / rows[-1]["ms"] * 1e3,
                    {"rows": list(rows)},
                )  # fmt: skip
                if control.stop:
                    ended = "stopped"
                    break
        history.seconds = time.perf_counter() - began
        metrics = {f"ratio at {row['size']}": row["keras_ms"] / row["ms"] for row in rows}
        return Result(self, None, history, metrics, ended, None, {"rows": rows})


def _final_metrics(history: History, speed: dict[str, Any] | None) -> dict[str, float]:
    """The last losses and the differences that count, by name."""
    metrics = {
        "lab loss": history.series("loss")[1][-1],
        "Keras loss": history.series("keras_loss")[1][-1],
        "first output gap": history.series("output_gap")[1][0],
        "first gradient gap": history.series("gradient_gap")[1][0],
        "last weight gap": history.series("weight_gap")[1][-1],
        "last loss gap": history.series("loss_gap")[1][-1],
    }
    if speed is not None:
        metrics["speed ratio"] = speed["keras_ms"] / speed["ms"]
    return metrics


Answer = tuple[dict[str, Any], list[np.ndarray]]


def _parts(head: dict[str, Any], arrays: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """Gradients, weights and outputs of a step."""
    count = head["count"]
    return arrays[:count], arrays[count : 2 * count], arrays[-1]


def lockstep(
    sides: dict[str, Side], model: Sequential, config: KerasVsScratch, data: Material
) -> Iterator[tuple[np.ndarray, np.ndarray, dict[str, float], list[np.ndarray]]]:
    """Both sides, from `model`'s weights on, one step at a time: the batch, its `gaps`, and the lab's new weights."""
    for side in sides.values():
        side.send("prepare", model.get_weights(), network=network(model))
    for side in sides.values():
        side.receive()
    for x, y in data.batches(config.batch, config.steps, config.seed):
        found = {kind: side.ask("step", [x, y]) for kind, side in sides.items()}
        yield x, y, gaps(*found.values()), _parts(*found["lab"])[1]


def gaps(lab: Answer, keras: Answer) -> dict[str, float]:
    """What a step gave on both sides, and the largest differences.

    "output_gap" and "weight_gap" are absolute; "gradient_gap" is relative to the largest entry of the same array, and
    "loss_gap" to the loss.
    """
    ours, theirs = _parts(*lab), _parts(*keras)
    if [a.shape for a in ours[1]] != [a.shape for a in theirs[1]]:
        raise ValueError("the two networks do not have the same weights")
    gradient = max(
        float(np.max(np.abs(a - b)) / max(float(np.max(np.abs(b))), np.finfo(b.dtype).tiny)) for a, b in zip(ours[0], theirs[0])
    )
    loss, keras_loss = lab[0]["loss"], keras[0]["loss"]
    return {
        "loss": loss,
        "keras_loss": keras_loss,
        "output_gap": float(np.max(np.abs(ours[2] - theirs[2]))),
        "gradient_gap": gradient,
        "weight_gap": max(float(np.max(np.abs(a - b))) for a, b in zip(ours[1], theirs[1])),
        "loss_gap": abs(loss - keras_loss) / max(abs(keras_loss), 1e-300),
        "ms": lab[0]["seconds"] * 1e3,
        "keras_ms": keras[0]["seconds"] * 1e3,
    }


def measure(sides: dict[str, Side], model: Sequential, x: np.ndarray, y: np.ndarray, batch: int) -> dict[str, Any]:
    """Steady-state speed of `train_on_batch` on both sides, in turn: A B A B …, medians of `BLOCKS` blocks.

    Returns
    -------
    "ms", "keras_ms" : a step's median time; "blocks", "keras_blocks" : of each block
    "first_ms", "keras_first_ms" : the very first step, with all that happens once
    "compile_ms" : what Keras's first step took longer, tracing and compiling
    "per_second", "keras_per_second" : examples
    "break_even" : steps after which compiling has paid, None if it never does
    """
    first, count, blocks = dict[str, Any](), dict[str, Any](), dict[str, Any]()
    for kind, side in sides.items():
        side.prepare(network(model), model.get_weights())
        first[kind] = side.ask("time", [x, y], count=1)[0]["seconds"] * 1e3
        side.ask("time", [x, y], count=2)
        once = side.ask("time", [x, y], count=3)[0]["seconds"] / 3
        count[kind], blocks[kind] = max(1, round(_BLOCK_SECONDS / max(once, 1e-6))), []
    for _ in range(BLOCKS):
        for kind, side in sides.items():
            blocks[kind].append(side.ask("time", [x, y], count=count[kind])[0]["seconds"] * 1e3 / count[kind])
    ms, keras_ms = (float(np.median(blocks[kind])) for kind in ("lab", "keras"))
    compile_ms = max(first["keras"] - keras_ms, 0.0)
    return {
        "ms": ms, "keras_ms": keras_ms, "blocks": blocks["lab"], "keras_blocks": blocks["keras"],
        "first_ms": first["lab"], "keras_first_ms": first["keras"], "compile_ms": compile_ms,
        "per_second": batch / ms * 1e3, "keras_per_second": batch / keras_ms * 1e3,
        "break_even": int(np.ceil(compile_ms / (ms - keras_ms))) if keras_ms < ms else None,
    }  # fmt: skip
