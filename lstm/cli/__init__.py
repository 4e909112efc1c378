"""The command line: `python -m lstm train text …`, `generate`, `evaluate`, `gradcheck`, `datasets`, `summary`.

`commands/` has a file for each command, `COMMANDS` lists them; `lessons/` has one for each lesson that can be trained,
`lessons.LESSONS` lists those. A command says what it has to say in its last line, exits with 0, and with 2 and one sentence
when it was asked for something that cannot be done.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Sequence

from .parsing import Parser
from .terminal import sentence

COMMANDS = (
    "check", "classify", "compare_keras", "compare_relatives", "compare_topics", "compare_truncation", "convert", "datasets",
    "evaluate", "exercise", "generate", "gradcheck", "look", "notebook", "summary", "train",
)  # fmt: skip
"""Every command, by the name of its file in `commands/`."""

EXAMPLES = """\
examples:
  python -m lstm train text --corpus python_docs --out docs.npz
  python -m lstm generate docs.npz --prompt "The " --temperature 0.7
  python -m lstm evaluate docs.npz
  python -m lstm datasets --download tiny_shakespeare

Each command has a --help of its own."""


def build_parser() -> Parser:
    """The parser with every command."""
    from . import commands

    parser = Parser(
        prog="python -m lstm",
        description="LSTM Lab on the command line: an LSTM in NumPy, trained and tried.",
        epilog=EXAMPLES,
    )
    listed = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in COMMANDS:
        importlib.import_module(f"{commands.__name__}.{name}").register(listed)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: that of this process) and return its exit code."""
    _replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):  # a console that lacks a character shows another, not a traceback
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    parser = build_parser()
    try:
        options = parser.parse_args(argv)
        if not hasattr(options, "run"):
            parser.print_help()
            return 0
        code = options.run(options)
        sys.stdout.flush()
    except SystemExit as end:  # argparse: --help, or a sentence it has printed
        return end.code if isinstance(end.code, int) else 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader (`| head`) has seen enough; nothing may be flushed into the closed pipe later
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (ValueError, OSError, MemoryError) as error:
        _give_up_full_output()
        print(f"error: {sentence(error)}", file=sys.stderr)
        return 2
    return code


def _replace_closed_streams() -> None:
    """What a shell has closed (`>&-`) is None here, and printing to it would be a traceback: it goes nowhere instead."""
    missing = [name for name in ("stdout", "stderr") if getattr(sys, name) is None]
    for name in missing:
        setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 – until the process ends
    if "stdout" in missing:
        print("note: standard output is closed, so what would be printed is lost", file=sys.stderr)


def _give_up_full_output() -> None:
    """What could not be written to a full disk is tried again when Python ends, with a second complaint: not here."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
