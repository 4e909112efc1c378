"""Command lines that the README and `--help` have shown: each is understood, and trains what it trained."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from lstm.cli import COMMANDS as NAMES
from lstm.cli import EXAMPLES, build_parser, lessons, main
from lstm.lessons.keras.experiment import KerasVsScratch
from lstm.lessons.reading.topics_comparison import Comparison
from tests.downloaded import everything_is_downloaded
from tests.lstm.cli.old_commands import COMMANDS, OTHERS, PLAIN

ROOT = Path(__file__).resolve().parents[3]
RENAMED: dict[str, str] = {}
"""Fields of an experiment that had another name when the commands were written: the name then, the name now."""

DEFAULTS_NOW: dict[str, dict[str, Any]] = {
    "digits": {"validate_every": None},
    "sentiment": {"length": 100, "units": 64, "batch": 32, "learning_rate": 4e-3, "epochs": 15.0},
}
"""What the list of changes names: defaults that are others now, where a command does not set them."""

TEXT = "The wolf spoke to the cub by the river, and the bear slept. " * 300
LABELLED = "message,team\n" + "".join(f"{a} number {k} {a},{a}s\n" for a in ("cat", "dog") for k in range(30))
SALES = "day,amount\n" + "".join(f"2024-{1 + k // 28:02d}-{1 + k % 28:02d},{100 + k % 7}\n" for k in range(280))


@pytest.fixture(scope="module", autouse=True)
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every data set is there, in small."""
    with pytest.MonkeyPatch.context() as patch:
        everything_is_downloaded(tmp_path_factory.mktemp("cache"), patch)
        yield


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The experiments that a command has begun to run; none gets further. The command's own files lie in its folder."""
    for name, content in (("my.txt", TEXT), ("my.csv", LABELLED), ("sales.csv", SALES)):
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found: list[Any] = []

    def run(config: Any, *_: Any, **__: Any) -> None:
        found.append(config)
        raise ValueError("the test has what it wants")

    kinds = [lessons.get(name).CONFIG for name in lessons.LESSONS] + [KerasVsScratch, Comparison]
    for kind in kinds:
        monkeypatch.setattr(kind, "run", run)
    return found


def plain(config: Any) -> dict[str, Any]:
    """The settings by name; a comparison's are those of the network, and how many seeds it takes."""
    found = {field.name: getattr(config, field.name) for field in fields(config)}
    if "topics" in found:
        return plain(found["topics"]) | {"seeds": found["seeds"]}
    own = {name: "of a file" for name in ("text", "csv", "values", "dates") if found.get(name) is not None}
    return found | own


@pytest.mark.parametrize(("command", "kind", "changed"), COMMANDS, ids=[command for command, _, _ in COMMANDS])
def test_an_old_command_trains_what_it_trained(
    begun: list[Any], capsys: pytest.CaptureFixture[str], command: str, kind: str, changed: dict[str, Any]
) -> None:
    assert main(shlex.split(command)) == 2
    assert "the test has what it wants" in capsys.readouterr().err.lower()
    now = plain(begun[0])
    budget = {"epochs"} if re.search("--(seconds|steps|epochs)", command) else set()
    said = {word.removeprefix("--").replace("-", "_") for word in command.split() if word.startswith("--")} | budget
    others = {name: value for name, value in DEFAULTS_NOW.get(kind, {}).items() if name not in said}
    assert {name: now[RENAMED.get(name, name)] for name in PLAIN[kind]} == {**PLAIN[kind], **changed, **others}


def test_the_changelog_names_each_default_that_has_changed() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert all(f"`train {kind}`" in changes for kind in DEFAULTS_NOW)
    now = [value for name, value in DEFAULTS_NOW["sentiment"].items()]
    assert all(f"{value:g}" in changes for value in now)


@pytest.mark.parametrize("command", OTHERS)
def test_an_old_command_is_understood(command: str) -> None:
    assert callable(build_parser().parse_args(shlex.split(re.split(" [<>] ", command)[0])).run)


def examples() -> list[str]:
    """Every command line that `--help` shows today."""
    import importlib

    texts = [EXAMPLES, *(lessons.get(name).EXAMPLES for name in lessons.LESSONS)]
    texts += [getattr(importlib.import_module(f"lstm.cli.commands.{name}"), "EXAMPLES", "") for name in NAMES]
    return sorted({line for text in texts for line in re.findall(r"^  python -m lstm (.+)$", text, re.MULTILINE)})


@pytest.mark.parametrize("command", examples())
def test_what_help_shows_is_understood(command: str) -> None:
    assert callable(build_parser().parse_args(shlex.split(re.split(" [<>] ", command)[0])).run)


def test_the_list_has_every_option_that_train_had() -> None:
    said = {word for command, _, _ in COMMANDS for word in command.split() if word.startswith("--")}
    assert len(COMMANDS) >= 35 and len(said) >= 55
    assert {len(changed) for _, _, changed in COMMANDS} >= {0, 1, 2}
