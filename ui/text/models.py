"""Which model writes: the one that ships, the one trained here, or one that was uploaded."""

from __future__ import annotations

from dataclasses import dataclass

from lstm import Sequential
from lstm.datasets import CORPORA
from lstm.lessons.text.experiment import vocabulary_of
from lstm.preprocessing.text import Vocabulary
from ui.model_shelf import Shelf, origin


@dataclass(frozen=True)
class TextModel:
    """A model that can write. `key` tells it from every other one in this session; `origin` and `learnt` are Markdown."""

    key: str
    label: str
    origin: str
    learnt: str
    model: Sequential
    vocabulary: Vocabulary

    @property
    def level(self) -> str:
        return "character" if self.vocabulary.kind == "characters" else "word"


def _described(key: str, label: str, model: Sequential) -> TextModel:
    data = model.metadata
    config, metrics = (data.get(name) if isinstance(data.get(name), dict) else {} for name in ("config", "metrics"))
    corpus = CORPORA.get(config.get("corpus")) if isinstance(config.get("corpus"), str) else None
    learnt = f"trained on *{corpus.title}*" if corpus else "trained on a text of its own"
    vocabulary = vocabulary_of(model)
    loss = metrics.get("validation loss")
    unit = f"nats per {vocabulary.kind[:-1]} (−ln of the probability of what came, on average)"
    more = [f"validation loss {loss:.3f} {unit}"] if isinstance(loss, float) else []
    return TextModel(key, label, origin(model, learnt, *more), learnt, model, vocabulary)


SHELF = Shelf("text", _described)
