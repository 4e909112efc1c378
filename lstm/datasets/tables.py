"""Tables that somebody hands in, as series: delimiter, decimal comma, dates, and one sentence for each that is no use.

Airline passengers and sunspots, which are downloaded, are read the same way.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from lstm.preprocessing.series import MAX_POINTS, Series

from .catalogue import get
from .cells import ISO, MISSING, are_dates, dialect, parse_dates, parse_numbers
from .download import fetch
from .uploads import read_upload

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 8_000_000
"""Most characters of a file."""
MAX_COLUMNS = 200
_SERIES = {"airline_passengers": ("thousand passengers", 12), "sunspots": ("sunspots", 132)}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    values : (rows,) float64 with nan where there is none, for a number; datetime64[s] with NaT for a date; else None
    missing : empty cells; bad : cells with text among numbers
    problem : one sentence that says why it cannot be a series as it is, or None
    """

    name: str
    kind: Literal["number", "date", "text"]
    values: np.ndarray | None
    missing: int = 0
    bad: int = 0
    problem: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Table:
    """A file as columns, and how it was read."""

    name: str
    columns: tuple[Column, ...]
    rows: int
    delimiter: str
    decimal: str
    encoding: str
    notes: tuple[str, ...] = ()

    def _of(self, kind: str) -> list[str]:
        return [column.name for column in self.columns if column.kind == kind]

    @property
    def numbers(self) -> list[str]:
        """The names of the columns that hold numbers; there is at least one."""
        return self._of("number")

    @property
    def date_columns(self) -> list[str]:
        """The names of the columns that hold dates."""
        return self._of("date")

    @property
    def suggested(self) -> tuple[str, str | None]:
        """The column most likely to be meant, and the one with its dates: the last one without a problem, the first."""
        good = [column.name for column in self.columns if column.kind == "number" and column.problem is None]
        return (good or self.numbers)[-1], next(iter(self.date_columns), None)

    def column(self, name: str) -> Column:
        """The column of that name. ValueError, with the names there are, if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.columns[:20])
        raise ValueError(f"{self.name} has no column {str(name)[:40]!r}, but {names}")


def read_table(data: bytes, name: str) -> Table:
    """Read a file of comma-separated values, or of values separated by semicolons, tabs or bars.

    Raises
    ------
    ValueError
        One sentence, for a file that is empty, an Excel workbook or no text, has a single row, rows of different
        lengths, or no column of numbers.
    """
    _refuse_workbooks(data, name)
    upload = read_upload(data, name, LIMIT)
    lines = [line for line in upload.text.split("\n") if line.strip()]
    delimiter, decimal = dialect(lines)
    # Between the rows of a table an empty line means nothing; in a single column it is a missing value.
    single = all(len(row) < 2 for row in csv.reader(lines[:200], delimiter=delimiter))
    frame = _frame(upload.text.strip("\n") if single else upload.text, name, delimiter, skip=not single)
    notes = [f"{name}: {note}" for note in upload.notes]
    if len(frame) < 2:
        raise ValueError(f"{name} has {'one row' if len(frame) else 'no rows'} of values: a series needs many")
    columns = tuple(_column(label, frame[label], decimal) for label in frame.columns)
    notes += [column.note for column in columns if column.note]
    if not any(column.kind == "number" for column in columns):
        raise ValueError(f"{name} has no column of numbers: its columns are {', '.join(list(frame.columns)[:20])}")
    return Table(name, columns, len(frame), delimiter, decimal, upload.encoding, tuple(notes))


def series_of(
    table: Table, column: str, date: str | None = None, interpolate: bool = False
) -> tuple[Series, tuple[str, ...]]:
    """A column as a series, and notes on what was done to it.

    Parameters
    ----------
    date : the column with the dates; the rows are put into their order
    interpolate : fill missing values with straight lines between their neighbours

    Raises
    ------
    ValueError
        One sentence: text among the numbers, missing values (without `interpolate`, or too many), dates that are
        missing or stand twice, a constant column.
    """
    chosen = table.column(column)
    if chosen.kind != "number":
        raise ValueError(f"column {column!r} holds {'dates' if chosen.kind == 'date' else 'text'}, not numbers")
    if chosen.bad or (chosen.missing and not interpolate):
        raise ValueError(chosen.problem)
    if 2 * chosen.missing > table.rows:
        raise ValueError(
            f"column {column!r} lacks {chosen.missing:,} of its {table.rows:,} values: too many to fill in"
        )
    values, notes, dates = chosen.values.copy(), [], None
    if date is not None:
        dates = _dates(table.column(date))
        order = np.argsort(dates, kind="stable")
        if (order != np.arange(len(order))).any():
            notes.append(f"the rows were not in the order of their dates and were sorted by {date!r}")
            dates, values = dates[order], values[order]
    gaps = np.isnan(values)
    if gaps.any():
        there = np.flatnonzero(~gaps)
        values[gaps] = np.interp(np.flatnonzero(gaps), there, values[there])
        count = int(gaps.sum())
        notes.append(f"{count:,} missing value{'s were' if count > 1 else ' was'} filled in by straight lines")
    if len(values) > MAX_POINTS:
        notes.append(f"of {len(values):,} points the last {MAX_POINTS:,} are used")
        values, dates = values[-MAX_POINTS:], None if dates is None else dates[-MAX_POINTS:]
    if np.ptp(values) == 0:
        raise ValueError(f"column {column!r} is constant: every value is {values[0]:g}, and there is nothing to learn")
    series = Series("given", column[:80], values, dates=dates)
    if dates is not None:
        season, even = _rhythm(series)
        series = Series("given", column[:80], values, season=season, dates=dates)
        if not even:
            notes.append("the dates are not evenly spaced: the network sees the values as if they were")
    return series, tuple(notes)


def load_series(
    name: str, progress: Callable[[int, int], None] | None = None, note: Callable[[str], None] | None = None
) -> Series:
    """Airline passengers or sunspots, downloaded unless the cache has it; `progress` and `note` are those of `fetch`.

    Raises
    ------
    ValueError
        If there is no such series.
    DownloadError
        An OSError of one sentence, when the file is neither in the cache nor to be had.
    """
    if name not in _SERIES:
        raise ValueError(f"series must be one of {', '.join(_SERIES)}, got {str(name)[:40]!r}")
    unit, season = _SERIES[name]
    path = fetch(name, progress, note)[0]
    table = read_table(path.read_bytes(), path.name)
    series, _ = series_of(table, *table.suggested)
    return Series(name, get(name).title, series.values, unit, season, series.dates)


# Reading ------------------------------------------------------------------------------------------------------------


def _refuse_workbooks(data: bytes, name: str) -> None:
    """An Excel file keeps its nature when it is renamed."""
    zipped = data[:4] == b"PK\x03\x04"
    if (zipped and b"xl/" in data) or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise ValueError(f"{name} is an Excel workbook, whatever its name says: save it there as CSV first")
    if zipped and b"opendocument.spreadsheet" in data[:200]:
        raise ValueError(f"{name} is an OpenDocument spreadsheet, whatever its name says: save it there as CSV first")


def _frame(text: str, name: str, delimiter: str, skip: bool) -> pd.DataFrame:
    """The cells as texts under unique names."""
    import pandas as pd

    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=delimiter, header=None, dtype=str, keep_default_na=False, skipinitialspace=True,
            index_col=False, skip_blank_lines=skip,
        )  # fmt: skip
    except pd.errors.ParserError as error:
        found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        if found is None:
            raise ValueError(f"{name} cannot be read as a table: a quotation mark may be missing") from None
        expected, line, saw = found.groups()
        raise ValueError(
            f"{name} is not a table: line {line} has {saw} cells, and the lines before it {expected}"
        ) from None
    frame = frame.fillna("")  # lines that are shorter than the others
    if frame.shape[1] > MAX_COLUMNS:
        raise ValueError(f"{name} has {frame.shape[1]:,} columns, and at most {MAX_COLUMNS} can be read")
    first = [str(cell).strip() for cell in frame.iloc[0]]
    headed = not any(
        re.fullmatch(r"[+-]?[\d.,\s]*\d[\d.,]*([eE][+-]?\d+)?", cell) or ISO.fullmatch(cell) for cell in first
    )
    if headed:
        frame = frame.iloc[1:].reset_index(drop=True)
    names: list[str] = []
    for k, cell in enumerate(first, 1):
        label = "".join(c for c in cell if c.isprintable())[:60] if headed else ""
        label = label or f"column {k}"
        names.append(label if label not in names else f"{label} ({k})")
    frame.columns = names
    filled = np.flatnonzero(frame.map(lambda cell: bool(cell.strip())).any(axis=1))
    return frame.iloc[: filled[-1] + 1 if len(filled) else 0]


def _column(name: str, cells: pd.Series, decimal: str) -> Column:
    """What a column holds: numbers if at least half of its cells do, dates if nearly all are, or text."""
    cells = cells.str.strip()
    empty = cells.str.lower().isin(MISSING).to_numpy()
    there = int((~empty).sum())
    missing = int(empty.sum())
    if there == 0:
        return Column(name, "text", None, missing)
    values = parse_numbers(cells, decimal)
    right = np.isfinite(values)
    dated = re.search(r"date|time|day|month|year|datum|jahr|monat|tag", name, re.IGNORECASE) is not None
    if 2 * right.sum() < there or (dated and are_dates(values[right])):
        dates, note = parse_dates(cells, empty)
        if dates is not None:
            return Column(name, "date", dates, int(np.isnat(dates).sum()), note=f"{name}: {note}" if note else None)
    if 2 * right.sum() < there:
        return Column(name, "text", None, missing)
    wrong = np.flatnonzero(~right & ~empty)
    problem = None
    if len(wrong):
        more = f", and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
        text = "".join(c for c in cells.iloc[wrong[0]] if c.isprintable())[:30]
        problem = f"column {name!r} holds text among its numbers: {text!r} in row {wrong[0] + 1:,}{more}"
    elif missing:
        row = int(np.flatnonzero(empty)[0]) + 1
        problem = (
            f"column {name!r} lacks {missing:,} of its {len(cells):,} values, the first in row {row:,}: "
            "have them interpolated, or fill them in"
        )
    return Column(name, "number", np.where(right, values, np.nan), missing, len(wrong), problem)


# Dates --------------------------------------------------------------------------------------------------------------


def _dates(column: Column) -> np.ndarray:
    """The dates of a column, each there and each once."""
    if column.kind != "date":
        raise ValueError(f"column {column.name!r} holds no dates")
    dates = column.values
    if np.isnat(dates).any():
        rows = np.flatnonzero(np.isnat(dates)) + 1
        more = f", and {len(rows) - 1:,} more" if len(rows) > 1 else ""
        raise ValueError(f"column {column.name!r} has no date in row {rows[0]:,}{more}")
    found, counts = np.unique(dates, return_counts=True)
    if (counts > 1).any():
        twice = found[counts > 1]
        text = str(twice[0]).removesuffix("T00:00:00")
        many = f"{len(twice):,} dates" if len(twice) > 1 else "a date"
        raise ValueError(
            f"column {column.name!r} has {many} more than once, first {text}: a series has one value for each date"
        )
    whole_days = (dates == dates.astype("datetime64[D]")).all()
    return dates.astype("datetime64[D]") if whole_days else dates


def _rhythm(series: Series) -> tuple[int | None, bool]:
    """The season that goes with the distance of the dates, and whether they are evenly spaced."""
    step = series.step
    if np.datetime_data(step)[0] == "M":
        return {1: 12, 3: 4}.get(int(step.astype(int))), True
    apart = np.diff(series.dates.astype("datetime64[s]")).astype(np.int64)
    usual = int(step.astype(int))
    even = bool((apart == usual).all())
    if usual == 86_400:
        weekdays = np.unique((series.dates.astype("datetime64[D]").astype(np.int64) + 3) % 7)
        return (7 if len(weekdays) == 7 else 5 if weekdays.tolist() == [0, 1, 2, 3, 4] else None), even
    return {3_600: 24, 604_800: 52, 900: 96, 1_800: 48}.get(usual), even
