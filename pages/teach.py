"""The teacher's page of a room: the live question, the plan of the lesson, the board, who waits, and what is left afterwards."""

import streamlit as st

from ui import frame
from ui.browser import projector
from ui.home import plan
from ui.room import here, teach


def the_plan(room):
    st.header("The plan", anchor=False)
    for number, (minutes, step) in enumerate(plan.steps()):
        with st.container(horizontal=True, vertical_alignment="center", key=f"teach_step_{number}"):
            st.markdown(f"**{minutes}: {step.title}.** {step.everyone}")
            for k, link in enumerate(step.links):
                link.draw(st)
                st.button(
                    f"Bring everybody to {link.label}", icon=":material/campaign:", key=f"teach_bring_{number}_{k}",
                    on_click=room.bring, args=(link.file, frame.title_of(link.file), link.params),
                )  # fmt: skip


frame.page("Teach")
room = here.led()
if room is None:
    teach.strangers()
elif projector.on():
    teach.way_in(room)
    st.header("Question", anchor=False)
    teach.live_question()
else:
    teach.switch()
    asked, way_in = st.columns([6, 5], gap="medium")
    with asked:
        st.header("Question", anchor=False)
        teach.live_question()
    with way_in:
        teach.way_in(room)
    the_plan(room)
    teach.way_back(room)
    teach.end(room)
