"""Tables are written from a known series, in one of the many ways people write them, and must be read back as the same series."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass, field

import numpy as np
import pytest

from lstm.datasets.tables import ReadOptions, pick, read_table

CASES = 500
MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "full": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
}
STEPS = {
    "15 min": np.timedelta64(15, "m"), "hour": np.timedelta64(1, "h"), "day": np.timedelta64(1, "D"), "week": np.timedelta64(7, "D"),
    "month": np.timedelta64(1, "M"), "quarter": np.timedelta64(3, "M"), "year": np.timedelta64(12, "M"),
}  # fmt: skip
CLOCKED = [
    "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%y %H:%M:%S", "%m/%d/%Y %I:%M %p",
    "%Y%m%d %H%M", "unix", "ms", "two", "%Y-%m-%d %H:%M:%S+02:00", "%d-%b-%Y %H:%M",
]  # fmt: skip
DAILY = [
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%m/%d/%y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y", "%d %B %Y", "%B %d, %Y", "%d-%m-%Y",
    "%a, %d %b %Y", "excel", "unix", "interval", "de", "fr",
]  # fmt: skip


@dataclass
class Written:
    """A file, and what must be read from it: dates or None, values with nan where a cell says that there is nothing."""

    data: bytes
    values: np.ndarray
    dates: np.ndarray | None
    how: dict[str, object] = field(default_factory=dict)


def write(rng: random.Random) -> Written:
    """A file from a random series, with everything about it drawn."""
    step = rng.choice(list(STEPS))
    rows = rng.randint(40, 110)
    dates = _dates(rng, step, rows)
    how: dict[str, object] = {"step": step}
    names, columns = _date_cells(rng, step, dates, how)
    values, cells = _value_cells(rng, rows, how)
    columns.append(cells)
    names.append(rng.choice(["value", "Wert", "sales", "Umsatz in €", "count", "température", "Q (m3/s)"]))
    newest_first = len(names) == 2 and rng.random() < 0.25
    how |= {"newest_first": newest_first}
    extra = rng.choice(["", "", "", "text", "constant", "row number"])
    if extra == "text":
        columns.append([rng.choice(["warm", "cold", "rain, then sun"]) for _ in range(rows)])
        names.append("remark")
    elif extra == "constant":
        columns.append(["7"] * rows)
        names.append("station")
    elif extra == "row number" and len(names) == 2:
        columns.insert(0, [str(k) for k in range(1, rows + 1)])
        names.insert(0, rng.choice(["", "id", "No"]))
    table = [list(row) for row in zip(*columns)]
    if newest_first:
        table.reverse()
    header = rng.random() < 0.85 or len(names) > 3 or extra != "" or how["form"] == "excel"
    delimiter = rng.choice([",", ",", ";", ";", "\t", "|"])
    how |= {"extra": extra, "header": header, "delimiter": delimiter}
    text = io.StringIO()
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    if header:
        above = [["Category: All categories", ""], ["# Station 12345", "# unit: deg C"], ["My export", "made by hand"]]
        preamble = rng.choice([[], [], [], *above])
        text.write("".join(f"{line}\n" for line in preamble))
        how["preamble"] = preamble
        writer.writerow(names)
    trailing = extra == "" and rng.random() < 0.1
    writer.writerows([*row, ""] if trailing else row for row in table)
    if header and rng.random() < 0.15:
        text.write(rng.choice(["\n", ""]) + "Made-up figures for a test of a reader\n")
        how["footer"] = True
    content = text.getvalue()
    if header and rng.random() < 0.1:
        content = f"sep={delimiter}\n{content}"
    content = content.replace("\n", end := rng.choice(["\n", "\n", "\r\n", "\r"]))
    encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    try:
        data = content.encode(encoding)
    except UnicodeEncodeError:
        data, encoding = content.encode(encoding := "utf-8"), encoding
    return Written(
        data, values, dates, how | {"end": end, "encoding": encoding, "trailing": trailing, "quoting": quoting}
    )


def _dates(rng: random.Random, step: str, rows: int) -> np.ndarray:
    year = rng.randint(1990, 2018) if step not in ("month", "quarter", "year") else rng.randint(1930, 1945)
    if step in ("month", "quarter", "year"):
        first = np.datetime64(f"{year}-{1 if step != 'month' else rng.randint(1, 12):02d}", "M")
        return (first + STEPS[step] * np.arange(rows)).astype("datetime64[s]")
    first = np.datetime64(f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}", "s")
    if step == "week":
        first -= (first.astype("datetime64[D]").astype(int) + 3) % 7 * np.timedelta64(1, "D")
    return first + STEPS[step] * np.arange(rows)


def _date_cells(
    rng: random.Random, step: str, dates: np.ndarray, how: dict[str, object]
) -> tuple[list[str], list[list[str]]]:
    """Names and cells of the columns of dates."""
    stamps = [stamp.item() for stamp in dates]
    forms = {
        "15 min": CLOCKED, "hour": [*CLOCKED, "parts"], "day": [*DAILY, "parts"], "week": [*DAILY, "iso week", "KW"],
        "month": ["%Y-%m", "%m/%Y", "%b-%y", "%b %Y", "%Y-%b", "%Y%m", "%YM%m", "%Y-%m-01", "de month", "parts"],
        "quarter": ["%YQq", "%Y-Qq", "Qq %Y", "%Y-%m-01"], "year": ["%Y", "%Y-01-01"],
    }[step]  # fmt: skip
    form = rng.choice(forms)
    how["form"] = form
    name = rng.choice(["date", "Datum", "Date", "time", "timestamp"])
    if form == "%Y":
        name = "year"
    if form == "two":
        date, clock = rng.choice(
            [("%d/%m/%Y", "%H:%M:%S"), ("%Y-%m-%d", "%H:%M"), ("%m/%d/%Y", "%I:%M %p"), ("%d/%m/%Y", "%H.%M.%S")]
        )
        how["form"] = f"{date} and {clock}"
        return ["Date", "Time"], [[s.strftime(date) for s in stamps], [s.strftime(clock) for s in stamps]]
    if form == "parts":
        parts = {
            "year": "%Y",
            "month": "%m",
            **({"day": "%d"} if step != "month" else {}),
            **({"hour": "%H"} if step == "hour" else {}),
        }
        return list(parts), [[str(int(s.strftime(code))) for s in stamps] for code in parts.values()]
    spelt = {
        "unix": lambda s: str(int((s - EPOCH).total_seconds())), "ms": lambda s: str(1000 * int((s - EPOCH).total_seconds())),
        "excel": lambda s: str((s - EPOCH).days + 25569), "iso week": lambda s: "{}-W{:02d}".format(*s.isocalendar()[:2]),
        "KW": lambda s: "KW {1} {0}".format(*s.isocalendar()[:2]),
        "interval": lambda s: f"{s:%Y-%m-%d}/{(np.datetime64(s, 'D') + 6).item():%Y-%m-%d}",
        "de": lambda s: f"{s.day}. {MONTHS['de'][s.month - 1]} {s.year}", "fr": lambda s: f"{s.day} {MONTHS['fr'][s.month - 1]} {s.year}",
        "de month": lambda s: f"{MONTHS['de'][s.month - 1]} {s.year}",
    }.get(form, lambda s: s.strftime(form).replace("Qq", f"Q{(s.month + 2) // 3}"))  # fmt: skip
    return [name], [[spelt(stamp) for stamp in stamps]]


EPOCH = np.datetime64("1970-01-01", "s").item()


def _value_cells(rng: random.Random, rows: int, how: dict[str, object]) -> tuple[np.ndarray, list[str]]:
    """Values and their cells; at least one of them proves the decimal mark, where there is one."""
    places = rng.choice([0, 0, 1, 2, 3])
    size = rng.choice([10, 1_000, 100_000, 5_000_000])
    values = np.array([round(rng.uniform(-0.3 if rng.random() < 0.3 else 0.05, 1) * size, places) for _ in range(rows)])
    values[:2] = [round(0.4 * size, places), round(0.7 * size, places)]
    decimal = rng.choice(".,")
    thousands = rng.choice(["", "", ",."[decimal == ","], " ", "\u202f", "'", "indian"])
    if places == 0 and thousands in (".", ",", "indian"):
        values[:2] = [998, 1024]  # one below 1,000 without a mark, one above with one
    if places == 3:
        values[0] = 0.125  # a thousands mark has no nought in front
    dress = rng.choice(["", "", "", "$", "%", "€", "brackets", "minus"])
    how |= {"places": places, "decimal": decimal, "thousands": thousands, "dress": dress}
    cells = []
    for value in values:
        whole, _, rest = f"{abs(value):.{places}f}".partition(".")
        if thousands == "indian" and len(whole) > 3:
            head = whole[:-3].rjust(len(whole[:-3]) + len(whole[:-3]) % 2)
            pairs = [head[k : k + 2].strip() for k in range(0, len(head), 2)]
            whole = ",."[decimal == ","].join([*pairs, whole[-3:]])
        elif thousands not in ("", "indian"):
            whole = f"{int(whole):,}".replace(",", thousands)
        cell = whole + (decimal + rest if rest else "")
        sign = value < 0
        cell = {"$": f"${cell}", "%": f"{cell}%", "€": f"{cell} €"}.get(dress, cell)
        cells.append(
            (f"({cell})" if dress == "brackets" else f"\u2212{cell}" if dress == "minus" else f"-{cell}")
            if sign
            else cell
        )
    for _ in range(rng.choice([0, 0, 0, 1, 3])):
        row = rng.randrange(5, rows - 1)
        values[row], cells[row] = np.nan, rng.choice(["NA", "", "?", "n/a", "-", "NaN", "#N/A"])
    return values, cells


@pytest.mark.parametrize("part", range(5))
def test_what_was_written_is_read(part: int) -> None:
    for seed in range(part * CASES // 5, (part + 1) * CASES // 5):
        check(seed)


def check(seed: int) -> None:
    written = write(random.Random(seed))
    said = (seed, written.how)
    table = read_table(written.data, "mine.csv")
    if "day_first" in table.offers and table.column(table.suggested[1]).values.tolist() != written.dates.tolist():
        table = read_table(
            written.data, "mine.csv", ReadOptions(day_first=not str(written.how).count("%m/%d"))
        )  # as the note offers
    column, date = table.suggested
    picked = pick(table, column, date)
    np.testing.assert_array_equal(picked.values, written.values, err_msg=str(said))
    assert picked.dates is not None, said
    np.testing.assert_array_equal(picked.dates.astype("datetime64[s]"), written.dates, err_msg=str(said))
