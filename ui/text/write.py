"""Writing with a model: the prompt, how to draw from what it expects, and the text as it appears."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from lstm.lessons.held import with_gate_held
from lstm.lessons.text.sampling import adjust, generate, next_symbol_probabilities
from lstm.preprocessing.text import name_character
from ui.charts import Figure, in_order, placed
from ui.controls import Controls
from ui.plain import plain, sentence
from ui.server.turns import rest
from ui.text.models import SHELF, TextModel
from ui.theme import COLOURS, Scheme, scheme

FRAME = 0.03
"""Seconds between two looks at a text being written."""
SHOWN = 10
DRAWN_FROM = 6
"""Most symbols that are named below a written one as what it was drawn from."""
PROMPT_LIMIT = 300

HOLD = {"no": "computed", "shut": "held at 0", "open": "held at 1"}
"""What the forget gate does while the model writes."""

drawing = Controls(
    "write", {"prompt": "", "temperature": 0.7, "top_k": 0, "top_p": 1.0, "length": 500, "seed": 1, "hold": "no"}, {"hold": HOLD},
)  # fmt: skip


def write(shown: TextModel) -> str:
    """The writing desk. Writes by itself when a model is new here, afterwards when asked. Returns the text on it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        prompt = st.text_input(
            "Prompt",
            key=drawing.key("prompt"),
            max_chars=PROMPT_LIMIT,
            persist_state="session",
            placeholder="Begin a sentence, or leave it empty",
            width="stretch",
        )
        asked = st.button("Generate", icon=":material/edit_note:", key="text_generate", type="primary")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        drawing.slider(
            "temperature",
            "Temperature",
            0.0,
            2.0,
            0.05,
            "Low: it repeats what is likely. High: it tries anything. At 0 it always takes the likeliest.",
        )
        with st.popover("More", icon=":material/tune:"):
            drawing.whole("top_k", "Top-k", "Draw among the k likeliest only; 0 draws among all.")
            drawing.slider(
                "top_p", "Top-p", 0.05, 1.0, 0.05, "Draw among the likeliest that together reach this share."
            )
            drawing.whole("length", "Length", "How many to write, at most 5,000.", 100)
            drawing.whole("seed", "Seed", "The same seed writes the same text.")
            drawing.choice(
                "hold", "Forget gate", help="Held at 0, it forgets everything at every step; held at 1, it forgets nothing."
            )
    shown = held(shown)
    place = st.empty()
    written = st.session_state.get("text_written")
    about = (shown.key, drawing.values())
    if asked or written is None or written["about"] != about:
        try:
            if not asked and drawing.values() == drawing.defaults:
                written = st.session_state.text_written = dict(_first_sample(shown))
            else:
                written = _type(place if asked else None, shown, prompt)
        except ValueError as problem:
            st.error(_about_the_prompt(problem))
            if written is not None:
                st.caption("The text is older: it was written before this was changed.")
    if written is None:
        return ""
    with place:
        _written(written, f"text_desk_{shown.key}")
    return written["prompt"] + written["text"]


_HERE = Path(__file__).parent
_desk = st.components.v2.component(
    "lab_written",
    html="""
<div class="written">
  <div class="text" tabindex="0" role="group" aria-label="the text it wrote; arrow keys go from symbol to symbol"></div>
  <div class="tell" aria-live="polite"></div>
</div>
""",
    css=(_HERE / "written.css").read_text(encoding="utf-8"),
    js=(_HERE / "written.js").read_text(encoding="utf-8"),
)


def _written(written: dict[str, Any], key: str) -> None:
    """The text; below it, for the symbol that is pointed at, what it was drawn from."""
    data = {"prompt": written["prompt"], "pieces": written["pieces"]}
    revision = hashlib.sha256(json.dumps(data).encode()).hexdigest()
    _desk(key=key, data={**data, "revision": revision})


