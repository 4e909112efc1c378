"""Whatever bytes come, structured or not: a table, or one sentence. And famous kinds of files, by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest

from lstm.datasets.grid import MAX_LINES
from lstm.datasets.tables import ReadOptions, pick, read_table, series_of, step_name
from lstm.datasets.topics import labelled, labelled_csv
from lstm.lessons.looks import kind_of

PIECES = [
    *"120.,;\t|\"\n\r-/: a%()#\x00", "NA", "Jan", "é", "€", "2020-01-01", "1e308", "1e-310", "-1e308",
    "nan", "inf", "12:00", "\u2212", "Q1", "W05",
    "<1", "x" * 50, "sep=;", '\\"', '""', "date", "value", "31.12.1999", "9" * 20, "1_000", "١٢٣", "²", "0x10", "+02:00", "AM", "1/1/17",
]  # fmt: skip


def rough(rng: random.Random) -> bytes:
    kind = rng.random()
    if kind < 0.25:
        return rng.randbytes(rng.randint(0, 300))
    if kind < 0.6:
        return "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 200))).encode()
    width, delimiter = rng.randint(1, 5), rng.choice(",;\t| ")
    pool = [rng.choice(PIECES) for _ in range(4)] + [str(rng.randint(-5, 99_999)) for _ in range(4)]
    rows = (width if rng.random() < 0.95 else rng.randint(0, 8) for _ in range(rng.randint(1, 12)))
    return "\n".join(delimiter.join(rng.choice(pool) for _ in range(cells)) for cells in rows).encode(
        rng.choice(["utf-8", "utf-16"])
    )


@pytest.mark.filterwarnings("error")
def test_any_bytes_give_a_table_or_a_sentence() -> None:
    for seed in range(400):
        data = rough(random.Random(seed))
        for options in (
            ReadOptions(),
            ReadOptions(decimal=",", day_first=True, header=True),
            ReadOptions(header=False),
        ):
            try:
                table = read_table(data, "mine.csv", options)
                series_of(table, *table.suggested, interpolate=True, as_missing=True, average=True)
            except ValueError as problem:
                assert type(problem) is ValueError and "\n" not in str(problem), seed
        try:
            labelled(labelled_csv(data, "mine.csv"), "mine.csv")
        except ValueError as problem:
            assert type(problem) is ValueError and "\n" not in str(problem), seed
        assert kind_of(data, "mine.csv") in ("series", "topics", "text", "model")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a,b\n" + b"1," * 3 + b"x" * 200_000, "mine.csv has a cell of more than 131,072 characters, near line 2: no table has"),
        (b"a," * 300_000 + b"\n" + b"1," * 300_000, "mine.csv has 300,001 columns, and at most 200 can be read"),
        (b"1\n2\n" * (MAX_LINES // 2 + 1), f"mine.csv has {MAX_LINES + 3:,} lines, and at most 300,000 can be read: leave out the oldest"),
        (b'""|', "mine.csv holds nothing but empty cells"),
    ],
)  # fmt: skip
def test_what_is_too_much_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_table(data, "mine.csv")
    assert str(caught.value) == said


HOURS = np.datetime64("2014-10-24T00") + np.arange(200)
DAYS = np.datetime64("2020-01-01") + np.arange(60)
TEN = [f"{960 + 7 * k:,}" for k in range(60)]


def told(hour: np.datetime64) -> str:
    return f"{hour.item():%Y-%m-%d %H:%M:%S}"


def lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


FAMOUS = {
    "two header rows, as yfinance writes them": (
        lines("Price,Close,High", "Ticker,X,X", "Date,,", *(f"{day},{100 + k % 7}.5,{101 + k % 7}.5" for k, day in enumerate(DAYS))),
        "Close", "Price", [100.5, 101.5, 102.5], "2020-01-01", "1 day", "2 lines below the names skipped",
    ),
    "names of rows, as R writes them, with spaces": (
        lines('"date" "value"', *(f'"{k + 1}" "{day}" {k % 9 * 0.5}' for k, day in enumerate(DAYS))),
        "value", "date", [0, 0.5, 1], "2020-01-01", "1 day", "holds the names of the rows",
    ),
    "the hour of the clock change stands twice": (
        lines("Datetime,MW", *(f"{told(hour)},{k % 31}" for k, hour in enumerate(HOURS) if k != 51), "2014-10-26 02:00:00,90"),
        "MW", "Datetime", [0, 1, 2], "2014-10-24", "1 hour", "the hour of the clock change stands twice",
    ),
    "offsets that change with the clock": (
        lines("t,v", *(f"{told(hour + 2 - (k > 39))}+0{2 - (k > 39)}:00,{k % 31}" for k, hour in enumerate(HOURS))),
        "v", "t", [0, 1, 2], "2014-10-24", "1 hour", "the offsets from UTC change",
    ),
    "-200 for nothing measured, times with points, empty columns": (
        lines("Date;Time;CO;;",
              *(f"{hour.item():%d/%m/%Y;%H.%M.%S};{'-200' if k % 20 == 3 else f'1,{k % 7}'};;" for k, hour in enumerate(HOURS))),
        "CO", "Date + Time", [1, 1.1, 1.2], "2014-10-24", "1 hour", "-200 (10 times) may stand for missing values",
    ),
    "year, month, day and hour in four columns": (
        lines("No,year,month,day,hour,pm", *(f"{k + 1},{hour.item():%Y,%m,%d,%H},{50 + k % 37}" for k, hour in enumerate(HOURS))),
        "pm", "year + month + day + hour", [50, 51, 52], "2014-10-24", "1 hour", "joined to dates",
    ),
    "no header, year and month in front, decimal years": (
        lines(*(f"{1749 + k // 12};{k % 12 + 1:02d};{1749 + (k + 0.5) / 12:.3f};{50 + k % 13}.5" for k in range(120))),
        "column 4", "column 1 + column 2", [50.5, 51.5, 52.5], "1749-01-01", "1 month", "joined to dates",
    ),
    "thousands that nothing proves": (
        lines("Datum;Besucher", *(f"{day.item():%d.%m.%Y};{cell.replace(',', '.')}" for day, cell in zip(DAYS, TEN))),
        "Besucher", "Datum", [960, 967, 974], "2020-01-01", "1 day", "was read as a thousands mark",
    ),
    "the last days of months": (
        lines("Date,Close", *(f"{(np.datetime64('2010-02') + k).astype('datetime64[D]') - 1},{100 + k * k % 17}" for k in range(40))),
        "Close", "Date", [100, 101, 104], "2010-01-31", "1 month", "",
    ),
    "a total below": (
        lines("Month,Sales", *(f"2020-{k:02d},{k * k}" for k in range(1, 13)), "Total,650"),
        "Sales", "Month", [1, 4, 9], "2020-01-01", "1 month", "1 line below the table left out",
    ),
    "hours on a 12-hour clock, newest first, an address above": (
        lines("https://example.org", "Date,Symbol,Close",
              *(f"{HOURS[k].item():%Y-%m-%d %I-%p},BTC,{100 + k % 17}.2" for k in range(199, -1, -1))),
        "Close", "Date", [100.2, 101.2, 102.2], "2014-10-24", "1 hour", "the newest row came first",
    ),
    "shampoo: years counted from 1": (
        lines("Month,Sales", *(f'"{1 + k // 12}-{k % 12 + 1:02d}",{200 + k * k % 90}' for k in range(36))),
        "Sales", "Month", [200, 201, 204], "0001-01-01", "1 month", "years are counted from 1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAMOUS)
def test_famous_kinds_of_files(kind: str) -> None:
    text, column, date, first, begins, step, note = FAMOUS[kind]
    table = read_table(text.encode(), "mine.csv")
    assert table.suggested == (column, date)
    picked = pick(table, *table.suggested)
    assert picked.values[:3].tolist() == first
    assert str(picked.dates[0]).removesuffix("T00:00:00") == begins and step_name(picked.series(column)) == step
    assert any(note in said for said in (*table.notes, *picked.notes, ""))


def test_months_end_on_their_last_days() -> None:
    text = FAMOUS["the last days of months"][0]
    series = series_of(read_table(text.encode(), "mine.csv"), "Close", "Date")[0]
    assert series.season == 12 and series.future_dates(3).astype(str).tolist() == [
        "2013-05-31",
        "2013-06-30",
        "2013-07-31",
    ]
