"""What the lab and Keras are compared on: for each task a network, and batches that follow from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lstm.layers import Dense, Embedding, Layer, OneHot
from lstm.lessons.cells import CELLS


@dataclass(frozen=True)
class Task:
    """A task: what the page calls it, what an example is, and the batch it is usually trained with."""

    title: str
    about: str
    examples: str
    batch: int


TASKS: dict[str, Task] = {
    "characters": Task("Characters", "the next character of Python's documentation, asked after each of 40", "characters", 32),
    "digits8": Task("Digits, 8 × 8", "a handwritten digit, read row by row", "images", 32),
    "mnist": Task("MNIST", "a handwritten digit of 28 × 28 pixels, read row by row", "images", 64),
    "sine": Task("Noisy sine", "the next value of a noisy sine, from the ten before it", "windows", 32),
    "topics": Task("Topics", "the topic of a sentence, its end padded and masked", "sentences", 32),
    "recall": Task("Recall", "the first symbol of a sequence, asked for after 30 blanks", "sequences", 32),
}

BLANKS = 30
TIME, LOOK_BACK, WORDS = 40, 10, 30


@dataclass(frozen=True)
class Material:
    """A task's network and data. `x` (examples, time[, features]), `y` (examples[, …]); `layers` makes the stack."""

    x: np.ndarray
    y: np.ndarray
    input_layer: Layer | None
    outputs: int
    activation: str | None
    loss: str
    every_step: bool = False

    @property
    def features(self) -> int:
        """Features of a time step as the first LSTM layer sees them."""
        if isinstance(self.input_layer, OneHot):
            return self.input_layer.depth
        return self.input_layer.output_dim if isinstance(self.input_layer, Embedding) else self.x.shape[-1]

    def layers(self, layers: int, units: int, cell: str = "lstm") -> list[Layer]:
        """The stack: what turns ids into vectors if there are ids, layers of one of `CELLS`, a dense layer."""
        first = [] if self.input_layer is None else [type(self.input_layer)(**self.input_layer.get_config())]
        memory = [CELLS[cell](units, return_sequences=self.every_step or k + 1 < layers) for k in range(layers)]
        return [*first, *memory, Dense(self.outputs, activation=self.activation)]

    def batches(self, size: int, count: int, seed: int) -> Any:
        """`count` batches of `size` examples, drawn without repetition while they last."""
        rng = np.random.default_rng(seed)
        order = np.empty(0, int)
        for _ in range(count):
            while len(order) < size:
                order = np.concatenate([order, rng.permutation(len(self.x))])
            chosen, order = order[:size], order[size:]
            yield self.x[chosen], self.y[chosen]


def material(task: str) -> Material:
    """Network and data of a task.

    Raises
    ------
    ValueError
        If there is no such task, or its data is not on this machine.
    """
    makers = {
        "characters": _characters, "digits8": _digits, "mnist": _digits, "sine": _sine, "topics": _topics, "recall": _recall,
    }  # fmt: skip
    if task not in makers:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, got {task!r}")
    return makers[task](task)


CROSSENTROPY = "sparse_categorical_crossentropy"


def _characters(task: str) -> Material:
    from lstm.datasets.corpora import load_corpus
    from lstm.preprocessing.text import CharVocabulary

    text = load_corpus("python_docs")[:100_000]
    vocabulary = CharVocabulary.from_text(text)
    ids = vocabulary.encode(text)
    starts = np.arange(0, len(ids) - TIME - 1, TIME)[:, None] + np.arange(TIME)
    return Material(ids[starts], ids[starts + 1], OneHot(len(vocabulary)), len(vocabulary), "softmax", CROSSENTROPY, True)


def _digits(task: str) -> Material:
    from lstm.datasets import is_cached
    from lstm.datasets.mnist import CLASSES, load_digits8, load_mnist
    from lstm.lessons.digits.experiment import reader_for
    from lstm.lessons.digits.reader import INK

    if task == "mnist" and not is_cached("mnist"):
        raise ValueError("MNIST is not on this machine yet: download it on the page Digits, or take the 8 × 8 digits")
    data = load_mnist() if task == "mnist" else load_digits8()
    images, labels = data.train_images[:10_000], data.train_labels[:10_000]
    reader = reader_for(data.name, "rows", images)
    x = reader.sequences(images / np.float32(INK[data.name]))
    return Material(x, labels.astype(np.int64), None, CLASSES, "softmax", CROSSENTROPY)


def _sine(task: str) -> Material:
    from lstm.lessons.forecast.generated import generate
    from lstm.preprocessing import series

    wave = generate("noisy_sine")
    values = series.Scaler.fit(wave.values).to(wave.values)
    origins = np.arange(LOOK_BACK, len(values))
    x = series.windows(values, origins, LOOK_BACK).astype(np.float32)
    return Material(x, values[origins, None].astype(np.float32), None, 1, None, "mse")


def _topics(task: str) -> Material:
    from lstm.datasets.topics import load_topics
    from lstm.preprocessing.text import WordVocabulary

    sentences = load_topics()
    texts, labels = sentences.part("training")
    vocabulary = WordVocabulary.from_text(" ".join(texts))
    x = np.zeros((len(texts), WORDS), np.int32)
    for row, text in zip(x, texts):
        ids = vocabulary.encode(text)[:WORDS]
        row[: len(ids)] = ids
    keep = x[:, 0] != 0
    return Material(
        x[keep], np.asarray(labels)[keep], Embedding(len(vocabulary), 32, mask_zero=True), len(sentences.classes), "softmax",
        CROSSENTROPY,
    )  # fmt: skip


def _recall(task: str) -> Material:
    from lstm.lessons.memory.tasks import Task as MemoryTask

    remembering = MemoryTask("recall")
    x, y = remembering.sequences(4_000, BLANKS, np.random.default_rng(0))
    return Material(x, np.asarray(y, np.int64), OneHot(len(remembering.words)), remembering.symbols, "softmax", CROSSENTROPY)
