"""What the Keras page says of its measurements, at their extremes: a gap that shrinks, times that are equal, no gap at all."""

from __future__ import annotations

import pytest

from ui.keras.run import finer_in_words, parting_in_words
from ui.keras.speed import FASTER, SAME, faster, growth_in_words, pays, verdict


@pytest.mark.parametrize(
    ("first", "last", "has", "lacks"),
    [
        (1e-8, 1e-6, "has grown", "hardly"),
        (2.4e-16, 2.5e-16, "hardly grown", "has grown"),
        (1e-6, 1e-8, "drawn the two together", "grown"),
        (0.0, 0.0, "the same to the last bit", "grown"),
        (0.0, 1e-9, "has grown", "hardly"),
        (1e-9, 0.0, "drawn the two together", "grown"),
    ],
)
def test_a_difference_grows_only_where_it_does(first, last, has, lacks):
    for steps in (100, None):
        said = parting_in_words(first, last, steps)
        assert has in said and lacks not in said.replace(has, "")


@pytest.mark.parametrize(("coarse", "fine"), [(1e-6, 1e-15), (1e-15, 1e-15), (1e-15, 1e-6), (1e-6, 0.0), (0.0, 0.0)])
def test_float64_is_closer_only_where_it_is(coarse, fine):
    said = finer_in_words(coarse, fine)
    assert ("it was rounding" in said) == (fine < coarse)
    assert ("times** closer" in said) == (0 < fine < coarse)


def times(ms, keras_ms, compile_ms=1000.0):
    even = int(-(-compile_ms // (ms - keras_ms))) if keras_ms < ms else None
    return {"ms": ms, "keras_ms": keras_ms, "compile_ms": compile_ms, "break_even": even}


@pytest.mark.parametrize("ms", [1.0, 1.05, 0.95, 1.099, 0.92, 2.0, 0.5, 30.0])
def test_who_is_faster_and_whether_compiling_pays_say_the_same(ms):
    speed = times(ms, 1.0)
    same, slower = faster(speed) == SAME, faster(speed) == FASTER.index("The lab")
    assert ("within 10 %" in verdict(speed)) == same
    assert ("longer than the lab's" in pays(speed)) == slower
    assert ("has paid" in pays(speed)) == (ms > 1)
    assert not (same and "longer" in pays(speed).split("compiling.")[1])
    assert ("never pays" in pays(speed)) == (ms <= 1)


@pytest.mark.parametrize(("lab", "keras"), [(2.0, 3.0), (20.0, 3.0), (20.0, 30.0)])
def test_calls_weigh_less_only_where_a_step_grows_less_than_its_size(lab, keras):
    first, last = {"size": 16, "ms": 1.0, "keras_ms": 1.0}, {"size": 160, "ms": lab, "keras_ms": keras}
    said = growth_in_words(first, last)
    assert ("weighs less" in said) == (min(lab, keras) < 10)
    assert ("both less" in said) == (max(lab, keras) < 10)
