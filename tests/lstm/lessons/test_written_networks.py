"""Keras files are written from known weights, in the three forms and with random layers, and must be read back as they are.

The writer is one of its own and uses neither Keras nor the lab's: `LSTM_LAB_DRAWS=500 pytest
tests/lstm/lessons/test_written_networks.py` writes 500 networks. Files of Keras itself are in `test_keras_files.py`.
"""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np
import pytest

from lstm.loading import read_any_keras, read_keras

DRAWS = int(os.environ.get("LSTM_LAB_DRAWS", "30"))
GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
SNAKE = {
    "Embedding": "embedding", "Masking": "masking", "LSTM": "lstm", "GRU": "gru", "SimpleRNN": "simple_rnn", "Dense": "dense",
    "Bidirectional": "bidirectional", "TimeDistributed": "time_distributed", "Dropout": "dropout", "Activation": "activation",
}  # fmt: skip


@dataclass
class Written:
    """A layer of Keras's: its class and settings, the groups of its weights, and all weights that the lab's layer has."""

    kind: str
    settings: dict[str, Any]
    groups: list[tuple[str, list[np.ndarray]]] = field(default_factory=list)
    weights: list[np.ndarray] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(array.size for _, arrays in self.groups for array in arrays)


def recurrent(rng: random.Random, kind: str, inputs: int, units: int, bias: bool, draw) -> tuple[list, list]:
    """What is in the file, and what the lab has: a layer without bias has one of zeros there."""
    gates = GATES[kind] * units
    kernels, shape = [draw(inputs, gates), draw(units, gates)], (2, gates) if kind == "GRU" else (gates,)
    biases = [draw(*shape)] if bias else []
    return kernels + biases, kernels + (biases or [np.zeros(shape, np.float32)])


def drawn(rng: random.Random) -> tuple[list[int | None], list[Written]]:
    """The shape of the input, and the layers of a network."""
    numbers = np.random.default_rng(rng.randrange(2**32))

    def draw(*shape: int) -> np.ndarray:
        return numbers.normal(size=shape).astype(np.float32)

    steps, chain = rng.choice([None, 3, 7]), []
    if rng.random() < 0.5:
        shape, size = [None, steps], rng.randint(2, 9)
        width = rng.randint(1, 4)
        table = draw(size, width)
        settings = {"input_dim": size, "output_dim": width, "mask_zero": rng.random() < 0.5}
        chain.append(Written("Embedding", settings, [("vars", [table])], [table]))
    else:
        width = rng.randint(1, 4)
        shape = [None, steps, width]
        if rng.random() < 0.4:
            chain.append(Written("Masking", {"mask_value": rng.choice([0.0, -1.0])}))
    depth = rng.randint(1, 3)
    for k in range(depth):
        kind, units, bias = rng.choice(list(GATES)), rng.randint(1, 5), rng.random() < 0.7
        settings = {
            "name": f"reader_{k}", "units": units, "use_bias": bias, "return_sequences": k < depth - 1, "return_state": False,
            "go_backwards": False, "stateful": rng.random() < 0.1, "unroll": rng.random() < 0.1, "activation": "tanh",
            "dropout": rng.choice([0.0, 0.3]), "recurrent_dropout": 0.0, "seed": None, "kernel_regularizer": None,
        }  # fmt: skip
        settings |= {"LSTM": {"recurrent_activation": "sigmoid", "unit_forget_bias": True},
                     "GRU": {"recurrent_activation": "sigmoid", "reset_after": True}, "SimpleRNN": {}}[kind]  # fmt: skip
        if rng.random() < 0.3:
            both = [recurrent(rng, kind, width, units, bias, draw) for _ in range(2)]
            inner = {"module": "keras.layers", "class_name": kind, "config": settings, "registered_name": None}
            groups = [(f"{way}_layer/cell/vars", one) for way, (one, _) in zip(("forward", "backward"), both)]
            chain.append(Written("Bidirectional", {"merge_mode": "concat", "layer": inner}, groups, both[0][1] + both[1][1]))
            width = 2 * units
        else:
            held, weights = recurrent(rng, kind, width, units, bias, draw)
            chain.append(Written(kind, settings, [("cell/vars", held)], weights))
            width = units
        if rng.random() < 0.3:
            chain.append(Written("Dropout", {"rate": 0.2, "noise_shape": None}))
    units, bias, activation = rng.randint(1, 4), rng.random() < 0.7, rng.choice(["linear", "softmax", "sigmoid", "tanh", "relu"])
    kernel, biases = draw(width, units), [draw(units)] if bias else []
    apart = rng.random() < 0.3
    settings = {"units": units, "use_bias": bias, "activation": "linear" if apart else activation}
    weights = [kernel, *(biases or [np.zeros(units, np.float32)])]
    chain.append(Written("Dense", settings, [("vars", [kernel, *biases])], weights))
    if apart:
        chain.append(Written("Activation", {"activation": activation}))
    return shape, chain


