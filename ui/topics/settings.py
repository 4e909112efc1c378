"""The settings of Topics on the page: what to learn from, and how, and the button."""

from __future__ import annotations

import streamlit as st

from lstm.datasets.topics import LabelledTexts
from lstm.lessons.reading.topics import PRESETS, Topics
from ui import live
from ui.plain import sentence
from ui.topics import controls as topics_controls
from ui.topics import data, train
from ui.topics.controls import controls


def section(begun: live.Begun) -> tuple[data.Chosen | None, Topics | None]:
    """Draw them. Returns the texts on the table and the experiment they describe; None where there is none."""
    chosen = data.pick()
    topics_controls.network()
    button = st.container()
    presets = st.container()
    topics_controls.more_settings()
    with presets:  # after the widgets, so that it knows what the address has set them to
        controls.presets(PRESETS)
    config = None
    with button:
        if chosen is not None:
            try:
                config = controls.config(**(chosen.own or {}))
            except ValueError as problem:
                st.error(sentence(problem))
        live.train_button(config, begun, key="topics_train", time_limit=topics_controls.TIME_LIMIT)
        if config is not None:
            _count(config, chosen.table)
    return chosen, config


def _count(config: Topics, table: LabelledTexts) -> None:
    words = train.words_known(config, table)
    st.caption(
        f"{config.parameters(words, len(table.classes)):,} parameters, of which {words * config.embedding:,} are the vectors of "
        f"{words:,} words."
    )
