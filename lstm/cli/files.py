"""Writing files whole: whether one can be written is known before the work, and nobody ever sees half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def check_writable(path: Path, option: str) -> None:
    """Raise ValueError, in a sentence about `option`, if `path` could not be written later."""
    folder = path.parent
    if path.is_dir():
        raise ValueError(f"{option} must name a file, and {str(path)!r} is a folder")
    if not folder.is_dir():
        raise ValueError(f"{option} must name a file in an existing folder, and there is no folder {str(folder)!r}")
    try:
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(0, "the file is write-protected")
        if not path.exists() or path.is_file():
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ValueError(f"{option} cannot be written to {str(path)!r}: {error.strerror}") from None


def write_or_keep(path: Path, data: bytes, what: str) -> str | None:
    """Write a file that took long to make. Where that fails (a full disk), keep it elsewhere, and return where, in words."""
    try:
        write(path, data)
        return None
    except OSError as error:
        problem = f"{str(path)!r} was not written: {error.strerror or error}"
    for folder in (Path(tempfile.gettempdir()), Path.home(), Path.cwd()):
        try:
            handle, name = tempfile.mkstemp(prefix=f"{path.stem}-", suffix=path.suffix, dir=folder)
            os.close(handle)
        except OSError:
            continue
        try:
            write(Path(name), data)
        except OSError:
            Path(name).unlink(missing_ok=True)
            continue
        return f"{problem}; {what} is kept in {name!r}"
    return f"{problem}, and there is no room for {what} anywhere else"


def write(path: Path, data: bytes) -> None:
    """Write a file in one step. What is no plain file (/dev/stdout) is written to as it is."""
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
