"""Relatives in a real browser: a guess lets the lines go on, a sequence is typed, five networks race, and a phone."""

import re

SECTIONS = ("The race", "Type a sequence", "Race live", "Why", "What each is good for")


def section(lab, name):
    lab.tab.get_by_role("radio", name=name).or_(lab.tab.get_by_role("button", name=name)).first.click()
    lab.settle()


def test_guess_slide_type_and_race(visit):
    lab = visit()
    lab.open("/relatives?relatives_max_steps=50&relatives_beyond=60")
    lab.tab.locator("[data-testid=stVegaLiteChart]").first.wait_for()
    lab.tab.get_by_text("All five: it is only counting").click()
    lab.tab.get_by_text(re.compile("^Not quite")).wait_for()
    slider = lab.tab.get_by_role("slider", name="Length of the sequence in symbols")
    slider.focus()
    slider.press("End")
    lab.tab.get_by_text("20.0 times the longest training sequence").wait_for()

    section(lab, "Type a sequence")
    box = lab.tab.get_by_role("textbox", name="Zeros and ones")
    box.fill("1110")
    box.press("Enter")
    lab.tab.get_by_text(re.compile("LSTM: right after every symbol")).first.wait_for()

    section(lab, "Race live")
    button = lab.tab.get_by_role("button", name="Race", exact=True)
    button.wait_for()
    assert button.is_disabled()
    lab.tab.get_by_text("Nobody has 90% there", exact=True).click()
    lab.settle()
    button.click()
    lab.tab.get_by_text(re.compile("^Finished at step 50")).wait_for(timeout=120_000)
    lab.tab.get_by_text(re.compile("At 60 symbols: LSTM")).wait_for()
    assert lab.errors == []


def test_on_a_phone_in_the_dark_no_section_scrolls_sideways(visit):
    lab = visit(width=390, height=844, scheme="dark")
    lab.open("/relatives")
    for name in SECTIONS:
        section(lab, name)
        assert not lab.scrolls_sideways(), name
    assert lab.errors == []
