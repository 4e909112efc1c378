"""Forecasting, run whole: what is forecast at once, what can be handed in, what is trained, what can be taken home."""

import csv
import io

import numpy as np
import pytest

from lstm import LSTM, Dense, Sequential, load_model
from lstm.datasets import DownloadError
from lstm.lessons.forecast.experiment import PRESETS, Forecast
from lstm.storage import model_bytes
from tests.pages.desk import kept, offer, open_page, press, sentences
from ui import downloads
from ui.forecast.controls import controls
from ui.forecast.files import forecast_csv
from ui.forecast.models import BEYOND, SHELF
from ui.forecast.questions import copy_in_words, walk_in_words

UPLOAD = "A table as CSV"
GIVEN = {
    "forecast_series": "Your own CSV file",
    "forecast_units": "4",
    "forecast_seeds": "1",
    "forecast_look_back": "7",
}


@pytest.fixture(autouse=True)
def no_downloads(desk, monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path / "cache"))


def open_forecast(**params):
    return open_page("pages/forecast.py", **params)


def hand_in(page, name, text):
    offer(page, UPLOAD, name, text if isinstance(text, bytes) else text.encode())


def table(days=120, header="day,visits,comment", missing=(), start="2024-01-01"):
    """A week that repeats, with a little noise."""
    rng = np.random.default_rng(3)
    dates = np.datetime64(start) + np.arange(days)
    visits = 100 + 20 * np.sin(2 * np.pi * np.arange(days) / 7) + rng.normal(0, 2, days)
    rows = [f"{date},{'' if k in missing else f'{value:.3f}'},ok" for k, (date, value) in enumerate(zip(dates, visits))]
    return "\n".join([header, *rows]) + "\n"


def figures(page):
    return next(text.value for text in page.markdown if text.value.startswith("RMSE on the test part"))


def texts(page):
    return [one.value.replace("\\", "") for kind in (page.markdown, page.caption) for one in kind]


def button(page, label):
    return next(one for one in page.button if one.label == label)


# The first look -----------------------------------------------------------------------------------------------------


def test_it_opens_with_the_forecast_of_the_network_that_ships_beside_the_best_naive_guess():
    page = open_forecast()
    assert page.title[0].value == "Forecasting"
    assert not page.error and not page.warning
    who = SHELF.shipped()
    mine, best = who.tested.row("LSTM"), who.tested.best_baseline
    assert f"LSTM **{mine.rmse:.4g}**" in figures(page) and f"**{best.rmse:.4g}**" in figures(page)
    assert mine.mse < best.mse and who.whole
    assert not any("settings are not those" in text for text in texts(page))
    assert who.tested.sentences[0] in [text.strip("*") for text in texts(page)]
    assert any(code.value.startswith("def windows(") for code in page.code)
    assert any(code.value.strip().startswith("def run(") for code in page.code)
    rows = page.dataframe[0].value
    assert list(rows["forecaster"]) == [
        "LSTM", "Last value", "Seasonal last value", "Linear autoregression", "Knowing the rule",
    ]  # fmt: skip
    assert [button.label for button in page.get("download_button")] == [
        "The forecast (.csv)", "The network (.npz)", "The experiment (.ipynb)",
    ]  # fmt: skip


def test_the_settings_at_first_are_those_of_the_network_that_ships():
    assert not controls.differ(controls.config_for(controls.defaults), SHELF.shipped().config)


def test_another_series_is_drawn_at_once_with_what_needs_no_network_and_a_way_back():
    page = open_forecast()
    page.selectbox(key="forecast_series").set_value("random_walk").run()
    assert "LSTM" not in figures(page) and "Last value **" in figures(page)
    before = figures(page)
    page.slider(key="forecast_random_walk_stride").set_value(2.0).run()
    assert figures(page) != before and not page.exception
    press(page, "Back to “Web traffic”")
    assert page.selectbox(key="forecast_series").value == "web_traffic"
    assert "LSTM **" in figures(page)


