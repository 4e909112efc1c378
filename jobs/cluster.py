"""One connection to Dask: starts the embedded cluster (jobs.local) or joins an existing one. Knows keys, not jobs."""

import asyncio
import contextlib
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from jobs import sentences, source
from jobs.limits import memory_setting, workers_setting

START_TIMEOUT = 60.0  # seconds the embedded cluster may take to start (1 s on an idle machine)
JOIN_TIMEOUT = 5.0  # seconds an existing scheduler has to answer
RESTART_TIMEOUT = 30.0  # seconds to wait for a worker to come back (1 s; 5 s when it was hung; more on a busy machine)

log = logging.getLogger(__name__)


class ClusterError(Exception):
    """The cluster cannot be had; the message is a sentence for the reader of a page."""


def scheduler_setting() -> str | None:
    """Address of an existing scheduler (LSTM_LAB_SCHEDULER), None for the embedded cluster."""
    return os.environ.get("LSTM_LAB_SCHEDULER", "").strip() or None


class Cluster:
    """A running cluster and the client that talks to it. Its methods block: call them from the engine's thread.

    Parameters
    ----------
    address
        An existing scheduler, `tcp://host:port`; None starts the embedded cluster.
    topic, on_event
        `on_event(event)` is called for every event of the topic, in the client's thread: it must be quick.
    tree
        What an existing cluster's workers are sent.

    Raises
    ------
    ClusterError
        With a sentence that says what to do.
    """

    def __init__(
        self,
        address: str | None,
        topic: str,
        on_event: Callable[[dict[str, Any]], None],
        tree: source.Tree | None = None,
    ):
        self.embedded = address is None
        self.cores: int | None = None  # for all trainings together; another cluster's are its owner's business
        self._process: subprocess.Popen[bytes] | None = None
        self._workers = 0
        if address is None:
            self._process = _spawn()
        try:
            from distributed import Client  # 0.5 s, while the cluster starts
            from distributed.security import Security

            security = Security()
            if self._process is not None:
                started = json.loads(_first_line(self._process))
                address, self._workers, self.cores = (started[name] for name in ("address", "workers", "cores"))
                security = Security(require_encryption=True, **started["keys"])
            else:
                _greet(address)
            self.address = address
            self.client = Client(
                address, timeout=JOIN_TIMEOUT, set_as_default=False, name="lstm-lab", security=security
            )
            self._comm = self.client.scheduler_comm
            self.client.subscribe_topic(topic, lambda event: on_event(event[1]))
            if not self.embedded:
                self.client.register_plugin(source.plugin(tree or source.Tree()))
        except Exception as problem:
            self.close()
            if isinstance(problem, ClusterError):
                raise
            if self.embedded:
                raise ClusterError(sentences.no_start(f"{type(problem).__name__}: {problem}")) from problem
            log.info("cannot join %s", address, exc_info=True)
            if isinstance(problem, OSError):  # refused, unreachable, timed out
                raise ClusterError(sentences.no_scheduler(address)) from problem
            raise ClusterError(
                sentences.failed(problem, f"The Dask scheduler at {address} cannot be used")
            ) from problem

    @property
    def alive(self) -> bool:
        """Whether the cluster that was started or joined is still the one at the other end."""
        if self._process is not None and self._process.poll() is not None:
            return False
        # A client that lost its scheduler and found one again has lost its tasks and subscriptions all the same.
        return self.client.status == "running" and self.client.scheduler_comm is self._comm

    def slots(self) -> int:
        """How many jobs the workers can run at the same time."""
        if self.embedded:
            return self._workers  # one that is being restarted counts: it is back in a second
        return sum(self.client.nthreads().values())

    def submit(
        self, key: str, config: Any, topic: str, wanted: str, threads: int | None, checkpoint: bytes | None
    ) -> Any:
        """Send an experiment to a worker, to be driven as the task `key` (jobs.driver); return its future.

        It goes on from the checkpoint, if there is one. `wanted` and `threads` as in `tell`.
        """
        import cloudpickle
        from distributed.protocol import to_serialize

        memory: dict[str, Any] = {"orders": [wanted, threads]}
        if checkpoint is not None:
            memory["checkpoint"] = to_serialize(checkpoint)  # passes the scheduler as it is
        self.client.set_metadata([key], memory)
        config = cloudpickle.dumps(config)  # and not as the task's argument: the scheduler unpacks those
        return self.client.submit(source.entrance(), config, key, topic, key=key, pure=False)

    def tell(self, key: str, wanted: str, threads: int | None) -> None:
        """Leave word for the run of `key`: "run", "pause", "aside" or "stop", and how many threads it may use."""
        self.client.set_metadata([key, "orders"], [wanted, threads])

    def checkpoint(self, key: str) -> bytes | None:
        """Return the last checkpoint of the run of `key`, None if there is none (any more)."""
        return self.client.get_metadata([key, "checkpoint"], default=None)

    def restart(self, worker: str) -> None:
        """Give a worker's process, with all its memory, back to the system and start a new one in its place."""
        try:
            self.client.restart_workers([worker], timeout=RESTART_TIMEOUT, raise_for_error=False)
        except Exception:
            log.warning("the worker %s was not restarted", worker, exc_info=True)

    def close(self) -> None:
        """Leave; the embedded cluster's processes end within seconds. Does not wait for them."""
        client, process = getattr(self, "client", None), self._process
        threading.Thread(target=_close, args=(client, process), name="lstm-lab-close", daemon=True).start()


def _greet(address: str) -> None:
    """Exchange a word with a scheduler. A client waits for ever at a port that accepts it and then says nothing.

    Raises
    ------
    ClusterError
        If the address is none, or nobody answers there, or somebody else does: a web server, SSH.
    """
    from distributed.comm import parse_address
    from distributed.comm.registry import get_backend

    try:
        get_backend(parse_address(address, strict=True)[0])
    except ValueError as problem:
        raise ClusterError(sentences.no_address(address)) from problem
    try:
        asyncio.run(asyncio.wait_for(_identity(address), JOIN_TIMEOUT))
    except Exception as problem:  # a stranger's first bytes may read as a size that no memory holds, or as anything
        log.info("%s does not answer as a scheduler does", address, exc_info=True)
        raise ClusterError(sentences.no_scheduler(address)) from problem


async def _identity(address: str) -> None:
    from distributed import rpc
    from distributed.security import Security

    async with rpc(address, connection_args=Security().get_connection_args("client")) as scheduler:
        found = await scheduler.identity(n_workers=0)
    if found.get("type") != "Scheduler":
        raise ClusterError(f"{address} is a {found.get('type')}")


def _close(client: Any, process: "subprocess.Popen[bytes] | None") -> None:
    if client is not None:
        with contextlib.suppress(Exception):
            client.close(timeout=2)
    if process is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        process.stdout.close()


def _spawn() -> "subprocess.Popen[bytes]":
    try:
        workers, _ = workers_setting(), memory_setting()
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "jobs.local", *([str(workers)] if workers else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=source.environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except ValueError as problem:
        raise ClusterError(str(problem)) from problem
    except OSError as problem:
        raise ClusterError(sentences.no_start(problem)) from problem


def _first_line(process: "subprocess.Popen[bytes]") -> str:
    """Return what the embedded cluster prints when it is up."""
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(process.stdout.readline().decode().strip()), daemon=True)
    reader.start()
    reader.join(START_TIMEOUT)
    if not lines or not lines[0]:
        code = process.poll()
        took = f"they took longer than {START_TIMEOUT:.0f} seconds"
        raise ClusterError(sentences.no_start(took if code is None and not lines else "they ended at once"))
    return lines[0]