def described(shape: list[int | None], chain: list[Written], functional: bool) -> dict[str, Any]:
    """The description of the network, as a chain or as a graph that is one."""
    ids = chain[0].kind == "Embedding"
    layers = [{"class_name": "InputLayer", "config": {"batch_shape": shape, "dtype": "float32", "name": "given"}}]
    for k, one in enumerate(chain):
        config = {"name": f"layer_{k}", "trainable": True, "dtype": "float32", **one.settings}
        layers.append({"module": "keras.layers", "class_name": one.kind, "config": config, "registered_name": None})
    if not functional:
        return {"class_name": "Sequential", "config": {"name": "mine", "layers": layers}}
    for before, layer in zip([None, *layers], layers):
        layer["name"], layer["inbound_nodes"] = layer["config"]["name"], []
        if before is not None:
            place = {"shape": shape, "dtype": "int32" if ids else "float32", "keras_history": [before["name"], 0, 0]}
            tensor = {"class_name": "__keras_tensor__", "config": place}
            layer["inbound_nodes"] = [{"args": [tensor], "kwargs": {}}]
    ends = {"input_layers": [["given", 0, 0]], "output_layers": [[layers[-1]["name"], 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "mine", "layers": layers, **ends}}


def weights_h5(chain: list[Written], **how: Any) -> bytes:
    """The weights as Keras 3 keeps them: one group a layer, called by its class."""
    file, seen = io.BytesIO(), dict.fromkeys(SNAKE, 0)
    with h5py.File(file, "w") as h5:
        for one in chain:
            key = SNAKE[one.kind] + (f"_{seen[one.kind]}" if seen[one.kind] else "")
            seen[one.kind] += 1
            h5.create_group(f"layers/{key}/vars")
            for path, arrays in one.groups:
                for k, array in enumerate(arrays):
                    h5.create_dataset(f"layers/{key}/{path}/{k}", data=array)
    return file.getvalue()


def whole_h5(chain: list[Written], config: dict[str, Any], version: str) -> bytes:
    """Network and weights as Keras 2 kept them: one group a layer, called by its name, which lists its weights."""
    file = io.BytesIO()
    with h5py.File(file, "w") as h5:
        h5.attrs["model_config"], h5.attrs["keras_version"] = json.dumps(config), version
        group = h5.create_group("model_weights")
        names = [one.settings.get("name", f"layer_{k}") for k, one in enumerate(chain)]
        group.attrs["layer_names"] = np.array([name.encode() for name in names])
        for name, one in zip(names, chain):
            arrays = [(path, k, array) for path, held in one.groups for k, array in enumerate(held)]
            places = [f"{name}/{path.replace('/vars', '')}/w{k}:0" for path, k, _ in arrays]
            group.create_group(name).attrs["weight_names"] = np.array([place.encode() for place in places])
            for place, (_, _, array) in zip(places, arrays):
                group[name].create_dataset(place, data=array)
    return file.getvalue()


def archive(chain: list[Written], config: dict[str, Any], version: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("metadata.json", json.dumps({"keras_version": version, "date_saved": "2026-11-01@12:00:00"}))
        packed.writestr("config.json", json.dumps(config))
        packed.writestr("model.weights.h5", weights_h5(chain))
    return file.getvalue()


@pytest.mark.parametrize("part", range(5))
def test_what_was_written_is_read(part: int) -> None:
    for seed in range(part * DRAWS // 5, (part + 1) * DRAWS // 5):
        check(seed)


def check(seed: int) -> None:
    rng = random.Random(seed)
    shape, chain = drawn(rng)
    version = rng.choice(["2.15.0", "3.0.5", "3.15.1"])
    config, said = described(shape, chain, rng.random() < 0.5), (seed, [(one.kind, one.settings) for one in chain])
    held = [(one.kind, one.size) for one in chain]
    wanted = [array for one in chain for array in one.weights]
    for form, data in (("keras", archive(chain, config, version)), ("h5", whole_h5(chain, config, version))):
        found = read_keras(data)
        assert (found.format, found.keras_version, list(found.layers)) == (form, version, held), said
        same(found.model.get_weights(), wanted, said)
        assert found.model.input_shape == (None, *shape[1:]), said
    if any("use_bias" in str(one.settings) and len(one.weights) > sum(len(a) for _, a in one.groups) for one in chain):
        with pytest.raises(ValueError, match="has no weight"):  # the lab's layers have a bias, and the file has none
            read_any_keras(weights_h5(chain), found.model)
        return
    empty = read_keras(archive(zeros(chain), config, version)).model
    same(read_any_keras(weights_h5(chain), empty).model.get_weights(), wanted, said)


def same(found: list[np.ndarray], wanted: list[np.ndarray], said: object) -> None:
    assert len(found) == len(wanted), said
    for ours, theirs in zip(found, wanted):
        np.testing.assert_array_equal(ours, theirs, err_msg=str(said))


def zeros(chain: list[Written]) -> list[Written]:
    """The same layers, with nothing learnt."""
    return [
        Written(one.kind, one.settings, [(path, [np.zeros_like(array) for array in held]) for path, held in one.groups])
        for one in chain
    ]
