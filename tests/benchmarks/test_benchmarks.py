"""The benchmark runs, compares the same computation, and answers wrong words with a sentence. No time is asserted."""

import json
from importlib.util import find_spec

import numpy as np
import pytest

from benchmarks import contenders, lab
from benchmarks.__main__ import main
from benchmarks.shapes import SHAPES


def test_the_smallest_shape_is_measured_and_saved(tmp_path, capsys):
    arguments = ["speed", "import", "--shapes", "sine", "--contenders", "lab", "--threads", "1", "--rounds", "2"]
    assert main([*arguments, "--out", str(tmp_path)]) in (0, None)
    results = json.loads((tmp_path / "results.json").read_text())
    [row] = results["speed"]
    assert (row["shape"], row["contender"], row["rounds"], row["ratio_to_lab"]) == ("sine", "lab", 2, 1.0)
    assert row["lower_ms"] <= row["median_ms"] <= row["upper_ms"]
    assert results["import"]["lstm"] > 0
    assert "sine" in capsys.readouterr().out


@pytest.mark.parametrize("shape", ["sine", "characters GRU"])
def test_the_lab_and_keras_compute_the_same_losses(shape):
    from benchmarks.contenders import keras_jax
    from benchmarks.contenders import lab as lab_step

    ours, theirs = lab_step(SHAPES[shape]), keras_jax(SHAPES[shape])
    np.testing.assert_allclose([ours() for _ in range(3)], [theirs() for _ in range(3)], rtol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["swiftness"], "parts must be among speed,"),
        (["--shapes", "sine,cube"], f"shapes must be among {', '.join(SHAPES)}, got 'cube'"),
        (["--rounds", "0"], "rounds must be at least 1, got 0"),
        (["--threads", "3"], "threads must be among 1, default, got '3'"),
    ],
)
def test_wrong_words_get_one_sentence_and_exit_code_2(arguments, sentence, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_a_contender_that_is_not_installed_is_named(monkeypatch, capsys):
    monkeypatch.setattr(contenders, "find_spec", lambda module: None if module == "torch" else find_spec(module))
    assert contenders.installed() == [name for name in ("lab", "keras") if find_spec(contenders.NEEDS[name])]
    assert main(["speed", "--contenders", "lab,torch"]) == 2
    assert capsys.readouterr().err == "contenders: torch needs what benchmarks/requirements.txt names\n"


def test_the_share_of_matrix_products_is_a_share_and_numpy_is_put_back():
    from lstm import kernels

    share = lab.matrix_share(SHAPES["sine"], steps=3)
    assert 0 < share < 1
    assert kernels.np is np


def test_masked_reviews_are_as_uneven_as_they_claim():
    x, _ = SHAPES["reviews"].data()
    lengths = (x != 0).sum(axis=1)
    assert lengths.min() >= 10
    assert lengths.max() <= 500
    assert 120 < np.median(lengths) < 240
