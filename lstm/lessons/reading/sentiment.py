"""The lesson "Sentiment": an LSTM reads a film review and says whether its author liked the film."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from lstm import Sequential
from lstm.datasets.imdb import OPINIONS, Reviews, load_imdb, load_reviews
from lstm.history import Control, Progress
from lstm.layers import positive_integer
from lstm.lessons.result import Result
from lstm.lessons.scores import Roc, confusion, roc, surest_mistakes
from lstm.lessons.settings import Clip, check_choice
from lstm.preprocessing.text import SPECIALS, WordVocabulary
from lstm.training import Decay

from . import classifier
from .reader import TextReader, judge

DATA = ("reviews", "imdb")
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

    Parameters
    ----------
    data : "reviews", made up for this project and small, or "imdb", which is downloaded
    limit, test_limit : use only so many of the reviews to learn from, or to be tested on; None for all
    vocabulary : how many words are known, the commonest of the training reviews, <PAD>, <START> and <UNK> included
    length : time steps; longer reviews lose their beginning (padding "pre") or their end ("post")
    padding, mask : where the filler stands, and whether it is skipped
    bucketed : reviews of about equal length share a batch, and are filled up to the longest of them
    embedding, embedding_dropout : numbers that stand for a word, and the share of them left out in training
    word_dropout : the share of the words shown as <UNK> in training
    snippets : the share of the reviews of which only a stretch of 3 to 60 words is shown in training
    layers, units, bidirectional, dropout : of the LSTM; dropout is the share of its outputs left out in training
    batch : reviews an optimizer step is taken from
    optimizer, learning_rate, decay : see `lstm.optimizers` and `lstm.training.DECAYS`
    clip, clip_at : "norm" scales all gradients together, "value" limits each element, "none"
    epochs, seconds, max_steps : the budget; whichever is used up first
    validate_every : steps between validations, on the first 1,000 reviews held out; None for once an epoch
    patience : stop after so many validations (then on all of them) without a better one, and go back to the best
    """

    lesson: ClassVar[str] = "sentiment"

    data: Literal["reviews", "imdb"] = "reviews"
    limit: int | None = None
    test_limit: int | None = None
    vocabulary: int = 5000
    length: int = 500
    padding: Literal["pre", "post"] = "pre"
    mask: bool = True
    bucketed: bool = True
    embedding: int = 32
    embedding_dropout: float = 0.0
    word_dropout: float = 0.0
    snippets: float = 0.0
    layers: int = 1
    units: int = 100
    bidirectional: bool = False
    dropout: float = 0.0
    batch: int = 128
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    decay: Decay = "none"
    clip: Clip = "norm"
    clip_at: float = 1.0
    epochs: float | None = 2.0
    seconds: float | None = None
    max_steps: int | None = None
    validate_every: int | None = None
    patience: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check_choice(self.data, DATA, "data")
        for name in ("limit", "test_limit"):
            if getattr(self, name) is not None and positive_integer(getattr(self, name), name) < 20:
                raise ValueError(f"{name} must be at least 20, got {getattr(self, name)}")
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
            return {"texts": list(PROBES), "scores": judge(model, reader, probes)[:, 1].round(4).tolist()}

        live = held_out if self.patience else held_out[:_LIVE_VALIDATION]
        trained = yield from classifier.train(
            self, model, reader, classifier.batches_of(self, reader, *part(learn)),
            classifier.batches_of(self, reader, *part(live), shuffle=False), probe, control, checkpoint,
        )  # fmt: skip
        validation = judge(model, reader, part(held_out)[0])
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
        details = {
            "reader": reader,
            "labels": truth,
            "scores": test[:, 1].astype(np.float64),
            "confusion": counts,
            "roc": curve,
            "mistakes": [
                {"number": int(tested[k]), "text": texts[k], "label": int(truth[k]), "score": float(test[k, 1])}
                for k in surest_mistakes(truth, test, MISTAKES)
            ],
            "split": {"training": len(learn), "validation": len(held_out), "test": len(tested)},
        }
        return Result(self, model, trained.history, metrics, trained.ended, trained.problem, details)


PRESETS: dict[str, Sentiment] = {
    "IMDB": Sentiment(data="imdb", mask=False),
    "Dropout stack": Sentiment(
        data="imdb", vocabulary=1024, embedding=256, units=128, dropout=0.5, batch=16, optimizer="rmsprop", epochs=10.0
    ),
}
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
    return classifier.figures(judge(model, reader, [reader.encode(text) for text in reviews.test_texts]), labels)
