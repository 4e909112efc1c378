"""Write constraints.txt: the exact versions of what is installed here, for everything that the requirements ask for.

Run it with the environment the tests have just passed in: `.venv/bin/python tests/constraints.py`.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# The versions the tests last passed with: pip install -c constraints.txt -r requirements.txt -r tests/requirements.txt\n"


def main() -> None:
    """Follow the requirements through the installed packages."""
    lines = [line for name in ("requirements.txt", "tests/requirements.txt") for line in (ROOT / name).read_text().splitlines()]
    waiting = [Requirement(line) for line in lines if line and not line.startswith("#")]
    exact: dict[str, str] = {}
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name in exact or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        try:
            found = distribution(one.name)
        except PackageNotFoundError:
            continue
        exact[name] = found.version
        waiting += [Requirement(line) for line in found.requires or []]
    (ROOT / "constraints.txt").write_text(HEAD + "".join(f"{name}=={exact[name]}\n" for name in sorted(exact)))


if __name__ == "__main__":
    main()
