"""Finished runs of a lesson beside each other: their curves in one chart, the settings that differ, what came out.

Every training of the session that has ended leaves a record (`lstm.lessons.runs.Run`), the one that was stopped too; the
newest `MOST` of a lesson are kept, and no network with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from jobs import engine
from jobs.job import Job
from lstm.lessons import runs
from lstm.lessons.runs import Curve, Run
from ui import keep, lesson, live
from ui.controls import Controls, LessonControls
from ui.files import csv_file
from ui.plain import plain
from ui.room import board
from ui.training_charts import RUN_COLOURS, overlaid

MOST = 12
"""Most runs of a lesson that a session keeps; the oldest goes first."""
ALONG = {"step": "by step", "seconds": "by seconds"}
SIDE_BY_SIDE = 3
"""Samples of text in a row."""

Numbered = Mapping[int, Run]
"""Runs by their number in the session, the oldest first."""


def section(begun: live.Begun, view: Callable[[Job], live.View], controls: LessonControls) -> None:
    """Keep what has ended, and show it: on every page that trains, above what to try next.

    Parameters
    ----------
    view : from a training to what is worth seeing of it, as for `ui.live.watch`: its curves are those that are kept
    controls : of the lesson
    """
    known = kept(begun, view, controls)
    st.header("Compare your runs", anchor=False)
    board.offer(known[max(known)] if known else None)
    if not known:
        st.caption(
            f"Every training that ends on this page is kept here while this visit lasts, the newest {MOST} of them: how it was set, how "
            "it went, what came out. Train one, then another with one setting changed, and lay them over each other."
        )
    elif len(known) == 1:
        ((number, run),) = known.items()
        st.markdown(f"One run so far: {told(number, run)}.")
        st.caption("Train another with one setting changed, and the two lie over each other here.")
    else:
        st.fragment(_beside)(controls.lesson, known)


def kept(begun: live.Begun, view: Callable[[Job], live.View], controls: LessonControls) -> dict[int, Run]:
    """The session's finished runs of the lesson by their number, those included that have ended since the page ran last."""
    name = f"{controls.lesson} runs"
    first = None
    for job in engine.jobs(begun.session):
        mine = job.title == begun.title and isinstance(job.config, controls.experiment)
        if not mine or not job.ended or job.result is None or job.id in keep.table(f"{name} seen"):
            continue
        keep.remember(f"{name} seen", job.id, True, live.JOBS)
        first = first or controls.first()
        run = record(job, view(job), first)
        if run.curves:
            number = max(keep.table(name), default=0) + 1
            keep.remember(name, number, run, MOST)
            chosen = [one for one in st.session_state.get(_key(controls.lesson), []) if one in keep.table(name)]
            st.session_state[_key(controls.lesson)] = [*chosen, number][-len(RUN_COLOURS) :]
    return dict(keep.table(name))


def record(job: Job, view: live.View, defaults: Any) -> Run:
    """What is kept of a training that has a result, its curves under the names of its page."""
    where = live.measured(job)
    named = {
        curve.metric: (f"{curve.label} {where.get(curve.metric, '')}".strip(), curve.unit or view.unit)
        for curve in (*view.curves, *view.more)
    }
    return Run.of(job.id, job.result, job.history.series, named, defaults)


def told(number: int, run: Run) -> str:
    """A run in one line of Markdown: "**1** · Units 16; validation loss 1.730, 0:20 of training"."""
    parts = [f"**{number}** · {plain(run.how)}"]
    if run.final is not None:
        name, value = run.final
        parts.append(f"{name} **{runs.figure(name, value)}**")
    if run.seconds == run.seconds:
        parts.append(f"{live.clock(run.seconds)} of training")
    return ", ".join(parts)


def _key(name: str) -> str:
    return f"{name}_runs_chosen"


