"""The lesson "Sentiment": a network reads a film review and says whether its author liked the film."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from lstm import Sequential
from lstm.datasets.imdb import OPINIONS, Reviews, load_imdb, load_reviews
from lstm.history import Control, Progress
from lstm.lessons.presets import Preset
from lstm.lessons.result import Result
from lstm.lessons.scores import Roc, confusion, roc, surest_mistakes
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
from lstm.lessons.training import on_a_part
from lstm.preprocessing.text import SPECIALS, WordVocabulary
from lstm.training import Decay

from . import classifier
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

PROBES = (
    "i really liked the movie and had fun",
    "professional disappointment",
    "not good",
    "not bad",
    "a waste of two hours",
    "one of the best films i have seen",
)
"""Texts whose scores are shown while the network learns."""

MISTAKES = 50
_LIVE_VALIDATION = 1_000


@dataclass(frozen=True)
class Sentiment:
    """A reader of reviews and how to train it. Building one checks every setting (`ValueError`).

    The defaults are made for the generated reviews; those of IMDB's reference network are `PRESETS["IMDB"]`.
    """

    lesson: ClassVar[str] = "sentiment"

    data: Literal["reviews", "imdb"] = option(
        "reviews", "Reviews to learn from",
        "1,200 reviews made up for this lab by a program are included; IMDB has 50,000 written by people.",
        labels={"reviews": "generated reviews (ship)", "imdb": "IMDB"},
    )  # fmt: skip
    limit: int | None = option(
        None, "Only so many reviews", "To learn from.", none="takes them all", low=20, high=1_000_000, step=1_000
    )
    test_limit: int | None = option(
        None, "Only so many test reviews", "To be tested on.", none="takes them all", low=20, high=1_000_000
    )
    vocabulary: int = VOCABULARY()
    length: int = LENGTH(100, step=50)
    padding: Literal["pre", "post"] = PADDING()
    mask: bool = MASK()
    bucketed: bool = BUCKETED()
    embedding: int = EMBEDDING()
    embedding_dropout: float = EMBEDDING_DROPOUT()
    word_dropout: float = WORD_DROPOUT()
    snippets: float = SNIPPETS()
    cell: str = CELL()
    layers: int = LAYERS()
    units: int = UNITS()
    bidirectional: bool = BIDIRECTIONAL()
    dropout: float = DROPOUT()
    batch: int = BATCH(32)
    optimizer: str = OPTIMIZER()
    learning_rate: float = LEARNING_RATE(4e-3)
    decay: Decay = DECAY("none")
    clip: Clip = CLIP()
    clip_at: float = CLIP_AT()
    epochs: float | None = EPOCHS(15.0)
    seconds: float | None = SECONDS(None)
    max_steps: int | None = STEPS()
    validate_every: int | None = VALIDATE_EVERY()
    patience: int | None = PATIENCE()
    seed: int = SEED()

    def __post_init__(self) -> None:
        classifier.check(self)

    def load(self) -> Reviews:
        """The reviews. IMDB is downloaded unless the cache has it."""
        return load_imdb() if self.data == "imdb" else load_reviews()

    def parameters(self, words: int | None = None) -> int:
        """How many numbers the model learns with that many words known (None: as many as `vocabulary` allows)."""
        return sum(row[2] for row in self.layer_table(words))

    def layer_table(self, words: int | None = None) -> list[tuple[str, str, int, str]]:
        """Name, output shape, parameters, and how that number comes about, for each layer."""
        return classifier.layer_table(self, words or self.vocabulary, 2)

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Train, yielding `Progress` at every step, now and then with what it thinks of `PROBES`.

        The notes: "probes", {"texts", "scores"}; after the training "examined", the share of the test that is done.
        """
        control = control or Control()
        reviews = self.load()
        learn, held_out = split(reviews, self.limit)
        vocabulary = WordVocabulary.from_text([reviews.train_texts[k] for k in learn], self.vocabulary, SPECIALS)
        reader = TextReader(
            vocabulary, OPINIONS, self.length, self.padding, self.mask, not (self.mask or self.bucketed)
        )
        sequences, labels = [reader.encode(text) for text in reviews.train_texts], reviews.train_labels.astype(np.int64)

        def part(chosen: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
            return [sequences[k] for k in chosen], labels[chosen]

        model = classifier.build(self, len(vocabulary), 2)
        probes = [reader.encode(text) for text in PROBES]

        def probe() -> dict[str, Any]:
            return {"texts": list(PROBES), "scores": classify(model, reader, probes)[:, 1].round(4).tolist()}

        live = held_out if self.patience else held_out[:_LIVE_VALIDATION]
        trained = yield from classifier.train(
            self, model, reader, classifier.batches_of(self, reader, *part(learn)),
            classifier.batches_of(self, reader, *part(live), shuffle=False), probe, control, checkpoint,
            on_a_part(len(live), len(held_out)),
        )  # fmt: skip
        validation = classify(model, reader, part(held_out)[0])
        tested = sample_of_test(reviews, self.test_limit)
        truth = reviews.test_labels[tested].astype(np.int64)
        texts = [reviews.test_texts[k] for k in tested]
        test = yield from classifier.examine(
            model, reader, [reader.encode(text) for text in texts], trained.progress, control
        )
        metrics = classifier.final_metrics(
            trained, classifier.figures(validation, labels[held_out]), classifier.figures(test, truth), "reviews"
        )
        counts, curve = confusion(truth, test.argmax(axis=1), 2), roc(truth, test[:, 1])
        model.metadata = {
            "lesson": self.lesson,
            "vocabulary": vocabulary.to_dict(),
            "reader": reader.to_dict(),
            "config": asdict(self),
            "metrics": metrics,
            "report": report(counts, curve),
        }
        mistakes = [
            {"number": int(tested[k]), "text": texts[k], "label": int(truth[k]), "score": float(test[k, 1])}
            for k in surest_mistakes(truth, test, MISTAKES)
        ]
        details = {
            "reader": reader, "labels": truth,
            "scores": test[:, 1].astype(np.float64), "confusion": counts, "roc": curve,
            "mistakes": mistakes,
            "split": {"training": len(learn), "validation": len(held_out), "test": len(tested)},
        }
        return Result(self, model, trained.history, metrics, trained.ended, trained.problem, details)


PRESETS: dict[str, Preset] = {
    "IMDB": Preset(
        Sentiment(data="imdb", length=500, mask=False, units=100, batch=128, learning_rate=1e-3, epochs=2.0),
        "25,000 reviews, the 5,000 commonest words, padded in front to 500, Embedding 32 → LSTM 100 → sigmoid, Adam, 2 epochs.",
        {
            "parameters": "213,301",
            "validation accuracy": "86.22 → 86.39 %",
            "test accuracy": "86.39 %",
            "test loss": "0.322",
            "seconds": "210 + 203",
        },
        "Its word index is off by two, so decoded reviews are gibberish and the scores of its two typed sentences mean nothing.",
        recorded={"parameters": "213,301", "test accuracy": "87.26 % (mean of seeds 0, 1, 2)"},
        recorded_how="Recorded with `python -m lstm train sentiment --data imdb --no-mask --seed 0`.",
    ),
    "Dropout stack": Preset(
        Sentiment(
            data="imdb", length=500, vocabulary=1024, embedding=256, units=128, dropout=0.5, batch=16, optimizer="rmsprop",
            learning_rate=1e-3, epochs=10.0,
        ),
        "1,024 words, Embedding 256 → LSTM 128 → Dropout 0.5 → sigmoid, RMSprop, batch size 16, 10 epochs. "
        "It reads 22,500 reviews ten times: hours on two cores. It has not been trained to its end in this lab, so no figure of "
        "it is recorded.",
    ),
}  # fmt: skip
"""The reference presets by name."""


def split(reviews: Reviews, limit: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Which of the training reviews are learnt from and which are held out to validate on: a tenth, drawn once and for
    all, so that runs with different seeds compare; or those that the data set itself holds out.
    """
    order = np.random.default_rng(6).permutation(len(reviews.train_texts))
    if reviews.held_out is not None:
        learn, held_out = order[~reviews.held_out[order]], order[reviews.held_out[order]]
    else:
        held_out, learn = np.split(order, [max(len(order) // 10, 1)])
    return learn[:limit], held_out


def sample_of_test(reviews: Reviews, limit: int | None) -> np.ndarray:
    """Which of the test reviews are looked at: all, or `limit` of them, drawn once and for all."""
    if limit is None or limit >= len(reviews.test_texts):
        return np.arange(len(reviews.test_texts))
    return np.sort(np.random.default_rng(7).permutation(len(reviews.test_texts))[:limit])


def report(counts: np.ndarray, curve: Roc) -> dict[str, Any]:
    """An examination as plain numbers, for a model's metadata."""
    return {
        "confusion": counts.tolist(),
        "false_positive": curve.false_positive.round(5).tolist(),
        "true_positive": curve.true_positive.round(5).tolist(),
        "auc": round(curve.auc, 6),
    }


def evaluate(model: Sequential, reader: TextReader, reviews: Reviews) -> tuple[float, float]:
    """Loss and accuracy of a trained model on all test reviews."""
    labels = reviews.test_labels.astype(np.int64)
    return classifier.figures(classify(model, reader, [reader.encode(text) for text in reviews.test_texts]), labels)
