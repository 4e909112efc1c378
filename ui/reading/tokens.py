"""From a typed text to a network's input, step by step: words, numbers, unknown words, what is cut, padding and mask."""

from __future__ import annotations

import html

import streamlit as st

from lstm.lessons.reading.reader import TextReader
from ui.theme import COLOURS, scheme

SHOWN = 60
"""Words, and places of the input, that are shown of a long text."""


def step_by_step(reader: TextReader, text: str, key: str) -> None:
    """Show what `reader` makes of `text`. A text without a word gets a sentence."""
    tokens = reader.tokens(text)
    if not tokens:
        st.info("There is no word in this text yet.")
        return
    st.markdown(
        "**1. Words.** Everything is lower case, and only letters and digits count. **2. Numbers.** Each word has a place in "
        f"the vocabulary of {len(reader.vocabulary):,}; a word that is not in it becomes {_chip('<UNK>')}, number "
        f"{reader.vocabulary.unk}."
    )
    palette = COLOURS[scheme()]
    boxes = []
    for token in tokens[:SHOWN]:
        colour = palette["muted"] if not token.read else palette["validation"] if not token.known else palette["train"]
        label = "beyond what it reads" if not token.read else "unknown" if not token.known else ""
        boxes.append(_box(token.word, str(token.id), colour, label, faint=not token.read))
    st.html(_row(boxes))
    unknown = sum(not token.known for token in tokens)
    unread = sum(not token.read for token in tokens)
    words = f"{len(tokens):,} {'word' if len(tokens) == 1 else 'words'}, {unknown:,} unknown, {unread:,} cut off"
    st.caption(words + (f"; the first {SHOWN} are shown." if len(tokens) > SHOWN else "."))
    _input(reader, text, palette, key)


def _input(reader: TextReader, text: str, palette: dict[str, str], key: str) -> None:
    """What stands in the array: start, words, padding, and whether each place is skipped."""
    ids = reader.encode(text)
    place = "in front" if reader.padding == "pre" else "behind"
    skipped = (
        "The mask skips all padding: the state stays as it is, and the sentence alone decides."
        if reader.mask
        else "Nothing is masked: the network runs over the padding as well, and has to learn that it means nothing."
    )
    st.markdown(
        f"**3. One length.** {_chip('<START>')} comes first; padding {_chip('<PAD>')} goes {place}, up to {reader.length} "
        f"time steps, so that many sentences fit into one array; a longer text loses its "
        f"{'beginning' if reader.padding == 'pre' else 'end'}. **4. Mask.** {skipped}"
    )
    array = reader.pad([ids])[0]
    first, last = (len(array) - len(ids) + 1, len(array)) if reader.padding == "pre" else (1, len(ids))
    padded = len(array) - len(ids)
    stand = f"The {len(ids):,} numbers stand in places {first:,} to {last:,} of {len(array):,}"
    st.caption(
        f"{stand}, with {padded:,} {'step' if padded == 1 else 'steps'} of padding {place}."
        if padded
        else f"{stand}: no padding."
    )
    start = 1
    if len(array) > SHOWN:
        final = len(array) - SHOWN + 1
        start = st.slider(
            "Show places from", 1, final, final if reader.padding == "pre" else 1, key=f"{key}_from_{len(array)}_{reader.padding}",
            help=f"{SHOWN} places are shown at a time.",
        )  # fmt: skip
    boxes = []
    for at, number in enumerate(array[start - 1 : start - 1 + SHOWN].tolist(), start):
        padding = number == 0
        mask = ("skipped" if reader.mask else "read") if padding else "read"
        colour = (
            palette["muted"]
            if padding
            else palette["validation"]
            if number == reader.vocabulary.unk
            else palette["train"]
        )
        word = reader.vocabulary.tokens[number]
        boxes.append(_box(word, str(number), colour, f"place {at}, {mask}", faint=padding and reader.mask))
    st.html(_row(boxes))


def _chip(special: str) -> str:
    return f"`{special}`"


def _row(boxes: list[str]) -> str:
    return f'<div style="display:flex;flex-wrap:wrap;gap:.3rem;margin:.1rem 0">{"".join(boxes)}</div>'


def _box(word: str, number: str, colour: str, label: str, faint: bool) -> str:
    """One word above its number. What was typed is escaped."""
    style = (
        f"border:1px {'dashed' if faint else 'solid'} {colour};border-radius:.3rem;padding:.1rem .35rem;text-align:center;font-size:.8rem;"
        f"line-height:1.3;max-width:100%;overflow-wrap:anywhere"
    )
    below = f'<br><span style="font-size:.68rem">{html.escape(label)}</span>' if label else ""
    return (
        f'<div style="{style}">{html.escape(word)}<br>'
        f'<span style="font-family:monospace">{html.escape(number)}</span>{below}</div>'
    )
