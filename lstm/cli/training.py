"""`train`, the same for every lesson: options, progress, Ctrl-C, checkpoints, and what is printed at the end."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lstm.history import Control, Progress
from lstm.lessons import drain
from lstm.lessons.presets import Preset, compared, figure_text
from lstm.lessons.result import Result
from lstm.lessons.settings import differences
from lstm.lessons.training import MEASURED, metric_name
from lstm.storage import model_bytes

from . import files, resume
from .lessons import Lesson
from .parsing import add_settings, chosen, number
from .terminal import Line, duration, figure, printable, sentence, size

BUDGET = ("seconds", "epochs", "max_steps")
COMMON = {"run", "out", "checkpoint", "checkpoint_every", "resume", "show_samples", "quiet"}


def add_options(parser: argparse.ArgumentParser, lesson: Lesson) -> None:
    """Add what `train` takes for this lesson: what the lesson adds itself, its settings, and what is common to all."""
    add_experiment(parser, lesson)
    out = parser.add_argument_group("what comes out")
    out.add_argument(
        "--out", type=Path, metavar="FILE", help="save the trained model, usually as .npz; Ctrl-C stops and saves too"
    )
    out.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="save a point to go on from, every few seconds and at Ctrl-C"
    )
    out.add_argument(
        "--checkpoint-every", type=number, metavar="X", default=5.0, help="seconds between checkpoints (default 5)"
    )
    out.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="go on from a checkpoint, with its settings; only the budget can be changed",
    )
    out.add_argument("--show-samples", action="store_true", help="show what the model can do every few seconds")
    out.add_argument("--quiet", action="store_true", help="no progress, only results")


def add_experiment(parser: argparse.ArgumentParser, lesson: Lesson) -> None:
    """Add what describes an experiment of this lesson."""
    if presets := getattr(lesson, "PRESETS", {}):
        parser.add_argument(
            "--preset", metavar="NAME", default=argparse.SUPPRESS,
            help=f"begin from the settings of one of {', '.join(map(repr, presets))}; other options change them",
        )  # fmt: skip
    if hasattr(lesson, "add_options"):
        lesson.add_options(parser)
    add_settings(parser, lesson.CONFIG)


def run(lesson: Lesson, options: argparse.Namespace) -> int:
    """Train; print the final figures; return 0, or 1 if the training diverged, or 130 if nothing could be kept."""
    line = Line(options.quiet)
    for path, option in ((options.out, "--out"), (options.checkpoint, "--checkpoint")):
        if path is not None:
            files.check_writable(path, option)
    if options.checkpoint_every < 0:
        raise ValueError(f"--checkpoint-every must be 0 or more seconds, got {options.checkpoint_every:g}")
    config, checkpoint = experiment(lesson, options, line)
    line.say(lesson.prepare(config, line))

    control = Control(save_every=options.checkpoint_every)
    watch = Watch(lesson, config, control, line, options.show_samples)
    if options.checkpoint is not None:
        control.save = lambda data: watch.save(options.checkpoint, data)
    try:
        with watch.interrupts():
            result = drain(config.run(control, checkpoint), watch)
            line.clear()
            if watch.steps == 0:
                raise ValueError("the checkpoint's training has used up this budget already: give it a larger one")
            return _report(lesson, result, options, watch)
    except KeyboardInterrupt:
        line.clear()
        kept = f"go on with: --resume {options.checkpoint}" if watch.saved else "nothing was kept"
        print(f"interrupted; {kept}", file=sys.stderr)
        return 130
    except Exception as error:
        if checkpoint is None or watch.steps or isinstance(error, OSError):
            raise
        if isinstance(error, ValueError) and "checkpoint" in str(error):  # it has said so itself
            raise
        raise ValueError(
            f"the checkpoint {str(options.resume)!r} is damaged, or does not fit this version of the lab"
        ) from error


def experiment(lesson: Lesson, options: argparse.Namespace, line: Line) -> tuple[Any, bytes | None]:
    """The experiment that the options describe, and the checkpoint to go on from."""
    budget = {name: getattr(options, name) for name in BUDGET if hasattr(options, name)}
    if budget:
        budget = {name: budget.get(name) for name in BUDGET}
    if options.resume is None:
        told = lesson.settings(options, line) if hasattr(lesson, "settings") else chosen(options, lesson.CONFIG)
        if (preset := _preset(lesson, options)) is not None:
            return replace(preset.config, **told | budget), None
        return lesson.CONFIG(**told | budget), None
    if others := sorted(set(vars(options)) - COMMON - set(BUDGET)):
        names = ", ".join(name.replace("_", "-") for name in others)
        raise ValueError(f"--resume goes on with the settings of its checkpoint, so leave out: {names}")
    settings, checkpoint = resume.unpack(options.resume, lesson.CONFIG.lesson)
    try:
        return lesson.CONFIG(**settings | budget), checkpoint
    except (TypeError, AttributeError, OverflowError):
        raise ValueError(
            f"the checkpoint {str(options.resume)!r} is damaged, or does not fit this version of the lab"
        ) from None


def _preset(lesson: Lesson, options: argparse.Namespace) -> Preset | None:
    """The preset that was named, if any."""
    name = getattr(options, "preset", None)
    if name is None:
        return None
    presets = getattr(lesson, "PRESETS", {})
    if name not in presets:
        raise ValueError(f"--preset must be one of {', '.join(map(repr, presets))}, got {name[:40]!r}")
    return presets[name]


class Watch:
    """Sees every step of a training: shows progress, and turns Ctrl-C into an orderly end."""

    def __init__(self, lesson: Lesson, config: Any, control: Control, line: Line, samples: bool) -> None:
        self.lesson, self.config, self.control, self.line, self.samples = lesson, config, control, line, samples
        self.steps = 0
        self.validation: dict[str, float] = {}
        self.measured: Mapping[str, str] = {}
        self.interrupted = self.saved = False

    def __call__(self, progress: Progress) -> None:
        self.steps = progress.step
        if self.interrupted:
            if self.control.save is not None and self.control.save_every > 0:
                self.control.save_every = 0.0  # a checkpoint after the coming step, the end after the one that follows
            else:
                self.control.stop = True
        self.measured = progress.notes.get(MEASURED, self.measured)
        self.validation |= {name: value for name, value in progress.metrics.items() if name.startswith("val_")}
        if self.samples and (text := self.lesson.sample(progress.notes)) is not None:
            self.line.say(f"\n--- step {progress.step:,} ---\n{printable(text)}\n")
        if progress.step and self.line.due():
            self.line.show(progress.fraction, self._text(progress))

    def _text(self, progress: Progress) -> str:
        figures = {k: v for k, v in progress.metrics.items() if not k.startswith("val_")} | self.validation
        figures = {metric_name(name, self.measured): value for name, value in figures.items()}
        parts = [] if progress.eta is None else [f"{duration(progress.eta)} left"]
        parts += [f"step {progress.step:,}"]
        parts += [f"{name} {value:.3f}" for name, value in figures.items()]
        parts += [f"{progress.rate:,.0f} {self.lesson.unit(self.config)}/s"]
        return "  ".join(parts)

    def save(self, path: Path, checkpoint: bytes) -> None:
        """Write a checkpoint. That it cannot be written (a full disk) is said, and no reason to end the training."""
        try:
            files.write(path, resume.pack(self.config, checkpoint))
            self.saved = True
        except OSError as error:
            self.line.say(f"the checkpoint was not saved: {sentence(error)}")

    @contextlib.contextmanager
    def interrupts(self) -> Iterator[None]:
        """Within this block the first Ctrl-C asks the training to end, a second one leaves at once."""
        before = signal.getsignal(signal.SIGINT)
        mine = threading.current_thread() is threading.main_thread() and before is signal.default_int_handler
        if mine:
            signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            if mine:
                signal.signal(signal.SIGINT, before)

    def _interrupt(self, *_: object) -> None:
        if self.interrupted or self.steps == 0:
            raise KeyboardInterrupt
        self.interrupted = True


def _beside(preset: Preset | None, result: Result) -> None:
    """The figures that a preset's project printed beside those of this training, if it is the preset's."""
    if preset is None or not preset.printed or differences(result.config, preset.config):
        return
    ours = {name: figure_text(name, value) for name, value in result.metrics.items() if name in preset.printed}
    columns = compared(preset, ours, "not measured")
    for row in zip(*columns.values(), strict=True):
        print(f"{row[0]}: " + "; ".join(f"{column} {text}" for column, text in list(zip(columns, row, strict=True))[1:]))


def _report(lesson: Lesson, result: Result, options: argparse.Namespace, watch: Watch) -> int:
    """Save the model and print the figures, the one that counts last."""
    if result.problem:
        print(f"error: {result.problem}", file=sys.stderr)
    if result.ended == "stopped":
        print(f"stopped after step {watch.steps:,}", file=sys.stderr)
    kept, unsaved = "", ""
    if options.out is not None:
        named = getattr(lesson, "outputs", lambda result, path: {path: model_bytes(result.model)})
        outputs = named(result, options.out)
        which = ", the last good weights" if result.problem else ""
        problems = [problem for path, data in outputs.items() if (problem := files.write_or_keep(path, data, "the network"))]
        unsaved = "; ".join(problems)
        if not problems:
            kept = f"saved {', '.join(map(str, outputs))} ({size(sum(map(len, outputs.values())))}{which})"
    if result.ended == "stopped" and watch.saved:
        watch.line.say(f"go on with: --resume {options.checkpoint}")
    for name, value in result.metrics.items():
        if name != lesson.HEADLINE:
            print(figure(name, value))
    _beside(_preset(lesson, options), result)
    if kept:
        print(kept)
    print(figure(lesson.HEADLINE, result.metrics[lesson.HEADLINE]), flush=True)
    if unsaved:
        raise ValueError(unsaved)
    if result.problem:
        return 1
    return 130 if result.ended == "stopped" and not (kept or watch.saved) else 0
