"""Keras's own files, `.keras` and `.weights.h5`, read and written without Keras.

A `.keras` file is a zip archive of `config.json` (the layers), `metadata.json` and `model.weights.h5` (the weights, one
group a layer). All of it is data and is read as data: no class is looked up by name, nothing is imported, unpickled or
called because a file says so. What is in the archive, and how large, is checked before anything is unpacked.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np

from lstm.bidirectional import Bidirectional
from lstm.layers import ACTIVATIONS, Dense, Dropout, Embedding, Layer, OneHot
from lstm.model import Sequential
from lstm.recurrent import LSTM, Recurrent, SimpleRNN

from .layers import keras_settings

MAX_FILE = 64 * 2**20
"""Bytes of a file, packed and unpacked."""
MAX_LAYERS = 32
MAX_WEIGHTS = 8_000_000
MEMBERS = {"config.json": 2**20, "metadata.json": 2**16, "model.weights.h5": MAX_FILE}
KNOWN = ("Embedding", "LSTM", "SimpleRNN", "Bidirectional", "Dense", "Dropout")
NOT_KERAS = "this is not a Keras file (.keras, as model.save writes it)"
WANTED = f"the lab has {', '.join(KNOWN[:-1])} and {KNOWN[-1]}"
_H5 = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class KerasFile:
    """What a `.keras` file holds: the network, and what to know about it."""

    model: Sequential
    keras_version: str
    notes: tuple[str, ...] = field(default=())


def read_keras(data: bytes) -> KerasFile:
    """The network in the bytes of a `.keras` file.

    Raises
    ------
    ValueError
        One sentence, if it is no such file, is damaged or huge, holds code, or a layer or setting that the lab lacks.
    """
    if len(data) > MAX_FILE:
        raise ValueError(f"the file has {len(data) / 2**20:.0f} MB; at most {MAX_FILE // 2**20} MB are read")
    if data[:8] == _H5:
        raise ValueError(
            "this file holds weights alone (.weights.h5): load it into a network of the same layers, or save the whole model "
            "as .keras"
        )
    try:
        members = _unpack(data)
        config, metadata = (json.loads(members[name]) for name in ("config.json", "metadata.json"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("the Keras file is damaged: its settings cannot be read") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{NOT_KERAS}, or it is damaged") from error
    _refuse_code(config)
    try:
        notes: list[str] = []
        input_shape, chain = _chain(config)
        layers = [_layer(one, notes) for one in chain]
        model = Sequential(layers)
        _check_size(model, input_shape)
        model._build(input_shape, draw=False)
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError("the Keras file is damaged: its settings are not those of a Keras model") from error
    model.set_weights(_weights(members["model.weights.h5"], model))
    model.compile("adam", _loss(layers[-1]))
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    return KerasFile(model, str(version)[:20], tuple(dict.fromkeys(notes)))


def read_keras_weights(data: bytes, model: Sequential) -> None:
    """Put the weights of a `.weights.h5` file into a built model of the same layers; the model is left alone if they don't fit.

    Raises
    ------
    ValueError
        One sentence, if the file is no such file or holds other weights.
    """
    if len(data) > MAX_FILE:
        raise ValueError(f"the file has {len(data) / 2**20:.0f} MB; at most {MAX_FILE // 2**20} MB are read")
    model.set_weights(_weights(data, model))


def write_keras(model: Sequential) -> bytes:
    """The bytes of a `.keras` file that Keras 3 opens with `keras.models.load_model`. `OneHot` becomes a fixed `Embedding`."""
    layers = [_input(model)]
    shape: tuple[int | None, ...] = model.input_shape
    for layer, key in zip(model.layers, _keys(model.layers)):
        layers.append(_described(layer, key, shape))
        shape = layer.output_shape(shape)
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "lstm_lab", "trainable": True, "dtype": model.dtype, "layers": layers},
        "registered_name": None,
        "build_config": {"input_shape": list(model.input_shape)},
    }
    metadata = {"keras_version": _keras_version(), "date_saved": datetime.now(UTC).strftime("%Y-%m-%d@%H:%M:%S")}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", json.dumps(metadata))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", write_keras_weights(model))
    return file.getvalue()


def write_keras_weights(model: Sequential) -> bytes:
    """The bytes of a `.weights.h5` file, for `load_weights` of a Keras model of the same layers."""
    file = io.BytesIO()
    with _h5py().File(file, "w") as h5:
        h5.create_group("vars").attrs["name"] = "lstm_lab"
        for layer, key in zip(model.layers, _keys(model.layers)):
            h5.create_group(f"layers/{key}/vars").attrs["name"] = key
            for path, weights in _groups(layer, f"layers/{key}"):
                group = h5.require_group(path)
                for k, weight in enumerate(weights):
                    group.create_dataset(str(k), data=weight)
    return file.getvalue()


# Reading --------------------------------------------------------------------------------------------------------
def _unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {member.filename: member for member in archive.infolist()}
        if missing := [name for name in MEMBERS if name not in found]:
            raise ValueError(f"{NOT_KERAS}: it has no {missing[0]}")
        if more := [name for name in found if name not in MEMBERS and not name.startswith("assets/")]:
            raise ValueError(f"{NOT_KERAS}: it also holds {more[0][:60]!r}")
        for name, most in MEMBERS.items():
            if found[name].file_size > most:
                raise ValueError(f"the Keras file's {name} unpacks to more than {most / 2**20:.3g} MB, the limit")
        unpacked = {}
        for name, most in MEMBERS.items():
            with archive.open(name) as member:  # what the archive says of its sizes need not be true
                unpacked[name] = member.read(most + 1)
            if len(unpacked[name]) > most:
                raise ValueError(f"the Keras file's {name} unpacks to more than {most / 2**20:.3g} MB, the limit")
        return unpacked


def _inside(part: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in `part`, itself included."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _refuse_code(config: Any) -> None:
    """Raise ValueError for anything that is code, or asks for a class from outside Keras."""
    for one in _inside(config):
        kind = one.get("class_name")
        if kind in ("Lambda", "__lambda__"):
            raise ValueError("the Keras file holds a Lambda layer, which is code: the lab never runs what was uploaded")
        module, registered = one.get("module"), one.get("registered_name")
        if isinstance(registered, str) and registered not in (kind, f"keras>{kind}") and ">" in registered:
            raise ValueError(f"the Keras file needs code of its own ({registered[:40]!r}): the lab never runs what was uploaded")
        if isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins"):
            raise ValueError(f"the Keras file needs code from {module[:40]!r}: the lab never runs what was uploaded")


def _chain(config: Any) -> tuple[tuple[int | None, ...], list[dict[str, Any]]]:
    """The shape of the input, and the layers' descriptions from first to last."""
    kind = config.get("class_name") if isinstance(config, dict) else None
    if kind not in ("Sequential", "Functional"):
        raise ValueError(
            f"the Keras file holds a {str(kind)[:40]!r}; the lab reads Sequential models, and Functional ones that are a chain"
        )
    layers = config["config"]["layers"]
    if not isinstance(layers, list) or not 1 < len(layers) <= MAX_LAYERS + 1:
        raise ValueError(f"the network must have 1 to {MAX_LAYERS} layers")
    if layers[0]["class_name"] != "InputLayer":
        raise ValueError("the Keras model does not know its input's shape yet: build it before saving it")
    if kind == "Functional":
        for before, layer in pairwise(layers):
            nodes = layer["inbound_nodes"]
            came_from = {
                one["config"]["keras_history"][0] for one in _inside(nodes) if one.get("class_name") == "__keras_tensor__"
            }
            if len(nodes) != 1 or came_from != {before["config"]["name"]}:
                raise ValueError("the Keras model's layers branch; the lab reads those that follow each other in a chain")
    shape = layers[0]["config"].get("batch_shape") or layers[0]["config"].get("batch_input_shape")
    if not isinstance(shape, list) or not 2 <= len(shape) <= 3:
        raise ValueError(f"the lab reads inputs of shape (batch, time) or (batch, time, features), got {str(shape)[:60]}")
    for n in shape:
        if n is not None and (isinstance(n, bool) or not isinstance(n, int) or not 0 < n <= 1_000_000):
            raise ValueError(f"the input's shape {str(shape)[:60]} is not one of positive integers")
    return (None, *shape[1:]), layers[1:]


