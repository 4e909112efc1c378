"""Which model writes: the one that ships, the one trained here, or one the reader brought along."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import streamlit as st

from jobs.job import Job
from lstm import Sequential, load_model
from lstm.datasets import CORPORA
from lstm.experiments.char_lm import vocabulary_of
from lstm.text import Vocabulary
from ui.frame import ROOT
from ui.plain import plain, sentence

SHIPPED = ROOT / "data" / "pretrained" / "text.npz"


@dataclass(frozen=True)
class TextModel:
    """A model that can write. `key` tells it from every other one in this session; `origin` is Markdown."""

    key: str
    label: str
    origin: str
    model: Sequential
    vocabulary: Vocabulary

    @property
    def level(self) -> str:
        return "character" if self.vocabulary.kind == "characters" else "word"


def choose(job: Job | None) -> TextModel:
    """The model to write with. A new one is chosen by itself; with several, the reader may go back."""
    models = {
        one.key: one for one in (shipped(), _trained(job), st.session_state.get("text_loaded")) if one is not None
    }
    known = st.session_state.setdefault("_text_models", [])
    if new := [key for key in models if key not in known]:
        st.session_state.text_model = new[-1]
        known.extend(new)
    if st.session_state.get("text_model") not in models:
        st.session_state.text_model = next(reversed(models))
    if len(models) > 1:
        st.segmented_control(
            "Model", list(models), format_func=lambda key: models[key].label, key="text_model", required=True,
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
    return models[st.session_state.text_model]


def shipped() -> TextModel:
    """Loaded once a session: reading moves a model's states, so two sessions must not share one."""
    if "text_shipped" not in st.session_state:
        st.session_state.text_shipped = _described(
            "shipped", "The model that ships", load_model(SHIPPED, lesson="text")
        )
    return st.session_state.text_shipped


def _trained(job: Job | None) -> TextModel | None:
    if job is None or getattr(job.result, "model", None) is None:
        return None
    kept = st.session_state.get("text_trained")
    if kept is None or kept.key != job.id:
        kept = st.session_state.text_trained = _described(job.id, "The one you trained", job.result.model)
    return kept


def _described(key: str, label: str, model: Sequential) -> TextModel:
    data = model.metadata
    config, metrics = (data.get(name) if isinstance(data.get(name), dict) else {} for name in ("config", "metrics"))
    corpus = CORPORA.get(config.get("corpus")) if isinstance(config.get("corpus"), str) else None
    read = f"*{corpus.title}*" if corpus else "a text of its own"
    vocabulary = vocabulary_of(model)
    layers = [layer.units for layer in model.layers if hasattr(layer, "units")][:-1]
    origin = (
        f"{' + '.join(str(units) for units in layers)} units, {model.count_params():,} parameters, trained on {read}"
    )
    loss = metrics.get("validation loss")
    if isinstance(loss, float):
        origin += f", validation loss {loss:.3f} nats per {vocabulary.kind[:-1]}"
    return TextModel(key, label, origin, model, vocabulary)


def load_back() -> None:
    """Take a model file the reader brought along. One that is no use changes nothing."""
    file = st.file_uploader(
        "Load a model back (.npz)",
        key="text_model_file",
        help="A file that this page, or python -m lstm train text, wrote.",
    )
    if file is None:
        return
    kept = st.session_state.get("_text_model_read")
    if kept is None or kept[0] != file.file_id:
        kept = st.session_state._text_model_read = (file.file_id, _read(file.getvalue()))
        if isinstance(kept[1], TextModel):
            st.session_state.text_loaded = kept[1]
            st.rerun()
    if isinstance(kept[1], str):
        st.error(f"{plain(file.name)}: {kept[1]}")
    else:
        st.caption(f"{plain(file.name)} is loaded: {kept[1].origin}.")


def _read(data: bytes) -> Any:
    """The model in a file, or a sentence on what is wrong with it."""
    try:
        model = load_model(data, lesson="text")
        return _described(f"loaded-{hashlib.sha256(data).hexdigest()[:12]}", "The one you loaded", model)
    except ValueError as problem:
        return sentence(problem)
