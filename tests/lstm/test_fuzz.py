"""Every reader of files, fed with what is nearly right: it reads it, or refuses it in one sentence of the lab's own.

The suite feeds each a few dozen files, `LSTM_LAB_FUZZ=2000 pytest tests/lstm/test_fuzz.py` 2,000.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import random
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from lstm import LSTM, Bidirectional, Dense, Embedding, Sequential, load_model, storage
from lstm.cli import app
from lstm.datasets.mnist import read_idx
from lstm.datasets.tables import read_table, series_of
from lstm.datasets.topics import read_labelled
from lstm.datasets.uploads import read_upload
from lstm.keras_files.files import write_keras, write_keras_weights
from lstm.lessons.keras.look import look_model
from lstm.loading import read_any_keras, read_keras

COUNT = int(os.environ.get("LSTM_LAB_FUZZ", "40"))
STRANGE: list[Any] = [
    None, True, -1, 0, 1, 7, 10**30, 1e308, float("inf"), float("nan"), 0.5, "", "LSTM", "../x", "\x00", "é" * 50, [], [None], [[]],
    [1, "a"], [2**40] * 3, {}, {"class_name": "LSTM"}, {"config": {}}, {"x": []},
]  # fmt: skip
WORDS = [
    "date", "value", "text", "label", "2024-01-01", "31.12.99", "1.024", "19,47", "(5)", "-999", "NaN", '"', "'", "=", "\ufeff", "\u2212",
    "जल", "中文", "\r", "#", "1e400", "Q1 2001", "12:00 AM", "I.2001", "x@y", "__label__a b", "sep=;", "\x00", "9" * 400, "a" * 70, "€ 3",
]  # fmt: skip


def _model() -> Sequential:
    model = Sequential([Embedding(9, 3, mask_zero=True), Bidirectional(LSTM(2)), Dense(2, "softmax")], seed=1)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((None, 5))
    model.metadata = {"lesson": "text", "vocabulary": {"kind": "characters", "tokens": list("abc")}, "split": [1, 2, 3]}
    return model


MODEL = _model()
KERAS, WEIGHTS, NPZ = write_keras(MODEL), write_keras_weights(MODEL), storage.model_bytes(MODEL)


def bytes_changed(data: bytes, rng: random.Random) -> bytes:
    """Some bytes flipped, cut out or repeated."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(changed) or 1)
        what = rng.random()
        if what < 0.6 and changed:
            changed[at] = rng.randrange(256)
        elif what < 0.8:
            del changed[at : at + rng.randint(1, 40)]
        else:
            changed[at:at] = changed[: rng.randint(1, 40)]
    return bytes(changed)


def json_changed(value: Any, rng: random.Random) -> Any:
    """JSON with one to three of its places replaced, renamed or left out."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.randint(1, 3)):
        places: list[tuple[Any, Any]] = []
        waiting = [value]
        while waiting:
            one = waiting.pop()
            keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else []
            places += [(one, key) for key in keys]
            waiting += [one[key] for key in keys]
        if not places:
            break
        inside, key = rng.choice(places)
        what = rng.random()
        if what < 0.7:
            inside[key] = rng.choice(STRANGE)
        elif what < 0.85:
            del inside[key]
        elif isinstance(inside, dict):
            inside[rng.choice(["units", "name", "new", "config"])] = inside.pop(key)
        else:
            inside.append(inside[key])
    return value


def zipped(data: bytes, name: str, edit: Callable[[bytes], bytes]) -> bytes:
    """An archive with one member edited."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, edit(old.read(member)) if member == name else old.read(member))
    return file.getvalue()


