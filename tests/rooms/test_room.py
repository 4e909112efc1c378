"""A room without a screen: what crosses over, who counts once, what is bounded, who is the teacher."""

from __future__ import annotations

import threading
import tracemalloc

import numpy as np
import pytest

from rooms import words
from rooms.building import ROOMS, Building
from rooms.room import (
    HERE,
    IDLE,
    OPTIONS,
    QUESTIONS,
    ROWS,
    ROWS_OF_ONE,
    SETTINGS,
    STUDENTS,
    TEXT,
    Asked,
    Full,
    Room,
    digest,
)

ASKED = Asked("Which?", ("a", "b", "c"), 1, "Because.", digest("as at first"), "Gate arithmetic")
OTHER = Asked("Which?", ("a", "b", "c"), 2, "Because of that.", digest("another"), "Gate arithmetic")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(clock: Clock) -> Room:
    return Room("amber-fox", "a secret", clock)


def counts(room: Room, key: str = "q") -> list[tuple[tuple[int, ...], ...]]:
    return [one.rounds for one in room.question(key).counted]


# --- who is here ----------------------------------------------------------------------------------------------------


def test_names_are_two_easy_words_and_enough_of_them() -> None:
    assert len(set(words.FIRST)) == len(words.FIRST) and len(set(words.SECOND)) == len(words.SECOND)
    assert all(
        word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 6
        for word in words.FIRST + words.SECOND
    )
    assert words.NAMES > 4000 and words.NAMES > 50 * ROOMS
    first, second = words.draw_name().split("-")
    assert first in words.FIRST and second in words.SECOND


@pytest.mark.parametrize(
    "typed", ["amber-fox", "Amber Fox", "  AMBER   fox ", "amber - fox", "amber–fox".replace("–", " ")]
)
def test_a_name_is_found_however_it_is_typed(typed: str) -> None:
    assert words.tidy(typed) == "amber-fox"
    assert len(words.tidy("x" * 5000)) <= 40


def test_a_student_is_a_colour_and_every_colour_comes_once_before_it_comes_again(room: Room) -> None:
    found = [room.arrive(f"student {k}") for k in range(2 * len(words.COLOURS))]
    assert set(found[: len(words.COLOURS)]) == set(words.COLOURS)
    assert len(set(found)) == len(found) and found[-1].endswith(" 2")
    assert room.arrive("student 3") == found[3] == room.colour("student 3")
    assert room.colour("nobody") is None


def test_who_was_not_heard_of_is_not_counted_and_keeps_the_colour(room: Room, clock: Clock) -> None:
    first = room.arrive("one")
    room.arrive("two")
    assert room.here == 2
    clock.now += HERE - 1
    room.arrive("two")
    clock.now += 2
    assert room.here == 1
    assert room.arrive("one") == first and room.here == 2
    room.leave("one")
    assert room.here == 1
    room.leave("nobody")


def test_two_hundred_students_and_one_more(room: Room, clock: Clock) -> None:
    for k in range(STUDENTS):
        room.arrive(f"student {k}")
        room.vote(f"student {k}", "q", ASKED, k % 3)
    assert room.here == STUDENTS == 200 and room.question("q").answers == STUDENTS
    with pytest.raises(Full, match="the room amber-fox is full: 200 are in it"):
        room.arrive("one more")
    clock.now += HERE + 1
    with pytest.raises(Full):  # they left, but their answers stand
        room.arrive("one more")


def test_who_left_without_an_answer_makes_place(room: Room, clock: Clock) -> None:
    for k in range(STUDENTS):
        room.arrive(f"student {k}")
    clock.now += HERE + 1
    assert room.arrive("one more") and room.here == 1


# --- votes ----------------------------------------------------------------------------------------------------------


