"""The child process: runs what somebody wrote, and writes down what it returned. It judges nothing.

    python -m lstm.lessons.learning.exercise.runner FILE FOLDER SECONDS

In FOLDER stands `cases.npz`: the arguments of every call. The child leaves `answers.npz` and `report.json` there, and
`stuck.txt` with a traceback when the time is up. It never sees what would be right.
"""

from __future__ import annotations

import faulthandler
import importlib.util
import inspect
import json
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from lstm.gradcheck import numeric_gradient
from lstm.lessons.learning.exercise.template import BACKWARD, BACKWARD_NAMES, FORWARD, FORWARD_NAMES

OWN = "forward own"
"""The call of forward whose numbers backward is given where a case brings no step: both passes by one hand."""


def problem_of(error: BaseException, file: str) -> dict[str, Any]:
    """What went wrong, and the last line of `file` that was being run."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    line = frames[-1].lineno if frames else None
    kind = type(error).__name__
    text = " ".join(str(error).split())[:200]
    if isinstance(error, SystemExit):
        kind, text = "SystemExit", "it ends the program here"
    return {"line": line, "kind": kind, "text": text}


def load(file: Path) -> ModuleType:
    """Import a file from anywhere."""
    spec = importlib.util.spec_from_file_location("my_cell", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Answers:
    """Calls a function of the reader's, case after case, and collects what it returns."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.arrays: dict[str, np.ndarray] = {}
        self.odd: dict[str, str] = {}
        """By name: what a returned value was, where it was no array of numbers."""
        self.changed: set[str] = set()
        """Arguments that were changed in place, as "forward c_prev"."""

    def call(self, function: Any, names: tuple[str, ...], arguments: dict[str, Any], label: str) -> dict[str, Any]:
        """One call; every value that is an array of numbers is kept under `label`."""
        copies = {name: value.copy() for name, value in arguments.items() if isinstance(value, np.ndarray)}
        inner = {name: np.copy(value) for name, value in arguments.get("step", {}).items()}
        with np.errstate(all="ignore"):
            found = function(*arguments.values())
        kind = function.__name__
        self.changed |= {
            f"{kind} {name}"
            for name, value in copies.items()
            if not np.array_equal(value, arguments[name], equal_nan=True)
        }
        self.changed |= {
            f"{kind} step[{name!r}]"
            for name, value in inner.items()
            if not np.array_equal(value, arguments["step"][name], equal_nan=True)
        }
        if not isinstance(found, dict):
            self.odd[kind] = type(found).__name__
            return {}
        for name in names:
            value = found.get(name)
            if value is ...:
                continue  # a blank: the judge knows of those
            if name not in found:
                self.odd[f"{kind} {name}"] = "missing"
                continue
            try:
                array = np.asarray(value)
            except ValueError:
                array = np.asarray(None)
            if array.dtype.kind not in "biuf":
                self.odd[f"{kind} {name}"] = type(value).__name__
            else:
                self.arrays[f"{label}/{name}"] = array.astype(float)
        return found


def run(file: Path, folder: Path) -> dict[str, Any]:
    """Call forward and backward of `file` on every case in `folder`."""
    cases: dict[str, dict[str, Any]] = {}
    with np.load(folder / "cases.npz", allow_pickle=False) as stored:
        for key in stored.files:
            label, name = key.rsplit("/", 1)
            cases.setdefault(label, {})[name] = stored[key]
    answers = Answers(str(file))
    report: dict[str, Any] = {}
    own: dict[str, Any] = {}
    module = load(file)
    for kind, wanted, names in (("forward", FORWARD, FORWARD_NAMES), ("backward", BACKWARD, BACKWARD_NAMES)):
        function = getattr(module, kind, None)
        try:
            if takes := _refuses(function, len(wanted)):
                report[kind] = {"line": None, "kind": "signature", "text": takes}
                continue
            for label, arguments in cases.items():
                if label.startswith(kind):
                    if kind == "backward":
                        step = {name[5:]: value for name, value in arguments.items() if name.startswith("step.")}
                        arguments = {"step": step or own, **{name: arguments[name] for name in wanted[1:]}}
                        if not arguments["step"] or any(value is ... for value in arguments["step"].values()):
                            continue  # forward cannot be run yet, or has blanks
                    found = answers.call(function, names, arguments, label)
                    if label == OWN:
                        own = found
        except (Exception, SystemExit) as error:
            report[kind] = problem_of(error, str(file))
    if not report and {f"{OWN}/h", f"{OWN}/c"} <= answers.arrays.keys():
        answers.arrays |= differences(module.forward, cases[OWN], cases["backward own"])
    np.savez(folder / "answers.npz", **dict[str, Any](answers.arrays))
    return report | {"odd": answers.odd, "changed": sorted(answers.changed)}


def differences(forward: Any, arguments: dict[str, np.ndarray], ways: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Central differences of Σ h ⊙ dh + Σ c ⊙ dc_next with respect to every argument: what backward has to give."""

    def loss() -> float:
        step = forward(*arguments.values())
        return float(np.sum(step["h"] * ways["dh"]) + np.sum(step["c"] * ways["dc_next"]))

    with np.errstate(all="ignore"):
        return {f"differences/d{name}": numeric_gradient(loss, array) for name, array in arguments.items()}


def _refuses(function: Any, arguments: int) -> str | None:
    """What the function takes, if it is not `arguments` values in a row."""
    if not callable(function):
        return f"it is a {type(function).__name__}, not a function"
    try:
        inspect.signature(function).bind(*[None] * arguments)
    except TypeError:
        return f"yours takes {inspect.signature(function)}"
    except ValueError:
        return None
    return None


def main(arguments: list[str]) -> int:
    """Run the file; whatever happens, leave a report."""
    file, folder, seconds = Path(arguments[0]), Path(arguments[1]), float(arguments[2])
    with open(folder / "stuck.txt", "w", encoding="utf-8") as stuck:
        faulthandler.dump_traceback_later(seconds, exit=True, file=stuck)
        try:
            if arguments[3:] == ["train"]:
                from lstm.lessons.learning.exercise.parity import train

                report: dict[str, Any] = train(load(file))
            else:
                report = run(file, folder)
        except (Exception, SystemExit) as error:
            report = {"file": problem_of(error, str(file))}
        (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
        faulthandler.cancel_dump_traceback_later()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
