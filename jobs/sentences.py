"""What readers of a page are told when a training did not go as they asked: one sentence each."""

MEMORY = "it ran out of memory; try fewer units, fewer layers, shorter sequences or smaller batches."
OUT_OF_MEMORY = f"The training failed: {MEMORY}"
NO_ANSWER = "The training did not answer any more, so it was ended."
NO_WORKERS = "The cluster has no workers at the moment; the training waits for one."
GONE = "Nobody looked at this training for a while, so it was stopped."
CLOSED = "The lab was closed."
CANCELLED = "The training was cancelled on the cluster; start it again."


def killed(times: int) -> str:
    """A job that lost its worker so often that it must be the cause."""
    return f"The training was given up after it lost its worker {times} times, most likely because {MEMORY}"


def lost(step: int, from_step: int | None) -> str:
    """A worker was lost at `step`; the next one began after `from_step`, or at the beginning."""
    if from_step is None:
        return f"The worker was lost at step {step:,}; there was no checkpoint yet, so training began again."
    return f"The worker was lost at step {step:,}; training went on from the checkpoint at step {from_step:,}."


def cluster_ended(address: str | None) -> str:
    """The embedded cluster, or the one at an address, is no more."""
    who = f"The Dask scheduler at {address}" if address else "The training processes"
    return f"{who} ended or could not be reached any more; start the training again."


def no_start(why: object) -> str:
    """The embedded cluster could not be started."""
    return f"The training processes did not start ({why}); the server's log says more."


def no_scheduler(address: str) -> str:
    """The scheduler of LSTM_LAB_SCHEDULER cannot be joined."""
    return (
        f"{address} (LSTM_LAB_SCHEDULER) does not answer as a Dask scheduler; check that one is running and reachable"
        " there, or unset LSTM_LAB_SCHEDULER to train on this machine."
    )


def no_address(value: str) -> str:
    """LSTM_LAB_SCHEDULER is no address."""
    return f"LSTM_LAB_SCHEDULER must be a scheduler's address such as tcp://192.168.0.10:8786, got {value!r}."


def kept(why: str) -> str:
    """The engine stopped a job."""
    return f"{why}; what it had learnt is kept."


def failed(problem: BaseException, what: str = "The training failed") -> str:
    """Return an exception as one sentence; a ValueError's own message is one."""
    if is_advice(problem):
        return str(problem)
    if isinstance(problem, MemoryError):
        return OUT_OF_MEMORY
    text = " ".join(str(problem).split())
    text = text if len(text) <= 300 else text[:300] + "…"
    return f"{what}: {type(problem).__name__}{': ' + text if text else ''}."


def is_advice(problem: BaseException) -> bool:
    """Whether an exception's own message is the sentence its reader needs."""
    return isinstance(problem, ValueError) and bool(str(problem))


def span(seconds: float) -> str:
    """Return a duration in words: 90 seconds, 15 minutes."""
    if seconds < 120:
        return f"{seconds:.0f} second{'s' * (round(seconds) != 1)}"
    return f"{seconds / 60:.0f} minutes"
