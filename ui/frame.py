"""The frame around every page: title and aim, navigation, what this session is training.

`LESSONS` is the one registry of lessons. A lesson appears in the navigation and on Home once its file exists.
"""

from __future__ import annotations

import re
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import streamlit as st

from ui import controls, gone, keep, theme
from ui.browser import cookies, projector
from ui.browser.links import FROM_TRY, HOME, page_of
from ui.plain import plain
from ui.room import here

ROOT = Path(__file__).resolve().parents[1]
ICON = ROOT / "ui" / "icon.svg"  # our own: Streamlit would fetch an icon named `:material/…:` from the internet
GROUPS = ("Understand", "Train", "Read", "Compare")
SIDEBAR_WIDTH = 240
ACTIVE = ("starting", "queued", "running", "paused")
"""The states of a job that still needs its session to be present."""


@dataclass(frozen=True)
class Lesson:
    """One page of the lab. `minutes` is the time it takes in class."""

    file: str
    title: str
    icon: str
    group: str
    aim: str
    minutes: int

    @property
    def exists(self) -> bool:
        return (ROOT / self.file).is_file()


LESSONS = (
    Lesson(
        "pages/gates.py",
        "Gate arithmetic",
        ":material/tune:",
        "Understand",
        "See what each gate of an LSTM does to the numbers that pass it.",
        15,
    ),
    Lesson(
        "pages/learning.py",
        "Learning",
        ":material/school:",
        "Understand",
        "Watch a small LSTM find its weights: forward, loss, backward, update, with every number.",
        20,
    ),
    Lesson(
        "pages/memory.py",
        "Memory",
        ":material/history:",
        "Understand",
        "See how far back a recurrent network can remember, and why.",
        15,
    ),
    Lesson(
        "pages/text.py",
        "Text generation",
        ":material/edit_note:",
        "Train",
        "Watch an LSTM learn to write, one character at a time.",
        20,
    ),
    Lesson(
        "pages/digits.py",
        "Digits",
        ":material/draw:",
        "Train",
        "Draw a digit, and see what an LSTM makes of it, row by row.",
        15,
    ),
    Lesson(
        "pages/forecast.py",
        "Forecasting",
        ":material/show_chart:",
        "Train",
        "Forecast a series, and find out whether that beats a naive guess.",
        15,
    ),
    Lesson(
        "pages/topics.py",
        "Topics",
        ":material/category:",
        "Read",
        "Sort sentences by topic, and compare with counting words.",
        15,
    ),
    Lesson(
        "pages/sentiment.py",
        "Sentiment",
        ":material/thumbs_up_down:",
        "Read",
        "Tell a good review from a bad one, word by word.",
        15,
    ),
    Lesson(
        "pages/keras_vs_scratch.py",
        "Keras against scratch",
        ":material/balance:",
        "Compare",
        "Compare the lab's own LSTM with Keras: same weights, same numbers.",
        10,
    ),
    Lesson(
        "pages/relatives.py",
        "Relatives",
        ":material/account_tree:",
        "Compare",
        "Race an LSTM against GRU, minLSTM, attention and SimpleRNN: who can do what, and why.",
        20,
    ),
)


def lessons() -> list[Lesson]:
    """The lessons whose page exists, in the order of the path through the lab."""
    return [lesson for lesson in LESSONS if lesson.exists]


@dataclass(frozen=True)
class Other:
    """A page that is no lesson. The way to what is a room's stands beside the room, for its teacher alone; see `ui.room.here`."""

    file: str
    title: str
    icon: str
    aim: str
    of_a_room: bool = False


FOR_TEACHERS = Other(
    "pages/teachers.py", "For teachers", ":material/co_present:", "A class of 45 minutes: what to do, what to ask, what to listen for."
)
TEACH = Other(
    "pages/teach.py", "Teach", ":material/groups:", "A class that answers together: what it was asked, where it is, what it trained.", True
)


def others() -> list[Other]:
    """The pages that are no lessons, apart from Home."""
    return [page for page in (FOR_TEACHERS, TEACH) if (ROOT / page.file).is_file()]


def titles() -> dict[str, str]:
    """The lessons' titles by the word that a model or a run of theirs has for its lesson."""
    return {Path(lesson.file).stem.partition("_")[0]: lesson.title for lesson in LESSONS}


def title_of(file: str) -> str:
    """What the page of that file is called."""
    return next((page.title for page in (*LESSONS, FOR_TEACHERS, TEACH) if page.file == file), "LSTM Lab")


COOKIE = "lstm_lab_session"
_top = st.components.v2.component(
    "lab_top",
    js="""
export default function ({ data }) {
  const before = globalThis.lstmLabTop ?? data.followed;
  globalThis.lstmLabTop = data.followed;
  if (data.followed > before) document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
}
""",
)


def _follow_try() -> None:
    """Go to the top of the page in the run in which a "try this" link was followed."""
    followed = st.session_state.setdefault("_tries_followed", 0)
    st.session_state._try_followed_now = FROM_TRY in st.query_params
    if FROM_TRY in st.query_params:
        del st.query_params[FROM_TRY]
        followed = st.session_state._tries_followed = followed + 1
    _top(key="lab_top", data={"followed": followed})


def followed_try() -> bool:
    """Whether this is the run in which a link of the lab was followed. After `page`."""
    return st.session_state.get("_try_followed_now", False)


