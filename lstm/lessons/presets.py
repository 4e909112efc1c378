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
    if "accuracy" in name:
        return f"{value:.2%}"
    if "skill" in name or (" at " in name and "ratio" not in name):  # of the error saved, of right answers at a length
        return f"{value:.1%}"
    if "loss" in name and (value == 0 or abs(value) >= 0.01):
        return f"{value:,.3f}"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:.4g}"


def beside(
    columns: Mapping[str, Mapping[str, str]], lacking: Mapping[str, str] | str = "–", head: str = ""
) -> dict[str, list[str]]:
    """Figures by name beside each other, as columns of a table with the names under `head`.

    lacking : what stands where a column has no such figure; by the column's heading, or for all
    """
    rows = list(dict.fromkeys(name for column in columns.values() for name in column))
    return {head: rows} | {
        heading: [column.get(name, lacking if isinstance(lacking, str) else lacking[heading]) for name in rows]
        for heading, column in columns.items()
    }


def compared(preset: Preset, ours: Mapping[str, str], lacking: str = "train it to see") -> dict[str, list[str]]:
    """The figures that a project printed beside the lab's own, as columns of a table.

    ours : figures by name, as text; `lacking` stands where there is none. Recorded figures have a column of their own
    """
    recorded = {RECORDED: preset.recorded} if preset.recorded else {}
    columns = {"printed there": preset.printed, **recorded, "computed here": ours}
    return beside(columns, {"printed there": "not printed", RECORDED: "–", "computed here": lacking})
