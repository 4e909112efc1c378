"""The command line: what it prints, what it refuses in a sentence, and that nothing is lost."""

from __future__ import annotations

import hashlib
import io
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pooch
import pytest

from lstm import LSTM, Dense, OneHot, Sequential, gradcheck, load_model
from lstm.cli import files, main, terminal
from lstm.datasets import catalogue

ROOT = Path(__file__).resolve().parents[3]
SMALL = ["--corpus", "tale_opening", "--units", "8", "--time-steps", "16", "--batch", "4"]
TRAIN = ["train", "text", *SMALL]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and an empty mirror, so that nothing is asked of the network."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("LSTM_LAB_CACHE", str(folder))
    monkeypatch.delenv("LSTM_LAB_MIRROR", raising=False)
    return folder


@pytest.fixture
def model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A model trained for a few steps."""
    path = str(tmp_path / "m.npz")
    assert main([*TRAIN, "--steps", "5", "--quiet", "--out", path]) == 0
    capsys.readouterr()
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The sentence with which a command is refused."""
    assert main(list(arguments)) == 2
    out, error = capsys.readouterr()
    lines = [line for line in error.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and error.rstrip().endswith(lines[0]), error
    assert "Traceback" not in error and out == ""
    return lines[0].removeprefix("error: ")


def figures(out: str) -> dict[str, str]:
    """The lines "name value" of a command's output."""
    return dict(match.groups() for match in re.finditer(r"^([a-z ]+) ([\d.,]+)$", out, re.MULTILINE))


# train ---------------------------------------------------------------------------------------------------------


def test_train_ends_with_the_validation_loss_and_saves_the_model(tmp_path, capsys):
    path = tmp_path / "m.npz"
    assert main([*TRAIN, "--steps", "20", "--out", str(path)]) == 0
    out, error = capsys.readouterr()
    assert re.fullmatch(r"validation loss \d\.\d{4}", out.splitlines()[-1])
    assert figures(out)["steps"] == "20"
    assert "1,358 characters" in error and "step 1 " in error
    model = load_model(path, lesson="text")
    assert model.metadata["config"]["units"] == 8
    assert list(tmp_path.glob("*.part")) == []


def test_same_seed_and_steps_same_losses(capsys):
    outs = []
    for seed in ("3", "3", "4"):
        assert main([*TRAIN, "--steps", "30", "--seed", seed, "--quiet"]) == 0
        outs.append(figures(capsys.readouterr().out))
    losses = [(o["training loss"], o["validation loss"]) for o in outs]
    assert losses[0] == losses[1] != losses[2]


def test_an_option_left_out_is_the_experiments_default(monkeypatch):
    from lstm.cli.lessons import text

    seen = []
    monkeypatch.setattr(
        text.TextGeneration, "encode", lambda self, text: seen.append(self) or (_ for _ in ()).throw(ValueError("seen"))
    )
    assert main(["train", "text"]) == 2
    assert main(["train", "text", "--steps", "7"]) == 2
    assert seen == [text.TextGeneration(), text.TextGeneration(seconds=None, max_steps=7)]


def test_train_on_a_file_by_word_and_evaluate_its_held_out_tail(tmp_path, capsys):
    words = [f"word{k}" for k in range(20)]
    rng = np.random.default_rng(0)
    file, path = tmp_path / "my.txt", str(tmp_path / "m.npz")
    file.write_text(" ".join(rng.choice(words, 900)), encoding="utf-8")
    options = f"--file {file} --level word --units 8 --time-steps 8 --batch 4 --steps 20 --out {path}".split()
    assert main(["train", "text", *options]) == 0
    trained = figures(capsys.readouterr().out)["validation loss"]
    assert main(["evaluate", path, "--data", str(file)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == f"validation loss {trained}" and "the last 90 words" in out
    assert main(["generate", path, "--prompt", "word1 word2", "--length", "5"]) == 0
    assert len(capsys.readouterr().out.split()) == 7
    assert "name it with --data" in refused(capsys, "evaluate", path)


def test_samples_are_shown(capsys):
    assert main([*TRAIN, "--steps", "3", "--show-samples"]) == 0
    assert "--- step 0 ---" in capsys.readouterr().err


def test_resume_goes_on_bit_for_bit(tmp_path, capsys, monkeypatch):
    whole, resumed, checkpoint = (str(tmp_path / name) for name in ("whole.npz", "resumed.npz", "run.checkpoint"))
    kept = {}
    write = files.write
    monkeypatch.setattr(
        files, "write", lambda path, data: kept.setdefault(path.name, []).append(data) or write(path, data)
    )
    options = ["--steps", "30", "--dropout", "0.2", "--seed", "5"]
    assert main([*TRAIN, *options, "--out", whole, "--checkpoint", checkpoint, "--checkpoint-every", "0"]) == 0
    Path(checkpoint).write_bytes(kept["run.checkpoint"][11])  # where the run stood after step 12
    straight = capsys.readouterr().out
    assert main(["train", "text", "--resume", checkpoint, "--out", resumed]) == 0
    went_on = capsys.readouterr().out
    for name in ("training loss", "validation loss", "steps"):
        assert figures(straight)[name] == figures(went_on)[name]
    np.testing.assert_array_equal(load_model(whole).weights_vector, load_model(resumed).weights_vector)
    assert "leave out: units" in refused(capsys, "train", "text", "--resume", checkpoint, "--units", "16")
    assert "used up this budget" in refused(capsys, "train", "text", "--resume", checkpoint, "--steps", "12", "--quiet")


def test_a_checkpoint_that_cannot_be_written_is_said_and_the_training_goes_on(tmp_path, capsys, monkeypatch):
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(files, "write", full)
    assert main([*TRAIN, "--steps", "2", "--checkpoint", str(tmp_path / "c"), "--checkpoint-every", "0"]) == 0
    out, error = capsys.readouterr()
    assert "the checkpoint was not saved" in error and "validation loss" in out


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_divergence_keeps_the_last_good_weights(tmp_path, capsys):
    path = tmp_path / "m.npz"
    code = main(
        [*TRAIN, "--steps", "500", "--optimizer", "sgd", "--rate", "1e38", "--clip", "none", "--out", str(path)]
    )
    out, error = capsys.readouterr()
    assert code == 1 and "diverged" in error and "learning rate" in error and "last good weights" in out
    assert out.splitlines()[-1].startswith("validation loss")
    assert np.isfinite(load_model(path).weights_vector).all()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_line_that_is_drawn_over(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(terminal, "REDRAW", 0.0)
    assert main([*TRAIN, "--steps", "10"]) == 0
    head, *states = screen.getvalue().split("\r")
    assert head.count("\n") == 1 and "\n" not in "".join(states)
    assert len(states) >= 10 and all(len(state) < 60 for state in states)
    assert "[#####.....]  50%" in screen.getvalue() and " left " in screen.getvalue() and "loss" in screen.getvalue()
    assert states[-2].strip() == "" == states[-1]  # it is gone before the figures come


# Bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--units", "0"], "units must be a positive integer, got 0"),
        (["--units", "-3"], "units must be a positive integer, got -3"),
        (["--units", "many"], "must be a whole number, got 'many'"),
        (["--rate", "nan"], "must be a number, got 'nan'"),
        (["--rate", "-1"], "learning_rate"),
        (["--seconds", "0"], "seconds"),
        (["--steps", "0"], "max_steps"),
        (["--seed", "-1"], "seed"),
        (["--dropout", "1.5"], "dropout must be a number from 0 to below 1, got 1.5"),
        (["--level", "letter"], "level must be one of character, word"),
        (["--optimizer", "adamw"], "optimizer must be one of sgd, adagrad, rmsprop, adam"),
        (["--decay", "fast"], "decay must be one of"),
        (["--corpus", "hamlet"], "corpus must be one of tale_opening"),
        (["--batch", "512", "--time-steps", "512"], "take a longer text"),
        (["--unit", "8"], "unrecognized arguments: --unit 8"),
        (["--checkpoint-every", "-1"], "--checkpoint-every"),
        (["--out", "no/such/folder/m.npz"], "there is no folder"),
        (["--out", "."], "is a folder"),
        (["--resume", "nothing.checkpoint"], "leave out"),
    ],
)
def test_bad_settings(capsys, options, expected):
    assert expected in refused(capsys, *TRAIN, "--quiet", *options)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "my.txt is empty"),
        (b"  \n\n ", "nothing but blank space"),
        (b"aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a single character"),
        (b"Too short.", "take a longer text"),
        (bytes(range(256)) * 4, "binary file, not plain text"),
        (b"more than enough " * 200_000, "too long"),
    ],
)
def test_bad_texts(tmp_path, capsys, data, expected):
    file = tmp_path / "my.txt"
    file.write_bytes(data)
    assert expected in refused(capsys, "train", "text", "--quiet", "--file", str(file))


