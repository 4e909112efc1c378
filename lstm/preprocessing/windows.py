"""Samples, time steps, features: how a table becomes the three-dimensional array that a recurrent network reads.

    table (rows, features)  →  x (samples, time steps, features) and mask (samples, time steps)

A sample is a window of `look_back` consecutive rows; the next one begins `stride` rows later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstm.layers import positive_integer

Padding = Literal["none", "front", "behind"]
PADDINGS = ("none", "front", "behind")


@dataclass(frozen=True)
class Windows:
    """`x` (samples, look_back, features); `mask` (samples, look_back), False where there is padding; `rows`, of the same
    shape, the row of the table that stands there, −1 for padding."""

    x: np.ndarray
    mask: np.ndarray
    rows: np.ndarray


def cut_windows(table: np.ndarray, look_back: int, stride: int = 1, padding: Padding = "none") -> Windows:
    """Cut a table into windows.

    Parameters
    ----------
    table : (rows, features)
    padding : "none" keeps the windows that are whole; "front" has a window end at row 1, 1 + stride, …, with zeros before
        the table's first row; "behind" has one begin at row 1, 1 + stride, …, with zeros after its last

    Raises
    ------
    ValueError
        If there is no row, or not one whole window and no padding.
    """
    table = np.asarray(table, np.float64)
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(f"table must have rows and columns, got shape {table.shape}")
    look_back, stride = positive_integer(look_back, "look_back"), positive_integer(stride, "stride")
    if padding not in PADDINGS:
        raise ValueError(f"padding must be one of {', '.join(PADDINGS)}, got {padding!r}")
    rows = len(table)
    if padding == "none" and look_back > rows:
        raise ValueError(f"look_back must be at most the {rows} rows of the table without padding, got {look_back}")
    last = rows - look_back if padding == "none" else rows - 1
    starts = np.arange(0, last + 1, stride)
    if padding == "front":
        starts = starts - (look_back - 1)
    found = starts[:, None] + np.arange(look_back)  # (samples, look_back)
    mask = (found >= 0) & (found < rows)
    x = np.where(mask[:, :, None], table[np.clip(found, 0, rows - 1)], 0.0)
    return Windows(x, mask, np.where(mask, found, -1))
