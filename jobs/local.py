"""The embedded Dask cluster: `python -m jobs.local [workers]`, a process of its own.

Neither `LocalCluster` nor `multiprocessing` can start inside `streamlit run`, which replaces `__main__`; here they can.
The process prints one line, a JSON object: the scheduler's address, how many workers and cores there are, and the keys
without which nobody is let in. A Dask scheduler runs whatever it is sent, and on a shared machine others reach its port;
the keys are made at each start and known to this process, its workers and whoever reads the pipe. The process leaves,
with its workers, as soon as its standard input closes: that happens when the Streamlit server ends, however it ends.
"""

import contextlib
import json
import os
import signal
import sys
import threading

from jobs.limits import memory_setting

# Dask's defaults suit clusters that compute for days. A job here runs for minutes and its last checkpoint lives in the
# scheduler, so logs are kept short, and the sampling profiler (100 times a second in each worker) is off.
CONFIG = {
    "distributed.scheduler.allowed-failures": 2,  # a third worker lost to the same job, and the job is the cause
    "distributed.admin.low-level-log-length": 100,
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.work-stealing": False,  # jobs.engine hands out one job per free worker
    "distributed.scheduler.http.routes": [],  # pages about the cluster, which ask nobody for a key
    "distributed.worker.http.routes": [],
}
KEYS = ("tls_ca_file", "tls_client_key", "tls_client_cert")
GRACE = 4.0  # seconds a tidy shutdown may take before the process leaves anyway; its workers leave with it
MEMORY = 2**30  # bytes a worker should find; a container may have many cores and little memory


def main(workers: int | None = None) -> None:
    """Run worker processes, by default one a core, until standard input closes."""
    # Ctrl-C reaches every process of a terminal; only the server answers it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Only this one line goes to standard output. What workers print goes to the server's log: nobody reads the pipe later.
    answer = os.dup(1)
    os.dup2(2, 1)

    import dask
    from dask.system import CPU_COUNT
    from distributed import LocalCluster
    from distributed.security import Security
    from distributed.system import MEMORY_LIMIT  # both are a container's, if there is one

    memory = memory_setting()
    workers = workers or max(1, min(CPU_COUNT, MEMORY_LIMIT // max(memory or 0, MEMORY)))
    security = Security.temporary()
    with dask.config.set(CONFIG):
        cluster = LocalCluster(
            n_workers=workers,
            processes=True,
            threads_per_worker=1,
            memory_limit=min(memory or MEMORY_LIMIT, MEMORY_LIMIT // workers),
            host="127.0.0.1",
            security=security,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # any port: 8787 may be somebody's real dashboard
        )
        with contextlib.suppress(OSError):  # the server may be gone already
            facts = {"address": cluster.scheduler_address, "workers": workers, "cores": CPU_COUNT}
            keys = {name: getattr(security, name) for name in KEYS}
            os.write(answer, json.dumps(facts | {"keys": keys}).encode() + b"\n")
            os.close(answer)
        while os.read(0, 1024):
            pass
        watchdog = threading.Timer(GRACE, os._exit, (1,))
        watchdog.daemon = True
        watchdog.start()
        cluster.close(timeout=GRACE)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
