"""The layers with memory that lessons offer as a setting, by the names they have there."""

from __future__ import annotations

from lstm.gru import GRU
from lstm.recurrent import LSTM, Recurrent, SimpleRNN

CELLS: dict[str, type[Recurrent]] = {"lstm": LSTM, "gru": GRU, "simple_rnn": SimpleRNN}
