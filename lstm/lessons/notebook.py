"""An experiment as a notebook to take along: what it is, its data, the network's source, the training, the evaluation, a question.

The notebook holds the very files that the lab runs, `cell.py` first, and writes them beside itself: it needs neither this
project nor, where the data are included, a network.
"""

from __future__ import annotations

import ast
from dataclasses import fields
from pathlib import Path
from typing import Any

from lstm.datasets.catalogue import DATASETS, Dataset
from lstm.lessons.cells import CELLS

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = {("sentiment", "reviews"): "data/reviews.csv", ("topics", "topics"): "data/topics.csv"}
"""The file of the project that an experiment reads, by lesson and data."""
MAX_INCLUDED = 2_000_000
"""Characters of a visitor's own text or table that are written into a notebook."""
ABOUT = {
    "digits": "a reader of handwritten digits, row by row",
    "forecast": "a forecaster of a series, beside honest baselines",
    "memory": "a memory: which symbol came first? LSTM and SimpleRNN side by side",
    "relatives": "an LSTM among its relatives: GRU, minLSTM, attention and SimpleRNN learn the same task side by side",
    "sentiment": "a reader of film reviews, for or against",
    "text": "a language model that learns to write a text, character by character or word by word",
    "topics": "a reader of sentences that says what each is about",
}
"""What an experiment trains, by lesson."""
QUESTIONS = {
    "digits": "Which two digits does the network confuse most, and after which row does it begin to tell them apart?",
    "forecast": "How much of its success would a forecast have that repeats the value of one season ago? Compute it.",
    "memory": "At which distance does the LSTM stop learning the task with these settings, and what would you change first?",
    "relatives": "Which of the networks has the fewest parameters for the loss it reaches? Count them by hand for one.",
    "sentiment": "Write a review whose score changes sides at its last word. What does that say about its memory?",
    "text": "Double the hidden state. How much does the validation loss fall, and how much longer does a step take?",
    "topics": "Which words alone, without any order, would give away most of the topics? Compare with counting them.",
}
"""What the notebook asks at its end, by lesson."""


