"""`compare-relatives`: the LSTM and its relatives on two tasks, inside and beyond the training length, over several seeds."""

from __future__ import annotations

import argparse

from ..parsing import whole

EXAMPLES = """\
examples:
  python -m lstm compare-relatives
  python -m lstm compare-relatives --seeds 5"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = (
        "Train LSTM, GRU, minLSTM, attention and SimpleRNN side by side on parity and on recall, once for each seed, and print "
        "a table in Markdown: accuracy at the training length and far beyond it, mean and standard deviation."
    )
    parser = commands.add_parser(
        "compare-relatives", help="an LSTM against its relatives on two tasks", description=about, epilog=EXAMPLES
    )
    parser.add_argument("--seeds", type=whole, default=3, metavar="N", help="networks of each kind, 1 to 5 (default 3)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table."""
    from lstm.lessons import drain
    from lstm.lessons.relatives.table import markdown, race, table

    from ..terminal import Line

    race("parity", seeds=options.seeds)  # refuse what cannot be before anything is trained
    line = Line()

    def show(now) -> None:
        fraction, progress = now
        if line.due():
            line.show(fraction, f"step {progress.step:,}")

    rows = drain(table(options.seeds), show)
    line.clear()
    print(markdown(rows))
    return 0
