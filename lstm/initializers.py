"""How weights begin. Names and variances are those of Keras (`small_normal` is ours); each draw comes from the generator given.

Keras cuts the two normal draws of Glorot and He off at two standard deviations of a slightly wider curve; here they are plain.

Draws are made in float64 and rounded afterwards, so that a float32 and a float64 model of one seed start equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .lacking import lacks

INITIALIZERS = ("glorot_uniform", "glorot_normal", "he_normal", "random_normal", "small_normal", "orthogonal", "uniform", "zeros")


def check(name: str, argument: str) -> str:
    """Return `name`, or raise ValueError if there is no such initializer."""
    if name not in INITIALIZERS:
        raise ValueError(f"{argument} must be one of {', '.join(INITIALIZERS)}, got {name!r}")
    return name


def draw(name: str, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Draw a weight matrix of `shape` (inputs, outputs), in Keras's layout.

    glorot_uniform, glorot_normal : Glorot & Bengio (2010), variance 2 / (inputs + outputs)
    he_normal : He et al. (2015), variance 2 / inputs
    random_normal : standard deviation 0.05, and small_normal 0.01; uniform : −0.05 … 0.05 (what Keras gives an Embedding)
    orthogonal : Saxe et al. (2014), rows or columns orthonormal
    """
    inputs, outputs = shape
    if name == "zeros":
        return np.zeros(shape)
    if name == "uniform":
        return rng.uniform(-0.05, 0.05, shape)
    if name == "random_normal":
        return rng.normal(0.0, 0.05, shape)
    if name == "small_normal":
        return rng.normal(0.0, 0.01, shape)
    if name == "glorot_uniform":
        limit = np.sqrt(6.0 / (inputs + outputs))
        return rng.uniform(-limit, limit, shape)
    if name == "glorot_normal":
        return rng.normal(0.0, np.sqrt(2.0 / (inputs + outputs)), shape)
    if name == "he_normal":
        return rng.normal(0.0, np.sqrt(2.0 / inputs), shape)
    q, r = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))
    q *= np.sign(np.diag(r))  # makes the draw uniform over all orthogonal matrices
    return q if inputs >= outputs else q.T


if not TYPE_CHECKING:  # a type checker would take any name then
    __getattr__ = lacks(__name__)
