"""The settings of Keras against scratch on the page, the button, and what a finished comparison leads to."""

from __future__ import annotations

import streamlit as st

from jobs.job import Job
from lstm.lessons.keras.experiment import KerasVsScratch
from ui import live
from ui.keras import controls as keras_controls
from ui.keras import run
from ui.keras.controls import TIME_LIMIT, controls
from ui.plain import sentence


def section(begun: live.Begun, installed: bool) -> KerasVsScratch | None:
    """Draw them. Returns the experiment they describe, None where there is none to run."""
    keras_controls.main_controls()
    button = st.container()
    keras_controls.more_controls()
    try:
        config = controls.config()
        run.material(config.task)
    except ValueError as problem:
        st.error(sentence(problem))
        config = None
    with button:
        _run_both(begun, config, installed)
    return config


def _run_both(begun: live.Begun, config: KerasVsScratch | None, installed: bool) -> None:
    """The button, and what it starts. Moving a slider after a run starts the next one."""
    job = begun.job
    busy = job is not None and not job.ended
    pressed = st.button(
        "Running …" if busy else "Run both", icon=":material/balance:", type="primary", key="keras_run",
        disabled=busy or config is None or not installed,
        help="Keras needs a few seconds to load and to compile; then both take the same steps.",
    )  # fmt: skip
    asked = run.asked()
    moved = controls["again"] and job is not None and job.ended and config is not None
    moved = moved and keras_controls.moved_only(config, job.config)
    if installed and config is not None and not busy and (pressed or asked or moved):
        try:
            live.start(config, session=begun.session, title=begun.title, time_limit=TIME_LIMIT, recycle=True)
        except ValueError as problem:
            st.error(sentence(problem))
        else:
            st.rerun()


def why(job: Job | None, session: str, installed: bool) -> None:
    """Why the two part, and the way to find out."""
    text = run.why(job, session) if job is not None and job.ended else None
    if text is None:
        return
    st.markdown(text)
    other = "float64" if job.config.dtype == "float32" else "float32"
    st.button(
        f"Repeat in {other}", icon=":material/replay:", key="keras_repeat", on_click=run.start_in, args=(other,),
        help="The same run again; the curves of this one stay, dashed.", disabled=not installed,
    )  # fmt: skip
