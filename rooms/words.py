"""Names of rooms: two short words that everybody can say, hear and type."""

from __future__ import annotations

import secrets

FIRST = (
    "amber", "azure", "black", "blue", "bold", "brave", "brown", "calm", "clear", "cold", "cool", "coral", "crisp", "early", "east",
    "fair", "fast", "fine", "fresh", "glad", "gold", "green", "happy", "honey", "ivory", "jolly", "kind", "late", "light", "lime",
    "lucky", "merry", "mild", "mint", "navy", "neat", "new", "nice", "north", "olive", "open", "pink", "plain", "proud", "purple",
    "quick", "quiet", "rapid", "red", "ruby", "silver", "slow", "smart", "soft", "solar", "south", "sunny", "sweet", "tall", "tidy",
    "warm", "west", "wild", "wise", "yellow", "young",
)  # fmt: skip
SECOND = (
    "ant", "apple", "bear", "bee", "bird", "boat", "bridge", "camel", "castle", "cat", "cloud", "coin", "crab", "crow", "deer", "dog",
    "drum", "duck", "eagle", "ear", "falcon", "fish", "flute", "fox", "frog", "garden", "goat", "goose", "hare", "hat", "horse",
    "island", "kite", "koala", "lake", "lamp", "lemon", "lion", "lynx", "moon", "moose", "mouse", "otter", "owl", "panda", "piano",
    "pony", "rabbit", "raven", "river", "robin", "rose", "seal", "shell", "ship", "snail", "spider", "star", "stone", "swan", "tiger",
    "train", "tree", "tulip", "whale", "wolf", "zebra",
)  # fmt: skip
NAMES = len(FIRST) * len(SECOND)
COLOURS = (
    "amber", "aqua", "blue", "brown", "coral", "crimson", "gold", "green", "grey", "indigo", "jade", "lilac", "magenta", "moss",
    "navy", "ocean", "olive", "orange", "pink", "plum", "red", "rust", "teal", "violet",
)  # fmt: skip
"""What a student is called: a colour, and nothing of theirs."""


def draw_name() -> str:
    """A name: "amber-fox"."""
    return f"{secrets.choice(FIRST)}-{secrets.choice(SECOND)}"


def tidy(typed: str) -> str:
    """What somebody typed as a name: "Amber Fox" is amber-fox. Whatever else was typed is cut to 40 characters."""
    return "-".join(typed[:200].casefold().replace("-", " ").split())[:40]


def shuffled_colours() -> tuple[str, ...]:
    """The colours in an order of their own, so that nobody's tells who came first."""
    left = list(COLOURS)
    return tuple(left.pop(secrets.randbelow(len(left))) for _ in COLOURS)


def colour_of(number: int, colours: tuple[str, ...]) -> str:
    """What the student with this number is called, from 0: "teal", and when the colours are used up "teal 2"."""
    again, which = divmod(number, len(colours))
    return f"{colours[which]} {again + 1}" if again else colours[which]
