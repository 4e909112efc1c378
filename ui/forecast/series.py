"""Which series to forecast: generated ones with their controls, downloads, and the reader's own CSV file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from lstm.datasets import DATASETS, is_cached
from lstm.datasets.tables import ReadOptions, Table, load_series, read_table, series_of
from lstm.lessons.forecast.experiment import DOWNLOADS, GIVEN, Forecast, fingerprint
from lstm.lessons.forecast.generated import GENERATORS, generate
from lstm.lessons.forecast.look import facts_of
from lstm.preprocessing.series import MAX_POINTS, Series
from ui import downloads, keep, looks
from ui.forecast.controls import controls, shape_key
from ui.forecast.models import ForecastModel
from ui.model_shelf import KNOWN
from ui.plain import plain, sentence

_OWN = keep.brought("forecast_own", "your series (Forecasting)")
NO_DATES = "none"


@dataclass
class OwnFile:
    """The visitor's file and the series made of it; after a page was reloaded only the series is left.

    offers : what the reader could not decide
    """

    name: str
    number: int
    data: bytes = b""
    offers: frozenset[str] = frozenset()
    series: Series | None = None


def menu() -> None:
    """Which series; drawn first, because the other controls depend on it."""
    controls.draw("series")


def pick() -> Series | None:
    """The series the controls describe, and what goes with it: an upload, or a download that is asked for.

    None where there is no series yet, and the page has said why.
    """
    name = controls["series"]
    if name == GIVEN:
        return _own_file()
    if name in DOWNLOADS:
        return _downloaded(name)
    try:
        return generated(name, controls.values())
    except ValueError as problem:
        st.error(sentence(problem))
        return None


def generated(name: str, values: dict[str, Any]) -> Series:
    """The generated series that the controls describe."""
    made = GENERATORS[name]
    shapes = {p.name: values[shape_key(name, p.name)] for p in made.parameters}
    return generate(name, values[shape_key(name, "points")], values["data_seed"], **shapes)


def _downloaded(name: str) -> Series | None:
    if not is_cached(name):
        instead = ("Take a generated series instead", controls.put, ("series", "trend_season"))
        downloads.offer(name, DATASETS[name].title, "forecast", *instead, plain(DATASETS[name].about))
        return None
    try:
        return keep.of_all("forecast download", name, lambda: load_series(name))
    except (ValueError, OSError) as problem:
        st.error(sentence(problem))
        return None


def _own_file() -> Series | None:
    """A file of the reader's. One that is no use changes nothing: the table before it stays."""
    file = st.file_uploader(
        "A table as CSV, a row a point in time",
        type=None, key="forecast_uploader",
        help=f"At most 5 MB; of more than {MAX_POINTS:,} rows the last {MAX_POINTS:,} are used. It stays on this server "
        "only while you are here.",
    )  # fmt: skip
    own: OwnFile | None = st.session_state.get(_OWN)
    if file is not None and (problem := _take(file)):
        kept = " The file before it stays." if own is not None else ""
        st.error(f"{problem}{kept}")
    own = st.session_state.get(_OWN)
    if own is None:
        st.caption(
            "A line of names, then a row for each day, month or hour. Commas, semicolons or tabs between the columns."
        )
        return None
    if not own.data:
        st.caption(f"**{plain(own.name)}**: {len(own.series):,} points.")
        return own.series
    place = st.container()
    with looks.folded():
        options = _reading(own, place)
        lines = st.container()
    try:
        table = _table(own, options)
    except ValueError as problem:
        with place:
            st.error(sentence(problem))
        own.series = None
        return None
    with place:
        return _column(own, table, options, lines)


def _take(file: Any) -> str | None:
    """Read an uploaded file, once; a sentence if it is no use."""

    def problem() -> str | None:
        try:
            data, before = file.getvalue(), st.session_state.get(_OWN)
            own = OwnFile(file.name, before.number + 1 if before else 1, data)
            own.offers = _table(own, ReadOptions()).offers
            st.session_state[_OWN] = own
        except ValueError as error:
            return sentence(error)
        return None

    return keep.of_session("forecast file read", file.file_id, problem)


def _reading(own: OwnFile, doubtful: Any) -> ReadOptions:
    """What the visitor knows better than the reader. What the file did not decide is asked in the open."""
    folded = st.container()
    with doubtful if "decimal" in own.offers else folded:
        decimal = looks.choice(
            "Decimal mark", [("a point", "."), ("a comma", ",")], f"forecast_decimal_{own.number}",
            "The mark before the decimals: 19.5 or 19,5.",
        )  # fmt: skip
    with doubtful if "day_first" in own.offers else folded:
        day_first = looks.choice(
            "1/2/2024 is in", [("February", True), ("January", False)], f"forecast_day_first_{own.number}",
            "Whether the day or the month comes first.",
        )  # fmt: skip
    with folded:
        return ReadOptions(decimal, day_first, looks.header(f"forecast_header_{own.number}"))


