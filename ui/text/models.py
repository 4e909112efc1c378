"""Which model writes: the one that ships, the one trained here, or one the reader brought along."""

from __future__ import annotations

from dataclasses import dataclass

from lstm import Sequential
from lstm.datasets import CORPORA
from lstm.lessons.text.experiment import vocabulary_of
from lstm.preprocessing.text import Vocabulary
from ui.model_shelf import Shelf


@dataclass(frozen=True)
class TextModel:
    """A model that can write. `key` tells it from every other one in this session; `origin` is Markdown."""

    key: str
    label: str
    origin: str
    model: Sequential
    vocabulary: Vocabulary

    @property
    def level(self) -> str:
        return "character" if self.vocabulary.kind == "characters" else "word"


def _described(key: str, label: str, model: Sequential) -> TextModel:
    data = model.metadata
    config, metrics = (data.get(name) if isinstance(data.get(name), dict) else {} for name in ("config", "metrics"))
    corpus = CORPORA.get(config.get("corpus")) if isinstance(config.get("corpus"), str) else None
    read = f"*{corpus.title}*" if corpus else "a text of its own"
    vocabulary = vocabulary_of(model)
    layers = [layer.units for layer in model.layers if hasattr(layer, "units")][:-1]
    origin = (
        f"{' + '.join(str(units) for units in layers)} units, {model.count_params():,} parameters, trained on {read}"
    )
    loss = metrics.get("validation loss")
    if isinstance(loss, float):
        origin += f", validation loss {loss:.3f} nats per {vocabulary.kind[:-1]}"
    return TextModel(key, label, origin, model, vocabulary)


SHELF = Shelf("text", _described)
