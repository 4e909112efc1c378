"""The columns of a table: which hold numbers, which dates, and which several make one; several series under each other."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from .cells import evidence, is_number, limits, missing, numbers, sentinels, signs, undressed, unit_of
from .dates import Dates, dates_of_numbers, from_parts, hints, part_of, read_clock, read_dates
from .grid import Grid


@dataclass(frozen=True)
class ReadOptions:
    """What its owner knows about a table and the reader cannot; None: the evidence decides, or what is most likely.

    decimal : the decimal mark; day_first : 1/2/2024 is in February; header : the first row holds names
    encoding : of the file, as in `read_upload`
    """

    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    header: bool | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table.

    values : (rows,) float64 with nan where there is none, for a number; datetime64[s] with NaT for a date; else None
    missing : empty cells; bad : cells with text among numbers
    problem : one sentence that says why it cannot be a series as it is, or None
    sentinels : numbers that seem to stand for missing values, and how often each occurs
    parts : of dates in several columns, the names of these
    """

    name: str
    kind: Literal["number", "date", "text"]
    values: np.ndarray | None
    missing: int = 0
    bad: int = 0
    problem: str | None = None
    notes: tuple[str, ...] = ()
    sentinels: tuple[tuple[float, int], ...] = ()
    cells: tuple[str, ...] = field(default=(), repr=False)
    parts: tuple[str, ...] = ()

    @property
    def doubtful(self) -> int:
        """How many cells may be meant to be missing: text among numbers, and sentinels."""
        return self.bad + sum(count for _, count in self.sentinels)

    @property
    def repeats(self) -> bool:
        """Whether a date stands in several rows, and it is not the hour of the clock change."""
        known, counts = np.unique(self.values[~np.isnat(self.values)], return_counts=True)
        return bool((counts > 1).any()) and not clock_change(known, counts)


def read_columns(grid: Grid, options: ReadOptions) -> tuple[list[Column], str, set[str]]:
    """What each column holds, the decimal mark of the file, and what was not decided."""
    found: dict[int, Column] = {}
    plain: dict[int, list[str]] = {}
    units: dict[int, str] = {}
    empty = [missing(cells) for cells in grid.columns]
    for k, (name, cells) in enumerate(zip(grid.names, grid.columns)):
        there = np.flatnonzero(~empty[k])
        spread = np.unique(np.linspace(0, max(len(there) - 1, 0), 400).astype(int))
        some = [cells[row] for row in there[spread[: len(there)]]]
        unit = unit_of(some)
        probe = [undressed(cell.removesuffix(unit)) for cell in some]
        mostly, digits = 2 * sum(map(is_number, probe)) >= len(probe), all(map(str.isdigit, probe))
        dated = hints(name) and not digits
        dates = read_dates(cells, empty[k], options.day_first) if probe and (dated or not mostly) else None
        clock = dated and dates is None and read_clock(cells, empty[k], name) is not None
        if dates is not None:
            found[k] = _date_column(name, cells, empty[k], dates)
        elif probe and mostly and not clock:
            plain[k], units[k] = [undressed(cell.removesuffix(unit)) for cell in cells], unit
        else:
            years = bool(probe) and all(re.search(r"\b(1[89]|20)\d\d\b", cell[:40]) for cell in probe)
            unread = (dated or years) and not clock and any(map(str.isdigit, probe[0]))
            said: tuple[str, ...] = ()
            if unread:
                said = (f"looks like dates, and {probe[0][:30]!r} cannot be read as one: 2024-05-31 or 2024-05-31 13:00 can",)
            found[k] = Column(name, "text", None, int(empty[k].sum()), notes=said, cells=cells)
    told = {k: evidence([c for c, no in zip(bare, empty[k]) if not no]) for k, bare in plain.items()}
    proofs = sum((one.proofs for one in told.values()), start=type(next(iter(told.values())).proofs)()) if told else {}
    file = max(proofs, key=lambda mark: proofs[mark], default=None)
    offers: set[str] = set()
    decimals = []
    for k, bare in plain.items():
        decimal = options.decimal or told[k].own or file or told[k].likely(grid.delimiter)
        notes = [f"the unit {units[k].strip()!r} was left out"] if units[k] else []
        if told[k].ties and not (options.decimal or told[k].own or file):
            offers.add("decimal")
            role = "a decimal mark" if told[k].example.find(decimal) > 0 else "a thousands mark"
            notes += [
                f"the mark in {told[k].example!r} was read as {role}; if that is wrong, say which is the decimal mark"
            ]
        decimals.append(decimal)
        found[k] = _number_column(grid.names[k], grid.columns[k], bare, empty[k], decimal, notes)
        if found[k].kind == "number" and not found[k].bad and len(grid.names) > 1 and grid.delimiter != " ":
            dates = dates_of_numbers(found[k].values, grid.names[k])
            if dates is not None and len(plain) > 1:
                found[k] = _date_column(grid.names[k], grid.columns[k], empty[k], dates)
    return [found[k] for k in range(len(grid.names))], (file or (decimals or ["."])[-1]), offers


