"""What every experiment ends in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lstm.history import History
from lstm.stack import Stack


@dataclass(frozen=True)
class Result:
    """What an experiment ends in."""

    config: Any
    model: Stack | None
    history: History
    metrics: dict[str, float]
    """Final figures by name, such as {"validation loss": 1.73}."""
    ended: str
    """"finished", "stopped" or "diverged"."""
    problem: str | None = None
    """One sentence, when the training diverged; the model then holds the last good weights."""
    details: dict[str, Any] = field(default_factory=dict)
    """What the lesson's page inspects."""
