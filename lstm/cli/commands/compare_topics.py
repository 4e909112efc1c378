"""`compare-topics`: a network and the classical methods on the same sentences, over several seeds."""

from __future__ import annotations

import argparse
import sys

from ..parsing import whole

EXAMPLES = """\
examples:
  python -m lstm compare-topics --seeds 3
  python -m lstm compare-topics --bidirectional --units 32
  python -m lstm compare-topics --cell gru
  python -m lstm compare-topics --file my.csv"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    from lstm.lessons.reading.topics import Topics

    from ..lessons import topics
    from ..parsing import add_settings

    about = (
        "Fit every method on the same training part and measure it on the same test part, once for each seed. Splits "
        "do not change with the seed. The last line states the accuracy of the network."
    )
    parser = commands.add_parser(
        "compare-topics", help="a network against classical methods on topics", description=about, epilog=EXAMPLES
    )
    parser.add_argument("--seeds", type=whole, default=3, metavar="N", help="how often each is fitted (default 3)")
    topics.add_options(parser)
    add_settings(parser, Topics, leave_out=("data", "seconds", "max_steps", "seed"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the table, the best mean first."""
    from lstm.lessons import drain
    from lstm.lessons.cells import CELLS
    from lstm.lessons.reading.topics import Topics
    from lstm.lessons.reading.topics_comparison import Comparison

    from ..lessons import topics
    from ..terminal import Line

    line = Line()
    config = Comparison(Topics(**topics.settings(options, line)), options.seeds)
    line.say(topics.prepare(config.topics, line))

    def show(progress) -> None:
        if line.due():
            line.show(
                progress.fraction, f"seed {progress.notes.get('seed', 0)}, {len(progress.notes.get('rows', []))} fitted"
            )

    result = drain(config.run(), show)
    line.clear()
    if result.problem:
        print(f"error: {result.problem}", file=sys.stderr)
        return 1
    print(f"{'method':<42}{'mean':>8}{'spread':>8}{'fit':>10}{'predict':>10}  accuracies")
    for one in result.details["table"]:
        each = " ".join(f"{accuracy:.4f}" for accuracy in one.accuracies)
        print(
            f"{one.name:<42}{one.mean:>8.4f}{one.spread:>8.4f}{one.fit_seconds:>8.2f} s{one.predict_seconds * 1e3:>7.1f} ms  {each}"
        )
    network = CELLS[config.topics.cell].__name__
    print(f"{network} accuracy {result.metrics[network]:.4f}")
    return 0
