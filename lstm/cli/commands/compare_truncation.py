"""`compare-truncation`: recall learnt through a window, the state carried or not, the gradient cut or not."""

from __future__ import annotations

import argparse

EXAMPLES = """\
examples:
  python -m lstm compare-truncation
  python -m lstm compare-truncation --window 25 --distance 100 --steps 1000
  python -m lstm compare-truncation --practice mixed"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    from lstm.lessons.memory.truncated import Truncated

    from ..parsing import add_settings

    about = (
        "Train LSTMs on recall through a window of the last steps: the state carried into it or not, the gradient cut where it "
        "begins or not. Prints how often each is right at the whole distance, and what that says."
    )
    parser = commands.add_parser(
        "compare-truncation", help="truncated backpropagation, four ways", description=about, epilog=EXAMPLES
    )
    add_settings(parser, Truncated)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table of four, and a sentence about each."""
    from lstm.lessons import drain
    from lstm.lessons.memory.truncated import Truncated, in_words

    from ..parsing import chosen
    from ..terminal import Line

    config, line = Truncated(**chosen(options, Truncated)), Line()

    def show(progress) -> None:
        if line.due():
            line.show(progress.fraction, f"step {progress.step:,}")

    result = drain(config.run(), show)
    line.clear()
    print(f"{'state and gradient':<42}{'mean':>8}{'letters moved':>16}  accuracies")
    for row in result.details["rows"]:
        each = " ".join(f"{accuracy:.3f}" for accuracy in row.accuracies)
        print(f"{row.way.words:<42}{row.mean:>8.3f}{row.moved:>16.4f}  {each}")
    print("\n".join(in_words(result.details["rows"], config.window)))
    return 0
