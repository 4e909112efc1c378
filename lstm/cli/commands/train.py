"""`train LESSON`: the experiments of the lab's lessons."""

from __future__ import annotations

import argparse
from functools import partial

from lstm.storage import LESSONS_RENAMED

from .. import lessons, training


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command, with a parser for each lesson."""
    about = "Train a model from scratch. The last line states the figure that counts, measured on data held out from the training."
    parser = commands.add_parser("train", help="train a model", description=about)
    listed = parser.add_subparsers(title="lessons", metavar="LESSON", required=True)
    for name in lessons.LESSONS:
        lesson = lessons.get(name)
        one = listed.add_parser(
            name,
            aliases=[earlier for earlier, now in LESSONS_RENAMED.items() if now == name],
            help=lesson.SUMMARY,
            description=f"{lesson.SUMMARY[0].upper()}{lesson.SUMMARY[1:]}.",
            epilog=lesson.EXAMPLES,
        )
        training.add_options(one, lesson)
        one.set_defaults(run=partial(training.run, lesson))
