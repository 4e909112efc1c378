"""Who is faster: the two steps as bars, from when on compiling pays, how both grow, and the reader's guess about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from jobs import engine
from jobs.job import Job
from lstm.lessons.keras.experiment import SIZES, Growth, KerasVsScratch
from ui import live
from ui.controls import Controls
from ui.keras import charts
from ui.keras.controls import TIME_LIMIT, TITLE, growth_from
from ui.keras.run import table
from ui.lesson import answer_to, predict, predict_then_reveal
from ui.plain import sentence

VARIES = ("units", "batch")
growing = Controls("keras", {"vary": "batch"})
FASTER = ("The lab", "Keras", "About the same (within 10 %)")
SAME = 2
GUESSED = (SIZES["batch"][0], SIZES["batch"][-1])
"""The batches the reader is asked about."""


def section(job: Job | None) -> None:
    """The speed a finished comparison measured."""
    speed = getattr(job.result, "details", {}).get("speed") if job is not None else None
    if speed is None:
        st.info("Nothing is measured yet: the speed comes at the end of **Run both**.", icon=":material/speed:")
        return
    config: KerasVsScratch = job.config
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**A step, once compiled.** {verdict(speed)}")
        charts.step_bars(speed["ms"], speed["keras_ms"], speed["blocks"], speed["keras_blocks"]).show(
            "keras_bars", "Bars: milliseconds a training step, the lab and Keras"
        )
        st.caption(
            f"{config.units} units, batch {config.batch}, {config.dtype}. Medians of {len(speed['blocks'])} blocks each, timed in "
            "turn; the line goes from the quickest to the slowest block. Other programs on this machine make both slower."
        )
    with right:
        st.markdown(f"**With compiling.** {pays(speed)}")
        charts.whole_time(
            speed["first_ms"], speed["ms"], speed["compile_ms"], speed["keras_ms"], speed["break_even"]
        ).show("keras_whole", "Lines on logarithmic axes: seconds for a training against its number of steps")
    st.dataframe(table(job.result), hide_index=True)


def verdict(speed: Mapping[str, Any]) -> str:
    """Whose compiled step is faster. Markdown."""
    ratio = speed["keras_ms"] / speed["ms"]
    if faster(speed) == SAME:
        return "The two are within 10 % of each other."
    return f"The lab is **{ratio:.1f} times** as fast." if ratio > 1 else f"Keras is **{1 / ratio:.1f} times** as fast."


def pays(speed: Mapping[str, Any]) -> str:
    """Whether compiling pays, and from when on; says the same of the steps as `verdict`. Markdown."""
    seconds = f"Keras's first step took {speed['compile_ms'] / 1e3:.1f} s longer: tracing and compiling."
    about = faster(speed) == SAME
    if speed["break_even"] is None:
        later = "about as long as the lab's" if about else "longer than the lab's"
        return f"{seconds} It never pays here: each step after it takes {later}."
    so = ", as each later step saves less than a tenth" if about else ""
    return f"{seconds} From **{speed['break_even']:,} steps** on it has paid{so}."


def growth(session: str, config: KerasVsScratch | None) -> None:
    """Four sizes of the units, or of the batch, with a guess before it."""
    left, right = st.columns([5, 8], gap="medium")
    with left:
        vary = growing.segments(
            "vary", "What grows", VARIES,
            f"Units: {_listed(SIZES['units'])}. Batch: {_listed(SIZES['batch'])}. The rest is as set above.",
        )  # fmt: skip
        job = newest(session, vary)
        rows = [] if job is None else _rows(job)
        wanted = job.config if config is None and job is not None else config and growth_from(config, vary)
        if vary == "batch" and wanted is not None:
            _guess(wanted, rows if job is not None and job.config == wanted else [])
        open_guess = vary == "batch" and not all(answer_to(_key(size), wanted) for size in GUESSED)
        busy = any(not one.ended for one in engine.jobs(session) if one.title == TITLE)
        if st.button(
            f"Measure four sizes of the {vary}", icon=":material/speed:", key="keras_grow",
            disabled=busy or config is None or open_guess,
            help="Both sides, one after the other: Keras compiles anew for each size. Half a minute or more.",
        ):  # fmt: skip
            try:
                live.start(growth_from(config, vary), session=session, title=TITLE, time_limit=TIME_LIMIT, recycle=True)
            except ValueError as problem:
                st.error(sentence(problem))
            else:
                st.rerun()
        if open_guess:
            st.caption("Guess both, then measure.")
    with right:
        if job is None:
            st.info(f"No {vary} measured yet: both lines appear here, size by size.", icon=":material/show_chart:")
            return
        live.panel(job, live.View(curves=(), notes=_draw, stands=_stands), key="keras_growth")
        if not job.ended:
            st.button("Stop measuring", icon=":material/stop:", key="keras_grow_stop", on_click=job.stop)


def newest(session: str, vary: str) -> Job | None:
    """The session's newest measurement of what grows there."""
    mine = [job for job in engine.jobs(session) if isinstance(job.config, Growth) and job.config.vary == vary]
    return mine[-1] if mine else None