def test_texts_that_are_not_there(tmp_path, capsys, model):
    assert "there is no file" in refused(capsys, "train", "text", "--file", "no-such.txt")
    assert "is a folder" in refused(capsys, "train", "text", "--file", str(tmp_path))
    assert "not from both" in refused(capsys, *TRAIN, "--file", "no-such.txt")
    assert "no corpus of that name" in refused(capsys, "evaluate", model, "--data", "no-such.txt")


def test_out_is_tried_before_the_training(tmp_path, capsys, monkeypatch):
    def refuse(dir: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.tempfile, "TemporaryFile", refuse)
    for option in ("--out", "--checkpoint"):
        message = refused(capsys, *TRAIN, "--steps", "1000000", option, str(tmp_path / "m.npz"))
        assert message.startswith(f"{option} cannot be written to") and "Permission denied" in message


def test_an_out_that_is_no_plain_file_stays_what_it_is(tmp_path, capsys):
    before = os.stat(os.devnull)
    assert main([*TRAIN, "--steps", "1", "--quiet", "--out", os.devnull]) == 0
    assert os.stat(os.devnull).st_mode == before.st_mode


@pytest.mark.parametrize("command", ["evaluate", "generate", "summary"])
def test_files_that_are_no_models(tmp_path, capsys, model, command):
    def file(name: str, data: bytes) -> str:
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    pickled = io.BytesIO()
    np.savez(pickled, config=np.array([{"a": 1}], dtype=object))
    whole = Path(model).read_bytes()
    assert "there is no model file" in refused(capsys, command, "no-such.npz")
    assert "it is empty" in refused(capsys, command, file("empty.npz", b""))
    assert "not a model file" in refused(capsys, command, file("text.npz", b"Once upon a time"))
    assert "damaged" in refused(capsys, command, file("cut.npz", whole[: len(whole) // 2]))
    assert "pickled" in refused(capsys, command, file("pickled.npz", pickled.getvalue()))


def test_models_of_another_lesson(tmp_path, capsys):
    path = str(tmp_path / "digits.npz")
    other = Sequential([OneHot(4), LSTM(3, return_sequences=True), Dense(4, "softmax")])
    other.build((None, None))
    other.metadata = {"lesson": "digits\x1b[2J"}
    other.save(path)
    assert "belongs to the lesson 'digits" in refused(capsys, "generate", path)
    assert "belongs to no lesson" in refused(capsys, "evaluate", path)
    assert main(["summary", path]) == 0
    assert "\x1b" not in capsys.readouterr().out
    other.metadata = {"lesson": "text"}
    other.save(path)
    assert "vocabulary" in refused(capsys, "generate", path)
    assert "vocabulary" in refused(capsys, "evaluate", path)


@pytest.mark.parametrize("damage", [b"", b"no checkpoint", "model", "cut"])
def test_files_that_are_no_checkpoints(tmp_path, capsys, model, damage):
    path = tmp_path / "run.checkpoint"
    if damage == "cut":
        assert main([*TRAIN, "--steps", "2", "--quiet", "--checkpoint", str(path), "--checkpoint-every", "0"]) == 0
        capsys.readouterr()
        path.write_bytes(path.read_bytes()[:-100])
    else:
        path.write_bytes(Path(model).read_bytes() if damage == "model" else damage)
    assert "is not a checkpoint" in refused(capsys, "train", "text", "--resume", str(path))
    assert "there is no file" in refused(capsys, "train", "text", "--resume", str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--temperature", "-1"], "temperature must be from 0 to 10, got -1.0"),
        (["--top-k", "0"], "top_k must be a positive integer, got 0"),
        (["--top-p", "1.5"], "top_p must be above 0 and at most 1"),
        (["--length", "0"], "length must be a positive integer, got 0"),
        (["--length", "1000000000"], "length must be at most"),
        (["--seed", "-1"], "seed must be an integer of 0 or more, got -1"),
        (["--prompt", "Größe"], "unknown characters: 'ö' and 'ß'"),
    ],
)
def test_bad_ways_to_generate(capsys, model, options, expected):
    assert expected in refused(capsys, "generate", model, *options)


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mirror with the right file for one data set and none for the other; no other address is known."""
    folder, body = tmp_path / "mirror", b"To be, or not to be.\n" * 100
    (folder / "texts").mkdir(parents=True)
    (folder / "texts" / "there.txt").write_bytes(body)
    checksum = "sha256:" + hashlib.sha256(body).hexdigest()
    for name, file in (("tiny_shakespeare", "there.txt"), ("jungle_book", "missing.txt")):
        listed = catalogue.File(file, len(body), checksum, ())
        monkeypatch.setitem(catalogue.DATASETS, name, replace(catalogue.DATASETS[name], files=(listed,)))
    monkeypatch.setenv("LSTM_LAB_MIRROR", str(folder))
    return folder


def test_datasets_lists_and_downloads(mirror, cache, capsys):
    assert main(["datasets"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^tiny_shakespeare +2\.1 kB +no +public domain +Tiny Shakespeare$", out, re.MULTILINE)
    assert re.search(r"^tale_opening +yes ", out, re.MULTILINE) and str(cache) in out and str(mirror) in out
    assert main(["datasets", "--download", "tiny_shakespeare"]) == 0
    assert capsys.readouterr().out.strip() == str(cache / "texts" / "there.txt")
    assert main(["datasets"]) == 0
    assert re.search(r"^tiny_shakespeare .* yes ", capsys.readouterr().out, re.MULTILINE)


def test_train_downloads_its_corpus(mirror, capsys):
    assert main([*TRAIN, "--corpus", "tiny_shakespeare", "--steps", "2"]) == 0
    assert "tiny_shakespeare: 2,100 characters" in capsys.readouterr().err


def test_downloads_that_fail(mirror, capsys):
    assert "does not have it" in refused(capsys, "datasets", "--download", "jungle_book")
    assert "does not have it" in refused(capsys, "train", "text", "--corpus", "jungle_book")
    assert "data set must be one of" in refused(capsys, "datasets", "--download", "tiny_shakespeare", "moby_dick")


# The other commands --------------------------------------------------------------------------------------------


def test_evaluate_knows_the_text_of_the_training_again(tmp_path, capsys):
    path = str(tmp_path / "m.npz")
    options = ["--steps", "20", "--lowercase", "--strip-punctuation", "--limit", "1200", "--out", path]
    assert main([*TRAIN, *options]) == 0
    trained = figures(capsys.readouterr().out)
    for data in ([], ["--data", "tale_opening"]):
        assert main(["evaluate", path, *data]) == 0
        out = capsys.readouterr().out
        assert figures(out)["validation loss"] == trained["validation loss"]
        assert out.splitlines()[-1] == f"validation loss {trained['validation loss']}"
    other = tmp_path / "other.txt"
    other.write_text("Something ELSE altogether, with 3 digits: 123. " * 5)
    assert main(["evaluate", path, "--data", str(other)]) == 0
    out = capsys.readouterr().out
    assert "20 that the model does not know are left out" in out
    assert re.fullmatch(r"test loss \d+\.\d{4}", out.splitlines()[-1])
    other.write_text("123456789")
    assert "fewer than two characters" in refused(capsys, "evaluate", path, "--data", str(other))


def test_generate_begins_with_the_prompt_and_repeats_with_the_seed(capsys, model):
    texts = []
    for seed in ("1", "1", "2"):
        assert main(["generate", model, "--prompt", "It was", "--length", "80", "--seed", seed]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] != texts[2]
    assert texts[0].startswith("It was") and len(texts[0]) == len("It was") + 80 + 1
    greedy = []
    for seed in ("1", "2"):
        assert main(["generate", model, "--temperature", "0", "--length", "30", "--seed", seed]) == 0
        greedy.append(capsys.readouterr().out)
    assert greedy[0] == greedy[1]


def test_generate_streams(model, monkeypatch):
    class Slow(io.StringIO):
        flushed = 0

        def flush(self) -> None:
            self.flushed += 1

    out = Slow()
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["generate", model, "--length", "50"]) == 0
    assert out.flushed >= 50


def test_summary(capsys, model):
    assert main(["summary", model]) == 0
    out = capsys.readouterr().out
    assert "lstm (LSTM)" in out and "lesson: text" in out and "corpus tale_opening" in out and "seed 0" in out
    assert re.search(r"^vocabulary: \d+ characters$", out, re.MULTILINE)
    assert re.search(r"^validation loss \d\.\d{4}$", out, re.MULTILINE)


def test_gradcheck_passes(capsys, monkeypatch):
    checks = list(islice(gradcheck.all_checks(), 8))  # test_gradcheck.py makes them all
    monkeypatch.setattr(gradcheck, "all_checks", lambda: iter(checks))
    assert main(["gradcheck"]) == 0
    out = capsys.readouterr().out
    assert "all within 1e-06" in out and "WRONG" not in out


def test_gradcheck_finds_a_gradient_that_is_wrong(capsys, monkeypatch):
    right = Dense.backward_linear

    def wrong(self, kept, grad, need_input):
        result = right(self, kept, grad, need_input)
        self.grads["bias"] *= 1.001
        return result

    monkeypatch.setattr(Dense, "backward_linear", wrong)
    assert main(["gradcheck"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"dense\S*\.bias .* WRONG", out) and "wrong (tolerance" in out.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["train"],
        ["train", "text"],
        ["train", "forecast"],
        ["evaluate"],
        ["generate"],
        ["gradcheck"],
        ["datasets"],
        ["summary"],
    ],
)
def test_every_command_has_help(capsys, arguments):
    assert main([*arguments, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(" ".join(["usage: python -m lstm", *arguments]))
    assert max(map(len, out.splitlines())) <= 110


def test_no_command_shows_the_help(capsys):
    assert main([]) == 0
    assert "examples:" in capsys.readouterr().out
    assert "arguments are required: LESSON" in refused(capsys, "train")
    assert "invalid choice" in refused(capsys, "sing")


# forecast --------------------------------------------------------------------------------------------------------

SERIES = ["train", "forecast", "--points", "200", "--units", "4", "--look-back", "5", "--epochs", "2"]


def test_train_forecast_ends_with_the_test_rmse_and_evaluate_says_the_same(tmp_path, capsys):
    path = str(tmp_path / "m.npz")
    assert main([*SERIES, "--set", "noise=0.2", "--set", "periods=3", "--out", path]) == 0
    out, error = capsys.readouterr()
    assert re.fullmatch(r"test RMSE \d\.\d{4}", out.splitlines()[-1])
    assert "Noisy sine: 128 points to learn from, 32 to validate on, 40 to test on" in error
    assert re.search(r"^test scaled MSE 0\.\d{6}$", out, re.MULTILINE)
    model = load_model(path, lesson="forecast")
    assert dict(model.metadata["config"]["parameters"]) == {"noise": 0.2, "periods": 3}
    assert main(["evaluate", path]) == 0
    evaluated = capsys.readouterr().out
    assert evaluated.splitlines()[-1] == out.splitlines()[-1]
    assert "40 windows, which the training never saw" in evaluated and "seasonal last value scaled MSE" in evaluated
    assert main(["evaluate", path, "--data", "random_walk"]) == 0
    assert re.fullmatch(r"RMSE [\d.]+", capsys.readouterr().out.splitlines()[-1])


def test_forecast_a_csv_and_evaluate_it_without_the_file(tmp_path, capsys):
    rng = np.random.default_rng(0)
    file, path = tmp_path / "sales.csv", str(tmp_path / "m.npz")
    rows = [
        f"{np.datetime64('2024-01-01') + k};{10 + (k % 7) + rng.normal(0, 0.1):.2f}".replace(".", ",")
        for k in range(120)
    ]
    rows[50] = rows[50].split(";")[0] + ";"
    file.write_text("day;amount\n" + "\n".join(rows) + "\n", encoding="utf-8")
    table = ["--csv", str(file), "--column", "amount", "--date", "day"]
    train = [*SERIES[:2], *SERIES[4:], *table]
    assert refused(capsys, *train) == (
        "column 'amount' lacks 1 of its 120 values, the first in row 51: have them interpolated, or fill them in"
    )
    assert main([*train, "--interpolate", "--out", path]) == 0
    out, error = capsys.readouterr()
    assert "1 missing value was filled in by straight lines" in error
    assert main(["evaluate", path]) == 0
    evaluated = capsys.readouterr().out.splitlines()
    assert evaluated[-1] == out.splitlines()[-1] and evaluated[0].startswith(
        "amount, of which the file keeps 120 points"
    )
    assert load_model(path).metadata["forecaster"]["season"] == 7
    file.write_text(file.read_text(encoding="utf-8").replace(rows[50], rows[50] + "9,0"), encoding="utf-8")
    assert main(["evaluate", path, "--data", str(file)]) == 0


def test_forecast_resumes_a_file_of_ones_own(tmp_path, capsys):
    file, checkpoint, path = tmp_path / "n.csv", str(tmp_path / "run.checkpoint"), str(tmp_path / "m.npz")
    file.write_text("n\n" + "".join(f"{k % 9}\n" for k in range(100)), encoding="utf-8")
    options = ["--csv", str(file), "--units", "4", "--look-back", "5", "--seeds", "2", "--quiet"]
    assert (
        main(["train", "forecast", *options, "--steps", "4", "--checkpoint", checkpoint, "--checkpoint-every", "0"])
        == 0
    )
    assert main(["train", "forecast", "--resume", checkpoint, "--steps", "6", "--quiet", "--out", path]) == 0
    assert figures(capsys.readouterr().out)["steps"] == "10"  # 4 of the first model, 6 of the second


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--series", "tides"], "series must be one of noisy_sine"),
        (["--series", "given"], "a series of your own comes with --csv"),
        (["--set", "noise"], "--set takes a name and a number, such as noise=0.2, got 'noise'"),
        (["--set", "noise=9"], "noise must be a number from 0 to 2, got 9"),
        (["--set", "colour=9"], "noisy_sine has the parameters amplitude, periods, noise, got 'colour'"),
        (["--look-back", "300", "--points", "200"], "look_back 300 is longer than a series of 200 points can serve"),
        (["--horizon", "50", "--points", "200"], "a horizon of 50 leaves no test window"),
        (["--column", "n"], "--column is about a table: name one with --csv"),
        (["--csv", "nowhere.csv"], "there is no file 'nowhere.csv'"),
        (["--csv", "."], "'.' is a folder, and one CSV file is needed"),
        (["--csv", "nowhere.csv", "--series", "noisy_sine"], "the series comes from --csv, so leave out --series"),
        (["--series", "airline_passengers", "--units", "4"], "Airline passengers could not be downloaded"),
    ],
)
def test_forecast_refuses_in_a_sentence(capsys, monkeypatch, tmp_path, options, said):
    monkeypatch.setattr(pooch.core, "time", SimpleNamespace(sleep=lambda seconds: None))  # between retries
    empty = tmp_path / "mirror"
    empty.mkdir()
    monkeypatch.setenv("LSTM_LAB_MIRROR", str(empty))
    real = catalogue.DATASETS["airline_passengers"]
    nowhere = replace(real, files=tuple(replace(f, urls=("http://127.0.0.1:9/",)) for f in real.files))
    monkeypatch.setitem(catalogue.DATASETS, "airline_passengers", nowhere)
    assert refused(capsys, "train", "forecast", *options).startswith(said)


def test_evaluate_a_forecaster_on_what_is_not_there(tmp_path, capsys):
    path = str(tmp_path / "m.npz")
    assert main([*SERIES, "--quiet", "--out", path]) == 0
    capsys.readouterr()
    assert refused(capsys, "evaluate", path, "--data", "tides").startswith(
        "there is no file 'tides', and no series of that name"
    )
    short = tmp_path / "short.csv"
    short.write_text("n\n1\n2\n3\n", encoding="utf-8")
    assert "is too short: the model needs 5 values to see and 1 to predict" in refused(
        capsys, "evaluate", path, "--data", str(short)
    )


# As a process --------------------------------------------------------------------------------------------------


def start(*arguments: str, **options) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lstm", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", **options)


def _with_ctrl_c() -> None:
    """A test run started in the background hands down "ignore Ctrl-C"; a terminal never does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_exit_codes_and_no_traceback():
    process = start(*TRAIN, "--units", "0")
    out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert error == "error: units must be a positive integer, got 0\n"


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from lstm.cli import main; code = main(['--help']); "
        "heavy = {'streamlit', 'pandas', 'sklearn', 'keras', 'jax', 'dask', 'distributed', 'pooch', 'requests'}; "
        "sys.exit(code or ' '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_has_seen_enough_is_no_error(model):
    process = start("generate", model, "--length", "100000")
    assert process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=60) == 141
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a single process")
def test_ctrl_c_keeps_the_weights(tmp_path):
    path, checkpoint = tmp_path / "m.npz", tmp_path / "run.checkpoint"
    process = start(
        *TRAIN, "--steps", "1000000", "--out", str(path), "--checkpoint", str(checkpoint), preexec_fn=_with_ctrl_c
    )
    _until_training(process)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0 and "Traceback" not in error
    assert re.search(r"stopped after step [\d,]+", error) and f"go on with: --resume {checkpoint}" in error
    assert f"saved {path}" in out and out.splitlines()[-1].startswith("validation loss")
    load_model(path, lesson="text")
    steps = int(figures(out)["steps"].replace(",", ""))
    assert main(["train", "text", "--resume", str(checkpoint), "--steps", str(steps + 5), "--quiet"]) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a single process")
def test_ctrl_c_with_nothing_to_keep():
    process = start(*TRAIN, "--steps", "1000000", preexec_fn=_with_ctrl_c)
    _until_training(process)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in error


def _until_training(process: subprocess.Popen[str]) -> None:
    for line in process.stderr:
        if "step 1 " in line:
            return
    raise AssertionError("the training did not begin")
