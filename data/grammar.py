"""From templates and word lists to sentences: what the scripts that make this folder's CSVs share.

In a template, `{name}` is drawn from the list of that name and may itself hold slots; `[one|two]` is a choice. Words at
the front of a list are drawn more often than those at its end, so a few are common and many are rare, as in language.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

import numpy as np

_SLOT = re.compile(r"\{([a-z_]+)\}|\[([^\[\]]*)\]")
_ARTICLE = re.compile(r"\b([Aa])n?(?= (\w+))")
_SOUNDS_LIKE_A_VOWEL = re.compile(r"(?!one|once|uni|use|eu)[aeiou]|honest|honou?r|hour|heir", re.IGNORECASE)


def lines(text: str) -> list[str]:
    """The entries of a word list that is written with a comma or a line end between them."""
    return [entry for entry in (" ".join(piece.split()) for piece in re.split(r"[,\n]", text)) if entry]


def draw(rng: np.random.Generator, options: Sequence[str], evenly: bool = False) -> str:
    """One of `options`, the first ones more often. Only `rng.random()` is used: it gives the same numbers everywhere."""
    if evenly:
        return options[int(rng.random() * len(options))]
    weights = [1 / (rank + 4) for rank in range(len(options))]
    at = rng.random() * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        at -= weight
        if at < 0:
            return option
    return options[-1]


def write(rng: np.random.Generator, template: str, lists: Mapping[str, Sequence[str]]) -> str:
    """A sentence: every slot filled, "a" or "an" as the next word wants it, a capital first, a full stop unless it ends in .!?"""

    def fill(match: re.Match[str]) -> str:
        if match[1] is not None:
            return draw(rng, lists[match[1]])
        return draw(rng, match[2].split("|"), evenly=True)

    text = template
    while _SLOT.search(text):
        text = _SLOT.sub(fill, text)
    text = _ARTICLE.sub(with_article, " ".join(text.split()).replace(" ,", ","))
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?" else text + "."


def with_article(match: re.Match[str]) -> str:
    """"a" or "an" for the word that follows: by how it sounds."""
    return match[1] + ("n" if _SOUNDS_LIKE_A_VOWEL.match(match[2]) else "")


def deal(rng: np.random.Generator, count: int, shares: Mapping[str, float]) -> list[str]:
    """A part ("training" …) for each of `count` templates, in about these shares, shuffled; every part gets one."""
    parts: list[str] = []
    for name, share in shares.items():
        parts += [name] * max(1, round(share * count))
    parts = (parts + [next(iter(shares))] * count)[:count] if len(parts) < count else parts[len(parts) - count :]
    keys = [rng.random() for _ in parts]
    return [part for _, part in sorted(zip(keys, parts, strict=True))]


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A table as UTF-8 with line ends the same on every system."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return file.getvalue().encode()
