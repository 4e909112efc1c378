"""Keras's files: what the lab writes Keras opens, what Keras writes the lab reads, and nothing else gets in."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from lstm import LSTM, Bidirectional, Dense, Dropout, Embedding, OneHot, Sequential, SimpleRNN, load_model
from lstm.lessons.keras import files
from lstm.lessons.keras.files import read_keras, read_keras_weights, write_keras, write_keras_weights

LAYERS = {
    "reader": ([Embedding(20, 4, mask_zero=True), LSTM(3, return_sequences=True), LSTM(5), Dropout(0.2), Dense(2, "softmax")], (None, 7)),
    "writer": ([OneHot(9), LSTM(6, return_sequences=True), Dense(9, "softmax")], (None, 5)),
    "numbers": ([LSTM(4, "relu"), Dense(1)], (None, 6, 3)),
    "both ways": ([Bidirectional(LSTM(3, return_sequences=True)), SimpleRNN(4), Dense(1, "sigmoid")], (None, 6, 2)),
}  # fmt: skip

IN_KERAS = """
import os, sys
os.environ["KERAS_BACKEND"] = "jax"
import keras, numpy as np
folder = sys.argv[1]
for name in sys.argv[2:]:
    model = keras.models.load_model(f"{folder}/{name}.keras")
    x = np.load(f"{folder}/{name}.x.npy")
    outputs = [model.predict_on_batch(x)]
    model.set_weights([w * 0 for w in model.get_weights()])
    model.load_weights(f"{folder}/{name}.weights.h5")
    outputs.append(model.predict_on_batch(x))
    np.save(f"{folder}/{name}.y.npy", outputs)
    for layer in model.layers:
        layer.set_weights([w + 0.1 * np.cos(np.arange(w.size).reshape(w.shape)) for w in layer.get_weights()] if layer.trainable else layer.get_weights())
    model.save(f"{folder}/{name}.back.keras")
    model.save_weights(f"{folder}/{name}.back.weights.h5")
    np.save(f"{folder}/{name}.back.npy", model.predict_on_batch(x))