def _rows(job: Job) -> list[dict[str, Any]]:
    notes = job.notes("rows")
    return notes[-1][1] if notes else []


def _stands(job: Job) -> str:
    rows, sizes = _rows(job), SIZES[job.config.vary]
    if job.state == "queued" or job.progress is None:
        return live.status(job)
    ended = f" · {job.state}" if job.ended else ""
    return f"{len(rows)} of {len(sizes)} sizes measured · {live.clock(job.progress.seconds)}{ended}"


def _draw(job: Job) -> None:
    doing, rows = job.notes("doing"), _rows(job)
    if not rows:
        if doing and not job.ended:
            st.caption(sentence(doing[-1][1]))
        return
    vary, one = job.config.vary, job.config
    charts.growth(rows, vary).show("keras_grows", f"Lines on logarithmic axes: milliseconds a step against the {vary}")
    other = f"batch {one.batch}" if vary == "units" else f"{one.units} units"
    first, last = rows[0], rows[-1]
    st.caption(f"{other}, {one.dtype}. {growth_in_words(first, last)}")


def growth_in_words(first: Mapping[str, float], last: Mapping[str, float]) -> str:
    """How much longer a step becomes from the first size to the last, and what that says of the cost of a call."""
    size, lab, keras = (last[name] / first[name] for name in ("size", "ms", "keras_ms"))
    said = (
        f"From {first['size']} to {last['size']} the lab's step becomes {lab:.1f} times as long, Keras's {keras:.1f} times."
    )
    less = [name for name, grown in (("the lab's", lab), ("Keras's", keras)) if grown < size]
    if size > 1 and less:
        whose = "both" if len(less) == 2 else less[0]
        said += (
            f" The size grows {size:.0f} times, {whose} less: what every call costs, however little there is to do, weighs less as "
            "the arrays grow."
        )
    return said


def _key(size: int) -> str:
    return f"keras_{size}"


def _guess(wanted: Growth, rows: Sequence[Mapping[str, Any]]) -> None:
    """Predict whose step is faster at the ends of what the settings describe; revealed from the rows measured of it."""
    found = {row["size"]: row for row in rows}
    for size in GUESSED:
        question = f"Whose step is faster at batch {size}?"
        if size not in found:
            predict(_key(size), question, FASTER, wanted, horizontal=True)
        else:
            row = found[size]
            predict_then_reveal(
                _key(size), question, FASTER, faster(row),
                f"At batch {size} and {wanted.units} units: the lab {row['ms']:.2f} ms, Keras {row['keras_ms']:.2f} ms.",
                about=wanted,
            )  # fmt: skip


def faster(row: Mapping[str, float]) -> int:
    """Which of `FASTER` the measured times say."""
    ratio = row["keras_ms"] / row["ms"]
    return SAME if 1 / 1.1 < ratio < 1.1 else 0 if ratio > 1 else 1


def _listed(sizes: Sequence[int]) -> str:
    return ", ".join(f"{size:,}" for size in sizes)
