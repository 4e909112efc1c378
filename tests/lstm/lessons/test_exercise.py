"""The exercise: the unfilled file, the right solution, the mistakes people make, and files that cannot be run at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstm.cli import main
from lstm.lessons.learning.exercise.check import check, read
from lstm.lessons.learning.exercise.template import TEMPLATE

SOLUTION = {
    "z": "z = x @ kernel + h_prev @ recurrent_kernel + bias",
    "split": "z_i, z_f, z_g, z_o = np.split(z, 4, axis=-1)",
    "gates": "i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)",
    "g": "g = np.tanh(z_g)",
    "c": "c = f * c_prev + i * g",
    "h": "h = o * np.tanh(c)",
    "do": "do = dh * tanh_c",
    "dc": "dc = dc_next + dh * o * (1 - tanh_c**2)",
    "dgates": "di, df, dg = dc * g, dc * c_prev, dc * i",
    "dc_prev": "dc_prev = dc * f",
    "dz": "dz_i, dz_f, dz_g, dz_o = di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)",
    "inputs": "dx, dh_prev = dz @ kernel.T, dz @ recurrent_kernel.T",
    "weights": "dkernel, drecurrent_kernel, dbias = x.T @ dz, h_prev.T @ dz, dz.sum(axis=0)",
}
"""What belongs into the thirteen blanks, in their order."""


def filled(**instead: str | None) -> str:
    """The template with its blanks filled, some of them with something else; None leaves a blank."""
    lines, blanks = [], iter(SOLUTION)
    for line in TEMPLATE.splitlines():
        if " = ..." in line:
            name = next(blanks)
            assert line.split(" = ")[0].strip() == SOLUTION[name].split(" = ")[0], "the solution fits the template"
            new = instead.get(name, SOLUTION[name])
            indent = line[: len(line) - len(line.lstrip())]
            line = line if new is None else "\n".join(indent + part for part in new.split("\n"))
        lines.append(line)
    assert next(blanks, None) is None
    return "\n".join(lines) + "\n"


@pytest.fixture
def my_cell(tmp_path: Path) -> Path:
    return tmp_path / "my_cell.py"


def said(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    return [str(line) for line in check(path).lines]


def test_the_unfilled_file_names_its_thirteen_blanks(my_cell: Path) -> None:
    lines = said(my_cell, TEMPLATE)
    assert len(lines) == 13 and all(line.startswith("blank  ") for line in lines)
    source = TEMPLATE.splitlines()
    for line in lines:
        number = int(line.partition("(line ")[2].partition(")")[0])
        names = line.removeprefix("blank  ").partition(" (line")[0]
        assert source[number - 1].strip().startswith(f"{names} = ...")


def test_the_right_solution_is_right(my_cell: Path) -> None:
    lines = said(my_cell, filled())
    assert lines[:13] == [f"right  {answer.split(' = ')[0]}" for answer in SOLUTION.values()]
    assert len(lines) == 14
    assert lines[13].startswith("right  central differences: of your own forward pass, they agree with backward to ")


def test_half_of_it_is_judged_as_far_as_it_goes(my_cell: Path) -> None:
    blanks = dict.fromkeys(list(SOLUTION)[3:])
    lines = said(my_cell, filled(**blanks))
    assert lines[:3] == ["right  z", "right  z_i, z_f, z_g, z_o", "right  i, f, o"]
    assert [line.split()[0] for line in lines[3:]] == ["blank"] * 10
    lines = said(my_cell, filled(z=None, c=None))
    assert lines[:3] == [
        "blank  z (line 36)",
        "blank  c (line 40)",
        "open   forward (line 37): it can go no further before the blanks above are filled",
    ]
    assert [line.split()[0] for line in lines[3:]] == ["right"] * 7


# What somebody writes into a blank, and the one line that is said of it; the rest of the file is right.
MISTAKES = {
    "no bias": ({"z": "z = x @ kernel + h_prev @ recurrent_kernel"}, "z (line 36): z leaves out the bias"),
    "no past": ({"z": "z = x @ kernel + bias"}, "z (line 36): z leaves out h_prev @ recurrent_kernel, so the cell never hears of the past"),
    "order i, f, o, g": (
        {"split": "z_i, z_f, z_o, z_g = np.split(z, 4, axis=-1)"},
        "z_g (line 37): z_g is the block of the output gate: in z the gates stand in the order i, f, g, o",
    ),
    "interleaved": (
        {"split": "z_i, z_f, z_g, z_o = z[:, 0::4], z[:, 1::4], z[:, 2::4], z[:, 3::4]"},
        "z_i (line 37): z_i takes every fourth column: a gate's columns stand together in z",
    ),
    "tanh for a gate": ({"gates": "i, f, o = sigmoid(z_i), np.tanh(z_f), sigmoid(z_o)"}, "f (line 38): f uses tanh where σ belongs"),
    "sigmoid for the candidate": ({"g": "g = sigmoid(z_g)"}, "g (line 39): g uses σ where tanh belongs"),
    "no squashing": ({"g": "g = z_g"}, "g (line 39): g is z_g itself: tanh is missing"),
    "sign in the exponent": (
        {"gates": "i, f, o = 1 / (1 + np.exp(z_i)), sigmoid(z_f), sigmoid(z_o)"},
        "i (line 38): i has the wrong sign: it is σ(−z_i)",
    ),
    "an exponential that overflows": (
        {"gates": "i, f, o = sigmoid(z_i), np.exp(z_f) / (1 + np.exp(z_f)), sigmoid(z_o)"},
        "f (line 38): f is NaN where z_f is large, ",
    ),
    "clipped": (
        {"gates": "i, f, o = sigmoid(z_i), np.clip(sigmoid(z_f), 0.05, 0.95), sigmoid(z_o)"},
        "f (line 38): f is right except where the forget gate is saturated",
    ),
    "gates swapped": ({"c": "c = i * c_prev + f * g"}, "c (line 40): c has its gates swapped: f belongs to c_prev, i to g"),
    "no forget gate": ({"c": "c = c_prev + i * g"}, "c (line 40): c leaves out the forget gate: nothing is ever forgotten"),
    "1 − f": (
        {"c": "c = (1 - f) * c_prev + i * g"},
        "c (line 40): c keeps 1 − f of the past: f is how much stays, not how much goes",
    ),
    "old C for new": ({"h": "h = o * np.tanh(c_prev)"}, "h (line 41): h uses c before the update"),
    "no tanh": ({"h": "h = o * c"}, "h (line 41): h leaves out the tanh"),
    "in place": (
        {"c": "c = c_prev\nc *= f\nc += i * g"},
        "forward: c_prev is changed in place, and whoever called still needs it: write a = a + b, not a += b",
    ),
    "forgets the step after": (
        {"dc": "dc = dh * o * (1 - tanh_c**2)"},
        "dc (line 53): dc forgets what comes back from the step after: dc_next",
    ),
    "tanh not squared": (
        {"dc": "dc = dc_next + dh * o * (1 - tanh_c)"},
        "dc (line 53): dc has 1 − tanh(c) where 1 − tanh(c)² belongs",
    ),
    "new C for old": (
        {"dgates": "di, df, dg = dc * g, dc * step['c'], dc * i"},
        "df (line 54): df uses c after the update: the forget gate multiplied c_prev",
    ),
    "no carousel": ({"dc_prev": "dc_prev = dc"}, "dc_prev (line 55): dc_prev leaves out the forget gate"),
    "tanh' for a gate": (
        {"dz": SOLUTION["dz"].replace("f * (1 - f)", "(1 - f**2)")},
        "dz_f (line 56): dz_f uses the slope of tanh, 1 − f², and f needs that of σ, f (1 − f)",
    ),
    "half a slope": (
        {"dz": SOLUTION["dz"].replace("o * (1 - o)", "o")},
        "dz_o (line 56): dz_o multiplies by o alone: the slope is that of σ, o (1 − o)",
    ),
    "a slope that never dies": (
        {"dz": SOLUTION["dz"].replace("df * f * (1 - f)", "df * np.maximum(f * (1 - f), 0.04)")},
        "dz_f (line 56): dz_f is right except where the forget gate is saturated",
    ),
    "the wrong kernel": (
        {"inputs": "dx, dh_prev = dz @ kernel.T, dh + dz @ recurrent_kernel.T"},
        "dh_prev (line 58): dh_prev adds dh: h reaches the loss of this step, h_prev does not",
    ),
    "mean over the batch": (
        {"weights": SOLUTION["weights"].replace("dz.sum(axis=0)", "dz.mean(axis=0)")},
        "dbias (line 59): dbias is the mean over the batch where the sum belongs",
    ),
    "the first example alone": (
        {"weights": SOLUTION["weights"].replace("x.T @ dz,", "x[:1].T @ dz[:1],", 1)},
        "dkernel (line 59): dkernel is right except when there is more than one example in the batch",
    ),
    "not summed": (
        {"weights": SOLUTION["weights"].replace("dz.sum(axis=0)", "dz")},
        "dbias (line 59): dbias must have shape (4,) for batch 1, features 1 and units 1, and has (1, 4)",
    ),
    "sign": ({"do": "do = -dh * tanh_c"}, "do (line 52): do has the wrong sign"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gets_the_sentence_that_names_it(name: str, my_cell: Path) -> None:
    instead, sentence = MISTAKES[name]
    lines = said(my_cell, filled(**instead))
    wrong = [line.removeprefix("WRONG  ") for line in lines if line.startswith("WRONG")]
    assert any(line.startswith(sentence) for line in wrong), lines
    # Lines before it, and lines after it that are right as such, are not blamed.
    blamed = {line.split()[0].rstrip(":,") for line in wrong} - {"central"}
    own = {part.strip() for part in next(iter(instead.values())).split(" = ")[0].split(",")} | {"forward"}
    assert blamed <= own, lines
    assert sum(line.startswith("right") for line in lines) >= 11


def test_a_wrong_backward_disagrees_with_central_differences(my_cell: Path) -> None:
    lines = said(my_cell, filled(weights=SOLUTION["weights"].replace("dz.sum(axis=0)", "dz.mean(axis=0)")))
    assert lines[-1] == "WRONG  central differences: of your own forward pass, they disagree with dbias"


# --- files that cannot be run

PLAIN = filled()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (PLAIN.replace("h = o * np.tanh(c)", "h = o * np.tanh(c"), "my_cell.py is no Python yet: line 41: '(' was never closed"),
        (PLAIN.replace("def backward(", "def backwards("), "my_cell.py has no function backward(step, dh, dc_next, x, h_prev, "
         "c_prev, kernel, recurrent_kernel)"),
        (PLAIN + "\nprint(undefined)\n", "my_cell.py, line 71: NameError: name 'undefined' is not defined"),
        (PLAIN + "\nimport sys\nsys.exit(3)\n", "my_cell.py, line 72: SystemExit: it ends the program here"),
        (PLAIN + "\nimport os\nos._exit(3)\n", "my_cell.py ended the program (exit code 3) before it had answered"),
        ("\0", "my_cell.py is no Python"),
        ("x = 1\n" * 40_000, "my_cell.py has 240,000 bytes, and at most 200,000 are looked at"),
        ("(" * 5000, "my_cell.py is no Python"),
    ],
    ids=["open bracket", "no backward", "error at the top", "exit", "hard exit", "not text", "large", "deep"],
)  # fmt: skip
def test_a_file_that_cannot_be_run(text: str, sentence: str, my_cell: Path) -> None:
    my_cell.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        check(my_cell)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_an_endless_loop_ends_with_its_line(my_cell: Path) -> None:
    my_cell.write_text(filled(c="c = f * c_prev + i * g\nwhile True:\n    c = c + 0"), encoding="utf-8")
    with pytest.raises(ValueError) as caught:
        check(my_cell, limit=2)
    assert str(caught.value) in {
        f"my_cell.py was not done after 2 seconds, and was at line {line}: is there a loop that never ends?"
        for line in (41, 42)
    }


@pytest.mark.parametrize(
    ("instead", "line"),
    [
        ({"h": "h = o * np.tanh(C)"}, "WRONG  forward (line 41): NameError: name 'C' is not defined"),
        ({"z": "z = x @ kernel.T + h_prev @ recurrent_kernel + bias"}, "WRONG  forward (line 36): ValueError: "),
        ({"c": "c = None"}, "WRONG  forward (line 41): TypeError: "),
        ({"h": "h = 'o tanh c'"}, "WRONG  h (line 41): h must be an array of numbers, and is str"),
        ({"h": "h = (o * np.tanh(c)).T"}, "WRONG  h (line 41): h must have shape "),
        ({"g": "g = np.tanh(z_g) * np.nan"}, "WRONG  g (line 39): g is NaN"),
        ({"do": "do = np.log(-np.abs(dh))"}, "WRONG  do (line 52): do is NaN"),
    ],
)
def test_a_line_that_cannot_be(instead: dict[str, str], line: str, my_cell: Path) -> None:
    lines = said(my_cell, filled(**instead))
    assert any(one.startswith(line) for one in lines), lines


def test_what_follows_a_broken_line_waits(my_cell: Path) -> None:
    lines = said(my_cell, filled(g="g = np.tanh(z_g) * np.nan"))
    assert "open   c (line 40): what it needs must be right first" in lines


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("return {\"z\": z,", "return h, {\"z\": z,"), "WRONG  forward: it must return a dict of arrays, as the file had it, "
         "and returns tuple"),
        (("\"h\": h}", "}"), "WRONG  h (line 41): forward does not return it: the dict at its end must have the key 'h'"),
        (("def forward(x, h_prev, c_prev, ", "def forward(x, h_prev, "), "WRONG  forward: it must take (x, h_prev, c_prev, kernel, "
         "recurrent_kernel, bias): yours takes (x, h_prev, kernel, recurrent_kernel, bias)"),
    ],
)  # fmt: skip
def test_another_form_of_the_functions(change: tuple[str, str], line: str, my_cell: Path) -> None:
    assert line in said(my_cell, PLAIN.replace(*change))


def test_the_file_is_read_before_it_is_run(my_cell: Path) -> None:
    my_cell.write_text(PLAIN)
    reading = read(my_cell)
    assert reading.assigned["forward"]["c"] == 40 and not reading.blank["forward"]
    assert reading.assigned["backward"]["dz_f"] == 56


# --- the two commands


def run(*argv: str) -> int:
    return main(list(argv))


def test_exercise_writes_the_file_and_never_over_somebodys_work(
    my_cell: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("exercise", "--out", str(my_cell)) == 0
    assert my_cell.read_text(encoding="utf-8") == TEMPLATE
    assert capsys.readouterr().out == f"Wrote {my_cell}. Fill the first blank, then: python -m lstm check {my_cell}\n"
    my_cell.write_text("work")
    assert run("exercise", "--out", str(my_cell)) == 2
    assert capsys.readouterr().err.startswith(f"error: '{my_cell}' is there already and may hold your work")
    assert my_cell.read_text() == "work"
    assert run("exercise", "--out", str(my_cell), "--force") == 0 and my_cell.read_text(encoding="utf-8") == TEMPLATE


def test_check_exits_with_1_until_all_is_right_and_2_where_nothing_can_be_said(
    my_cell: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    my_cell.write_text(TEMPLATE)
    assert run("check", str(my_cell), "--train") == 1
    out = capfd.readouterr().out.splitlines()
    assert out[-2:] == ["Not there yet: 13 blank.", "--train waits until everything is right."]
    my_cell.write_text("def forward(:")
    assert run("check", str(my_cell)) == 2
    assert capfd.readouterr().err == "error: my_cell.py is no Python yet: line 1: invalid syntax\n"
    assert run("check", str(my_cell.with_name("nothing.py"))) == 2
    assert "nothing.py': python -m lstm exercise writes one\n" in capfd.readouterr().err
    for no_file in ("/dev/zero", str(my_cell.parent)):
        assert run("check", no_file) == 2
        assert capfd.readouterr().err == f"error: there is no file {no_file!r}: python -m lstm exercise writes one\n"
    assert run("check", str(my_cell), "--limit", "0") == 2
    assert capfd.readouterr().err == "error: --limit must be from 1 to 600 seconds, got 0\n"


def test_the_readers_own_cell_learns_parity(my_cell: Path, capfd: pytest.CaptureFixture[str]) -> None:
    my_cell.write_text(PLAIN)
    assert run("check", str(my_cell), "--train") == 0
    out = capfd.readouterr().out.splitlines()
    assert "All of it is right: this is the cell that the lab runs." in out
    answers = [line for line in out if "your network says" in line]
    assert len(answers) == 8
    for line in answers:
        bits, said_odd, answer = line.split()[:3], "odd" in line, float(line.split()[-1])
        assert said_odd == (bits.count("1") % 2 == 1)
        assert np.isclose(answer, said_odd, atol=0.2)
    ours, yours = (part.split()[-1].rstrip(".,") for part in out[-1].split(", "))
    assert ours == yours  # the same arithmetic, the same training


def test_a_cell_that_breaks_in_training_is_one_sentence(my_cell: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Right on every call of the check, and wrong once it sees eight sequences at a time."""
    my_cell.write_text(filled(h="h = o * np.tanh(c)\nassert len(x) < 8, 'too many'"))
    assert run("check", str(my_cell), "--train") == 2
    assert capfd.readouterr().err == "error: my_cell.py, line 42: AssertionError: too many\n"
