"""The first picture of Forecasting: the series on the table, forecast by the network on show or by what needs none."""

from __future__ import annotations

import streamlit as st

from jobs.job import Job
from lstm.lessons.forecast.experiment import Forecast
from lstm.preprocessing.series import Series
from ui import live, on_show
from ui.forecast import report, series
from ui.forecast.controls import TIME_LIMIT, controls
from ui.forecast.models import SHELF, ForecastModel, preview
from ui.forecast.report import OnShow, of_model
from ui.plain import plain, sentence


def answer(
    begun: live.Begun, chosen: Series | None, config: Forecast | None
) -> tuple[ForecastModel, OnShow | None]:
    """The forecast of the series on the table.

    Returns the network, and what is on show instead where no network has learnt the series on the table.

    Parameters
    ----------
    chosen, config : that series, and the experiment the controls describe; None where there is none
    """
    job = begun.job
    shown = SHELF.choose(job, on_change=lambda: _put_back(job))
    if job is not None and job.error:  # the training itself is further below
        st.error(sentence(job.error), icon=":material/error:")
    if config is None or series.about(shown, chosen):
        show = of_model(shown)
        report.figures(show)
        report.picture(show, height=250)
        st.caption(f"{shown.label}: {shown.origin}. Drag over the small picture to see another part.")
        if config is None:
            st.caption("What is set cannot be forecast yet, so this network stays on show.")
        elif shown.config is not None and controls.differ(config, shown.config):
            on_show.offer(live.start_on_click, config, begun, TIME_LIMIT, key="forecast_train_other")
    else:
        show = OnShow(chosen, config.check(chosen), preview(config, chosen), config.look_back, config.horizon)
        report.figures(show)
        _untrained(shown, job)
        report.picture(show, height=220)
        return shown, show
    return shown, None


def _untrained(shown: ForecastModel, job: Job | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/info: No network has learnt this series yet: press **Train**.", width="content")
        st.button(
            f"Back to “{plain(shown.series.title)}”", icon=":material/undo:", key="forecast_back", on_click=_put_back,
            args=(job,), disabled=shown.config is None,
        )  # fmt: skip


def _put_back(job: Job | None) -> None:
    """Set the controls to how the network on show was trained."""
    shown = SHELF.models(job).get(st.session_state.get("forecast_model"))
    if shown is not None and shown.config is not None:
        controls.set(controls.values_of(shown.config))
