"""Every method's opinion: the LSTM on show, and the classical methods, which are fitted in the background in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
import streamlit as st

from jobs import engine
from jobs.job import Job
from lstm.datasets.topics import LabelledTexts, load_topics
from lstm.experiments.classical import AVERAGED, COUNTING, LSTM_NAME, ClassicalMethods, Fitted, fit_averaged
from lstm.experiments.topics import Topics
from lstm.reading import probabilities
from lstm.scores import confusion
from ui.model_shelf import Shelf
from ui.reading_models import ReadingModel, described

JOB = "Topics: counting words"
"""What the background job is called that fits the classical methods."""

TIME_LIMIT = 300.0
MOST_AVERAGED = 3_000
"""Texts from which the averaged word vectors are learnt on the spot; of more it would be felt."""

SHELF: Shelf[ReadingModel] = Shelf("topics", described({"topics": "the four topics that ship"}), "network")


@dataclass(frozen=True)
class Exam:
    """The test part, and every method's opinion on it: name → (texts, classes)."""

    texts: list[str]
    labels: np.ndarray
    classes: tuple[str, ...]
    opinions: Mapping[str, np.ndarray]

    def confusion(self, name: str) -> np.ndarray:
        """(classes, classes), what a method took for what."""
        return confusion(self.labels, self.opinions[name].argmax(axis=1), len(self.classes))

    def accuracies(self) -> dict[str, float]:
        """How often each method is right, the best first."""
        found = {name: float((p.argmax(axis=1) == self.labels).mean()) for name, p in self.opinions.items()}
        return dict(sorted(found.items(), key=lambda item: -item[1]))


@dataclass(frozen=True)
class Panel:
    """Whoever has an opinion: the network on show, the texts it learnt from if they are at hand, the fitted methods.

    `examined` holds opinions on the test part as far as the training computed them; `waiting` is the job that fits the
    classical methods, `refused` why there is none.
    """

    who: ReadingModel
    config: Topics | None
    table: LabelledTexts | None
    fitted: Mapping[str, Fitted]
    examined: Mapping[str, np.ndarray] = field(default_factory=dict)
    waiting: Job | None = None
    refused: str | None = None

    def opinions(self, text: str, lstm: np.ndarray) -> dict[str, np.ndarray]:
        """Everybody's probabilities for a text, the network's first."""
        return {LSTM_NAME: lstm} | {name: one.probabilities([text])[0] for name, one in self.fitted.items()}


def panel(who: ReadingModel, job: Job | None, session: str) -> Panel:
    """Who has an opinion beside the network on show; starts fitting the classical methods if nobody has yet."""
    config = _config(who, job)
    if config is None:
        return Panel(who, None, None, {})
    table = _table(config)
    if tuple(table.classes) != who.reader.classes:
        return Panel(who, None, None, {})
    details = job.result.details if _trained(who, job) else {}
    mine, known = details.get("classical", {}), details.get("probabilities", {})
    if set(COUNTING) <= set(mine):
        return Panel(who, config, table, mine, known)
    counting, refused = _counting(config, session)
    if counting is None or not counting.ended:
        return Panel(who, config, table, {}, known, counting, refused)
    known = known | counting.result.details["probabilities"]
    return Panel(who, config, table, _with_averaged(who, table, counting), known)


def _trained(who: ReadingModel, job: Job | None) -> bool:
    return job is not None and job.result is not None and who.key == job.id


def _config(who: ReadingModel, job: Job | None) -> Topics | None:
    """How the network was trained; None where its texts are not at hand."""
    if _trained(who, job):
        return job.config
    known = {field.name for field in fields(Topics)}
    try:
        config = Topics(**{name: value for name, value in who.config.items() if name in known})
    except (ValueError, TypeError):
        return None
    return config if config.data == "topics" else None


def _table(config: Topics) -> LabelledTexts:
    if config.data == "topics":
        return load_topics()
    wanted = (config.csv, config.text_column, config.label_column)
    kept = st.session_state.get("_topics_trained_table")
    if kept is None or kept[0] != wanted:
        kept = st.session_state._topics_trained_table = (wanted, config.table())
    return kept[1]


def _counting(config: Topics, session: str) -> tuple[Job | None, str | None]:
    """The session's job that fits the classical methods on these texts; submitted if there is none."""
    wanted = ClassicalMethods(**{field.name: getattr(config, field.name) for field in fields(ClassicalMethods)})
    found = [job for job in engine.jobs(session) if job.title == JOB and job.config == wanted]
    if found and (not found[-1].ended or found[-1].result is not None):
        return found[-1], None
    asked = st.session_state.setdefault("_topics_counting_asked", set())
    if found and found[-1].id not in asked:  # it failed: not again unless the reader asks for it
        return None, found[-1].error or "the classical methods were stopped before they were fitted"
    try:
        return engine.submit(wanted, session=session, title=JOB, time_limit=TIME_LIMIT), None
    except ValueError as problem:
        return None, str(problem)


def try_again(session: str) -> None:
    """Let the methods be fitted again after they failed."""
    st.session_state["_topics_counting_asked"] = {job.id for job in engine.jobs(session) if job.title == JOB}


def _with_averaged(who: ReadingModel, table: LabelledTexts, job: Job) -> dict[str, Fitted]:
    """What the job fitted, and logistic regression on this network's word vectors, which takes a blink."""
    texts, labels = table.part("training")
    if len(texts) > MOST_AVERAGED:
        return job.result.details["classical"]
    kept = st.session_state.get("_topics_averaged")
    if kept is None or kept[0] != (who.key, job.id):
        embeddings = who.model.layers[0].params["embeddings"]
        one = fit_averaged(who.reader, embeddings, texts, labels, len(table.classes), job.config.seed)
        kept = st.session_state._topics_averaged = ((who.key, job.id), one)
    return {**job.result.details["classical"], AVERAGED: kept[1]}


def exam(people: Panel) -> Exam | None:
    """Everybody's opinions on the test part, computed once; None where there are no texts to be tested on."""
    if people.table is None:
        return None
    key = (people.who.key, tuple(people.fitted))
    kept = st.session_state.get("_topics_exam")
    if kept is None or kept[0] != key:
        texts, labels = people.table.part("test")
        opinions: dict[str, np.ndarray] = dict(people.examined)
        if LSTM_NAME not in opinions:
            opinions[LSTM_NAME] = probabilities(people.who.model, people.who.reader, texts)
        for name, one in people.fitted.items():
            if name not in opinions:
                opinions[name] = one.probabilities(texts)
        kept = st.session_state._topics_exam = (key, Exam(texts, labels, people.table.classes, opinions))
    return kept[1]
