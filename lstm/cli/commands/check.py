"""`check FILE`: what is right and what is wrong in somebody's own LSTM cell."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..parsing import number

EXAMPLES = """\
examples:
  python -m lstm check my_cell.py
  python -m lstm check my_cell.py --train"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = (
        "Run the cell in FILE on a grid of shapes and say, line by line, what is right and what is wrong. The file is run in "
        "a process of its own, with a time limit. Exits with 1 until everything is right."
    )
    parser = commands.add_parser("check", help="check the cell you wrote", description=about, epilog=EXAMPLES)
    parser.add_argument("file", type=Path, metavar="FILE", help="what `exercise` wrote, with blanks filled")
    parser.add_argument(
        "--train", action="store_true", help="when all is right, let the cell learn to tell odd from even"
    )
    parser.add_argument(
        "--limit", type=number, default=20.0, metavar="SECONDS", help="time the file may take (default 20)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judge the file and, if asked and all is right, train it."""
    from lstm.lessons.learning.exercise import check, parity

    if not 1 <= options.limit <= 600:
        raise ValueError(f"--limit must be from 1 to 600 seconds, got {options.limit:g}")
    verdict = check.check(options.file, options.limit)
    check.report_lines(verdict, print)
    if not verdict.right:
        if options.train:
            print("--train waits until everything is right.")
        return 1
    if options.train:
        trained, _ = check.run_child(options.file, {}, options.limit, "train")
        for line in parity.table(trained):
            print(line)
    return 0
