"""Which model a lesson shows: the one that ships, the one trained here, or one that was uploaded.

A lesson says how to describe a model that is its own; what it makes of one has a `key` that tells it from every other
one in the session, a `label`, and in Markdown an `origin` and, as part of it, what it
`learnt`: "trained on MNIST".

    SHELF = Shelf("text", _described)
    shown = SHELF.choose(job)
    ...
    SHELF.load_back()
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import streamlit as st

from jobs.job import Job
from lstm import Sequential, load_model
from lstm.bidirectional import Bidirectional
from lstm.untrusted import one_sentence
from ui import keep
from ui.frame import ROOT
from ui.plain import plain, sentence


class Described(Protocol):
    """What every lesson's model has."""

    key: str
    label: str
    origin: str
    learnt: str


def origin(model: Sequential, learnt: str, *more: str) -> str:
    """ "128 units, 70,000 parameters, trained on …": what each model on show is, in one sentence without its full stop."""
    recurrent = [layer for layer in model.layers[:-1] if hasattr(layer, "units")]
    units = " + ".join(str(layer.units) for layer in recurrent)
    both = " each way" if any(isinstance(layer, Bidirectional) for layer in recurrent) else ""
    return ", ".join([f"{units} units{both}", f"{model.count_params():,} parameters", learnt, *more])


T = TypeVar("T")
M = TypeVar("M", bound=Described)

SHIPPED = "shipped"
"""The key of the model that ships."""

KNOWN = 100
"""Most models of which a session remembers that they were on show."""


def pick(key: str, label: str, models: Mapping[str, M], **how: Any) -> M:
    """The model on show, of these by their keys, the newest last. A new one is chosen by itself; the visitor may go back.

    `how` is what `st.segmented_control` takes beside that.
    """
    known = keep.table(f"{key} known")
    if new := [one for one in models if one not in known]:
        st.session_state[key] = new[-1]
        for one in new:
            keep.remember(f"{key} known", one, True, KNOWN)
    if st.session_state.get(key) not in models:
        st.session_state[key] = next(reversed(models))
    if len(models) > 1:
        st.segmented_control(
            label, list(models), format_func=lambda one: models[one].label, key=key, required=True, persist_state="session", **how
        )
    return models[st.session_state[key]]


@dataclass(frozen=True)
class Shelf(Generic[M]):
    """The models of one lesson. The one that ships is everybody's; the others belong to the session they came from.

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

    def __post_init__(self) -> None:
        keep.brought(self._loaded, f"the {self.noun} you loaded (lesson “{self.lesson}”)")

    @property
    def _loaded(self) -> str:
        return f"{self.lesson}_loaded"

    @property
    def file(self) -> Path:
        """The model that ships."""
        return ROOT / "data" / "pretrained" / f"{self.lesson}.npz"

    def choose(self, job: Job | None, on_change: Callable[[], None] | None = None) -> M:
        """The model on show. A new one is chosen by itself; with several, the visitor may go back."""
        label = self.noun.capitalize()
        return pick(f"{self.lesson}_model", label, self.models(job), label_visibility="collapsed", on_change=on_change)

    def models(self, job: Job | None) -> dict[str, M]:
        """All there are, by their keys."""
        return {one.key: one for one in (self.shipped(), self.trained(job), self.loaded()) if one is not None}

    def shipped(self) -> M:
        """The one that ships, loaded once a server."""

        def load() -> M:
            model = load_model(self.file, lesson=self.lesson)
            return self.described(SHIPPED, f"The {self.noun} that ships", model)

        return keep.of_all(f"{self.lesson} model", SHIPPED, load)

    def trained(self, job: Job | None) -> M | None:
        """The one of a training that has one."""
        if job is None or getattr(job.result, "model", None) is None:
            return None
        facts = (job.id, "The one you trained")
        describe = lambda: (  # noqa: E731
            self.described(*facts, job.result.model) if self.of_job is None else self.of_job(*facts, job)
        )
        return keep.of_session(f"{self.lesson} trained", job.id, describe)

    def kept(self, shown: M, what: str, key: Hashable, make: Callable[[], T], most: int = 1) -> T:
        """What `make` computes from a model and `key`: of the one that ships for everybody, of another for its visitor.

        `key` says all that `make` looks at beside the model. Where a visitor's own words go into it, it is kept for them alone
        with `ui.keep.of_session`.
        """
        name, whole = f"{self.lesson} {what}", (shown.key, key)
        return keep.of_all(name, whole, make) if shown.key == SHIPPED else keep.of_session(name, whole, make, most)

    def loaded(self) -> M | None:
        """The one that was uploaded."""
        return st.session_state.get(self._loaded)

    def load_back(self) -> None:
        """Take an uploaded file. One that is no use changes nothing."""
        file = st.file_uploader(
            f"Load a {self.noun} back (.npz)", key=f"{self.lesson}_model_file",
            help=f"A file that this page, or python -m lstm train {self.lesson}, wrote.",
        )  # fmt: skip
        if file is None:
            return
        known = keep.table(f"{self.lesson} file read")
        new = file.file_id not in known
        found = keep.of_session(f"{self.lesson} file read", file.file_id, lambda: self._read(file.getvalue()))
        if isinstance(found, str):
            st.error(f"{plain(file.name)}: {found}")
            return
        if new:
            st.session_state[self._loaded] = found
            st.rerun()
        st.caption(f"{plain(file.name)} is loaded: {found.origin}.")

    def _read(self, data: bytes) -> M | str:
        """The model in a file, or a sentence on what is wrong with it."""
        try:
            key = f"loaded-{hashlib.sha256(data).hexdigest()[:12]}"
            with one_sentence(f"the file is damaged: this lesson cannot make a {self.noun} of what it says"):
                return self.described(key, "The one you loaded", load_model(data, lesson=self.lesson))
        except ValueError as problem:
            return sentence(problem)