def held(shown: TextModel) -> TextModel:
    """The model with its forget gate as the desk says. A model without an LSTM has none to hold."""
    if drawing["hold"] == "no":
        return shown
    try:
        model = with_gate_held(shown.model, "f", 0 if drawing["hold"] == "shut" else 1)
    except ValueError as problem:
        st.caption(sentence(problem))
        return shown
    return replace(shown, model=model)


def _first_sample(shown: TextModel) -> dict[str, Any]:
    """What a model writes by itself, at the settings everybody begins with; of the one that ships once for all."""

    def write() -> dict[str, Any]:
        written = _blank(shown, "")
        for piece in _checked_stream(shown, "", written["pieces"]):
            _add(written, piece)
        return written

    return SHELF.kept(shown, "first sample", None, write)


def _blank(shown: TextModel, prompt: str) -> dict[str, Any]:
    """A text that begins: by which model, after what prompt, with which settings; its pieces with what each was drawn from."""
    return {"model": shown.key, "about": (shown.key, drawing.values()), "prompt": prompt, "text": "", "pieces": []}


def _add(written: dict[str, Any], piece: str) -> None:
    written["text"] += piece
    written["pieces"][-1][0] = piece


def settings() -> dict[str, Any]:
    """How to draw the next symbol, as `generate` and `adjust` take it."""
    return {"temperature": drawing["temperature"], "top_k": drawing["top_k"] or None, "top_p": drawing["top_p"]}


def _about_the_prompt(problem: ValueError) -> str:
    """The sentence of a vocabulary that met something unknown, in the words of this desk."""
    words = str(problem).replace("text must use only", "the prompt must use only")
    return sentence(words.replace("the vocabulary knows", "the model knows"))


def _checked_stream(shown: TextModel, prompt: str, pieces: list[list[Any]]) -> Iterator[str]:
    """The text piece by piece. Into `pieces` goes, for each, [the piece, its probability, the likeliest ones]."""
    if drawing["length"] > 5000:
        raise ValueError(f"length must be at most 5,000, got {drawing['length']:,}")
    if drawing["seed"] < 0:
        raise ValueError(f"seed must be an integer of 0 or more, got {drawing['seed']}")
    names = shown.vocabulary.tokens

    def look(symbol: int, p: np.ndarray) -> None:
        likeliest = np.argsort(-p, kind="stable")[:DRAWN_FROM]
        shares = zip(likeliest.tolist(), p[likeliest].tolist(), strict=True)
        pieces.append(["", round(float(p[symbol]), 5), [[symbol_name(names[k]), round(share, 5)] for k, share in shares if share > 0]])

    return generate(shown.model, shown.vocabulary, prompt, drawing["length"], seed=drawing["seed"], look=look, **settings())


