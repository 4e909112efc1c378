"""How a network reads a text: words to numbers, and what it thinks after each of them.

A `TextReader` says how a text becomes a model's input, and is kept in the model's file. `read` asks for the opinion
after every word. Opinions come from the logits in float64 and are kept off 0 and 1: a network is never certain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from lstm.layers import Dense, Dropout, Embedding, activate
from lstm.model import Sequential
from lstm.preprocessing.segmentation import lower, visible, word_spans, words
from lstm.preprocessing.sequence import pad_sequences
from lstm.preprocessing.text import SPECIALS, WordVocabulary, vocabulary_from_dict
from lstm.recurrent import Recurrent
from lstm.untrusted import one_sentence

MAX_LENGTH = 1000
MAX_CLASSES = 20
_CHUNK = 256
_NEAREST = float(np.finfo(np.float64).epsneg)  # how near to 0 or 1 an opinion may come


@dataclass(frozen=True)
class Token:
    """A word of a typed text: as typed, where, and what the model is shown in its place."""

    text: str
    word: str
    start: int
    end: int
    id: int
    known: bool
    read: bool
    """False where the text is longer than the model reads."""


@dataclass(frozen=True)
class TextReader:
    """How texts become a model's input.

    Parameters
    ----------
    vocabulary : begins with <PAD>, <START>, <UNK>
    classes : what the model tells apart, in the order of its outputs; with two, a single output stands for the second
    length : the most time steps; <START> is one of them
    padding : where the padding stands, and which end of a long text is cut: "pre" or "post"
    mask : whether the padding is skipped
    fixed : without a mask, whether texts are filled up to `length` (or just to the longest beside them)
    """

    vocabulary: WordVocabulary
    classes: tuple[str, ...]
    length: int
    padding: Literal["pre", "post"] = "pre"
    mask: bool = True
    fixed: bool = False

    def tokens(self, text: str) -> tuple[Token, ...]:
        """Every word of a typed text, whose places are those in what `visible` makes of it."""
        text = visible(text)
        places = list(word_spans(text))
        ids = self.vocabulary.numbers(lower(text[start:end]) for start, end in places)
        first, last = self._window(len(places))
        return tuple(
            Token(
                text[start:end],
                lower(text[start:end]),
                start,
                end,
                int(k),
                bool(k != self.vocabulary.unk),
                first <= n < last,
            )
            for n, ((start, end), k) in enumerate(zip(places, ids))
        )

    def _window(self, count: int) -> tuple[int, int]:
        """Which of `count` words are read: the first, and the one after the last."""
        if count < self.length:  # <START> takes a step
            return 0, count
        return (count - self.length, count) if self.padding == "pre" else (0, self.length - 1)

    def encode(self, text: str) -> np.ndarray:
        """<START> and the text's words as numbers, cut to `length`, nothing filled up."""
        ids = self.vocabulary.numbers(words(text))
        return self._cut(np.concatenate([np.array([self.vocabulary.start], np.int32), ids]))

    def _cut(self, ids: np.ndarray) -> np.ndarray:
        return ids[-self.length :] if self.padding == "pre" else ids[: self.length]

    def pad(self, sequences: Iterable[np.ndarray], length: int | None = None) -> np.ndarray:
        """Sequences as one array (texts, `length`), filled up with <PAD>."""
        return pad_sequences(list(sequences), length or self.length, padding=self.padding, truncating=self.padding)

    def decode(self, ids: Any) -> str:
        """The words that numbers stand for, special tokens spelt out."""
        return self.vocabulary.decode(ids)

    def to_dict(self) -> dict[str, Any]:
        """For a model's metadata, which hold the vocabulary beside it."""
        return {
            "classes": list(self.classes), "length": self.length, "padding": self.padding, "mask": self.mask, "fixed": self.fixed,
        }  # fmt: skip


