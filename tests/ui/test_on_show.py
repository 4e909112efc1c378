"""What is on show has one name, and settings that describe something else are said to."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from ui import on_show

SHIPPED = SimpleNamespace(key="shipped", label="The network that ships", learnt="trained on MNIST")
DEFAULTS = {"units": 8}


def controls(units):
    return SimpleNamespace(values=lambda: {"units": units}, defaults=DEFAULTS)


def job(config, ended=True):
    return SimpleNamespace(id="j1", config=config, ended=ended)


def test_a_section_begins_with_the_name_of_what_it_shows():
    def page():
        from types import SimpleNamespace

        from ui import on_show

        on_show.section(
            "Look inside", SimpleNamespace(key="shipped", label="The network that ships", learnt="trained on MNIST")
        )

    at = AppTest.from_function(page, default_timeout=60).run()
    assert at.header[0].value == "Look inside"
    assert at.caption[0].value.endswith("The network that ships, trained on MNIST.")


@pytest.mark.parametrize(
    ("key", "job", "config", "units", "other"),
    [
        ("shipped", None, "c", 8, False),  # nobody has moved anything
        ("shipped", None, "c", 9, True),
        ("shipped", None, None, 9, False),  # what is set describes nothing
        ("j1", job("c"), "c", 9, False),  # the very settings it was trained with
        ("j1", job("c"), "d", 8, True),
        ("shipped", job("c"), "c", 9, True),  # gone back to the one that ships
        ("j1", job("c", ended=False), "d", 9, False),  # what is being trained is said there
    ],
)
def test_settings_of_another_model_are_noticed(key, job, config, units, other):
    shown = SimpleNamespace(key=key, label="", learnt="")
    assert on_show.another(shown, job, config, controls(units)) is other


def test_the_offer_starts_the_training():
    def page():
        import streamlit as st

        from ui import on_show

        on_show.offer(lambda value: st.session_state.update(started=value), True, key="train_other", noun="model")

    at = AppTest.from_function(page, default_timeout=60).run()
    assert "another model than the one on show" in at.markdown[0].value
    at.button(key="train_other").click().run()
    assert at.session_state.started is True
