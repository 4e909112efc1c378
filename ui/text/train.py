"""What Text generation shows of a training: losses beside what guessing costs, figures, and samples on the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from jobs.job import Job
from lstm.lessons.presets import compared, figure_text
from lstm.lessons.text.experiment import PRESETS, TextGeneration
from ui import keep, live
from ui.live import View
from ui.text.controls import controls
from ui.text.corpus import at_hand, size

PINNED = 4
SHOWN = ("parameters", "training loss", "validation loss", "loss of guessing by frequency", "seconds")


def view(job: Job) -> View:
    """How `ui.live` is to draw this job."""
    unit = job.config.level
    return View(
        unit=f"nats per {unit}", per_second=f"{unit}s", rules=_rules(job), figures=_figures, notes=_newest_sample,
    )  # fmt: skip


def _rules(job: Job) -> Mapping[str, float]:
    def baselines() -> Mapping[str, float]:
        try:
            return job.config.baselines()
        except (ValueError, OSError):  # the job itself says what is wrong with its text
            return {}

    return keep.of_session("text baselines", job.id, baselines)


def _figures(job: Job) -> dict[str, str]:
    figures = live.loss_figures(job)
    final, val = getattr(job.result, "metrics", {}), job.history.series("val_loss")[1]
    if figures and val:
        figures["Perplexity"] = f"{math.exp(min(final.get('validation loss', val[-1]), 50)):,.2f}"
    return figures


def _newest_sample(job: Job) -> None:
    """The newest sample, whole once nothing moves any more: it is there to be read aloud."""
    if job.history.series("val_loss")[0]:
        st.caption(
            f"Right is the {job.config.level} that came. Perplexity is e to the power of the loss: it is as "
            f"undecided as among so many equally likely {job.config.level}s."
        )
    if notes := job.notes("sample"):
        step, sample = notes[-1]
        st.caption(f"What it writes at step {step:,}" if step else "What it writes before it has learnt anything")
        st.code(sample["text"] or " ", language=None, wrap_lines=True, height="content" if job.ended else 121)


def samples_on_the_way(job: Job) -> None:
    """Samples side by side, from before the first step to now, so that progress can be read."""
    notes = spread(job.notes("sample"))
    if len(notes) < 2:
        return
    for column, (step, sample) in zip(st.columns(len(notes)), notes, strict=True):
        column.caption(f"Step {step:,}, after {sample['seconds']:.0f} s" if step else "Before the first step")
        column.code(sample["text"] or " ", language=None, wrap_lines=True)


def spread(notes: list[tuple[int, Any]], most: int = PINNED) -> list[tuple[int, Any]]:
    """At most `most` of the notes, in order: the first, the last, and others at half, a quarter … of its step."""
    if len(notes) <= most:
        return notes
    chosen, last = {0, len(notes) - 1}, notes[-1][0]
    for k in range(1, most - 1):
        wanted = last / 2**k
        free = [n for n in range(len(notes)) if n not in chosen]
        chosen.add(min(free, key=lambda n: abs(notes[n][0] - wanted)))
    return [notes[n] for n in sorted(chosen)]


def beside(name: str, job: Job | None) -> dict[str, list[str]]:
    """The figures a preset's project printed beside the lab's own, as columns of a table."""
    preset = PRESETS[name]
    job = job if job is not None and controls.same(job.config, preset.config) else None
    ours = {name: text for name, text in _ours(preset.config, job) if name in preset.printed or name in SHOWN}
    return compared(preset, ours)


def _ours(config: TextGeneration, job: Job | None):
    if not at_hand(config.corpus):
        return
    _, symbols = size(config)
    yield f"distinct {config.level}s", f"{symbols:,}"
    yield "parameters", f"{config.parameters(symbols):,}"
    metrics = getattr(job.result, "metrics", {}) if job is not None else {}
    for figure, value in metrics.items():
        text = figure_text(figure, value)
        if figure == "training loss" and config.time_steps == 25:
            text += f" nats, {25 * value:.2f} per 25 characters"
        yield figure, text
