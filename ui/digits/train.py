"""What Digits shows of a training: loss and accuracy while it runs, sample digits, and the mistakes it is left with."""

from __future__ import annotations

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm.lessons.digits.experiment import PRESETS
from lstm.lessons.digits.reader import INK
from lstm.lessons.presets import compared, figure_text
from ui import accuracy, keep
from ui.digits.controls import controls
from ui.digits.grid import Shown, digit_grid
from ui.digits.models import DigitModel
from ui.digits.row_reader import row_reader
from ui.live import View

REFERENCE = {"the reference's test accuracy": 0.9648}
SHOWN_MISTAKES = 30
SMOOTHED = 2_000
"""Digits over which the training accuracy is averaged."""


def view(job: Job) -> View:
    """How `ui.live` is to draw this job."""
    return View(unit="loss (nats)", per_second="images", figures=_figures, notes=_accuracy, height=200, more=accuracy.ACCURACY)


def _figures(job: Job) -> dict[str, str]:
    return accuracy.figures(job, SMOOTHED)


def _accuracy(job: Job) -> None:
    """The second chart, and what is counted in it."""
    if not job.history.series("accuracy")[0]:
        return
    accuracy.accuracy(job, SMOOTHED, REFERENCE if job.config.data == "mnist" else {}, height=200)
    asked = f"after every {_step(job)}" if job.config.answer == "every" else f"after the last {_step(job)}"
    st.caption(
        f"Loss: of the answers {asked}. Accuracy: right after the last {_step(job)}; for the training a running mean."
    )


def _step(job: Job) -> str:
    return job.config.reading.removesuffix("s")


def sample_grid(job: Job) -> None:
    """Digits it never trains on, and what it takes them for at the moment."""
    images, grid = job.notes("images"), job.notes("grid")
    if not images or not grid:
        return
    pixels, labels = images[0][1]
    step, found = grid[-1]
    st.caption(f"Digits it never trains on, and what it takes them for at step {step:,}; ✗ is wrong.")
    digits = [Shown(*one) for one in zip(pixels, labels, found["guess"], found["sure"], strict=True)]
    digit_grid(digits, INK[job.config.data], key="digits_samples")


def beside(name: str, job: Job | None) -> dict[str, list[str]]:
    """The figures a preset's project printed beside the lab's own, as columns of a table."""
    preset = PRESETS[name]
    ours = {"parameters": f"{preset.config.parameters:,}"}
    if job is not None and controls.same(job.config, preset.config):
        if right := job.history.series("accuracy")[1]:
            ours["training accuracy"] = f"{np.mean(right[-500:]):.2%} lately"
        ours |= {metric: figure_text(metric, value) for metric, value in getattr(job.result, "metrics", {}).items()}
    return compared(preset, ours)


@st.fragment
def mistakes(job: Job, shown: DigitModel) -> None:
    """The surest mistakes on the test set; a click shows how it came to one."""
    found = job.result.details["mistakes"]
    total = int(np.sum(job.result.details["report"]["confusion"]))
    wrong = total - int(np.trace(np.array(job.result.details["report"]["confusion"])))
    if not found:
        st.success(f"It took none of the {total:,} test digits for another.")
        return
    st.markdown(
        f"**The surest mistakes**: {wrong:,} of {total:,} test digits were taken for another. "
        "Choose one to see how it came to that."
    )
    surest = found[:SHOWN_MISTAKES]
    chosen = min(keep.table("digits mistake").get(job.id, 0), len(surest) - 1)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        digits = [Shown(m["pixels"], m["label"], m["guess"], m["sure"]) for m in surest]
        choose = lambda index: keep.remember("digits mistake", job.id, index)  # noqa: E731
        digit_grid(digits, INK[shown.reader.data], "digits_mistakes", chosen, choose)
    with right:
        one = surest[chosen]
        st.markdown(f"Test digit {one['number']:,}: a **{one['label']}**, taken for a **{one['guess']}**.")
        image = one["pixels"] / np.float32(INK[shown.reader.data])
        row_reader(image, shown.believes(image), shown.reader, "digits_mistake_reader")