@pytest.mark.parametrize("name", ["noisy_sine", "two_sines", "trend_season"])
def test_every_generated_series_can_be_set(name):
    page = open_forecast()
    page.selectbox(key="forecast_series").set_value(name).run()
    assert "noise alone" in figures(page) and not page.exception


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"forecast_look_back": "0"}, "Look-back must be a positive integer, got 0."),
        ({"forecast_look_back": "1096"}, "Look-back must be at most 500, got 1,096."),
        (
            {"forecast_look_back": "300", "forecast_web_traffic_points": "250"},
            "Look_back 300 is longer than a series of 250",
        ),
        ({"forecast_horizon": "60", "forecast_web_traffic_points": "250"}, "A horizon of 60 leaves no test window"),
        ({"forecast_web_traffic_points": "-5"}, "Points must be a positive integer, got -5."),
        ({"forecast_units": "-3"}, "Units must be a positive integer, got -3."),
        ({"forecast_patience": "-1"}, "Early stopping after must be a positive integer, got -1."),
        ({"forecast_test": "0.9"}, "Validation and test must be above 0"),
        ({"forecast_learning_rate": "-1"}, "Learning rate must be a positive number, got -1.0."),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence(params, said):
    page = open_forecast(**params)
    assert [s for s in sentences(page) if s.lower().startswith(said.lower())], sentences(page)
    assert button(page, "Train").disabled
    assert not page.exception


def test_looking_closer_at_the_network_that_ships():
    page = open_forecast()
    slider = next(one for one in page.slider if one.label == "Window")
    slider.set_value(slider.min).run()
    assert any("This window ends at" in text for text in texts(page))
    page.segmented_control(key="forecast_free_from").set_value("the series ends").run()
    assert any("Nobody knows yet what comes here." in text for text in texts(page))
    next(one for one in page.slider if one.label == "Steps").set_value(500).run()
    next(one for one in page.slider if one.label == "Lag").set_value(7).run()
    assert any("The copy, 7 late" in text for text in texts(page))
    page.selectbox(key="forecast_ride_q").set_value("f").run()
    page.selectbox(key="forecast_ride_order").set_value("by number").run()
    assert not page.exception


def test_predictions_are_checked_against_the_numbers_on_the_page():
    page = open_forecast()
    who = SHELF.shipped()
    values, part = who.series.values, who.tested.part
    late = 1 - np.mean((part.actual[:, 0] - values[part.origins - 1]) ** 2) / np.var(part.actual[:, 0])
    right = "Below 0.5" if late < 0.5 else "0.5 to 0.8" if late < 0.8 else "Above 0.8"
    page.radio(key="predict_forecast_copy").set_value(right).run()
    assert "Right" in page.success[0].value and f"{abs(late):.4g}" in page.success[0].value
    page.radio(key="predict_forecast_walk").set_value("The last value").run()
    assert any("nothing to learn" in found.value for found in page.success)
    page.radio(key="predict_forecast_free").set_value("1.5 to 3 times").run()
    assert not page.exception


# Training -----------------------------------------------------------------------------------------------------------


def test_a_training_shows_its_losses_and_then_its_forecast(desk):
    desk.steps, desk.hold = 60, True
    few = {"forecast_units": "4", "forecast_seeds": "2", "forecast_epochs": "2"}
    page = open_forecast(forecast_series="Noisy sine", **few)
    press(page, "Train")
    (job,) = desk.all
    assert (job.config.series, job.config.units, job.config.seeds) == ("noisy_sine", 4, 2)
    assert any("The validation part, which it never trains on" in text for text in texts(page))
    assert button(page, "Training …").disabled
    press(page, "Reset")
    desk.steps, desk.hold = 10_000, False  # to its end
    press(page, "Train")
    assert page.session_state.forecast_model == desk.all[-1].id
    assert "LSTM **" in figures(page)
    assert any("2 networks trained from other seeds" in text for text in texts(page))
    labels = [one.label for one in page.get("download_button")]
    assert labels == ["The forecast (.csv)", "The history (.csv)", "The network (.npz)", "The experiment (.ipynb)"]
    page.segmented_control(key="forecast_model").set_value("shipped").run()
    assert page.selectbox(key="forecast_series").value == "web_traffic" and not page.exception


def test_on_a_random_walk_the_page_says_that_nothing_beats_the_last_value(desk):
    desk.steps = 400
    page = open_forecast(**controls.link(series="random_walk", seeds=1, units=8))
    press(page, "Train")
    assert any("Nothing here clearly beats the last value" in text for text in texts(page))


def test_several_steps_at_once(desk):
    desk.steps = 20
    page = open_forecast(forecast_horizon="14", forecast_units="4", forecast_seeds="1")
    press(page, "Train")
    page.slider(key="forecast_ahead_14").set_value(14).run()
    assert not page.exception
    rows = list(csv.DictReader(io.StringIO(forecast_csv(kept(page, "forecast trained")))))
    assert rows[-1]["what came"] == "" and float(rows[-1]["forecast"])


