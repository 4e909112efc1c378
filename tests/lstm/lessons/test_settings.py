"""A setting described once: its check, its words, what differs, and the option of the command line that follows."""

from __future__ import annotations

import argparse
import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from lstm.cli import main
from lstm.cli.parsing import Parser, add_settings, help_of
from lstm.lessons import shared_options
from lstm.lessons.digits.experiment import PRESETS, Digits
from lstm.lessons.presets import Preset, compared
from lstm.lessons.settings import Shared, check, differences, option, settings
from lstm.lessons.shared_options import LEARNING_RATE, OPTIMIZER, SEED


@dataclass(frozen=True)
class Bread:
    """An experiment of a test."""

    grain: Literal["rye", "wheat"] = option("rye", "Grain", "What it is made of.", labels={"rye": "Rye", "wheat": "Wheat"})
    loaves: int = option(2, "Loaves", "How many.", high=12, flag="--number-of-loaves", also=("--breads",))
    slices: int | None = option(None, "Slices", high=40, none="stays whole")
    rest: int = option(4, "Rest", low=2, why="the dough needs it")
    salt: float = option(0.02, "Salt", "Share of the flour, in %.", low=0, below=1)
    heat: float = option(230.0, "Heat", high=300)
    seeds: bool = option(True, "Seeds")
    optimizer: str = OPTIMIZER("sgd")
    learning_rate: float = LEARNING_RATE(0.5)
    seed: int = SEED()
    note: str | None = None  # described nowhere: neither checked nor an option

    def __post_init__(self) -> None:
        check(self)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"grain": "oat"}, "grain must be one of rye, wheat, got 'oat'"),
        ({"grain": None}, "grain must be one of rye, wheat, got None"),
        ({"loaves": 0}, "loaves must be a positive integer, got 0"),
        ({"loaves": True}, "loaves must be a positive integer, got True"),
        ({"loaves": 13}, "loaves must be at most 12, got 13"),
        ({"loaves": None}, "loaves must be a positive integer, got None"),
        ({"slices": 41}, "slices must be at most 40, got 41"),
        ({"rest": 1}, "rest must be at least 2, the dough needs it, got 1"),
        ({"salt": 1.0}, "salt must be a number from 0 to below 1, got 1.0"),
        ({"salt": float("nan")}, "salt must be a number from 0 to below 1, got nan"),
        ({"salt": "much"}, "salt must be a number from 0 to below 1, got 'much'"),
        ({"heat": 0}, "heat must be a positive number, got 0"),
        ({"heat": float("inf")}, "heat must be a positive number, got inf"),
        ({"heat": 301.0}, "heat must be at most 300, got 301.0"),
        ({"seeds": 1}, "seeds must be True or False, got 1"),
        ({"optimizer": "lion"}, "optimizer must be one of sgd, adagrad, rmsprop, adam, got 'lion'"),
        ({"seed": -1}, "seed must be an integer of 0 or more, got -1"),
        ({"seed": 1.0}, "seed must be an integer of 0 or more, got 1.0"),
    ],
)
def test_what_cannot_be_is_one_sentence(change, said):
    with pytest.raises(ValueError) as caught:
        Bread(**change)
    assert str(caught.value) == said


def test_the_annotation_says_kind_choices_and_whether_it_may_be_left_out():
    found = settings(Bread)
    assert list(found) == ["grain", "loaves", "slices", "rest", "salt", "heat", "seeds", "optimizer", "learning_rate", "seed"]
    kinds = [(one.kind, one.optional) for one in found.values()]
    assert kinds[:7] == [(str, False), (int, False), (int, True), (int, False), (float, False), (float, False), (bool, False)]
    assert found["grain"].choices == ("rye", "wheat") and found["loaves"].choices == ()
    assert found["learning_rate"].default == 0.5 and settings(Digits)["learning_rate"].default == 4e-3
    assert found["optimizer"].help == settings(Digits)["optimizer"].help
    assert (found["loaves"].range, found["salt"].range, found["heat"].range) == ("1 to 12.", "0 to below 1.", "Up to 300.")


