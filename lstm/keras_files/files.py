"""Keras's own files, `.keras`, `.weights.h5` and the older `.h5`, read without Keras; the first two written.

A `.keras` file is a zip archive of `config.json` (the layers), `metadata.json` and `model.weights.h5` (the weights, one
group a layer). A whole model in one `.h5` file, as Keras 2 wrote it, has the same description as an attribute. All of it
is data and is read as data: no class is looked up by name, nothing is imported, unpickled or called because a file says
so. What the description says is in `described.py`; what may be in an HDF5 file, and what it may cost, in `h5.py`.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np

from lstm.bidirectional import Bidirectional
from lstm.layers import Dense, Layer, OneHot
from lstm.optimizers import from_config
from lstm.recurrent import Recurrent
from lstm.stack import Stack
from lstm.untrusted import MAX_MEMBERS, Oversized, most_unpacked, one_sentence, read_member

from .described import Network, Part, network
from .h5 import DAMAGED, MAGIC, Contents, h5py_module, read_h5
from .layers import keras_settings, snake_case

MAX_FILE = 64 * 2**20
"""Bytes of a file, packed and unpacked."""
MAX_WEIGHTS = 8_000_000
MEMBERS = {"config.json": 2**20, "metadata.json": 2**16, "model.weights.h5": MAX_FILE}
NOT_KERAS = "this is not a Keras file (.keras, as model.save writes it)"
WEIGHTS_ALONE = (
    "this file holds weights alone (.weights.h5): load it into a network of the same layers, or save the whole model as .keras"
)

Format = Literal["keras", "h5", "weights.h5"]


@dataclass(frozen=True)
class KerasFile:
    """What a file holds that Keras wrote: the network, and what to know about it.

    layers : each of Keras's layers by its class, and how many numbers it has learnt
    """

    model: Stack
    keras_version: str
    notes: tuple[str, ...] = ()
    format: Format = "keras"
    layers: tuple[tuple[str, int], ...] = ()


def read_keras(kind: type[Stack], data: bytes, apart: bool = False) -> KerasFile:
    """The network in the bytes of a `.keras` file, or of a whole model in an `.h5` file.

    Parameters
    ----------
    kind : what to make of it: `lstm.Sequential`, for which `lstm.loading` has this function
    data : bytes
    apart : read weights in a process of its own, as a server does with what visitors upload

    Raises
    ------
    ValueError
        One sentence, if it is no such file, is damaged or huge, holds code, or a layer or setting that the lab lacks.
    """
    _check_size_of_file(data)
    with one_sentence("the Keras file is damaged: it cannot be read"):
        return _read_whole_h5(kind, read_h5(data, apart)) if data[:8] == MAGIC else _read_archive(kind, data, apart)


def read_keras_weights(data: bytes, model: Stack, apart: bool = False) -> None:
    """Put the weights of a `.weights.h5` file into a built model of the same layers; the model is left alone if they don't fit.

    The file has to hold all weights of the network and no others. The older form of such files is read too.

    Raises
    ------
    ValueError
        One sentence, if the file is no such file or holds other weights.
    """
    _check_size_of_file(data)
    if data[:8] != MAGIC:
        raise ValueError("this is not a file of Keras weights (.weights.h5)")
    with one_sentence(DAMAGED):
        model.set_weights(_weights(read_h5(data, apart), _parts(model), model))


def read_any_keras(kind: type[Stack], data: bytes, into: Stack | None = None, apart: bool = False) -> KerasFile:
    """The network in any file that Keras wrote; weights alone become a copy of the network `into` with these weights.

    Raises
    ------
    ValueError
        As `read_keras` and `read_keras_weights`; and for weights alone if there is no network for them.
    """
    if not data:
        raise ValueError(f"{NOT_KERAS}: it is empty")
    layers = weights_alone(data, apart)
    if layers is None:
        return read_keras(kind, data, apart)
    if into is None:
        raise ValueError(WEIGHTS_ALONE)
    model: Any = kind([type(layer)(**layer.get_config()) for layer in into.layers], seed=into.seed, dtype=into.dtype)
    model._build(into.input_shape, draw=False)
    read_keras_weights(data, model, apart)
    if into.loss is not None and into.optimizer is not None:
        model.compile(from_config(into.optimizer.get_config()), into.loss, metrics=into.metrics)
    model.metadata = dict(into.metadata)
    return KerasFile(model, "", (), "weights.h5", layers)


def weights_alone(data: bytes, apart: bool = False) -> tuple[tuple[str, int], ...] | None:
    """What a file of weights holds, a class of layer and a number of weights at a time, sorted; None for any other file.

    Such a file does not say in which order its layers stand.
    """
    _check_size_of_file(data)
    if data[:8] != MAGIC:
        return None
    with one_sentence(DAMAGED):
        found = read_h5(data, apart)
        if "model_config" in found.texts[""]:
            return None
        count: Counter[str] = Counter()
        for path, array in found.arrays.items():
            place = path.split("/")
            _finite(array, path, "float32")
            count[place[1] if place[0] == "layers" and len(place) > 2 else place[0]] += array.size
        kinds = ("LSTM", "GRU", "SimpleRNN", "Dense", "Embedding", "Bidirectional", "TimeDistributed")
        classes = {snake_case(kind): kind for kind in kinds}
        return tuple((classes.get(key.rstrip("0123456789").rstrip("_"), key), count[key]) for key in sorted(count))


def write_keras(model: Stack) -> bytes:
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


def write_keras_weights(model: Stack) -> bytes:
    """The bytes of a `.weights.h5` file, for `load_weights` of a Keras model of the same layers."""
    file = io.BytesIO()
    with h5py_module().File(file, "w") as h5:
        h5.create_group("vars").attrs["name"] = "lstm_lab"
        for layer, key in zip(model.layers, _keys(model.layers)):
            h5.create_group(f"layers/{key}/vars").attrs["name"] = key
            for path, weights in _groups(layer):
                group = h5.require_group(f"layers/{key}/{path}")
                for k, weight in enumerate(weights):
                    group.create_dataset(str(k), data=weight)
    return file.getvalue()


# Reading --------------------------------------------------------------------------------------------------------
def _check_size_of_file(data: bytes) -> None:
    if len(data) > MAX_FILE:
        raise ValueError(f"the file has {len(data) / 2**20:.0f} MB; at most {MAX_FILE // 2**20} MB are read")


def _read_archive(kind: type[Stack], data: bytes, apart: bool) -> KerasFile:
    try:
        members = _unpack(data)
        config, metadata = (json.loads(members[name]) for name in ("config.json", "metadata.json"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("the Keras file is damaged: its settings cannot be read") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{NOT_KERAS}, or it is damaged") from error
    described = _described_network(config)
    if members["model.weights.h5"][:8] != MAGIC:
        raise ValueError("this is not a file of Keras weights (.weights.h5)")
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    return _built(kind, described, read_h5(members["model.weights.h5"], apart), str(version)[:20], "keras")


def _read_whole_h5(kind: type[Stack], found: Contents) -> KerasFile:
    said = found.texts[""]
    if "model_config" not in said:
        raise ValueError(WEIGHTS_ALONE)
    try:
        config = json.loads(str(said["model_config"]))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError("the Keras file is damaged: its settings cannot be read") from error
    return _built(kind, _described_network(config), found, str(said.get("keras_version"))[:20], "h5")


def _described_network(config: Any) -> Network:
    try:
        return network(config)
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError("the Keras file is damaged: its settings are not those of a Keras model") from error


def _built(kind: type[Stack], described: Network, found: Contents, version: str, form: Format) -> KerasFile:
    """The network with its weights."""
    layers = [part.layer for part in described.parts if part.layer is not None]
    model: Any = kind(layers, dtype=described.dtype)
    _check_size(model, described.input_shape)
    model._build(described.input_shape, draw=False)
    model.set_weights(_weights(found, described.parts, model))
    model.compile("adam", _loss(layers[-1]))
    sizes = tuple((part.kind, _learnt(part)) for part in described.parts)
    return KerasFile(model, version, described.notes, form, sizes)


def _learnt(part: Part) -> int:
    """How many numbers Keras's layer has learnt: the lab's may have a bias of zeros besides."""
    return sum(math.prod(shape) for _, shapes in _slots(part) for shape in shapes)


def _unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {member.filename: member for member in archive.infolist()}
        if len(found) > MAX_MEMBERS or (lacking := [name for name in MEMBERS if name not in found]):
            raise ValueError(f"{NOT_KERAS}: it has no {lacking[0] if len(found) <= MAX_MEMBERS else 'end of parts'}")
        if more := [name for name in found if name not in MEMBERS and not name.startswith("assets/")]:
            raise ValueError(f"{NOT_KERAS}: it also holds {more[0][:60]!r}")
        unpacked = {}
        for name, most in MEMBERS.items():
            try:
                unpacked[name] = read_member(archive, found[name], most_unpacked(len(data), most))
            except Oversized:
                raise ValueError(f"the Keras file's {name} unpacks to more than a file of its size may") from None
        return unpacked


def _check_size(model: Stack, shape: tuple[int | None, ...]) -> None:
    """Raise ValueError if the layers don't fit each other, or have more weights than are read."""
    if model.layers[0].takes_ids != (len(shape) == 2):
        raise ValueError("the network must begin with an Embedding of (batch, time), or take (batch, time, features)")
    total = 0
    for layer in model.layers:
        total += sum(math.prod(int(n) for n in size) for size in layer.weight_shapes(shape).values())
        if total > MAX_WEIGHTS:
            raise ValueError(f"the network has over {MAX_WEIGHTS:,} weights, the limit")
        shape = layer.output_shape(shape)


