"""A text as rows and columns: what parts the cells, which quotation marks mean something, where the table begins and ends.

Forecasting and Topics read the same way. Everything that is left out is said in a note.
"""

from __future__ import annotations

import contextlib
import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from .dates import date_like, hints, month_of

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "^": "caret", "~": "tilde", " ": "space"}
MISSING = frozenset(
    ["", *re.findall(r"\S+", r"""na n/a n.a. nan nil null none nat missing k.a. \n - -- – — . .. ? :
    #n/a #na #value! #div/0! #ref! #num! #null!""")]
)  # fmt: skip
"""Cells that say that there is nothing, in lower case."""
MAX_COLUMNS, MAX_LINES = 200, 300_000
_LOOK_AHEAD, _LINES_AHEAD = 200, 100_000  # lines a quotation mark may span, and lines looked at for all such marks
_BARE, _DIGIT, _NEVER, _WORD = map(re.compile, (r"[-+]?\d[\d.,:/-]*", r"\d", r"[;|\t#=]", r"[^\W\d_]+"))
_TOTALS = re.compile(r"(grand )?(total|sum|average|mean|gesamt|summe|mittelwert|source|note|quelle)\b.*", re.IGNORECASE)


@dataclass(frozen=True)
class Grid:
    """A table of texts.

    names : of the columns, each once; columns : the cells of each, stripped
    headed : whether the names come from the file
    """

    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    delimiter: str
    headed: bool
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows of values there are."""
        return len(self.columns[0]) if self.columns else 0


def counted(count: int, thing: str) -> str:
    """A number and what it counts: "1 line", "1,200 lines"."""
    return f"{count:,} {thing}{'s' if count > 1 else ''}"


def read_grid(text: str, name: str, header: bool | None = None, usual: frozenset[str] = frozenset()) -> Grid:
    """Cut a text into cells.

    Parameters
    ----------
    header : whether the first row of the table holds names; None: found out
    usual : names, in lower case, that columns of labelled texts have: one of its columns holds texts, then, whose own
        delimiters may lack quotation marks

    Raises
    ------
    ValueError
        One sentence: a line with more cells than the others, too many columns, a cell that is too long.
    """
    notes: list[str] = []
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise ValueError(f"{name} has {len(lines):,} lines, and at most {MAX_LINES:,} can be read: leave out the oldest")
    _refuse_others(text[:200], name)
    lines = _without_wrapping(lines)
    said = re.fullmatch(r'\s*"?sep=(.)"?\s*', lines[0], re.IGNORECASE)
    delimiter = said[1] if said else _delimiter(lines)
    records = _records(lines[1:] if said else lines, delimiter, name, notes)
    widths = Counter(len(cells) for cells in records if any(cells))
    if not widths:
        raise ValueError(f"{name} holds nothing but empty cells")
    width = widths.most_common(1)[0][0]
    if usual & {cell.lower() for cell in records[0]}:  # texts whose commas lack quotation marks: the names say how many
        width = len(records[0])
    if width > MAX_COLUMNS:
        raise ValueError(f"{name} has {width:,} columns, and at most {MAX_COLUMNS} can be read")
    records = [cells[:width] if not any(cells[width:]) else cells for cells in records]
    first, head, last = _extent(records, width, header, usual)
    names = [cell.lstrip("#% ") if k == 0 else cell for k, cell in enumerate(records[head])] if head is not None else []
    if delimiter == "," and 0 < first < len(records):
        _refuse_decimal_commas(records[first - 1], records[first], name, first + bool(said))
    _say_left_out(records, first, head, last, notes)
    rows = _body(records[first:last], width, names, delimiter if usual else "", name, first + 1 + bool(said), notes)
    if names and len(names) == width - 1 and any(row[-1] for row in rows):  # as R writes it: the rows' names have none
        names.insert(0, "row")
        notes.append("the first column has no name and holds the names of the rows")
    names += [""] * (width - len(names))
    kept = [k for k in range(width) if names[k] or any(row[k] for row in rows)]
    if len(kept) < width and kept:
        empty = width - len(kept)
        notes.append(f"{counted(empty, 'empty column')} without a name {'were' if empty > 1 else 'was'} left out")
    unique: list[str] = []
    for k in kept:
        label = "".join(c for c in names[k] if c.isprintable())[:60] or f"column {k + 1}"
        unique.append(label if label not in unique else f"{label} ({k + 1})")
    return Grid(
        tuple(unique), tuple(tuple(row[k] for row in rows) for k in kept), delimiter, head is not None, tuple(notes)
    )


def months_in_rows(grid: Grid) -> Grid:
    """A table with a year in each row and a column for each month, with a month in each row; any other as it is."""
    years, *columns = grid.columns
    if list(map(month_of, grid.names[1:13])) != list(range(1, 13)) or not all(re.fullmatch(r"[12]\d{3}", year) for year in years):
        return grid
    dates = [f"{year}-{month:02d}" for year in years for month in range(1, 13)]
    cells = list(itertools.chain.from_iterable(zip(*columns[:12])))
    while len(cells) > 1 and cells[-1].lower() in MISSING:  # months to come
        cells.pop()
    note = "the months stood beside each other and were put under each other"
    rows = (tuple(dates[: len(cells)]), tuple(cells))
    return replace(grid, names=("month", "value"), columns=rows, notes=(*grid.notes, note))


def _refuse_others(start: str, name: str) -> None:
    """ValueError for what begins like JSON or XML."""
    if re.match(r'\s*(<[!?a-z]|\{\s*"|\[\s*[\[{])', start, re.IGNORECASE):
        kind = "a web page or XML" if start.lstrip()[0] == "<" else "JSON"
        raise ValueError(f"{name} is {kind}, not a table: save it as CSV, with a row in each line")


def _without_wrapping(lines: list[str]) -> list[str]:
    """Lines each of which stands in quotation marks as a whole, without them; single ones become those of a table."""
    filled = [line.strip() for line in lines if line.strip()]
    if all(line[0] == line[-1] == "'" for line in filled[:2_000]) and not any('"' in line for line in filled):
        return [line.replace("'", '"') for line in lines]
    whole = [re.fullmatch(r'"((?:[^"]|"")*)"', line) for line in filled]
    if all(whole) and re.search(r"[^\d,][,;\t|]", filled[0]):
        return [match[1].replace('""', '"') for match in whole if match]
    return lines


def _bare(cell: str) -> str:
    """A cell without spaces around it and without Excel's signs for "this is text": ="0.5" and '0.5."""
    cell = cell.strip()
    if cell[:2] == '="' and cell[-1] == '"':
        return cell[2:-1]
    return cell[1:] if cell[:1] == "'" and cell[1:2].isdigit() else cell


def typed(cell: str) -> bool:
    """Whether a cell seems to hold a number or a date: digits, marks, and no words but those of dates and currencies."""
    if _BARE.fullmatch(cell):
        return True
    if len(cell) > 60 or not _DIGIT.search(cell) or _NEVER.search(cell):
        return False
    return all(map(date_like, _WORD.findall(cell)))


# Delimiter and quotation marks --------------------------------------------------------------------------------------


def _delimiter(lines: list[str]) -> str:
    """What cuts most of the first lines into equally many cells; of several that do, what leaves numbers and dates."""
    sample = [line[:20_000] for line in lines if line.strip()][:300]
    singles = [bool(re.fullmatch(r'\s*"?[+-]?\d+,\d+"?\s*', line)) for line in sample]
    others = [line for line, single in zip(sample, singles) if not single]
    if any(singles) and others and not any("," in line for line in others):
        return ";"  # a word over lines such as 12,5: one column with decimal commas
    best: tuple[float, ...] = (0.0,)
    found = ","
    for delimiter in DELIMITERS:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            try:
                rows = list(csv.reader(sample, delimiter=delimiter, quoting=quoting, skipinitialspace=True))
            except csv.Error:
                continue
            width, often = Counter(map(len, rows)).most_common(1)[0]
            cells = [cell.strip() for row in rows if len(row) == width for cell in row[:50]]
            known = sum(map(typed, cells)) / len(cells) if cells else 0.0
            even = often / len(rows)
            if delimiter == " " and (best[0] or even < 0.9 or width > 40 or known < 0.6 or _grouped(sample)):
                continue
            if width > 1 and (score := (1.0 + (even >= 0.9), round(known, 1), even, width)) > best:
                best, found = score, delimiter
    return found


def _grouped(lines: list[str]) -> bool:
    """Whether spaces stand where thousands, or a date and its time, are set apart."""
    return any(re.search(r"^\D{0,2}\d{1,3}( \d{3})+\b|\d{4} \d{1,2}:\d\d", line) for line in lines)


class _Cutter:
    """Cuts lines at a delimiter. A quotation mark that opens and does not close is a mark like any other."""

    def __init__(self, delimiter: str, lines: list[str]) -> None:
        self.delimiter, self.lines, self.ahead, self.loose = delimiter, lines, _LINES_AHEAD, 0
        even = [line for line in lines if line.strip() and line.count('"') % 2 == 0][:2_000]
        rows = list(self.reader(even))
        self.width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 1
        self.quotes = any(delimiter in cell for row in rows for cell in row)  # quotation marks hold cells together

    def reader(self, lines: Iterable[str], **how: Any):
        return csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True, **how)

    def plain(self, line: str) -> list[str]:
        return next(self.reader([line], quoting=csv.QUOTE_NONE), [])

    def record(self, at: int) -> tuple[list[str], int]:
        """The cells of the record that begins in a line, and how many lines it has."""
        line = self.lines[at]
        for how in ({}, {"escapechar": "\\"}) if '\\"' in line else ({},):
            with contextlib.suppress(csv.Error):
                return next(self.reader([line], strict=True, **how), []), 1
        if self.ahead > 0:  # a cell may hold line ends
            block = self.lines[at : at + _LOOK_AHEAD]
            spanning = self.reader((one + "\n" for one in block), strict=True)
            with contextlib.suppress(csv.Error):
                row, span = next(spanning), spanning.line_num
                self.ahead -= span
                if len(row) == self.width and (
                    self.quotes or not all(len(self.plain(one)) == self.width for one in block[:span])
                ):
                    return row, span
            self.ahead -= spanning.line_num
        self.loose += 1
        row = self.plain(line)
        row = row if len(row) == self.width else next(self.reader([line]))
        return [cell[1:-1] if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in map(str.strip, row)], 1


def _records(lines: list[str], delimiter: str, name: str, notes: list[str]) -> list[list[str]]:
    """The stripped cells of each record."""
    try:
        cutter, rows, at = _Cutter(delimiter, lines), [], 0
        if not any('"' in line for line in lines):
            rows = list(cutter.reader(lines, quoting=csv.QUOTE_NONE))
        else:
            strict = cutter.reader((line + "\n" for line in lines), strict=True)
            with contextlib.suppress(csv.Error):
                rows = list(strict)
            spanning = len(lines) - len(rows)  # at least
            widths = {len(row) for row in rows if row}
            sure = spanning > 2 and len(widths) == 1 and max(widths) > 1 and cutter.width in {1, *widths}
            if strict.line_num < len(lines) or (spanning and not sure):
                rows = []
                while at < len(lines):
                    row, span = cutter.record(at)
                    rows.append(row)
                    at += span
        if cutter.loose:
            notes.append(f"quotation marks inside the cells of {counted(cutter.loose, 'line')} are taken as text")
        return [list(map(_bare, row)) for row in rows]
    except csv.Error:
        long = max(range(len(lines)), key=lambda k: len(lines[k])) + 1
        limit = csv.field_size_limit()
        raise ValueError(f"{name} has a cell of more than {limit:,} characters, near line {long:,}: no table has") from None


# Beginning and end --------------------------------------------------------------------------------------------------


def _extent(
    records: list[list[str]], width: int, header: bool | None, usual: frozenset[str]
) -> tuple[int, int | None, int]:
    """Where the rows of values begin, where the names stand (None if nowhere), and where the rows end."""
    filled = [k for k, cells in enumerate(records) if any(cells)]
    end = filled[-1] + 1
    whole = [records[k] for k in filled if len(records[k]) == width]
    body = whole[len(whole) // 4 :][:2_000]
    known = [c for c in range(width) if _mostly_typed([row[c] for row in body])]

    def of_values(k: int, longest: int = width) -> bool:
        """Whether a record seems to be a row of values."""
        cells = records[k]
        if not max(width - 1, 1) <= len(cells) <= longest or not any(cells):
            return False
        if usual or not known:
            return len(cells) >= width
        beside = [c for c in known[1:] if c < len(cells) and typed(cells[c])]
        if known[0] >= len(cells) or cells[known[0]].lower() not in MISSING:
            return known[0] < len(cells) and typed(cells[known[0]])
        gaps = sum(row[known[0]].lower() in MISSING for row in body)
        return width == 1 or (bool(beside) and (k != filled[0] or gaps > 0))

    first = next(filter(of_values, filled), filled[0])
    heads = [k for k in filled if k < first and _may_be_head(records, k, first, width)]
    # Names stand right above the values, and not in a preamble.
    others = [k for k in filled if k < first and k not in heads]
    heads = [k for k in heads if k > max(others, default=-1)] or heads
    head: int | None = max(
        heads, key=lambda k: (not records[k][0].startswith("#"), len({*records[k], ""}), -k), default=None
    )
    if width == 1 and head is not None:
        head = heads[-1]
    named = _names(records[first], body, width, usual) if usual else not known and not any(map(typed, records[first]))
    named = named or (_periods(records[first]) and first + 1 < end and not _periods(records[first + 1]))
    if head is None and (header or (header is None and named)):
        head, first = first, first + 1
    if header is False:
        first, head = (heads[0] if heads else first), None
    if head is not None:  # a row that is too long is no preamble
        first = next((k for k in filled if head < k < first and len(records[k]) > width), first)
    last = end
    if head is not None and width > 1 and not usual:  # the same names again, below a caption: another table begins
        again = [k for k in filled if k > first and records[k] == records[head] and not of_values(k - 1)]
        last = again[0] if again else end
    while last > first + 1 and last - 1 in filled and not of_values(last - 1, MAX_COLUMNS):
        cells = records[last - 1]
        apart = last >= 2 and not any(records[last - 2])
        caption = len(cells) != width or sum(map(bool, cells)) == 1 or _TOTALS.fullmatch(cells[0])
        if not (apart or (width > 1 and caption and (not usual or len(cells) < width))):
            break
        last -= 1
        while last > first and not any(records[last - 1]):
            last -= 1
    return first, head, last


def _refuse_decimal_commas(names: list[str], cells: list[str], name: str, line: int) -> None:
    """ValueError if each value takes two cells of a row, and the names one: as R writes it, only a row's name has none."""
    surplus = len(cells) - len(names)
    if (
        len(names) > 1 and surplus in (len(names) - 1, len(names)) and not any(map(typed, names))
        and (surplus > 1 or (hints(names[0]) and cells[0] != "1"))
        and all(map(str.isdigit, cells[-2 * surplus :][1::2]))
    ):  # fmt: skip
        raise ValueError(
            f"{name} has {len(names)} names in line {line:,} and {len(cells)} cells below: numbers such as "
            f"{','.join(cells[-2:])!r} have commas as the cells do; put them in quotation marks, or part the cells by semicolons"
        )


