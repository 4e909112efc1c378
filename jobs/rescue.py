"""Makes a result of a training's last checkpoint, in a process of its own, which needs no cluster.

For runs that have to be given up, lost their workers or their cluster, and for those that are stopped while they have no
worker. The child takes a config and a checkpoint from its standard input and writes the result to its standard output.
"""

import logging
import os
import pickle
import subprocess
import sys
import threading
from typing import Any

from jobs import source
from jobs.contract import Control, step_back

AT_ONCE = threading.Semaphore(2)  # children; the others wait, and none of it in a page

log = logging.getLogger(__name__)


def result_of(config: Any, checkpoint: bytes, seconds: float) -> Any:
    """Return what the run of `config` returns when it is stopped where the checkpoint was made; None if that fails.

    Takes as long as the experiment's last validation, at most `seconds`.
    """
    import cloudpickle

    with AT_ONCE:
        try:
            child = subprocess.run(
                [sys.executable, "-P", "-m", "jobs.rescue"],
                input=pickle.dumps((cloudpickle.dumps(config), checkpoint)),
                stdout=subprocess.PIPE,
                timeout=seconds,
                check=True,
                env=source.environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            return pickle.loads(child.stdout)
        except Exception:
            log.exception("no result could be made of the last checkpoint of %s", type(config).__name__)
            return None


def main() -> None:
    """The child."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print goes to the server's log
    step_back()
    config, checkpoint = pickle.load(sys.stdin.buffer)
    run = pickle.loads(config).run(control=Control(stop=True), checkpoint=checkpoint)
    try:
        while True:
            next(run)
    except StopIteration as end:
        with answer:
            pickle.dump(end.value, answer)


if __name__ == "__main__":
    main()
