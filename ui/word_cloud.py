"""The commonest words of a text: as a picture, large ones first, in the lab's colours; or as bars, whatever their script.

The picture is drawn here, on the server, with one font: DejaVu Sans, which has Latin, Greek, Cyrillic, Armenian,
Georgian, Hebrew, Arabic and Lao, and comes with Matplotlib, which the package wordcloud needs (757 KB; its licence, that
of Bitstream Vera, lets anybody use and pass it on). Words that it has no letters for are drawn by the browser, as bars.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import altair as alt
import streamlit as st

from ui.charts import Figure, columns, in_order, placed
from ui.theme import COLOURS, Scheme, scheme

SIZE = (400, 190)
LONGEST = 30
"""Characters of a word: a longer one has no room in the picture."""
FEWEST = 3
"""Words that make a picture."""
BARS = 12
FONT = Path("mpl-data", "fonts", "ttf", "DejaVuSans.ttf")


def show_words(frequent: Sequence[tuple[str, int]], picture: bytes | None, caption: str) -> None:
    """The words and how often they stand in a text, commonest first: what `word_cloud` made of them, or bars."""
    listed = ", ".join(f"{word[:LONGEST]} {count}" for word, count in frequent[:BARS])
    if picture is not None:
        st.image(picture, width="stretch", caption=caption, alt=f"Word cloud. The most frequent words: {listed}")
    else:
        bars(frequent).show("word_bars", f"Bars: {listed}")
        st.caption(caption)


def drawable(frequent: Sequence[tuple[str, int]]) -> dict[str, int]:
    """The words that the picture's font has all letters for, and that are short enough for it."""
    letters = _letters()
    return {word: count for word, count in frequent if len(word) <= LONGEST and letters.issuperset(word)}


def word_cloud(frequent: tuple[tuple[str, int], ...], theme: Scheme) -> bytes | None:
    """The picture as a PNG; None if most words have no place in it. `frequent`: words and counts.

    It takes a third of a second: keep it, see `ui.keep`.
    """
    from wordcloud import WordCloud

    words = drawable(frequent)
    if len(words) < FEWEST or 2 * len(words) < len(frequent):
        return None
    palette = COLOURS[theme]
    order = [palette[name] for name in ("i", "f", "g", "o", "c", "h")]
    colour = {word: order[k % len(order)] for k, word in enumerate(words)}
    width, height = SIZE
    picture = WordCloud(
        width=width, height=height, scale=2, mode="RGBA", background_color=None, random_state=0, prefer_horizontal=0.95,
        color_func=lambda word, **_: colour[word], font_path=str(_font()),
    )  # fmt: skip
    file = io.BytesIO()
    try:
        picture.generate_from_frequencies(words).to_image().save(file, "PNG")
    except ValueError:  # no room for a single word
        return None
    return file.getvalue()


def bars(frequent: Sequence[tuple[str, int]]) -> Figure:
    """The commonest words as bars."""
    shown = [(placed(place, word[:LONGEST]), word[:LONGEST], count) for place, (word, count) in enumerate(frequent[:BARS])]
    return Figure(_bars(len(shown), scheme()), {"rows": columns(("place", "word", "count"), shown)})


@lru_cache(maxsize=32)
def _bars(words: int, theme: Scheme) -> dict[str, Any]:
    chart = alt.Chart(alt.NamedData(name="rows")).mark_bar(color=COLOURS[theme]["train"]).encode(
        x=alt.X("count:Q", title="times"),
        y=alt.Y("place:O", title=None, **in_order(labelLimit=160)),
        tooltip=[alt.Tooltip("word:N"), alt.Tooltip("count:Q", format=",", title="times")],
    )  # fmt: skip
    layout = chart.properties(height=18 * words + 40).to_dict()
    layout.pop("config", None)
    return layout


@lru_cache(maxsize=1)
def _font() -> Path:
    places = find_spec("matplotlib").submodule_search_locations
    return next(path for place in places if (path := Path(place) / FONT).is_file())


@lru_cache(maxsize=1)
def _letters() -> frozenset[str]:
    """The characters that the font has; without Hebrew and Arabic where Pillow lacks Raqm, which joins and turns them."""
    from fontTools.ttLib import TTFont
    from PIL import features

    with TTFont(_font(), lazy=True) as font:
        known = frozenset(map(chr, font.getBestCmap()))
    joined = not features.check("raqm")
    return frozenset(c for c in known if not (joined and "\u0590" <= c <= "\u08ff"))
