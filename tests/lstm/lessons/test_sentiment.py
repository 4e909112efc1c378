"""The lesson Sentiment: settings, presets, the run, its report, the model that ships, the command line."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstm import load_model
from lstm.batches import BucketedBatches
from lstm.cli import main
from lstm.datasets.imdb import load_reviews
from lstm.history import Control
from lstm.lessons import drain
from lstm.lessons.reading.classifier import AugmentedBatches
from lstm.lessons.reading.reader import TextReader, read, reader_of
from lstm.lessons.reading.sentiment import PRESETS, PROBES, Sentiment, sample_of_test, split
from lstm.lessons.scores import confusion
from lstm.preprocessing.text import SPECIALS, WordVocabulary
from lstm.storage import model_bytes
from tests.fake_imdb import EACH, as_folder, fake_imdb, fake_reviews

SHIPPED = Path(__file__).resolve().parents[3] / "data" / "pretrained" / "sentiment.npz"
SMALL = Sentiment(units=16, length=80, batch=32, learning_rate=0.01, epochs=3)


@pytest.fixture(scope="module")
def small():
    return drain(SMALL.run())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"data": "amazon"}, "data must be one of reviews, imdb, got 'amazon'"),
        ({"limit": 3}, "limit must be at least 20, got 3"),
        ({"test_limit": 0}, "test_limit must be a positive integer, got 0"),
        ({"snippets": 0.5, "mask": False}, "snippets need the mask"),
        ({"length": 5000}, "length must be at most 1,000, got 5,000"),
        ({"vocabulary": 60_000}, "vocabulary must be at most 50,000, got 60,000"),
        ({"units": 512, "length": 1000}, "one step would keep 99,328,000 numbers in memory"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(settings, said):
    with pytest.raises(ValueError) as caught:
        Sentiment(**settings)
    assert str(caught.value).startswith(said)


def test_the_presets_layer_by_layer():
    imdb = PRESETS["IMDB"].config
    assert [row[:3] for row in imdb.layer_table()] == [
        ("Embedding", "(None, 500, 32)", 160_000),
        ("LSTM", "(None, 100)", 53_200),
        ("Dense", "(None, 1)", 101),
    ]
    assert imdb.layer_table()[1][3] == "4 gates × 100 units × (32 inputs + 100 fed back + 1 bias)"
    assert imdb.parameters() == 213_301 and imdb.padding == "pre" and not imdb.mask
    stack = PRESETS["Dropout stack"].config
    assert [row[0] for row in stack.layer_table()] == ["Embedding", "LSTM", "Dropout", "Dense"]
    assert (stack.vocabulary, stack.embedding, stack.units, stack.batch, stack.optimizer) == (
        1024,
        256,
        128,
        16,
        "rmsprop",
    )


@pytest.mark.parametrize(
    "changes", [{}, {"layers": 2, "dropout": 0.3}, {"bidirectional": True, "embedding_dropout": 0.2}]
)
def test_parameters_are_counted_without_building(changes):
    from lstm.lessons.reading.classifier import build

    config = replace(SMALL, **changes)
    assert config.parameters(300) == build(config, 300, 2).count_params()


def test_a_part_is_held_out_that_no_seed_changes():
    reviews = load_reviews()
    learn, held_out = split(reviews)
    assert reviews.held_out[held_out].all() and not reviews.held_out[learn].any()
    plain = replace(reviews, held_out=None)
    learn, held_out = split(plain, 50)
    assert len(learn) == 50 and len(held_out) == len(plain.train_texts) // 10 and not set(learn) & set(held_out)
    assert len(sample_of_test(reviews, 30)) == 30 and len(sample_of_test(reviews, None)) == len(reviews.test_texts)


def test_what_a_run_ends_in(small):
    details, metrics = small.details, small.metrics
    assert small.ended == "finished" and metrics["test accuracy"] > 0.75
    labels, scores = details["labels"], details["scores"]
    assert np.mean((scores > 0.5) == labels) == pytest.approx(metrics["test accuracy"])
    assert ((scores > 0) & (scores < 1)).all()
    np.testing.assert_array_equal(details["confusion"], confusion(labels, scores > 0.5, 2))
    first = details["mistakes"][0]
    texts = load_reviews().test_texts
    assert first["text"] == texts[first["number"]] and abs(first["score"] - first["label"]) > 0.5
    report = small.model.metadata["report"]
    assert report["confusion"] == details["confusion"].tolist() and report["auc"] == pytest.approx(
        details["roc"].auc, abs=1e-6
    )
    assert not any(text[:40].encode() in model_bytes(small.model) for text in texts[:20])
    assert small.config.parameters(len(details["reader"].vocabulary)) == small.model.count_params()


def test_what_it_thinks_of_a_few_sentences_is_told_on_the_way():
    notes = []
    drain(replace(SMALL, epochs=None, max_steps=3).run(), lambda progress: notes.append(progress.notes))
    probes = [note["probes"] for note in notes if "probes" in note]
    assert len(probes) >= 2 and probes[0]["texts"] == list(PROBES)
    assert probes[0]["scores"] != probes[-1]["scores"] and all(0 < score < 1 for score in probes[-1]["scores"])


@pytest.mark.parametrize(
    "changes", [{}, {"mask": False}, {"mask": False, "bucketed": False}, {"word_dropout": 0.3, "dropout": 0.2}]
)
def test_the_same_seed_gives_the_same_losses_and_goes_on_from_a_checkpoint(changes):
    config = replace(SMALL, epochs=None, max_steps=8, **changes)
    kept: list[bytes] = []
    whole = drain(config.run(Control(save=kept.append, save_every=1e-9)))
    again = drain(config.run(checkpoint=kept[3]))
    assert again.history.series("loss") == whole.history.series("loss")
    reader = reader_of(whole.model)
    assert (reader.mask, reader.fixed) == (config.mask, not (config.mask or config.bucketed))


def test_the_best_weights_come_back():
    result = drain(replace(SMALL, epochs=12, patience=2, learning_rate=0.03).run())
    _, losses = result.history.series("val_loss")
    assert result.metrics["validation loss"] == pytest.approx(min(losses), rel=1e-4)


@pytest.mark.parametrize("padding", ["pre", "post"])
def test_texts_are_shown_otherwise_in_every_pass(padding):
    vocabulary = WordVocabulary([*SPECIALS, *(f"w{k:03}" for k in range(200))])
    reader = TextReader(vocabulary, ("negative", "positive"), 200, padding)
    whole = np.concatenate([[1], np.arange(3, 150)])
    batches = BucketedBatches([whole, whole[:3]] * 400, np.array([0, 1] * 400), 100, padding)
    shown = AugmentedBatches(batches, 0.1, 0.5, reader)
    stretches, unknown, texts = 0, [], 0
    for x, y in shown.epoch(np.random.default_rng(0)):
        assert len(x) == len(y) == 100
        for row in x:
            left = row[row != 0]
            assert left[0] == 1 and len(left) >= 3
            known = left[left > 2]
            assert (np.diff(known) > 0).all()
            unknown.append(np.mean(left[1:] == 2))
            if x.shape[1] > 3 and len(left) > 3:
                texts += 1
                stretches += len(left) < 100
    assert 0.4 < stretches / texts < 0.6 and 0.08 < np.mean(unknown) < 0.12
    first = [next(iter(shown.epoch(np.random.default_rng(seed))))[0] for seed in (1, 1)]
    np.testing.assert_array_equal(*first)


def test_imdb_in_small_on_the_command_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))
    fake_imdb(monkeypatch, b"not asked for")
    as_folder(fake_reviews(), tmp_path)
    out = str(tmp_path / "s.npz")
    args = [
        "train",
        "sentiment",
        "--data",
        "imdb",
        "--units",
        "8",
        "--length",
        "20",
        "--batch",
        "8",
        "--epochs",
        "6",
        "--rate",
        "0.02",
    ]
    assert main([*args, "--quiet", "--show-samples", "--out", out]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "test accuracy 1.0000"
    assert main(["evaluate", out, "--data", "imdb"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert (
        lines[0] == f"imdb: the {2 * EACH} test reviews, which the training never saw"
        and lines[-1] == "test accuracy 1.0000"
    )
    assert main(["classify", out, "--words", "a superb film"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("positive 0.")
    assert main(["evaluate", out, "--data", "mnist"]) == 2
    assert capsys.readouterr().err == "error: data must be one of reviews, imdb, got 'mnist'\n"


def test_a_model_of_topics_is_no_model_of_opinions(capsys):
    from lstm.cli.lessons import sentiment
    from lstm.cli.terminal import Line

    with pytest.raises(ValueError, match="must tell negative from positive, and it tells Education, Finance"):
        sentiment.evaluate(load_model(SHIPPED.with_name("topics.npz")), None, Line(silent=True))


def test_the_model_that_ships():
    model = load_model(SHIPPED, lesson="sentiment")
    reader = reader_of(model)
    assert SHIPPED.stat().st_size < 3_000_000 and reader.vocabulary.tokens[:3] == ("<PAD>", "<START>", "<UNK>")
    assert model.metadata["metrics"]["test accuracy"] >= 0.875
    assert sum(map(sum, model.metadata["report"]["confusion"])) == 25_000
    liked, not_liked = (read(model, reader, text).final[1] for text in PROBES[:2])
    assert liked > 0.8 and not_liked < 0.2
    for text in ("not good", "not bad", "good " * 2_000, "xyzzy"):
        found = read(model, reader, text)
        assert ((found.running > 0) & (found.running < 1)).all() and np.isfinite(found.before).all()


def test_a_preset_says_what_was_trained_to_its_end_and_what_was_not():
    imdb, stack = PRESETS["IMDB"], PRESETS["Dropout stack"]
    assert not stack.recorded and not stack.printed and "It has not been trained to its end in this lab" in stack.summary
    readme = (Path(__file__).parents[3] / "data" / "README.md").read_text(encoding="utf-8")
    figures = [float(f) for f in re.search(r"has\n([\d.]+), ([\d.]+) and ([\d.]+) % on the test", readme).groups()]
    assert imdb.recorded["test accuracy"] == f"{sum(figures) / 3:.2f} % (mean of seeds 0, 1, 2)"
    assert int(imdb.recorded["parameters"].replace(",", "")) == imdb.config.parameters()
