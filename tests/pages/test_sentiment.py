"""Sentiment, run whole: a typed review and its colours, predictions, numbers and padding, training, and what can be handed in."""

import csv
import hashlib
import io
import json

import numpy as np
import pytest

from lstm import LSTM, Dense, Embedding, Sequential
from lstm.datasets.imdb import OPINIONS, load_reviews
from lstm.lessons.cells import parameters
from lstm.lessons.reading.reader import read, reader_of
from lstm.lessons.reading.sentiment import PRESETS, Sentiment
from lstm.preprocessing.text import SPECIALS, WordVocabulary
from lstm.preprocessing.text import words as words_of
from lstm.storage import model_bytes
from tests.fake_imdb import as_archive, as_folder, fake_imdb, fake_reviews
from tests.pages.desk import offer, open_page, press, sentences
from ui.reading.words import percent, running_chart, running_csv, shown, turning_word
from ui.sentiment import charts
from ui.sentiment import controls as sentiment_controls
from ui.sentiment.controls import controls
from ui.sentiment.first import START, TEXT
from ui.sentiment.hard import GROUPS
from ui.sentiment.layers import as_keras_prints, formula
from ui.sentiment.models import SHELF, roc_of
from ui.sentiment.numbers import parsed, shifted
from ui.sentiment.padding import SHORT, masking, moved_by, why, with_padding

FAST = {"sentiment_units": "4", "sentiment_length": "20", "sentiment_limit": "60", "sentiment_vocabulary": "300"}


@pytest.fixture(autouse=True)
def cache(desk, monkeypatch, tmp_path):
    """Nothing is downloaded, and nothing is in the cache."""
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LSTM_LAB_MIRROR", raising=False)
    return tmp_path / "cache"


def open_sentiment(**params):
    return open_page("pages/sentiment.py", **params)


def coloured(page):
    """What the coloured texts of the page were told, in its order."""
    return [json.loads(e.proto.json) for e in page.get("bidi_component") if e.proto.component_name == "lab_words"]


def headline(page):
    """The score in large letters."""
    return next(text.value for text in page.markdown if text.value.startswith("**:"))


def typing(page, text):
    page.text_area(key=TEXT).set_value(text).run()
    assert not page.exception


def tiny(classes=OPINIONS, lesson="sentiment", mask=True, words=("good", "bad", "film", "a"), outputs=1, **facts):
    """A network of four words that nobody trained."""
    vocabulary = WordVocabulary([*SPECIALS, *words])
    model = Sequential(
        [
            Embedding(len(vocabulary), 3, mask_zero=mask),
            LSTM(2),
            Dense(outputs, activation="sigmoid" if outputs == 1 else "softmax"),
        ]
    )
    model.build((None, None))
    reader = {"classes": list(classes), "length": 12, "padding": "pre", "mask": mask, "fixed": False}
    model.metadata = {"lesson": lesson, "reader": reader, "vocabulary": vocabulary.to_dict()} | facts
    return model


# --- the first second ---------------------------------------------------------------------------------------------------


def test_it_opens_with_a_review_that_is_read_already():
    page = open_sentiment()
    assert page.title[0].value == "Sentiment"
    first = coloured(page)[0]
    assert "".join(piece[0] for piece in first["pieces"]) == START
    assert len([piece for piece in first["pieces"] if len(piece) == 3]) == 30 and first["turn"] is not None
    assert "% positive" in headline(page)
    assert any("trained on IMDB, test accuracy 8" in caption.value for caption in page.caption)
    assert any(code.value.startswith("def read(") for code in page.code)
    assert any("213,301" in code.value and "53,200" in code.value for code in page.code)
    assert any("53{,}200" in latex.value for latex in page.latex)
    assert not page.error and not page.warning


def test_a_typed_review_is_shown_as_it_was_typed_and_never_as_html():
    page = open_sentiment()
    typing(page, "A <img src=x onerror=alert(1)> *film*\n\nthat I :red[loved]!")
    assert "".join(piece[0] for piece in coloured(page)[0]["pieces"]) == page.text_area(key=TEXT).value
    assert not any("onerror" in found.value for found in (*page.markdown, *page.get("html")))


