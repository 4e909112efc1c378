"""What the person at the terminal sees beside the results: progress on standard error, and errors as sentences."""

from __future__ import annotations

import shutil
import sys
import time
import unicodedata

from lstm.datasets import DownloadError

REDRAW = 0.1  # seconds between two states of a line that is drawn over
QUIET = 5.0  # seconds between two lines in a log


class Line:
    """Progress on standard error: one line drawn over and over on a terminal, a new line now and then in a log."""

    def __init__(self, silent: bool = False) -> None:
        self.stream, self.silent = sys.stderr, silent
        self.terminal = self.stream.isatty()
        self._due = self._started = time.monotonic()
        self._length = 0

    def due(self) -> bool:
        """Whether it is time to show something new."""
        return not self.silent and time.monotonic() >= self._due

    def show(self, share: float, text: str) -> None:
        """Draw a bar filled to `share` (0 to 1), or write a line to a log, with `text` after it."""
        now = time.monotonic()
        if self.silent:
            return
        if not self.terminal:
            self._due = now + max(QUIET, (now - self._started) / 10)  # a night's log has some hundred lines
            print(f"{share:4.0%}  {text}", file=self.stream, flush=True)
            return
        self._due = now + REDRAW
        columns = shutil.get_terminal_size().columns
        width = 20 if columns >= 100 else 10
        filled = round(width * share)
        line = f"[{'#' * filled}{'.' * (width - filled)}] {share:4.0%}  {text}"[: columns - 1]
        print("\r" + line.ljust(self._length), end="", file=self.stream, flush=True)
        self._length = len(line)

    def clear(self) -> None:
        """Leave the cursor at the beginning of an empty line."""
        if self._length:
            print("\r" + " " * self._length + "\r", end="", file=self.stream, flush=True)
            self._length = 0

    def say(self, text: str) -> None:
        """Write a line that stays."""
        if not self.silent:
            self.clear()
            print(text, file=self.stream, flush=True)


class Downloading:
    """Shows a download on a `Line`; call it with the bytes done and the bytes in all."""

    def __init__(self, line: Line, name: str) -> None:
        self.line, self.name = line, name

    def __call__(self, done: int, total: int) -> None:
        if done >= total:
            self.line.clear()
        elif self.line.due():
            self.line.show(done / total, f"downloading {self.name}, {size(done)} of {size(total)}")


def sentence(error: BaseException) -> str:
    """An error as one line for a reader."""
    if isinstance(error, OSError) and not isinstance(error, DownloadError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    elif isinstance(error, MemoryError):
        text = "there is not enough memory for that; take fewer units, layers, lanes or time steps"
    else:
        text = str(error) or type(error).__name__
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """`text` without the control characters by which a stranger's file could command a terminal."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


def size(count: int) -> str:
    """Bytes as people say them."""
    for unit, worth in (("MB", 1e6), ("kB", 1e3)):
        if count >= worth:
            return f"{count / worth:,.1f} {unit}"
    return f"{count} bytes"


def duration(seconds: float) -> str:
    """Seconds as 1:05 or 2:03:04."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def figure(name: str, value: float) -> str:
    """A metric by name, with four decimals; counts and rates without, and squares of what is at most about 1 with six."""
    if name == "steps" or "per second" in name:
        return f"{name} {value:,.0f}"
    if "scaled MSE" in name:
        return f"{name} {value:.6f}"
    return f"{name} {value:.4f}" if abs(value) < 1e6 else f"{name} {value:.4g}"
