"""`generate MODEL`: text from a trained model, as it is written."""

from __future__ import annotations

import argparse
import sys

from lstm.untrusted import one_sentence

from ..parsing import number, whole

EXAMPLES = """\
examples:
  python -m lstm generate docs.npz --prompt "The " --length 300
  python -m lstm generate docs.npz --temperature 0.7 --seed 1 > page.txt"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = "Let a text model write on from a prompt. The text goes to standard output as it is written."
    parser = commands.add_parser("generate", help="let a text model write", description=about, epilog=EXAMPLES)
    parser.add_argument("model", metavar="MODEL", help="a model of the lesson text")
    parser.add_argument("--prompt", default="", metavar="TEXT", help="what it reads first (default: nothing)")
    parser.add_argument(
        "--length", type=whole, default=500, metavar="N", help="characters, or words, to write (default 500)"
    )
    parser.add_argument(
        "--temperature",
        type=number,
        default=1.0,
        metavar="X",
        help="below 1 more careful, above 1 bolder, 0 the likeliest (default 1)",
    )
    parser.add_argument("--top-k", type=whole, metavar="N", help="draw among the N likeliest only")
    parser.add_argument(
        "--top-p", type=number, metavar="X", help="draw among the likeliest that together reach this share"
    )
    parser.add_argument(
        "--seed", type=whole, metavar="N", help="the same seed writes the same text (default: another one each time)"
    )
    parser.set_defaults(run=run)


@one_sentence("the model file is damaged: what it says about its training cannot be read")
def run(options: argparse.Namespace) -> int:
    """Stream the text."""
    from lstm import load_model
    from lstm.lessons.text.experiment import vocabulary_of
    from lstm.lessons.text.sampling import generate

    from ..terminal import printable

    if options.seed is not None and options.seed < 0:
        raise ValueError(f"seed must be an integer of 0 or more, got {options.seed}")
    model = load_model(options.model, lesson="text")
    pieces = generate(
        model, vocabulary_of(model), options.prompt, options.length,
        options.temperature, options.top_k, options.top_p, options.seed,
    )  # fmt: skip
    clean = printable if sys.stdout.isatty() else str
    try:
        sys.stdout.write(clean(options.prompt))
        for piece in pieces:
            sys.stdout.write(clean(piece))
            sys.stdout.flush()
    finally:
        sys.stdout.write("\n")  # also when Ctrl-C ends it
    return 0
