"""`notebook LESSON`: an experiment as an .ipynb file, to run anywhere and to change."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from .. import files, lessons, training
from ..terminal import Line


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command, with a parser for each lesson."""
    about = (
        "Write an experiment into a notebook: its data, the network's source, the training, the evaluation and a question. It runs "
        "on Kaggle and Colab, without this project. The settings are those of train."
    )
    parser = commands.add_parser("notebook", help="an experiment as a notebook to take along", description=about)
    listed = parser.add_subparsers(title="lessons", metavar="LESSON", required=True)
    for name in lessons.LESSONS:
        lesson = lessons.get(name)
        one = listed.add_parser(name, help=lesson.SUMMARY, epilog=f"example:\n  python -m lstm notebook {name} --out {name}.ipynb")
        training.add_experiment(one, lesson)
        one.add_argument("--out", type=Path, metavar="FILE", help=f"the notebook, by default {name}.ipynb here")
        one.set_defaults(run=partial(run, lesson, name), resume=None)


def run(lesson: lessons.Lesson, name: str, options: argparse.Namespace) -> int:
    """Write the notebook, and say what was written."""
    from lstm.lessons.notebook import notebook

    path = options.out or Path(f"{name}.ipynb")
    if path.suffix != ".ipynb":
        raise ValueError(f"a notebook's name ends in .ipynb, got {path.name!r}")
    files.check_writable(path, "--out")
    config, _ = training.experiment(lesson, options, Line(True))
    text = notebook(config)
    path.write_text(text, encoding="utf-8")
    print(f"wrote {path}: {len(text):,} characters")
    return 0
