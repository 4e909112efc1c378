"""The rules of the project: who may import whom, what every file has, and that nothing heavy or foreign slips in."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lstm.cli import COMMANDS
from lstm.cli.lessons import LESSONS

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {
    "streamlit",
    "pandas",
    "sklearn",
    "keras",
    "jax",
    "tensorflow",
    "torch",
    "dask",
    "distributed",
    "pooch",
    "altair",
    "wordcloud",
}
LARGEST = 3_000_000


def repository_files() -> list[Path]:
    """What belongs to the project: everything under version control, or everything there is where git cannot tell."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 and listed.stdout else []
    paths = [ROOT / name for name in names if name] or [
        path for path in ROOT.rglob("*")
        if not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(ROOT).parts[:-1])
        and path.suffix != ".pyc"
    ]  # fmt: skip
    return sorted(path for path in paths if path.is_file())


FILES = repository_files()
MODULES = [path for path in FILES if path.suffix == ".py"]
TREES = {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in MODULES}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def inside(*folders: str) -> list[Path]:
    return [path for path in MODULES if path.relative_to(ROOT).parts[0] in folders]


def imports(path: Path, only_on_import: bool = False) -> set[str]:
    """Full names of the modules a file imports, also inside functions and by name, unless `only_on_import`.

    `from a import b` counts as "a" and "a.b". Blocks under `if TYPE_CHECKING` are not run, and left out on import.
    """
    found: set[str] = set()

    def look(node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).with_suffix("").parts[: -node.level] if node.level else ()
            base = ".".join([*package, *([node.module] if node.module else [])])
            found.update({base, *(f"{base}.{alias.name}" for alias in node.names)})
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and not only_on_import:
                found.add(str(node.args[0].value))
        if only_on_import and (
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        ):
            return
        for child in ast.iter_child_nodes(node):
            look(child)

    look(TREES[path])
    return found


def packages(path: Path, only_on_import: bool = False) -> set[str]:
    return {name.split(".")[0] for name in imports(path, only_on_import)}


# --- who may import whom --------------------------------------------------------------------------------------------


def test_the_reader_of_imports_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests below are worth what this function is worth."""
    path = ROOT / "lstm" / "sub" / "made_up.py"
    source = """
import os, a.b
from . import near
from .. import up
from ..model import Sequential
if TYPE_CHECKING:
    import typed
def f():
    from late import thing
    importlib.import_module("by.name")
class C:
    import in_class
