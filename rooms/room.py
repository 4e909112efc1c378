"""One room: who is here, what was asked and how everybody answered, where the teacher is, and the board.

A room knows no screen: pages ask it again and again, and a test drives it alone. Everything in it is bounded, each method
holds the room's lock, and what it returns is a copy.

    room = Room("amber-fox", secret)
    room.arrive(student)                             # "teal": that is all there is of a student
    room.vote(student, "gates_hold", Asked("…", ("It grows", "It shrinks"), 1, "C goes …", about="…"), 0)
    room.reveal("gates_hold")
    room.question("gates_hold")                      # counts of both rounds, those of other settings apart
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .words import colour_of, shuffled_colours

STUDENTS = 200
QUESTIONS = 100
SETTINGS = 12
"""Most settings of one question whose answers are counted each for itself; those of further ones are counted together."""
OPTIONS = 10
ROUNDS = 2
ROWS = 200
ROWS_OF_ONE = 6
TEXT = 1500
"""Most characters of a text that is kept."""
PLACE = 60
"""Most parameters of the place to which the class is called."""
HERE = 15.0
"""Seconds after which somebody who was not heard of is no longer counted."""
IDLE = 4 * 3600.0
"""Seconds without anyone after which a room ends."""
OTHERS = ""
"""What further settings of a question are counted under."""


class Full(ValueError):
    """There is no place for one more."""


@dataclass(frozen=True)
class Asked:
    """A question as it stood on the page of somebody who answered it.

    Parameters
    ----------
    text, explanation : Markdown of the lab's own
    options : what could be chosen
    right : index of the right option
    about : tells its settings from others; see `ui.lesson.predict`
    page : title of the page it stands on
    """

    text: str
    options: tuple[str, ...]
    right: int
    explanation: str
    about: str = ""
    page: str = ""

    def cut(self) -> Asked:
        """The same, no longer than a room keeps."""
        return replace(
            self, text=self.text[:TEXT], options=tuple(one[:TEXT] for one in self.options[:OPTIONS]), explanation=self.explanation[:TEXT],
            page=self.page[:80],
        )  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """How a question was answered under one setting.

    asked : None where the answers are those of several settings together
    rounds : of each round how often each option was chosen
    """

    asked: Asked | None
    rounds: tuple[tuple[int, ...], ...]

    @property
    def answers(self) -> int:
        """How many answered in the newest round."""
        return sum(self.rounds[-1])


@dataclass(frozen=True)
class Question:
    """A question as it stands.

    round : 0 for the first vote, 1 for the second
    revealed : whether the answer has been shown
    answers : how many have answered in this round, under whatever settings
    counted : by setting, the most answered first
    """

    key: str
    round: int
    revealed: bool
    answers: int
    counted: tuple[Counted, ...]

    def under(self, about: str) -> Counted | None:
        """The answers under this setting."""
        return next((one for one in self.counted if one.asked is not None and one.asked.about == about), None)


@dataclass(frozen=True)
class Place:
    """Where the teacher wants the class: a page and what its address says. `number` tells it from the one before."""

    file: str
    title: str
    params: Mapping[str, str]
    number: int = 0


@dataclass(frozen=True)
class Row:
    """One run on the board.

    key : of the run, the same whoever looks at it
    student : whose, as a colour
    run : its record; the room does not look into it
    """

    number: int
    key: str
    student: str
    lesson: str
    run: Any
    pinned: bool = False


@dataclass
class _Student:
    number: int
    seen: float


@dataclass
class _Ballot:
    """One question: its texts by setting, and of every round who chose what under which setting."""

    asked: dict[str, Asked] = field(default_factory=dict)
    rounds: list[dict[int, tuple[str, int]]] = field(default_factory=lambda: [{}])
    revealed: bool = False
    touched: int = 0


class Room:
    """A room.

    Parameters
    ----------
    name : two words
    secret : what makes somebody the teacher; long and random
    clock : seconds that only go forward
    """

    def __init__(self, name: str, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.name, self._secret, self._clock = name, secret, clock
        self._lock = threading.RLock()
        self._salt = hashlib.sha256(secret.encode()).digest()
        self._students: dict[str, _Student] = {}
        self._arrived = 0
        self._colours = shuffled_colours()
        self._ballots: dict[str, _Ballot] = {}
        self._order = 0
        self._place: Place | None = None
        self._rows: dict[str, Row] = {}
        self._numbered = 0
        self._at_once = False
        self._heard = clock()

    # ---- who is here

    def is_teacher(self, secret: str) -> bool:
        """Whether this is the teacher's secret. The time it takes says nothing about how much of it is right."""
        right = hmac.compare_digest(secret.encode("utf-8", "replace"), self._secret.encode())
        if right:
            self._heard = self._clock()
        return right

    def arrive(self, student: str) -> str:
        """Somebody is here, for the first time or still. Returns the colour they are known by.

        student : tells one browser from another; the room keeps a keyed hash of it

        Raises
        ------
        Full
            If the room has all the students that it takes.
        """
        who = self._who(student)
        with self._lock:
            now = self._heard = self._clock()
            known = self._students.get(who)
            if known is None:
                if len(self._students) >= STUDENTS:
                    self._make_place(now)
                if len(self._students) >= STUDENTS:
                    raise Full(f"the room {self.name} is full: {STUDENTS} are in it")
                known = self._students[who] = _Student(self._arrived, now)
                self._arrived += 1
            known.seen = now
            return self._colour(known.number)

    def leave(self, student: str) -> None:
        """Somebody has gone. Their answers stay."""
        with self._lock:
            if known := self._students.get(self._who(student)):
                known.seen = -HERE

    def colour(self, student: str) -> str | None:
        """What a student is called; None for one who was never here."""
        with self._lock:
            known = self._students.get(self._who(student))
            return None if known is None else self._colour(known.number)

    @property
    def here(self) -> int:
        """How many students were heard of lately."""
        with self._lock:
            now = self._clock()
            return sum(now - one.seen < HERE for one in self._students.values())

    @property
    def idle(self) -> bool:
        """Whether nobody, the teacher included, has been here for so long that the room is over."""
        return self._clock() - self._heard >= IDLE

    def _colour(self, number: int) -> str:
        return colour_of(number, self._colours)

    def _who(self, student: str) -> str:
        return hmac.new(self._salt, student.encode("utf-8", "replace"), "sha256").hexdigest()[:24]

    def _make_place(self, now: float) -> None:
        """Forget those who left and answered nothing."""
        answered = {number for ballot in self._ballots.values() for one in ballot.rounds for number in one}
        gone = [who for who, one in self._students.items() if now - one.seen >= HERE and one.number not in answered]
        for who in gone:
            del self._students[who]

    # ---- questions

    def vote(self, student: str, key: str, asked: Asked, choice: int) -> bool:
        """One answer of one student; their answer before, in this round, is forgotten. Returns whether it counts.

        After the answer was revealed none does. Neither does a question beyond those that a room takes.

        Raises
        ------
        ValueError
            If there is no such option.
        """
        if not 0 <= choice < min(len(asked.options), OPTIONS):
            raise ValueError(f"choice must be one of the {len(asked.options)} options, got {choice}")
        self.arrive(student)
        with self._lock:
            ballot = self._ballots.get(key)
            if ballot is None:
                if len(self._ballots) >= QUESTIONS:
                    return False
                ballot = self._ballots[key] = _Ballot()
            if ballot.revealed:
                return False
            number = self._students[self._who(student)].number
            votes = ballot.rounds[-1]
            votes.pop(number, None)
            self._forget_settings(ballot)
            about = asked.about
            if about not in ballot.asked:
                if len(ballot.asked) < SETTINGS:
                    ballot.asked[about] = asked.cut()
                else:
                    about = OTHERS
            votes[number] = (about, choice)
            self._order += 1
            ballot.touched = self._order
            return True

    def answer_of(self, student: str, key: str, about: str) -> int | None:
        """What a student has chosen in this round when the question was about that."""
        with self._lock:
            known, ballot = self._students.get(self._who(student)), self._ballots.get(key)
            found = ballot.rounds[-1].get(known.number) if known and ballot else None
            return found[1] if found and found[0] == about else None

    def newest_of(self, student: str) -> str | None:
        """The question that a student answered last, of those that wait for the teacher."""
        with self._lock:
            known = self._students.get(self._who(student))
            waiting = [
                (ballot.touched, key) for key, ballot in self._ballots.items()
                if known and not ballot.revealed and known.number in ballot.rounds[-1]
            ]  # fmt: skip
            return max(waiting)[1] if waiting else None

    def state(self, key: str) -> tuple[int, bool]:
        """Round of a question, and whether its answer was revealed."""
        with self._lock:
            ballot = self._ballots.get(key)
            return (0, False) if ballot is None else (len(ballot.rounds) - 1, ballot.revealed)

    def reveal(self, key: str) -> None:
        """Show everybody the answer."""
        with self._lock:
            if ballot := self._ballots.get(key):
                ballot.revealed = True

    def ask_again(self, key: str) -> bool:
        """Open a second vote, for which everybody answers anew. Returns whether there is one: no third."""
        with self._lock:
            ballot = self._ballots.get(key)
            if ballot is None or len(ballot.rounds) >= ROUNDS:
                return False
            ballot.rounds.append({})
            ballot.revealed = False
            return True

    def question(self, key: str) -> Question | None:
        """A question as it stands; None while nobody has answered it."""
        with self._lock:
            ballot = self._ballots.get(key)
            return None if ballot is None else self._counted(key, ballot)

    def questions(self) -> list[Question]:
        """All that were answered, the one answered last first."""
        with self._lock:
            order = sorted(self._ballots.items(), key=lambda one: -one[1].touched)
            return [self._counted(key, ballot) for key, ballot in order]

    def _counted(self, key: str, ballot: _Ballot) -> Question:
        settings = dict.fromkeys(about for votes in ballot.rounds for about, _ in votes.values())
        found = []
        for about in settings:
            asked = ballot.asked.get(about)
            options = len(asked.options) if asked else OPTIONS
            rounds = []
            for votes in ballot.rounds:
                counts = [0] * options
                for where, choice in votes.values():
                    if where == about and choice < options:
                        counts[choice] += 1
                rounds.append(tuple(counts))
            found.append(Counted(asked, tuple(rounds)))
        found.sort(key=lambda one: (one.asked is None, -sum(map(sum, one.rounds))))
        return Question(key, len(ballot.rounds) - 1, ballot.revealed, len(ballot.rounds[-1]), tuple(found))

    @staticmethod
    def _forget_settings(ballot: _Ballot) -> None:
        """Texts of settings that nobody's answer belongs to any more."""
        used = {about for votes in ballot.rounds for about, _ in votes.values()}
        for about in [about for about in ballot.asked if about not in used]:
            del ballot.asked[about]

    # ---- where the teacher is

    def bring(self, file: str, title: str, params: Mapping[str, str]) -> None:
        """Call everybody to a page with these settings. Nobody is moved."""
        kept = {str(name)[:80]: str(value)[:TEXT] for name, value in list(params.items())[:PLACE]}
        with self._lock:
            self._place = Place(file, title, kept, 1 + (self._place.number if self._place else 0))

    @property
    def place(self) -> Place | None:
        """Where the class was called last."""
        return self._place

    # ---- the board

    @property
    def at_once(self) -> bool:
        """Whether every run of a student goes on the board by itself."""
        return self._at_once

    def take_at_once(self, at_once: bool) -> None:
        """Put everybody's runs on the board at once, or when they press."""
        self._at_once = bool(at_once)

    def put(self, student: str, key: str, lesson: str, run: Any) -> Row:
        """Put a run on the board. A run stands there once; of a student's and of all only the newest are kept."""
        self.arrive(student)
        with self._lock:
            if found := self._rows.get(key):
                return found
            colour = self._colour(self._students[self._who(student)].number)
            theirs = [one.key for one in self._rows.values() if one.student == colour and not one.pinned]
            for old in theirs[: max(len(theirs) - ROWS_OF_ONE + 1, 0)]:
                del self._rows[old]
            if len(self._rows) >= ROWS:
                del self._rows[next((one.key for one in self._rows.values() if not one.pinned), next(iter(self._rows)))]
            self._numbered += 1
            row = self._rows[key] = Row(self._numbered, key, colour, lesson, run)
            return row

    def take_off(self, key: str) -> None:
        """Take a run off the board."""
        with self._lock:
            self._rows.pop(key, None)

    def on_board(self, key: str) -> bool:
        """Whether a run stands on the board."""
        return key in self._rows

    def pin(self, key: str | None) -> None:
        """Hold one run's sample up for reading aloud; None takes it down."""
        with self._lock:
            for other, row in self._rows.items():
                if row.pinned != (other == key):
                    self._rows[other] = replace(row, pinned=other == key)

    def board(self) -> list[Row]:
        """The runs in the order in which they came."""
        with self._lock:
            return list(self._rows.values())

    @property
    def pinned(self) -> Row | None:
        """The run that is held up."""
        return next((row for row in self.board() if row.pinned), None)


def digest(value: object) -> str:
    """A short name for whatever a question is about: the same for the same."""
    return hashlib.sha256(repr(value).encode("utf-8", "replace")).hexdigest()[:16]


def shares(counts: Sequence[int]) -> list[float]:
    """Counts as fractions of their sum, 0 where there are none."""
    whole = sum(counts)
    return [count / whole if whole else 0.0 for count in counts]
