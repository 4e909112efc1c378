"""The command line where the machine fails it: a full disk, a closed output, Ctrl-C, files without an end, doctored ones."""

from __future__ import annotations

import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest

from lstm import load_model
from lstm.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, descriptors and limits are POSIX's")
ROOT = Path(__file__).resolve().parents[3]
TRAIN = ["train", "digits", "--steps", "2", "--units", "8", "--quiet"]


def run(*arguments, shell="", **options):
    command = [sys.executable, "-m", "lstm", *map(str, arguments)]
    if shell:
        command = ["sh", "-c", f'exec "$@" {shell}', "sh", *command]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=110, check=False, **options)


def one_sentence(ran, code=2):
    assert ran.returncode == code and "Traceback" not in ran.stderr and len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    return ran.stderr.strip()


def test_a_full_disk_does_not_cost_the_network(tmp_path):
    """The limit on a file's size stands for a disk that is full: writing fails in the middle of the file."""
    (tmp_path / "tmp").mkdir()
    out = tmp_path / "net.npz"
    script = (
        "import resource, sys; from lstm.cli import files, main; real = files.write\n"
        "def write(path, data):\n"
        f"    full = str(path) == {str(out)!r}\n"
        "    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (1000 if full else soft, hard))\n"
        "    try: real(path, data)\n"
        "    finally: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))\n"
        "files.write = write\n"
        f"sys.exit(main({[*TRAIN, '--out', str(out)]!r}))"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=env, timeout=110, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
    )  # fmt: skip
    said = one_sentence(ran)
    kept = re.fullmatch(rf"error: '{re.escape(str(out))}' was not written: .*; the network is kept in '(.*)'", said)
    assert kept is not None, said
    assert load_model(kept[1], lesson="digits").count_params() > 0 and not out.exists()
    assert "validation accuracy" in ran.stdout or "accuracy" in ran.stdout


def test_output_that_is_closed_or_full():
    ran = run("summary", ROOT / "data/pretrained/digits.npz", shell=">&-")
    assert one_sentence(ran, 0) == "note: standard output is closed, so what would be printed is lost"
    if Path("/dev/full").exists():
        assert "No space left" in one_sentence(run("summary", ROOT / "data/pretrained/digits.npz", shell=">/dev/full"))
    assert run("summary", ROOT / "data/pretrained/digits.npz", shell=">&- 2>&-").returncode == 0


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a file without an end")
@pytest.mark.parametrize(
    "arguments", [["train", "text", "--file", "/dev/zero"], ["train", "forecast", "--csv", "/dev/zero"]]
)
def test_a_file_without_an_end(arguments):
    def bounded():
        resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, resource.RLIM_INFINITY))

    said = one_sentence(run(*arguments, "--steps", "2", "--quiet", preexec_fn=bounded))
    assert said == "error: '/dev/zero' is no ordinary file"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    file = tmp_path_factory.mktemp("resume") / "good.checkpoint"
    out = file.with_name("out.npz")
    options = ["--checkpoint", str(file), "--checkpoint-every", "0", "--out", str(out)]
    assert main([*TRAIN[:3], "6", *TRAIN[4:], *options]) == 0
    return file.read_bytes()


def doctored(checkpoint, settings=None, inner=None, packed=False, facts=None):
    with np.load(io.BytesIO(checkpoint)) as arrays:
        known = json.loads(arrays["facts"].tobytes())
        body = arrays["checkpoint"].tobytes()
    if settings:
        known["settings"] |= settings
    known |= facts or {}
    file = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(
        file, facts=np.frombuffer(json.dumps(known).encode(), np.uint8),
        checkpoint=np.frombuffer(inner(body) if inner else body, np.uint8),
    )  # fmt: skip
    return file.getvalue()


def within(body, **arrays):
    """A checkpoint's own archive with some of its arrays replaced; None takes one away."""
    with np.load(io.BytesIO(body)) as old:
        new = {name: old[name] for name in old.files} | arrays
    file = io.BytesIO()
    np.savez(file, **{name: array for name, array in new.items() if array is not None})
    return file.getvalue()


def loop(body, **state):
    with np.load(io.BytesIO(body)) as old:
        facts = json.loads(old["facts"].tobytes())
    facts["loop"] |= state
    return within(body, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8))


DOCTORED = {
    "not one": lambda c: b"no archive",
    "empty": lambda c: b"",
    "cut": lambda c: c[: len(c) // 2],
    "packed": lambda c: doctored(c, packed=True),
    "units of another network": lambda c: doctored(c, {"units": 16}),
    "units that are none": lambda c: doctored(c, {"units": "many"}),
    "units without end": lambda c: doctored(c, {"units": 10**12}),
    "a setting that there is not": lambda c: doctored(c, {"password": 1}),
    "settings that are a list": lambda c: doctored(c, facts={"settings": [1]}),
    "a lesson that is a list": lambda c: doctored(c, facts={"lesson": ["digits"]}),
    "an inner archive that is none": lambda c: doctored(c, inner=lambda b: b"PK nothing"),
    "no weights": lambda c: doctored(c, inner=lambda b: within(b, weights=None)),
    "weights of text": lambda c: doctored(c, inner=lambda b: within(b, weights=np.array(["a"]))),
    "no facts": lambda c: doctored(c, inner=lambda b: within(b, facts=None)),
    "facts that are no JSON": lambda c: doctored(c, inner=lambda b: within(b, facts=np.frombuffer(b"{", np.uint8))),
    "a step that is text": lambda c: doctored(c, inner=lambda b: loop(b, step="first")),
    "a batch before the first": lambda c: doctored(c, inner=lambda b: loop(b, batch=None)),
    "an order that is none": lambda c: doctored(c, inner=lambda b: loop(b, order_state={"a": 1})),
    "a rate that is text": lambda c: doctored(c, inner=lambda b: loop(b, base_rate="fast")),
}


@pytest.mark.parametrize("name", DOCTORED)
def test_a_doctored_checkpoint_is_one_sentence(name, checkpoint, tmp_path, capsys):
    file = tmp_path / "doctored.checkpoint"
    file.write_bytes(DOCTORED[name](checkpoint))
    assert main(["train", "digits", "--resume", str(file), "--steps", "9", "--quiet"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("error: ") and len(said.splitlines()) == 1 and len(said) < 400, said


def test_the_checkpoint_itself_is_good(checkpoint, tmp_path, capsys):
    file = tmp_path / "good.checkpoint"
    file.write_bytes(doctored(checkpoint))
    assert zipfile.is_zipfile(file)
    assert main(["train", "digits", "--resume", str(file), "--steps", "9", "--quiet"]) == 0


@pytest.mark.flaky(reruns=1)  # three processes that load Keras, on a machine that may stand still
def test_ctrl_c_ends_a_comparison_with_keras_and_its_processes():
    command = [sys.executable, "-m", "lstm", "compare-keras", "--steps", "500", "--task", "all", "--optimizer", "all"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, process_group=0)
    try:
        ran.stdout.readline()
        end = time.monotonic() + 60
        while len(sides := psutil.Process(ran.pid).children()) < 2:
            assert time.monotonic() < end
            time.sleep(0.1)
        os.killpg(ran.pid, signal.SIGINT)  # as a terminal does: to all processes of the group
        _, said = ran.communicate(timeout=60)
        assert ran.returncode == 130 and "Traceback" not in said, said
        assert said.strip().splitlines()[-1].endswith("interrupted")
        psutil.wait_procs(sides, timeout=20)
        assert not [side for side in sides if side.is_running()]
    finally:
        ran.kill()
        ran.wait()
