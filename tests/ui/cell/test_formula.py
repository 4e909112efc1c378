"""Formulas with numbers: signs, brackets, held gates, and the name under which each term lights up."""

import re
import xml.etree.ElementTree as ET

from lstm.lessons.gates import PRESETS
from tests.scalar import with_weight
from ui.cell.drawing import cell_svg
from ui.cell.formula import (
    Product,
    cell_formula,
    gate_formula,
    hidden_formula,
    prediction_formula,
    sub,
    wide_gate_formula,
)

SCALED = PRESETS["Three numbers, scaled"]


def plain(html):
    """The words alone, without spaces."""
    return "".join(ET.fromstring(html).itertext()).replace(" ", "")


def parts(html):
    return {part for node in ET.fromstring(html).iter() for part in (node.get("data-part") or "").split()}


def test_a_gate_with_its_numbers():
    # f₂ = σ(.4·2 + .1·.215 + 0) = σ(.822) = .695
    lines = plain(gate_formula("f", SCALED, SCALED.run()[1]))
    assert lines == "f₂σ(Wx₂+Uh₁+b)σ(0.4·2+0.1·0.215+0)σ(0.822)=0.695"


def test_negative_numbers_are_bracketed_or_subtracted():
    setting = with_weight(with_weight(SCALED, "g", "U", -0.2), "g", "b", -1.5)
    lines = plain(gate_formula("g", setting, setting.run()[1]))
    assert "tanh(0.6·2−0.2·" in lines and "−1.5)" in lines
    assert "·(−" in lines  # h₁ is negative
    assert "−−" not in lines and "+−" not in lines and "-" not in lines


def test_a_held_gate_has_no_sum():
    setting = SCALED.with_clamp({"o": 1.0})
    lines = plain(gate_formula("o", setting, setting.run()[0]))
    assert "held" in lines and "σ" not in lines and "1.000" in lines


def test_another_activation_is_named():
    setting = SCALED.with_activation("relu")
    step = setting.run()[1]
    assert "ReLU(1.157)=1.157" in plain(gate_formula("g", setting, step)) or "ReLU(" in plain(
        gate_formula("g", setting, step)
    )
    assert "σ(" in plain(gate_formula("f", setting, step))
    assert "o₂ReLU(C₂)" in plain(hidden_formula(step, squash="ReLU"))


def test_states_and_prediction():
    step = SCALED.run()[1]
    # C₂ = .695·.334 + .737·.846 = .232 + .624 = .856; h₂ = .811·tanh(.856) = .563; 3·.563 = 1.688
    assert "0.695·0.334+0.737·0.846" in plain(cell_formula(step))
    assert "0.232+0.624=0.856" in plain(cell_formula(step))
    assert "0.811·0.694=0.563" in plain(hidden_formula(step))
    assert plain(prediction_formula(SCALED, step)).endswith("3·0.563=1.688")


def test_every_term_has_its_wire_and_every_wire_its_term():
    step = SCALED.run()[1]
    written = [gate_formula(gate, SCALED, step) for gate in "figo"] + [cell_formula(step), hidden_formula(step)]
    terms = set().union(*map(parts, written))
    wires = parts(cell_svg(step))
    assert terms == wires
    assert {"W_f", "U_o", "b_i", "z_g", "kept", "written", "tanh_c", "x", "h_prev", "c_prev"} <= terms


def test_a_wide_unit_hears_several_and_hides_what_is_asked():
    step = SCALED.run()[1]
    products = [
        Product(0.5, "W₁", "W[0,1]", -2.0, "x", "x@2/0"),
        Product(-0.25, "W₂", "W[1,1]", 0.125, "y", "x@2/1"),
        Product(0.0, "b", "b[1]"),
    ]
    html = wide_gate_formula("f", 2, products, step, lambda name: f"{name}@2/0", hidden=frozenset("f"))
    assert plain(html) == "f₂σ(W₁x+W₂y+b)σ(0.5·(−2)−0.25·0.125+0)σ(0.822)=?"
    assert {"W[0,1]", "x@2/1", "b[1]", "f@2/0", "z_f@2/0"} <= parts(html)
    assert "0.695" not in cell_formula(step, hidden=frozenset("f")) and "0.232" not in cell_formula(
        step, hidden=frozenset("f")
    )


def test_indices():
    assert sub(0) == "₀" and sub(12) == "₁₂"
    assert not re.search("[0-9]", sub(90))
