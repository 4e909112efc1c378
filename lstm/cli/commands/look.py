"""`look`: what the lab makes of a file, before anything is trained on it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

EXAMPLES = """\
examples:
  python -m lstm look sales.csv
  python -m lstm look sales.csv --decimal , --day-first --json
  python -m lstm look messages.tsv --as topics --text-column v2 --label-column v1
  python -m lstm look story.txt

The pages read files in the same way. What the evidence does not decide is told in a note, and can be decided with an option."""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    from .. import table_options

    about = "Say what the lab makes of a file: its kind, its encoding, what its columns hold, and everything that was decided."
    parser = commands.add_parser("look", help="say what the lab makes of a file", description=about, epilog=EXAMPLES)
    parser.add_argument("file", type=Path, metavar="FILE", help="a table, a text or a model")
    parser.add_argument(
        "--as", dest="kind", choices=("series", "topics", "text", "model"), help="what it is (default: found out)"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    table_options.add_options(parser.add_argument_group("of a series"))
    topics = parser.add_argument_group("of labelled texts")
    topics.add_argument("--text-column", metavar="NAME", default=None, help="the column of the texts")
    topics.add_argument("--label-column", metavar="NAME", default=None, help="the column of the labels")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the file and print its facts."""
    import json

    from lstm.lessons.looks import lines_of

    from ..terminal import printable

    facts = _facts(options)
    if options.json:
        print(json.dumps(facts, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(printable(line) for line in lines_of(facts)))
    return 0


def _facts(options: argparse.Namespace) -> dict[str, Any]:
    from lstm.lessons.looks import kind_of

    from .. import table_options

    path = options.file
    data = table_options.contents(path)
    kind = options.kind or kind_of(data, path.name)
    if kind == "series":
        from lstm.lessons.forecast.look import look_series

        column, date = getattr(options, "column", None), getattr(options, "date", None)
        return look_series(data, path.name, table_options.reading(options), column, date, **table_options.how(options))
    if kind == "topics":
        from lstm.lessons.reading.look import look_topics

        asked = {name: getattr(options, name) for name in ("header", "encoding") if hasattr(options, name)}
        return look_topics(data, path.name, text_column=options.text_column, label_column=options.label_column, **asked)
    if kind == "text":
        from lstm.lessons.text.look import look_text

        return look_text(path, getattr(options, "encoding", None))
    from lstm.lessons.keras.look import look_model

    return look_model(path)
