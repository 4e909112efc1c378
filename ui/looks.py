"""What the lab made of a file, folded away: the same lines that `python -m lstm look` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lstm.lessons.looks import lines_of

FOUND = "found by itself"


def folded(label: str = "How this file was read") -> DeltaGenerator:
    """The place for the lines, and for what a visitor may know better."""
    return st.expander(label, icon=":material/frame_inspect:")


def show(facts: dict[str, Any]) -> None:
    """The facts of a file as lines of plain text."""
    st.code("\n".join(lines_of(facts)), language=None, wrap_lines=True)


def choice(label: str, answers: Sequence[tuple[str, Any]], key: str, help: str) -> Any:
    """What a visitor knows about a file; None leaves it to the reader."""
    meant = {FOUND: None, **dict(answers)}
    return meant[st.selectbox(label, list(meant), key=key, help=help, persist_state="session")]


def header(key: str) -> bool | None:
    """Whether the first row holds names."""
    answers = [("names", True), ("values", False)]
    return choice("The first row holds", answers, key, "Names of the columns, or values like all others.")
