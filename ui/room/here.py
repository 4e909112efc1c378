"""In which room this visitor is, and as whom: the link that leads in, the line that says so, the way out.

A link has `?room=amber-fox`, the teacher's `&teacher=…` beside it. Both leave the address at once, so that no secret is
projected; a cookie brings a page back into its room when it is reloaded. A student is the browser's session, so two tabs
are one student.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import streamlit as st

from rooms import building, words
from rooms.room import Full, Room
from ui.browser import cookies
from ui.browser.links import link, page_of
from ui.plain import plain, sentence

COOKIE = "lstm_lab_room"
ROOM, TEACHER, CALLED = "room", "teacher", "called"
"""Words of an address: the room, the secret of its teacher, and that the teacher's call, or the way back from it, was followed."""
BACK = "back"
PULSE, COUNT = 3.0, 6.0
"""Seconds between two looks at what the teacher does, and at how many are here."""
_KNOWN = re.compile(r"([0-9a-f]{12})\.([a-z]+-[a-z]+)\.([A-Za-z0-9_-]{0,64})")
_IN, _SAID, _ASKED, _FOLLOWED, _OWN, _AT, _ALL = (
    f"_room_{name}" for name in ("in", "said", "asked", "followed", "own", "at", "all")
)


@dataclass(frozen=True)
class Member:
    """Whose session this is: a student, or with a secret the teacher."""

    name: str
    student: str
    secret: str = ""


@dataclass(frozen=True)
class _At:
    """A page with what its address says."""

    file: str
    title: str
    params: dict[str, str]


def enter(session: str, file: str, title: str) -> None:
    """Begin a page's run: follow a link into a room, or the cookie back into it, and see whether it is still there."""
    state = st.session_state
    given = {name: st.query_params[name] for name in (ROOM, TEACHER, CALLED) if name in st.query_params}
    for name in given:
        del st.query_params[name]
    if ROOM in given:
        join(given[ROOM], session, given.get(TEACHER, ""))
    elif _IN not in state:
        _return(session)
    state.setdefault(_IN, None)
    state[_ALL] = CALLED in given
    if CALLED in given:
        _was_called(given[CALLED])
    elif (before := state.get(_AT)) is not None and before.file != file:
        state[_OWN] = None  # they went on by themselves
    state[_ASKED] = {}
    if state[_IN] is not None and room() is None:
        state[_SAID] = f"The room **{plain(state[_IN].name)}** has ended. Questions are answered alone again."
        state[_IN] = None
    cookies.keep(COOKIE, _cookie())
    state[_AT] = _At(file, title, st.query_params.to_dict())


def join(name: str, session: str, secret: str = "") -> bool:
    """Go into a room, as its teacher with the secret. Returns whether there is one; if not, the page says so."""
    state, found = st.session_state, building.HERE.find(name)
    state[_SAID], state[_FOLLOWED], state[_OWN] = "", 0, None
    if found is None:
        state[_SAID] = (
            f"There is no room **{plain(words.tidy(name))}** on this server: it has ended, or its two words are others."
        )
    elif secret and not found.is_teacher(secret):
        state[_SAID] = f"This is not the teacher's link of the room **{found.name}**."
    else:
        try:
            if not secret:
                found.arrive(session)
        except Full as problem:
            state[_SAID] = sentence(problem)
        else:
            state[_IN] = Member(found.name, session, secret)
            return True
    state[_IN] = None
    return False


def _return(session: str) -> None:
    """Into the room that the browser remembers."""
    found = _KNOWN.fullmatch(cookies.told(COOKIE))
    if found is None:
        return
    server, name, secret = found.groups()
    if building.HERE.find(name) is not None:
        join(name, session, secret)
    else:
        why = (
            "has ended"
            if server == cookies.SERVER
            else "is gone: the server was started again, and its rooms went with it"
        )
        st.session_state[_SAID] = f"The room **{name}** {why}."


def _cookie() -> str:
    member = st.session_state[_IN]
    if member is None:
        return ""
    before = _KNOWN.fullmatch(cookies.told(COOKIE))
    if before and before[2] == member.name and before[3] and not member.secret:
        return before[0]  # the teacher looks in as a student, in another tab
    return f"{cookies.SERVER}.{member.name}.{member.secret}"


