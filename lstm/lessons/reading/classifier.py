"""What the lessons "Topics" and "Sentiment" share: from settings to a network that reads, and its training."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lstm import Bidirectional, Dense, Dropout, Embedding, Sequential
from lstm.batches import ArrayBatches, Batch, Batches, BucketedBatches
from lstm.history import Control, Progress
from lstm.lessons import settings, training
from lstm.lessons.cells import BIASES, BLOCKS, CELLS, parameters
from lstm.lessons.training import Trained, now_and_then
from lstm.training import EarlyStopping

from .reader import TextReader, classify

MAX_WORK = 60_000_000
"""Largest number of values one step keeps in memory."""

PROBE_SECONDS = 1.5
"""Between two looks at what the network thinks of the sample texts."""


def check(config: Any) -> None:
    """Check the described settings, and what the two lessons ask of several of them together. Raises ValueError."""
    settings.check(config)
    if config.snippets and not config.mask:
        raise ValueError("snippets need the mask: what is left out of a text is padding to be skipped")
    settings.check_budget(config)
    ways = 2 if config.bidirectional else 1
    kept = config.batch * config.length * (6 * config.units * config.layers * ways + config.embedding)
    if kept > MAX_WORK:
        raise ValueError(
            f"one step would keep {kept:,} numbers in memory, and at most {MAX_WORK:,} are allowed: "
            "take a shorter length, fewer units or a smaller batch"
        )


def layer_table(config: Any, words: int, classes: int) -> list[tuple[str, str, int, str]]:
    """Name, output shape, parameters, and how that number comes about, for each layer of `build`'s model."""
    n, ways = config.units, 2 if config.bidirectional else 1
    steps, features = config.length, config.embedding
    name, blocks = CELLS[config.cell].__name__, {4: "4 gates × ", 3: "3 blocks × ", 1: ""}[BLOCKS[config.cell]]
    biases = {1: "1 bias", 2: "2 biases"}[BIASES[config.cell]]
    rows = [
        ("Embedding", f"(None, {steps}, {features})", words * features, f"{words:,} words × {features} numbers each"),
    ]
    for k in range(config.layers):
        last = k + 1 == config.layers
        shape = f"(None, {ways * n})" if last else f"(None, {steps}, {ways * n})"
        why = f"{blocks}{n} units × ({features} inputs + {n} fed back + {biases})" + (" × 2 directions" if ways == 2 else "")
        rows.append(("Bidirectional " * (ways == 2) + name, shape, ways * parameters(config.cell, features, n), why))
        if config.dropout:
            rows.append(("Dropout", shape, 0, f"leaves out {config.dropout:.0%} in training, learns nothing"))
        features = ways * n
    outputs = 1 if classes == 2 else classes
    how = f"{features} inputs + 1 bias" if outputs == 1 else f"({features} inputs + 1 bias) × {outputs} classes"
    return [*rows, ("Dense", f"(None, {outputs})", (features + 1) * outputs, how)]


def build(config: Any, words: int, classes: int) -> Sequential:
    """The untrained, compiled model: one sigmoid for two classes, else a softmax."""
    stack: list[Any] = [Embedding(words, config.embedding, mask_zero=config.mask)]
    if config.embedding_dropout:
        stack.append(Dropout(config.embedding_dropout))
    for k in range(config.layers):
        layer = CELLS[config.cell](config.units, return_sequences=k + 1 < config.layers)
        stack.append(Bidirectional(layer) if config.bidirectional else layer)
        if config.dropout:
            stack.append(Dropout(config.dropout))
    last = Dense(1, activation="sigmoid") if classes == 2 else Dense(classes, activation="softmax")
    model = Sequential([*stack, last], seed=config.seed)
    loss = "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy"
    model.compile(settings.make_optimizer(config), loss, metrics=["accuracy"])
    model.build((None, None))
    return model


def batches_of(
    config: Any, reader: TextReader, sequences: list[np.ndarray], labels: np.ndarray, shuffle: bool = True
) -> Batches:
    """Encoded texts as batches: filled up to one length, or to the longest of each batch."""
    if reader.fixed and not reader.mask:
        return ArrayBatches(reader.pad(sequences), labels, config.batch, shuffle)
    stretch = 50 if config.bucketed or not shuffle else 1
    return BucketedBatches(sequences, labels, config.batch, reader.padding, reader.length, shuffle, stretch)