"""
    monkeypatch.setitem(TREES, path, ast.parse(source))
    everything = imports(path)
    expected = {"os", "a.b", "lstm.sub.near", "lstm.up", "lstm.model", "lstm.model.Sequential", "in_class"}
    assert expected | {"typed", "late", "late.thing", "by.name"} == everything - {"lstm", "lstm.sub"}
    assert expected == imports(path, only_on_import=True) - {"lstm", "lstm.sub"}


@pytest.mark.parametrize(
    ("folder", "never"),
    [
        ("lstm", {"ui", "jobs", "rooms", "pages", "dashboard", "streamlit", "benchmarks", "tests"}),
        ("jobs", {"ui", "pages", "dashboard", "streamlit", "lstm", "rooms", "benchmarks", "tests"}),
        ("rooms", {"ui", "pages", "dashboard", "streamlit", "lstm", "jobs", "benchmarks", "tests"}),
        ("ui", {"pages", "dashboard", "benchmarks", "tests"}),
        ("pages", {"pages", "dashboard", "benchmarks", "tests"}),
        ("benchmarks", {"jobs", "pages", "dashboard", "tests"}),
    ],
)
def test_imports_go_one_way(folder: str, never: set[str]) -> None:
    paths = inside(folder)
    assert paths
    wrong = {name_of(path): sorted(packages(path) & never) for path in paths if packages(path) & never}
    assert not wrong


def test_pages_and_ui_import_no_page_by_its_file_name() -> None:
    """Streamlit puts the folder of a page on the path, so `import text` would find pages/text.py."""
    stems = {path.stem for path in inside("pages")}
    assert not {name_of(path): packages(path) & stems for path in inside("pages", "ui") if packages(path) & stems}


def test_only_the_interface_knows_streamlit() -> None:
    knowing = {path.relative_to(ROOT).parts[0] for path in MODULES if "streamlit" in packages(path)}
    assert knowing <= {"dashboard.py", "pages", "ui", "tests", "benchmarks"}
    spoken = {name for path in inside("benchmarks") for name in imports(path) if name.startswith("streamlit")}
    assert spoken and all(name.startswith("streamlit.proto") for name in spoken), "the visitors' language, and no more"


def test_lstm_needs_numpy_and_nothing_else_to_be_imported() -> None:
    allowed = {"numpy", "lstm"} | set(sys.stdlib_module_names)
    wrong = {name_of(p): packages(p, only_on_import=True) - allowed for p in inside("lstm")}
    assert not {name: extra for name, extra in wrong.items() if extra}


def loaded_by(statement: str) -> set[str]:
    """The top-level modules a fresh interpreter holds after a statement that it did not hold before."""
    script = f"import sys, json; before = set(sys.modules); {statement}; print(json.dumps(sorted(set(sys.modules) - before)))"
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return {name.split(".")[0] for name in json.loads(ran.stdout)}


def test_importing_lstm_in_a_fresh_interpreter() -> None:
    loaded = loaded_by("import lstm")
    assert "lstm" in loaded and not loaded & HEAVY
    foreign = {name for name in loaded - set(sys.stdlib_module_names) if not name.startswith(("_cython", "cython"))}
    assert foreign <= {"lstm", "numpy"}


def test_every_module_of_lstm_stays_light() -> None:
    names = [".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for p in inside("lstm")]
    loaded = loaded_by("import " + ", ".join(name for name in names if not name.endswith("__main__")))
    assert not loaded & HEAVY


def test_the_engine_does_not_load_the_interface() -> None:
    loaded = loaded_by("import jobs.engine, jobs.job, jobs.driver, jobs.local")
    assert not loaded & {"streamlit", "altair", "keras", "lstm", "ui"}


# --- how files hang together ------------------------------------------------------------------------------------------

BEYOND_THE_NETWORK = {"preprocessing", "datasets", "lessons", "cli"}
"""Folders of lstm/ that its own files, the network, know nothing of."""

BASE_UI = {"browser", "room", "server"}
"""Folders of ui/ that all of it stands on."""

SHARED_UI = {"reading", "cell", "runs", *BASE_UI}
"""Folders of ui/ that lessons share."""

MOST_FILES = 20
"""Python files that may stand side by side in ui/."""

LONGEST = 60
REASON = "Long because"
"""A function of lstm/ with more lines than `LONGEST` gives its reason in its docstring, in words that begin like this."""

STARTS = {
    "dashboard.py", "lstm/__main__.py", "lstm/cli/app.py", "jobs/local.py", "benchmarks/__main__.py", "benchmarks/classroom.py",
    "benchmarks/worker.py",
}  # fmt: skip
"""Files that are run by name, beside pages, tests and the scripts in data/."""


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


DOTTED = {dotted(path): path for path in MODULES}


def neighbours(name: str) -> set[str]:
    """The project's modules that a module imports, wherever in it; of `from a import b` it is a.b if that is a file, else a.

    What stands under `if TYPE_CHECKING` counts: who reads a file has to know those files too.
    """
    path, found = DOTTED[name], set()
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    waiting: list[ast.AST] = [TREES[path]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found.update(both if (both := f"{base}.{alias.name}") in DOTTED else base for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found.update(one.value for one in node.args if isinstance(one, ast.Constant))
        waiting.extend(ast.iter_child_nodes(node))
    return (found & set(DOTTED)) - {name}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected parts of a graph that have more than one node, each sorted (Tarjan, 1972, without recursion)."""
    order, low, stack, found = {}, {}, [], []
    for root in graph:
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack.append(root)
        work = [(root, iter(sorted(graph[root])))]
        while work:
            node, ahead = work[-1]
            for other in ahead:
                if other not in order:
                    order[other] = low[other] = len(order)
                    stack.append(other)
                    work.append((other, iter(sorted(graph[other]))))
                    break
                if other in stack:
                    low[node] = min(low[node], order[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    part = stack[stack.index(node) :]
                    del stack[stack.index(node) :]
                    if len(part) > 1:
                        found.append(sorted(part))
    return found


def test_the_finder_of_circles_finds_them() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}, "f": {"a"}, "g": set()}
    assert sorted(circles(graph)) == [["a", "b", "c"], ["d", "e"]]
    assert not circles({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()})


