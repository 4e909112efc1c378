"""Which network reads reviews: the one that ships, the one trained here, or one that was uploaded; its ROC curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lstm import Sequential
from lstm.datasets.imdb import OPINIONS
from ui.model_shelf import Shelf
from ui.reading.models import ReadingModel, described

POSITIVE = OPINIONS.index("positive")
DATA = {"imdb": "IMDB", "reviews": "the lab's generated reviews"}
_MOST_POINTS = 1_000

_describe = described(DATA)


def _described(key: str, label: str, model: Sequential) -> ReadingModel:
    found = _describe(key, label, model)
    if found.reader.classes != OPINIONS:
        raise ValueError(f"the model must tell {' from '.join(OPINIONS)} reviews, and names other classes")
    return found


SHELF = Shelf("sentiment", _described, "network")


def roc_of(report: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, float] | None:
    """False positives, true positives and area of the ROC curve in a report, if it is one: a file may come from anybody."""
    try:
        curve = np.array([report.get("false_positive"), report.get("true_positive")], np.float64)
        area = float(report.get("auc"))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None
    shaped = curve.ndim == 2 and 2 <= curve.shape[1] <= _MOST_POINTS
    if not shaped or not ((curve >= 0) & (curve <= 1)).all() or not 0 <= area <= 1 or (np.diff(curve) < 0).any():
        return None
    return curve[0], curve[1], area
