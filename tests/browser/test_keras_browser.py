"""Keras against scratch in Chromium: Keras really runs, points appear, the run ends, and its model is on show."""


import pytest

from lstm.lessons.keras.process import keras_is_installed


@pytest.mark.skipif(not keras_is_installed(), reason="Keras and JAX are not installed: pip install keras jax")
@pytest.mark.timeout(300)
def test_the_comparison_with_its_defaults(visit):
    lab = visit(width=1366, height=768)
    lab.open("/keras_vs_scratch")
    lab.tab.get_by_text("The lab's half: its first").wait_for(timeout=60_000)
    run = lab.tab.get_by_role("button", name="Run both")
    for part in (
        lab.tab.get_by_text("Compare the lab's own LSTM with Keras"),
        run,
        lab.tab.locator("canvas, svg.marks").first,
    ):
        box = part.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 768
    run.click()
    lab.tab.get_by_text("Largest differences, 1 = float32's resolution").wait_for(timeout=120_000)
    lab.tab.get_by_text("Why do they part?").wait_for(timeout=120_000)
    lab.settle()
    lab.tab.get_by_text("Finished at step 50").wait_for()
    lab.tab.get_by_text("A step, once compiled.").wait_for()
    lab.tab.get_by_role("radio", name="The network you trained").wait_for()
    assert not lab.scrolls_sideways()
    assert lab.errors == []


def test_on_a_phone(visit):
    lab = visit(width=390, height=844, scheme="dark")
    lab.open("/keras_vs_scratch?keras_task=Noisy+sine&keras_units=8")
    lab.tab.get_by_text("The lab's half: its first").wait_for(timeout=60_000)
    lab.tab.get_by_role("heading", name="Exercises").wait_for(timeout=60_000)
    lab.settle()
    assert not lab.scrolls_sideways()
    assert lab.errors == []