@one_sentence("the model does not say how it wants to be shown a text")
def reader_of(model: Sequential) -> TextReader:
    """How a loaded model wants to be shown a text.

    Raises
    ------
    ValueError
        One sentence, if its metadata do not say, or do not fit its layers.
    """
    facts = model.metadata.get("reader")
    facts = facts if isinstance(facts, dict) else {}
    classes, length, padding = facts.get("classes"), facts.get("length"), facts.get("padding")
    named = isinstance(classes, list) and all(isinstance(c, str) and 0 < len(c) <= 100 for c in classes)
    if (
        not named or not 2 <= len(set(classes)) == len(classes) <= MAX_CLASSES
        or isinstance(length, bool) or not isinstance(length, int) or not 2 <= length <= MAX_LENGTH
        or padding not in ("pre", "post") or not all(isinstance(facts.get(name), bool) for name in ("mask", "fixed"))
    ):  # fmt: skip
        raise ValueError(
            "the model does not say how it wants to be shown a text: no lesson of this lab that reads texts trained it"
        )
    vocabulary = vocabulary_from_dict(model.metadata.get("vocabulary"))
    if not isinstance(vocabulary, WordVocabulary) or vocabulary.tokens[:3] != SPECIALS:
        raise ValueError(f"the model's vocabulary must consist of words and begin with {', '.join(SPECIALS)}")
    first, *between, last = model.layers if len(model.layers) > 2 else (None, None)
    if not isinstance(first, Embedding) or first.input_dim != len(vocabulary) or first.mask_zero != facts["mask"]:
        raise ValueError(f"the model must begin with an Embedding of its {len(vocabulary):,} words")
    outputs = (len(classes), "softmax")
    if not isinstance(last, Dense) or (last.units, last.activation) not in (outputs, (1, "sigmoid")):
        raise ValueError(
            f"the model must end in a softmax over its {len(classes)} classes, or a single sigmoid for two"
        )
    if last.units == 1 and len(classes) != 2:
        raise ValueError(f"the model has a single output and names {len(classes)} classes")
    if not model.recurrent_layers or len(model.output_shape) != 2 or model.stateful:
        raise ValueError("the model must have recurrent layers and give one answer a text")
    if any(not layer.recurrent_layers and not isinstance(layer, Dense | Dropout) for layer in between):
        raise ValueError("the model must consist of an Embedding, recurrent layers, Dropout and Dense")
    return TextReader(vocabulary, tuple(classes), length, padding, facts["mask"], facts["fixed"])


def opinions(logits: np.ndarray) -> np.ndarray:
    """Probabilities (…, classes) from logits: of a softmax, or of a single sigmoid. Float64, never 0, 1 or NaN."""
    z = np.clip(np.nan_to_num(logits.astype(np.float64), nan=0.0, posinf=700.0, neginf=-700.0), -700.0, 700.0)
    if z.shape[-1] == 1:
        z = np.concatenate([np.zeros_like(z), z], axis=-1)  # σ(z) is the softmax of 0 and z
    return bounded(activate("softmax", z))


def bounded(p: np.ndarray) -> np.ndarray:
    """Probabilities, kept off 0 and 1."""
    return np.clip(p, _NEAREST, 1 - _NEAREST)


def classify(model: Sequential, reader: TextReader, sequences: list[np.ndarray], batch_size: int = _CHUNK) -> np.ndarray:
    """The model's opinions (texts, classes) on encoded texts, whatever company they are in.

    Texts of about equal length are read together; where padding would be read, only texts of the very same length.
    """
    lengths = np.array([len(ids) for ids in sequences], dtype=np.int64)
    order = np.argsort(lengths, kind="stable")
    cuts = list(range(batch_size, len(order), batch_size))
    if not reader.mask and not reader.fixed:
        cuts = sorted({*cuts, *(np.flatnonzero(np.diff(lengths[order])) + 1).tolist()})
    out = np.empty((len(sequences), len(reader.classes)))
    for chosen in np.split(order, cuts) if len(order) else []:
        steps = reader.length if reader.fixed else max(1, int(lengths[chosen].max()))
        out[chosen] = opinions(model.logits(reader.pad((sequences[k] for k in chosen), steps), batch_size))
    return out


def probabilities(model: Sequential, reader: TextReader, texts: list[str]) -> np.ndarray:
    """The model's opinions (texts, classes). Raises ValueError for a text without a word."""
    for text in texts:
        _need_words(text)
    return classify(model, reader, [reader.encode(text) for text in texts])


