"""`gradcheck`: every gradient of every layer against central differences, as a table."""

from __future__ import annotations

import argparse


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = (
        "Compare every gradient of every layer (weights, input, initial states; stacked, masked, stateful) with a central "
        "difference of the loss, in float64. Exits with 1 if one is wrong."
    )
    parser = commands.add_parser(
        "gradcheck", help="check every gradient against central differences", description=about
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table."""
    from functools import partial

    from lstm import gradcheck

    return gradcheck.main(partial(print, flush=True))
