"""The loss as a landscape: what it would be if one weight, or two, stood elsewhere and all others stayed.

Every point of the grid is a network of its own. They are computed side by side: `lstm.cell` takes arrays of weights
with one more axis as they come, (points, features, 4·units) instead of (features, 4·units).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstm import cell
from lstm.lessons.learning.network import SYMBOLS, Place, Weights

SPAN = (1.0, 50.0)
"""How far the landscape reaches at least and at most, on either side of where the weight stands."""


@dataclass(frozen=True)
class Landscape:
    """The loss over the values of one weight, (points,), or of two, (points of the second, points of the first)."""

    places: tuple[Place, ...]
    axes: tuple[np.ndarray, ...]
    loss: np.ndarray


def landscape(
    weights: Weights,
    places: tuple[Place, ...],
    sequences: np.ndarray,
    targets: np.ndarray,
    axes: tuple[np.ndarray, ...],
) -> Landscape:
    """Move one weight or two over `axes`, with all others as they are in `weights`.

    sequences (examples, time, features), targets (examples, 1)
    """
    grid = np.meshgrid(*axes)  # the second axis runs downwards
    vectors = np.tile(weights.flat(), (grid[0].size, 1))  # (points, parameters)
    everywhere = weights.places()
    for place, values in zip(places, grid, strict=True):
        vectors[:, everywhere.index(place)] = values.ravel()
    loss = np.mean((_predict(weights, vectors, sequences) - targets) ** 2, axis=(1, 2))
    return Landscape(places, axes, loss.reshape(grid[0].shape))


def around(path: np.ndarray, points: int) -> np.ndarray:
    """Values for an axis: centred on where the path has come to, wide enough to show where it came from."""
    now = path[-1]
    reach = np.clip(1.2 * np.max(np.abs(path - now)), *SPAN)
    return np.linspace(now - reach, now + reach, points)


def _predict(like: Weights, vectors: np.ndarray, sequences: np.ndarray) -> np.ndarray:
    """Predictions (points, examples, 1) of networks whose weights are the rows of `vectors`."""
    sizes = [getattr(like, name).size for name in SYMBOLS.values()]
    pieces = np.split(vectors, np.cumsum(sizes)[:-1], axis=1)
    shapes = [getattr(like, name).shape for name in SYMBOLS.values()]
    kernel, recurrent, bias, output, output_bias = (
        piece.reshape(-1, *(shape if len(shape) == 2 else (1, *shape)))
        for piece, shape in zip(pieces, shapes, strict=True)
    )  # each (points, rows, columns), so that they broadcast over the examples
    zeros = np.zeros((len(vectors), len(sequences), like.units))
    h, c = zeros, zeros
    for t in range(sequences.shape[1]):
        step = cell.forward(sequences[:, t], h, c, kernel, recurrent, bias)
        h, c = step.h, step.c
    return h @ output + output_bias
