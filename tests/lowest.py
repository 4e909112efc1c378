"""Print every requirement at its lower bound: `python tests/lowest.py > lowest.txt; pip install -r lowest.txt`."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def lowest() -> list[str]:
    """A line for each requirement: its lower bound, or the first release that a year and month stand for."""
    found = []
    for name in ("requirements.txt", "tests/requirements.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if match := re.match(r"([A-Za-z0-9_-]+)>=([\d.]+),", line):
                found.append(f"{match[1]}=={match[2]}")
    return found


if __name__ == "__main__":
    print("\n".join(lowest()))
