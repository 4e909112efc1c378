"""The teacher's page, section by section: the way in for students, the live question, the board, the queue, what is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from rooms import building
from rooms.room import Question, Room
from ui.browser import projector
from ui.browser.links import HOME, link, page_of
from ui.plain import plain, unmarked
from ui.room import door, held, here

WAITING = 3.0
NEWEST = ""
"""The choice of no question: whichever was answered last."""
SHORT = 70
"""Most characters of a question in the menu of questions."""


def strangers() -> None:
    """The page without the teacher's link."""
    st.info(
        "This page belongs to a room, and to whoever has its teacher's link. Make a room on Home, under **Teach a class**, or open "
        "the link again.",
        icon=":material/key:",
    )
    st.page_link(page_of(HOME), label="To Home", icon=":material/home:")


def way_in(room: Room) -> None:
    """What is projected first: the two words, the link and its code, how many are here."""
    address = door.students_link(room)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(door.code(address), width=200, alt=f"QR code of the link {address}")
        with st.container(width="stretch", gap="small"):
            st.metric("Two words to join", room.name)
            st.markdown("Type them on the first page of the lab, follow the link, or point a telephone at the code.")
    with st.container(gap="small"):
        st.code(address, language=None, wrap_lines=True)
        if not door.address()[1]:
            st.warning(
                "Only this machine can open that address. Open the lab by Streamlit's *Network URL*, and make the room there.",
                icon=":material/wifi_off:",
            )


@st.fragment(run_every=held.EVERY)
def live_question() -> None:
    """The question that was answered last, or the one that the teacher holds on to; counts, and what to do about it."""
    room = here.led()
    if room is None:
        st.rerun()
    st.markdown(f"**{room.here}** in the room")
    questions = room.questions()
    if not questions:
        st.markdown(
            "Nobody has answered anything yet. Send the class to a page with a question under *Predict, then reveal*: what is answered "
            "there appears here."
        )
        return
    shown = _chosen(questions)
    asked = shown.counted[0].asked if shown.counted else None
    if asked is not None:
        st.caption(plain(asked.page))
        st.markdown(f"**{unmarked_or_as_is(asked.text)}**")
        if not (shown.revealed or st.session_state.get(f"unfold_teach_{shown.key}")):
            st.markdown("\n".join(f"- {option}" for option in asked.options))
    held.live(shown.key)


def unmarked_or_as_is(text: str) -> str:
    """A question in bold must not hold asterisks of its own."""
    return plain(unmarked(text))


def _chosen(questions: Sequence[Question]) -> Question:
    known = {one.key: one for one in questions}
    kept = st.session_state.get("teach_question")
    if kept not in (None, NEWEST, *known):
        st.session_state.teach_question = NEWEST
    key = st.selectbox(
        "Question", [NEWEST, *known], key="teach_question", persist_state="session", format_func=lambda one: _short(known.get(one)),
        help="The one that was answered last comes by itself. Choose one to stay with it.",
    )  # fmt: skip
    return known.get(key, questions[0])


def _short(question: Question | None) -> str:
    if question is None:
        return "the one answered last"
    asked = question.counted[0].asked if question.counted else None
    text = unmarked(asked.text) if asked else question.key
    return f"{text[:SHORT]}{'…' if len(text) > SHORT else ''} ({question.answers})"


def switch() -> None:
    """Into projector mode."""
    link(st, "pages/teach.py", "Projector mode", {projector.PARAM: "1"}, icon=":material/present_to_all:")


def way_back(room: Room) -> None:
    """The teacher's own link, folded away."""
    with st.expander("Your way back", icon=":material/key:"):
        st.markdown("Whoever has this link leads the room. Keep it; do not project it.")
        st.code(door.teachers_link(room, here.secret()), language=None)


def end(room: Room) -> None:
    """The end of a room, in two presses."""
    with st.popover("End the room", icon=":material/stop_circle:"):
        st.markdown(
            "The room is gone for everybody, and nothing of it is kept on the server. Download what you want to keep first."
        )
        st.button("End it now", key="room_end", type="primary", on_click=_end, args=(room.name,))


def _end(name: str) -> None:
    building.HERE.end(name)


@st.fragment(run_every=WAITING)
def who_waits(jobs: Callable[[], Sequence[Any]]) -> None:
    """The class's trainings that are not over, each with its place, under its student's colour.

    jobs : what the server trains and what waits, as `jobs.engine.running` has it
    """
    room = here.led()
    if room is None:
        st.rerun()
    theirs = [(room.colour(job.session), job) for job in jobs()]
    rows = [(colour, job) for colour, job in theirs if colour is not None]
    others = len(theirs) - len(rows)
    if not theirs:
        st.markdown("Nobody trains, and nobody waits.")
    if rows:
        st.table(
            {
                "student": [colour for colour, _ in rows],
                "training": [plain(job.title) for _, job in rows],
                "stands": [f"queued, number {job.place}" if job.state == "queued" and job.place else job.state for _, job in rows],
                "done": [f"{min(max(job.fraction, 0.0), 1.0):.0%}" for _, job in rows],
            }
        )
    if others:
        st.caption(f"And {others} of people who are not in this room.")