@dataclass(frozen=True)
class Reading:
    """A text and what a model thought of it, word by word.

    before : (classes,), the opinion before the first word
    running : (words read, classes), the opinion after each word; `running[k]` belongs to `tokens[first + k]`
    notes : sentences about unknown words and what was cut
    """

    text: str
    tokens: tuple[Token, ...]
    first: int
    before: np.ndarray
    running: np.ndarray
    notes: tuple[str, ...]

    @property
    def final(self) -> np.ndarray:
        """(classes,), the opinion on the text."""
        return self.running[-1]

    def change(self, number: int) -> np.ndarray:
        """(words read,), by how much each word moved the probability of class `number`."""
        return np.diff(np.concatenate([self.before[None], self.running])[:, number])

    def pieces(self) -> list[tuple[str, int | None]]:
        """The whole text, words and what stands between them in turn; with a word that was read, its row of `running`."""
        found: list[tuple[str, int | None]] = []
        at = 0
        for k, token in enumerate(self.tokens):
            if token.start > at:
                found.append((self.text[at : token.start], None))
            found.append((self.text[token.start : token.end], k - self.first if token.read else None))
            at = token.end
        return [*found, (self.text[at:], None)] if at < len(self.text) else found


def read(model: Sequential, reader: TextReader, text: str) -> Reading:
    """Let the model read a text and ask for its opinion after each word.

    Where the model reads forward and the padding cannot come between a word and the answer, one pass gives all of them;
    otherwise every beginning of the text is read as a text of its own.

    Raises
    ------
    ValueError
        If the text holds no word.
    """
    _need_words(text)
    text = visible(text)
    tokens = reader.tokens(text)
    first, last = reader._window(len(tokens))
    start = np.array([reader.vocabulary.start], np.int32)
    ids = np.concatenate([start, np.array([token.id for token in tokens[first:last]], np.int32)])
    forward = all(isinstance(layer, Recurrent) for layer in model.layers if layer.recurrent_layers)
    whole = len(ids) > reader.length  # <START> was cut off with the words before
    if forward and (reader.mask or not reader.fixed or reader.padding == "pre"):
        shown = ids[1:] if whole else ids
        filled = reader.fixed and not reader.mask
        after = _after_each_step(model, reader.pad([shown], reader.length if filled else len(shown)))
        after = after[-len(shown) :]
        before = classify(model, reader, [start])[0] if whole else after[0]
        running = after if whole else after[1:]
    else:
        beginnings = [ids[max(0, n - reader.length) : n] for n in range(1, len(ids) + 1)]
        after = classify(model, reader, beginnings, 64)
        before, running = after[0], after[1:]
    return Reading(text, tokens, first, before, running, _notes(tokens, reader))


def _need_words(text: str) -> None:
    if not isinstance(text, str) or not words(text):
        raise ValueError("the text must hold at least one word, got none")


def _after_each_step(model: Sequential, x: np.ndarray) -> np.ndarray:
    """(steps, classes), the answers if the model were asked after each step of the one text in `x`."""
    top = max(k for k, layer in enumerate(model.layers) if layer.recurrent_layers)
    values = model.trace(x)[-1]["h"][0]
    for layer in model.layers[top + 1 : -1]:
        if isinstance(layer, Dense):
            values = activate(layer.activation, layer.linear(values))
    return opinions(cast(Dense, model.layers[-1]).linear(values))


def _notes(tokens: tuple[Token, ...], reader: TextReader) -> tuple[str, ...]:
    """What a reader of the scores should know."""
    said, unknown = [], sum(not token.known for token in tokens)
    if unknown == len(tokens):
        every = "The only word is" if unknown == 1 else f"All {unknown:,} words are"
        said.append(f"{every} unknown to the model, so its answer says nothing about the text.")
    elif unknown:
        said.append(
            f"{unknown:,} of {len(tokens):,} words {'is' if unknown == 1 else 'are'} unknown to the model: it reads <UNK>."
        )
    read_words = sum(token.read for token in tokens)
    if read_words < len(tokens):
        end = "last" if reader.padding == "pre" else "first"
        said.append(f"The text has {len(tokens):,} words, and the model reads the {end} {read_words:,}.")
    return tuple(said)
