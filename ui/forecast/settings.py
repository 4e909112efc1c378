"""The settings of Forecasting on the page: the series, how far back to look, the rest, and the button."""

from __future__ import annotations

import streamlit as st

from lstm.lessons.forecast.experiment import PRESETS, Forecast
from lstm.preprocessing.series import Series
from ui import live
from ui.forecast import controls as forecast_controls
from ui.forecast import series
from ui.forecast.controls import controls
from ui.plain import sentence


def section(begun: live.Begun) -> tuple[Series | None, Forecast | None]:
    """Draw them. Returns the series on the table, and the experiment they describe, None where there is none to run."""
    series.menu()
    table = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.draw("look_back")
        button = st.container(width="content")
    verdict = st.container()
    presets = st.container()
    forecast_controls.shape()
    forecast_controls.network()
    with presets:  # after the widgets, so that it knows what the address has set them to
        controls.presets(PRESETS)
    with table:
        chosen = series.pick()
    with verdict:
        config = _checked(chosen)
    with button:
        live.train_button(config, begun, key="forecast_train", time_limit=forecast_controls.TIME_LIMIT)
    return chosen, config


def _checked(chosen: Series | None) -> Forecast | None:
    """The experiment the controls describe; None, and a sentence, if it cannot be run."""
    if chosen is None:
        return None
    try:
        return controls.config_for(controls.values(), chosen)
    except ValueError as problem:
        st.error(sentence(problem))
        return None
