"""Answers of a class as bars: both votes beside each other, the right option marked, other settings apart.

A table of HTML, so that it is drawn at once on thirty screens, is read aloud as it stands and fits a phone. Every word in it
is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import streamlit as st

from rooms.room import Counted, Question, shares
from ui.plain import unmarked
from ui.theme import colours

VOTES = ("First vote", "Second vote")
_STYLE = """<style>
table.votes { border-collapse: collapse; width: 100%; }
table.votes :is(th, td) { padding: .15rem .5rem .15rem 0; text-align: left; font-weight: inherit; border: 0; vertical-align: middle; }
table.votes thead th { font-size: .875rem; }
table.votes td { width: 30%; white-space: nowrap; }
table.votes i { display: inline-block; height: .9em; margin-right: .4em; vertical-align: -.1em; border-radius: 2px; min-width: 2px; }
table.votes tr.right th { font-weight: 600; }
</style>"""


def bars(counted: Counted, revealed: bool) -> None:
    """How often each option was chosen in each vote; the right one is marked once the answer is revealed."""
    st.html(_STYLE + table(counted, revealed, colours()))


def table(counted: Counted, revealed: bool, palette: Mapping[str, str]) -> str:
    """The same as HTML, in these colours."""
    paint = (palette["baseline"], palette["train"]) if len(counted.rounds) > 1 else (palette["train"],)
    heads = "".join(
        f'<th scope="col">{f"{VOTES[k]}: " if len(counted.rounds) > 1 else ""}{answers(sum(votes))}</th>'
        for k, votes in enumerate(counted.rounds)
    )
    options = counted.asked.options if counted.asked else [f"Option {k + 1}" for k in range(len(counted.rounds[0]))]
    rows = []
    for k, option in enumerate(options):
        right = revealed and counted.asked is not None and k == counted.asked.right
        cells = "".join(
            f'<td><i style="width:{70 * shares(votes)[k]:.1f}%;background:{colour}"></i>{votes[k]}</td>'
            for votes, colour in zip(counted.rounds, paint)
        )
        mark = "✓ " if right else ""
        rows.append(
            f'<tr class="{"right" if right else ""}"><th scope="row">{mark}{escape(unmarked(option))}</th>{cells}</tr>'
        )
    return f'<table class="votes"><thead><tr><td></td>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def answers(number: int) -> str:
    """So many answers."""
    return "1 answer" if number == 1 else f"{number:,} answers"


def apart(question: Question, own: Counted | None) -> None:
    """What was answered under settings other than those of `own`: said, and counted for itself."""
    others = [one for one in question.counted if one is not own and any(map(sum, one.rounds))]
    if not others:
        return
    number = sum(sum(one.rounds[-1]) for one in others)
    st.caption(f"Under other settings, and so counted apart: {answers(number)}.")
    for one in others[:3]:
        bars(one, question.revealed)