def an_npz(rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return bytes_changed(NPZ, rng)

    def edit(data: bytes) -> bytes:
        config = json_changed(json.loads(np.load(io.BytesIO(data)).tobytes()), rng)
        out = io.BytesIO()
        np.save(out, np.frombuffer(json.dumps(config).encode(), np.uint8))
        return out.getvalue()

    return zipped(NPZ, "config.npy", edit)


def a_keras(rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return bytes_changed(KERAS, rng)
    name = rng.choice(["config.json", "config.json", "config.json", "metadata.json", "model.weights.h5"])
    if name == "model.weights.h5":
        return zipped(KERAS, name, lambda data: h5_changed(data, rng))
    return zipped(KERAS, name, lambda data: json.dumps(json_changed(json.loads(data), rng)).encode())


def change(h5: h5py.File, name: str, rng: random.Random) -> None:
    """Leave out, move, replace or link a data set or group, or change one of its attributes."""
    what = rng.random()
    if what < 0.3:
        del h5[name]
    elif what < 0.5:
        h5.move(name, rng.choice(["vars", "layers/x", "new", f"{name}x"]))
    elif what < 0.65 and isinstance(h5[name], h5py.Dataset):
        del h5[name]
        h5[name] = rng.choice(
            [np.zeros(()), np.zeros((2, 2)), np.array([b"x"]), np.array([np.inf] * 4), np.zeros((0, 3))]
        )
    elif what < 0.75:
        del h5[name]
        h5[name] = (
            h5py.SoftLink(rng.choice(["/", "/nowhere", f"/{name}"])) if what < 0.7 else h5py.ExternalLink("x.h5", "/")
        )
    else:
        h5[name].attrs[rng.choice(["weight_names", "layer_names", "name", "odd"])] = rng.choice(
            [1, "x", b"x", np.zeros(3)]
        )


def h5_changed(data: bytes, rng: random.Random) -> bytes:
    """HDF5 with a data set or group left out, moved, or of another shape or type, and attributes changed."""
    file = io.BytesIO(data)
    with h5py.File(file, "r+") as h5:
        names: list[str] = []
        h5.visit(names.append)
        for name in rng.sample(names, rng.randint(1, 2)):
            with contextlib.suppress(KeyError, ValueError, RuntimeError):  # a change before made it unreachable
                change(h5, name, rng)
    return file.getvalue()


def an_h5(rng: random.Random) -> bytes:
    """A whole model of the older format, or weights alone."""
    if rng.random() < 0.4:
        data = WEIGHTS
    else:
        described: dict[str, Any] = {
            "class_name": "Sequential",
            "config": {"name": "sequential", "layers": [
                {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 5, 2], "dtype": "float32", "name": "input"}},
                {"class_name": "LSTM", "config": {"name": "lstm", "units": 2, "activation": "tanh", "recurrent_activation": "sigmoid"}},
            ]},
        }  # fmt: skip
        file = io.BytesIO()
        with h5py.File(file, "w") as h5:
            changed = json_changed(described, rng) if rng.random() < 0.7 else described
            h5.attrs["model_config"] = json.dumps(changed)
            weights = h5.create_group("model_weights")
            weights.attrs["layer_names"] = [b"input", b"lstm"]
            group = weights.create_group("lstm")
            shapes = {"kernel:0": (2, 8), "recurrent_kernel:0": (2, 8), "bias:0": (8,)}
            group.attrs["weight_names"] = [f"lstm/{name}".encode() for name in shapes]
            for name, shape in shapes.items():
                group[f"lstm/{name}"] = np.zeros(shape, np.float32)
        data = file.getvalue()
    return h5_changed(data, rng) if rng.random() < 0.7 else bytes_changed(data, rng)


def words(rng: random.Random, lines: int = 12) -> bytes:
    """Rows of what stands in tables and texts."""
    delimiter, width = rng.choice([",", ";", "\t", "|", "^", " ", " @ "]), rng.randint(1, 5)
    pool = [rng.choice(WORDS) for _ in range(5)] + [str(rng.randint(-9, 9_999)) for _ in range(4)]
    rows = [
        delimiter.join(rng.choice(pool) for _ in range(width if rng.random() < 0.95 else 9))
        for _ in range(rng.randint(1, lines))
    ]
    text = "\n".join(rows)
    data = text.encode(rng.choice(["utf-8", "utf-8", "utf-16", "utf-16-le", "cp1251", "cp932"]), "replace")
    return bytes_changed(data, rng) if rng.random() < 0.3 else data


def labelled_texts(rng: random.Random) -> bytes:
    """Rows with a text and a label, most of them sound."""
    form = rng.choice(
        [
            "{text},{label}",
            "{label}\t{text}",
            '"{text}",{label}',
            "{text}@{label}",
            "__label__{label} {text}",
            "{k};{text};{label}",
        ]
    )
    labels, pool = ["good", "bad", rng.choice([*WORDS, "so so"])], rng.sample(WORDS, 3)
    rows = [
        form.format(text=f"{rng.choice(pool)} number {k}", label=rng.choice(labels), k=k)
        for k in range(rng.randint(5, 60))
    ]
    data = "\n".join(rows).encode("utf-8", "replace")
    return bytes_changed(data, rng) if rng.random() < 0.3 else words(rng, 40) if rng.random() < 0.2 else data


