"""Model files: the round trip, and every kind of file that is not one. Only `ValueError` may come out, with a sentence."""

from __future__ import annotations

import io
import json
import pickle
import struct
import sys
import zipfile
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm import LSTM, SGD, Adam, Dense, Dropout, Embedding, OneHot, Sequential, SimpleRNN, load_model, storage


def a_model(**options) -> Sequential:
    model = Sequential(
        [OneHot(4), LSTM(3, return_sequences=True), Dropout(0.25), Dense(4, "softmax")], seed=5, **options
    )
    model.compile(Adam(0.02, clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((None, None))
    model.metadata = {
        "lesson": "text",
        "vocabulary": {"kind": "characters", "tokens": ["a", "é", "\n", "z"]},
        "figures": [1.5, None],
    }
    return model


FILE = storage.model_bytes(a_model())


def parts(data: bytes = FILE) -> tuple[dict, dict[str, np.ndarray]]:
    with np.load(io.BytesIO(data)) as arrays:
        return json.loads(arrays["config"].tobytes()), {n: arrays[n] for n in arrays.files if n != "config"}


def packed(config, weights: dict[str, np.ndarray] | None = None) -> bytes:
    """A file with this JSON value as its settings."""
    text = config if isinstance(config, bytes) else json.dumps(config).encode()
    file = io.BytesIO()
    np.savez(file, config=np.frombuffer(text, np.uint8), **(parts()[1] if weights is None else weights))
    return file.getvalue()


def changed(**fields) -> bytes:
    return packed({**parts()[0], **fields})


def refused(data: bytes, *words: str) -> None:
    with pytest.raises(ValueError) as caught:
        load_model(data)
    sentence = str(caught.value)
    assert type(caught.value) is ValueError and "\n" not in sentence and len(sentence) < 300
    for word in words:
        assert word in sentence, sentence


# --- the round trip -------------------------------------------------------------------------------------------------

layer_stacks = st.sampled_from(
    [
        lambda: ([OneHot(5), LSTM(3, return_sequences=True, stateful=True), Dense(5, "softmax")], (None, None)),
        lambda: ([Embedding(5, 2, mask_zero=True), LSTM(3), Dropout(0.5), Dense(1, "sigmoid")], (None, 4)),
        lambda: ([SimpleRNN(3, return_sequences=True), LSTM(2, activation="relu", unit_forget_bias=False), Dense(2)], (None, 4, 2)),
        lambda: ([Dense(3, "tanh"), Dense(2, "linear", kernel_initializer="he_normal")], (8, 2)),
        lambda: ([LSTM(2, kernel_initializer="small_normal", recurrent_initializer="glorot_normal")], (None, None, 3)),
    ]
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
optimizers = st.sampled_from(
    [
        None,
        "sgd",
        "adagrad",
        "rmsprop",
        lambda: SGD(0.3, momentum=0.5, clipvalue=1.0),
        lambda: Adam(0.1, 0.8, global_clipnorm=2.0),
    ]
)


@settings(max_examples=40)
@given(stack=layer_stacks, seed=st.integers(0, 2**40), dtype=st.sampled_from(["float32", "float64"]), optimizer=optimizers,
       metadata=st.dictionaries(st.text(max_size=6), json_values, max_size=3))  # fmt: skip
def test_round_trip(stack, seed, dtype, optimizer, metadata) -> None:
    layers, shape = stack()
    model = Sequential(layers, seed=seed, dtype=dtype)
    if optimizer is not None:
        optimizer = optimizer() if callable(optimizer) else optimizer
        last = getattr(layers[-1], "activation", None)
        loss = {"softmax": "sparse_categorical_crossentropy", "sigmoid": "binary_crossentropy"}.get(last, "mse")
        model.compile(optimizer, loss, metrics=["accuracy"] if loss != "mse" else None)
    model.build(shape)
    model.metadata = metadata
    again = load_model(storage.model_bytes(model))
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    for name in ("seed", "dtype", "input_shape", "output_shape", "loss", "metrics", "metadata"):
        assert getattr(again, name) == getattr(model, name), name
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in layers]
    assert [layer.get_config() for layer in again.layers] == [layer.get_config() for layer in layers]
    assert [layer.name for layer in again.layers] == [layer.name for layer in layers]
    configs = [m.optimizer.get_config() if m.optimizer else None for m in (model, again)]
    assert configs[0] == configs[1]
    assert storage.model_bytes(again) == storage.model_bytes(model)


def test_a_loaded_model_predicts_and_trains_like_the_saved_one(tmp_path) -> None:
    model, x = a_model(), np.random.default_rng(0).integers(0, 4, (3, 6))
    model.save(tmp_path / "model.npz")
    again = load_model(tmp_path / "model.npz")
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    assert [again.train_on_batch(x, x) for _ in range(3)] == [model.train_on_batch(x, x) for _ in range(3)]


def test_paths_bytes_and_open_files(tmp_path) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(FILE)
    with open(path, "rb") as file:
        models = [
            load_model(s) for s in (path, str(path), FILE, bytearray(FILE), memoryview(FILE), io.BytesIO(FILE), file)
        ]
    assert all(np.array_equal(m.weights_vector, models[0].weights_vector) for m in models)
    file = io.BytesIO()
    a_model().save(file)
    np.testing.assert_array_equal(load_model(file.getvalue()).weights_vector, models[0].weights_vector)


def test_the_file_is_an_archive_of_plain_arrays() -> None:
    with np.load(io.BytesIO(FILE), allow_pickle=False) as arrays:
        assert arrays.files == ["config", *(f"weight_{k:03d}" for k in range(5))]
        assert json.loads(arrays["config"].tobytes())["format"] == "lstm-lab model"


def test_loading_draws_no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """An orthogonal matrix as large as a file may ask for would take a minute."""
    monkeypatch.setattr("lstm.initializers.draw", lambda *_: pytest.fail("a weight was drawn"))
    load_model(FILE)


def test_what_cannot_be_saved() -> None:
    with pytest.raises(ValueError, match="the model has no weights to save yet"):
        Sequential([Dense(2)]).save(io.BytesIO())


# --- not a model ----------------------------------------------------------------------------------------------------


def test_no_such_file(tmp_path) -> None:
    for path in (tmp_path / "none.npz", tmp_path, str(tmp_path / "none.npz")):
        with pytest.raises(ValueError, match="there is no model file"):
            load_model(path)
    for source in (5, None, [1], io.StringIO("text")):
        with pytest.raises(ValueError, match="source must be a path, bytes or an open binary file, got"):
            load_model(source)


class Bomb:
    """Unpickling one is the end of the test run."""

    def __reduce__(self):
        return sys.exit, ("a pickle was opened",)


def archive(compression=zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as out:
        for name, content in members.items():
            out.writestr(name.replace("__", "."), content)
    return file.getvalue()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        bytes(1000),
        npy(np.ones(3)),
        json.dumps(parts()[0]).encode(),
        archive(readme__txt=b"a zip of something else"),
        archive(config__txt=b"{}"),
        archive(config=b"not an array"),
        archive(config__npy=b"not an array"),
        archive(config__npy=npy(np.ones(3))),
        archive(config__npy=npy(np.array("{}"))),
        packed(b"{"),
        packed(b"\xff\xfe"),
        packed(b"[" * 100_000),
        packed({}),
        packed([]),
        packed(None),
        packed({**parts()[0], "format": "keras"}),
    ],
)
def test_something_else(data: bytes) -> None:
    refused(data, "this is not a model file of LSTM Lab")


def test_empty() -> None:
    refused(b"", "not a model file", "it is empty")


def test_pickles_are_never_opened() -> None:
    refused(pickle.dumps(Bomb()), "not a model file")
    refused(npy(np.array([Bomb()], dtype=object)), "not a model file")
    config = npy(np.frombuffer(json.dumps(parts()[0]).encode(), np.uint8))
    for members in (
        {"config__npy": npy(np.array([Bomb()], dtype=object))},
        {"config__npy": config, "weight_000__npy": npy(np.array([Bomb()], dtype=object))},
    ):
        refused(archive(**members), "pickled objects", "the lab never opens those")


def test_truncated_anywhere() -> None:
    for length in range(1, len(FILE) - 1, 37):
        refused(FILE[:length], "breaks off" if length > 1 else "")


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(FILE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes(flips) -> None:
    data = bytearray(FILE)
    for place, value in flips:
        data[place] = value
    try:
        model = load_model(bytes(data))
    except ValueError as error:
        assert type(error) is ValueError and "model file" in str(error)
    else:  # a byte nobody reads, such as a date
        np.testing.assert_array_equal(model.weights_vector, load_model(FILE).weights_vector)


def test_a_wrong_checksum() -> None:
    data = bytearray(
        archive(zipfile.ZIP_STORED, config__npy=npy(np.frombuffer(json.dumps(parts()[0]).encode(), np.uint8)))
    )
    data[data.index(b"lstm-lab")] ^= 1
    refused(bytes(data), "damaged: a part of it fails its checksum")


def test_a_part_that_cannot_be_unpacked() -> None:
    data = bytearray(archive(config__npy=bytes(range(256)) * 40))
    start = data.index(b"config.npy") + len("config.npy")
    data[start : start + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(zlib.error):
        zipfile.ZipFile(io.BytesIO(data)).testzip()
    refused(bytes(data), "the model file is damaged")


# --- too large ------------------------------------------------------------------------------------------------------


def test_a_file_that_would_unpack_to_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive(config__npy=npy(np.zeros(11_000_000, np.uint8)))
    assert len(bomb) < 20_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    refused(bomb, "the model file is refused: it unpacks to more than 8.08 MB, the limit for a file of its size")


def test_an_archive_that_lies_about_its_size() -> None:
    data = bytearray(archive(config__npy=npy(np.zeros(100_000, np.uint8))))
    where = data.index(b"PK\x01\x02") + 24  # the uncompressed size in the central directory
    for size in (10, 2**31):
        data[where : where + 4] = struct.pack("<I", size)
        refused(bytes(data), "model file")


@pytest.mark.parametrize("shape", [(10**15,), (10**9, 10**9), (2**62,), (-5,), (10**30,)])
def test_an_array_that_declares_more_than_is_there(shape) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": shape})
    config = npy(np.frombuffer(json.dumps(parts()[0]).encode(), np.uint8))
    refused(archive(config__npy=config, weight_000__npy=header.getvalue() + bytes(64)), "the model file is damaged")


@settings(max_examples=100)
@given(st.text(max_size=40) | st.builds("{{'descr': {}, 'fortran_order': False, 'shape': {}, }}".format,
       st.sampled_from(["'<f4'", "'O'", "()", "[]", "[('a',)]", "('<f4', -1)", "('<f4', (2, -2))", "{}", "5", "'<U0'", "'V0'"]),
       st.sampled_from(["(3,)", "()", "(0,)", "(1.5,)", "(True,)", "3", "(-1, -3)", "(2**99,)", "(10**40,)", "('a',)"])))  # fmt: skip
def test_an_array_with_a_strange_header(header: str) -> None:
    text = header.encode("latin1", "replace")
    part = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(12)
    config = npy(np.frombuffer(json.dumps(parts()[0]).encode(), np.uint8))
    refused(archive(config__npy=config, weight_000__npy=part))
    refused(archive(config__npy=part))


def test_huge_layers_are_refused_before_memory_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sequential, "_build", lambda *_, **__: pytest.fail("memory was asked for"))
    layers = parts()[0]["layers"]
    for units in (10**6, 10**9, 10**30):
        for place, name in ((0, "depth"), (1, "units"), (3, "units")):
            one = [dict(layer) for layer in layers]
            one[place][name] = units
            refused(changed(layers=one), "damaged: its layers take", "and it holds 112")
    refused(changed(layers=[*layers, *[{"layer": "Dense", "units": 10**9}] * 2]), "its layers take")
    refused(changed(layers=[{"layer": "Dense", "units": 1}] * 33), "not a model file")


# --- JSON that is not what save writes ------------------------------------------------------------------------------


def test_another_lesson() -> None:
    assert load_model(FILE, lesson="text").metadata["lesson"] == "text"
    for data, found in (
        (FILE, "text"),
        (changed(metadata={}), None),
        (changed(metadata={"lesson": ["x" * 500]}), "['xxx"),
    ):
        with pytest.raises(ValueError) as caught:
            load_model(data, lesson="digits")
        assert "a model of the lesson 'digits' is needed" in str(caught.value) and str(found) in str(caught.value)
        assert len(str(caught.value)) < 200


def test_missing_fields() -> None:
    config = parts()[0]
    for field in config:
        refused(
            packed({k: v for k, v in config.items() if k != field}),
            "version None" if field == "version" else "not a model file",
        )


def test_another_version() -> None:
    refused(changed(version=2), "the model file has version 2; this lab reads version 1")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"dtype": "float16"}, "dtype must be"),
        ({"seed": -1}, "seed must be"),
        ({"seed": 1.5}, "seed must be"),
        ({"input_shape": None}, "damaged"),
        ({"input_shape": []}, "damaged"),
        ({"input_shape": [None, "a"]}, "input_shape"),
        ({"input_shape": [None, 0]}, "input_shape"),
        ({"input_shape": [None, None, 4]}, "OneHot expects an input of shape (batch, time)"),
        ({"layers": []}, "damaged"),
        ({"layers": ["LSTM"]}, "a layer is not described by its settings"),
        ({"layers": [[["layer", "LSTM"]]]}, "a layer is not described by its settings"),
        ({"layers": [{"units": 3}]}, "there is no layer 'None'"),
        ({"layers": [{"layer": "Lambda", "function": "os.system"}]}, "there is no layer 'Lambda'"),
        ({"layers": [{"layer": ["LSTM"], "units": 3}]}, "there is no layer"),
        ({"layers": [{"layer": "LSTM"}]}, "damaged"),
        ({"layers": [{"layer": "LSTM", "units": 3, "colour": "red"}]}, "damaged"),
        ({"layers": [{"layer": "LSTM", "units": "3"}]}, "units must be a positive integer, got '3'"),
        ({"layers": [{"layer": "Dense", "units": 3, "activation": ["tanh"]}]}, "activation must be"),
        ({"layers": [{"layer": "Dense", "units": 3, "kernel_initializer": {}}]}, "kernel_initializer must be"),
        ({"loss": "hinge"}, "loss must be one of"),
        ({"loss": ["mse"]}, "loss must be one of"),
        ({"loss": "mse"}, "accuracy needs a loss over classes"),
        ({"optimizer": None}, "damaged"),
        ({"optimizer": "adam"}, "damaged"),
        ({"optimizer": {}}, "damaged"),
        ({"optimizer": {"name": ["adam"]}}, "damaged"),
        ({"optimizer": {"name": "lion"}}, "optimizer must be one of"),
        ({"optimizer": {"name": "adam", "learning_rate": float("nan")}}, "learning_rate must be a positive number, got nan"),
        ({"optimizer": {"name": "adam", "learning_rate": "1"}}, "learning_rate must be a positive number"),
        ({"optimizer": {"name": "adam", "learning_rate": 1, "step": 5}}, "damaged"),
        ({"metrics": 5}, "damaged"),
        ({"metrics": ["f1"]}, "metrics may hold accuracy"),
        ({"metadata": None}, "not a model file"),
        ({"metadata": []}, "not a model file"),
    ],
)  # fmt: skip
def test_wrong_settings(fields, words: str) -> None:
    refused(changed(**fields), words)


