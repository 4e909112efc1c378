"""Models in files: an .npz archive of plain arrays and one JSON text. Nothing in it is ever executed or unpickled.

A file may come from a stranger, so its size is looked at before it is unpacked, and everything in it is checked.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from . import optimizers
from .attention import SelfAttention
from .bidirectional import Bidirectional
from .gru import GRU
from .layers import Dense, Dropout, Embedding, Layer, Masking, OneHot
from .min_lstm import MinLSTM
from .recurrent import LSTM, SimpleRNN
from .stack import Stack
from .untrusted import MAX_MEMBERS, Oversized, most_unpacked, one_sentence, read_member

FORMAT = "lstm-lab model"
VERSION = 1
MAX_BYTES = 256 * 2**20
"""A file that is larger, or unpacks to more, is refused."""
LESSONS_RENAMED = {"recall": "memory"}
"""What lessons are called in files that were written earlier, and today."""
LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (Embedding, OneHot, Masking, LSTM, GRU, MinLSTM, SimpleRNN, SelfAttention, Bidirectional, Dense, Dropout)
}


def save_model(model: Stack, file: BinaryIO) -> None:
    """Write a built model into an open binary file."""
    if model.input_shape is None:
        raise ValueError("the model has no weights to save yet: build or train it first")
    config = {
        "format": FORMAT,
        "version": VERSION,
        "dtype": model.dtype,
        "seed": model.seed,
        "input_shape": list(model.input_shape),
        "layers": [layer_config(layer) for layer in model.layers],
        "optimizer": model.optimizer.get_config() if model.optimizer else None,
        "loss": model.loss,
        "metrics": model.metrics,
        "metadata": model.metadata,
    }
    text = np.frombuffer(json.dumps(config).encode(), dtype=np.uint8)
    arrays = {f"weight_{k:03d}": w for k, w in enumerate(model.get_weights())}
    np.savez_compressed(file, config=text, **arrays)  # type: ignore[arg-type]


def model_bytes(model: Stack) -> bytes:
    """The content of the file `save_model` writes, for a download."""
    file = io.BytesIO()
    save_model(model, file)
    return file.getvalue()


def read_model(kind: type[Stack], source: str | Path | bytes | BinaryIO, lesson: str | None = None) -> Stack:
    """Read a model that `save_model` wrote, as a `kind`: see `lstm.loading`.

    Parameters
    ----------
    source : a path, the file's bytes, or an open binary file
    lesson : if given, the file's metadata must name this lesson

    Raises
    ------
    ValueError
        If the file is missing, is not a model file, is damaged, too large, or belongs to another lesson.
    """
    if isinstance(source, (str, Path)):
        path = Path(source)
        if not path.is_file():
            raise ValueError(f"there is no model file {str(path)!r}")
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"{str(path)!r} is larger than {MAX_BYTES // 2**20} MB, the limit")
        source = path.read_bytes()
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif not hasattr(source, "read") or not isinstance(data := source.read(), bytes):
        raise ValueError(f"source must be a path, bytes or an open binary file, got {type(source).__name__}")
    with one_sentence("the model file is damaged: its settings are not those of a model"):
        return _model(kind, data, lesson)


def _model(kind: type[Stack], data: bytes, lesson: str | None) -> Stack:
    config, weights = _read(data)
    found = config["metadata"].get("lesson")
    if isinstance(found, str) and found in LESSONS_RENAMED:
        found = config["metadata"]["lesson"] = LESSONS_RENAMED[found]
    if lesson is not None and found != lesson:
        raise ValueError(f"this model belongs to the lesson {str(found)[:40]!r}; a model of the lesson {lesson!r} is needed")
    try:
        model: Any = kind([layer_from_config(one) for one in config["layers"]], seed=config["seed"], dtype=config["dtype"])
        expected = _total_size(model, config["input_shape"])
        if expected != sum(w.size for w in weights):
            raise ValueError(f"its layers take {expected:,} weights and it holds {sum(w.size for w in weights):,}")
        model._build(tuple(config["input_shape"]), draw=False)
        with np.errstate(over="ignore"):  # too large for float32: found below
            model.set_weights(weights)
        if config["loss"] is not None:
            model.compile(optimizers.from_config(config["optimizer"]), config["loss"], metrics=config["metrics"])
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        reason = " ".join(str(error).split())[:200]  # it may quote what the file holds
        raise ValueError(f"the model file is damaged: {reason}") from None
    if not np.isfinite(model.weights_vector).all():
        raise ValueError("the model file is damaged: some of its weights are not finite numbers")
    model.metadata = config["metadata"]
    return model


class _Refused(ValueError):
    """A sentence of ours, to be told from what numpy and zipfile say."""


NOT_A_MODEL = "this is not a model file of LSTM Lab (an .npz that the lab's download or save() wrote)"


def _read(data: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """The settings and weights in the file's bytes."""
    if not data:
        raise ValueError(f"{NOT_A_MODEL}: it is empty")
    try:
        config, weights = _unpack(data)
    except _Refused as error:
        raise ValueError(str(error)) from None
    except Oversized as error:
        raise ValueError(f"the model file is refused: {error}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        if "Bad CRC-32" in str(error):
            raise ValueError("the model file is damaged: a part of it fails its checksum") from error
        cut = data[:2] == b"PK"
        raise ValueError("the model file is damaged: it breaks off before its end" if cut else NOT_A_MODEL) from error
    except (NotImplementedError, RuntimeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(NOT_A_MODEL) from error
    except Exception as error:  # whatever else zipfile, numpy and json may say to bytes that were made to confuse them
        raise ValueError("the model file is damaged: its parts cannot be read") from error
    if any(w.dtype.kind != "f" for w in weights):
        raise ValueError("the model file is damaged: its weights are not floating-point numbers")
    return config, weights


def _unpack(data: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """The checked settings and the arrays, out of the archive. No array is unpacked before the settings have been read."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {member.filename: member for member in archive.infolist()}
        if len(members) > MAX_MEMBERS or "config.npy" not in members:
            raise _Refused(NOT_A_MODEL)
        left = most_unpacked(len(data), MAX_BYTES)
        text = read_member(archive, members["config.npy"], left)
        settings = _array(text)
        if settings.dtype != np.uint8:
            raise _Refused(NOT_A_MODEL)
        config = json.loads(settings.tobytes().decode())
        _check_fields(config)
        left -= len(text)
        weights = []
        for name in sorted(name for name in members if name.startswith("weight_") and name.endswith(".npy")):
            part = read_member(archive, members[name], left)
            left -= len(part)
            weights.append(_array(part))
    return config, weights


def _check_fields(config: Any) -> None:
    fields = ("layers", "seed", "dtype", "input_shape", "optimizer", "loss", "metrics", "metadata")
    if not isinstance(config, dict) or config.get("format") != FORMAT or any(field not in config for field in fields):
        raise _Refused(NOT_A_MODEL)
    if config.get("version") != VERSION:
        raise _Refused(f"the model file has version {str(config.get('version'))[:20]}; this lab reads version {VERSION}")
    if not isinstance(config["metadata"], dict) or not isinstance(config["layers"], list) or len(config["layers"]) > 32:
        raise _Refused(NOT_A_MODEL)


def _array(part: bytes) -> np.ndarray:
    """The array in the bytes of an .npy file: a view of them, so that it costs no more than they do."""
    file = io.BytesIO(part)
    try:
        version = np.lib.format.read_magic(file)
    except ValueError:
        raise _Refused(NOT_A_MODEL) from None
    header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
    shape, fortran_order, dtype = header(file)
    if dtype.hasobject:
        raise _Refused("this file holds pickled objects, which could run code: the lab never opens those")
    if math.prod(shape) * dtype.itemsize != len(part) - file.tell() or any(n < 0 for n in shape):
        raise _Refused("the model file is damaged: an array declares another size than it has")
    flat = np.frombuffer(part, dtype, offset=file.tell())
    return flat.reshape(shape[::-1]).T if fortran_order else flat.reshape(shape)


def layer_config(layer: Layer) -> dict[str, Any]:
    """A layer's kind under "layer", and its settings; the layer inside a Bidirectional stands under "wraps"."""
    settings = layer.get_config()
    if "layer" in settings:
        settings["wraps"] = settings.pop("layer")
    return {"layer": type(layer).__name__, **settings}


def layer_from_config(config: dict[str, Any]) -> Layer:
    """A layer with new weights, from what `layer_config` gave. Raises ValueError if there is no such layer."""
    if not isinstance(config, dict):
        raise ValueError("a layer is not described by its settings")
    config = dict(config)
    kind = config.pop("layer", None)
    if not isinstance(kind, str) or kind not in LAYERS:
        raise ValueError(f"there is no layer {str(kind)[:40]!r}")
    if "wraps" in config:
        config["layer"] = config.pop("wraps")
    return LAYERS[kind](**config)


def _total_size(model: Stack, input_shape: list[int | None]) -> int:
    """How many weights the layers would take, before any memory is asked for."""
    shape, total = tuple(input_shape), 0
    for layer in model.layers:
        for weight in layer.weight_shapes(shape).values():
            size = 1
            for n in weight:
                size *= int(n)
            total += size
        shape = layer.output_shape(shape)
    return total
