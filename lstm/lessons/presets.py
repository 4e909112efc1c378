"""Experiments by name, what the projects they come from printed, and how both compare: for pages and command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RECORDED = "recorded here"


@dataclass(frozen=True)
class Preset:
    """An experiment with a name, and what the project it comes from printed.

    Parameters
    ----------
    config : the experiment
    summary : what it is, in a sentence
    printed : the project's figures by the lab's names for them; empty where there is no such project
    to_beat : what was wrong there
    reading : how the lab's figures compare with those
    recorded : the lab's own figures, from one whole training that was run once; empty where none was
    recorded_how : when and how
    """

    config: Any
    summary: str
    printed: Mapping[str, str] = field(default_factory=dict)
    to_beat: str = ""
    reading: str = ""
    recorded: Mapping[str, str] = field(default_factory=dict)
    recorded_how: str = ""


def figure_text(name: str, value: float) -> str:
    """A final figure as pages and command line print it."""
    shape = ".2%" if "accuracy" in name else ",.3f" if "loss" in name else ",.0f"
    return f"{value:{shape}}"


def compared(preset: Preset, ours: Mapping[str, str], lacking: str = "train it to see") -> dict[str, list[str]]:
    """The figures that a project printed beside the lab's own, as columns of a table.

    ours : figures by name, as text; `lacking` stands where there is none. Recorded figures have a column of their own
    """
    rows = list(dict.fromkeys([*preset.printed, *preset.recorded, *ours]))
    recorded = {RECORDED: [preset.recorded.get(name, "–") for name in rows]} if preset.recorded else {}
    return {
        "": rows,
        "printed there": [preset.printed.get(name, "not printed") for name in rows],
        **recorded,
        "computed here": [ours.get(name, lacking) for name in rows],
    }