def test_no_file_imports_in_a_circle() -> None:
    """Neither when it is loaded nor later, inside a function, nor for types alone: that hides a circle, and does not open it."""
    graph = {name: neighbours(name) for name in DOTTED if not name.startswith("tests")}
    assert sum(map(len, graph.values())) > 300
    assert not circles({name: found & set(graph) for name, found in graph.items()})


def test_the_network_knows_no_lesson() -> None:
    network = [path for path in inside("lstm") if len(path.relative_to(ROOT).parts) == 2 and path.name != "__main__.py"]
    assert len(network) >= 15
    wrong = {
        name_of(path): sorted(one for one in imports(path) if one.startswith("lstm.") and one.split(".")[1] in BEYOND_THE_NETWORK)
        for path in network
    }
    assert not {name: found for name, found in wrong.items() if found}


def test_a_lesson_of_the_interface_imports_no_other_lessons_folder() -> None:
    lessons = {path.relative_to(ROOT).parts[1] for path in inside("ui") if len(path.relative_to(ROOT).parts) > 2}
    assert len(lessons) >= 10 and lessons >= SHARED_UI
    wrong = {}
    for path in inside("ui"):
        if name_of(path) == "ui/home/plan.py":  # the plan of a class is made of lessons' links
            continue
        parts = path.relative_to(ROOT).parts
        own = parts[1] if len(parts) > 2 else ""
        known = {one.split(".")[1] for one in imports(path) if one.startswith("ui.")} & lessons
        allowed = {own} | (SHARED_UI if own not in SHARED_UI else BASE_UI)
        if own and (others := known - allowed):
            wrong[name_of(path)] = sorted(others)
        if not own and (others := known - {"cell", *BASE_UI}):  # what all share knows no lesson
            wrong[name_of(path)] = sorted(others)
    assert not wrong


def test_every_file_is_imported_by_somebody() -> None:
    """What nobody imports is either run by name or left over. Tests do not count; that a package exists does."""
    imported = {found for name in DOTTED if not name.startswith("tests") for found in neighbours(name)}
    listed = {f"lstm.cli.commands.{name}" for name in COMMANDS} | {f"lstm.cli.lessons.{name}" for name in LESSONS}
    run = {dotted(ROOT / name) for name in STARTS} | listed
    alone = {
        name for name, path in DOTTED.items()
        if name.split(".")[0] not in ("tests", "pages", "data") and path.name != "__init__.py"
    } - imported - run  # fmt: skip
    assert not alone


def test_the_folders_of_the_interface_can_be_read_at_a_glance() -> None:
    count = Counter(path.parent for path in inside("ui"))
    assert max(count.values()) > 5
    assert not {name_of(folder): n for folder, n in count.items() if n > MOST_FILES}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(TREES[path]) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def test_no_function_of_lstm_is_long_without_a_reason() -> None:
    long = {
        f"{name_of(path)}: {node.name}": node.end_lineno - node.lineno + 1
        for path in inside("lstm") for node in functions(path)
        if node.end_lineno - node.lineno + 1 > LONGEST and REASON not in (ast.get_docstring(node) or "")
    }  # fmt: skip
    assert not long


