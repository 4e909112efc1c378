"""Links to Learning: what goes out comes back, and no link throws."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lstm.lessons.learning.setting import OPTIMIZERS, PRESETS, Setting
from ui.learning.link import PHASES, View, link_from_view, view_from_link

values = st.integers(-1000, 1000).map(lambda n: n / 100)


@st.composite
def any_setting(draw):
    if draw(st.booleans()):
        base = draw(st.sampled_from(list(PRESETS.values())))
        return replace(base, units=draw(st.integers(1, 3)), seed=draw(st.integers(0, 99)))
    examples, time, features = draw(st.integers(1, 8)), draw(st.integers(1, 6)), draw(st.integers(1, 2))
    number = st.tuples(*[values] * features)
    sequences = draw(st.tuples(*[st.tuples(*[number] * time)] * examples))
    targets = draw(st.tuples(*[values] * examples))
    rate = draw(st.integers(1, 999)) / 1000
    return Setting(
        sequences,
        targets,
        draw(st.integers(1, 3)),
        draw(st.sampled_from(list(OPTIMIZERS))),
        rate,
        draw(st.integers(0, 99)),
    )


@st.composite
def any_view(draw):
    setting = draw(any_setting())
    places = setting.first_weights().places()
    return View(
        setting, draw(st.integers(0, 1000)), draw(st.sampled_from(PHASES)), draw(st.integers(0, 7)), draw(st.integers(0, 2)),
        draw(st.integers(0, 5)), draw(st.sampled_from(places)), draw(st.none() | st.sampled_from(places)),
    ).fitting()  # fmt: skip


@settings(max_examples=150)
@given(any_view())
def test_a_link_opens_as_sent(view):
    assert view_from_link(link_from_view(view)) == (view, None)


def test_a_link_is_short_and_readable():
    assert link_from_view(View()) == {"step": "0"}
    odd = View(replace(PRESETS["Odd or even"], optimizer="sgd", learning_rate=0.3), 12, "backward", t=2)
    assert link_from_view(odd) == {
        "task": "odd",
        "optimizer": "sgd",
        "rate": "0.3",
        "step": "12",
        "phase": "backward",
        "t": "3",
    }


PARAMETERS = [
    "task",
    "x",
    "y",
    "units",
    "optimizer",
    "rate",
    "seed",
    "step",
    "phase",
    "sequence",
    "unit",
    "t",
    "weight",
    "second",
]


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=30)))
def test_no_link_throws(params):
    view, sentence = view_from_link(params)
    assert view.fitting() == view
    assert sentence is None or (sentence.startswith("Part of this") and sentence.endswith("."))
