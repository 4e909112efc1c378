"""The board: what the class has trained, a row a run, curves over each other, and a sample held up for reading aloud.

A run is the record that its own page keeps (`lstm.lessons.runs.Run`), words of it cut, so that a row is small whoever wrote
it. All of it is shown as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from lstm.lessons import runs
from lstm.lessons.runs import SAMPLE, UNSET, Curve, Run
from rooms.room import Room, Row
from ui.plain import plain
from ui.room import here
from ui.training_charts import RUN_COLOURS, overlaid

EVERY = 3.0
WORD = 60
"""Most characters of a setting's name or word on the board."""
CURVES = 3
ALL = "all lessons"
SORTS = ("newest first", "best figure first", "fastest first")
APART = ("Seed",)
"""Settings in which the runs of one band may differ."""
FIRST = ("val_loss", "val_accuracy")


def offer(newest: Run | None) -> None:
    """On a student's page: put the newest run on the board, by a press or at once, as the teacher says."""
    room, student = here.room(), here.student()
    if room is None or student is None or newest is None:
        return
    if room.at_once and not room.on_board(newest.key):
        put(room, student, newest)
    if room.on_board(newest.key):
        st.caption(":material/check: The newest run is on the board of the class.")
    else:
        st.button(
            "Put on the board", icon=":material/dashboard:", key=f"board_{newest.lesson}", on_click=put, args=(room, student, newest),
            help="The class sees its settings, figures, curves and the end of its sample, and you as a colour.",
        )  # fmt: skip


def put(room: Room, student: str, run: Run) -> None:
    """Put a run on the board."""
    room.put(student, run.key, run.lesson, small(run))


def small(run: Run) -> Run:
    """The same record with its words cut and its first curves."""
    return replace(
        run, settings=_cut(run.settings), changed=_cut(run.changed), data=run.data[:WORD], sample=run.sample[:SAMPLE],
        curves=dict(list(run.curves.items())[:CURVES]),
    )  # fmt: skip


def _cut(words: Mapping[str, str]) -> dict[str, str]:
    return {label[:WORD]: word[:WORD] for label, word in words.items()}


@st.fragment(run_every=EVERY)
def board(titles: Mapping[str, str], projected: bool = False) -> None:
    """The teacher's board.

    titles : of the lessons, by the word that a run has for its lesson
    """
    room = here.led()
    if room is None:
        st.rerun()
    rows = room.board()
    if not projected:
        st.toggle(
            "Every run goes on the board at once", room.at_once, key="board_at_once", on_change=_at_once, args=(room,),
            help="Otherwise a student's run comes when they press *Put on the board*.",
        )  # fmt: skip
    if not rows:
        st.markdown("Nothing is on the board yet. A training that has ended can be put there from its own page.")
        return
    _pinned(room, rows, projected)
    shown = _sorted(rows, titles, projected)
    st.dataframe(table(shown, titles), hide_index=True, width="stretch", height="content", key="board_table")
    _over_each_other(room, shown, projected)


def _at_once(room: Room) -> None:
    room.take_at_once(st.session_state.board_at_once)


def _pinned(room: Room, rows: Sequence[Row], projected: bool) -> None:
    """The sample that is held up, and which one that is."""
    if (pinned := room.pinned) is not None:
        st.markdown(f"**Read aloud:** number {pinned.number}, by *{plain(pinned.student)}*")
        st.code(pinned.run.sample or of_accuracy(pinned.run), language=None, wrap_lines=True)
    if projected:
        return
    keys = ["", *(row.key for row in rows)]
    by_key = {row.key: row for row in rows}
    st.session_state["board_pin"] = pinned.key if pinned is not None else ""
    st.selectbox(
        "Hold up for reading aloud", keys, key="board_pin", on_change=lambda: room.pin(st.session_state.board_pin or None),
        format_func=lambda key: "nothing" if not key else f"{by_key[key].number}, {by_key[key].student}: {by_key[key].run.how[:WORD]}",
    )  # fmt: skip


def of_accuracy(run: Run) -> str:
    """What stands for a run that writes no text."""
    return UNSET if run.final is None else f"{run.final[0]} {runs.figure(*run.final)}"


