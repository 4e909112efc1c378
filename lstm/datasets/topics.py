"""Sentences with a topic each: the ones that ship, and people's own CSV with a text and a label in every row.

Whatever the source, no sentence stands on two sides: what ships is split by template, an upload by its distinct texts.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from lstm.preprocessing.segmentation import unspaced_note
from lstm.preprocessing.text import words

from .cells import missing
from .dates import read_dates
from .grid import Grid, counted, read_grid
from .uploads import read_upload

PARTS = ("training", "validation", "test")
SHIPPED = Path(__file__).resolve().parents[2] / "data" / "topics.csv"

MAX_CHARACTERS, MAX_ROWS = 5_000_000, 20_000
CLASSES = (2, 20)
LEAST_ROWS = 3
MAX_LABEL = 60
_SHARES = (0.7, 0.15)
TEXT_NAMES = tuple(
    re.findall(r"\S+", """text sentence review message content headline title comment document body tweet sms article description
    question utterance abstract texte texto текст 文本 内容""")
)  # fmt: skip
LABEL_NAMES = tuple(
    re.findall(r"\S+", """label topic class category sentiment target genre tag intent emotion labels polarity type stars rating
    kategorie klasse thema metka 标签 类别""")
)  # fmt: skip
_NAMES = frozenset(TEXT_NAMES + LABEL_NAMES)

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
    notes : sentences about how the file was read; columns : where texts and labels stood
    """

    name: str
    classes: tuple[str, ...]
    texts: tuple[str, ...]
    labels: np.ndarray
    parts: np.ndarray
    templates: tuple[str, ...]
    notes: tuple[str, ...] = ()
    columns: tuple[str, str] = ("text", "label")

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


def read_labelled(
    data: bytes,
    name: str,
    text_column: str | None = None,
    label_column: str | None = None,
    header: bool | None = None,
    encoding: str | None = None,
) -> LabelledTexts:
    """Texts and classes from the bytes of a CSV file; `labelled` says how, and what is raised."""
    upload = read_upload(data, name, MAX_CHARACTERS, encoding)
    return labelled(upload.text, name, text_column, label_column, upload.notes, header)


def labelled(
    content: str,
    name: str,
    text_column: str | None = None,
    label_column: str | None = None,
    notes: tuple[str, ...] = (),
    header: bool | None = None,
) -> LabelledTexts:
    """Texts and classes from a CSV's content, split into parts in which no text of another part stands.

    The separator is found out. The columns are those named, or those whose names say text and label, or by content: the
    texts are what has most letters and is no date, the labels what has the fewest different entries; a column that is
    empty or always the same is neither.

    Raises
    ------
    ValueError
        One sentence: fewer than two columns, no such column, less than 2 or more than 20 classes, a class of fewer than
        3 different texts, no text with a word in it.
    """
    grid = table_of_texts(content, name, header)
    said = [*notes, *grid.notes]
    text_at, label_at = _columns(grid, name, text_column, label_column, said)
    pairs = [(text, " ".join(label.split())) for text, label in zip(grid.columns[text_at], grid.columns[label_at])]
    good = [(text, label) for text, label in pairs if label and words(text)]
    if (lost := len(pairs) - len(good)) and good:
        said.append(f"{counted(lost, 'row')} without a text or a label {'was' if lost == 1 else 'were'} left out")
    if not good:
        raise ValueError(f"{name} holds no row with both a text of at least one word and a label")
    if len(good) > MAX_ROWS:
        chosen = np.sort(np.random.default_rng(0).permutation(len(good))[:MAX_ROWS])
        said.append(f"{MAX_ROWS:,} of its {len(good):,} rows are used, drawn at random")
        good = [good[k] for k in chosen]
    if note := unspaced_note(" ".join(text for text, _ in good[:2_000])):
        said.append(note)
    classes = tuple(sorted({label for _, label in good}, key=_natural))
    _check_classes(classes, good, name)
    labels = np.array([classes.index(label) for _, label in good])
    texts = tuple(text for text, _ in good)
    columns = (grid.names[text_at], grid.names[label_at])
    return LabelledTexts(name, classes, texts, labels, _split(texts, labels), ("",) * len(texts), tuple(said), columns)


def as_csv(table: LabelledTexts) -> str:
    """A table as the simplest CSV, whose first row says text and label: it is read alike wherever it is read again."""
    text = io.StringIO()
    rows = zip(table.texts, (table.classes[k] for k in table.labels))
    csv.writer(text, lineterminator="\n").writerows([("text", "label"), *rows])
    return text.getvalue()


