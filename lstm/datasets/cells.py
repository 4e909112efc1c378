"""What stands in the cells of a table: which character parts them, numbers of several spellings, dates of many."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "--", "–", ".", "?", "#n/a", "missing"}
ISO = re.compile(r"\d{4}-\d{1,2}(-\d{1,2})?([ T]\d.*)?")
_FORMATS = (
    "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
    "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S",
    "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%m/%Y", "%m.%Y", "%Y/%m", "%b %Y", "%B %Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y",
    "%b %d %Y", "%B %d, %Y", "%b-%y", "%Y-%b", "%Y-%b-%d", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip
_SPOKEN = {"%d": "day", "%m": "month", "%Y": "year", "%y": "year"}


def dialect(lines: list[str]) -> tuple[str, str]:
    """The delimiter and the decimal mark: the delimiter that cuts most of the first lines into equally many cells."""
    sample = lines[:200]
    best, found = (0.0, 0), ","
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter))
        width, often = widths.most_common(1)[0]
        # A header of one word over lines like 12,5 is one column with decimal commas.
        one_column = delimiter == "," and len(next(csv.reader(sample[:1]))) == 1
        if width > 1 and not one_column and (often / len(sample), width) > best:
            best, found = (often / len(sample), width), delimiter
    if not best[1]:
        commas = sum(bool(re.fullmatch(r"\s*[+-]?\d+,\d+\s*", line)) for line in sample)
        return (";", ",") if commas > len(sample) / 2 else (",", ".")
    if found == ",":
        return found, "."
    cells = [cell.strip() for row in csv.reader(sample, delimiter=found) for cell in row]
    commas = sum(bool(re.fullmatch(r"[+-]?[\d.\s]*\d,\d+", cell)) for cell in cells)
    points = sum(bool(re.fullmatch(r"[+-]?[\d,\s]*\d\.\d+", cell)) for cell in cells)
    return found, "," if commas > points else "."


def parse_numbers(cells: pd.Series, decimal: str) -> np.ndarray:
    """Cells as numbers, nan where they are none. Thousands may be set apart, as in 1,234.5 or 1 234,5 or 1.234,5."""
    import pandas as pd

    thousands = "," if decimal == "." else "."
    spaced = cells.str.contains(rf"[{thousands}\s' ’]", regex=True)
    if spaced.any():
        grouped = rf"[+-]?\d{{1,3}}(?:[{thousands}\s' ’]\d{{3}})+(?:[{decimal}]\d+)?"
        cells = cells.where(~cells.str.fullmatch(grouped), cells.str.replace(rf"[{thousands}\s' ’]", "", regex=True))
    if decimal == ",":
        cells = cells.where(
            ~cells.str.fullmatch(r"[+-]?\d*,\d+([eE][+-]?\d+)?"), cells.str.replace(",", ".", regex=False)
        )
    values = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def are_dates(values: np.ndarray) -> bool:
    """Whether numbers are years, or days such as 20240531."""
    whole = (values == np.round(values)).all()
    return bool(whole and (((values > 1500) & (values < 2300)).all() or ((values > 15e6) & (values < 23e6)).all()))


def parse_dates(cells: pd.Series, empty: np.ndarray) -> tuple[np.ndarray | None, str | None]:
    """Cells as datetime64[s], NaT where they are none, and a note when day and month might be the other way round."""
    import pandas as pd

    there = cells[~empty]
    sample = there.iloc[np.unique(np.linspace(0, len(there) - 1, min(len(there), 300)).astype(int))]
    if sample.map(lambda cell: bool(ISO.fullmatch(cell))).mean() > 0.9:
        formats = ["ISO8601"]
    elif sample.str.fullmatch(r"\d{8}").all():
        formats = ["%Y%m%d"]
    elif sample.str.fullmatch(r"\d{4}").all():
        formats = ["%Y"]
    else:
        formats = [f for f in _FORMATS if pd.to_datetime(sample, format=f, errors="coerce").notna().mean() > 0.9]
    tried = []
    for form in formats:
        parsed = pd.to_datetime(cells.where(~empty, None), format=form, errors="coerce", utc=True)
        dates = parsed.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
        known = dates[~np.isnat(dates)]
        disorder = int(np.sum(np.diff(known).astype(np.int64) <= 0))
        tried.append((int(np.isnat(dates).sum()), disorder, form, dates))
    if not tried:
        return None, None
    tried.sort(key=lambda one: one[:2])  # stable: of equals the first in the list
    missing, disorder, form, dates = tried[0]
    if missing > len(cells) / 2:
        return None, None
    doubtful = len(tried) > 1 and tried[1][:2] == (missing, disorder)
    order = "/".join(_SPOKEN[piece] for piece in re.findall(r"%[dmYy]", form))
    return dates, f"dates were read as {order}" if doubtful else None
