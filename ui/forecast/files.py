"""What Forecasting lets a reader take home: the forecast as a table that goes on after the end of the series."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm.lessons.forecast.forecaster import band
from ui.forecast.axes import Clock
from ui.forecast.models import ForecastModel
from ui.lesson import csv_text


def forecast_csv(shown: ForecastModel) -> str:
    """The test part one step ahead, beside what came and what needs no network; then the future, running free.

    The columns "lowest" and "highest" hold the band of several networks, where there are several.
    """
    part, clock, values = shown.tested.part, Clock(shown.series), shown.series.values
    naive = [name for name in part.predictions if name != part.network]
    low, mean, high = (path.tolist() for path in band(shown.beyond))
    steps = len(mean)
    future = np.arange(len(values), len(values) + steps)
    known, empty = len(part.origins), [""] * steps
    several = len(shown.beyond) > 1
    columns: dict[str, list[Any]] = {
        clock.title: clock.exact(part.origins) + clock.exact(future),
        "how": ["one step ahead"] * known + ["running free"] * steps,
        "what came": part.actual[:, 0].tolist() + empty,
        "forecast": part.predictions[part.network][:, 0].tolist() + mean,
        "lowest": [""] * known + (low if several else empty),
        "highest": [""] * known + (high if several else empty),
    }
    columns |= {name: part.predictions[name][:, 0].tolist() + empty for name in naive}
    return csv_text(columns)
