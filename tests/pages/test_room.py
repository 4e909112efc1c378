"""A room on the pages: joining and leaving, questions that wait for the class, the teacher's page, the board, what is left."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lstm.lessons.runs import Curve, Run
from rooms import building
from rooms.building import Building
from rooms.room import IDLE, STUDENTS, Asked, Room, digest
from tests.pages.desk import Desk, open_page, press
from ui import frame
from ui.browser import cookies
from ui.lesson import csv_text
from ui.room import after, board, door, here

HOSTILE = "<script>alert(1)</script> **b** [a](https://example.com) $x$ :material/home: =1+1 " + "long " * 400
ASKED = Asked(f"Which? {HOSTILE}", ("a", f"<img src=x onerror=alert(1)> {HOSTILE}"), 1, HOSTILE, digest("x"), "Gate arithmetic")


@pytest.fixture
def clock() -> SimpleNamespace:
    return SimpleNamespace(now=1000.0)


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch, clock: SimpleNamespace) -> Building:
    found = Building(lambda: clock.now)
    monkeypatch.setattr(building, "HERE", found)
    return found


@pytest.fixture
def made(rooms: Building, desk: Desk) -> tuple[Room, str]:
    return rooms.make()


def join(room: Room, file: str = "pages/gates.py", **more: str) -> AppTest:
    return open_page(file, room=room.name, **more)


def lead(made: tuple[Room, str], file: str = "pages/teach.py", **more: str) -> AppTest:
    return open_page(file, room=made[0].name, teacher=made[1], **more)


def again(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def held(page: AppTest):
    return next(one for one in page.radio if "forget gate is held at 0" in one.label)


def answer(page: AppTest, number: int) -> None:
    radio = held(page)
    radio.set_value(radio.options[number]).run()
    assert not page.exception


def captions(page: AppTest) -> str:
    return "\n".join(one.value for one in page.caption)


def said(page: AppTest) -> str:
    return "\n".join(one.value for kind in (page.success, page.warning, page.markdown, page.info) for one in kind)


def bars(page: AppTest) -> list[str]:
    return [one.proto.body for one in page.get("html") if '<table class="votes">' in one.proto.body]


def beside(page: AppTest) -> str:
    return "\n".join(one.value for one in page.sidebar.markdown)


def record(key: str, units: int = 16, loss: float = 1.0, seed: int = 0, sample: str = HOSTILE) -> Run:
    curves = {name: Curve(name, "nats", *(np.arange(5, dtype=np.float32) + loss for _ in range(3))) for name in ("loss", "val_loss")}
    words = {"Units": str(units), "Seed": str(seed)}
    changed = {"Units": str(units), "<b>label</b>": HOSTILE}
    metrics = {"validation loss": loss, "seconds": 9 - loss}
    return Run(key, "text", words, changed, "", "finished", metrics, {"": 5}, curves, sample)


# --- in and out -----------------------------------------------------------------------------------------------------


def test_home_makes_a_room_and_its_teacher(rooms: Building, desk: Desk) -> None:
    page = open_page("dashboard.py")
    page.button(key="room_make").click().run()
    assert not page.exception and [one.value for one in page.title] == ["Teach"]
    (name,) = rooms._rooms
    assert f"You teach the room **{name}**, 0 here" in beside(page)
    assert [one.value for one in page.metric] == [name]
    link, back = (urlsplit(one.value) for one in page.code)
    assert parse_qs(link.query) == {"room": [name]} and back.path.endswith("/teach")
    assert rooms.find(name).is_teacher(parse_qs(back.query)["teacher"][0])
    assert [one.proto.label for one in page.sidebar.get("page_link") if one.proto.label == "Teach"] == ["Teach"]


def test_home_says_when_there_are_too_many_rooms(rooms: Building, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "ROOMS", 1)
    rooms.make()
    page = open_page("dashboard.py")
    page.button(key="room_make").click().run()
    assert [one.value for one in page.error] == [
        "There are 1 rooms on this server, and no place for one more; a room ends when its teacher ends it\\."
    ]


@pytest.mark.parametrize("file", ["dashboard.py", *(one.file for one in (*frame.lessons(), frame.FOR_TEACHERS))])
def test_a_link_to_any_page_joins_and_leaves_the_address(made: tuple[Room, str], file: str) -> None:
    room, _ = made
    page = join(room, file)
    assert f"In the room **{room.name}**, 1 here; you are *{room.colour(page.session_state['_session_id'])}*" in beside(page)
    assert "room" not in page.query_params
    assert not [one for one in page.sidebar.get("page_link") if one.proto.label == "Teach"]
    page.button(key="room_leave").click().run()
    assert "In the room" not in beside(page) and room.here == 0


def test_two_words_typed_on_home_join(made: tuple[Room, str]) -> None:
    page = open_page("dashboard.py")
    page.text_input(key="room_words").set_value(made[0].name.replace("-", " ").upper())
    press(page, "Join")
    assert f"In the room **{made[0].name}**" in beside(page)
    page.text_input(key="room_words").set_value("no such")
    press(page, "Join")
    assert "There is no room **no\\-such** on this server" in said(page) and "In the room" not in beside(page)


@pytest.mark.parametrize("name", ["nowhere-fox", "", "<b>x</b>", "x" * 5000, "[a](https://example.com)", "\x00", "\ud7ff"])
def test_a_room_that_is_not_there_is_one_sentence(rooms: Building, desk: Desk, name: str) -> None:
    page = open_page("pages/gates.py", room=name)
    assert [one.value for one in page.title] == ["Gate arithmetic"]
    (sentence,) = [one.value for one in page.warning]
    assert sentence.startswith("There is no room **") and len(sentence) < 250 and "<b>" not in sentence


@pytest.mark.parametrize("guess", ["x", "", "0" * 5000, "<b>"])
def test_a_guess_is_no_secret(made: tuple[Room, str], guess: str) -> None:
    page = open_page("pages/teach.py", room=made[0].name, teacher=guess)
    assert "This page belongs to a room" in said(page) and not page.metric
    assert not [one for one in page.button if one.label in ("Reveal", "End it now")]
    assert "teacher" not in page.query_params
    assert ("not the teacher's link" in said(page)) == bool(guess)


def test_the_teachers_page_is_closed_to_everybody_else(made: tuple[Room, str]) -> None:
    for page in (open_page("pages/teach.py"), join(made[0], "pages/teach.py")):
        assert "This page belongs to a room" in said(page) and not page.metric and not page.code


def test_the_room_is_full(made: tuple[Room, str]) -> None:
    for k in range(STUDENTS):
        made[0].arrive(f"student {k}")
    page = join(made[0])
    assert f"The room {made[0].name} is full: 200 are in it.".replace("-", "\\-") in said(page).replace("\\.", ".").replace("\\:", ":")
    assert "In the room" not in beside(page)


def test_a_room_that_ends_says_so_and_answers_stay(made: tuple[Room, str], rooms: Building) -> None:
    page = join(made[0])
    answer(page, 1)
    assert "Waiting for the class: 1 answer so far" in captions(page) and not page.success
    rooms.end(made[0].name)
    again(page)
    assert "has ended" in said(page) and page.success[0].value.startswith("**Right.**")


def test_a_room_ends_after_four_hours_without_anyone(made: tuple[Room, str], clock: SimpleNamespace) -> None:
    page = join(made[0])
    clock.now += IDLE - 1
    assert "In the room" in beside(again(page))
    clock.now += IDLE
    assert "has ended" in said(again(page))


def test_the_cookie_leads_back_and_a_restart_is_told(made: tuple[Room, str], rooms: Building, monkeypatch: pytest.MonkeyPatch) -> None:
    room, secret = made
    told = {}
    monkeypatch.setattr(cookies, "told", lambda name: told.get(name, ""))
    told[here.COOKIE] = f"{cookies.SERVER}.{room.name}."
    assert f"In the room **{room.name}**" in beside(open_page("pages/gates.py"))
    told[here.COOKIE] = f"{cookies.SERVER}.{room.name}.{secret}"
    assert [one.value for one in open_page("pages/teach.py").metric] == [room.name]
    told[here.COOKIE] = f"{cookies.SERVER}.{room.name}.guess"
    assert "This page belongs to a room" in said(open_page("pages/teach.py"))
    told[here.COOKIE] = f"{'0' * 12}.gone-fox."
    assert "The room **gone-fox** is gone: the server was started again" in said(open_page("pages/gates.py"))
    told[here.COOKIE] = f"{cookies.SERVER}.gone-fox."
    assert "The room **gone-fox** has ended." in said(open_page("pages/gates.py"))
    for odd in ("<b>", f"{cookies.SERVER}.<b>-x.", "..", "x" * 5000):
        told[here.COOKIE] = odd
        page = open_page("pages/gates.py")
        assert not page.warning and "In the room" not in beside(page)


def test_the_cookie_holds_the_room_and_the_teachers_secret_alone(made: tuple[Room, str], monkeypatch: pytest.MonkeyPatch) -> None:
    noted = {}
    monkeypatch.setattr(cookies, "note", noted.__setitem__)
    join(made[0])
    assert noted[here.COOKIE] == f"{cookies.SERVER}.{made[0].name}."
    page = lead(made)
    assert noted[here.COOKIE] == f"{cookies.SERVER}.{made[0].name}.{made[1]}"
    building.HERE.end(made[0].name)
    again(page)
    assert noted[here.COOKIE] == ""


# --- questions ------------------------------------------------------------------------------------------------------


def test_without_a_room_nothing_waits_and_nothing_is_polled(desk: Desk, rooms: Building, monkeypatch: pytest.MonkeyPatch) -> None:
    every = []
    import streamlit as st

    real = st.fragment
    monkeypatch.setattr(st, "fragment", lambda *a, **k: every.append(k.get("run_every")) or real(*a, **k))
    page = open_page("pages/gates.py")
    answer(page, 1)
    assert page.success[0].value.startswith("**Right.**") and not bars(page)
    assert not [one for one in every if one is not None]
    room, _ = rooms.make()
    page = join(room)
    answer(page, 1)
    polls = [one for one in every if one is not None]
    assert polls and min(polls) >= 1.0, "never faster than once a second"


def test_a_question_waits_for_the_class_until_the_teacher_reveals_it(made: tuple[Room, str]) -> None:
    room, _ = made
    ann, bob, teacher = join(room), join(room), lead(made)
    answer(ann, 0)
    answer(bob, 1)
    assert "Waiting for the class: 2 answers so far" in captions(bob)
    assert not ann.warning and not bob.success and not bars(ann)
    assert "**2** of 2 have answered" in said(again(teacher)) and not bars(teacher), "how many, not what"
    teacher.toggle(key="unfold_teach_gates_hold").set_value(True).run()
    (unfolded,) = bars(teacher)
    assert "✓" not in unfolded and re.findall(r"</i>(\d)", unfolded) == ["1", "1", "0"]
    press(teacher, "Reveal")
    again(ann), again(bob)
    assert ann.warning[0].value.startswith("**Not quite.**") and bob.success[0].value.startswith("**Right.**")
    for page in (ann, bob, again(teacher)):
        (shown,) = bars(page)
        assert re.search(r'class="right"><th scope="row">✓ It shrinks', shown) and re.findall(r"</i>(\d)", shown) == ["1", "1", "0"]
    assert held(ann).disabled
    late = join(room)
    answer(late, 1)
    assert late.success and room.question("gates_hold").answers == 2, "who comes late is told, and not counted"


def test_a_second_vote_stands_beside_the_first(made: tuple[Room, str]) -> None:
    room, _ = made
    ann, bob, teacher = join(room), join(room), lead(made)
    answer(ann, 0)
    answer(bob, 1)
    press(again(teacher), "Ask again")
    for page in (ann, bob):
        again(page)
        assert held(page).value is None and "A second vote" in captions(page) and not bars(page)
        answer(page, 1)
    assert "Second vote: **2** of 2 have answered" in said(again(teacher))
    press(teacher, "Reveal")
    for page in (again(ann), again(bob), again(teacher)):
        (shown,) = bars(page)
        assert "First vote: 2 answers" in shown and "Second vote: 2 answers" in shown
        assert re.findall(r"</i>(\d)", shown) == ["1", "0", "1", "2", "0", "0"]
    assert next(one for one in teacher.button if one.label == "Ask again").disabled


def test_a_reload_and_a_second_tab_are_the_same_student(made: tuple[Room, str], monkeypatch: pytest.MonkeyPatch) -> None:
    room, _ = made
    monkeypatch.setattr(cookies, "told", lambda name: "a" * 32 if name == frame.COOKIE else "")
    one = join(room)
    answer(one, 0)
    two = join(room)
    assert room.here == 1 and held(two).value == held(two).options[0] and "Waiting for the class: 1 answer so far" in captions(two)
    answer(two, 1)
    assert room.question("gates_hold").counted[0].rounds == ((0, 1, 0),)
    assert held(again(one)).value == held(one).options[1], "the other tab follows"


def test_answers_under_other_settings_are_counted_apart_and_said_so(made: tuple[Room, str]) -> None:
    room, _ = made
    ann, bob, teacher = join(room), join(room, c0="1.5"), lead(made)
    answer(ann, 1)
    answer(bob, 0)
    assert len(room.question("gates_hold").counted) == 2
    press(again(teacher), "Reveal")
    for page in (again(ann), again(bob)):
        assert "Under other settings, and so counted apart: 1 answer." in captions(page)
        own, other = bars(page)
        assert "1 answer" in own and "1 answer" in other


def test_rooms_on_one_server_do_not_hear_of_each_other(rooms: Building, desk: Desk) -> None:
    (one, _), two = rooms.make(), rooms.make()
    answer(join(one), 1)
    assert "Nobody has answered anything yet" in said(lead(two))
    other = join(two[0])
    assert held(other).value is None and f"**{two[0].name}**, 1 here" in beside(other)


def test_a_teacher_on_a_lesson_sees_who_answered_and_reveals_there(made: tuple[Room, str]) -> None:
    room, _ = made
    teacher, ann = lead(made, "pages/gates.py"), join(room)
    assert held(teacher).disabled and "Nobody has answered yet." in captions(teacher)
    answer(ann, 1)
    again(teacher)
    assert "**1** of 1 have answered" in said(teacher)
    teacher.button(key="reveal_page_gates_hold").click().run()
    assert again(ann).success and room.here == 1, "a teacher is no student"


# --- leading --------------------------------------------------------------------------------------------------------


def called(page: AppTest):
    return [one.proto for one in page.main.get("page_link") if "called=" in one.proto.query_string]


def test_bringing_everybody_is_a_line_and_one_press_back(made: tuple[Room, str]) -> None:
    room, _ = made
    ann = join(room, "pages/digits.py", digits_units="96")
    assert not called(ann)
    teacher = lead(made, "pages/text.py", text_units="256")
    teacher.button(key="room_bring").click().run()
    again(ann)
    assert "The teacher is on **Text generation**, with these settings:" in said(ann)
    (line,) = called(ann)
    query = {name: word for name, (word,) in parse_qs(line.query_string).items()}
    assert line.page == "text" and query == {"text_units": "256", "called": "1", "try": "1"}
    ann.query_params.clear()
    ann.switch_page("pages/text.py")
    ann.query_params.update(query)
    again(ann)
    assert ann.number_input(key="text_units").value == 256 and "called" not in ann.query_params
    (back,) = called(ann)
    query = {name: word for name, (word,) in parse_qs(back.query_string).items()}
    assert back.page == "digits" and query == {"digits_units": "96", "called": "back", "try": "1"}
    ann.query_params.clear()
    ann.switch_page("pages/digits.py")
    ann.query_params.update(query)
    again(ann)
    assert ann.number_input(key="digits_units").value == 96 and not called(ann)


def test_who_is_called_finds_all_other_settings_as_at_first(made: tuple[Room, str]) -> None:
    room, _ = made
    ann = join(room, "pages/text.py", text_units="96", text_batch="16")
    room.bring("pages/text.py", "Text generation", {"text_units": "256"})
    ann.query_params.clear()
    ann.switch_page("pages/gates.py")
    again(ann)
    ann.query_params.clear()
    ann.switch_page("pages/text.py")
    ann.query_params.update({"text_units": "256", "called": "1", "try": "1"})
    again(ann)
    assert ann.number_input(key="text_units").value == 256 and ann.number_input(key="text_batch").value != 16


def test_a_call_to_a_page_of_several_controls_speaks_of_those_that_it_sets(made: tuple[Room, str]) -> None:
    ann = join(made[0])
    made[0].bring("pages/memory.py", "Memory", {"reach_units": "24"})
    ann.query_params.clear()
    ann.switch_page("pages/memory.py")
    ann.query_params.update({"reach_units": "24", "called": "1", "try": "1"})
    again(ann)
    assert len(ann.toast) <= 1 and captions(ann).count("As the link says") == 1 and "**Units 24**" in captions(ann)


def test_the_plan_brings_everybody_to_its_links(made: tuple[Room, str]) -> None:
    teacher = lead(made)
    first = next(one for one in teacher.button if one.label == "Bring everybody")
    first.click().run()
    assert made[0].place.file == "pages/gates.py" and made[0].place.title == "Gate arithmetic" and made[0].place.params


def test_projector_mode_goes_along_and_ends_with_a_press(made: tuple[Room, str]) -> None:
    page = lead(made, projector="1")
    assert [one.value for one in page.header] == ["Question", "The board"]
    assert not [one for one in page.code if "teacher=" in one.value], "no secret is projected"
    page.switch_page("pages/gates.py")
    page.query_params.clear()
    again(page)
    assert page.query_params["projector"] in ("1", ["1"])
    assert any("zoom" in one.proto.body for one in page.get("html"))
    page.button(key="projector_off").click().run()
    assert "projector" not in page.query_params and not any("zoom" in one.proto.body for one in page.get("html"))
    assert "projector" not in open_page("pages/gates.py", projector="<b>").query_params


# --- the board and what is left -------------------------------------------------------------------------------------


def test_a_run_goes_on_the_board_by_a_press_or_at_once(made: tuple[Room, str], desk: Desk) -> None:
    room, _ = made
    ann = join(room, "pages/text.py", text_units="8")
    assert "Put on the board" not in [one.label for one in ann.button]
    press(ann, "Train")
    again(ann)
    assert room.board() == []
    press(ann, "Put on the board")
    (row,) = room.board()
    assert (row.lesson, row.run.changed["Units"]) == ("text", "8") and row.run.curves and row.run.final
    assert row.student == room.colour(ann.session_state["_session_id"])
    assert "The newest run is on the board" in captions(ann)
    room.take_at_once(True)
    bob = join(room, "pages/digits.py")
    press(bob, "Train")
    again(bob)
    assert any(one.lesson == "digits" for one in room.board())
    alone = open_page("pages/text.py")
    assert "Put on the board" not in [one.label for one in alone.button]


def test_the_board_is_sorted_filtered_pinned_and_laid_over_each_other(made: tuple[Room, str]) -> None:
    room, _ = made
    for k, (units, loss) in enumerate([(16, 2.0), (128, 1.0), (16, 3.0), (128, 1.5)]):
        board.put(room, f"s{k}", record(f"r{k}", units, loss, seed=k))
    board.put(room, "s9", Run("other", "digits", {}, {}, "", "finished", {"validation accuracy": 0.9, "seconds": 1.0}, {}, {}))
    page = lead(made)
    assert list(page.dataframe[0].value["number"]) == [5, 4, 3, 2, 1]
    page.selectbox(key="board_lesson").set_value("text").run()
    page.selectbox(key="board_order").set_value("best figure first").run()
    assert list(page.dataframe[0].value["number"]) == [2, 4, 1, 3]
    page.selectbox(key="board_order").set_value("fastest first").run()
    assert list(page.dataframe[0].value["number"]) == [3, 1, 4, 2]
    page.multiselect(key="board_chosen").set_value([f"r{k}" for k in range(4)]).run()
    assert not page.exception and len(page.get("vega_lite_chart")) == 1
    lines, unit, left = board.curves_of(room.board()[:4], banded=False)
    assert len(lines) == 4 and unit == "nats" and left == 0
    bands, _, _ = board.curves_of(room.board()[:4], banded=True)
    assert {name: len(curves) for name, curves in bands.items()} == {"Units 16": 2, "Units 128": 2}
    assert board.curves_of(room.board(), banded=False)[2] in (0, 1, 5)
    page.selectbox(key="board_pin").set_value("r1").run()
    assert room.pinned.key == "r1" and any(one.value.startswith("<script>alert(1)</script>") for one in page.code)
    press(page, "Take off the board")
    assert [one.key for one in room.board()] == ["other"]


def test_a_row_is_small_whoever_wrote_it_and_never_markup(made: tuple[Room, str]) -> None:
    room, _ = made
    board.put(room, "eve", record("r", sample="x" * 10**5))
    (row,) = room.board()
    assert len(row.run.sample) <= 400 and max(map(len, (*row.run.changed, *row.run.changed.values()))) <= board.WORD
    room.vote("eve", "q", ASKED, 1)
    room.reveal("q")
    board.put(room, "eve", record("s"))
    room.pin("s")
    page = lead(made)
    for shown in [one.proto.body for one in page.get("html")]:
        assert "<script" not in shown and "<img" not in shown
    texts = "\n".join(one.value for one in page.markdown if "Which" in one.value)
    assert "<script>" not in texts.replace("\\<script\\>", "") and "](https" not in texts.replace("\\]\\(https", "")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.found.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_is_left_has_both_votes_the_board_and_nobody_in_it(made: tuple[Room, str]) -> None:
    room, _ = made
    for k in range(3):
        room.vote(f"student {k}", "q", ASKED, k % 2)
    room.ask_again("q")
    room.vote("student 0", "q", ASKED, 1)
    board.put(room, "student 0", record("r"))
    titles = frame.titles()
    rows = list(csv.DictReader(io.StringIO(csv_text(after.questions(room)))))
    assert [(one["first vote"], one["second vote"], one["right"]) for one in rows] == [("2", "0", "no"), ("1", "1", "yes")]
    (run,) = csv.DictReader(io.StringIO(csv_text(after.board(room, titles))))
    assert run["lesson"] == "Text generation" and float(run["value"]) == 1.0 and run["sample"].startswith("<script>")
    page = Tags()
    page.feed(html := after.page(room, titles))
    assert not page.found & {"script", "img", "a", "b", "link", "iframe"} and "alert(1)" in page.text
    assert "First vote: 3 answers" in page.text and "Second vote: 1 answer" in page.text and "✓" in page.text
    everything = html + csv_text(after.questions(room)) + csv_text(after.board(room, titles))
    assert not re.search(rf"\b{room.board()[0].student}\b", everything.replace(room.name, "")) and "student 0" not in everything
    assert not set(room._students) & set(re.findall(r"[0-9a-f]{24}", everything))
    empty = Building().make()[0]
    assert "Nothing was answered." in after.page(empty, titles) and "Nothing was put on the board." in after.page(empty, titles)
    assert csv_text(after.questions(empty)).startswith("page,question")


def test_who_waits_is_told_by_colour(made: tuple[Room, str], monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    room, _ = made
    room.arrive("ann")
    jobs = [
        SimpleNamespace(title="Text generation", state="running", place=None, fraction=0.5, session="ann"),
        SimpleNamespace(title="Digits", state="queued", place=2, fraction=0.0, session="a stranger"),
    ]
    fake = SimpleNamespace(running=lambda: jobs, jobs=lambda _: [], touch=lambda _: None, let_go=lambda _: [])
    monkeypatch.setitem(sys.modules, "jobs.engine", fake)
    page = lead(made)
    told = page.table[-1].value.to_string()
    assert room.colour("ann") in told and "Text generation" in told and "50%" in told and "Digits" not in told
    assert "And 1 of people who are not in this room." in captions(page)


def test_the_end_of_a_room(made: tuple[Room, str], rooms: Building) -> None:
    page = lead(made)
    press(page, "End it now")
    assert rooms.find(made[0].name) is None and "has ended" in said(page)


# --- the way in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "found", "outside"),
    [
        ("http://localhost:8501/teach", "http://localhost:8501/", False),
        ("http://192.168.1.10:8501/teach", "http://192.168.1.10:8501/", True),
        ("https://lab.example.org/course/teach", "https://lab.example.org/course/", True),
        ("https://lab.example.org/course/", "https://lab.example.org/course/", True),
        (None, "http://localhost:8501/", False),
    ],
)
def test_the_students_link_is_the_address_as_the_teacher_has_it(
    monkeypatch: pytest.MonkeyPatch, url: str | None, found: str, outside: bool
) -> None:
    monkeypatch.setattr(door.st, "context", SimpleNamespace(url=url))
    assert door.address() == (found, outside)
    assert door.students_link(Room("amber-fox", "s")) == f"{found}?room=amber-fox"


def test_the_code_holds_the_link() -> None:
    """Read back with the library's own matrix: the same modules as for the same text, and others for another."""
    from xml.etree import ElementTree

    one, other = door._code("http://192.168.1.10:8501/?room=amber-fox"), door._code("http://192.168.1.10:8501/?room=amber-owl")
    assert ElementTree.fromstring(one).tag.endswith("svg") and one != other
    assert one == door._code("http://192.168.1.10:8501/?room=amber-fox")
