"""One number on its way through the drawn cell, beside the sentences that say what happens to it: the picture of Home.

The numbers are those of a cell that reads a sequence, computed by the package. The sentence that the number is at is lit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from lstm.lessons.gates import ScalarStep
from ui.cell.drawing import PLACES, cell_svg, number
from ui.cell.formula import sub

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "lab_journey",
    html="""<div class="journey"><div><ol></ol></div><div><div class="picture"></div><div class="bar">
<button type="button" class="play">Pause</button><button type="button" class="next">Next</button>
<span class="tells"></span></div></div></div>""",
    css=(_HERE / "journey.css").read_text(encoding="utf-8"),
    js=(_HERE / "journey.js").read_text(encoding="utf-8"),
)

SENTENCES = (
    "A recurrent network reads a sequence one step at a time, and carries what it has seen along in a <b>hidden state h</b>.",
    'A long short-term memory network, LSTM, adds a second memory: the <b class="c">cell state C</b>, which runs straight '
    "through time and is only ever multiplied and added to.",
    'At every step the <b class="f">forget gate</b> says how much of C stays, and the <b class="i">input gate</b> how much of a '
    'new <b class="g">candidate</b> is added.',
    'The <b class="o">output gate</b> says how much of C the rest of the network gets to see, as the next h.',
    "Each gate is a small layer of its own that answers with a number between 0 and 1, and training finds the weights with "
    "which it keeps what will be needed later.",
)
"""Five sentences, HTML of ours; the numbers below count them from 0."""
READS, REMEMBERS, WRITES, SHOWS, LEARNS = range(len(SENTENCES))


def journey(steps: Sequence[ScalarStep], key: str) -> None:
    """Show the cell, the sentences, and a number that travels through `steps`."""
    _component(key=key, data={"svg": cell_svg(), "sentences": list(SENTENCES), "legs": legs(steps)})


def legs(steps: Sequence[ScalarStep]) -> list[dict[str, Any]]:
    """The way, leg by leg: which points it leads through, what travels on it, and which sentence that is."""
    found: list[dict[str, Any]] = []
    at = PLACES
    for step in steps:
        t = sub(step.t)
        last = sub(step.t - 1)
        found += [
            leg(READS, f"x{t} = {number(step.x)}", f"the input of step {step.t}", at["input"], at["below x"]),
            leg(READS, f"x{t} = {number(step.x)}", f"beside it h{last} = {number(step.h_prev)}", at["below x"], at["below g"]),
            leg(LEARNS, f"c̃{t} = {number(step.g)}", "weighed, summed and squashed: the candidate", at["below g"], at["above g"]),
            leg(
                WRITES, f"i·c̃ = {number(step.written)}", f"the input gate lets {number(step.i)} of it pass",
                at["above g"], at["beside g"], at["write"],
            ),
            leg(
                WRITES, f"C{t} = {number(step.c)}", f"added to the {number(step.kept)} that the forget gate keeps of C{last}",
                at["write"], at["plus"],
            ),
            leg(REMEMBERS, f"C{t} = {number(step.c)}", "the memory, on its way to the next step", at["plus"], at["fork"]),
            leg(SHOWS, f"tanh(C{t}) = {number(step.tanh_c)}", "between −1 and 1", at["fork"], at["show"]),
            leg(
                SHOWS, f"h{t} = {number(step.h)}", f"the output gate shows {number(step.o)} of it",
                at["show"], at["corner"], at["out"],
            ),
        ]  # fmt: skip
    return found


def leg(sentence: int, label: str, tells: str, *points: tuple[int, int]) -> dict[str, Any]:
    return {"sentence": sentence, "label": label, "tells": tells, "points": [list(point) for point in points]}
