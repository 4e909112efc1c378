"""Which texts to sort: the sentences that ship or the reader's own CSV, and what either looks like."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from lstm.datasets import read_upload
from lstm.datasets.topics import (
    MAX_CHARACTERS,
    MAX_ROWS,
    PARTS,
    SHIPPED,
    LabelledTexts,
    as_csv,
    labelled,
    load_topics,
    table_of_texts,
)
from lstm.lessons.reading.look import facts_of
from lstm.lessons.reading.topics import Topics
from ui import keep
from ui import looks as file_looks
from ui.plain import plain, sentence
from ui.theme import scheme
from ui.topics import charts
from ui.topics.controls import controls
from ui.word_cloud import word_cloud

_OWN = keep.brought("topics_own", "your table (Topics)")
_BEFORE = keep.brought("_topics_own_before", "your earlier table (Topics)")
T = TypeVar("T")
GUESSED = "found by itself"


@dataclass(frozen=True)
class Chosen:
    """The texts on the table, and how an experiment gets them: `own` has csv, text_column and label_column, or nothing."""

    table: LabelledTexts
    own: dict[str, Any]


@dataclass(frozen=True)
class OwnFile:
    """A file the reader handed in. `number` counts them, so that a new one has new menus."""

    name: str
    number: int
    content: str
    notes: tuple[str, ...] = ()
    columns: tuple[str | None, str | None] = (None, None)


def pick() -> Chosen | None:
    """The menu of data, and what goes with the choice. None where there is nothing yet, and the page has said why."""
    controls.draw("data")
    if controls["data"] == "topics":
        return Chosen(load_topics(), {})
    return _own_file()


def _own_file() -> Chosen | None:
    """A file of the reader's. One that is no use changes nothing: the file before it stays."""
    file = st.file_uploader(
        "A CSV with a text and a label in each row", key="topics_uploader",
        help=f"At most 5 MB; of more than {MAX_ROWS:,} rows {MAX_ROWS:,} are drawn. 2 to 20 different labels, each with at "
        "least 3 texts. It stays on this server only while you are here.",
    )  # fmt: skip
    if file is not None and (problem := _take(file)):
        kept = " The file before it stays." if _OWN in st.session_state else ""
        st.error(f"{problem}{kept}")
    own: OwnFile | None = st.session_state.get(_OWN)
    if own is None:
        st.caption("A line of names, then a row for each text, such as `text,label`. Commas, semicolons or tabs.")
        return None
    return _columns(own)


def _take(file: Any) -> str | None:
    """Read an uploaded file, once; a sentence if it is no use. A file whose columns are yet to be named is taken."""

    def problem() -> str | None:
        try:
            upload = read_upload(file.getvalue(), file.name, MAX_CHARACTERS)
            before = st.session_state.get(_OWN)
            number = before.number + 1 if before else 1
            own = OwnFile(file.name, number, upload.text, upload.notes)
            table_of_texts(own.content, own.name)  # says what is wrong with it
            st.session_state[_OWN] = own
        except ValueError as error:
            return sentence(error)
        return None

    return keep.of_session("topics file read", file.file_id, problem)


def _columns(own: OwnFile) -> Chosen | None:
    """Choose the columns; what is wrong with them is said here, where they are chosen."""
    menus = st.container()
    with file_looks.folded():
        header = file_looks.header(f"topics_header_{own.number}")
        lines = st.container()
    try:
        names = [GUESSED, *table_of_texts(own.content, own.name, header).names]
        chosen = []
        with menus:
            for place, (label, what) in zip(st.columns(2), (("Texts", "text"), ("Labels", "label"))):
                with place:
                    guess = own.columns[what == "label"]
                    start = names.index(guess) if guess in names else 0
                    found = st.selectbox(
                        f"{label} stand in", names, start, key=f"topics_{what}_column_{own.number}{'' if header is None else header}",
                        format_func=str, persist_state="session",
                    )  # fmt: skip
                chosen.append(None if found == GUESSED else found)
        table = _table(own, header, *chosen)
    except ValueError as problem:
        with menus:
            st.error(sentence(problem))
            if (before := st.session_state.get(_BEFORE)) is not None and before != own:
                back = f"Back to {plain(before.name)}"
                st.button(back, icon=":material/undo:", key="topics_own_back", on_click=_go_back)
        return None
    st.session_state[_BEFORE] = own
    notes = " ".join(sentence(note) for note in dict.fromkeys([*own.notes, *table.notes]))
    with menus:
        st.caption(f"**{plain(own.name)}**: {len(table.texts):,} texts, {len(table.classes)} classes. {notes}")
    with lines:
        file_looks.show(facts_of(table))
    if header is None:
        return Chosen(table, {"csv": own.content, "text_column": chosen[0], "label_column": chosen[1]})
    # a training reads the file again, and nobody tells it then which row holds the names
    return Chosen(table, {"csv": as_csv(table), "text_column": "text", "label_column": "label"})


def _go_back() -> None:
    st.session_state[_OWN] = st.session_state[_BEFORE]


