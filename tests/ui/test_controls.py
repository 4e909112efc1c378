"""Controls of a lesson, each made from the description of its setting: widgets, addresses, presets, taking over."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lstm.lessons.digits.experiment import PRESETS, Digits
from ui.digits.controls import controls


def page():
    import streamlit as st

    from lstm.lessons.digits.experiment import PRESETS
    from ui.controls import address_problems
    from ui.digits.controls import controls

    address_problems("A page")
    if controls.follow_link():
        st.caption("A link was followed.")
    controls.draw("data", "reading", "answer", "units", "batch", "limit", "dropout", "learning_rate", "decay", "initial")
    controls.draw("layers", "vary", "optimizer", "clip", "clip_at", "budget", "seed", quiet=True)
    controls.draw_budget()
    controls.presets(PRESETS)
    try:
        st.session_state.found = controls.config()
    except ValueError as problem:
        st.session_state.found = None
        st.error(str(problem))


def opened(**params):
    app = AppTest.from_function(page, default_timeout=60)
    app.query_params.update(params)
    app.run()
    assert not app.exception
    return app


def test_untouched_it_is_the_experiments_own_default():
    app = opened()
    assert app.session_state.found == Digits() and not app.warning
    assert app.button_group(key="digits_preset_pills").value == "The lab's own"
    units = app.number_input(key="digits_units")
    assert (units.label, units.step, units.value) == ("Units", 16, 128)
    assert units.help == "The length of the hidden state h of each layer. 1 to 512."
    assert app.number_input(key="digits_limit").help == "Of those to learn from. 0 takes them all. 1 to 60,000."
    assert app.selectbox(key="digits_initial").options == [
        "by layer size (Glorot)", "by input size (He)", "tiny, N(0, 0.01)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({"digits_units": "16", "digits_reading": "column by column"}, Digits(units=16, reading="columns")),
        ({"digits_limit": "100", "digits_seconds": "60"}, Digits(limit=100, seconds=60)),
        ({"digits_limit": "0"}, Digits()),
        # Words of earlier versions
        ({"digits_answer": "after the last step only"}, Digits(answer="last")),
        ({"digits_decay": "falls in a line", "digits_batch": "8"}, Digits(decay="linear", batch=8)),
        (
            {"digits_budget": "in passes over the digits", "digits_epochs": "2", "digits_decay": "stays"},
            Digits(seconds=None, epochs=2.0, decay="none"),
        ),
        ({"digits_initial": "tiny, N(0, 0.01)"}, Digits(initial="small_normal")),
    ],
)
def test_an_address_sets_the_experiment(params, wanted):
    app = opened(**params)
    assert app.session_state.found == wanted
    assert not app.warning and not app.error


@pytest.mark.parametrize(
    ("params", "said", "kept"),
    [
        ({"digits_units": "inf"}, ("Units", "inf", "not a number"), {}),
        ({"digits_units": "-inf", "digits_batch": "8"}, ("Units",), {"batch": 8}),
        ({"digits_units": "1e400"}, ("Units",), {}),
        ({"digits_units": "99999999999999999999999"}, ("Units",), {}),
        ({"digits_units": "many"}, ("Units", "many"), {}),
        ({"digits_units": "16.5"}, ("Units",), {}),
        ({"digits_units": ""}, ("Units",), {}),
        ({"digits_learning_rate": "inf", "digits_layers": "2"}, ("Learning rate",), {"layers": 2}),
        ({"digits_learning_rate": "nan", "digits_dropout": "inf"}, ("Learning rate", "Dropout"), {}),
        ({"digits_reading": "backwards"}, ("It reads", "backwards", "row by row, column by column, pixel by pixel"), {}),
        ({"digits_seconds": "17"}, ("Train for (seconds)", "10, 20, 30"), {}),
        ({"digits_seconds": "inf"}, ("Train for (seconds)",), {}),
        (
            {"digits_reading": "backwards", "digits_answer": "after the last step only", "digits_dropout": "inf"},
            ("It reads", "Dropout"),
            {"answer": "last"},
        ),
        ({"digits_clip": "<b>*x*</b>"}, ("Clip gradients",), {}),
    ],
)
def test_what_no_control_can_hold_is_left_out_and_named(params, said, kept):
    app = opened(**params)
    plain = app.warning[0].value.replace("\\", "")
    assert all(word in plain for word in said) and "left out" in plain
    assert "<b>" not in app.warning[0].value.replace("\\<", "")
    assert app.session_state.found == Digits(**kept)
    assert not set(app.query_params) & ({f"digits_{name}" for name in Digits.__dataclass_fields__} - {f"digits_{n}" for n in kept})
    app.number_input(key="digits_units").set_value(32).run()
    assert not app.exception and app.session_state.found == Digits(**{**kept, "units": 32})


def test_what_the_experiment_refuses_is_named_as_the_page_names_it():
    app = opened(digits_batch="0")
    assert [error.value for error in app.error] == ["Batch size must be a positive integer, got 0"]
    assert app.session_state["_digits_refused"]
    app.number_input(key="digits_batch").set_value(16).run()
    assert not app.error and app.session_state.found == Digits(batch=16) and not app.session_state["_digits_refused"]


def test_a_quiet_setting_waits_until_the_settings_are_refused():
    app = opened()
    assert app.number_input(key="digits_layers").proto.ignore_rerun and app.selectbox(key="digits_clip").proto.ignore_rerun
    assert not app.number_input(key="digits_units").proto.ignore_rerun
    app.number_input(key="digits_layers").set_value(9).run()
    # What is put right must run the page, or "Train" would stay closed.
    assert app.error and not app.number_input(key="digits_layers").proto.ignore_rerun
    app.number_input(key="digits_layers").set_value(2).run()
    app.run()
    assert not app.error and app.number_input(key="digits_layers").proto.ignore_rerun


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_everything_and_is_recognised(name):
    app = opened(digits_units="16")
    assert any("Changed: Units 16." in caption.value for caption in app.caption)
    app.button_group(key="digits_preset_pills").set_value(name).run()
    assert app.session_state.found == PRESETS[name].config
    assert app.button_group(key="digits_preset_pills").value == name
    app.button_group(key="digits_preset_pills").set_value("The lab's own").run()
    assert app.session_state.found == Digits() and not any("Changed" in caption.value for caption in app.caption)


@pytest.mark.parametrize(
    "config",
    [
        Digits(),
        Digits(limit=50, answer="last", units=8, clip="none", seed=3),
        Digits(seconds=None, epochs=2.0, decay="none", optimizer="sgd"),
        *(preset.config for preset in PRESETS.values()),
    ],
)
def test_an_experiment_and_the_values_that_describe_it(config):
    assert controls.config(controls.values_of(config)) == config
    assert controls.same(config, controls.config(controls.values_of(config)))
    assert controls.preset_of(config, PRESETS) == next((n for n, one in PRESETS.items() if one.config == config), None)
