"""For teachers: a class of 45 minutes, step by step, and whether its trainings fit into it on this server."""

import streamlit as st

from ui import frame
from ui.home import plan

STUDENTS, WORKERS = 30, (1, 2, 4)


def the_plan():
    st.header("45 minutes", anchor=False)
    st.markdown(
        "Project a page, and let everyone open the same link: it sets what its words say and puts all else back. Home "
        "has the same links for the class, without what is told here. To have the plan on paper, print this page."
    )
    st.markdown(
        "With a **room** the class answers together: *Teach a class* on Home makes one, with two words and a code for telephones. "
        "Questions then wait until you reveal all answers, and runs come together on a board. The plan works without it: hands go "
        "up, and each page tells its reader alone."
    )
    for minutes, step in plan.steps():
        with st.container(border=True):
            st.subheader(f"{minutes}: {step.title}", anchor=False)
            left, right = st.columns([8, 3], gap="medium")
            left.markdown(f"**Everyone:** {step.everyone}")
            left.markdown(f"**You:** {step.teacher}")
            left.markdown(f"**Listen for:** {step.listen}")
            if step.room:
                left.markdown(f"**In a room:** {step.room}")
            for link in step.links:
                link.draw(right)


@st.fragment
def who_waits():
    """The queue of the step that trains, for a class of this size."""
    st.header("Do the trainings fit?", anchor=False)
    at_most = plan.minutes_to_train()
    left, right = st.columns([3, 8], gap="medium")
    with left:
        students = st.number_input(
            "Trainings", 1, 200, STUDENTS, key="teachers_students",
            help="One for each student, or one for two who share a screen.",
        )  # fmt: skip
    with right:
        st.table(
            {
                "trained at a time": [str(workers) for workers in WORKERS],
                "minutes until the last is done": [f"{plan.training_minutes(students, workers):.1f}" for workers in WORKERS],
                f"within its {at_most} minutes": [
                    "yes" if plan.training_minutes(students, workers) <= at_most else "no: share screens" for workers in WORKERS
                ],
            }
        )
    st.markdown(
        f"A training of the plan takes a worker {plan.TRAIN_SECONDS} seconds. A server trains as many at a time as it has cores; "
        "the others wait, and everybody's gets turns. Nothing else of the plan is trained."
    )


def before_the_class():
    st.header("Before the class", anchor=False)
    st.markdown(
        "- Open every link once on the machine that is projected: the first visit of a page is the slowest.\n"
        "- For a room, open the lab by the address that the class can reach, and make it a minute before: a room ends after four "
        "hours without anyone. Keep *Your way back*: with that link you return from any browser.\n"
        "- Press *Train* once on Text generation: the first training after a pause starts the workers.\n"
        "- A student who has changed too much follows the link again. Nothing of another student is touched.\n"
        "- For one who is done early: the lesson's own *Try this*, and *Predict, then reveal*."
    )


frame.page("For teachers")
the_plan()
who_waits()
before_the_class()
