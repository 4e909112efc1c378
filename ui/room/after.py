"""What is left of a class: its questions with both votes, and its board, as CSV and as one page of HTML. No students in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from html import escape

import streamlit as st

from lstm.lessons import runs
from lstm.lessons.runs import UNSET
from rooms.room import Room
from ui.plain import unmarked
from ui.room.board import in_order
from ui.room.votes import VOTES, table
from ui.theme import colours

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1F2328; background: #fff; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top; }
table.votes td { width: 30%; } table.votes i { display: inline-block; height: .9em; margin-right: .4em; } tr.right { font-weight: 600; }
pre { white-space: pre-wrap; background: #F4F5F7; padding: .5rem; } .muted { color: #5A6270; }
"""
Columns = Mapping[str, list[object]]


def downloads(room: Room, titles: Mapping[str, str], csv_text: Callable[[Columns], str]) -> None:
    """The buttons. A file is made when somebody asks for it."""
    files = (
        ("Questions (.csv)", lambda: csv_text(questions(room)), "questions.csv", "text/csv"),
        ("Board (.csv)", lambda: csv_text(board(room, titles)), "board.csv", "text/csv"),
        ("The whole room (.html)", lambda: page(room, titles), "room.html", "text/html"),
    )
    with st.container(horizontal=True):
        for label, data, name, mime in files:
            st.download_button(
                label, data, file_name=f"lstm-lab-{room.name}-{name}", mime=mime, on_click="ignore", icon=":material/download:",
                key=f"take_room_{name}",
            )  # fmt: skip
    st.caption("Without names and colours: nothing in these files says who answered or trained what.")


def questions(room: Room) -> dict[str, list[object]]:
    """A row for each option of each question under each setting: how often it was chosen in each vote."""
    rows = []
    for question in reversed(room.questions()):
        for number, counted in enumerate(question.counted, 1):
            asked = counted.asked
            options = asked.options if asked else [f"option {k + 1}" for k in range(len(counted.rounds[0]))]
            for k, option in enumerate(options):
                votes = [one[k] for one in counted.rounds] + [""] * (len(VOTES) - len(counted.rounds))
                rows.append(
                    (
                        asked.page if asked else "", unmarked(asked.text) if asked else question.key, number if asked else "several",
                        unmarked(option), "yes" if asked and k == asked.right else "no" if asked else "", *votes,
                    )
                )  # fmt: skip
    heads = ("page", "question", "setting", "option", "right", *(vote.lower() for vote in VOTES))
    return {head: [row[k] for row in rows] for k, head in enumerate(heads)}


def board(room: Room, titles: Mapping[str, str]) -> dict[str, list[object]]:
    """A row for each run on the board."""
    rows = in_order(room.board(), "")[::-1]
    return {
        "number": [row.number for row in rows],
        "lesson": [titles.get(row.lesson, row.lesson) for row in rows],
        "changed": [row.run.how for row in rows],
        "figure": [row.run.final[0] if row.run.final else "" for row in rows],
        "value": [row.run.final[1] if row.run.final else "" for row in rows],
        "seconds": [row.run.seconds if row.run.seconds == row.run.seconds else "" for row in rows],
        "parameters": [sum(row.run.parameters.values()) for row in rows],
        "sample": [row.run.sample for row in rows],
    }


def page(room: Room, titles: Mapping[str, str]) -> str:
    """The room as one page that needs nothing else. Every word in it is escaped."""
    parts = [
        f"<h1>The room {escape(room.name)}</h1>",
        f'<p class="muted">LSTM Lab, {time.strftime("%Y-%m-%d")}. No student is named in it.</p>',
        "<h2>Questions</h2>",
    ]
    asked = room.questions()[::-1]
    for question in asked:
        for k, counted in enumerate(question.counted):
            if counted.asked is None:
                parts.append('<p class="muted">Under further settings, counted together:</p>' + table(counted, True, colours("light")))
                continue
            head = f"<h3>{escape(unmarked(counted.asked.text))}</h3>" if k == 0 else '<p class="muted">Under other settings:</p>'
            parts += [head, f'<p class="muted">{escape(counted.asked.page)}</p>' if k == 0 else "", table(counted, True, colours("light"))]
            parts.append(f"<p>{escape(unmarked(counted.asked.explanation))}</p>")
    parts += ["" if asked else "<p>Nothing was answered.</p>", "<h2>Board</h2>", _rows(room, titles)]
    title = escape(f"The room {room.name}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>\n<body>\n'
        + "\n".join(filter(None, parts))
        + "\n</body></html>\n"
    )


def _rows(room: Room, titles: Mapping[str, str]) -> str:
    rows = in_order(room.board(), "")[::-1]
    if not rows:
        return "<p>Nothing was put on the board.</p>"
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("", "Lesson", "Changed", "Figure", "Seconds", "Sample"))
    body = []
    for row in rows:
        figure = UNSET if row.run.final is None else f"{row.run.final[0]} {runs.figure(*row.run.final)}"
        seconds = f"{row.run.seconds:.1f}" if row.run.seconds == row.run.seconds else UNSET
        cells = (str(row.number), titles.get(row.lesson, row.lesson), row.run.how, figure, seconds)
        sample = f"<pre>{escape(row.run.sample)}</pre>" if row.run.sample else UNSET
        body.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + f"<td>{sample}</td></tr>")
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table>"
