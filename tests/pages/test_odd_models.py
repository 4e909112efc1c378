"""Networks whose notes were doctored, on the page of each lesson: a sentence, or a network to look at; never an exception."""

from __future__ import annotations

import os

import numpy as np
import pytest

from lstm import load_model
from lstm.storage import model_bytes
from tests.pages.desk import open_page
from ui.frame import ROOT

DRAWS = int(os.environ.get("LSTM_LAB_DRAWS", "2"))
PAGES = {
    "text": {}, "digits": {}, "forecast": {}, "topics": {}, "sentiment": {}, "memory": {"memory_section": "Inside the memory"},
}  # fmt: skip
STRANGE = [
    None, True, -1, 0, 10**30, 1e308, float("inf"), float("nan"), "", "LSTM", "**x**", "\ud800", [], [None], [[]], [1, "a"], {}, {"x": []},
]  # fmt: skip


def places(value, path=()):
    """Every place in the notes where something else may stand."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def doctored(lesson: str, rng: np.random.Generator) -> tuple[bytes, list]:
    """The network that ships, with one to three of its notes replaced, and which."""
    model = load_model(ROOT / f"data/pretrained/{lesson}.npz")
    done = []
    for _ in range(rng.integers(1, 4)):
        near = [path for path in places(model.metadata) if path]
        path, new = near[rng.integers(len(near))], STRANGE[rng.integers(len(STRANGE))]
        inner = model.metadata
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = new
        done.append((path, new))
    model.metadata["lesson"] = lesson
    return model_bytes(model), done


@pytest.mark.parametrize("lesson", PAGES)
def test_notes_that_were_doctored_never_end_a_page(lesson: str) -> None:
    rng = np.random.default_rng(7)
    page = open_page(f"pages/{lesson}.py", **PAGES[lesson])
    for _ in range(DRAWS):
        data, done = doctored(lesson, rng)
        uploader = next(one for one in page.file_uploader if one.label.startswith(("Load a network back", "Load a model back")))
        uploader.set_value(("mine.npz", data, "application/octet-stream")).run()
        assert not page.exception, (done, [one.message for one in page.exception])
