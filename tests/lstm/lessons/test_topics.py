"""The lesson Topics: its sentences, people's own CSVs, the run, the comparison, the command line."""

from __future__ import annotations

import csv
import io
import pickle
import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm import load_model
from lstm.cli import main
from lstm.datasets.topics import MAX_CHARACTERS, PARTS, labelled, load_topics
from lstm.datasets.uploads import read_upload
from lstm.history import Control
from lstm.lessons import drain
from lstm.lessons.reading import classical
from lstm.lessons.reading.classical import AVERAGED, COUNTING, METHODS, ClassicalMethods
from lstm.lessons.reading.reader import read, reader_of
from lstm.lessons.reading.topics import PRESETS, Topics, plane
from lstm.lessons.reading.topics_comparison import Comparison
from lstm.preprocessing.text import words
from lstm.storage import model_bytes

ROOT = Path(__file__).resolve().parents[3]
SMALL = Topics(units=8, embedding=12, epochs=2, classical=False)


@pytest.fixture(scope="module")
def small():
    return drain(replace(SMALL, classical=True).run())


def rows() -> list[dict[str, str]]:
    with open(ROOT / "data" / "topics.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# What ships --------------------------------------------------------------------------------------------------------


def test_the_script_writes_the_file_byte_for_byte(tmp_path):
    out = tmp_path / "topics.csv"
    subprocess.run([sys.executable, str(ROOT / "data" / "make_topics.py"), "--out", str(out)], check=True, timeout=60)
    assert out.read_bytes() == (ROOT / "data" / "topics.csv").read_bytes()


def test_no_template_and_no_sentence_stands_on_two_sides():
    templates, texts = defaultdict(set), defaultdict(set)
    for row in rows():
        templates[row["template"]].add(row["split"])
        texts[" ".join(words(row["text"]))].add(row["split"])
    assert len(templates) > 100 and all(len(splits) == 1 for splits in templates.values())
    assert all(len(splits) == 1 for splits in texts.values()) and len(texts) == len(rows())


def test_topics_are_balanced_and_some_labels_are_wrong():
    table = load_topics()
    assert table.classes == ("Education", "Finance", "Politics", "Sports") and len(table.texts) >= 1_600
    counts = table.counts()
    assert (counts.min(axis=0) > 0.9 * counts.mean(axis=0)).all() and counts.sum() == len(table.texts)
    assert 0.02 < np.mean([row["label"] != row["topic"] for row in rows()]) < 0.04
    assert table.lengths().max() < Topics().length
    assert "exam" in dict(table.common_words(0)) and "the" not in dict(table.common_words(0))


def test_all_topics_share_words():
    table = load_topics()
    found: dict[str, set[int]] = defaultdict(set)
    for text, label in zip(table.texts, table.labels):
        for word in words(text):
            found[word].add(int(label))
    assert sum(len(labels) == 4 for labels in found.values()) > 120
    assert all(
        len(found[word]) > 1
        for word in ("board", "bench", "transfer", "record", "draft", "race", "coach", "bond", "share")
    )


# People's own files ------------------------------------------------------------------------------------------------


def read_labelled(data: bytes, name: str, **columns):
    upload = read_upload(data, name, MAX_CHARACTERS)
    return labelled(upload.text, name, **columns, notes=upload.notes)


def table(lines: list[str], **columns):
    return read_labelled("\n".join(lines).encode(), "mine.csv", **columns)


def file(*lines: str) -> bytes:
    return "\n".join(["text,label", *lines]).encode()


GOOD = [f"word{k} and others,{'cat' if k % 2 else 'dog'}" for k in range(20)]


def test_a_csv_of_ones_own():
    found = table(["text,label", *GOOD])
    assert found.classes == ("cat", "dog") and found.counts().sum() == 20 and (found.counts() > 0).all()
    assert found.part("test")[0] and not found.notes
    again = table(["text,label", *GOOD])
    np.testing.assert_array_equal(found.parts, again.parts)


def test_columns_are_found_by_name_by_wish_or_by_looking():
    lines = [f"{k};{'ab'[k % 2]};a longer text number {k}" for k in range(12)]
    assert table(["id;topic;message", *lines]).texts[0] == "a longer text number 0"
    assert table(["id;kind;remark", *lines], text_column="remark", label_column="kind").classes == ("a", "b")
    bare = table(lines)
    assert bare.classes == ("a", "b") and len(bare.texts) == 12
    assert bare.notes == (
        "its first row holds no column names such as text and label, so column 3 was taken for the texts and column 2 for the labels",
    )  # fmt: skip


def test_numbers_may_be_labels_and_come_in_their_order():
    found = table(["text,label", *[f"word{k},{(10, 9, 1)[k % 3]}" for k in range(12)]])
    assert found.classes == ("1", "9", "10")


def test_the_same_text_never_stands_in_two_parts():
    found = table(["text,label", *(GOOD * 5)])
    parts = defaultdict(set)
    for text, part in zip(found.texts, found.parts):
        parts[text].add(int(part))
    assert all(len(one) == 1 for one in parts.values()) and set(found.parts.tolist()) == {0, 1, 2}


def test_rows_without_a_word_are_left_out_and_said():
    found = table(["text,label", *GOOD, ",cat", "!!!,dog", "words without a label,"])
    assert len(found.texts) == 20 and found.notes == ("3 rows without a text or a label were left out",)


def test_another_encoding_is_read_and_said():
    data = "\n".join(["text,label", *(f"Müller aß {k} Äpfel,{'grün' if k % 2 else 'rot'}" for k in range(10))]).encode(
        "cp1252"
    )
    found = read_labelled(data, "mine.csv")
    assert found.texts[0] == "Müller aß 0 Äpfel" and "Windows-1252" in found.notes[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "mine.csv is empty"),
        (file(*(f"word{k},cat" for k in range(9))), "mine.csv has a single class, 'cat': there is nothing to tell apart"),
        (file(*GOOD, "a lonely text,bird"), "mine.csv: class 'bird' has a single text, and a class needs 3"),
        (file(*GOOD, "twice,bird", "twice,bird", "thrice,bird"), "mine.csv: class 'bird' has only 2 different"),
        (file(*(f"word{k},{k}.5" for k in range(30))), "mine.csv has 30 different labels, and at most 20 classes can be told apart; they"),
        (b"text,label\n,cat\n,dog\n", "mine.csv holds no row with both a text of at least one word and a label"),
        (b"text,label\n", "mine.csv holds no row with both"),
        (b"just a line\nand another\n", "mine.csv must have a column of texts and a column of labels, got a single column"),
        (b"word " * 2_000_000, "mine.csv is too long: it has 10,000,000 characters, and at most 5,000,000 characters can be used"),
        (b"a,b\n" + b"w" * 200_000 + b",cat\n", "mine.csv has a cell of more than 131,072 characters, near line 2"),
        (b"PK\x03\x04" + bytes(100), "mine.csv is a ZIP archive"),
        (file(*(f"word{k},{'x' * 70 if k % 2 else 'y'}" for k in range(9))), "mine.csv has a label of 70 characters"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_use_is_refused_in_a_sentence(data, said):
    with pytest.raises(ValueError) as caught:
        read_labelled(data, "mine.csv")
    assert str(caught.value).startswith(said)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"mine.csv has no column 'body' for the text; it has text, label"):
        table(["text,label", *GOOD], text_column="body")
    with pytest.raises(ValueError, match="two columns"):
        table(["text,label", *GOOD], text_column="text", label_column="text")


# The experiment ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"data": "news"}, "data must be one of topics, upload, got 'news'"),
        ({"data": "upload"}, 'a csv goes with data "upload"'),
        ({"csv": "a,b"}, 'a csv goes with data "upload"'),
        ({"vocabulary": 5}, "vocabulary must be at least 10"),
        ({"length": 1}, "length must be at least 2"),
        ({"length": 1001}, "length must be at most 1,000, got 1,001"),
        ({"padding": "left"}, "padding must be one of pre, post, got 'left'"),
        ({"units": 0}, "units must be a positive integer, got 0"),
        ({"word_dropout": 1.0}, "word_dropout must be a number from 0 to below 1, got 1.0"),
        ({"dropout": "much"}, "dropout must be a number from 0 to below 1, got 'much'"),
        ({"optimizer": "lion"}, "optimizer must be one of sgd, adagrad, rmsprop, adam, got 'lion'"),
        ({"patience": 0}, "patience must be a positive integer, got 0"),
        ({"epochs": None}, "a budget is needed: set epochs, seconds or max_steps"),
        ({"units": 512, "batch": 1024, "length": 200}, "one step would keep 649,625,600 numbers in memory"),
        ({"seed": -1}, "seed must be an integer of 0 or more, got -1"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(settings, said):
    with pytest.raises(ValueError) as caught:
        Topics(**settings)
    assert str(caught.value).startswith(said)


def test_what_a_run_ends_in(small):
    details, tested = small.details, load_topics().part("test")
    assert details["texts"] == tested[0] and set(details["probabilities"]) == {"LSTM", *METHODS}
    for name, found in details["probabilities"].items():
        assert found.shape == (len(tested[0]), 4) and ((found > 0) & (found < 1)).all(), name
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    assert [row.name for row in details["rows"]] == ["LSTM", *METHODS]
    assert details["rows"][0].accuracy == small.metrics["test accuracy"]
    assert small.metrics["test accuracy"] > 0.4 and details["rows"][4].accuracy > 0.8
    mapped = details["embedding"]
    assert mapped.before.shape == mapped.after.shape == (len(mapped.words), 2) and "student" in mapped.words
    words_known = len(details["reader"].vocabulary)
    assert small.config.parameters(words_known, 4) == small.model.count_params()


def test_the_file_of_a_run_reads_sentences_and_holds_nothing_classical(small):
    data = model_bytes(small.model)
    assert b"sklearn" not in data and b"pickle" not in data
    model = load_model(data, lesson="topics")
    reader = reader_of(model)
    assert reader == small.details["reader"]
    reading = read(model, reader, "The striker missed the penalty.")
    np.testing.assert_array_equal(reading.running, read(small.model, reader, "The striker missed the penalty.").running)
    assert model.metadata["report"]["classes"] == list(reader.classes)


def test_a_result_travels_between_processes(small):
    back = pickle.loads(pickle.dumps(small))
    sentence = ["the school cut the budget"]
    for name in (COUNTING[0], *AVERAGED):
        np.testing.assert_array_equal(
            back.details["classical"][name].probabilities(sentence),
            small.details["classical"][name].probabilities(sentence),
        )


@pytest.mark.parametrize(
    "options", [{}, {"bidirectional": True}, {"mask": False}, {"mask": False, "bucketed": True, "padding": "pre"}]
)
def test_the_same_seed_gives_the_same_losses_and_goes_on_from_a_checkpoint(options):
    config = replace(SMALL, max_steps=12, epochs=None, **options)
    kept = []
    whole = drain(config.run())
    first = drain(config.run(Control(save=kept.append, save_every=1e-9)))
    assert whole.history.series("loss") == first.history.series("loss")
    again = drain(config.run(checkpoint=kept[4]))
    assert again.history.series("loss") == whole.history.series("loss")
    np.testing.assert_array_equal(again.model.weights_vector, whole.model.weights_vector)


def test_a_checkpoint_of_another_vocabulary_is_refused(monkeypatch):
    config, kept = replace(SMALL, max_steps=3, epochs=None), []
    drain(config.run(Control(save=kept.append, save_every=1e-9)))
    table = load_topics()
    monkeypatch.setattr(Topics, "table", lambda self: replace(table, texts=tuple(text.lower().replace("e", "ŧ") for text in table.texts)))
    with pytest.raises(ValueError, match=r"^the checkpoint's training had another vocabulary: [^\n]*$"):
        drain(config.run(checkpoint=kept[0]))


def test_stopping_keeps_what_was_learnt_and_fits_nothing_more():
    control = Control()

    def stop(progress) -> None:
        control.stop = progress.step >= 3

    result = drain(replace(SMALL, classical=True).run(control), stop)
    assert (
        result.ended == "stopped"
        and result.model is not None
        and [row.name for row in result.details["rows"]] == ["LSTM"]
    )


def test_an_upload_is_trained_on():
    content = "\n".join(
        [
            "text,label",
            *(f"{'red' if k % 2 else 'blue'} thing number{k},{'warm' if k % 2 else 'cold'}" for k in range(60)),
        ]
    )
    result = drain(replace(SMALL, data="upload", csv=content, epochs=10).run())
    assert result.details["classes"] == ("cold", "warm") and result.model.layers[-1].units == 1
    assert result.metrics["test accuracy"] == 1.0 and result.model.metadata["config"]["csv"] is None
    assert labelled(content, "x").counts().sum() == 60


def test_methods_alone():
    result = drain(ClassicalMethods().run())
    assert list(result.details["classical"]) == list(COUNTING) and result.model is None


def test_averaged_word_vectors_alone_are_what_the_training_fitted_on_them(small):
    result = drain(ClassicalMethods(network=model_bytes(small.model), seed=small.config.seed).run())
    assert list(result.details["classical"]) == list(AVERAGED) and len(AVERAGED) == 3
    for name in AVERAGED:
        np.testing.assert_array_equal(result.details["probabilities"][name], small.details["probabilities"][name])
        fitted = result.details["classical"][name]
        one, other = fitted.probabilities(["the school cut the budget", "budget the cut school the"])
        np.testing.assert_allclose(one, other, atol=1e-9)  # order is gone
    with pytest.raises(ValueError, match="network must be the bytes of a file"):
        ClassicalMethods(network="topics.npz")


def test_the_comparison(monkeypatch):
    monkeypatch.setattr(classical, "COUNTING", COUNTING[3:4])  # the others take seconds
    seen = []
    result = drain(Comparison(SMALL, seeds=2).run(), lambda progress: seen.append(progress.fraction))
    best, *others = result.details["table"]
    assert {one.name for one in (best, *others)} == {"LSTM", COUNTING[3], *AVERAGED}
    assert all(best.mean >= one.mean and len(one.accuracies) == 2 for one in others)
    assert seen == sorted(seen) and seen[-1] == 1
    for wrong, said in (
        ({"seeds": 0}, "seeds must be a positive integer"),
        ({"seeds": 99}, "seeds must be at most 10"),
    ):
        with pytest.raises(ValueError, match=said):
            Comparison(SMALL, **wrong)


def test_presets():
    four, both = (PRESETS[name].config for name in ("Four topics", "Both directions"))
    assert four == Topics() and (four.embedding, four.units, four.vocabulary) == (100, 64, 5000) and both.bidirectional


def test_a_plane_of_few_vectors():
    flat, shares = plane(np.array([[0.0, 0], [1, 0], [2, 0]]))
    np.testing.assert_allclose(np.abs(flat), [[1, 0], [0, 0], [1, 0]], atol=1e-12)
    np.testing.assert_allclose(shares, [1, 0], atol=1e-12)
    assert plane(np.ones((2, 5)))[0].shape == (2, 2)


# The command line --------------------------------------------------------------------------------------------------


def test_train_evaluate_and_classify(tmp_path, capsys, monkeypatch):
    out = str(tmp_path / "t.npz")
    assert main(["train", "topics", "--units", "8", "--epochs", "2", "--no-classical", "--quiet", "--out", out]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("test accuracy 0.")
    assert main(["evaluate", out]) == 0
    assert (
        capsys.readouterr().out.splitlines()[0]
        == f"topics: the {len(load_topics().part('test')[0])} texts of the test part"
    )
    assert main(["classify", "--words", out, "The goalkeeper xyzzy"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[2].startswith("xyzzy ") and "1 of 3 words is unknown" in printed.err
    assert main(["classify", out, "..."]) == 2
    assert capsys.readouterr().err == "error: the text must hold at least one word, got none\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"the vote in parliament")))
    assert main(["classify", out, "-"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert main(["classify", str(ROOT / "data" / "pretrained" / "digits.npz"), "a text"]) == 2
    assert "no lesson of this lab that reads texts trained it" in capsys.readouterr().err


def test_files_of_ones_own_on_the_command_line(tmp_path, capsys):
    path, out = tmp_path / "my.csv", str(tmp_path / "t.npz")
    path.write_text("\n".join(["text,label", *GOOD]) + "\n")
    args = [
        "train",
        "topics",
        "--file",
        str(path),
        "--no-classical",
        "--units",
        "4",
        "--epochs",
        "1",
        "--quiet",
        "--out",
        out,
    ]
    assert main(args) == 0 and main(["evaluate", out, "--data", str(path)]) == 0
    assert "my.csv: the 3 texts of the test part" in capsys.readouterr().out.replace("the 4 texts", "the 3 texts")
    assert main(["evaluate", out]) == 2 and "name it with --data" in capsys.readouterr().err
    assert main(["evaluate", out, "--data", "topics"]) == 2 and "holds the class 'Education'" in capsys.readouterr().err
    assert (
        main(["train", "topics", "--file", str(tmp_path / "no.csv")]) == 2
        and "there is no file" in capsys.readouterr().err
    )


def test_parts_are_named_once():
    assert PARTS == ("training", "validation", "test")
