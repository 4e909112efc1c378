"""Charts of Topics: opinions word by word and method by method, what the data look like, who is right how often.

As in `ui/charts.py` the layout of each is built once per theme, and a redraw sends new rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lstm.lessons.reading.classical import METHODS
from ui.charts import Figure, in_order, placed
from ui.theme import COLOURS, Scheme, scheme

MOST_WORDS = 120
"""Words that find room beside each other: of a longer text the last ones are shown."""

_FAMILY = ("i", "f", "g", "o", "c", "h")
_TINTS = (1.0, 0.6, 0.35, 0.2)
LABELLED = 45
"""Words of a map that are written out, the commonest; the others say their names when the pointer is over them."""


def class_colours(classes: int, theme: Scheme) -> list[str]:
    """A colour for each class: the theme's six, then lighter ones of the same."""
    palette = COLOURS[theme]
    return [_mixed(palette[_FAMILY[k % 6]], palette["background"], _TINTS[k // 6 % 4]) for k in range(classes)]


def _mixed(colour: str, ground: str, share: float) -> str:
    one, other = (np.array([int(code[k : k + 2], 16) for k in (1, 3, 5)]) for code in (colour, ground))
    return "#" + "".join(f"{round(value):02X}" for value in share * one + (1 - share) * other)


def _colour(classes: Sequence[str], theme: Scheme, legend: bool = True) -> alt.Color:
    scale = alt.Scale(domain=list(classes), range=class_colours(len(classes), theme))
    shown = alt.Legend(title=None, orient="top", columns=5, labelLimit=140, offset=6, padding=0) if legend else None
    return alt.Color("class:N", scale=scale, legend=shown)


def after_each_word(words: Sequence[str], opinions: np.ndarray, classes: Sequence[str], *, height: int = 290) -> Figure:
    """How the probability is shared out after each word: `opinions` (words, classes), a column of bars a word."""
    words, opinions = list(words)[-MOST_WORDS:], opinions[-MOST_WORDS:]
    rows = pd.DataFrame(
        [
            (placed(k, word if len(word) <= 14 else f"{word[:13]}…"), word, name, float(p), j)
            for k, (word, row) in enumerate(zip(words, opinions, strict=True))
            for j, (name, p) in enumerate(zip(classes, row, strict=True))
        ],
        columns=["place", "word", "class", "probability", "order"],
    )
    return Figure(_after_each_word(tuple(classes), len(words), height, scheme()), {"rows": rows}, len(words))


@lru_cache(maxsize=64)
def _after_each_word(classes: tuple[str, ...], words: int, height: int, theme: Scheme) -> dict[str, Any]:
    across = in_order(labelAngle=0 if words <= 8 else -40, labelLimit=90)
    bars = alt.Chart(alt.NamedData(name="rows")).mark_bar().encode(
        x=alt.X("place:O", title=None, scale=alt.Scale(paddingInner=0.12), **across),
        y=alt.Y("probability:Q", title="probability", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        color=_colour(classes, theme),
        order=alt.Order("order:Q"),
        tooltip=[alt.Tooltip("word:N", title="after"), alt.Tooltip("class:N"), alt.Tooltip("probability:Q", format=".2%")],
    )  # fmt: skip
    return _layout(bars, height)


def share(p: float) -> str:
    """A probability in whole percent, never 0 or 100: no method is certain."""
    return "…" if np.isnan(p) else "< 1%" if p < 0.005 else "> 99%" if p >= 0.995 else f"{p:.0%}"


def beside_each_other(names: Sequence[str], opinions: np.ndarray, classes: Sequence[str], *, row: int = 25) -> Figure:
    """Every method's probabilities: `opinions` (methods, classes), a line a method, a column a class; NaN: not known yet."""
    rows = pd.DataFrame(
        [
            (placed(place, name), name, label, float(p), share(p), bool(p == line.max()))
            for place, (name, line) in enumerate(zip(names, opinions, strict=True))
            for label, p in zip(classes, line, strict=True)
        ],
        columns=["place", "method", "class", "probability", "label", "first"],
    ).fillna({"probability": 0.0})
    return Figure(_beside_each_other(tuple(classes), len(names), row, scheme()), {"rows": rows})


@lru_cache(maxsize=32)
def _beside_each_other(classes: tuple[str, ...], methods: int, row: int, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    tilted = len(classes) * (7 * max(map(len, classes)) + 10) > 130  # a phone has no room for them side by side
    across = alt.Axis(
        orient="top", labelAngle=-40 if tilted else 0, labelAlign="left" if tilted else "center", labelLimit=110,
        labelFlush=False, labelOverlap=False,
    )  # fmt: skip
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("class:N", sort=list(classes), title=None, axis=across),
        y=alt.Y("place:O", title=None, **in_order(labelLimit=250, labelFlush=False)),
        tooltip=[alt.Tooltip("method:N"), alt.Tooltip("class:N"), alt.Tooltip("probability:Q", format=".3%")],
    )  # fmt: skip
    room = {"padding": {"left": 5, "top": 5, "bottom": 5, "right": 24}} if tilted else {}  # for the end of the last name
    opacity = alt.Opacity("probability:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.55]), legend=None)
    cells = base.mark_rect(stroke=palette["background"], strokeWidth=2).encode(
        color=_colour(classes, theme, legend=False), opacity=opacity
    )
    size = alt.ExprRef("width < 170 ? 10 : 13")  # a phone
    text = base.mark_text(fontSize=size).encode(
        text="label:N",
        color=alt.value(palette["text"]),
        opacity=alt.condition("datum.first", alt.value(1), alt.value(0.75)),
    )
    bold = base.transform_filter("datum.first").mark_text(fontSize=size, fontWeight="bold").encode(
        text="label:N", color=alt.value(palette["text"])
    )  # fmt: skip
    return {**_layout(cells + text.transform_filter("!datum.first") + bold, methods * row + (90 if tilted else 36)), **room}


def balance(counts: np.ndarray, classes: Sequence[str], parts: Sequence[str]) -> Figure:
    """How many texts of each class are in each part: `counts` (classes, parts)."""
    rows = pd.DataFrame(
        [
            (name, part, int(counts[k, p]), p)
            for k, name in enumerate(classes)
            for p, part in enumerate(parts)
        ],
        columns=["class", "part", "texts", "order"],
    )  # fmt: skip
    return Figure(_balance(tuple(classes), tuple(parts), scheme()), {"rows": rows})


@lru_cache(maxsize=16)
def _balance(classes: tuple[str, ...], parts: tuple[str, ...], theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    colour = alt.Scale(domain=list(parts), range=[palette[name] for name in ("train", "validation", "test")])
    bars = alt.Chart(alt.NamedData(name="rows")).mark_bar().encode(
        x=alt.X("texts:Q", title="texts"),
        y=alt.Y("class:N", sort=list(classes), title=None, axis=alt.Axis(labelLimit=140, labelOverlap=False, labelFlush=False)),
        color=alt.Color("part:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
        order=alt.Order("order:Q"),
        tooltip=[alt.Tooltip("class:N"), alt.Tooltip("part:N"), alt.Tooltip("texts:Q", format=",")],
    )  # fmt: skip
    return _layout(bars, 30 * max(4, len(classes)) + 130)


def lengths(words: np.ndarray, *, height: int = 230) -> Figure:
    """How many texts have how many words, in at most 40 bars."""
    width = max(1, int(np.ceil((words.max() + 1) / 40)))
    counts = np.bincount(words // width)
    first = np.arange(len(counts)) * width
    label = [f"{k}" if width == 1 else f"{k} to {k + width - 1}" for k in first.tolist()]
    rows = {"first": first.tolist(), "next": (first + width).tolist(), "texts": counts.tolist(), "label": label}
    return Figure(_lengths(height, scheme()), {"rows": pd.DataFrame(rows)})


@lru_cache(maxsize=8)
def _lengths(height: int, theme: Scheme) -> dict[str, Any]:
    bars = alt.Chart(alt.NamedData(name="rows")).mark_bar(color=COLOURS[theme]["train"], binSpacing=1).encode(
        x=alt.X("first:Q", bin="binned", title="words in a text"),
        x2="next:Q",
        y=alt.Y("texts:Q", title="texts"),
        tooltip=[alt.Tooltip("label:N", title="words"), alt.Tooltip("texts:Q", format=",")],
    )  # fmt: skip
    return _layout(bars, height)


def common_words(words: Sequence[tuple[str, int]], classes: Sequence[str], k: int) -> Figure:
    """The commonest words of class `k`."""
    rows = pd.DataFrame(
        [(placed(place, word[:30]), word[:30], count) for place, (word, count) in enumerate(words)], columns=["place", "word", "count"]
    )
    return Figure(_common_words(len(words), class_colours(len(classes), scheme())[k]), {"rows": rows})


@lru_cache(maxsize=32)
def _common_words(words: int, colour: str) -> dict[str, Any]:
    bars = alt.Chart(alt.NamedData(name="rows")).mark_bar(color=colour).encode(
        x=alt.X("count:Q", title="times"),
        y=alt.Y("place:O", title=None, **in_order(labelLimit=160)),
        tooltip=[alt.Tooltip("word:N"), alt.Tooltip("count:Q", format=",", title="times")],
    )  # fmt: skip
    return _layout(bars, 22 * max(words, 1) + 60)


def compared(names: Sequence[str], accuracies: Sequence[Sequence[float]]) -> Figure:
    """Right answers on the test part: each seed a dot, a bar from one standard deviation below the mean to one above it."""
    dots, means = [], []
    for place, (name, values) in enumerate(zip(names, accuracies, strict=True)):
        mean, spread = float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
        dots += [(placed(place, name), name, float(value)) for value in values]
        means.append((placed(place, name), name, mean, mean - spread, mean + spread, name not in METHODS))
    tables = {
        "dots": pd.DataFrame(dots, columns=["place", "method", "accuracy"]),
        "means": pd.DataFrame(means, columns=["place", "method", "mean", "low", "high", "network"]),
    }
    floor = max(0.0, float(np.floor(20 * min(row[3] for row in means)) / 20))
    return Figure(_compared(len(names), floor, scheme()), tables)


@lru_cache(maxsize=32)
def _compared(methods: int, floor: float, theme: Scheme) -> dict[str, Any]:
    palette = COLOURS[theme]
    y = alt.Y("place:O", title=None, **in_order(labelLimit=260, labelFlush=False))
    x = alt.X(
        "low:Q", title="right answers on the test part", scale=alt.Scale(domain=[floor, 1], zero=False),
        axis=alt.Axis(format="%", tickCount=6),
    )  # fmt: skip
    colour = alt.condition("datum.network", alt.value(palette["validation"]), alt.value(palette["train"]))
    base = alt.Chart(alt.NamedData(name="means")).encode(y=y, color=colour)
    spread = base.mark_rule(strokeWidth=7, opacity=0.35).encode(x=x, x2="high:Q")
    mean = base.mark_tick(thickness=3, size=18).encode(
        x="mean:Q", tooltip=[alt.Tooltip("method:N"), alt.Tooltip("mean:Q", format=".1%")]
    )
    dots = alt.Chart(alt.NamedData(name="dots")).mark_point(size=30, color=palette["text"], opacity=0.7).encode(
        x="accuracy:Q", y=y, tooltip=[alt.Tooltip("method:N"), alt.Tooltip("accuracy:Q", format=".1%")]
    )  # fmt: skip
    return _layout(spread + mean + dots, 32 * methods + 60)


def word_map(
    words: Sequence[str], topics: np.ndarray, places: np.ndarray, classes: Sequence[str], *, height: int = 380
) -> Figure:
    """Words in two dimensions: `places` (words, 2), each in the colour of the class it leans to."""
    rows = pd.DataFrame(
        {
            "word": list(words), "class": [classes[k] for k in topics], "x": places[:, 0].round(4), "y": places[:, 1].round(4),
            "label": labels_apart(words, places, height),
        }
    )  # fmt: skip
    return Figure(_word_map(tuple(classes), height, scheme()), {"rows": rows})


def labels_apart(words: Sequence[str], places: np.ndarray, height: int, width: int = 280) -> list[str]:
    """The commonest words, each only where it lies on none before it on a map that is `width` wide, a phone's; else ""."""
    low, span = places.min(axis=0), np.maximum(np.ptp(places, axis=0), 1e-9)
    middles = (places - low) / span * (width - 50, height - 84)
    taken: list[tuple[float, float, float]] = []
    labels = []
    for (x, y), word in zip(middles.tolist(), words, strict=True):
        half = 3.4 * len(word)  # of 11 px letters
        free = all(abs(x - other) > half + wide + 3 or abs(y - down) > 13 for other, down, wide in taken)
        if chosen := free and len(labels) < LABELLED:
            taken.append((x, y, half))
        labels.append(word if chosen else "")
    return labels


@lru_cache(maxsize=16)
def _word_map(classes: tuple[str, ...], height: int, theme: Scheme) -> dict[str, Any]:
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("x:Q", title="first principal component", scale=alt.Scale(zero=False, padding=25)),
        y=alt.Y("y:Q", title="second principal component", scale=alt.Scale(zero=False, padding=12)),
        color=_colour(classes, theme),
        tooltip=[alt.Tooltip("word:N"), alt.Tooltip("class:N", title="leans to")],
    )
    points = base.mark_point(filled=True, size=28)
    text = base.mark_text(dy=-8, fontSize=11).encode(text="label:N")
    return _layout(points + text, height)


def _layout(chart: alt.TopLevelMixin, height: int) -> dict[str, Any]:
    layout = chart.properties(height=height).to_dict()
    layout.pop("config", None)
    return layout
