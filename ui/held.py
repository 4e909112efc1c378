"""A gate of a trained network held at 0 or 1 while it does its work: predicted first, then seen, then any other gate."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import streamlit as st

from lstm import Sequential
from lstm.lessons.held import can_be_held, with_gate_held
from ui import keep, lesson
from ui.theme import GATE_NAMES

T = TypeVar("T")

WAYS = {f"{GATE_NAMES[gate]} at {value}": (gate, value) for gate in "fio" for value in (0, 1)}
FIRST = next(iter(WAYS))
"""What is asked about: the forget gate at 0."""


def question(
    key: str,
    ask: str,
    options: Sequence[str],
    model: Sequential,
    work: Callable[[Sequential], T],
    answer: Callable[[T], int],
    said: Callable[[T], str],
    about: Hashable,
    show: Callable[[T], None] | None = None,
) -> None:
    """Ask what becomes of a network's work with its forget gate held at 0; once predicted, hold any gate.

    Parameters
    ----------
    key : unique in the lab; begins with the lesson's name
    ask : the question, without saying which gate is held
    model : the network; of one without an LSTM it is said that it has no such gate
    work : what a network does, which the rest is told; computed once for each gate and `about`
    answer : the right one of `options`
    said : a sentence that goes on from "With its forget gate f at 0 "
    show : draws what comes of it
    """
    if not can_be_held(model):
        st.caption("This network has no LSTM layer, so it has no gate that could be held.")
        return

    def found(way: str) -> T:
        return keep.of_session(f"{key} found", (about, way), lambda: work(with_gate_held(model, *WAYS[way])), most=len(WAYS))

    def sentence(way: str) -> str:
        return f"With its {way} {said(found(way))}"

    answered = lesson.predict_then_reveal(
        key, f"Its forget gate is held at 0. {ask}", options, lambda: answer(found(FIRST)), lambda _: sentence(FIRST), about
    )  # fmt: skip
    if answered is None:
        return
    way = st.segmented_control(
        "Hold its", list(WAYS), default=FIRST, required=True, key=f"{key}_way", persist_state="session",
        help="At every step and in every unit, whatever the gate computes.",
    )  # fmt: skip
    if way != FIRST:
        st.markdown(sentence(way))
    if show is not None:
        show(found(way))