i = keras.Input((4, 2))
keras.Model(i, keras.layers.Dense(3)(keras.layers.SimpleRNN(2)(i))).save(f"{folder}/functional.keras")
keras.Model(i, keras.layers.Add()([keras.layers.LSTM(2)(i), keras.layers.LSTM(2)(i)])).save(f"{folder}/branches.keras")
keras.Sequential([i, keras.layers.GRU(3)]).save(f"{folder}/gru.keras")
keras.Sequential([i, keras.layers.Lambda(lambda x: x * 2), keras.layers.LSTM(3)]).save(f"{folder}/lambda.keras")
keras.Sequential([i, keras.layers.LSTM(3, use_bias=False, dropout=0.1), keras.layers.Dense(1, use_bias=False)]).save(f"{folder}/unbiased.keras")
"""


def built(name: str) -> Sequential:
    layers, shape = LAYERS[name]
    model = Sequential([type(one)(**one.get_config()) for one in layers], seed=1)
    model.build(shape)
    rng = np.random.default_rng(2)
    model.set_weights([w + rng.normal(scale=0.2, size=w.shape) for w in model.get_weights()])
    return model


def example(name: str) -> np.ndarray:
    rng, model = np.random.default_rng(3), built(name)
    if model.layers[0].takes_ids:
        x = rng.integers(1, 9, (4, model.input_shape[1]))
        x[1, 3:] = 0
        return x
    return rng.normal(size=(4, *model.input_shape[1:])).astype(np.float32)


@pytest.fixture(scope="module")
def keras_folder(tmp_path_factory):
    """What one fresh interpreter with Keras made of the lab's files."""
    pytest.importorskip("h5py")
    folder = tmp_path_factory.mktemp("keras")
    for name in LAYERS:
        model = built(name)
        (folder / f"{name}.keras").write_bytes(write_keras(model))
        (folder / f"{name}.weights.h5").write_bytes(write_keras_weights(model))
        np.save(folder / f"{name}.x.npy", example(name))
    env = {**os.environ, "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}  # compiling is most of the work
    done = subprocess.run([sys.executable, "-c", IN_KERAS, str(folder), *LAYERS], capture_output=True, text=True, timeout=110, env=env)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", LAYERS)
def test_keras_opens_what_the_lab_wrote_and_predicts_the_same(keras_folder, name):
    whole, weights_alone = np.load(keras_folder / f"{name}.y.npy")
    ours = built(name).predict(example(name))
    np.testing.assert_allclose(whole, ours, atol=1e-5)
    np.testing.assert_allclose(weights_alone, ours, atol=1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_the_lab_opens_what_keras_wrote_and_predicts_the_same(keras_folder, name):
    found = read_keras((keras_folder / f"{name}.back.keras").read_bytes())
    expected = np.load(keras_folder / f"{name}.back.npy")
    np.testing.assert_allclose(found.model.predict(example(name)), expected, atol=1e-5)
    model = built(name)
    read_keras_weights((keras_folder / f"{name}.back.weights.h5").read_bytes(), model)
    np.testing.assert_allclose(model.predict(example(name)), expected, atol=1e-5)
    assert found.keras_version.startswith("3.")


def test_functional_chains_are_read_and_branches_are_not(keras_folder):
    assert read_keras((keras_folder / "functional.keras").read_bytes()).model.count_params() == 2 * 2 + 2 * 2 + 2 + 9
    with pytest.raises(ValueError, match="layers branch; the lab reads those that follow each other in a chain"):
        read_keras((keras_folder / "branches.keras").read_bytes())


def test_layers_the_lab_lacks_are_named_and_code_is_refused(keras_folder):
    with pytest.raises(ValueError, match=r"has a layer 'GRU' \(gru\w*\); the lab has Embedding, LSTM"):
        read_keras((keras_folder / "gru.keras").read_bytes())
    with pytest.raises(ValueError, match="a Lambda layer, which is code: the lab never runs what was uploaded"):
        read_keras((keras_folder / "lambda.keras").read_bytes())


def test_a_layer_without_bias_gets_one_of_zeros_and_the_reader_is_told(keras_folder):
    found = read_keras((keras_folder / "unbiased.keras").read_bytes())
    assert not found.model.get_weights()[2].any() and not found.model.get_weights()[4].any()
    assert len(found.notes) == 3 and "has no bias; the lab's has one of zeros" in found.notes[0]


def test_a_round_trip_without_keras():
    for name in LAYERS:
        model = built(name)
        back = read_keras(write_keras(model)).model
        np.testing.assert_array_equal(back.predict(example(name)), model.predict(example(name)))
        other = Sequential([type(one)(**one.get_config()) for one in model.layers], seed=9)
        other.build(model.input_shape)
        read_keras_weights(write_keras_weights(model), other)
        assert all(np.array_equal(a, b) for a, b in zip(other.get_weights(), model.get_weights()))


# Bad files ------------------------------------------------------------------------------------------------------
def archive(changes: dict[str, bytes | None] | None = None, edit=None, more: dict[str, bytes] | None = None) -> bytes:
    """A `.keras` file of the lab with parts replaced (None: left out) or its config edited."""
    with zipfile.ZipFile(io.BytesIO(write_keras(built("reader")))) as old:
        parts: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
    if edit:
        config = json.loads(parts["config.json"])
        edit(config)
        parts["config.json"] = json.dumps(config).encode()
    parts |= (changes or {}) | (more or {})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            if data is not None:
                new.writestr(name, data)
    return file.getvalue()


def layer(number: int, **settings):
    return lambda config: config["config"]["layers"][number]["config"].update(settings)


def described(number: int, **settings):
    return lambda config: config["config"]["layers"][number].update(settings)


BAD = {
    "no Keras file": (lambda: b"hello", "this is not a Keras file"),
    "empty": (lambda: b"", "this is not a Keras file"),
    "an archive of something else": (lambda: archive({"config.json": None}), "not a Keras file .*: it has no config.json"),
    "a stowaway": (lambda: archive(more={"run.py": b"1"}), "it also holds 'run.py'"),
    "broken off": (lambda: archive()[:900], "not a Keras file .*damaged"),
    "settings that are no JSON": (lambda: archive({"config.json": b"{"}), "its settings cannot be read"),
    "settings of something else": (lambda: archive({"config.json": b"[1]"}), "holds a 'None'; the lab reads Sequential"),
    "deep settings": (lambda: archive({"config.json": b"[" * 90_000 + b"]" * 90_000}), "its settings cannot be read"),
    "huge settings": (lambda: archive({"config.json": b" " * (2**20 + 1)}), "config.json unpacks to more than 1 MB"),
    "weights that unpack to too much": (lambda: archive({"model.weights.h5": bytes(65 * 2**20)}), "model.weights.h5 unpacks to more than 64 MB"),
    "weights that are none": (lambda: archive({"model.weights.h5": b"no"}), "not a file of Keras weights"),
    "weights broken off": (lambda: archive({"model.weights.h5": write_keras_weights(built("reader"))[:700]}), "its weights cannot be read|has no weight"),
    "weights of another network": (lambda: archive({"model.weights.h5": write_keras_weights(built("numbers"))}), "has no weight 'layers/embedding/vars/0'"),
    "code": (lambda: archive(edit=described(4, class_name="Lambda")), "a Lambda layer, which is code"),
    "a class of its own": (lambda: archive(edit=described(4, module="os", class_name="system")), "needs code from 'os'"),
    "a registered class": (lambda: archive(edit=described(4, registered_name="mine>Layer")), "needs code of its own"),
    "a lambda as an activation": (lambda: archive(edit=layer(5, activation={"class_name": "__lambda__", "config": {}})), "a Lambda layer, which is code"),
    "another layer": (lambda: archive(edit=described(4, class_name="Conv1D")), "has a layer 'Conv1D'"),
    "another activation": (lambda: archive(edit=layer(5, activation="gelu")), "the activation 'gelu' of layer dense is none of the lab's"),
    "another gate": (lambda: archive(edit=layer(2, recurrent_activation="hard_sigmoid")), "has recurrent_activation='hard_sigmoid', which the lab's LSTM lacks"),
    "backwards": (lambda: archive(edit=layer(2, go_backwards=True)), "has go_backwards='True'"),
    "units of another number": (lambda: archive(edit=layer(3, units=6)), r"has the shape \(3, 20\); this network needs \(3, 24\)"),
    "units that are text": (lambda: archive(edit=layer(3, units="many")), "units must be a positive integer"),
    "too many weights": (lambda: archive(edit=layer(3, units=10**9)), "over 8,000,000 weights, the limit"),
    "no input shape": (lambda: archive(edit=lambda c: c["config"]["layers"].pop(0)), "does not know its input's shape yet"),
    "a strange input shape": (lambda: archive(edit=layer(0, batch_shape=[None, 7, 7, 3])), "the lab reads inputs of shape"),
    "numbers into an embedding": (lambda: archive(edit=layer(0, batch_shape=[None, 7, 3])), "must begin with an Embedding"),
    "settings missing": (lambda: archive(edit=lambda c: c["config"]["layers"][3]["config"].pop("units")), "its settings are not those of a Keras model"),
    "weights alone": (lambda: write_keras_weights(built("reader")), "this file holds weights alone"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_files(name):
    make, sentence = BAD[name]
    with pytest.raises(ValueError, match=sentence) as caught:
        read_keras(make())
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 220


def test_a_huge_file_is_not_even_opened():
    with pytest.raises(ValueError, match="the file has 65 MB; at most 64 MB are read"):
        read_keras(bytes(65 * 2**20))


def test_weights_that_do_not_fit_leave_the_network_alone():
    model = built("reader")
    before = model.get_weights()
    with pytest.raises(ValueError, match="has no weight 'layers/embedding/vars/0'"):
        read_keras_weights(write_keras_weights(built("numbers")), model)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))


def test_weights_that_lie_elsewhere_or_are_not_numbers_are_refused(tmp_path):
    h5py = pytest.importorskip("h5py")
    model = built("numbers")
    (tmp_path / "secret.h5").write_bytes(write_keras_weights(model))
    for spoil, sentence in (
        (lambda g: g.__setitem__("0", h5py.ExternalLink(str(tmp_path / "secret.h5"), "layers/dense/vars/0")), "not a plain array|has no weight"),
        (lambda g: g.create_dataset("0", (4, 1), "f4", external=str(tmp_path / "raw")), "not a plain array|cannot be read"),
        (lambda g: g.create_dataset("0", data=np.zeros((4, 1), np.int32)), "not a plain array of floating-point"),
        (lambda g: g.create_dataset("0", data=np.full((4, 1), np.nan)), "holds numbers that are not finite"),
    ):  # fmt: skip
        file = io.BytesIO(write_keras_weights(model))
        with h5py.File(file, "r+") as h5:
            del h5["layers/dense/vars/0"]
            spoil(h5["layers/dense/vars"])
        with pytest.raises(ValueError, match=sentence):
            read_keras_weights(file.getvalue(), built("numbers"))


def test_convert_on_the_command_line(tmp_path, capsys):
    from lstm.cli import main

    model = built("reader")
    model.save(tmp_path / "m.npz")
    assert main(["convert", str(tmp_path / "m.npz"), str(tmp_path / "m.keras")]) == 0
    assert main(["convert", str(tmp_path / "m.keras"), str(tmp_path / "back.npz")]) == 0
    back = load_model(tmp_path / "back.npz")
    np.testing.assert_array_equal(back.predict(example("reader")), model.predict(example("reader")))
    assert main(["convert", str(tmp_path / "m.npz"), str(tmp_path / "m.weights.h5")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"wrote {tmp_path / 'm.weights.h5'}: 5 layers, 368 parameters"
    for arguments, said in (
        (["m.npz", "m.txt"], "convert takes a .keras file to .npz"),
        (["none.keras", "m.npz"], "there is no file"),
        (["none.npz", "m.keras"], "there is no model file"),
    ):
        assert main(["convert", *(str(tmp_path / name) for name in arguments)]) == 2
        assert said in capsys.readouterr().err


def test_without_h5py_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ValueError, match="h5py is needed to read and write Keras's files"):
        write_keras(built("numbers"))
    assert files.MAX_FILE == 64 * 2**20


def test_compare_keras_on_the_command_line(capsys):
    from lstm.cli import main

    assert main(["compare-keras", "--task", "sine", "--steps", "5", "--units", "4", "--no-speed"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[2].startswith("sine       adam      float32") and out[-1].startswith("last loss gap ")
    assert main(["compare-keras", "--task", "chess"]) == 2
    assert "task must be one of characters" in capsys.readouterr().err
