"""Tables that somebody hands in, as series: delimiter, decimal comma, dates, and one sentence for each that is no use.

Airline passengers and sunspots, which are downloaded, are read the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lstm.preprocessing.series import MAX_POINTS, Series

from .catalogue import get
from .columns import Column, ReadOptions, clock_change, find_groups, join_dates, main_dates, read_columns
from .dates import hints
from .download import fetch
from .grid import months_in_rows, read_grid
from .uploads import read_upload

LIMIT = 8_000_000
"""Most characters of a file."""
LARGEST, SMALLEST = 1e100, 1e-100
"""Between these numbers squared errors can be told."""
_SERIES = {"airline_passengers": ("thousand passengers", 12), "sunspots": ("sunspots", 132)}
_SEASONS = {3_600: 24, 604_800: 52, 900: 96, 1_800: 48, 600: 144, 300: 288, 60: 1440}
_DIGITS = {ord(zero) + k: str(k) for zero in "٠۰०০๐０" for k in range(10)} | {ord("٫"): ".", ord("٬"): ",", ord("．"): "."}
_STEPS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Table:
    """A file as columns, and how it was read.

    offers : what the evidence did not decide, "decimal" or "day_first": the reader took what is likely
    by, groups : the columns by which dates repeat, where several series stand under each other, and the name of each series
    group : (rows,), which of `groups` a row belongs to
    """

    name: str
    columns: tuple[Column, ...]
    rows: int
    delimiter: str
    decimal: str
    encoding: str
    notes: tuple[str, ...] = ()
    offers: frozenset[str] = frozenset()
    headed: bool = True
    by: str = ""
    groups: tuple[str, ...] = ()
    group: np.ndarray | None = None

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
        """The column most likely to be meant, and the one with its dates.

        The number column with the most to say: no part of a date, no row number, the most different values; of about
        equally many, the first. Dates that repeat are none, unless they repeat by `groups`.
        """
        dates = [self.column(name) for name in self.date_columns]
        good = [one for one in dates if not one.repeats or (self.groups and one is main_dates(dates))]
        date = max(good, key=lambda one: -np.isnat(one.values).sum(), default=None)
        parts = {part for one in dates for part in one.parts}
        best, chosen = (-1.0,) * 5, self.numbers[0]
        for name in self.numbers:
            column = self.column(name)
            known = column.values[np.isfinite(column.values)]
            with np.errstate(over="ignore"):
                steps, distinct = np.diff(known), len(np.unique(known))
            unnamed = self.headed and name.startswith(("column ", "Unnamed"))
            idle = unnamed or name in (*parts, *self.by.split(" and "), "row") or hints(name)
            one_way = len(steps) > 2 and bool((steps > 0).all() or (steps < 0).all())
            counts = one_way and bool(np.ptp(np.cumsum(steps - steps.mean())) <= 0.02 * np.ptp(known))  # row numbers, decimal years
            says = np.floor(np.log2(distinct / max(len(known), 1)) + 0.5) if distinct else -99.0
            sound = 10 * column.bad < self.rows and 2 * column.missing < self.rows
            score = (float(distinct > 1), float(not idle), float(not counts), float(sound), float(says))
            if score > best:
                best, chosen = score, name
        return chosen, None if date is None else date.name

    def column(self, name: str) -> Column:
        """The column of that name. ValueError, with the names there are, if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.columns[:20])
        raise ValueError(f"{self.name} has no column {str(name)[:40]!r}, but {names}")


def read_table(data: bytes, name: str, options: ReadOptions | None = None) -> Table:
    """Read a file of comma-separated values, or of values separated by semicolons, tabs, bars or spaces.

    Raises
    ------
    ValueError
        One sentence, for a file that is empty, an Excel workbook or no text, has a single row, rows of different
        lengths, or no column of numbers.
    """
    options = options or ReadOptions()
    _refuse_workbooks(data, name)
    upload = read_upload(data, name, LIMIT, options.encoding)
    grid = months_in_rows(read_grid(upload.text.translate(_DIGITS), name, options.header))
    if grid.rows < 2:
        raise ValueError(f"{name} has {'one row' if grid.rows else 'no rows'} of values: a series needs many")
    columns, decimal, offers = read_columns(grid, options)
    columns = join_dates(columns, options.day_first)
    if any(note.startswith("dates were read as") for column in columns for note in column.notes):
        offers.add("day_first")
    notes = [f"{name}: {note}" for note in (*upload.notes, *grid.notes)]
    notes += [f"{column.name}: {note}" for column in columns for note in column.notes]
    if not any(column.kind == "number" for column in columns):
        raise ValueError(f"{name} has no column of numbers: its columns are {', '.join(grid.names[:20])}")
    by, groups, group = find_groups(columns)
    if groups:
        shown = ", ".join(groups[:4]) + (" …" if len(groups) > 4 else "")
        notes.append(
            f"dates repeat by {by!r} ({shown}): {len(groups)} series stand under each other, choose one of them"
        )
    elif repeating := [column.name for column in columns if column.kind == "date" and column.repeats]:
        notes.append(
            f"{repeating[0]}: a date stands more than once, so the rows are taken as they stand unless this column is chosen"
        )
    bare = tuple(replace(column, cells=()) for column in columns)  # a session keeps numbers, not texts
    return Table(
        name, bare, grid.rows, grid.delimiter, decimal, upload.encoding, tuple(notes), frozenset(offers), grid.headed, by, groups,
        group,
    )  # fmt: skip


