"""The teacher's page of a room: the live question, the plan of the lesson, the board, who waits, and what is left afterwards."""

import streamlit as st

from ui import frame
from ui.browser import projector
from ui.home import plan
from ui.lesson import csv_text
from ui.room import after, board, here, teach


def running():
    """Everybody's trainings; looking at them starts no engine."""
    jobs = frame.engine()
    return jobs.running() if jobs else []


def first(room):
    """The live question beside the way in."""
    question, way_in = st.columns([6, 5], gap="medium")
    with question:
        st.header("Question", anchor=False)
        teach.live_question()
    with way_in:
        teach.way_in(room)


def the_plan(room):
    st.header("The plan", anchor=False)
    for number, (minutes, step) in enumerate(plan.steps()):
        do, links = st.columns([7, 5], vertical_alignment="center")
        do.markdown(f"**{minutes}: {step.title}.** {step.everyone}{f' **In a room:** {step.room}' if step.room else ''}")
        for k, link in enumerate(step.links):
            with links.container(horizontal=True, vertical_alignment="center"):
                link.draw(st)
                st.button(
                    "Bring everybody", icon=":material/campaign:", key=f"teach_bring_{number}_{k}",
                    help=f"Students see a line that leads to {link.label}. Nobody is moved.",
                    on_click=room.bring, args=(link.file, frame.title_of(link.file), link.params),
                )  # fmt: skip


def the_board():
    st.header("The board", anchor=False)
    board.board(frame.titles(), projector.on())


def the_queue():
    st.header("Who waits", anchor=False)
    teach.who_waits(running)


def after_class(room):
    st.header("After class", anchor=False)
    after.downloads(room, frame.titles(), csv_text)
    teach.way_back(room)
    teach.end(room)


frame.page("Teach")
if (led := here.led()) is None:
    teach.strangers()
else:
    first(led)
    if not projector.on():
        teach.switch()
        the_plan(led)
    the_board()
    if not projector.on():
        the_queue()
        after_class(led)
