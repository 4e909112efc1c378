"""Series, windows and baselines, worked by hand; that no part of a series leaks into another; who judges whom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm.lessons.forecast.generated import GENERATORS, POINTS, WEEK, generate
from lstm.lessons.forecast.judging import (
    Part,
    autocorrelation,
    baselines,
    compare,
    judge,
    residuals,
    shift_scores,
    table,
)
from lstm.preprocessing.series import (
    LinearAR,
    Scaler,
    Series,
    Split,
    best_possible,
    lagged_copy,
    last_value,
    score,
    seasonal_last_value,
    skill,
    split_in_time,
    targets,
    thin,
    windows,
)

# Generated series ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generated_series_is_what_its_generator_says(name):
    made, series = GENERATORS[name], generate(name, seed=3)
    assert len(series) == made.points and np.isfinite(series.values).all() and series.unit == made.unit
    assert (series.dates is not None) == made.daily
    assert made.about.endswith(".") and all(
        p.low <= p.default <= p.high and p.help.endswith(".") for p in made.parameters
    )
    again, other = generate(name, seed=3), generate(name, seed=4)
    assert (series.values == again.values).all() and (series.values != other.values).any()
    for at in ("low", "high"):
        extreme = generate(name, POINTS[0], **{p.name: getattr(p, at) for p in made.parameters})
        assert len(extreme) == POINTS[0] and np.isfinite(extreme.values).all()


def test_noisy_sine_is_the_presets():
    """1,000 points of sin over 0–4π with noise σ 0.1."""
    series = generate("noisy_sine")
    assert series.expected == pytest.approx(np.sin(np.linspace(0, 4 * np.pi, 1_000)))
    assert np.std(series.values - series.expected) == pytest.approx(0.1, rel=0.1)
    assert series.season == 500  # 999 steps, two periods


def test_web_traffic_has_weeks_growth_and_spikes():
    assert abs(WEEK.sum()) < 1e-12
    series = generate("web_traffic", outliers=5)
    by_day = series.values[: 7 * 150].reshape(-1, 7).mean(axis=0)
    assert by_day[:5].min() > 1.2 * by_day[5:].max()
    assert series.dates[0].astype("datetime64[D]").astype(int) % 7 == 4  # 1970-01-01, day 0, was a Thursday: a Monday
    assert series.expected[-7:].mean() > 1.25 * series.expected[:7].mean()
    calm = generate("web_traffic", outliers=0, noise=0, level=100_000)
    assert calm.values == pytest.approx(calm.expected, rel=0.03)  # what remains is Poisson's, about 1/√100,000
    assert (series.values > 1.5 * series.expected).mean() == pytest.approx(0.04, abs=0.02)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"name": "tides"},
            "series must be one of noisy_sine, two_sines, trend_season, web_traffic, random_walk, got 'tides'",
        ),
        ({"points": 5}, "points must be from 200 to 20,000, got 5"),
        ({"points": 2.5}, "points must be a positive integer, got 2.5"),
        ({"noise": 5}, "noise must be a number from 0 to 2, got 5"),
        ({"noise": float("nan")}, "noise must be a number from 0 to 2, got nan"),
        ({"colour": 1}, "noisy_sine has the parameters amplitude, periods, noise, got 'colour'"),
        ({"name": "trend_season", "season": 12.5}, "season must be a whole number, got 12.5"),
    ],
)
def test_what_cannot_be_generated_is_refused(arguments, said):
    with pytest.raises(ValueError) as caught:
        generate(**{"name": "noisy_sine"} | arguments)
    assert str(caught.value) == said


def test_future_dates_go_on_in_days_hours_and_months():
    def after(dates, unit):
        return (
            Series("given", "", np.zeros(len(dates)), dates=np.array(dates, unit)).future_dates(2).astype(str).tolist()
        )

    assert after(["2024-02-27", "2024-02-28"], "datetime64[D]") == ["2024-02-29T00:00:00", "2024-03-01T00:00:00"]
    assert after(["2024-01-01T22", "2024-01-01T23"], "datetime64[s]") == ["2024-01-02T00:00:00", "2024-01-02T01:00:00"]
    assert after(["2023-11-15", "2023-12-15"], "datetime64[D]") == ["2024-01-15", "2024-02-15"]
    assert Series("given", "", np.zeros(3)).future_dates(2) is None


# Split, windows, scale ----------------------------------------------------------------------------------------


def test_split_and_windows_by_hand():
    split = split_in_time(10, validation=0.2, test=0.3)
    assert split == Split(10, 5, 7)
    assert split.labels() == ["training"] * 5 + ["validation"] * 2 + ["test"] * 3
    values = np.arange(10.0) * 10
    origins = split.origins("training", 2, 1)
    assert origins.tolist() == [2, 3, 4]
    assert windows(values, origins, 2)[..., 0].tolist() == [[0, 10], [10, 20], [20, 30]]
    assert targets(values, origins, 1).tolist() == [[20], [30], [40]]
    # a window of the test part looks back into the validation part, its targets do not
    assert split.origins("test", 2, 2).tolist() == [7, 8]
    assert windows(values, [7], 2)[..., 0].tolist() == [[50, 60]] and targets(values, [7], 2).tolist() == [[70, 80]]
    assert split.origins("validation", 2, 3).tolist() == []


@given(
    points=st.integers(5, 300), look_back=st.integers(1, 40), horizon=st.integers(1, 20),
    validation=st.floats(0.05, 0.4), test=st.floats(0.05, 0.4),
)  # fmt: skip
def test_every_target_lies_in_one_part_and_every_window_before_its_targets(
    points, look_back, horizon, validation, test
):
    split = split_in_time(points, validation, test)
    seen: dict[int, str] = {}
    for name in ("training", "validation", "test"):
        start, stop = split.part(name)
        for origin in split.origins(name, look_back, horizon):
            assert origin >= look_back and start <= origin and origin + horizon <= stop
            for k in range(origin, origin + horizon):
                assert seen.setdefault(k, name) == name


def test_scaler_by_hand():
    scaler = Scaler.fit(np.array([2.0, 4.0, 10.0]))
    assert (scaler.low, scaler.high, scaler.span) == (2, 10, 8)
    assert scaler.to(np.array([2, 6, 14])).tolist() == [0, 0.5, 1.5]
    assert scaler.back(np.array([0, 0.5, 1.5])).tolist() == [2, 6, 14]
    with pytest.raises(
        ValueError, match="the training part of the series is constant \\(7\\): there is nothing to learn"
    ):
        Scaler.fit(np.full(5, 7.0))


def test_thinning_keeps_both_ends_and_the_extremes():
    values = np.zeros(200_000)
    values[77_777], values[123_456] = 5, -3
    kept = thin(values, 1_000)
    assert len(kept) <= 1_000 and {0, 199_999, 77_777, 123_456} <= set(kept.tolist()) and (np.diff(kept) > 0).all()
    assert thin(values[:50]).tolist() == list(range(50))


# Baselines and scores -----------------------------------------------------------------------------------------


def test_baselines_by_hand():
    values = np.array([1.0, 2, 4, 8, 16, 32, 64, 128])
    assert last_value(values, [3, 5], 2).tolist() == [[4, 4], [16, 16]]
    # season 3, origin 5: targets 5, 6, 7, 8 are taken for 2, 3, 4 and, as 5 is not known yet, for 2 again
    assert seasonal_last_value(values, [5], 4, 3).tolist() == [[4, 8, 16, 4]]
    assert lagged_copy(values, [4, 5], 2).tolist() == [[4], [8]]
    with pytest.raises(ValueError, match="a season of 6 points reaches back before the beginning"):
        seasonal_last_value(values, [5], 1, 6)
    with pytest.raises(ValueError, match="a lag of 6 points reaches back before the beginning"):
        lagged_copy(values, [5], 6)


def test_linear_autoregression_finds_a_linear_rule():
    """xₜ = 1.5 xₜ₋₁ − 0.9 xₜ₋₂ + 2, and therefore xₜ₊₁ = 1.35 xₜ₋₁ − 1.35 xₜ₋₂ + 5: 1.5² − 0.9, −1.5 · 0.9, 2 + 1.5 · 2."""
    values = np.zeros(60)
    values[:2] = 1, 5
    for t in range(2, 60):
        values[t] = 1.5 * values[t - 1] - 0.9 * values[t - 2] + 2
    origins = np.arange(2, 40)
    linear = LinearAR.fit(values, origins, 2, 2)
    assert linear.weights == pytest.approx(np.array([[-0.9, -1.35], [1.5, 1.35]]), abs=1e-6)
    assert linear.constant == pytest.approx([2, 5], abs=1e-5)
    assert linear.predict(values, [50]) == pytest.approx(values[None, 50:52], abs=1e-5)


def test_scores_by_hand():
    s = score(np.array([[1.0], [3.0], [5.0]]), np.array([[2.0], [3.0], [3.0]]), span=4.0)
    # errors 1, 0, −2: squares 1, 0, 4; variance of 1, 3, 5 is 8/3
    assert (s.mse, s.mae, s.scaled_mse) == pytest.approx((5 / 3, 1.0, 5 / 48))
    assert s.rmse == pytest.approx((5 / 3) ** 0.5) and s.r2 == pytest.approx(1 - 5 / 8)
    assert skill(1.0, 4.0) == 0.75 and skill(1.0, 0.0) == 0.0
    with pytest.raises(ValueError, match="one shape"):
        score(np.zeros((2, 1)), np.zeros(2), 1.0)


def test_nothing_beats_the_rule_but_by_luck():
    series = generate("noisy_sine", 5_000)
    origins = np.arange(100, 4_000)
    rule = best_possible(series, origins, 3)
    assert rule[0].tolist() == series.expected[100:103].tolist()
    assert np.mean((rule - targets(series.values, origins, 3)) ** 2) == pytest.approx(0.01, rel=0.1)
    walk = generate("random_walk")
    assert (best_possible(walk, origins[:500], 2) == last_value(walk.values, origins[:500], 2)).all()
    assert best_possible(replace(series, expected=None), origins, 1) is None


# Judging ------------------------------------------------------------------------------------------------------


def part_of(values: np.ndarray, predicted: np.ndarray, **others: np.ndarray) -> Part:
    origins = np.arange(1, len(values))
    predictions = {"LSTM": predicted[:, None], "last value": values[:-1, None], **others}
    return Part("test", origins, values[1:, None], predictions, "LSTM")


def test_the_judge_calls_chance_chance():
    rng = np.random.default_rng(0)
    actual = rng.normal(size=(400, 1))
    better, worse = actual + rng.normal(0, 1, (400, 1)), actual + rng.normal(0, 1.5, (400, 1))
    as_good = actual + rng.normal(0, 1, (400, 1))
    assert compare(actual, better, worse).clear and not compare(actual, worse, better).clear
    assert not compare(actual, better, as_good).clear and not compare(actual, as_good, better).clear
    assert compare(actual, better, worse).share == pytest.approx(1 - 1 / 1.5**2, abs=0.1)
    assert compare(actual[:5], better[:5], worse[:5]).z == 0  # too few to tell
    assert compare(actual, better, better) == compare(actual, worse, worse)


def test_the_verdict_is_computed_not_read_off_the_name():
    rng = np.random.default_rng(1)
    walk = np.cumsum(rng.normal(size=500))
    lost = judge(part := part_of(walk, walk[:-1] + rng.normal(0, 0.2, 499)), table(part, 1.0))
    assert lost.nothing_beats_last and not lost.beats_last
    assert lost.sentences[0].startswith("Nothing here clearly beats the last value: the LSTM's mean squared error is ")
    noise = rng.normal(size=500)  # the same prediction, zero, halves the last value's error
    won = judge(part := part_of(noise, np.zeros(499)), table(part, 1.0))
    assert won.beats_last and won.beats_best and not won.nothing_beats_last and won.winner == "LSTM"
    assert won.sentences[0].startswith("The LSTM saves 5") and "clearly" in won.sentences[1]
    beaten = part_of(noise, noise[:-1] * 0.98, **{"linear autoregression": np.zeros((499, 1))})
    verdict = judge(beaten, table(beaten, 1.0))
    assert verdict.winner == verdict.best_baseline == "linear autoregression" and not verdict.beats_best
    assert verdict.sentences[-1].startswith("Linear autoregression is best, ")


def test_a_late_copy_is_found_out():
    values = generate("noisy_sine").values
    origins = np.arange(500, 900)
    lags, rmse = shift_scores(values, origins, lagged_copy(values, origins, 1), most=5)
    assert lags.tolist() == [0, 1, 2, 3, 4, 5] and rmse.argmin() == 1 and rmse[1] == 0
    assert score(targets(values, origins, 1), lagged_copy(values, origins, 1), 1.0).r2 > 0.9


def test_residuals_and_their_autocorrelation_by_hand():
    part = part_of(np.array([1.0, 2, 4]), np.array([1.5, 5.0]))
    assert residuals(part).tolist() == [0.5, -1.0]
    # 1, −1, 1, −1: of four products of neighbours three are −1, so r₁ = −3/4, r₂ = 2/4, r₃ = −1/4
    lags, r, limit = autocorrelation(np.array([1.0, -1, 1, -1]))
    assert lags.tolist() == [1, 2, 3] and r.tolist() == [-0.75, 0.5, -0.25] and limit == pytest.approx(0.98)


def test_baselines_of_a_part_leave_out_what_cannot_be_known():
    series, split = generate("noisy_sine"), split_in_time(1_000)
    linear = LinearAR.fit(series.values, split.origins("training", 10, 1), 10, 1)
    names = list(baselines(series, split, "test", linear, 10, 1).predictions)
    assert names == ["last value", "seasonal last value", "linear autoregression", "knowing the rule"]
    bare = replace(series, season=900, expected=None)
    assert list(baselines(bare, split, "test", None, 10, 1).predictions) == ["last value"]
