"""The settings of Text generation on the page: the text to learn from, how long to train, the rest, and the button."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.text.experiment import PRESETS, TextGeneration
from ui import live
from ui.plain import sentence
from ui.text import controls as text_controls
from ui.text import corpus
from ui.text.controls import controls


def section(begun: live.Begun) -> tuple[corpus.Chosen, TextGeneration | None]:
    """Draw them. Returns the text on the table, and the experiment they describe, None where there is none to run."""
    chosen = corpus.pick()
    if chosen.ready:
        corpus.facts(chosen)
    controls.draw_budget()
    verdict = st.container()
    presets = st.container()
    text_controls.more_settings()
    with presets:  # after the widgets, so that it knows what the address has set them to
        controls.presets(PRESETS)
    with verdict:
        button = st.container()
        config = _checked(chosen)
        with button:
            live.train_button(config, begun, key="text_train", time_limit=text_controls.TIME_LIMIT)
    return chosen, config


def _checked(chosen: corpus.Chosen) -> TextGeneration | None:
    """The experiment the controls describe; None, and a sentence, if it cannot be run."""
    if not chosen.ready:
        return None
    try:
        config = text_controls.experiment(chosen.text)
        length, symbols = corpus.size(config)
    except (ValueError, OSError) as problem:
        st.error(sentence(problem))
        return None
    try:
        config.check_size(length, symbols)
    except ValueError as problem:
        st.error(sentence(problem))
        st.button("Take a batch size and time steps that fit", on_click=text_controls.fit, args=(length,), key="text_fit")
        return None
    st.caption(f"A model of {config.parameters(symbols):,} parameters, for {symbols:,} different {config.level}s.")
    return config
