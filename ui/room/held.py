"""A question that waits for the class: a student sees that the others still answer, then how all of them did.

The fragment of the question that a student answered last looks once a second whether the teacher has revealed the answer;
every other question of the page is looked after by `ui.room.here`, every few seconds.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rooms.room import Asked, Question, Room
from ui.room import here, votes

EVERY = 1.0
SPREAD = 8
"""Seconds over which a class's pages run again after an answer was revealed, so that they do not all run at once."""
_SHOWN = "_room_shown"


def wait(room: Room, key: str, asked: Asked, tell: Callable[[], None]) -> bool:
    """Below a question that was answered: wait, or show. Returns whether the answer was revealed.

    tell : draws whether the student's answer was right, and why
    """
    state = room.state(key)
    looks = not state[1] and room.newest_of(here.student()) == key
    here.drawn(key, None if looks else state)
    st.fragment(_draw, run_every=EVERY if looks else None)(key, asked, state, looks, tell)
    return state[1]


def _draw(key: str, asked: Asked, state: tuple[int, bool], looks: bool, tell: Callable[[], None]) -> None:
    room, shown = here.room(), f"{_SHOWN} {key}"
    if room is None or room.state(key)[0] != state[0]:
        st.rerun()
    question = room.question(key)
    if question is None or not question.revealed:
        st.session_state.pop(shown, None)
        said = votes.answers(question.answers if question else 0)
        st.caption(
            f":material/hourglass_top: Waiting for the class: {said} so far. Your teacher shows what all have answered."
        )
        return
    own = question.under(asked.about)
    if own is not None:
        votes.bars(own, revealed=True)
    tell()
    votes.apart(question, own)
    if looks and not state[1]:  # what else depends on the answer follows a little later
        times = st.session_state[shown] = st.session_state.get(shown, 0) + 1
        if times > 1 + int(here.student()[:4], 16) % SPREAD:
            st.rerun()


def lead(room: Room, key: str) -> None:
    """Below a question, for the teacher: how many have answered, and what to do about it."""
    st.fragment(_lead, run_every=2 * EVERY)(key, "page")


def live(key: str) -> None:
    """The same on the teacher's own page, where it is looked at once a second. Inside a fragment that does."""
    _lead(key, "teach")


def _lead(key: str, where: str) -> None:
    room = here.led()
    if room is None:
        st.rerun()
    question = room.question(key)
    if question is None:
        st.caption("Nobody has answered yet.")
        return
    first = question.counted[0] if question.counted else None
    with st.container(horizontal=True, vertical_alignment="center", key=f"lead_{where}_{key}"):
        vote = f"{votes.VOTES[question.round]}: " if question.round else ""
        st.markdown(
            f"{vote}**{question.answers}** of {max(room.here, question.answers)} have answered", width="content"
        )
        st.button(
            "Reveal", icon=":material/visibility:", key=f"reveal_{where}_{key}", type="primary", disabled=question.revealed,
            on_click=room.reveal, args=(key,), help="Everybody sees all answers, the right one, and why.",
        )  # fmt: skip
        st.button(
            "Ask again", icon=":material/replay:", key=f"again_{where}_{key}", disabled=question.round > 0, on_click=room.ask_again,
            args=(key,), help="A second vote: everybody chooses anew. Both stand beside each other.",
        )  # fmt: skip
        unfolded = question.revealed or st.toggle(
            "Unfold",
            key=f"unfold_{where}_{key}",
            persist_state="session",
            help="See what was answered before it is revealed.",
        )
    if unfolded and first is not None:
        _unfold(question)


def _unfold(question: Question) -> None:
    first = question.counted[0]
    votes.bars(first, question.revealed)
    if question.revealed and first.asked is not None:
        st.success(f"**{first.asked.options[first.asked.right]}.** {first.asked.explanation}")
    votes.apart(question, first)
