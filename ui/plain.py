"""Words of a user inside a sentence of ours: Streamlit's sentences are Markdown, a user's words are not."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$:&^=@/])")
_SHORTCODE = re.compile(r":(?=[\w+-]+:)")
_ADDRESS = re.compile(r"(?:(?<=http:)|(?<=https:))(?=//)|(?<=www)(?=\.)|(?<=\S)(?=@)", re.IGNORECASE)
"""Where an address is cut so that it is none: Markdown looks for them after it has taken the backslashes away."""


def plain(text: object) -> str:
    """`text` such that Markdown shows it letter by letter, on one line: no links, no colours, no formulas, no emoji."""
    line = " ".join(str(text).split())
    return _SPECIAL.sub(r"\\\1", _ADDRESS.sub("\u2060", _SHORTCODE.sub(":\u2060", line)))


_MARKUP = re.compile(r":[a-z-]+\[([^\]]*)\]|\\(.)|[*`]|(?<!\w)_|_(?!\w)")


def unmarked(markdown: str) -> str:
    """Markdown of the lab as plain words, for what is read aloud: `*I am*` as `I am`."""
    return _MARKUP.sub(lambda found: found[1] or found[2] or "", markdown)


def sentence(problem: object) -> str:
    """An error of the lab as a sentence: capital letter first, full stop last, shown as plain text.

    A name that comes first (`learning_rate`, `notes.txt`) stays as it is.
    """
    line = " ".join(str(problem).split())
    if line.split(" ")[0].isalpha():
        line = line[:1].upper() + line[1:]
    return plain(line if line.endswith((".", "!", "?")) else f"{line}.")
