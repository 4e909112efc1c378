"""What is `units`? The numbers there are to learn, counted for other units and other lengths of sequence."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.learning.setting import Setting
from ui import lesson
from ui.learning.tables import parameters


def shapes(setting: Setting) -> None:
    """What is `units`? Shown by counting."""
    st.header("What is “units”?", anchor=False)
    left, right = st.columns([10, 9], gap="medium")
    times = sorted({max(setting.time - 1, 1), setting.time, setting.time + 1})
    count = parameters(setting.features, setting.units)
    with left:
        st.markdown(
            f"**`units` is the length of h, not the number of time steps.** Here h and C are {setting.units} "
            f"number{'s' if setting.units > 1 else ''} long at each of {setting.time} step{'s' if setting.time > 1 else ''}, and there are "
            f"**{count}** numbers to learn. Change *Units* and *Longer* above, and see which of the two changes the tables of weights."
        )
    with right:
        st.table(
            {"units": [1, 2, 3]}
            | {f"{t} step{'s' if t > 1 else ''}": [parameters(setting.features, u) for u in (1, 2, 3)] for t in times}
        )
        st.caption(
            f"How many numbers a network with {setting.features} feature{'s' if setting.features > 1 else ''} learns."
        )
    lesson.predict_then_reveal(
        "learning_units",
        "Every sequence gets one step more. How many numbers are there to learn?",
        ["More: each step needs its own", "As many as before", "Fewer"],
        answer=1 if len({parameters(setting.features, setting.units) for _ in times}) == 1 else 0,
        explanation=f"There are {count} of them, however long a sequence is: each step uses the same W, U and b.",
        about=setting,
    )
