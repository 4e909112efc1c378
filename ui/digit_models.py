"""Which network reads: the one that ships, the one trained here, or one the reader brought along."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm import Sequential, load_model
from lstm.digit_reading import CLASSES, Reader, belief, reader_of
from ui.frame import ROOT
from ui.plain import plain, sentence

SHIPPED = ROOT / "data" / "pretrained" / "digits.npz"


@dataclass(frozen=True)
class DigitModel:
    """A network that reads digits. `key` tells it from every other one in this session; `origin` is Markdown.

    `report` holds its examination: "confusion" (10, 10), "accuracy" (steps,), "gates"; empty if its file had none.
    """

    key: str
    label: str
    origin: str
    model: Sequential
    reader: Reader
    report: dict[str, Any] = field(default_factory=dict)

    def beliefs(self, images: np.ndarray) -> np.ndarray:
        """The probabilities (digits, steps, 10) after each step of prepared images."""
        return belief(self.model, self.reader.sequences(images))

    def believes(self, image: np.ndarray) -> np.ndarray:
        """The probabilities (steps, 10) after each step of one prepared image."""
        return self.beliefs(image[None])[0]


def choose(job: Job | None) -> DigitModel:
    """The network to read with. A new one is chosen by itself; with several, the reader may go back."""
    models = {
        one.key: one for one in (shipped(), trained(job), st.session_state.get("digits_loaded")) if one is not None
    }
    known = st.session_state.setdefault("_digits_models", [])
    if new := [key for key in models if key not in known]:
        st.session_state.digits_model = new[-1]
        known.extend(new)
    if st.session_state.get("digits_model") not in models:
        st.session_state.digits_model = next(reversed(models))
    if len(models) > 1:
        st.segmented_control(
            "Network", list(models), format_func=lambda key: models[key].label, key="digits_model", required=True,
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
    return models[st.session_state.digits_model]


def shipped() -> DigitModel:
    """Loaded once a session: a network keeps buffers, so two sessions must not share one."""
    if "digits_shipped" not in st.session_state:
        model = load_model(SHIPPED, lesson="digits")
        st.session_state.digits_shipped = _described("shipped", "The network that ships", model)
    return st.session_state.digits_shipped


def trained(job: Job | None) -> DigitModel | None:
    """The network of a training that has one."""
    if job is None or getattr(job.result, "model", None) is None:
        return None
    kept = st.session_state.get("digits_trained")
    if kept is None or kept.key != job.id:
        kept = st.session_state.digits_trained = _described(job.id, "The one you trained", job.result.model)
    return kept


def _described(key: str, label: str, model: Sequential) -> DigitModel:
    reader = reader_of(model)
    config, metrics = (
        found if isinstance(found := model.metadata.get(name), dict) else {} for name in ("config", "metrics")
    )
    units = " + ".join(str(layer.units) for layer in model.layers[:-1] if hasattr(layer, "units"))
    images = "MNIST" if reader.data == "mnist" else "the 8 × 8 digits"
    origin = (
        f"{units} units, {model.count_params():,} parameters, trained on {images}, {reader.reading} by {reader.reading}"
    )
    origin = origin.replace(f"{reader.reading} by {reader.reading}", f"{reader.step_name} by {reader.step_name}")
    if isinstance(accuracy := metrics.get("test accuracy"), float):
        origin += f", test accuracy {accuracy:.2%}"
    if config.get("answer") == "last":
        origin += "; it was only ever asked after the last step"
    return DigitModel(key, label, origin, model, reader, _report(model.metadata.get("report"), reader))


def _report(found: Any, reader: Reader) -> dict[str, Any]:
    """An examination out of a file, if it is one: the file may come from anybody."""
    found = found if isinstance(found, dict) else {}
    report: dict[str, Any] = {}
    for name, shape in (("confusion", (CLASSES, CLASSES)), ("accuracy", (reader.steps,))):
        if (values := _numbers(found.get(name), shape)) is not None:
            report[name] = values
    layers = found.get("gates") if isinstance(found.get("gates"), list) else []
    gates = [
        {
            name: values
            for name in "ifgoch"
            if (values := _numbers(layer.get(name), (CLASSES, reader.steps))) is not None
        }
        for layer in layers[:8]
        if isinstance(layer, dict)
    ]
    if gates and all(gates):
        report["gates"] = gates
    return report


def _numbers(values: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    try:
        array = np.array(values, np.float64)
    except (ValueError, TypeError):
        return None
    return array if array.shape == shape and np.isfinite(array).all() else None


def load_back() -> None:
    """Take a model file the reader brought along. One that is no use changes nothing."""
    file = st.file_uploader(
        "Load a network back (.npz)", key="digits_model_file",
        help="A file that this page, or python -m lstm train digits, wrote.",
    )  # fmt: skip
    if file is None:
        return
    kept = st.session_state.get("_digits_model_read")
    if kept is None or kept[0] != file.file_id:
        kept = st.session_state._digits_model_read = (file.file_id, _read(file.getvalue()))
        if isinstance(kept[1], DigitModel):
            st.session_state.digits_loaded = kept[1]
            st.rerun()
    if isinstance(kept[1], str):
        st.error(f"{plain(file.name)}: {kept[1]}")
    else:
        st.caption(f"{plain(file.name)} is loaded: {kept[1].origin}.")


def _read(data: bytes) -> DigitModel | str:
    """The network in a file, or a sentence on what is wrong with it."""
    try:
        model = load_model(data, lesson="digits")
        return _described(f"loaded-{hashlib.sha256(data).hexdigest()[:12]}", "The one you loaded", model)
    except ValueError as problem:
        return sentence(problem)
