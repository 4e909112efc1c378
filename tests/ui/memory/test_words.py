"""What Memory says of its numbers, at the ends of its sliders: each sentence is read again and held against the numbers."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from lstm.lessons.memory import through_time
from lstm.lessons.memory.through_time import Clipping, Setting
from ui.memory import gradients, story

CORNERS = [
    Setting(steps, units, scale, bias)
    for steps, units, scale, bias in itertools.product((5, 100), (2, 32), (0.0, 1.0, 4.0), (-2.0, 1.0, 6.0))
]


def lstm(setting: Setting):
    return through_time.reach(through_time.weights(setting, "lstm"), through_time.problem(setting))


@pytest.mark.parametrize("setting", CORNERS, ids=str)
def test_which_way_the_gradient_came_is_what_the_numbers_say(setting):
    found = lstm(setting)
    said = gradients.paths_in_words(found)
    along, other, whole = found.along_f_norms[0], found.other_norms[0], found.c_norms[0]
    assert ("has gone through $h$ and the gates" in said) == (other > along and along <= whole)
    assert ("has gone along the forget gates" in said) == (1e-9 * along < other <= along <= whole)
    assert ("Nearly all" not in said) or max(along, other) > 9 * min(along, other)
    assert ("There is no other way here" in said) == (setting.scale == 0)
    above = int((found.factors > 1).sum())
    assert (f"At {above} of {setting.steps} steps the factor is above 1" in said) == (above > 0)
    assert f"{found.gate.mean():.3f} on average" in said
    for t in (1, setting.steps):
        words = gradients.step_in_words(found, t)
        kept, rest = (part[t - 1] for part in found.step_norms)
        assert ("Only the forget gate" in words) == (t == 1 or setting.scale == 0)
        assert ("h and the gates brought more" in words) == (rest > kept)
        assert "nan" not in gradients.step_in_numbers(found, t)


def test_the_sliders_own_words_on_the_default_and_with_a_bias_of_3():
    at_first, open_wide = lstm(Setting()), lstm(Setting(forget_bias=3.0))
    assert "0.725 on average" in gradients.paths_in_words(at_first)
    assert "get **2.1 · 10⁻⁷ of the last step's**; by both ways it gets **1.2% of the last step's**" in gradients.paths_in_words(
        at_first
    )
    said = gradients.bias_in_words(1.0, at_first, 3.0, open_wide)
    assert "opens from σ(1) = 0.73 to σ(3) = 0.95" in said and "cannot come along a gate, which is below 1" in said
    assert "closes from σ(3) = 0.95 to σ(1) = 0.73" in gradients.bias_in_words(3.0, open_wide, 1.0, at_first)


@pytest.mark.parametrize("setting", CORNERS[::4], ids=str)
def test_what_another_bias_does_is_what_the_numbers_say(setting):
    after = lstm(Setting(setting.steps, setting.units, setting.scale, 3.0))
    said = gradients.bias_in_words(setting.forget_bias, lstm(setting), 3.0, after)
    grows = after.c_norms[0] > after.c_norms[-1]
    assert ("cannot come along a gate" in said) == grows
    through_h = after.other_norms[0] > after.along_f_norms[0]
    assert ("through h and the gates than along" in said) == (through_h and not grows)
    assert ("along the forget gates than through" in said) == (not through_h and not grows and after.c_norms[0] > 0)


@pytest.mark.parametrize(
    ("step", "has", "lacks"),
    [
        (Clipping(0.5, 1.0, 2.0, 1.9, 1.9), "nothing to clip", "shorter"),
        (Clipping(4.0, 0.25, 2.0, 1.6, 1.9), "would have lowered the loss", "raised"),
        (Clipping(4e9, 2.5e-10, 2.0, 9.0, 1.9), "would have raised the loss from 2.000 to 9.000; clipped, it ends at 1.900", "expected"),
        (Clipping(4.0, 0.25, 2.0, 1.95, 1.9), "the shorter step is the better one", "raised"),
        (Clipping(4.0, 0.25, 2.0, 2.1, 2.2), "would not have been the worse one", "lowered"),
    ],
)  # fmt: skip
def test_clipping_is_judged_by_the_losses_beside_it(step, has, lacks):
    said = gradients.clipping_in_words({"LSTM": step}, 1.0)
    assert has in said and lacks not in said


def test_steps_that_end_alike_to_the_digits_on_show_are_not_compared():
    said = gradients.clipping_in_words({"LSTM": through_time.Clipping(9.0, 0.1, 0.7, 0.50004, 0.50001)}, 1.0)
    assert "ends at 0.500 either way" in said and "better" not in said and "instead" not in said


@pytest.mark.parametrize("scale", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("limit", [0.01, 1e6])
def test_clipping_says_whether_it_shortened_the_real_steps(scale, limit):
    ways = gradients.computed(Setting(scale=scale))
    for found in (ways.rnn, ways.lstm):
        step = through_time.clip_step(found, ways.task, limit, 0.1)
        assert ("nothing to clip" in gradients.clipping_in_words({"x": step}, limit)) == (found.gradient.norm <= limit)


def test_the_product_of_one_unit_and_of_several():
    assert "so the product shrinks" in story.product_in_words(np.array([0.89, 0.3]), 0.9)
    assert "so the product shrinks" not in story.product_in_words(np.array([1.2, 0.3]), 1.3)
    assert "does not help a single unit" in story.larger_in_words(1.6e-7, 8e-154, 10.0)
    assert "does not help" not in story.larger_in_words(0.1, 0.5, 10.0)
    assert "can make it grow" in story.several_in_words(30.0, Setting()) and "grow" not in story.several_in_words(0.3, Setting())


@pytest.mark.parametrize("both", [(0.5, 0.01), (0.01, 0.5), (0.5, 0.0), (0.2, 0.2)])
def test_the_two_clues_are_compared_the_right_way_round(both):
    said = story.clues_in_words(*both)
    found = re.search(r": \*(\w+)\* gets", said)
    assert (found is None) == (both[0] == both[1])
    assert found is None or found[1] == ("France" if both[0] > both[1] else "sky")
    assert "0 times" not in said.replace("50.0 times", "")
