"""Sentiment in Chromium, on a fresh server without network: a review is typed, its score and its colours are read."""

import re

HERE = re.compile(r"^(https?|wss?)://127\.0\.0\.1[:/]|^(data|blob|about):")
TYPED = "A wonderful <b>film</b>.\n\nThe ending is dreadful & awful!"
GROUND = "word => getComputedStyle(word).backgroundColor"


def test_a_review_is_typed_and_its_score_and_colours_are_read(visit):
    from playwright.sync_api import expect

    lab = visit(width=1366, height=768, scheme="dark")
    asked = []  # whoever is asked outside this computer
    lab.tab.on("request", lambda request: None if HERE.match(request.url) else asked.append(request.url))
    lab.open("/sentiment")
    text = lab.tab.locator(".text").first
    expect(text.locator(".word.turn")).to_have_count(1)
    line = lab.tab.get_by_label(re.compile("^Line: how probable a positive review is")).first
    # The first screen of a projector: aim, box, score, coloured text, and the line.
    for part in (
        lab.tab.get_by_text("Tell a good review from a bad one"),
        lab.tab.get_by_role("textbox", name="Type a film review"),
        lab.tab.get_by_text(re.compile(r"· \d.*% positive$")).first,
        text,
        line,
    ):
        expect(part).to_be_visible()
        box = part.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 768

    box = lab.tab.get_by_role("textbox", name="Type a film review")
    box.fill(TYPED)
    box.press("Control+Enter")
    words = text.locator(".word")
    expect(words).to_have_count(10)
    lab.settle()
    plain = text.evaluate("text => [...text.childNodes].map(part => part.firstChild?.textContent ?? '').join('')")
    assert plain == TYPED and text.locator("b").count() == 0  # shown as typed, never as HTML
    good, bad = (words.filter(has_text=word).first for word in ("wonderful", "dreadful"))
    expect(good).to_have_class(re.compile("up"))
    expect(bad).to_have_class(re.compile("down"))
    grounds = [good.evaluate(GROUND), bad.evaluate(GROUND)]
    assert len({*grounds, "rgba(0, 0, 0, 0)"}) == 3
    bad.hover()
    expect(lab.tab.locator(".tell").first).to_have_text(
        re.compile(r"“dreadful”: positive [\d.]+ % → [\d.]+ % \(−\d+ points\)")
    )
    lab.tab.get_by_role("button", name="Opinion so far").first.click()
    expect(words.last).to_have_class(re.compile("down"))
    text.focus()
    lab.tab.keyboard.press("ArrowRight")
    expect(lab.tab.locator(".tell").first).to_contain_text("→")

    box.fill("這部電影很好看")
    box.press("Control+Enter")
    lab.tab.get_by_text("so its answer says nothing about the text").first.wait_for()
    box.fill("  ")
    box.press("Control+Enter")
    lab.tab.get_by_text("The text must hold at least one word, got none.").wait_for()
    lab.tab.set_viewport_size({"width": 390, "height": 844})
    lab.tab.get_by_text("A change of heart").click()
    expect(text.locator(".word.turn")).to_have_count(1)
    lab.settle()
    assert not lab.scrolls_sideways()
    assert asked == [] and lab.errors == []
