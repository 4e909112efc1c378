"""What the lab makes of a table, before anything is trained on it: for the command line and the page alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm.datasets.tables import ReadOptions, Table, pick, read_table, series_of, step_name

SHOWN = 3


def look_series(
    data: bytes,
    name: str,
    options: ReadOptions | None = None,
    column: str | None = None,
    date: str | None = None,
    **how: Any,
) -> dict[str, Any]:
    """`facts_of` a file's bytes; column and date are those most likely to be meant, where they are not named."""
    table = read_table(data, name, options)
    likely, dated = table.suggested
    return facts_of(table, column or likely, dated if date is None else None if date == "none" else date, **how)


def facts_of(table: Table, column: str, date: str | None, interpolate: bool = False, **how: Any) -> dict[str, Any]:
    """Kind, encoding, columns, the first and last values, the dates and every note, as JSON can tell them.

    Values that are missing are None; "offers" are the options that would read the file in another way.
    `how` has `as_missing`, `only` and `average` of `series_of`. ValueError, one
    sentence, if the column is none of numbers.
    """
    notes = [*table.notes]
    try:
        picked = pick(table, column, date, **how)
    except ValueError as problem:
        if date is None or column not in table.numbers:
            raise
        notes.append(f"the dates cannot be used: {problem}")
        picked, date = pick(table, column, None, how.get("as_missing", False), how.get("only")), None
    numbers = table.numbers
    if len(numbers) > 1:
        notes.append(f"of {len(numbers)} columns of numbers {column!r} is taken")
    if date is None and table.date_columns:
        notes.append(f"{table.date_columns[0]!r} is not used: its dates repeat, or it was left out")
    notes += [f"{column}: {note}" for note in picked.notes]
    series = picked.series(column)
    try:
        series, said = series_of(table, column, date, interpolate, **how)
        notes += [f"{column}: {note}" for note in said if note not in picked.notes]
    except ValueError as problem:
        notes.append(str(problem))
    doubtful = {
        "treat-as-missing": table.column(column).doubtful and not how.get("as_missing"), "interpolate": picked.gaps and not interpolate,
        "only": table.groups, "average": not table.groups and date is None and any(table.column(one).repeats for one in table.date_columns),
    }  # fmt: skip
    offers = [
        *sorted(offer.replace("_", "-") for offer in table.offers),
        *(name for name, there in doubtful.items() if there),
    ]
    dates = None
    if series.dates is not None and len(series):
        stamps = np.datetime_as_string(series.dates.astype("datetime64[s]"))
        dates = {"first": str(stamps[0]), "last": str(stamps[-1]), "step": step_name(series)}
    return {
        "kind": "series", "file": table.name, "encoding": table.encoding, "delimiter": table.delimiter, "decimal": table.decimal,
        "header": table.headed, "rows": table.rows, "columns": [_column(table, one.name) for one in table.columns],
        "column": column, "date": date, "points": len(series), "first": _values(series.values[:SHOWN]),
        "last": _values(series.values[-SHOWN:]), "dates": dates, "season": series.season, "series": list(table.groups),
        "offers": offers, "notes": list(dict.fromkeys(notes)),
    }  # fmt: skip


def _column(table: Table, name: str) -> dict[str, Any]:
    column = table.column(name)
    return {
        "name": name, "holds": {"number": "numbers", "date": "dates", "text": "text"}[column.kind], "missing": column.missing,
        "unread": column.bad,
    }  # fmt: skip


def _values(values: np.ndarray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
