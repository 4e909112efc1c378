"""What the lab makes of a file of a network: the lab's own, or Keras's."""

from __future__ import annotations

import io
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

from lstm import Sequential, load_model
from lstm.keras_files.files import weights_alone
from lstm.keras_files.h5 import MAGIC
from lstm.loading import read_keras
from lstm.storage import MAX_BYTES
from lstm.untrusted import contents

# What each lesson asks a model's notes with: a model of which it raises ValueError is of no use there.
_READERS = {
    "digits": ("digits.reader", "reader_of"), "forecast": ("forecast.forecaster", "forecaster_of"), "memory": ("memory.tasks", "task_of"),
    "relatives": ("relatives.tasks", "task_of"), "sentiment": ("reading.reader", "reader_of"), "text": ("text.experiment", "vocabulary_of"),
    "topics": ("reading.reader", "reader_of"),
}  # fmt: skip


def look_model(path: Path) -> dict[str, Any]:
    """Kind, format, the layers and how many numbers each learns, and every note. ValueError, one sentence, if it is none."""
    data = contents(path, MAX_BYTES)
    if (alone := weights_alone(data, apart=True) if data[:8] == MAGIC else None) is not None:
        layers, form = alone, "weights.h5"
        notes = ["it holds weights alone: neither the order of the layers nor their activations are in it"]
    elif data[:8] == MAGIC or _of_keras(data, path):
        found = read_keras(data, apart=True)
        layers, form, notes = found.layers, found.format, [f"it was written by Keras {found.keras_version}", *found.notes]
    else:
        model = load_model(data)
        layers = tuple((type(layer).__name__, layer.count_params()) for layer in model.layers)
        form, notes = "npz", []
        if lesson := model.metadata.get("lesson"):
            notes.append(f"it was trained in the lesson {str(lesson)[:40]!r}")
            notes += _damaged_notes(model, str(lesson))
    return {
        "kind": "model", "file": path.name, "format": form, "layers": [list(layer) for layer in layers],
        "parameters": sum(count for _, count in layers), "notes": notes,
    }  # fmt: skip


def _damaged_notes(model: Sequential, lesson: str) -> list[str]:
    """What keeps the model's own lesson from using it, as a sentence: its notes lack something, or speak of another network."""
    module, function = _READERS.get(lesson, ("", ""))
    try:
        if module:  # the others ask no more of a model than its layers
            getattr(import_module(f"lstm.lessons.{module}"), function)(model)
    except ValueError as problem:
        return [f"that lesson cannot use it: {problem}"]
    return []


def _of_keras(data: bytes, path: Path) -> bool:
    """Whether a file is an archive of Keras's: by what is in it, or, where that cannot be told, by its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "config.json" in archive.namelist()
    except Exception:  # whatever a damaged archive brings about; reading it will say what is wrong
        return path.suffix == ".keras"
