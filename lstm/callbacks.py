"""Where Keras keeps what is called during a training: `from lstm.callbacks import EarlyStopping`."""

from .history import History
from .training import EarlyStopping

__all__ = ["EarlyStopping", "History"]