def _layer(described: dict[str, Any], notes: list[str]) -> Layer:
    kind, config = described["class_name"], described["config"]
    name = str(config.get("name"))[:40]
    if kind not in KNOWN:
        raise ValueError(f"the Keras file has a layer {str(kind)[:40]!r} ({name}); {WANTED}")
    if kind == "Embedding":
        return Embedding(config["input_dim"], config["output_dim"], bool(config.get("mask_zero", False)))
    if kind == "Dropout":
        return Dropout(config["rate"])
    if kind == "Dense":
        if config.get("activation", "linear") not in ACTIVATIONS:
            raise ValueError(f"the activation {str(config['activation'])[:40]!r} of layer {name} is none of the lab's")
        _without_bias(config, name, notes)
        return Dense(config["units"], config.get("activation"))
    if kind == "Bidirectional":
        if config.get("merge_mode", "concat") != "concat":
            raise ValueError(f"layer {name} joins its directions by {str(config['merge_mode'])[:20]!r}; the lab's does by 'concat'")
        return Bidirectional(_layer(config["layer"], notes))
    wrong = {
        "recurrent_activation": ("sigmoid", None), "go_backwards": (False, None), "return_state": (False, None),
        "activation": ("tanh", "relu") if kind == "LSTM" else ("tanh",),
    }  # fmt: skip
    for setting, fine in wrong.items():
        if config.get(setting, fine[0]) not in fine:
            raise ValueError(f"layer {name} has {setting}={str(config[setting])[:20]!r}, which the lab's {kind} lacks")
    _without_bias(config, name, notes)
    if config.get("dropout") or config.get("recurrent_dropout"):
        notes.append(f"The dropout inside {name} matters in training alone and is left out.")
    if config.get("zero_output_for_mask") and not config.get("name", "").startswith(("forward_", "backward_")):
        notes.append(f"{name} puts out zeros at masked steps; the lab's repeats the output before.")
    if config.get("stateful"):
        notes.append(f"{name} was stateful; here each sequence starts from zeros.")
    if kind == "SimpleRNN":
        return SimpleRNN(config["units"], return_sequences=bool(config.get("return_sequences", False)))
    return LSTM(
        config["units"], config.get("activation", "tanh"), return_sequences=bool(config.get("return_sequences", False))
    )  # fmt: skip


