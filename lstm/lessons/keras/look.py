"""What the lab makes of a file of a network: the lab's own, or Keras's."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from lstm import load_model
from lstm.keras_files.files import weights_alone
from lstm.keras_files.h5 import MAGIC
from lstm.loading import read_keras
from lstm.storage import MAX_BYTES
from lstm.untrusted import contents


def look_model(path: Path) -> dict[str, Any]:
    """Kind, format, the layers and how many numbers each learns, and every note. ValueError, one sentence, if it is none."""
    data = contents(path, MAX_BYTES)
    if (alone := weights_alone(data) if data[:8] == MAGIC else None) is not None:
        layers, form = alone, "weights.h5"
        notes = ["it holds weights alone: neither the order of the layers nor their activations are in it"]
    elif data[:8] == MAGIC or _of_keras(data, path):
        found = read_keras(data)
        layers, form, notes = found.layers, found.format, [f"it was written by Keras {found.keras_version}", *found.notes]
    else:
        model = load_model(data)
        layers = tuple((type(layer).__name__, layer.count_params()) for layer in model.layers)
        form, notes = "npz", []
        if lesson := model.metadata.get("lesson"):
            notes.append(f"it was trained in the lesson {str(lesson)[:40]!r}")
    return {
        "kind": "model", "file": path.name, "format": form, "layers": [list(layer) for layer in layers],
        "parameters": sum(count for _, count in layers), "notes": notes,
    }  # fmt: skip


def _of_keras(data: bytes, path: Path) -> bool:
    """Whether a file is an archive of Keras's: by what is in it, or, where that cannot be told, by its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "config.json" in archive.namelist()
    except Exception:  # whatever a damaged archive brings about; reading it will say what is wrong
        return path.suffix == ".keras"
