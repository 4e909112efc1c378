"""Print every requirement at its lower bound: `python tests/lowest.py > lowest.txt; pip install -r lowest.txt`."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def lowest() -> list[str]:
    """A line for each requirement: its lower bound."""
    names = ("requirements.txt", "tests/requirements.txt")
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)
    return [f"{name}=={bound}" for name, bound in re.findall(r"^([A-Za-z0-9_-]+)>=([\d.]+),", text, re.MULTILINE)]


if __name__ == "__main__":
    print("\n".join(lowest()))