def read_of_the_script(tree: ast.Module) -> list[str]:
    """What functions of a page read of what its script assigns as it runs, as "function: name"; constants are in capitals."""
    script = {
        name.id for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
        for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }  # fmt: skip
    found = []
    for function in [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]:
        own = {arg.arg for arg in ast.walk(function) if isinstance(arg, ast.arg)} | {
            name.id for name in ast.walk(function) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        }
        read = {name.id for name in ast.walk(function) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)}
        found += [f"{function.name}: {name}" for name in sorted((read & script) - own) if not name.isupper()]
    return found


def test_the_reader_of_pages_sees_what_is_read_of_the_script() -> None:
    page = "A = 1\ndef f(x):\n    return A + job + x\ndef g():\n    job = 2\n    return job\njob = 3\nif job:\n    late = 1\n"
    assert read_of_the_script(ast.parse(page)) == ["f: job"]
    assert read_of_the_script(ast.parse("def h():\n    return late\nwith a() as late:\n    h()\n")) == ["h: late"]
    assert read_of_the_script(ast.parse("early = 1\ndef h():\n    return early\n")) == ["h: early"]


@pytest.mark.parametrize("path", [ROOT / "dashboard.py", *inside("pages")], ids=name_of)
def test_a_section_is_a_function_of_its_arguments(path: Path) -> None:
    assert not read_of_the_script(TREES[path])


# --- pages ----------------------------------------------------------------------------------------------------------


def test_every_page_is_a_lesson_and_reachable() -> None:
    from ui import frame

    assert (
        len({lesson.file for lesson in frame.LESSONS})
        == len({lesson.title for lesson in frame.LESSONS})
        == len(frame.LESSONS)
    )
    reachable = {lesson.file for lesson in frame.lessons() if lesson.group in frame.GROUPS}
    reachable |= {page.file for page in frame.others()}
    assert {name_of(path) for path in inside("pages")} <= reachable
    assert all(lesson.aim.endswith((".", "?", "!")) and lesson.minutes > 0 for lesson in frame.LESSONS)


@pytest.mark.parametrize("path", [ROOT / "dashboard.py", *inside("pages")], ids=name_of)
def test_every_page_begins_with_the_frame_under_its_lessons_title(path: Path) -> None:
    from ui import frame

    constants = {
        node.targets[0].id: node.value.value for node in TREES[path].body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant)
    }  # fmt: skip
    calls = [
        n for n in ast.walk(TREES[path]) if isinstance(n, ast.Call) and ast.unparse(n.func) in ("frame.page", "live.begin")
    ]
    assert len(calls) == 1, "one call of frame.page, or of live.begin, which calls it"
    title = constants.get(calls[0].args[0].id) if isinstance(calls[0].args[0], ast.Name) else calls[0].args[0].value
    known = (*frame.LESSONS, *frame.others())
    expected = next((page.title for page in known if page.file == name_of(path)), "LSTM Lab")
    assert title == expected


def test_sections_are_headings_of_the_second_level() -> None:
    """`st.header`, which the outline of a page lists; a third level is for what stands within a section."""
    files = (ROOT / "dashboard.py", *inside("pages"), *inside("ui"))
    third = {name_of(path) for path in files if "st.subheader(" in path.read_text(encoding="utf-8")}
    assert third == {"pages/teachers.py"}  # each step of the plan, within the plan


def test_every_page_under_test_has_the_same_time() -> None:
    """AppTest gives a script 3 seconds unless told otherwise, and a shared machine can stand still for longer."""
    calls = {
        f"{name_of(path)}:{node.lineno}": {word.arg: ast.unparse(word.value) for word in node.keywords}
        for path in inside("tests") for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("AppTest.from_")
    }  # fmt: skip
    assert len(calls) > 5
    assert not [place for place, words in calls.items() if words.get("default_timeout") != "60"]


# --- data -----------------------------------------------------------------------------------------------------------


