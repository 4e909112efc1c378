"""What a training of the lesson "Forecasting" tells: live, in its final figures, and in the file it leaves."""

from __future__ import annotations

import math
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from lstm.history import History, Progress
from lstm.lessons.training import training_loss
from lstm.preprocessing.series import Split

from .forecaster import Forecaster, predict
from .judging import Row
from .members import Member, Members

TAIL = 1_000
"""Points at the end of a series that are saved with its model."""
_CURVE_POINTS = 200
_LIVE_POINTS = 200
_LIVE_SECONDS = 0.5


class Live:
    """What a training shows of itself: forecasts of the validation part now and then, and each new best."""

    def __init__(self, values: np.ndarray, split: Split, forecaster: Forecaster) -> None:
        self.values, self.forecaster = values, forecaster
        self.origins = split.origins("validation", forecaster.look_back, forecaster.horizon)[:_LIVE_POINTS]
        self.actual = [float(v) for v in values[self.origins]]
        self.shown, self.best = -math.inf, math.inf

    def notes(self, member: Member, progress: Progress) -> dict[str, Any]:
        """The notes that go with this step."""
        if member.number > 0:
            return {"member": member.number + 1} if progress.step == 1 else {}
        if (loss := progress.metrics.get("val_loss")) is None:
            return {}
        found: dict[str, Any] = {}
        if loss < self.best:
            self.best = loss
            found["best"] = {"epoch": progress.epoch, "step": progress.step, "val_loss": loss}
        if progress.seconds - self.shown >= _LIVE_SECONDS or progress.fraction >= 1:
            self.shown = progress.seconds
            said = predict(member.model, self.forecaster, self.values, self.origins)[:, 0]
            found["forecast"] = {
                "epoch": progress.epoch, "origins": self.origins.tolist(), "actual": self.actual, "predicted": said.tolist(),
            }  # fmt: skip
        return found


def metrics(
    history: History, validation: float, rows: list[Row], best_baseline: str, best_epoch: float, members: Members
) -> dict[str, float]:
    """Final figures by name; the last is the one that counts. Losses and "scaled" are of the scaled series.

    rows : of the test part's table, the network's first
    """
    losses = history.series("loss")[1]
    row, mine = {r.name: r for r in rows}, rows[0]
    reference = row[best_baseline].mse
    return {
        "training loss": training_loss(losses),
        "validation loss": validation,
        "best epoch": best_epoch,
        "steps": members.steps,
        "seconds": members.seconds,
        "windows per second": members.rate,
        "last value scaled MSE": row["last value"].scaled_mse,
        "test scaled MSE": mine.scaled_mse,
        "skill against last value": mine.skill,
        "skill against the best baseline": 1 - mine.mse / reference if reference > 0 else 0.0,
        "test MSE": mine.mse,
        "test MAE": mine.mae,
        "test RMSE": mine.rmse,
    }


def metadata(config: Any, details: dict[str, Any], metrics: dict[str, float], fingerprint: str) -> dict[str, Any]:
    """What a file needs to forecast again, and to say how good it was. `details` are those of the result."""
    series, split, history = details["series"], details["split"], details["histories"][0]
    curve = {}
    for name in ("loss", "val_loss"):
        steps, losses = history.series(name)
        chosen = np.unique(np.linspace(0, max(len(steps) - 1, 0), min(len(steps), _CURVE_POINTS)).astype(int))
        curve[name] = [[steps[k] for k in chosen], [float(f"{losses[k]:.5g}") for k in chosen]]
    dates = None if series.dates is None else series.dates[-TAIL:].astype("datetime64[s]")
    return {
        "lesson": config.lesson,
        "forecaster": details["forecaster"].to_dict(),
        "config": {f.name: getattr(config, f.name) for f in fields(config) if f.name not in ("values", "dates")},
        "metrics": metrics,
        "table": [asdict(row) for row in details["table"]],
        "verdict": list(details["verdict"].sentences),
        "best_epoch": details["best_epoch"],
        "curve": curve,
        "split": [split.train_end, split.validation_end, split.points],
        "series_sha256": fingerprint,
        "tail": [float(f"{v:.10g}") for v in series.values[-TAIL:]],
        "tail_dates": None if dates is None else np.datetime_as_string(dates).tolist(),
    }
