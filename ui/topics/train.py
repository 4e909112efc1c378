"""What Topics shows of a training, of what came out, and of the sentences it gets wrong."""

from __future__ import annotations

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm.datasets.topics import LabelledTexts
from lstm.lessons.reading.topics import Topics
from lstm.lessons.scores import surest_mistakes
from lstm.preprocessing.text import SPECIALS, words
from ui.lesson import csv_text
from ui.plain import plain
from ui.reading.report import Mistake, confusion_matrix, report
from ui.reading.report import mistakes as mistake_table
from ui.reading.words import coloured
from ui.topics import charts
from ui.topics.data import of_table
from ui.topics.methods import Exam, Panel


def probes(job: Job) -> None:
    """Sentences it never trains on, and how sure it is of the right topic at the moment."""
    notes = job.notes("probes")
    if notes:
        step, found = notes[-1]
        sure = [line[label] for line, label in zip(found["probabilities"], found["labels"], strict=True)]
        right = [
            int(np.argmax(line)) == label for line, label in zip(found["probabilities"], found["labels"], strict=True)
        ]
        st.caption(f"Sentences it never trains on, and how sure it is of the true class at step {step:,}.")
        st.dataframe(
            {"text": found["texts"], "right": ["✓" if ok else "✗" for ok in right], "sure": [min(100 * p, 99.9) for p in sure]},
            hide_index=True, key="topics_probes", height=178,
            column_config={
                "text": st.column_config.TextColumn(width="large"),
                "sure": st.column_config.ProgressColumn("sure of the truth", format="%.1f %%", min_value=0, max_value=100),
            },
        )  # fmt: skip
    if not job.ended and (noted := job.notes("method")):
        st.caption(f":material/hourglass_top: The network is trained; being fitted beside it: {noted[-1][1]}.")


def words_known(config: Topics, table: LabelledTexts) -> int:
    """How many words a network with this vocabulary knows, <PAD>, <START> and <UNK> included."""
    distinct = of_table(
        "topics distinct words", table, lambda: len({word for text in table.part("training")[0] for word in words(text)})
    )
    return min(config.vocabulary, distinct + len(SPECIALS))


@st.fragment
def how_good(methods: Panel, exam: Exam) -> None:
    """Confusion matrix, report and mistakes of any method."""
    names = list(exam.accuracies())
    name = st.selectbox("Method", names, index=names.index(exam.network), key="topics_method", persist_state="session")
    counts = exam.confusion(name)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        confusion_matrix(counts, exam.classes, "topics")
    with right:
        st.markdown("**Class by class**")
        report(counts, exam.classes, "topics")
    mistakes(methods, exam, name)


def mistakes(methods: Panel, exam: Exam, name: str) -> None:
    """The texts a method takes for something else; with one chosen, how the network came to its opinion."""
    opinions = exam.opinions[name]
    order = surest_mistakes(exam.labels, opinions, most=len(exam.labels))
    rows = [
        Mistake(exam.texts[k], int(exam.labels[k]), int(opinions[k].argmax()), float(opinions[k].max())) for k in order
    ]
    chosen = mistake_table(rows, exam.classes, len(exam.texts), f"topics_{name}")
    if chosen is None:
        return
    one = rows[chosen]
    reading = methods.shown.read(one.text)
    tokens = reading.tokens[reading.first : reading.first + len(reading.running)]
    left, right = st.columns([5, 7], gap="medium")
    with left:
        st.caption(
            f"What each word did to the {exam.network}’s opinion that it is {plain(exam.classes[one.label])}, the label:"
        )
        coloured(reading, one.label, "topics_mistake_words", name=exam.classes[one.label], height=200)
    with right:
        charts.after_each_word([token.text for token in tokens], reading.running, exam.classes).show(
            "topics_mistake_chart", "Bars: the network's opinion after each word of the chosen text"
        )


def predictions_csv(exam: Exam) -> str:
    """Every test text, its label, and what each method says, with the probability of its answer."""
    columns = {"text": exam.texts, "label": [exam.classes[k] for k in exam.labels]}
    for name, opinions in exam.opinions.items():
        columns[name] = [exam.classes[k] for k in opinions.argmax(axis=1)]
        columns[f"{name}, probability"] = opinions.max(axis=1).tolist()
    return csv_text(columns)