def _table(own: OwnFile, header: bool | None, text: str | None, label: str | None) -> LabelledTexts:
    """The texts of a file, made once for each choice of columns; what is wrong with it is raised every time."""
    wanted = (own.number, header, text, label)
    make = lambda: labelled(own.content, own.name, text, label, header=header)  # noqa: E731
    return keep.of_session_or_problem("topics own table", wanted, make)


def keep_own(config: Topics) -> None:
    """Put back the reader's file, from a training that was found again after the page had been reloaded."""
    if config.csv is not None and _OWN not in st.session_state:
        columns = (config.text_column, config.label_column)
        st.session_state[_OWN] = OwnFile("the file of your last training", 0, config.csv, (), columns)


@dataclass(frozen=True)
class _Looks:
    """What is counted once of a table."""

    counts: np.ndarray
    lengths: np.ndarray
    words: tuple[tuple[tuple[str, int], ...], ...]


def _looks(table: LabelledTexts) -> _Looks:
    def count() -> _Looks:
        common = tuple(tuple(table.common_words(k, 60)) for k in range(len(table.classes)))
        return _Looks(table.counts(), table.lengths(), common)

    return of_table("topics looks", table, count)


def of_table(what: str, table: LabelledTexts, make: Callable[[], T], more: Hashable = None) -> T:
    """What `make` computes of a table: of the sentences that ship for everybody, of a visitor's own for them alone."""
    if table is load_topics():
        return keep.of_all(what, more, make)
    return keep.of_session(what, (table, more), make)


@st.fragment
def looks(table: LabelledTexts) -> None:
    """Class balance, lengths, commonest words and the word cloud of a class, and how the parts were drawn."""
    found = _looks(table)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{len(table.texts):,} texts in {len(table.classes)} classes**, and the part each belongs to.")
        charts.balance(found.counts, table.classes, PARTS).show(
            "topics_balance", "Bars: texts of each class in training, validation and test"
        )
    with right:
        mean = f"{found.lengths.mean():.1f} words on average, {found.lengths.max():,} at most"
        st.markdown(f"**How long they are**: {mean}.")
        charts.lengths(found.lengths).show("topics_lengths", "Bars: how many texts have how many words")
    left, right = st.columns(2, gap="medium")
    with left:
        k = st.selectbox(
            "Commonest words of", range(len(table.classes)), format_func=lambda k: table.classes[k],
            key=f"topics_words_of_{' '.join(table.classes)}",
        )  # fmt: skip
        words = found.words[k]
        charts.common_words(words[:12], table.classes, k).show(
            "topics_words", "Bars: " + ", ".join(f"{word} {count}" for word, count in words[:12])
        )
    with right:
        cloud = of_table("topics cloud", table, lambda: word_cloud(words, scheme()), (k, scheme())) if words else None
        if cloud is not None:
            st.image(
                cloud, width="stretch", caption="The same as a cloud, without “the”, “and” and their like.",
                alt="Word cloud. The commonest words: " + ", ".join(word for word, _ in words[:10]),
            )  # fmt: skip
        texts = [text for text, label in zip(table.texts, table.labels) if label == k][:3]
        st.code("\n".join(text[:300] for text in texts), language=None, wrap_lines=True)
    _parts(table)


def _parts(table: LabelledTexts) -> None:
    """The leak lesson: why no template stands on two sides, and which labels nobody can know."""
    if not any(table.templates):
        st.caption(
            "Each class is split by chance into 70 % to learn from, 15 % to validate on and 15 % to be tested on; the same text, "
            "however often it stands in the file, is always in one part."
        )
        return
    templates = [{t for t, p in zip(table.templates, table.parts) if p == k} for k in range(len(PARTS))]
    shared = len(templates[0] & (templates[1] | templates[2]) | templates[1] & templates[2])
    wrong, ambiguous = shipped_noise()
    st.markdown(
        f"**Split by template.** These sentences are generated from {len(set(table.templates))} templates: "
        f"{len(templates[0])} for training, {len(templates[1])} for validation, {len(templates[2])} for the test, and {shared} "
        f"on two sides. Had the sentences been dealt out one by one, {twins(table):.0%} of the test sentences would have a sister "
        "from the same template in the training part: who remembers the sister can be right without having understood anything, "
        "and the score would not say how it does on sentences of another make. That is called a leak."
    )
    st.markdown(
        f"**Labels that are wrong on purpose.** {wrong:.1%} of the labels were replaced by another one, and {ambiguous:.1%} of "
        "the sentences fit every topic, so that 100 % is not there for the taking."
    )


def twins(table: LabelledTexts) -> float:
    """The share of test sentences with a sister from their template in the training part, were parts dealt out by chance."""
    dealt = np.random.default_rng(0).permutation(table.parts)
    templates = np.array(table.templates)
    known = set(templates[dealt == PARTS.index("training")])
    return float(np.mean([template in known for template in templates[dealt == PARTS.index("test")]]))


def shipped_noise() -> tuple[float, float]:
    """Of the sentences that ship: the share of labels that were replaced, and of sentences that fit every topic."""
    return keep.of_all("topics noise", None, _shipped_noise)


def _shipped_noise() -> tuple[float, float]:
    with open(SHIPPED, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = Counter(row["template"].split("-")[0] for row in rows)
    return sum(row["label"] != row["topic"] for row in rows) / len(rows), kinds["ambiguous"] / len(rows)
