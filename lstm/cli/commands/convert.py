"""`convert IN OUT`: a model from Keras's file to the lab's, or the other way."""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLES = """\
examples:
  python -m lstm convert model.keras model.npz
  python -m lstm convert model.npz model.keras
  python -m lstm convert model.npz model.weights.h5"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    about = (
        "Turn a Keras model of Embedding, LSTM, SimpleRNN, Bidirectional, Dense and Dropout layers into a model of the lab, or a "
        "model of the lab into a file that Keras opens. Nothing in a file is ever run. Keras itself is not needed, h5py is."
    )
    parser = commands.add_parser("convert", help="Keras's files to the lab's and back", description=about, epilog=EXAMPLES)
    parser.add_argument("source", metavar="IN", help="a .keras file, or an .npz of the lab")
    parser.add_argument("target", metavar="OUT", help=".npz, .keras or .weights.h5")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Convert, and say what was written."""
    from lstm import load_model
    from lstm.lessons.keras.files import MAX_FILE, read_keras, write_keras, write_keras_weights
    from lstm.storage import model_bytes

    from ..terminal import printable

    source, target = Path(options.source), Path(options.target)
    notes: tuple[str, ...] = ()
    if source.suffix == ".keras" and target.suffix == ".npz":
        if not source.is_file():
            raise ValueError(f"there is no file {str(source)!r}")
        if source.stat().st_size > MAX_FILE:
            raise ValueError(f"{str(source)!r} is larger than {MAX_FILE // 2**20} MB, the limit")
        found = read_keras(source.read_bytes())
        model, notes, data = found.model, found.notes, model_bytes(found.model)
    elif source.suffix == ".npz" and target.suffix == ".keras":
        model = load_model(source)
        data = write_keras(model)
    elif source.suffix == ".npz" and target.name.endswith(".weights.h5"):
        model = load_model(source)
        data = write_keras_weights(model)
    else:
        raise ValueError(
            "convert takes a .keras file to .npz, or an .npz to .keras or .weights.h5; "
            f"got {source.name!r} and {target.name!r}"
        )
    if source.suffix == ".npz":
        if model.metadata:
            notes = (*notes, "Keras's file has no place for what the lab knows beside the weights (vocabulary, scaling).")
        if model.stateful:
            notes = (*notes, "In Keras's file the LSTM layers are not stateful: each sequence starts from zeros.")
    target.write_bytes(data)
    for note in notes:
        print(printable(note))
    print(f"wrote {target}: {len(model.layers)} layers, {model.count_params():,} parameters")
    return 0
