"""The controls of Forecasting: which settings of a `Forecast` the page draws, and those of the generated series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lstm.lessons.forecast.experiment import Forecast, carried
from lstm.lessons.forecast.generated import GENERATORS
from lstm.preprocessing.series import Series
from ui.controls import LessonControls

TIME_LIMIT = 600.0
"""Seconds after which a training on this page is ended, whatever its budget says."""


def shape_key(generator: str, parameter: str) -> str:
    """The control of a generator's parameter: two generators may both have a "noise", each with bounds of its own."""
    return f"{generator}_{parameter}"


class ForecastControls(LessonControls):
    """The controls of an experiment, and of the series it learns: each generator has controls of its own."""

    def config_for(self, values: Mapping[str, Any], series: Series | None = None) -> Forecast:
        """The experiment that `values` describe. Raises ValueError as `Forecast` does.

        series : the one on the table, where it is not a generated one
        """
        made = GENERATORS.get(values["series"])
        if made is None:
            if series is None:
                raise ValueError("a series is needed: upload a CSV file, or download one")
            fields = carried(series)
            return self.config(
                {**values, "series": fields.pop("series"), "data_seed": self.defaults["data_seed"]}, **fields
            )
        points = values[shape_key(made.name, "points")]
        return self.config(
            values,
            points=None if points == made.points else points,
            parameters={p.name: values[shape_key(made.name, p.name)] for p in made.parameters},
        )

    def values_of(self, config: Forecast) -> dict[str, Any]:
        """The values at which the controls describe this experiment, its generated series included."""
        values = super().values_of(config)
        if (made := GENERATORS.get(config.series)) is not None:
            given = dict(config.parameters)
            values |= {
                shape_key(made.name, p.name): type(p.default)(given.get(p.name, p.default)) for p in made.parameters
            }
            values[shape_key(made.name, "points")] = config.points or made.points
        return values

    def differ(self, one: Forecast, other: Forecast) -> bool:
        """Whether two experiments train another first network."""
        return {**self.values_of(one), "seeds": 1} != {**self.values_of(other), "seeds": 1}


controls = ForecastControls(
    "forecast",
    Forecast,
    (
        "series", "look_back", "horizon", "target", "cell", "layers", "units", "activation", "initial", "optimizer", "learning_rate",
        "decay", "clip", "clip_at", "batch", "epochs", "patience", "validation", "test", "seeds", "seed", "data_seed",
    ),
    start={"series": "web_traffic", "batch": 16, "epochs": 100.0, "seed": 2, "seeds": 3},  # the network that ships, thrice
    own={shape_key(g.name, "points"): g.points for g in GENERATORS.values()}
    | {shape_key(g.name, p.name): p.default for g in GENERATORS.values() for p in g.parameters},
)  # fmt: skip


def shape() -> None:
    """The controls of the generated series, if it is one."""
    generator = GENERATORS.get(controls["series"])
    if generator is None:
        return
    left, right = st.columns(2)
    for k, p in enumerate(generator.parameters):
        with (left, right)[k % 2]:
            name = shape_key(generator.name, p.name)
            label = f"{p.label} ({p.unit})" if 0 < len(p.unit) <= _SHORT else p.label
            if p.high - p.low > _MOST_STOPS * p.step:
                controls.number(name, label, p.help, step=p.step)
            else:
                controls.slider(name, label, p.low, p.high, p.step, p.help, format="%g")
    with (left, right)[len(generator.parameters) % 2]:
        points = shape_key(generator.name, "points")
        controls.whole(points, "Points", "How many. The last fifth is the test part.", step=100)
    with (left, right)[(len(generator.parameters) + 1) % 2]:
        controls.draw("data_seed")


_SHORT = 10  # letters of a unit that still stand beside a label
_MOST_STOPS = 500  # a slider of more cannot be set


def network() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.draw("horizon", "target", "cell", "layers", "units", "activation", "initial", "seed", "seeds")
        with right:
            controls.draw(
                "optimizer",
                "learning_rate",
                "decay",
                "clip",
                "clip_at",
                "batch",
                "epochs",
                "patience",
                "validation",
                "test",
            )
