"""`exercise`: writes `my_cell.py`, the LSTM cell with blanks."""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLES = """\
examples:
  python -m lstm exercise
  python -m lstm check my_cell.py"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = "Write a file with the equations of the LSTM cell and thirteen blanks to fill: six forward, seven back."
    parser = commands.add_parser(
        "exercise", help="write the cell yourself: a file with blanks", description=about, epilog=EXAMPLES
    )
    parser.add_argument(
        "--out", type=Path, default=Path("my_cell.py"), metavar="FILE", help="where to (default my_cell.py)"
    )
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the file; one that is there may hold somebody's work and stays."""
    from lstm.lessons.learning.exercise.template import TEMPLATE

    from ..files import check_writable, write

    check_writable(options.out, "--out")
    if options.out.exists() and not options.force:
        raise ValueError(
            f"{str(options.out)!r} is there already and may hold your work: name another with --out, or use --force"
        )
    write(options.out, TEMPLATE.encode())
    print(f"Wrote {options.out}. Fill the first blank, then: python -m lstm check {options.out}")
    return 0
