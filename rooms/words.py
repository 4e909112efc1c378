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
COLOURS = {
    "amber": "#C77700", "aqua": "#007C89", "blue": "#0F52D9", "brown": "#7A4B1E", "coral": "#D1495B", "crimson": "#A8123E",
    "gold": "#8A6A00", "green": "#2B7A0B", "grey": "#6B7280", "indigo": "#3F2B96", "jade": "#00875A", "lilac": "#8E6BBF",
    "magenta": "#B0168C", "moss": "#5B6B1F", "navy": "#1B2A5C", "ocean": "#006BA6", "olive": "#6B6B00", "orange": "#C2500A",
    "pink": "#D63FA4", "plum": "#6C2A6A", "red": "#C81E1E", "rust": "#97420F", "teal": "#0B7A75", "violet": "#7A3FD6",
}  # fmt: skip
"""What a student is called: a colour, and nothing of theirs."""


def draw_name() -> str:
    """A name: "amber-fox"."""
    return f"{secrets.choice(FIRST)}-{secrets.choice(SECOND)}"


def tidy(typed: str) -> str:
    """What somebody typed as a name: "Amber Fox" is amber-fox. Whatever else was typed is cut to 40 characters."""
    return "-".join(typed[:200].casefold().replace("-", " ").split())[:40]


def colour_of(number: int) -> str:
    """What the student with this number is called, from 0: "teal", and when the colours are used up "teal 2"."""
    names = tuple(COLOURS)
    name = names[number * 7 % len(names)]  # 7 and 24 have no common divisor, so every colour comes once
    return name if number < len(names) else f"{name} {number // len(names) + 1}"
