"""The lesson "Topics": a network says what a sentence is about, beside methods that only count its words."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import Any, ClassVar, Literal

import numpy as np

from lstm import Sequential
from lstm.datasets.topics import STOP_WORDS, LabelledTexts
from lstm.history import Control, Progress
from lstm.lessons.cells import cell_of
from lstm.lessons.presets import Preset
from lstm.lessons.result import Result
from lstm.lessons.scores import confusion
from lstm.lessons.settings import Clip, option
from lstm.lessons.shared_options import (
    BATCH,
    CELL,
    CLIP,
    CLIP_AT,
    DECAY,
    DROPOUT,
    EPOCHS,
    LAYERS,
    LEARNING_RATE,
    OPTIMIZER,
    SECONDS,
    SEED,
    STEPS,
)
from lstm.lessons.training import Trained
from lstm.preprocessing.text import SPECIALS, WordVocabulary, words
from lstm.training import Decay

from . import classifier
from .classical import Contest, MethodRow, check_data, table_of
from .options import (
    BIDIRECTIONAL,
    BUCKETED,
    EMBEDDING,
    EMBEDDING_DROPOUT,
    LENGTH,
    MASK,
    PADDING,
    PATIENCE,
    SNIPPETS,
    UNITS,
    VALIDATE_EVERY,
    VOCABULARY,
    WORD_DROPOUT,
)
from .reader import TextReader, classify

PROBES = 8
MAP_WORDS = 80
"""Words of the picture of embeddings, the commonest that say something about a topic."""


@dataclass(frozen=True)
class Topics:
    """A reader of sentences and how to train it. Building one checks every setting (`ValueError`).

    `csv` is the text of a table of one's own and goes with `data` "upload"; the columns are named where their names do not
    say what they hold.
    """

    lesson: ClassVar[str] = "topics"

    data: Literal["topics", "upload"] = option(
        "topics", "Sentences to learn from", labels={"topics": "Four topics (ships)", "upload": "Your own CSV"}
    )
    csv: str | None = None
    text_column: str | None = option(None, "Column of the texts", "Where its name does not say it.")
    label_column: str | None = option(None, "Column of the labels", "Where its name does not say it.")
    vocabulary: int = VOCABULARY()
    length: int = LENGTH(30)
    padding: Literal["pre", "post"] = PADDING("post")
    mask: bool = MASK()
    bucketed: bool = BUCKETED(False)
    word_dropout: float = WORD_DROPOUT(0.2)
    snippets: float = SNIPPETS()
    embedding: int = EMBEDDING(100, step=20)
    embedding_dropout: float = EMBEDDING_DROPOUT(0.6)
    cell: str = CELL()
    layers: int = LAYERS()
    units: int = UNITS()
    bidirectional: bool = BIDIRECTIONAL()
    dropout: float = DROPOUT(0.5)
    batch: int = BATCH(32)
    optimizer: str = OPTIMIZER()
    learning_rate: float = LEARNING_RATE(5e-3)
    decay: Decay = DECAY()
    clip: Clip = CLIP()
    clip_at: float = CLIP_AT()
    epochs: float | None = EPOCHS(30.0, step=5.0)
    seconds: float | None = SECONDS(None)
    max_steps: int | None = STEPS()
    validate_every: int | None = VALIDATE_EVERY()
    patience: int | None = PATIENCE()
    classical: bool = option(True, "Classical methods", "Fit them too, after the training.")
    seed: int = SEED()

    def __post_init__(self) -> None:
        check_data(self)
        classifier.check(self)

    def table(self) -> LabelledTexts:
        """The texts. Raises ValueError, one sentence, for an upload that is no use."""
        return table_of(self)

    def parameters(self, words: int, classes: int) -> int:
        """How many numbers the model learns with that many words known."""
        return sum(row[2] for row in self.layer_table(words, classes))

    def layer_table(self, words: int, classes: int) -> list[tuple[str, str, int, str]]:
        """Name, output shape, parameters, and how that number comes about, for each layer."""
        return classifier.layer_table(self, words, classes)

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Train, then fit the classical methods on the same texts.

        The notes: "probes", {"texts", "labels", "probabilities"} of a few validation texts; after the training "method",
        the name of the one being fitted, and "rows", what was measured.
        """
        control = control or Control()
        table = self.table()
        vocabulary = WordVocabulary.from_text(table.part("training")[0], self.vocabulary, SPECIALS)
        reader = TextReader(
            vocabulary, table.classes, self.length, self.padding, self.mask, not (self.mask or self.bucketed)
        )
        model = classifier.build(self, len(vocabulary), len(table.classes))
        before = model.layers[0].params["embeddings"].copy()

        def encoded(part: str) -> tuple[list[np.ndarray], np.ndarray]:
            texts, labels = table.part(part)
            return [reader.encode(text) for text in texts], labels

        held_out, truth = encoded("validation")
        shown = table.part("validation")[0][:PROBES]

        def probe() -> dict[str, Any]:
            found = classify(model, reader, held_out[:PROBES]).round(4)
            return {"texts": shown, "labels": truth[:PROBES].tolist(), "probabilities": found.tolist()}

        trained = yield from classifier.train(
            self, model, reader, classifier.batches_of(self, reader, *encoded("training")),
            classifier.batches_of(self, reader, held_out, truth, shuffle=False), probe, control, checkpoint,
        )  # fmt: skip
        after = model.layers[0].params["embeddings"]
        test, test_labels = encoded("test")
        contest = yield from self._contest(table, reader, model, test, test_labels, trained, control)
        found = contest.probabilities[cell_of(model)]
        metrics = classifier.final_metrics(
            trained, classifier.figures(classify(model, reader, held_out), truth), classifier.figures(found, test_labels), "texts"
        )
        counts = confusion(test_labels, found.argmax(axis=1), len(table.classes))
        model.metadata = {
            "lesson": self.lesson,
            "vocabulary": vocabulary.to_dict(),
            "reader": reader.to_dict(),
            "config": {**asdict(self), "csv": None},
            "metrics": metrics,
            "report": {"confusion": counts.tolist(), "classes": list(table.classes)},
        }
        details = {
            "reader": reader,
            "classes": table.classes,
            "texts": table.part("test")[0],
            "labels": test_labels,
            "probabilities": contest.probabilities,
            "rows": contest.rows,
            "classical": contest.fitted,
            "embedding": embedding_map(table, vocabulary, before, after),
            "split": {part: len(table.part(part)[0]) for part in ("training", "validation", "test")},
        }
        return Result(self, model, trained.history, metrics, trained.ended, trained.problem, details)

    def _contest(
        self, table: LabelledTexts, reader: TextReader, model: Sequential, test: list[np.ndarray], labels: np.ndarray,
        trained: Trained, control: Control,
    ) -> Generator[Progress, None, Contest]:  # fmt: skip
        """Look at the test texts: the network, and the classical methods if they are wanted. Yields before each is fitted."""
        contest, progress = Contest(table), trained.progress
        clock = time.perf_counter()
        found = classify(model, reader, test)
        spent = time.perf_counter() - clock
        accuracy = classifier.figures(found, labels)[1]
        contest.rows.append(MethodRow(cell_of(model), accuracy, progress.seconds if progress else 0.0, spent, self.seed))
        contest.probabilities[cell_of(model)] = found
        if self.classical and trained.problem is None:
            at = progress or Progress(0, 0.0, 0.0, 1.0, None, {}, 0.0)
            after = model.layers[0].params["embeddings"]
            counting = contest.add_counting(self.vocabulary, self.seed, control)
            for name in chain(counting, contest.add_averaged(reader, after, self.seed, control)):
                yield replace(at, metrics={}, notes={"method": name, "rows": list(contest.rows)})
        return contest


