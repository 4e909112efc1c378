"""The lesson "Memory": an LSTM and a SimpleRNN learn, side by side, to remember what came first."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from lstm import Sequential
from lstm.history import Control, Ended, History, Progress
from lstm.lessons.result import Result
from lstm.lessons.settings import Clip, check, check_budget, make_optimizer, option
from lstm.lessons.shared_options import (
    BATCH,
    CLIP,
    CLIP_AT,
    EPOCHS,
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

from .tasks import EPOCH, KINDS, LETTERS, Kind, Task, TaskBatches

LONGEST = 300
"""The longest distance, in time steps."""
GOAL = 0.99
LIVE, FINAL = 128, 512
"""Held-out sequences at each distance: while the training goes on, and at its end."""


@dataclass(frozen=True)
class Memory:
    """Two networks, one task, the same batches. Building one checks every setting (`ValueError`).

    There is one optimizer for each network, and the budget is that of both together. An epoch is 100 steps.
    """

    lesson: ClassVar[str] = "memory"
    decay: ClassVar[str] = "none"

    task: Literal["recall", "adding"] = option(
        "recall", "Task", "Memory: one of eight letters, then blanks, then the question. Adding: two of many numbers are "
        "marked.",
        labels={"recall": "which symbol came first?", "adding": "add the two marked numbers"}, group="the task",
    )  # fmt: skip
    distance: int = option(
        50, "Distance in time steps", "How long it has to remember.", high=LONGEST, step=10, flag="--distance", group="the task"
    )
    practice: Literal["mixed", "whole"] = option(
        "mixed", "It practises", "Short distances first teach what long ones need. Without them, an error at the end has to find "
        "its way back over the whole distance from the first step on.",
        labels={"mixed": "any distance up to that", "whole": "always the whole distance"}, group="the task",
    )  # fmt: skip
    blanks: Literal["noise", "silence"] = option(
        "noise", "In between lies", "Noise: blanks of four kinds at random. Silence: always the same blank.", group="the task"
    )
    symbols: int = option(
        8, "Symbols", "How many letters the first one may be.", low=2, high=len(LETTERS), group="the task"
    )
    units: int = UNITS(32, help="The length of the hidden state, in both networks.", high=128, step=8)
    gru: bool = option(
        False, "A GRU as a third line", "A third network, with one state and two gates, learns from the same sequences."
    )
    forget_bias: float = option(
        3.0, "Forget bias", "Where the bias of the LSTM's forget gate, and of a GRU's z, begins; at 0 half of the state is lost at every "
        "step.",
        low=-10, high=10, step=0.5,
    )  # fmt: skip
    batch: int = BATCH(32, help="Sequences an optimizer step is taken from; every one of them is new.", high=256)
    optimizer: str = OPTIMIZER()
    learning_rate: float = LEARNING_RATE(5e-3)
    clip: Clip = CLIP()
    clip_at: float = CLIP_AT()
    epochs: float | None = EPOCHS(help="Of 100 steps.")
    seconds: float | None = SECONDS(None)
    max_steps: int | None = STEPS(
        600, help="The budget of both: each step is one batch for the one and the other.",
        high=100_000, stops=(100, 300, 600, 1_000, 2_000, 3_000, 5_000, 10_000),
    )  # fmt: skip
    validate_every: int = VALIDATE_EVERY(25)
    seed: int = SEED()

    def __post_init__(self) -> None:
        check(self)
        check_budget(self)

    @property
    def posed(self) -> Task:
        """The task, ready to be posed."""
        return Task(self.task, self.symbols, self.blanks)

    @property
    def distances(self) -> list[int]:
        """Where both are examined: up to the distance they practise, and as far again."""
        shares = (0.02, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
        return sorted({max(1, round(share * self.distance)) for share in shares})

    @property
    def steps(self) -> int | None:
        """The budget in optimizer steps, if there is one."""
        counts = [self.max_steps] if self.max_steps else []
        counts += [max(1, round(self.epochs * EPOCH))] if self.epochs else []
        return min(counts, default=None)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The networks that are trained, by their names in `KINDS`."""
        return ("lstm", "rnn", "gru") if self.gru else ("lstm", "rnn")

    def build(self, kind: Kind) -> Sequential:
        """One of the two networks, untrained and compiled."""
        model = self.posed.build(kind, self.units, self.seed, self.forget_bias)
        recall = self.task == "recall"
        loss, metrics = ("sparse_categorical_crossentropy", ["accuracy"]) if recall else ("mse", [])
        model.compile(make_optimizer(self), loss, metrics=metrics)
        return model

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Train both in lockstep, yielding `Progress` at every step.

        Metrics: "loss" and "accuracy" are the LSTM's, "rnn_loss" and "rnn_accuracy" the SimpleRNN's; "val_score" and
        "val_rnn_score", every `validate_every` steps, are on held-out sequences of the whole distance: the share of
        right answers (recall) or the RMS error (adding). The note "curve" has the scores at all `distances`, by network.
        """
        control = control or Control()
        race = _Race.begin(self, checkpoint)
        if checkpoint is None:
            yield Progress(0, 0.0, 0.0, 0.0, None, {}, 0.0, race.look(0, LIVE)[1])
        ended: Ended = "finished"
        problem, progress, saved_at = None, None, 0.0
        while True:
            used = progress.seconds if progress is not None else 0.0
            last = control.stop or (self.seconds is not None and used >= self.seconds)
            due = control.save is not None and progress is not None and used - saved_at >= control.save_every
            try:
                step, metrics, notes = race.advance(stop=last, save=due and not last)
            except NonFiniteLoss:
                ended, problem = "diverged", race.lost["lstm"]
                break
            if not metrics:
                break  # the budget in steps is used up
            fraction = race.fraction(step)
            ended = "stopped" if control.stop and last and fraction < 1 else "finished"
            if last or fraction >= 1 or step % self.validate_every == 0:
                measured, curve = race.look(step, FINAL if last or fraction >= 1 else LIVE)
                metrics, notes = metrics | measured, notes | curve
            race.history.add(step, metrics)
            race.history.seconds = seconds = race.seconds
            if due and all(side.bytes for side in race.sides.values()):
                saved_at = seconds
                control.save(race.pack())
            progress = Progress(
                step=step,
                epoch=0.0,  # the sequences are always fresh: there is nothing to pass over
                seconds=seconds,
                fraction=1.0 if last else fraction,
                eta=seconds * (1 - fraction) / fraction if fraction > 0 else None,
                metrics=metrics,
                rate=race.rate,
                notes=notes,
            )
            yield progress
        race.history.ended = ended
        return self._result(race, ended, problem, progress)

    def _result(self, race: _Race, ended: str, problem: str | None, progress: Progress | None) -> Result:
        """Examine both once more, on more sequences, and hand over what came out."""
        task, both, reached = self.posed, race.sides, race.reached
        model = both["lstm"].model
        scores = {kind: [task.examine(side.model, d, FINAL) for d in self.distances] for kind, side in both.items()}
        at = self.distances.index(self.distance)
        metrics: dict[str, float] = {}
        for kind, found in scores.items():
            if self.task == "adding":
                metrics[f"{KINDS[kind]} error"] = found[at].value
        if self.task == "adding":
            metrics["error of always saying 1"] = task.chance
        metrics |= {f"{KINDS[kind]} steps to {GOAL:.0%}": float(step) for kind, step in reached.items()}
        if "rnn" in scores:
            metrics["SimpleRNN accuracy"] = scores["rnn"][at].accuracy
        if "gru" in scores:
            metrics["GRU accuracy"] = scores["gru"][at].accuracy
        metrics |= {
            "steps": progress.step if progress else 0,
            "seconds": progress.seconds if progress else 0.0,
            "sequences per second": progress.rate if progress else 0.0,
            "test accuracy": scores["lstm"][at].accuracy,
        }
        curve = {"distance": self.distances} | {kind: [s.value for s in found] for kind, found in scores.items()}
        model.metadata = {
            "lesson": self.lesson,
            "task": task.to_dict(),
            "config": asdict(self),
            "metrics": metrics,
            "curve": curve,
        }
        details = {
            "curve": curve,
            "accuracy": {kind: [s.accuracy for s in found] for kind, found in scores.items()},
            "reached": dict(reached),
            "lost": dict(race.lost),
            "rnn": both["rnn"].model if "rnn" in both else None,
            "parameters": {KINDS[kind]: side.model.count_params() for kind, side in both.items()},
        }
        return Result(self, model, race.history, metrics, ended, problem, details)


@dataclass
class _Race:
    """Both trainings side by side, what was measured of them, and what a checkpoint of the two holds."""

    config: Memory
    sides: dict[str, Side]
    history: History
    reached: dict[str, int]
    """The step at which a network first knew enough, by network."""
    lost: dict[str, str]
    """What became of a network that has diverged."""

    @classmethod
    def begin(cls, config: Memory, checkpoint: bytes | None) -> _Race:
        """At the first step, or where the checkpoint was made."""
        saved = unpack(checkpoint) if checkpoint is not None else {}
        facts, history = saved.get("facts", {}), History()
        history.points = {name: (list(at), list(values)) for name, (at, values) in facts.get("points", {}).items()}
        lost = facts.get("lost", {})
        sides: dict[str, Side] = {}
        for kind in config.kinds:
            if kind not in lost:
                batches = TaskBatches(config.posed, config.batch, config.distance, config.practice)
                sides[kind] = Side(config.build(kind), batches, config.steps, config.seconds, saved.get(kind))
        return cls(config, sides, history, facts.get("reached", {}), lost)

    def look(self, step: int, count: int) -> tuple[dict[str, float], dict[str, Any]]:
        """Examine both on `count` held-out sequences: metrics at the whole distance, and the note "curve"."""
        config, task = self.config, self.config.posed
        found: dict[str, list[float]] = {"distance": [float(d) for d in config.distances]}
        at = config.distances.index(config.distance)
        for kind, side in self.sides.items():
            found[kind] = [task.examine(side.model, d, count).value for d in config.distances]
            if config.task == "recall" and found[kind][at] >= GOAL:
                self.reached.setdefault(kind, step)
        names = {"lstm": "val_score", "rnn": "val_rnn_score", "gru": "val_gru_score"}
        return {names[kind]: found[kind][at] for kind in self.sides}, {"curve": found}

    def advance(self, stop: bool, save: bool) -> tuple[int, dict[str, float], dict[str, Any]]:
        """The next step of both: its number, metrics (none if there are no more steps) and notes.

        A SimpleRNN that diverges is left behind; `NonFiniteLoss` is raised where the LSTM does.
        """
        step = 0
        metrics: dict[str, float] = {}
        notes: dict[str, Any] = {}
        for kind, side in list(self.sides.items()):
            try:
                now = side.advance(stop, save)
            except NonFiniteLoss as error:
                self.lost[kind] = notes["lost"] = f"the {KINDS[kind]} has diverged: {error}"
                if kind == "lstm":
                    raise
                del self.sides[kind]
                continue
            if now is not None:
                step = now.step
                prefix = "" if kind == "lstm" else f"{kind}_"
                metrics |= {f"{prefix}{name}": value for name, value in now.metrics.items()}
        return step, metrics, notes

    @property
    def seconds(self) -> float:
        """Training time of both together."""
        return sum(side.seconds for side in self.sides.values())

    @property
    def rate(self) -> float:
        """Sequences per second, each read by both."""
        return 1 / sum(1 / max(side.progress.rate, 1e-9) for side in self.sides.values())

    def fraction(self, step: int) -> float:
        """Share of the budget that is used."""
        shares = [step / self.config.steps] if self.config.steps else []
        shares += [self.seconds / self.config.seconds] if self.config.seconds else []
        return min(max(shares), 1.0)

    def pack(self) -> bytes:
        """A checkpoint of both, from the bytes that each has left."""
        return pack(self.sides, {"points": self.history.points, "reached": self.reached, "lost": self.lost})
