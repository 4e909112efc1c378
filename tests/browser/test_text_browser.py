"""Text generation in a real browser: training live, other pages meanwhile, a reload, writing afterwards, a phone."""

import re

PROGRESS = "[data-testid=stMain] [data-testid=stProgress]"


def train(lab):
    """Press Train and wait for the first point of the loss."""
    lab.tab.get_by_role("button", name="Train", exact=True).click()
    lab.tab.locator("[data-testid=stMain] p", has_text=re.compile("Training loss")).first.wait_for()
    lab.tab.locator("[data-testid=stVegaLiteChart]").first.wait_for()


def reset(lab):
    """Leave nothing behind for the next test, whose tab belongs to the same session."""
    lab.tab.get_by_role("button", name="Reset").click()
    lab.tab.get_by_role("button", name="Train", exact=True).wait_for()
    lab.settle()


def step(lab) -> int:
    said = lab.tab.locator(PROGRESS).first.inner_text()
    return int(re.search(r"step ([\d,]+)", said, re.IGNORECASE)[1].replace(",", ""))


def wait_until_beyond(lab, last: int) -> int:
    lab.tab.wait_for_function(
        """([selector, last]) => {
             const said = document.querySelector(selector)?.innerText.match(/step ([\\d,]+)/i);
             return said && Number(said[1].replaceAll(",", "")) > last;
           }""",
        arg=[PROGRESS, last],
    )
    return step(lab)


def test_training_is_watched_left_found_again_stopped_and_written_with(visit):
    lab = visit()
    lab.open("/text")
    desk = lab.tab.locator(".written .text", has_text=re.compile(r"\w{3,}")).first
    desk.wait_for()  # the model that ships has written
    desk.focus()
    desk.press("ArrowRight")
    lab.tab.locator(".written .tell", has_text=re.compile(r"was drawn with .* %, from: ")).wait_for()

    train(lab)
    seen = wait_until_beyond(lab, 0)
    for _ in range(3):
        seen = wait_until_beyond(lab, seen)
    lab.tab.get_by_text("guessing by frequency").first.wait_for()  # the baseline, in the chart

    lab.tab.get_by_role("link", name="Gate arithmetic").click()
    lab.tab.get_by_role("heading", name="Gate arithmetic").wait_for()
    lab.tab.get_by_test_id("stSidebar").get_by_role("link", name=re.compile("^.*Text generation")).first.click()
    lab.tab.get_by_role("heading", name="Text generation").wait_for()
    seen = wait_until_beyond(lab, seen)

    lab.tab.reload()
    lab.tab.get_by_text("This page was reloaded; your training went on meanwhile.").wait_for()
    seen = wait_until_beyond(lab, seen)

    lab.tab.get_by_role("button", name="Pause").click()
    lab.tab.get_by_text(re.compile("^Paused at step")).wait_for()
    lab.tab.get_by_role("button", name="Resume").click()
    seen = wait_until_beyond(lab, seen)

    lab.tab.get_by_role("button", name="Stop").click()
    lab.tab.get_by_text(re.compile("^Stopped at step")).wait_for()
    assert step(lab) >= seen
    lab.tab.get_by_text("The one you trained").first.wait_for()
    lab.settle()
    prompt = lab.tab.get_by_test_id("stTextInputField").first
    prompt.fill("The ")
    prompt.press("Enter")
    # What a network writes that trained for seconds may be spaces: that it goes on from the prompt is what counts.
    lab.tab.locator(".written .text", has_text=re.compile(r"^The[\s\S]{50}")).first.wait_for()
    lab.settle()
    reset(lab)
    assert lab.errors == []


def test_on_a_phone_nothing_scrolls_sideways_not_even_while_training(visit):
    lab = visit(width=390, height=844, scheme="dark")
    lab.open("/text?text_seconds=10")
    assert not lab.scrolls_sideways()
    train(lab)
    wait_until_beyond(lab, 1)
    assert not lab.scrolls_sideways()
    reset(lab)
    assert lab.errors == []


def test_a_link_below_sets_the_controls_above(visit):
    lab = visit()
    lab.open("/text?text_units=33&text_seed=5")
    lab.tab.get_by_role("link", name="A memory of eight").click()
    lab.tab.get_by_text("Changed:").wait_for()
    lab.tab.get_by_text("More settings").click()
    assert lab.tab.get_by_label("Units", exact=True).input_value() == "8"
    assert lab.tab.get_by_label("Seed", exact=True).first.input_value() == "0"
    assert lab.errors == []
