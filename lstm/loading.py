"""Models out of files of every kind: the lab's .npz, Keras's .keras, .h5 and .weights.h5."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import BinaryIO

from .keras_files import files
from .keras_files.files import MAX_FILE, KerasFile
from .lacking import explained
from .model import Sequential
from .storage import read_model
from .untrusted import contents


@explained
def load_model(filepath: str | Path | bytes | BinaryIO, *, lesson: str | None = None) -> Sequential:
    """Read a model that `save` wrote, or Keras. Nothing in a file is ever run.

    Parameters
    ----------
    filepath : a path, the file's bytes, or an open binary file
    lesson : if given, the file must be the lab's and name this lesson

    What a Keras file asks for and the lab leaves out is a warning. A file of weights alone (.weights.h5) does not say what its
    layers are: build the model, then `model.load_weights(path)`.

    Raises
    ------
    ValueError
        If the file is missing, is not a model file, is damaged, too large, or belongs to another lesson.
    """
    if isinstance(filepath, (str, Path)) and str(filepath).endswith((".keras", ".h5")) and lesson is None:
        found = read_any_keras(contents(Path(filepath), MAX_FILE))
        for note in found.notes:
            warnings.warn(note, stacklevel=2)
        assert isinstance(found.model, Sequential)
        return found.model
    model = read_model(Sequential, filepath, lesson)
    assert isinstance(model, Sequential)
    return model


def read_keras(data: bytes, apart: bool = False) -> KerasFile:
    """`keras_files.files.read_keras`, for a `Sequential`."""
    return files.read_keras(Sequential, data, apart)


def read_any_keras(data: bytes, into: Sequential | None = None, apart: bool = False) -> KerasFile:
    """`keras_files.files.read_any_keras`, for a `Sequential`."""
    return files.read_any_keras(Sequential, data, into, apart)
