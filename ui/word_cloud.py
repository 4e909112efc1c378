"""A word cloud as a picture: the commonest words of a text, large ones first, in the lab's colours."""

from __future__ import annotations

import io

from ui.theme import COLOURS, Scheme

SIZE = (400, 190)


def word_cloud(frequent: tuple[tuple[str, int], ...], theme: Scheme) -> bytes:
    """The picture as a PNG. `frequent`: words and counts. It takes a third of a second: keep it, see `ui.keep`."""
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
