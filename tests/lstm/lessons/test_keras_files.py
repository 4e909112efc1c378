"""Keras's files: what the lab writes Keras opens, what Keras writes the lab reads, and nothing else gets in."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
import zlib
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm import GRU, LSTM, Bidirectional, Dense, Dropout, Embedding, Masking, OneHot, Sequential, SimpleRNN, load_model
from lstm.keras_files import files
from lstm.keras_files.files import (
    read_keras_weights,
    weights_alone,
    write_keras,
    write_keras_weights,
)
from lstm.keras_files.h5 import read_h5
from lstm.loading import read_any_keras, read_keras
from tests.hostile import cost

pytestmark = pytest.mark.timeout(600)  # with the lowest versions Keras compiles every network, see `keras_runs`

LAYERS = {
    "reader": ([Embedding(20, 4, mask_zero=True), LSTM(3, return_sequences=True), LSTM(5), Dropout(0.2), Dense(2, "softmax")], (None, 7)),
    "writer": ([OneHot(9), LSTM(6, return_sequences=True), Dense(9, "softmax")], (None, 5)),
    "numbers": ([LSTM(4, "relu"), Dense(1)], (None, 6, 3)),
    "padded": ([Masking(-1.0), LSTM(3, return_sequences=True), SimpleRNN(4), Dense(2, "tanh")], (None, 6, 2)),
    "GRU": ([Embedding(20, 4), Bidirectional(GRU(3, return_sequences=True)), GRU(4), Dense(1, "sigmoid")], (None, 6)),
    "both ways": ([Bidirectional(LSTM(3, return_sequences=True)), SimpleRNN(4), Dense(1, "sigmoid")], (None, 6, 2)),
}  # fmt: skip

IN_KERAS = """
import sys
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
keras.Sequential([i, keras.layers.GRU(3, reset_after=False)]).save(f"{folder}/gru.keras")
keras.Sequential([i, keras.layers.Conv1D(3, 2)]).save(f"{folder}/conv.keras")
keras.Sequential([i, keras.layers.Lambda(lambda x: x * 2), keras.layers.LSTM(3)]).save(f"{folder}/lambda.keras")
keras.Sequential([i, keras.layers.LSTM(3, use_bias=False, dropout=0.1), keras.layers.Dense(1, use_bias=False)]).save(f"{folder}/unbiased.keras")
"""



def keras_runs(*arguments: str) -> None:
    """Let a fresh interpreter with Keras do something, on NumPy, where there is nothing to compile.

    Before 3.14 Keras ignores masks there, with a warning: it takes JAX then, which takes four times as long.
    """
    known = tuple(int(number) for number in version("keras").split(".")[:2]) >= (3, 14)
    place = {**os.environ, "KERAS_BACKEND": "numpy" if known else "jax"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False, env=place)
    assert done.returncode == 0, done.stderr[-2000:]


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
    x = rng.normal(size=(4, *model.input_shape[1:])).astype(np.float32)
    x[1, 3:] = -1.0  # the padding of "padded"
    return x


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
    keras_runs("-c", IN_KERAS, str(folder), *LAYERS)
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
    with pytest.raises(ValueError, match=r"has a layer 'Conv1D' \(conv1d\w*\); the lab reads Embedding, Masking, LSTM, GRU"):
        read_keras((keras_folder / "conv.keras").read_bytes())
    with pytest.raises(ValueError, match=r"layer gru\w* has reset_after='?False'?, which the lab's GRU lacks"):
        read_keras((keras_folder / "gru.keras").read_bytes())
    with pytest.raises(ValueError, match="a Lambda layer, which is code: the lab never runs what was uploaded"):
        read_keras((keras_folder / "lambda.keras").read_bytes())


def test_a_layer_without_bias_gets_one_of_zeros_and_the_reader_is_told(keras_folder):
    found = read_keras((keras_folder / "unbiased.keras").read_bytes())
    assert not found.model.get_weights()[2].any() and not found.model.get_weights()[4].any()
    assert len(found.notes) == 3 and "has no bias; the lab's has one of zeros" in found.notes[1]


def test_a_round_trip_without_keras():
    for name in LAYERS:
        model = built(name)
        back = read_keras(write_keras(model)).model
        np.testing.assert_array_equal(back.predict(example(name)), model.predict(example(name)))
        other = Sequential([type(one)(**one.get_config()) for one in model.layers], seed=9)
        other.build(model.input_shape)
        read_keras_weights(write_keras_weights(model), other)
        assert all(np.array_equal(a, b) for a, b in zip(other.get_weights(), model.get_weights()))


# Networks with random choices, written by Keras itself -------------------------------------------------------------
RANDOM = int(os.environ.get("LSTM_LAB_DRAWS", "24"))


@pytest.fixture(scope="module")
def random_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("random")
    script = Path(__file__).with_name("random_keras.py")
    keras_runs(str(script), str(folder), str(RANDOM), "4")
    return folder


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_whatever_keras_wrote_predicts_the_same_or_is_refused_for_a_reason(random_folder, ending):
    read = 0
    for k in range(RANDOM):
        with np.load(random_folder / f"{k}.npz") as stored:
            x, y, counts, lacks = (stored[name] for name in ("x", "y", "counts", "said"))
        data = (random_folder / f"{k}.{ending}").read_bytes()
        if lacks.size:
            with pytest.raises(ValueError, match=r"the lab|layer "):
                read_keras(data)
            continue
        read += 1
        found = read_keras(data)
        ours = found.model.predict(x)
        if ours.ndim == 3:  # what stands at masked steps counts for nothing
            ours, y = ours[counts], y[counts]
        np.testing.assert_allclose(ours, y, atol=2e-5, rtol=1e-4, err_msg=str((k, found.layers)))
        assert found.format == ending
    assert read >= RANDOM // 3


def test_weights_that_keras_saved_alone_go_into_the_network_they_came_from_and_into_no_other(random_folder):
    fitted = 0
    for k in range(RANDOM):
        try:
            network = read_keras((random_folder / f"{k}.keras").read_bytes())
        except ValueError:
            continue
        data = (random_folder / f"{k}.weights.h5").read_bytes()
        assert dict(weights_alone(data))  # classes and numbers of weights
        kinds = {kind for kind, _ in network.layers}
        unbiased = sum(count for _, count in network.layers) != network.model.count_params()
        if "TimeDistributed" in kinds or unbiased:  # the lab's network has other groups, or weights that the file lacks
            with pytest.raises(ValueError, match=r"has no weight|has the shape"):
                read_any_keras(data, network.model)
            continue
        fitted += 1
        empty = Sequential([type(one)(**one.get_config()) for one in network.model.layers], dtype=network.model.dtype)
        empty.build(network.model.input_shape)
        found = read_any_keras(data, empty)
        np.testing.assert_array_equal(found.model.weights_vector, network.model.weights_vector)
        more = Sequential([*(type(one)(**one.get_config()) for one in network.model.layers[:-1]), Dense(3), Dense(2)])
        more.build(network.model.input_shape)
        with pytest.raises(ValueError, match=r"has the shape|has no weight|that this network lacks"):
            read_any_keras(data, more)
    assert fitted


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
    "huge settings": (lambda: archive({"config.json": b" " * (2**20 + 1)}), "config.json unpacks to more than a file of its size may"),
    "weights that unpack to too much": (lambda: archive({"model.weights.h5": bytes(65 * 2**20)}), "model.weights.h5 unpacks to more than a file of its size may"),
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
        (["m.npz", "m.txt"], "convert takes a .keras, .h5, .weights.h5 or .npz file"),
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


# What a file may cost, and what it has to have --------------------------------------------------------------------
def changed_h5(change) -> bytes:
    """A file of the weights of "numbers" that `change` has had its way with."""
    h5py = pytest.importorskip("h5py")
    file = io.BytesIO(write_keras_weights(built("numbers")))
    with h5py.File(file, "r+") as h5:
        change(h5)
    return file.getvalue()


def replaced(path: str, **how):
    def change(h5):
        value = np.zeros(h5[path].shape, np.float32)
        del h5[path]
        h5.create_dataset(path, **{"data": value, **how})

    return change


HOSTILE_H5 = {
    "compressed": (replaced("layers/lstm/cell/vars/0", compression="gzip", chunks=(3, 16)), "compressed or not all in the file"),
    "one huge chunk": (
        replaced("layers/lstm/cell/vars/0", data=None, shape=(3, 16), dtype="f4", maxshape=(None, None), chunks=(2**14, 2**14), compression="gzip"),
        "compressed or not all in the file",
    ),
    "numbers that are not there": (replaced("layers/lstm/cell/vars/0", data=None, shape=(3, 16), dtype="f4"), "compressed or not all"),
    "an array that says it is huge": (replaced("layers/lstm/cell/vars/0", data=None, shape=(10**6, 10**6), dtype="f4"), "compressed or not all"),
    "a circle": (lambda h5: h5.__setitem__("layers/lstm/again", h5["layers"]), "lead in circles"),
    "the same array twice": (lambda h5: h5.__setitem__("layers/lstm/again", h5["layers/dense/vars/0"]), "lead in circles"),
    "a bias that is missing": (lambda h5: h5.__delitem__("layers/dense/vars/1"), "has no weight 'layers/dense/vars/1'"),
    "a layer more": (lambda h5: h5.create_dataset("layers/dense_1/vars/0", data=np.ones((1, 1), np.float32)), "has a weight 'layers/dense_1/vars/0' that this network lacks"),
    "infinite in float32": (replaced("layers/dense/vars/0", data=np.full((4, 1), 1e308)), "numbers that are not finite in float32"),
}  # fmt: skip


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("name", HOSTILE_H5)
def test_weights_that_are_hostile_or_incomplete_are_refused_and_the_network_is_left_alone(name, apart):
    change, sentence = HOSTILE_H5[name]
    model = built("numbers")
    before = model.weights_vector.copy()
    with pytest.raises(ValueError, match=sentence):
        read_keras_weights(changed_h5(change), model, apart)
    np.testing.assert_array_equal(model.weights_vector, before)


@pytest.mark.skipif(sys.platform == "win32", reason="the peak of a process is asked of resource")
@pytest.mark.parametrize("apart", [False, True])
def test_a_chunk_that_unpacks_to_a_gigabyte_costs_no_more_than_its_file(tmp_path, apart):
    h5py = pytest.importorskip("h5py")

    def bomb(h5):
        del h5["layers/lstm/cell/vars/0"]
        chunk = (2**14, 2**14)
        one = h5.create_dataset(
            "layers/lstm/cell/vars/0", (3, 16), "f4", maxshape=(None, None), chunks=chunk, compression="gzip", fillvalue=1.0
        )
        packer = zlib.compressobj(9)
        packed = [packer.compress(bytes(2**20)) for _ in range(2**10)]
        one.id.write_direct_chunk((0, 0), b"".join([*packed, packer.flush()]))

    path = tmp_path / "bomb.weights.h5"
    path.write_bytes(changed_h5(bomb))
    assert path.stat().st_size < 2_000_000
    prepare = "import h5py; from lstm.keras_files.h5 import read_h5"
    size, said = cost(path, prepare, f"read_h5(data, {apart})")
    assert "compressed or not all in the file" in said
    assert size < (60e6 if apart else 20e6), size  # a process of its own has Python and HDF5 in it once more
    assert h5py


def test_reading_apart_finds_the_same_and_ends_in_a_sentence_when_its_process_dies(monkeypatch):
    data = write_keras_weights(built("both ways"))
    here, there = read_h5(data), read_h5(data, apart=True)
    assert here.texts == there.texts and here.arrays.keys() == there.arrays.keys()
    assert all(np.array_equal(here.arrays[path], there.arrays[path]) for path in here.arrays)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ValueError, match="the Keras file is damaged: its weights cannot be read"):
        read_h5(data, apart=True)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 10**6))
def test_flipped_bytes_and_cut_files_are_read_or_refused_in_a_sentence(flips, cut):
    for whole in (write_keras_weights(built("numbers")), FIXED):
        data = bytearray(whole[: cut % len(whole)] if cut % 3 == 0 else whole)
        for place, value in flips:
            if data:
                data[place % len(data)] = value
        for read in (read_keras, lambda b: read_any_keras(b, built("numbers")), weights_alone):
            try:
                read(bytes(data))
            except ValueError as error:
                assert type(error) is ValueError and "\n" not in str(error) and len(str(error)) < 300


FIXED = write_keras(built("reader"))


# Settings and ways through the layers that nobody knows -----------------------------------------------------------
def wrapped(number: int, kind: str, **settings):
    def edit(config):
        inner = config["config"]["layers"][number]
        config["config"]["layers"][number] = {
            "module": "keras.layers", "class_name": kind, "config": {"name": "outer", "layer": inner, **settings}, "registered_name": None,
        }  # fmt: skip

    return edit


def inserted(number: int, kind: str, **settings):
    one = {"module": "keras.layers", "class_name": kind, "config": {"name": "new", **settings}, "registered_name": None}
    return lambda config: config["config"]["layers"].insert(number, one)


UNKNOWN = {
    "a setting of tomorrow": (layer(2, peepholes=True), "layer lstm has peepholes='True', a setting that the lab does not know"),
    "a merge": (wrapped(3, "Bidirectional", merge_mode="ave"), "layer outer has merge_mode='ave', which the lab's Bidirectional lacks"),
    "half precision": (layer(2, dtype={"module": "keras", "class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}), "computes in .*mixed_float16"),
    "a layer repeated": (wrapped(4, "TimeDistributed"), "repeats a 'Dropout' at each step; the lab repeats Dense"),
    "an activation after an LSTM": (inserted(4, "Activation", activation="relu"), "'relu' of layer new stands after no linear Dense layer"),
    "a mask in the middle": (inserted(3, "Masking", mask_value=0.0), "masks in the middle of the network"),
    "states put out": (layer(2, return_state=True), "has return_state='True'"),
    "noise of one shape": (layer(4, noise_shape=[1, 2]), "has noise_shape="),
    "true where a number belongs": (layer(2, use_bias="no"), "has use_bias='no'"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN)
def test_settings_that_the_lab_does_not_know_are_refused_by_name(name):
    edit, sentence = UNKNOWN[name]
    with pytest.raises(ValueError, match=sentence):
        read_keras(archive(edit=edit))


def test_activations_of_their_own_and_dense_layers_repeated_are_the_labs_dense():
    edits = (inserted(6, "Activation", activation="linear"), layer(5, activation="linear"), inserted(6, "Softmax", axis=-1))
    data = archive(edit=lambda config: [edit(config) for edit in edits])
    np.testing.assert_array_equal(read_keras(data).model.predict(example("reader")), built("reader").predict(example("reader")))
    assert [kind for kind, _ in read_keras(data).layers] == ["Embedding", "LSTM", "LSTM", "Dropout", "Dense", "Softmax", "Activation"]


FUNCTIONAL = """
import sys
import keras
from keras import layers, ops
folder = sys.argv[1]
i = keras.Input((4,), dtype="int32")
e = layers.Embedding(9, 3, mask_zero=True)(i)
a = layers.LSTM(2, return_sequences=True)(e)
def save(name, o, given=i):
    keras.Model(given, o).save(f"{folder}/{name}.keras")
