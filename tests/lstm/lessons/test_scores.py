"""Confusion, precision and recall, ROC and surest mistakes, on numbers small enough to check by hand and by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from lstm.lessons.scores import confusion, per_class, report_text, roc, surest_mistakes


def test_by_hand():
    counts = confusion(np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 0, 2]), 3)
    assert counts.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]
    figures = per_class(counts)
    np.testing.assert_allclose(figures["precision"], [2 / 3, 1 / 2, 1])
    np.testing.assert_allclose(figures["recall"], [2 / 3, 1 / 2, 1])
    assert figures["texts"].tolist() == [3, 2, 1]
    assert report_text(counts, ["a", "b", "c"]).splitlines()[-1].split() == ["accuracy", "0.667", "6"]


def test_a_class_nobody_named_has_no_precision_and_no_warning():
    figures = per_class(confusion(np.array([0, 1]), np.array([0, 0]), 2))
    assert figures["precision"].tolist() == [0.5, 0] and figures["F1"][1] == 0


def test_the_roc_curve_is_that_of_scikit_learn():
    from sklearn.metrics import roc_auc_score, roc_curve

    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 2000)
    scores = np.round(np.clip(rng.normal(0.4 + 0.2 * labels, 0.2), 0, 1), 2)  # with many equal scores
    found = roc(labels, scores)
    false, true, _ = roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(found.false_positive, false)
    np.testing.assert_allclose(found.true_positive, true)
    assert found.auc == pytest.approx(roc_auc_score(labels, scores))
    assert (found.false_positive[0], found.true_positive[0]) == (0, 0) and (
        found.false_positive[-1],
        found.true_positive[-1],
    ) == (1, 1)
    many = roc(rng.integers(0, 2, 5000), rng.random(5000))
    assert len(many.thresholds) <= 300 and many.auc == pytest.approx(0.5, abs=0.05)


def test_one_kind_of_label_has_no_curve():
    with pytest.raises(ValueError, match="needs positives and negatives"):
        roc(np.ones(3), np.array([0.1, 0.2, 0.3]))


def test_the_surest_mistake_comes_first():
    found = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.01, 0.99]])
    assert surest_mistakes(np.array([1, 1, 0, 0]), found).tolist() == [3, 0, 2]
    assert surest_mistakes(np.array([1, 1, 0, 0]), found, 1).tolist() == [3]
