"""The unrolled drawing and its sheets: well-formed, complete, true to the numbers, and lit in common."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from lstm import cell
from lstm.lessons.learning.setting import PRESETS, Setting
from lstm.lessons.learning.training import Training
from ui.learning.formulas import sheet_html
from ui.learning.link import PHASES, View
from ui.learning.source import BACKWARD, FORWARD, both_html, code_lines
from ui.learning.tables import steps_html, weights_html
from ui.learning.unrolled import HEIGHT, small, unrolled_svg, width

SVG = "{http://www.w3.org/2000/svg}"
LONG = Setting((((-9.5, 1.25),) * 6,), (-10.0,), units=3, learning_rate=1.0)


def views():
    for setting in (*PRESETS.values(), LONG):
        for phase in PHASES:
            yield View(setting, 3, phase, t=setting.time - 1, unit=setting.units - 1)


def moment_of(view):
    return Training(view.setting).moment(view.step)


def parts(markup):
    root = ET.fromstring(f"<div>{markup}</div>")
    return {part for node in root.iter() for part in (node.get("data-part") or "").split()}


@pytest.mark.parametrize(
    "view", list(views()), ids=lambda view: f"{len(view.setting.sequences)}-{view.setting.time}-{view.phase}"
)
def test_every_phase_draws(view):
    moment = moment_of(view)
    svg = unrolled_svg(view, moment)
    for markup in (svg, f"<div>{sheet_html(view, moment)}</div>", weights_html(view, moment), steps_html(view, moment)):
        ET.fromstring(markup)
        assert "nan" not in markup
    root = ET.fromstring(svg)
    wide = width(view.setting.time)
    for node in root.iter(f"{SVG}text"):
        x, y, size = (float(node.get(key)) for key in ("x", "y", "font-size"))
        long = 0.55 * size * len(node.text or "")
        left = x - long * {"start": 0, "middle": 0.5, "end": 1}[node.get("text-anchor")]
        assert left >= -4 and left + long <= wide + 12 and 0 <= y - size and y <= HEIGHT, node.text


def test_numbers_appear_phase_by_phase():
    base = View(PRESETS["With a pencil"])
    moment = moment_of(base)
    shown = {
        phase: " ".join(ET.fromstring(unrolled_svg(replace(base, phase=phase), moment)).itertext()) for phase in PHASES
    }
    assert "0.567" not in shown["start"] and "0.567" in shown["forward"]
    assert "loss" not in shown["forward"] and "loss 0.683" in shown["loss"]
    assert "∂" not in shown["loss"] and "∂ −0.552" in shown["backward"]


def test_backward_wires_are_as_thick_as_their_gradients_and_dashed_where_negative():
    view = View(PRESETS["Add the two marked numbers"], 5, "backward")
    moment = moment_of(view)
    root = ET.fromstring(unrolled_svg(view, moment))
    found = []
    for t, arrived in enumerate(moment.back.steps):
        wire = next(
            node
            for node in root.iter(f"{SVG}path")
            if f"h@{t + 1}/0" in (node.get("data-part") or "").split() and node.get("data-part").startswith("h@")
        )
        value = arrived.h[0, 0]
        assert (wire.get("stroke-dasharray") == "none") == (value >= 0)
        found.append((abs(value), float(wire.get("stroke-width"))))
    assert [w for _, w in sorted(found)] == sorted(w for _, w in found)
    assert len({w for _, w in found}) > 1


def test_what_is_drawn_is_written_and_what_is_written_is_drawn():
    view = View(PRESETS["Add the two marked numbers"], 2, "backward", unit=1, t=2)
    moment = moment_of(view)
    drawn, written = parts(unrolled_svg(view, moment)), parts(sheet_html(view, moment))
    table, weights = parts(steps_html(view, moment)), parts(weights_html(view, moment))
    for t in range(1, 5):
        for name in ("f", "i", "g", "o", "c", "h", "z_f", "kept", "written", "tanh_c", "df", "do", "dc", "dh"):
            assert f"{name}@{t}/1" in drawn and f"{name}@{t}/1" in written, (name, t)
        for name in ("f", "c", "h", "z_g", "dz_g", "dc"):
            assert f"{name}@{t}/1" in table
    own = {f"{letter}[{row},{k}]" for letter, rows in (("W", 2), ("U", 2)) for row in range(rows) for k in (1, 3, 5, 7)}
    assert own <= drawn and own <= written and own <= weights


def test_a_weight_lights_its_wire_at_every_step():
    view = View(PRESETS["Odd or even"], 0, "forward")
    root = ET.fromstring(unrolled_svg(view, moment_of(view)))
    lit = [node for node in root.iter(f"{SVG}path") if "W[0,2]" in (node.get("data-part") or "").split()]
    assert len(lit) == view.setting.time


def test_hidden_numbers_stand_nowhere():
    view = View(PRESETS["With a pencil"], 0, "forward", t=1)
    moment = moment_of(view)
    for markup in (
        unrolled_svg(view, moment, frozenset("f")),
        sheet_html(view, moment, frozenset("f")),
        steps_html(view, moment, frozenset("f")),
    ):
        assert "0.798" not in markup and "?" in re.sub("<[^>]*>", "", markup)


def test_small_numbers():
    assert [small(v) for v in (0, 0.5, -0.0004, 1e-9, -12345.0)] == [
        "0.000",
        "0.500",
        "−4.0·10⁻⁴",
        "1.0·10⁻⁹",
        "−1.2·10⁴",
    ]


def test_the_marked_lines_are_in_the_source():
    for function, lines in ((cell.forward, FORWARD), (cell.backward, BACKWARD)):
        written = [line.strip() for line in code_lines(function)]
        for begins in lines:
            assert sum(line.startswith(begins) for line in written) == 1, begins
    forward, backward = both_html(2, 0, {"kernel": "W[0,0]", "recurrent_kernel": "U[0,0]", "bias": "b[0]"})
    assert {"f@1/0", "c@2/0", "h@2/0"} <= parts(forward)
    assert {"df@2/0", "dc@1/0", "dz_o@2/0", "W[0,0]", "U[0,0]", "b[0]"} <= parts(backward)


def test_gradients_in_the_table_are_those_of_the_network():
    view = View(PRESETS["With a pencil"], 0, "backward")
    moment = moment_of(view)
    rows = re.findall(r"<tr><th><i>(.*?)</i></th>(.*?)</tr>", steps_html(view, moment))
    found = {name: re.findall(r"<small>∂ ([^<]*)</small>", cells) for name, cells in rows}
    assert found["f"] == [small(float(b.inside.f[0, 0])) for b in moment.back.steps]
    assert found["z of o"] == [small(float(b.inside.z[0, 3])) for b in moment.back.steps]
    assert found["C"] == [small(float(b.c[0, 0])) for b in moment.back.steps]
    assert np.all(
        [
            float(v.replace("−", "-")) == pytest.approx(b.h[0, 0], abs=5e-4)
            for v, b in zip(found["h"], moment.back.steps)
        ]
    )
