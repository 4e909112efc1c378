"""What is measured on the way and what is the final figure have two names, and the training loss has one meaning."""

from __future__ import annotations

import numpy as np
import pytest

from lstm.lessons.digits import experiment as digits
from lstm.lessons.reading import sentiment
from lstm.lessons.text import experiment as text
from lstm.lessons.training import LATELY, MEASURED, metric_name, on_a_part, training_loss

RUNS = {
    "text": (
        text,
        text.TextGeneration(
            corpus="tale_opening", units=4, batch=2, time_steps=10, max_steps=6, validate_every=3, seconds=None
        ),
    ),
    "digits, every row": (digits, digits.Digits(data="digits8", units=4, answer="every", limit=60, max_steps=6)),
    "digits, last row": (digits, digits.Digits(data="digits8", units=4, answer="last", limit=60, max_steps=6)),
    "sentiment": (
        sentiment, sentiment.Sentiment(data="reviews", units=4, embedding=4, limit=60, test_limit=20, max_steps=6)
    ),
}  # fmt: skip


@pytest.mark.parametrize("part", [True, False], ids=["on a part", "on all"])
@pytest.mark.parametrize("name", list(RUNS))
def test_a_figure_of_a_part_does_not_bear_the_name_of_the_whole(name, part, monkeypatch):
    module, config = RUNS[name]
    monkeypatch.setattr(module, "_LIVE_VALIDATION", 20 if part else 10**9)
    run, measured, live = config.run(), {}, []
    try:
        while True:
            progress = next(run)
            measured = progress.notes.get(MEASURED, measured)
            live += [(m, v) for m, v in progress.metrics.items() if m.startswith("val_")]
    except StopIteration as end:
        result = end.value
    assert live
    for metric, value in live[-1:] + [one for one in live if one[0] == "val_loss"][-1:]:
        same = metric_name(metric, measured) in result.metrics
        assert same == (not part and (metric != "val_loss" or "every" not in name))
        if same:
            assert result.metrics[metric_name(metric, measured)] == pytest.approx(value, rel=1e-4)
    losses = result.history.series("loss")[1]
    assert result.metrics[getattr(config, "loss_name", "training loss")] == pytest.approx(np.mean(losses[-LATELY:]))


def test_the_training_loss_is_the_mean_over_the_last_steps():
    assert training_loss([9.0] + [1.0] * LATELY) == 1.0 and training_loss([2.0, 4.0]) == 3.0
    assert np.isnan(training_loss([]))


def test_names():
    assert on_a_part(100, 100) == {}
    measured = on_a_part(20, 100)[MEASURED]
    assert metric_name("val_loss", measured) == "validation loss on a part" and metric_name("val_loss") == "validation loss"
    assert metric_name("loss", measured) == "loss"


def test_recorded_figures_say_how_and_bear_out_what_is_said_of_them():
    for name, preset in {**text.PRESETS, **sentiment.PRESETS, **digits.PRESETS}.items():
        assert bool(preset.recorded) == bool(preset.recorded_how), name
        if "training loss" not in preset.recorded:
            continue
        training, validation = (float(preset.recorded[f"{part} loss"]) for part in ("training", "validation"))
        blind = preset.config.baselines()["guessing blindly"] if preset.config.corpus == "tale_opening" else np.log(2507)
        assert ("above that of guessing" in preset.reading) == (validation > blind)
        assert training < float(preset.recorded["loss of guessing by frequency"]) < validation
    assert 1.134 < 1.2145 and "below the one printed there" in text.PRESETS["The Jungle Book, by word"].reading
