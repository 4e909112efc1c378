"""The lesson "topics" on the command line: a network that says what a sentence is about."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from lstm import Sequential
from lstm.datasets.topics import as_csv, labelled, labelled_csv, load_topics, read_labelled
from lstm.lessons.reading.reader import reader_of
from lstm.lessons.reading.topics import PRESETS, Topics
from lstm.lessons.reading.topics import evaluate as examine

from .. import table_options
from ..parsing import chosen
from ..terminal import Line, printable
from . import Evaluation

CONFIG = Topics
PRESETS = PRESETS
SUMMARY = "a reader of sentences that says what each is about"
HEADLINE = "test accuracy"
EXAMPLES = """\
examples:
  python -m lstm train topics --out topics.npz
  python -m lstm train topics --file my.csv --text-column message --label-column team --out my.npz
  python -m lstm classify topics.npz "the striker lost interest in the bonds"
  python -m lstm compare-topics --seeds 3

No template of the test sentences stands in the training part; of a file of your own, no text does."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what is no setting: a file."""
    parser.add_argument(
        "--file", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="a CSV of your own, with texts and labels"
    )
    table_options.add_reading(parser)


def settings(options: argparse.Namespace, line: Line) -> dict[str, Any]:
    """The fields of `Topics` that the options set."""
    found = chosen(options, Topics)
    asked = {name: getattr(options, name) for name in ("header", "encoding") if hasattr(options, name)}
    if not hasattr(options, "file"):
        if asked:
            raise ValueError(f"--{next(iter(asked))} is about a table: name one with --file")
        return found
    if not asked:
        return found | {"data": "upload", "csv": _content(options.file)}
    data = table_options.contents(options.file, "one CSV file")
    table = read_labelled(data, options.file.name, found.get("text_column"), found.get("label_column"), **asked)
    for note in table.notes:
        line.say(printable(f"{table.name}: {note}"))
    return found | {"data": "upload", "csv": as_csv(table), "text_column": "text", "label_column": "label"}


def prepare(config: Topics, line: Line) -> str:
    """Read the texts; describe them and the model."""
    table = config.table()
    for note in table.notes:
        line.say(f"{table.name}: {note}")
    learn, held_out, test = table.counts().sum(axis=0)
    name = "your file" if config.data == "upload" else config.data
    return (
        f"{name}: {learn:,} texts to learn from, {held_out:,} to validate on, {test:,} to test on; "
        f"{len(table.classes)} classes: {', '.join(table.classes)}"
    )


def unit(config: Topics) -> str:
    """What the rate counts."""
    return "texts"


def sample(notes: dict[str, Any]) -> str | None:
    """How sure the network is of the true class of a few texts."""
    if "probes" not in notes:
        return None
    shown = notes["probes"]
    return "\n".join(
        f"{found[label]:.3f}  {text[:100]}"
        for text, label, found in zip(shown["texts"], shown["labels"], shown["probabilities"])
    )


def evaluate(model: Sequential, data: str | None, line: Line) -> Evaluation:
    """Loss and accuracy on the test part of what it was trained on, or on every text of another file of the same classes."""
    reader = reader_of(model)
    config = model.metadata.get("config")
    if data is None and isinstance(config, dict) and config.get("data") != "topics":
        raise ValueError("the model was trained on a file: name it with --data")
    table = load_topics() if data in (None, "topics") else labelled(_content(Path(data)), Path(data).name)
    if strange := [name for name in table.classes if name not in reader.classes]:
        raise ValueError(
            f"{table.name} holds the class {strange[0][:40]!r}, and the model tells {', '.join(reader.classes)} apart"
        )
    texts, labels = table.part("test")
    labels = np.array([reader.classes.index(table.classes[k]) for k in labels])
    loss, accuracy = examine(model, reader, texts, labels)
    return Evaluation(
        f"{table.name}: the {len(texts):,} texts of the test part", {"test loss": loss, HEADLINE: accuracy}
    )


def _content(path: Path) -> str:
    return labelled_csv(table_options.contents(path, "one CSV file"), path.name)
