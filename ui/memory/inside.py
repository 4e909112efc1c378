"""Inside the memory: what the gates of a trained LSTM do over the blanks, what its cells hold, and how to make it forget."""

from __future__ import annotations

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm.lessons.memory.experiment import LONGEST
from lstm.lessons.memory.tasks import Inside, read_inside, scores_over_distance
from ui import on_show
from ui.controls import Controls
from ui.lesson import predict_then_reveal
from ui.memory import charts
from ui.memory.models import SHELF, MemoryModel
from ui.numbers import latex_number, scientific

inside_controls = Controls("inside", {"first": "F", "blanks": 100, "hold": False, "gate": 0.8})


def section(job: Job | None) -> None:
    """The network, the sequence it reads, and what happens inside."""
    shown = SHELF.choose(job)
    left, right = st.columns([4, 9], gap="medium")
    with left:
        _controls(shown)
        clamp = {"f": inside_controls["gate"]} if inside_controls["hold"] else {}
        x = _sequence(shown)
        found = read_inside(shown.model, x, clamp)
        _answer(shown, x, found)
        st.caption(f"{shown.origin}.")
    with right:
        charts.states_over_time(np.tanh(found.inside["c"][0]), _words(shown, x), "tanh C", height=240).show(
            "memory_cells", "Heat map: what every cell holds after each step"
        )
        charts.gates_over_time({gate: found.inside[gate][0].mean(axis=1) for gate in "fi"}, height=190).show(
            "memory_gates",
            "Lines: how open the forget gate and the input gate are after each step, mean over all units",
        )
        st.caption(seen_in_words(found.inside["c"][0], found.inside["f"][0], clamp.get("f"), shown.task.name))
    _forgetting(shown, clamp)
    _question(shown)


def _controls(shown: MemoryModel) -> None:
    if shown.task.name == "recall":
        letters = list(shown.task.words[: shown.task.symbols])
        if inside_controls["first"] not in letters:  # another network knows fewer symbols
            inside_controls.put("first", letters[0])
        inside_controls.segments("first", "It reads first", letters, "The symbol to remember.", pills=True, wrap=True)
    inside_controls.slider(
        "blanks", "Then so many blanks", 5, LONGEST, 5, help="How long it has to remember."
    )
    inside_controls.switch(
        "hold", "Hold the forget gate", help="Every unit's forget gate is set to this, whatever it computes."
    )
    inside_controls.slider(
        "gate", "at", 0.0, 1.0, 0.01, help="The share of the cell state that stays from step to step: 1 keeps all, 0 nothing.",
    )  # fmt: skip


def _sequence(shown: MemoryModel) -> np.ndarray:
    """One sequence as the network reads it; the same settings draw the same blanks."""
    x, _ = shown.task.sequences(1, int(inside_controls["blanks"]), np.random.default_rng(7))
    if shown.task.name == "recall":
        x[0, 0] = shown.task.words.index(inside_controls["first"])
    return x


def _words(shown: MemoryModel, x: np.ndarray) -> list[str]:
    if shown.task.name == "recall":
        return [shown.task.words[k] for k in x[0]]
    return [f"{value:.2f}{' marked' if mark else ''}" for value, mark in x[0]]


def _answer(shown: MemoryModel, x: np.ndarray, found: Inside) -> None:
    """What it says in the end."""
    words = _words(shown, x)
    if shown.task.name == "adding":
        truth = float((x[0, :, 0] * x[0, :, 1]).sum())
        st.markdown(f"It says **{found.answers[0, 0]:.3f}**; the two marked numbers add up to {truth:.3f}.")
        return
    read = words[0] + " " + "".join(words[1:])
    st.code(read if len(read) <= 60 else f"{read[:40]} … {read[-12:]}", language=None)
    best = int(found.answers[0].argmax())
    right = best == x[0, 0]
    share = float(found.answers[0, best])
    st.markdown(
        f"Which came first? It says **{shown.task.words[best]}** ({share:.1%} sure): "
        + (":green[**right**]." if right else f":red[**wrong**], it was {words[0]}.")
    )