def test_wrong_weights() -> None:
    config, weights = parts()

    def with_weights(**new) -> bytes:
        return packed(config, {**weights, **new})

    first = weights["weight_000"]
    refused(packed(config, {}), "its layers take 112 weights and it holds 0")
    refused(with_weights(weight_000=first[:2]), "its layers take 112 weights and it holds 88")
    refused(with_weights(weight_000=first.T), "expects kernel of shape (4, 12), got (12, 4)")
    refused(with_weights(weight_000=first.reshape(2, 24)), "expects kernel of shape (4, 12), got (2, 24)")
    refused(
        packed(config, {f"weight_{4 - k:03d}": w for k, w in enumerate(weights.values())}), "expects kernel of shape"
    )
    for value in (np.nan, np.inf):
        bad = first.copy()
        bad[1, 1] = value
        refused(with_weights(weight_000=bad), "some of its weights are not finite numbers")
    refused(with_weights(weight_000=np.full(first.shape, 1e300)), "some of its weights are not finite numbers")
    for kind in (first.astype(int), first.astype(complex), first.astype(str), np.zeros(3, [("a", "f4")])):
        refused(with_weights(weight_000=kind), "its weights are not floating-point numbers")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from([0, -1, 1, 2, 3, 4, 10**20, 1e308, "LSTM", "Dense", "tanh", "mse", "adam", "float32"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["layer", "units", "name", "activation", "learning_rate"]) | st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


def replaced(value, path: list, new):
    """`value` with what stands at `path` (each entry taken modulo what there is) exchanged for `new`."""
    if not path or not isinstance(value, (dict, list)) or not value:
        return new
    if isinstance(value, list):
        at = path[0] % len(value)
        return [*value[:at], replaced(value[at], path[1:], new), *value[at + 1 :]]
    key = list(value)[path[0] % len(value)]
    return {**value, key: replaced(value[key], path[1:], new)}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=200)
@given(path=st.lists(st.integers(0, 50), min_size=1, max_size=4), new=anything)
def test_any_json_in_any_place(path, new) -> None:
    """Either it still is a model, and one that works, or there is a sentence about the file."""
    try:
        model = load_model(packed(replaced(parts()[0], path, new)))
    except ValueError as error:
        assert type(error) is ValueError and "model file" in str(error) and "\n" not in str(error)
        assert len(str(error)) < 300
    else:
        assert model.predict(np.array([[0, 1, 2]])).shape == (1, 3, 4)
        assert load_model(storage.model_bytes(model)).metadata == model.metadata or "nan" in str(model.metadata)