def test_one_student_has_one_vote_whatever_they_do(room: Room, clock: Clock) -> None:
    assert room.vote("ann", "q", ASKED, 0) and room.vote("ann", "q", ASKED, 0)  # two tabs, two clicks
    assert counts(room) == [((1, 0, 0),)]
    clock.now += 10 * HERE  # the net is gone, the page reloaded
    assert room.answer_of("ann", "q", ASKED.about) == 0
    assert room.vote("ann", "q", ASKED, 2)  # another opinion
    assert counts(room) == [((0, 0, 1),)] and room.question("q").answers == 1
    assert room.vote("ann", "q", OTHER, 1)  # the same question under other settings: still one vote
    assert counts(room) == [((0, 1, 0),)] and room.answer_of("ann", "q", ASKED.about) is None


def test_answers_under_other_settings_are_counted_apart(room: Room) -> None:
    for k in range(5):
        room.vote(f"s{k}", "q", ASKED, 1)
    room.vote("x", "q", OTHER, 2)
    found = room.question("q")
    assert found.answers == 6 and [one.answers for one in found.counted] == [5, 1]
    assert found.under(OTHER.about).rounds == ((0, 0, 1),) and found.under("elsewhere") is None
    assert found.under(ASKED.about).asked.right == 1 and found.under(OTHER.about).asked.right == 2


def test_what_is_revealed_takes_no_more_votes_and_a_second_round_stands_beside_the_first(room: Room) -> None:
    room.vote("ann", "q", ASKED, 0)
    room.vote("bob", "q", ASKED, 1)
    assert room.state("q") == (0, False) and room.newest_of("ann") == "q"
    room.reveal("q")
    assert room.state("q") == (0, True) and room.newest_of("ann") is None
    assert not room.vote("ann", "q", ASKED, 1) and not room.vote("late", "q", ASKED, 1)
    assert counts(room) == [((1, 1, 0),)]
    assert room.ask_again("q") and room.state("q") == (1, False)
    assert room.answer_of("ann", "q", ASKED.about) is None, "everybody answers anew"
    assert room.question("q").answers == 0
    room.vote("ann", "q", ASKED, 1)
    assert counts(room) == [((1, 1, 0), (0, 1, 0))]
    assert not room.ask_again("q"), "no third round"
    assert not room.ask_again("never asked") and room.state("never asked") == (0, False)
    room.reveal("never asked")
    assert room.question("never asked") is None


def test_the_question_that_was_answered_last_comes_first(room: Room) -> None:
    for key in ("a", "b", "c"):
        room.vote("ann", key, ASKED, 0)
    room.vote("bob", "a", ASKED, 0)
    assert [one.key for one in room.questions()] == ["a", "c", "b"]


def test_more_settings_than_are_kept_are_counted_together(room: Room) -> None:
    for k in range(SETTINGS + 5):
        asked = Asked("Which?", ("a", "b"), 0, "", digest(k))
        assert room.vote(f"s{k}", "q", asked, 0)
    found = room.question("q")
    assert len(found.counted) == SETTINGS + 1 and found.counted[-1].asked is None and found.counted[-1].answers == 5
    for k in range(50):  # one who tries every setting leaves nothing behind
        assert room.vote("s0", "q", Asked("Which?", ("a", "b"), 0, "", digest(f"again {k}")), 1)
    assert len(room._ballots["q"].asked) <= SETTINGS and room.question("q").answers == SETTINGS + 5


def test_an_option_that_is_none_is_refused(room: Room) -> None:
    for choice in (-1, 3, 10**9):
        with pytest.raises(ValueError, match="choice must be one of the 3 options"):
            room.vote("ann", "q", ASKED, choice)
    many = Asked("Which?", tuple(map(str, range(50))), 0, "")
    with pytest.raises(ValueError):
        room.vote("ann", "q", many, OPTIONS)


