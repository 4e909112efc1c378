"""What happens between processes: the server, the embedded cluster or a scheduler ends; a cluster elsewhere; Streamlit."""

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import psutil
import pytest
from fake_experiments import Count

from jobs.cluster import JOIN_TIMEOUT, Cluster, ClusterError
from jobs.engine import Engine
from jobs.source import Tree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def environment(**more):
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), str(ROOT)])} | more


def family(pid):
    return psutil.Process(pid).children(recursive=True)


def all_gone(processes, until, seconds=10):
    until(lambda: not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE], seconds)


def test_when_the_embedded_cluster_dies_so_do_its_workers_and_the_next_job_gets_a_new_one(until):
    engine = Engine()
    try:
        job = engine.submit(Count(steps=100_000), session="a")
        waiting = engine.submit(Count(steps=3), session="a")
        until(lambda: job.progress)
        workers = family(engine._cluster._process.pid)
        assert len(workers) >= 2
        engine._cluster._process.kill()
        assert job.wait(5) and job.state == "failed"
        assert job.error == ("The training processes ended or could not be reached any more; start the training again.")
        all_gone(workers, until)
        assert waiting.wait(60) and waiting.state == "finished"
    finally:
        engine.close()


def test_a_scheduler_that_does_not_answer(monkeypatch):
    with socket.socket() as deaf:  # accepts nobody: connections open, nothing is ever said
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        monkeypatch.setenv("LSTM_LAB_SCHEDULER", address)
        assert JOIN_TIMEOUT == 5
        monkeypatch.setattr("jobs.cluster.JOIN_TIMEOUT", 1.5)
        engine = Engine()
        try:
            threads = threading.active_count()
            start = time.monotonic()
            jobs = [engine.submit(Count(), session="a"), engine.submit(Count(), session="b")]
            assert time.monotonic() - start < 0.5
            assert jobs[0].wait(60) and time.monotonic() - start > 1.5
            assert [job.state for job in jobs] == ["failed", "failed"]
            assert (
                jobs[0].error
                == jobs[1].error
                == (
                    f"{address} (LSTM_LAB_SCHEDULER) does not answer as a Dask scheduler; check that one is running and"
                    " reachable there, or unset LSTM_LAB_SCHEDULER to train on this machine."
                )
            )
            monkeypatch.delenv("LSTM_LAB_SCHEDULER")
            again = engine.submit(Count(steps=3), session="a")
            assert again.wait(60) and again.state == "finished"
            assert threading.active_count() < threads + 25
        finally:
            engine.close()


@pytest.mark.parametrize(
    "greeting",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2p1\r\n", bytes(64), b""],
    ids=["http", "ssh", "zeros", "hangs up"],
)
def test_somebody_else_at_the_schedulers_port(monkeypatch, greeting):
    def answer(server):
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(greeting)
                connection.settimeout(1.0)
                with contextlib.suppress(OSError):
                    connection.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, args=(server,), daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("LSTM_LAB_SCHEDULER", address)
        engine = Engine()
        try:
            job = engine.submit(Count(), session="a")
            assert job.wait(60) and job.state == "failed"
            assert job.error.startswith(
                f"{address} (LSTM_LAB_SCHEDULER) does not answer as a Dask scheduler; check that"
            )
        finally:
            engine.close()


def test_the_embedded_cluster_lets_nobody_in_without_its_keys(until):
    from distributed import Client
    from distributed.security import Security

    engine = Engine()
    try:
        engine.warm_up()
        cluster = until(lambda: engine._cluster)
        workers = list(cluster.client.scheduler_info()["workers"])
        assert all(address.startswith("tls://127.0.0.1:") for address in (cluster.address, *workers))
        strangers = Security.temporary()  # a Dask of their own, with keys of its own
        for address in (cluster.address, *workers):
            for security, protocol in ((Security(), "tcp"), (strangers, "tls")):
                with pytest.raises((OSError, TimeoutError)):
                    Client(address.replace("tls", protocol), timeout=3, security=security, set_as_default=False)
        for process in family(os.getpid()):  # what any user of the machine may read
            with contextlib.suppress(psutil.Error):
                assert "PRIVATE KEY" not in " ".join(process.cmdline())
        assert cluster.client.submit(lambda: 7, pure=False).result(timeout=60) == 7  # who has the keys gets in
        with socket.create_connection(cluster.address.removeprefix("tls://").split(":"), timeout=5) as plain:
            plain.settimeout(5)
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                assert b"200" not in plain.recv(100)
    finally:
        engine.close()


@pytest.mark.parametrize("address", ["school", "http://school:80"])
def test_an_address_that_is_none(monkeypatch, address):
    monkeypatch.setenv("LSTM_LAB_SCHEDULER", address)
    engine = Engine()
    job = engine.submit(Count(), session="a")
    assert job.wait(60) and job.state == "failed"
    assert job.error.startswith("LSTM_LAB_SCHEDULER must be a scheduler's address") and repr(address) in job.error
    engine.close()


def test_a_wrong_number_of_workers_is_said(monkeypatch):
    monkeypatch.setenv("LSTM_LAB_WORKERS", "many")
    with pytest.raises(ClusterError, match="LSTM_LAB_WORKERS must be a positive integer, got 'many'"):
        Cluster(None, "topic", print)
    engine = Engine()
    job = engine.submit(Count(), session="a")
    assert job.wait(5) and job.error == "LSTM_LAB_WORKERS must be a positive integer, got 'many'."
    engine.close()


