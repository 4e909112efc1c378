"""A recurrent network you can read: LSTM, SimpleRNN and their relatives, trained from scratch, in NumPy.

Where to begin: `cell.py` has the equations; `kernels.py` runs them over time; `model.py` stacks layers; `training.py`
is the one training loop. Names, shapes and weight layouts are those of Keras 3.
"""

from typing import TYPE_CHECKING

from . import callbacks, layers, losses, models, optimizers
from .attention import SelfAttention
from .bidirectional import Bidirectional
from .callbacks import Callback, EarlyStopping
from .gru import GRU
from .history import History, Progress
from .inputs import Input
from .lacking import lacks
from .layers import Dense, Dropout, Embedding, Masking, OneHot
from .loading import load_model
from .min_lstm import MinLSTM
from .model import Sequential
from .optimizers import SGD, Adagrad, Adam, RMSprop
from .recurrent import LSTM, SimpleRNN

__all__ = [
    "GRU",
    "LSTM",
    "SGD",
    "Adagrad",
    "Adam",
    "Bidirectional",
    "Callback",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "History",
    "Input",
    "Masking",
    "MinLSTM",
    "OneHot",
    "Progress",
    "RMSprop",
    "SelfAttention",
    "Sequential",
    "SimpleRNN",
    "callbacks",
    "layers",
    "load_model",
    "losses",
    "models",
    "optimizers",
]

for _kind in (Input, LSTM, GRU, MinLSTM, SimpleRNN, SelfAttention, Bidirectional):
    setattr(layers, _kind.__name__, _kind)  # Keras keeps all layers in one place: `from lstm.layers import LSTM`
layers.InputLayer = Input  # type: ignore[attr-defined]

if not TYPE_CHECKING:  # a type checker would take any name then
    __getattr__ = lacks(__name__)
