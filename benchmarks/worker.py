"""A process that holds one contender, so that no two thread pools share a process.

It reads one JSON object a line on standard input and answers with one:
{"do": "prepare", "shape": NAME, "steps": N} → {"losses": […]}, {"do": "time", "steps": N} → {"seconds": per step},
{"do": "peak"} → {"bytes": …}, the memory that training steps need on top of what the process held before the first.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def resident(field: str) -> int:
    """Bytes of this process's memory: "VmRSS" now, or "VmHWM" the highest since `reset_peak`. Linux only."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {field}")


def reset_peak() -> None:
    """Let "VmHWM" start from what is resident now."""
    Path("/proc/self/clear_refs").write_text("5")


def main(contender: str, threads: int) -> None:
    if threads and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    from .contenders import CONTENDERS, versions
    from .shapes import SHAPES

    step = None
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "prepare":
            step = CONTENDERS[contender](SHAPES[order["shape"]])
            answer = {"losses": [step() for _ in range(order["steps"])], "versions": versions(contender)}
        elif order["do"] == "time":
            began = time.perf_counter()
            for _ in range(order["steps"]):
                step()
            answer = {"seconds": (time.perf_counter() - began) / order["steps"]}
        else:
            step = CONTENDERS[contender](SHAPES[order["shape"]])
            before = resident("VmRSS")
            reset_peak()
            step()
            step()
            answer = {"bytes": resident("VmHWM") - before}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
