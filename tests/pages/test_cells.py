"""The cell as a setting: what another one has learnt is shown, named and looked into like an LSTM."""

import pytest

from tests.pages.desk import open_page, press

pytestmark = pytest.mark.usefixtures("desk")

PAGES = ["text", "digits", "forecast", "topics", "sentiment"]


@pytest.mark.parametrize("word", PAGES)
@pytest.mark.parametrize("cell", ["GRU", "SimpleRNN"])
def test_a_cell_of_another_kind_is_trained_and_looked_into(desk, word, cell):
    page = open_page(f"pages/{word}.py", **{f"{word}_cell": cell, f"{word}_units": "16"})
    press(page, next(b.label for b in page.button if b.label.startswith("Train")))
    model = next(job for job in desk.all if hasattr(job.config, "cell")).result.model
    assert cell in {type(layer).__name__ for layer in model.layers}
    page.run()
    assert not page.exception and not page.error
    said = " ".join(one.value for kind in (page.markdown, page.caption) for one in kind)
    if word == "forecast":
        assert f"**{cell} saves" in said or f"The {cell} " in said or f"the {cell}'s" in said
        assert "the LSTM" not in said and "The LSTM" not in said
    if word == "topics":
        assert f"The {cell} says **" in said and "The LSTM says" not in said


@pytest.mark.parametrize("word", PAGES)
def test_another_cell_is_a_click_away(word):
    page = open_page(f"pages/{word}.py")
    links = [one.proto.query_string for one in page.main.get("page_link")]
    assert any(f"{word}_cell=" in link for link in links)


def test_sentiment_counts_the_layers_of_the_cell_that_is_set():
    page = open_page("pages/sentiment.py", sentiment_cell="GRU")
    page.button_group(key="sentiment_layers_of").set_value("Your settings").run()
    assert any("GRU" in code.value and "(None, 64)" in code.value for code in page.code)
    assert any(r"\underbrace{3}_{z,\,r,\,g}" in one.value and "18{,}816" in one.value for one in page.latex)  # 3 · 64 · (32 + 64 + 2)
    assert any(one.label.startswith("The GRU has 64 units.") for one in page.radio)
    assert any("bias 2 × 192 = 384." in one.value for one in page.caption)
