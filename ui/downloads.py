"""A data set that is not on this server yet: what it is, a button that fetches it, and what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lstm.datasets import DATASETS, DownloadError, fetch
from ui.plain import plain, sentence


def offer(
    name: str,
    title: str,
    lesson: str,
    instead: str,
    on_instead: Callable[..., None],
    args: tuple[Any, ...],
    more: str = "",
) -> None:
    """Say what a download would bring, and fetch it when asked to; the page then runs again. A failure is a sentence.

    Parameters
    ----------
    name, title : a data set of `lstm.datasets.DATASETS`, and what the page calls it
    lesson : prefix of the buttons' keys
    instead, on_instead, args : what needs no download, and the callback that takes it
    more : a further sentence
    """
    data = DATASETS[name]
    size = f"{data.size / 1e6:.1f} MB" if data.size >= 100_000 else f"{data.size / 1e3:.0f} kB"
    st.info(f"{title} is not on this server yet: {size}, {plain(data.licence)}. {more}".strip())
    with st.container(horizontal=True):
        wanted = st.button("Download it", icon=":material/download:", key=f"{lesson}_download")
        st.button(instead, key=f"{lesson}_instead", on_click=on_instead, args=args)
    if not wanted:
        return
    bar = st.progress(0.0, text="Asking for it …")
    damaged: list[str] = []
    try:
        fetch(
            name,
            progress=lambda done, size: bar.progress(min(done / max(size, 1), 1.0), text=f"{done:,} of {size:,} bytes"),
            note=damaged.append,
        )
    except DownloadError as problem:
        bar.empty()
        for note in damaged:
            st.warning(sentence(note))
        st.error(sentence(problem))
    else:
        for note in damaged:
            st.toast(sentence(note), icon=":material/healing:")
        st.rerun()
