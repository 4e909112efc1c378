"""argparse in the lab's manner: wrong input is one sentence, numbers are checked by kind, examples keep their lines."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from dataclasses import fields
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence, and whose options are never guessed from their beginnings."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", _Formatter)
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


class _Formatter(argparse.HelpFormatter):
    """Examples keep their line breaks, and commands stand in one column with their help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(
            indent + line if line.startswith((" ", "examples:")) else textwrap.fill(line, width)
            for line in text.splitlines()
        )

    def _format_action(self, action: argparse.Action) -> str:
        listed = action._get_subactions() if isinstance(action, argparse._SubParsersAction) else [action]
        return "".join(super(_Formatter, self)._format_action(one) for one in listed)


def whole(text: str) -> int:
    """An integer, for `type=`."""
    try:
        return int(text.replace(",", "").replace("_", ""))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text[:40]!r}") from None


def number(text: str) -> float:
    """A finite number, for `type=`."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value - value != 0:  # nan and both infinities
        raise argparse.ArgumentTypeError(f"must be a number, got {text[:40]!r}")
    return value


def setting(
    group: argparse._ActionsContainer,
    config: type,
    flags: str,
    field: str,
    kind: Callable[[str], Any] | None,
    help: str,
) -> None:
    """Add an option for a `field` of the dataclass `config`.

    Without the option the namespace lacks the field, so that defaults stand in one place: the dataclass. A field with
    `kind` None is a switch.
    """
    default = next(f.default for f in fields(config) if f.name == field)
    known = f"{default:g}" if isinstance(default, float) else default
    shown = "" if default is None or kind is None else f" (default {known})"
    how: dict[str, Any] = (
        {"action": "store_true"} if kind is None else {"type": kind, "metavar": _METAVAR.get(kind, "NAME")}
    )
    group.add_argument(*flags.split(), dest=field, default=argparse.SUPPRESS, help=help + shown, **how)


_METAVAR = {whole: "N", number: "X"}


def chosen(options: argparse.Namespace, config: type) -> dict[str, Any]:
    """The fields of the dataclass `config` that the command line set."""
    return {f.name: getattr(options, f.name) for f in fields(config) if hasattr(options, f.name)}