def _date_column(name: str, cells: tuple[str, ...], empty: np.ndarray, dates: Dates) -> Column:
    gone = np.isnat(dates.values)
    notes, problem = list(dates.notes), None
    if len(unread := np.flatnonzero(gone & ~empty)):
        more = f", and {len(unread) - 1:,} more" if len(unread) > 1 else ""
        right = repr(cells[int(np.flatnonzero(~gone)[0])][:30])
        problem = f"column {name!r} holds {cells[unread[0]][:30]!r} in row {unread[0] + 1:,}{more}, where a date such as {right} is needed"
        problem += ": mend it, or go without dates"
        notes.append(problem)
    elif gone.any():
        more = f", and {int(gone.sum()) - 1:,} more" if gone.sum() > 1 else ""
        problem = f"column {name!r} has no date in row {int(np.flatnonzero(gone)[0]) + 1:,}{more}"
        notes.append(problem)
    return Column(name, "date", dates.values, int(gone.sum()), problem=problem, notes=tuple(notes), cells=cells)


def _number_column(
    name: str, cells: tuple[str, ...], bare: list[str], empty: np.ndarray, decimal: str, notes: list[str]
) -> Column:
    """A column of numbers, with everything that is to be said about it."""
    values = numbers(bare, decimal)
    below = limits(cells, decimal)
    count = int(np.isfinite(below).sum())
    if count:
        values = np.where(np.isfinite(below), below, values)
        notes.append(f"{count:,} cells such as {cells[int(np.isfinite(below).argmax())]!r} count as half of that limit")
    if dressed := signs(cells):
        notes.append(f"the signs {' '.join(dressed)} were left out")
    if short := sorted({cell[-1] for cell in bare if cell[-1:] in {*"kKMB"}}):
        notes.append(f"{', '.join(short)} behind a number stands for thousands, millions or billions")
    gone = int(empty.sum())
    wrong = np.flatnonzero(~np.isfinite(values) & ~empty)
    found = tuple(sentinels(values))
    problem = None
    if found:
        told = ", ".join(f"{value:g} ({count:,} times)" for value, count in found)
        notes.append(f"{told} may stand for missing values: they can be treated as missing")
    if len(wrong):
        more = f", and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
        text = "".join(c for c in cells[wrong[0]] if c.isprintable())[:30]
        what = "this cell" if len(wrong) == 1 else f"these {len(wrong):,} cells"
        problem = (
            f"column {name!r} holds text among its numbers: {text!r} in row {wrong[0] + 1:,}{more}; "
            f"write numbers there, or have {what} treated as missing"
        )
        notes.append(f"{text!r} in row {wrong[0] + 1:,}{more} is no number: {what} can be treated as missing")
    elif gone:
        notes.append(f"{gone:,} of {len(cells):,} values are missing, the first in row {int(np.flatnonzero(empty)[0]) + 1:,}")
    return Column(name, "number", values, gone, len(wrong), problem, tuple(notes), found, cells)