_HERE = Path(__file__).parent
_in_browser = st.components.v2.component(
    "lab_page",
    html="""<div class="outline"><nav aria-label="On this page" hidden><ol></ol></nav>
<button type="button" aria-expanded="false">On this page</button>
<button type="button" aria-label="Back to the top" title="Back to the top" hidden>↑</button></div>""",
    css=(_HERE / "outline.css").read_text(encoding="utf-8"),
    js=(_HERE / "page.js").read_text(encoding="utf-8"),
)
_STYLE = Template((_HERE / "page.css").read_text(encoding="utf-8"))


def _style() -> None:
    """What Streamlit's own elements look like everywhere; see `page.css`."""
    colours = theme.colours()
    on_primary = theme.ON_PRIMARY[theme.scheme()]
    named = {
        "muted": colours["muted"],
        "keyword": colours["i"],
        "literal": colours["c"],
        "background": colours["background"],
    }
    st.html(f"<style>{_STYLE.substitute(named, on_primary=on_primary)}</style>")


def session_id() -> str:
    """The name under which this visitor's jobs are known: random, and not a secret anyone else can guess.

    A cookie keeps it until the browser is closed, so that a page that is reloaded finds its trainings again.
    """
    if "_session_id" not in st.session_state:
        known = cookies.told(COOKIE)
        st.session_state._session_id = known if re.fullmatch("[0-9a-f]{32}", known) else uuid.uuid4().hex
    return st.session_state._session_id


def _keep_session(session: str) -> None:
    """Give the browser its cookie, if it did not send one."""
    if cookies.told(COOKIE) != session:
        cookies.note(COOKIE, session)


def visited() -> set[str]:
    """The titles of the lessons that this visitor has opened in this session."""
    return set(keep.table("visited"))


def engine() -> Any | None:
    """The job engine, or None while no page of this server has asked for it.

    Without it there are no jobs to show, and a reader of Home or Gate arithmetic does not wait for Dask to load.
    """
    return sys.modules.get("jobs.engine")


def page(title: str, aim: str | None = None) -> str:
    """Begin a page: page config, title with its one-sentence aim, navigation, running jobs. Returns the session id.

    A "try this" link leads to the top. The aim is that of `LESSONS` when left out.

    Raises
    ------
    ValueError
        If the title is no lesson's and no aim is given.
    """
    known = next((one for one in (*LESSONS, FOR_TEACHERS, TEACH) if one.title == title), None)
    if known is None and aim is None:
        raise ValueError(f"aim must be given for a page that is not in LESSONS, got only the title {title!r}")
    st.set_page_config(
        page_title=title if title == "LSTM Lab" else f"{title} · LSTM Lab",
        page_icon=str(ICON),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    _style()
    if isinstance(known, Lesson):
        keep.remember("visited", title, True, len(LESSONS))
    session = session_id()
    projector.follow()
    with st.sidebar:
        file = known.file if known is not None else HOME
        here.enter(session, file, title)
        here.beside(TEACH.file)
        if not isinstance(known, Other):
            here.bring_here(file, title)
        _navigation()
        _running_here(session)
        _keep_session(session)
        gone.remember(_jobs_of(session), [lesson.title for lesson in LESSONS])
    with st.container(gap=None):
        st.title(title, anchor=False)
        st.markdown(aim or known.aim)
        theme.follow()
        _follow_try()
        gone.tell()
        here.tell()
        projector.draw()
        _room_was_made(session, title)
        _in_browser(key="lab_page")
        controls.address_problems(title)  # in here, so that nothing below moves when it comes or goes
    return session


def _room_was_made(session: str, title: str) -> None:
    """Say, until another page is opened, what this visitor held longest and had to go, because a session's memory is bounded."""
    jobs, state = engine(), st.session_state
    said = [f"the result of a training ({one})" for one in (jobs.let_go(session) if jobs else [])]
    where, before = state.get("_let_go", (title, []))
    now = list(dict.fromkeys([*(before if where == title else []), *said, *keep.make_room()]))
    state["_let_go"] = (title, now)
    if now:
        st.caption(
            f":material/inventory_2: To make room, what you had longest was let go: {', '.join(map(plain, now))}. "
            "What is to last, take home as a file."
        )


def _navigation() -> None:
    st.page_link(page_of(HOME), label="**LSTM Lab**", icon=":material/home:")
    there = lessons()
    for group in GROUPS:
        if members := [lesson for lesson in there if lesson.group == group]:
            st.caption(group)
            for lesson in members:
                st.page_link(page_of(lesson.file), label=lesson.title, icon=lesson.icon)
    if pages := [page for page in others() if not page.of_a_room]:
        st.caption("Teach")
        for page in pages:
            st.page_link(page_of(page.file), label=page.title, icon=page.icon)


def _jobs_of(session: str) -> list[Any]:
    jobs = engine()
    return jobs.jobs(session) if jobs else []


def _running_here(session: str) -> None:
    """This session's jobs that are not over. Asking for them also tells the engine that the session is present."""
    active = any(job.state in ACTIVE for job in _jobs_of(session))
    st.fragment(_draw_running_here, run_every=2.0 if active else None)(session)


def _draw_running_here(session: str) -> None:
    jobs = engine()
    if jobs is None:
        return
    jobs.touch(session)
    active = [job for job in jobs.jobs(session) if job.state in ACTIVE]
    if not active:
        return
    st.caption("Training now")
    files = {lesson.title: lesson.file for lesson in lessons()}
    for job in active:
        fraction = job.done
        state = f"queued, number {job.place}" if job.state == "queued" and job.place else job.state
        if file := files.get(job.title.partition(":")[0]):  # a lesson's second kind of job: "Topics: comparison"
            st.page_link(page_of(file), label=job.title, icon=":material/model_training:")
        else:
            st.markdown(job.title)
        st.progress(fraction, text=f"{state}, {fraction:.0%}")
