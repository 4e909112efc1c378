"""The lesson "forecast" on the command line: a network that predicts the next values of a series."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from lstm import Sequential
from lstm.datasets import is_cached
from lstm.datasets.tables import ReadOptions, load_series, read_table, series_of
from lstm.lessons.cells import CELLS
from lstm.lessons.forecast.experiment import DOWNLOADS, GIVEN, PRESETS, SOURCES, Forecast, carried, fingerprint
from lstm.lessons.forecast.forecaster import forecaster_of, remembered
from lstm.lessons.forecast.generated import GENERATORS
from lstm.lessons.forecast.judging import baselines, judge, table, with_network
from lstm.preprocessing.series import LinearAR, Series, Split

from .. import table_options
from ..parsing import chosen
from ..terminal import Downloading, Line, printable
from . import Evaluation

CONFIG = Forecast
PRESETS = PRESETS
SUMMARY = "a forecaster of a series, beside honest baselines"
HEADLINE = "test RMSE"
EXAMPLES = """\
examples:
  python -m lstm train forecast --series noisy_sine --units 50 --out sine.npz
  python -m lstm train forecast --series web_traffic --set growth=30 --set noise=12 --horizon 7
  python -m lstm train forecast --series web_traffic --cell gru
  python -m lstm train forecast --csv sales.csv --column amount --date day --interpolate --out sales.npz

Losses and figures called "scaled" are mean squared errors of the series scaled to 0 … 1 on its training part; the others
are in the series' own unit. The test part, the last in time, is looked at once, when the training is over."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a generated series, and of a table of one's own."""
    data = parser.add_argument_group("which series")
    data.add_argument(
        "--set", action="append", metavar="NAME=X", dest="parameters", default=argparse.SUPPRESS,
        help="a parameter of a generated series, such as noise=0.2; may be given several times",
    )  # fmt: skip
    data.add_argument("--csv", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="a table of your own instead")
    table_options.add_options(data)


def settings(options: argparse.Namespace, line: Line) -> dict[str, Any]:
    """The fields of `Forecast` that the options set."""
    found = chosen(options, Forecast)
    if "parameters" in found:
        found["parameters"] = dict(_parameter(text) for text in found["parameters"])
    about_table = table_options.given(options)
    if not hasattr(options, "csv"):
        if about_table:
            option = {"as_missing": "treat-as-missing"}.get(about_table[0], about_table[0].replace("_", "-"))
            raise ValueError(f"--{option} is about a table: name one with --csv")
        if found.get("series") == GIVEN:
            raise ValueError("a series of your own comes with --csv")
        return found
    for name, option in (
        ("series", "--series"),
        ("parameters", "--set"),
        ("points", "--points"),
        ("data_seed", "--data-seed"),
    ):
        if name in found:
            raise ValueError(f"the series comes from --csv, so leave out {option}")
    column, date = getattr(options, "column", None), getattr(options, "date", None)
    series = _read(options.csv, line, table_options.reading(options), column, date, **table_options.how(options))
    return carried(series) | found


def prepare(config: Forecast, line: Line) -> str:
    """Fetch and check the series; describe it and the model."""
    if config.values is None and config.series in DOWNLOADS:
        _download(config.series, line)
    series = config.load()
    split = config.check(series)
    cell = CELLS[config.cell].__name__
    layers = f"1 {cell} layer" if config.layers == 1 else f"{config.layers} {cell} layers"
    sizes = [stop - start for start, stop in map(split.part, ("training", "validation", "test"))]
    return printable(
        f"{series.title}: {sizes[0]:,} points to learn from, {sizes[1]:,} to validate on, {sizes[2]:,} to test on; look-back "
        f"{config.look_back}, horizon {config.horizon}; {layers} of {config.units:,} units, {config.parameters_count:,} parameters"
    )


def unit(config: Forecast) -> str:
    """What the rate counts."""
    return "windows"


def sample(notes: dict[str, Any]) -> str | None:
    """The first forecasts of the validation part, and in brackets what came."""
    if "forecast" not in notes:
        return None
    pairs = zip(notes["forecast"]["predicted"][:8], notes["forecast"]["actual"][:8])
    return "  ".join(f"{said:.4g} ({came:.4g})" for said, came in pairs)


def evaluate(model: Sequential, data: str | None, line: Line) -> Evaluation:
    """The test part of the series it was trained on, or all windows of the series `data`, a name or a CSV file."""
    forecaster, facts = forecaster_of(model), model.metadata
    trained = facts.get("config") if isinstance(facts.get("config"), dict) else {}
    same = data is None
    if same:
        series = _again(forecaster.series, trained, line)
        data = series.title if series is not None else ""
        if series is None or fingerprint(series.values) != facts.get("series_sha256"):
            kept = remembered(model)
            series, split = kept.series, kept.split
            data = f"{forecaster.title}, of which the file keeps {len(kept.values):,} points"
        else:
            split = Split(len(series), *remembered_split(facts, len(series)))
    else:
        series = _named(data, line)
        n = len(series)
        split = Split(n, 0, min(forecaster.look_back, n))  # all of it is new to the model
    origins = split.origins("test", forecaster.look_back, forecaster.horizon)
    if not len(origins):
        raise ValueError(
            f"{data} is too short: the model needs {forecaster.look_back} values to see and {forecaster.horizon} to predict"
        )
    learnt = split.origins("training", forecaster.look_back, forecaster.horizon)
    linear = None  # one that was fitted on what it is tested on would be no baseline
    if len(learnt):
        linear = LinearAR.fit(series.values, learnt, forecaster.look_back, forecaster.horizon)
    part = baselines(series, split, "test", linear, forecaster.look_back, forecaster.horizon)
    part = with_network(part, model, forecaster, series.values)
    rows = table(part, forecaster.scaler.span)
    name = "test RMSE" if same else "RMSE"
    metrics = {f"{row.name} scaled MSE": row.scaled_mse for row in rows}
    metrics |= {"skill against last value": rows[0].skill, name: rows[0].rmse}
    on = f"{data}: {len(origins):,} windows" + (", which the training never saw" if same else "")
    return Evaluation("\n".join([on, *judge(part, rows).sentences]), metrics)


def remembered_split(facts: dict[str, Any], points: int) -> tuple[int, int]:
    """The split in a model's notes. ValueError if there is none that fits."""
    split = facts.get("split")
    if not isinstance(split, list) or len(split) != 3 or not all(isinstance(n, int) for n in split):
        raise ValueError("the model's notes about its series are damaged or lack its last values")
    if not 0 <= split[0] <= split[1] <= split[2] == points:
        raise ValueError("the model's notes about its series are damaged or lack its last values")
    return split[0], split[1]


