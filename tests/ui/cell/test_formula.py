"""LaTeX with numbers: signs, brackets, held gates."""

import re

from lstm.lessons.gates import PRESETS
from tests.scalar import with_weight
from ui.cell.formula import cell_formula, gate_formula, hidden_formula, prediction_formula

SCALED = PRESETS["Three numbers, scaled"]


def plain(latex):
    """Without colours and spacing, to be read by a test."""
    latex = re.sub(r"\\textcolor\{#\w+\}\{((?:[^{}]|\{[^{}]*\}|\{[^{}]*\{[^{}]*\}[^{}]*\})*)\}", r"\1", latex)
    return re.sub(r"\\mathbf\{([^}]*)\}", r"\1", latex).replace(" ", "")


def test_a_gate_with_its_numbers():
    # f₂ = σ(.4·2 + .1·.215 + 0) = σ(.822) = .695
    lines = plain(gate_formula("f", SCALED, SCALED.run()[1]))
    assert r"f_{2}&=\sigma(Wx_{2}+Uh_{1}+b)" in lines
    assert r"\sigma(0.4\cdot2+0.1\cdot0.215+0)" in lines
    assert r"\sigma(0.822)=0.695" in lines


def test_negative_numbers_are_bracketed_or_subtracted():
    setting = with_weight(with_weight(SCALED, "g", "U", -0.2), "g", "b", -1.5)
    lines = plain(gate_formula("g", setting, setting.run()[1]))
    assert r"\tanh(0.6\cdot2-0.2\cdot" in lines and "-1.5)" in lines
    assert r"\cdot(-" in lines  # h₁ is negative
    assert "--" not in lines and "+-" not in lines


def test_a_held_gate_has_no_sum():
    setting = SCALED.with_clamp({"o": 1.0})
    lines = gate_formula("o", setting, setting.run()[0])
    assert "held" in lines and "sigma" not in lines and r"\mathbf{1.000}" in lines


def test_states_and_prediction():
    step = SCALED.run()[1]
    # C₂ = .695·.334 + .737·.846 = .232 + .624 = .856; h₂ = .811·tanh(.856) = .563; 3·.563 = 1.688
    assert r"0.695\cdot0.334+0.737\cdot0.846" in plain(cell_formula(step))
    assert "0.232+0.624=0.856" in plain(cell_formula(step))
    assert r"0.811\cdot0.694=0.563" in plain(hidden_formula(step))
    assert plain(prediction_formula(SCALED, step)).endswith(r"3\cdot0.563=1.688")
