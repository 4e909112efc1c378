"""A class in Chromium: a teacher at a projector and three students on telephones, each a browser of their own.

With ROOM_SHOTS=folder in the environment every step is kept as a picture.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.browser.judges import at_rest, looks_wrong, violations
from tests.browser.menus import choose

LAPTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
SCREENS = ((1366, 6000), (911, 6000), (390, 9000))
"""As high as the page, for axe sees what is in the window."""
OPTIONS = ("It grows", "It shrinks towards 0", "It stays as it is")
QUESTION = "what becomes of the size of C at the last step if the forget gate is held at 0?"
TRAIN = "text_batch=4&text_time_steps=32&text_seconds=10"
PATIENCE = 60_000


class Person:
    """One browser, and the tab that is looked at."""

    def __init__(self, browser, server: str, size: dict[str, int]) -> None:
        self.server, self.size = server, size
        self.context = browser.new_context(viewport=size, accept_downloads=True)
        self.errors: list[str] = []
        self.tab = self.new_tab()

    def new_tab(self):
        tab = self.context.new_page()
        tab.set_default_timeout(PATIENCE)
        tab.on("pageerror", lambda error: self.errors.append(str(error)))
        return tab

    def open(self, path: str, heading: str, tab=None) -> None:
        tab = tab or self.tab
        tab.goto(self.server + path)
        tab.locator("h1", has_text=heading).wait_for()
        self.settle(tab)

    def settle(self, tab=None) -> None:
        (tab or self.tab).wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')

    def see(self, text: str | re.Pattern[str], tab=None) -> None:
        (tab or self.tab).get_by_text(text).first.wait_for()

    def answer(self, option: str) -> None:
        group = self.tab.get_by_role("radiogroup", name=re.compile(re.escape(QUESTION)))
        group.get_by_text(option, exact=True).click()
        self.see("Waiting for the class")

    def look(self, name: str, tab=None) -> None:
        if folder := os.environ.get("ROOM_SHOTS"):
            (tab or self.tab).wait_for_timeout(600)
            Path(folder).mkdir(parents=True, exist_ok=True)
            (tab or self.tab).screenshot(path=f"{folder}/{name}.png")

    def show(self, text: str, name: str) -> None:
        self.tab.get_by_text(text).first.scroll_into_view_if_needed()
        self.look(name)


@pytest.fixture
def people(browser, server):
    found = [Person(browser, server, size) for size in (LAPTOP, PHONE, PHONE, PHONE)]
    yield found
    for one in found:
        one.context.close()


def train_and_put(student: Person, units: int) -> None:
    student.open(f"/text?{TRAIN}&text_units={units}", "Text generation")
    student.tab.get_by_role("button", name="Train", exact=True).click()
    student.tab.get_by_role("button", name="Put on the board").wait_for(timeout=3 * PATIENCE)
    student.settle()
    student.tab.get_by_role("button", name="Put on the board").scroll_into_view_if_needed()
    student.look(f"09_put_{units}")
    student.tab.get_by_role("button", name="Put on the board").click()
    student.see("The newest run is on the board of the class.")


@pytest.mark.timeout(600)
def test_a_class_answers_together(people, tmp_path):
    teacher, ann, bob, eve = people
    students = (ann, bob, eve)

    # make, and join by link
    teacher.open("/", "LSTM Lab")
    teacher.tab.get_by_role("button", name="Make a room").click()
    teacher.tab.locator("h1", has_text="Teach").wait_for()
    teacher.settle()
    link = teacher.tab.get_by_test_id("stCode").first.inner_text().strip()
    name = re.fullmatch(r".*\?room=([a-z]+-[a-z]+)", link)[1]
    assert teacher.tab.get_by_test_id("stSidebar").get_by_text(f"You teach the room {name}").is_visible()
    assert "teacher=" not in teacher.tab.url, "the secret is not projected"
    assert teacher.tab.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollTop") == 0
    teacher.look("01_made")
    for student in students:
        student.open(f"/gates?room={name}", "Gate arithmetic")
        assert "room=" not in student.tab.url
    teacher.see("3 in the room")

    # vote: nobody is told anything before the teacher says so
    before = ann.tab.url
    ann.answer(OPTIONS[0])
    bob.answer(OPTIONS[1])
    eve.answer(OPTIONS[1])
    teacher.see("3 of 3 have answered")
    teacher.look("02_counted")
    assert teacher.tab.locator("table.votes").count() == 0, "how many, not what"
    ann.show("Waiting for the class", "03_waiting")
    assert ann.tab.get_by_text(re.compile("Right\\.|Not quite\\.")).count() == 0
    other = ann.new_tab()  # a second tab, and a reload: still one vote
    ann.open("/gates", "Gate arithmetic", other)
    ann.see("Waiting for the class: 3 answers", other)
    other.close()
    eve.tab.reload()
    eve.see("Waiting for the class: 3 answers")
    bob.context.set_offline(True)
    bob.tab.wait_for_timeout(3000)
    bob.context.set_offline(False)
    bob.see("Waiting for the class")
    teacher.see("3 of 3 have answered")

    # reveal
    teacher.tab.get_by_role("button", name="Reveal").click()
    ann.see("Not quite.")
    bob.see("Right.")
    eve.see("Right.")
    assert [one.tab.locator("table.votes tr.right").first.inner_text().split() for one in students] == [
        ["✓", "It", "shrinks", "towards", "0", "2"]
    ] * 3
    ann.show("Not quite.", "04_revealed")
    teacher.see("nothing of the C before it")
    teacher.look("05_revealed_teacher")

    # vote again
    teacher.tab.get_by_role("button", name="Ask again").click()
    for student in students:
        student.see("A second vote")
        student.answer(OPTIONS[1])
    teacher.see("Second vote: 3 of 3 have answered")
    teacher.tab.get_by_role("button", name="Reveal").click()
    for student in students:
        student.see("First vote: 3 answers")
        student.see("Second vote: 3 answers")
        assert student.tab.locator("table.votes tr.right td").all_inner_texts()[-2:] == ["2", "3"]
    ann.show("Second vote: 3 answers", "06_both_rounds")
    teacher.look("07_both_rounds_teacher")
    for width, height in SCREENS:  # the walk over every page sees this one closed
        teacher.tab.set_viewport_size({"width": width, "height": height})
        at_rest(teacher)
        assert looks_wrong(teacher) == [], (width, height)
        assert violations(teacher) == [], (width, height)
    teacher.tab.set_viewport_size(LAPTOP)

    # bring here, and back
    teacher.open("/memory?reach_units=24", "Memory")
    teacher.tab.get_by_role("button", name="Bring everybody here").click()
    ann.see("The teacher is on Memory")
    ann.look("08_called")
    ann.tab.get_by_role("link", name="go there").click()
    ann.tab.locator("h1", has_text="Memory").wait_for()
    ann.tab.wait_for_url(lambda url: "reach_units=24" in url and "called" not in url and "try" not in url)
    ann.tab.get_by_role("link", name="back to it").click()
    ann.tab.locator("h1", has_text="Gate arithmetic").wait_for()
    ann.tab.wait_for_url(lambda url: url == before)
    ann.see("Second vote: 3 answers")

    # the board: two runs over each other, one of them held up
    train_and_put(bob, 16)
    train_and_put(eve, 128)
    teacher.open("/teach", "Teach")
    chosen = teacher.tab.get_by_role("combobox", name="Curves of")
    for _ in range(2):
        choose(teacher.tab, chosen)
        teacher.settle()
    teacher.tab.keyboard.press("Escape")
    curves = teacher.tab.locator('[data-testid="stVegaLiteChart"]')
    curves.first.wait_for()
    assert curves.count() == 1
    for units in ("Units 16", "Units 128"):
        curves.get_by_text(re.compile(units)).first.wait_for()
    held_up = teacher.tab.get_by_role("combobox", name=re.compile("Hold up for reading aloud"))
    choose(teacher.tab, held_up, re.compile("Units 16"))
    teacher.see("Read aloud:")
    curves.scroll_into_view_if_needed()
    teacher.look("10_board")
    teacher.show("Read aloud:", "11_pinned")

    # projector
    teacher.tab.get_by_role("link", name="Projector mode").click()
    teacher.tab.wait_for_url(lambda url: "projector=1" in url)
    teacher.tab.get_by_role("button", name="Leave projector mode").wait_for()
    teacher.settle()
    assert not teacher.tab.get_by_test_id("stSidebar").is_visible()
    teacher.look("12_projector")
    teacher.show("Read aloud:", "13_projector_board")
    teacher.open("/gates?projector=1", "Gate arithmetic")
    assert not teacher.tab.get_by_test_id("stSidebar").is_visible() and "projector=1" in teacher.tab.url
    teacher.look("14_projector_gates")
    teacher.open("/text?projector=1", "Text generation")
    teacher.look("15_projector_text")
    teacher.tab.get_by_role("button", name="Leave projector mode").click()
    teacher.tab.wait_for_url(lambda url: "projector" not in url)
    teacher.open("/teach", "Teach")

    # download
    with teacher.tab.expect_download() as found:
        teacher.tab.get_by_role("button", name="The whole room (.html)").click()
    found.value.save_as(tmp_path / "room.html")
    page = (tmp_path / "room.html").read_text(encoding="utf-8")
    assert "First vote: 3 answers" in page and "Second vote: 3 answers" in page and "Units 16" in page

    # end
    teacher.tab.get_by_role("button", name="End the room").click()
    teacher.tab.get_by_role("button", name="End it now").click()
    for student in students:
        student.see(f"The room {name} has ended.")
    ann.look("16_ended")
    ann.see("Right.")  # what was answered is answered
    assert [one.errors for one in people] == [[]] * 4
