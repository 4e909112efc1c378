"""Home: what an LSTM is, the path through the lessons, what is training now, and a plan for 45 minutes in class."""

from pathlib import Path

import streamlit as st

from lstm.lessons.gates import PRESETS
from ui import frame
from ui.browser.links import page_of
from ui.home import pictures, plan
from ui.home.journey import journey
from ui.room import door
from ui.server.headers import MIDDLEWARE
from ui.server.idle import lifespan


def first_screen():
    journey(PRESETS["Three numbers, scaled"].run(), key="home_cell")
    if first := next(iter(frame.lessons()), None):
        st.page_link(page_of(first.file), label=f"**Start with {first.title}**", icon=":material/arrow_forward:")


def path():
    st.header("The path through the lab", anchor=False)
    seen, there = frame.visited(), frame.lessons()
    st.caption(f"{sum(lesson.title in seen for lesson in there)} of {len(there)} visited")
    for group in frame.GROUPS:
        if not (lessons := [lesson for lesson in frame.lessons() if lesson.group == group]):
            continue
        st.markdown(f"**{group}**")
        columns = st.columns(3)
        for column, lesson in zip(columns, lessons, strict=False):
            with column.container(border=True, height="stretch"):
                st.page_link(page_of(lesson.file), label=f"**{lesson.title}**", icon=lesson.icon)
                pictures.draw(Path(lesson.file).stem)
                st.markdown(lesson.aim)
                st.caption(f"{lesson.minutes} minutes in class{' · visited' if lesson.title in seen else ''}")


@st.fragment(run_every=3.0)
def training_now():
    """Everyone's runs. Looking at them starts nothing: without an engine there is nothing to look at."""
    jobs = frame.engine()
    running = jobs.running() if jobs else []
    st.header("Training now", anchor=False)
    if not running:
        st.markdown(
            "Nothing is training at the moment. A run started on a lesson's page shows up here, whoever started it."
        )
    for job in running:
        st.progress(min(max(job.fraction, 0.0), 1.0), text=f"{job.title}: {job.state}, {job.fraction:.0%}")


def in_class():
    st.header("45 minutes in class", anchor=False)
    st.markdown("Each link opens a lesson with its controls set, and all others as at first; copy its address to send it to a class.")
    if frame.FOR_TEACHERS in frame.others():
        st.page_link(
            page_of(frame.FOR_TEACHERS.file), label="For teachers: what to ask, and what to listen for", icon=frame.FOR_TEACHERS.icon
        )
    for minutes, step in plan.steps():
        when, do, links = st.columns([2, 9, 4], vertical_alignment="center")
        when.markdown(f"**{minutes}**")
        do.markdown(step.everyone)
        for link in step.links:
            link.draw(links)


def teach(session):
    st.header("Teach a class", anchor=False)
    door.teach_or_join(session, frame.TEACH.file)


if __name__ == "__main__":  # as a page
    session = frame.page("LSTM Lab", "Take a long short-term memory network apart, and watch it learn.")
    first_screen()
    path()
    teach(session)
    in_class()
    training_now()
else:  # imported by `streamlit run`, which starts this server
    app = st.App(__file__, middleware=MIDDLEWARE, lifespan=lifespan)