@pytest.mark.parametrize("text", ["", "   \n", "!!! ... 🎬"])
def test_without_a_word_there_is_one_sentence(text):
    page = open_sentiment()
    typing(page, text)
    assert sentences(page)[:2] == [
        "The text must hold at least one word, got none.",
        "Type a review of at least one word; its score and its colours appear here.",
    ]
    assert not coloured(page)
    typing(page, "good")
    assert "% positive" in headline(page) and not page.error


@pytest.mark.parametrize(
    ("text", "words"), [("qwrtzp xkcdq blmpf", "All 3 words are"), ("這部電影很好看", "All 7 words are")]
)
def test_words_it_has_never_seen_say_nothing(text, words):
    page = open_sentiment()
    typing(page, text)
    assert f"{words} unknown to the model, so its answer says nothing about the text." in sentences(page)
    assert "% positive" in headline(page)


def test_twenty_thousand_words():
    page = open_sentiment()
    typing(page, " ".join(["dreadful"] * 19_700 + ["wonderful"] * 300))
    first = coloured(page)[0]
    captions = [caption.value.replace("\\", "") for caption in page.caption]
    read_words = [piece for piece in first["pieces"] if len(piece) == 3]
    assert any(
        f"The text has 20,000 words, and the model reads the last {len(read_words)}." in found for found in captions
    )
    assert len(json.dumps(first)) < 50_000  # what is not read is shortened


def test_no_score_is_ever_0_or_1():
    who = SHELF.shipped()
    for text in (
        "wonderful " * 300,
        "awful " * 300,
        *(text for group in GROUPS.values() for text, _ in group.sentences),
    ):
        running = who.read(text).running
        assert np.isfinite(running).all() and (running > 0).all() and (running < 1).all()
    assert [percent(p) for p in (1e-9, 0.00012, 0.0123, 0.123, 0.9, 0.9912, 1 - 1e-12)] == [
        "< 0.01 %", "0.01 %", "1.2 %", "12 %", "90 %", "99.1 %", "> 99.99 %",
    ]  # fmt: skip


# --- words, by hand -----------------------------------------------------------------------------------------------------


def test_the_pieces_the_browser_is_told():
    model = tiny()
    reading = read(model, reader_of(model), "A good,\nfilm <b> zz")
    told = shown(reading, 1)
    assert [piece[0] for piece in told["pieces"]] == ["A", " ", "good", ",\n", "film", " <", "b", "> ", "zz"]
    assert [piece[2] for piece in told["pieces"] if len(piece) == 3] == [True, True, True, False, False]
    assert told["pieces"][-1][1] == pytest.approx(reading.final[1], abs=1e-6)
    model.set_weights([10 * weights for weights in model.get_weights()])  # now words matter
    reading = read(model, reader_of(model), "A good film")
    change = np.abs(reading.change(1))
    found = turning_word(reading, 1)
    assert change.max() > 0.005 and abs(found[1]) == change.max()
    json.dumps(told)


def test_the_running_scores_as_a_file_and_as_a_line():
    model = tiny()
    reading = read(model, reader_of(model), "good bad zz")
    rows = list(csv.DictReader(io.StringIO(running_csv(reading, OPINIONS))))
    assert [row["word"] for row in rows] == ["good", "bad", "zz"] and [row["id"] for row in rows] == ["3", "4", "2"]
    assert float(rows[1]["positive"]) == reading.running[1, 1]
    line = running_chart(reading, [1], ["positive"], ["train"])
    assert line.rows["rows"]["word"] == ["(before)", "good", "bad", "zz"]
    line.chart().to_dict()
    many = running_chart(read(model, reader_of(model), "good " * 11), [0, 1], OPINIONS, ["train", "validation"])
    assert set(many.rows["rows"]["class"]) == set(OPINIONS)
    many.chart().to_dict()


# --- predict, numbers, padding, layers ---------------------------------------------------------------------------------------


def test_predictions_are_checked_against_the_network():
    page = open_sentiment()
    who = SHELF.shipped()
    for number, (name, group) in enumerate(GROUPS.items()):
        page.button_group(key="sentiment_hard").set_value(name).run()
        for k, (text, _) in enumerate(group.sentences):
            says = OPINIONS[int(who.read(text).final[1] >= 0.5)]
            page.radio(key=f"predict_sentiment_hard_{number}_{k}").set_value(says).run()
        revealed = [found for found in page.success if "It says " in found.value]
        assert len(revealed) == len(group.sentences) and not page.warning
        assert any(f"of {len(group.sentences)}. " in caption.value for caption in page.caption)
    assert not page.exception


