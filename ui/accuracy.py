"""What the lessons that sort texts or digits show of a training: loss and accuracy, each with its validation curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from jobs.job import Job
from lstm.lessons.training import metric_name
from ui import live
from ui.live import Curve, View
from ui.training_charts import Line, loss_curves, running_mean

SMOOTHED = 1_000
"""Examples over which the training accuracy is averaged: a batch alone jumps about."""
ACCURACY = (
    Curve("val_accuracy", "validation accuracy", "validation", "share that is right"),
    Curve("accuracy", "training accuracy", "train", "share that is right"),
)
"""What is drawn in the second chart."""


def view(counted: str = "texts", more: Callable[[Job], None] | None = None, height: int = 260) -> View:
    """How `ui.live` is to draw such a training; `more` is drawn below its accuracy."""

    def notes(job: Job) -> None:
        accuracy(job)
        if more is not None:
            more(job)

    return View(unit="loss (nats)", per_second=counted, figures=figures, notes=notes, height=height, more=ACCURACY)


def figures(job: Job, over: int = SMOOTHED) -> dict[str, str]:
    """Where it stands, in numbers; those of the training are means over about the last `over` examples."""
    right, val = (job.history.series(name)[1] for name in ("accuracy", "val_accuracy"))
    found = live.loss_figures(job)
    if right:
        found["Training accuracy"] = f"{np.mean(right[-max(20, over // job.config.batch) :]):.1%}"
    final = getattr(job.result, "metrics", {})
    if "validation accuracy" in final:
        found["Validation accuracy"] = f"{final['validation accuracy']:.1%}"
    elif val:
        name = metric_name("val_accuracy", live.measured(job))
        found[f"{name[0].upper()}{name[1:]}"] = f"{val[-1]:.1%}"
    return found


def accuracy(job: Job, over: int = SMOOTHED, rules: Mapping[str, float] | None = None, height: int = 260) -> None:
    """The second chart: the share of right answers, for the training as a running mean over `over` examples."""
    steps, values = job.history.series("accuracy")
    if not steps:
        return
    spacing = max((steps[-1] - steps[0]) / max(len(steps) - 1, 1), 1.0)
    lines = [
        Line("training accuracy", "train", steps, running_mean(values, round(over / job.config.batch / spacing))),
        Line(
            metric_name("val_accuracy", live.measured(job)), "validation", *job.history.series("val_accuracy")
        ),
    ]
    loss_curves(lines, rules, y="accuracy", height=height).show(
        f"{job.config.lesson}_accuracy", "Lines: training and validation accuracy, step by step"
    )
