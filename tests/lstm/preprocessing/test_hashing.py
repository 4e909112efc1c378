"""Words to numbers by hashing: stable, bounded, and which words share a number."""

import hashlib
from itertools import combinations

import pytest

from lstm.preprocessing.hashing import collisions, expected_pairs, hashed, one_hot


def test_the_numbers_are_md5_by_hand():
    by_hand = [int(hashlib.md5(word.encode()).hexdigest(), 16) % 49 + 1 for word in ("a", "good", "film", "a")]
    assert one_hot("A good film, a …", 50) == by_hand and by_hand[0] == by_hand[3]
    assert one_hot("", 50) == []
    assert int(hashlib.md5(b"good").hexdigest(), 16) == 0x755F85C2723BB39381C7379A604160D8
    assert hashed("good", 50) == 0x755F85C2723BB39381C7379A604160D8 % 49 + 1


@pytest.mark.parametrize("n", [2, 3, 10, 1000])
def test_zero_is_never_given_and_none_is_too_large(n):
    numbers = one_hot(" ".join(f"word{k}" for k in range(300)), n)
    assert min(numbers) >= 1 and max(numbers) <= n - 1


@pytest.mark.parametrize("n", [2, 20, 400])
def test_words_that_share_a_number_are_all_found(n):
    words = [f"word{k}" for k in range(30)]
    found = collisions(words + words, n)  # a word does not collide with itself
    pairs = {pair for shared in found.values() for pair in combinations(shared, 2)}
    assert pairs == {(a, b) for a, b in combinations(words, 2) if hashed(a, n) == hashed(b, n)}
    assert all(hashed(word, n) == number for number, shared in found.items() for word in shared)


def test_how_many_pairs_chance_would_make():
    assert expected_pairs(2, 2) == 1 and expected_pairs(1, 50) == 0 and expected_pairs(30, 101) == 4.35
    words = [f"word{k}" for k in range(400)]
    pairs = sum(len(shared) * (len(shared) - 1) / 2 for shared in collisions(words, 101).values())
    assert pairs == pytest.approx(expected_pairs(400, 101), rel=0.15)


@pytest.mark.parametrize(
    ("n", "said"), [(1, "at least 2"), (0, "positive integer"), (2.5, "positive integer"), (True, "positive")]
)
def test_too_few_numbers_are_one_sentence(n, said):
    with pytest.raises(ValueError, match=said):
        one_hot("good", n)
