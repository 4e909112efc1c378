"""Files to take home: a network, a training's history as a table, other tables, and names that say what a file is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lstm import Sequential
from lstm.history import History
from lstm.lessons.notebook import MAX_INCLUDED, included, notebook
from lstm.storage import model_bytes
from ui.lesson import Takeaway, csv_text


def history_csv(history: History) -> str:
    """Every measurement of a training, a row a step; a cell is empty where a metric was not measured."""
    rows = history.rows()
    return csv_text({name: [row.get(name, "") for row in rows] for name in ("step", *history.points)})


def file_name(*parts: object, ending: str) -> str:
    """`lstm-lab-text-jungle_book.npz`: letters, digits, `_` and `-` only, whatever the parts hold."""
    words = [re.sub(r"[^A-Za-z0-9_]+", "-", str(part)).strip("-")[:40] for part in parts]
    return "-".join(["lstm-lab", *filter(None, words)]) + f".{ending}"


def network_file(model: Sequential, *parts: object, label: str = "The network (.npz)") -> Takeaway:
    """A network with its metadata, ready to be loaded back. `parts` make its name."""
    return Takeaway(label, lambda: model_bytes(model), file_name(*parts, ending="npz"), "application/octet-stream")


def history_file(history: History, *parts: object) -> Takeaway:
    """Every measurement of a training."""
    return csv_file("The history (.csv)", lambda: history_csv(history), *parts, "history")


def notebook_files(config: Any) -> list[Takeaway]:
    """An experiment as a notebook; nothing where there is none, or its own data are too large to be written into one."""
    if config is None or included(config) > MAX_INCLUDED:
        return []
    name = file_name(config.lesson, "experiment", ending="ipynb")
    return [Takeaway("The experiment (.ipynb)", lambda: notebook(config), name, "application/x-ipynb+json")]


def csv_file(label: str, data: Callable[[], str], *parts: object) -> Takeaway:
    """A table, made when it is asked for."""
    return Takeaway(label, data, file_name(*parts, ending="csv"), "text/csv")
