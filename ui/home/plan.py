"""A class of 45 minutes: what everyone does, what the teacher does, what to listen for, and the links that set it up.

Home shows a student's half of it, "For teachers" all of it. Nothing here tells an answer: the pages do, once somebody has
guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from lstm.lessons.gates import PRESETS as GATES
from lstm.lessons.learning.setting import PRESETS as LEARNT
from ui import frame, lesson
from ui.gates.link import link_from_setting
from ui.learning.link import View, link_from_view
from ui.memory.gradients import reach_controls
from ui.text.controls import controls as text_controls

TRAIN_SECONDS = 10
"""What a training of the plan takes of a worker: a page of prose is learnt by heart in that time. One of the stops of the slider."""
START_SECONDS = 1.5
"""What it costs beside that to hand a training to a worker and to take its result back."""
ON_ONE_PAGE = {"corpus": "tale_opening", "batch": 4, "time_steps": 32, "seconds": TRAIN_SECONDS}
"""A text worth reading aloud, which ships with the lab; steps small enough for so short a text."""


@dataclass(frozen=True)
class Link:
    """What a link of the plan opens. It resets every other setting; see `ui.lesson.link`."""

    file: str
    label: str
    params: Mapping[str, str]

    def draw(self, place: Any) -> None:
        lesson.link(place, self.file, self.label, self.params, icon=":material/open_in_new:")


@dataclass(frozen=True)
class Step:
    """Some minutes of the class."""

    minutes: int
    title: str
    everyone: str
    teacher: str
    listen: str
    links: tuple[Link, ...] = ()
    room: str = ""
    """What the teacher can do beside that where the class is in a room."""


_STEPS = (
    Step(
        4,
        "Five sentences and a number",
        "Follow the number through the picture, and read the sentence that is lit. Say one of the five in words of your own.",
        "Project Home. Press *Pause* when a sentence lights up, and let somebody else say it again each time.",
        "“The gate decides *how much*.” Many hear that the forget gate forgets: ask what a 1 on it does.",
    ),
    Step(
        5,
        "Raw numbers",
        "The cell reads 10, 20, 30. Guess first: which gate will move most from step to step? Then press *Play*.",
        "Collect the guesses on the board before anybody plays. Point at the z below each gate, not at the gate.",
        "“It is stuck”, “it cannot go any further.” Who looks at z sees why.",
        (Link("pages/gates.py", "Three numbers", link_from_setting(GATES["Three numbers"], 1)),),
        "*Predict, then reveal* on the page asks what the forget gate does on 10, 20, 30. Look at the number of answers alone, let "
        "neighbours talk, *Ask again*, then *Reveal*: both votes stand beside each other.",
    ),
    Step(
        5,
        "The same numbers, scaled",
        "Choose one weight. Say aloud which number it will move, and which way; then drag it.",
        "Let neighbours swap: one says, the other drags. Ask for a weight that moves nothing at step 1.",
        "Surprise over U at step 1. Who finds that h₀ is 0 has understood what U multiplies.",
        (Link("pages/gates.py", "Three numbers, scaled", link_from_setting(GATES["Three numbers, scaled"], 1)),),
    ),
    Step(
        4,
        "A latch",
        "One pulse is kept for four steps, then erased. What is lost if the forget gate is held at 0? Guess, then hold it.",
        "Ask for the value of C at step 5 before the button is pressed, and again after.",
        "The difference between “everything is lost” and “everything from before this step is lost”.",
        (Link("pages/gates.py", "A latch", link_from_setting(GATES["A latch"], 5)),),
        "The page's first question asks it: what becomes of C with the forget gate at 0. *Reveal* when all have answered. Who has "
        "changed the numbers is counted apart.",
    ),
    Step(
        6,
        "Who sets the sliders?",
        "Press *Forward*, *Loss*, *Backward*, *Update* once, and follow one weight with a pencil. Then take ten steps more.",
        "Work one gradient out on the board. Ask for the sign of the next update before *Update* is pressed.",
        "“Against the gradient.” Who expects the loss to reach 0 at once may ask for a larger rate: let them try it.",
        (Link("pages/learning.py", "With a pencil", link_from_view(View(LEARNT["With a pencil"]))),),
    ),
    Step(
        6,
        "How far back?",
        "Move *Forget bias* until the LSTM's gradient is as long after fifty steps as it was at first. What does that slider do "
        "to the simple network?",
        "Nothing is trained here: every slider answers at once. Ask those who are done what a little more of the bias does.",
        "“Now it explodes”: one number decides between too little and too much. And: a network without a gate has no such number.",
        (Link("pages/memory.py", "Gradients through time", reach_controls.link() | {"memory_section": "Gradients through time"}),),
    ),
    Step(
        11,
        "A page by heart",
        f"Half of the class takes 16 units, the other half 128. Press *Train*: it takes {TRAIN_SECONDS} seconds once it is your "
        "turn. While you wait, write down the first line that you expect. Then read the newest sample aloud, and let the others "
        "guess how many units wrote it.",
        "Start both halves together; the page says how long the queue is. Read the first paragraph of the novel aloud "
        "meanwhile. Have two samples of each half read before anything is explained.",
        "Words that do not exist, beside whole clauses of Dickens. Ask whether the better reader has learnt English or one "
        "page: the validation loss is on the screen.",
        (
            Link("pages/text.py", "16 units", text_controls.link(units=16, **ON_ONE_PAGE)),
            Link("pages/text.py", "128 units", text_controls.link(units=128, **ON_ONE_PAGE)),
        ),
        "Let every run go on the board at once. Lay all of 16 units over all of 128, *A band for each setting*, and hold one sample "
        "up: the class says how many units wrote it.",
    ),
    Step(
        4,
        "Which gate would you give up?",
        "Back to the five sentences. Which gate would you give up first, and on which page would you test it?",
        "Take a vote, then ask for the test and not for the reason: *hold* on Gate arithmetic, *Inside the memory* on Memory.",
        "A test that could come out either way.",
    ),
)


def steps() -> Iterator[tuple[str, Step]]:
    """The steps whose pages exist, each with its minutes of the class: "4–9 min"."""
    there = {one.file for one in frame.lessons()}
    begins = 0
    for step in _STEPS:
        if all(link.file in there for link in step.links):
            yield f"{begins}–{begins + step.minutes} min", step
            begins += step.minutes


def training_minutes(students: int, workers: int) -> float:
    """How long it takes until everybody's training of the plan has had its turns, in minutes."""
    return ceil(students / workers) * (TRAIN_SECONDS + START_SECONDS) / 60


def minutes_to_train() -> int:
    """The minutes that the plan has for it."""
    return next(step.minutes for step in _STEPS if any(link.file == "pages/text.py" for link in step.links))
