"""Held-out data teach nothing: another validation or test part, the same training, and every weight is the same, bit for bit.

Two things that are decided, not leaked. Where a training stops early, or takes its best weights back, the validation part
says when; it is left to a single validation at the end here. And a text's alphabet is that of the whole text: which symbols
there are is known, as there are ten digits, and how often each stands in the tail is not.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from lstm.datasets import mnist, topics
from lstm.datasets.imdb import Reviews, load_reviews
from lstm.lessons.digits import experiment as digits
from lstm.lessons.forecast.experiment import Forecast
from lstm.lessons.forecast.generated import generate
from lstm.lessons.keras import tasks
from lstm.lessons.memory.experiment import Memory
from lstm.lessons.memory.tasks import Task
from lstm.lessons.reading import sentiment
from lstm.lessons.reading.topics import Topics
from lstm.lessons.relatives import tasks as relatives
from lstm.lessons.relatives.experiment import Relatives
from lstm.lessons.text import experiment as text

PARTS = ("validation", "test")


@dataclass(frozen=True)
class Case:
    """A lesson's experiment in small, and how other held-out data come into it.

    config : trains for a fixed number of steps
    data : what it learns from
    change : the same data with another "validation" or "test" part
    hand_in : makes an experiment train on data
    """

    config: Any
    data: Callable[[], Any]
    change: Callable[[Any, str], Any]
    hand_in: Callable[[pytest.MonkeyPatch, Any, Any], Any]


def instead_of(loader: str) -> Callable[[pytest.MonkeyPatch, Any, Any], Any]:
    """Train on data that the experiment's own `loader` is made to return."""

    def hand_in(patch: pytest.MonkeyPatch, config: Any, data: Any) -> Any:
        patch.setattr(type(config), loader, lambda self: data)
        return config

    return hand_in


