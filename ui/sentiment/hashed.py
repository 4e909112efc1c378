"""Beside the dictionary the other way to encode: the hash of a word is its number, and words may share one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from lstm.lessons.reading.reader import TextReader
from lstm.preprocessing.hashing import collisions, digest, expected_pairs, hashed
from ui.plain import plain
from ui.reading.models import ReadingModel

STOPS = (10, 25, 50, 100, 250, 500, 1000, 5000, 15_000)
"""How many numbers the hash may give out."""
NAMED = 6
"""Most shared numbers whose words are named."""


@st.fragment
def beside_the_dictionary(shown: ReadingModel, text: str) -> None:
    """Each word of the review with its number in the dictionary and its hash; which words share one, and why."""
    with st.expander("Without a dictionary: numbers by hashing", icon=":material/tag:"):
        words = list(dict.fromkeys(token.word for token in shown.reader.tokens(text)))
        if not words:
            st.info("There is no word in this text yet.")
            return
        left, right = st.columns(2, gap="medium")
        with left:
            n = st.select_slider(
                "Numbers to give out (n)", STOPS, 100, key="sentiment_hash_n", persist_state="session",
                help="0 is kept for padding, so that words get 1 to n − 1.",
            )  # fmt: skip
            sharing = collisions(words, n)
            st.dataframe(
                table(shown.reader, words, n, sharing), hide_index=True, height=260, key="sentiment_hash_table"
            )
        with right:
            st.markdown(
                "A dictionary is learnt from the training texts and kept with the network. **Hashing** needs none: it mixes up a "
                "word’s letters by a fixed rule (MD5), divides by n − 1, and takes the remainder plus 1. Every word gets a number, "
                "an unheard one too; but nothing keeps two words from the same remainder, and the network then cannot tell them "
                "apart. Nor can a number be decoded again."
            )
            st.markdown(said(len(words), n, sharing))
            st.code(worked(words[0], n), language=None, wrap_lines=True)
            st.caption("`one_hot` in lstm/preprocessing/hashing.py does this for each word of a text.")


def table(reader: TextReader, words: Sequence[str], n: int, sharing: Mapping[int, Sequence[str]]) -> dict[str, list]:
    """The words of a review, each with both of its numbers and with whom it shares the hashed one, as columns."""
    by_hash = [hashed(word, n) for word in words]
    return {
        "word": list(words),
        "dictionary": reader.vocabulary.numbers(words).tolist(),
        "hash": by_hash,
        "shares it with": [
            ", ".join(other for other in sharing.get(number, []) if other != word) for word, number in zip(words, by_hash, strict=True)
        ],
    }  # fmt: skip


def worked(word: str, n: int) -> str:
    """One word's way to its number."""
    return f"md5(“{word}”) = {digest(word):032x}\n  mod {n - 1:,} + 1 = {hashed(word, n):,}"


def said(words: int, n: int, sharing: Mapping[int, Sequence[str]]) -> str:
    """Which words share a number, and what chance would have given."""
    pairs = sum(len(found) * (len(found) - 1) // 2 for found in sharing.values())
    different = f"{words:,} different words" if words != 1 else "A single word"
    average = expected_pairs(words, n)
    chance = f"By chance alone one expects {f'{average:.2g}' if average < 10 else f'{average:,.0f}'} such pairs."
    if words > n - 1:
        chance += f" Some must: there are more words than the {n - 1:,} numbers."
    if not sharing:
        return f"{different}, {n - 1:,} numbers: here **no two words** share one. {chance}"
    named = [
        f"{number}: " + ", ".join(f"“{plain(word)}”" for word in found)
        for number, found in list(sharing.items())[:NAMED]
    ]
    more = f"; and {len(sharing) - NAMED} more numbers" if len(sharing) > NAMED else ""
    together = "1 pair of words shares" if pairs == 1 else f"{pairs:,} pairs of words share"
    return f"{different}, {n - 1:,} numbers: **{together} one** ({'; '.join(named)}{more}). {chance}"