def _beside(name: str, known: Numbered) -> None:
    """Any of the runs, chosen by hand, the newest ones at first."""
    labels = dict(zip(known, runs.names(list(known.values()), list(known))))
    if gone := min(known) - 1:
        st.caption(f"The newest {MOST} runs are kept; {'run 1 is' if gone == 1 else f'runs 1 to {gone} are'} gone.")
    key = _key(name)
    st.session_state[key] = [number for number in st.session_state.get(key, []) if number in known]
    chosen = st.multiselect(
        "Runs", list(known), format_func=labels.get, key=key, max_selections=len(RUN_COLOURS), persist_state="session",
        help=f"Finished trainings of this lesson, the stopped ones too, by number; up to {len(RUN_COLOURS)} at a time. Each is named by "
        "the settings in which they differ.",
    )  # fmt: skip
    if len(chosen) < 2:
        st.info("Choose two runs or more to lay them over each other.", icon=":material/compare_arrows:")
        return
    picked = {number: known[number] for number in sorted(chosen)}
    headings = dict(zip(runs.names(list(picked.values()), list(picked)), picked.values()))
    _curves(name, headings)
    st.dataframe(runs.compared(headings), hide_index=True, height="content", key=f"{name}_runs_table")
    if runs.differing(list(picked.values())):
        st.caption("What is not in the table was set alike.")
    else:
        st.caption("All settings are the same: what differs is how far each came in its time.")
    _samples(headings)
    with st.container(horizontal=True):
        for file in (
            csv_file("The comparison (.csv)", lambda: lesson.csv_text(runs.columns(headings)), name, "runs"),
            csv_file("Their curves (.csv)", lambda: lesson.csv_text(runs.points(headings)), name, "runs", "curves"),
        ):
            st.download_button(
                file.label, file.data, file_name=file.file_name, mime=file.mime, on_click="ignore", icon=":material/download:",
                key=f"take_{file.file_name}",
            )  # fmt: skip


def _curves(name: str, picked: Mapping[str, Run]) -> None:
    """One metric of all of them in one chart."""
    there: dict[str, dict[str, Curve]] = {}  # by the curve's name, then by the run's
    jumps = set()
    unit_of: dict[str, str] = {}
    for heading, run in picked.items():
        for metric, curve in run.curves.items():
            alone = unit_of.setdefault(curve.label, curve.unit) == curve.unit
            label = curve.label if alone else f"{curve.label}, {curve.unit}"
            there.setdefault(label, {})[heading] = curve
            if metric == "loss" or (metric.endswith(("_loss", "accuracy")) and not metric.startswith("val_")):
                jumps.add(label)
    whole = [
        label
        for label, curves in there.items()
        if len(curves) == len(picked) and min(map(_points, curves.values())) > 1
    ]
    first = next(
        iter([*(label for label in whole if label not in jumps), *whole, *there])
    )  # held out, where it was looked at often
    look = Controls(
        f"{name}_runs", {"curve": first, "by": "step", "log": False},
        {"by": ALONG},
    )  # fmt: skip
    if st.session_state.get(look.key("curve")) not in there:
        st.session_state.pop(look.key("curve"), None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=320):
            label = look.choice("curve", "Curve", list(there), "What is drawn; the axis says what it is measured in.")
        with st.container(width=160):
            by = look.choice(
                "by",
                "Along",
                help="Steps compare what a step teaches, seconds what a minute of this machine buys; pauses do not count.",
            )
        log = look.switch("log", "Log axis", "The values on a logarithmic axis.")
    groups = {heading: [curve] for heading, curve in there[label].items() if len(curve.along(by))}
    if groups:
        unit = next(iter(groups.values()))[0].unit
        overlaid(groups, by, log=log, smooth=label in jumps, y=unit, height=340).show(
            f"{name}_runs_chart", f"Lines: {label} of {len(groups)} runs over each other, {ALONG[by]}"
        )
    said = ["Running means over a twentieth of each run's points."] if label in jumps and groups else []
    if missing := [heading for heading in picked if heading not in groups]:
        said.append(f"Not drawn, for nobody measured it there: {', '.join(map(plain, missing))}.")
    if said:
        st.caption(" ".join(said))


def _points(curve: Curve) -> int:
    return len(curve.values)


def _samples(picked: Mapping[str, Run]) -> None:
    """What each wrote in the end."""
    written = [(heading, run.sample) for heading, run in picked.items() if run.sample]
    for start in range(0, len(written), SIDE_BY_SIDE):
        row = written[start : start + SIDE_BY_SIDE]
        for column, (heading, sample) in zip(st.columns(len(row)), row, strict=True):
            column.caption(f"What it wrote in the end: {plain(heading)}")
            column.code(sample, language=None, wrap_lines=True, height=166)
