"""The forecasting lesson: nothing leaks, the best weights come back, baselines are honest, a saved model forecasts again."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from lstm import load_model
from lstm.history import Control
from lstm.lessons import drain
from lstm.lessons.forecast.experiment import PRESETS, Forecast
from lstm.lessons.forecast.forecaster import MAX_FREE_RUN, band, forecaster_of, free_run, predict, remembered, ride
from lstm.lessons.forecast.generated import generate
from lstm.lessons.forecast.judging import examine
from lstm.lessons.result import Result
from lstm.storage import model_bytes

SHIPPED = Path(__file__).resolve().parents[3] / "data" / "pretrained" / "forecast.npz"
SMALL = Forecast(points=200, units=4, look_back=5, epochs=3)
VALUES = generate("noisy_sine", 200).values


def given(values: np.ndarray = VALUES, **settings) -> Forecast:
    return Forecast(**{"series": "given", "values": values, "units": 4, "look_back": 5, "epochs": 3} | settings)


@pytest.fixture(scope="module")
def small() -> Result:
    return drain(SMALL.run())


# Settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"series": "tides"}, "series must be one of noisy_sine, two_sines, trend_season, web_traffic, random_walk, airline"),
        ({"target": "sign"}, "target must be one of value, change, got 'sign'"),
        ({"activation": "sigmoid"}, "activation must be one of tanh, relu, got 'sigmoid'"),
        ({"look_back": 0}, "look_back must be a positive integer, got 0"),
        ({"look_back": 501}, "look_back must be at most 500, got 501"),
        ({"horizon": 1.0}, "horizon must be a positive integer, got 1.0"),
        ({"units": 257}, "units must be at most 256, got 257"),
        ({"layers": True}, "layers must be a positive integer, got True"),
        ({"batch": 2_000}, "batch must be at most 1,024, got 2,000"),
        ({"seeds": 6}, "seeds must be at most 5, got 6"),
        ({"patience": 0}, "patience must be a positive integer, got 0"),
        ({"optimizer": "lion"}, "optimizer must be one of sgd, adagrad, rmsprop, adam, got 'lion'"),
        ({"decay": None}, "decay must be one of none, linear, cosine, got None"),
        ({"clip": "hard"}, "clip must be one of norm, value, none, got 'hard'"),
        ({"learning_rate": 0}, "learning_rate must be a positive number, got 0"),
        ({"initial": "magic"}, "initial must be one of glorot_uniform"),
        ({"epochs": None}, "a budget is needed: set epochs, seconds or max_steps"),
        ({"seed": -1}, "seed must be an integer of 0 or more, got -1"),
        ({"data_seed": 0.5}, "data_seed must be an integer of 0 or more, got 0.5"),
        ({"season": 0}, "season must be a positive integer, got 0"),
        ({"validation": 0.5, "test": 0.5}, "validation and test must be above 0 and leave a fifth of the series for training"),
        ({"test": 0}, "validation and test must be above 0"),
        ({"points": 100}, "points must be from 200 to 20,000, got 100"),
        ({"parameters": {"noise": 9}}, "noise must be a number from 0 to 2, got 9"),
        ({"parameters": "noise"}, "parameters must be a dict or pairs of name and number, got 'noise'"),
        ({"series": "sunspots", "points": 300}, "parameters and points are for generated series, not for sunspots"),
        ({"values": [1.0]}, 'values go with series "given", and series "given" with values'),
        ({"series": "given"}, 'values go with series "given", and series "given" with values'),
        ({"dates": ["2024-01-01"]}, "dates go with values of one's own"),
        ({"series": "given", "values": ["a"]}, "values must be numbers"),
        ({"series": "given", "values": []}, "values must be one row of numbers, got shape (0,)"),
        ({"series": "given", "values": [[1.0, 2.0]]}, "values must be one row of numbers, got shape (1, 2)"),
        ({"series": "given", "values": [1.0, float("nan")]}, "values must be finite, and 1 of 2 are not"),
        ({"series": "given", "values": VALUES, "dates": ["2024-01-01"]}, "dates must be one for each of the 200 values, got 1"),
        ({"series": "given", "values": VALUES, "dates": ["x"]}, "dates must be dates such as 2024-05-31"),
        ({"title": "x" * 81}, "title must be a text of at most 80 characters"),
        ({"batch": 1024, "look_back": 200, "units": 128}, "one step would keep 157,286,400 numbers in memory, and at most 40,000,000"),
        ({"points": 20_000, "horizon": 100, "look_back": 500, "test": 0.003}, "a horizon of 100 leaves no test window: "
         "the test part has 60 of the series' 20,000 points"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(settings, said):
    with pytest.raises(ValueError) as caught:
        Forecast(**settings)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("count", "settings", "said"),
    [
        (40, {"look_back": 50}, "look_back 50 is longer than a series of 40 points can serve"),
        (40, {"look_back": 40}, "look_back 40 is longer than a series of 40 points can serve"),
        (40, {"look_back": 24}, "look_back 24 and horizon 1 leave 2 windows in the training part of 26 points"),
        (100, {"horizon": 21}, "a horizon of 21 leaves no test window: the test part has 20 of the series' 100 points"),
        (100, {"horizon": 18}, "a horizon of 18 leaves no validation window: the validation part has 16 of the series' 100 points"),
        (1, {}, "look_back 5 is longer than a series of 1 points can serve"),
        (200_001, {}, "the series has 200,001 points, and at most 200,000 can be used"),
        (200_000, {"look_back": 101}, "for a series of 200,000 points look_back must be at most 100"),
        (200_000, {"horizon": 21}, "for a series of 200,000 points horizon must be at most 20"),
    ],
)  # fmt: skip
def test_a_series_too_short_or_too_long_for_the_settings(count, settings, said):
    with pytest.raises(ValueError) as caught:
        given(np.arange(count) % 7.0, **settings)
    assert str(caught.value).startswith(said)


def test_a_constant_series_is_refused():
    with pytest.raises(ValueError, match="the series is constant: every value is 3, and there is nothing to learn"):
        given(np.full(100, 3.0))
    with pytest.raises(ValueError, match="the training part of the series is constant \\(3\\)"):
        given(np.where(np.arange(100) < 90, 3.0, 4.0))


def test_equal_configs_are_equal_and_travel():
    config = Forecast(parameters={"noise": 0.2, "periods": 3})
    assert config == Forecast(parameters=[("periods", 3), ["noise", 0.2]]) != Forecast()
    assert pickle.loads(pickle.dumps(config)) == config
    series = replace(generate("web_traffic", 300), name="given")
    mine = Forecast.from_series(series, look_back=7)
    assert hash(mine) == hash(Forecast.from_series(series, look_back=7)) and mine.season == 7
    loaded = mine.load()
    assert loaded.values.tolist() == series.values.tolist() and (loaded.dates == series.dates).all()


@pytest.mark.parametrize("settings", [{}, {"layers": 3, "horizon": 4}, {"activation": "relu"}])
def test_parameters_are_counted_without_building(settings):
    config = replace(SMALL, **settings)
    assert config.parameters_count == config.build().count_params()


# Nothing leaks ------------------------------------------------------------------------------------------------


def test_the_test_part_changes_nothing_but_the_test_figures(small):
    other = VALUES.copy()
    other[small.details["split"].validation_end :] *= 50
    first, second = drain(given().run()), drain(given(other).run())
    assert (first.model.weights_vector == second.model.weights_vector).all()
    assert first.details["forecaster"].scaler == second.details["forecaster"].scaler
    same = ("training loss", "validation loss", "best epoch", "steps")
    assert [first.metrics[name] for name in same] == [second.metrics[name] for name in same]
    assert first.metrics["test MSE"] != second.metrics["test MSE"]
    parts = [r.details["parts"]["validation"] for r in (first, second)]
    for name in parts[0].predictions:
        assert (parts[0].predictions[name] == parts[1].predictions[name]).all(), name


def test_the_validation_part_trains_nothing():
    """It decides which weights are kept; without patience and with one validation, at the end, it decides nothing."""
    other = VALUES.copy()
    other[given().split().train_end :] += 3
    first, second = (drain(given(values, epochs=1, patience=None).run()) for values in (VALUES, other))
    assert (first.model.weights_vector == second.model.weights_vector).all()
    assert first.metrics["validation loss"] != second.metrics["validation loss"]


def test_the_scaler_knows_the_training_part_alone(small):
    scaler, split = small.details["forecaster"].scaler, small.details["split"]
    training = small.details["series"].values[: split.train_end]
    assert (scaler.low, scaler.high) == (training.min(), training.max())


# Training -----------------------------------------------------------------------------------------------------


def test_progress_and_result(small):
    seen = []
    result = drain(SMALL.run(), seen.append)
    assert result.metrics["test MSE"] == small.metrics["test MSE"]  # same config, same seed
    assert seen[0].notes == {"series": "Noisy sine", "split": (128, 160)}
    epochs = [p for p in seen if "val_loss" in p.metrics]
    assert len(epochs) == 3 and epochs[-1].fraction == 1.0
    assert all("loss" in p.metrics for p in seen[1:])
    best = [p.notes["best"] for p in epochs if "best" in p.notes]
    assert best[-1]["epoch"] == result.details["best_epoch"] == result.metrics["best epoch"]
    live = epochs[-1].notes["forecast"]
    assert len(live["origins"]) == len(live["actual"]) == len(live["predicted"]) == 32
    assert live["actual"] == VALUES[live["origins"]].tolist()
    assert list(result.metrics)[-1] == "test RMSE"


def test_the_weights_of_the_best_validation_come_back():
    # so high a rate that the last epoch is not the best
    config = replace(SMALL, learning_rate=0.1, decay="none", epochs=30, patience=3, batch=8)
    result = drain(config.run())
    steps, losses = result.history.series("val_loss")
    assert result.history.ended == "early" and result.ended == "finished"
    assert len(losses) == int(np.argmin(losses)) + 1 + 3
    assert result.metrics["validation loss"] == pytest.approx(min(losses), rel=1e-6)
    assert result.details["best_step"] == steps[int(np.argmin(losses))]


def test_details_hang_together(small):
    details = small.details
    test = details["parts"]["test"]
    assert list(test.predictions) == [row.name for row in details["table"]]
    assert next(iter(test.predictions)) == "LSTM" and test.origins[0] == details["split"].validation_end
    again = predict(small.model, details["forecaster"], details["series"].values, test.origins)
    assert (again == test.predictions["LSTM"]).all()
    row, span = details["table"][0], details["forecaster"].scaler.span
    assert row.mse == pytest.approx(np.mean((again - test.actual) ** 2)) and row.scaled_mse == pytest.approx(
        row.mse / span**2
    )
    assert small.metrics["test RMSE"] == row.rmse == pytest.approx(row.by_step[0])
    assert details["floor"]["mse"] == details["table"][-1].mse
    assert details["test_scaled_mse"] == [row.scaled_mse]


def test_the_examination_can_be_held_again_and_without_a_network(small):
    series, split = small.details["series"], small.details["split"]
    forecaster = SMALL.forecaster(series)
    assert forecaster == small.details["forecaster"]
    again = examine([small.model], forecaster, series, split)
    assert again.table == small.details["table"] and again.verdict == small.details["verdict"]
    bare = examine([], forecaster, series, split)
    assert bare.table == again.table[1:] and bare.verdict is None and bare.floor == again.floor == again.table[-1]
    kept = remembered(load_model(model_bytes(small.model)))
    assert examine(small.model, kept.forecaster, kept.series, kept.split).table[0].rmse == pytest.approx(
        again.table[0].rmse
    )
    with pytest.raises(ValueError, match="the training part is too short for a look-back of 5 and a horizon of 1"):
        examine([], forecaster, series, replace(split, train_end=5))


def test_a_band_of_several_models():
    seen = []
    result = drain(replace(SMALL, seeds=3, horizon=2, epochs=2).run(), seen.append)
    models = result.details["models"]
    assert len(models) == len(result.details["histories"]) == len(result.details["test_scaled_mse"]) == 3
    assert models[0] is result.model and models[1].weights_vector[0] != models[2].weights_vector[0]
    alone = drain(replace(SMALL, seed=1, horizon=2, epochs=2).run())
    assert (alone.model.weights_vector == models[1].weights_vector).all()
    assert [p.step for p in seen] == list(range(len(seen)))
    assert [p.fraction for p in seen] == sorted(p.fraction for p in seen) and seen[-1].fraction == 1.0
    assert "val_loss 3" in seen[-1].metrics and [p.notes["member"] for p in seen if "member" in p.notes] == [2, 3]
    low, middle, high = band(result.details["free"]["paths"])
    assert (low <= middle).all() and (middle <= high).all() and len(low) == result.details["free"]["steps"] == 40


def test_stopping_keeps_what_was_learnt():
    control = Control()

    def stop(progress):
        control.stop = progress.step == 5

    result = drain(replace(SMALL, seeds=3, epochs=50).run(control), stop)
    assert result.ended == "stopped" and len(result.details["models"]) == 1 and result.metrics["steps"] == 6
    stopped_late = Control()

    def stop_second(progress):
        stopped_late.stop = "loss 2" in progress.metrics

    result = drain(replace(SMALL, seeds=3, epochs=2).run(stopped_late), stop_second)
    assert result.ended == "stopped" and len(result.details["models"]) == 2


@pytest.mark.parametrize("at", [4, 11])  # within the first model, and within the second
def test_a_checkpoint_goes_on_bit_for_bit(at):
    config, saved = replace(SMALL, seeds=2), []
    whole = drain(config.run(Control(save=saved.append, save_every=0)))
    rest = drain(config.run(checkpoint=saved[at]))
    for one, other in zip(whole.details["models"], rest.details["models"], strict=True):
        assert (one.weights_vector == other.weights_vector).all()
    assert whole.metrics["steps"] == rest.metrics["steps"] and whole.history.points == rest.history.points


def test_a_training_that_diverges_says_so():
    settings = {"learning_rate": 1e30, "optimizer": "sgd", "clip": "none", "activation": "relu"}
    result = drain(replace(SMALL, **settings).run())
    assert result.ended == "diverged" and "the training has diverged" in result.problem
    assert np.isfinite(result.metrics["test RMSE"])


# Done when ----------------------------------------------------------------------------------------------------


def test_preset_noisy_sine_is_better_than_what_was_printed():
    preset = PRESETS["Noisy sine"]
    config = preset.config
    assert (config.look_back, config.units, config.optimizer, config.learning_rate) == (10, 50, "sgd", 0.01)
    assert (config.clip, config.clip_at, config.patience, config.epochs) == ("value", 1.0, 20, 200)
    result = drain(config.run())
    assert result.metrics["test scaled MSE"] <= 0.0022 < float(preset.printed["test MSE"])
    assert result.metrics["skill against last value"] >= 0.3
    assert any("knew the rule" in sentence for sentence in result.details["verdict"].sentences)


def test_on_web_traffic_the_lstm_beats_last_week():
    result = drain(Forecast(series="web_traffic").run())
    mse = {row.name: row.mse for row in result.details["table"]}
    assert mse["LSTM"] < 0.8 * mse["seasonal last value"] < mse["last value"] and result.details["verdict"].beats_last


def test_preset_web_traffic_needs_more_than_one_day():
    preset = PRESETS["Web traffic, one time step"].config
    assert (preset.look_back, preset.units, preset.activation, preset.batch, preset.epochs) == (1, 8, "relu", 10, 100)
    verdict = drain(replace(preset, epochs=10).run()).details["verdict"]
    assert verdict.winner == "seasonal last value" and not verdict.beats_best


@pytest.mark.parametrize("target", ["value", "change"])
def test_on_the_random_walk_nothing_beats_the_last_value(target):
    verdict = drain(Forecast(series="random_walk", target=target, epochs=15).run()).details["verdict"]
    assert verdict.nothing_beats_last and verdict.sentences[0].startswith("Nothing here clearly beats the last value")


# Afterwards ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"horizon": 3, "target": "change"}])
def test_free_running_by_hand(settings):
    """Feeding predictions back one window at a time, as a reader would write it."""
    result = drain(replace(SMALL, **settings).run())
    forecaster, values = result.details["forecaster"], VALUES[:100]
    known = values.tolist()
    for _ in range(4):
        known += predict(result.model, forecaster, np.array(known), [len(known)])[0].tolist()
    steps = 4 * forecaster.horizon - 1
    assert free_run(result.model, forecaster, values, steps) == pytest.approx(
        np.array([known[100 : 100 + steps]]), rel=1e-5
    )


def test_free_running_is_bounded(small):
    forecaster = small.details["forecaster"]
    with pytest.raises(ValueError, match=f"steps must be at most {MAX_FREE_RUN:,}"):
        free_run(small.model, forecaster, VALUES, MAX_FREE_RUN + 1)
    with pytest.raises(ValueError, match="context must hold at least the 5 values of a window"):
        free_run(small.model, forecaster, VALUES[:4], 1)
    wild = load_model(model_bytes(small.model))
    wild.weights_vector[...] *= 1e6
    assert np.isfinite(free_run(wild, forecaster, VALUES, 50)).all()


def test_the_hidden_state_rides_along(small):
    forecaster, origins = small.details["forecaster"], np.arange(50, 90)
    inside = ride(small.model, forecaster, VALUES, origins)
    assert set(inside) == {"h", "c", "i", "f", "g", "o"} and inside["h"].shape == (40, 4)
    answers = inside["h"] @ small.model.layers[-1].params["kernel"] + small.model.layers[-1].params["bias"]
    assert forecaster.scaler.back(answers) == pytest.approx(predict(small.model, forecaster, VALUES, origins), rel=1e-5)
    with pytest.raises(ValueError, match="layer must be from 0 to 0, got 1"):
        ride(small.model, forecaster, VALUES, origins, layer=1)


@pytest.mark.parametrize("target", ["value", "change"])
def test_a_saved_model_forecasts_again(target):
    result = drain(given(dates=np.datetime64("2024-01-01") + np.arange(200), unit="kg", season=7, target=target).run())
    model = load_model(model_bytes(result.model), lesson="forecast")
    kept = remembered(model)
    assert kept.forecaster == forecaster_of(model) == result.details["forecaster"]
    assert kept.values == pytest.approx(VALUES, rel=1e-9) and str(kept.dates[0]) == "2024-01-01T00:00:00"
    assert (kept.split.train_end, kept.split.validation_end) == (128, 160)
    again = predict(model, kept.forecaster, kept.values, kept.test_origins)
    assert again == pytest.approx(result.details["parts"]["test"].predictions["LSTM"], rel=1e-6)
    assert kept.test_actual == pytest.approx(result.details["parts"]["test"].actual)
    assert "values" not in kept.config and kept.table[0]["name"] == "LSTM"
    assert set(kept.config) == {f.name for f in fields(Forecast)} - {"values", "dates"}


def test_a_long_series_keeps_its_end():
    result = drain(given(np.sin(np.arange(1_500) / 9), epochs=1, batch=256).run())
    kept = remembered(load_model(model_bytes(result.model)))
    assert len(kept.values) == 1_000 and kept.split.validation_end == 700 and kept.split.train_end == 460
    assert len(kept.test_origins) == 300


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"forecaster": None}, "the model does not say how it reads a series"),
        ({"forecaster": {"look_back": 5}}, "the model does not say how it reads a series"),
        ({"scaler": {"low": 1.0, "high": 1.0}}, "the model does not say how it reads a series"),
        ({"look_back": "5"}, "the model does not say how it reads a series"),
        ({"horizon": 2}, "the model must end in a linear layer with one output for each of 2 steps ahead"),
        ({"tail": ["x"]}, "the model's notes about its series are damaged"),
        ({"tail": [1.0]}, "the model's notes about its series are damaged"),
        ({"split": None}, "the model's notes about its series are damaged"),
        ({"verdict": 3}, "the model's notes about its series are damaged"),
    ],
)
def test_a_strangers_file_is_refused_in_a_sentence(small, damage, said):
    model = load_model(model_bytes(small.model))
    for name, value in damage.items():
        place = model.metadata if name in model.metadata else model.metadata["forecaster"]
        place[name] = value
    with pytest.raises(ValueError) as caught:
        remembered(model)
    assert str(caught.value).startswith(said)


def test_the_shipped_model_forecasts_on_arrival():
    model = load_model(SHIPPED, lesson="forecast")
    kept = remembered(model)
    assert kept.forecaster.series == "web_traffic" and kept.forecaster.season == 7
    wrong = predict(model, kept.forecaster, kept.values, kept.test_origins) - kept.test_actual
    assert float(np.mean(wrong**2) ** 0.5) == pytest.approx(kept.metrics["test RMSE"], rel=1e-4)
    weekly = kept.table[[row["name"] for row in kept.table].index("seasonal last value")]
    assert kept.metrics["test MSE"] < 0.7 * weekly["mse"]
    week = free_run(model, kept.forecaster, kept.values, 70)[0].reshape(10, 7)
    by_weekday = week.mean(axis=0)  # the series ends on a Thursday: Friday, Saturday, Sunday, Monday …
    assert by_weekday[1:3].max() < 0.8 * by_weekday[[0, 3, 4, 5, 6]].min()
    assert (Forecast(**kept.config).load().values[-1_000:] == kept.values).all()
