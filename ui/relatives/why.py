"""Why each can and cannot: the cells side by side, a switch, a straight line, a look back, and what length costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm.lessons.relatives import why
from lstm.lessons.relatives.experiment import at_length
from lstm.lessons.relatives.growth import LENGTHS, Growth, powers
from lstm.lessons.relatives.tasks import CELLS, answering
from ui import keep, lesson, live
from ui.cell.drawing import cell_svg
from ui.cell.relatives import gru_svg, min_lstm_svg
from ui.cell.show import draw
from ui.lesson import predict
from ui.relatives import charts, sentences
from ui.relatives.models import SEQUENCES, shipped

GROWTH = "Relatives: growth"
TIME_LIMIT = 120.0
SHOWN = "110100111010010110"


def section(begun: live.Begun) -> None:
    """From the drawings to the numbers."""
    _cells()
    _switch()
    st.fragment(_held)()
    _line()
    _look()
    costs(begun)


def _cells() -> None:
    st.header("The cells side by side", anchor=False)
    st.markdown(
        "Orange keeps, blue writes, green is what would be written. In the LSTM and the GRU a wire leads from the old state h to "
        "every gate; in the minLSTM that wire is missing."
    )
    for column, name, svg in zip(st.columns(3), ("LSTM", "GRU", "minLSTM"), (cell_svg(), gru_svg(), min_lstm_svg()), strict=True):
        with column:
            st.markdown(f"**{name}**")
            draw(svg, key=f"relatives_cell_{name}")


def _switch() -> None:
    st.header("A switch: parity in the LSTM and the GRU", anchor=False)
    race = shipped("parity")
    found = keep.of_all("relatives flips", "parity", lambda: {c: why.flips(race.models[c]) for c in ("lstm", "gru", "simple_rnn")})
    x = np.array([[int(symbol) for symbol in SHOWN]])
    inside = keep.of_all("relatives switch", SHOWN, lambda: answering(race.models["lstm"]).trace(x)[0])
    unit = found["lstm"].unit
    charts.unit_over_time(SHOWN, {name: inside[name][0, :, unit] for name in ("h", "f", "i")}).show(
        "relatives_switch", f"Lines: hidden state, forget gate and input gate of unit {unit} of the LSTM after each symbol"
    )
    for cell, one in found.items():
        st.markdown(sentences.of_flips(cell, one))


def _held() -> None:
    st.header("With a gate held", anchor=False)
    for column, task in zip(st.columns(2, gap="large"), ("parity", "recall"), strict=True):
        with column:
            race = shipped(task)
            length = race.config.length
            own = at_length(race.shares["lstm"], length)
            lesson.hold_a_gate(
                f"relatives_held_{task}",
                f"In the LSTM that learnt {task}: what does it get right at {length} symbols? Guessing has {race.task.chance:.0%}.",
                sentences.HELD,
                race.models["lstm"],
                lambda model, race=race, length=length: at_length(race.task.examine(model, length, SEQUENCES), length),
                answer=lambda share, race=race: sentences.held_answer(share, race.task.chance),
                said=lambda share, own=own: sentences.of_held(share, own),
                about=task,
            )


def _line() -> None:
    st.header("A straight line: why gates that do not see h cannot count", anchor=False)
    race = shipped("parity")
    st.markdown(sentences.of_straight(keep.of_all("relatives straight", "parity", lambda: why.straight(race.models["min_lstm"]))))
    st.markdown(
        "To count, a 1 must turn odd into even *and* even into odd: the two states have to change places. A factor from 0 to 1 "
        "that does not know the state can only bring them closer together. That is the price of gates that see x alone; what "
        "it buys is that all steps can be computed at once."
    )
    st.latex(r"h_t = a_t\,h_{t-1} + (1 - a_t)\,\tilde h_t, \qquad 0 < a_t < 1, \quad a_t, \tilde h_t \text{ from } x_t \text{ alone}")


def _look() -> None:
    st.header("A look back: where attention looks", anchor=False)
    race = shipped("recall")
    config, model = race.config, race.models["attention"]

    def looked() -> tuple[np.ndarray, float, float]:
        x, _ = race.task.held_out(1, config.length)
        inside, far = (why.on_the_first(model, race.task, n) for n in (config.length, config.beyond))
        return why.looks(model, x[0]), inside, far

    shares, inside, far = keep.of_all("relatives looks", "recall", looked)
    charts.attention(shares).show("relatives_looks", "A square a pair of steps: how much each step looks at each step before it")
    at = race.at(config.beyond)["attention"]
    st.markdown(
        f"Recall: after {config.length} symbols **{inside:.0%}** of the attention lies on the first symbol (1 in {config.length} "
        f"would be {1 / config.length:.1%}), after {config.beyond} symbols {far:.0%}; it is right there {at:.0%} of the time. "
        "Attention keeps no state: it looks up what it needs, at any distance, and pays for it with the square of the length."
    )


def costs(begun: live.Begun) -> None:
    """Time and memory against the length, measured on this machine after a guess."""
    st.header("What length costs, measured here", anchor=False)
    guess = predict("relatives_fastest", f"Whose training step is fastest at {LENGTHS[-1]:,} symbols?", list(CELLS.values()))
    job = live.newest_job(begun.session, GROWTH, Growth)
    busy = job is not None and not job.ended
    st.button(
        "Measuring …" if busy else "Measure", icon=":material/timer:", key="relatives_measure", disabled=busy or guess is None,
        on_click=_measure, args=(begun,), help="Training steps of each network at five lengths, one after the other.",
    )  # fmt: skip
    if guess is None:
        st.caption("Say what you expect first; the button waits for it.")
    if job is None:
        return
    live.follow(job, lambda job: _drawn(job, guess), 0.6)


def _measure(begun: live.Begun) -> None:
    live.start_on_click(Growth(), live.Begun(GROWTH, begun.session, None), TIME_LIMIT)


def _drawn(job: Job, guess: str | None) -> None:
    noted = job.notes("rows")
    rows: list[dict[str, Any]] = noted[-1][1] if noted else []
    if not rows:
        st.caption(live.status(job) if not job.ended else "It ended before anything was measured.")
        return
    left, right = st.columns(2)
    with left:
        charts.growth(rows, "ms").show("relatives_growth_ms", "Lines: milliseconds of a training step against the length")
    with right:
        charts.growth(rows, "bytes").show("relatives_growth_bytes", "Lines: megabytes of a training step against the length")
    if not job.ended:
        st.caption(f"{len(rows)} of {len(LENGTHS) * len(CELLS)} measured.")
        return
    last = {row["cell"]: row for row in rows if row["length"] == LENGTHS[-1]}
    if len(last) == len(CELLS):
        st.markdown(sentences.fastest(last, guess))
        st.markdown(sentences.of_powers(powers(rows), powers(rows, "bytes")))
    st.caption(
        f"Batches of {job.config.batch} sequences of zeros and ones, {job.config.units} units, one processor core. The steps of an "
        "LSTM, a GRU and a SimpleRNN have to wait for each other; those of minLSTM and attention need not, which is worth more "
        "on a graphics card than here."
    )
