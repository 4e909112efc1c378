"""Two trainings laid over each other in Chromium: on a projector, at 150 % zoom and on a phone, and taken home."""

import csv

import pytest

from tests.browser.conftest import Visit
from tests.browser.menus import choose

WIDTHS = ((1366, 768), (911, 512), (390, 844))


def train(lab):
    """Press the button and wait for the end; it says "Training …" for less than a second."""
    lab.tab.get_by_role("button", name="Train", exact=True).click()
    lab.tab.get_by_role("button", name="Train", exact=True).wait_for(timeout=60_000)
    lab.settle()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_two_runs_lie_over_each_other(browser, server, scheme):
    context = browser.new_context(color_scheme=scheme)  # nobody has trained in it yet
    try:
        lay_over_each_other(Visit(context, server, *WIDTHS[0]))
    finally:
        context.close()


def lay_over_each_other(lab):
    tab = lab.tab
    lab.open("/digits?digits_budget=in+epochs&digits_epochs=2")
    head = tab.get_by_role("heading", name="Compare your runs")
    tab.get_by_text("Train one, then another with one setting changed").wait_for()
    train(lab)
    tab.get_by_text("One run so far").wait_for(timeout=60_000)
    tab.get_by_text("More settings").click()
    units = tab.get_by_label("Units", exact=True)
    units.fill("16")
    units.press("Enter")
    lab.settle()
    train(lab)
    tab.locator('[aria-label^="Lines: loss of each step of 2 runs over each other, by step"]').first.wait_for(
        timeout=60_000
    )
    lab.settle()
    choose(tab, tab.get_by_role("combobox", name="Along"), "by seconds")
    tab.locator('[aria-label^="Lines: loss of each step of 2 runs over each other, by seconds"]').first.wait_for()
    for width, height in WIDTHS:
        tab.set_viewport_size({"width": width, "height": height})
        lab.settle()
        head.scroll_into_view_if_needed()
        assert not lab.scrolls_sideways(), width
    with tab.expect_download() as download:
        tab.get_by_role("button", name="The comparison (.csv)").click()
    assert download.value.suggested_filename == "lstm-lab-digits-runs.csv"
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["Units"], second["Units"]) == ("128", "16") and first["ended"] == second["ended"] == "finished"
    assert float(first["steps"]) == float(second["steps"]) == 42
    assert int(first["parameters"]) == 71_434 and int(second["parameters"]) == 1_770
    assert lab.errors == [] and lab.warnings == []
