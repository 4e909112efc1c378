"""Gate arithmetic in an address: what a link says becomes a `Setting`, and back.

    /gates?w=0.5+0.4+0.6+0.7&u=…&b=…&v=3&x=10+20+30&h0=0&c0=0.5&clamp=f1+o0&squash=relu&t=2

Weights stand in the order i, f, g, o; what is left out is the default's. A link comes from anywhere, so every number
is taken if it can be, moved to the nearest possible value if not, and left at the default if it is no number at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from lstm.cell import ACTIVATIONS, GATES
from lstm.lessons.gates import (
    C0_RANGE,
    H0_RANGE,
    INPUT_RANGE,
    KINDS,
    MAX_STEPS,
    OUTPUT_RANGE,
    PRESETS,
    WEIGHT_RANGE,
    GateWeights,
    ScalarCell,
    Setting,
)

DEFAULT = PRESETS["Three numbers, scaled"]
_WEIGHT_PARAMS = {"w": "W", "u": "U", "b": "b"}


class _Reader:
    """Reads one number after the other and remembers what it could not take as it came."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def number(self, name: str, raw: Any, bounds: tuple[float, float], fallback: float) -> float:
        try:
            value = float(raw) if isinstance(raw, (str, int, float)) and not isinstance(raw, bool) else math.nan
        except (ValueError, OverflowError):
            value = math.nan
        if math.isnan(value):
            self.complaints.append(f"{name} is not a number")
            return fallback
        low, high = bounds
        if not low <= value <= high:
            self.complaints.append(f"{name} goes from {low:g} to {high:g}, not to {value:g}")
            value = min(max(value, low), high)
        return float(f"{value:.6g}")

    def sentence(self) -> str | None:
        if not self.complaints:
            return None
        shown, more = self.complaints[:2], len(self.complaints) - 2
        listed = "; ".join(shown) + (f"; and {more} more" if more > 0 else "")
        return f"Part of this could not be used as it came ({listed}), so the nearest possible values are shown."


def setting_from_values(values: Any, fallback: Setting = DEFAULT) -> tuple[Setting, str | None]:
    """Make a `Setting` of what the desk sent (see `ui.gates.desk.to_values`), and a sentence if some of it was not possible."""
    reader = _Reader()
    values = values if isinstance(values, Mapping) else {}
    setting = _build(reader, values, fallback)
    return setting, reader.sentence()


def setting_from_link(params: Mapping[str, str]) -> tuple[Setting, int, str | None]:
    """The setting and the time step a link asks for, and a sentence if some of it was not possible."""
    reader = _Reader()
    values: dict[str, Any] = {}
    for param, kind in _WEIGHT_PARAMS.items():
        if param in params:
            numbers = _split(params[param])
            if len(numbers) != len(GATES):
                reader.complaints.append(f"{param} takes {len(GATES)} numbers, not {len(numbers)}")
            values[kind] = dict(zip(GATES, numbers, strict=False))
    for param in ("v", "h0", "c0"):
        if param in params:
            values[param] = params[param]
    if "x" in params:
        values["x"] = _split(params["x"])
    if "squash" in params:
        values["activation"] = params["squash"]
    if "clamp" in params:
        values["clamp"] = {}
        for token in _split(params["clamp"]):
            if match := re.fullmatch(r"([ifgo])([01])", token):
                values["clamp"][match[1]] = int(match[2])
            else:
                reader.complaints.append("clamp takes a gate and 0 or 1, such as f1")
    setting = _build(reader, values, DEFAULT)
    last = len(setting.xs)
    t = int(reader.number("t", params.get("t", 1), (1, last), 1))
    return setting, t, reader.sentence()


def link_from_setting(setting: Setting, t: int) -> dict[str, str]:
    """The parameters that open `setting` at step `t`: those that differ from the default, and always `t`."""
    params: dict[str, str] = {}
    for param, kind in _WEIGHT_PARAMS.items():
        if (text := _weights(setting, kind)) != _weights(DEFAULT, kind):
            params[param] = text
    for param, value, usual in (
        ("v", setting.cell.output, DEFAULT.cell.output),
        ("h0", setting.h0, DEFAULT.h0),
        ("c0", setting.c0, DEFAULT.c0),
    ):
        if value != usual:
            params[param] = f"{value:.6g}"
    if setting.xs != DEFAULT.xs:
        params["x"] = _join(setting.xs)
    if setting.clamp:
        params["clamp"] = " ".join(f"{gate}{value:g}" for gate, value in sorted(setting.clamp.items()))
    if setting.activation != DEFAULT.activation:
        params["squash"] = setting.activation
    return params | {"t": str(t)}


def _build(reader: _Reader, values: Mapping[str, Any], fallback: Setting) -> Setting:
    gates = {}
    for gate in GATES:
        weights = {}
        for kind in KINDS:
            usual = getattr(getattr(fallback.cell, gate), kind)
            sent = values.get(kind)
            raw = sent.get(gate, usual) if isinstance(sent, Mapping) else usual
            weights[kind] = reader.number(f"{kind} of gate {gate}", raw, WEIGHT_RANGE, usual)
        gates[gate] = GateWeights(**weights)
    output = reader.number(
        "the output weight V", values.get("v", fallback.cell.output), OUTPUT_RANGE, fallback.cell.output
    )

    xs = values.get("x", fallback.xs)
    xs = list(xs) if isinstance(xs, (list, tuple)) else []
    if not xs:
        reader.complaints.append("there must be at least one time step")
        xs = [fallback.xs[0]]
    if len(xs) > MAX_STEPS:
        reader.complaints.append(f"there can be {MAX_STEPS} time steps, not {len(xs)}")
        xs = xs[:MAX_STEPS]
    inputs = tuple(reader.number(f"the input of step {t}", x, INPUT_RANGE, 0.0) for t, x in enumerate(xs, 1))

    clamp = values.get("clamp", fallback.clamp)
    clamp = clamp if isinstance(clamp, Mapping) else {}
    held = {gate: float(clamp[gate]) for gate in GATES if clamp.get(gate) in (0, 1)}
    activation = values.get("activation", fallback.activation)
    if activation not in ACTIVATIONS:
        reader.complaints.append(f"squash is one of {', '.join(ACTIVATIONS)}")
        activation = fallback.activation
    return Setting(
        ScalarCell(**gates, output=output),
        inputs,
        h0=reader.number("h0", values.get("h0", fallback.h0), H0_RANGE, fallback.h0),
        c0=reader.number("C0", values.get("c0", fallback.c0), C0_RANGE, fallback.c0),
        clamp=held,
        activation=activation,
    )


def _split(text: str) -> list[str]:
    return [token for token in re.split(r"[,;\s]+", text) if token]


def _join(numbers: Any) -> str:
    """Blanks become + in an address, the one separator that stays readable there."""
    return " ".join(f"{number:.6g}" for number in numbers)


def _weights(setting: Setting, kind: str) -> str:
    return _join(getattr(getattr(setting.cell, gate), kind) for gate in GATES)
