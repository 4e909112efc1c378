"""Predict, then reveal, fading: one number of the formulas is left out, then two, then all of them."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.learning.questions import LEVELS, judge
from lstm.lessons.learning.training import Moment
from ui.cell.formula import SYMBOL, sub
from ui.learning.link import View, link_from_view


def level() -> int | None:
    """How many numbers are left out: None while nobody has asked to be asked."""
    chosen = st.session_state.get("learning_level")
    return chosen if isinstance(chosen, int) and 1 <= chosen <= len(LEVELS) else None


def hidden(view: View) -> frozenset[str]:
    """The quantities whose numbers the page keeps to itself: those asked for and not answered yet."""
    chosen = level()
    if chosen is None or not view.at_least("forward"):
        return frozenset()
    return frozenset(LEVELS[chosen - 1]) - st.session_state.get("learning_answered", {}).get(about(view), frozenset())


def about(view: View) -> str:
    """What a question is about: another training step, sequence, unit or time step asks anew."""
    params = link_from_view(view)
    return repr({name: value for name, value in params.items() if name not in ("phase", "weight", "second")})


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
    answered = st.session_state.setdefault("learning_answered", {})
    known = set(answered.get(about(view), frozenset()))
    asked = LEVELS[level() - 1]
    for column, name in zip(st.columns(max(len(asked), 3)), asked, strict=False):
        symbol = f"{ {**SYMBOL, 'c': 'C', 'h': 'h'}[name] }{sub(view.t + 1)}"
        typed = column.number_input(
            symbol, value=None, step=None, format="%.4g", key=f"learning_answer_{name}_{about(view)}", placeholder="two decimals",
            help="Two decimals are enough.",
        )  # fmt: skip
        if typed is None:
            continue
        answer = judge(typed, name, moment.weights, moment.passed, view.t, view.example, view.unit)
        if answer.right:
            column.success(f"{symbol}: {answer.says}")
            if name not in known:
                known.add(name)
                answered.clear()  # one set of questions at a time is remembered
                answered[about(view)] = frozenset(known)
                st.rerun(scope="fragment")
        else:
            column.warning(f"{answer.says[0].upper()}{answer.says[1:]}")
    if set(asked) <= known:
        more = " Leave out more of them." if level() < len(LEVELS) else " You have computed a whole time step."
        st.success(f"All right.{more}")
