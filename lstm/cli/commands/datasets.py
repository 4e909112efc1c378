"""`datasets`: what there is to learn from, what is on this machine, and fetching the rest."""

from __future__ import annotations

import argparse

EXAMPLES = """\
examples:
  python -m lstm datasets
  python -m lstm datasets --download tiny_shakespeare jungle_book"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = "List the data sets with size and licence, and whether they are on this machine; or download some of them."
    parser = commands.add_parser("datasets", help="list or download data sets", description=about, epilog=EXAMPLES)
    parser.add_argument(
        "--download", nargs="+", metavar="NAME", default=[], help="fetch these, unless they are there already"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List, or download."""
    import os

    from lstm.datasets import CORPORA, cache_folder, fetch, overview
    from lstm.datasets.catalogue import get

    from ..terminal import Downloading, Line, size

    if options.download:
        line = Line()
        for name in options.download:
            get(name)  # a misspelt one is found before the first is fetched
        for name in options.download:
            for path in fetch(name, Downloading(line, name), line.say):
                line.clear()
                print(path)
        return 0
    rows = [("NAME", "SIZE", "HERE", "LICENCE", "TITLE")]
    rows += [(c.name, "", "yes", c.licence, c.title) for c in CORPORA.values() if not c.needs_download]
    rows += [(r.name, size(r.size), "yes" if r.cached else "no", r.licence, r.title) for r in overview()]
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    for name, amount, here, licence, title in rows:
        print(f"{name:<{widths[0]}}  {amount:>{widths[1]}}  {here:<{widths[2]}}  {licence:<{widths[3]}}  {title}")
    print(f"\nDownloads are kept in {cache_folder()}")
    if mirror := os.environ.get("LSTM_LAB_MIRROR", "").strip():
        print(f"asked first: {mirror} (LSTM_LAB_MIRROR)")
    return 0