def test_a_review_is_decoded_from_its_numbers():
    page = open_sentiment()
    typing(page, "a good film zzqx")
    code = [code.value for code in page.code]
    assert "<START> a good film <UNK>" in code
    page.slider(key="sentiment_off").set_value(0).run()
    assert [found.value for found in page.code].count("<START> a good film <UNK>") == 1
    assert any("Off by nothing" in caption.value for caption in page.caption)
    numbers = next(area for area in page.text_area if area.label.startswith("The review as"))
    numbers.set_value("1 3, 3 999999").run()
    assert any(s.startswith("Each number must be a whole number from 0 to 14,999") for s in sentences(page))


def opened_as(page):
    return [caption.value for caption in page.caption if caption.value.startswith(":material/menu_book:")]


def test_any_shipped_review_is_opened_and_the_whole_page_reads_it():
    reviews = load_reviews()
    learn, count = len(reviews.train_texts), len(reviews.train_texts) + len(reviews.test_texts)
    page = open_sentiment()
    assert not opened_as(page)
    for number, text, label, half in (
        (1, reviews.train_texts[0], reviews.train_labels[0], "to learn from"),
        (learn, reviews.train_texts[-1], reviews.train_labels[-1], "to learn from"),
        (learn + 1, reviews.test_texts[0], reviews.test_labels[0], "of the test"),
        (count, reviews.test_texts[-1], reviews.test_labels[-1], "of the test"),
    ):
        page.number_input(key="sentiment_open_number").set_value(number).run()
        assert page.text_area(key=TEXT).value == text
        assert "".join(piece[0] for piece in coloured(page)[0]["pieces"]) == text
        (said,) = opened_as(page)
        assert f"Review {number:,} of" in said and f"one {half}" in said and said.endswith(f"{OPINIONS[label]}.")
        reader = SHELF.shipped().reader
        assert reader.decode(reader.encode(text)) in [code.value for code in page.code]
        ids = reader.encode(text)
        places = f"The {len(ids)} numbers stand in places {reader.length - len(ids) + 1} to {reader.length} of {reader.length}"
        page.button_group(key="sentiment_padding_of").set_value("Your review").run()
        assert any(caption.value.startswith(places) for caption in page.caption)
    typing(page, "good")
    assert not opened_as(page)  # what is typed over it is no review of the data


def test_a_review_at_random_is_one_of_them():
    page = open_sentiment()
    press(page, "One at random")
    number = page.number_input(key="sentiment_open_number").value
    reviews = load_reviews()
    assert page.text_area(key=TEXT).value == [*reviews.train_texts, *reviews.test_texts][number - 1]


@pytest.mark.parametrize("number", ["-1", "1201", "9000000000000000"])
def test_a_review_that_does_not_exist_is_one_sentence_and_the_box_stays(number):
    page = open_sentiment(sentiment_open_number=number)
    assert f"The number of a review must be from 1 to 1,200, got {int(number):,}." in sentences(page)
    assert page.text_area(key=TEXT).value == START and not page.exception


def test_a_review_of_imdb_is_opened_once_imdb_is_here(monkeypatch, cache):
    files = fake_reviews()
    fake_imdb(monkeypatch, as_archive(files))
    page = open_sentiment(sentiment_open_of="IMDB", sentiment_open_number="161")
    assert any("IMDB is not on this server yet" in s for s in sentences(page))
    as_folder(files, cache)
    page.run()
    assert "The number of a review must be from 1 to 160, got 161." in sentences(page)
    for number, half, opinion in ((1, "train", "pos"), (41, "train", "neg"), (81, "test", "pos"), (160, "test", "neg")):
        page.number_input(key="sentiment_open_number").set_value(number).run()
        wanted = files[f"aclImdb/{half}/{opinion}/{(number - 1) % 40}_{9 if opinion == 'pos' else 2}.txt"]
        assert page.text_area(key=TEXT).value == wanted.replace("<br /><br />", "\n")
        assert opened_as(page)[0].endswith("negative." if opinion == "neg" else "positive.")
    assert not page.exception


