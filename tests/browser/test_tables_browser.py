"""Tables as people really have them, in Chromium: understood or corrected with what the page offers, trained, and taken home."""

import csv
import io

import numpy as np
import pytest

from tests.browser.menus import choose

ROWS = 150
WAVE = 1500 + 60 * np.sin(2 * np.pi * np.arange(ROWS) / 12)


def newest_first() -> tuple[str, list[str]]:
    """A preamble, months with years of two digits, the newest row first."""
    months = np.datetime64("1960-01") + np.arange(ROWS)
    rows = [f"{month.item():%b-%y};{value:.1f}" for month, value in zip(months, WAVE)][::-1]
    return "Rate of something\n\nMonth;Rate\n" + "\n".join(rows) + "\n", ["1972-07-01", "1972-08-01"]


def tied() -> tuple[str, list[str]]:
    """Each number has a mark before its last three digits: it may part thousands, and here it is the decimal mark."""
    days = np.datetime64("2024-01-01") + np.arange(ROWS)
    rows = [f"{day.item():%d.%m.%Y};{value / 1000:.3f}" for day, value in zip(days, WAVE)]
    return "Tag;Wert\n" + "\n".join(rows) + "\n", ["2024-05-30", "2024-05-31"]


def two_bad_cells() -> tuple[str, list[str]]:
    """Two cells that are no numbers, and a caption at the end."""
    hours = np.datetime64("2024-03-01T00") + np.arange(ROWS)
    rows = [
        f"{hour.item():%m/%d/%Y %I:%M %p},{'?0.2' if k in (40, 70) else f'{value:.2f}'}"
        for k, (hour, value) in enumerate(zip(hours, WAVE))
    ]
    return "time,MW\n" + "\n".join(rows) + "\n\nMade up for a test\n", ["2024-03-07T06:00", "2024-03-07T07:00"]


@pytest.mark.parametrize("make", [newest_first, tied, two_bad_cells])
def test_a_dirty_table_from_its_upload_to_its_forecast(visit, make):
    from playwright.sync_api import expect

    text, future = make()
    lab = visit(width=390 if make is tied else 1366, height=844)
    lab.tab.set_default_timeout(60_000)
    lab.open("/forecast?forecast_series=Your+own+CSV+file&forecast_look_back=14&forecast_units=8&forecast_epochs=3")
    uploader = lab.tab.get_by_test_id("stFileUploader").filter(has_text="A table as CSV")
    uploader.locator("input[type=file]").set_input_files(
        {"name": "dirty.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    lab.tab.get_by_test_id("stSelectbox").filter(has_text="Column to forecast").wait_for()
    lab.settle()
    if make is tied:
        mark = lab.tab.get_by_test_id("stSelectbox").filter(has_text="Decimal mark")
        expect(mark).to_be_visible()  # offered in the open, for nothing in the file decides
        choose(lab.tab, mark.get_by_role("combobox"), "a point")
        lab.settle()
    if make is two_bad_cells:
        lab.tab.get_by_text("no number: these 2 cells can be treated as missing").first.wait_for()
        lab.tab.get_by_text("Treat 2 cells as missing").click()
        lab.settle()
        lab.tab.get_by_text("Fill the gaps by interpolation").click()
        lab.settle()
        lab.tab.get_by_text("2 missing values were filled in by straight lines").first.wait_for()
    lab.tab.get_by_text("How this file was read").click()
    lines = lab.tab.get_by_test_id("stExpander").filter(has_text="How this file was read").get_by_test_id("stCode")
    expect(lines).to_contain_text(f"points: {ROWS}")
    assert not lab.scrolls_sideways()
    train = lab.tab.get_by_role("button", name="Train", exact=True)
    expect(train).to_be_enabled()
    train.click()
    lab.tab.get_by_text("How it learnt").wait_for(timeout=60_000)
    lab.tab.get_by_text("The one you trained").first.wait_for()
    lab.settle()
    with lab.tab.expect_download() as taking:
        lab.tab.get_by_role("button", name="The forecast (.csv)").click()
    rows = list(csv.DictReader(io.StringIO(taking.value.path().read_text(encoding="utf-8"))))
    ahead = [row["date"] for row in rows if row["how"] == "running free"]
    came = [float(row["what came"]) for row in rows if row["what came"]]
    assert ahead[: len(future)] == future or [date[: len(future[0])] for date in ahead[: len(future)]] == future
    scale = 1000 if make is tied else 1
    np.testing.assert_allclose(came, WAVE[-len(came) :] / scale, atol=0.06 / scale)
    assert lab.errors == []
