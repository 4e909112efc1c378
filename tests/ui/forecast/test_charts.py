"""Charts of Forecasting: time on the axis, what is thinned and what is not, and layouts that Vega-Lite accepts."""

import altair as alt
import numpy as np
import pytest

from lstm.lessons.forecast.generated import generate
from lstm.preprocessing.series import Series, split_in_time
from ui.forecast import charts
from ui.forecast import closer_charts as closer
from ui.forecast.axes import ACTUAL, LOOKS, ONE_STEP, PARTS, Clock, Curve


def monthly(points=36):
    dates = np.arange("2020-01", "2023-01", dtype="datetime64[M]").astype("datetime64[D]")[:points]
    return Series("given", "passengers", np.arange(points, dtype=float), dates=dates)


def test_dates_are_sent_in_milliseconds_and_go_on_after_the_end():
    clock = Clock(monthly())
    assert clock.title == "date"
    assert clock.x(np.array([0, 1])) == [1577836800000, 1577836800000 + 31 * 86_400_000]
    assert clock.names(np.array([35, 36, 48])) == ["2022-12-01", "2023-01-01", "2024-01-01"]
    assert clock.exact(np.array([36])) == ["2023-01-01"]


def test_without_dates_a_point_is_its_number():
    clock = Clock(generate("noisy_sine"))
    assert clock.title == "time step"
    assert clock.x(np.array([1_999])) == [1_999] and clock.names(np.array([1_999])) == ["1,999"]
    assert clock.exact(np.array([1_999])) == [1_999]


def test_hours_are_named_with_their_minutes():
    hours = np.datetime64("2024-02-28T22:00") + np.arange(4) * np.timedelta64(1, "h")
    clock = Clock(Series("given", "load", np.arange(4.0), dates=hours))
    assert clock.names(np.array([1, 4])) == ["2024-02-28T23:00", "2024-02-29T02:00"]


def test_every_point_of_the_window_is_drawn_and_the_rest_is_thinned():
    values = np.random.default_rng(0).normal(size=20_000)
    series, places = Series("given", "x", values), np.arange(20_000)
    figure = charts.overview(
        series, split_in_time(20_000), [Curve(ACTUAL, places, values)], (16_000, 16_150), height=200
    )
    drawn = set(figure.rows["rows"]["x"])
    assert set(range(16_000, 16_151)) <= drawn and len(drawn) < 2_500
    assert len(figure.rows["strip"]["x"]) < 2_500


def test_the_parts_of_the_small_picture_meet():
    series = generate("trend_season")
    split = split_in_time(len(series))
    figure = charts.overview(series, split, [Curve(ACTUAL, np.arange(10), series.values[:10])], (0, 9), height=200)
    strip = figure.rows["strip"]
    at = {part: {x for x, name in zip(strip["x"], strip["part"]) if name == part} for part in PARTS}
    assert at["training"] & at["validation"] == {split.train_end}
    assert at["validation"] & at["test"] == {split.validation_end}


@pytest.mark.parametrize("name", ["noisy_sine", "web_traffic"])
def test_layouts_are_valid(name):
    series = generate(name)
    split, places = split_in_time(len(series)), np.arange(800, 900) % len(series)
    curves = [Curve(who, places, series.values[places]) for who in LOOKS]
    path = series.values[places][None] + np.array([[0.0], [1.0]])
    for figure in (
        charts.overview(series, split, curves, (5, 60), height=200),
        charts.lines(series, curves),
        charts.errors(list(LOOKS)[1:], [1.0] * (len(LOOKS) - 1), series.unit),
        charts.error_by_step(["LSTM", "last value"], [[1.0, 2.0], [2.0, 3.0]], series.unit),
        closer.seen_window(series, 100, 14, series.values[100:102], series.values[100:102], 20),
        closer.free_running(series, len(series), path, (path[0], path.mean(0), path[1]), None, 20),
        closer.free_running(series, 90, path[:1], (path[0],) * 3, Curve(ONE_STEP, places, path[0]), 20),
        closer.residuals_over_time(series, places, path[0]),
        closer.lag_bars(np.arange(1, 5), np.ones(4), "lag", "r", 0.2, marked=2),
        closer.riding(series, np.arange(50, 60), np.zeros((10, 4)), 1, "hidden state h", True),
        closer.riding(series, np.arange(50, 60), np.ones((10, 4)), 1, "forget gate f", False),
    ):
        alt.Chart.from_dict({**figure.layout, "datasets": {name: [] for name in figure.rows}}, validate=True)
