"""The weights: what each layer has, gate by gate as heat maps; a network from a file run; files that Keras opens."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import streamlit as st

from lstm import Sequential
from lstm.bidirectional import Bidirectional
from lstm.keras_files.files import write_keras, write_keras_weights
from lstm.layers import Layer
from lstm.lessons.keras.experiment import KerasVsScratch
from lstm.recurrent import LSTM
from lstm.storage import model_bytes
from ui.files import file_name
from ui.keras import charts
from ui.keras.models import Network, examples, last_outputs, upload
from ui.lesson import Takeaway
from ui.plain import plain, sentence

BINARY = "application/octet-stream"
_NAMES = {3: ("kernel", "recurrent kernel", "bias"), 2: ("kernel", "bias"), 1: ("embeddings",)}
_ROWS = {"kernel": "input", "recurrent kernel": "from unit", "bias": "bias", "embeddings": "id"}


def section(shown: Network, config: KerasVsScratch) -> None:
    """Layers on the left, the weights of the chosen one on the right, an upload below."""
    left, right = st.columns([5, 8], gap="medium")
    with left:
        st.caption(f"On show: {shown.origin}.")
        st.dataframe(layer_table(shown.model), hide_index=True)
        for note in shown.notes:
            st.info(plain(note), icon=":material/info:")
        upload(shown)
        try_it(shown, config)
        st.caption(
            "**Take home** below has this network as a file that keras.models.load_model opens, and its weights as one "
            "for load_weights."
        )
    with right:
        heat_maps(shown)


def layer_table(model: Sequential) -> dict[str, list[str]]:
    """The layers, one a row."""
    rows, shape = [], model.input_shape
    for layer in model.layers:
        shape = layer.output_shape(shape)
        size = " × ".join("any" if n is None else f"{n:,}" for n in shape[1:])
        rows.append((type(layer).__name__, size, f"{layer.count_params():,}"))
    return dict(zip(("layer", "puts out", "parameters"), map(list, zip(*rows))))


def parts(layer: Layer) -> dict[str, tuple[np.ndarray, bool]]:
    """A layer's matrices by name, in Keras's layout, and whether their columns stand gate by gate."""
    weights = layer.get_weights()
    if isinstance(layer, Bidirectional):
        half = len(weights) // 2
        one = layer.directions["forward"]
        return {
            f"{name}, {way}": (np.atleast_2d(weight), isinstance(one, LSTM))
            for way, some in (("forward", weights[:half]), ("backward", weights[half:]))
            for name, weight in zip(_NAMES[half], some)
        }
    return {
        name: (np.atleast_2d(one), isinstance(layer, LSTM)) for name, one in zip(_NAMES.get(len(weights), ()), weights)
    }


def heat_maps(shown: Network) -> None:
    """The weights of one layer."""
    layers = {
        f"{k}: {type(layer).__name__}": layer for k, layer in enumerate(shown.model.layers, 1) if layer.get_weights()
    }
    recurrent = [name for name, layer in layers.items() if isinstance(layer, (LSTM, Bidirectional))]
    if not layers:
        st.info("This network has no weights.")
        return
    start = list(layers).index(recurrent[0]) if recurrent else 0
    name = st.selectbox(
        "Weights of layer", list(layers), index=start, key=f"keras_layer_{'-'.join(layers)}",
        help="Each of its matrices is drawn below, as Keras keeps it.",
    )  # fmt: skip
    for k, (part, (weight, gates)) in enumerate(parts(layers[name]).items()):
        reach = float(np.abs(weight).max())
        st.markdown(f"**{part}** {' × '.join(map(str, weight.shape))}, largest {reach:.2f}")
        rows_are = _ROWS[part.split(",")[0]]
        charts.matrix(weight, rows_are, gates).show(f"keras_matrix_{k}", f"Heat map: {part} of {name}")
    largest = max(max(weight.shape[0], weight.shape[1] // 4) for weight, _ in parts(layers[name]).values())
    cut = f" The first {charts.SHOWN} rows and units of each are drawn." if largest > charts.SHOWN else ""
    order = " Columns in Keras's order: i, f, c̃, o; the forget gate's bias begins at 1." if recurrent else ""
    st.caption(f"Blue is negative, orange positive, each matrix on a scale of its own.{order}{cut}")


def try_it(shown: Network, config: KerasVsScratch) -> None:
    """The network run by the lab on an example."""
    try:
        x, what, _ = examples(shown.model, config)
        out = last_outputs(shown.model, x[:1])[0]
    except ValueError as problem:
        st.warning(sentence(problem))
        return
    first = out.ravel()[:60]
    charts.pairs({"output": first}, [str(k) for k in range(len(first))], "output number", "value", height=240).show(
        "keras_output", "Bars: what the network puts out for the example"
    )
    st.caption(
        f"Run by the lab just now, without Keras: its outputs after the last time step, for one example ({what})."
    )


def downloads(shown: Network) -> list[Takeaway]:
    """The network on show as files of the lab and of Keras."""
    name = {"fresh": "untrained"}.get(shown.key, "loaded" if shown.key.startswith("loaded") else "trained")
    files = [
        Takeaway("The network (.npz)", lambda: model_bytes(shown.model), file_name("keras", name, ending="npz"), BINARY)
    ]
    if find_spec("h5py") is not None:
        files += [
            Takeaway("For Keras (.keras)", lambda: write_keras(shown.model), file_name("keras", name, ending="keras"), BINARY),
            Takeaway(
                "Weights alone (.weights.h5)", lambda: write_keras_weights(shown.model),
                file_name("keras", name, ending="weights.h5"), BINARY,
            ),
        ]  # fmt: skip
    return files
