"""Words to numbers without a vocabulary: a hash of the word is its number. `one_hot` is called as in Keras 2.

Weinberger et al. (2009), "Feature Hashing for Large Scale Multitask Learning". Nothing is stored and no word is unknown;
in return two words may share a number, and no number can be turned back into its word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from lstm.layers import positive_integer

from .segmentation import words as words_of


def one_hot(input_text: str, n: int) -> list[int]:
    """The number of each word of a text by its hash, as the `hashing_trick` of Keras 2 gave it with "md5".

    Its `one_hot` took Python's `hash`, which gives other numbers in every process; MD5 does not.

    Parameters
    ----------
    input_text : the text; its words are lower-cased
    n : how many numbers there are, at least 2; 0 is kept for padding, so words get 1 to n − 1

    Raises
    ------
    ValueError
        If `n` is not a whole number of at least 2.
    """
    if positive_integer(n, "n") < 2:
        raise ValueError("n must be at least 2, as 0 is kept for padding, got 1")
    return [hashed(word, n) for word in words_of(input_text)]


def collisions(words: Iterable[str], n: int) -> dict[int, list[str]]:
    """The numbers that several different words share, each with its words in their order; `n` as in `one_hot`."""
    sharing: dict[int, list[str]] = {}
    for word in dict.fromkeys(words):
        sharing.setdefault(hashed(word, n), []).append(word)
    return {number: found for number, found in sorted(sharing.items()) if len(found) > 1}


def expected_pairs(words: int, n: int) -> float:
    """How many pairs of so many different words share a number on average: each pair does once in n − 1 times."""
    return words * (words - 1) / 2 / (n - 1)


def hashed(word: str, n: int) -> int:
    """The number of one word, from 1 to n − 1."""
    return digest(word) % (n - 1) + 1


def digest(word: str) -> int:
    """The MD5 sum of a word as a whole number of 128 bits."""
    return int(hashlib.md5(word.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(), 16)
