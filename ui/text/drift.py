"""Why samples drift: what the model expects after reading a text beside what it expects after reading its own."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt
import streamlit as st

from lstm.lessons.text.drift import Drift, drift, in_words, outcome
from ui.charts import Figure, columns, layout, named
from ui.lesson import predict_then_reveal
from ui.plain import sentence
from ui.text.inspect import SAMPLE, readable
from ui.text.models import SHELF, TextModel
from ui.text.write import next_symbols
from ui.theme import COLOURS, Scheme, scheme

FORCED, OWN = "reading the text", "reading what it wrote"
COLOUR_NAMES = ("train", "validation")
COSTS = (
    "About what it costs after reading the page", "More, but less than guessing by frequency",
    "As much as guessing by frequency, or more",
)  # fmt: skip
SHOWN_BEFORE = 60
"""Symbols of a text that are shown before the one that is asked for."""


@st.fragment
def section(shown: TextModel) -> None:
    """Predict what its own text does to it; then both, step by step."""

    def both() -> Drift:
        return drift(shown.model, shown.vocabulary.encode(readable(SAMPLE, shown), unknown="drop"))

    try:
        found = SHELF.kept(shown, "drift", None, both)
    except ValueError as problem:
        st.caption(sentence(problem))
        return
    left, right = st.columns([5, 8], gap="medium")
    with left:
        st.markdown(
            "In training it always reads the true text, whatever it would have said itself: **teacher forcing**. The loss is "
            "measured like that too. When it writes, it reads what it wrote. Here it does both, on the lab's page and from the "
            f"same {len(found.true)} beginnings of {found.prompts.shape[1]} {shown.level}s."
        )
        answered = predict_then_reveal(
            "text_drift",
            f"It has written {found.true.shape[1] // 2} {shown.level}s of its own. What does the page's next {shown.level} cost it now?",
            COSTS,
            lambda: outcome(found), lambda _: in_words(found, shown.level), about=shown.key,
        )  # fmt: skip
    with right.container(key="first_on_a_phone_drift"):
        if answered is None:
            st.code(_text(shown, found.prompts[0]) + " …", language=None, wrap_lines=True)
            st.caption("One of the beginnings. What comes next, in both ways, is drawn once you have said what you expect.")
        else:
            _both(shown, found)


def _both(shown: TextModel, found: Drift) -> None:
    step = st.slider(
        f"{shown.level.capitalize()}s after the beginning", 0, found.true.shape[1] - 1, 0, key=f"text_drift_step_{found.true.shape[1]}",
        help="At 0 both have read the same.",
    )  # fmt: skip
    lines(found, step).show("text_drift_lines", f"Lines: nats of the page's next {shown.level}, {FORCED} and {OWN}")
    for column, name, symbols in zip(st.columns(2, gap="medium"), (FORCED, OWN), (found.true, found.own), strict=True):
        with column:
            st.caption(f"{name.capitalize()}, one of the {len(found.true)}:")
            before = [*found.prompts[0], *symbols[0][:step]][-SHOWN_BEFORE:]
            st.code(_text(shown, before), language=None, wrap_lines=True)
    st.caption(f"What it expects next: :blue[blue {FORCED}], :orange[orange {OWN}].")
    next_symbols(
        found.expects_true[0, step], found.expects_own[0, step], shown.vocabulary.tokens, names=(FORCED, OWN), colours=COLOUR_NAMES
    ).show("text_drift_next", f"Bars: the probability of each next {shown.level}, {FORCED} and {OWN}")


def _text(shown: TextModel, symbols: Any) -> str:
    return shown.vocabulary.decode([int(k) for k in symbols])


def lines(found: Drift, step: int, *, height: int = 210) -> Figure:
    """What the text's next symbol costs at each step, in both ways; dashed what guessing by frequency costs."""
    rows = [
        (k, float(loss), name)
        for name, losses in ((FORCED, found.loss_true), (OWN, found.loss_own))
        for k, loss in enumerate(losses)
    ]
    tables = {
        "rows": columns(("step", "loss", "way"), rows), "at": {"step": [step]},
        "level": {"loss": [found.by_frequency], "label": ["guessing by frequency"]},
    }  # fmt: skip
    return Figure(_lines(height, scheme()), tables)


@lru_cache(maxsize=4)
def _lines(height: int, theme: Scheme) -> dict[str, Any]:
    colours = COLOURS[theme]
    scale = alt.Scale(domain=[FORCED, OWN], range=[colours[name] for name in COLOUR_NAMES])
    x = alt.X("step:Q", title="steps after the beginning", axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(nice=False))
    drawn = alt.Chart(named("rows")).mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=18)).encode(
        x=x, y=alt.Y("loss:Q", title="nats", scale=alt.Scale(zero=True)),
        color=alt.Color("way:N", scale=scale, legend=alt.Legend(title=None, orient="top", columns=2, symbolType="stroke")),
        tooltip=[alt.Tooltip("way:N"), alt.Tooltip("step:Q"), alt.Tooltip("loss:Q", title="nats", format=".3f")],
    )  # fmt: skip
    level = alt.Chart(named("level"))
    rule = level.mark_rule(strokeDash=[5, 4], color=colours["muted"]).encode(y="loss:Q")
    label = level.mark_text(align="right", baseline="bottom", dy=-3, color=colours["muted"]).encode(
        y="loss:Q", x=alt.value("width"), text="label:N"
    )  # fmt: skip
    at = alt.Chart(named("at")).mark_rule(color=colours["muted"], strokeWidth=5, opacity=0.35).encode(x=x)
    return layout(at + rule + label + drawn, height)
