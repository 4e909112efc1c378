"""Predict, then reveal, fading: one number of the formulas is left out, then two, then all of them."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.learning.questions import LEVELS, Answer, judge
from lstm.lessons.learning.training import Moment
from ui import keep
from ui.cell.formula import SYMBOL, sub
from ui.learning.link import View, link_from_view

SYMBOLS = {**SYMBOL, "c": "C", "h": "h"}
ANSWERED = 50
"""Moments whose answers are kept."""


def level() -> int | None:
    """How many numbers are left out: None while nobody has asked to be asked."""
    chosen = st.session_state.get("learning_level")
    return chosen if isinstance(chosen, int) and 1 <= chosen <= len(LEVELS) else None


def hidden(view: View) -> frozenset[str]:
    """The quantities whose numbers the page keeps to itself: those asked for and not answered yet."""
    chosen = level()
    if chosen is None or not view.at_least("forward"):
        return frozenset()
    return frozenset(LEVELS[chosen - 1]) - answered(view)


def about(view: View) -> str:
    """What a question is about: another training step, sequence, unit or time step asks anew."""
    params = link_from_view(view)
    return repr({name: value for name, value in params.items() if name not in ("phase", "weight", "second")})


def answered(view: View) -> frozenset[str]:
    """What has been answered right of what is on show."""
    return keep.table("learning answered").get(about(view), frozenset())


def _judge(typed: float, name: str, view: View, moment: Moment) -> Answer:
    return judge(typed, name, moment.weights, moment.passed, view.t, view.example, view.unit)


def _check(key: str, name: str, view: View, moment: Moment) -> None:
    """A right answer is remembered before the page is drawn, so that its number appears everywhere at once."""
    typed = st.session_state[key]
    if typed is not None and _judge(typed, name, view, moment).right:
        keep.remember("learning answered", about(view), answered(view) | {name}, ANSWERED)


def ask(view: View, moment: Moment) -> None:
    """The questions of the chosen level. A right answer appears in drawing, formulas and tables."""
    st.segmented_control(
        "Leave out",
        range(1, len(LEVELS) + 1),
        key="learning_level",
        format_func=lambda k: ("one number", "two numbers", "all numbers")[k - 1],
        help="The numbers disappear from the drawing, the formulas and the tables. Work them out: a calculator helps.",
    )
    if level() is None:
        st.caption("Choose how many numbers are left out. They are asked for the sequence, unit and time step on show.")
        return
    if not view.at_least("forward"):
        st.caption("Press Forward first: then there are numbers to ask for.")
        return
    asked = LEVELS[level() - 1]
    for column, name in zip(st.columns(max(len(asked), 3)), asked, strict=False):
        symbol = f"{SYMBOLS[name]}{sub(view.t + 1)}"
        key = f"learning_answer_{name}_{about(view)}"
        typed = column.number_input(
            symbol, value=None, format="%.4g", key=key, placeholder="two decimals", help="Two decimals are enough.",
            on_change=_check, args=(key, name, view, moment),
        )  # fmt: skip
        if typed is None:
            continue
        answer = _judge(typed, name, view, moment)
        if answer.right:
            column.success(f"{symbol}: {answer.says}")
        else:
            column.warning(f"{answer.says[0].upper()}{answer.says[1:]}")
    known = answered(view)
    if set(asked) <= known:
        more = " Leave out more of them." if level() < len(LEVELS) else " You have computed a whole time step."
        st.success(f"All right.{more}")
