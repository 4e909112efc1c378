"""Sequences of several lengths as one array. Name and arguments are those of `keras.preprocessing.sequence`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from lstm.layers import positive_integer


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: str = "int32",
    padding: Literal["pre", "post"] = "pre",
    truncating: Literal["pre", "post"] = "pre",
    value: float = 0.0,
) -> np.ndarray:
    """Sequences, filled up to one length: (sequences, maxlen).

    Parameters
    ----------
    sequences : a list or array of numbers each
    maxlen : how long all become; as the longest, if left out
    padding, truncating : whether a short sequence is filled up, a long one cut, at its beginning ("pre") or its end ("post")
    value : what it is filled up with
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in ("pre", "post"):
            raise ValueError(f'{name} must be "pre" or "post", got {side!r}')
    given = [np.asarray(sequence) for sequence in sequences]
    if any(sequence.ndim != 1 for sequence in given):
        raise ValueError("sequences must hold lists of numbers")
    steps = max(map(len, given), default=0) if maxlen is None else positive_integer(maxlen, "maxlen")
    x = np.full((len(given), steps), value, dtype)
    for row, sequence in zip(x, given):
        cut = sequence[max(len(sequence) - steps, 0) :] if truncating == "pre" else sequence[:steps]
        row[steps - len(cut) if padding == "pre" else 0 :][: len(cut)] = cut
    return x
