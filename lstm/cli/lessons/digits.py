"""The lesson "digits" on the command line: an LSTM that reads handwritten digits row by row."""

from __future__ import annotations

import argparse
from typing import Any

from lstm import Sequential
from lstm.datasets import is_cached
from lstm.datasets.mnist import DigitImages, load_digits8, load_mnist
from lstm.lessons.digits.experiment import Digits, split
from lstm.lessons.digits.reader import SIDES, examine, reader_of

from ..parsing import chosen, number, setting, whole
from ..terminal import Downloading, Line
from . import Evaluation

CONFIG = Digits
SUMMARY = "a reader of handwritten digits, row by row"
HEADLINE = "test accuracy"
EXAMPLES = """\
examples:
  python -m lstm train digits --data mnist --seconds 60 --out digits.npz
  python -m lstm train digits --reading columns
  python -m lstm train digits --data mnist --layers 2 --units 100 --answer last --batch 1 --optimizer adagrad --rate 0.1 --epochs 3

Accuracies are those of the answer after the last row. The test images are looked at once, when the training is over."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the data's, the model's and the optimizer's options."""
    data = parser.add_argument_group("the digits")
    setting(
        data, Digits, "--data", "data", str, "mnist (28 × 28, a download) or digits8 (8 × 8, comes with scikit-learn)"
    )
    setting(data, Digits, "--limit", "limit", whole, "use only the first N training images")
    setting(data, Digits, "--reading", "reading", str, "what a time step shows: rows, columns, or pixels (8 × 8 only)")
    setting(data, Digits, "--vary", "vary", number, "turn, stretch, slant and move each training image, 0 to 2")
    model = parser.add_argument_group("the model")
    setting(model, Digits, "--layers", "layers", whole, "LSTM layers, one upon the other")
    setting(model, Digits, "--units", "units", whole, "length of each one's hidden state")
    setting(model, Digits, "--dropout", "dropout", number, "share of each layer's outputs left out in training")
    setting(model, Digits, "--initial", "initial", str, "how weights begin: glorot_uniform, small_normal …")
    how = parser.add_argument_group("how it learns")
    setting(how, Digits, "--answer", "answer", str, "ask for the digit after every time step, or after the last")
    setting(how, Digits, "--batch", "batch", whole, "images in an optimizer step")
    setting(how, Digits, "--optimizer", "optimizer", str, "sgd, adagrad, rmsprop or adam")
    setting(how, Digits, "--rate --learning-rate", "learning_rate", number, "learning rate")
    setting(how, Digits, "--decay", "decay", str, "how the rate falls: none, linear or cosine")
    setting(how, Digits, "--clip", "clip", str, "clip gradients by norm, by value, or none")
    setting(how, Digits, "--clip-at", "clip_at", number, "the largest norm or value")
    setting(how, Digits, "--validate-every", "validate_every", whole, "steps between validations")


def settings(options: argparse.Namespace, line: Line) -> dict[str, Any]:
    """The fields of `Digits` that the options set."""
    return chosen(options, Digits)


def prepare(config: Digits, line: Line) -> str:
    """Fetch the data; describe it and the model."""
    learn, held_out, test = split(_load(config.data, line), config.limit)
    layers = "1 LSTM layer" if config.layers == 1 else f"{config.layers} LSTM layers"
    return (
        f"{config.data}: {len(learn[0]):,} digits to learn from, {len(held_out[0]):,} to validate on, {len(test[0]):,} to "
        f"test on, by {config.reading}; {layers} of {config.units:,} units, {config.parameters:,} parameters"
    )


def unit(config: Digits) -> str:
    """What the rate counts."""
    return "images"


def sample(notes: dict[str, Any]) -> str | None:
    """What the sample digits are taken for."""
    return " ".join(map(str, notes["grid"]["guess"])) if "grid" in notes else None


def evaluate(model: Sequential, data: str | None, line: Line) -> Evaluation:
    """Loss and accuracy of the answer after the last time step, on the test images of `data`."""
    reader = reader_of(model)
    if data is not None and data not in SIDES:
        raise ValueError(f"data must be one of {', '.join(SIDES)}, got {data[:40]!r}")
    if data is not None and data != reader.data:
        raise ValueError(
            f"the model reads images of {reader.side} × {reader.side} pixels: it can be evaluated on {reader.data}"
        )
    images = _load(reader.data, line)
    done = 0

    def show() -> None:
        nonlocal done
        if done and line.due():
            line.show(min(done / len(images.test_images), 1.0), "reading")
        done += 250

    test = examine(model, reader, images.test_images, images.test_labels, show)
    on = f"{reader.data}: the {len(images.test_images):,} test images, which the training never saw"
    return Evaluation(on, {"test loss": test.loss, HEADLINE: float(test.accuracy[-1])})


def _load(name: str, line: Line) -> DigitImages:
    if name == "digits8":
        return load_digits8()
    return load_mnist(None if is_cached(name) else Downloading(line, name), line.say)
