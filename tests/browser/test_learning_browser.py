"""Learning in Chromium: a step by mouse, by keyboard and by touch; what belongs together lights up; phones, dark."""

import re

import pytest

from ui.theme import DARK, LIGHT

PRESSES = (("Forward", "f", "forward"), ("Loss", "l", "loss"), ("Backward", "g", "backward"), ("Update", "u", "update"))


def drawing(tab):
    return tab.locator('svg[aria-label^="Unrolled LSTM"]')


def wait_for(tab, text):
    tab.locator(f'svg[aria-label*="{text}"]').wait_for()


def button(tab, name):
    """By its label, behind which its key is named."""
    return tab.get_by_role("button", name=re.compile(rf"^{name}( Shortcut [A-Z])?$"))


def lit(tab):
    """What is lit, wherever on the page: tag and names."""
    return set(
        tab.evaluate(
            "[...document.querySelectorAll('*')].filter(node => node.shadowRoot)"
            ".flatMap(node => [...node.shadowRoot.querySelectorAll('.lit')].map(one => one.tagName + ' ' + one.dataset.part))"
        )
    )


def follow_a_step(lab, press):
    """Forward, Loss, Backward, Update of the example worked out by hand, and the next step's Forward."""
    lab.open("/learning?task=pencil")
    wait_for(lab.tab, "training step 0, phase start")
    for name, key, phase in PRESSES:
        press(name, key)
        wait_for(lab.tab, f"training step 0, phase {phase}")
    assert "gradient of C₁ −0.552" in drawing(lab.tab).get_attribute("aria-label")
    press("Forward", "f")
    wait_for(lab.tab, "training step 1, phase forward")
    lab.tab.wait_for_url(re.compile("step=1&phase=forward"))
    lab.settle()
    assert lab.errors == []


def test_a_step_by_mouse(visit):
    lab = visit()
    follow_a_step(lab, lambda name, key: button(lab.tab, name).click())
    for part in (lab.tab.get_by_text("Watch a small LSTM"), button(lab.tab, "Update"), drawing(lab.tab)):
        box = part.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 768  # the first screen of a projector
    lab.tab.get_by_role("button", name="Undo").click()
    wait_for(lab.tab, "training step 0, phase update")


def test_a_step_by_keyboard(visit):
    lab = visit()
    follow_a_step(lab, lambda name, key: lab.tab.keyboard.press(key))
    button(lab.tab, "Loss").focus()
    lab.tab.keyboard.press("Enter")
    wait_for(lab.tab, "training step 1, phase loss")


def test_a_step_by_touch(browser, server):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = context.new_page()
    tab.goto(f"{server}/learning?task=pencil")
    wait_for(tab, "training step 0, phase start")
    for name, _, phase in PRESSES:
        button(tab, name).tap()
        wait_for(tab, f"training step 0, phase {phase}")
    drawing(tab).locator('g[data-gate="f"]').first.tap()  # lit until another is touched
    assert {"g f@1/0 df@1/0"} <= lit(tab)
    assert not tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    context.close()


def test_the_same_thing_lights_up_in_drawing_equations_tables_and_source(visit):
    lab = visit(height=1200)
    lab.open("/learning?task=pencil&phase=backward")
    wait_for(lab.tab, "phase backward")
    lab.tab.get_by_text("Every number of every step").click()
    lab.tab.get_by_text("The source that just ran: lstm/cell.py").click()
    drawing(lab.tab).locator('g[data-gate="o"]').last.hover()  # step 2, while the equations show step 1
    found = lit(lab.tab)
    assert {"g o@2/0 do@2/0", "path o@2/0 do@2/0", "SPAN o@2/0", "SPAN do@2/0", "TD o@2/0 do@2/0"} <= found
    assert any(one.startswith("SPAN i@1/0 i@2/0") for one in found)  # the line of forward that makes it
    assert any(one.startswith("SPAN do@1/0 do@2/0") for one in found)  # and the line of backward
    sections = lab.tab.locator(".formulas[data-step]")
    assert [sections.nth(k).is_visible() for k in range(2)] == [False, True]  # pointing at step 2 shows its equations
    assert "o₂, step 2, unit 1: 0.446; ∂loss/∂o₂ = −0.644" in lab.tab.locator(".says").first.inner_text()
    # A weight lights the wires of both steps, and can be reached by keyboard.
    lab.tab.mouse.move(5, 5)  # what a resting pointer is over changes when the page scrolls to the focus
    lab.tab.locator('td[data-lights="W[0,1]"]').focus()
    found = lit(lab.tab)
    assert len([one for one in found if one.startswith("path z_f@")]) == 2
    assert "SPAN W[0,1]" in found
    lab.tab.keyboard.press("Enter")
    lab.tab.wait_for_url(re.compile("weight=W.0.1"))
    assert lab.errors == []


def test_play_fills_step_after_step(visit):
    lab = visit()
    lab.open("/learning?task=pencil")
    wait_for(lab.tab, "phase start")
    button(lab.tab, "Play").click()
    for phase in ("forward", "loss", "backward", "update"):
        wait_for(lab.tab, f"training step 0, phase {phase}")
    wait_for(lab.tab, "training step 1, phase forward")
    lab.tab.keyboard.press("p")
    button(lab.tab, "Play").wait_for()
    assert lab.errors == []


@pytest.mark.parametrize(("scheme", "palette"), [("light", LIGHT), ("dark", DARK)])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (911, 512)])
def test_every_width_scrolls_in_one_direction_in_the_colours_of_the_theme(visit, scheme, palette, width, height):
    lab = visit(width=width, height=height, scheme=scheme)
    lab.open("/learning?task=marked&step=3&phase=update&units=3")
    gate = drawing(lab.tab).locator('g[data-gate="f"] rect').last
    gate.wait_for()
    assert not lab.scrolls_sideways()
    assert gate.evaluate("node => getComputedStyle(node).stroke") == "rgb({}, {}, {})".format(
        *bytes.fromhex(palette["f"][1:])
    )
    assert lab.errors == []
