"""Truncated backpropagation through time (Williams & Peng, 1990): four ways to learn from a window shorter than the memory.

The question comes `distance` steps after the symbol it asks for, and the network is corrected in a window of the last few
steps only. What was read before the window is read too and the state carried into it, or the window begins with zeros;
and the gradient goes on back through all that was read, or is cut where the window begins.

    A ~ · · - ~ · : · ~ - · [ · ~ - · : ]?
    state carried      → → → → →        gradient cut      ← ← ← ← ←
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from lstm import Sequential
from lstm.batches import Batch
from lstm.history import Control, History, Progress
from lstm.lessons.result import Result
from lstm.lessons.settings import check, option
from lstm.lessons.shared_options import STEPS, UNITS
from lstm.optimizers import Adam

from .tasks import Task, TaskBatches

TASK = Task("recall")
BATCH = 32
COUNT = 512
"""Held-out sequences at the end; while it trains a quarter of them."""


@dataclass(frozen=True)
class Way:
    """One of the four: whether the state is carried into the window, and whether the gradient is cut where it begins."""

    carried: bool
    cut: bool

    @property
    def words(self) -> str:
        """As a line of a table says it."""
        return f"state {'carried' if self.carried else 'begins with zeros'}, gradient {'cut' if self.cut else 'goes on'}"


FULL, TRUNCATED, *ALONE = WAYS = (Way(True, False), Way(True, True), Way(False, False), Way(False, True))
"""All steps at once; what is called truncated; and the window by itself, twice."""


@dataclass(frozen=True)
class Row:
    """One way: the accuracy at the whole distance of each seed's network, and how far training has moved what reads a letter.

    moved : root mean square of what the weights that read the eight letters have changed by, mean over the seeds
    """

    way: Way
    accuracies: tuple[float, ...]
    moved: float

    @property
    def mean(self) -> float:
        """Mean accuracy."""
        return float(np.mean(self.accuracies))


@dataclass(frozen=True)
class Truncated:
    """LSTMs that learn recall through a window, each of the four ways with each seed. Building one checks every setting.

    All see the same sequences. A checkpoint holds the seeds that are done: a training that is put aside goes on with the next.
    """

    lesson: ClassVar[str] = "memory"

    distance: int = option(50, "Distance in time steps", "How long it has to remember.", high=300, step=10)
    window: int = option(
        10, "Window in time steps", "The last steps before the question, in which the network is corrected.", high=301, step=5
    )
    practice: Literal["whole", "mixed"] = option(
        "whole", "It practises", "Among mixed distances are some that fit into the window.",
        labels={"whole": "always the whole distance", "mixed": "any distance up to that"},
    )  # fmt: skip
    units: int = UNITS(32, help="The length of the hidden state.", high=64, step=8)
    forget_bias: float = option(
        3.0, "Forget bias", "Where the bias of the forget gate begins: at 3 it keeps 95 % of the cell state at each step.",
        low=-10, high=10, step=0.5,
    )  # fmt: skip
    max_steps: int = STEPS(600, help="Of each network.", high=2_000, stops=(200, 400, 600, 1_000, 2_000))
    seeds: int = option(3, "Seeds", "Networks that are trained in each way.", high=5)

    def __post_init__(self) -> None:
        check(self)

    def build(self, seed: int) -> Sequential:
        """An untrained, compiled network."""
        model = TASK.build("lstm", self.units, seed, self.forget_bias)
        model.compile(Adam(5e-3, global_clipnorm=1.0), "sparse_categorical_crossentropy")
        return model

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Train all of them, a step of each in turn, one seed after the other. The note "rows", now and then, has the table so far."""
        control, clock, history, step = control or Control(), time.perf_counter(), History(), 0
        rows, every, before = [Row(way, (), 0.0) for way in WAYS], max(1, self.max_steps // 10), 0.0
        if checkpoint is not None:
            rows, before, points = _unpack(checkpoint)
            history.points, step = points, len(rows[0].accuracies) * self.max_steps
        for seed in range(len(rows[0].accuracies), self.seeds):
            race = [self.build(seed) for _ in WAYS]
            begun = _letters(race[0])
            for number, (x, y) in enumerate(self._batches(seed), 1):
                logs = {}
                for way, model in zip(WAYS, race):
                    logs[way.words] = gradient(model, x, y, self.window, way)
                    model.apply_gradient()
                step += 1
                history.add(step, logs)
                last, found = number == self.max_steps or control.stop, []
                if last or number % every == 0:
                    count = COUNT if last else COUNT // 4
                    found = [_row(row, model, begun, self.distance, count) for row, model in zip(rows, race)]
                seconds = before + time.perf_counter() - clock
                if number == self.max_steps and seed + 1 < self.seeds and control.save is not None:
                    control.save(_pack(found, seconds, history))  # before it is put aside, which happens at a yield
                yield self._progress(step, logs, seconds, {"rows": found} if found else {})
                if last:
                    break
            rows = found
            if control.stop:
                break
        history.seconds = before + time.perf_counter() - clock
        metrics = {row.way.words: row.mean for row in rows} | {"steps": step, "seconds": history.seconds, "guessing": TASK.chance}
        ended = "stopped" if control.stop else "finished"
        return Result(self, race[WAYS.index(TRUNCATED)], history, metrics, ended, None, {"rows": rows})

    def _batches(self, seed: int) -> Iterator[Batch]:
        """The same fresh sequences for all four, without end."""
        batches, rng = TaskBatches(TASK, BATCH, self.distance, self.practice), np.random.default_rng(seed)
        while True:
            yield from batches.epoch(rng)

    def _progress(self, step: int, logs: dict[str, float], seconds: float, notes: dict[str, Any]) -> Progress:
        used = step / (self.seeds * self.max_steps)
        rate = len(WAYS) * BATCH * step / max(seconds, 1e-9)
        return Progress(step, 0.0, seconds, used, seconds * (1 - used) / used, logs, rate, notes)


def _pack(rows: list[Row], seconds: float, history: History) -> bytes:
    """A checkpoint after a seed: the table so far, as JSON."""
    table = [[row.accuracies, row.moved] for row in rows]
    return json.dumps({"rows": table, "seconds": seconds, "points": history.points}).encode()


def _unpack(checkpoint: bytes) -> tuple[list[Row], float, dict[str, tuple[list[int], list[float]]]]:
    """What `_pack` packed."""
    found = json.loads(checkpoint)
    rows = [Row(way, tuple(accuracies), moved) for way, (accuracies, moved) in zip(WAYS, found["rows"], strict=True)]
    return rows, found["seconds"], {name: (steps, values) for name, (steps, values) in found["points"].items()}


def gradient(model: Sequential, x: np.ndarray, y: np.ndarray, window: int, way: Way) -> float:
    """Fill the model's gradient in one of the four ways; returns the loss.

    Parameters
    ----------
    x, y : (batch, steps) symbols, (batch,) answers that are wanted after the last step
    window : how many of the last steps belong to it; with as many as there are steps all four ways are the same
    """
    if window >= x.shape[1] or way == FULL:
        return model.loss_and_gradient(x, y)["loss"]
    before, inside = x[:, :-window], x[:, -window:]
    states = model.predict(before, return_states=True)[1] if way.carried else None
    return model.loss_and_gradient(inside, y, initial_states=states)["loss"]


def _row(so_far: Row, model: Sequential, begun: np.ndarray, distance: int, count: int) -> Row:
    """A way's line with one more network in it."""
    before, accuracy = len(so_far.accuracies), TASK.examine(model, distance, count).accuracy
    moved = float(np.sqrt(np.mean((_letters(model) - begun) ** 2, dtype=np.float64)))
    return Row(so_far.way, (*so_far.accuracies, accuracy), (before * so_far.moved + moved) / (before + 1))


def _letters(model: Sequential) -> np.ndarray:
    """The weights that read the eight letters."""
    return model.layers[1].get_weights()[0][: TASK.symbols]


LIKE_GUESSING, LIKE_FULL = 0.05, 0.02
"""So far above guessing is like guessing, so far below the whole gradient is as good."""
GUESSES = ("No better than guessing", "Better than guessing, worse than with the whole gradient", "As good as with the whole gradient")


def outcome(rows: Sequence[Row]) -> int:
    """Which of `GUESSES` truncated backpropagation came to."""
    full, truncated = rows[0].mean, rows[1].mean
    if truncated >= full - LIKE_FULL:
        return 0 if full <= TASK.chance + LIKE_GUESSING else 2
    return 0 if truncated <= TASK.chance + LIKE_GUESSING else 1


def in_words(rows: Sequence[Row], window: int) -> list[str]:
    """What the four came to, a sentence or two about each, from their numbers alone."""
    full, truncated, alone, twin = rows
    if full.moved > 0 and len({(row.accuracies, row.moved) for row in rows}) == 1:
        return [
            f"All four are the same network to the last bit, right in {full.mean:.1%} of new sequences, where guessing is in "
            f"{TASK.chance:.1%}: the window holds all that is read, so nothing is cut off and nothing is left out."
        ]
    said = [f"All the way back: right in {full.mean:.1%} of new sequences, where guessing is in {TASK.chance:.1%}."]
    cut = f"The state carried, the gradient cut after {window:,} {'step' if window == 1 else 'steps'}: {truncated.mean:.1%}."
    if truncated.moved == 0:
        cut += " No correction ever reached the weights that read the letters: they are to the last bit those that were drawn."
        if truncated.mean > TASK.chance + LIKE_GUESSING:
            cut += " So what it knows of the letter it has from the trace that untaught weights leave in the state."
    else:
        cut += " Some letters stood inside the window, and their weights were corrected there."
    said.append(cut)
    same = "With a state that begins with zeros"
    if alone.accuracies == twin.accuracies:
        same += " it makes no difference whether the gradient is cut: there is nothing it could go back through."
    else:
        same += f" and the gradient cut: {twin.mean:.1%}."
    if alone.mean <= TASK.chance + LIKE_GUESSING:
        same += f" It is right in {alone.mean:.1%}: like guessing."
    elif alone.moved > 0:
        same += f" It is right in {alone.mean:.1%} all the same: what it learnt from letters inside the window holds at this distance too."
    else:
        same += f" It is right in {alone.mean:.1%}."
    return [*said, same]
