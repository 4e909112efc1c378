"""`convert IN OUT`: a model from Keras's file to the lab's, or the other way."""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLES = """\
examples:
  python -m lstm convert model.keras model.npz
  python -m lstm convert old_model.h5 model.npz
  python -m lstm convert model.weights.h5 model.npz --into network.keras
  python -m lstm convert model.npz model.keras
  python -m lstm convert model.npz model.weights.h5"""


def register(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    from lstm.keras_files.described import KNOWN

    about = (
        f"Turn a Keras model of {', '.join(KNOWN[:-1])} and {KNOWN[-1]} layers into a model of the lab, or a model of the lab "
        "into a file that Keras opens. Nothing in a file is ever run. Keras itself is not needed, h5py is."
    )
    parser = commands.add_parser("convert", help="Keras's files to the lab's and back", description=about, epilog=EXAMPLES)
    parser.add_argument("source", metavar="IN", help="a .keras, .h5 or .weights.h5 file, or an .npz of the lab")
    parser.add_argument("target", metavar="OUT", help=".npz, .keras or .weights.h5")
    parser.add_argument(
        "--into", metavar="NETWORK", help="for a .weights.h5 file, which does not say what its layers are: a file that does"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Convert, and say what was written."""
    from lstm.keras_files.files import write_keras, write_keras_weights
    from lstm.storage import model_bytes

    from ..terminal import printable

    source, target = Path(options.source), Path(options.target)
    writers = {".npz": model_bytes, ".keras": write_keras, ".weights.h5": write_keras_weights}
    ending = next((ending for ending in writers if target.name.endswith(ending)), None)
    if ending is None or not source.name.endswith((".keras", ".h5", ".npz")):
        raise ValueError(
            "convert takes a .keras, .h5, .weights.h5 or .npz file to .npz, .keras or .weights.h5; "
            f"got {source.name!r} and {target.name!r}"
        )
    model, notes = _network(source, options.into)
    data = writers[ending](model)
    if ending != ".npz":
        if model.metadata:
            notes.append("Keras's file has no place for what the lab knows beside the weights (vocabulary, scaling).")
        if model.stateful:
            notes.append("In Keras's file the LSTM layers are not stateful: each sequence starts from zeros.")
    target.write_bytes(data)
    for note in notes:
        print(printable(note))
    print(f"wrote {target}: {len(model.layers)} layers, {model.count_params():,} parameters")
    return 0


def _network(path: Path, into: str | None):
    """The network in a file of either kind, and notes on how it was read."""
    from lstm import load_model
    from lstm.keras_files.files import MAX_FILE
    from lstm.loading import read_any_keras
    from lstm.untrusted import contents

    if path.suffix == ".npz":
        return load_model(path), []
    network = None if into is None else _network(Path(into), None)[0]
    try:
        found = read_any_keras(contents(path, MAX_FILE), network, apart=True)
    except ValueError as error:
        if into is None and "holds weights alone" in str(error):
            raise ValueError(f"{error}; here --into NETWORK names a file of such a network") from None
        raise
    return found.model, list(found.notes)
