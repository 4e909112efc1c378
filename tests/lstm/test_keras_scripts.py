"""Scripts as a Keras user writes them run with `keras` replaced by `lstm` in the imports, and say the same."""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "jax"  # read once, when keras is imported

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SCRIPTS = Path(__file__).parent / "reference_scripts"
PARAMETERS = {"imdb": [160_000, 53_200, 101], "dropout_stack": [262_144, 197_120, 0, 129]}


def load_data(num_words: int) -> tuple[tuple[list, np.ndarray], tuple[list, np.ndarray]]:
    """Reviews that stand in for IMDB: a good one has more of the words 10 to 19 than of 20 to 29."""
    rng = np.random.default_rng(4)

    def part(count: int) -> tuple[list, np.ndarray]:
        labels, reviews = rng.integers(0, 2, count), []
        for label in labels:
            words = rng.integers(30, num_words, rng.integers(5, 90))
            places = rng.random(len(words)) < 0.3
            words[places] = rng.integers(10, 20, places.sum()) + (0 if label else 10)
            reviews.append([1, *words.tolist()])
        return reviews, labels

    return part(40), part(20)


def run(name: str, package: str, folder: Path, start: list[np.ndarray] | None) -> tuple[dict[str, Any], list]:
    """Run a script with `package` in its imports, from the weights `start`. Returns its names, and the weights it began with."""
    source = (SCRIPTS / f"{name}.py").read_text(encoding="utf-8")
    source = re.sub(r"^from keras\b", f"from {package}", source, flags=re.MULTILINE)
    source = source.replace("epochs=2", "epochs=2, shuffle=False").replace("Dropout(0.5)", "Dropout(0.0)")  # so they can agree
    before, after = source.split("# ---- training\n")
    names: dict[str, Any] = {"load_data": load_data}
    here = Path.cwd()
    os.chdir(folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # input_length: both ignore it, and say so
            exec(compile(before, f"{name}.py", "exec"), names)
        if start is not None:
            names["model"].set_weights(start)
        began = names["model"].get_weights()
        exec(compile(after, f"{name}.py", "exec"), names)
    finally:
        os.chdir(here)
    return names, began


def table(text: str) -> list[tuple[str, str, int]]:
    """Kind, output shape and parameters of each layer in a printed summary."""
    rows = re.findall(r"\w+ \((\w+)\)\s+│?\s*(\(.*?\))\s+│?\s*([\d,]+)", text)
    return [(kind, shape, int(count.replace(",", ""))) for kind, shape, count in rows]


@pytest.mark.timeout(600)  # Keras compiles both networks, the one over 500 steps
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_script_says_the_same_in_both(name: str, tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    ours, began = run(name, "lstm", tmp_path, None)
    printed = capfd.readouterr().out
    theirs, _ = run(name, "keras", tmp_path, began)
    wanted = capfd.readouterr().out

    assert table(printed) == table(wanted) and [count for *_, count in table(printed)] == PARAMETERS[name]
    assert f"Total params: {sum(PARAMETERS[name]):,}" in printed
    assert set(ours["history"].history) == set(theirs["history"].history)
    for measured, values in theirs["history"].history.items():
        print(name, measured, ours["history"].history[measured], values)
        assert ours["history"].history[measured] == pytest.approx(values, abs=1e-4), measured
    assert ours["scores"] == pytest.approx(theirs["scores"], abs=1e-4)
    np.testing.assert_allclose(ours["verdict"], theirs["verdict"], rtol=0, atol=1e-4)