def seen_in_words(c: np.ndarray, f: np.ndarray, held: float | None, task: str) -> str:
    """The two charts in numbers: cell states and forget gates, (time, units) each, and at what the gate is held, if it is."""
    after = "blanks" if task == "recall" else "steps"  # the adding problem has a number at every step
    steps = len(c) - 1
    early = min(10, steps)
    same = float(np.mean(np.sign(c[early]) == np.sign(c[-1])))
    stays = float(np.exp(np.log(np.maximum(f[1:], 1e-300)).sum(axis=0)).mean()) if steps else 1.0
    gate = f"held at {held:.2f}" if held is not None else f"open at {f[1:].mean():.3f} on average"
    return (
        f"Forget gate: {gate}, so over {steps} {after} {_percent(stays)} of what stood in the cells stays. {same:.0%} of the "
        f"cells end with the sign they had after {early} {after}. What was lost, the forget gate alone has let go; what the input "
        "gate wrote meanwhile came on top."
    )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else scientific(share)


def _grid(shown: MemoryModel) -> list[int]:
    longest = min(2 * shown.distance, LONGEST)
    count = 8 if shown.task.name == "adding" else 50
    return sorted({max(1, round(longest * (k / count))) for k in range(1, count + 1)} | {1})


def scores(shown: MemoryModel, clamp: dict[str, float]) -> list[float]:
    """How it does on held-out sequences at each distance of the grid; computed once for each network and clamp."""
    compute = lambda: scores_over_distance(shown.model, shown.task, _grid(shown), clamp)  # noqa: E731
    return SHELF.kept(shown, "scores", clamp.get("f"), compute, most=100)


def _forgetting(shown: MemoryModel, clamp: dict[str, float]) -> None:
    on_show.section("Watch it forget", shown)
    grid, adding = _grid(shown), shown.task.name == "adding"
    curves = {"lstm": (grid, scores(shown, {}))}
    held = f"forget gate held at {clamp['f']:.2f}" if clamp else ""
    if clamp:
        curves["held"] = (grid, scores(shown, clamp))
    left, right = st.columns([8, 5], gap="medium")
    with left:
        charts.against_distance(curves, shown.distance, shown.task.chance, error=adding, held=held, height=280).show(
            "memory_forgetting",
            "Lines: how well it remembers at each distance, with its own forget gate and with a held one",
        )
    with right:
        what = "RMS error" if adding else "right answers"
        if not clamp:
            st.markdown("Turn on **Hold the forget gate** and see how far back it still remembers.")
        else:
            at = int(np.argmin(np.abs(np.array(grid) - shown.distance)))
            say = (lambda value: f"{value:.3f}") if adding else (lambda value: f"{value:.1%}")
            st.markdown(
                f"At distance {grid[at]}: {what} **{say(curves['held'][1][at])}** with the gate held at {clamp['f']:.2f}, "
                f"**{say(curves['lstm'][1][at])}** with its own."
            )
            st.latex(rf"{clamp['f']:.2f}^{{{grid[at]}}} = {latex_number(clamp['f'] ** grid[at])}")
            st.caption("So much of the first symbol's trace is left by then if nothing renews it.")
        st.caption(f"{what[0].upper()}{what[1:]} on 64 held-out sequences.")


def _question(shown: MemoryModel) -> None:
    if shown.task.name != "recall":
        return
    on_show.section("Predict, then reveal", shown)
    options = ["It hardly matters", "About every second answer is wrong", "It is left with guessing"]
    far = min(shown.distance, LONGEST)

    def at_half() -> float:
        grid = _grid(shown)
        return scores(shown, {"f": 0.5})[int(np.argmin(np.abs(np.array(grid) - far)))]

    def answer() -> int:
        share = at_half()
        return 0 if share > 0.8 else 1 if share > 0.3 else 2

    predict_then_reveal(
        "memory_half",
        f"The forget gate is held half open, at 0.5, at every step. What becomes of the answers at distance {far}?",
        options,
        answer,
        lambda _: (
            f"With the gate at 0.5 it has {at_half():.1%} right, guessing has {shown.task.chance:.1%}. Along the cell state "
            f"each blank halves the trace: after {far} of them a share of {scientific(0.5**far)} is left, if nothing renews it."
        ),
        about=shown.key,
    )
