"""Checks somebody's `my_cell.py`: reads it, lets a child process run it, and says in a line each what is right and wrong.

The file is run on a grid of shapes, on small and on very large numbers, and its backward pass against central differences
of its own forward pass. It is never imported here: an endless loop ends with the child, after a time limit.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from lstm import cell
from lstm.lessons.learning.exercise import judge, template
from lstm.lessons.learning.exercise.judge import BACKWARD_RULES, FORWARD_RULES, Rule, known
from lstm.lessons.learning.exercise.runner import OWN

ROOT = Path(__file__).resolve().parents[4]
TIME_LIMIT = 20.0
LARGEST = 200_000
"""Bytes of a file that is looked at; the filled template has four thousand."""
SHAPES = tuple(product((1, 3), (1, 2, 3), (1, 2, 4)))
"""Batch, features and units of the calls."""
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Line:
    """What is said of one line of the file: `verdict` is "right", "wrong", "blank" or "open" (not judged yet)."""

    names: str
    verdict: str
    text: str = ""
    number: int | None = None

    def __str__(self) -> str:
        where = f" (line {self.number})" if self.number and self.verdict != "right" else ""
        said = {"right": "right", "wrong": "WRONG", "blank": "blank", "open": "open"}[self.verdict]
        return f"{said:<6} {self.names}{where}{': ' + self.text if self.text else ''}"


@dataclass
class Verdict:
    """Everything that is said of a file."""

    lines: list[Line] = field(default_factory=list)

    @property
    def right(self) -> bool:
        return all(line.verdict == "right" for line in self.lines)


@dataclass(frozen=True)
class Reading:
    """What can be known of the file without running it: where each name is given its value, and which are still blank."""

    assigned: Mapping[str, Mapping[str, int]]
    blank: Mapping[str, frozenset[str]]


def read(path: Path) -> Reading:
    """Look at the file without running it.

    Raises
    ------
    ValueError
        In one sentence, if it is no Python, too large, or lacks one of the two functions.
    """
    name = path.name
    if not path.is_file():
        raise ValueError(f"there is no file {str(path)!r}: python -m lstm exercise writes one")
    if (size := path.stat().st_size) > LARGEST:
        raise ValueError(f"{name} has {size:,} bytes, and at most {LARGEST:,} are looked at")
    data = path.read_bytes()
    try:
        tree = ast.parse(data, filename=name)
    except SyntaxError as error:
        at = f"line {error.lineno}: " if error.lineno else ""
        raise ValueError(f"{name} is no Python yet: {at}{error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{name} is no Python: {error}") from None
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for wanted, arguments in (("forward", template.FORWARD), ("backward", template.BACKWARD)):
        if wanted not in functions and wanted not in _named(tree):
            raise ValueError(f"{name} has no function {wanted}({', '.join(arguments)})")
    assigned: dict[str, dict[str, int]] = {}
    blank: dict[str, frozenset[str]] = {}
    for kind in ("forward", "backward"):
        lines, dots = {}, set()
        for target, value, line in _assignments(functions.get(kind)):
            lines[target] = line
            (dots.add if isinstance(value, ast.Constant) and value.value is ... else dots.discard)(target)
        assigned[kind], blank[kind] = lines, frozenset(dots)
    return Reading(assigned, blank)


def _named(tree: ast.Module) -> set[str]:
    """Names given a value at the top of the file: `forward = something` and `from elsewhere import forward` count too."""
    found = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def _assignments(function: ast.AST | None) -> Iterator[tuple[str, ast.expr | None, int]]:
    """Every name that is given a value, with the value where one belongs to it alone, from top to bottom."""
    for node in ast.walk(function) if function else ():
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, (ast.AugAssign, ast.AnnAssign))
            else []
        )
        for target in targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value, node.lineno
            elif isinstance(target, ast.Tuple):
                several = (
                    node.value.elts
                    if isinstance(node.value, ast.Tuple) and len(node.value.elts) == len(target.elts)
                    else [None] * len(target.elts)
                )
                for one, value in zip(target.elts, several, strict=True):
                    if isinstance(one, ast.Name):
                        yield one.id, value if value is not None else node.value, node.lineno


# --- the calls ------------------------------------------------------------------------------------------------------


def _inputs(rng: np.random.Generator, batch: int, features: int, units: int, scale: float) -> Arrays:
    sizes = {
        "x": (batch, features), "h_prev": (batch, units), "c_prev": (batch, units),
        "kernel": (features, 4 * units), "recurrent_kernel": (units, 4 * units), "bias": (4 * units,),
    }  # fmt: skip
    arrays = {name: rng.normal(size=size) for name, size in sizes.items()}
    arrays["h_prev"] = np.tanh(arrays["h_prev"])
    for name in ("kernel", "recurrent_kernel", "bias"):
        arrays[name] *= scale
    return arrays


def calls() -> tuple[dict[str, Arrays], dict[str, Arrays]]:
    """The arguments of every call of forward, and of every call of backward with a right `step`; by label.

    On the grid the weights are drawn around 1; once they are wide enough to saturate many gates, once so wide that e⁻ᶻ
    overflows.
    """
    rng = np.random.default_rng(0)
    sizes = [(*shape, 1.0) for shape in SHAPES] + [(4, 2, 3, 4.0), (4, 2, 3, 400.0)]
    forward = {f"forward{k}": _inputs(rng, *size) for k, size in enumerate(sizes)}
    backward = {}
    for k, arrays in enumerate(forward.values()):
        step = cell.forward(**arrays)
        shape = step.h.shape
        inside = {
            f"step.{name}": getattr(step, name) for name in ("z_i", "z_f", "z_g", "z_o", "i", "f", "g", "o", "c", "h")
        }
        inside["step.z"] = np.concatenate([step.z_i, step.z_f, step.z_g, step.z_o], axis=-1)
        rest = {name: arrays[name] for name in template.BACKWARD if name in arrays}
        backward[f"backward{k}"] = inside | rest | {"dh": rng.normal(size=shape), "dc_next": rng.normal(size=shape)}
    return forward, backward


# --- the child ------------------------------------------------------------------------------------------------------


def run_child(path: Path, cases: Mapping[str, Arrays], limit: float, *more: str) -> tuple[dict[str, Any], Arrays]:
    """Let a child process run the file on `cases`: what it reports, and the arrays that came back.

    Raises
    ------
    ValueError
        In one sentence with the line, if the file cannot be run to its end.
    """
    with tempfile.TemporaryDirectory(prefix="my_cell_") as place:
        folder = Path(place)
        np.savez(
            folder / "cases.npz",
            **{f"{label}/{name}": a for label, arrays in cases.items() for name, a in arrays.items()},
        )
        command = [
            sys.executable,
            "-m",
            "lstm.lessons.learning.exercise.runner",
            str(path.resolve()),
            place,
            str(limit),
            *more,
        ]
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        environment = os.environ | {
            "PYTHONPATH": paths,
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        try:
            ended = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, timeout=limit + 30, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            ended = None
        report_file, answers = folder / "report.json", {}
        if not report_file.exists():
            raise ValueError(_unfinished(path, folder / "stuck.txt", limit, ended))
        report = json.loads(report_file.read_text(encoding="utf-8"))
        if (folder / "answers.npz").exists():
            with np.load(folder / "answers.npz", allow_pickle=False) as stored:
                answers = dict(stored)
    if "file" in report:
        raise ValueError(_said(path.name, report["file"]))
    return report, answers


def _unfinished(path: Path, stuck: Path, limit: float, ended: int | None) -> str:
    traceback = stuck.read_text(encoding="utf-8", errors="replace") if stuck.exists() else ""
    lines = re.findall(r'File "([^"]*)", line (\d+)', traceback)
    own = [number for file, number in lines if file == str(path.resolve())]
    if "Timeout" in traceback or ended is None:
        at = f", and was at line {own[0]}" if own else ""
        return f"{path.name} was not done after {limit:g} seconds{at}: is there a loop that never ends?"
    return f"{path.name} ended the program (exit code {ended}) before it had answered"


def _said(name: str, problem: Mapping[str, Any]) -> str:
    at = f"line {problem['line']}: " if problem.get("line") else ""
    return f"{name}, {at}{problem['kind']}: {problem['text']}" if problem["text"] else f"{name}, {at}{problem['kind']}"


# --- the verdict ----------------------------------------------------------------------------------------------------

GROUPS = (
    ("forward", (("z",), ("z_i", "z_f", "z_g", "z_o"), ("i", "f", "o"), ("g",), ("c",), ("h",))),
    (
        "backward",
        (("do",), ("dc",), ("di", "df", "dg"), ("dc_prev",), ("dz_i", "dz_f", "dz_g", "dz_o"), ("dx", "dh_prev"),
         ("dkernel", "drecurrent_kernel", "dbias")),
    ),
)  # fmt: skip
"""The thirteen blanks: which names each of them gives a value."""
RULES = {"forward": FORWARD_RULES, "backward": BACKWARD_RULES}


def check(path: Path, limit: float = TIME_LIMIT) -> Verdict:
    """Judge a file.

    Raises
    ------
    ValueError, OSError
        In one sentence that names line and reason, if it cannot be read, run, or run to its end.
    """
    reading = read(path)
    forward, backward = calls()
    small = _inputs(np.random.default_rng(1), 2, 2, 2, 1.0)
    ways = {name: np.random.default_rng(2).normal(size=(2, 2, 2))[k] for k, name in enumerate(("dh", "dc_next"))}
    own = {name: small[name] for name in template.BACKWARD if name in small} | ways
    cases = forward | {OWN: small} | backward | {"backward own": own}
    report, answers = run_child(path, cases, limit)
    verdict = Verdict()
    for kind, groups in GROUPS:
        if problems := _cannot(kind, report, reading):
            verdict.lines += problems
            continue
        given = forward if kind == "forward" else backward
        for group in groups:
            verdict.lines += _judge_group(kind, group, given, answers, report, reading)
        if changed := [name.partition(" ")[2] for name in report["changed"] if name.startswith(kind)]:
            verdict.lines.append(
                Line(
                    kind,
                    "wrong",
                    f"{changed[0]} is changed in place, and whoever called still needs it: write a = a + b, not a += b",
                )
            )
    if any(label.startswith("differences/") for label in answers):
        verdict.lines += _differences(small, answers)
    return verdict


def _cannot(kind: str, report: Mapping[str, Any], reading: Reading) -> list[Line]:
    """A function that cannot be called, raises an error, or returns no dict; nothing if it can."""
    if problem := report.get(kind):
        if problem["kind"] == "signature":
            wanted = template.FORWARD if kind == "forward" else template.BACKWARD
            return [Line(kind, "wrong", f"it must take ({', '.join(wanted)}): {problem['text']}")]
        blanks = [
            Line(name, "blank", "", reading.assigned[kind][name])
            for name in reading.assigned[kind]
            if name in reading.blank[kind]
        ]
        if blanks and problem["line"] and problem["line"] > blanks[0].number:
            return [
                *blanks,
                Line(kind, "open", "it can go no further before the blanks above are filled", problem["line"]),
            ]
        return [Line(kind, "wrong", f"{problem['kind']}: {problem['text']}", problem["line"])]
    if kind in report["odd"]:
        return [
            Line(
                kind, "wrong", f"it must return a dict of arrays, as the file had it, and returns {report['odd'][kind]}"
            )
        ]
    return []


def _judge_group(
    kind: str,
    group: tuple[str, ...],
    given: Mapping[str, Arrays],
    answers: Arrays,
    report: Mapping[str, Any],
    reading: Reading,
) -> list[Line]:
    """One blank: a line if all of it is right or blank, else a line for each name that is not right."""
    lines = [_judge_name(kind, name, given, answers, report, reading) for name in group]
    for verdict in ("right", "blank", "open"):
        if all(line.verdict == verdict for line in lines):
            return [Line(", ".join(group), verdict, lines[0].text, lines[0].number)]
    right = [line.names for line in lines if line.verdict == "right"]
    return ([Line(", ".join(right), "right")] if right else []) + [line for line in lines if line.verdict != "right"]


def _judge_name(
    kind: str, name: str, given: Mapping[str, Arrays], answers: Arrays, report: Mapping[str, Any], reading: Reading
) -> Line:
    number = reading.assigned[kind].get(name)
    if name in reading.blank[kind]:
        return Line(name, "blank", "", number)
    odd = report["odd"].get(f"{kind} {name}")
    if odd == "missing":
        return Line(name, "wrong", f"{kind} does not return it: the dict at its end must have the key {name!r}", number)
    if odd:
        return Line(name, "wrong", f"{name} must be an array of numbers, and is {odd}", number)
    rules = RULES[kind]
    rule = next(rule for rule in rules if rule.name == name)
    envs, values = [], []
    for label, arguments in given.items():
        found = {one.name: answers[f"{label}/{one.name}"] for one in rules if f"{label}/{one.name}" in answers}
        if name not in found:
            return Line(name, "open", "something it needs is still blank", number)
        env = known(rules, rule, _with_step(arguments), found)
        if env is not None:
            envs.append(env)
            values.append(found[name])
    if len(envs) < len(given) / 2 or not _fits(rule, envs):
        return Line(name, "open", "what it needs must be right first", number)
    sentence = judge.judge(rule, envs, values)
    return Line(name, "wrong", sentence, number) if sentence else Line(name, "right", "", number)


def _with_step(arguments: Arrays) -> Arrays:
    """A call's arguments with the step's numbers under their own names, and tanh(c), which the file computes itself."""
    found = {name.removeprefix("step."): value for name, value in arguments.items()}
    return found | ({"tanh_c": np.tanh(found["c"])} if "c" in found else {})


def _fits(rule: Rule, envs: list[Any]) -> bool:
    try:
        for env in envs:
            rule.right(env)
    except ValueError:
        return False  # something before it has a shape that cannot be
    return True


def _differences(small: Arrays, answers: Arrays) -> list[Line]:
    """Backward against central differences of the same file's forward."""
    wrong, largest = [], 0.0
    for name in (f"d{argument}" for argument in small):
        found, numeric = answers.get(f"backward own/{name}"), answers[f"differences/{name}"]
        error = np.inf
        if found is not None and found.shape == numeric.shape:
            size = float(np.linalg.norm(found) + np.linalg.norm(numeric))
            error = float(np.linalg.norm(found - numeric)) / size if size else 0.0
        if not error <= 1e-6:
            wrong.append(name)
        largest = max(largest, error)
    if wrong:
        return [
            Line("central differences", "wrong", f"of your own forward pass, they disagree with {', '.join(wrong)}")
        ]
    return [
        Line(
            "central differences",
            "right",
            f"of your own forward pass, they agree with backward to {largest:.0e} of its size",
        )
    ]


def report_lines(verdict: Verdict, say: Callable[[str], None]) -> None:
    """Say it all, and a last line that sums it up."""
    for line in verdict.lines:
        say(str(line))
    counts = {kind: sum(line.verdict == kind for line in verdict.lines) for kind in ("wrong", "blank", "open")}
    if verdict.right:
        say("All of it is right: this is the cell that the lab runs.")
    else:
        parts = [f"{count} {said}" for said, count in counts.items() if count]
        say(f"Not there yet: {', '.join(parts)}.")