def _without_bias(config: dict[str, Any], name: str, notes: list[str]) -> None:
    if not config.get("use_bias", True):
        notes.append(f"{name} has no bias; the lab's has one of zeros.")


def _check_size(model: Sequential, shape: tuple[int | None, ...]) -> None:
    """Raise ValueError if the layers don't fit each other, or have more weights than are read."""
    if model.layers[0].takes_ids != (len(shape) == 2):
        raise ValueError("the network must begin with an Embedding of (batch, time), or take (batch, time, features)")
    total = 0
    for layer in model.layers:
        total += sum(int(np.prod([int(n) for n in size], dtype=object)) for size in layer.weight_shapes(shape).values())
        if total > MAX_WEIGHTS:
            raise ValueError(f"the network has over {MAX_WEIGHTS:,} weights, the limit")
        shape = layer.output_shape(shape)


def _loss(last: Layer) -> str:
    activation = last.activation if isinstance(last, Dense) else None
    return {"softmax": "sparse_categorical_crossentropy", "sigmoid": "binary_crossentropy"}.get(activation, "mse")


def _weights(data: bytes, model: Sequential) -> list[np.ndarray]:
    """All weights of `model`'s layers from an HDF5 file, in the order of `set_weights`."""
    h5py = _h5py()
    if data[:8] != _H5:
        raise ValueError("this is not a file of Keras weights (.weights.h5)")
    weights: list[np.ndarray] = []
    try:
        with h5py.File(io.BytesIO(data), "r") as h5:
            for layer, key in zip(model.layers, _keys(model.layers)):
                if isinstance(layer, OneHot):  # in the file it is a matrix with ones on its diagonal
                    continue
                for path, expected in _groups(layer, f"layers/{key}"):
                    weights += [_dataset(h5, f"{path}/{k}", like, k) for k, like in enumerate(expected)]
    except (OSError, RuntimeError, KeyError) as error:
        raise ValueError("the Keras file is damaged: its weights cannot be read") from error
    return weights