def _type(place: Any | None, shown: TextModel, prompt: str) -> dict[str, Any]:
    """Let the text appear in `place` within about a second, however long it is, or at once without one.

    What is there survives an interruption.
    """
    written = _blank(shown, prompt)
    stream = _checked_stream(shown, prompt, written["pieces"])  # what is wrong is said before the older text goes
    st.session_state.text_written = written
    pieces = max(drawing["length"] // 30, 1)
    for k, piece in enumerate(stream, 1):
        _add(written, piece)
        if place is not None and k % pieces == 0:
            _show(place, prompt + written["text"] + "▌")
            rest(FRAME)
    return written


def _show(place: Any, text: str) -> None:
    place.code(text or " ", language=None, wrap_lines=True, height=188)


def expectation(shown: TextModel) -> None:
    """What the model expects after the prompt, before and after temperature, top-k and top-p."""
    prompt, shown = drawing["prompt"], held(shown)
    try:
        ids = (
            shown.vocabulary.encode(prompt or "\n") if prompt or "\n" in shown.vocabulary.tokens else np.zeros(1, np.int32)
        )
        before = next_symbol_probabilities(shown.model, ids if len(ids) else np.zeros(1, np.int32))
        after = adjust(before, **settings())
    except ValueError as problem:
        st.caption(_about_the_prompt(problem))
        return
    st.caption("What comes after the prompt: :gray[grey] as the model expects it, :blue[blue] as it is drawn.")
    figure = next_symbols(before, after, shown.vocabulary.tokens)
    figure.show("text_next", "Bars: the probability of each next symbol, as the model gives it and as it is drawn from")


def next_symbols(
    before: np.ndarray,
    after: np.ndarray,
    tokens: tuple[str, ...],
    *,
    names: tuple[str, str] = ("expected", "drawn from"),
    colours: tuple[str, str] = ("baseline", "train"),
    height: int = 170,
) -> Figure:
    """The likeliest next symbols by `before`, and their probabilities `after`; `names` and `colours` (of `ui.theme`) of the two."""
    order = np.argsort(-before, kind="stable")[:SHOWN]
    rows = pd.DataFrame(
        [
            (placed(place, symbol_name(tokens[k])), symbol_name(tokens[k]), what, float(p[k]))
            for place, k in enumerate(order)
            for what, p in zip(names, (before, after), strict=True)
        ],
        columns=["place", "symbol", "what", "probability"],
    )
    return Figure(_next_symbols(names, colours, height, scheme()), {"rows": rows})


@lru_cache(maxsize=4096)
def symbol_name(token: str) -> str:
    """A symbol as an axis can show it: itself, or its name where there is nothing to see."""
    return name_character(token).strip("'") if len(token) == 1 and token != "'" else token


@lru_cache(maxsize=8)
def _next_symbols(names: tuple[str, str], colours: tuple[str, str], height: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    colour = alt.Scale(domain=list(names), range=[palette[name] for name in colours])
    bars = (
        alt.Chart(alt.NamedData(name="rows"))
        .mark_bar(cornerRadius=2)
        .encode(
            x=alt.X("place:O", title=None, **in_order(labelAngle=0, labelLimit=60)),
            xOffset=alt.XOffset("what:N", sort=list(names)),
            y=alt.Y("probability:Q", title="probability", axis=alt.Axis(format="%", tickCount=4)),
            color=alt.Color("what:N", scale=colour, legend=None),
            tooltip=[alt.Tooltip("symbol:N"), alt.Tooltip("what:N"), alt.Tooltip("probability:Q", format=".4%")],
        )
    )
    layout = bars.properties(height=height).to_dict()
    layout.pop("config", None)
    return layout


def _around_temperature(shown: TextModel, prompt: str, temperature: float) -> tuple[str, float, float]:
    """The likeliest next symbol after `prompt`, and its probability at temperature 1 and at `temperature`."""
    before = next_symbol_probabilities(shown.model, shown.vocabulary.encode(prompt))
    likeliest = int(before.argmax())
    return shown.vocabulary.tokens[likeliest], float(before[likeliest]), float(adjust(before, temperature)[likeliest])


def temperature_answer(shown: TextModel, prompt: str, temperature: float) -> int:
    """Whether the likeliest symbol becomes likelier (0), less likely (1), or stays (2)."""
    _, before, after = _around_temperature(shown, prompt, temperature)
    return 0 if after > before else 1 if after < before else 2


def temperature_explanation(shown: TextModel, prompt: str, temperature: float) -> str:
    """The same in numbers."""
    symbol, before, after = _around_temperature(shown, prompt, temperature)
    return (
        f"After *{prompt}* the model that ships expects **{plain(symbol_name(symbol))}** with {before:.1%}; at "
        f"temperature {temperature:g} that becomes {after:.1%}. {_what_temperature_does(temperature, before, after)}"
    )


def _what_temperature_does(temperature: float, before: float, after: float) -> str:
    if temperature == 0:
        return "At 0 only the likeliest is left."
    gains = "gains on the rest" if after > before else "loses to the rest" if after < before else "stays as it is"
    return f"Each probability is raised to the power 1/{temperature:g}, and what is likely {gains}."
