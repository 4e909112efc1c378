"""`classify MODEL TEXT`: what a model that reads texts makes of one, and after each word if asked."""

from __future__ import annotations

import argparse
import sys

from lstm.untrusted import one_sentence

EXAMPLES = """\
examples:
  python -m lstm classify data/pretrained/sentiment.npz "i really liked the movie and had fun"
  python -m lstm classify data/pretrained/topics.npz --words "the striker bought shares of the club"
  python -m lstm classify data/pretrained/sentiment.npz - < review.txt"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = "Let a model of the lessons topics or sentiment read a text. The last line states the likeliest class."
    parser = commands.add_parser("classify", help="let a model judge a text", description=about, epilog=EXAMPLES)
    parser.add_argument("model", metavar="MODEL", help="a model that train or the lab's pages saved")
    parser.add_argument("text", metavar="TEXT", help="what it reads; - takes standard input")
    parser.add_argument("--words", action="store_true", help="its opinion after every word, too")
    parser.set_defaults(run=run)


@one_sentence("the model file is damaged: what it says about its training cannot be read")
def run(options: argparse.Namespace) -> int:
    """Read, and print the probability of each class, the likeliest last."""
    from lstm import load_model
    from lstm.lessons.reading.reader import read, reader_of

    from ..terminal import printable

    model = load_model(options.model)
    reader = reader_of(model)
    text = options.text
    if text == "-":
        text = sys.stdin.buffer.read(2_000_000).decode("utf-8", "replace")
    found = read(model, reader, text)
    for note in found.notes:
        print(note, file=sys.stderr)
    shown = range(len(reader.classes)) if len(reader.classes) > 2 else [1]
    if options.words:
        for token, after in zip(found.tokens[found.first :], found.running):
            print(printable("  ".join([f"{token.text:<20}", *(f"{reader.classes[k]} {after[k]:.4f}" for k in shown)])))
        print()
    for k in found.final.argsort():
        print(printable(f"{reader.classes[k]} {found.final[k]:.4f}"))
    return 0
