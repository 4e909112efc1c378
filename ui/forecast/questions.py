"""Predict, then reveal: questions about forecasts whose answers are worked out from the numbers on the page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from lstm.lessons.forecast.experiment import Forecast, fingerprint
from lstm.lessons.forecast.forecaster import free_run, predict
from lstm.preprocessing.series import lagged_copy, score
from ui import keep, lesson
from ui.forecast import charts
from ui.forecast.axes import ACTUAL, HELD, Curve
from ui.forecast.models import SHELF, ForecastModel, untaught
from ui.forecast.report import OnShow, number
from ui.plain import plain

FREE = 100
_WALK = Forecast(series="random_walk")


def questions(show: OnShow, shown: ForecastModel | None) -> None:
    """Side by side: about the series on show, about the network that has learnt it (None where none has), about chance."""
    left, middle, right = st.columns(3, gap="medium")
    with left:
        lesson.predict_then_reveal(
            "forecast_copy",
            f"Take *{plain(show.series.title)}* itself, one point late, as the “forecast”. What R² does it get on the test part?",
            ["Below 0.5", "0.5 to 0.8", "Above 0.8"],
            answer=lambda: _bin(_copy(show), (0.5, 0.8)),
            explanation=lambda _: copy_in_words(_copy(show), None if shown is None else shown.tested.row(shown.tested.part.network).r2),
            about=(fingerprint(show.series.values), show.split),
        )
    with middle:
        if shown is not None:
            _running_free(shown)
    with right:
        _chance()


def with_a_gate_held(shown: ForecastModel) -> None:
    """What a held gate does to the forecasts of the test part."""
    part, series = shown.tested.part, shown.series
    actual, own = part.actual[:, 0], part.predictions[part.network][:, 0]
    rmse = score(actual, own, 1.0).rmse

    def error(forecast: np.ndarray) -> float:
        return score(actual, forecast, 1.0).rmse

    def show(forecast: np.ndarray) -> None:
        some = slice(0, 120)
        curves = [
            Curve(ACTUAL, part.origins[some], actual[some]), Curve(part.network, part.origins[some], own[some]),
            Curve(HELD, part.origins[some], forecast[some]),
        ]  # fmt: skip
        charts.lines(series, curves, height=230).show(
            "forecast_held_lines", "Lines: what came, the network's forecast, and its forecast with a gate held"
        )

    lesson.hold_a_gate(
        "forecast_held",
        "How large does its error (RMSE, one step ahead, on the test part) become?",
        ["Less than 1.1 times what it was", "1.1 to 2 times", "More than 2 times"],
        shown.model,
        lambda model: predict(model, shown.forecaster, series.values, part.origins)[:, 0],
        answer=lambda forecast: _bin(error(forecast) / rmse if rmse > 0 else 1.0, (1.1, 2.0)),
        said=lambda forecast: held_in_words(error(forecast), rmse),
        about=shown.key,
        show=show,
    )


def held_in_words(error: float, own: float) -> str:
    """Its error with a gate held beside its own, going on from "With its forget gate f at 0 "."""
    times = f", {error / own:.2f} times as much" if own > 0 else ""
    return f"its RMSE is **{number(error)}** instead of **{number(own)}**{times}."


def copy_in_words(copy: float, network: float | None) -> str:
    """What a late copy scores, beside the network where there is one."""
    beside = "" if network is None else f", and the network {number(network)}"
    warning = " A high R² alone says little: compare with the last value." if copy >= 0.8 else ""
    return f"{number(copy)}{beside}.{warning}"


def _running_free(shown: ForecastModel) -> None:
    lesson.predict_then_reveal(
        "forecast_free",
        f"From where the test part begins, it runs on its own answers. How large is its error over {_steps(shown)} steps, "
        "beside one step ahead?",
        ["Less than 1.5 times", "1.5 to 3 times", "More than 3 times"],
        answer=lambda: _bin(_growth(shown), (1.5, 3.0)),
        explanation=lambda _: (
            f"{_growth(shown):.2f} times. Every answer is taken for the truth, so that an error stays in the window. "
            "See *Running free* below."
        ),
        about=shown.key,
    )


def _chance() -> None:
    lesson.predict_then_reveal(
        "forecast_walk",
        f"A random walk: each point is the last one plus pure chance. Linear autoregression weighs the last "
        f"{_WALK.look_back} points. "
        "Who has the smaller error on the test part?",
        ["The last value", "Linear autoregression"],
        answer=lambda: int(_walk()[1] < _walk()[0]),
        explanation=lambda _: walk_in_words(*_walk()),
    )


def walk_in_words(last: float, linear: float) -> str:
    """Who is better on a random walk, and why."""
    said = f"RMSE {number(last)} for the last value, {number(linear)} for linear autoregression."
    if linear < last:
        return f"{said} There is nothing to learn: what little it is ahead here is luck of this one walk."
    return f"{said} Where there is nothing to learn, whatever was learnt is noise."


def _bin(value: float, edges: Sequence[float]) -> int:
    return sum(value >= edge for edge in edges)


def _copy(show: OnShow) -> float:
    part = show.tested.part
    return score(part.actual[:, :1], lagged_copy(show.series.values, part.origins, 1), 1.0).r2  # R² has no scale


def _steps(shown: ForecastModel) -> int:
    return min(FREE, len(shown.tested.part.origins))


def _growth(shown: ForecastModel) -> float:
    """The error running free over the error one step ahead, over the same points."""
    part, values, steps = shown.tested.part, shown.series.values, _steps(shown)

    def growth() -> float:
        first, span = int(part.origins[0]), shown.forecaster.scaler.span
        path = free_run(shown.model, shown.forecaster, values[:first], steps)[0]
        actual, forecast = part.actual[:steps, 0], part.predictions[part.network][:steps, 0]
        one_step = score(actual, forecast, span).rmse
        return score(actual, path, span).rmse / one_step if one_step > 0 else 1.0

    return SHELF.kept(shown, "growth", steps, growth)


def _walk() -> tuple[float, float]:
    """RMSE of the last value and of linear autoregression on the random walk as the lab draws it at first."""
    rows = keep.of_all("forecast walk", None, lambda: untaught(_WALK, _WALK.load()))
    return rows.row("last value").rmse, rows.row("linear autoregression").rmse