def notebook(config: Any) -> str:
    """The text of an .ipynb file that repeats an experiment.

    Parameters
    ----------
    config : an experiment of `lstm.lessons`, with its settings

    Raises
    ------
    ValueError
        If the experiment's own data are too large to be written into a notebook, or files of the project are missing.
    """
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    _check_size(config)
    files = source_files(type(config).__module__)
    cells = [new_markdown_cell(_beginning(config)), new_code_cell(_folders(files))]
    needed = _downloads(config)
    cells.append(new_markdown_cell(_about_data(config, needed)))
    if needed:
        cells.append(new_code_cell(_place(needed)))
    if shipped := SHIPPED.get((config.lesson, getattr(config, "data", ""))):
        cells.append(new_code_cell(f"%%writefile {shipped}\n{_read(shipped)}"))
    cells.append(new_markdown_cell("## The network\n\nEach cell writes one file of the package. `cell.py` has the equations: begin there."))
    cells += [new_code_cell(f"%%writefile {name}\n{_read(name)}") for name in files]
    cells += [
        new_markdown_cell("## The training\n\nThe same settings, seed and machine give the same losses, bit for bit."),
        new_code_cell(_training(config)),
        new_markdown_cell("## The loss"),
        new_code_cell(CURVE),
        new_markdown_cell("## The evaluation\n\nMeasured on what was held out from the training."),
        new_code_cell(EVALUATION),
        new_markdown_cell(f"## A question\n\n{QUESTIONS[config.lesson]}"),
        new_code_cell(""),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # drawn at random otherwise: the same experiment is the same file
    made = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    nbformat.validate(made)
    return nbformat.writes(made)


CURVE = """\
import matplotlib.pyplot as plt

for name, color in (("loss", "C0"), ("val_loss", "C1")):
    steps, values = result.history.series(name)
    if steps:
        plt.plot(steps, values, color=color, label={"loss": "training", "val_loss": "validation"}[name])
plt.xlabel("steps")
plt.ylabel("loss")
plt.legend()
plt.show()
"""
EVALUATION = """\
for name, value in result.metrics.items():
    print(f"{name}: {value:.6g}" if isinstance(value, float) else f"{name}: {value}")
"""


def source_files(module: str) -> list[str]:
    """The files that a module of the package needs, itself included, `cell.py` first, then the network's, then the others."""
    waiting, found = [module, "lstm", "lstm.cell"], set()
    while waiting:
        parts = waiting.pop().split(".")
        for end in range(1, len(parts) + 1):  # a module and the packages it lies in
            name = ".".join(parts[:end])
            path = _file(name)
            if path is None or name in found or name.startswith("lstm.cli"):
                continue
            found.add(name)
            waiting += _imports(name, path)
    paths = [str(_file(name).relative_to(ROOT).as_posix()) for name in found]  # type: ignore[union-attr]
    return sorted(paths, key=lambda path: (path != "lstm/cell.py", path.count("/"), path))


def _file(name: str) -> Path | None:
    place = ROOT / Path(*name.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def _imports(name: str, path: Path) -> list[str]:
    """What a file imports of the package, also inside functions; of `from a import b` both a and a.b."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return [one for one in found if one.split(".")[0] == "lstm"]


def _read(name: str) -> str:
    path = ROOT / name
    if not path.is_file():
        raise ValueError(f"a notebook of this experiment needs {name}, which is not here: make it in the project's folder")
    return path.read_text(encoding="utf-8").rstrip("\n")


def included(config: Any) -> int:
    """About how many characters an experiment's own data take in a notebook."""
    values = [getattr(config, f.name) for f in fields(config)]
    return sum(len(v) if isinstance(v, str) else 20 * len(v) for v in values if isinstance(v, str | tuple | list))


def _check_size(config: Any) -> None:
    size = included(config)
    if size > MAX_INCLUDED:
        raise ValueError(
            f"the experiment's own data take about {size:,} characters, and a notebook includes at most {MAX_INCLUDED:,}: "
            "take a part of them"
        )


def _changed(config: Any) -> dict[str, Any]:
    """The settings that differ from their defaults."""
    return {f.name: value for f in fields(config) if (value := getattr(config, f.name)) != f.default}


def _downloads(config: Any) -> list[Dataset]:
    """The data sets that the experiment reads and the project does not hold."""
    return [DATASETS[v] for f in fields(config) if isinstance(v := getattr(config, f.name), str) and v in DATASETS]


def _beginning(config: Any) -> str:
    rows = "".join(f"| {name} | {str(value)[:60]} |\n" for name, value in _changed(config).items())
    table = f"\n\n| setting | here |\n|---|---|\n{rows}" if rows else ""
    more = {"digits": " and scikit-learn", "text": " and regex", "sentiment": " and regex", "topics": " and regex"}.get(config.lesson, "")
    name = CELLS[getattr(config, "cell", "lstm")].__name__
    return (
        f"# {config.lesson.title()}: {ABOUT[config.lesson]}\n\n{'An' if name == 'LSTM' else 'A'} {name} trained from scratch in "
        f"NumPy; the whole network stands below, written to be read. Settings that are not the lesson's usual ones:"
        f"{table or ' none.'}\n\n"
        f"Needed: NumPy and matplotlib{more}; Kaggle and Colab have them. Run it from top to bottom."
    )


def _about_data(config: Any, needed: list[Dataset]) -> str:
    if needed:
        one = needed[0]
        names = ", ".join(f"`lstm-lab-data/{one.folder}/{file.name}`" for file in one.files)
        places = "\n".join(f"- {file.urls[0]}" for file in one.files)
        return (
            f"## The data\n\n{one.title}: {one.about} Licence: {one.licence}. They are not part of this notebook. Place the files as "
            f"{names}; they are served at\n\n{places}\n\nWith a network and the package pooch they are fetched where they are missing."
        )
    if (config.lesson, getattr(config, "data", "")) in SHIPPED:
        return "## The data\n\nThey are included: the next cell writes them into a file."
    return "## The data\n\nThey are included, or made by the code below: nothing is downloaded."


def _place(needed: list[Dataset]) -> str:
    wanted = [f"lstm-lab-data/{one.folder}/{file.name}" for one in needed for file in one.files]
    return (
        "import os\nfrom pathlib import Path\n\nos.environ[\"LSTM_LAB_CACHE\"] = \"lstm-lab-data\"\n"
        f"for name in {wanted!r}:\n    Path(name).parent.mkdir(parents=True, exist_ok=True)\n"
        "    print(name, \"is here\" if Path(name).is_file() else \"is missing: place it there\")\n"
    )  # fmt: skip


def _folders(files: list[str]) -> str:
    folders = sorted({str(Path(name).parent.as_posix()) for name in files} | {"data"})
    return f"from pathlib import Path\n\nfor folder in {folders!r}:\n    Path(folder).mkdir(parents=True, exist_ok=True)\n"


def _training(config: Any) -> str:
    kind = type(config)
    settings = "".join(f"    {name}={value!r},\n" for name, value in _changed(config).items())
    return (
        f"from {kind.__module__} import {kind.__name__}\n\nconfig = {kind.__name__}({chr(10) if settings else ''}{settings})\n"
        "run, said = config.run(), 0.0\n"
        "while True:\n    try:\n        progress = next(run)\n    except StopIteration as end:\n        result = end.value\n        break\n"
        "    if progress.seconds - said >= 5 and \"loss\" in progress.metrics:\n        said = progress.seconds\n"
        "        print(f\"step {progress.step}  loss {progress.metrics['loss']:.4f}\", flush=True)\n"
        "print(result.ended, \"after\", round(result.history.seconds, 1), \"seconds\")\n"
    )  # fmt: skip
