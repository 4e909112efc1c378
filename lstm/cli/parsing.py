"""argparse in the lab's manner: wrong input is one sentence, numbers are checked by kind, examples keep their lines."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NoReturn

from lstm.lessons.settings import Setting, settings


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


def chosen(options: argparse.Namespace, config: type) -> dict[str, Any]:
    """The fields of the dataclass `config` that the command line set."""
    return {f.name: getattr(options, f.name) for f in fields(config) if hasattr(options, f.name)}


def add_settings(parser: argparse.ArgumentParser, config: type, leave_out: Sequence[str] = ()) -> None:
    """Add an option for every described setting of an experiment; see `lstm.lessons.settings`.

    Without the option the namespace lacks the field. The field's name and the names an option had once are accepted too.
    """
    groups: dict[str, Any] = {}
    for name, one in settings(config).items():
        if name in leave_out:
            continue
        if one.group not in groups:
            groups[one.group] = parser.add_argument_group(one.group, _ABOUT if name == "epochs" and "seconds" not in leave_out else None)
        flag = one.flag or _flag(name)
        how: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS}
        if one.kind is bool:
            how["action"] = argparse.BooleanOptionalAction
        else:
            how |= {"type": _TYPES.get(one.kind, str), "metavar": _METAVARS.get(one.kind, "NAME")}
        groups[one.group].add_argument(flag, help=help_of(one).replace("%", "%%"), **how)
        if others := [other for other in (_flag(name), *one.also) if other != flag]:
            parser.add_argument(*others, **how | {"help": argparse.SUPPRESS})


def help_of(one: Setting) -> str:
    """What the command line says of a setting: its name on the pages, the same help, what it can be, its default."""
    words = [f"{one.label}. {one.help}".strip()]
    if one.choices and one.kind is not bool:
        words.append(f"One of {', '.join(map(str, one.choices))}.")
    words.append(one.range)
    if one.none and one.default is None:
        words.append(f"Left out, it {one.none}.")
    elif one.default is not None and one.kind is not bool:
        words.append(f"(default {one.default:g})" if isinstance(one.default, float) else f"(default {one.default})")
    elif one.kind is bool:
        words.append(f"(default {'on' if one.default else 'off'})")
    return " ".join(word for word in words if word)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


_TYPES = {int: whole, float: number}
_METAVARS = {int: "N", float: "X"}
_ABOUT = "Whichever is used up first; with --steps or --epochs there is no limit in seconds."
