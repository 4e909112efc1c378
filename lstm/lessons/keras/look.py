"""What the lab makes of a file of a network: the lab's own, or Keras's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lstm import load_model

from .files import read_keras


def look_model(path: Path) -> dict[str, Any]:
    """Kind, format, the layers and how many numbers each learns, and every note. ValueError, one sentence, if it is none."""
    data = path.read_bytes()
    if path.suffix == ".keras":
        found = read_keras(data)
        model, notes, format_ = found.model, list(found.notes), "keras"
    elif data.startswith(b"\x89HDF"):
        raise ValueError(
            f"{path.name} holds weights in HDF5, which say nothing without the network: look at its .keras file"
        )
    else:
        model, notes, format_ = load_model(path), [], "npz"
        if lesson := model.metadata.get("lesson"):
            notes.append(f"it was trained in the lesson {str(lesson)[:40]!r}")
    layers = [[type(layer).__name__, layer.count_params()] for layer in model.layers]
    return {
        "kind": "model", "file": path.name, "format": format_, "layers": layers, "parameters": model.count_params(), "notes": notes,
    }  # fmt: skip
