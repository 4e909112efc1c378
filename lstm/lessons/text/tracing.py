"""Looking into a language model while it reads: what every unit holds, and which unit follows what.

"Visualizing and Understanding Recurrent Networks" (Karpathy, Johnson, Fei-Fei 2015) found units that are on inside
quotation marks, or that count characters to the end of the line. `telling_units` searches for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm.layers import States
from lstm.model import Sequential

MAX_SYMBOLS = 20_000
"""Longest text that is traced: each symbol keeps a few thousand numbers."""


@dataclass(frozen=True)
class UnitCorrelation:
    """A unit whose cell state follows a property of the text: layer, unit, Pearson's correlation."""

    feature: str
    layer: int
    unit: int
    correlation: float


def read(model: Sequential, ids: np.ndarray, initial_states: States | None = None) -> list[dict[str, np.ndarray]]:
    """What each recurrent layer holds after every symbol of `ids`, read from these states (see `predict`) or from zeros.

    Returns
    -------
    One dict a layer: "h", and for an LSTM "c", "i", "f", "g", "o"; each (symbols, units).
    """
    if not 1 <= len(ids) <= MAX_SYMBOLS:
        raise ValueError(f"ids must hold between 1 and {MAX_SYMBOLS:,} symbols, got {len(ids):,}")
    traces = model.trace(np.asarray(ids)[None], initial_states=initial_states)
    return [{name: values[0].copy() for name, values in trace.items()} for trace in traces]


def features(text: str) -> dict[str, np.ndarray]:
    """Properties of each character that a unit might keep track of; those that never change in `text` are left out."""
    quoted, depth, column = np.zeros(len(text), bool), np.zeros(len(text), bool), np.zeros(len(text))
    inside, open_brackets, since = False, 0, 0
    for k, character in enumerate(text):
        if text[max(k - 1, 0) : k + 1] == "\n\n":  # a paragraph may end without closing its quotation
            inside, open_brackets = False, 0
        if character in '"“”':
            inside = character == "“" or (character == '"' and not inside)
        open_brackets = max(open_brackets + (character in "([{") - (character in ")]}"), 0)
        since = 0 if character == "\n" else since + 1
        quoted[k], depth[k], column[k] = inside, open_brackets > 0, since
    found = {
        "inside quotation marks": quoted,
        "inside brackets": depth,
        "how far into the line": column,
        "at a space": np.array([character == " " for character in text]),
        "at a capital letter": np.array([character.isupper() for character in text]),
        "at the end of a line": np.array([character == "\n" for character in text]),
        "at a punctuation mark": np.array([not (character.isalnum() or character.isspace()) for character in text]),
    }
    return {name: values.astype(np.float64) for name, values in found.items() if len(set(values.tolist())) > 1}


def telling_units(traces: list[dict[str, np.ndarray]], text: str) -> list[UnitCorrelation]:
    """For each feature of `text` the unit whose cell state follows it best, the closest match first.

    The correlation is Pearson's, of the feature with tanh of the cell state (the hidden state in a SimpleRNN).
    """
    found = []
    for name, values in features(text).items():
        wanted = values - values.mean()
        best = None
        for layer, trace in enumerate(traces):
            states = np.tanh(trace["c"]) if "c" in trace else trace["h"]
            if len(states) != len(text):
                raise ValueError(f"text must have one character a step, got {len(text)} for {len(states)} steps")
            states = states.astype(np.float64) - states.mean(axis=0)
            norms = np.sqrt((states**2).sum(axis=0) * (wanted**2).sum())
            correlation = np.divide(wanted @ states, norms, out=np.zeros(states.shape[1]), where=norms > 1e-9)
            unit = int(np.abs(correlation).argmax())
            if best is None or abs(correlation[unit]) > abs(best.correlation):
                best = UnitCorrelation(name, layer, unit, float(correlation[unit]))
        found.append(best)
    return sorted(found, key=lambda one: -abs(one.correlation))