def test_no_lesson_describes_again_what_lessons_share():
    shared = {one._setting.label for one in vars(shared_options).values() if isinstance(one, Shared)}
    described = {
        (path.name, call.args[1].value) for path in Path(shared_options.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "option" and isinstance(call.args[1], ast.Constant)
    }  # fmt: skip
    assert len(shared) > 10 and len(described) > 30
    assert not [(file, label) for file, label in described if label in shared]


def test_only_what_differs_is_named():
    assert differences(Bread()) == {}
    changed = Bread(loaves=3, slices=20, note="not a setting")
    assert differences(changed) == {"loaves": 3, "slices": 20}
    assert differences(changed, Bread(loaves=3)) == {"slices": 20}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", {}),
        ("--number-of-loaves 3", {"loaves": 3}),
        ("--loaves 3", {"loaves": 3}),
        ("--breads 3", {"loaves": 3}),
        ("--rate 0.1 --no-seeds", {"learning_rate": 0.1, "seeds": False}),
        ("--learning-rate 0.1 --seeds --grain wheat", {"learning_rate": 0.1, "seeds": True, "grain": "wheat"}),
    ],
)
def test_options_follow_from_the_fields(words, found):
    parser = Parser(prog="bake")
    add_settings(parser, Bread, leave_out=("seed",))
    assert vars(parser.parse_args(words.split())) == found


def test_the_help_of_the_command_line_is_that_of_the_page():
    parser = argparse.ArgumentParser(formatter_class=lambda prog: argparse.HelpFormatter(prog, width=200))
    add_settings(parser, Bread)
    said = parser.format_help()
    assert "Loaves. How many. 1 to 12. (default 2)" in said and "--breads" not in said and "--loaves" not in said
    assert "Salt. Share of the flour, in %. 0 to below 1. (default 0.02)" in said
    assert help_of(settings(Bread)["slices"]) == "Slices. 1 to 40. Left out, it stays whole."
    assert "--note" not in said


def test_a_comparison_names_every_figure_once():
    preset = Preset(None, "A loaf.", {"weight": "1 kg", "hours": "3"})
    assert compared(preset, {"weight": "0.9 kg", "crust": "dark"}, "bake it") == {
        "": ["weight", "hours", "crust"],
        "printed there": ["1 kg", "3", "not printed"],
        "computed here": ["0.9 kg", "bake it", "dark"],
    }


# On a real lesson ------------------------------------------------------------------------------------------------


def test_command_lines_of_earlier_versions_mean_the_same(tmp_path):
    from lstm import load_model

    old = "--answer last --batch 32 --decay linear --initial he_normal --clip value --clip-at 0.5 --rate 0.01"
    new = (
        "--output-after last --batch-size 32 --learning-rate-schedule linear --initializer he_normal --clip-gradients value "
        "--clip-at 0.5 --learning-rate 0.01"
    )
    configs = []
    for name, words in (("old.npz", old), ("new.npz", new)):
        line = f"train digits --units 4 --steps 2 --quiet --out {tmp_path / name} {words}"
        assert main(line.split()) == 0
        configs.append(load_model(tmp_path / name).metadata["config"])
    assert configs[0] == configs[1] and configs[0]["initial"] == "he_normal" and configs[0]["batch"] == 32


def test_a_preset_by_name_on_the_command_line(capsys):
    told = ["train", "digits", "--preset", "Rows of a digit", "--data", "digits8", "--units", "4", "--steps", "3", "--quiet"]
    assert main(told) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-1].startswith("test accuracy") and "steps 3" in said
    assert "printed there" not in said  # 3 steps on other data are not the preset: nothing to compare
    assert main(["train", "digits", "--preset", "Rows"]) == 2
    assert "--preset must be one of 'MNIST in a minute', 'Rows of a digit', got 'Rows'" in capsys.readouterr().err


def test_the_whole_preset_is_compared_with_what_was_printed(monkeypatch, capsys):
    small = Digits(units=4, seconds=None, max_steps=2, data="digits8")
    monkeypatch.setitem(PRESETS, "Small", Preset(small, "Two steps.", {"test accuracy": "99 %", "parameters": "7"}))
    assert main(["train", "digits", "--preset", "Small", "--quiet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    share = float(lines[-1].split()[-1])
    assert f"test accuracy: printed there 99 %; computed here {share:.2%}" in lines
    assert "parameters: printed there 7; computed here not measured" in lines
