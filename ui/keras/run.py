"""The comparison itself: the lab's half before Keras is asked, both while they train, and the run before."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from jobs import engine
from jobs.job import Job
from lstm import Sequential
from lstm.lessons.keras import tasks
from lstm.lessons.keras.experiment import KerasVsScratch
from lstm.lessons.keras.process import MISSING
from ui import keep
from ui.keras import charts
from ui.keras.controls import controls
from ui.live import Curve, View
from ui.numbers import scientific
from ui.plain import sentence

FIRST_STEPS = 25
FIRST_SECONDS = 0.3
"""What the page itself computes on arrival: at most so many steps, for at most so long."""
_KEPT = 6
GREW = 1.5
"""From this factor on a difference counts as grown: below it two sums that differ in their last bits say nothing."""
T = TypeVar("T")
AT_FIRST = KerasVsScratch()
"""The comparison as everybody finds it."""

material = lru_cache(maxsize=3)(tasks.material)
"""A task's data and layers' settings: read alone, so that sessions may share it."""


def fresh(config: KerasVsScratch) -> Sequential:
    """The network both sides begin with, built anew."""
    return config.build(material(config.task))


def first_steps(config: KerasVsScratch) -> tuple[list[int], list[float]]:
    """The lab's losses at the first steps, computed at once and kept.

    Raises
    ------
    ValueError
        If the task's data is not on this machine, or the loss is no longer a finite number.
    """

    def train() -> list[float]:
        data, model, found = material(config.task), fresh(config), []
        began = time.perf_counter()
        for x, y in data.batches(config.batch, min(FIRST_STEPS, config.steps), config.seed):
            found.append(model.train_on_batch(x, y))
            if time.perf_counter() - began > FIRST_SECONDS:
                break
        return found

    losses = kept("first steps", replace(config, steps=min(config.steps, FIRST_STEPS), speed=False), train)
    return list(range(1, len(losses) + 1)), losses


def kept(what: str, config: KerasVsScratch, make: Callable[[], T]) -> T:
    """What `make` computes for a network: of the one that everybody meets first once for all, of others for the visitor."""
    first = replace(config, steps=AT_FIRST.steps, speed=AT_FIRST.speed) == AT_FIRST
    if first:
        return keep.of_all(f"keras {what}", config, make)
    return keep.of_session(f"keras {what}", config, make, most=_KEPT)


def arrival(config: KerasVsScratch, installed: bool) -> None:
    """The lab's half, before anything was started."""
    steps, values = first_steps(config)
    charts.losses({charts.LAB: (steps, values)}, "loss", height=300).show(
        "keras_first", "Line: the lab's loss at its first training steps"
    )
    if installed:
        st.markdown(
            f"The lab's half: its first {len(steps)} steps, computed on this server. **Run both** starts Keras 3 on JAX in a "
            "process of its own, gives it these weights and the same batches, draws its loss over this one, and measures "
            "how far the two are apart."
        )
    else:
        st.info(f"{sentence(MISSING)} Above: the lab's first {len(steps)} steps.", icon=":material/extension:")
    weights = fresh(config)
    recurrent = next(layer for layer in weights.layers if hasattr(layer, "units") and len(layer.get_weights()) == 3)
    charts.matrix(recurrent.get_weights()[1], "from unit", True, height=160).show(
        "keras_first_weights", "Heat map: the recurrent kernel both networks begin with, gate by gate"
    )
    shown = min(config.units, charts.SHOWN)
    st.caption(
        f"The recurrent kernel both begin with, gate by gate: what each unit gets from the others ({shown} of "
        f"{config.units} shown). Blue is negative, orange positive."
    )


def view(job: Job) -> View:
    """How `ui.live` is to draw a comparison."""
    examples = tasks.TASKS[job.config.task].examples
    more = (Curve("loss", "the lab's loss", "train"), Curve("keras_loss", "Keras's loss", "validation"))
    more += tuple(Curve(name, f"largest difference, {label}", colour, "difference") for name, (label, colour) in charts.GAPS.items())
    return View(per_second=examples, curves=(), notes=_draw, more=more)


def before(job: Job, session: str) -> Job | None:
    """The comparison this session ran before `job`, of the same network, if there is one."""
    same = lambda config: replace(config, dtype="float32", steps=1, speed=True)  # noqa: E731
    earlier = []
    for one in engine.jobs(session):
        if one is job:
            break
        if isinstance(one.config, KerasVsScratch) and one.ended and one.history.series("loss_gap")[0]:
            earlier.append(one)
    return next((one for one in reversed(earlier) if same(one.config) == same(job.config)), None)


def measured(job: Job) -> Mapping[str, charts.Series]:
    """The differences of a run so far."""
    return {name: job.history.series(name) for name in charts.GAPS}


