"""What every lesson has: predict, then reveal; a gate that is held; "try this" links; the source that ran; files to take home."""

from __future__ import annotations

import csv
import inspect
import io
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

import streamlit as st

from lstm import Sequential
from lstm.lessons.held import can_be_held, with_gate_held
from lstm.lessons.presets import Preset
from rooms.room import Asked, Room, digest
from ui import keep
from ui.browser.links import link
from ui.plain import unmarked
from ui.room import held, here
from ui.theme import GATE_NAMES

ANSWERS = 300
"""Most answers of a visitor that are kept."""


HOLDS = {f"{GATE_NAMES[gate]} at {value}": (gate, value) for gate in "fio" for value in (0, 1)}
FORGETS = next(iter(HOLDS))
"""What is asked about: the forget gate at 0."""

T = TypeVar("T")


@dataclass(frozen=True)
class Try:
    """A suggestion: a link that opens `file` with `params` in the address, so that its controls are set."""

    label: str
    params: Mapping[str, str]
    why: str
    file: str | None = None


@dataclass(frozen=True)
class Takeaway:
    """A file to take home. `data` may be a function, called only when somebody asks for the file."""

    label: str
    data: bytes | str | Callable[[], bytes | str]
    file_name: str
    mime: str


def predict(
    key: str, question: str, options: Sequence[str], about: Hashable = None, *, horizontal: bool = False, off: bool = False
) -> str | None:
    """Ask before the page tells. Returns what was chosen, None until something is.

    An answer belongs to what the question was about: where that changes, the question is asked anew, and whoever comes
    back to it, from another setting or from another page, finds the answer that was given.

    Parameters
    ----------
    key : unique on the page
    about : what the question is about, such as the key of the model on show and the text it reads
    off : whether nothing can be chosen any more
    """
    widget = f"predict_{key}"
    given = answer_to(key, about)
    if given not in options:
        given = None
    if st.session_state.get(widget) != given:
        st.session_state[widget] = given
    name = unmarked(question)  # a radio's own label is read aloud with its asterisks
    with st.container(gap=None):
        if name != question:
            st.markdown(question)
        return st.radio(
            name, options, index=None, key=widget, horizontal=horizontal, disabled=off,
            label_visibility="visible" if name == question else "collapsed",
            on_change=lambda: _answered(key, about, st.session_state[widget]),
        )  # fmt: skip


def _answered(key: str, about: Hashable, choice: str) -> None:
    keep.remember("answers", (key, about), choice, ANSWERS)
    if (room := here.room()) is not None and not isinstance(about, _InRoom):  # a guess that the class will be asked for later
        keep.remember("answers", (key, _InRoom(about, room.name, 0)), choice, ANSWERS)


class _InRoom(NamedTuple):
    """What a question in a room is about: that, in this room, in this vote."""

    about: Hashable
    room: str
    vote: int


def answer_to(key: str, about: Hashable = None) -> str | None:
    """What this visitor answered to a question when it was about that."""
    return keep.table("answers").get((key, about))


def predict_then_reveal(
    key: str,
    question: str,
    options: Sequence[str],
    answer: int | Callable[[], int],
    explanation: str | Callable[[bool], str],
    about: Hashable = None,
) -> bool | None:
    """Ask before the page tells. Returns None until the visitor has chosen, then whether the choice was right.

    In a room it waits for the class: see `ui.room.held`.

    Parameters
    ----------
    key : unique on the page
    answer : index of the right option, from the live numbers
    explanation : shown after the choice; a function is given whether the choice was right
    about : what the question is about, so that no answer is judged by something else; see `predict`
    """
    right_option = lambda: answer() if callable(answer) else answer  # noqa: E731
    says = lambda right: explanation(right) if callable(explanation) else explanation  # noqa: E731
    if (room := here.room()) is not None:
        return st.fragment(_with_the_class)(room, key, question, options, right_option, says, about)
    choice = predict(key, question, options, about)
    if choice is None:
        st.caption("Choose first; the answer comes from the numbers on this page.")
        return None
    right = list(options).index(choice) == right_option()
    _tell(right, says(right))
    return right


def _tell(right: bool, text: str) -> None:
    (st.success if right else st.warning)(("**Right.** " if right else "**Not quite.** ") + text)


