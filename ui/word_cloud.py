"""A word cloud as a picture: the commonest words of a text, large ones first, in the lab's colours."""

from __future__ import annotations

import io

import streamlit as st

from ui.theme import COLOURS, Scheme

SIZE = (400, 190)


@st.cache_data(show_spinner=False, max_entries=64)
def word_cloud(frequent: tuple[tuple[str, int], ...], theme: Scheme) -> bytes:
    """The picture as a PNG, kept so that a rerun neither draws nor compresses it again. `frequent`: words and counts."""
    from wordcloud import WordCloud

    palette = COLOURS[theme]
    order = [palette[name] for name in ("i", "f", "g", "o", "c", "h")]
    colour = {word: order[k % len(order)] for k, (word, _) in enumerate(frequent)}
    width, height = SIZE
    picture = WordCloud(
        width=width, height=height, scale=2, mode="RGBA", background_color=None, random_state=0, prefer_horizontal=0.95,
        color_func=lambda word, **_: colour[word],
    )  # fmt: skip
    file = io.BytesIO()
    picture.generate_from_frequencies(dict(frequent)).to_image().save(file, "PNG")
    return file.getvalue()
