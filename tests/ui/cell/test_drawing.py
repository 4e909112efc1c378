"""The picture of the cell: well-formed, complete, and true to the numbers."""

import math
import re
import xml.etree.ElementTree as ET

import pytest

from lstm.lessons.gates import PRESETS
from tests.scalar import with_weight
from ui.cell.drawing import HEIGHT, WIDTH, cell_svg, number

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return [node.text for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.98201, "0.982"), (-0.5, "−0.500"), (-0.0001, "0.000"), (12.096, "12.10"), (-5000.0, "−5000.0"), (0, "0.000")],
)
def test_numbers(value, shown):
    assert number(value) == shown


def test_every_number_of_the_step_is_in_the_picture():
    step = PRESETS["Three numbers, scaled"].run()[1]
    words = texts(cell_svg(step))
    for gate in "figo":
        assert number(getattr(step, gate)) in words
        assert f"z {number(getattr(step, f'z_{gate}'))}" in words
    for label in (
        f"C₁ = {number(step.c_prev)}",
        f"C₂ = {number(step.c)}",
        f"h₂ = {number(step.h)}",
        f"x₂ = {number(step.x)}",
    ):
        assert label in words
    assert f"f·C = {number(step.kept)}" in words and f"i·c̃ = {number(step.written)}" in words


def test_without_numbers_it_names_the_parts():
    words = texts(cell_svg())
    assert {"forget", "input", "candidate", "output", "keep", "write", "show"} <= set(words)
    assert not [word for word in words if re.search(r"\d", word)]


def test_a_held_gate_is_dashed_and_said():
    setting = PRESETS["A latch"].with_clamp({"o": 0.0})
    svg = cell_svg(setting.run()[0], setting.clamp)
    assert texts(svg).count("held") == 1
    assert "Gate o is held at 0." in ET.fromstring(svg).get("aria-label")


def test_gauges_fill_with_the_gate():
    def level(value):
        setting = PRESETS["A latch"].with_clamp({"f": value})
        gate = next(g for g in ET.fromstring(cell_svg(setting.run()[0])).iter(f"{SVG}g") if g.get("data-gate") == "f")
        return float(gate.findall(f"{SVG}rect")[1].get("height"))

    assert level(0.0) == 0 and level(1.0) == 66


@pytest.mark.parametrize("name", list(PRESETS))
def test_all_letters_are_inside_the_canvas_and_no_two_labels_meet(name):
    # Letters are about .56 of their size wide; the browser test looks at the real thing.
    for step in PRESETS[name].run():
        boxes = []
        for node in ET.fromstring(cell_svg(step)).iter(f"{SVG}text"):
            x, y, size = (float(node.get(key)) for key in ("x", "y", "font-size"))
            width = 0.56 * size * len(node.text)
            left = x - width * {"start": 0, "middle": 0.5, "end": 1}[node.get("text-anchor")]
            assert left >= 0 and left + width <= WIDTH + 6 and 0 <= y - size and y <= HEIGHT
            boxes.append((left, left + width, y - 0.7 * size, y, node.text))
        for k, a in enumerate(boxes):
            for b in boxes[k + 1 :]:
                assert a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2], (a, b)


def test_extreme_numbers_still_draw():
    setting = with_weight(PRESETS["Three numbers"], "f", "W", -5.0)
    for step in setting.run():
        svg = cell_svg(step)
        assert "nan" not in svg and math.isfinite(step.c)
        ET.fromstring(svg)