def test_which_words_share_a_number_is_computed_from_the_words_on_show():
    page = open_sentiment()
    words = list(dict.fromkeys(words_of(START)))
    for n in (10, 100, 15_000):
        page.select_slider(key="sentiment_hash_n").set_value(n).run()
        numbers = {word: int(hashlib.md5(word.encode()).hexdigest(), 16) % (n - 1) + 1 for word in words}
        pairs = sum(numbers[a] == numbers[b] for k, a in enumerate(words) for b in words[:k])
        (said,) = [
            text.value
            for text in page.markdown
            if text.value.startswith(f"{len(words)} different words, {n - 1:,} numbers")
        ]
        wanted = (
            "no two words" if not pairs else "1 pair of words shares" if pairs == 1 else f"{pairs} pairs of words share"
        )
        assert wanted in said and ("Some must" in said) == (len(words) > n - 1)
        table = next(found.value for found in page.dataframe if "hash" in found.value.columns)
        assert dict(zip(table["word"], table["hash"], strict=True)) == numbers
        reader = SHELF.shipped().reader
        assert table["dictionary"].tolist() == reader.vocabulary.numbers(words).tolist()
        for word, others in zip(table["word"], table["shares it with"], strict=True):
            assert set(others.split(", ")) - {""} == {o for o in words if o != word and numbers[o] == numbers[word]}


def test_numbers_somebody_wrote():
    reader = reader_of(tiny())
    assert parsed("1, 3 6", reader).tolist() == [1, 3, 6]
    for written, said in (
        ("", "at least one number"),
        ("1 " * 13, "at most 12 numbers"),
        ("7", "from 0 to 6, got '7'"),
        ("-1", "got '-1'"),
        ("３", "got '３'"),
        ("1.5", "got '1.5'"),
    ):
        with pytest.raises(ValueError, match=said):
            parsed(written, reader)
    assert shifted(np.array([0, 1, 2, 3, 6]), 2, 7).tolist() == [0, 1, 2, 5, 6]
    assert shifted(np.array([0, 1, 2, 3, 6]), -2, 7).tolist() == [0, 1, 2, 3, 4]


def test_a_mask_makes_padding_nothing_and_the_model_is_as_it_was():
    model = tiny()
    reader = reader_of(model)
    scores = {way: with_padding(model, reader, "a good film", way) for way in charts.WAYS}
    for way in ("in front, masked", "behind, masked"):
        assert np.ptp(scores[way]) < 1e-6
    assert np.ptp(scores["behind, read"]) > 0
    assert len({round(line[0], 6) for line in scores.values()}) == 1
    assert model.layers[0].mask_zero
    twin = masking(model, False)
    assert model.layers[0].mask_zero and not twin.layers[0].mask_zero
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), twin.get_weights(), strict=True))
    assert [
        moved_by(*pair) for pair in (([0.5, 0.9], [0.5, 0.6]), ([0.5, 0.5], [0.5, 0.2]), ([0.5, 0.51], [0.5, 0.5]))
    ] == [0, 1, 2]


def test_the_layers_by_hand():
    rows = PRESETS["IMDB"].config.layer_table()
    table = as_keras_prints(rows)
    assert "Total params: 213,301" in table and "(None, 500, 32)" in table
    assert parameters("lstm", 32, 100) == 53_200 == 32 * 400 + 100 * 400 + 400
    assert "53{,}200" in formula(PRESETS["IMDB"].config)
    both = formula(Sentiment(bidirectional=True, units=100))
    assert both.startswith(r"2 \cdot") and "106{,}400" in both


def test_how_many_parameters_twice_the_units_would_be():
    page = open_sentiment()
    page.radio(key="predict_sentiment_layers").set_value("more than three times as many").run()
    assert any("186,400 instead of 53,200, 3.50 times" in found.value for found in page.success)
    page.radio(key="predict_sentiment_padding").set_value("in front of it").run()
    assert any("In front: " in found.value and "Behind: " in found.value for found in (*page.success, *page.warning))
    page.button_group(key="sentiment_layers_of").set_value("Your settings").run()
    assert any("(None, 100, 32)" in code.value for code in page.code) and not page.exception


# --- training -----------------------------------------------------------------------------------------------------------


