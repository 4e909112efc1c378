"""Tiny experiments for the tests of `jobs`: they keep the contract of run() and learn nothing."""

import os
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Progress:
    step: int
    epoch: float
    seconds: float
    fraction: float
    eta: float | None
    metrics: dict[str, float]
    rate: float
    notes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    config: Any
    model: Any
    history: Any
    metrics: dict[str, float]
    ended: str
    problem: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Count:
    """Counts to `steps`, `pause` seconds a step. Its loss is 1/step; every `note_every`-th step has a note.

    A checkpoint is the step, handed over every `save_every` steps, and at once to who asks for it with a `save_every` of
    0 seconds, unless the experiment is `stubborn`. `die_at` kills the worker at that step, in every attempt that gets
    there. After the last step it looks at its work for `examine` seconds and yields meanwhile.
    """

    steps: int = 20
    pause: float = 0.01
    note_every: int = 5
    save_every: int = 0
    fail_at: int = 0
    failure: str = "ValueError"
    diverge_at: int = 0
    die_at: int = 0
    hang_at: int = 0
    ballast: int = 0
    stubborn: bool = False
    examine: float = 0.0

    def run(self, control=None, checkpoint=None):
        first = int(checkpoint.split(b"|")[0]) if checkpoint else 0
        start = time.perf_counter()
        for step in range(first + 1, self.steps + 1):
            if control.stop:
                return self._result(step - 1, "stopped")
            time.sleep(self.pause)
            if step == self.fail_at:
                raise {"ValueError": ValueError, "KeyError": KeyError, "MemoryError": MemoryError}[self.failure](
                    "units must be a positive integer, got 0"
                )
            if step == self.die_at:
                os._exit(9)
            if step == self.hang_at:
                time.sleep(600)
            if step == self.diverge_at:
                return self._result(step, "diverged", "The loss is not finite; try a smaller learning rate.")
            asked = control.save_every == 0 and not self.stubborn
            if control.save and (asked or (self.save_every and step % self.save_every == 0)):
                control.save(b"%d|" % step + bytes(self.ballast))
            notes = {"sample": f"at {step}"} if step % self.note_every == 0 else {}
            seconds = time.perf_counter() - start
            metrics = {"loss": 1 / step} | ({"val_loss": 2 / step} if step % 10 == 0 else {})
            metrics["threads"] = control.threads or 0
            yield Progress(step, step / 10, seconds, step / self.steps, None, metrics, 1.0, notes)
        end = time.perf_counter() + self.examine
        while time.perf_counter() < end:
            time.sleep(self.pause)
            yield Progress(self.steps, self.steps / 10, seconds, 1.0, None, {}, 1.0)
        return self._result(self.steps, "finished")

    def _result(self, steps, ended, problem=None):
        return Result(self, bytearray(self.ballast), None, {"steps": steps, "pid": os.getpid()}, ended, problem)