def join_dates(columns: list[Column], day_first: bool | None = None) -> list[Column]:
    """The columns, with one more in front for dates that stand in several of them."""
    repeated = [one for one in columns if one.kind == "date" and part_of(one.name) is None and one.repeats]
    for date in repeated:
        if (date.values.astype("datetime64[D]") != date.values)[~np.isnat(date.values)].any():
            continue
        for column in columns:
            if column is not date and (dates := _with_clock(date, column, day_first)) is not None:
                others = [replace(one, notes=()) if one is date else one for one in columns]
                return [_joined((date.name, column.name), dates.values, dates.notes), *others]
    parts: dict[str, Column] = {}
    for column in columns:
        part = part_of(column.name)
        if part and part not in parts and column.kind != "text":
            parts[part] = column
        elif part and part not in parts and (counted := _counted(column)) is not None:
            parts[part] = counted
    unnamed = all(re.fullmatch(r"row|column \d+", column.name) for column in columns[:2])
    if unnamed and len(columns) > 2 and "year" not in parts:  # year, month and perhaps day in front
        front = [columns[0], columns[1] if columns[1].kind == "number" else _counted(columns[1]), columns[2]]
        parts = dict(zip(("year", "month", "day")[: 2 + _days(columns)], front)) if front[1] else {}
    if "day of the year" in parts:
        parts.pop("month", None)
    fit = {"month", "day of the year"} & set(parts) or not {"day", "hour"} & set(parts)
    if "year" in parts and len(parts) > 1 and fit:
        years = parts["year"]
        if years.kind == "date":
            told = years.values.astype("datetime64[Y]").astype(float) + 1970
            years = Column(years.name, "number", np.where(np.isnat(years.values), np.nan, told))
        years, filled = _filled_down(years)
        fields = {part: (years if part == "year" else column) for part, column in parts.items()}
        if all(one.kind == "number" for one in fields.values()):
            made = from_parts({part: one.values for part, one in fields.items()})
            better = any(c.kind == "date" and not c.repeats and c.name != years.name for c in columns)
            if made is not None and not better:
                names = tuple(one.name for one in fields.values())
                return [_joined(names, made, filled), *(replace(c, notes=()) if c.name in names else c for c in columns)]
    return columns


def _filled_down(years: Column) -> tuple[Column, tuple[str, ...]]:
    """Years that stand in the first of their rows alone, in each of them."""
    gone = np.isnan(years.values) if years.kind == "number" else np.ones(1, bool)
    if not gone.any() or gone[0]:
        return years, ()
    filled = years.values[np.maximum.accumulate(np.where(gone, 0, np.arange(len(gone))))]
    return replace(years, values=filled), (
        f"{int(gone.sum()):,} empty cells of {years.name!r} have the year above them",
    )


def _with_clock(date: Column, column: Column, day_first: bool | None) -> Dates | None:
    """The dates of one column at the times of another; day and month are told anew, for the order of the rows tells them."""
    empty = missing(column.cells)
    seconds = read_clock(column.cells, empty, column.name)
    if seconds is None and column.kind == "number" and part_of(column.name) == "hour":
        seconds = 3600 * column.values if ((column.values >= 0) & (column.values <= 24)).all() else None
    if seconds is None:
        return None
    gone = missing(date.cells) | ~np.isfinite(seconds)
    whole = np.nan_to_num(seconds).astype(int)
    told = [f"{cell} {at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}" for cell, at in zip(date.cells, whole.tolist())]
    marked = all(re.search(r"\D", cell) for cell in date.cells[:20] if cell)
    dates = read_dates(told, gone, day_first) if marked else None
    return dates or Dates(np.where(gone, np.datetime64("NaT"), date.values + whole.astype("timedelta64[s]")))


def _joined(names: tuple[str, ...], dates: np.ndarray, said: tuple[str, ...] = ()) -> Column:
    label = " + ".join(names)
    gone = np.flatnonzero(np.isnat(dates))
    problem = f"columns {label!r} make no date in row {gone[0] + 1:,}" if len(gone) else None
    notes = ("these columns were joined to dates", *said, *filter(None, [problem]))
    return Column(label, "date", dates, len(gone), problem=problem, notes=notes, parts=names)


