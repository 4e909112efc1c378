"""Forecasting in Chromium: a CSV of one's own from the upload to the forecast taken home, and the first screen."""

import csv
import io

import numpy as np

from tests.browser.menus import choose

DAYS = 120


def table() -> bytes:
    """Visits that repeat each week, and the rain of each day, which does not."""
    rng = np.random.default_rng(4)
    dates = np.datetime64("2024-01-01") + np.arange(DAYS)
    visits = 100 + 30 * np.sin(2 * np.pi * np.arange(DAYS) / 7) + rng.normal(0, 2, DAYS)
    rows = [f"{date};{visit:.2f};{rain:.2f}" for date, visit, rain in zip(dates, visits, rng.uniform(0, 9, DAYS))]
    return ("Tag;Besuche;Regen\n" + "\n".join(rows).replace(".", ",") + "\n").encode()


def test_the_first_screen_holds_the_aim_the_controls_and_the_forecast(visit):
    lab = visit(width=1366, height=768)
    lab.open("/forecast")
    lab.tab.get_by_text("RMSE on the test part").wait_for()
    picture = lab.tab.locator('[role=graphics-document][aria-label*="below it forecasts against what came"]')
    picture.wait_for()
    for part in (
        lab.tab.get_by_text("Forecast a series, and"),
        lab.tab.get_by_role("button", name="Train", exact=True),
        picture,
    ):
        box = part.bounding_box()
        assert box["y"] >= 0 and box["y"] + min(box["height"], 330) <= 768
    assert lab.errors == []


def test_a_file_from_its_upload_to_the_forecast_that_is_taken_home(visit):
    from playwright.sync_api import expect

    lab = visit(scheme="dark")
    lab.open(
        "/forecast?forecast_series=Your+own+CSV+file&forecast_look_back=14&forecast_units=16&forecast_seeds=2&forecast_epochs=30"
    )
    lab.tab.get_by_test_id("stFileUploader").filter(has_text="A table as CSV").locator(
        "input[type=file]"
    ).set_input_files({"name": "besuche.csv", "mimeType": "text/csv", "buffer": table()})
    column = lab.tab.get_by_test_id("stSelectbox").filter(has_text="Column to forecast")
    column.wait_for()
    lab.settle()
    choose(lab.tab, column.get_by_role("combobox"), "Besuche")
    lab.settle()
    train = lab.tab.get_by_role("button", name="Train", exact=True)
    expect(train).to_be_enabled()
    train.click()
    lab.tab.get_by_text("How it learnt").wait_for(timeout=60_000)
    lab.tab.get_by_text("The one you trained").first.wait_for()
    lab.settle()
    with lab.tab.expect_download() as taking:
        lab.tab.get_by_role("button", name="The forecast (.csv)").click()
    rows = list(csv.DictReader(io.StringIO(taking.value.path().read_text(encoding="utf-8"))))
    last = rows[-1]
    assert taking.value.suggested_filename == "lstm-lab-forecast-given.csv"
    assert last["date"] == str(np.datetime64("2024-01-01") + DAYS - 1 + 100) and last["how"] == "running free"
    assert last["what came"] == "" and float(last["lowest"]) <= float(last["forecast"]) <= float(last["highest"])
    assert 20 < float(last["forecast"]) < 180
    assert lab.errors == []


def test_a_phone_does_not_scroll_sideways(visit):
    lab = visit(width=390, height=844)
    lab.open("/forecast")
    lab.tab.get_by_text("RMSE on the test part").wait_for()
    lab.settle()
    assert not lab.scrolls_sideways()
    order = [
        lab.tab.get_by_text("Forecast a series, and").bounding_box()["y"],
        lab.tab.get_by_text("RMSE on the test part").bounding_box()["y"],  # the picture comes before its controls
        lab.tab.get_by_role("button", name="Train", exact=True).bounding_box()["y"],
    ]
    assert order == sorted(order)
    assert lab.errors == []