def test_a_preset_stands_beside_what_was_printed(desk):
    desk.steps = 300
    page = open_forecast()
    page.button_group(key="forecast_preset_pills").set_value("Noisy sine").run()
    config = controls.config_for(controls_of(page))
    assert controls.same(config, PRESETS["Noisy sine"].config)
    shown = page.dataframe[0].value.to_string()
    assert "0.002527" in shown and "0.050273" in shown and "train it to see" in shown
    press(page, "Train")
    shown = page.dataframe[0].value.to_string()
    assert f"{desk.all[-1].result.metrics['test scaled MSE']:.6f}" in shown
    assert any(PRESETS["Noisy sine"].to_beat in text for text in texts(page))


def controls_of(page):
    state = page.session_state
    return {
        name: state[controls.key(name)] if controls.key(name) in state else default
        for name, default in controls.defaults.items()
    }


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_the_controls(name):
    assert not controls.differ(
        controls.config_for({**controls.defaults, **controls.values_of(PRESETS[name].config)}), PRESETS[name].config
    )


# A file of one's own ------------------------------------------------------------------------------------------------


def test_a_file_is_handed_in_its_column_chosen_trained_and_the_forecast_taken_home(desk):
    desk.steps = 60
    page = open_forecast(**GIVEN)
    assert button(page, "Train").disabled
    hand_in(page, "visits.csv", table(header="day,visits,day of week"))
    assert page.selectbox(key="forecast_column_1").value == "visits"
    assert page.selectbox(key="forecast_dates_1").value == "day"
    assert "LSTM" not in figures(page) and "Last value **" in figures(page)
    press(page, "Train")
    who = kept(page, "forecast trained")
    assert who.series.season == 7 and len(who.series) == 120
    rows = list(csv.DictReader(io.StringIO(forecast_csv(who))))
    assert list(rows[0])[:6] == ["date", "how", "what came", "forecast", "lowest", "highest"]
    last = rows[-1]
    assert last["date"] == str(np.datetime64("2024-01-01") + 119 + BEYOND) and last["how"] == "running free"
    assert last["what came"] == "" and 0 < float(last["forecast"]) < 300
    known = [row for row in rows if row["how"] == "one step ahead"]
    assert known[-1]["date"] == "2024-04-29" and float(known[-1]["what came"]) == who.series.values[-1]


def test_a_model_of_an_own_file_goes_on_when_it_is_loaded_back(desk):
    desk.steps = 30
    page = open_forecast(**GIVEN)
    hand_in(page, "visits.csv", table())
    press(page, "Train")
    saved = model_bytes(kept(page, "forecast trained").model)
    desk.all.clear()
    fresh = open_forecast()
    offer(fresh, "Load a network back", "mine.npz", saved)
    who = fresh.session_state.forecast_loaded
    assert not who.whole and who.tested.row("linear autoregression") is not None
    assert fresh.session_state.forecast_model == who.key
    assert "LSTM **" in figures(fresh)
    rows = list(csv.DictReader(io.StringIO(forecast_csv(who))))
    assert rows[-1]["date"] == str(np.datetime64("2024-01-01") + 119 + BEYOND)
    fresh.selectbox(key="forecast_series").set_value("random_walk").run()
    assert "LSTM" not in figures(fresh) and not fresh.exception


def test_a_page_loaded_anew_finds_the_training_and_the_file_it_was_started_with(desk):
    desk.steps = 30
    page = open_forecast(**GIVEN)
    hand_in(page, "visits.csv", table())
    press(page, "Train")
    fresh = open_forecast()
    assert fresh.selectbox(key="forecast_series").value == "given"
    assert fresh.number_input(key="forecast_look_back").value == 7
    assert "LSTM **" in figures(fresh) and not button(fresh, "Train").disabled
    assert any("the file of your last training" in text for text in texts(fresh))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.csv", b"", "none.csv is empty."),
        (
            "book.csv",
            b"PK\x03\x04" + b"\0" * 30 + b"xl/workbook.xml",
            "book.csv is an Excel workbook, whatever its name says",
        ),
        ("words.csv", "a,b\nx,y\nz,w\n", "words.csv has no column of numbers: its columns are a, b."),
        ("one.csv", "day,visits\n2024-01-01,5\n", "one.csv has one row of values: a series needs many."),
        ("broken.csv", "a,b\n1,2\n1,2,3\n", "broken.csv is not a table: line 3 has 3 cells"),
    ],
    ids=["empty", "Excel", "words", "one row", "broken"],
)
def test_a_file_that_is_no_use_is_one_sentence_and_the_one_before_it_stays(name, text, said):
    page = open_forecast(**GIVEN)
    hand_in(page, name, text)
    assert [s for s in sentences(page) if s.startswith(said)], sentences(page)
    hand_in(page, "good.csv", table())
    assert not page.error
    hand_in(page, name, text)
    (sentence,) = [s for s in sentences(page) if s.startswith(said)]
    assert sentence.endswith("The file before it stays.")
    assert "LSTM" not in figures(page)  # the file's own series, and what needs no network


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("value\n" + "5\n" * 50, "Column 'value' is constant: every value is 5, and there is nothing to learn."),
        ("value\n" + "1\n2\n3\n" * 20 + "oops\n", "Column 'value' holds text among its numbers: 'oops' in row 61; write numbers there, or"),
    ],
    ids=["constant", "text"],
)
def test_a_column_that_is_no_use_is_one_sentence(text, said):
    page = open_forecast(**GIVEN)
    hand_in(page, "mine.csv", text)
    assert [s for s in sentences(page) if s.startswith(said)], sentences(page)
    assert button(page, "Train").disabled and not page.exception
    assert "LSTM **" in figures(page)  # the network that ships stays on show