def test_questions_and_texts_are_bounded(room: Room) -> None:
    for k in range(QUESTIONS):
        assert room.vote("ann", f"q{k}", ASKED, 0)
    assert not room.vote("ann", "one more", ASKED, 0) and len(room.questions()) == QUESTIONS
    small = Room("b", "s")
    small.vote("ann", "q", Asked("x" * 10**6, ("y" * 10**6,) * 3, 0, "z" * 10**6, "a", "p" * 10**6), 0)
    kept = small.question("q").counted[0].asked
    assert max(map(len, (kept.text, *kept.options, kept.explanation, kept.page))) <= TEXT


# --- the teacher ----------------------------------------------------------------------------------------------------


def test_the_secret_is_long_random_and_not_to_be_guessed() -> None:
    building = Building()
    room, secret = building.make()
    other, its = building.make()
    assert len(secret) >= 32 and secret != its and room.name not in secret
    assert room.is_teacher(secret) and not room.is_teacher(its) and not other.is_teacher(secret)
    for wrong in ("", secret[:-1], secret + "A", secret.swapcase(), "ü", "\ud800", "0" * 10**5):
        assert not room.is_teacher(wrong)


def test_guesses_take_the_same_way_whatever_is_right_of_them(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    import hmac

    asked = []
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: asked.append((a, b)) or a == b)
    assert not room.is_teacher("a secreT") and room.is_teacher("a secret")
    assert asked == [(b"a secreT", b"a secret"), (b"a secret", b"a secret")]


def test_bringing_keeps_what_the_address_said_and_no_more(room: Room) -> None:
    assert room.place is None
    room.bring("pages/memory.py", "Memory", {"units": "16"})
    first = room.place
    assert (first.file, first.title, dict(first.params)) == ("pages/memory.py", "Memory", {"units": "16"})
    room.bring("pages/memory.py", "Memory", {f"p{k}": "x" * 10**5 for k in range(1000)})
    assert room.place.number == first.number + 1
    assert len(room.place.params) <= 60 and max(map(len, room.place.params.values())) <= TEXT


# --- the board ------------------------------------------------------------------------------------------------------


def test_a_run_stands_on_the_board_once_and_the_newest_stay(room: Room) -> None:
    row = room.put("ann", "run 1", "text", {"loss": 1.0})
    assert room.put("ann", "run 1", "text", {"loss": 2.0}) is row and room.on_board("run 1")
    assert (row.student, row.lesson, row.run) == (room.colour("ann"), "text", {"loss": 1.0})
    room.pin("run 1")
    for k in range(2, 20):
        room.put("ann", f"run {k}", "text", None)
    kept = [one.key for one in room.board()]
    assert kept == ["run 1", *(f"run {k}" for k in range(20 - ROWS_OF_ONE, 20))], "and what is pinned"
    assert room.pinned.key == "run 1"
    room.pin("run 19")
    assert room.pinned.key == "run 19" and sum(one.pinned for one in room.board()) == 1
    room.pin(None)
    assert room.pinned is None
    room.take_off("run 19")
    room.take_off("run 19")
    assert not room.on_board("run 19")


def test_the_board_is_bounded(room: Room) -> None:
    for k in range(STUDENTS):
        for n in range(3):
            room.put(f"s{k}", f"{k} {n}", "text", None)
    assert len(room.board()) == ROWS


def test_the_teacher_decides_whether_runs_come_at_once(room: Room) -> None:
    assert not room.at_once
    room.take_at_once(True)
    assert room.at_once


# --- several rooms --------------------------------------------------------------------------------------------------


def test_nothing_crosses_over_from_room_to_room() -> None:
    building = Building()
    (one, secret), (two, _) = building.make(), building.make()
    assert one.name != two.name and building.find(one.name) is one and building.find(two.name) is two
    one.vote("ann", "q", ASKED, 0)
    one.bring("pages/text.py", "Text generation", {})
    one.put("ann", "run", "text", None)
    one.take_at_once(True)
    one.reveal("q")
    assert two.here == 0 and two.question("q") is None and two.questions() == [] and two.place is None
    assert two.board() == [] and not two.at_once and two.state("q") == (0, False) and not two.is_teacher(secret)
    two.vote("ann", "q", ASKED, 2)  # the same browser in another room is somebody else
    assert counts(one) == [((1, 0, 0),)] and counts(two) == [((0, 0, 1),)]
    assert not set(one._students) & set(two._students)
    building.end(one.name)
    assert building.find(one.name) is None and building.find(two.name) is two


