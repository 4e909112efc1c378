"""Truncated backpropagation: recall through a window that is too short, four ways; predicted, trained, seen in a table."""

from __future__ import annotations

import streamlit as st

from jobs.job import Job
from lstm.lessons.memory.truncated import GUESSES, TASK, Row, Truncated, in_words, outcome
from lstm.lessons.settings import settings
from ui import live
from ui.controls import LessonControls
from ui.lesson import answer_to, predict
from ui.plain import sentence

JOB = "Memory: truncated backpropagation"
TIME_LIMIT = 300.0
GUESS = "memory_truncated"

truncated_controls = LessonControls(
    "truncated", Truncated, ("distance", "window", "practice", "units", "forget_bias", "max_steps", "seeds")
)


def section(session: str) -> None:
    """Settings and the guess on the left, the table on the right."""
    job = live.newest_job(session, JOB)
    left, right = st.columns([4, 9], gap="medium")
    with left:
        truncated_controls.draw("distance", "window", "practice")
        place = st.container()
        with st.expander("More settings: each needs a new training", icon=":material/tune:"):
            truncated_controls.draw("units", "forget_bias", "max_steps", "seeds")
        with place:
            _train(session, job)
    with right.container(key="first_on_a_phone_truncated"):
        st.markdown(
            "A long sequence seldom fits into one training step. **Truncated backpropagation through time** reads it in windows: "
            "the *state* is carried from each into the next, the *gradient* is cut where a window begins. Here only the last "
            "window is corrected, and the letter it asks for stands before it."
        )
        if job is None:
            st.info("Say what you expect, and train: the four ways appear here, on the same sequences.", icon=":material/insights:")
        else:
            st.fragment(_draw, run_every=None if job.ended else 1.0)(job, not job.ended)


def question(config: Truncated) -> str:
    """What is asked before the training."""
    window, distance = (f"{n:,} {'step' if n == 1 else 'steps'}" for n in (config.window, config.distance))
    return f"The state is carried, the gradient cut after {window}. How often will it name a letter that stood {distance} back?"


def _train(session: str, job: Job | None) -> None:
    busy = job is not None and not job.ended
    try:
        config = truncated_controls.config()
    except ValueError as problem:
        st.error(sentence(problem))
        return
    guess = predict(GUESS, question(config), GUESSES, config)
    if st.button(
        "Training …" if busy else "Train all four", icon=":material/model_training:", type="primary", key="truncated_train",
        disabled=busy or guess is None, help="First say what you expect." if guess is None else "All see the same sequences.",
    ):  # fmt: skip
        try:
            live.start(config, session=session, title=JOB, time_limit=TIME_LIMIT)
        except ValueError as problem:
            st.error(sentence(problem))
        else:
            st.rerun()
    if busy:
        st.button("Stop", icon=":material/stop:", key="truncated_stop", on_click=job.stop)


def _draw(job: Job, running: bool) -> None:
    if running and job.ended:
        st.rerun()
    config = job.config
    if running:
        done = job.progress.fraction if job.progress is not None else 0.0
        st.progress(min(max(done, 0.0), 1.0), text=live.status(job, "sequences"))
    for problem, box in ((job.error, st.error), (job.recovered, st.warning), (job.notice, st.info)):
        if problem:
            box(sentence(problem))
    notes = job.notes("rows")
    if not notes:
        return
    step, rows = notes[-1]
    st.dataframe(columns(rows), hide_index=True, key="truncated_table")
    seeds, practised = len(rows[0].accuracies), settings(Truncated)["practice"].word(config.practice)
    st.caption(
        f"Distance {config.distance:,}, window {config.window:,}, {practised}; {seeds} {'seed' if seeds == 1 else 'seeds'}, step "
        f"{step:,}. Right answers on sequences nobody has trained on; guessing has {TASK.chance:.1%}. The last column is how far "
        "training has moved the weights that read the letters."
    )
    if job.result is not None and job.result.ended == "finished":
        _reveal(config, rows)


def _reveal(config: Truncated, rows: list[Row]) -> None:
    """Once it has ended: whether it is what was expected, and what each of the four says."""
    guess, right, said = answer_to(GUESS, config), GUESSES[outcome(rows)], in_words(rows, config.window)
    if guess == right:
        st.success(f"**Right.** {right}: {rows[1].mean:.1%}.")
    elif guess is not None:
        st.warning(f"**Not quite.** {answer(guess, rows)}")
    st.markdown("\n".join(f"- {one}" for one in said))


def answer(guess: str, rows: list[Row]) -> str:
    """What to say to a wrong guess; it names the numbers that speak against it."""
    full, cut = f"{rows[0].mean:.1%}", f"{rows[1].mean:.1%}"
    if guess == GUESSES[0]:
        return f"The gradient is cut, the state is not: {cut}, and guessing has {TASK.chance:.1%}."
    if guess == GUESSES[2]:
        return f"It is right in {cut}, and in {full} where the gradient goes on to the letter."
    return f"It is right in {cut}, where guessing has {TASK.chance:.1%} and the whole gradient {full}: {GUESSES[outcome(rows)].lower()}."


def columns(rows: list[Row]) -> dict[str, list[str]]:
    """The four as columns of a table."""
    return {
        "state": ["carried" if row.way.carried else "begins with zeros" for row in rows],
        "gradient": ["cut at the window" if row.way.cut else "goes all the way" for row in rows],
        "right": [f"{row.mean:.1%}" for row in rows],
        "each seed": [", ".join(f"{accuracy:.0%}" for accuracy in row.accuracies) for row in rows],
        "letters moved by": [f"{row.moved:.3f}" if row.moved else "0" for row in rows],
    }
