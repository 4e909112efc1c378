"""Gate arithmetic in Chromium: links, dragging, playing, phones, dark."""

import re

import pytest

from ui.theme import DARK, LIGHT


def cell(tab):
    return tab.locator('svg[aria-label^="LSTM cell"]')


def spoken(tab):
    return cell(tab).get_attribute("aria-label")


def wait_for_cell(tab, text):
    tab.locator(f'svg[aria-label*="{text}"]').wait_for()


def test_a_link_opens_as_sent_and_nothing_complains(visit):
    lab = visit()
    lab.open("/gates?w=0.5+-1.2+0.6+0.7&c0=1.5&x=10+20&clamp=o1&t=2")
    wait_for_cell(lab.tab, "step 2: input 20.00")
    assert "Gate o is held at 1" in spoken(lab.tab)
    assert lab.tab.get_by_label("W of gate f").first.input_value() == "-1.2"
    assert lab.tab.get_by_label("C₀", exact=True).first.input_value() == "1.5"
    assert lab.tab.get_by_label("input of step 2").input_value() == "20"
    assert lab.tab.get_by_label("hold gate o at 1").get_attribute("aria-pressed") == "true"
    assert lab.tab.url.endswith("/gates?w=0.5+-1.2+0.6+0.7&c0=1.5&x=10+20&clamp=o1&t=2")
    assert lab.errors == []


def test_the_picture_moves_while_a_slider_is_dragged_and_one_undo_takes_it_back(visit):
    lab = visit(width=1366, height=768)
    lab.open("/gates")
    wait_for_cell(lab.tab, "forget gate 0.599")
    # The first screen of a projector holds the aim, the whole desk and the picture.
    for part in (lab.tab.get_by_text("See what each gate"), lab.tab.get_by_label("input of step 1"), cell(lab.tab)):
        box = part.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 768

    slider = lab.tab.locator('input[data-name="Wf"]')
    box = slider.bounding_box()
    mouse = lab.tab.mouse
    mouse.move(box["x"] + box["width"] * 0.54, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2, steps=4)
    wait_for_cell(lab.tab, "forget gate 0.9")  # W is about 4.5: drawn although the button is still down
    assert "w=" not in lab.tab.url
    mouse.up()
    lab.tab.wait_for_url(re.compile(r"\?w=0\.5\+4"))
    lab.tab.get_by_role("button", name="Undo").click()
    wait_for_cell(lab.tab, "forget gate 0.599")
    assert lab.tab.locator('input[data-name="Wf"]').input_value() == "0.4"
    assert lab.errors == []


def test_play_goes_to_the_last_step_and_keys_step(visit):
    lab = visit()
    lab.open("/gates?x=1+2+3&t=1")
    lab.tab.get_by_role("button", name="Play").click()
    lab.tab.get_by_role("button", name="Pause").wait_for()
    wait_for_cell(lab.tab, "step 3")
    lab.tab.get_by_role("button", name="Play").wait_for()
    lab.tab.wait_for_url(re.compile("t=3"))
    lab.tab.keyboard.press("b")
    wait_for_cell(lab.tab, "step 2")
    assert lab.errors == []


def test_garbage_in_a_link_is_one_sentence(visit):
    lab = visit()
    lab.open("/gates?w=nan+999&x=" + "1+" * 10_000 + "1&h0=inf&clamp=zzz&t=%3Cscript%3E")
    wait_for_cell(lab.tab, "step 1")
    assert lab.tab.get_by_test_id("stAlert").count() == 1
    assert lab.tab.get_by_test_id("stException").count() == 0
    assert lab.tab.get_by_label(re.compile(r"^input of step \d+$")).count() == 12


@pytest.mark.parametrize(("scheme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_a_phone_scrolls_in_one_direction_and_both_themes_have_their_colours(visit, scheme, palette):
    lab = visit(width=390, height=844, scheme=scheme)
    for path, picture in (("/gates?x=10+-20+30&c0=-1.5&t=2", "LSTM cell"), ("/", "An LSTM cell")):
        lab.open(path)
        gate = lab.tab.locator(f'svg[aria-label^="{picture}"] g[data-gate="f"] rect').last
        gate.wait_for()
        assert not lab.scrolls_sideways()
        stroke = gate.evaluate("node => getComputedStyle(node).stroke")
        assert stroke == "rgb({}, {}, {})".format(*bytes.fromhex(palette["f"][1:]))
    assert lab.errors == []


def test_charts_follow_a_change_of_theme(visit):
    lab = visit(width=390, height=844)
    lab.open("/gates")
    lab.tab.locator(f'[aria-label^="Bars: the share of"] svg path[fill="{LIGHT["f"]}"]').first.wait_for()
    lab.tab.get_by_test_id("stMainMenu").click()
    lab.tab.get_by_test_id("stMainMenuItem-theme-Dark").click()
    lab.tab.locator(f'[aria-label^="Bars: the share of"] svg path[fill="{DARK["f"]}"]').first.wait_for()
    assert lab.errors == []


def lit(tab):
    """The names of everything that is lit, in the drawing and in the formulas, wherever on the page."""
    return set(
        tab.evaluate(
            "[...document.querySelectorAll('*')].filter(node => node.shadowRoot)"
            ".flatMap(node => [...node.shadowRoot.querySelectorAll('.lit')].map(one => one.tagName + ' ' + one.dataset.part))"
        )
    )


def test_a_term_lights_its_wire_and_a_wire_its_terms(visit):
    lab = visit()
    lab.open("/gates?x=1+2+3&t=2")
    wait_for_cell(lab.tab, "step 2")
    term = lab.tab.locator('.formula [data-part="W_f"]').first
    term.hover()
    assert {"path z_f W_f U_f b_f", "SPAN W_f"} <= lit(lab.tab) and "path f" not in lit(lab.tab)
    lab.tab.locator('.formula [data-part="kept"]').focus()  # by keyboard
    assert {"path kept", "text kept", "SPAN kept"} == lit(lab.tab)
    lab.tab.locator('svg g[data-gate="o"]').hover()
    assert {"g o", "path o", "SPAN o"} == lit(lab.tab)
    lab.tab.get_by_test_id("stHeading").first.hover()
    assert lit(lab.tab) == set()
    assert lab.errors == []
