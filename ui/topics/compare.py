"""The comparison: a network and every classical method, the same texts, several seeds, measured here and now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from jobs import engine
from jobs.job import Job
from lstm.lessons.reading.classical import MethodRow
from lstm.lessons.reading.topics import Topics
from lstm.lessons.reading.topics_comparison import Compared, Comparison, compared
from ui import live
from ui.lesson import csv_text
from ui.plain import sentence
from ui.topics import charts

JOB = "Topics: comparison"
TIME_LIMIT = 900.0
SEEDS = (2, 3, 5, 10)


def show(config: Topics | None, session: str) -> None:
    """The button, what it starts, and what came out so far. `config` is what the controls describe, if it can be run."""
    st.markdown(
        "Whether one method is better than another, a single run does not tell: another seed gives other first weights and "
        "another order of the sentences. The same texts, the same parts, only the seed differs. The settings are those under "
        "**Train your own**."
    )
    job = live.newest_job(session, JOB)
    busy = job is not None and not job.ended
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seeds = st.segmented_control(
            "Seeds", SEEDS, default=3, key="topics_compare_seeds", required=True, persist_state="session",
            help="Each is a training of its own.",
        )  # fmt: skip
        label = "Comparing …" if busy else "Run the comparison"
        if st.button(
            label, icon=":material/balance:", key="topics_compare", disabled=busy or config is None, type="primary"
        ):
            try:
                live.start(Comparison(config, seeds), session=session, title=JOB, time_limit=TIME_LIMIT)
            except ValueError as problem:
                st.error(sentence(problem))
            else:
                st.rerun()
        if busy:
            st.button("Stop", icon=":material/stop:", key="topics_compare_stop", on_click=job.stop)
    if job is None:
        st.caption(
            "It trains and measures in the background, about ten seconds a seed; the rows appear as they are measured."
        )
    else:
        st.fragment(_draw, run_every=None if job.ended else 1.0)(job, not job.ended)


def _draw(job: Job, running: bool) -> None:
    if running and job.ended:
        st.rerun()
    if running:
        done = job.progress.fraction if job.progress is not None else 0.0
        seed = f" · seed {found[-1][1]}" if (found := job.notes("seed")) else ""
        st.progress(min(max(done, 0.0), 1.0), text=live.status(job, "texts") + seed)
    for problem, box in ((job.error, st.error), (job.recovered, st.warning), (job.notice, st.info)):
        if problem:
            box(sentence(problem))
    table = results(job)
    if not table:
        return
    seeds = max(len(one.accuracies) for one in table)
    data = "the four topics" if job.config.topics.data == "topics" else "the file you handed in"
    guess = f" Guessing: {1 / len(job.result.details['classes']):.0%}." if job.result is not None else ""
    st.caption(
        f"On {data}, {seeds} {'seed' if seeds == 1 else 'seeds'}{' so far' if running else ''}. Dots are seeds, the tick is "
        f"their mean, the bar one standard deviation to either side.{guess}"
    )
    left, right = st.columns([5, 6], gap="medium")
    with left:
        charts.compared([one.name for one in table], [one.accuracies for one in table]).show(
            "topics_compared", "Dots and bars: right answers of every method on the test part, seed by seed"
        )
    with right:
        st.dataframe(columns(table), hide_index=True, key="topics_compared_table")
        st.caption("Wall time of fitting and of predicting the whole test part, on the machine this lab runs on.")


def results(job: Job) -> Sequence[Compared]:
    """A line a method, of all that is measured so far."""
    if job.result is not None and job.result.details.get("table"):
        return job.result.details["table"]
    notes = job.notes("rows")
    rows: list[MethodRow] = notes[-1][1] if notes else []
    return compared(rows)


def columns(table: Sequence[Compared]) -> dict[str, list[Any]]:
    """The comparison as columns of a table."""
    return {
        "method": [one.name for one in table],
        "mean": [f"{one.mean:.1%}" for one in table],
        "spread": [f"± {one.spread:.1%}" if len(one.accuracies) > 1 else "one seed" for one in table],
        "fit (s)": [f"{one.fit_seconds:.2f}" for one in table],
        "predict (s)": [f"{one.predict_seconds:.3f}" for one in table],
    }


def comparison_csv(table: Sequence[Compared]) -> str:
    """The comparison as a file, every seed's accuracy in full precision."""
    most = max(len(one.accuracies) for one in table)
    seeds = {
        f"accuracy, seed {k}": [one.accuracies[k] if k < len(one.accuracies) else "" for one in table]
        for k in range(most)
    }
    means = {
        name: [getattr(one, name) for one in table] for name in ("mean", "spread", "fit_seconds", "predict_seconds")
    }
    return csv_text({"method": [one.name for one in table]} | seeds | means)


def newest(session: str) -> Job | None:
    """The session's newest comparison that has something to show."""
    found = [job for job in engine.jobs(session) if job.title == JOB and job.result is not None]
    return found[-1] if found else None
