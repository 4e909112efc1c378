"""What a network with memory has to beat: three classical methods, each on counted words and on its own word vectors, averaged.

Scikit-learn does the counting and the fitting; it is imported when it is needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np

from lstm.datasets.topics import LabelledTexts, labelled, load_topics
from lstm.history import Control, History, Progress
from lstm.lessons.result import Result
from lstm.lessons.settings import check, check_choice
from lstm.lessons.shared_options import SEED
from lstm.models import load_model

from .options import VOCABULARY
from .reader import TextReader, bounded, reader_of

DATA = ("topics", "upload")
FEATURES = ("bag of words", "TF-IDF")
LEARNERS = ("logistic regression", "random forest", "gradient boosting")
COUNTING = tuple(f"{features} + {learner}" for features in FEATURES for learner in LEARNERS)
EMBEDDINGS = "averaged embeddings"
AVERAGED = tuple(f"{EMBEDDINGS} + {learner}" for learner in LEARNERS)
METHODS = (*COUNTING, *AVERAGED)


_LOOSENESS = {FEATURES[0]: 1.0, FEATURES[1]: 3.0}
"""How little the logistic regression is held back (its C), chosen on the validation part, as everything here was."""


@dataclass(frozen=True)
class MethodRow:
    """A line of the comparison: how often a method is right on the test texts, and how long it takes."""

    name: str
    accuracy: float
    fit_seconds: float
    predict_seconds: float
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted method. It lives in memory and goes from process to process of one machine; it is never a download."""

    name: str
    estimator: Any
    classes: int
    vectors: Any
    """Turns texts into rows of features."""

    def probabilities(self, texts: list[str]) -> np.ndarray:
        """(texts, classes), kept off 0 and 1."""
        found = self.estimator.predict_proba(self.vectors(texts))
        p = np.zeros((len(texts), self.classes))
        p[:, self.estimator.classes_] = found
        return bounded(p)


@dataclass(frozen=True, eq=False)
class Counted:
    """Texts as counts of words, weighed or not."""

    counter: Any

    def __call__(self, texts: list[str]) -> Any:
        return self.counter.transform(texts)


@dataclass(frozen=True, eq=False)
class Averaged:
    """Texts as the mean of their words' vectors: what is left of a text when its order is taken away."""

    reader: TextReader
    embeddings: np.ndarray

    def __call__(self, texts: list[str]) -> np.ndarray:
        return np.array([self.embeddings[self.reader.encode(text)].mean(axis=0) for text in texts])


def fit_method(name: str, texts: list[str], labels: np.ndarray, classes: int, vocabulary: int, seed: int) -> Fitted:
    """Fit one of `COUNTING` on texts; `vocabulary` is how many words are counted, the commonest."""
    check_choice(name, COUNTING, "name")
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    features, learner = name.split(" + ")
    kind = CountVectorizer if features == FEATURES[0] else TfidfVectorizer
    counter = kind(token_pattern=r"(?u)\w+", max_features=vocabulary)
    return Fitted(
        name,
        _learner(learner, seed, _LOOSENESS[features]).fit(counter.fit_transform(texts), labels),
        classes,
        Counted(counter),
    )


def fit_averaged(
    name: str, reader: TextReader, embeddings: np.ndarray, texts: list[str], labels: np.ndarray, classes: int, seed: int
) -> Fitted:
    """Fit one of `AVERAGED` on the averaged word vectors of a trained network."""
    check_choice(name, AVERAGED, "name")
    scale = max(float(embeddings.std(dtype=np.float64)), 1e-12)  # what logistic regression is held back by is a size
    vectors = Averaged(reader, embeddings.astype(np.float64) / scale)
    return Fitted(name, _learner(name.split(" + ")[1], seed).fit(vectors(texts), labels), classes, vectors)


def _learner(name: str, seed: int, looseness: float = 1.0) -> Any:
    if name == "logistic regression":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=2000, C=looseness, random_state=seed)
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

    if name == "random forest":
        return RandomForestClassifier(n_estimators=200, random_state=seed)
    return GradientBoostingClassifier(n_estimators=150, learning_rate=0.2, max_features="sqrt", random_state=seed)


