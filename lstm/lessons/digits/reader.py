"""How a network reads a digit: an image as a sequence of rows (columns, pixels), and what it believes after each.

`belief` asks for the ten probabilities after every row. A network that was trained to answer after every row knows what
it says there; one that was trained on the last row alone was never asked earlier, and its early answers mean little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from lstm.layers import Dense, Dropout, softmax
from lstm.lessons import scores as scoring
from lstm.model import Sequential
from lstm.preprocessing.image import centred, coarse
from lstm.recurrent import Recurrent
from lstm.untrusted import one_sentence

READINGS = ("rows", "columns", "pixels")
SIDES = {"mnist": 28, "digits8": 8}
INK = {"mnist": 255, "digits8": 16}
CLASSES = 10
_CHUNK = 250


@dataclass(frozen=True)
class DigitReader:
    """How images of a data set become a network's input.

    Parameters
    ----------
    data : "mnist" or "digits8"
    reading : one time step for each of the "rows", "columns" or "pixels"
    mean, std : of the training pixels, which run from 0 to 1; inputs are normalised with them
    """

    data: str
    reading: str
    mean: float
    std: float

    @property
    def side(self) -> int:
        """Pixels on each side of an image."""
        return SIDES[self.data]

    @property
    def steps(self) -> int:
        """Time steps in an image."""
        return self.side**2 if self.reading == "pixels" else self.side

    @property
    def features(self) -> int:
        """Numbers in a time step."""
        return 1 if self.reading == "pixels" else self.side

    @property
    def step_name(self) -> str:
        """What is read in a time step."""
        return self.reading.removesuffix("s")

    def sequences(self, images: np.ndarray) -> np.ndarray:
        """Images (digits, rows, columns) from 0 to 1 as input (digits, steps, features)."""
        images = np.asarray(images, np.float32)
        if images.ndim != 3 or images.shape[1:] != (self.side, self.side):
            raise ValueError(f"images must have shape (digits, {self.side}, {self.side}), got {images.shape}")
        if self.reading == "columns":
            images = images.swapaxes(1, 2)
        x = (images - np.float32(self.mean)) / np.float32(self.std)
        return np.ascontiguousarray(x).reshape(len(images), self.steps, self.features)

    def prepared(self, drawing: np.ndarray) -> np.ndarray:
        """A drawing of any size as an image of the data set: centred and scaled. ValueError if it is empty."""
        return centred(drawing) if self.data == "mnist" else coarse(drawing)

    def to_dict(self) -> dict[str, Any]:
        """For a model's metadata."""
        return {"data": self.data, "reading": self.reading, "mean": self.mean, "std": self.std}


@one_sentence("the model does not say how it wants to be shown a digit")
def reader_of(model: Sequential) -> DigitReader:
    """How a loaded model wants to be shown its digits.

    Raises
    ------
    ValueError
        One sentence, if its metadata do not say, or do not fit its layers.
    """
    facts = model.metadata.get("reader")
    facts = facts if isinstance(facts, dict) else {}
    mean, std = facts.get("mean"), facts.get("std")
    numbers = all(isinstance(n, float) and np.isfinite(n) for n in (mean, std)) and std > 0
    if facts.get("data") not in list(SIDES) or facts.get("reading") not in READINGS or not numbers:
        raise ValueError(
            "the model does not say how it wants to be shown a digit: this lab's digits lesson did not train it"
        )
    reader = DigitReader(facts["data"], facts["reading"], mean, std)
    *below, last = model.layers
    if not isinstance(last, Dense) or last.units != CLASSES or last.activation != "softmax":
        raise ValueError(f"the model must end in a softmax over {CLASSES} digits")
    if not any(isinstance(layer, Recurrent) for layer in below) or any(
        not isinstance(layer, Recurrent | Dropout) for layer in below
    ):
        raise ValueError("the model must consist of LSTM, GRU or SimpleRNN layers, dropout, and a softmax")
    if len(model.input_shape) != 3 or model.input_shape[-1] != reader.features:
        raise ValueError(
            f"the model reads {model.input_shape[-1]} numbers a time step, and a {reader.step_name} of its images has "
            f"{reader.features}"
        )
    return reader