def test_a_date_twice_is_said_and_is_one_sentence_once_its_column_is_chosen():
    page = open_forecast(**GIVEN)
    rows = [f"2024-01-{day:02d},{day * 3 % 7}\n" for day in range(1, 32)]
    hand_in(page, "mine.csv", "day,value\n" + "".join(rows))
    said = "a date stands more than once, so the rows are taken as they stand unless this column is chosen"
    assert not any(said in text for text in texts(page)) and next(one for one in page.selectbox if one.label == "Dates").value == "day"
    hand_in(page, "twice.csv", "day,value\n" + "".join([*rows, rows[4]]))
    dates = next(one for one in page.selectbox if one.label == "Dates")
    assert dates.value == "none" and any(said in text for text in texts(page)), texts(page)
    dates.set_value("day").run()
    assert [s for s in sentences(page) if s.startswith("Column 'day' has a date more than once, first 2024-01-05: ")]
    assert button(page, "Train").disabled and "LSTM **" in figures(page) and not page.exception


@pytest.mark.parametrize("days", [(1, 1, 2), (1, 1, 1), (1, 2, 2)])
def test_the_only_numbers_of_a_short_file_are_values_and_no_names_of_series(days):
    page = open_forecast(**GIVEN)
    hand_in(page, "short.csv", "date,v\n" + "".join(f"2024-01-{day:02d},{k}\n" for k, day in enumerate(days, 1)))
    assert any("3 rows, 2 columns" in text and "a date stands more than once" in text for text in texts(page)), texts(page)
    assert not any("constant" in said or "under each other" in said for said in [*sentences(page), *texts(page)])
    assert [said for said in sentences(page) if "3" in said] and button(page, "Train").disabled


def test_missing_values_are_counted_and_filled_in_when_asked():
    page = open_forecast(**GIVEN)
    hand_in(page, "holes.csv", table(missing=(3, 4, 50)))
    assert any("lacks 3 of its 120 values, the first in row 4" in s for s in sentences(page))
    next(one for one in page.toggle if one.label == "Fill the gaps by interpolation").set_value(True).run()
    assert not page.error and any("3 missing values were filled in" in text for text in texts(page))
    assert not button(page, "Train").disabled


def test_other_delimiters_decimal_commas_and_unsorted_dates():
    page = open_forecast(**GIVEN)
    rows = [f"{day:02d}.01.2024;{day % 7},5" for day in range(1, 32)]
    hand_in(page, "deutsch.csv", "Tag;Wert\n" + "\n".join(reversed(rows)) + "\n")
    assert any("The newest row came first: the rows were turned round" in text for text in texts(page)), texts(page)
    assert not page.exception


def test_a_series_too_short_for_the_look_back_is_one_sentence():
    page = open_forecast(**GIVEN | {"forecast_look_back": "28"})
    hand_in(page, "short.csv", table(days=20))
    assert any("look_back 28 is longer than a series of 20 points can serve." in s for s in sentences(page))


def test_words_of_a_file_are_shown_letter_by_letter():
    page = open_forecast(**GIVEN)
    hand_in(page, "*x*.csv", table(header="day,<b>**visits**</b>,c"))
    assert any("\\*\\*visits" in caption.value or "\\*x\\*" in caption.value for caption in page.caption)
    assert not page.exception


