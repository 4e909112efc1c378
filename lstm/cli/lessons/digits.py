"""The lesson "digits" on the command line: an LSTM that reads handwritten digits row by row."""

from __future__ import annotations

from typing import Any

from lstm import Sequential
from lstm.datasets import is_cached
from lstm.datasets.mnist import DigitImages, load_digits8, load_mnist
from lstm.lessons.cells import CELLS
from lstm.lessons.digits.experiment import PRESETS, Digits, split
from lstm.lessons.digits.reader import SIDES, examine, reader_of

from ..terminal import Downloading, Line
from . import Evaluation

CONFIG = Digits
PRESETS = PRESETS
SUMMARY = "a reader of handwritten digits, row by row"
HEADLINE = "test accuracy"
EXAMPLES = """\
examples:
  python -m lstm train digits --data mnist --seconds 60 --out digits.npz
  python -m lstm train digits --reading columns
  python -m lstm train digits --data mnist --layers 2 --units 100 --output-after last --batch-size 1 --optimizer adagrad --epochs 3
  python -m lstm train digits --preset "Rows of a digit"

Accuracies are those of the answer after the last row. The test images are looked at once, when the training is over."""


def prepare(config: Digits, line: Line) -> str:
    """Fetch the data; describe it and the model."""
    learn, held_out, test = split(_load(config.data, line), config.limit)
    cell = CELLS[config.cell].__name__
    layers = f"1 {cell} layer" if config.layers == 1 else f"{config.layers} {cell} layers"
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
