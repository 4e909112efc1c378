"""The lesson "Digits": an LSTM reads a handwritten digit row by row and says which one it is."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from lstm import Dense, Dropout, Sequential
from lstm.batches import Batch, PickedBatches
from lstm.datasets.mnist import CLASSES, DigitImages, load_digits8, load_mnist
from lstm.history import Control, Progress
from lstm.initializers import INITIALIZERS
from lstm.lessons.cells import CELLS, stacked
from lstm.lessons.presets import Preset
from lstm.lessons.result import Result
from lstm.lessons.settings import Clip, check, check_budget, make_optimizer, option
from lstm.lessons.shared_options import (
    BATCH,
    CELL,
    CLIP,
    CLIP_AT,
    DECAY,
    DROPOUT,
    EPOCHS,
    INITIAL,
    LAYERS,
    LEARNING_RATE,
    OPTIMIZER,
    SECONDS,
    SEED,
    STEPS,
    UNITS,
    VALIDATE_EVERY,
)
from lstm.lessons.training import MEASURED, ON_A_PART, now_and_then, on_a_part, train, training_loss
from lstm.preprocessing.image import varied
from lstm.training import Decay

from .reader import INK, DigitReader, Examination, answers, examine

MAX_WORK = 40_000_000
"""Largest number of values one step keeps in memory."""

VALIDATION = {"mnist": 5_000, "digits8": 144}
"""Images of the training set that are never trained on; the test set is looked at once, at the end."""
MISTAKES = 200
GRID = 24
_LIVE_VALIDATION = 1_000


@dataclass(frozen=True)
class Digits:
    """A reader of digits and how to train it. Building one checks every setting (`ValueError`)."""

    lesson: ClassVar[str] = "digits"

    data: Literal["mnist", "digits8"] = option(
        "digits8", "Digits to learn from", "The 8 × 8 digits are 1,797 and included; MNIST has 70,000 of 28 × 28 pixels.",
        labels={"digits8": "8 × 8 digits", "mnist": "MNIST"},
    )  # fmt: skip
    limit: int | None = option(
        None, "Only the first digits", "Of those to learn from.", none="takes them all", high=60_000, step=1_000
    )
    reading: Literal["rows", "columns", "pixels"] = option(
        "rows", "It reads", "What one time step shows; pixel by pixel is for the 8 × 8 digits.",
        labels={"rows": "row by row", "columns": "column by column", "pixels": "pixel by pixel"},
    )  # fmt: skip
    answer: Literal["every", "last"] = option(
        "every", "Output after", "With an output after every step, it learns to say how sure it can be by then. With one at "
        "the end only, nobody ever tells it what to answer earlier.",
        labels={"every": "every time step", "last": "the last time step only"},
        was={"after every step": "every", "after the last step only": "last"}, flag="--output-after",
    )  # fmt: skip
    cell: str = CELL()
    layers: int = LAYERS()
    units: int = UNITS()
    dropout: float = DROPOUT()
    vary: float = option(
        0.5, "Vary each digit", "At 1 every digit is turned by up to 10°, stretched by up to 10 % and moved a little, "
        "differently each time it is read.", low=0, high=2, step=0.1,
    )  # fmt: skip
    batch: int = BATCH()
    optimizer: str = OPTIMIZER()
    learning_rate: float = LEARNING_RATE(4e-3)
    decay: Decay = DECAY()
    clip: Clip = CLIP()
    clip_at: float = CLIP_AT()
    initial: str = INITIAL()
    recurrent_initial: str = option(
        "auto", "Recurrent initializer", "Of the weights that feed the hidden state back.", choices=("auto", *INITIALIZERS),
        labels={
            "auto": "orthogonal; tiny where the others are", "orthogonal": "orthogonal",
            "glorot_uniform": "by layer size (Glorot)", "small_normal": "tiny, N(0, 0.01)", "zeros": "zeros",
        },
    )  # fmt: skip
    epochs: float | None = EPOCHS()
    seconds: float | None = SECONDS(20.0)
    max_steps: int | None = STEPS()
    validate_every: int | None = VALIDATE_EVERY(None, none="validates after every 6,400 digits")
    grid_seconds: float = option(1.5, "Seconds between samples", "Between two looks at the sample digits.")
    seed: int = SEED()

    def __post_init__(self) -> None:
        check(self)
        if self.reading == "pixels" and self.data == "mnist":
            raise ValueError('reading "pixels" is for the 8 × 8 digits: 784 time steps are too many for a lesson')
        check_budget(self)
        kept = self.batch * DigitReader(self.data, self.reading, 0.0, 1.0).steps * 6 * self.units * self.layers
        if kept > MAX_WORK:
            raise ValueError(
                f"one step would keep {kept:,} numbers in memory, and at most {MAX_WORK:,} are allowed: "
                "take fewer units, layers or images in a batch"
            )

    @property
    def parameters(self) -> int:
        """How many numbers the model learns."""
        features = DigitReader(self.data, self.reading, 0.0, 1.0).features
        return stacked(self.cell, features, self.units, self.layers) + (self.units + 1) * CLASSES

    @property
    def validation_steps(self) -> int:
        """Steps between validations: one costs as much as a thousand digits, so there is one every few thousand."""
        return self.validate_every or max(50, 6_400 // self.batch)

    def load(self) -> DigitImages:
        """The data set. MNIST is downloaded unless the cache has it."""
        return load_mnist() if self.data == "mnist" else load_digits8()

    def build(self) -> Sequential:
        """The untrained, compiled model."""
        reader = DigitReader(self.data, self.reading, 0.0, 1.0)
        automatic = self.initial if self.initial == "small_normal" else "orthogonal"
        recurrent = automatic if self.recurrent_initial == "auto" else self.recurrent_initial
        stack: list[Any] = []
        for k in range(self.layers):
            every = self.answer == "every" or k + 1 < self.layers
            stack.append(
                CELLS[self.cell](
                    self.units, return_sequences=every,
                    kernel_initializer=self.initial, recurrent_initializer=recurrent,
                )
            )  # fmt: skip
            if self.dropout:
                stack.append(Dropout(self.dropout))
        stack.append(Dense(CLASSES, activation="softmax", kernel_initializer=self.initial))
        model = Sequential(stack, seed=self.seed)
        model.compile(make_optimizer(self), "sparse_categorical_crossentropy", metrics="last_step_accuracy")
        model.build((None, reader.steps, reader.features))
        return model

    @property
    def loss_name(self) -> str:
        """What the training loss is called: the held-out losses are those of the last answer alone."""
        return f"training loss after every {self.reading[:-1]}" if self.answer == "every" else "training loss"

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Train, yielding `Progress` at every step, now and then with what it takes the sample digits for.

        "accuracy" counts the answers after the last step. "loss" is the mean over all steps the network is asked at.
        The notes: "images", once, the sample digits (pixels, labels); "grid", now and then, {"guess", "sure"} of each.
        """
        data = self.load()
        parts = split(data, self.limit)
        learn, held_out, (test_images, test_labels) = parts
        reader = reader_for(self.data, self.reading, learn[0])
        every = reader.steps if self.answer == "every" else 0
        batches = DigitBatches(reader, *learn, self.batch, every, vary=float(self.vary))
        live_images, live_labels = (part[:_LIVE_VALIDATION] for part in held_out)
        live = DigitBatches(reader, live_images, live_labels, 250, every, shuffle=False)
        model = self.build()

        def grid() -> dict[str, list[float]]:
            pixels = held_out[0][:GRID] / np.float32(INK[self.data])
            sure = answers(model, model.trace(reader.sequences(pixels))[-1]["h"])[:, -1]
            return {"guess": sure.argmax(axis=1).tolist(), "sure": np.round(sure.max(axis=1), 3).tolist()}

        notes: dict[str, Any] = {"images": (held_out[0][:GRID], held_out[1][:GRID].tolist()), "grid": grid()}
        if checkpoint is None:
            yield Progress(0, 0.0, 0.0, 0.0, None, {}, 0.0, notes)
            notes = {}
        whole = len(held_out[0]) <= _LIVE_VALIDATION
        part = "" if whole else ON_A_PART
        if every:  # the loss is that of all answers, the accuracy that of the last one, as in the final figures
            notes |= {MEASURED: {"val_loss": f"after every {self.reading[:-1]} {part}".strip(), "val_accuracy": part}}
        else:
            notes |= on_a_part(_LIVE_VALIDATION, len(held_out[0]))
        run = model.fit_iter(
            batches, epochs=self.epochs, steps=self.max_steps, seconds=self.seconds, validation_data=live,
            validate_every=self.validation_steps, decay=self.decay, control=control, checkpoint=checkpoint,
        )  # fmt: skip
        done = yield from train(run, now_and_then(self.grid_seconds, lambda _: {"grid": grid()}, notes))
        validation = examine(model, reader, *held_out)
        test = examine(model, reader, test_images, test_labels)
        metrics = _metrics(done.history, validation, test, done.progress, self.loss_name)
        model.metadata = {
            "lesson": self.lesson,
            "reader": reader.to_dict(),
            "config": asdict(self),
            "metrics": metrics,
            "report": report(test),
        }
        details = {
            "reader": reader,
            "report": model.metadata["report"],
            "mistakes": mistakes(test, test_images, test_labels),
        }
        return Result(self, model, done.history, metrics, done.ended, done.problem, details)