def belief(model: Sequential, x: np.ndarray) -> np.ndarray:
    """What the model would answer after each time step: probabilities (digits, steps, 10).

    The last layer is applied to the hidden state h of every step, whether the model gives one answer or one a step.
    """
    chunks = (x[start : start + _CHUNK] for start in range(0, len(x), _CHUNK))
    return np.concatenate([answers(model, model.trace(chunk)[-1]["h"]) for chunk in chunks])


def answers(model: Sequential, h: np.ndarray) -> np.ndarray:
    """The last layer's probabilities for hidden states h (…, units)."""
    return softmax(cast(Dense, model.layers[-1]).linear(h).astype(np.float64)).astype(np.float32)


def states(model: Sequential, x: np.ndarray) -> list[dict[str, np.ndarray]]:
    """For each recurrent layer, what it held after each step of one digit: name → (steps, units). `x` is (steps, features)."""
    return [{name: values[0].copy() for name, values in layer.items()} for layer in model.trace(x[None])]


@dataclass(frozen=True)
class Examination:
    """What a model does with labelled images.

    confusion : (10, 10), how many images of each digit (rows) were taken for which (columns)
    accuracy : (steps,), the share that is right after each step
    beliefs : (digits, 10), the probabilities after the last step
    gates : for each recurrent layer, name → (10, steps): the mean over units and over the images of each digit
    """

    confusion: np.ndarray
    accuracy: np.ndarray
    beliefs: np.ndarray
    gates: list[dict[str, np.ndarray]]
    loss: float


def per_class(confusion: np.ndarray) -> dict[str, np.ndarray]:
    """Precision, recall and F1 of each digit, and how many images there are of it, from a confusion matrix."""
    return scoring.per_class(confusion, "images")


def examine(
    model: Sequential,
    reader: DigitReader,
    images: np.ndarray,
    labels: np.ndarray,
    on_chunk: Callable[[], None] = lambda: None,
) -> Examination:
    """Let the model read images of unsigned bytes; one pass gives answers, beliefs and gates."""
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    right = np.zeros(reader.steps)
    last: list[np.ndarray] = []
    sums: list[dict[str, np.ndarray]] = []
    for start in range(0, len(images), _CHUNK):
        on_chunk()
        part, truth = images[start : start + _CHUNK], labels[start : start + _CHUNK].astype(np.int64)
        traces = model.trace(reader.sequences(part / np.float32(INK[reader.data])))
        probabilities = answers(model, traces[-1]["h"])  # (digits, steps, 10)
        guesses = probabilities.argmax(axis=-1)
        right += (guesses == truth[:, None]).sum(axis=0)
        np.add.at(confusion, (truth, guesses[:, -1]), 1)
        last.append(probabilities[:, -1])
        member = np.eye(CLASSES, dtype=np.float32)[truth].T  # (10, digits)
        for k, layer in enumerate(traces):
            if k == len(sums):
                sums.append({name: np.zeros((CLASSES, reader.steps)) for name in layer})
            for name, values in layer.items():
                level = np.abs(values) if name in ("c", "h", "g") else values
                sums[k][name] += member @ level.mean(axis=-1)
    beliefs = np.concatenate(last)
    there = np.maximum(confusion.sum(axis=1), 1)[:, None]
    gates = [{name: total / there for name, total in layer.items()} for layer in sums]
    truth_share = beliefs[np.arange(len(labels)), labels.astype(np.int64)]
    loss = float(-np.log(np.maximum(truth_share, 1e-12)).mean())
    return Examination(confusion, right / len(images), beliefs, gates, loss)
