"""What a public server allows: the one place where limits stand. Environment variables set the five that matter most."""

import os
from dataclasses import dataclass

DEFAULTS = {
    "LSTM_LAB_SECONDS": 1800,
    "LSTM_LAB_RUNS": 5,
    "LSTM_LAB_QUEUE": 200,
    "LSTM_LAB_HELD": 256,
    "LSTM_LAB_VISITOR": 64,
}
"""Longest training in seconds; a visitor's trainings that wait; all that wait; MB of checkpoints the server holds; MB that a
visitor may hold of results of trainings, and as much of models, files and readings."""

LEAST_MEMORY = 256  # MB; a worker that has loaded what a training needs holds half of it


@dataclass(frozen=True)
class Limits:
    """When the engine steps in. Seconds unless another unit is named."""

    longest: float = DEFAULTS["LSTM_LAB_SECONDS"]  # of training; a page may ask for less
    waiting_per_session: int = DEFAULTS["LSTM_LAB_RUNS"]
    waiting: int = DEFAULTS["LSTM_LAB_QUEUE"]
    held: float = DEFAULTS["LSTM_LAB_HELD"]  # MB of checkpoints of trainings that wait, are paused or run
    kept_per_session: int = 8  # ended jobs a session keeps; the oldest goes first
    results: float = DEFAULTS["LSTM_LAB_VISITOR"]  # MB of them; the oldest goes first, the newest stays
    first_turn: float = 4.0  # a demonstration is over by then
    turn: float = 10.0  # of a training that others wait for; a newcomer need not wait for its end
    session: float = 120.0  # a session not heard of loses its jobs
    pause: float = 1800.0  # a paused job is stopped, and keeps what it learnt
    patience: float = 60.0  # without a sign of a run that was told something
    overtime: float = 600.0  # for the last validation, beyond the time limit
    rescue: float = 180.0  # to make a result of a last checkpoint
    idle: float = 900.0  # without any session, the cluster's memory is given back


def from_environment() -> Limits:
    """The limits of this server.

    Raises
    ------
    ValueError
        If a variable is no positive whole number.
    """
    seconds, runs, queue, held, visitor = (_number(name) for name in DEFAULTS)
    return Limits(longest=seconds, waiting_per_session=runs, waiting=queue, held=held, results=visitor)


def visitor_setting() -> int:
    """Bytes of models, files and readings that a page keeps for one visitor (LSTM_LAB_VISITOR, in MB).

    Nonsense is not said here, on every page, but to who trains: see `from_environment`.
    """
    try:
        megabytes = _number("LSTM_LAB_VISITOR")
    except ValueError:
        megabytes = DEFAULTS["LSTM_LAB_VISITOR"]
    return int(megabytes or 0) * 2**20


def memory_setting() -> int | None:
    """Bytes a worker may use (LSTM_LAB_MEMORY, in MB), None for its share of the machine."""
    megabytes = _number("LSTM_LAB_MEMORY", least=LEAST_MEMORY)
    return None if megabytes is None else megabytes * 2**20


def workers_setting() -> int | None:
    """Number of workers of the embedded cluster (LSTM_LAB_WORKERS), None for one a core."""
    return _number("LSTM_LAB_WORKERS")


def _number(name: str, least: int = 1) -> int | None:
    value = os.environ.get(name, "").strip()
    if not value:
        return DEFAULTS.get(name)
    if not value.isdecimal() or int(value) < least:
        what = "a positive integer" if least == 1 else f"an integer of {least} or more"
        raise ValueError(f"{name} must be {what}, got {value[:40]!r}.")
    return int(value)
