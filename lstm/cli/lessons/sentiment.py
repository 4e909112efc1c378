"""The lesson "sentiment" on the command line: a network that tells good film reviews from bad ones."""

from __future__ import annotations

from typing import Any

from lstm import Sequential
from lstm.datasets.imdb import OPINIONS, Reviews, is_here, load_imdb, load_reviews
from lstm.lessons.reading.reader import reader_of
from lstm.lessons.reading.sentiment import PRESETS, Sentiment, split
from lstm.lessons.reading.sentiment import evaluate as examine
from lstm.lessons.settings import settings as described

from ..terminal import Downloading, Line
from . import Evaluation

CONFIG = Sentiment
PRESETS = PRESETS
SUMMARY = "a reader of film reviews, for or against"
HEADLINE = "test accuracy"
EXAMPLES = """\
examples:
  python -m lstm train sentiment --seconds 30 --out opinions.npz
  python -m lstm train sentiment --preset IMDB --out imdb.npz
  python -m lstm classify imdb.npz "i really liked the movie and had fun"

The test reviews are looked at once, when the training is over."""


def prepare(config: Sentiment, line: Line) -> str:
    """Fetch the data; describe it and the model."""
    reviews = _load(config.data, line)
    learn, held_out = split(reviews, config.limit)
    test = min(len(reviews.test_texts), config.test_limit or len(reviews.test_texts))
    return (
        f"{config.data}: {len(learn):,} reviews to learn from, {len(held_out):,} to validate on, {test:,} to test on; "
        f"{config.vocabulary:,} words at most, {config.parameters():,} parameters with that many"
    )


def unit(config: Sentiment) -> str:
    """What the rate counts."""
    return "reviews"


def sample(notes: dict[str, Any]) -> str | None:
    """What the network thinks of a few sentences."""
    if "probes" not in notes:
        return None
    return "\n".join(f"{score:.3f}  {text}" for text, score in zip(notes["probes"]["texts"], notes["probes"]["scores"]))


def evaluate(model: Sequential, data: str | None, line: Line) -> Evaluation:
    """Loss and accuracy on the test reviews of `data`."""
    reader = reader_of(model)
    if reader.classes != OPINIONS:
        raise ValueError(f"the model must tell {' from '.join(OPINIONS)}, and it tells {', '.join(reader.classes)}")
    config = model.metadata.get("config")
    name = data or (config.get("data") if isinstance(config, dict) else None)
    described(Sentiment)["data"].check(name)
    reviews = _load(name, line)
    loss, accuracy = examine(model, reader, reviews)
    on = f"{name}: the {len(reviews.test_texts):,} test reviews, which the training never saw"
    return Evaluation(on, {"test loss": loss, HEADLINE: accuracy})


def _load(name: str, line: Line) -> Reviews:
    if name == "reviews":
        return load_reviews()
    return load_imdb(None if is_here() else Downloading(line, name), line.say)
