"""What each is good for, in plain words and with the numbers of the networks on show."""

from __future__ import annotations

import streamlit as st

from ui.relatives import sentences
from ui.relatives.models import shipped


def section() -> None:
    """One line a network, and an answer to the question in the title."""
    parity, recall = shipped("parity"), shipped("recall")
    far = (parity.config.beyond, recall.config.beyond)
    at = parity.at(far[0])
    sizes = {cell: model.count_params() for cell, model in parity.models.items()}
    st.markdown(sentences.good_for(at, recall.at(far[1]), far, sizes))
    st.header("Are LSTMs obsolete?", anchor=False)
    st.markdown(sentences.obsolete(at, far[0], parity.config.length, parity.task.chance))
