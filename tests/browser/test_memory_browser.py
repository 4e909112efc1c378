"""Memory in a real browser: a slider moves the curves, both networks train after a guess, a table is edited, a phone."""

import re


def section(lab, name):
    lab.tab.get_by_role("radio", name=name).or_(lab.tab.get_by_role("button", name=name)).first.click()
    lab.settle()


def said(lab, pattern):
    found = lab.tab.locator("[data-testid=stMain] p", has_text=re.compile(pattern)).first
    found.wait_for()
    return found.inner_text()


def test_gradients_then_a_guess_then_both_are_trained_and_looked_into(visit):
    lab = visit()
    lab.open("/memory?memory_max_steps=300")
    lab.tab.locator("[data-testid=stVegaLiteChart]").first.wait_for()
    before = said(lab, "SimpleRNN: ∂loss/∂h vanishes")
    slider = lab.tab.get_by_role("slider", name="Weight scale")
    slider.focus()
    slider.press("End")
    assert said(lab, "SimpleRNN: ∂loss/∂h explodes") != before
    assert "reach_scale=4" in lab.tab.url

    section(lab, "Can it remember?")
    button = lab.tab.get_by_role("button", name="Train both")
    button.wait_for()
    assert button.is_disabled()
    lab.tab.get_by_text("Only the LSTM", exact=True).click()
    lab.settle()
    button.click()
    lab.tab.get_by_text(re.compile("^Finished at step 300")).wait_for(timeout=90_000)
    verdict = lab.tab.locator("[data-testid=stAlert]").first
    verdict.wait_for()
    assert re.search(r"At distance 50: the LSTM (99|100)\.\d%", verdict.inner_text())

    section(lab, "Inside the memory")
    lab.tab.get_by_role("radio", name="The one you trained").wait_for()
    assert "right" in said(lab, "Which came first")

    section(lab, "Can it remember?")
    lab.tab.get_by_role("button", name="Reset").click()
    lab.tab.get_by_text("Nothing is being trained").wait_for()
    assert lab.errors == []


def test_on_a_phone_in_the_dark_no_section_scrolls_sideways(visit):
    lab = visit(width=390, height=844, scheme="dark")
    lab.open("/memory")
    for name in (
        "Gradients through time", "Can it remember?", "Inside the memory", "The story", "Samples, time steps, features",
        "Check the maths",
    ):  # fmt: skip
        section(lab, name)
        assert not lab.scrolls_sideways(), name
    assert lab.errors == []


def test_a_link_below_sets_the_section_and_its_controls(visit):
    lab = visit()
    lab.open("/memory?memory_section=The+story&reach_units=32")
    lab.tab.get_by_role("link", name="Make it explode").click()
    lab.tab.get_by_text("Changed:").wait_for()
    said(lab, "SimpleRNN: ∂loss/∂h explodes")
    assert lab.tab.get_by_role("slider", name="Units").input_value() == "16"
    assert lab.errors == []


def test_an_emptied_cell_of_the_table_is_a_sentence(visit):
    lab = visit()
    lab.open("/memory?memory_section=Samples,+time+steps,+features")
    lab.tab.get_by_text("x[0] of 6").wait_for()
    lab.tab.get_by_test_id("stDataFrame").first.click(position={"x": 150, "y": 52})
    lab.tab.keyboard.press("Delete")
    lab.tab.get_by_text("Row 1, temperature: the cell is empty").wait_for()
    assert lab.errors == []
