"""What Forecasting shows of a training: its losses beside what naive guesses cost, and a forecast that gets better."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm.lessons.cells import CELLS
from lstm.lessons.forecast.experiment import PRESETS
from lstm.lessons.presets import compared
from ui import keep, live
from ui.forecast import charts
from ui.forecast.axes import ACTUAL, Curve
from ui.forecast.controls import controls
from ui.forecast.models import preview
from ui.live import LOSS, View
from ui.live import Curve as LossCurve


def view(job: Job) -> View:
    """How `ui.live` is to draw this job."""
    others = tuple(LossCurve(f"val_loss {k}", "validation, others", "baseline") for k in range(2, job.config.seeds + 1))
    naive = preview(job.config, _series(job))
    rules = {"last value, test part": naive.row("last value").scaled_mse}
    if naive.floor is not None and naive.floor.mse < 0.99 * naive.row("last value").mse:  # one line where they are one
        rules["noise alone, test part"] = naive.floor.scaled_mse
    return View(
        unit="mean squared error, scaled", per_second="windows", curves=LOSS + others, rules=rules, marks=_marks,
        figures=_figures, height=280, log=True,
    )  # fmt: skip


def _marks(job: Job) -> Mapping[str, float]:
    """The step whose weights are the best so far; when all is over, those that came back."""
    best = job.notes("best")
    if not best:
        return {}
    found = best[-1][1]
    label = "best so far, epoch"
    if job.ended:
        label = "early stopping chose epoch" if job.state == "finished" else "the best weights came back, epoch"
    return {f"{label} {found['epoch']:,.0f}": found["step"]}


def _figures(job: Job) -> dict[str, str]:
    if not (figures := live.loss_figures(job, 5)):
        return {}
    if best := job.notes("best"):
        figures["Best"] = f"{best[-1][1]['val_loss']:.5f} in epoch {best[-1][1]['epoch']:,.0f}"
    if members := job.notes("member"):
        figures["Network"] = f"{members[-1][1]} of {job.config.seeds}"
    return figures


def on_the_way(job: Job) -> None:
    """The first points of the validation part, and what the network says of them at the moment."""
    notes = job.notes("forecast")
    if not notes:
        return
    newest = notes[-1][1]
    places = np.array(newest["origins"])
    series = _series(job)
    network = CELLS[job.config.cell].__name__
    curves = [Curve(ACTUAL, places, np.array(newest["actual"])), Curve(network, places, np.array(newest["predicted"]))]
    st.caption(f"The validation part, which it never trains on, and its forecast after epoch {newest['epoch']:,.0f}.")
    charts.lines(series, curves, height=250).show(
        "forecast_on_the_way", "Lines: the validation part, and the network's forecast of it so far"
    )


def _series(job: Job):
    """The series a job learns; made once, for a note says only where its points stand."""
    return keep.of_session("forecast series of a training", job.id, job.config.load)


def beside(name: str, job: Job | None) -> dict[str, list[str]]:
    """The figures a preset's project printed beside the lab's own, as columns of a table; all of the scaled series."""
    preset = PRESETS[name]
    ours = {"parameters": f"{preset.config.parameters_count:,}"}
    if job is not None and job.result is not None and controls.same(job.config, preset.config):
        ours |= {figure: _figure(figure, value) for figure, value in _ours(job).items()}
    lacking = "train it to see"
    return compared(preset, {name: ours.get(name, lacking) for name in _MORE} | ours, lacking)


_MORE = ("test MSE", "last value's MSE", "skill against last value", "skill against the best baseline", "parameters")


def _ours(job: Job) -> dict[str, float]:
    """The lab's figures under the names the other projects gave them."""
    metrics, validation = job.result.metrics, job.result.history.series("val_loss")[1]
    found = {
        "test MSE": metrics["test scaled MSE"],
        "test RMSE": metrics["test scaled MSE"] ** 0.5,
        "last value's MSE": metrics["last value scaled MSE"],
        "skill against last value": metrics["skill against last value"],
        "skill against the best baseline": metrics["skill against the best baseline"],
    }
    if validation:
        found |= {"validation MSE, first": validation[0], "validation MSE, last": min(validation)}
    return found


def _figure(name: str, value: float) -> str:
    return f"{value:.1%}" if "skill" in name else f"{value:.6f}"
