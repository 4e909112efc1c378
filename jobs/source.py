"""Sends this source tree to the workers of an existing cluster, which have the requirements but not the project."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("lstm", "jobs", "data")  # `lstm` finds the project's `data` folder beside itself
NAME = "lstm-lab-source"


def archive(root: Path = ROOT, names: tuple[str, ...] = SHIPPED) -> bytes:
    """Return the files of the named folders (and .py files) under `root` as a zip, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            top = root / name
            for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
                inside = path.relative_to(root)
                if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in inside.parts):
                    archive.writestr(zipfile.ZipInfo(inside.as_posix()), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def plugin(content: bytes, names: tuple[str, ...] = SHIPPED) -> Any:
    """Return a Dask worker plugin that unpacks `content` and puts it first on the worker's path.

    Dask keeps it in the scheduler and also gives it to workers that join, or come back, later.
    """
    from distributed.diagnostics.plugin import WorkerPlugin

    # A class made in a function travels by value: the workers cannot import this file before its work is done.
    class Source(WorkerPlugin):
        name = NAME
        idempotent = False  # a newer source replaces the older

        def __init__(self, content: bytes, digest: str, names: tuple[str, ...]):
            self.content, self.digest, self.names = content, digest, names

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
            tops = {name.removesuffix(".py") for name in self.names}
            for module in [name for name in sys.modules if name.partition(".")[0] in tops]:
                del sys.modules[module]  # from an older source

    return Source(content, hashlib.sha256(content).hexdigest()[:12], names)