def test_a_training_shows_its_curves_and_its_mistakes(desk):
    desk.hold = True
    page = open_sentiment(**FAST)
    press(page, "Train")
    (job,) = desk.all
    assert job.config.units == 4 and job.config.limit == 60 and job.config.validate_every == 1
    assert any(caption.value.startswith("What it thinks at step") for caption in page.caption)
    assert next(button for button in page.button if button.label == "Training …").disabled
    press(page, "Reset")
    desk.hold = False
    press(page, "Train")
    assert page.session_state.sentiment_model == desk.all[-1].id
    labels = [button.label for button in page.get("download_button")]
    assert labels == [
        "The network (.npz)",
        "The running scores (.csv)",
        "The history (.csv)",
        "The confusion matrix (.csv)",
        "The experiment (.ipynb)",
    ]
    assert any("the lab's generated reviews" in caption.value for caption in page.caption)
    assert any("The mistakes" in text.value and "of 271 reviews" in text.value for text in page.markdown)
    page.segmented_control(key="sentiment_model").set_value("shipped").run()
    assert (
        any("No review is kept in a network's file" in caption.value for caption in page.caption) and not page.exception
    )


def test_other_ways_of_reading_can_be_trained_and_read(desk):
    others = {"bidirectional": "true", "mask": "false", "bucketed": "false", "padding": "behind"}
    page = open_sentiment(**FAST, **{controls.key(name): value for name, value in others.items()})
    press(page, "Train")
    assert desk.all[-1].state == "stopped" and "% positive" in headline(page)
    model = desk.all[-1].result.model
    scores = {way: with_padding(model, reader_of(model), SHORT, way) for way in charts.WAYS}
    front, behind = scores["in front, read"], scores["behind, read"]
    moved = moved_by(front, behind)
    radio = page.radio(key="predict_sentiment_padding")
    radio.set_value(radio.options[moved]).run()
    (said,) = [found.value for found in page.success if "In front: " in found.value]
    assert said == (
        f"**Right.** In front: {percent(front[0])} → {percent(front[-1])}. Behind: {percent(behind[0])} → "
        f"{percent(behind[-1])}. {why(False, moved)}"
    )


def test_presets_are_the_reference_and_values_come_back():
    for name, preset in PRESETS.items():
        assert controls.config(controls.values_of(preset.config)) == preset.config
        assert set(sentiment_controls.beside(name, None)[""]) >= {"parameters"}
    assert controls.config(controls.defaults) == Sentiment()
    page = open_sentiment()
    page.button_group(key="sentiment_preset_pills").set_value("IMDB").run()
    assert controls.key("data") in page.session_state and page.session_state.sentiment_length == 500
    assert any("Its word index is off by two" in text.value for text in page.markdown)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"sentiment_units": "0"}, "units must be a positive integer, got 0."),
        ({"sentiment_limit": "-3"}, "only so many reviews must be a positive integer, got -3."),
        ({"sentiment_limit": "5"}, "only so many reviews must be at least 20, got 5."),
        ({"sentiment_batch": "0"}, "batch size must be a positive integer, got 0."),
        ({"sentiment_length": "1"}, "time steps must be at least 2, <START> and a word, got 1."),
        ({"sentiment_dropout": "1"}, "dropout must be a number from 0 to below 1, got 1.0."),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence(params, said):
    page = open_sentiment(**params)
    assert [s for s in sentences(page) if s.lower() == said.lower()]
    assert next(button for button in page.button if button.label == "Train").disabled


# --- IMDB: not here, incomplete, broken -----------------------------------------------------------------------------------


def test_without_imdb_it_says_so_and_offers_both_ways(monkeypatch):
    fake_imdb(monkeypatch, as_archive(fake_reviews()))  # its address answers nothing
    page = open_sentiment(sentiment_data="IMDB")
    assert any("IMDB is not on this server yet" in s for s in sentences(page))
    assert next(button for button in page.button if button.label == "Train").disabled
    press(page, "Download it")
    assert any(s.startswith("IMDB reviews could not be downloaded") for s in sentences(page))
    press(page, "Take the generated reviews instead")
    assert page.selectbox(key="sentiment_data").value == "reviews"
    assert any("**generated** for the lab" in caption.value for caption in page.caption)


def test_an_incomplete_folder_says_what_is_missing(monkeypatch, cache):
    files = fake_reviews()
    fake_imdb(monkeypatch, as_archive(files))
    kept = {name: text for name, text in files.items() if "/test/pos/" not in name and "/train/neg/3" not in name}
    as_folder(kept, cache)
    page = open_sentiment(sentiment_data="IMDB")
    (said,) = [s for s in sentences(page) if "is incomplete" in s]
    assert "test/pos is missing" in said and "train/neg holds 29 of 40 reviews" in said


