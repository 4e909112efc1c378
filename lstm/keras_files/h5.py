"""HDF5 files from strangers as plain arrays and texts: what Keras puts into one, and nothing that costs more than the file.

An HDF5 file can hold compressed chunks that unpack to gigabytes, arrays whose numbers lie in other files, and links
that lead in circles. Keras writes none of these: its arrays lie in the file as they are. So nothing else is read, and
all that is read together has no more bytes than the file.

HDF5 itself is a large C library that has never been meant for hostile files: `apart` reads in a process of its own,
whose end, or whose limits of memory and time, are a sentence here.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

MAGIC = b"\x89HDF\r\n\x1a\n"
DAMAGED = "the Keras file is damaged: its weights cannot be read"
MAX_OBJECTS = 2_000
MAX_DEPTH = 16
MAX_TEXT = 2**20
"""Bytes of an attribute."""
_ASIDE = ("optimizer", "optimizer_weights")
"""Groups at the top that say nothing about what a network computes."""
SECONDS, PATIENCE, MEMORY = 5, 60, 512 * 2**20
"""What reading apart may take: of a processor, on the clock, and beyond Python itself."""


@dataclass(frozen=True)
class Contents:
    """What an HDF5 file holds.

    arrays : by their paths, floating-point numbers alone
    texts : attributes by the path of their group: a text, or a list of texts
    """

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    texts: dict[str, dict[str, str | list[str]]] = field(default_factory=dict)


def read_h5(data: bytes, apart: bool = False) -> Contents:
    """The arrays and texts in the bytes of an HDF5 file.

    Parameters
    ----------
    data : bytes
    apart : read in a process of its own, as pages and commands do with files from anywhere: of 75 damaged ones, one kept HDF5
        going round for good

    Raises
    ------
    ValueError
        One sentence, if the bytes are damaged, or hold what Keras does not write.
    """
    return _read_apart(data) if apart else _read(data)


def h5py_module() -> Any:
    """h5py, or a ValueError that says how to get it."""
    try:
        import h5py
    except ImportError:
        raise ValueError(
            "h5py is needed to read and write Keras's files: pip install h5py adds it (Keras brings it along)"
        ) from None
    return h5py


def _read(data: bytes) -> Contents:
    h5py = h5py_module()
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            return _walk(h5py, file, len(data))
    except _Refused as error:
        raise ValueError(str(error)) from None
    except Exception as error:  # HDF5 has many ways to say that bytes make no sense
        raise ValueError(DAMAGED) from error


class _Refused(ValueError):
    """A sentence of ours, to be told from what h5py says."""


def _walk(h5py: Any, file: Any, size: int) -> Contents:
    found, left = Contents(), size
    seen: set[Any] = set()
    waiting: list[tuple[str, Any]] = [("", file)]
    while waiting:
        path, one = waiting.pop()
        address = h5py.h5o.get_info(one.id).addr
        if address in seen or len(seen) >= MAX_OBJECTS or path.count("/") > MAX_DEPTH:
            raise _Refused("the Keras file is refused: its groups lead in circles, or there are too many of them")
        seen.add(address)
        if isinstance(one, h5py.Group):
            found.texts[path] = _texts(h5py, one)
            for name in one:
                inner = f"{path}/{name}" if path else name
                if not isinstance(one.get(name, getlink=True), h5py.HardLink):
                    raise _Refused(f"the weight {inner[:80]!r} is not a plain array: it lies elsewhere")
                if name == "seed_generator" or (not path and name in _ASIDE):
                    continue
                waiting.append((inner, one[name]))
        elif isinstance(one, h5py.Dataset):
            left -= _check(one, path, left)
            found.arrays[path] = one[()]
        else:
            raise _Refused(f"the Keras file is refused: {path[:80]!r} is no array")
    return found


def _check(dataset: Any, path: str, left: int) -> int:
    """The bytes of an array that lies in the file as it is, all of it; ValueError for any other."""
    plain = dataset.id.get_create_plist()
    shape, dtype = dataset.shape, dataset.dtype
    if dtype.kind != "f" or shape is None or dataset.is_virtual or plain.get_external_count():
        raise _Refused(f"the weight {path[:80]!r} is not a plain array of floating-point numbers")
    size = int(np.prod([int(n) for n in shape], dtype=object)) * dtype.itemsize
    chunk = int(np.prod([int(n) for n in dataset.chunks or (1,)], dtype=object)) * dtype.itemsize
    # What is compressed may unpack to anything, what is not stored is made up, and a chunk is read as a whole.
    if plain.get_nfilters() or size > dataset.id.get_storage_size() or max(size, chunk) > left:
        raise _Refused(f"the weight {path[:80]!r} is compressed or not all in the file: Keras writes weights as they are")
    return size


def _texts(h5py: Any, group: Any) -> dict[str, str | list[str]]:
    """The attributes of a group that are a text or a list of texts."""
    found: dict[str, str | list[str]] = {}
    for name in list(group.attrs)[:100]:
        attribute = group.attrs.get_id(name)
        is_text = attribute.dtype.kind in "SO" and (attribute.dtype.kind == "S" or h5py.check_string_dtype(attribute.dtype))
        count = int(np.prod([int(n) for n in attribute.shape], dtype=object))
        if not is_text or attribute.get_storage_size() > MAX_TEXT or count > MAX_OBJECTS:
            continue
        value = group.attrs[name]
        if isinstance(value, np.ndarray):
            texts = [_text(one) for one in value.ravel()[:MAX_OBJECTS]]
            found[name] = texts
            if sum(map(len, texts)) > MAX_TEXT:
                raise _Refused("the Keras file is refused: an attribute of it is larger than 1 MB")
        else:
            found[name] = _text(value)
    return found


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


# In a process of its own --------------------------------------------------------------------------------------------
def _read_apart(data: bytes) -> Contents:
    h5py_module()
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # threads take memory for their stacks
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__], input=data, capture_output=True, timeout=PATIENCE, env=env, cwd=_root(), check=False
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ValueError(f"the Keras file is refused: reading it took longer than {PATIENCE} seconds") from None
    if done.returncode == 2:
        raise ValueError(done.stdout.decode("utf-8", "replace"))
    if done.returncode != 0:
        raise ValueError(DAMAGED)
    return _unpacked(io.BytesIO(done.stdout))


def _root() -> str:
    return str(Path(__file__).resolve().parents[2])


def _packed(found: Contents, file: BinaryIO) -> None:
    """Write: a line of JSON, then the arrays' bytes one after another."""
    head = {
        "texts": found.texts,
        "arrays": [[path, one.dtype.str, list(one.shape)] for path, one in found.arrays.items()],
    }
    file.write(json.dumps(head).encode() + b"\n")
    for one in found.arrays.values():
        file.write(np.ascontiguousarray(one).tobytes())


def _unpacked(file: BinaryIO) -> Contents:
    head = json.loads(file.readline())
    arrays = {}
    for path, dtype, shape in head["arrays"]:
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        arrays[path] = np.frombuffer(file.read(size), dtype).reshape(shape)
    return Contents(arrays, head["texts"])


def _main() -> int:
    data = sys.stdin.buffer.read()
    h5py_module()
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit holds there too
        pass
    else:
        with open("/proc/self/statm") if os.path.exists("/proc/self/statm") else io.StringIO("0") as file:
            in_use = int(file.read().split()[0]) * resource.getpagesize()
        if in_use:
            resource.setrlimit(resource.RLIMIT_AS, (in_use + MEMORY, in_use + MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        _packed(_read(data), sys.stdout.buffer)
    except ValueError as error:
        sys.stdout.buffer.write(str(error).encode())
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(_main())
