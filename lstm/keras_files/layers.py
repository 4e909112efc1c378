"""Which of Keras's layers is which of the lab's, as plain settings. Imports nothing of Keras."""

from __future__ import annotations

import re
from typing import Any

from lstm.gru import GRU
from lstm.layers import Dense, Dropout, Embedding, Layer, Masking, OneHot
from lstm.min_lstm import MinLSTM
from lstm.recurrent import LSTM, Recurrent, SimpleRNN

NAMES = {
    "Embedding": Embedding, "Masking": Masking, "LSTM": LSTM, "GRU": GRU, "SimpleRNN": SimpleRNN, "Dense": Dense,
    "Dropout": Dropout,
}  # fmt: skip
"""Layers that both have under the same name."""


def keras_settings(layer: Layer) -> dict[str, Any]:
    """The arguments that make Keras's layer of the same name compute the same."""
    if isinstance(layer, Embedding):
        return {"input_dim": layer.input_dim, "output_dim": layer.output_dim, "mask_zero": layer.mask_zero}
    if isinstance(layer, Recurrent) and not isinstance(layer, MinLSTM):
        settings = {"units": layer.units, "return_sequences": layer.return_sequences}
        return settings if layer.activation == "tanh" else {**settings, "activation": layer.activation}
    if isinstance(layer, Dense):
        return {"units": layer.units, "activation": layer.activation}
    if isinstance(layer, Masking):
        return {"mask_value": layer.mask_value}
    if isinstance(layer, Dropout):
        return {"rate": layer.rate}
    raise ValueError(f"Keras has no layer like the lab's {type(layer).__name__}")


def snake_case(kind: str) -> str:
    """A class's name as Keras writes it in its files: LSTM as lstm, SimpleRNN as simple_rnn."""
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", kind)).lower()


def code(layers: list[Layer], optimizer: dict[str, Any], loss: str, package: str) -> str:
    """The Python lines that make this network, with `package` "lstm" or "keras"."""
    lines = []
    for layer in layers:
        if isinstance(layer, OneHot):
            lines.append(f"OneHot({layer.depth})" if package == "lstm" else f"CategoryEncoding({layer.depth}, \"one_hot\")")
            continue
        first, *rest = keras_settings(layer).items()
        shown = [repr(first[1])] + [f"{k}={v!r}" for k, v in rest if v not in (None, False)]
        lines.append(f"{type(layer).__name__}({', '.join(shown)})")
    settings = dict(optimizer)
    name = {"sgd": "SGD", "adagrad": "Adagrad", "rmsprop": "RMSprop", "adam": "Adam"}[settings.pop("name")]
    given = ", ".join(f"{k}={v!r}" for k, v in settings.items() if k == "learning_rate" or (v is not None and "clip" in k))
    place = "" if package == "lstm" else "layers."
    body = "".join(f"    {place}{line},\n" for line in lines)
    head = (
        "from lstm import *\n\n" if package == "lstm" else "import keras\nfrom keras import layers\nfrom keras.optimizers import *\n\n"
    )
    if package == "lstm":
        names = sorted({line.split("(")[0] for line in lines} | {"Sequential", name})
        head = f"from lstm import {', '.join(names)}\n\n"
    else:
        head = "from keras import Sequential, layers, optimizers\n\n"
        name = f"optimizers.{name}"
    return (
        f"{head}model = Sequential([\n{body}])\nmodel.compile({name}({given}), loss={loss!r})\n"
        "for x, y in batches:\n    loss = model.train_on_batch(x, y)\n"
    )
