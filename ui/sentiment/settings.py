"""The settings of Sentiment on the page: what to learn from, how it reads, the rest, and the button."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.reading.sentiment import PRESETS, Sentiment
from ui import live
from ui.plain import sentence
from ui.sentiment import controls as sentiment_controls
from ui.sentiment.controls import controls


def section(begun: live.Begun) -> tuple[Sentiment | None, bool]:
    """Draw them. Returns the experiment they describe, None where there is none, and whether its data are here."""
    ready = sentiment_controls.pick_data()
    sentiment_controls.how_it_reads()
    button = st.container()
    presets = st.container()
    sentiment_controls.more_settings()
    with presets:  # after the widgets, so that it knows what the address has set them to
        controls.presets(PRESETS)
    config = None
    with button:
        try:
            config = sentiment_controls.config()
        except ValueError as problem:
            st.error(sentence(problem))
        live.train_button(
            config if ready else None, begun, key="sentiment_train", time_limit=sentiment_controls.TIME_LIMIT
        )
    return config, ready
