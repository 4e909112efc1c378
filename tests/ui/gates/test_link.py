"""Links to Gate arithmetic: what goes out comes back, and what cannot be is moved to the nearest that can."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lstm.cell import ACTIVATIONS, GATES
from lstm.lessons.gates import MAX_STEPS, PRESETS, GateWeights, ScalarCell, Setting
from tests.scalar import with_weight
from ui.gates.desk import to_values
from ui.gates.link import DEFAULT, link_from_setting, setting_from_link, setting_from_values


def numbers(low, high):
    return st.integers(low * 100, high * 100).map(lambda n: n / 100)


weights = st.builds(GateWeights, numbers(-5, 5), numbers(-5, 5), numbers(-5, 5))
cells = st.builds(ScalarCell, i=weights, f=weights, g=weights, o=weights, output=numbers(-10, 10))
any_setting = st.builds(
    Setting,
    cells,
    st.lists(numbers(-100, 100), min_size=1, max_size=MAX_STEPS).map(tuple),
    numbers(-1, 1),
    numbers(-5, 5),
    st.dictionaries(st.sampled_from(GATES), st.sampled_from([0.0, 1.0])),
    st.sampled_from(ACTIVATIONS),
)


@given(any_setting, st.integers(1, MAX_STEPS))
def test_a_link_opens_as_sent(setting, t):
    t = min(t, len(setting.xs))
    link = link_from_setting(setting, t)
    assert setting_from_link(link) == (setting, t, None)
    assert link_from_setting(setting_from_link(link)[0], t) == link


@given(any_setting)
def test_what_the_desk_is_told_is_what_it_says(setting):
    assert setting_from_values(to_values(setting)) == (setting, None)


def test_a_link_is_short_and_readable():
    assert link_from_setting(DEFAULT, 1) == {"t": "1"}
    assert link_from_setting(PRESETS["Three numbers"], 3) == {"x": "10 20 30", "t": "3"}
    held = with_weight(DEFAULT, "f", "W", -1.25).with_clamp({"o": 1.0, "f": 0.0})
    assert link_from_setting(held, 2) == {"w": "0.5 -1.25 0.6 0.7", "clamp": "f0 o1", "t": "2"}


def test_commas_typed_by_hand_do_as_well():
    assert setting_from_link({"x": "10, 20,30"})[0] == PRESETS["Three numbers"]


def test_the_sentence_names_what_was_wrong_and_counts_the_rest():
    _, _, sentence = setting_from_link({"w": "9 nan 1e9 0.7", "h0": "3"})
    assert sentence == (
        "Part of this could not be used as it came (W of gate i goes from -5 to 5, not to 9; W of gate f is not a number; "
        "and 2 more), so the nearest possible values are shown."
    )
    assert setting_from_link({"t": "1", "utm_source": "mail"})[2] is None


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(["w", "u", "b", "v", "x", "h0", "c0", "clamp", "squash", "t", "q"]), st.text()))
def test_no_link_throws(params):
    setting, t, _ = setting_from_link(params)
    assert 1 <= t <= len(setting.xs) <= MAX_STEPS


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=20) | st.dictionaries(st.sampled_from([*GATES, "W", "U", "x", "clamp", "v"]), inner)
    ),
    max_leaves=30,
)


@settings(max_examples=200)
@given(anything)
def test_no_message_throws(values):
    setting, _ = setting_from_values(values)
    setting.run()
