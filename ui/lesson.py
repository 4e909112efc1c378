"""What every lesson has: predict, then reveal; "try this" links; the source that ran; files to take home."""

from __future__ import annotations

import csv
import inspect
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st


@dataclass(frozen=True)
class Try:
    """A suggestion: a link that opens `file` with `params` in the address, so that its controls are set."""

    label: str
    params: Mapping[str, str]
    why: str
    file: str | None = None


@dataclass(frozen=True)
class Takeaway:
    """A file to take home. `data` may be a function, called only when the reader asks for the file."""

    label: str
    data: bytes | str | Callable[[], bytes | str]
    file_name: str
    mime: str


def predict_then_reveal(
    key: str,
    question: str,
    options: Sequence[str],
    answer: int | Callable[[], int],
    explanation: str | Callable[[bool], str],
) -> bool | None:
    """Ask before the page tells. Returns None until the reader has chosen, then whether the choice was right.

    Parameters
    ----------
    key : unique on the page
    answer : index of the right option, from the live numbers
    explanation : shown after the choice; a function is told whether the choice was right
    """
    choice = st.radio(question, options, index=None, key=f"predict_{key}")
    if choice is None:
        st.caption("Choose first; the answer comes from the numbers on this page.")
        return None
    right = options.index(choice) == (answer() if callable(answer) else answer)
    text = explanation(right) if callable(explanation) else explanation
    (st.success if right else st.warning)(("**Right.** " if right else "**Not quite.** ") + text)
    return right


def try_this(file: str, suggestions: Sequence[Try]) -> None:
    """Links that set the controls of a page, each with the reason to follow it."""
    st.subheader("Try this", anchor=False)
    for column, suggestion in zip(st.columns(len(suggestions)), suggestions, strict=True):
        with column:
            st.page_link(
                suggestion.file or file,
                label=f"**{suggestion.label}**",
                icon=":material/arrow_forward:",
                query_params=dict(suggestion.params),
            )
            st.caption(suggestion.why)


def source(*functions: Any, label: str = "The source that just ran") -> None:
    """The very code behind the numbers, folded away."""
    with st.expander(label, icon=":material/code:"):
        for function in functions:
            st.code(inspect.getsource(function), language="python")


def csv_text(columns: Mapping[str, Sequence[Any]]) -> str:
    """Columns as a CSV file with a header, numbers in full precision."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns.keys(), *zip(*columns.values(), strict=True)])
    return text.getvalue()


def take_home(files: Sequence[Takeaway]) -> None:
    """Download buttons side by side. Pressing one runs nothing again."""
    st.subheader("Take home", anchor=False)
    with st.container(horizontal=True):
        for file in files:
            st.download_button(
                file.label,
                file.data,
                file_name=file.file_name,
                mime=file.mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"take_{file.file_name}",
            )
