"""Model files of the first edition, and those that ship: the same weights, answers and figures as when they were written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstm import Sequential, load_model
from lstm.cli import main

ROOT = Path(__file__).resolve().parents[2]
OLD = "tests/old_files"
SHIPPED = "data/pretrained"

# file: the lesson it is of (Memory was called recall when the files were written),
# its weights' hash, some of its answers to `question`, the last line of `evaluate`
FILES: dict[str, tuple[str, str, list[float], str]] = {
    f"{OLD}/digits.npz": ("digits", "8abc9b5dcbfb8959", [0.112029, 0.081131, 0.122199, 0.07652], "test accuracy 0.3611"),
    f"{OLD}/forecast.npz": ("forecast", "a97d19acf5ae230d", [0.268466, 0.351384] * 2, "test RMSE 0.2325"),
    f"{OLD}/keras.npz": ("keras", "a509136046c549c3", [0.029287, 0.025331], ""),
    f"{OLD}/recall.npz": ("memory", "ff21f12a6d6c28f0", [0.101454, 0.102853] * 2, "test accuracy 0.5840"),
    f"{OLD}/recall_adding.npz": ("memory", "043274015f9f87cb", [1.225857, 1.24509], "test accuracy 0.1310"),
    f"{OLD}/sentiment.npz": ("sentiment", "0c3f6b570ccf58e1", [0.500753, 0.505373], "test accuracy 0.5129"),
    f"{OLD}/text.npz": ("text", "c18d4ce389fd3bbc", [0.031321, 0.029431, 0.035672, 0.026492], "validation loss 3.0350"),
    f"{OLD}/text_words.npz": ("text", "7b53bc4fd3fd5413", [0.015473, 0.015739, 0.01549, 0.015808], "validation loss 4.2583"),
    f"{OLD}/topics.npz": ("topics", "96fc921c9de18c70", [0.24527, 0.245184, 0.250202, 0.244994], "test accuracy 0.2439"),
    f"{SHIPPED}/digits.npz": ("digits", "c85df540490aa5d8", [0.111802, 0.080586] * 2, ""),
    f"{SHIPPED}/forecast.npz": ("forecast", "774addb3c24776da", [0.306732, 0.306732], ""),
    f"{SHIPPED}/memory.npz": ("memory", "88ccc2c9cfe5ae90", [0.02216, 0.03867, 0.052122, 0.033429], ""),
    f"{SHIPPED}/sentiment.npz": ("sentiment", "8172056fec7ac32c", [0.435029, 0.458259], ""),
    f"{SHIPPED}/text.npz": ("text", "8a876c446cf81f7e", [0.001777, 0.001395, 0.019289, 0.007988], ""),
    f"{SHIPPED}/topics.npz": ("topics", "5f5788180d65f37b", [0.967354, 0.007579, 0.001135, 0.990714], ""),
}  # fmt: skip
"""Written down when the files were; `evaluate` only for what takes a moment and needs no download."""


def question(model: Sequential) -> np.ndarray:
    """Two sequences that a model can read."""
    first = model.layers[0]
    known = getattr(first, "depth", None) or getattr(first, "input_dim", None)
    if known is not None:
        return (1 + np.arange(12).reshape(2, 6) * 7 % (known - 1)).astype(np.int64)
    steps, width = model.input_shape[1] or 6, model.input_shape[2]
    return (np.arange(2 * steps * width).reshape(2, steps, width) % 7 / 7).astype(np.float32)


@pytest.mark.parametrize("name", FILES)
def test_an_old_file_is_the_model_it_was(name: str) -> None:
    lesson, weights, answers, _ = FILES[name]
    model = load_model(ROOT / name)
    assert model.metadata["lesson"] == lesson
    found = hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in model.get_weights()))
    assert found.hexdigest()[:16] == weights
    flat = model.predict(question(model)).reshape(-1)
    assert flat[:: max(1, len(flat) // 4)][:4] == pytest.approx(answers, abs=2e-5)


NEW = {
    f"{SHIPPED}/relatives_{task}_{cell}.npz"
    for task in ("parity", "recall") for cell in ("attention", "gru", "lstm", "min_lstm", "simple_rnn")
}  # fmt: skip
"""What ships since: no version before had it."""


def test_every_old_file_is_in_the_list_and_small() -> None:
    for folder in (OLD, SHIPPED):
        assert {f"{folder}/{path.name}" for path in (ROOT / folder).glob("*.npz")} - NEW == {
            name for name in FILES if name.startswith(folder)
        }
    assert all(path.stat().st_size < 20_000 for path in (ROOT / OLD).iterdir())


@pytest.mark.parametrize("name", [name for name, (*_, line) in FILES.items() if line])
def test_an_old_file_is_evaluated_as_it_was(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(ROOT / name)]) == 0
    said, value = capsys.readouterr().out.strip().splitlines()[-1].rsplit(" ", 1)
    expected, figure = FILES[name][3].rsplit(" ", 1)
    assert said == expected and float(value) == pytest.approx(float(figure), abs=2e-3)


@pytest.mark.parametrize(
    ("command", "out"),
    [
        (["generate", "text.npz", "--prompt", "it was the ", "--length", "40", "--seed", "1"],
         "it was the e\nugnynn egevoipeoiilowkwt vl dfmierleme\n"),
        (["generate", "text_words.npz", "--length", "8", "--seed", "1"],
         " times the that best incredulity worst jaw insisted\n"),
        (["classify", "sentiment.npz", "a wonderful film"], "negative 0.4984\npositive 0.5016\n"),
        (["classify", "topics.npz", "the striker scored"], "Finance 0.2470\nPolitics 0.2473\nEducation 0.2490\nSports 0.2568\n"),
    ],
    ids=["characters", "words", "sentiment", "topics"],
)  # fmt: skip
def test_an_old_file_writes_and_judges_as_it_did(command: list[str], out: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, file, *rest = command
    assert main([name, str(ROOT / OLD / file), *rest]) == 0
    assert capsys.readouterr().out == out


@pytest.mark.parametrize("name", [name for name in FILES if "keras" not in name])
def test_its_lessons_page_takes_an_old_file(name: str) -> None:
    """What the page makes of a file that somebody hands in, without the page."""
    shelf = shelves()[FILES[name][0]]
    shown: Any = shelf._read((ROOT / name).read_bytes())
    assert not isinstance(shown, str), shown
    assert shown.model.count_params() == load_model(ROOT / name).count_params()


def shelves() -> dict[str, Any]:
    from ui.digits.models import SHELF as DIGITS
    from ui.forecast.models import SHELF as FORECAST
    from ui.memory.models import SHELF as MEMORY
    from ui.sentiment.models import SHELF as SENTIMENT
    from ui.text.models import SHELF as TEXT
    from ui.topics.methods import SHELF as TOPICS

    return {"digits": DIGITS, "forecast": FORECAST, "memory": MEMORY, "sentiment": SENTIMENT, "text": TEXT, "topics": TOPICS}
