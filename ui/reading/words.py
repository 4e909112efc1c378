"""A text as a network reads it: coloured word by word by what each word did to its opinion, and the opinion as a line.

What a user typed reaches the browser as plain strings and is put on the page with `textContent`: never as HTML.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import streamlit as st

from lstm.lessons.reading.reader import Reading
from ui.charts import Figure, in_order, placed
from ui.lesson import csv_text
from ui.theme import COLOURS, Scheme, scheme
from ui.training_charts import thinned

WORDS_ON_AXIS = 40
"""Most words that are written below the axis of the line; more are counted."""

UNREAD = 300
"""Most characters shown of a stretch that was not read."""

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "lab_words",
    html="""
<div class="reading">
  <div class="modes" role="group" aria-label="what the colours show">
    <button type="button" data-mode="change" aria-pressed="true">What each word did</button>
    <button type="button" data-mode="so_far" aria-pressed="false">Opinion so far</button>
  </div>
  <div class="text" tabindex="0" role="group" aria-label="the text, coloured; arrow keys go from word to word"></div>
  <div class="tell" aria-live="polite"></div>
</div>
""",
    css=(_HERE / "words.css").read_text(encoding="utf-8"),
    js=(_HERE / "words.js").read_text(encoding="utf-8"),
)


def coloured(
    reading: Reading,
    number: int,
    key: str,
    *,
    meaning: tuple[str, str] = ("lowers", "raises"),
    name: str = "",
    height: int | None = None,
) -> None:
    """Show the text of a reading; the ground of each word says what it did to the probability of class `number`.

    Parameters
    ----------
    meaning : what the two colours say, in the legend: of a word that lowers the probability, and of one that raises it
    name : what the probability is called, before each figure; such as "positive"
    height : most pixels of the text before it scrolls
    """
    data = {**shown(reading, number), "meaning": list(meaning), "name": name, "height": height}
    revision = hashlib.sha256(repr(data).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    _component(key=key, data={**data, "revision": revision})


def shown(reading: Reading, number: int) -> dict[str, Any]:
    """What the browser is told: the pieces of the text, each word that was read with the opinion after it, and the start."""
    after = reading.running[:, number]
    pieces: list[list[Any]] = []
    between = ""
    for piece, k in [*reading.pieces(), ("", 0)]:
        if k is None:
            between += piece
            continue
        if between:
            pieces.append([_shortened(between)])
            between = ""
        if piece:
            pieces.append([piece, round(float(after[k]), 6), bool(reading.tokens[reading.first + k].known)])
    found = turning_word(reading, number)
    turn = None if found is None else int(np.argmax(np.abs(reading.change(number))))
    return {"pieces": pieces, "before": round(float(reading.before[number]), 4), "turn": turn}


def _shortened(text: str) -> str:
    """A stretch nobody read: its ends are enough."""
    return text if len(text) <= UNREAD else f"{text[: UNREAD // 2]} … {text[-UNREAD // 2 :]}"


def turning_word(reading: Reading, number: int) -> tuple[str, float] | None:
    """The word, as typed, that moved the probability of class `number` the most, and by how much; None if none did."""
    change = reading.change(number)
    k = int(np.argmax(np.abs(change)))
    if abs(change[k]) < 0.005:
        return None
    return reading.tokens[reading.first + k].text, float(change[k])


def percent(p: float) -> str:
    """A probability in percent, with as many decimals as it takes to show neither 0 nor 100: no network is certain."""
    near = min(p, 1 - p)
    decimals = 0 if near >= 0.0995 else 1 if near >= 0.001 else 2
    return "< 0.01 %" if p < 5e-5 else "> 99.99 %" if p > 1 - 5e-5 else f"{100 * p:.{decimals}f} %"


def running_csv(reading: Reading, names: Sequence[str]) -> str:
    """The opinion after each word as a file."""
    tokens = [token for token in reading.tokens if token.read]
    columns: dict[str, list[Any]] = {
        "word": [token.text for token in tokens],
        "id": [token.id for token in tokens],
        "known": [token.known for token in tokens],
    }
    return csv_text(columns | {name: reading.running[:, k].tolist() for k, name in enumerate(names)})


def running_chart(
    reading: Reading, numbers: Sequence[int], names: Sequence[str], colours: Sequence[str], *, height: int = 190
) -> Figure:
    """The opinion before the first word and after each one that was read, a line for each class in `numbers`.

    Parameters
    ----------
    names : of those classes
    colours : their names in `ui.theme.COLOURS`
    """
    words = ["(before)", *(token.text for token in reading.tokens if token.read)]
    rows: dict[str, list[Any]] = {name: [] for name in ("place", "word", "label", "value", "class")}
    for number, name in zip(numbers, names, strict=True):
        values = [float(reading.before[number]), *reading.running[:, number].tolist()]
        for place, value in thinned(range(len(values)), values):
            rows["place"].append(place)
            rows["word"].append(words[place])
            rows["label"].append(placed(place, words[place] if len(words[place]) <= 18 else f"{words[place][:17]}…"))
            rows["value"].append(value)
            rows["class"].append(name)
    written = len(words) <= WORDS_ON_AXIS
    layout = _running(tuple(names), tuple(colours), written, height, scheme())
    return Figure(layout, {"rows": rows}, len(words) if written else 0)


@lru_cache(maxsize=32)
def _running(
    names: tuple[str, ...], colours: tuple[str, ...], written: bool, height: int, theme: Scheme
) -> dict[str, Any]:
    palette = COLOURS[theme]
    if written:
        x = alt.X("label:O", title=None, **in_order(labelAngle=-90, labelLimit=90))
    else:
        x = alt.X("place:Q", title="words read", scale=alt.Scale(nice=False), axis=alt.Axis(format=",d", tickMinStep=1))
    legend = None if len(names) == 1 else alt.Legend(title=None, orient="top", columns=3, symbolType="stroke")
    colour = alt.Scale(domain=list(names), range=[palette[name] for name in colours])
    title = f"P({names[0]})" if len(names) == 1 else "probability"
    y = alt.Y("value:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=x,
        y=y,
        color=alt.Color("class:N", scale=colour, legend=legend),
        tooltip=[
            alt.Tooltip("word:N", title="after the word"),
            alt.Tooltip("place:Q", title="words read"),
            alt.Tooltip("class:N"),
            alt.Tooltip("value:Q", format=".2%", title="probability"),
        ],
    )
    line = base.mark_line(strokeWidth=2, strokeJoin="round", point={"filled": True, "size": 42 if written else 12})
    layers = line
    if len(names) == 1:
        half = alt.Chart(alt.Data(values=[{"half": 0.5}])).mark_rule(
            strokeDash=[5, 4], color=palette["baseline"], tooltip=None
        )
        layers = half.encode(y="half:Q") + line
    layout = layers.properties(height=height).to_dict()
    layout.pop("config", None)
    return layout
