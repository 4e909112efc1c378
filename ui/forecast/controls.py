"""The controls of Forecasting: from widgets to a `Forecast` experiment, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import streamlit as st

from jobs.job import Job
from lstm.lessons.forecast.experiment import PRESETS, Forecast
from lstm.lessons.forecast.generated import GENERATORS
from lstm.preprocessing.series import Series
from ui.controls import Controls, preset_picker

TIME_LIMIT = 600.0
"""Seconds after which a training on this page is ended, whatever its budget says."""

OWN = "The lab's own"
GIVEN = "given"
DOWNLOADS = {"airline_passengers": "Airline passengers (download)", "sunspots": "Sunspots (download)"}
SERIES = {name: made.title for name, made in GENERATORS.items()} | DOWNLOADS | {GIVEN: "Your own CSV file"}

_NETWORK = (
    "look_back", "horizon", "target", "layers", "units", "activation", "initial", "optimizer", "learning_rate", "decay",
    "clip", "clip_at", "batch", "epochs", "validation", "test", "seeds", "seed", "data_seed",
)  # fmt: skip
_FIRST = {field.name: field.default for field in fields(Forecast)}


def shape_key(generator: str, parameter: str) -> str:
    """The control of a generator's parameter: two generators may both have a "noise", each with bounds of its own."""
    return f"{generator}_{parameter}"


DEFAULTS: dict[str, Any] = (
    {name: _FIRST[name] for name in _NETWORK}
    | {"patience": _FIRST["patience"]}
    | {"series": "web_traffic", "batch": 16, "epochs": 100.0, "seed": 2, "seeds": 3}  # the network that ships, thrice
    | {shape_key(g.name, "points"): g.points for g in GENERATORS.values()}
    | {shape_key(g.name, p.name): p.default for g in GENERATORS.values() for p in g.parameters}
)

controls = Controls(
    "forecast",
    DEFAULTS,
    {
        "series": SERIES,
        "target": {"value": "the next values", "change": "the change from the last one"},
        "activation": {"tanh": "tanh", "relu": "relu"},
        "initial": {
            "glorot_uniform": "by layer size (Glorot)",
            "he_normal": "by input size (He)",
            "random_normal": "small, normal",
        },
    },
)


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
        controls.whole("data_seed", "Seed of the noise", "Another seed draws the same series with other noise.")


_SHORT = 10  # letters of a unit that still stand beside a label
_MOST_STOPS = 500  # a slider of more cannot be set


def network() -> None:
    """What most people leave alone."""
    with st.expander("More settings: each needs a new training", icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            controls.whole("horizon", "Horizon", "How many points it forecasts from one window.")
            controls.choice(
                "target", "It learns", help="A network that learns changes cannot be worse than the last value by much."
            )
            controls.whole("layers", "Layers", "LSTM layers on top of each other.")
            controls.whole("units", "Units", "The length of the hidden state h of each layer.", 8)
            controls.choice(
                "activation", "Activation", help="Of the candidate and of the output; Web traffic's preset takes relu."
            )
            controls.choice("initial", "First weights", help="How the weights are drawn before the first step.")
            controls.whole("seed", "Seed", "The same seed and settings give the same weights, bit for bit.")
            controls.whole(
                "seeds",
                "Networks",
                "Trained one after the other, each from another seed: free running then has a band.",
            )
        with right:
            controls.optimizer()
            controls.clipping()
            controls.whole("batch", "Windows in a step", "More make steadier, fewer steps.", 8)
            controls.number("epochs", "At most so many epochs", "Passes over the training windows.", step=10.0)
            controls.whole(
                "patience", "Early stopping after",
                "Epochs without a better validation loss; then the best weights come back. 0: no early stopping.",
            )  # fmt: skip
            controls.number("validation", "Share for validation", "Of the series: it decides when to stop.", 0.01)
            controls.number("test", "Share for the test", "Of the series, at its end: looked at once.", 0.01)


def config_from(values: Mapping[str, Any], own: Series | None = None) -> Forecast:
    """The experiment that the controls describe. Raises ValueError as `Forecast` does.

    own : the series on the table, where it is not a generated one
    """
    settings = {name: values[name] for name in _NETWORK if name != "data_seed"}
    settings["patience"] = None if values["patience"] == 0 else values["patience"]
    series = values["series"]
    if series not in GENERATORS:
        if own is None:
            raise ValueError("a series is needed: hand in a CSV file, or download one")
        return Forecast.from_series(own, **settings)
    made = GENERATORS[series]
    points = values[shape_key(series, "points")]
    return Forecast(
        series=series,
        points=None if points == made.points else points,
        parameters={p.name: values[shape_key(series, p.name)] for p in made.parameters},
        data_seed=values["data_seed"],
        **settings,
    )


def values_of(config: Forecast) -> dict[str, Any]:
    """The controls at which `config_from` gives this experiment."""
    values = {name: getattr(config, name) for name in _NETWORK} | {"series": config.series}
    values |= {"patience": config.patience or 0, "epochs": float(config.epochs or DEFAULTS["epochs"])}
    if config.series in GENERATORS:
        made = GENERATORS[config.series]
        given = dict(config.parameters)
        values |= {shape_key(made.name, p.name): type(p.default)(given.get(p.name, p.default)) for p in made.parameters}
        values[shape_key(made.name, "points")] = config.points or made.points
    return values


def differ(one: Forecast, other: Forecast) -> bool:
    """Whether two experiments train another first network."""
    return {**values_of(one), "seeds": 1} != {**values_of(other), "seeds": 1}


def take_over(config: Forecast) -> None:
    """Set the controls to what a training was started with, unless the address sets some. Before they are drawn."""
    if not any(controls.key(name) in st.query_params for name in DEFAULTS):
        controls.set(values_of(config))


def preset_config(name: str) -> dict[str, Any]:
    """The controls of a preset."""
    return values_of(PRESETS[name].config)


def presets() -> str | None:
    """The presets, a click each; the name of the one that is set."""
    values = {OWN: {}, **{name: values_of(preset.config) for name, preset in PRESETS.items()}}
    return preset_picker(controls, values, "Start from")


def preset_of(config: Forecast) -> str | None:
    """The preset a training was started from, if any."""
    return next((name for name, preset in PRESETS.items() if values_of(preset.config) == values_of(config)), None)


def preset_on_show(job: Job | None) -> str | None:
    """The preset whose training is on show, or else the one the controls stand at."""
    values = controls.values()
    standing = next(
        (name for name, preset in PRESETS.items() if {**DEFAULTS, **values_of(preset.config)} == values), None
    )
    return (preset_of(job.config) if job is not None else None) or standing
