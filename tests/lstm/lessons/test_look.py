"""What the lab makes of texts and models, and the sentences for what is neither."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lstm import LSTM, Dense, Embedding, Sequential
from lstm.cli import main
from lstm.keras_files.files import write_keras, write_keras_weights
from lstm.lessons.keras.look import look_model
from lstm.lessons.text.look import look_text


def network() -> Sequential:
    model = Sequential([Embedding(9, 2), LSTM(3), Dense(2, "softmax")])
    model.build((None, 5))
    return model


def looked(capsys, *arguments: str) -> dict:
    assert main(["look", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_text(tmp_path, capsys):
    path = tmp_path / "story.txt"
    path.write_bytes("यह छोटी कहानी है। यह कहानी है।\n".encode())
    found = looked(capsys, str(path))
    assert found == look_text(path)
    # By hand: 11 characters before the first danda, then it, a space, 8 and it, and the line's end.
    facts = {name: found[name] for name in ("kind", "encoding", "characters", "distinct", "words", "distinct_words", "notes")}
    assert facts == {
        "kind": "text", "encoding": "UTF-8", "characters": 11 + 2 + 8 + 2, "distinct": 11, "words": 7, "distinct_words": 4, "notes": [],
    }  # fmt: skip
    path.write_bytes("It’s café. 我们去公园，春天来了，花开了。\n".encode())
    assert look_text(path)["notes"] == ["Chinese characters are written without spaces: each character counts as a word"]
    path.write_bytes("It’s a “test” of the café.\n".encode("mac_roman"))
    assert look_text(path)["encoding"] == "Mac Roman" and "was read as Mac Roman" in look_text(path)["notes"][0]


@pytest.mark.parametrize("name", ["m.npz", "m.keras", "m.weights.h5"])
def test_a_model_in_every_format(tmp_path, capsys, name):
    pytest.importorskip("h5py")
    model, path = network(), tmp_path / name
    if name == "m.npz":
        model.save(path)
    else:
        path.write_bytes(write_keras(model) if name == "m.keras" else write_keras_weights(model))
    found = looked(capsys, str(path))
    assert found == look_model(path)
    layers = [["Embedding", 18], ["LSTM", 72], ["Dense", 8]]
    assert found["layers"] == (sorted(layers) if name == "m.weights.h5" else layers)
    assert (found["kind"], found["format"], found["parameters"]) == ("model", name.removeprefix("m."), 98)
    if name == "m.weights.h5":
        assert found["notes"] == ["it holds weights alone: neither the order of the layers nor their activations are in it"]


def test_what_is_no_use_is_one_sentence(tmp_path, capsys):
    (tmp_path / "noise.npz").write_bytes(np.random.default_rng(0).bytes(3000))
    (tmp_path / "cut.keras").write_bytes(write_keras(network())[:500])
    (tmp_path / "cut.weights.h5").write_bytes(write_keras_weights(network())[:500])
    for arguments, said in (
        (["noise.npz", "--as", "model"], "not a model file"),
        (["cut.keras"], "not a Keras file"),
        (["cut.weights.h5"], "the Keras file is damaged"),
        (["noise.npz", "--as", "text"], "not plain text|cannot be told"),
        (["none.txt"], "there is no file"),
        (["."], "is a folder"),
    ):
        assert main(["look", str(tmp_path / arguments[0]), *arguments[1:]]) == 2
        error = capsys.readouterr().err
        assert any(one in error for one in said.split("|")) and error.count("\n") == 1, error
    assert main(["look", "/dev/zero"]) == 2
    assert "no ordinary file" in capsys.readouterr().err
    assert main(["train", "text", "--file", "/dev/zero"]) == 2
    assert "no ordinary file" in capsys.readouterr().err
