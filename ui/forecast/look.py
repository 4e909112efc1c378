"""Looking closer at a forecaster: the windows it sees, running free, the trap of the late copy, its states on the wave."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lstm.lessons.forecast.forecaster import MAX_FREE_RUN, band, free_run, ride
from lstm.lessons.forecast.judging import shift_scores
from lstm.preprocessing.series import lagged_copy, score, windows
from ui.forecast import charts
from ui.forecast import closer_charts as closer
from ui.forecast.axes import ACTUAL, COPY, ONE_STEP, PARTS, Clock, Curve
from ui.forecast.models import SHELF, ForecastModel
from ui.forecast.report import number
from ui.theme import GATE_NAMES, STATE_NAMES

RIDDEN = 240
"""Most windows whose states are drawn."""
FREE_WORK = 60_000
"""Look-back times steps times networks that one free run may take: a second or so."""


def seen(shown: ForecastModel) -> None:
    """Slide along the windows: x, y, and what the network says."""
    forecaster, series, split = shown.forecaster, shown.series, shown.split
    n, horizon = forecaster.look_back, forecaster.horizon
    first, last = n, len(series) - horizon
    left, right = st.columns([4, 8], gap="medium")
    with left:
        st.markdown(
            f"A network never sees the series, only **windows**: {n} values as *x*, one a time step, and the "
            f"{'next one' if horizon == 1 else f'next {horizon}'} as *y*."
        )
        start = min(max(split.validation_end, first), last)
        origin = st.slider(
            "Window", first, last, start, key=f"forecast_window_{n}_{horizon}_{len(series)}",
            help="The place of its first y. The arrow keys move it by one point.",
        )  # fmt: skip
        counts = [len(split.origins(name, n, horizon)) for name in PARTS]
        st.markdown(
            f"All of them together are an array of shape **({sum(counts):,}, {n}, 1)**: samples, time steps, features. "
            f"Training {counts[0]:,}, validation {counts[1]:,}, test {counts[2]:,}."
        )
    origins = np.array([origin])
    x = windows(series.values, origins, n)[0, :, 0]
    actual, forecast = series.values[origin : origin + horizon], shown.forecast(origins)[0]
    with right:
        around = max(n, 20)
        closer.seen_window(series, origin, n, actual, forecast, around).show(
            "forecast_window_chart", "The window the network sees, what it says next, and what came"
        )
    clock = Clock(series)
    rows = range(origin, min(origin + 3, last + 1))
    table = {"window": [], "part": [], "x: what it sees": [], "y: what came": []}
    labels = split.labels()
    for place in rows:
        inside = series.values[place - n : place]
        table["window"].append(clock.names(np.array([place]))[0])
        table["part"].append(labels[place])
        table["x: what it sees"].append(_few(inside))
        table["y: what came"].append(_few(series.values[place : place + horizon]))
    st.dataframe(table, hide_index=True)
    low, high = float(forecaster.scaler.low), float(forecaster.scaler.high)
    st.caption(
        f"The next windows overlap by all but one point. Before the network gets them, {number(low)} becomes 0 and "
        f"{number(high)} becomes 1: the lowest and highest value of the training part alone"
        + (", and the window's last value is taken off." if forecaster.target == "change" else ".")
        + f" This window ends at {number(float(x[-1]))}; the network says {number(float(forecast[0]))}, "
        f"and {number(float(actual[0]))} came."
    )


def _few(values: np.ndarray, most: int = 8) -> str:
    written = [number(float(v)) for v in values]
    return "  ".join(written) if len(written) <= most else "  ".join([*written[:2], "…", *written[2 - most :]])


def free(shown: ForecastModel) -> None:
    """One step ahead beside a run on its own answers, for as long as the reader likes."""
    forecaster, series = shown.forecaster, shown.series
    n, models = forecaster.look_back, list(shown.models)
    most = int(np.clip(FREE_WORK // (n * len(models)) // 10 * 10, 20, MAX_FREE_RUN))
    left, right = st.columns([4, 8], gap="medium")
    with left:
        st.markdown(
            "One step ahead it sees every true value that came before. **Running free**, it is given the last "
            f"{n} and then takes each of its own answers for the truth."
        )
        places = {"the test part begins": shown.test_start, "the series ends": len(series)}
        where = st.segmented_control(
            "From where", list(places), default=next(iter(places)), key="forecast_free_from", required=True
        )
        steps = st.slider(
            "Steps", 10, most, min(200, most), 10, key=f"forecast_free_steps_{most}",
            help="As long as you like: after the end of the series there is nothing left to compare with.",
        )  # fmt: skip
        if len(models) == 1:
            st.caption(
                "One network has one path. Set *Networks* under *More settings* to 3, train, and see their band."
            )
        else:
            st.caption(
                f"The thin lines are {len(models)} networks trained from other seeds; the band reaches from the lowest to "
                "the highest, and the thick line is their mean."
            )
    first = places[where]
    paths = _paths(shown, first, steps)
    known = min(steps, len(series) - first)
    with right:
        curve = None
        if known > 0:
            origins = np.arange(first, min(first + steps, len(series) - forecaster.horizon + 1))
            curve = Curve(ONE_STEP, origins, shown.forecast(origins)[:, 0]) if len(origins) else None
        closer.free_running(series, first, paths, band(paths), curve, before=max(n, steps // 4)).show(
            "forecast_free", "Lines: what came, one step ahead, and running free with the band of several networks"
        )
        st.caption(_free_sentence(shown, first, paths, known, curve))


def _paths(shown: ForecastModel, first: int, steps: int) -> np.ndarray:
    """The paths of all networks; kept, because a longer look at the same ones should cost nothing."""
    run = lambda: free_run(list(shown.models), shown.forecaster, shown.series.values[:first], steps)  # noqa: E731
    return SHELF.kept(shown, "paths", (first, steps), run)


def _free_sentence(shown: ForecastModel, first: int, paths: np.ndarray, known: int, curve: Curve | None) -> str:
    if known < 2 or curve is None:
        wide = float(np.mean(paths[:, -1].max() - paths[:, -1].min()))
        ends = f" After {paths.shape[1]} steps the networks are {number(wide)} apart." if len(paths) > 1 else ""
        return f"Nobody knows yet what comes here.{ends}"
    actual = shown.series.values[first : first + known]
    span = shown.forecaster.scaler.span
    free_error = score(actual, paths.mean(axis=0)[:known], span).rmse
    seen_places = min(len(curve.values), known)
    step_error = score(actual[:seen_places], curve.values[:seen_places], span).rmse
    return (
        f"Over these {known:,} steps the RMSE is {number(step_error)} one step ahead and {number(free_error)} running free"
        + (f": {free_error / step_error:.2f} times as much." if step_error > 0 else ".")
    )


def trap(shown: ForecastModel) -> None:
    """A late copy of the series may score well: the lag is the reader's to set."""
    part, series, span = shown.tested.part, shown.series, shown.forecaster.scaler.span
    actual, forecast = part.actual[:, :1], part.predictions[part.network][:, :1]
    most = int(min(MOST_LATE, part.origins[0]))
    lates = [score(actual, lagged_copy(series.values, part.origins, lag), span) for lag in range(1, most + 1)]
    best = int(np.argmax([late.r2 for late in lates])) + 1
    left, right = st.columns([4, 8], gap="medium")
    with left:
        st.markdown(
            "No network here: the dashed line is the series itself, some points late. How good a forecast is it?"
        )
        lag = 1
        if most > 1:
            lag = st.slider("Lag", 1, most, 1, key=f"forecast_lag_{most}", help="How many points late the copy is.")
        late, mine = lates[lag - 1], score(actual, forecast, span)
        st.markdown(
            f"- The copy, {lag} late: R² **{number(late.r2)}**, RMSE **{number(late.rmse)}**\n"
            f"- {part.network}: R² **{number(mine.r2)}**, RMSE **{number(mine.rmse)}**\n"
            f"- The best copy is {best} late: R² **{number(lates[best - 1].r2)}**"
        )
        st.caption(
            "On a smooth series a copy one point late gets an R² near 1, and its picture looks like a forecast. That is why the "
            "last value is the one to beat."
        )
    with right:
        written = slice(0, 120)
        copy = lagged_copy(series.values, part.origins[written], lag)[:, 0]
        curves = [Curve(ACTUAL, part.origins[written], actual[written, 0]), Curve(COPY, part.origins[written], copy)]
        charts.lines(series, curves, height=270).show(
            "forecast_trap", f"Lines: the series and the same series {lag} points late"
        )
        lags, rmse = shift_scores(series.values, part.origins, part.predictions[part.network])
        closest = int(lags[int(np.argmin(rmse))])
        closer.lag_bars(
            lags, rmse, "compared with the series so many points earlier", "RMSE", marked=closest, height=220
        ).show("forecast_shift", "Bars: how far the network's forecast is from the series so many points earlier")
        st.caption(_trap_sentence(closest, series.season))