def _draw(job: Job) -> None:
    doing = job.notes("doing")
    steps, loss = job.history.series("loss")
    if doing and not job.ended and (not steps or doing[-1][0] >= steps[-1]):
        st.caption(sentence(doing[-1][1]))
    if not steps:
        if not job.ended:
            with suppress(ValueError):  # what is wrong with the data, the page says
                steps, loss = first_steps(job.config)  # the reader keeps what was there
                charts.losses({charts.LAB: (steps, loss)}, "loss", height=300).show(
                    "keras_losses", "Line: the lab's loss; Keras's is on its way"
                )
        return
    both = {charts.LAB: (steps, loss), charts.KERAS: job.history.series("keras_loss")}
    charts.losses(both, "loss", height=300).show("keras_losses", "Lines: both losses over each other, step by step")
    earlier = before(job, st.session_state["_session_id"])
    past = (measured(earlier), earlier.config.dtype) if earlier is not None else (None, "")
    charts.gaps(measured(job), job.config.dtype, *past, height=280).show(
        "keras_gaps", "Lines on a logarithmic axis: how far outputs, gradients, weights and loss are apart"
    )
    gap = {name: job.history.series(name)[1] for name in charts.GAPS}
    st.caption(
        f"Largest differences, 1 = float32's resolution ε = 1.2 × 10⁻⁷; exactly 0 stands at the bottom. Weights now: "
        f"**{_size(gap['weight_gap'][-1])}**, outputs **{_size(gap['output_gap'][-1])}**, both absolute; gradients "
        f"**{_size(gap['gradient_gap'][-1])}** of their largest, loss **{_size(gap['loss_gap'][-1])}** of its value."
    )


def _size(value: float) -> str:
    if not np.isfinite(value):
        return "not a number"
    return "0" if value == 0 else scientific(value)


def why(job: Job, session: str) -> str | None:
    """Why the two part, with this run's figures; None while it has none."""
    gap = job.history.series("weight_gap")[1]
    if not gap or not np.isfinite(gap[-1]):
        return None
    text = parting_in_words(gap[0], gap[-1], len(gap) if job.config.steps == len(gap) else None)
    earlier = before(job, session)
    if earlier is not None and earlier.config.dtype != job.config.dtype:
        other = earlier.history.series("weight_gap")[1]
        coarse, fine = (other, gap) if job.config.dtype == "float64" else (gap, other)
        text += f" {finer_in_words(coarse[-1], fine[-1])}"
    elif job.config.dtype == "float32":
        text += " If it is rounding, 64 bits must shrink it: try."
    if job.config.dtype == "float64":
        text += (
            " One fact on the way: asked for float64, Keras on JAX still computes tanh in 32 bits; here that is lifted, or "
            "the gap would hardly fall."
        )
    return text


def parting_in_words(first: float, last: float, steps: int | None) -> str:
    """How far the weights are apart after the first step and the last, and what becomes of the difference. Markdown.

    `steps` is None where not every step was kept.
    """
    if first == last == 0:
        return "**Do they part?** No: their weights are the same to the last bit."
    when = ("at first", "at the end") if steps is None else ("after step 1", f"after step {steps:,}")
    at = f"{when[0]} their weights differ by {_size(first)}, {when[1]} by {_size(last)}"
    becomes = "so the difference is handed on"
    if last > GREW * first:
        becomes += ", and here it has grown"
    elif last < first / GREW:
        becomes += "; here the training has drawn the two together again"
    else:
        becomes += "; here it has hardly grown"
    return (
        f"**Why do they part?** Both add the same numbers, but in another order, and each sum is rounded: {at}. Every step starts "
        f"from what the one before left, {becomes}."
    )


def finer_in_words(coarse: float, fine: float) -> str:
    """What 64 bits make of the difference that 32 bits end with. Markdown."""
    said = f"In float64 the same run ends {_size(fine)} apart instead of {_size(coarse)}"
    if fine >= coarse:
        return f"{said}: no closer, so rounding alone does not explain it."
    if fine == 0:
        return f"{said}: it was rounding."
    return f"{said}, **{float(f'{coarse / fine:.1g}'):,.0f} times** closer: it was rounding."


def table(result: Any) -> Mapping[str, list[str]]:
    """A finished run's figures for both sides, as columns of a table."""
    details, speed = result.details, result.details["speed"]
    examples = tasks.TASKS[result.config.task].examples
    rows: list[tuple[str, str, str]] = [
        ("last loss", f"{result.metrics['lab loss']:.6f}", f"{result.metrics['Keras loss']:.6f}"),
        ("parameters", f"{details['parameters']:,}", f"{details['parameters']:,}"),
    ]
    if speed is not None:
        rows += [
            ("milliseconds a step", f"{speed['ms']:.2f}", f"{speed['keras_ms']:.2f}"),
            (f"{examples} a second", f"{speed['per_second']:,.0f}", f"{speed['keras_per_second']:,.0f}"),
            ("the very first step, ms", f"{speed['first_ms']:,.1f}", f"{speed['keras_first_ms']:,.0f}"),
            ("of that tracing and compiling, ms", "–", f"{speed['compile_ms']:,.0f}"),
        ]
    peaks = details["peak_bytes"]
    if all(peaks.values()):
        rows.append(("most memory of its process, MB", *(f"{peaks[side] / 2**20:,.0f}" for side in ("lab", "keras"))))
    versions = (", ".join(f"{k} {v}" for k, v in details["versions"][side].items()) for side in ("lab", "keras"))
    rows.append(("computed with", *versions))
    return dict(zip(("", "the lab", "Keras"), map(list, zip(*rows))))


def differences(job: Job) -> dict[str, list[float]]:
    """Both losses, every difference and both times of each step kept, as columns of a table."""
    names = ("loss", "keras_loss", *charts.GAPS, "ms", "keras_ms")
    steps = job.history.series("loss")[0]
    columns = {name: dict(zip(*job.history.series(name))) for name in names}
    return {"step": list(steps)} | {
        name: [values.get(step, np.nan) for step in steps] for name, values in columns.items()
    }


def start_in(dtype: str) -> None:
    """For a callback: set the numbers, and run both."""
    controls.put("dtype", dtype)
    st.session_state["_keras_start"] = True


def asked() -> bool:
    """Whether a callback asked for a run; True once."""
    return bool(st.session_state.pop("_keras_start", False))
