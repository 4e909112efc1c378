"""The lesson "text" on the command line: a language model of characters or words."""

from __future__ import annotations

import argparse
import hashlib
import math
from pathlib import Path
from typing import Any, cast

from lstm import Sequential
from lstm.datasets import CORPORA, load_corpus, read_upload
from lstm.datasets.uploads import LIMIT
from lstm.lessons.cells import CELLS
from lstm.lessons.text.experiment import OWN_TEXT, PRESETS, TextGeneration, evaluation_batches, held_out, vocabulary_of
from lstm.preprocessing.segmentation import characters, unspaced_note
from lstm.preprocessing.text import CharVocabulary
from lstm.preprocessing.text import prepare as prepare_text
from lstm.untrusted import contents

from ..parsing import chosen
from ..terminal import Downloading, Line
from . import Evaluation

CONFIG = TextGeneration
PRESETS = PRESETS
SUMMARY = "a language model that learns to write a text, character by character or word by word"
HEADLINE = "validation loss"
EXAMPLES = """\
examples:
  python -m lstm train text --corpus tiny_shakespeare --seconds 60 --out shakespeare.npz
  python -m lstm train text --file my.txt --layers 2 --units 256 --dropout 0.2 --epochs 20 --out my.npz
  python -m lstm train text --corpus jungle_book --level word --steps 500 --show-samples

Losses are in nats per character (or word), on the last tenth of the text, which the training never sees."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the option for a text of one's own."""
    parser.add_argument(
        "--file", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="a plain-text file of your own to learn from"
    )


def settings(options: argparse.Namespace, line: Line) -> dict[str, Any]:
    """The fields of `TextGeneration` that the options set."""
    found = chosen(options, TextGeneration)
    if hasattr(options, "file"):
        if "corpus" in found:
            raise ValueError("the text comes from --corpus or from --file, not from both")
        found |= {"corpus": OWN_TEXT, "text": _read(options.file, line)}
    elif found.get("corpus") == OWN_TEXT:
        raise ValueError("a text of your own comes with --file")
    return found


def prepare(config: TextGeneration, line: Line) -> str:
    """Fetch and check the text; describe it and the model."""
    if config.text is None:
        load_corpus(config.corpus, Downloading(line, config.corpus), line.say)
    text = config.prepared_text()
    vocabulary, ids = config.encode(text)
    if config.level == "word" and (note := unspaced_note(text)):
        line.say(note)
    name = "your text" if config.text is not None else config.corpus
    cell = CELLS[config.cell].__name__
    layers = f"1 {cell} layer" if config.layers == 1 else f"{config.layers} {cell} layers"
    return (
        f"{name}: {len(ids):,} {config.level}s, {len(vocabulary):,} distinct; "
        f"{layers} of {config.units:,} units, {config.parameters(len(vocabulary)):,} parameters"
    )


def unit(config: TextGeneration) -> str:
    """What the rate counts."""
    return f"{config.level}s"


def sample(notes: dict[str, Any]) -> str | None:
    """The text the model wrote at this step, if it wrote one."""
    return notes["sample"]["text"] if "sample" in notes else None


def evaluate(model: Sequential, data: str | None, line: Line) -> Evaluation:
    """Nats per symbol on the held-out tail if `data` is the text of the training, otherwise on all of it."""
    vocabulary, facts = vocabulary_of(model), model.metadata
    training = facts.get("config") if isinstance(facts.get("config"), dict) else {}
    if data is None:
        data = training.get("corpus")
        if data not in CORPORA:
            raise ValueError("the model was trained on a file: name it with --data")
    text = load_corpus(data, Downloading(line, data), line.say) if data in CORPORA else _read(Path(data), line)
    tidy = {name: training.get(name) is True for name in ("lowercase", "strip_punctuation")}
    limit = training.get("limit") if isinstance(training.get("limit"), int) and training["limit"] > 0 else None
    same = prepare_text(text, **tidy, limit=limit)
    symbols = vocabulary.kind
    if hashlib.sha256(same.encode()).hexdigest() == facts.get("text_sha256"):
        ids = held_out(vocabulary.encode(same))
        name, on = HEADLINE, f"{data}: the last {len(ids):,} {symbols}, which the training never saw"
    else:
        whole_text = prepare_text(text, **tidy)
        ids = vocabulary.encode(whole_text, unknown="drop")
        count = len(characters(whole_text) if isinstance(vocabulary, CharVocabulary) else vocabulary.words(whole_text))
        unknown = f"; {count - len(ids):,} that the model does not know are left out" if len(ids) < count else ""
        name, on = "test loss", f"{data}: {len(ids):,} {symbols}{unknown}"
    if len(ids) < 2:
        raise ValueError(f"{data} holds fewer than two {symbols} that the model knows")
    states = model.zero_states()
    loss = cast(float, model.evaluate(evaluation_batches(ids, len(vocabulary)), initial_states=states))
    kind = name.removesuffix("loss")
    return Evaluation(on, {f"{kind}perplexity": math.exp(min(loss, 700)), name: loss})


def _read(path: Path, line: Line) -> str:
    """A file as text, with notes on how it was read."""
    if not path.exists():
        raise ValueError(f"there is no file {str(path)!r}, and no corpus of that name ({', '.join(CORPORA)})")
    upload = read_upload(contents(path, 4 * LIMIT + 4), path.name)
    for note in upload.notes:
        line.say(f"{path.name}: {note}")
    return upload.text
