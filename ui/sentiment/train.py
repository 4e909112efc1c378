"""What Sentiment shows of a training: the probes while it runs, and afterwards how good the network is and where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from jobs.job import Job
from lstm.datasets.imdb import OPINIONS, load_reviews
from lstm.lessons.reading.reader import probabilities
from lstm.lessons.scores import confusion, roc, surest_mistakes
from ui.plain import plain, sentence
from ui.reading.models import ReadingModel
from ui.reading.report import Mistake, confusion_and_report, mistakes
from ui.reading.words import coloured
from ui.sentiment import charts
from ui.sentiment.first import MEANING, line, show_score
from ui.sentiment.models import DATA, POSITIVE, SHELF, roc_of


def probes(job: Job) -> None:
    """Six texts it is asked about again and again while it learns."""
    if notes := job.notes("probes"):
        step, found = notes[-1]
        st.caption(f"What it thinks at step {step:,}:")
        st.dataframe(
            {"text": found["texts"], "positive": [100 * min(max(score, 1e-4), 1 - 1e-4) for score in found["scores"]]},
            hide_index=True, key="sentiment_probes", height=248,
            column_config={
                "text": st.column_config.TextColumn(width="large"),
                "positive": st.column_config.ProgressColumn("positive", format="%.2f %%", min_value=0, max_value=100),
            },
        )  # fmt: skip
    if not job.ended and (examined := job.notes("examined")):
        st.caption(
            f":material/hourglass_top: Trained; now it reads the test reviews: {examined[-1][1]:.0%} of them so far."
        )


def how_good(shown: ReadingModel, job: Job | None) -> None:
    """Confusion matrix and ROC curve of the test, and the most wrong reviews."""
    data = shown.config.get("data")
    name = DATA.get(data, "its own data") if isinstance(data, str) else "its own data"
    generated = _on_generated(shown) if "confusion" not in shown.report else None
    report = shown.report if generated is None else generated
    if generated is not None:
        st.info(
            "The file of this network does not say how it did in its test; these are the lab's generated reviews instead."
        )
        name = DATA["reviews"]
    left, right = st.columns(2, gap="medium")
    with left:
        st.caption(f"Tested on {name}, once, after the training.")
        confusion_and_report(report["confusion"], OPINIONS, "sentiment", "reviews")
    with right:
        _roc(report)
    _mistakes(shown, job)


def _roc(report: Mapping[str, Any]) -> None:
    if (curve := roc_of(report)) is None:
        st.info("The file of this network holds no ROC curve.")
        return
    *points, area = curve
    st.markdown(f"**At every threshold.** Area under the ROC curve: **{area:.3f}**")
    charts.roc_curve(*points).show("sentiment_roc", f"Line: the ROC curve, area {area:.3f}")
    st.caption(
        f"“Positive from 50 % on” is one choice among many; each is a point of this curve. The area says how often a positive "
        f"review scores higher than a negative one: {area:.1%}; guessing would give 50 %."
    )


@st.fragment
def _mistakes(shown: ReadingModel, job: Job | None) -> None:
    """The most wrong reviews: of its test where they are still known, else of the generated ones."""
    if job is not None and job.result is not None and shown.key == job.id:
        details = job.result.details
        rows = [
            Mistake(one["text"], one["label"], 1 - one["label"], _sure(one["score"], one["label"]))
            for one in details["mistakes"]
        ]
        counts = np.asarray(details["confusion"])
        wrong, total = int(counts.sum() - np.trace(counts)), int(counts.sum())
    else:
        st.caption(
            "No review is kept in a network's file, so here it reads test reviews that were **generated** for the lab by a program. "
            "It has learnt from none of them, and they are not what people write."
        )
        found = _on_generated(shown)
        rows, total = found["rows"], int(found["confusion"].sum())
        wrong = len(rows)
    chosen = mistakes(rows, OPINIONS, total, f"sentiment_{shown.key}", "reviews", wrong=wrong)
    if chosen is None:
        return
    try:
        reading = shown.read(rows[chosen].text)
    except ValueError as problem:  # a review without a word
        st.info(sentence(problem))
        return
    show_score(reading, "sentiment_verdict_of_mistake")
    st.caption(f"Its author’s verdict is {plain(OPINIONS[rows[chosen].label])}.")
    coloured(reading, POSITIVE, "sentiment_mistake_words", meaning=MEANING, name="positive", height=260)
    line(reading, "sentiment_mistake_line")


def _sure(score: float, label: int) -> float:
    """The probability of the wrong answer."""
    return 1 - score if label == POSITIVE else score


def _on_generated(shown: ReadingModel) -> dict[str, Any]:
    """The examination of a network on the generated test reviews, kept while it is on show."""

    def examine() -> dict[str, Any]:
        reviews = load_reviews()
        truth = reviews.test_labels.astype(np.int64)
        scores = probabilities(shown.model, shown.reader, reviews.test_texts)
        curve = roc(truth, scores[:, POSITIVE])
        rows = [
            Mistake(reviews.test_texts[k], int(truth[k]), 1 - int(truth[k]), float(scores[k].max()))
            for k in surest_mistakes(truth, scores, len(truth))
        ]
        return {
            "confusion": confusion(truth, scores.argmax(axis=1), 2), "rows": rows, "auc": curve.auc,
            "false_positive": curve.false_positive, "true_positive": curve.true_positive,
        }  # fmt: skip

    return SHELF.kept(shown, "exam on generated reviews", None, examine)
