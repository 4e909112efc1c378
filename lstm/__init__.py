"""A recurrent network you can read: LSTM, SimpleRNN and their relatives, trained from scratch, in NumPy.

Where to begin: `cell.py` has the equations; `kernels.py` runs them over time; `model.py` stacks layers; `training.py`
is the one training loop. Names, shapes and weight layouts are those of Keras 3.
"""

from . import callbacks, layers, models
from .attention import SelfAttention
from .bidirectional import Bidirectional
from .gru import GRU
from .history import History, Progress
from .layers import Dense, Dropout, Embedding, Masking, OneHot
from .loading import load_model
from .min_lstm import MinLSTM
from .model import Sequential
from .optimizers import SGD, Adagrad, Adam, RMSprop
from .recurrent import LSTM, SimpleRNN
from .training import EarlyStopping

__all__ = [
    "GRU",
    "LSTM",
    "SGD",
    "Adagrad",
    "Adam",
    "Bidirectional",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "History",
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
    "models",
]

for _recurrent in (LSTM, GRU, MinLSTM, SimpleRNN, SelfAttention, Bidirectional):
    setattr(layers, _recurrent.__name__, _recurrent)  # Keras keeps all layers in one place: `from lstm.layers import LSTM`
