"""The race of the networks that ship: a guess, accuracy against length, and a sequence of one's own."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lstm.lessons.relatives.experiment import curve
from lstm.lessons.relatives.table import RACES
from lstm.lessons.relatives.tasks import CELLS, TASKS
from ui import keep
from ui.controls import Controls
from ui.lesson import predict
from ui.plain import plain
from ui.relatives import charts, sentences
from ui.relatives.models import Race, shipped

LONGEST = max(one["beyond"] for one in RACES.values())
MOST_TYPED = 120
"""Most zeros and ones that are read: more cannot be told apart in the picture."""
EXAMPLE = "1011001110100101101100111010010110110011"
TYPED = "relatives_sequence"

race_controls = Controls("relatives_race", {"task": "parity", "length": 20}, {"task": {name: TASKS[name] for name in RACES}})


def section() -> None:
    """The chart that answers: up to the training length at once, beyond it after the guess."""
    picture, question = st.columns([8, 5], gap="medium")  # the picture first: on a phone it stands above the question
    with question:
        race_controls.choice("task", "Task", list(RACES), "What each network has to know after every symbol.")
        task = race_controls["task"]
        race = shipped(task, whole=False)
        config = race.config
        guess = predict(
            f"relatives_{task}",
            f"All five were trained on up to {config.length} symbols. Who is right at {config.beyond}?",
            sentences.options(task), about=task,
        )  # fmt: skip
        if guess is None:
            st.caption("Choose first; then the lines go on beyond the training range.")
        else:
            race = shipped(task)
            _reveal(race, guess)
    with picture:
        most = config.beyond if guess is not None else config.length
        length = min(
            race_controls.slider(
                "length", "Length of the sequence in symbols", 2, LONGEST, 2,
                "How all five do at this length is said below the chart; beyond the training range once you have chosen.",
            ),
            most,
        )  # fmt: skip
        lines = {cell: curve(one[:most], race.task.first) for cell, one in race.shares.items()}
        charts.against_length(
            lines, config.length, race.task.chance, at=length, farthest=config.beyond
        ).show("relatives_race_chart", f"Lines: the share of right answers of five networks up to {most} symbols")
        st.markdown(sentences.at_a_length(race.at(length), length, config.length))
        st.caption(
            f"Networks that ship, each of {config.units} units, trained {config.max_steps} steps on the same batches by this code, "
            "and examined here on sequences that no training saw. Each point is a mean over the steps since the last."
        )


def _reveal(race: Race, guess: str) -> None:
    config, task = race.config, race.config.task
    solvers = race.solvers(config.beyond)
    right = sentences.options(task)[sentences.answer(task, solvers)] == guess
    at = race.at(config.beyond)
    text = sentences.explanation(task, guess, solvers, at, config.beyond, race.task.chance)
    (st.success if right else st.warning)(("**Right.** " if right else "**Not quite.** ") + text)


def typed() -> None:
    """A sequence of the visitor's own, and everybody's opinion after each symbol."""
    race = shipped("parity", whole=False)
    st.markdown("**Is the number of ones so far odd?** Type zeros and ones, and see who loses count, and where.")
    text = st.text_input(
        "Zeros and ones", EXAMPLE, key=TYPED, max_chars=400, bind="query-params", persist_state="session",
        help=f"Up to {MOST_TYPED} symbols; spaces are left out. They were trained on up to {race.config.length}.",
    )  # fmt: skip
    symbols = "".join((text or "").split())
    if problem := refused(symbols):
        st.error(problem)
        return
    odd = keep.of_session("relatives opinions", symbols, lambda: read(race, symbols))
    truth = np.cumsum([int(symbol) for symbol in symbols]) % 2
    charts.opinions(symbols, truth, odd).show(
        "relatives_opinions", "A row a network, a column a symbol: whether its opinion after that symbol is right or wrong"
    )
    st.markdown("  \n".join(sentences.where_wrong(truth, odd)))


def refused(symbols: str) -> str:
    """What is wrong with what was typed, in a sentence; empty where nothing is."""
    if not symbols:
        return "There is nothing to read yet: type some zeros and ones, such as 1101."
    if strange := next((symbol for symbol in symbols if symbol not in "01"), None):
        return f"The networks read zeros and ones, and {plain(strange)} is neither: leave it out."
    if len(symbols) > MOST_TYPED:
        return f"These are {len(symbols)} symbols; at most {MOST_TYPED} are read here. Leave some out."
    return ""


def read(race: Race, symbols: str) -> dict[str, np.ndarray]:
    """The probability of "odd" after each symbol, by cell."""
    x = np.array([[int(symbol) for symbol in symbols]])
    return {cell: race.models[cell].predict(x, initial_states=race.models[cell].zero_states())[0, :, 1] for cell in CELLS}