def _mostly_typed(cells: list[str]) -> bool:
    there = [cell for cell in cells if cell.lower() not in MISSING]
    return bool(there) and 2 * sum(map(typed, there)) >= len(there)


def _may_be_head(records: list[list[str]], k: int, first: int, width: int) -> bool:
    cells = records[k]
    if len(cells) == width:
        return width < 3 or sum(map(bool, cells)) > 1
    beside = k == first - 1  # names of all columns but the one of the row names, or of the trailing delimiter
    return beside and len(cells) == width - 1 and (width > 2 or not cells[0].startswith(("#", "%")))


def _periods(cells: list[str]) -> bool:
    """Whether a row names the years or months, one after the other, that its columns are of."""
    told = [re.fullmatch(r"([12]\d{3})(?:[-/M]?(0[1-9]|1[0-2]))?", cell) for cell in cells]
    months = [12 * int(match[1]) + int(match[2] or 1) for match in itertools.dropwhile(lambda one: not one, told) if match]
    steps = {b - a for a, b in itertools.pairwise(months)}
    return told[0] is None and not cells[0][:1].isdigit() and all(told[-len(months) :]) and steps in ({1}, {3}, {12})


def _names(cells: list[str], body: list[list[str]], width: int, usual: frozenset[str]) -> bool:
    """Whether a row of texts holds names: short ones, none of which comes again below, over columns where values do."""
    if any(cell.lower() in usual for cell in cells):
        return True
    if len(body) < 2:
        return not any(map(typed, cells))
    if any(map(typed, cells)) or len(cells) != width or max(map(len, cells)) > 60:
        return False
    below = [{row[c] for row in body if row is not cells} for c in range(width)]
    again = [c for c in range(width) if cells[c] and cells[c] in below[c]]
    long = [c for c in range(width) if sum(len(row[c]) for row in body) > 4 * len(body) * max(len(cells[c]), 3)]
    few = [c for c in range(width) if 2 * len(below[c]) <= len(body) and cells[c]]
    return not again and bool(few or long)


