"""The same training step three times: forward, loss, backward, clip by the global norm, Adam.

Each contender starts from the lab's weights and sees the same batch. `step()` returns the loss before the update.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from .shapes import CLIP, RATE, Shape


def lab(shape: Shape) -> Callable[[], float]:
    """This project."""
    model, (x, y) = shape.model(), shape.data()
    return lambda: model.train_on_batch(x, y)


def keras_jax(shape: Shape) -> Callable[[], float]:
    """Keras 3 on JAX, compiled, as `model.compile` and `train_on_batch` do it by default."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    x, y = shape.data()
    if shape.inputs == "numbers":
        inputs = keras.Input((shape.time, shape.features))
        signal = inputs
    else:
        inputs = keras.Input((shape.time,), dtype="int32")
        if shape.inputs == "one-hot":
            signal = keras.layers.Lambda(lambda ids: keras.ops.one_hot(ids, shape.features), (shape.time, shape.features))(
                inputs
            )
        else:
            signal = keras.layers.Embedding(shape.symbols, shape.features, mask_zero=shape.masked)(inputs)
    layer = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[shape.cell]
    for k in range(shape.layers):
        signal = layer(shape.units, return_sequences=shape.every_step or k + 1 < shape.layers)(signal)
    model = keras.Model(inputs, keras.layers.Dense(shape.outputs, activation=shape.activation)(signal))
    model.compile(keras.optimizers.Adam(RATE, global_clipnorm=CLIP), loss=shape.loss)
    model.set_weights(shape.model().get_weights())
    return lambda: float(model.train_on_batch(x, y))


def torch_eager(shape: Shape) -> Callable[[], float]:
    """PyTorch's `nn.LSTM` or `nn.GRU`, eager.

    Masked sequences run over their padding and the output at each one's last word is picked: on a CPU that is many
    times faster than `pack_padded_sequence`.
    """
    import torch
    from torch.nn import functional

    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    x, y = shape.data()
    weights = [torch.tensor(w) for w in shape.model().get_weights()]
    parameters = []
    lookup = None
    if shape.inputs == "embedding":
        lookup = torch.nn.Embedding(shape.symbols, shape.features)
        lookup.weight.data = weights.pop(0)
        parameters += lookup.parameters()
    features = shape.features
    gru = shape.cell == "gru"
    network = (torch.nn.GRU if gru else torch.nn.LSTM)(features, shape.units, num_layers=shape.layers)
    for k in range(shape.layers):
        kernel, recurrent, bias = weights[:3]
        del weights[:3]
        if gru:  # Keras's z, r, h is PyTorch's r, z, n; both have a bias of the input and one of the state
            kernel, recurrent, bias = (_swapped(torch, w, shape.units) for w in (kernel, recurrent, bias))
        else:  # Keras's gate order i, f, c, o is PyTorch's too; PyTorch has a second bias
            bias = torch.stack([bias, torch.zeros_like(bias)])
        getattr(network, f"weight_ih_l{k}").data = kernel.T.contiguous()
        getattr(network, f"weight_hh_l{k}").data = recurrent.T.contiguous()
        getattr(network, f"bias_ih_l{k}").data, getattr(network, f"bias_hh_l{k}").data = bias.unbind()
        getattr(network, f"bias_hh_l{k}").requires_grad_(gru)
    dense = torch.nn.Linear(shape.units, shape.outputs)
    dense.weight.data, dense.bias.data = weights[0].T.contiguous(), weights[1]
    parameters += [p for p in [*network.parameters(), *dense.parameters()] if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=RATE, eps=1e-7)

    inputs = torch.tensor(x).transpose(0, 1).contiguous()
    targets = torch.tensor(y)
    if shape.inputs == "one-hot":
        inputs = functional.one_hot(inputs.long(), features).float()
    if shape.loss == "sparse_categorical_crossentropy":
        targets = (targets.T if shape.every_step else targets).reshape(-1).long()
    last = torch.tensor((x != 0).sum(axis=1) - 1) if shape.masked else torch.full((shape.batch,), shape.time - 1)

    def step() -> float:
        signal, _ = network(lookup(inputs) if lookup else inputs)
        if not shape.every_step:
            signal = signal[last, torch.arange(shape.batch)] if shape.masked else signal[-1]
        out = dense(signal)
        if shape.loss == "mse":
            loss = functional.mse_loss(out, targets)
        elif shape.loss == "binary_crossentropy":
            loss = functional.binary_cross_entropy_with_logits(out, targets)
        else:
            loss = functional.cross_entropy(out.reshape(-1, shape.outputs), targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, CLIP)
        optimizer.step()
        return loss.item()

    return step


def _swapped(torch: Any, weights: Any, units: int) -> Any:
    """The first two blocks of `units` columns in the other order."""
    first, second, rest = weights.split(units, dim=-1)
    return torch.cat([second, first, rest], dim=-1)


CONTENDERS = {"lab": lab, "keras": keras_jax, "torch": torch_eager}
TITLES = {"lab": "LSTM Lab", "keras": "Keras on JAX", "torch": "PyTorch eager"}
NEEDS = {"lab": "numpy", "keras": "jax", "torch": "torch"}
"""The module without which a contender cannot take part."""


def installed() -> list[str]:
    """The contenders that can take part here."""
    return [name for name, module in NEEDS.items() if find_spec(module) is not None]


def versions(name: str) -> str:
    """What a contender is, for the record."""
    if name == "lab":
        return f"NumPy {np.__version__}"
    if name == "keras":
        import jax
        import keras

        return f"Keras {keras.__version__}, JAX {jax.__version__}"
    import torch

    return f"PyTorch {torch.__version__}"