def _counted(column: Column) -> Column | None:
    """A column of the names of months, or of cells such as Q1, W05 or M01, as numbers."""
    if all(re.fullmatch(r"[A-Za-z]{1,2} ?\d{1,2}", cell) for cell in column.cells):
        return Column(column.name, "number", np.array([float(re.sub(r"\D", "", cell)) for cell in column.cells]))
    dates = read_dates([f"{cell} 2000" for cell in column.cells], missing(column.cells))
    if dates is None or np.isnat(dates.values).any():
        return None
    return Column(column.name, "number", dates.values.astype("datetime64[M]").astype(int) % 12 + 1.0)


def _days(columns: list[Column]) -> bool:
    """Whether the third column may hold the days of the months in the first two: they repeat, and it counts."""
    if len(columns) < 4 or any(column.kind != "number" for column in columns[:3]):
        return False
    year, month, day = (column.values for column in columns[:3])
    return bool((year[1:] == year[:-1]).any() and ((month[1:] == month[:-1]) & (np.abs(day[1:] - day[:-1]) == 1)).any())


def main_dates(dates: list[Column]) -> Column:
    """Of columns of dates the one that says most."""
    return max(dates, key=lambda one: (len(one.parts), len(np.unique(one.values))))


def find_groups(columns: list[Column]) -> tuple[str, tuple[str, ...], np.ndarray | None]:
    """By which columns dates repeat, if several series stand under each other: all dates of one value are different.

    Series are left: with two values or more each, on average, in a column of numbers that is none of those they are told apart by.
    """
    nothing = ("", (), None)
    dates = [column for column in columns if column.kind == "date"]
    if not dates or not all(column.repeats for column in dates):
        return nothing
    main = main_dates(dates)
    stamps = np.unique(main.values, return_inverse=True)[1]
    most = int(np.bincount(stamps).max())
    marks: list[tuple[Column, np.ndarray, np.ndarray]] = []
    for column in columns:
        if column.kind == "date" or column.name in main.parts or not column.cells or len(marks) > 5:
            continue
        kinds, where = np.unique(np.array(column.cells), return_inverse=True)
        if 1 < len(kinds) <= 1000 and (column.kind == "text" or all(kind.isdigit() for kind in kinds.tolist())):
            marks.append((column, kinds, where))
    marks.sort(key=lambda one: one[0].kind != "text")
    for several in (1, 2):
        for chosen in itertools.combinations(marks, several):
            where = chosen[0][2] if several == 1 else chosen[0][2] * len(chosen[1][1]) + chosen[1][2]
            named, group = np.unique(where, return_inverse=True)
            names = {column.name for column, _, _ in chosen} | set(main.parts)
            left = any(column.kind == "number" and column.name not in names for column in columns)
            few = most <= len(named) <= min(2 * most, len(stamps) // 2)
            if left and few and len(np.unique(stamps * len(named) + group)) == len(stamps):
                first = [int(np.flatnonzero(group == k)[0]) for k in range(len(named))]
                labels = tuple(", ".join(column.cells[row] for column, _, _ in chosen)[:80] for row in first)
                if len(set(labels)) == len(labels):
                    return " and ".join(column.name for column, _, _ in chosen), labels, group
    return nothing


def clock_change(dates: np.ndarray, counts: np.ndarray) -> bool:
    """Whether the dates that stand twice are the hour that clocks show twice: at night, on one Sunday a year."""
    twice = dates[counts > 1]
    steps = np.diff(dates).astype(np.int64)
    if not len(twice) or counts.max() > 2 or not len(steps) or np.median(steps) > 3_600:
        return False
    days = np.unique(twice.astype("datetime64[D]"))
    at_night = (twice.astype("datetime64[h]").astype(np.int64) % 24 <= 3).all()
    return bool(
        at_night
        and len(np.unique(days.astype("datetime64[Y]"))) == len(days)
        and ((days.astype(np.int64) + 3) % 7 == 6).all()
    )
