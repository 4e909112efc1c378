"""How good a classifier is: confusion, precision and recall, ROC curve, and the mistakes it was surest of.

Everything takes plain arrays, so it serves an LSTM as well as any other method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MOST_POINTS = 300


def confusion(labels: np.ndarray, guesses: np.ndarray, classes: int) -> np.ndarray:
    """(classes, classes), how many of each class (rows) were taken for which (columns)."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (np.asarray(labels, np.int64), np.asarray(guesses, np.int64)), 1)
    return counts


def per_class(counts: np.ndarray, counted: str = "texts") -> dict[str, np.ndarray]:
    """Precision, recall and F1 of each class, and under `counted` how many there are of it, from a confusion matrix."""
    right, taken, there = np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)
    precision, recall = right / np.maximum(taken, 1), right / np.maximum(there, 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return {"precision": precision, "recall": recall, "F1": f1, counted: there}


def report_text(counts: np.ndarray, names: tuple[str, ...] | list[str]) -> str:
    """The classification report as a table of text: each class, the mean over classes, and the accuracy."""
    figures = per_class(counts)
    width = max(len(name) for name in [*names, "accuracy"]) + 2
    lines = [f"{'':<{width}}{'precision':>10}{'recall':>10}{'F1':>10}{'texts':>10}"]
    for k, name in enumerate(names):
        row = "".join(f"{figures[column][k]:10.3f}" for column in ("precision", "recall", "F1"))
        lines.append(f"{name:<{width}}{row}{figures['texts'][k]:>10,}")
    total = int(counts.sum())
    means = "".join(f"{figures[column].mean():10.3f}" for column in ("precision", "recall", "F1"))
    lines += ["", f"{'mean':<{width}}{means}{total:>10,}"]
    lines.append(f"{'accuracy':<{width}}{'':>20}{np.trace(counts) / max(total, 1):10.3f}{total:>10,}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Roc:
    """The ROC curve: for each threshold the share of negatives and of positives that score at least as high.

    `auc` is the area under all of it: how often a positive scores higher than a negative.
    """

    false_positive: np.ndarray
    true_positive: np.ndarray
    thresholds: np.ndarray
    auc: float


def roc(labels: np.ndarray, scores: np.ndarray) -> Roc:
    """The curve for labels 0 and 1 and the scores of 1 (Fawcett, 2006). Raises ValueError unless there are both labels."""
    labels, scores = np.asarray(labels, bool), np.asarray(scores, np.float64)
    if labels.all() or not labels.any():
        raise ValueError("a ROC curve needs positives and negatives, got only one of them")
    order = np.argsort(-scores, kind="stable")
    labels, scores = labels[order], scores[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # of each group of equal scores
    hits, misses = np.cumsum(labels)[last], np.cumsum(~labels)[last]
    true, false = np.append(0, hits / hits[-1]), np.append(0, misses / misses[-1])
    auc = float(np.sum(np.diff(false) * (true[1:] + true[:-1]) / 2))
    thresholds = np.append(1.0, scores[last])
    kept = np.unique(np.linspace(0, len(true) - 1, _MOST_POINTS).round().astype(int))
    return Roc(false[kept], true[kept], thresholds[kept], auc)


def surest_mistakes(labels: np.ndarray, opinions: np.ndarray, most: int = 50) -> np.ndarray:
    """Which rows of `opinions` (texts, classes) are wrong, the surest first, at most `most` of them."""
    guesses = opinions.argmax(axis=1)
    wrong = np.flatnonzero(guesses != labels)
    return wrong[np.argsort(-opinions[wrong, guesses[wrong]], kind="stable")][:most]