def _sorted(rows: Sequence[Row], titles: Mapping[str, str], projected: bool) -> list[Row]:
    """The rows of one lesson or of all, in the order that is chosen."""
    lesson, order = ALL, SORTS[0]
    there = [ALL, *dict.fromkeys(row.lesson for row in rows)]
    with st.container(horizontal=True):
        if st.session_state.get("board_lesson") not in there:
            st.session_state.pop("board_lesson", None)
        lesson = st.selectbox("Lesson", there, key="board_lesson", format_func=lambda one: titles.get(one, one), persist_state="session")
        order = st.selectbox("Order", SORTS, key="board_order", persist_state="session")
    return in_order([row for row in rows if lesson in (ALL, row.lesson)], order)


def in_order(rows: Sequence[Row], order: str) -> list[Row]:
    """Rows as `SORTS` says. What is best is said by the figure: high accuracies, low losses; those without one come last."""
    if order == SORTS[1]:
        return sorted(rows, key=lambda row: (row.run.final is None, *_badness(row.run)))
    if order == SORTS[2]:
        return sorted(rows, key=lambda row: (row.run.seconds != row.run.seconds, row.run.seconds))
    return sorted(rows, key=lambda row: -row.number)


def _badness(run: Run) -> tuple[str, bool, float]:
    if run.final is None:
        return "", True, 0.0
    name, value = run.final
    return name, value != value, -value if "accuracy" in name else value


def table(rows: Sequence[Row], titles: Mapping[str, str]) -> dict[str, list[object]]:
    """The board as columns."""
    return {
        "number": [row.number for row in rows],
        "by": [row.student for row in rows],
        "lesson": [titles.get(row.lesson, row.lesson) for row in rows],
        "changed": [row.run.how for row in rows],
        "figure": [row.run.final[0] if row.run.final else UNSET for row in rows],
        "value": [runs.figure(*row.run.final) if row.run.final else UNSET for row in rows],
        "seconds": [f"{row.run.seconds:.1f}" if row.run.seconds == row.run.seconds else UNSET for row in rows],
        "sample": [" ".join((row.run.sample or UNSET).split())[:WORD] for row in rows],
    }


def _over_each_other(room: Room, rows: Sequence[Row], projected: bool) -> None:
    """Curves of chosen runs, each a line, or a band for all with the same settings."""
    known = {row.key: row for row in rows}
    kept = [key for key in st.session_state.get("board_chosen", []) if key in known]
    st.session_state["board_chosen"] = kept
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "Curves of", list(known), key="board_chosen", persist_state="session",
            format_func=lambda key: f"{known[key].number}, {known[key].student}: {known[key].run.how[:WORD]}",
        )  # fmt: skip
        banded = st.toggle(
            "A band for each setting", key="board_bands", persist_state="session",
            help="Runs with the same settings, the seed apart, are drawn as one: their mean, and from the lowest to the highest.",
        )  # fmt: skip
        if chosen and not projected:
            st.button("Take off the board", icon=":material/delete:", key="board_off", on_click=_take_off, args=(room, chosen))
    if not chosen:
        return
    picked = [known[key] for key in chosen]
    groups, unit, left = curves_of(picked, banded)
    if groups:
        overlaid(groups, y=unit, height=340).show("board_curves", f"Curves of {len(picked)} runs over each other")
    if left:
        st.caption(f"Not drawn: {left}; at most {len(RUN_COLOURS)} that were measured alike lie over each other.")


def _take_off(room: Room, keys: Sequence[str]) -> None:
    for key in keys:
        room.take_off(key)


def curves_of(rows: Sequence[Row], banded: bool) -> tuple[dict[str, list[Curve]], str, int]:
    """Curves by their name in the legend, what they are measured in, and how many runs are left out.

    They are of the held-out loss where there is one, and of the first metric that all have otherwise.
    """
    records = [row.run for row in rows]
    shared = [name for name in records[0].curves if all(name in one.curves for one in records)]
    metrics = [name for name in FIRST if name in shared] or shared or list(records[0].curves)
    if not metrics:
        return {}, "", len(rows)
    there = [row for row in rows if metrics[0] in row.run.curves]
    unit = there[0].run.curves[metrics[0]].unit
    there = [row for row in there if row.run.curves[metrics[0]].unit == unit]
    names = runs.names([row.run for row in there], [row.number for row in there])
    apart = {label: words for label, words in runs.differing([row.run for row in there]).items() if label not in APART}
    groups: dict[str, list[Curve]] = {}
    left = len(rows) - len(there)
    for k, row in enumerate(there):
        alike = ", ".join(f"{label} {words[k]}" for label, words in apart.items()) or "all alike"
        name = alike if banded else names[k]
        if name not in groups and len(groups) == len(RUN_COLOURS):
            left += 1
            continue
        groups.setdefault(name, []).append(row.run.curves[metrics[0]])
    return groups, unit, left
