"""Ways in which people and programs write dates, numbers, names and tables, each with the values that it stands for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest

from lstm.datasets.tables import pick, read_table, series_of
from lstm.datasets.topics import read_labelled

MONTHS = {
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "French, short": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "Polish": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "Czech": "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
    "Turkish": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "Danish": "januar februar marts april maj juni juli august september oktober november december",
    "Finnish": "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu",
    "Russian": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "Ukrainian": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "Greek": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου Νοεμβρίου Δεκεμβρίου",
    "Hungarian": "január február március április május június július augusztus szeptember október november december",
    "Romanian": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "Indonesian": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "Roman": "I II III IV V VI VII VIII IX X XI XII",
}
START = datetime(2020, 1, 1)
ROMAN = MONTHS["Roman"].split()


def days(count: int = 60, by: int = 1, start: datetime = START) -> list[datetime]:
    return [start + timedelta(days=k * by) for k in range(count)]


def hours(count: int = 60) -> list[datetime]:
    return [START + timedelta(hours=k) for k in range(count)]


def months(count: int = 60, by: int = 1) -> list[datetime]:
    return [datetime(2001 + k * by // 12, k * by % 12 + 1, 1) for k in range(count)]


def since(when: datetime, start: datetime, unit: float = 1.0) -> float:
    return (when - start).total_seconds() / unit


def quarter(when: datetime) -> int:
    return (when.month + 2) // 3


def berlin(when: datetime) -> datetime:
    """The clock in Berlin around the end of summer time in 2021, from UTC."""
    return when + timedelta(hours=2 if when < datetime(2021, 10, 31, 1) else 1)


AUTUMN = [datetime(2021, 10, 30) + timedelta(hours=k) for k in range(60)]
EPOCH = datetime(1970, 1, 1)
DATES: dict[str, tuple[list[datetime], Callable[[datetime], str]]] = {
    "JavaScript": (hours(), lambda d: f"{d:%a %b %d %Y %H:%M:%S} GMT+0100 (Central European Standard Time)"),
    "e-mail": (hours(), lambda d: f"{d:%d %b %Y %H:%M:%S} +0000"),
    "web server": (hours(), lambda d: f"{d:%d/%b/%Y:%H:%M:%S} +0000"),
    "Spanish clock": (hours(), lambda d: f"{d:%d/%m/%Y %I:%M} {'a' if d.hour < 12 else 'p'}. m."),
    "American clock": (hours(), lambda d: f"{d:%m/%d/%Y %I:%M:%S %p}"),
    "Hungarian": (days(), lambda d: f"{d:%Y. %m. %d.}"),
    "Roman months": (days(400), lambda d: f"{d.day}.{ROMAN[d.month - 1]}.{d.year}"),
    "Roman quarters": (months(40, 3), lambda d: f"{ROMAN[quarter(d) - 1]}/{d.year}"),
    "1T2001": (months(40, 3), lambda d: f"{quarter(d)}T{d.year}"),
    "T1 2001": (months(40, 3), lambda d: f"T{quarter(d)} {d.year}"),
    "01Q1": (months(40, 3), lambda d: f"{d:%y}Q{quarter(d)}"),
    "1º trim. 2001": (months(40, 3), lambda d: f"{quarter(d)}º trim. {d.year}"),
    "1e trimestre": (months(40, 3), lambda d: f"{quarter(d)}e trimestre {d.year}"),
    "2001-H1": (months(40, 6), lambda d: f"{d.year}-H{1 + (d.month > 6)}"),
    "H1 2001": (months(40, 6), lambda d: f"H{1 + (d.month > 6)} {d.year}"),
    "2020-53": (days(120, 7, datetime(2019, 12, 30)), lambda d: "{}-{:02d}".format(*d.isocalendar()[:2])),
    "S53-2020": (days(120, 7, datetime(2019, 12, 30)), lambda d: "S{1:02d}-{0}".format(*d.isocalendar()[:2])),
    "day of the year": (days(), lambda d: f"{d:%Y%j}"),
    "day of the year, apart": (days(), lambda d: f"{d:%Y-%j}"),
    "Buddhist era": (days(), lambda d: f"{d.day}/{d.month}/{d.year + 543}"),
    "Unix, nanoseconds": (hours(), lambda d: f"{round(since(d, EPOCH) * 1e9)}"),
    "Excel": (hours(), lambda d: repr(since(d, datetime(1899, 12, 30), 86_400))),
    "MATLAB": (days(), lambda d: f"{d.toordinal() + 366}"),
    "Julian days": (days(), lambda d: f"{since(d, EPOCH, 86_400) + 2_440_587.5}"),
    "offsets through a clock change": (AUTUMN, lambda d: f"{berlin(d):%Y-%m-%d %H:%M}+0{(berlin(d) - d).seconds // 3600}00"),
    "names through a clock change": (AUTUMN, lambda d: f"{berlin(d):%Y-%m-%d %H:%M} {('CET', 'CEST')[(berlin(d) - d).seconds > 3600]}"),
    "GMT+1": (hours(), lambda d: f"{d:%Y-%m-%d %H:%M:%S} GMT+1"),
}  # fmt: skip


def check(text: str | bytes, values: np.ndarray, when: list[datetime] | None = None) -> tuple[str, ...]:
    """Assert that a file holds this series, and give the notes."""
    table = read_table(text if isinstance(text, bytes) else text.encode(), "it.csv")
    series, notes = series_of(table, *table.suggested)
    np.testing.assert_allclose(series.values, values)
    if when is not None:
        assert series.dates is not None, table.notes
        wanted = np.array([one.replace(tzinfo=None) for one in when], "datetime64[s]")
        np.testing.assert_array_equal(series.dates.astype("datetime64[s]"), wanted)
    return (*table.notes, *notes)


def numbers(count: int) -> np.ndarray:
    return np.round(20 + 9 * np.sin(np.arange(count) * 1.1) + np.arange(count) % 7 / 10, 1)


@pytest.mark.parametrize("language", MONTHS)
def test_months_of_every_language(language: str) -> None:
    names = MONTHS[language].split()
    for when, told in ((months(), "{name} {year}"), (days(400), "{day} {name} {year}")):
        values = numbers(len(when))
        rows = [told.format(name=names[d.month - 1], year=d.year, day=d.day) for d in when]
        check("date;value\n" + "\n".join(f"{row};{v}" for row, v in zip(rows, values)), values, when)


@pytest.mark.parametrize("way", DATES)
def test_dates_as_programs_write_them(way: str) -> None:
    when, told = DATES[way]
    values = numbers(len(when))
    check("date,value\n" + "\n".join(f"{told(d)},{v}" for d, v in zip(when, values)), values, when)


@pytest.mark.parametrize(
    "told",
    [
        "{} Mio.",
        "{} Stk.",
        "{} Tsd. €",
        "{} zł",
        "zł {}",
        "{} Kč",
        "{} руб.",
        "A${}",
        "{} K",
        "'{}",
        '="{}"',
        "{} µg/m³",
    ],
)
def test_numbers_with_what_they_wear(told: str) -> None:
    values = numbers(60)
    notes = check(
        "date,value\n" + "\n".join(f"{d:%Y-%m-%d},{told.format(v)}" for d, v in zip(days(), values)), values, days()
    )
    assert told[0] in "'=" or any("left out" in note for note in notes)


BODY = "\n".join(f"{d:%Y-%m-%d},{v}" for d, v in zip(days(), numbers(60)))


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f'"{line}"' for line in ("date,value", *BODY.split("\n"))),
        "\n".join(f"'{line}'".replace(",", "','") for line in ("date,value", *BODY.split("\n"))),
        f"date,value\n{BODY}".replace(",", "^"),
        f"date,value\n{BODY}".replace(",", "~"),
    ],
    ids=["lines in quotation marks", "single quotation marks", "carets", "tildes"],
)
def test_tables_are_wrapped_and_parted_in_many_ways(text: str) -> None:
    check(text, numbers(60), days())


def test_a_year_that_stands_in_its_first_row_alone() -> None:
    values = numbers(40)
    rows = [f"{d.year if d.month == 1 else ''},Q{quarter(d)},{v}" for d, v in zip(months(40, 3), values)]
    notes = check("Year,Quarter,value\n" + "\n".join(rows), values, months(40, 3))
    assert any("30 empty cells of 'Year' have the year above them" in note for note in notes)


def test_hours_that_end_at_24() -> None:
    when = [START + timedelta(hours=k + 1) for k in range(48)]
    rows = [
        f"{d - timedelta(hours=1):%Y-%m-%d},{(d - timedelta(hours=1)).hour + 1},{v}" for d, v in zip(when, numbers(48))
    ]
    check("Date,HE,value\n" + "\n".join(rows), numbers(48), when)


def test_a_first_row_of_years_holds_names() -> None:
    rows = [
        f"{name},{v},{v + 1},{v + 2}"
        for name, v in zip(ROMAN, numbers(12))
    ]
    table = read_table("\n".join(["Month,1958,1959,1960", *rows]).encode(), "it.csv")
    assert table.numbers == ["1958", "1959", "1960"]
    np.testing.assert_allclose(table.column("1958").values, numbers(12))


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        ("Ημερομηνία;Θερμοκρασία", "cp1253"), ("Tarih;Ortalama sıcaklığı şehir", "cp1254"), ("Дата;Цена закрытия", "cp1251"),
        ("Дата;Цена закрытия", "koi8_r"), ("Ár;Íbúafjöldi þorp", "cp1252"), ("日付;気温（度）", "cp932"), ("日期;平均温度", "gb18030"),
        ("날짜;평균기온", "cp949"), ("Datum;Průměrná teplota", "cp1250"),
    ],
)  # fmt: skip
def test_the_names_of_columns_alone_tell_the_encoding(names: str, encoding: str) -> None:
    table = read_table(f"{names}\n{BODY}".replace(",", ";").encode(encoding), "it.csv")
    assert table.numbers == [names.split(";")[1]]


@pytest.mark.parametrize(
    ("text", "kind"), [('[{"date": "2020-01-01"}]', "JSON"), ("<html><table>", "a web page or XML")]
)
def test_what_is_no_table_is_named(text: str, kind: str) -> None:
    with pytest.raises(ValueError, match=f"it.csv is {kind}, not a table: save it as CSV"):
        read_table(text.encode(), "it.csv")


@pytest.mark.parametrize("form", ["{text}.@{label}", "__label__{label} {text}", '"{text}, in\ntwo lines",{label}'])
def test_labels_at_the_end_or_the_beginning_of_a_line(form: str) -> None:
    labels = [("good", "bad", "bad")[k % 3] for k in range(60)]
    lines = [form.format(text=f"I liked it, or not: number {k}", label=label) for k, label in enumerate(labels)]
    table = read_labelled("\n".join(lines).encode(), "it.txt")
    assert [table.classes[k] for k in table.labels] == labels
    assert table.texts[7].startswith("I liked it, or not: number 7")
    assert all("number" in text and ("\n" in text) == ("two" in form) for text in table.texts)


GERMAN = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"]
VALUES = [float(100 + (7 * k) % 30) for k in range(60)]
OFFICE = "Tabelle: 61111-0002\nPreise: Monate;;;\n;;Index;Veränderung\n;;2015=100;in %\n" + "".join(
    f"{2014 + k // 12};{GERMAN[k % 12]};{value:.1f}".replace(".", ",") + ";0,3\n" for k, value in enumerate(VALUES)
)
STATION = "# These data are free to use.\n#     decimal  average\n" + "".join(
    f"{2014 + k // 12}  {k % 12 + 1:2d}  {2014 + (k + 0.5) / 12:9.4f}  {value:8.2f}\n" for k, value in enumerate(VALUES)
)
WIDE = "Jahr," + ",".join(name[:3] for name in GERMAN) + "\n" + "".join(
    f"{2014 + year}," + ",".join(f"{value:.1f}" for value in VALUES[12 * year : 12 * year + 12]) + "\n" for year in range(5)
)


@pytest.mark.parametrize("text", [OFFICE, STATION, WIDE, WIDE + "2019,101.5,102.5" + "," * 10 + "\n"])
def test_years_and_months_beside_or_above_each_other_are_dates(text: str) -> None:
    table = read_table(text.encode(), "mine.csv")
    picked = pick(table, *table.suggested)
    assert picked.values.tolist() == VALUES + [101.5, 102.5] * text.endswith(",\n")
    months = np.datetime64("2014-01") + np.arange(len(picked.values))
    assert picked.dates.astype("datetime64[M]").tolist() == months.tolist()


@pytest.mark.parametrize("periods", [range(1990, 1996), [f"2014-{month:02d}" for month in range(1, 7)]])
def test_years_and_months_behind_other_names_are_names(periods) -> None:
    rows = [f"Land {k},L{k}," + ",".join(f"{k}{c}.5" for c in range(6)) for k in range(1, 9)]
    text = "\n".join(["Country,Code," + ",".join(map(str, periods)), *rows])
    table = read_table(text.encode(), "mine.csv")
    assert (table.rows, table.numbers) == (8, list(map(str, periods)))


def test_what_looks_like_dates_and_is_none_is_named_whatever_its_column_is_called() -> None:
    table = read_table(b"Mjesec;Dolasci\n" + b"".join(b"veljaca %d.;%d\n" % (1990 + k, 70 + k) for k in range(20)), "mine.csv")
    assert [note for note in table.notes if "Mjesec: looks like dates, and 'veljaca 1990.' cannot be read as one" in note]
