"""Which series to forecast: generated ones with their controls, downloads, and the reader's own CSV file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from lstm.datasets import DATASETS, is_cached
from lstm.datasets.tables import Table, load_series, read_table, series_of
from lstm.lessons.forecast.experiment import Forecast, fingerprint
from lstm.lessons.forecast.generated import GENERATORS, generate
from lstm.preprocessing.series import MAX_POINTS, Series
from ui import downloads
from ui.forecast.controls import DOWNLOADS, GIVEN, controls, shape_key
from ui.forecast.models import ForecastModel
from ui.plain import plain, sentence

_OWN = "forecast_own"
NO_DATES = "none"


@dataclass
class OwnFile:
    """The reader's table, and the series made of it; after a page was loaded anew only the series is left."""

    name: str
    number: int
    table: Table | None = None
    series: Series | None = None


def menu() -> None:
    """Which series; drawn first, because the other controls depend on it."""
    controls.choice(
        "series", "Series", help="Generated ones are drawn at once, as you set them. Each needs a training of its own."
    )


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
    kept = st.session_state.setdefault("_forecast_downloaded", {})
    try:
        if name not in kept:
            kept[name] = load_series(name)
        return kept[name]
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
    if own.table is None:
        st.caption(f"**{plain(own.name)}**: {len(own.series):,} points.")
        return own.series
    return _column(own, own.table)


def _take(file: Any) -> str | None:
    """Read an uploaded file, once; a sentence if it is no use."""
    kept = st.session_state.get("_forecast_upload_read")
    if kept is None or kept[0] != file.file_id:
        problem = None
        try:
            table = read_table(file.getvalue(), file.name)
        except ValueError as error:
            problem = sentence(error)
        else:
            before = st.session_state.get(_OWN)
            st.session_state[_OWN] = OwnFile(file.name, before.number + 1 if before else 1, table)
        kept = st.session_state._forecast_upload_read = (file.file_id, problem)
    return kept[1]


def _column(own: OwnFile, table: Table) -> Series | None:
    """Choose the column, and the dates; what is wrong with them is said here, where they are chosen."""
    notes = "".join(f" {sentence(note)}" for note in table.notes)
    columns = "one column" if len(table.columns) == 1 else f"{len(table.columns)} columns"
    st.caption(f"**{plain(own.name)}**: {table.rows:,} rows, {columns}.{notes}")
    numbers, dates = list(table.numbers), [NO_DATES, *table.date_columns]
    column, date = table.suggested
    column = st.selectbox(
        "Column to forecast", numbers, index=numbers.index(column), key=f"forecast_column_{own.number}",
        persist_state="session", help="Columns with numbers in them. Needs a new training.",
    )  # fmt: skip
    if date is not None:
        date = st.selectbox(
            "Dates", dates, index=dates.index(date), key=f"forecast_dates_{own.number}", persist_state="session",
            help="The column that says when. The rows are put into its order.",
        )  # fmt: skip
    facts = next(one for one in table.columns if one.name == column)
    fill = False
    if facts.missing and not facts.bad:
        fill = st.toggle(
            "Fill the gaps by interpolation", key=f"forecast_fill_{own.number}", persist_state="session",
            help="A missing value becomes the straight line between its neighbours.",
        )  # fmt: skip
    try:
        series, said = _series(own, column, None if date in (None, NO_DATES) else date, fill)
    except ValueError as problem:
        st.error(sentence(problem))
        own.series = None
        return None
    own.series = series
    if said:
        st.caption(" ".join(sentence(note) for note in said))
    return series


def _series(own: OwnFile, column: str, date: str | None, fill: bool) -> tuple[Series, tuple[str, ...]]:
    """The series of a table, made once for each choice; what is wrong with it is raised every time."""
    chosen = (own.number, column, date, fill)
    kept = st.session_state.get("_forecast_own_series")
    if kept is None or kept[0] != chosen:
        try:
            made: Any = series_of(own.table, column, date, interpolate=fill)
        except ValueError as problem:
            made = problem
        kept = st.session_state._forecast_own_series = (chosen, made)
    if isinstance(kept[1], ValueError):
        raise ValueError(str(kept[1]))
    return kept[1]


def keep_own(config: Forecast) -> None:
    """Put back the reader's series, from a training that was found again after the page had been loaded anew."""
    if config.series == GIVEN and _OWN not in st.session_state:
        st.session_state[_OWN] = OwnFile("the file of your last training", 0, None, config.load())


def about(who: ForecastModel, series: Series) -> bool:
    """Whether the network on show is about the series on the table.

    Of a series that cannot be made again a network's file remembers the end alone: such a network stays on show until
    another series is set.
    """
    if who.learnt(series):
        return True
    if who.whole:
        return False
    now = (who.key, fingerprint(series.values))
    return st.session_state.setdefault(f"_forecast_beside_{who.key}", now) == now