class AugmentedBatches:
    """Batches that show each text otherwise in every pass, so that a network does not learn it by heart.

    Another share `word_dropout` of the words is shown as <UNK> (as Bowman et al., 2016). Of a share `snippets` of the texts only a
    stretch of 3 to 60 words is left: who has read nothing but long texts has no opinion on a short one.
    """

    def __init__(self, batches: Batches, word_dropout: float, snippets: float, reader: TextReader) -> None:
        self.batches, self.word_dropout, self.snippets, self.reader = batches, word_dropout, snippets, reader
        self.items, self.carry = batches.items, batches.carry

    def __len__(self) -> int:
        return len(self.batches)

    def epoch(self, rng: np.random.Generator) -> Iterator[Batch]:
        """The batches of one pass."""
        drawn = np.random.default_rng(rng.integers(2**63))
        vocabulary = self.reader.vocabulary
        for given, y in self.batches.epoch(rng):
            x = given
            if self.snippets:
                number = np.cumsum(x != vocabulary.pad, axis=1)  # of each word in its text, from 1
                words = number[:, -1:]
                size = np.minimum(drawn.integers(3, 61, words.shape), words)
                first = 1 + (drawn.random(words.shape) * (words - size + 1)).astype(np.int64)
                inside = (number >= first) & (number < first + size) | (x == vocabulary.start)
                x = np.where(inside | (drawn.random(words.shape) >= self.snippets), x, vocabulary.pad)
            if self.word_dropout:
                forgotten = (drawn.random(x.shape, dtype=np.float32) < self.word_dropout) & (x > vocabulary.unk)
                x = np.where(forgotten, vocabulary.unk, x)
            yield x, y


def train(
    config: Any,
    model: Sequential,
    reader: TextReader,
    batches: Batches,
    validation: Batches,
    probe: Callable[[], dict[str, Any]],
    control: Control,
    checkpoint: bytes | None,
    first: Mapping[str, Any] | None = None,
) -> Generator[Progress, None, Trained]:
    """Train, yielding `Progress` at every step; now and then what `probe` says is in its notes, in the first one `first`."""
    if config.word_dropout or config.snippets:
        batches = AugmentedBatches(batches, config.word_dropout, config.snippets, reader)
    model.fingerprint = reader.vocabulary.fingerprint
    if checkpoint is None:
        yield Progress(0, 0.0, 0.0, 0.0, None, {}, 0.0, {"probes": probe()})
    run = model.fit_iter(
        batches, epochs=config.epochs, steps=config.max_steps, seconds=config.seconds, validation_data=validation,
        validate_every=config.validate_every, decay=config.decay, control=control, checkpoint=checkpoint,
        early_stopping=EarlyStopping(patience=config.patience, restore_best_weights=True) if config.patience else None,
    )  # fmt: skip
    return (yield from training.train(run, now_and_then(PROBE_SECONDS, lambda _: {"probes": probe()}, first)))


def examine(
    model: Sequential, reader: TextReader, sequences: list[np.ndarray], progress: Progress | None, control: Control
) -> Generator[Progress, None, np.ndarray]:
    """The model's opinions on many texts, with a `Progress` now and then whose note "examined" is the share done."""
    out, piece = [], 2048
    for start in range(0, len(sequences), piece):
        out.append(classify(model, reader, sequences[start : start + piece]))
        if progress is not None and len(sequences) > piece:
            yield replace(
                progress,
                metrics={},
                fraction=1.0,
                eta=0.0,
                notes={"examined": min(1.0, (start + piece) / len(sequences))},
            )
    return np.concatenate(out)


def loss_of(opinions: np.ndarray, labels: np.ndarray) -> float:
    """The mean of −log of what each true class was given, in nats."""
    return float(-np.log(opinions[np.arange(len(labels)), labels]).mean())


def figures(opinions: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Loss and accuracy."""
    return loss_of(opinions, labels), float((opinions.argmax(axis=1) == labels).mean())


def final_metrics(
    trained: Trained, validation: tuple[float, float], test: tuple[float, float], unit: str
) -> dict[str, float]:
    """Final figures by name; `validation` and `test` are each loss and accuracy."""
    losses, progress = trained.history.series("loss")[1], trained.progress
    return {
        "training loss": training.training_loss(losses),
        "validation loss": validation[0],
        "validation accuracy": validation[1],
        "test loss": test[0],
        f"{unit} per second": progress.rate if progress else 0.0,
        "steps": progress.step if progress else 0,
        "seconds": progress.seconds if progress else 0.0,
        "test accuracy": test[1],
    }