save("masked", layers.Dense(2)(layers.LSTM(2)(a)))
save("two outputs", [layers.Dense(1)(a), a])
save("an output in the middle", a)
save("dropout always", layers.Dense(1)(layers.Dropout(0.5)(a, training=True)))
save("another mask", layers.LSTM(2)(a, mask=ops.not_equal(i, 3)))
save("a state", layers.LSTM(2)(a, initial_state=[layers.Dense(2)(ops.mean(a, 1)), layers.Dense(2)(ops.mean(a, 1))]))
shared = layers.Dense(2)
save("a layer twice", shared(shared(a)))
f = keras.Input((4, 2))
save("masking", layers.Dense(1)(layers.LSTM(3)(layers.Masking(-1.0)(f))), f)
"""


def test_ways_through_the_layers_of_functional_models(tmp_path):
    keras_runs("-c", FUNCTIONAL, str(tmp_path))
    said = {}
    for path in tmp_path.glob("*.keras"):
        try:
            said[path.stem] = read_keras(path.read_bytes()).layers
        except ValueError as error:
            said[path.stem] = str(error)
    assert said["masked"] == (("Embedding", 27), ("LSTM", 48), ("LSTM", 40), ("Dense", 6))
    assert said["masking"] == (("Masking", 0), ("LSTM", 72), ("Dense", 4))
    assert said["an output in the middle"] == (("Embedding", 27), ("LSTM", 48))  # it is the last layer of those saved
    assert "output is not that of its last layer alone" in said["two outputs"]
    assert "is called with training='True'" in said["dropout always"]
    assert "is called with mask=" in said["another mask"]
    assert "branch" in said["a state"] or "is called with" in said["a state"]
    assert "branch" in said["a layer twice"]


def test_convert_takes_and_gives_weights_alone(tmp_path, capsys):
    from lstm.cli import main

    model = built("reader")
    (tmp_path / "m.keras").write_bytes(write_keras(model))
    (tmp_path / "m.weights.h5").write_bytes(write_keras_weights(model))
    source, target, network = (str(tmp_path / name) for name in ("m.weights.h5", "m.npz", "m.keras"))
    assert main(["convert", source, target]) == 2
    assert "holds weights alone" in (said := capsys.readouterr().err) and "--into NETWORK" in said
    assert main(["convert", source, target, "--into", network]) == 0
    np.testing.assert_array_equal(load_model(target).predict(example("reader")), model.predict(example("reader")))
    assert main(["convert", network, str(tmp_path / "back.weights.h5")]) == 0
    expected = (("Dense", 12), ("Embedding", 80), ("LSTM", 96), ("LSTM", 180))
    assert weights_alone((tmp_path / "back.weights.h5").read_bytes()) == expected
