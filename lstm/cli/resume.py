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
    try:
        with np.load(path, allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].astype(np.uint8).tobytes())
            checkpoint = arrays["checkpoint"].astype(np.uint8).tobytes()
            found = LESSONS_RENAMED.get(facts["lesson"], facts["lesson"]), facts["settings"]
            if facts["format"] != FORMAT or not isinstance(facts["settings"], dict):
                raise ValueError(not_one)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, zipfile.BadZipFile):
        raise ValueError(not_one) from None
    if found[0] != lesson:
        raise ValueError(f"the checkpoint belongs to the lesson {str(found[0])[:40]!r}, not to {lesson!r}")
    return found[1], checkpoint