PRESETS: dict[str, Preset] = {
    "Four topics": Preset(
        Topics(),
        "A vocabulary of 5,000, Embedding 100, LSTM 64, softmax over Education, Finance, Politics and Sports.",
        {"test accuracy": "85–95 %, claimed", "comparison with counting words": "typed in, never run"},
        "The same sentence stood in its training and in its test; here not even a template does.",
    ),
    "Both directions": Preset(
        Topics(bidirectional=True, units=32),
        "One LSTM of 32 units reads forward, one of 32 backward; the answer sees both ends of the sentence.",
    ),
}
"""The reference preset, and a variation."""


@dataclass(frozen=True, eq=False)
class EmbeddingMap:
    """Word vectors in two dimensions, before and after training, each by its own principal components.

    topic : (words,), the class each word occurs in most
    before, after : (words, 2); explained_before, explained_after : (2,), the share of the variance on each axis
    """

    words: tuple[str, ...]
    topic: np.ndarray
    before: np.ndarray
    after: np.ndarray
    explained_before: np.ndarray
    explained_after: np.ndarray


def embedding_map(
    table: LabelledTexts, vocabulary: WordVocabulary, before: np.ndarray, after: np.ndarray
) -> EmbeddingMap:
    """The commonest words that stand mostly in one class, in two dimensions."""
    texts, labels = table.part("training")
    counts: dict[str, np.ndarray] = {}
    for text, label in zip(texts, labels):
        for word in set(words(text)) - STOP_WORDS:
            counts.setdefault(word, np.zeros(len(table.classes)))[label] += 1
    size = Counter(labels.tolist())
    common = sorted(counts, key=lambda word: (-counts[word].sum(), word))
    known = set(vocabulary.tokens)
    chosen: list[str] = []
    topic: list[int] = []
    for word in common:
        shares = counts[word] / [size[k] for k in range(len(table.classes))]
        if word in known and shares.max() > 0.5 * shares.sum() and len(chosen) < MAP_WORDS:
            chosen.append(word)
            topic.append(int(shares.argmax()))
    ids = vocabulary.numbers(chosen)
    (one, share_one), (two, share_two) = plane(before[ids]), plane(after[ids])
    return EmbeddingMap(tuple(chosen), np.array(topic, np.int64), one, two, share_one, share_two)


def plane(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (n, features) on their two principal components (Pearson, 1901), and the share of the variance on each."""
    if len(vectors) < 3:
        return np.zeros((len(vectors), 2)), np.zeros(2)
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    shares = s**2 / max(float((s**2).sum()), 1e-30)
    flat, shown = np.zeros((len(vectors), 2)), min(2, len(s))
    flat[:, :shown] = u[:, :shown] * s[:shown]
    return flat, np.append(shares, 0.0)[:2]


def evaluate(model: Sequential, reader: TextReader, texts: list[str], labels: np.ndarray) -> tuple[float, float]:
    """Loss and accuracy of a trained model on texts."""
    return classifier.figures(classify(model, reader, [reader.encode(text) for text in texts]), labels)