@dataclass(frozen=True)
class Picked:
    """A column of a table in the order of its dates, with nan where values are missing, and what was done to it."""

    values: np.ndarray
    dates: np.ndarray | None
    notes: tuple[str, ...]
    gaps: str | None

    def series(self, title: str) -> Series:
        """The series, with its season, which follows from the dates; for looks alone if values are missing."""
        series = Series("given", title[:80], self.values, dates=self.dates)
        return series if self.dates is None else replace(series, season=_rhythm(series)[0])


def pick(
    table: Table,
    column: str,
    date: str | None = None,
    as_missing: bool = False,
    only: str | None = None,
    average: bool = False,
) -> Picked:
    """A column in the order of its dates; `series_of` says what the parameters mean, and what is raised."""
    chosen = table.column(column)
    if chosen.kind != "number":
        raise ValueError(f"column {column!r} holds {'dates' if chosen.kind == 'date' else 'text'}, not numbers")
    values, notes, dates = chosen.values.copy(), [], None
    if as_missing and chosen.doubtful:
        values[np.isin(values, [value for value, _ in chosen.sentinels])] = np.nan
        notes.append(f"{chosen.doubtful:,} cell{'s are' if chosen.doubtful > 1 else ' is'} treated as missing")
    when = None if date is None else table.column(date)
    if when is not None and when.kind != "date":
        raise ValueError(f"column {date!r} holds no dates")
    rows = np.ones(table.rows, bool)
    if only is not None and only not in table.groups:
        there = f"series by {table.by!r}: {', '.join(table.groups[:20])}" if table.groups else "single series"
        raise ValueError(f"{table.name} has no series {only[:40]!r}, but the {there}")
    if table.groups and (only is not None or (when is not None and not average)):
        rows = table.group == table.groups.index(only or table.groups[0])
        notes.append(
            f"of the {len(table.groups)} series by {table.by!r} this is {only or table.groups[0]!r}: {rows.sum():,} rows"
        )
    values, gaps = values[rows], None
    if lost := int(np.isnan(values).sum()):
        row = int(np.flatnonzero(rows)[np.isnan(values)][0]) + 1
        gaps = f"column {column!r} lacks {lost:,} of its {len(values):,} values, the first in row {row:,}: "
        gaps += "too many to fill in" if 2 * lost > len(values) else "have them interpolated, or fill them in"
    if when is not None:
        values, dates = _in_order(when, rows, values, average, notes)
    return Picked(values, dates, tuple(notes), gaps)


def series_of(
    table: Table,
    column: str,
    date: str | None = None,
    interpolate: bool = False,
    as_missing: bool = False,
    only: str | None = None,
    average: bool = False,
) -> tuple[Series, tuple[str, ...]]:
    """A column as a series, and notes on what was done to it.

    Parameters
    ----------
    date : the column with the dates; the rows are put into their order
    interpolate : fill missing values with straight lines between their neighbours
    as_missing : treat text among the numbers, and numbers that seem to stand for nothing, as missing
    only : of several series under each other, the one to take; None: the first
    average : rows of the same date become their mean

    Raises
    ------
    ValueError
        One sentence: text among the numbers, missing values (without `interpolate`, or too many), dates that are
        missing or stand twice, a constant column, numbers whose squares cannot be told.
    """
    picked = pick(table, column, date, as_missing, only, average)
    if table.column(column).bad and not as_missing:
        raise ValueError(table.column(column).problem)
    if picked.gaps and (not interpolate or picked.gaps.endswith("too many to fill in")):
        raise ValueError(picked.gaps)
    values, dates, notes = picked.values, picked.dates, list(picked.notes)
    gaps = np.isnan(values)
    if gaps.any():
        there = np.flatnonzero(~gaps)
        values[gaps] = np.interp(np.flatnonzero(gaps), there, values[there])
        count = int(gaps.sum())
        notes.append(f"{count:,} missing value{'s were' if count > 1 else ' was'} filled in by straight lines")
    if len(values) > MAX_POINTS:
        notes.append(f"of {len(values):,} points the last {MAX_POINTS:,} are used")
        values, dates = values[-MAX_POINTS:], None if dates is None else dates[-MAX_POINTS:]
    _check_range(column, values)
    series = Series("given", column[:80], values, dates=dates)
    if dates is not None:
        season, even = _rhythm(series)
        series = replace(series, season=season)
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


