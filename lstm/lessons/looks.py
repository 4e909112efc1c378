"""What the lab takes a file for, and the facts of any kind as lines to read."""

from __future__ import annotations

from typing import Any, Literal

from lstm.datasets.grid import DELIMITERS
from lstm.datasets.tables import read_table
from lstm.datasets.topics import CLASSES, LABEL_NAMES, TEXT_NAMES, labelled_csv, table_of_texts, words_in

Kind = Literal["series", "topics", "text", "model"]
_MODELS = (b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x93NUMPY")
_WORDS_OF_A_TEXT = 2.5


def kind_of(data: bytes, name: str) -> Kind:
    """What a file seems to be: a model by its first bytes; a table of texts, a table of numbers, or else a text."""
    if data.startswith(_MODELS) and not any(mark in data[:4_000] for mark in (b"xl/", b"word/", b"opendocument")):
        return "model"
    try:
        grid = table_of_texts(labelled_csv(data, name), name)
    except ValueError:
        grid = None
    if grid is not None and grid.rows:
        lower = {one.lower() for one in grid.names}
        if lower & set(TEXT_NAMES) and lower & set(LABEL_NAMES):
            return "topics"
        part = [column[:300] for column in grid.columns]
        labels = [1 < len(set(cells)) <= CLASSES[1] and 3 * len(set(cells)) <= len(cells) for cells in part]
        for k, cells in enumerate(part):
            apart = len(set(cells)) > 0.3 * len(cells)
            if (
                apart
                and sum(map(words_in, cells)) >= _WORDS_OF_A_TEXT * len(cells)
                and any(labels[:k] + labels[k + 1 :])
            ):
                return "topics"
    try:
        table = read_table(data, name)
    except ValueError:
        return "series" if grid is None and name.lower().endswith((".csv", ".tsv")) else "text"
    numbers = sum(table.rows - column.missing - column.bad for column in table.columns if column.kind == "number")
    return "series" if numbers >= 0.5 * table.rows else "text"


def lines_of(facts: dict[str, Any]) -> list[str]:
    """Facts as lines, a note on each of the last ones."""
    lines = []
    for name, value in facts.items():
        if name in ("notes", "file") or value in (None, [], {}, ""):
            continue
        if name == "delimiter":
            value = DELIMITERS.get(value, value)
        elif name == "columns":
            value = [f"{one['name']} ({one['holds']}{_lacking(one)})" for one in value]
        lines.append(f"{name}: {_told(value)}")
    return lines + [f"note: {note}" for note in facts.get("notes", [])]


def _lacking(column: dict[str, Any]) -> str:
    return "".join(f", {column[what]:,} {what}" for what in ("missing", "unread") if column[what])


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_told, value))
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)