def test_a_broken_archive_is_a_sentence_of_the_training(monkeypatch, cache, desk):
    fake_imdb(monkeypatch, as_archive(fake_reviews())[:-300])
    (cache / "aclImdb").mkdir(parents=True)
    (cache / "aclImdb" / "aclImdb_v1.tar.gz").write_bytes(as_archive(fake_reviews())[:-300])

    with pytest.raises(ValueError, match="is damaged: it cannot be unpacked to its end"):
        next(Sentiment(data="imdb").run())  # the engine makes the job's error of it, and the panel shows it


def test_an_archive_that_was_cut_off_is_said_and_fetched_anew(monkeypatch, cache):
    archive = as_archive(fake_reviews())
    fake_imdb(monkeypatch, archive)
    (cache / "aclImdb").mkdir(parents=True)
    (cache / "aclImdb" / "aclImdb_v1.tar.gz").write_bytes(archive[:-300])
    page = open_sentiment(sentiment_data="IMDB")
    assert any("IMDB is not on this server yet" in s for s in sentences(page))
    press(page, "Download it")
    assert any("aclImdb_v1.tar.gz in the cache" in s and "it is fetched again" in s for s in sentences(page))
    assert any(s.startswith("IMDB reviews could not be downloaded") for s in sentences(page))


def test_imdb_from_the_cache_is_trained_on(monkeypatch, cache, desk):
    archive = as_archive(fake_reviews())
    fake_imdb(monkeypatch, archive)
    (cache / "aclImdb").mkdir(parents=True)
    (cache / "aclImdb" / "aclImdb_v1.tar.gz").write_bytes(archive)
    page = open_sentiment(sentiment_data="IMDB", **FAST)
    press(page, "Train")
    assert desk.all[-1].config.data == "imdb" and desk.all[-1].result is not None
    assert any("The mistakes" in text.value and "of 80 reviews" in text.value for text in page.markdown)


# --- files ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty."),
        (b"hello", "This is not a model file of LSTM Lab"),
        (model_bytes(tiny())[:-200], "The model file is damaged"),
        (model_bytes(tiny(lesson="text")), "This model belongs to the lesson 'text'"),
        (model_bytes(tiny(classes=("yes", "no"))), "The model must tell negative from positive reviews"),
        (model_bytes(tiny(reader=None)), "The model does not say how it wants to be shown a text"),
    ],
)
def test_a_file_that_is_no_network_of_this_lesson_is_one_sentence(data, said):
    page = open_sentiment()
    offer(page, "Load a network back", "*mine*.npz", data)
    (sentence,) = [s for s in sentences(page) if s.startswith("*mine*.npz: ")]
    assert said in sentence
    assert page.session_state.sentiment_model == "shipped"


def test_a_network_is_loaded_back_whatever_its_metadata_claim():
    page = open_sentiment()
    strange = {
        "report": {"confusion": [[1]], "false_positive": "x", "auc": {}},
        "metrics": [],
        "config": {"data": ["x"]},
    }
    offer(page, "Load a network back", "mine.npz", model_bytes(tiny(**strange)))
    assert page.session_state.sentiment_model.startswith("loaded-")
    assert any("does not say how it did in its test" in s for s in sentences(page))
    assert "% positive" in headline(page)


def test_a_curve_is_one_or_none():
    assert roc_of({"false_positive": [0, 0.5, 1], "true_positive": [0, 0.9, 1], "auc": 0.8})[2] == 0.8
    for report in (
        {},
        {"false_positive": [0, 1], "true_positive": [0], "auc": 0.5},
        {"false_positive": [0, 2], "true_positive": [0, 1], "auc": 0.5},
        {"false_positive": [1, 0], "true_positive": [0, 1], "auc": 0.5},
        {"false_positive": [0, float("nan")], "true_positive": [0, 1], "auc": 0.5},
        {"false_positive": [0, 1], "true_positive": [0, 1], "auc": "much"},
    ):
        assert roc_of(report) is None


def test_links_set_the_controls():
    page = open_sentiment(**controls.link(padding="post", mask=False, bucketed=False))
    assert page.selectbox(key="sentiment_padding").value == "post"
    assert not page.toggle(key="sentiment_mask").value
    assert page.toast[0].value.endswith("; press **Train**.")
    assert len(load_reviews().test_texts) == 271 and not page.error
