"""Several models trained one after the other as one training: one progress, one Ctrl-C, one checkpoint."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from lstm import Sequential
from lstm.history import Control, History, Progress


@dataclass
class Member:
    """One of the models, as it is being trained."""

    number: int
    model: Sequential
    control: Control
    checkpoint: bytes | None = None


class _MemberControl:
    """A member's `Control`: what the whole training's control says, its checkpoints wrapped into the whole's."""

    def __init__(self, outer: Control, wrap: Callable[[bytes], bytes]) -> None:
        self.outer, self.wrap = outer, wrap

    @property
    def stop(self) -> bool:
        return self.outer.stop

    @property
    def threads(self) -> int | None:
        return getattr(self.outer, "threads", None)

    @property
    def save_every(self) -> float:
        return self.outer.save_every

    @property
    def save(self) -> Callable[[bytes], None] | None:
        save = self.outer.save
        return None if save is None else lambda data: save(self.wrap(data))


class Members:
    """The models of a training, the first of which is its result.

    Parameters
    ----------
    models : built and compiled
    control : of the whole training
    checkpoint : of the whole training, to go on from
    """

    def __init__(self, models: list[Sequential], control: Control, checkpoint: bytes | None = None) -> None:
        self.all, self.control = models, control
        self.histories: list[History] = []
        self.steps, self.seconds, self.rate = 0, 0.0, 0.0
        self.ended = "finished"
        self.problem: str | None = None
        self._before = (0, 0.0)  # steps and seconds of the members that are done
        self._inner = self._unpack(checkpoint) if checkpoint is not None else None

    @property
    def models(self) -> list[Sequential]:
        """The models that were trained, at least the first."""
        return self.all[: max(len(self.histories), 1)]

    def remaining(self) -> Iterator[Member]:
        """The members still to be trained, one at a time; none after a stop or when the first one diverged."""
        while len(self.histories) < len(self.all) and self.ended == "finished":
            k = len(self.histories)
            yield Member(k, self.all[k], cast(Control, _MemberControl(self.control, self._pack)), self._inner)
            self._inner = None

    def report(self, member: Member, progress: Progress, notes: dict[str, Any]) -> Progress:
        """A member's progress as the whole training's."""
        steps, seconds = self._before
        self.steps, self.seconds, self.rate = steps + progress.step, seconds + progress.seconds, progress.rate
        used = (member.number + progress.fraction) / len(self.all)
        own = "" if member.number == 0 else f" {member.number + 1}"
        return replace(
            progress,
            step=self.steps,
            seconds=self.seconds,
            fraction=used,
            eta=self.seconds * (1 - used) / used if used > 0 else None,
            metrics={name + own: value for name, value in progress.metrics.items()},
            notes=notes,
        )

    def finish(self, member: Member, history: History, problem: str | None = None) -> None:
        """Note how a member's training ended. A later member's trouble ends the band, not the result."""
        self.histories.append(history)
        self._before = (self.steps, self.seconds)
        if problem is not None and member.number == 0:
            self.ended, self.problem = "diverged", problem
        elif problem is not None:
            self.histories.pop()
            self.all = self.all[: member.number]
        elif history.ended == "stopped":
            self.ended = "stopped"

    def _pack(self, inner: bytes) -> bytes:
        """A checkpoint of the whole: the members that are done, and where the present one stands."""
        done: dict[str, Any] = {f"weights_{k}": model.weights_vector for k, model in enumerate(self.all[: len(self.histories)])}
        facts = [{"points": h.points, "best_step": h.best_step, "seconds": h.seconds} for h in self.histories]
        file = io.BytesIO()
        np.savez(
            file,
            facts=np.frombuffer(json.dumps({"done": facts, "before": self._before}).encode(), np.uint8),
            inner=np.frombuffer(inner, np.uint8),
            **done,
        )
        return file.getvalue()

    def _unpack(self, checkpoint: bytes) -> bytes:
        with np.load(io.BytesIO(checkpoint), allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes().decode())
            for k, done in enumerate(facts["done"][: len(self.all)]):
                history = History()
                history.points = {name: (list(steps), list(values)) for name, (steps, values) in done["points"].items()}
                history.best_step, history.seconds = done["best_step"], done["seconds"]
                self.all[k].weights_vector[...] = arrays[f"weights_{k}"]
                self.histories.append(history)
            self._before = tuple(facts["before"])
            self.steps, self.seconds = self._before
            return arrays["inner"].tobytes()
