"""What is on show, by one name: every section that depends on a model begins with a line that says which one.

A section's model has a `key` that tells it from every other one of the session, a `label`, and what it
`learnt`, in Markdown: "trained on MNIST".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import streamlit as st

from jobs.job import Job
from ui.controls import Controls


class Named(Protocol):
    """What every lesson's model has."""

    key: str
    label: str
    learnt: str


def section(title: str, shown: Named) -> None:
    """Begin a section that depends on the model on show."""
    with st.container(gap=None):
        st.header(title, anchor=False)
        line(shown)


def line(shown: Named) -> None:
    """Which model, and what it has learnt."""
    st.caption(f":material/visibility: {shown.label}, {shown.learnt}.")


def another(shown: Named, job: Job | None, config: Any, controls: Controls) -> bool:
    """Whether the settings describe another model than the one on show.

    Of a model that was trained here it is known how; beside one from a file the settings count as another model's as
    soon as somebody has moved them. While something is being trained, it is said there what that is.

    Parameters
    ----------
    job : the lesson's training
    config : what the settings describe; None where they describe nothing
    """
    if config is None or (job is not None and not job.ended):
        return False
    if job is not None and shown.key == job.id:
        return config != job.config
    return controls.values() != controls.defaults


def offer(train: Callable[..., None], *args: Any, key: str, noun: str = "network") -> None:
    """Say that the settings describe another model than the one on show, and offer to train it.

    Parameters
    ----------
    train, args : a callback that starts the training, such as `ui.live.start_on_click`
    key : of the button, unique in the lab
    noun : what the page calls a model
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/info: The settings describe another {noun} than the one on show.", width="content")
        st.button("Train it", icon=":material/model_training:", key=key, on_click=train, args=args)
