"""Word embeddings in two dimensions, as they were drawn by chance and as training left them."""

from __future__ import annotations

import streamlit as st

from jobs.job import Job
from lstm.lessons.reading import classifier
from lstm.lessons.reading.topics import EmbeddingMap, embedding_map
from ui.topics import charts
from ui.topics.methods import SHELF, Panel


def embeddings(methods: Panel, job: Job | None) -> None:
    """Both maps, side by side."""
    found = _map(methods, job)
    if found is None:
        st.info("The texts this network learnt from are not included: which topic a word leans to is not known.")
        return
    if len(found.words) < 3:
        st.info("Fewer than three words lean to one class: there is nothing to draw.")
        return
    size = methods.shown.model.layers[0].output_dim
    st.markdown(
        f"Each word is {size} numbers, learnt like any other weight. The two directions in which they differ most (principal "
        "components) make a picture. The colour is the class in whose training sentences the word stands most often; the "
        "network is never told that."
    )
    left, right = st.columns(2, gap="medium")
    for place, when, points, explained in (
        (left, "Before training", found.before, found.explained_before),
        (right, "After training", found.after, found.explained_after),
    ):
        with place:
            st.markdown(f"**{when}**: the two axes hold {explained.sum():.0%} of all differences.")
            charts.word_map(found.words, found.topic, points, methods.shown.reader.classes).show(
                f"topics_map_{when.split()[0].lower()}",
                f"Map of {len(found.words)} words {when.lower()}, coloured by class",
            )


def _map(methods: Panel, job: Job | None) -> EmbeddingMap | None:
    """The map of the training, or one of the network's own embeddings; the first weights come from its seed."""
    shown = methods.shown
    if job is not None and job.result is not None and shown.key == job.id:
        return job.result.details["embedding"]
    if methods.table is None or methods.config is None:
        return None

    def compute() -> EmbeddingMap | None:
        untrained = classifier.build(methods.config, len(shown.reader.vocabulary), len(shown.reader.classes))
        before, after = (model.layers[0].params["embeddings"] for model in (untrained, shown.model))
        if before.shape != after.shape:
            return None
        return embedding_map(methods.table, shown.reader.vocabulary, before, after)

    return SHELF.kept(shown, "map", None, compute)
