"""Every page in Chromium, as a reader meets it: on a projector, on one at 150 %, on a phone, light and dark.

axe-core judges whether it can be read, heard and worked from the keyboard; `looks.js` looks for text that is cut off or lies
on other text. The script must run to its end before anything is judged.
"""

from pathlib import Path
from urllib.parse import quote_plus

import pytest

from tests.browser.judges import LOOKS, STANDS, at_rest, looks_wrong, violations
from ui import frame

NAMES = """() => [...document.querySelectorAll('[role="radiogroup"], [role="radio"], input, button')]
    .map((node) => node.ariaLabel ?? node.getAttribute("aria-label") ?? "")"""
MEMORY = (
    "Can it remember?", "Truncated backpropagation", "Inside the memory", "The story", "Samples, time steps, features",
    "Check the maths",
)  # fmt: skip
PAGES = (
    "/",
    *(f"/{Path(page.file).stem}" for page in (*frame.lessons(), *frame.others())),
    *(f"/memory?memory_section={quote_plus(section)}" for section in MEMORY),
)
PROJECTOR, PROJECTOR_AT_150, PHONE = (1366, 768), (911, 512), (390, 844)


def patient(visit, width, height, scheme="light"):
    """A tab whose waits last as long as a busy machine needs to draw a long page."""
    lab = visit(width, height, scheme)
    lab.tab.set_default_timeout(50_000)
    return lab


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_read_on_every_screen(visit, path, scheme):
    lab = patient(visit, *PROJECTOR, scheme=scheme)
    lab.open(path)
    for width, height in (PROJECTOR, PROJECTOR_AT_150, PHONE):
        lab.tab.set_viewport_size({"width": width, "height": height})
        at_rest(lab)
        looks = lab.tab.evaluate(LOOKS)
        assert looks["texts"] > 5  # there was something to look at; a closed door says least
        assert looks_wrong(lab, looks) == [], (width, height)
        if width != PROJECTOR_AT_150[0]:  # axe sees what is in the window, so the whole page must be
            lab.tab.set_viewport_size({"width": width, "height": looks["height"]})
            at_rest(lab)
            assert violations(lab) == [], (width, height)
    assert not [name for name in lab.tab.evaluate(NAMES) if "*" in name or ":" in name[:1]]
    assert lab.errors == []
    assert lab.warnings == []


def test_the_judges_see_what_is_wrong(visit):
    """Text that is cut, text on text, a grey that is too pale: each is found when it is put on a page."""
    lab = patient(visit, *PROJECTOR)
    lab.open("/")
    at_rest(lab)
    lab.tab.evaluate(
        """() => document.querySelector('[data-testid="stMain"]').insertAdjacentHTML("beforeend",
        `<p style="flex:none;width:40px;overflow:hidden;white-space:nowrap">a line that is cut off</p>
         <p style="flex:none;position:relative;height:20px"><span style="position:absolute;left:0">one above</span>
         <span style="position:absolute;left:0">two below</span></p>
         <p style="flex:none;color:#999;background:#fff">too pale to read</p>`)"""
    )
    lab.tab.set_viewport_size({"width": 1366, "height": lab.tab.evaluate(STANDS)[0] + 200})
    looks = lab.tab.evaluate(LOOKS)
    assert any("a line that is cut off" in one for one in looks["cut"])
    assert any("one above" in one and "two below" in one for one in looks["over"])
    assert any(one.startswith("color-contrast") and "too pale to read" in one for one in violations(lab))


def test_the_outline_leads_to_every_section_and_back_to_the_top(visit):
    lab = patient(visit, *PHONE)
    lab.open("/forecast")
    at_rest(lab)
    opener = lab.tab.get_by_role("button", name="On this page")
    opener.click()
    outline = lab.tab.get_by_role("navigation", name="On this page")
    heads = lab.tab.locator('[data-testid="stMain"] h2').all_inner_texts()
    assert len(heads) > 5 and outline.get_by_role("link").all_inner_texts() == heads
    outline.get_by_role("link", name="Running free").click()
    head = lab.tab.locator("h2", has_text="Running free")
    lab.tab.wait_for_function(
        "() => { const h = [...document.querySelectorAll('h2')].find((h) => h.textContent.includes('Running free')); "
        "const top = h.getBoundingClientRect().top; return top > 40 && top < 120 && h === document.activeElement }"
    )
    assert head.is_visible() and not outline.is_visible() and lab.tab.url.endswith("/forecast")
    lab.tab.get_by_role("button", name="Back to the top").click()
    lab.tab.wait_for_function("() => document.querySelector('[data-testid=\"stMain\"]').scrollTop === 0")


def test_a_link_of_home_puts_everything_else_back_and_says_what_is_set(visit):
    lab = patient(visit, *PROJECTOR)
    lab.open("/text?text_units=256&text_batch=16&text_time_steps=25")
    at_rest(lab)
    field = lab.tab.get_by_label("Units", exact=True)
    assert field.input_value() == "256"
    lab.tab.get_by_test_id("stSidebar").get_by_role("link", name="LSTM Lab").click()
    lab.tab.get_by_role("link", name="16 units").click()
    lab.tab.get_by_text("As the link says").wait_for()
    at_rest(lab)
    said = lab.tab.get_by_text("As the link says").inner_text()
    assert "Units 16" in said and "all else as at first" in said
    assert field.input_value() == "16"
    assert lab.tab.get_by_label("Time steps", exact=True).input_value() == "32"
    assert lab.tab.get_by_label("Batch size", exact=True).input_value() == "4"
    assert lab.tab.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollTop") == 0
    assert lab.errors == []


@pytest.mark.parametrize(
    ("page", "change", "word"),
    [
        ("Gate arithmetic", lambda tab: tab.get_by_text("A latch", exact=True).first.click(), "x="),
        ("Learning", lambda tab: tab.get_by_role("button", name="Forward").click(), "phase=forward"),
        ("Memory", lambda tab: tab.get_by_role("slider", name="Units").press("ArrowRight"), "reach_units=18"),
    ],
)
def test_back_and_forward_go_from_page_to_page_on_every_page(visit, page, change, word):
    """Whether a page's controls are Streamlit's or its own: a change is no place of its own in the browser's history."""
    lab = patient(visit, *PROJECTOR)
    lab.open("/")
    lab.tab.get_by_test_id("stSidebar").get_by_role("link", name=page).click()
    lab.tab.locator("h1", has_text=page).wait_for()
    at_rest(lab)
    change(lab.tab)
    lab.tab.wait_for_url(lambda url: word in url)
    at_rest(lab)
    address = lab.tab.url
    lab.tab.go_back()
    lab.tab.locator("h1", has_text="LSTM Lab").wait_for()
    at_rest(lab)
    lab.tab.go_forward()
    lab.tab.locator("h1", has_text=page).wait_for()
    at_rest(lab)
    assert lab.tab.url == address


def test_back_from_a_link_of_the_page_leads_to_what_stood_before(visit):
    lab = patient(visit, *PROJECTOR)
    lab.open("/gates?c0=1.5&t=2")
    at_rest(lab)
    before = lab.tab.url
    lab.tab.get_by_role("link", name="Remember one pulse").click()
    lab.tab.wait_for_url(lambda url: url != before and "try" not in url)
    at_rest(lab)
    lab.tab.go_back()
    lab.tab.locator('svg[aria-label*="step 2"]').wait_for()
    at_rest(lab)
    assert lab.tab.url == before
    assert lab.errors == []
