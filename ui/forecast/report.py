"""How good a forecast is: against what came, against naive guesses, and what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lstm.lessons.forecast.judging import ORACLE, autocorrelation, residuals
from lstm.preprocessing.series import Series, Split
from ui.forecast import charts
from ui.forecast import closer_charts as closer
from ui.forecast.axes import ACTUAL, Curve
from ui.forecast.models import ForecastModel, Tested
from ui.plain import plain

SHOWN_AT_FIRST = 150
"""Points of the test part that are shown large before anybody drags."""

BEFORE = 20
"""Most points before it that are shown with them."""


@dataclass(frozen=True)
class OnShow:
    """What the first picture shows: a series, its split, and the forecasts of its test part."""

    series: Series
    split: Split
    tested: Tested
    look_back: int
    horizon: int


def of_model(shown: ForecastModel) -> OnShow:
    return OnShow(shown.series, shown.split, shown.tested, shown.forecaster.look_back, shown.forecaster.horizon)


def figures(show: OnShow) -> None:
    """One line: the network's error beside the best naive guess, and the floor."""
    unit = f" {plain(show.series.unit)}" if show.series.unit else ""
    names = [show.tested.part.network, show.tested.best_baseline.name, "last value"]
    rows = [row for name in dict.fromkeys(names) if (row := show.tested.row(name)) is not None]
    parts = [f"{_label(row.name)} **{number(row.rmse)}**" for row in rows]
    if show.tested.floor is not None:
        parts.append(f"noise alone **{number(show.tested.floor.rmse)}**")
    st.markdown(f"RMSE on the test part{unit and f', in{unit}'}: " + " · ".join(parts))


def picture(show: OnShow, height: int) -> None:
    """The series in the colours of its split; below it the test part with what was forecast."""
    found = show.tested.part.predictions
    names = [name for name in found if name != ORACLE]
    network = show.tested.part.network
    default = [network or show.tested.best_baseline.name]
    left, right = st.columns([8, 3], vertical_alignment="center") if show.horizon > 1 else (st.container(), None)
    with left:
        chosen = st.pills(
            "Forecasts to show", [*names, *([ORACLE] if ORACLE in found else [])], selection_mode="multi", default=default,
            key=f"forecast_lines_{network}_{len(found)}", label_visibility="collapsed", wrap=True,
        )  # fmt: skip
    ahead = 0
    if right is not None:
        with right:
            ahead = st.slider(
                "Steps ahead", 1, show.horizon, 1, key=f"forecast_ahead_{show.horizon}",
                help="Which of a window's answers is drawn.",
            ) - 1  # fmt: skip
    part = show.tested.part
    places = part.origins + ahead
    start = max(show.split.validation_end - min(show.look_back, BEFORE), 0)
    curves = [Curve(ACTUAL, np.arange(len(show.series)), show.series.values)]
    curves += [Curve(name, places, found[name][:, ahead]) for name in (*names, ORACLE) if name in chosen]
    window = (start, min(start + SHOWN_AT_FIRST, len(show.series) - 1))
    charts.overview(show.series, show.split, curves, window, height=height).show(
        "forecast_picture",
        f"Lines: {plain(show.series.title)}, training, validation and test part; below it forecasts against what came",
    )


def who_wins(show: OnShow) -> None:
    """The errors of everyone as bars and as a table, and one honest sentence."""
    rows = show.tested.rows
    for said in show.tested.sentences[:1]:
        st.markdown(f"**{plain(said)}**")
    if rest := show.tested.sentences[1:]:
        st.markdown(" ".join(plain(said) for said in rest))
    mine, last = show.tested.row(show.tested.part.network), show.tested.row("last value")
    if mine is not None:
        st.markdown(
            f"Skill = 1 − MSE of the {mine.name} / MSE of the last value = 1 − {number(mine.mse)} / {number(last.mse)} = "
            f"**{mine.skill:.1%}**"
        )
    left, right = st.columns([5, 7], gap="medium")
    with left:
        charts.errors([row.name for row in rows], [row.rmse for row in rows], show.series.unit).show(
            "forecast_errors", "Bars: the root mean squared error of each forecaster on the test part"
        )
        if show.tested.floor is not None:
            st.caption(
                f"The dashed line is the noise floor, {number(show.tested.floor.rmse)}: the error of someone who knows the "
                "rule of this series, but not its noise. Below it there is only luck."
            )
    with right:
        st.dataframe(table_columns(rows, show.series.unit), hide_index=True)
        st.caption(
            "MSE: mean of the squared errors; RMSE: its root, in the unit of the series; MAE: mean size of an error. "
            "Skill: the share of the last value's MSE that is saved; below 0 it is worse than saying “as now”. R² is near "
            "1 for anything that follows a smooth series."
        )
    if show.horizon > 1:
        st.markdown("**Further ahead**: all answers of a window are given at once. Do the later ones get worse?")
        ahead = [row for row in rows if len(row.by_step) == show.horizon]
        charts.error_by_step([row.name for row in ahead], [row.by_step for row in ahead], show.series.unit).show(
            "forecast_by_step", "Lines: the root mean squared error of each forecaster, one to many steps ahead"
        )


def table_columns(rows: Sequence, unit: str) -> dict[str, list[str]]:
    """The errors as columns of a table."""
    named = f" ({unit})" if unit else ""
    return {
        "forecaster": [_label(row.name) for row in rows],
        "MSE": [number(row.mse) for row in rows],
        f"RMSE{named}": [number(row.rmse) for row in rows],
        f"MAE{named}": [number(row.mae) for row in rows],
        "skill": [f"{row.skill:.1%}".replace("-", "−") for row in rows],
        "R²": [number(row.r2) for row in rows],
        "MSE, scaled": [f"{row.scaled_mse:.6f}" for row in rows],
    }


def left_over(shown: ForecastModel) -> None:
    """Residuals: in their order, and whether one tells the next."""
    part = shown.tested.part
    left_values = residuals(part)
    left, right = st.columns(2, gap="medium")
    with left:
        closer.residuals_over_time(shown.series, part.origins, left_values).show(
            "forecast_residuals", "Points: what came minus the forecast, over the test part"
        )
        spread, middle = float(np.std(left_values)), float(np.mean(left_values))
        st.caption(
            f"Mean {number(middle)}, standard deviation {number(spread)}. A slope or a wave here is something not learnt."
        )
    with right:
        if len(left_values) < 4:
            st.info("The test part is too short to say whether one error tells the next.")
            return
        lags, r, limit = autocorrelation(left_values)
        closer.lag_bars(lags, r, "lag", "autocorrelation", limit).show(
            "forecast_autocorrelation", "Bars: how much an error tells of the one so many steps later"
        )
        outside = int(np.sum(np.abs(r) > limit))
        judged = (
            "what is left looks like noise" if outside <= max(2, 0.1 * len(r))
            else "what is left still has a pattern that could be learnt"
        )  # fmt: skip
        st.caption(f"{outside} of {len(r)} bars leave the dashed limits that 95 % of pure noise stay within: {judged}.")


def _label(name: str) -> str:
    return name[:1].upper() + name[1:]


def number(value: float) -> str:
    """Four digits that count, thousands apart, a true minus."""
    return f"{value:,.4g}".replace("-", "−") if abs(value) < 10_000 else f"{value:,.0f}".replace("-", "−")
