"""Which text to learn from: the corpora, the reader's own file, downloads, and what each text looks like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import streamlit as st

from lstm.datasets import (
    CORPORA,
    TextFacts,
    Upload,
    describe,
    is_cached,
    load_corpus,
    read_upload,
)
from lstm.lessons.text.experiment import OWN_TEXT, TextGeneration
from lstm.preprocessing.segmentation import unspaced, words
from lstm.untrusted import one_sentence
from ui import downloads, keep
from ui.plain import plain, sentence
from ui.text.controls import controls
from ui.theme import scheme
from ui.word_cloud import show_words, word_cloud

T = TypeVar("T")
PREPARATION = ("corpus", "text", "level", "limit", "lowercase", "strip_punctuation")
_KEPT = keep.brought("text_own_file", "your text (Text generation)")


@dataclass(frozen=True)
class Chosen:
    """The text on the table. `text` is the reader's own, None for a corpus by name; `ready` whether it can be read now."""

    name: str
    title: str
    ready: bool
    text: str | None = None


def pick() -> Chosen:
    """The corpus menu, and what goes with the choice: an upload, or a download that is asked for."""
    controls.draw("corpus")
    name = controls["corpus"]
    if name == OWN_TEXT:
        return _own_file()
    if not at_hand(name):
        return _offer_download(name)
    return Chosen(name, CORPORA[name].title, True)


def at_hand(name: str) -> bool:
    """Whether a corpus can be read without a download."""
    return not CORPORA[name].needs_download or is_cached(name)


def _own_file() -> Chosen:
    """A file of the reader's. One that is no use changes nothing: the text before it stays."""
    file = st.file_uploader(
        "Plain text, at most 2,000,000 characters",
        key="text_uploader",
        help="It stays on this server only while you are here.",
    )
    if file is not None and (problem := _take(file)):
        st.error(problem)
    if _KEPT not in st.session_state:
        return Chosen(OWN_TEXT, "your file", False)
    name, upload = st.session_state[_KEPT]
    notes = "".join(f" {sentence(note)}" for note in upload.notes)
    st.caption(f"**{plain(name)}**, read as {upload.encoding}.{plain(notes)}")
    return Chosen(OWN_TEXT, name, True, upload.text)


def _take(file: Any) -> str | None:
    """Read an uploaded file, once for each encoding it is asked to be read in; a sentence if it is no use."""

    def read(encoding: str | None) -> tuple[str | None, tuple[str, ...]]:
        try:
            with one_sentence("the file cannot be read as a text"):
                upload = read_upload(file.getvalue(), file.name, encoding=encoding)
        except ValueError as error:
            return sentence(error), ()
        st.session_state[_KEPT] = (file.name, upload)
        return None, (upload.encoding, *upload.others) if upload.others else ()

    problem, encodings = keep.of_session("text file read", file.file_id, lambda: read(None))
    if not encodings:
        return problem
    chosen = st.selectbox(
        "Encoding", encodings, key=f"text_encoding_{file.file_id}",
        help="The file does not say in which encoding it was written. If letters look wrong, try another.",
    )  # fmt: skip
    shown = "_text_encoding_shown"
    if st.session_state.get(shown, (file.file_id, encodings[0])) != (file.file_id, chosen):  # the first is the guess
        problem, _ = read(None if chosen == encodings[0] else chosen)
    st.session_state[shown] = (file.file_id, chosen)
    return problem


def keep_own_text(text: str | None) -> None:
    """Put back the reader's own text, from a training that was found again after the page had been reloaded."""
    if text is not None and _KEPT not in st.session_state:
        st.session_state[_KEPT] = ("the file of your last training", Upload(text, "UTF-8"))


def _offer_download(name: str) -> Chosen:
    title = CORPORA[name].title
    instead = ("Take Python's documentation instead", controls.put, ("corpus", "python_docs"))
    downloads.offer(name, title, "text", *instead)
    return Chosen(name, title, False)


def size(config: TextGeneration) -> tuple[int, int]:
    """How many symbols the prepared text has, and how many different ones. Raises what `TextGeneration.encode` does."""
    how = tuple(getattr(config, name) for name in PREPARATION)
    kept = keep.of_all if config.text is None else keep.of_session
    return kept("text size", how, lambda: _count_symbols(config))


def _count_symbols(config: TextGeneration) -> tuple[int, int]:
    vocabulary, ids = replace(config, batch=1, time_steps=1).encode(config.prepared_text())
    return len(ids), len(vocabulary)


def facts(chosen: Chosen) -> None:
    """How long the text is, and of how many symbols."""
    found = text_facts(chosen)
    st.caption(
        f"{found.characters:,} characters, {found.distinct:,} different ones · "
        f"{found.words:,} words, {found.distinct_words:,} different ones"
        + "".join(f". {note}" for note in found.notes)
    )


def looks(chosen: Chosen) -> None:
    """How the text begins, and its most frequent words, large ones first."""
    st.header("The text to learn from", anchor=False)
    left, right = st.columns([5, 8], gap="medium")
    with left:
        cloud(chosen)
    with right:
        st.code("\n".join(text_facts(chosen).first_lines), language=None, wrap_lines=True, height=166)
        st.caption("How it begins.")


def cloud(chosen: Chosen) -> None:
    """The word cloud."""
    frequent = _kept("text words", chosen, _count)
    if frequent:
        picture = _kept("text cloud", chosen, lambda _: word_cloud(frequent, scheme()), scheme())
        show_words(frequent, picture, "Its most frequent words, without “the”, “and” and their like.")


def text_facts(chosen: Chosen) -> TextFacts:
    """Counts and first lines of the text on the table."""
    return _kept("text facts", chosen, describe)


def _kept(what: str, chosen: Chosen, compute: Callable[[str], T], more: Hashable = None) -> T:
    """What `compute` makes of the text on the table: of a corpus for everybody, of a visitor's own for them alone."""
    if chosen.text is None:
        return keep.of_all(what, (chosen.name, more), lambda: compute(load_corpus(chosen.name)))
    return keep.of_session(what, (chosen.text, more), lambda: compute(chosen.text))


def _count(text: str) -> tuple[tuple[str, int], ...]:
    from wordcloud import STOPWORDS

    count = Counter(word for word in words(text) if (len(word) > 1 or unspaced(word)) and word not in STOPWORDS and not word.isdigit())
    return tuple(count.most_common(60))
