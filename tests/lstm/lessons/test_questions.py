"""Typed predictions: right to two decimals, and every common mistake has its own answer."""

from math import tanh

import pytest

from lstm.cell import sigmoid
from lstm.lessons.learning.questions import LEVELS, judge
from lstm.lessons.learning.setting import PRESETS
from lstm.lessons.learning.training import Training

MOMENT = Training(PRESETS["With a pencil"]).moment(0)
STEP = MOMENT.passed.steps[1]


def answer(name: str, typed: float, t: int = 1) -> tuple[bool, str]:
    found = judge(typed, name, MOMENT.weights, MOMENT.passed, t, 0, 0)
    return found.right, found.says


def of(name: str) -> float:
    return getattr(STEP, name).item()


@pytest.mark.parametrize("name", LEVELS[-1])
def test_two_decimals_are_enough(name: str) -> None:
    assert answer(name, round(of(name), 2)) == (True, f"it is {of(name):.3f}")
    assert not answer(name, of(name) + 0.02)[0]


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("f", tanh(of("z_f")), "f uses tanh where σ belongs"),
        ("f", sigmoid(of("z_f") - 1.0), "z leaves out the bias"),
        ("f", of("z_f"), "f is z_f itself: σ is missing"),
        ("g", sigmoid(of("z_g")), "g uses σ where tanh belongs"),
        ("c", of("i") * of("g"), "c leaves out the past: f * c_prev is missing"),
        ("c", of("c_prev") + of("i") * of("g"), "c leaves out the forget gate: nothing is ever forgotten"),
        ("h", of("o") * tanh(of("c_prev")), "h uses c before the update"),
        ("h", of("o") * sigmoid(of("c")), "h uses σ where tanh belongs"),
        ("g", -of("g"), "g has the wrong sign: it is tanh(−z_g)"),
        ("c", -of("c"), "the sign is wrong"),
        ("c", 77.0, "not yet: put the numbers into the formula once more"),
    ],
)
def test_each_mistake_has_its_answer(name: str, typed: float, says: str) -> None:
    assert answer(name, float(typed)) == (False, says)


def test_a_mistake_that_makes_no_difference_is_none() -> None:
    """At the first step c₋₁ is 0: leaving out the forget gate gives the right number."""
    assert answer("c", MOMENT.passed.steps[0].c.item(), t=0)[0]
