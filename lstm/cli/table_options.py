"""The options of commands that read a table of one's own: what the reader cannot know and its owner does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from lstm import untrusted
from lstm.datasets.tables import ReadOptions
from lstm.storage import MAX_BYTES

HOW = ("interpolate", "as_missing", "only", "average")


def add_options(group: argparse._ActionsContainer) -> None:
    """Add the options of `ReadOptions` and `series_of`. What is not given is absent from the namespace."""
    none = argparse.SUPPRESS
    group.add_argument("--column", metavar="NAME", default=none, help="the column with the values")
    group.add_argument("--date", metavar="NAME", default=none, help='the column with the dates; "none" for no dates')
    group.add_argument(
        "--decimal", choices=(".", ","), default=none, help="the decimal mark (default: by the evidence)"
    )
    group.add_argument(
        "--day-first", action=argparse.BooleanOptionalAction, default=none, help="1/2/2024 is in February, or is not"
    )
    add_reading(group)
    group.add_argument("--treat-as-missing", action="store_true", dest="as_missing", default=none,
                       help="text among the numbers, and numbers such as -999, count as missing")  # fmt: skip
    group.add_argument(
        "--interpolate", action="store_true", default=none, help="fill in missing values by straight lines"
    )
    group.add_argument(
        "--only", metavar="NAME", default=none, help="of several series under each other, the one of this name"
    )
    group.add_argument("--average", action="store_true", default=none, help="rows of the same date become their mean")


def add_reading(group: argparse._ActionsContainer) -> None:
    """Add the options for any table: whether it has names, and its encoding."""
    group.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="the first row holds names, or does not",
    )
    group.add_argument(
        "--encoding", metavar="NAME", default=argparse.SUPPRESS, help="of the file, such as cp1252 (default: found out)"
    )


def given(options: argparse.Namespace) -> list[str]:
    """The options about a table that were given."""
    names = ("column", "date", "decimal", "day_first", "header", "encoding", *HOW)
    return [name for name in names if hasattr(options, name)]


def reading(options: argparse.Namespace) -> ReadOptions:
    """What was said about how to read it."""
    said: dict[str, Any] = {name: getattr(options, name, None) for name in ("decimal", "day_first", "header", "encoding")}
    return ReadOptions(**said)


def how(options: argparse.Namespace) -> dict[str, Any]:
    """What was said about how to make a series of it."""
    return {name: getattr(options, name) for name in HOW if hasattr(options, name)}


def contents(path: Path, what: str = "one file") -> bytes:
    """The bytes of a file. ValueError, one sentence, if there is none."""
    if path.is_dir():
        raise ValueError(f"{str(path)!r} is a folder, and {what} is needed")
    return untrusted.contents(path, MAX_BYTES)
