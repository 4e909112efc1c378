"""Looking inside a model while it reads: one unit's activation over a text, and which units to look at first."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from lstm.lessons.text.tracing import UnitCorrelation, read, telling_units
from ui import keep
from ui.controls import Controls
from ui.plain import sentence
from ui.text.models import SHELF, TextModel
from ui.theme import COLOURS, GATE_NAMES, STATE_NAMES, scheme

LONGEST = 2_000
ENOUGH = 150  # characters below which a correlation says nothing
SAMPLE = """\
"You are late," said the Doctor, closing the door behind him.

"The road was dark, and the horses were tired," she answered. "We came as
fast as we could." Miss Pross took the candle from the table and held it
up, so that the light fell upon the stranger's face.

He had not moved. Mr. Lorry, who stood by the window looking down into the
street, thought of the long journey from Paris, and of the many years that
had gone by since then; and he was silent.

"Is it you?" the old man asked at last. "Have you come from London?"

"I have," replied the other. "And I am to take you there, if you will go
with me." There was no sound in the room but the ticking of the clock.
"""
"""A made-up page in the manner of the novel: it has what a unit might keep track of."""

_QUANTITIES = {
    "c": f"{STATE_NAMES['c']}, as tanh C",
    "h": STATE_NAMES["h"],
    **{gate: GATE_NAMES[gate] for gate in "figozr"},
}


SOURCES = ("A sample page", "What it wrote", "Your own")
look = Controls("look", {"source": SOURCES[0], "layer": 1, "unit": 0, "quantity": "c"}, {"quantity": _QUANTITIES})


@st.fragment
def look_inside(shown: TextModel, written: str) -> None:
    """Pick a text and a unit; see the text coloured by what the unit holds."""
    left, right = st.columns([5, 8], gap="medium")
    with left:
        text = _text(written, shown)
        traces = _traces(shown, text)
        if traces is None:
            return
        layer, unit, quantity = _which(shown, traces, text)
    with right:
        values = np.tanh(traces[layer]["c"][:, unit]) if quantity == "c" else traces[layer][quantity][:, unit]
        st.html(heat_map(_tokens(shown, text), values))
        st.caption(
            f"Unit {unit} of layer {layer + 1}, after each {shown.level}: :blue[blue] is negative, :orange[orange] "
            "positive, pale near 0. Hover for the number."
        )


def _text(written: str, shown: TextModel) -> str:
    source = look.segments("source", "Text to read", SOURCES)
    if source == "Your own":
        start = SAMPLE.split("\n\n")[0]
        return st.text_area("Your text", start, max_chars=LONGEST, key="look_own", persist_state="session")
    return written[:LONGEST] if source == "What it wrote" else readable(SAMPLE, shown)


def readable(text: str, shown: TextModel) -> str:
    """What a model can read of the lab's page: in lower case if it knows no other, without what it does not know."""
    if shown.level == "word":
        return text
    known = set(shown.vocabulary.tokens)
    text = text if any(token.isupper() for token in known) else text.lower()
    return "".join(character for character in text if character in known)


def _tokens(shown: TextModel, text: str) -> list[str]:
    """The pieces of the text that have a colour of their own."""
    if shown.level == "character":
        return list(text)
    return [f"{shown.vocabulary.decode([k])} " for k in shown.vocabulary.encode(text, unknown="drop")]


def _traces(shown: TextModel, text: str) -> list[dict[str, np.ndarray]] | None:
    """The trace of this text by this model, kept until either changes; None, and a sentence, if it cannot be read."""

    def trace() -> list[dict[str, np.ndarray]]:
        ids = shown.vocabulary.encode(text, unknown="drop" if shown.level == "word" else "raise")
        if not len(ids):
            raise ValueError(f"there is no {shown.level} in this text that the model knows")
        return read(shown.model, ids)

    try:
        if text == readable(SAMPLE, shown):
            return SHELF.kept(shown, "trace of the sample page", None, trace)
        return keep.of_session("text trace", (shown.key, text), trace)
    except ValueError as problem:
        st.warning(sentence(problem))
        return None


def _which(shown: TextModel, traces: Sequence[dict[str, np.ndarray]], text: str) -> tuple[int, int, str]:
    """Suggested units, and the controls to go on from there."""
    units = len(traces[0]["h"][0])
    if shown.level == "character" and len(text) >= ENOUGH:
        _suggest(telling_units(list(traces), text), len(traces), (shown.key, text))
    with st.container(horizontal=True):
        layer = 0
        if len(traces) > 1:
            layer = _within("layer", look.whole("layer", "Layer"), 1, len(traces)) - 1
        unit = _within("unit", look.whole("unit", "Unit", f"One of {units}, counted from 0."), 0, units - 1)
    there = [name for name in _QUANTITIES if name in traces[0]]
    if look["quantity"] not in there:  # a cell without C, or one whose gates have other names
        look.put("quantity", "h")
    quantity = look.choice("quantity", "Show its", there)
    return layer, unit, quantity


def _within(name: str, value: int, low: int, high: int) -> int:
    """A number that this model has; another one is named, and the nearest is shown."""
    nearest = min(max(value, low), high)
    if nearest != value:
        st.warning(f"This model has no {name} {value}: they go from {low} to {high}. Shown is {nearest}.")
    return nearest


def _suggest(found: Sequence[UnitCorrelation], layers: int, of: Any) -> None:
    """The most telling units, a click each; the best one is taken when model or text are new."""
    offers = {one.feature: one for one in found}

    def go(one: UnitCorrelation) -> None:
        st.session_state.look_unit = one.unit
        if layers > 1:
            st.session_state.look_layer = one.layer + 1

    def chosen() -> None:
        if name := st.session_state.look_feature:
            go(offers[name])

    if of not in keep.table("text unit suggested") and found:
        by_link = not keep.table("text unit suggested") and look.key("unit") in st.query_params
        keep.remember("text unit suggested", of, True)
        if not by_link:
            st.session_state.look_feature = found[0].feature
            go(found[0])
    st.pills(
        "Which unit follows …",
        list(offers),
        key="look_feature",
        on_change=chosen,
        wrap=True,
        format_func=lambda name: f"{name}: {offers[name].unit} ({offers[name].correlation:+.2f})",
        help="For each property of the text, the unit whose cell state follows it best: its number, and the "
        "correlation (1 or −1: always, 0: not at all).",
    )


def heat_map(tokens: Sequence[str], values: np.ndarray) -> str:
    """HTML of a text whose every token is coloured by a value between −1 and 1. The tokens are escaped."""
    palette = COLOURS[scheme()]
    blue, orange = (",".join(str(int(palette[name][k : k + 2], 16)) for k in (1, 3, 5)) for name in ("i", "f"))
    spans = []
    for token, value in zip(tokens, values.tolist(), strict=True):
        strength = min(abs(value), 1.0) * 0.75
        colour = f"background:rgba({orange if value > 0 else blue},{strength:.2f})"
        symbol_shown = "↵\n" if token == "\n" else token
        spans.append(f'<span style="{colour}" title="{value:+.3f}">{html.escape(symbol_shown)}</span>')
    style = (
        "white-space:pre-wrap;overflow-wrap:anywhere;margin:0;line-height:1.55;font-size:.8rem;font-family:monospace"
    )
    return f'<pre style="{style}">{"".join(spans)}</pre>'