MOST_LATE = 30


def _trap_sentence(closest: int, season: int | None) -> str:
    if closest == 0:
        return "The network's forecast is closest to what came, not to what was: it is no late copy."
    points = "one point" if closest == 1 else f"{closest} points"
    if season and closest % season == 0:
        return (
            f"The network's forecast is closest to the series {points} earlier, a whole number of seasons: it has learnt that "
            "the season comes back."
        )
    return (
        f"The network's forecast is closest to the series {points} earlier: whatever its R², it follows more than it "
        "foresees. On noise or on a random walk that may be the best there is."
    )


_QUANTITIES = {
    "h": STATE_NAMES["h"],
    "c": f"{STATE_NAMES['c']}, as tanh C",
    **{gate: GATE_NAMES[gate] for gate in "figozr"},
}
_ORDERS = ("by when they are highest", "by number")


def inside(shown: ForecastModel) -> None:
    """The states of all units after each window of the test part, below the series they ride on."""
    layers = sum(hasattr(layer, "units") for layer in shown.model.layers) - 1
    part = shown.tested.part
    places = part.origins[:RIDDEN]
    left, right = st.columns([1, 3], gap="medium")
    with left:
        layer = (
            st.number_input("Layer", 1, layers, layers, key=f"forecast_ride_layer_{layers}") - 1 if layers > 1 else 0
        )
        states = ride(shown.model, shown.forecaster, shown.series.values, places, layer)
        quantity = st.selectbox(
            "Show its", [q for q in _QUANTITIES if q in states], format_func=_QUANTITIES.get, key="forecast_ride_q"
        )
        order = st.selectbox(
            "Units in order", _ORDERS, key="forecast_ride_order", help="Which unit is drawn at the top."
        )
        values = np.tanh(states["c"]) if quantity == "c" else states[quantity]
        units = values.shape[1]
        places_of_units = np.argsort(values.argmax(axis=0), kind="stable") if order == _ORDERS[0] else np.arange(units)
        moves = values[:, places_of_units].std(axis=0)
        line = st.slider(
            "Unit on show", 1, units, int(moves.argmax()) + 1, key=f"forecast_ride_unit_{shown.key}_{layer}_{quantity}_{order}",
            help="Counted from the top of the picture. At first the one that moves most.",
        ) - 1 if units > 1 else 0  # fmt: skip
    with right:
        signed = quantity in "hcg"
        closer.riding(shown.series, places, values[:, places_of_units], line, _QUANTITIES[quantity], signed).show(
            "forecast_ride", f"The series, one unit's {_QUANTITIES[quantity]}, and below it all units as colours"
        )
        st.caption(
            f"After each window of the test part. The curve is unit {int(places_of_units[line]) + 1}; the colours are all "
            f"{units} units. Nobody told them to take turns."
        )