def test_rooms_end_by_the_teacher_or_after_four_hours_without_anyone(clock: Clock) -> None:
    building = Building(clock)
    (one, secret), (two, _), (three, _) = (building.make() for _ in range(3))
    clock.now += IDLE - 10
    one.is_teacher(secret)
    two.arrive("ann")
    three.is_teacher("a guess")  # a stranger keeps no room open
    clock.now += 20
    assert building.find(one.name) is one and building.find(two.name) is two and building.find(three.name) is None
    clock.now += IDLE
    assert building.find(one.name) is None and building.find(two.name) is None


def test_there_are_so_many_rooms_and_no_more(clock: Clock) -> None:
    building = Building(clock)
    names = {building.make()[0].name for _ in range(ROOMS)}
    assert len(names) == ROOMS
    with pytest.raises(Full, match="no place for one more"):
        building.make()
    clock.now += IDLE
    assert building.make()


def test_thirty_students_at_once_lose_no_vote(room: Room) -> None:
    start = threading.Barrier(30)

    def study(k: int) -> None:
        start.wait()
        for question in range(40):
            room.arrive(f"s{k}")
            room.vote(f"s{k}", f"q{question}", ASKED, (k + question) % 3)
            room.put(f"s{k}", f"{k} {question}", "text", None)
            room.questions()

    threads = [threading.Thread(target=study, args=(k,)) for k in range(30)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert all(one.answers == 30 and one.counted[0].rounds == ((10, 10, 10),) for one in room.questions())
    assert len(room.board()) == 30 * ROWS_OF_ONE


def test_a_room_is_small() -> None:
    """Thirty students, forty questions answered twice with texts as long as the longest of the lab, thirty runs."""
    from lstm.lessons.runs import POINTS, SAMPLE, Curve, Run

    def record(k: int) -> Run:
        curves = {
            name: Curve(name, "nats", *(np.arange(POINTS, dtype=np.float32) + k for _ in range(3)))
            for name in ("loss", "val_loss")
        }
        words = {f"Setting {n}": f"value {k} {n}" for n in range(30)}
        return Run(
            f"run {k}",
            "text",
            words,
            dict(list(words.items())[:4]),
            "",
            "finished",
            {"validation loss": 1.0 + k},
            {"": k},
            curves,
            "x" * SAMPLE,
        )

    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    room = Room("amber-fox", "a secret")
    for k in range(30):
        for question in range(40):
            asked = Asked(
                f"{question}" + "w" * 300,
                tuple(f"{question} {n}" + "o" * 60 for n in range(4)),
                1,
                f"{question}" + "e" * 500,
                digest(k % 3),
            )
            room.vote(f"student {k}", f"question {question}", asked, k % 4)
    for question in range(40):
        room.ask_again(f"question {question}")
    for k in range(30):
        for question in range(40):
            asked = Asked(
                f"{question}" + "w" * 300,
                tuple(f"{question} {n}" + "o" * 60 for n in range(4)),
                1,
                f"{question}" + "e" * 500,
                digest(k % 3),
            )
            room.vote(f"student {k}", f"question {question}", asked, k % 4)
        room.put(f"student {k}", f"run {k}", "text", record(k))
    del asked
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(room.questions()) == 40 and len(room.board()) == 30
    assert 50_000 < held < 2_000_000, f"{held:,} bytes"
    print(f"a room of 30 students, 40 questions and 30 runs: {held:,} bytes")