def _loss(last: Layer) -> str:
    activation = last.activation if isinstance(last, Dense) else None
    return {"softmax": "sparse_categorical_crossentropy", "sigmoid": "binary_crossentropy"}.get(activation, "mse")


def _weights(found: Contents, parts: tuple[Part, ...], model: Stack) -> list[np.ndarray]:
    """All weights of `model`, in the order of `set_weights`. The file has to have these and no others."""
    with_weights = [part for part in parts if part.slots]
    legacy = next((group for group in ("model_weights", "") if "layer_names" in found.texts.get(group, {})), None)
    arrays = dict(found.arrays)
    weights: list[np.ndarray] = []
    names = _legacy_names(found, legacy, with_weights) if legacy is not None else None
    for k, part in enumerate(with_weights):
        every = [name for path, shapes in _slots(part) for name in (f"layers/{part.key}/{path}/{n}" for n in range(len(shapes)))]
        places = iter(every if names is None else names[k])
        for full, (_, shapes) in zip(_full(part), _slots(part)):
            taken = [_plain(arrays, next(places), shape, model.dtype) for shape in shapes]
            taken += [np.zeros(shape, model.dtype) for shape in full[len(shapes) :]]  # a layer without bias
            if isinstance(part.layer, OneHot):
                if not np.array_equal(taken[0], np.eye(part.layer.depth)):
                    raise ValueError("the Keras file has an embedding where this network has one-hot vectors")
                continue
            weights += taken
    if arrays:
        raise ValueError(f"the Keras file has a weight {sorted(arrays)[0][:80]!r} that this network lacks: its layers are others")
    return weights


