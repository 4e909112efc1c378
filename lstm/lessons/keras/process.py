"""A side of a comparison in a process of its own: `python -m lstm.lessons.keras.process lab|keras float32 1`.

Two thread pools in one process would fight, and a process is the one thing that gives all its memory back. Parent and
child speak over the child's standard input and output: a line of JSON, then an .npz archive of its length (plain
arrays, never pickles). The child ends when its input does.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from lstm.model import Sequential
from lstm.storage import layer_config

SIDES = ("lab", "keras")
MISSING = "Keras with JAX is not installed here: pip install keras jax adds it, and the lab's own side runs without"


def keras_is_installed() -> bool:
    """Whether the comparison can run here, found out without importing anything."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("keras", "jax"))


def network(model: Sequential) -> dict[str, Any]:
    """A compiled and built model as plain settings, for `Side.prepare`."""
    return {
        "layers": [layer_config(layer) for layer in model.layers],
        "input_shape": list(model.input_shape[1:]),
        "takes_ids": model.layers[0].takes_ids,
        "optimizer": model.optimizer.get_config(),
        "loss": model.loss,
        "dtype": model.dtype,
    }


class Side:
    """The parent's end of a side. Use it as a context manager, so that its process ends.

    Parameters
    ----------
    kind : "lab" or "keras"
    dtype : "float32" or "float64"
    threads : how many cores it may use, 0 for all

    Raises
    ------
    ValueError
        If it is to be Keras and Keras is not installed.
    """

    def __init__(self, kind: str, dtype: str = "float32", threads: int = 1) -> None:
        if kind == "keras" and not keras_is_installed():
            raise ValueError(MISSING)
        env = {name: value for name, value in os.environ.items() if name not in ("XLA_FLAGS", "JAX_ENABLE_X64")}
        root = str(Path(__file__).resolve().parents[3])
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [root, env.get("PYTHONPATH")]))
        if threads == 1:
            env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            env.pop(name, None)
            if threads:
                env[name] = str(threads)
        command = [sys.executable, "-m", "lstm.lessons.keras.process", kind, dtype, str(threads)]
        self.kind = kind
        # A group of its own, so that Ctrl-C reaches the parent alone: its end is this one's end.
        apart: dict[str, Any] = {"process_group": 0}
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, **apart)

    def __enter__(self) -> Side:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, order: str, arrays: list[np.ndarray] | None = None, **what: Any) -> None:
        """Give an order without waiting for its answer, which `receive` brings."""
        try:
            _write(cast(BinaryIO, self._process.stdin), {"do": order, **what}, arrays or [])
        except OSError:
            raise ValueError(self._gone()) from None

    def receive(self) -> tuple[dict[str, Any], list[np.ndarray]]:
        """The answer to the oldest order that has none yet."""
        message = _read(cast(BinaryIO, self._process.stdout))
        if message is None:
            raise ValueError(self._gone())
        if "error" in message[0]:
            raise ValueError(message[0]["error"])
        return message

    def ask(self, order: str, arrays: list[np.ndarray] | None = None, **what: Any) -> tuple[dict[str, Any], list[np.ndarray]]:
        """`send` and `receive`."""
        self.send(order, arrays, **what)
        return self.receive()

    def prepare(self, what: dict[str, Any], weights: list[np.ndarray]) -> None:
        """Let it build a network with these weights."""
        self.ask("prepare", weights, network=what)

    def _gone(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        name = {"lab": "the lab's", "keras": "Keras's"}[self.kind]
        return f"{name} process ended early (exit code {self._process.poll()}), most likely for want of memory: try fewer units"

    def close(self) -> None:
        """End the process, at once: nothing in it is worth waiting for."""
        self._process.kill()
        self._process.wait(10)
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # there may be an order left that nobody reads
                stream.close()


def peak_bytes() -> int | None:
    """The most memory this process has held, in bytes; None where the system does not tell."""
    with contextlib.suppress(OSError), open("/proc/self/status") as status:  # Linux; what getrusage says there may be
        for line in status:  # the memory of the process that started this one
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts bytes


def _write(stream: BinaryIO, head: dict[str, Any], arrays: list[np.ndarray]) -> None:
    body = io.BytesIO()
    if arrays:
        np.savez(body, **dict[str, Any]((f"a{k:03d}", a) for k, a in enumerate(arrays)))
    data = body.getbuffer()
    stream.write(json.dumps({**head, "bytes": len(data)}).encode() + b"\n")
    stream.write(data)
    stream.flush()


def _read(stream: BinaryIO) -> tuple[dict[str, Any], list[np.ndarray]] | None:
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    head = json.loads(line)
    size = head.pop("bytes")
    if not size:
        return head, []
    data = stream.read(size)
    if len(data) < size:
        return None
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return head, [archive[name] for name in sorted(archive.files)]


def serve(kind: str, dtype: str, threads: int) -> None:
    """The child: take orders until there are no more."""
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not stand among the answers
    if threads and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    side: Any = None
    while (message := _read(orders)) is not None:
        head, arrays = message
        try:
            if side is None:
                side = _make(kind, dtype)
            answer, out = _obey(side, head, arrays)
        except Exception as problem:
            answer, out = {"error": f"{type(problem).__name__}: {' '.join(str(problem).split())[:300]}"}, []
        _write(answers, answer, out)


def _make(kind: str, dtype: str) -> Any:
    if kind == "lab":
        from .lab_side import LabSide

        return LabSide()
    from .keras_side import KerasSide

    return KerasSide(dtype)


def _obey(side: Any, head: dict[str, Any], arrays: list[np.ndarray]) -> tuple[dict[str, Any], list[np.ndarray]]:
    if head["do"] == "hello":
        return {"versions": side.versions()}, []
    if head["do"] == "prepare":
        side.prepare(head["network"], arrays)
        return {}, []
    if head["do"] == "step":
        seconds, loss, gradients, weights, out = side.step(*arrays)
        return {"seconds": seconds, "loss": float(loss), "count": len(gradients)}, [*gradients, *weights, out]
    if head["do"] == "time":
        return {"seconds": side.time_steps(*arrays, head["count"]), "peak": peak_bytes()}, []
    if head["do"] == "peak":
        return {"peak": peak_bytes()}, []
    raise ValueError(f"there is no order {head['do']!r}")


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