def _with_the_class(
    room: Room, key: str, question: str, options: Sequence[str], answer: Callable[[], int], says: Callable[[bool], str], about: Hashable
) -> bool | None:
    """The same question in a room: a student's answer goes to the room, and the page tells when the teacher does.

    A fragment: nothing else of the page depends on an answer before it is revealed, and thirty pages need not run for it.
    """
    student, (vote, revealed) = here.student(), room.state(key)
    if student is None:
        predict(key, question, options, _InRoom("of the teacher", room.name, vote), off=True)
        held.lead(room, key)
        return None
    about_here, setting = _InRoom(about, room.name, vote), digest(about)
    sent = keep.table("sent to the room")
    known, given = room.answer_of(student, key, setting), answer_to(key, about_here)
    if known is not None and given == sent.get((key, about_here)):  # another tab, or before a reload
        given = options[known]
        keep.remember("answers", (key, about_here), given, ANSWERS)
        keep.remember("sent to the room", (key, about_here), given, ANSWERS)
    choice = predict(key, question, options, about_here, off=revealed and given is not None and given == sent.get((key, about_here)))
    if choice is None:
        said = "A second vote: talk it over with those beside you, then choose anew." if vote and not revealed else ""
        st.caption(said or "Choose first; the answer comes from the numbers on this page.")
        here.drawn(key, (vote, revealed))
        return None
    number, right_one = list(options).index(choice), answer()
    right = number == right_one
    text = cache(lambda: says(right))  # looked at once a second
    asked = Asked(question, tuple(options), right_one, says(True), setting, here.title())
    if choice != sent.get((key, about_here)):
        room.vote(student, key, asked, number)
        keep.remember("sent to the room", (key, about_here), choice, ANSWERS)
        keep.remember("answers", (key, about), choice, ANSWERS)  # for whoever leaves the room
    return right if held.wait(room, key, asked, lambda: _tell(right, text())) else None


def hold_a_gate(
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
        st.caption("This network has no LSTM layer, and it is an LSTM’s gates that can be held here.")
        return

    def found(way: str) -> T:
        return keep.of_session(f"{key} found", (about, way), lambda: work(with_gate_held(model, *HOLDS[way])), most=len(HOLDS))

    def sentence(way: str) -> str:
        return f"With its {way} {said(found(way))}"

    answered = predict_then_reveal(
        key, f"Its forget gate is held at 0. {ask}", options, lambda: answer(found(FORGETS)), lambda _: sentence(FORGETS), about
    )  # fmt: skip
    if answered is None:
        return
    way = st.segmented_control(
        "Hold its", list(HOLDS), default=FORGETS, required=True, key=f"{key}_way", persist_state="session",
        help="At every step and in every unit, whatever the gate computes.",
    )  # fmt: skip
    if way != FORGETS:
        st.markdown(sentence(way))
    if show is not None:
        show(found(way))


def try_this(file: str, suggestions: Sequence[Try]) -> None:
    """Links that set the controls of a page, each with the reason to follow it. They lead to its top: see `ui.frame.page`."""
    st.header("Try this", anchor=False)
    for column, suggestion in zip(st.columns(len(suggestions)), suggestions, strict=True):
        with column:
            link(st, suggestion.file or file, f"**{suggestion.label}**", suggestion.params)
            st.caption(suggestion.why)


def beside_its_project(name: str, preset: Preset, figures: Mapping[str, Sequence[str]]) -> None:
    """A preset and the project it comes from: `figures` of both as columns of a table, what was wrong there, how they compare."""
    with st.container(border=True):
        st.markdown(f"**{name}.** {preset.summary}")
        if preset.printed or preset.recorded:
            st.dataframe(figures, hide_index=True)
        if preset.to_beat:
            st.markdown(f"*What was wrong there:* {preset.to_beat}")
        if notes := " ".join(filter(None, (preset.reading, preset.recorded_how))):
            st.caption(notes)


def source(*functions: Any, label: str = "The source that just ran") -> None:
    """The very code behind the numbers, folded away."""
    with st.expander(label, icon=":material/code:"):
        for function in functions:
            st.code(_source_of(function), language="python")


_source_of = lru_cache(maxsize=64)(inspect.getsource)  # it parses the file anew each time


def csv_text(columns: Mapping[str, Sequence[Any]]) -> str:
    """Columns as a CSV file with a header, numbers in full precision, words such that no spreadsheet runs them."""
    text = io.StringIO()
    rows = [columns.keys(), *zip(*columns.values(), strict=True)]
    csv.writer(text, lineterminator="\n").writerows([[_cell(value) for value in row] for row in rows])
    return text.getvalue()


def _cell(value: Any) -> Any:
    """A spreadsheet takes words that begin with one of these for a formula, whoever wrote them; with a quote before, not."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def take_home(files: Sequence[Takeaway]) -> None:
    """Download buttons side by side. Pressing one runs nothing again."""
    st.header("Take home", anchor=False)
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
