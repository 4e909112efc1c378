"""Sentences with a topic each: the ones that ship, and people's own CSV with a text and a label in every row.

Whatever the source, no sentence stands on two sides: what ships is split by template, an upload by its distinct texts.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from lstm.preprocessing.text import words

from .cells import dialect
from .uploads import read_upload

PARTS = ("training", "validation", "test")
SHIPPED = Path(__file__).resolve().parents[2] / "data" / "topics.csv"

MAX_CHARACTERS, MAX_ROWS = 5_000_000, 20_000
CLASSES = (2, 20)
LEAST_ROWS = 3
MAX_LABEL = 60
_SHARES = (0.7, 0.15)
_TEXT_NAMES = ("text", "sentence", "review", "message", "content", "headline", "title", "comment", "document", "body")
_LABEL_NAMES = ("label", "topic", "class", "category", "sentiment", "target", "genre", "tag")

STOP_WORDS = frozenset(
    words("""
    a about after again all although an and another any are as at be because been before behind but by came can come
    could did do down for from had has have he her his how i if in instead into is it its last late less like look
    matter me more most my never new no nobody not now of off on once one or our out over said she so such than that the
    their them then there they this three to too turned two under until up us was we week well were what when where
    which while who why will with without would you your
    """)
)
"""English words that say nothing about a topic; left out where common words are shown."""


@dataclass(frozen=True, eq=False)
class LabelledTexts:
    """Texts, the class of each, and the part it belongs to.

    labels : (texts,), numbers of `classes`; parts : (texts,), numbers of `PARTS`
    templates : what a sentence was made from, empty for an upload
    notes : sentences about how the file was read
    """

    name: str
    classes: tuple[str, ...]
    texts: tuple[str, ...]
    labels: np.ndarray
    parts: np.ndarray
    templates: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def part(self, name: str) -> tuple[list[str], np.ndarray]:
        """Texts and labels of one of `PARTS`."""
        chosen = np.flatnonzero(self.parts == PARTS.index(name))
        return [self.texts[k] for k in chosen], self.labels[chosen]

    def counts(self) -> np.ndarray:
        """(classes, 3), how many texts each class has in each part."""
        counts = np.zeros((len(self.classes), len(PARTS)), np.int64)
        np.add.at(counts, (self.labels, self.parts.astype(np.int64)), 1)
        return counts

    def lengths(self) -> np.ndarray:
        """(texts,), how many words each has."""
        return np.array([len(words(text)) for text in self.texts])

    def common_words(self, label: int, most: int = 30) -> list[tuple[str, int]]:
        """The commonest words of a class and how often they occur, without `STOP_WORDS`."""
        count: Counter[str] = Counter()
        for text, k in zip(self.texts, self.labels):
            if k == label:
                count.update(word for word in words(text) if word not in STOP_WORDS)
        return sorted(count.items(), key=lambda item: (-item[1], item[0]))[:most]


@lru_cache(maxsize=1)
def load_topics() -> LabelledTexts:
    """The sentences that ship, made by `data/make_topics.py`."""
    with open(SHIPPED, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    classes = tuple(sorted({row["label"] for row in rows}))
    return LabelledTexts(
        "topics", classes, tuple(row["text"] for row in rows), np.array([classes.index(row["label"]) for row in rows]),
        np.array([PARTS.index(row["split"]) for row in rows], np.int8), tuple(row["template"] for row in rows),
    )  # fmt: skip


def labelled_csv(data: bytes, name: str) -> str:
    """The text of a CSV file somebody hands in; ValueError, one sentence, if it is none (see `read_upload`)."""
    return read_upload(data, name, MAX_CHARACTERS).text


def labelled(
    content: str,
    name: str,
    text_column: str | None = None,
    label_column: str | None = None,
    notes: tuple[str, ...] = (),
) -> LabelledTexts:
    """Texts and classes from a CSV's content, split into parts in which no text of another part stands.

    The separator is found out. The columns are those named, or those whose names say text and label, or, without
    names, the one with the longest entries and the one with the fewest different ones.

    Raises
    ------
    ValueError
        One sentence: fewer than two columns, no such column, less than 2 or more than 20 classes, a class of fewer than
        3 different texts, no text with a word in it.
    """
    rows = _rows(content, name)
    said = list(notes)
    text_at, label_at, has_header = _columns(rows, name, text_column, label_column, said)
    width = max(text_at, label_at) + 1
    pairs = [
        (row[text_at].strip(), " ".join(row[label_at].split()))
        for row in rows[has_header:] if len(row) >= width
    ]  # fmt: skip
    good = [(text, label) for text, label in pairs if label and words(text)]
    if (lost := len(rows) - has_header - len(good)) and good:
        said.append(
            f"{lost:,} {'row' if lost == 1 else 'rows'} without a text or a label {'was' if lost == 1 else 'were'} left out"
        )
    if not good:
        raise ValueError(f"{name} holds no row with both a text of at least one word and a label")
    if len(good) > MAX_ROWS:
        chosen = np.sort(np.random.default_rng(0).permutation(len(good))[:MAX_ROWS])
        said.append(f"{MAX_ROWS:,} of its {len(good):,} rows are used, drawn at random")
        good = [good[k] for k in chosen]
    classes = tuple(sorted({label for _, label in good}, key=_natural))
    _check_classes(classes, good, name)
    labels = np.array([classes.index(label) for _, label in good])
    texts = tuple(text for text, _ in good)
    return LabelledTexts(name, classes, texts, labels, _split(texts, labels), ("",) * len(texts), tuple(said))


def _rows(content: str, name: str) -> list[list[str]]:
    """The cells of every row that has one."""
    try:
        delimiter, _ = dialect([line for line in content.split("\n", 300)[:300] if line.strip()])
        found = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
        rows = [row for row in found if any(map(str.strip, row))]
    except csv.Error as error:
        raise ValueError(f"{name} cannot be read as a table: {error}") from None
    if max(map(len, rows), default=0) < 2:
        raise ValueError(f"{name} must have a column of texts and a column of labels, got a single column")
    return rows


def _columns(
    rows: list[list[str]], name: str, text_column: str | None, label_column: str | None, said: list[str]
) -> tuple[int, int, bool]:
    """Where texts and labels stand, and whether the first row holds names."""
    names = [cell.strip() for cell in rows[0]]
    lower = [cell.lower() for cell in names]
    found = []
    for wanted, usual, what in ((text_column, _TEXT_NAMES, "text"), (label_column, _LABEL_NAMES, "label")):
        if wanted is not None and wanted not in names:
            raise ValueError(f"{name} has no column {wanted[:40]!r} for the {what}; it has {', '.join(names)[:200]}")
        named = [names.index(wanted)] if wanted is not None else [lower.index(one) for one in usual if one in lower]
        found.append(named[0] if named else None)
    text_at, label_at = found
    if text_at is not None and text_at == label_at:
        raise ValueError(f"{name}: texts and labels must stand in two columns, got {names[text_at][:40]!r} for both")
    has_header = text_at is not None or label_at is not None
    body = rows[has_header:][:2000] or rows
    columns = [k for k in range(max(map(len, rows))) if k not in (text_at, label_at)]
    cells = {k: [row[k].strip() for row in body if k < len(row)] for k in columns}
    if text_at is None:
        text_at = max(columns, key=lambda k: np.mean([len(cell) for cell in cells[k]] or [0]))
    if label_at is None:
        left = [k for k in columns if k != text_at]
        label_at = min(left, key=lambda k: len(set(cells[k])) or len(body) + 1)
    if not has_header:
        said.append(
            f"its first row holds no column names such as text and label, so column {text_at + 1} was taken for the texts and "
            f"column {label_at + 1} for the labels"
        )
    return text_at, label_at, has_header


def _natural(label: str) -> tuple[float, str]:
    """Labels that are numbers in their order, the others behind them by spelling."""
    try:
        value = float(label)
    except ValueError:
        return float("inf"), label
    return (value if value == value else float("inf")), label


def _check_classes(classes: tuple[str, ...], rows: list[tuple[str, str]], name: str) -> None:
    """Raise ValueError unless there is a number of classes that can be told apart, with enough texts each."""
    least, most = CLASSES
    if len(classes) < least:
        raise ValueError(f"{name} has a single class, {classes[0][:40]!r}: there is nothing to tell apart")
    if len(classes) > most:
        numbers = all(_natural(label)[0] != float("inf") for label in classes)
        hint = "; they are numbers, and a class is a name or one of a few numbers" if numbers else ""
        raise ValueError(
            f"{name} has {len(classes):,} different labels, and at most {most} classes can be told apart{hint}"
        )
    if long := [label for label in classes if len(label) > MAX_LABEL]:
        raise ValueError(
            f"{name} has a label of {len(long[0]):,} characters, {long[0][:40]!r}…; at most {MAX_LABEL} are allowed"
        )
    distinct: dict[str, str] = {}
    for text, label in rows:
        distinct.setdefault(" ".join(words(text)), label)
    count = Counter(distinct.values())
    for label in classes:
        if count[label] < LEAST_ROWS:
            there = {0: "no text of its own", 1: "a single text"}.get(
                count[label], f"only {count[label]} different texts"
            )
            raise ValueError(
                f"{name}: class {label[:40]!r} has {there}, and a class needs {LEAST_ROWS}: to learn from, to validate on, to be "
                "tested on"
            )


def _split(texts: tuple[str, ...], labels: np.ndarray) -> np.ndarray:
    """(texts,), the part of each: drawn once and for all, class by class, the same text always in the same part."""
    groups: dict[str, list[int]] = {}
    for k, text in enumerate(texts):
        groups.setdefault(" ".join(words(text)), []).append(k)
    parts = np.zeros(len(texts), np.int8)
    rng = np.random.default_rng(5)
    for label in range(int(labels.max()) + 1):
        mine = [members for members in groups.values() if labels[members[0]] == label]
        order = rng.permutation(len(mine))
        held_out = max(1, round(_SHARES[1] * len(mine)))
        for place, k in enumerate(order):
            parts[mine[k]] = 1 if place < held_out else 2 if place < 2 * held_out else 0
    return parts