def leave() -> None:
    """Out of the room. For callbacks."""
    member, found = st.session_state.get(_IN), room()
    if found is not None and not member.secret:
        found.leave(member.student)
    st.session_state[_IN] = None
    st.session_state[_SAID] = ""


def room() -> Room | None:
    """The room that this visitor is in."""
    member = st.session_state.get(_IN)
    return None if member is None else building.HERE.find(member.name)


def student() -> str | None:
    """As whom this visitor answers in the room; None outside of one, and for its teacher."""
    member = st.session_state.get(_IN)
    return member.student if member is not None and not member.secret else None


def led() -> Room | None:
    """The room whose teacher this visitor is."""
    member, found = st.session_state.get(_IN), room()
    return found if found is not None and member.secret and found.is_teacher(member.secret) else None


def secret() -> str:
    """The teacher's secret; "" for everybody else."""
    member = st.session_state.get(_IN)
    return member.secret if member is not None else ""


def title() -> str:
    """What the page of this run is called."""
    return st.session_state[_AT].title


def everything_is_set() -> bool:
    """Whether the address of this run means all settings of its page: those that it does not name are as at first."""
    return st.session_state.get(_ALL, False)


def drawn(key: str, state: tuple[int, bool] | None) -> None:
    """A question stands on the page, in this state; None where it looks after itself."""
    st.session_state.setdefault(_ASKED, {})[key] = state


# ---- what a page shows of it


def beside(teach: str) -> None:
    """In the sidebar: which room, how many are here, and how to leave it; for its teacher the way to `teach`, the room's page."""
    if room() is None:
        return
    with st.container(gap="xsmall", key="room_beside"):
        st.fragment(_count, run_every=COUNT)()
        if led() is not None:
            st.page_link(page_of(teach), label="Teach", icon=":material/groups:")
        else:
            st.button("Leave the room", icon=":material/logout:", key="room_leave", on_click=leave)


def _count() -> None:
    found = room()
    if found is None:
        st.rerun()
    if led() is not None:
        st.markdown(f"You teach the room **{found.name}**, {found.here} here")
    else:
        st.markdown(f"In the room **{found.name}**, {found.here} here; you are *{found.colour(student())}*")


def bring_here(file: str, title: str) -> None:
    """The teacher's button beside every page that a class can be called to."""
    if (found := led()) is not None:
        st.button(
            "Bring everybody here", icon=":material/campaign:", key="room_bring",
            help="Students see a line that leads to this page with its settings. Nobody is moved.",
            on_click=lambda: found.bring(file, title, _address()),
        )  # fmt: skip


def _address() -> dict[str, str]:
    return {name: value for name, value in st.query_params.to_dict().items() if name != "projector"}


def tell() -> None:
    """At the top of the page: what became of a room, and where the teacher is."""
    if said := st.session_state.get(_SAID):
        st.warning(said, icon=":material/groups:")
    if student() is not None:
        st.fragment(_pulse, run_every=PULSE)()


def _pulse() -> None:
    """Every few seconds: this student is here; what the teacher has done since the page was drawn."""
    found, state = room(), st.session_state
    if found is None:
        st.rerun()
    found.arrive(student())
    at = state[_AT] = _At(state[_AT].file, state[_AT].title, _address())
    if any(known is not None and found.state(key) != known for key, known in state[_ASKED].items()):
        st.rerun()
    place, own = found.place, state.get(_OWN)
    called = place is not None and place.number > state.get(_FOLLOWED, 0)
    if not called and own is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="room_call"):
        if called:
            st.markdown(
                f":material/campaign: The teacher is on **{plain(place.title)}**, with these settings:", width="content"
            )
            link(st, place.file, "go there", {**place.params, CALLED: str(place.number)})
        elif own != at:
            st.markdown(f":material/undo: Your own work on **{plain(own.title)}** is kept:", width="content")
            link(st, own.file, "back to it", {**own.params, CALLED: BACK})


def _was_called(word: str) -> None:
    """A student went where the teacher is, or back."""
    state, found = st.session_state, room()
    if word == BACK:
        state[_OWN] = None
    elif found is not None and found.place is not None:
        state[_FOLLOWED] = found.place.number
        state[_OWN] = state.get(_OWN) or state.get(_AT)