PRESETS: dict[str, Preset] = {
    "MNIST in a minute": Preset(
        Digits(data="mnist", seconds=60), "One layer of 128 units, all of MNIST, one minute."
    ),
    "Rows of a digit": Preset(
        Digits(
            data="mnist", layers=2, units=100, answer="last", batch=1, optimizer="adagrad", learning_rate=0.1, decay="none",
            clip="none", vary=0.0, seconds=None, epochs=3.0,
        ),
        "28 steps of 28 pixels, two layers of 100 units, softmax on the last step, batch size 1, Adagrad 0.1, 3 epochs.",
        {"test accuracy": "9.93 → 92.31 → 95.09 → 96.48 %", "training accuracy": "96.895 %", "seconds": "6,546"},
        "Its test draws a digit at random from the softmax instead of taking the most probable one.",
    ),
}  # fmt: skip
"""The reference preset, and MNIST at the lab's own settings."""


class DigitBatches(PickedBatches):
    """Images as batches of sequences, normalised when their turn comes: bytes are a quarter of the memory.

    `every` is the number of targets of an image, one a time step, or 0 for a single one. `vary` as in `Digits`.
    """

    def __init__(
        self, reader: DigitReader, images: np.ndarray, labels: np.ndarray, batch_size: int, every: int = 0,
        vary: float = 0.0, shuffle: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(len(images), batch_size, shuffle)
        self.reader, self.images, self.labels = reader, images, labels.astype(np.int64)
        self.every, self.vary = every, vary

    def pick(self, chosen: np.ndarray, rng: np.random.Generator) -> Batch:
        images = self.images[chosen] / np.float32(INK[self.reader.data])
        if self.vary:
            images = varied(images, self.vary, rng)
        y = self.labels[chosen]
        return self.reader.sequences(images), np.repeat(y[:, None], self.every, axis=1) if self.every else y


Part = tuple[np.ndarray, np.ndarray]


def split(data: DigitImages, limit: int | None = None) -> tuple[Part, Part, Part]:
    """Images and labels to learn from, to validate on, and to test on.

    The validation part is drawn from the training set once and for all, so that runs with different seeds compare.
    """
    order = np.random.default_rng(28).permutation(len(data.train_images))
    held_out, learn = np.split(order, [min(VALIDATION[data.name], len(order) // 5)])
    learn = learn[:limit]
    return (
        (data.train_images[learn], data.train_labels[learn]),
        (data.train_images[held_out], data.train_labels[held_out]),
        (data.test_images, data.test_labels),
    )


def reader_for(data: str, reading: str, images: np.ndarray) -> DigitReader:
    """A reader that normalises with the mean and the standard deviation of these images: the training ones."""
    return DigitReader(data, reading, float(images.mean() / INK[data]), max(float(images.std() / INK[data]), 1e-3))


def report(test: Examination) -> dict[str, Any]:
    """An examination as plain numbers, for a model's metadata."""
    return {
        "confusion": test.confusion.tolist(),
        "accuracy": [round(float(a), 5) for a in test.accuracy],
        "gates": [
            {name: [[round(float(v), 4) for v in row] for row in values] for name, values in layer.items()}
            for layer in test.gates
        ],
    }


def mistakes(test: Examination, images: np.ndarray, labels: np.ndarray) -> list[dict[str, Any]]:
    """The images that were taken for another digit, the surest mistake first, at most `MISTAKES` of them."""
    guesses, sure = test.beliefs.argmax(axis=1), test.beliefs.max(axis=1)
    wrong = np.flatnonzero(guesses != labels)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")][:MISTAKES]
    return [
        {
            "number": int(k),
            "pixels": images[k].copy(),
            "label": int(labels[k]),
            "guess": int(guesses[k]),
            "sure": float(sure[k]),
        }
        for k in wrong
    ]


def _metrics(history, validation: Examination, test: Examination, progress, loss_name: str) -> dict[str, float]:
    """Final figures by name. Losses and accuracies of the held-out parts are those of the answer after the last step."""
    return {
        loss_name: training_loss(history.series("loss")[1]),
        "validation loss": validation.loss,
        "validation accuracy": float(validation.accuracy[-1]),
        "test loss": test.loss,
        "images per second": progress.rate if progress else 0.0,
        "steps": progress.step if progress else 0,
        "seconds": progress.seconds if progress else 0.0,
        "test accuracy": float(test.accuracy[-1]),
    }