@pytest.fixture
def elsewhere(tmp_path):
    """A scheduler and a function that starts workers for it, in a folder and with a path that do not know the project."""
    processes = []
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "LSTM_LAB"))}

    def start(*arguments):
        command = [sys.executable, "-P", "-m", "distributed.cli." + arguments[0], *arguments[1:]]
        processes.append(subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.DEVNULL))
        return processes[-1]

    file = tmp_path / "scheduler.json"
    start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    while not file.exists():
        time.sleep(0.05)

    def worker():
        return start("dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard")

    yield json.loads(file.read_text())["address"], worker, processes
    for process in reversed(processes):
        for child in family(process.pid) if process.poll() is None else []:
            child.kill()
        process.kill()
        process.wait()


def test_a_cluster_elsewhere_is_sent_the_source(elsewhere, monkeypatch, tmp_path, until):
    address, worker, processes = elsewhere
    lab = tmp_path / "lab"  # stands for the project: jobs, a package with a data file, an experiment
    shutil.copytree(ROOT / "jobs", lab / "jobs", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE / "fake_experiments.py", lab)
    (lab / "data").mkdir()
    (lab / "data" / "words.txt").write_text("a far, far better thing")
    monkeypatch.setenv("LSTM_LAB_SCHEDULER", address)
    engine = Engine(tree=Tree(lab, ("jobs", "data", "fake_experiments.py")))
    try:
        first = engine.submit(Count(steps=100_000, save_every=10), session="a")
        later = engine.submit(Count(steps=3), session="b")
        until(lambda: later.notice)
        assert later.notice == "The cluster has no workers at the moment; the training waits for one."
        worker()  # joins later than the source was sent
        until(lambda: first.progress and first.progress.step > 30)
        until(lambda: later.notice is None)
        assert first.notice is None and later.place == 1
        (nanny_worker,) = family(processes[1].pid)[-1:]
        os.kill(nanny_worker.pid, signal.SIGKILL)
        until(lambda: first.recovered)
        assert "went on from the checkpoint" in first.recovered
        os.kill(processes[1].pid, signal.SIGSTOP)  # no nanny brings a worker back for now
        (nanny_worker,) = family(processes[1].pid)[-1:]
        os.kill(nanny_worker.pid, signal.SIGKILL)
        until(lambda: first.notice)
        assert first.notice == "The cluster has no workers at the moment; the training waits for one."
        assert first.state == "running"
        os.kill(processes[1].pid, signal.SIGCONT)
        until(lambda: first.notice is None)
        step = first.progress.step
        until(lambda: first.progress.step > step)
        first.stop()
        assert first.wait(60) and first.state == "stopped" and first.result.metrics["steps"] > 30
        assert later.wait(60) and later.state == "finished"

        def where():
            import fake_experiments

            folder = Path(fake_experiments.__file__).parent
            return str(folder), (folder / "data" / "words.txt").read_text()

        ((folder, words),) = engine._cluster.client.run(where).values()
        assert words == "a far, far better thing" and not folder.startswith((str(ROOT), str(lab)))

        orphan = engine.submit(Count(steps=100_000), session="c")
        until(lambda: orphan.progress)
        processes[0].kill()  # the scheduler
        assert orphan.wait(60) and orphan.state == "failed"
        assert orphan.error == (
            f"The Dask scheduler at {address} ended or could not be reached any more; start the training again."
        )
    finally:
        engine.close()


def test_what_is_sent_is_the_source_and_nothing_else():
    with zipfile.ZipFile(io.BytesIO(Tree().archive())) as archive:
        names = archive.namelist()
    assert {"jobs/driver.py", "lstm/cell.py"} <= set(names)
    assert {name.partition("/")[0] for name in names} <= {"jobs", "lstm", "data"}
    assert not [name for name in names if "__pycache__" in name or "/." in name]
    assert Tree().archive() == Tree().archive()


def test_importing_the_engine_is_light():
    code = (
        "import sys, jobs.engine; print([m for m in ('streamlit', 'distributed', 'numpy', 'lstm') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True)
    assert answer.stdout == "[]\n"


def test_training_inside_streamlit_run_and_nothing_outlives_the_server(tmp_path, until):
    report = tmp_path / "report.txt"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "streamlit_lab.py"), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.fileWatcherType=none", "--browser.gatherUsageStats=false"]
    log = (tmp_path / "log.txt").open("w")
    server = subprocess.Popen(command, env=environment(LAB_REPORT=str(report)), cwd=tmp_path, stdout=log, stderr=log)
    try:
        visit(port, until, report.exists)
        until(report.exists, 60)
        assert report.read_text() == "finished None 20 running"
        processes = family(server.pid)
        assert len(processes) >= 3  # the cluster and two workers
    finally:
        server.kill()
        server.wait()
        log.close()
    all_gone(processes, until, 10)


def visit(port, until, done):
    """Open the page as a browser does: a websocket, and the message that runs the script."""
    import asyncio

    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ClientState_pb2 import ClientState
    from tornado.websocket import websocket_connect

    async def connect():
        page = await websocket_connect(
            f"ws://127.0.0.1:{port}/_stcore/stream", on_message_callback=lambda message: None
        )
        await page.write_message(BackMsg(rerun_script=ClientState()).SerializeToString(), binary=True)
        while not done():
            await asyncio.sleep(0.1)
        page.close()

    def listening():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    until(listening, 20)
    threading.Thread(target=lambda: asyncio.run(asyncio.wait_for(connect(), 60)), daemon=True).start()
