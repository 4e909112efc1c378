"""Whatever bytes come, structured or not: a table, or one sentence. And famous kinds of files, by hand."""

from __future__ import annotations

import random
from datetime import timedelta

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
    ("unit", "said"),
    [
        ("e155", "column 'v' goes up to 7e+155, and squares of numbers above 1e+100 cannot be told: give it in a larger unit"),
        ("e-310", "the values of column 'v' differ by 6e-310, and squares of less than 1e-100 cannot be told: give it in a smaller unit"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_numbers_whose_squares_are_no_numbers_are_refused(unit: str, said: str) -> None:
    table = read_table(("v\n" + "\n".join(f"{k % 7 + 1}{unit}" for k in range(200))).encode(), "mine.csv")
    with pytest.raises(ValueError) as caught:
        series_of(table, *table.suggested)
    assert str(caught.value) == said


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


MONTHS, QUARTERS = np.arange("1996-01", "2001-01", dtype="datetime64[M]"), np.arange("1990-01", "2005-01", 3, dtype="datetime64[M]")
YEARS = np.arange("1960", "2020", dtype="datetime64[Y]")
MONDAYS = np.datetime64("2018-12-31") + 7 * np.arange(60)
AMOUNTS = [f"{3 + k % 17}.{k % 10}" for k in range(60)]


@pytest.mark.parametrize(
    ("write", "dates", "step"),
    [
        (lambda d: f"{d:%d.%m.%Y}-{d + timedelta(6):%d.%m.%Y}", MONDAYS, "1 week"),
        (lambda d: f"{d:%Y-%m-%d}/{d + timedelta(6):%Y-%m-%d}", MONDAYS, "1 week"),
        (lambda d: f"{d:%d/%m/%Y}–{d + timedelta(6):%d/%m/%Y}", MONDAYS, "1 week"),
        (lambda d: f"{d.isocalendar()[1]}/{d.isocalendar()[0]}", MONDAYS, "1 week"),
        (lambda d: f"{d:%d%b%Y}".upper(), DAYS, "1 day"),
        (lambda d: f"{d.year}年{d.month}月{d.day}日", DAYS, "1 day"),
        (lambda d: f"{d.year}년 {d.month}월 {d.day}일", DAYS, "1 day"),
        (lambda d: f"{d.day} {('января', 'февраля', 'марта')[d.month - 1]} {d.year}", DAYS, "1 day"),
        (lambda d: f"{d:%Y.%m.%d}", DAYS, "1 day"),
        (lambda d: f"{d:%m/%y}", MONTHS, "1 month"),
        (lambda d: f"{d:%b%Y}", MONTHS, "1 month"),
        (lambda d: f"{d.year}:Q{d.month // 3 + 1}", QUARTERS, "3 months"),
        (lambda d: f"{d.year}-{(d.year + 1) % 100:02d}", YEARS, "1 year"),
        (lambda d: f"{d.year}/{d.year + 1}", YEARS, "1 year"),
        (lambda d: f"FY{d.year}", YEARS, "1 year"),
        (lambda d: f"{d:%d/%b/%Y:%H:%M:%S}", HOURS[:60], "1 hour"),
        (lambda d: f"{d:%Y%m%d:%H%M}", HOURS[:60], "1 hour"),
        (lambda d: f"{d:%Y-%m-%d} at {d:%H:%M}", HOURS[:60], "1 hour"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("name", ["Date", "Дата", "日期", "x"])
def test_spellings_of_dates(write, dates: np.ndarray, step: str, newest_first: bool, name: str) -> None:
    cells = [write(one.item()) for one in dates.astype("datetime64[s]")]
    rows = [f"{cell},{value}" for cell, value in zip(cells, AMOUNTS)]
    table = read_table(lines(f"{name},Value", *(rows[::-1] if newest_first else rows)).encode(), "mine.csv")
    assert table.suggested == ("Value", name)
    picked = pick(table, "Value", name)
    assert picked.values.tolist() == list(map(float, AMOUNTS))
    assert (picked.dates == dates.astype("datetime64[s]")).all() and step_name(picked.series("v")) == step


@pytest.mark.parametrize(
    ("head", "row", "dates", "step"),
    [
        ("YEAR,MO,DY,v", lambda d: f"{d.year},{d.month},{d.day}", DAYS, "1 day"),
        ("YEAR,DOY,v", lambda d: f"{d.year},{d:%j}", DAYS, "1 day"),
        ("", lambda d: f"{d.year},{d.month},{d.day}", DAYS, "1 day"),
        ("Year,Quarter,v", lambda d: f"{d.year},Q{d.month // 3 + 1}", QUARTERS, "3 months"),
        ("Year,Period,v", lambda d: f"{d.year},M{d.month:02d}", MONTHS, "1 month"),
        ("week,v", lambda d: "{}{:02d}".format(*d.isocalendar()), MONDAYS, "1 week"),
    ],
)  # fmt: skip
def test_dates_in_several_columns_or_as_numbers(head: str, row, dates: np.ndarray, step: str) -> None:
    rows = [f"{row(one.item())},{value}" for one, value in zip(dates.astype("datetime64[s]"), AMOUNTS)]
    table = read_table(lines(*([head] if head else []), *rows).encode(), "mine.csv")
    picked = pick(table, *table.suggested)
    assert picked.values.tolist() == list(map(float, AMOUNTS))
    assert (picked.dates == dates.astype("datetime64[s]")).all() and step_name(picked.series("v")) == step


@pytest.mark.parametrize(
    ("cells", "values", "note"),
    [
        (["1.25M", "3.4K", "2k", "1.5B", "7"], [1.25e6, 3.4e3, 2e3, 1.5e9, 7.0], "stands for thousands, millions or billions"),
        (["20.1 kWh", "3 kWh", "4.5 kWh", "5 kWh"], [20.1, 3.0, 4.5, 5.0], "the unit 'kWh' was left out"),
        (["20.1 °C", "-3.2 °C", "4.5 °C", "5.0 °C"], [20.1, -3.2, 4.5, 5.0], "the unit '°C' was left out"),
        ([" $ (3.50)", "$ 4.20", " $ (1.00)", "$ 2.00"], [-3.5, 4.2, -1.0, 2.0], "the signs $ were left out"),
        (["2,013E+06", "2,244E+06", "3,100E+05"], [2.013e6, 2.244e6, 3.1e5], ""),
        (["1.5", "1e+20", "2.5", "1e+20", "3.5", "4.5"], [1.5, 1e20, 2.5, 1e20, 3.5, 4.5], "1e+20 (2 times) may stand for missing"),
    ],
)  # fmt: skip
def test_what_numbers_wear(cells: list[str], values: list[float], note: str) -> None:
    rows = [f"2020-01-{k + 1:02d};{cell}" for k, cell in enumerate(cells)]
    table = read_table(lines("Date;v", *rows).encode(), "mine.csv")
    assert table.column("v").values.tolist() == values
    assert any(note in said for said in (*table.notes, ""))


@pytest.mark.parametrize(
    ("head", "row"), [("Date,v", "20,13"), ("Date,v,w", "20,13,4,5"), ("a,v,w", "1,0,20,13,4,5")]
)
def test_decimal_commas_between_commas_are_named(head: str, row: str) -> None:
    rows = [f"{day},{row}" if head.startswith("Date") else row for day in DAYS]
    with pytest.raises(ValueError, match="have commas as the cells do; put them in quotation marks, or part the cells by"):
        read_table(lines(head, *rows).encode(), "mine.csv")


@pytest.mark.parametrize(
    ("text", "column", "first"),
    [
        # a title with as many commas as the names, remarks between
        (lines("U.S., Average Temperature, Year", "Units: F", "Missing: -99", "Date,Value,Anomaly",
               *(f"{1895 + k}12,{AMOUNTS[k]},{k % 7}" for k in range(60))), "Value", 3.0),
        # a table of the place above the table of the values
        (lines("latitude,longitude,elevation,zone", "52.5,13.4,38.0,GMT", "", "time,temperature",
               *(f"{day},{AMOUNTS[k]}" for k, day in enumerate(DAYS))), "temperature", 3.0),
        # the years below the months
        (lines("Made of many shares.", "", ",Mkt,HML",
               *(f"{1926 + k // 12}{k % 12 + 1:02d},  {AMOUNTS[k]},0.{k % 9}" for k in range(60)), "",
               " Annual Factors", ",Mkt,HML", "1927,  11.5,0.3", "1928,  -2.5,0.2"), "Mkt", 3.0),
        # an index without a name, which starts again for each series
        (lines(",Date,Price,type", *(f"{k},{day},{AMOUNTS[k]},{kind}" for kind in ("a", "b") for k, day in enumerate(DAYS))), "Price", 3.0),
        # decimal years, to three places
        (lines("decimal,value", *(f"{2000 + k / 365:.3f},{AMOUNTS[k]}" for k in range(60))), "value", 3.0),
    ],
)  # fmt: skip
def test_where_the_table_is_and_which_column(text: str, column: str, first: float) -> None:
    table = read_table(text.encode(), "mine.csv")
    assert table.suggested[0] == column
    picked = pick(table, *table.suggested)
    assert picked.values[0] == first and len(picked.values) == 60


@pytest.mark.parametrize(
    ("head", "row", "text", "label"),
    [
        ("Class Index,Title,Description", "{n},short one,{long}", "Description", "Class Index"),
        ("id,airline_sentiment,airline,text", "{k},{n},A,{long}", "text", "airline_sentiment"),
        ("url,lead,section", "https://example.org/a/very-long-address-with-many-letters-{k},{long},{n}", "lead", "section"),
        (",Title,Review Text,Rating", "{k},short one,{long},{n}", "Review Text", "Rating"),
        ("text,label", "{long}, and more, {n}", "text", "label"),
    ],
)  # fmt: skip
def test_which_column_is_the_text(head: str, row: str, text: str, label: str) -> None:
    rows = [row.format(k=k, n=k % 3, long=f"this is what somebody wrote on day {k} and it goes on") for k in range(60)]
    found = labelled(lines(head, *rows), "mine.csv")
    assert found.columns == (text, label) and len(found.texts) == 60 and "goes on" in found.texts[0]
    assert found.classes == ("0", "1", "2")


def test_names_of_columns_in_kanji_alone() -> None:
    text = lines("年月日,平均気温(℃)", *(f"{day},{AMOUNTS[k]}" for k, day in enumerate(DAYS)))
    table = read_table(text.encode("cp932"), "mine.csv")
    assert table.encoding == "Shift JIS" and table.suggested == ("平均気温(℃)", "年月日")


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩٫", "۰۱۲۳۴۵۶۷۸۹٫", "०१२३४५६७८९.", "０１２３４５６７８９．"])
def test_digits_of_other_scripts(digits: str) -> None:
    text = lines("day,value", *(f"{day},{AMOUNTS[k]}" for k, day in enumerate(DAYS))).translate(str.maketrans("0123456789.", digits))
    series = series_of(read_table(text.encode(), "mine.csv"), "value", "day")[0]
    assert series.values.tolist() == list(map(float, AMOUNTS)) and (series.dates == DAYS).all()