def _table(own: OwnFile, options: ReadOptions) -> Table:
    """The visitor's file as a table, read once for each way to read it."""
    chosen = (own.number, own.name, options)
    return keep.of_session("forecast own table", chosen, lambda: read_table(own.data, own.name, options))


def _column(own: OwnFile, table: Table, options: ReadOptions, lines: Any) -> Series | None:
    """Choose the column, and the dates; what is wrong with them is said here, where they are chosen."""
    notes = "".join(f" {sentence(note)}" for note in table.notes)
    columns = "one column" if len(table.columns) == 1 else f"{len(table.columns)} columns"
    st.caption(f"**{plain(own.name)}**: {table.rows:,} rows, {columns}.{notes}")
    numbers, dates = list(table.numbers), [NO_DATES, *table.date_columns]
    column, date = table.suggested
    key = f"{own.number}" if options == ReadOptions() else f"{own.number}_{abs(hash(options))}"
    column = st.selectbox(
        "Column to forecast", numbers, index=numbers.index(column), key=f"forecast_column_{key}",
        persist_state="session", help="Columns with numbers in them. Needs a new training.",
    )  # fmt: skip
    if len(dates) > 1:
        date = st.selectbox(
            "Dates", dates, index=dates.index(date or NO_DATES), key=f"forecast_dates_{key}", persist_state="session",
            help="The column that says when. The rows are put into its order.",
        )  # fmt: skip
        date = None if date == NO_DATES else date
    how: dict[str, Any] = {}
    if table.groups:
        how["only"] = st.selectbox(
            f"Series, by {plain(table.by)}", table.groups, key=f"forecast_only_{key}", persist_state="session",
            help="Several series stand under each other in this table: one of them is forecast.",
        )  # fmt: skip
    elif date is not None and table.column(date).repeats:
        how["average"] = st.toggle(
            "Average the rows of one date", key=f"forecast_average_{key}_{date}", persist_state="session",
            help="A series has one value for each date.",
        )  # fmt: skip
    facts = table.column(column)
    if facts.doubtful:
        cells = "1 cell" if facts.doubtful == 1 else f"{facts.doubtful:,} cells"
        how["as_missing"] = st.toggle(
            f"Treat {cells} as missing", key=f"forecast_missing_{key}_{column}", persist_state="session",
            help="Text among the numbers, and numbers such as -999 that stand for nothing measured.",
        )  # fmt: skip
    if facts.missing or how.get("as_missing"):
        how["interpolate"] = st.toggle(
            "Fill the gaps by interpolation", key=f"forecast_fill_{key}", persist_state="session",
            help="A missing value becomes the straight line between its neighbours.",
        )  # fmt: skip
    made, said, found = _series(own, table, options, column, date, how)
    with lines:
        looks.show(found)
    if isinstance(made, ValueError):
        st.error(sentence(made))
        own.series = None
        return None
    own.series = made
    if said:
        st.caption(" ".join(sentence(note) for note in said))
    return made


def _series(
    own: OwnFile, table: Table, options: ReadOptions, column: str, date: str | None, how: dict[str, Any]
) -> tuple[Series | ValueError, tuple[str, ...], dict[str, Any]]:
    """The series of a table or what is wrong with it, notes, and the facts: made once for each choice."""

    def make() -> tuple[Series | ValueError, tuple[str, ...], dict[str, Any]]:
        made: Any
        try:
            made, said = series_of(table, column, date, **how)
        except ValueError as problem:
            made, said = problem, ()
        return made, said, facts_of(table, column, date, **how)

    return keep.of_session("forecast own series", (own.number, options, column, date, tuple(how.items())), make)


def keep_own(config: Forecast) -> None:
    """Put back the reader's series, from a training that was found again after the page had been reloaded."""
    if config.series == GIVEN and _OWN not in st.session_state:
        st.session_state[_OWN] = OwnFile("the file of your last training", 0, series=config.load())


def about(shown: ForecastModel, series: Series) -> bool:
    """Whether the network on show is about the series on the table.

    Of a series that cannot be made again a network's file remembers the end alone: such a network stays on show until
    another series is set.
    """
    if shown.has_learnt(series):
        return True
    if shown.whole:
        return False
    now = fingerprint(series.values)
    return keep.of_session("forecast series beside", shown.key, lambda: now, most=KNOWN) == now
