"""`evaluate MODEL`: how good a trained model is, on the data its lesson held out or on other data."""

from __future__ import annotations

import argparse

from lstm.untrusted import one_sentence

EXAMPLES = """\
examples:
  python -m lstm evaluate docs.npz
  python -m lstm evaluate docs.npz --data python_source
  python -m lstm evaluate docs.npz --data my.txt"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = "Measure a trained model. The last line states the figure that counts."
    parser = commands.add_parser("evaluate", help="measure a trained model", description=about, epilog=EXAMPLES)
    parser.add_argument("model", metavar="MODEL", help="a model that train or the lab's pages saved")
    parser.add_argument(
        "--data",
        metavar="DATA",
        help="a name from the command datasets, a file, or, for memory, a distance (default: what it was trained on)",
    )
    parser.set_defaults(run=run)


@one_sentence("the model file is damaged: what it says about its training cannot be read")
def run(options: argparse.Namespace) -> int:
    """Load the model, let its lesson measure it, print the figures."""
    from lstm import load_model

    from .. import lessons
    from ..terminal import Line, figure, printable

    model = load_model(options.model)
    name = model.metadata.get("lesson")
    if name not in lessons.LESSONS:
        raise ValueError(f"the model belongs to no lesson that can be evaluated here, but to {str(name)[:40]!r}")
    line = Line()
    evaluation = lessons.get(name).evaluate(model, options.data, line)
    line.clear()
    print(printable(evaluation.on))
    for metric, value in evaluation.metrics.items():
        print(figure(metric, value))
    return 0
