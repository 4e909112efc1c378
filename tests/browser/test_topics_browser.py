"""Topics in Chromium, on a fresh server without network: a sentence is typed, and every model's opinion is read."""

import re

from lstm.lessons.reading.classical import METHODS

OUTSIDE = re.compile(r"^(?!https?://127\.0\.0\.1[:/]|data:|blob:|about:).*")


def test_a_typed_sentence_and_every_models_opinion(visit):
    from playwright.sync_api import expect

    lab = visit(width=1366, height=768)
    asked = []  # whoever is asked outside this computer
    lab.tab.context.route(OUTSIDE, lambda route: (asked.append(route.request.url), route.abort()))
    lab.open("/topics")
    # The first screen of a projector: aim, sentence, the opinion after each word. It is there before anything is fitted.
    for part in (
        lab.tab.get_by_text("Sort sentences by topic"),
        lab.tab.get_by_role("textbox", name="Type a sentence"),
        lab.tab.get_by_text("The LSTM says Finance"),
        lab.tab.get_by_label("Bars: how the network shares out its probability"),
        lab.tab.get_by_label("Table: every method's probability"),
    ):
        expect(part.first).to_be_visible()
        box = part.first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 768
    lab.tab.get_by_text("The classical methods count words").wait_for(timeout=60_000)
    box = lab.tab.get_by_role("textbox", name="Type a sentence")
    box.fill("The goalkeeper saved a penalty and the coach smiled")
    box.press("Control+Enter")
    lab.tab.get_by_text("The LSTM says Sports").wait_for()
    table = lab.tab.get_by_label(re.compile(r"^Table: every method's probability for each class.*Sports", re.DOTALL)).first
    expect(table).to_be_visible()
    said = table.get_attribute("aria-label")
    for name in ("LSTM", *METHODS):
        assert re.search(rf"{re.escape(name)}: (Education|Finance|Politics|Sports) [>\d]", said), said
    expect(lab.tab.get_by_text("smiled").first).to_be_visible()  # word by word
    box.fill("")
    box.press("Control+Enter")
    lab.tab.get_by_text("The text must hold at least one word, got none.").wait_for()
    lab.tab.set_viewport_size({"width": 390, "height": 844})
    lab.settle()
    assert not lab.scrolls_sideways()
    lab.tab.context.unroute(OUTSIDE)
    assert asked == [] and lab.errors == []


AXIS = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')[0].querySelectorAll('.role-axis-label text')]
    .map((one) => [one.getBoundingClientRect().x, one.textContent]).sort((a, b) => a[0] - b[0]).map((one) => one[1])
    .filter((one) => !one.endsWith('%'))"""


def test_after_a_second_sentence_of_the_same_words_the_axis_has_the_order_of_the_second(visit):
    lab = visit()
    lab.open("/topics")
    lab.tab.get_by_label("Bars: how the network shares out its probability").first.wait_for(timeout=60_000)
    first = ["(before)", "The", "striker", "lost", "interest", "in", "the", "bonds", "and", "bought", "a", "bank"]
    lab.tab.wait_for_function(f"({AXIS})().join(' ') === {' '.join(first)!r}", timeout=60_000)
    box = lab.tab.get_by_role("textbox", name="Type a sentence")
    for sentence in ("a bank bought the striker in interest and lost bonds the", "the the the bank " * 8):
        box.fill(sentence)
        box.press("Control+Enter")
        words = ["(before)", *sentence.split()][:30]
        lab.tab.wait_for_function(f"(({AXIS})().slice(0, 29)).join(' ') === {' '.join(words[:29])!r}", timeout=60_000)
    assert not lab.scrolls_sideways()