def _dataset(h5: Any, path: str, like: np.ndarray, number: int) -> np.ndarray:
    """One weight, if it is a plain array of the right shape that lies in this very file."""
    found = h5.get(path)
    if found is None and number == 2:
        return np.zeros(like.shape, like.dtype)  # a recurrent layer without bias
    if found is None and number == 1 and like.ndim == 1:
        return np.zeros(like.shape, like.dtype)  # a dense layer without bias
    if found is None or not hasattr(found, "shape"):
        raise ValueError(f"the Keras file has no weight {path!r}: its layers are not those of this network")
    if found.shape != like.shape:
        raise ValueError(f"the weight {path!r} has the shape {found.shape}; this network needs {like.shape}")
    if found.dtype.kind != "f" or found.external or found.is_virtual or found.file.filename != h5.filename:
        raise ValueError(f"the weight {path!r} is not a plain array of floating-point numbers")
    value = found[()]
    if not np.isfinite(value).all():
        raise ValueError(f"the weight {path!r} holds numbers that are not finite")
    return value


# What both directions share -------------------------------------------------------------------------------------
def _keys(layers: list[Layer]) -> list[str]:
    """Keras's names of the layers' groups: the class in snake case, numbered from the second on."""
    seen: Counter[str] = Counter()
    keys = []
    for layer in layers:
        kind = "Embedding" if isinstance(layer, OneHot) else type(layer).__name__
        key = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", kind)).lower()
        keys.append(f"{key}_{seen[key]}" if seen[key] else key)
        seen[key] += 1
    return keys


def _stored(layer: Layer) -> list[np.ndarray]:
    """The weights as Keras's layer has them."""
    return [np.eye(layer.depth, dtype=np.float32)] if isinstance(layer, OneHot) else layer.get_weights()


def _groups(layer: Layer, path: str) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Where in the HDF5 file the weights of a layer stand."""
    weights = _stored(layer)
    if isinstance(layer, Bidirectional):
        half = len(weights) // 2
        yield f"{path}/forward_layer/cell/vars", weights[:half]
        yield f"{path}/backward_layer/cell/vars", weights[half:]
    elif isinstance(layer, Recurrent):
        yield f"{path}/cell/vars", weights
    else:
        yield f"{path}/vars", weights


def _input(model: Sequential) -> dict[str, Any]:
    dtype = "int32" if model.layers[0].takes_ids else model.dtype
    return {
        "module": "keras.layers", "class_name": "InputLayer", "registered_name": None,
        "config": {"batch_shape": list(model.input_shape), "dtype": dtype, "name": "input"},
    }  # fmt: skip


def _described(layer: Layer, key: str, shape: tuple[int | None, ...]) -> dict[str, Any]:
    """A layer as `config.json` describes it."""
    config: dict[str, Any] = {"name": key, "trainable": True}
    kind = type(layer).__name__
    if isinstance(layer, OneHot):
        kind = "Embedding"
        config |= {"trainable": False, "input_dim": layer.depth, "output_dim": layer.depth, "mask_zero": False}
    elif isinstance(layer, Bidirectional):
        config |= {"merge_mode": "concat", "layer": _described(layer.directions["forward"], f"{key}_one", shape)}
    else:
        config |= keras_settings(layer)
    return {
        "module": "keras.layers", "class_name": kind, "config": config, "registered_name": None,
        "build_config": {"input_shape": list(shape)},
    }  # fmt: skip


def _keras_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("keras")
    except PackageNotFoundError:
        return "3.0.0"  # the first of this format


def _h5py() -> Any:
    try:
        import h5py
    except ImportError:
        raise ValueError("h5py is needed to read and write Keras's files: pip install h5py adds it (Keras brings it along)") from None
    return h5py