# Downloads and files ------------------------------------------------------------------------------------------------


def test_a_download_that_fails_is_one_sentence_and_the_rest_goes_on(monkeypatch):
    page = open_forecast(forecast_series="Airline passengers (download)")
    assert any(s.startswith("Airline passengers is not on this server yet: 2 kB") for s in sentences(page))
    assert button(page, "Train").disabled and "LSTM **" in figures(page)

    def fail(name, progress, note):
        raise DownloadError("Airline passengers could not be downloaded: nobody answers")

    monkeypatch.setattr(downloads, "fetch", fail)
    press(page, "Download it")
    assert "Airline passengers could not be downloaded: nobody answers." in sentences(page)
    press(page, "Take a generated series instead")
    assert not button(page, "Train").disabled


def model(lesson="forecast", **facts):
    network = Sequential([LSTM(3), Dense(1)])
    network.build((None, 5, 1))
    network.metadata = {"lesson": lesson} | facts
    return model_bytes(network)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty."),
        (b"hello", "This is not a model file of LSTM Lab"),
        (model(lesson="text"), "This model belongs to the lesson 'text'"),
        (model(), "The model does not say how it reads a series"),
        (
            model(forecaster={"look_back": 5, "horizon": 1, "target": "value", "scaler": {"low": 0, "high": 1}}),
            "The model's notes about its series are damaged",
        ),
    ],
    ids=["empty", "text", "another lesson", "no notes", "no tail"],
)
def test_a_file_that_is_no_forecaster_is_one_sentence(data, said):
    page = open_forecast()
    offer(page, "Load a network back", "*mine*.npz", data)
    (sentence,) = [s for s in sentences(page) if s.startswith("*mine*.npz: ")]
    assert said in sentence and "LSTM **" in figures(page)


def test_a_forecaster_whose_notes_are_strange_is_judged_anew():
    forecaster = {"look_back": 5, "horizon": 1, "target": "value", "scaler": {"low": 0, "high": 1}, "title": "**x**"}
    tail = np.sin(np.arange(60) / 3).tolist()
    strange = {
        "tail": tail,
        "split": [30, 40, 60],
        "metrics": {},
        "table": [{"name": "LSTM"}],
        "verdict": [],
        "config": {"units": "x"},
    }
    page = open_forecast()
    offer(page, "Load a network back", "mine.npz", model(forecaster=forecaster, **strange))
    assert page.session_state.forecast_loaded.tested.row("last value").skill == 0
    assert not page.exception and "LSTM **" in figures(page)


def test_the_forecast_is_a_table_that_goes_on_after_the_end():
    who = SHELF.described("shipped", "x", load_model(SHELF.file, lesson="forecast"))
    rows = list(csv.DictReader(io.StringIO(forecast_csv(who))))
    assert len(rows) == len(who.tested.part.origins) + BEYOND
    assert rows[0]["lowest"] == "" and rows[-1]["last value"] == ""
    assert float(rows[0]["forecast"]) == who.tested.part.predictions["LSTM"][0, 0]


def test_links_set_the_controls():
    page = open_forecast(**controls.link(series="web_traffic", look_back=3))
    assert page.number_input(key="forecast_look_back").value == 3
    assert Forecast(series="web_traffic", look_back=3).look_back == 3


def test_with_a_series_on_screen_that_no_network_has_learnt_nothing_judges_another_one(desk):
    page = open_page("pages/forecast.py", forecast_series="Random walk")
    asked = next(one for one in page.radio if one.key == "predict_forecast_copy")
    assert "Random walk" in asked.label
    asked.set_value("Above 0.8").run()
    assert [one.value for one in page.success if "0.9" in one.value], "a late copy of a random walk scores above 0.8"
    said = " ".join(one.value for kind in (page.markdown, page.caption, page.info) for one in kind)
    assert "On *Random walk*, which no network has learnt yet" in said
    heads = {one.value for one in page.subheader}
    assert "Running free" not in heads and "The hidden state rides the wave" not in heads


@pytest.mark.parametrize(("copy", "network"), [(-0.29, 0.4), (0.95, None), (0.8, 0.1)])
def test_a_late_copy_is_warned_of_only_where_it_scores_well(copy, network):
    said = copy_in_words(copy, network)
    assert ("says little" in said) == (copy >= 0.8) and ("the network" in said) == (network is not None)


def test_who_wins_on_a_random_walk_is_said_by_the_numbers():
    assert "luck" in walk_in_words(1.0, 0.9) and "noise" in walk_in_words(0.9, 1.0)
