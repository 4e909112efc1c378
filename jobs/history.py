"""What a job has reported so far: curves and notes, thinned so that hours fit into a few thousand points."""

import math
import threading
from collections.abc import Iterable
from typing import Any

POINTS = 2000  # most points a curve keeps
NOTES = 400  # most notes of one name


class Series:
    """Values at steps, at most `limit` of them, evenly spread, the first and the last always among them."""

    def __init__(self, limit: int):
        if limit < 3:
            raise ValueError(f"limit must be at least 3, got {limit!r}")
        self.limit = limit
        self._kept: list[tuple[int, Any]] = []  # every _stride-th point
        self._last: tuple[int, Any] | None = None  # the newest point when it is not among them
        self._stride = 1
        self._count = 0

    def add(self, step: int, value: Any) -> None:
        """Append one point. When full, every other one goes and from then on half as many are kept."""
        point = (step, value)
        skip = self._count % self._stride
        self._count += 1
        if skip:
            self._last = point
            return
        self._kept.append(point)
        self._last = None
        if len(self._kept) >= self.limit:  # one place stays free for the newest point
            self._kept = self._kept[::2]
            self._stride *= 2
            self._last = point if self._kept[-1] is not point else None

    def cut(self, step: int) -> None:
        """Forget every point at `step` or later: the run went back and will report them again."""
        self._kept = [point for point in self._kept if point[0] < step]
        self._last = self._last if self._last is not None and self._last[0] < step else None
        self._count = len(self._kept) * self._stride

    def points(self) -> list[tuple[int, Any]]:
        """All points as (step, value), oldest first."""
        return self._kept + ([self._last] if self._last is not None else [])

    def __len__(self) -> int:
        return len(self._kept) + (self._last is not None)


class Curves:
    """The curves and notes of one job. One thread writes, any thread reads."""

    def __init__(self, points: int = POINTS, notes: int = NOTES):
        self._limits = (points, notes)
        self._series: dict[str, Series] = {}
        self._notes: dict[str, Series] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """Names of the curves so far, in the order they first appeared."""
        with self._lock:
            return list(self._series)

    def series(self, name: str) -> tuple[list[int], list[float]]:
        """Return the steps and values of one curve, such as "loss"; two empty lists if there is none (yet)."""
        steps_values = self._points(self._series, name)
        return [step for step, _ in steps_values], [value for _, value in steps_values]

    def notes(self, name: str) -> list[tuple[int, Any]]:
        """Return one kind of note, such as "sample", as (step, value), oldest first."""
        return self._points(self._notes, name)

    def add(self, name: str, points: Iterable[tuple[int, float]]) -> None:
        """Append to a curve. A value that is not finite is no point: a chart would draw it as a gap."""
        with self._lock:
            series = self._series.setdefault(name, Series(self._limits[0]))
            for step, value in points:
                if math.isfinite(value):
                    series.add(step, value)

    def add_note(self, name: str, step: int, value: Any) -> None:
        """Append a note."""
        with self._lock:
            self._notes.setdefault(name, Series(self._limits[1])).add(step, value)

    def cut(self, step: int) -> None:
        """Forget everything at `step` or later."""
        with self._lock:
            for series in (*self._series.values(), *self._notes.values()):
                series.cut(step)

    def _points(self, table: dict[str, Series], name: str) -> list[tuple[int, Any]]:
        with self._lock:
            series = table.get(name)
            return series.points() if series is not None else []
