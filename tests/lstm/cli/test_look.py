"""`look` on the command line: what it says of a file of each kind, for people and for programs, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstm import load_model
from lstm.cli import main
from lstm.lessons.looks import kind_of

OLD_FILES = Path(__file__).parents[2] / "old_files"
DAYS = "Datum;Besucher\n" + "".join(f"{k:02d}.01.2020;{f'{960 + 7 * k:,}'.replace(',', '.')}\n" for k in range(1, 32))
SPAM = "v1,v2,,,\n" + "".join(f'{("ham", "ham", "spam")[k % 3]},"come home now, number {k}",,,\n' for k in range(30))


def facts(capsys, path: Path, *options: str) -> dict:
    assert main(["look", str(path), "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


def write(tmp_path: Path, text: str | bytes, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_series(tmp_path, capsys):
    found = facts(capsys, path := write(tmp_path, DAYS))
    assert (found["kind"], found["column"], found["rows"], found["season"]) == ("series", "Besucher", 31, 7)
    assert found["first"] == [967, 974, 981] and found["last"] == [1163, 1170, 1177]
    assert found["dates"] == {"first": "2020-01-01T00:00:00", "last": "2020-01-31T00:00:00", "step": "1 day"}
    assert found["offers"] == ["decimal"] and "was read as a thousands mark" in found["notes"][0]
    assert facts(capsys, path, "--decimal", ".")["last"] == [1.163, 1.17, 1.177]
    assert facts(capsys, path, "--date", "none")["dates"] is None
    assert main(["look", str(path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "columns: Datum (dates), Besucher (numbers)" in said and "first: 967, 974, 981" in said


def test_what_is_missing_is_null_and_can_be_filled(tmp_path, capsys):
    rows = [f"2024-01-{k:02d},{'?0.2' if k in (2, 9) else -999 if k in (5, 6, 20) else k + 0.5}" for k in range(1, 32)]
    path = write(tmp_path, "date,temp\n" + "\n".join(rows) + "\n\nMade up, 2024\n")
    found = facts(capsys, path)
    assert found["first"] == [1.5, None, 3.5] and found["rows"] == 31
    assert {"treat-as-missing", "interpolate"} <= set(found["offers"])
    assert any(
        "'?0.2' in row 2, and 1 more is no number: these 2 cells can be treated as missing" in note
        for note in found["notes"]
    )
    assert any("-999 (3 times) may stand for missing values" in note for note in found["notes"])
    assert any("1 line below the table left out" in note for note in found["notes"])
    filled = facts(capsys, path, "--treat-as-missing", "--interpolate")
    assert filled["first"] == [1.5, 2.5, 3.5] and any(
        "5 missing values were filled in" in note for note in filled["notes"]
    )
    train = ["train", "forecast", "--csv", str(path), "--units", "2", "--look-back", "3", "--steps", "1", "--quiet"]
    assert main(train) == 2 and "or have these 2 cells treated as missing" in capsys.readouterr().err
    assert main([*train, "--treat-as-missing", "--interpolate"]) == 0


def test_two_series_under_each_other(tmp_path, capsys):
    rows = [f"2024-01-{k:02d},{store},{100 * (store == 'B') + k}" for k in range(1, 32) for store in "AB"]
    path = write(tmp_path, "date,store,sales\n" + "\n".join(rows) + "\n")
    found = facts(capsys, path)
    assert found["series"] == ["A", "B"] and found["first"] == [1, 2, 3] and found["points"] == 31
    assert found["notes"][0].startswith("dates repeat by 'store' (A, B)")
    assert facts(capsys, path, "--only", "B")["first"] == [101, 102, 103]
    assert facts(capsys, path, "--average")["first"] == [51, 52, 53]
    assert main(["look", str(path), "--only", "C"]) == 2
    assert capsys.readouterr().err.endswith("has no series 'C', but the series by 'store': A, B\n")


def test_labelled_texts(tmp_path, capsys):
    found = facts(capsys, path := write(tmp_path, SPAM))
    assert (found["kind"], found["texts"], found["text"], found["label"]) == ("topics", 30, "v2", "v1")
    assert found["classes"] == {"ham": 20, "spam": 10}
    assert "'v2' was taken for the texts and 'v1' for the labels" in found["notes"]
    assert main(["look", str(path), "--as", "topics", "--text-column", "nowhere"]) == 2
    assert "has no column 'nowhere' for the text" in capsys.readouterr().err


def test_a_text_and_a_model(tmp_path, capsys):
    found = facts(capsys, write(tmp_path, "It was a day.\nIt was a night, and it rained.\n" * 20, "story.txt"))
    assert (found["kind"], found["encoding"], found["words"], found["distinct_words"]) == ("text", "UTF-8", 220, 7)
    model = tmp_path / "m.npz"
    assert main(["train", "forecast", "--units", "3", "--steps", "1", "--quiet", "--out", str(model)]) == 0
    capsys.readouterr()
    found = facts(capsys, model)
    assert (found["kind"], found["format"], found["layers"][0]) == ("model", "npz", ["LSTM", 4 * 3 * (3 + 2)])
    assert found["parameters"] == sum(count for _, count in found["layers"])
    assert found["notes"] == ["it was trained in the lesson 'forecast'"]


@pytest.mark.parametrize("name", sorted(path.stem for path in OLD_FILES.glob("*.npz")))
def test_damaged_notes_of_a_model_are_named(tmp_path, capsys, name):
    model, lesson = load_model(OLD_FILES / f"{name}.npz"), name.split("_")[0].replace("recall", "memory")
    assert facts(capsys, OLD_FILES / f"{name}.npz")["notes"] == [f"it was trained in the lesson {lesson!r}"]
    for key in {"reader", "vocabulary", "forecaster", "task"} & model.metadata.keys():
        damaged = load_model(OLD_FILES / f"{name}.npz")
        damaged.metadata[key] = [[]]
        damaged.save(tmp_path / "m.npz")
        _, note = facts(capsys, tmp_path / "m.npz")["notes"]
        assert note.startswith("that lesson cannot use it: "), (key, note)


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        (b"", (), "file.csv is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), (), "file.csv is a PNG image, not plain text"),
        (b"a,b\nx,y\nz,w\n", ("--as", "series"), "file.csv has no column of numbers: its columns are a, b"),
        (b"once upon a time\n", ("--as", "topics"), "file.csv must have a column of texts and a column of labels"),
        (DAYS.encode(), ("--column", "Wetter"), "file.csv has no column 'Wetter', but Datum, Besucher"),
        (DAYS.encode(), ("--encoding", "klingon"), "encoding must be one of"),
    ],
)
def test_what_is_refused_is_one_sentence(tmp_path, capsys, data, options, said):
    assert main(["look", str(write(tmp_path, data)), *options]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"error: {said}") and err.count("\n") == 1


def test_a_file_that_is_not_there(capsys, tmp_path):
    assert main(["look", str(tmp_path / "none.csv")]) == 2 and "there is no file" in capsys.readouterr().err
    assert main(["look", str(tmp_path)]) == 2 and "is a folder" in capsys.readouterr().err


def test_kinds_are_told_apart():
    assert kind_of(DAYS.encode(), "x") == "series" and kind_of(SPAM.encode(), "x") == "topics"
    chinese = "".join(f"手机发布了新系统第{k}号新闻,{'科技' if k % 2 else '体育'}\n" for k in range(30))
    assert kind_of(chinese.encode(), "x") == "topics" and kind_of(b"1\n2\n3\n4\n", "x") == "series"
    assert kind_of(b"Once, there was a king, and a queen.\nThey lived.\n", "x") == "text"


def test_the_encoding_of_a_text_can_be_told(tmp_path, capsys):
    path = write(tmp_path, "Съешь же ещё этих булок\n".encode("koi8_r"), "story.txt")
    found = facts(capsys, path, "--as", "text", "--encoding", "KOI8-R")
    assert found["encoding"] == "KOI8-R" and found["first"] == ["Съешь же ещё этих булок"]
    assert found["notes"] == ["it was read as KOI8-R, as asked for"]
    assert main(["look", str(path), "--as", "text", "--encoding", "nonsense"]) == 2
    assert "encoding must be one of" in capsys.readouterr().err