def test_every_data_set_has_a_checksum_and_an_origin() -> None:
    from lstm.datasets import DATASETS

    assert DATASETS
    digits = {"sha256": 64, "md5": 32}
    for dataset in DATASETS.values():
        assert dataset.title and dataset.about and dataset.licence and dataset.files, dataset.name
        for file in dataset.files:
            algorithm, _, value = file.checksum.partition(":")
            assert re.fullmatch(f"[0-9a-f]{{{digits[algorithm]}}}", value), file.name
            assert file.size > 0 and file.urls and all(url.startswith("https://") for url in file.urls), file.name


def test_every_file_that_ships_is_explained() -> None:
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    shipped = [p for p in FILES if p.relative_to(ROOT).parts[0] == "data" and p.name != "README.md"]
    assert not [name_of(p) for p in shipped if p.name not in readme]


def test_shipped_models_can_be_loaded() -> None:
    from lstm import load_model

    for path in FILES:
        if path.suffix == ".npz":
            assert load_model(path).metadata["lesson"], name_of(path)


def test_no_file_is_large() -> None:
    assert not {name_of(path): path.stat().st_size for path in FILES if path.stat().st_size > LARGEST}


# --- every file -----------------------------------------------------------------------------------------------------


def test_every_module_says_what_it_owns() -> None:
    assert not [name_of(path) for path in MODULES if not (ast.get_docstring(TREES[path]) or "").strip()]


def test_public_functions_of_lstm_have_types_and_docstrings() -> None:
    wrong = []
    for path in inside("lstm"):
        for node in TREES[path].body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    wrong.append(f"{name_of(path)}: {node.name} has no docstring")
                if isinstance(node, ast.FunctionDef) and node.returns is None:
                    wrong.append(f"{name_of(path)}: {node.name} has no return type")
    assert not wrong


def spelt(*pieces: str) -> str:
    """A word this file must not hold itself."""
    return "".join(pieces)


FORBIDDEN = [
    spelt("py", "pi.org"), spelt("pythonhosted", ".org"), spelt("npm", "js.org"), spelt("npm", "js.com"), spelt("anaconda", ".org"),
    spelt("conda.", "anaconda"), spelt("jsdelivr", ".net"), spelt("unpkg", ".com"), spelt("download.", "pytorch.org"),
    spelt("/work", "/main"), spelt("/work", "/shared"), spelt("/root", "/w/"),
    spelt("# TO", "DO"), spelt("# FIX", "ME"), spelt("# X", "XX"), spelt("allow_pickle", "=True"), spelt("unsafe_allow_html", "=True"),
]  # fmt: skip


@pytest.mark.parametrize("word", FORBIDDEN)
def test_words_that_stand_nowhere(word: str) -> None:
    """Host names of package registries, paths of one machine, unfinished work, and two arguments that are never safe."""
    tests_of_bad_files = {"tests/lstm/test_storage.py"} if "pickle" in word else set()
    wrong = [
        name_of(path) for path in FILES
        if name_of(path) not in tests_of_bad_files and word.encode() in path.read_bytes()
    ]  # fmt: skip
    assert not wrong


def test_text_files_are_utf8_and_end_with_a_line_end() -> None:
    text = {".py", ".md", ".toml", ".txt", ".css", ".js", ".csv", ".json", ".svg"}
    for path in FILES:
        if path.suffix in text and path.stat().st_size:
            content = path.read_bytes()
            content.decode("utf-8")
            assert b"\r\n" not in content and content.endswith(b"\n"), name_of(path)


def test_nothing_is_drawn_from_a_global_generator() -> None:
    """Randomness is an argument: no `np.random.seed`, no `np.random.normal`, no `random.random`."""
    allowed = {"np.random.default_rng", "np.random.Generator"}
    wrong = []
    for path in inside("lstm", "jobs", "pages", "ui", "benchmarks", "dashboard.py"):
        for node in ast.walk(TREES[path]):
            if isinstance(node, ast.Attribute):
                written = ast.unparse(node)
                if re.fullmatch(r"(np|numpy)\.random\.\w+", written) and written not in allowed:
                    wrong.append(f"{name_of(path)}:{node.lineno} {written}")
        if "random" in packages(path):
            wrong.append(f"{name_of(path)} imports random")
    assert not wrong
