"""Tables people hand in: every way a number, a date or a delimiter is written, and each bad file's sentence."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm.datasets import catalogue
from lstm.datasets.tables import Table, load_series, read_table, series_of
from lstm.lessons.forecast.experiment import Forecast
from lstm.preprocessing.series import MAX_POINTS


def table(text: str | bytes, name: str = "my.csv") -> Table:
    return read_table(text.encode() if isinstance(text, str) else text, name)


def values(text: str | bytes, column: str | None = None, **options) -> list[float]:
    found = table(text)
    return series_of(found, column or found.suggested[0], **options)[0].values.tolist()


def refused(text: str | bytes, column: str | None = None, **options) -> str:
    with pytest.raises(ValueError) as caught:
        values(text, column, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


# What is read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\nx,1\ny,2.5\n", [1, 2.5]),
        ("a;b\nx;1\ny;2,5\n", [1, 2.5]),
        ("a\tb\nx\t1\ny\t2.5\n", [1, 2.5]),
        ("a|b\nx|1\ny|2.5\n", [1, 2.5]),
        ("b\n1,5\n2,5\n", [1.5, 2.5]),  # one column with decimal commas
        ("b\n1\n2\n", [1, 2]),
        ("1\n2\n3\n", [1, 2, 3]),  # no header
        ("x,1\ny,2\n", [1, 2]),
        ('b\n"1,234.5"\n"12"\n', [1234.5, 12]),
        ("a;b\nx;1.234,5\ny;2\n", [1234.5, 2]),
        ("b\n1 234\n12\n", [1234, 12]),
        ("b\n1e3\n-2.5E-1\n+7\n", [1000, -0.25, 7]),
        ("a, b\nx, 1\ny, 2\n", [1, 2]),
        ("\ufeffa,b\r\nx,1\r\ny,2\r\n", [1, 2]),
        ("b;Straße\n1;x\n2;y\n".encode("cp1252"), [1, 2]),
        ("a,b\nx,1\ny,2\n,\n,\n", [1, 2]),  # what a spreadsheet leaves at the end
        ("b,a\n1,x\n2\n", [1, 2]),  # a short line
    ],
)
def test_numbers_however_they_are_written(text, expected):
    assert values(text) == expected


def test_how_it_was_read_is_told():
    found = table("Tag;Wert;Ort\n01.02.2024;1,5;Köln\n02.02.2024;;Köln\n")
    assert (found.delimiter, found.decimal, found.encoding, found.rows) == (";", ",", "UTF-8", 2)
    assert (found.numbers, found.date_columns) == (["Wert"], ["Tag"]) and found.suggested == ("Wert", "Tag")
    assert [(c.name, c.kind, c.missing) for c in found.columns] == [
        ("Tag", "date", 0),
        ("Wert", "number", 1),
        ("Ort", "text", 0),
    ]
    assert table("a,a,\n1,2,3\n4,5,6\n").numbers == ["a", "a (2)", "column 3"]
    assert "Windows-1252" in table("b;Straße\n1;x\n2;y\n".encode("cp1252")).notes[0]


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["2024-02-01", "2024-02-02"], "2024-02-01"),
        (["2024-02", "2024-03"], "2024-02-01"),
        (["2024-02-01 13:00", "2024-02-01 14:00"], "2024-02-01T13:00:00"),
        (["2024-02-01T13:00:00Z", "2024-02-01T14:00:00Z"], "2024-02-01T13:00:00"),
        (["13.2.2024", "14.2.2024"], "2024-02-13"),
        (["13/02/2024", "14/02/2024"], "2024-02-13"),
        (["02/13/2024", "02/14/2024"], "2024-02-13"),
        (["01/31/2024", "02/01/2024"], "2024-01-31"),
        (["20240213", "20240214"], "2024-02-13"),
        (["1900", "1901"], "1900-01-01"),
        (["Jan 1900", "Feb 1900"], "1900-01-01"),
        (["1749-01", "1749-02"], "1749-01-01"),
    ],
)
def test_dates_however_they_are_written(cells, first):
    found = table("".join(["date;n\n", *(f"{cell};{k}\n" for k, cell in enumerate(cells))]))
    assert found.date_columns == ["date"]
    assert str(series_of(found, "n", "date")[0].dates[0]) == first


def test_a_doubt_about_day_and_month_is_noted():
    assert table("date,n\n01/02/2024,1\n01/03/2024,2\n").notes == ("date: dates were read as day/month/year",)
    # read the other way round these would not be in order
    assert table("date,n\n01/02/2024,1\n02/02/2024,2\n03/02/2024,3\n04/01/2024,3\n").notes == ()


@pytest.mark.parametrize(
    ("dates", "season"),
    [
        (np.arange("2024-01-01", "2024-02-01", dtype="datetime64[D]"), 7),
        (np.arange("2020-01", "2024-01", dtype="datetime64[M]"), 12),
        (np.arange("2024-01-01T00", "2024-01-03T00", dtype="datetime64[h]"), 24),
        (np.arange("2024-01", "2028-01", 3, dtype="datetime64[M]"), 4),
        (np.arange("2000", "2020", dtype="datetime64[Y]"), None),
        (np.busday_offset("2024-01-01", np.arange(30)), 5),
    ],
)
def test_the_season_follows_from_the_dates(dates, season):
    text = "".join(["date,n\n", *(f"{date},{k % 5}\n" for k, date in enumerate(dates.astype("datetime64[s]")))])
    assert series_of(table(text), "n", "date")[0].season == season


# What is not ---------------------------------------------------------------------------------------------------


def test_no_numeric_column():
    assert (
        refused("name,town\nAda,London\nAlan,London\n") == "my.csv has no column of numbers: its columns are name, town"
    )


def test_text_among_the_numbers():
    text = "n\n1\n2\nbroken\n4\nalso\n"
    assert refused(text) == (
        "column 'n' holds text among its numbers: 'broken' in row 3, and 1 more; write numbers there, or have these 2 cells treated "
        "as missing"
    )
    assert refused("n\n1\n2\ninf\n").startswith("column 'n' holds text among its numbers: 'inf' in row 3; write")
    assert values(text, as_missing=True, interpolate=True) == [1, 2, 3, 4, 4]
    assert "holds text among its numbers: '\"2' in row 1" in refused('a,b\n1,"2\n3,4\n', "b")  # a quotation mark that never closes
    both = table("n,m\n1,2\nx,3\n3,4\n")
    assert both.suggested[0] == "m" and both.columns[0].problem is not None


def test_missing_values_are_counted_and_filled_in_on_request():
    text = "a,n\nx,1\nx,\nx,NA\nx,7\nx,8\n"
    assert refused(text, "n") == (
        "column 'n' lacks 2 of its 5 values, the first in row 2: have them interpolated, or fill them in"
    )
    series, notes = series_of(table(text), "n", interpolate=True)
    assert series.values.tolist() == [1, 3, 5, 7, 8] and notes == ("2 missing values were filled in by straight lines",)
    assert values("n\n1\n\n3\n", interpolate=True) == [1, 2, 3]  # an empty line of a single column
    assert "lacks 3 of its 5 values, the first in row 2: too many to fill in" in refused(
        "a,n\nx,1\nx,\nx,\nx,\nx,8\n", "n", interpolate=True
    )
    assert "text among its numbers" in refused("a,n\nx,1\nx,\nx,y\nx,8\n", "n", interpolate=True)


def test_duplicate_dates():
    text = "date,n\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n2024-01-03,4\n2024-01-03,4\n"
    assert refused(text, "n", date="date") == (
        "column 'date' has 2 dates more than once, first 2024-01-02: a series has one value for each date; "
        "have them averaged, or go without dates"
    )
    assert values(text, "n", date="date", average=True) == [1, 2.5, 4]
    assert table(text).suggested == ("n", None)  # dates that repeat are none
    assert values(text, "n") == [1, 2, 3, 4, 4]  # without the dates


def test_unsorted_and_uneven_dates():
    series, notes = series_of(table("date,n\n2024-01-03,3\n2024-01-01,1\n2024-01-02,2\n"), "n", "date")
    assert series.values.tolist() == [1, 2, 3]
    assert notes == ("the rows were not in the order of their dates and were sorted by 'date'",)
    _, notes = series_of(table("date,n\n2024-01-01,3\n2024-01-02,1\n2024-01-09,2\n"), "n", "date")
    assert notes == ("the dates are not evenly spaced: the network sees the values as if they were",)


def test_missing_dates_and_no_dates():
    text = "date,n\n2024-01-01,1\n,2\n2024-01-03,3\n2024-01-04,3\n"
    assert refused(text, "n", date="date") == "column 'date' has no date in row 2"
    assert refused(text, "n", date="n") == "column 'n' holds no dates"
    assert refused(text, "date") == "column 'date' holds dates, not numbers"
    assert refused(text, "m") == "my.csv has no column 'm', but date, n"


@pytest.mark.parametrize(("text", "count"), [("n\n1\n", "one row"), ("n,m\n1,2\n", "one row"), ("n,m\n", "no rows")])
def test_one_row(text, count):
    assert refused(text) == f"my.csv has {count} of values: a series needs many"


def test_a_constant_series():
    assert refused("n\n5\n5\n5\n") == "column 'n' is constant: every value is 5, and there is nothing to learn"


def test_an_excel_file_renamed_csv():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    said = "my.csv is an Excel workbook, whatever its name says: save it there as CSV first"
    assert refused(file.getvalue()) == refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "my.csv is empty"),
        (b"\n \n\n", "my.csv holds nothing but blank space"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "my.csv is a PNG image, not plain text"),
        (
            b"a,b\n1,2\n3,4,5\n",
            "my.csv is not a table: line 3 has 3 cells, and the others 2; a cell with the delimiter in it needs quotation marks",
        ),
        (",".join(map(str, range(300))).encode() + b"\n" + b"1," * 299 + b"1\n", "my.csv has 300 columns, and at most 200 can be read"),
        (b"once upon a time\nthere was a king\nwho had a daughter\n", "my.csv has no column of numbers: its columns are once upon a time"),
    ],
)  # fmt: skip
def test_what_is_no_table(data, said):
    assert refused(data) == said


def test_more_rows_than_can_be_trained_on():
    text = "n\n" + "".join(f"{k % 100}\n" for k in range(MAX_POINTS + 50))
    series, notes = series_of(table(text), "n")
    assert len(series) == MAX_POINTS and series.values[0] == 50 and series.values[-1] == 49
    assert notes == ("of 200,050 points the last 200,000 are used",)
    Forecast.from_series(series)
    with pytest.raises(ValueError, match="for a series of 200,000 points look_back must be at most 100"):
        Forecast.from_series(series, look_back=200)


def test_a_table_becomes_a_forecast():
    rows = [f"{np.datetime64('2024-01-01') + k};{(k % 7) + 0.5}".replace(".", ",") for k in range(100)]
    series, _ = series_of(table("day;visits\n" + "\n".join(rows) + "\n"), "visits", "day")
    config = Forecast.from_series(series, look_back=7, unit="visits")
    assert (config.series, config.title, config.season, config.unit) == ("given", "visits", 7, "visits")
    assert config.load().future_dates(1).astype(str).tolist() == ["2024-04-10T00:00:00"]
    with pytest.raises(ValueError, match="look_back 100 is longer than a series of 100 points can serve"):
        replace(config, look_back=100)
    with pytest.raises(ValueError, match="a horizon of 30 leaves no test window: the test part has 20"):
        replace(config, horizon=30)


# Downloads ----------------------------------------------------------------------------------------------------


def test_downloaded_series_are_read_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = catalogue.DATASETS["airline_passengers"]
    data = b'"Month","Passengers"\n' + b"".join(
        b'"%d-%02d",%d\n' % (1949 + k // 12, 1 + k % 12, 100 + k) for k in range(30)
    )
    mirror = tmp_path / "mirror" / "series"
    mirror.mkdir(parents=True)
    (mirror / real.files[0].name).write_bytes(data)
    file = replace(
        real.files[0],
        size=len(data),
        checksum=f"sha256:{hashlib.sha256(data).hexdigest()}",
        urls=("http://127.0.0.1:9/",),
    )
    monkeypatch.setitem(catalogue.DATASETS, "airline_passengers", replace(real, files=(file,)))
    monkeypatch.setenv("LSTM_LAB_MIRROR", str(mirror.parent))
    series = load_series("airline_passengers")
    assert series.values[:3].tolist() == [100, 101, 102] and (series.unit, series.season) == ("thousand passengers", 12)
    assert (series.name, series.title) == ("airline_passengers", "Airline passengers")
    assert series.future_dates(1).astype(str).tolist() == ["1951-07-01"]
    assert Forecast(series="airline_passengers").load().values.tolist() == series.values.tolist()
    assert Forecast.from_series(series, look_back=2).series == "airline_passengers"
    with pytest.raises(ValueError, match="series must be one of airline_passengers, sunspots, got 'imdb'"):
        load_series("imdb")
