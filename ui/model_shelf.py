"""Which model a lesson shows: the one that ships, the one trained here, or one the reader brought along.

A lesson says how to describe a model that is its own; what it makes of one has a `key` that tells it from every other
one in the session, a `label`, and an `origin` in Markdown.

    SHELF = Shelf("text", _described)
    who = SHELF.choose(job)
    ...
    SHELF.load_back()
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import streamlit as st

from jobs.job import Job
from lstm import Sequential, load_model
from lstm.untrusted import one_sentence
from ui.frame import ROOT
from ui.plain import plain, sentence


class Described(Protocol):
    """What every lesson's model has."""

    key: str
    label: str
    origin: str


M = TypeVar("M", bound=Described)


@dataclass(frozen=True)
class Shelf(Generic[M]):
    """The models of one lesson. What is on it lives in the session: a network keeps buffers, and no two may share one.

    Parameters
    ----------
    lesson : as in the metadata of its models
    described : from key, label and network to the lesson's view of it; ValueError for a network that is none of its own
    noun : what the page calls one
    of_job : the same from a training that has a network, where its result knows more than the network's file
    """

    lesson: str
    described: Callable[[str, str, Sequential], M]
    noun: str = "model"
    of_job: Callable[[str, str, Job], M] | None = None

    @property
    def file(self) -> Path:
        """The model that ships."""
        return ROOT / "data" / "pretrained" / f"{self.lesson}.npz"

    def choose(self, job: Job | None, on_change: Callable[[], None] | None = None) -> M:
        """The model on show. A new one is chosen by itself; with several, the reader may go back."""
        models = self.models(job)
        key = f"{self.lesson}_model"
        known = st.session_state.setdefault(f"_{self.lesson}_models", [])
        if new := [one for one in models if one not in known]:
            st.session_state[key] = new[-1]
            known.extend(new)
        if st.session_state.get(key) not in models:
            st.session_state[key] = next(reversed(models))
        if len(models) > 1:
            st.segmented_control(
                self.noun.capitalize(), list(models), format_func=lambda one: models[one].label, key=key, required=True,
                persist_state="session", label_visibility="collapsed", on_change=on_change,
            )  # fmt: skip
        return models[st.session_state[key]]

    def models(self, job: Job | None) -> dict[str, M]:
        """All there are, by their keys."""
        return {one.key: one for one in (self.shipped(), self.trained(job), self.loaded()) if one is not None}

    def shipped(self) -> M:
        """The one that ships, loaded once a session."""
        key = f"{self.lesson}_shipped"
        if key not in st.session_state:
            model = load_model(self.file, lesson=self.lesson)
            st.session_state[key] = self.described("shipped", f"The {self.noun} that ships", model)
        return st.session_state[key]

    def trained(self, job: Job | None) -> M | None:
        """The one of a training that has one."""
        if job is None or getattr(job.result, "model", None) is None:
            return None
        key = f"{self.lesson}_trained"
        if (kept := st.session_state.get(key)) is None or kept.key != job.id:
            facts = (job.id, "The one you trained")
            kept = st.session_state[key] = (
                self.described(*facts, job.result.model) if self.of_job is None else self.of_job(*facts, job)
            )
        return kept

    def loaded(self) -> M | None:
        """The one the reader brought along."""
        return st.session_state.get(f"{self.lesson}_loaded")

    def load_back(self) -> None:
        """Take a file the reader brought along. One that is no use changes nothing."""
        file = st.file_uploader(
            f"Load a {self.noun} back (.npz)", key=f"{self.lesson}_model_file",
            help=f"A file that this page, or python -m lstm train {self.lesson}, wrote.",
        )  # fmt: skip
        if file is None:
            return
        key = f"_{self.lesson}_model_read"
        kept = st.session_state.get(key)
        if kept is None or kept[0] != file.file_id:
            kept = st.session_state[key] = (file.file_id, self._read(file.getvalue()))
            if not isinstance(kept[1], str):
                st.session_state[f"{self.lesson}_loaded"] = kept[1]
                st.rerun()
        if isinstance(kept[1], str):
            st.error(f"{plain(file.name)}: {kept[1]}")
        else:
            st.caption(f"{plain(file.name)} is loaded: {kept[1].origin}.")

    def _read(self, data: bytes) -> M | str:
        """The model in a file, or a sentence on what is wrong with it."""
        try:
            key = f"loaded-{hashlib.sha256(data).hexdigest()[:12]}"
            with one_sentence(f"the file is damaged: this lesson cannot make a {self.noun} of what it says"):
                return self.described(key, "The one you loaded", load_model(data, lesson=self.lesson))
        except ValueError as problem:
            return sentence(problem)