def _body(
    records: list[list[str]], width: int, names: list[str], prose: str, name: str, line: int, notes: list[str]
) -> list[list[str]]:
    """The rows, each of `width` cells. ValueError if one has more than can be understood."""
    rows, blank, comments, again, joined = [], 0, 0, 0, 0
    first_cells = {cells[0] for cells in records if len(cells) > 1}
    label_first = prose and width == 2 and len(first_cells) <= len(records) // 4 + 1
    for k, cells in enumerate(records):
        if width > 1 and not any(cells):
            blank += len(cells) > 1
        elif cells and cells[0].startswith("#") and len(cells) != width:
            comments += 1
        elif names and width > 1 and cells == names:
            again += 1
        elif len(cells) > width and prose and width == 2:
            joined += 1
            parts = (cells[:1], cells[1:]) if label_first else (cells[:-1], cells[-1:])
            rows.append([f"{prose} ".join(part) for part in parts])
        elif len(cells) > width:
            raise ValueError(
                f"{name} is not a table: line {line + k:,} has {len(cells):,} cells, and the others {width}; "
                "a cell with the delimiter in it needs quotation marks"
            )
        else:
            rows.append(cells + [""] * (width - len(cells)))
    for count, what in ((blank, "empty"), (comments, "commented"), (again, "repeated header")):
        if count:
            notes.append(f"{counted(count, f'{what} row')} {'were' if count > 1 else 'was'} left out")
    if joined:
        notes.append(f"{counted(joined, 'text')} with delimiters and without quotation marks were put together again")
    return rows


def _say_left_out(records: list[list[str]], first: int, head: int | None, last: int, notes: list[str]) -> None:
    def shown(part: list[list[str]]) -> str:
        text = " ".join(" ".join(filter(None, cells)) for cells in part[:1])
        return f"{text[:40]!r}{' and more' if len(part) > 1 or len(text) > 40 else ''}"

    start = first if head is None else head
    before = [cells for cells in records[:start] if any(cells)]
    between = [cells for cells in records[start + 1 : first] if any(cells)] if head is not None else []
    after = [cells for cells in records[last:] if any(cells)]
    for part, what in (
        (before, "above the table skipped"),
        (between, "below the names skipped, for the first row of names counts"),
        (after, "below the table left out"),
    ):
        if part:
            notes.append(f"{counted(len(part), 'line')} {what}: {shown(part)}")
