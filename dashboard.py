"""Home: what an LSTM is, the path through the lessons, what is training now, and a plan for 45 minutes in class."""

import streamlit as st

from lstm.lessons.gates import PRESETS
from lstm.lessons.learning.setting import PRESETS as LEARNT
from ui import frame
from ui.cell.drawing import cell_svg
from ui.cell.show import draw
from ui.gates.link import link_from_setting
from ui.learning.link import View, link_from_view
from ui.server.headers import MIDDLEWARE
from ui.server.idle import lifespan

WHAT_IT_IS = """
1. A recurrent network reads a sequence one step at a time, and carries what it has seen along in a **hidden state h**.
2. A long short-term memory network, LSTM, adds a second memory: the :yellow[**cell state C**], which runs straight through
   time and is only ever multiplied and added to.
3. At every step the :orange[**forget gate**] says how much of C stays, and the :blue[**input gate**] how much of a new
   :green[**candidate**] is added.
4. The :violet[**output gate**] says how much of C the rest of the network gets to see, as the next h.
5. Each gate is a small layer of its own that answers with a number between 0 and 1, and training finds the weights with
   which it keeps what will be needed later.
"""

GATES, LEARNING, TEXT = "pages/gates.py", "pages/learning.py", "pages/text.py"
# When, what, and the links that set the controls for it: file, label, parameters.
PLAN = (
    ("0–5 min", "Read the five sentences, and follow the wires of the picture with a finger.", ()),
    (
        "5–10 min",
        "Raw numbers: play the three steps. Which gate moves? None does: all are stuck at 1.",
        ((GATES, "Three numbers", link_from_setting(PRESETS["Three numbers"], 1)),),
    ),
    (
        "10–15 min",
        "The same numbers, scaled. Everyone changes one weight, and says first what it will do.",
        ((GATES, "Three numbers, scaled", link_from_setting(PRESETS["Three numbers, scaled"], 1)),),
    ),
    (
        "15–20 min",
        "One pulse is kept for four steps, then erased. Hold the forget gate at 0: what is lost?",
        ((GATES, "A latch", link_from_setting(PRESETS["A latch"], 5)),),
    ),
    (
        "20–25 min",
        "Who sets the sliders? Press Forward, Loss, Backward, Update: one unit, two steps, every gradient. Then +10 steps.",
        ((LEARNING, "With a pencil", link_from_view(View(LEARNT["With a pencil"]))),),
    ),
    (
        "25–40 min",
        "Half of the class trains 16 units, the other half 128. Read the samples aloud: who writes better after a minute?",
        ((TEXT, "16 units", {"text_units": "16"}), (TEXT, "128 units", {"text_units": "128"})),
    ),
    ("40–45 min", "Back to the five sentences: which gate would you give up first, and how would you test it?", ()),
)


def first_screen():
    left, right = st.columns([10, 11], gap="large", vertical_alignment="center")
    with left:
        st.markdown(WHAT_IT_IS)
        if first := next(iter(frame.lessons()), None):
            st.page_link(first.file, label=f"**Start with {first.title}**", icon=":material/arrow_forward:")
    with right:
        draw(cell_svg(), key="home_cell")


def path():
    st.header("The path through the lab", anchor=False)
    for group in frame.GROUPS:
        if not (lessons := [lesson for lesson in frame.lessons() if lesson.group == group]):
            continue
        st.markdown(f"**{group}**")
        columns = st.columns(3)
        for column, lesson in zip(columns, lessons, strict=False):
            with column.container(border=True, height="stretch"):
                st.page_link(lesson.file, label=f"**{lesson.title}**", icon=lesson.icon)
                st.markdown(lesson.aim)
                st.caption(f"{lesson.minutes} minutes in class")


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


def plan():
    st.header("45 minutes in class", anchor=False)
    st.markdown("Each link opens a lesson with its controls set; copy its address to send it to a class.")
    there = {lesson.file for lesson in frame.lessons()}
    for minutes, what, links in PLAN:
        if not all(file in there for file, _, _ in links):
            continue
        when, do, links_here = st.columns([2, 9, 4], vertical_alignment="center")
        when.markdown(f"**{minutes}**")
        do.markdown(what)
        for file, label, params in links:
            links_here.page_link(file, label=label, icon=":material/open_in_new:", query_params=params)


if __name__ == "__main__":  # as a page
    frame.page("LSTM Lab", "Take a long short-term memory network apart, and watch it learn.")
    first_screen()
    path()
    plan()
    training_now()
else:  # imported by `streamlit run`, which starts this server
    app = st.App(__file__, middleware=MIDDLEWARE, lifespan=lifespan)
