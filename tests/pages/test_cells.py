"""The cell as a setting: what another one has learnt is shown and looked into like an LSTM."""

import pytest

from tests.pages.desk import open_page, press

pytestmark = pytest.mark.usefixtures("desk")


@pytest.mark.parametrize(("file", "word"), [("pages/text.py", "text"), ("pages/digits.py", "digits")])
@pytest.mark.parametrize("cell", ["GRU", "SimpleRNN"])
def test_a_cell_of_another_kind_is_trained_and_looked_into(desk, file, word, cell):
    page = open_page(file, **{f"{word}_cell": cell, f"{word}_units": "16"})
    press(page, next(b.label for b in page.button if b.label.startswith("Train")))
    model = desk.all[-1].result.model
    assert cell in {type(layer).__name__ for layer in model.layers}
    page.run()
    assert not page.exception and not page.error