def an_idx(rng: random.Random) -> bytes:
    dims = [rng.choice([0, 1, 3, 28, 2**31, 2**32 - 1]) for _ in range(rng.randint(0, 4))]
    head = struct.pack(">HBB", rng.choice([0, 0, 0, 1]), rng.choice([8, 8, 9, 13]), len(dims))
    data = head + b"".join(struct.pack(">I", d) for d in dims) + rng.randbytes(rng.choice([0, 3, 84, 784]))
    return rng.choice([gzip.compress(data), data, bytes_changed(gzip.compress(data), rng)])


def _table(data: bytes, path: Any) -> None:
    table = read_table(data, "it.csv")
    series_of(table, *table.suggested, interpolate=True, as_missing=True, average=True)


def _idx(data: bytes, path: Any) -> None:
    path.write_bytes(data)
    read_idx(path)


READERS: dict[str, tuple[Callable[[random.Random], bytes], Callable[[bytes, Any], Any]]] = {
    "tables": (words, _table),
    "topics": (labelled_texts, lambda data, _: read_labelled(data, "it.csv")),
    "texts": (words, lambda data, _: read_upload(data, "it.txt")),
    "npz": (an_npz, lambda data, _: load_model(data)),
    "keras": (a_keras, lambda data, _: read_keras(data)),
    "weights.h5": (lambda rng: h5_changed(WEIGHTS, rng), lambda data, _: read_any_keras(data, _model())),
    "h5": (an_h5, lambda data, _: read_any_keras(data, None, apart=True)),
    "idx": (an_idx, _idx),
}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.timeout(1800)
def test_what_is_nearly_right_is_read_or_refused_in_one_sentence(
    kind: str, tmp_path, caplog, record_testsuite_property
) -> None:
    make, read = READERS[kind]
    refused = 0
    for seed in range(COUNT):
        data = make(random.Random(seed))
        caplog.clear()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                read(data, tmp_path / "file")
        except (ValueError, OSError) as problem:
            refused += 1
            said = str(problem)
            assert type(problem).__module__.startswith(("lstm", "builtins")), (seed, problem)
            assert said and "\n" not in said and len(said) < 400, (seed, said)
        assert not [one for one in caplog.records if "nexpected" in one.message], (seed, caplog.text[-600:])
    record_testsuite_property(f"fuzz {kind}", f"{COUNT} files, {refused} refused")
    print(f"\n{kind}: {COUNT:,} files, {refused:,} refused in a sentence, {COUNT - refused:,} read")


def test_a_file_in_which_hdf5_goes_round_for_good_ends_in_a_sentence(tmp_path) -> None:
    data = an_h5(random.Random(75))
    (tmp_path / "round.h5").write_bytes(data)
    with pytest.raises(ValueError, match="the Keras file is damaged: its weights cannot be read"):
        look_model(tmp_path / "round.h5")


def test_arguments_of_the_notebook_command_end_in_a_notebook_or_a_sentence(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    rng = random.Random(0)
    lessons = ["digits", "forecast", "memory", "relatives", "sentiment", "text", "topics", "nothing", ""]
    options = [
        "--units",
        "--epochs",
        "--csv",
        "--text",
        "--seed",
        "--batch",
        "--learning-rate",
        "--look-back",
        "--odd",
        "-o",
        "--series",
    ]
    (tmp_path / "it.csv").write_bytes(b"a,b\n1,2\n")
    for _ in range(COUNT):
        given = [rng.choice(options) for _ in range(rng.randint(0, 3))]
        line = ["notebook", rng.choice(lessons)]
        for option in given:
            line += [
                option,
                rng.choice(["8", "-1", "nan", "1e9", "it.csv", "missing.csv", "x", "", "./no/where.ipynb"]),
            ]
        try:
            code = app.main(line)
        except SystemExit as end:  # argparse's own
            code = end.code
        said = capsys.readouterr()
        assert code in (0, 2), (line, code, said)
        assert code == 0 or "Traceback" not in said.err, (line, said.err)
