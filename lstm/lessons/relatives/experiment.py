"""The lesson "Relatives": several kinds of memory learn one task on the same batches, side by side, with several seeds."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Literal

import numpy as np

from lstm import Sequential
from lstm.history import Control, History, Progress
from lstm.lessons.result import Result
from lstm.lessons.settings import Clip, check, check_budget, make_optimizer, option
from lstm.lessons.shared_options import (
    BATCH,
    CLIP,
    CLIP_AT,
    EPOCHS,
    LAYERS,
    LEARNING_RATE,
    OPTIMIZER,
    SECONDS,
    SEED,
    STEPS,
    UNITS,
    VALIDATE_EVERY,
)
from lstm.lessons.side_by_side import Side, pack, unpack
from lstm.training import NonFiniteLoss

from .growth import memory
from .tasks import CELLS, EPOCH, MOST_STEPS, TASKS, Task, TaskBatches, answering

LIVE, FINAL = 32, 128
"""Held-out sequences: while the training goes on, and at its end."""
MAX_WORK = 40_000_000
"""Numbers that all networks together may hold in memory for a step: 160 MB."""
POINTS = 60
"""Most points of a curve of accuracy against length."""
END = 0.8
"""An accuracy "at" a length is the mean over the steps from this share of it on."""


@dataclass(frozen=True)
class Relatives:
    """Several cells, one task, the same batches. Building one checks every setting (`ValueError`).

    Each network has an optimizer of its own, and the budget is that of all together. An epoch is 100 steps.
    """

    lesson: ClassVar[str] = "relatives"
    decay: ClassVar[str] = "none"

    task: Literal["parity", "recall", "adding", "copy"] = option(
        "parity", "Task", "What is to be known at every step.", labels=TASKS, group="the task"
    )
    cells: str = option(
        ",".join(CELLS), "Cells", f"Which networks race, with commas between: {', '.join(CELLS)}.", group="the task"
    )
    asked: Literal["always", "end"] = option(
        "always", "Output after", "When a training sequence wants its answer. At the end alone is harder: the error has to find its way "
        "back over the whole sequence, and lengths are mixed.",
        labels={"always": "every symbol", "end": "the last symbol only"}, flag="--output-after", group="the task",
        was={"after every symbol": "always", "at the end alone": "end"},
    )  # fmt: skip
    length: int = option(
        20, "Training length", "Symbols in the longest training sequence.", low=2, high=200, step=10, group="the task"
    )
    beyond: int = option(
        400, "Examined up to", "The longest sequence they are asked about; none of them is trained beyond the training length.",
        low=2, high=MOST_STEPS, step=50, group="the task",
    )  # fmt: skip
    back: int = option(5, "Copy from", "How many symbols back copying has to look.", high=20, group="the task")
    units: int = UNITS(32, help="The length of the hidden state, in every network.", high=128, step=8)
    layers: int = LAYERS(help="Layers of the cell, stacked, or blocks of attention.", high=2)
    heads: int = option(4, "Attention heads", "Patterns of attention side by side; they share the units.", high=16)
    forget_bias: float = option(
        1.0, "Forget bias", "Where the bias of the gate that keeps the state begins: f of an LSTM and a minLSTM, z of a GRU.",
        low=-10, high=10, step=0.5,
    )  # fmt: skip
    seeds: int = option(1, "Seeds", "How many networks of each kind, each from weights and batches of its own.", high=5)
    batch: int = BATCH(32, help="Sequences an optimizer step is taken from; every one of them is new.", high=128)
    optimizer: str = OPTIMIZER()
    learning_rate: float = LEARNING_RATE(5e-3)
    clip: Clip = CLIP()
    clip_at: float = CLIP_AT()
    epochs: float | None = EPOCHS(help="Of 100 steps.")
    seconds: float | None = SECONDS(None)
    max_steps: int | None = STEPS(
        300, help="The budget: each step is one batch for every network.", high=20_000,
        stops=(50, 100, 200, 300, 600, 1_000, 2_000),
    )  # fmt: skip
    validate_every: int = VALIDATE_EVERY(25)
    seed: int = SEED(help="The first of the seeds. The same seed and steps give the same weights, bit for bit.")

    def __post_init__(self) -> None:
        check(self)
        check_budget(self)
        names = [name.strip() for name in self.cells.split(",")]
        if unknown := [name for name in names if name not in CELLS]:
            raise ValueError(f"cells must be some of {', '.join(CELLS)}, got {unknown[0][:40]!r}")
        if len(set(names)) < len(names):
            raise ValueError(f"cells must name each cell once, got {self.cells[:60]!r}")
        if "attention" in names and self.units % self.heads:
            raise ValueError(f"heads must be a number that divides the {self.units} units, got {self.heads}")
        if self.beyond < self.length:
            raise ValueError(f"beyond must be at least the training length of {self.length}, got {self.beyond}")
        if self.task == "copy" and self.back >= self.length:
            raise ValueError(f"back must be less than the training length of {self.length}, got {self.back}")
        if (kept := self._kept) > MAX_WORK:
            raise ValueError(
                f"a step of all networks would keep {kept:,} numbers in memory, and at most {MAX_WORK:,} are allowed: "
                "take fewer cells, seeds, units or heads, a smaller batch or shorter sequences"
            )

    @property
    def _kept(self) -> int:
        """About how many numbers all networks hold for a step: a step's gates and states each; attention every pair of steps."""
        rows = self.batch * self.length * self.layers
        pairs = 5 * rows * self.length * self.heads if "attention" in self.names else 0  # one network at a time
        return 8 * rows * self.units * self.seeds * len(self.names) + pairs

    @property
    def names(self) -> tuple[str, ...]:
        """The cells that race, in the order of `CELLS`."""
        asked = [name.strip() for name in self.cells.split(",")]
        return tuple(name for name in CELLS if name in asked)

    @property
    def posed(self) -> Task:
        """The task, ready to be posed."""
        return Task(self.task, self.back)

    @property
    def steps(self) -> int | None:
        """The budget in optimizer steps, if there is one."""
        counts = [self.max_steps] if self.max_steps else []
        counts += [max(1, round(self.epochs * EPOCH))] if self.epochs else []
        return min(counts, default=None)

    def build(self, cell: str, seed: int) -> Sequential:
        """One of the networks, untrained and compiled."""
        model = self.posed.build(
            cell, self.units, seed, layers=self.layers, heads=self.heads, positions=self.beyond,
            forget_bias=self.forget_bias, every_step=self.asked == "always",
        )  # fmt: skip
        loss, metrics = ("mse", []) if self.task == "adding" else ("sparse_categorical_crossentropy", ["accuracy"])
        model.compile(make_optimizer(self), loss, metrics=metrics)
        return model

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Train all in turns, yielding `Progress` at every step.

        Metrics: "lstm_loss" and so on, the mean over the seeds; "val_lstm" and so on, every `validate_every` steps, are the
        shares of right answers at the training length, on held-out sequences of it. The note "curve" has the accuracy
        against the length by cell (see `curve`), up to the training length while it runs.
        """
        control, race = control or Control(), _Race.begin(self, checkpoint)
        if checkpoint is None:
            yield Progress(0, 0.0, 0.0, 0.0, None, {}, 0.0, race.look()[1])
        ended, progress, saved_at = "finished", None, 0.0
        while race.sides:
            used = progress.seconds if progress is not None else 0.0
            last = control.stop or (self.seconds is not None and used >= self.seconds)
            due = control.save is not None and progress is not None and used - saved_at >= control.save_every
            step, metrics, notes = race.advance(stop=last, save=due and not last)
            if not metrics:
                ended = ended if race.sides else "diverged"
                break  # the budget in steps is used up, or nobody is left
            fraction, seconds = race.fraction(step), race.seconds
            ended = "stopped" if control.stop and last and fraction < 1 else "finished"
            if last or fraction >= 1 or step % self.validate_every == 0:
                measured, drawn = race.look()
                metrics, notes = metrics | measured, notes | drawn
            race.history.add(step, metrics)
            race.history.seconds = seconds
            if due and all(side.bytes for side in race.sides.values()):
                saved_at = seconds
                control.save(race.pack())
            progress = Progress(
                step=step,
                epoch=0.0,  # the sequences are always fresh: there is nothing to pass over
                seconds=seconds,
                fraction=(1.0 if last else fraction) * _EXAMINING,
                eta=seconds * (1 - fraction) / fraction if fraction > 0 else None,
                metrics=metrics,
                rate=race.rate,
                notes=notes,
            )
            yield progress
        race.history.ended = ended
        return (yield from self._result(race.sides, race.history, ended, race.lost, progress))

    def _result(
        self, sides: dict[str, Side], history: History, ended: str, lost: dict[str, str], progress: Progress | None
    ) -> Generator[Progress, None, Result]:
        """Examine all on more and longer sequences, and hand over what came out."""
        task, found = self.posed, {}
        for k, (name, side) in enumerate(sides.items(), 1):
            found[name] = task.examine(side.model, self.beyond, FINAL)
            if progress is not None:
                share = _EXAMINING + (1 - _EXAMINING) * k / len(sides)
                yield replace(progress, fraction=share, metrics={}, eta=0.0, notes={})
        rows, metrics, curves = [], {"accuracy of guessing": task.chance}, {}
        for cell in self.names:
            mine = _of(found, cell)
            if not mine:
                continue
            models = [sides[name].model for name in mine]
            inside = [at_length(found[name], self.length) for name in mine]
            outside = [at_length(found[name], self.beyond) for name in mine]
            curves[cell] = [curve(found[name], task.first) for name in mine]
            steps = max(progress.step, 1) if progress is not None else 1
            rows.append(
                {
                    "cell": cell, "parameters": models[0].count_params(), "inside": inside, "beyond": outside,
                    "ms": [sides[name].seconds / steps * 1e3 for name in mine],
                    "bytes": memory(answering(models[0]), *task.held_out(self.batch, self.length)),
                }
            )  # fmt: skip
            for model, name in zip(models, mine):
                model.metadata = {
                    "lesson": self.lesson, "task": task.to_dict(), "cell": cell, "length": self.length,
                    "config": asdict(self) | {"seed": int(name.split(":")[1])},
                }  # fmt: skip
            metrics |= {f"{CELLS[cell]} at {self.beyond}": float(np.mean(outside))}
        metrics |= {"steps": progress.step if progress else 0, "seconds": progress.seconds if progress else 0.0}
        metrics |= {f"{CELLS[row['cell']]} at {self.length}": float(np.mean(row["inside"])) for row in rows}
        metrics["test accuracy"] = metrics.get(f"{CELLS[self.names[0]]} at {self.length}", 0.0)
        models = {}
        for cell in self.names:
            if mine := _of(found, cell):
                models[cell] = answering(sides[mine[0]].model)
                models[cell].metadata = sides[mine[0]].model.metadata
        problem = next(iter(lost.values())) if ended == "diverged" else None
        details = {"rows": rows, "curves": curves, "lost": dict(lost), "models": models}
        details["parameters"] = {CELLS[row["cell"]]: row["parameters"] for row in rows}
        return Result(self, next(iter(models.values()), None), history, metrics, ended, problem, details)


@dataclass
class _Race:
    """All trainings side by side by "cell:seed", what was measured of them, and what a checkpoint holds."""

    config: Relatives
    sides: dict[str, Side]
    history: History
    lost: dict[str, str]
    """What became of a network that has diverged."""

    @classmethod
    def begin(cls, config: Relatives, checkpoint: bytes | None) -> _Race:
        """At the first step, or where the checkpoint was made."""
        saved = unpack(checkpoint) if checkpoint is not None else {}
        facts, history = saved.get("facts", {}), History()
        history.points = {name: (list(at), list(values)) for name, (at, values) in facts.get("points", {}).items()}
        lost, sides = facts.get("lost", {}), {}
        for seed in range(config.seed, config.seed + config.seeds):
            for cell in config.names:
                if (name := f"{cell}:{seed}") not in lost:
                    batches = TaskBatches(config.posed, config.batch, config.length, config.asked == "always")
                    model = config.build(cell, seed)
                    sides[name] = Side(model, batches, config.steps, config.seconds, saved.get(name))
        return cls(config, sides, history, lost)

    def look(self) -> tuple[dict[str, float], dict[str, Any]]:
        """Examine all on held-out sequences: metrics at the training length, and the note "curve"."""
        config, task = self.config, self.config.posed
        found = {name: task.examine(side.model, config.length, LIVE) for name, side in self.sides.items()}
        means = {cell: np.mean([found[name] for name in mine], axis=0) for cell in config.names if (mine := _of(found, cell))}
        measurable = task.first < config.length * END
        metrics = {f"val_{cell}": at_length(one, config.length) for cell, one in means.items()} if measurable else {}
        curves = {cell: curve(one, task.first) for cell, one in means.items()}
        lengths = [length for length, _ in next(iter(curves.values()), [])]
        return metrics, {"curve": {"length": lengths} | {cell: [value for _, value in one] for cell, one in curves.items()}}

    def advance(self, stop: bool, save: bool) -> tuple[int, dict[str, float], dict[str, Any]]:
        """The next step of all: its number, metrics (none if there are no more steps) and notes. Who diverges is left behind."""
        step, notes, losses = 0, {}, {}
        for name, side in list(self.sides.items()):
            try:
                now = side.advance(stop, save)
            except NonFiniteLoss as error:
                self.lost[name] = notes["lost"] = f"{_named(name)} has diverged: {error}"
                del self.sides[name]
                continue
            if now is not None:
                step = now.step
                losses.setdefault(name.split(":")[0], []).append(now.metrics["loss"])
        return step, {f"{cell}_loss": float(np.mean(values)) for cell, values in losses.items()}, notes

    @property
    def seconds(self) -> float:
        """Training time of all together."""
        return sum(side.seconds for side in self.sides.values())

    @property
    def rate(self) -> float:
        """Sequences per second, each read by all."""
        return 1 / sum(1 / max(side.progress.rate, 1e-9) for side in self.sides.values())

    def fraction(self, step: int) -> float:
        """Share of the budget that is used."""
        shares = [step / self.config.steps] if self.config.steps else []
        shares += [self.seconds / self.config.seconds] if self.config.seconds else []
        return min(max(shares), 1.0)

    def pack(self) -> bytes:
        """A checkpoint of all, from the bytes that each has left."""
        return pack(self.sides, {"points": self.history.points, "lost": self.lost})


_EXAMINING = 0.95
"""The share of the run that the training is; the rest is the examination beyond the training length."""


def _of(names: dict[str, Any], cell: str) -> list[str]:
    return [name for name in names if name.split(":")[0] == cell]


def _named(name: str) -> str:
    cell, seed = name.split(":")
    return f"the {CELLS[cell]} with seed {seed}"


def at_length(shares: np.ndarray, length: int) -> float:
    """The share of right answers at a length: the mean over the last fifth of the steps up to it."""
    return float(np.mean(shares[int(END * length) : length]))


def curve(shares: np.ndarray, first: int = 0) -> list[tuple[int, float]]:
    """Points (length, accuracy) from the share of right answers after each step, each the mean over the steps since the last."""
    edges = np.unique(np.geomspace(first + 1, len(shares) + 1, POINTS + 1).round().astype(int)) - 1
    return [(int(stop), float(np.mean(shares[start:stop]))) for start, stop in pairwise(edges)]
