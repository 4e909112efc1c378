"""Checkpoints in files: an experiment's settings beside the bytes its training goes on from."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lstm.storage import LESSONS_RENAMED
from lstm.untrusted import contents

MOST = 1_000_000_000
"""Bytes of a checkpoint; those of the largest settings are a tenth of it."""
FORMAT = "lstm-lab checkpoint 1"


def pack(config: Any, checkpoint: bytes) -> bytes:
    """A checkpoint of `config`'s training, with everything that is needed to go on."""
    facts = {"format": FORMAT, "lesson": config.lesson, "settings": asdict(config)}
    file = io.BytesIO()
    np.savez(
        file,
        facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
        checkpoint=np.frombuffer(checkpoint, np.uint8),
    )
    return file.getvalue()


def unpack(path: Path, lesson: str) -> tuple[dict[str, Any], bytes]:
    """The settings and the checkpoint in a file.

    Raises
    ------
    ValueError
        If the file is none of these, is damaged, or belongs to another lesson.
    """
    not_one = f"{str(path)!r} is not a checkpoint that --checkpoint saved, or it is damaged"
    data = contents(path, MOST)
    try:
        _check_stored(data)
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].astype(np.uint8).tobytes())
            checkpoint = arrays["checkpoint"].astype(np.uint8).tobytes()
            _check_stored(checkpoint)
            found = LESSONS_RENAMED.get(facts["lesson"], facts["lesson"]), facts["settings"]
            if facts["format"] != FORMAT or not isinstance(facts["settings"], dict):
                raise ValueError(not_one)
    except Exception:  # whatever zipfile, numpy and json say to bytes that were made to confuse them
        raise ValueError(not_one) from None
    if found[0] != lesson:
        raise ValueError(f"the checkpoint belongs to the lesson {str(found[0])[:40]!r}, not to {lesson!r}")
    return found[1], checkpoint


def _check_stored(data: bytes) -> None:
    """Raise ValueError unless an archive holds what it takes, as `np.savez` writes it: nothing in it grows when it is read."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(one.compress_type != zipfile.ZIP_STORED or one.file_size > len(data) for one in archive.infolist()):
            raise ValueError("a part of it is packed")
