"""The settings of Digits on the page: what to learn from, how it reads, how long, the rest, and the button."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.digits.experiment import PRESETS, Digits
from ui import live
from ui.digits import controls as digit_controls
from ui.digits.controls import controls
from ui.plain import sentence


def section(begun: live.Begun) -> Digits | None:
    """Draw them. Returns the experiment they describe, None where there is none to run."""
    ready = digit_controls.pick_data()
    controls.draw("reading", "answer")
    controls.draw_budget()
    button = st.container()
    presets = st.container()
    digit_controls.more_settings()
    with presets:  # after the widgets, so that it knows what the address has set them to
        controls.presets(PRESETS)
    config = None
    try:
        config = controls.config()
    except ValueError as problem:
        st.error(sentence(problem))
    config = config if ready else None
    with button:
        live.train_button(config, begun, key="digits_train", time_limit=digit_controls.TIME_LIMIT)
    return config