def table_of_texts(content: str, name: str, header: bool | None = None) -> Grid:
    """The columns of a CSV with texts. ValueError if there is a single one."""
    grid = _label_marked(content) or read_grid(content, name, header, _NAMES)
    if len(grid.columns) < 2:
        raise ValueError(f"{name} must have a column of texts and a column of labels, got a single column")
    return grid


def _label_marked(content: str) -> Grid | None:
    """The table of lines such as "Profits rose.@positive" or "__label__positive Profits rose."; None if it is none."""
    lines = [line.strip() for line in content.split("\n") if line.strip()]
    for form in (r"__label__(?P<label>\S+)[ ,]+(?P<text>.+)", r"(?P<text>.*[^@])@(?P<label>[\w /-]{1,40})"):
        found = [match for match in map(re.compile(form).fullmatch, lines) if match]
        labels = {match["label"] for match in found}
        if len(found) > 0.9 * len(lines) and 3 * len(labels) <= len(found) and len(labels) <= CLASSES[1]:
            example = lines[0][:12] if lines[0][0] == "_" else lines[0][-12:]
            notes = [f"each line holds a text and its label, as in {example!r}"]
            if lost := len(lines) - len(found):
                notes.append(f"{counted(lost, 'line')} without a label {'were' if lost > 1 else 'was'} left out")
            columns = tuple(tuple(match[part].strip() for match in found) for part in ("text", "label"))
            return Grid(("text", "label"), columns, "@", True, tuple(notes))
    return None


def _columns(
    grid: Grid, name: str, text_column: str | None, label_column: str | None, said: list[str]
) -> tuple[int, int]:
    """Where texts and labels stand."""
    for wanted, what in ((text_column, "text"), (label_column, "label")):
        if wanted is not None and wanted not in grid.names:
            raise ValueError(
                f"{name} has no column {wanted[:40]!r} for the {what}; it has {', '.join(grid.names)[:200]}"
            )
    if text_column is not None and text_column == label_column:
        raise ValueError(f"{name}: texts and labels must stand in two columns, got {text_column[:40]!r} for both")
    cells = [column[:2000] for column in grid.columns]
    kinds = [len(set(column)) for column in cells]
    lengths = [sum(words_in(cell[:500]) for cell in column) / max(len(column), 1) for column in cells]
    lower = [one.lower() for one in grid.names]
    others = [k for k in range(len(cells)) if grid.names[k] not in (text_column, label_column)]

    def named(usual: tuple[str, ...]) -> list[int]:
        """Columns of these names, then those with one of them among their words, such as review_text."""
        exact = [lower.index(one) for one in usual if one in lower]
        part = [k for k, one in enumerate(lower) if set(usual) & set(re.findall(r"[^\W_]+", one)) and k not in exact]
        return [k for k in (*exact, *part) if kinds[k] > 1 and k in others]

    if text_column is not None:
        text_at = grid.names.index(text_column)
    elif found := named(TEXT_NAMES):
        text_at = max(found, key=lambda k: lengths[k])
    else:
        dates = {k for k in others if read_dates(cells[k][:200], missing(cells[k][:200])) is not None}
        text_at = max(
            others, key=lambda k: (k not in dates, kinds[k] > 1, lengths[k], len(cells[k]) and max(map(len, cells[k])))
        )
    others = [k for k in others if k != text_at]
    few = [k for k in others if 1 < kinds[k] <= CLASSES[1]]
    if label_column is not None:
        label_at = grid.names.index(label_column)
    elif found := [k for k in named(LABEL_NAMES) if k in few or (k in others and not few)]:
        label_at = found[0]
    else:
        label_at = min(few or others, key=lambda k: (kinds[k] < 2, kinds[k], lengths[k] == 0, k))
    if not grid.headed and None in (text_column, label_column):
        said.append(
            f"its first row holds no column names such as text and label, so {grid.names[text_at]} was taken for the texts and "
            f"{grid.names[label_at]} for the labels"
        )
    elif None in (text_column, label_column) and not {lower[text_at], lower[label_at]} <= _NAMES:
        said.append(f"{grid.names[text_at]!r} was taken for the texts and {grid.names[label_at]!r} for the labels")
    return text_at, label_at


def words_in(cell: str) -> float:
    """About how many words a cell has; of scripts without spaces two characters count as one."""
    found = sum(any(map(str.isalpha, word)) for word in cell.split())
    return max(found, sum(unicodedata.east_asian_width(c) == "W" for c in cell) / 2)


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
