"""The layers with memory that lessons offer as a setting, by the names they have there."""

from __future__ import annotations

from lstm.gru import GRU
from lstm.model import Sequential
from lstm.recurrent import LSTM, SimpleRNN

CELLS: dict[str, type[LSTM] | type[GRU] | type[SimpleRNN]] = {"lstm": LSTM, "gru": GRU, "simple_rnn": SimpleRNN}
BLOCKS = {name: kind.blocks for name, kind in CELLS.items()}
"""Blocks of weights in a layer: one for each gate, and one for what is written into the memory."""
BIASES = {"lstm": 1, "gru": 2, "simple_rnn": 1}
"""Biases of a unit in each block: a GRU has one of the input and one of the state."""


def parameters(cell: str, features: int, units: int) -> int:
    """How many numbers a layer of that cell learns."""
    return BLOCKS[cell] * units * (features + units + BIASES[cell])


def stacked(cell: str, features: int, units: int, layers: int) -> int:
    """How many numbers several layers of that cell learn, each reading the states of the one below."""
    return parameters(cell, features, units) + (layers - 1) * parameters(cell, units, units)


def cell_of(model: Sequential) -> str:
    """What the first layer with memory of a network is called; "network" where it has none of them."""
    kinds = (type(layer).__name__ for below in model.layers for layer in below.recurrent_layers)
    return next(kinds, "network")
