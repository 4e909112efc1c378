"""Which network's weights are on show: the one both sides begin with, the trained one, or one from a Keras file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm import Sequential, load_model
from lstm.keras_files import described
from lstm.layers import OneHot
from lstm.lessons.keras.experiment import KerasVsScratch
from lstm.lessons.keras.tasks import TASKS
from lstm.loading import read_any_keras
from lstm.storage import model_bytes
from ui import keep
from ui.keras.run import fresh, kept, material
from ui.model_shelf import pick
from ui.plain import plain, sentence

_LOADED = keep.brought("_keras_loaded", "the network from your file (Keras against scratch)")
EXAMPLES = 64
WIDEST = 20_000
"""Most features of an example that is made up for an uploaded network."""
MADE_UP_STEPS = 12


@dataclass(frozen=True)
class Network:
    """A network on show. `key` tells it from every other one in this session; `origin` and `learnt` are Markdown, `notes` plain words."""

    key: str
    label: str
    origin: str
    learnt: str
    model: Sequential
    notes: tuple[str, ...] = ()


def models(config: KerasVsScratch, job: Job | None) -> dict[str, Network]:
    """All there are, by their keys, the newest last."""
    found = [_fresh(config)]
    if job is not None and getattr(job.result, "model", None) is not None and not job.result.problem:
        learnt = f"trained by the lab, {job.config.steps} steps on {TASKS[job.config.task].title}"
        found.append(Network(job.id, "The network you trained", learnt, learnt, job.result.model))
    if (loaded := st.session_state.get(_LOADED)) is not None:
        found.append(loaded)
    return {one.key: one for one in found}


def _fresh(config: KerasVsScratch) -> Network:
    said = "freshly drawn, as both sides begin"
    draw = lambda: Network("fresh", "The network as both begin", said, said, fresh(config))  # noqa: E731
    return kept("fresh", config, draw)


def choose(config: KerasVsScratch, job: Job | None) -> Network:
    """The network on show. A new one is chosen by itself; with several, the reader may go back."""
    about = "Whose weights are on show, and what a .weights.h5 file is put into."
    return pick("keras_network", "Network", models(config, job), help=about)


def upload(shown: Network) -> None:
    """Take a Keras file. One that is no use changes nothing."""
    if find_spec("h5py") is None:
        st.info("Reading and writing Keras's files needs h5py: pip install h5py adds it.", icon=":material/extension:")
        return
    kinds = f"{', '.join(described.KNOWN[:-1])} or {described.KNOWN[-1]}"
    file = st.file_uploader(
        "Bring a Keras file (.keras, .h5 or .weights.h5)", key="keras_file",
        help=f"A .keras file, or an .h5 file of a whole model, is a network of {kinds} layers. A "
        ".weights.h5 file goes into the network on show. None is run: all are read as data. Larger files than fit here are "
        "read by python -m lstm convert.",
    )  # fmt: skip
    if file is None:
        return
    place = (shown.key, [one.shape for one in shown.model.get_weights()])
    tried, found = keep.table("keras file read").get(file.file_id, (None, ""))
    if tried is None or (isinstance(found, str) and tried != place):  # what does not fit here may fit another
        found = read(file.getvalue(), shown)
        keep.remember("keras file read", file.file_id, (place, found))
        if not isinstance(found, str):
            st.session_state[_LOADED] = found
            st.rerun()
    if isinstance(found, str):
        st.error(f"{plain(file.name)}: {found}")
    else:
        st.caption(f"{plain(file.name)} is read: {found.origin}.")


def read(data: bytes, shown: Network) -> Network | str:
    """The network in a Keras file, or a sentence on what is wrong with it."""
    key = f"loaded-{hashlib.sha256(data).hexdigest()[:12]}"
    try:
        found = read_any_keras(data, shown.model, apart=True)
    except ValueError as problem:
        return sentence(problem)
    if found.format == "weights.h5":
        learnt = "the weights of your file in the network that was on show"
        return Network(f"{key}-{shown.key}", "The network from your file", learnt, learnt, found.model)
    learnt = f"your file, written by Keras {plain(found.keras_version)}"
    origin = f"{learnt}, {found.model.count_params():,} parameters"
    return Network(key, "The network from your file", origin, learnt, found.model, found.notes)


def copy(model: Sequential) -> Sequential:
    """The same network once more, with weights of its own."""
    return load_model(model_bytes(model))


def examples(model: Sequential, config: KerasVsScratch) -> tuple[np.ndarray, str, bool]:
    """Input this network takes: the task's where it fits, else made up; what it is; and whether it is the task's.

    Raises
    ------
    ValueError
        If an input would be too large to make up.
    """
    first = model.layers[0]
    data = material(config.task)
    if _fits(model, data.x):
        return data.x[:EXAMPLES], f"{TASKS[config.task].examples} of the task", True
    rng = np.random.default_rng(0)
    steps = min(model.input_shape[1] or MADE_UP_STEPS, 200)
    if first.takes_ids:
        return rng.integers(0, vocabulary(model), (1, steps)).astype(np.int32), f"{steps} ids at random, seed 0", False
    if model.input_shape[2] > WIDEST:
        raise ValueError(
            f"a time step of this network has {model.input_shape[2]:,} features; examples are made up for at most {WIDEST:,}"
        )
    x = rng.normal(size=(1, steps, model.input_shape[2])).astype(np.float32)
    return x, f"{steps} time steps of random numbers, seed 0", False


def _fits(model: Sequential, x: np.ndarray) -> bool:
    if model.input_shape[1] not in (None, x.shape[1]):
        return False
    if model.layers[0].takes_ids:
        return x.ndim == 2 and x.max() < vocabulary(model)
    return x.ndim == 3 and x.shape[2] == model.input_shape[2]


def last_outputs(model: Sequential, x: np.ndarray) -> np.ndarray:
    """The outputs (examples, outputs) after the last time step."""
    out = model.predict(x)
    return out[:, -1] if out.ndim == 3 else out


def entering(model: Sequential, x: np.ndarray) -> np.ndarray:
    """What the first recurrent layer reads (time, batch, features), if it is the first layer or stands on one that takes ids."""
    first = model.layers[0]
    if first.takes_ids:
        table = np.eye(first.depth) if isinstance(first, OneHot) else first.get_weights()[0]
        x = table[x]
    return np.moveaxis(x.astype(np.float64), 1, 0)


def vocabulary(model: Sequential) -> int:
    """How many ids the first layer knows."""
    first = model.layers[0]
    return first.depth if isinstance(first, OneHot) else first.input_dim