def other_digits(data: mnist.DigitImages, part: str) -> mnist.DigitImages:
    """Noise, brighter than any digit, under other labels."""
    places = digits.split(replace(data, train_labels=np.arange(len(data.train_labels))))[1][1]
    name, places = ("train", places) if part == "validation" else ("test", np.arange(len(data.test_labels)))
    images, labels = getattr(data, f"{name}_images").copy(), getattr(data, f"{name}_labels").copy()
    images[places] = np.random.default_rng(1).integers(data.ink // 2, data.ink + 1, images[places].shape)
    labels[places] = 9 - labels[places]
    return replace(data, **{f"{name}_images": images, f"{name}_labels": labels})


NEW_WORDS = "zebra quokka zebra the the the a okapi"


def other_reviews(data: Reviews, part: str) -> Reviews:
    """New words, and old ones in other numbers, under the opposite labels."""
    name = "train" if part == "validation" else "test"
    texts, labels = list(getattr(data, f"{name}_texts")), getattr(data, f"{name}_labels").copy()
    for k in sentiment.split(data)[1] if part == "validation" else range(len(texts)):
        texts[k], labels[k] = NEW_WORDS, 1 - labels[k]
    return replace(data, **{f"{name}_texts": texts, f"{name}_labels": labels})


def other_sentences(data: topics.LabelledTexts, part: str) -> topics.LabelledTexts:
    held_out = data.parts == topics.PARTS.index(part)
    texts = tuple(NEW_WORDS if out else old for out, old in zip(held_out, data.texts, strict=True))
    return replace(data, texts=texts, labels=np.where(held_out, (data.labels + 1) % len(data.classes), data.labels))


SERIES = generate("web_traffic", 300)


def other_series(values: np.ndarray, part: str) -> np.ndarray:
    """Far beyond anything the training part holds."""
    split = CASES["forecast"].config.check_length(len(values))
    begin, end = split.part(part)
    return np.concatenate([values[:begin], 50 * values[begin:end] + 1000, values[end:]])


def other_tail(written: str, part: str, first: int = 16, separator: str = "") -> str:
    """Each of the tail's `first` symbols is another one of the alphabet; no symbol is new and none is gone."""
    symbols = written.split() if separator else list(written)
    begin = len(symbols) - int(len(symbols) * text.VALIDATION_SHARE)
    alphabet = sorted(set(symbols[:begin]))
    for k in range(begin, begin + first):
        symbols[k] = alphabet[(alphabet.index(symbols[k]) + 1) % len(alphabet)]
    return separator.join(symbols)


def written(config: Any, data: str) -> Any:
    return replace(config, corpus="upload", text=data)


# 160 symbols: 144 to learn from, and were there one more, it would be the last target of the ninth passage of 16.
CHARACTERS = "".join("the cat sat on a mat. "[(k * k + k // 7) % 22] for k in range(144)) + "the cat sat on a"
WORDS = " ".join(string.ascii_lowercase[k * k % 11 + k % 3] for k in range(160))
TEXT = text.TextGeneration(corpus="upload", text=CHARACTERS, units=6, batch=1, time_steps=8, carry=2, seconds=None, epochs=3, dropout=0.1)
READING = {"vocabulary": 300, "length": 20, "embedding": 4, "units": 4, "epochs": None, "max_steps": 8, "validate_every": 4}

CASES = {
    "digits": Case(
        digits.Digits(units=6, seconds=None, max_steps=8, validate_every=4, answer="last", vary=2.0, dropout=0.1),
        mnist.load_digits8, other_digits, instead_of("load"),
    ),
    "text, characters": Case(
        TEXT, lambda: CHARACTERS, other_tail, lambda _, config, data: written(config, data),
    ),
    "text, words": Case(
        replace(TEXT, text=WORDS, level="word"), lambda: WORDS, lambda data, part: other_tail(data, part, 16, " "),
        lambda _, config, data: written(config, data),
    ),
    "forecast": Case(
        Forecast.from_series(SERIES, units=4, look_back=7, horizon=2, epochs=1, patience=None, seeds=2),
        lambda: np.array(SERIES.values), other_series, lambda _, config, data: replace(config, values=tuple(data)),
    ),
    "sentiment": Case(
        sentiment.Sentiment(data="reviews", seconds=None, patience=None, word_dropout=0.2, snippets=0.2, dropout=0.1, **READING),
        load_reviews, other_reviews, instead_of("load"),
    ),
    "topics": Case(
        Topics(patience=None, classical=False, **READING), topics.load_topics, other_sentences, instead_of("table"),
    ),
}  # fmt: skip
"""Memory, Relatives and Keras against scratch come below: what is held out there is no part of a data set."""


def train(config: Any) -> Any:
    """The result of a training."""
    run = config.run()
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value


def weights(result: Any) -> list[bytes]:
    """Of every network that was trained."""
    models = [result.model, *result.details.get("models", [])[1:], *filter(None, [result.details.get("rnn")])]
    return [array.tobytes() for model in models for array in model.get_weights()]


def trained_on(case: Case, data: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        return train(case.hand_in(patch, case.config, data))


@pytest.mark.parametrize("name", CASES)
def test_another_held_out_part_trains_the_same_weights(name: str) -> None:
    case = CASES[name]
    first = trained_on(case, case.data())
    assert first.history.series("loss")[1][-1] > 0
    for part in PARTS if not name.startswith("text") else PARTS[:1]:  # a text has a validation part alone
        other = trained_on(case, case.change(case.data(), part))
        assert weights(other) == weights(first), f"{name}: the {part} part reaches the weights"
        assert other.history.series("loss") == first.history.series("loss")
        changed = {figure for figure in first.metrics if other.metrics[figure] != first.metrics[figure]}
        assert any(figure.startswith(part) for figure in changed), f"{name}: the change of the {part} part was not seen"


@pytest.mark.parametrize(("name", "separator"), [("text, characters", ""), ("text, words", " ")])
def test_not_even_the_first_symbol_of_a_texts_tail_is_a_target(name: str, separator: str) -> None:
    """The next symbol is what a language model learns: the last one it may learn is the last before the tail."""
    case = replace(CASES[name], config=replace(CASES[name].config, time_steps=1, carry=1, epochs=1))  # all there are are read
    whole, changed = case.data(), other_tail(case.data(), "validation", 1, separator)
    symbols = [one.split() if separator else list(one) for one in (whole, changed)]
    assert [k for k in range(160) if symbols[0][k] != symbols[1][k]] == [144]
    first, other = trained_on(case, whole), trained_on(case, changed)
    assert weights(other) == weights(first)
    # and the symbol before it is one: the guard stands right at the fence
    symbols[0][143] = symbols[0][0] if symbols[0][143] != symbols[0][0] else symbols[0][1]
    assert weights(trained_on(case, separator.join(symbols[0]))) != weights(first)


@pytest.mark.parametrize("name", [name for name in CASES if name != "forecast"])
def test_what_is_varied_for_the_training_is_validated_as_it_stands(name: str) -> None:
    """The last validation of a training is on the same examples as the final figure, and no word or pixel is changed."""
    case = CASES[name]
    result = trained_on(case, case.data())
    assert result.history.series("val_loss")[1][-1] == pytest.approx(result.metrics["validation loss"], rel=1e-4)


@pytest.mark.parametrize("task", ["recall", "adding"])
def test_other_held_out_sequences_train_the_same_two_networks(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Memory(task=task, distance=6, units=4, batch=4, max_steps=8, validate_every=2)
    first = train(config)
    monkeypatch.setattr(
        Task, "held_out", lambda self, count, distance: self.sequences(count, distance, np.random.default_rng(99))
    )
    other = train(config)
    assert weights(other) == weights(first) and len(weights(first)) > 8
    assert other.details["curve"] != first.details["curve"]


@pytest.mark.parametrize("task", ["parity", "recall"])
def test_other_held_out_sequences_train_the_same_relatives(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Relatives(task=task, length=8, beyond=12, units=4, heads=2, batch=4, max_steps=6, validate_every=2)
    first = train(config)
    monkeypatch.setattr(
        relatives.Task, "held_out", lambda self, count, length: self.sequences(count, length, np.random.default_rng(99))
    )
    other = train(config)
    trained = [[one.tobytes() for model in result.details["models"].values() for one in model.get_weights()] for result in (first, other)]
    assert trained[0] == trained[1] and list(first.details["models"]) == list(config.names)
    assert [row["inside"] for row in other.details["rows"]] != [row["inside"] for row in first.details["rows"]]


@pytest.mark.parametrize(
    ("task", "module", "loader", "load", "change"),
    [
        ("digits8", mnist, "load_digits8", mnist.load_digits8, other_digits),
        ("topics", topics, "load_topics", topics.load_topics, other_sentences),
    ],
    ids=["digits8", "topics"],
)
def test_keras_and_the_lab_are_given_no_held_out_example(
    monkeypatch: pytest.MonkeyPatch, task: str, module: Any, loader: str, load: Callable[[], Any], change: Callable[..., Any]
) -> None:
    """Both learn from the same arrays, and nothing of the test part is in them."""
    first = tasks.material(task)
    other = change(load(), "test")
    monkeypatch.setattr(module, loader, lambda: other)
    found = tasks.material(task)
    assert (found.x == first.x).all() and (found.y == first.y).all() and found.outputs == first.outputs