def _legacy_names(found: Contents, group: str, parts: list[Part]) -> list[list[str]]:
    """Where the weights of each layer stand in the older kind of file, which says so layer by layer."""
    begin = f"{group}/" if group else ""
    names = []
    for layer in found.texts[group]["layer_names"]:
        own = found.texts.get(f"{begin}{layer}", {}).get("weight_names", [])
        if own:
            names.append([f"{begin}{layer}/{name}" for name in own])
    wanted = [sum(len(shapes) for _, shapes in _slots(part)) for part in parts]
    if [len(own) for own in names] != wanted:
        raise ValueError(
            f"the Keras file has weights for {len(names)} layers, {', '.join(str(len(own)) for own in names[:40])} in each; "
            f"this network needs {', '.join(map(str, wanted))}"
        )
    return names


def _plain(arrays: dict[str, np.ndarray], path: str, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """One weight, taken out of `arrays`, in the numbers of the network."""
    value = arrays.pop(path, None)
    if value is None:
        raise ValueError(f"the Keras file has no weight {path[:80]!r}: its layers are not those of this network")
    if value.shape != shape:
        raise ValueError(f"the weight {path[:80]!r} has the shape {value.shape}; this network needs {shape}")
    return _finite(value, path, dtype)


def _finite(value: np.ndarray, path: str, dtype: str) -> np.ndarray:
    """`value` in the numbers of the network, in which every one of it has to be finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        value = value.astype(dtype)
    if not np.isfinite(value).all():
        raise ValueError(f"the weight {path[:80]!r} holds numbers that are not finite in {dtype}")
    return value


def _full(part: Part) -> list[list[tuple[int, ...]]]:
    """The shapes of all weights of the lab's layer, slot by slot."""
    if isinstance(part.layer, OneHot):
        return [[(part.layer.depth, part.layer.depth)]]
    shapes = [part.layer.keras_shape(name) for name in part.layer.params]
    each = len(shapes) // max(len(part.slots), 1)
    return [shapes[k * each : (k + 1) * each] for k in range(len(part.slots))]


def _slots(part: Part) -> list[tuple[str, list[tuple[int, ...]]]]:
    """Where the weights of Keras's layer stand, and their shapes."""
    return [(path, full[:count]) for (path, count), full in zip(part.slots, _full(part))] if part.slots else []


def _parts(model: Stack) -> tuple[Part, ...]:
    """The layers of a network of the lab, as Keras would save them."""
    return tuple(
        Part(type(layer).__name__, layer.name, key, layer, tuple((path, len(weights)) for path, weights in _groups(layer)))
        for layer, key in zip(model.layers, _keys(model.layers))
    )


# What both directions share -------------------------------------------------------------------------------------
def _keys(layers: list[Layer]) -> list[str]:
    """Keras's names of the layers' groups: the class in snake case, numbered from the second on."""
    seen: Counter[str] = Counter()
    keys = []
    for layer in layers:
        key = snake_case("Embedding" if isinstance(layer, OneHot) else type(layer).__name__)
        keys.append(f"{key}_{seen[key]}" if seen[key] else key)
        seen[key] += 1
    return keys


def _groups(layer: Layer) -> list[tuple[str, list[np.ndarray]]]:
    """Where in its group the weights of a layer stand, as Keras's layer has them."""
    if isinstance(layer, OneHot):  # in the file it is a matrix with ones on its diagonal
        return [("vars", [np.eye(layer.depth, dtype=np.float32)])]
    weights = layer.get_weights()
    if isinstance(layer, Bidirectional):
        half = len(weights) // 2
        return [("forward_layer/cell/vars", weights[:half]), ("backward_layer/cell/vars", weights[half:])]
    if not weights:
        return []
    return [("cell/vars" if isinstance(layer, Recurrent) else "vars", weights)]


def _input(model: Stack) -> dict[str, Any]:
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
