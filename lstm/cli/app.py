"""The command `lstm-lab`: with arguments it is `python -m lstm …`, without any it opens the app."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from . import main as run_command

PAGE = "dashboard.py"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: that of this process), or open the app; return the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given:
        return run_command(given)
    place = folder()
    if place is None:
        return _refuse(f"the app's pages are in the project's folder: run lstm-lab where {PAGE} lies; lstm-lab --help has the commands")
    if find_spec("streamlit") is None:
        return _refuse("the app needs more than NumPy: pip install -r requirements.txt")
    try:
        return subprocess.call([sys.executable, "-m", "streamlit", "run", PAGE], cwd=place)
    except KeyboardInterrupt:
        return 130


def folder() -> Path | None:
    """Where the app's first page lies: here, or beside the package if that is a copy of the project."""
    for place in (Path.cwd(), Path(__file__).resolve().parents[2]):
        if (place / PAGE).is_file() and (place / "lstm").is_dir():
            return place
    return None


def _refuse(why: str) -> int:
    print(f"error: {why}", file=sys.stderr)
    return 2