@dataclass
class Contest:
    """Methods fitted on the training part of a table and measured on its test part, as they are added."""

    table: LabelledTexts
    rows: list[MethodRow] = field(default_factory=list)
    fitted: dict[str, Fitted] = field(default_factory=dict)
    probabilities: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, fit: Any, seed: int) -> MethodRow:
        """Call `fit(texts, labels)` with the training part, and measure what it returns."""
        clock = time.perf_counter()
        method: Fitted = fit(*self.table.part("training"))
        fit_seconds = time.perf_counter() - clock
        texts, labels = self.table.part("test")
        clock = time.perf_counter()
        found = method.probabilities(texts)
        predict_seconds = time.perf_counter() - clock
        accuracy = float((found.argmax(axis=1) == labels).mean())
        row = MethodRow(method.name, accuracy, fit_seconds, predict_seconds, seed)
        self.rows.append(row)
        self.fitted[method.name], self.probabilities[method.name] = method, found
        return row

    def add_counting(self, vocabulary: int, seed: int, control: Control) -> Generator[str, None, None]:
        """Fit each of `COUNTING`, yielding its name first."""
        classes = len(self.table.classes)
        yield from self._add_each(
            COUNTING, lambda name, texts, labels: fit_method(name, texts, labels, classes, vocabulary, seed), seed, control
        )

    def add_averaged(
        self, reader: TextReader, embeddings: np.ndarray, seed: int, control: Control
    ) -> Generator[str, None, None]:
        """Fit each of `AVERAGED` on a network's word vectors, yielding its name first."""
        classes = len(self.table.classes)
        yield from self._add_each(
            AVERAGED, lambda name, texts, labels: fit_averaged(name, reader, embeddings, texts, labels, classes, seed),
            seed, control,
        )  # fmt: skip

    def _add_each(
        self, names: tuple[str, ...], fit: Callable[..., Fitted], seed: int, control: Control
    ) -> Generator[str, None, None]:
        for name in names:
            if control.stop:
                return
            yield name
            self.add(partial(fit, name), seed)


def table_of(config: Any) -> LabelledTexts:
    """The texts that a config's `data`, `csv`, `text_column` and `label_column` name."""
    if config.data == "topics":
        return load_topics()
    return labelled(config.csv, "your file", config.text_column, config.label_column)


def check_data(config: Any) -> None:
    """Check the settings `table_of` uses. Raises ValueError."""
    check_choice(config.data, DATA, "data")
    if (config.data == "upload") != (config.csv is not None):
        raise ValueError('a csv goes with data "upload", and data "upload" with a csv')
    if config.csv is not None and not isinstance(config.csv, str):
        raise ValueError(f"csv must be the text of a table, got {type(config.csv).__name__}")


@dataclass(frozen=True)
class ClassicalMethods:
    """The classical methods alone: fitted in seconds. Building one checks every setting.

    network : None counts words; the file of a network (.npz) is read for its word vectors, which are averaged instead
    """

    lesson: ClassVar[str] = "topics"

    data: Literal["topics", "upload"] = "topics"
    csv: str | None = None
    text_column: str | None = None
    label_column: str | None = None
    vocabulary: int = VOCABULARY()
    seed: int = SEED()
    network: bytes | None = None

    def __post_init__(self) -> None:
        check_data(self)
        check(self)
        if self.network is not None and not isinstance(self.network, bytes):
            raise ValueError(f"network must be the bytes of a file, got {type(self.network).__name__}")

    def table(self) -> LabelledTexts:
        """The texts."""
        return table_of(self)

    def run(self, control: Control | None = None, checkpoint: bytes | None = None) -> Generator[Progress, None, Result]:
        """Fit one method after the other; the note "method" names the one that is next, "rows" what is measured."""
        control = control or Control()
        contest = Contest(self.table())
        clock = time.perf_counter()
        fits, count = contest.add_counting(self.vocabulary, self.seed, control), len(COUNTING)
        if self.network is not None:
            model = load_model(self.network)
            embeddings = model.layers[0].params["embeddings"]
            fits, count = contest.add_averaged(reader_of(model), embeddings, self.seed, control), len(AVERAGED)
        for k, name in enumerate(fits):
            notes = {"method": name, "rows": list(contest.rows)}
            yield Progress(k, 0.0, time.perf_counter() - clock, k / count, None, {}, 0.0, notes)
        texts, labels = contest.table.part("test")
        details = {
            "classical": contest.fitted, "probabilities": contest.probabilities, "rows": contest.rows, "labels": labels,
            "texts": texts, "classes": contest.table.classes,
        }  # fmt: skip
        metrics = {row.name: row.accuracy for row in contest.rows}
        return Result(self, None, History(), metrics, "stopped" if control.stop else "finished", None, details)
