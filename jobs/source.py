"""Sends this source tree to the workers of an existing cluster, which have the requirements but not the project.

Its scheduler never gets it, and needs none: whatever passes through there must unpack without the project.
"""

import hashlib
import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NAME = "lstm-lab-source"


def environment() -> dict[str, str]:
    """The environment of a process that finds this source tree whatever folder it starts in."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path}


@dataclass(frozen=True)
class Tree:
    """What the workers get: these folders (and files) under `root`."""

    root: Path = ROOT
    names: tuple[str, ...] = ("lstm", "jobs", "data")  # `lstm` finds the project's `data` folder beside itself

    def archive(self) -> bytes:
        """Return it as a zip, the same bytes for the same files."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in self.names:
                top = self.root / name
                for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
                    inside = path.relative_to(self.root)
                    if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in inside.parts):
                        archive.writestr(zipfile.ZipInfo(inside.as_posix()), path.read_bytes(), zipfile.ZIP_DEFLATED)
        return buffer.getvalue()


def plugin(tree: Tree) -> Any:
    """Return a Dask worker plugin that unpacks the tree and puts it first on the worker's path.

    Dask keeps it in the scheduler and also gives it to workers that join, or come back, later.
    """
    from distributed.diagnostics.plugin import WorkerPlugin

    # Made in a function, it travels by value: the workers cannot import this file before its work is done.
    class Source(WorkerPlugin):
        name = NAME
        idempotent = False  # a newer source replaces the older

        def __init__(self, content: bytes, digest: str, modules: set[str]):
            self.content, self.digest, self.modules = content, digest, modules

        def setup(self, worker: Any) -> None:
            import importlib
            import io
            import os
            import sys
            import zipfile

            folder = os.path.join(worker.local_directory, f"lstm-lab-{self.digest}")
            if folder in sys.path:
                return
            with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
                archive.extractall(folder)
            sys.path.insert(0, folder)
            importlib.invalidate_caches()
            for module in [name for name in sys.modules if name.partition(".")[0] in self.modules]:
                del sys.modules[module]  # from an older source

    content = tree.archive()
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Source(content, digest, {name.removesuffix(".py") for name in tree.names})


def entrance() -> Any:
    """Return `jobs.driver.drive` in a form that travels by value: the scheduler unpacks tasks and has no source."""

    def drive(*arguments: Any) -> Any:
        from jobs.driver import drive

        return drive(*arguments)

    return drive