# From a table to a series -------------------------------------------------------------------------------------------


def _in_order(
    column: Column, rows: np.ndarray, values: np.ndarray, average: bool, notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Values and dates in the order of the dates, each date there and each once."""
    dates = column.values[rows]
    if np.isnat(dates).any():
        raise ValueError(column.problem)
    steps = np.diff(dates).astype(np.int64)
    if (steps < 0).any():
        if (steps <= 0).all():
            notes.append("the newest row came first: the rows were turned round")
            dates, values = dates[::-1], values[::-1]
        else:
            notes.append(f"the rows were not in the order of their dates and were sorted by {column.name!r}")
        order = np.argsort(dates, kind="stable")
        dates, values = dates[order], values[order]
    found, where, counts = np.unique(dates, return_inverse=True, return_counts=True)
    twice = found[counts > 1]
    if len(twice):
        text = str(twice[0]).removesuffix("T00:00:00")
        clock = clock_change(found, counts)
        many = f"{len(twice):,} dates" if len(twice) > 1 else "a date"
        if not (average or clock):
            raise ValueError(
                f"column {column.name!r} has {many} more than once, first {text}: a series has one value for each date; "
                "have them averaged, or go without dates"
            )
        whose = "the hour of the clock change stands twice, {}: its" if clock else f"{many} stood more than once, {{}}: their"
        notes.append(f"{whose.format(f'first {text}')} values were averaged")
        sums = np.bincount(where, np.nan_to_num(values))
        there = np.bincount(where, np.isfinite(values))
        values, dates = np.where(there > 0, sums / np.maximum(there, 1), np.nan), found
    whole_days = (dates == dates.astype("datetime64[D]")).all()
    return values, dates.astype("datetime64[D]") if whole_days else dates


def _check_range(column: str, values: np.ndarray) -> None:
    """ValueError unless the numbers differ, and their squares can be told."""
    low, high = float(values.min()), float(values.max())
    if low == high:
        raise ValueError(f"column {column!r} is constant: every value is {low:g}, and there is nothing to learn")
    if max(abs(low), abs(high)) > LARGEST:
        raise ValueError(f"column {column!r} goes up to {max(abs(low), abs(high)):.3g}, and squares of numbers above {LARGEST:g} "
                         "cannot be told: give it in a larger unit")  # fmt: skip
    if high - low < SMALLEST:
        raise ValueError(f"the values of column {column!r} differ by {high - low:.3g}, and squares of less than {SMALLEST:g} "
                         "cannot be told: give it in a smaller unit")  # fmt: skip


def step_name(series: Series) -> str | None:
    """The usual distance of two dates in words, such as "1 day" or "3 months"."""
    if (step := series.step) is None:
        return None
    count, unit = int(step.astype(int)), np.datetime_data(step)[0]
    if unit == "M":
        count, word = (count // 12, "year") if count % 12 == 0 else (count, "month")
    elif count % 604_800 == 0:
        count, word = count // 604_800, "week"
    else:
        word, seconds = next((word, seconds) for word, seconds in _STEPS if count % seconds == 0)
        count //= seconds
    return f"{count:,} {word}{'s' if count != 1 else ''}"


def _rhythm(series: Series) -> tuple[int | None, bool]:
    """The season that goes with the distance of the dates, and whether they are evenly spaced."""
    step = series.step
    if step is None:
        return None, True
    if np.datetime_data(step)[0] == "M":
        return {1: 12, 3: 4}.get(int(step.astype(int))), True
    apart = np.diff(series.dates.astype("datetime64[s]")).astype(np.int64)
    usual = int(step.astype(int))
    even = bool((apart == usual).all())
    if usual == 86_400:
        weekdays = np.unique((series.dates.astype("datetime64[D]").astype(np.int64) + 3) % 7)
        return (7 if len(weekdays) == 7 else 5 if weekdays.tolist() == [0, 1, 2, 3, 4] else None), even
    return _SEASONS.get(usual), even
