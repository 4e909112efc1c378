"""Files to take home: a training's history as a table, and names that say what a file is."""

from __future__ import annotations

import re

from lstm.training import History
from ui.lesson import csv_text


def history_csv(history: History) -> str:
    """Every measurement of a training, a row a step; a cell is empty where a metric was not measured."""
    rows = history.rows()
    return csv_text({name: [row.get(name, "") for row in rows] for name in ("step", *history.points)})


def file_name(*parts: object, ending: str) -> str:
    """`lstm-lab-text-jungle_book.npz`: letters, digits, `_` and `-` only, whatever the parts hold."""
    words = [re.sub(r"[^A-Za-z0-9_]+", "-", str(part)).strip("-")[:40] for part in parts]
    return "-".join(["lstm-lab", *filter(None, words)]) + f".{ending}"