def _parameter(text: str) -> tuple[str, float]:
    name, sign, value = text.partition("=")
    try:
        figure = float(value)
    except ValueError:
        sign = ""
    if not sign:
        raise ValueError(f"--set takes a name and a number, such as noise=0.2, got {text[:40]!r}")
    return name.strip(), int(figure) if figure == round(figure) and abs(figure) < 1e9 else figure


def _read(
    path: Path,
    line: Line,
    options: ReadOptions | None = None,
    column: str | None = None,
    date: str | None = None,
    **how: Any,
) -> Series:
    """A column of a file as a series, with notes on how it was read; without names, the column that seems to be meant."""
    found = read_table(table_options.contents(path, "one CSV file"), path.name, options)
    for note in found.notes:
        line.say(printable(note))
    guessed, guessed_date = found.suggested
    if column is None:
        column = guessed
        line.say(printable(f"{path.name}: column {column!r}; choose another with --column"))
    series, notes = series_of(found, column, guessed_date if date is None else None if date == "none" else date, **how)
    for note in notes:
        line.say(printable(f"{path.name}: {note}"))
    return series


def _download(name: str, line: Line) -> Series:
    return load_series(name, None if is_cached(name) else Downloading(line, name), line.say)


def _again(name: str, trained: dict[str, Any], line: Line) -> Series | None:
    """The series a model was trained on, if it can be made or fetched again."""
    if name in GENERATORS:
        names = ("points", "parameters", "data_seed", "season")
        try:
            return Forecast(series=name, **{n: trained[n] for n in names if n in trained}).load()
        except (ValueError, TypeError):
            return None
    if name in DOWNLOADS:
        return _download(name, line)
    return None


def _named(data: str, line: Line) -> Series:
    """The series of that name, or in that file."""
    if data in GENERATORS:
        return Forecast(series=data).load()
    if data in DOWNLOADS:
        return _download(data, line)
    path = Path(data)
    if not path.exists():
        names = ", ".join(name for name in SOURCES if name != GIVEN)
        raise ValueError(f"there is no file {data[:80]!r}, and no series of that name ({names})")
    return _read(path, line)
