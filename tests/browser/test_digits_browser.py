"""Digits in Chromium: drawing with mouse and finger, stepping and playing, undo, training, and no word of complaint."""

import re

import pytest

from ui.digits.examples import STROKES

COUNT = """() => {
  window.__sent = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) { window.__sent++; send.call(this, data); };
}"""
"""Counts what the page sends to the server."""


def sheet(tab):
    return tab.locator(".sheet canvas").bounding_box()


def draw(lab, strokes):
    """Draw with the mouse, in the middle of the sheet."""
    box = sheet(lab.tab)
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        lab.tab.mouse.move(*points[0])
        lab.tab.mouse.down()
        for point in points[1:]:
            lab.tab.mouse.move(*point, steps=2)
        lab.tab.mouse.up()


def wait_for_answer(tab, answer, t=28):
    """Wait until the reading at the top of the page has got to step `t` and says so."""
    from playwright.sync_api import expect

    reading = tab.locator(".reading").first
    for name, value in (("data-answer", answer), ("data-t", t)):
        expect(reading).to_have_attribute(name, str(value))


def test_what_is_drawn_with_the_mouse_is_read(visit):
    lab = visit(width=1366, height=768)
    lab.open("/digits")
    wait_for_answer(lab.tab, 4)  # played once, the example is read to its end
    # The first screen of a projector holds the aim, the sheet, and the belief row by row.
    for part in (
        lab.tab.get_by_text("Draw a digit, and see"),
        lab.tab.locator(".sheet"),
        lab.tab.locator(".reading").first,
    ):
        box = part.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 768
    for digit in ("1", "0", "3", "7"):  # the first line on an example takes its place
        draw(lab, STROKES[digit])
        wait_for_answer(lab.tab, digit)
        lab.settle()
        lines = lab.tab.locator(".reading").first.locator(".line")
        assert lines.count() == 28
        lab.tab.get_by_role("button", name="Clear").click()
        lab.tab.get_by_text("The sheet is empty.").wait_for()
        assert lab.tab.get_by_text("Draw a digit here").is_visible()
    lab.tab.get_by_role("button", name="Undo").click()  # takes back the clearing
    wait_for_answer(lab.tab, 7)
    assert lab.errors == []


def test_lines_are_taken_back_one_by_one(visit):
    lab = visit()
    lab.open("/digits")
    wait_for_answer(lab.tab, 4)
    draw(lab, STROKES["4"])  # two lines
    wait_for_answer(lab.tab, 4)
    lab.settle()
    undo = lab.tab.get_by_role("button", name="Undo")
    undo.click()
    lab.settle()
    undo.click()
    lab.settle()
    assert undo.is_disabled()
    wait_for_answer(lab.tab, 4)  # the example is back
    assert lab.errors == []


def test_stepping_and_playing_need_no_server(visit):
    lab = visit()
    lab.open("/digits")
    wait_for_answer(lab.tab, 4)
    reading = lab.tab.locator(".reading").first
    reading.get_by_label("one step back").click()
    assert reading.get_attribute("data-t") == "27"
    slider = reading.get_by_label("how much of the digit is read")
    slider.fill("6")
    assert reading.get_attribute("data-t") == "6"
    assert reading.get_by_text(re.compile("after row 6 of 28")).is_visible()
    slider.press("ArrowRight")
    assert reading.get_attribute("data-t") == "7"
    assert reading.locator(".line.ahead").count() == 21
    lab.tab.evaluate(COUNT)
    reading.get_by_role("button", name="Play").click()
    wait_for_answer(lab.tab, 4)
    assert lab.tab.evaluate("window.__sent") == 0
    assert lab.errors == []


@pytest.fixture
def phone(browser, server):
    """A touch screen of 390 × 844."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = context.new_page()
    tab.goto(f"{server}/digits")
    wait_for_answer(tab, 4)
    yield tab
    context.close()


def swipe(tab, points):
    """A finger along points of the window."""
    wire = tab.context.new_cdp_session(tab)
    for kind, at in (("touchStart", points[0]), *(("touchMove", point) for point in points[1:]), ("touchEnd", None)):
        wire.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if at is None else [{"x": at[0], "y": at[1]}]}
        )
    wire.detach()


def scrolled(tab):
    return tab.evaluate("document.querySelector('[data-testid=stMain]').scrollTop + window.scrollY")


def test_a_finger_draws_and_does_not_scroll(phone):
    box = sheet(phone)
    swipe(
        phone,
        [
            (box["x"] + (0.55 - 0.002 * k) * box["width"], box["y"] + (0.85 - 0.035 * k) * box["height"])
            for k in range(20)
        ],
    )
    wait_for_answer(phone, 1)
    assert scrolled(phone) == 0
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    order = [
        phone.locator(where).first.bounding_box()["y"] for where in ("[data-testid=stHeading]", ".sheet", ".reading")
    ]
    assert order == sorted(order)
    swipe(phone, [(360, 700 - 30 * k) for k in range(15)])  # beside it the page scrolls as ever
    phone.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop + window.scrollY > 50")


def test_a_training_in_front_of_the_reader_and_a_look_at_its_mistakes(visit):
    lab = visit(scheme="dark")
    lab.open("/digits?digits_units=16")
    lab.tab.get_by_role("button", name="Train", exact=True).click()
    lab.tab.get_by_text("Digits it never trains on").wait_for(timeout=90_000)
    lab.tab.get_by_text("validation accuracy").first.wait_for()
    lab.tab.get_by_role("button", name="Stop").click()
    lab.tab.get_by_text("The one you trained").first.wait_for(timeout=60_000)
    lab.settle()
    lab.tab.get_by_text("The surest mistakes").wait_for()
    lab.tab.locator("button.card").nth(1).click()
    lab.tab.locator('button.card:nth-child(2)[aria-pressed="true"]').wait_for()
    lab.tab.get_by_role("button", name="Reset").click()
    lab.tab.get_by_text("Nothing is being trained").wait_for()
    assert lab.errors == [] and lab.warnings == []
