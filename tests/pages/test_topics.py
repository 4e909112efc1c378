"""Topics, run whole: what a sentence brings, what is trained, what can be handed in. Training happens on the spot."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from jobs import engine
from lstm import LSTM, Dense, Embedding, Sequential
from lstm.lessons import drain
from lstm.lessons.reading import classical
from lstm.lessons.reading.classical import COUNTING, METHODS, ClassicalMethods
from lstm.lessons.reading.topics import Topics
from lstm.lessons.reading.topics_comparison import Comparison
from lstm.storage import model_bytes
from tests.pages.desk import kept, offer, open_page, press, sentences
from ui import keep
from ui.reading.report import confusion_csv, report_columns
from ui.topics import methods as topics_methods
from ui.topics.charts import after_each_word, class_colours, share
from ui.topics.controls import controls
from ui.topics.methods import SHELF
from ui.topics.opinion import EXAMPLES, START

SMALL = {"topics_units": "4", "topics_embedding": "4", "topics_epochs": "0.1"}
UPLOADER = "A CSV with a text"
SHOPS = "message,team\n" + "".join(
    f"{words} {k},{team}\n" for k in range(6) for words, team in (("my parcel is late", "post"), ("the bill is wrong", "money"))
)  # fmt: skip


@pytest.fixture(autouse=True)
def quick(desk, monkeypatch, tmp_path):
    """The classical methods as they are, but all of them fitted by a few steps of logistic regression."""
    from sklearn.linear_model import LogisticRegression

    monkeypatch.setattr(classical, "_learner", lambda *_: LogisticRegression(max_iter=20, tol=1.0))
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(topics_methods, "_SHARED_FITS", {})
    monkeypatch.setattr(topics_methods, "_BEING_FITTED", {})
    keep.forget_all()  # what other learners fitted
    desk.steps = 50
    yield
    keep.forget_all()


def shipped_exam():
    """The test part, as the page shows it of the network that ships."""
    return topics_methods.exam_of(topics_methods.panel(topics_methods.SHELF.shipped(), None, "s"))


def open_topics(**params):
    return open_page("pages/topics.py", **params)


def chart(page, part):
    """The rows of the chart whose description holds `part`: what the browser is sent."""
    return [one.proto for one in page.get("vega_lite_chart") if part in one.proto.alt]


def write(page, text):
    page.text_area(key="topics_text").set_value(text).run()
    assert not page.exception


def told(page):
    """What the coloured text at the top was last told."""
    return [json.loads(e.proto.json) for e in page.get("bidi_component") if e.proto.component_name == "lab_words"]


def jobs(desk, kind):
    return [job for job in desk.all if isinstance(job.config, kind)]


def test_it_opens_with_a_sentence_and_every_methods_opinion(desk):
    page = open_topics()
    assert page.title[0].value == "Topics"
    assert page.text_area(key="topics_text").value == START
    assert any("The LSTM says **Finance**" in text.value for text in page.markdown)
    counting, averaged = jobs(desk, ClassicalMethods)
    assert counting.config == ClassicalMethods()
    assert averaged.config == ClassicalMethods(network=model_bytes(SHELF.shipped().model))
    (methods,) = chart(page, "every method's probability")
    for name in ("LSTM", *METHODS):
        assert f"{name}: " in methods.alt
    assert [piece[0] for piece in told(page)[0]["pieces"] if len(piece) > 1] == START.strip(".").split()
    assert any("trained on the four topics that ship, test accuracy 8" in caption.value for caption in page.caption)
    assert any("templates: " in text.value and "and 0 on two sides" in text.value for text in page.markdown)
    assert not page.error and not page.warning
    page.run()
    assert len(jobs(desk, ClassicalMethods)) == 2  # fitted once


def test_what_is_fitted_on_the_sentences_that_ship_serves_the_next_reader_too(desk, monkeypatch):
    desk.steps = 100
    submit = desk.submit

    def finished(*args, **kwargs):
        job = submit(*args, **kwargs)
        job.phase = "finished"
        return job

    monkeypatch.setattr(engine, "submit", finished)
    open_topics()
    open_topics().run()
    desk.all.clear()
    page = open_topics()
    assert chart(page, COUNTING[-1]) and not desk.all
    page = open_topics(topics_data="Your own CSV", **SMALL)
    offer(page, UPLOADER, "shops.csv", SHOPS.encode())
    press(page, "Train")
    assert [config.data for config in topics_methods._SHARED_FITS] == ["topics", "topics"]


def test_two_visitors_who_come_at_once_share_one_fit(desk, monkeypatch):
    """Of what ships: one job for both, which the second waits for, and afterwards the very same fitted methods."""
    monkeypatch.setattr(engine, "jobs", lambda session: [job for job in desk.all if job.session == session])
    desk.hold, desk.steps = True, 0  # they stand still as soon as they have begun
    shown = SHELF.shipped()
    both = Barrier(2)

    def visit(session):
        both.wait()
        return topics_methods.panel(shown, None, session)

    with ThreadPoolExecutor(2) as pool:
        panels = list(pool.map(visit, ("one", "two")))
    assert len(jobs(desk, ClassicalMethods)) == len(desk.all) == 2  # counting words, and averaged word vectors
    assert panels[0].waiting is panels[1].waiting is desk.all[0] and not panels[0].fitted and not panels[1].fitted
    for job in desk.all:
        job.end("finished", result=drain(job.config.run()))
    one, two = (topics_methods.panel(shown, None, session) for session in ("one", "two"))
    assert len(desk.all) == 2 and one.waiting is None and two.waiting is None
    assert list(one.fitted) == list(METHODS) and all(two.fitted[name] is one.fitted[name] for name in METHODS)


def test_a_fit_of_ones_own_sentences_is_nobody_elses(desk, monkeypatch):
    monkeypatch.setattr(engine, "jobs", lambda session: [job for job in desk.all if job.session == session])
    own = ClassicalMethods(data="upload", csv=SHOPS)
    for session in ("one", "two", "one"):
        topics_methods._fits(own, session, shared=False)
    assert [job.session for job in desk.all] == ["one", "two"] and not topics_methods._SHARED_FITS


def test_the_network_answers_while_the_others_are_fitted(desk):
    desk.hold, desk.steps = True, 0
    page = open_topics()
    assert any("The 9 classical methods are being fitted" in caption.value for caption in page.caption)
    (methods,) = chart(page, "every method's probability")
    assert "LSTM" in methods.alt and COUNTING[0] not in methods.alt
    assert any("That can be asked once the classical methods are fitted" in caption.value for caption in page.caption)


def test_a_queue_that_is_full_is_one_sentence_and_can_be_asked_again(desk, monkeypatch):
    from jobs import engine

    def full(*_, **__):
        raise ValueError("too many trainings wait already")

    submit = engine.submit
    monkeypatch.setattr(engine, "submit", full)
    page = open_topics()
    assert "The classical methods are not there: Too many trainings wait already." in sentences(page)
    press(page, "Train")
    assert "Too many trainings wait already." in sentences(page)
    monkeypatch.setattr(engine, "submit", submit)
    press(page, "Try again")
    assert chart(page, COUNTING[-1])


def test_a_failed_fit_is_said_and_not_begun_again_by_itself(desk):
    page = open_topics()
    job, _ = jobs(desk, ClassicalMethods)
    job.result, job.error = None, "the worker was lost three times"
    page.run()
    assert "The classical methods are not there: The worker was lost three times." in sentences(page)
    assert len(jobs(desk, ClassicalMethods)) == 2
    press(page, "Try again")
    assert len(jobs(desk, ClassicalMethods)) == 3 and chart(page, COUNTING[-1])


def test_nothing_to_read_is_one_sentence_and_a_hard_text_gets_a_note():
    page = open_topics()
    for text in ("", " … !? "):
        write(page, text)
        assert "The text must hold at least one word, got none." in sentences(page)
        assert any(sub.value == "Train your own" for sub in page.header)
    for text, said in (
        ("Der Torwart hielt", "All 3 words are unknown to the model"),
        ("вратарь поймал мяч", "All 3 words are unknown to the model"),
        ("守门员", "All 3 words are unknown to the model"),
        ("the coach " * 10_000, "The text has 20,000 words, and the model reads the first 29."),
        ("<img src=x onerror=alert(1)> [a](http://b) coach", "words are unknown to the model"),
    ):
        write(page, text)
        assert any(said in caption.value.replace("\\", "") for caption in page.caption), text[:30]
        assert any("The LSTM says **" in found.value for found in page.markdown)
        assert not page.error
        assert all("<img" not in html.proto.body for html in page.get("html"))


def test_an_example_takes_the_place_of_what_was_typed():
    page = open_topics()
    write(page, "The coach.")
    assert not page.button_group(key="topics_text_example").value
    page.button_group(key="topics_text_example").set_value("Two worlds").run()
    assert page.text_area(key="topics_text").value == EXAMPLES["Two worlds"]
    assert page.button_group(key="topics_text_example").value == "Two worlds"


def test_a_sentence_becomes_numbers_step_by_step():
    page = open_topics()
    write(page, "The Striker xyzzy")
    words, array = (html.proto.body for html in page.get("html")[:2])
    assert ">striker<" in words and ">xyzzy<" in words and "unknown" in words
    assert array.count("&lt;PAD&gt;") == 26 and array.count("skipped") == 26 and "&lt;START&gt;" in array
    assert "3 words, 1 unknown, 0 cut off." in [caption.value for caption in page.caption]


def test_predictions_are_checked_against_the_numbers_on_the_page():
    page = open_topics()
    which, who = (page.radio(key=f"predict_topics_{name}") for name in ("which", "who"))
    exam = shipped_exam()
    who.set_value(next(iter(exam.accuracies()))).run()
    assert any(found.value.startswith("**Right.**") for found in page.success)
    text = next(text for text in exam.texts if text.rstrip(".") in which.label.replace("\\", ""))
    said = exam.classes[int(exam.opinions["LSTM"][exam.texts.index(text)].argmax())]
    next(radio for radio in page.radio if radio.key == which.key).set_value(said).run()
    assert len(page.success) == 2 and not page.exception


def test_any_method_is_examined():
    page = open_topics()
    page.selectbox(key="topics_method").set_value(COUNTING[0]).run()
    exam = shipped_exam()
    right = int(np.trace(exam.confusion(COUNTING[0])))
    assert any(f"{right} of {len(exam.labels)} texts of the test part are right" in text.value for text in page.markdown)
    assert exam.confusion("LSTM").sum() == len(exam.labels) == 492


def test_a_training_shows_what_it_is_tried_on_and_what_came_out(desk):
    desk.hold, desk.steps = True, 0
    page = open_topics(**SMALL)
    press(page, "Train")
    (job,) = jobs(desk, Topics)
    assert job.config == Topics(units=4, embedding=4, epochs=0.1)
    assert any("Sentences it never trains on" in caption.value for caption in page.caption)
    assert next(button for button in page.button if button.label == "Training …").disabled
    desk.all.clear()
    topics_methods._BEING_FITTED.clear()
    desk.hold, desk.steps = False, 50
    page.run()
    assert len(jobs(desk, ClassicalMethods)) == 2
    press(page, "Train")
    job = jobs(desk, Topics)[-1]
    assert page.session_state.topics_model == job.id
    labels = [button.label for button in page.get("download_button")]
    assert labels == ["The network (.npz)", "The predictions (.csv)", "The report (.txt)", "The history (.csv)", "The experiment (.ipynb)"]
    assert len(jobs(desk, ClassicalMethods)) == 2  # the training fitted them itself
    assert set(kept(page, "topics exam").opinions) == {"LSTM", *METHODS}
    page.segmented_control(key="topics_model").set_value("shipped").run()
    assert not page.exception and chart(page, "every method's probability")


def test_a_comparison_over_seeds_is_run_not_typed_in(desk):
    desk.steps = 10_000
    page = open_topics(**SMALL)
    page.segmented_control(key="topics_compare_seeds").set_value(2).run()
    press(page, "Run the comparison")
    (job,) = jobs(desk, Comparison)
    assert job.config == Comparison(Topics(units=4, embedding=4, epochs=0.1), 2)
    table = next(one.value for one in page.dataframe if "fit (s)" in one.value.columns)
    assert set(table["method"]) == {"LSTM", *METHODS}
    assert all(cell.startswith("± ") for cell in table["spread"])
    assert "The comparison (.csv)" in [button.label for button in page.get("download_button")]
    means = {one.name: one.mean for one in job.result.details["table"]}
    assert all(table["mean"][k] == f"{means[name]:.1%}" for k, name in enumerate(table["method"]))


def test_a_csv_of_ones_own_is_learnt(desk):
    page = open_topics(topics_data="Your own CSV", **SMALL)
    assert next(button for button in page.button if button.label == "Train").disabled
    offer(page, UPLOADER, "shops.csv", SHOPS.encode())
    # "message" and "team": one name says that it is the text, the other is found by its few different entries
    assert any("12 texts, 2 classes" in caption.value for caption in page.caption)
    press(page, "Train")
    (job,) = jobs(desk, Topics)
    assert job.config.data == "upload" and job.config.csv == SHOPS
    assert job.result.details["classes"] == ("money", "post")
    assert any("**money**" in text.value or "**post**" in text.value for text in page.markdown)
    page.selectbox(key="topics_text_column_1").set_value("team").run()
    assert not page.exception and page.error  # the labels as texts: the page says what is wrong, and where
    page.selectbox(key="topics_text_column_1").set_value("message").run()
    page.selectbox(key="topics_label_column_1").set_value("team").run()
    assert not page.error


def test_a_page_loaded_anew_finds_the_training_and_the_file_it_was_started_with(desk):
    page = open_topics(topics_data="Your own CSV", **SMALL)
    offer(page, UPLOADER, "shops.csv", SHOPS.encode())
    press(page, "Train")
    page = open_topics()  # another browser session, the same jobs
    assert page.selectbox(key="topics_data").value == "upload" and page.number_input(key="topics_units").value == 4
    assert any("12 texts, 2 classes" in caption.value for caption in page.caption)
    assert any("This page was reloaded" in caption.value for caption in page.caption)
    assert any("**money**" in text.value or "**post**" in text.value for text in page.markdown)


NO_USE = [
    (b"text,label\n" + b"a word,one\n" * 5, "has a single class, 'one': there is nothing to tell apart."),
    (b"text,label\na b,x\nc d,x\ne f,x\ng h,y\n", "class 'y' has a single text"),
    (b"", "is empty"),
    (b"text,label\n" + b"".join(b"t %d,c%d\n" % (k, k) for k in range(60)), "60 different labels, and at most 20 classes"),
    (b"text,label\n" + b"".join(b"t %d,%d.5\n" % (k, k) for k in range(60)), "they are numbers"),
    (b"just a line\nand another\n", "got a single column"),
    (b"word" * 1_300_000, "5,"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "own7.csv"),
    (b"text,label\n,x\n,y\n", "holds no row with both a text of at least one word and a label"),
]  # fmt: skip


def test_a_csv_that_is_no_use_is_one_sentence_and_nothing_is_lost():
    page = open_topics(topics_data="Your own CSV")
    offer(page, UPLOADER, "shops.csv", SHOPS.encode())
    for k, (data, said) in enumerate(NO_USE):
        offer(page, UPLOADER, f"own{k}.csv", data)
        assert any(said in s for s in sentences(page)), (said, sentences(page))
        assert any("The LSTM says **Finance**" in text.value for text in page.markdown)
        for back in [button for button in page.button if button.label.startswith("Back to")]:
            back.click().run()
        assert any("12 texts, 2 classes" in caption.value for caption in page.caption)
        assert not next(button for button in page.button if button.label == "Train").disabled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("".join(f"a {k} word,x\nthe {k} bill,y\n" for k in range(4)), "holds no column names"),
        ("text;label\n" + "".join(f"a {k} wörd;1\nthe {k} bill;0\n" for k in range(4)), "8 texts, 2 classes"),
    ],
    ids=["no header", "numbers, semicolons, Windows"],
)
def test_an_unusual_csv_is_read(text, said):
    page = open_topics(topics_data="Your own CSV")
    offer(page, UPLOADER, "own.csv", text.encode("cp1252"))
    assert any(said in caption.value.replace("\\", "") for caption in page.caption) and not page.error
    assert not next(button for button in page.button if button.label == "Train").disabled


def test_a_setting_that_cannot_be_is_one_sentence():
    page = open_topics()
    for name, value, said in (
        ("units", 0, "Units must be a positive integer, got 0."),
        ("epochs", -1.0, "Epochs must be a positive number, got -1.0."),
        ("length", 1, "Time steps must be at least 2, <START> and a word, got 1."),
        ("vocabulary", 3, "Vocabulary must be at least 10, <PAD>, <START> and <UNK> among them, got 3."),
        ("dropout", 1.0, "Dropout must be a number from 0 to below 1, got 1.0."),
    ):
        page.number_input(key=f"topics_{name}").set_value(value).run()
        assert said in sentences(page)
        for label in ("Train", "Run the comparison"):
            assert next(button for button in page.button if button.label == label).disabled
        assert any("The LSTM says **Finance**" in text.value for text in page.markdown)
        page.number_input(key=f"topics_{name}").set_value(controls.defaults[name]).run()
        assert not page.error


def foreign(classes=("cats", "dogs"), **facts):
    words = ["<PAD>", "<START>", "<UNK>", "miaow", "wau"]
    network = Sequential([Embedding(5, 3, mask_zero=True), LSTM(2), Dense(1, activation="sigmoid")], seed=0)
    network.build((None, None))
    reader = {"classes": list(classes), "length": 9, "padding": "post", "mask": True, "fixed": False}
    vocabulary = {"kind": "words", "tokens": words}
    network.metadata = {"lesson": "topics", "reader": reader, "vocabulary": vocabulary} | facts
    return network


def test_a_network_without_its_texts_can_be_loaded_and_asked():
    page = open_topics()
    network = foreign(report={"confusion": [[3, 1], [0, 4]]}, config={"data": "upload", "units": "many"})
    offer(page, "Load a network back", "mine.npz", model_bytes(network))
    assert any("texts this network learnt from are not included" in found.value for found in [*page.caption, *page.info])
    assert any("7 of 8 texts of the test part are right" in text.value for text in page.markdown)
    write(page, "miaow")
    assert any("**cats**" in text.value or "**dogs**" in text.value for text in page.markdown)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not a model", "mine.npz"),
        (model_bytes(foreign(reader={"classes": ["a"]})), "no lesson of this lab that reads texts trained it"),
        (model_bytes(foreign(lesson="digits")), "digits"),
    ],
    ids=["no model", "no reader", "another lesson"],
)
def test_a_file_that_is_no_network_of_this_lesson_changes_nothing(data, said):
    page = open_topics()
    offer(page, "Load a network back", "mine.npz", data)
    assert any(said in s for s in sentences(page))
    assert any("The LSTM says **Finance**" in text.value for text in page.markdown)


def test_settings_and_experiment_say_the_same():
    assert controls.config(controls.defaults) == Topics()
    other = Topics(bidirectional=True, units=8, patience=3, length=12)
    assert controls.config(controls.values_of(other)) == other


def test_what_the_charts_and_files_say():
    assert [share(p) for p in (0.0, 0.004, 0.5, 0.996, 1.0, float("nan"))] == ["< 1%", "< 1%", "50%", "> 99%", "> 99%", "…"]
    for theme in ("light", "dark"):
        assert len(set(class_colours(20, theme))) == 20
    rows = after_each_word(["the", "cat", "the"], np.full((3, 2), 0.5), ["a", "b"]).rows["rows"]
    assert len(set(rows["place"])) == 3  # a word that stands twice has two columns
    counts = np.array([[3, 1], [0, 4]])
    assert confusion_csv(counts, ["a", "b"]) == "class,taken for a,taken for b\na,3,1\nb,0,4\n"
    assert report_columns(counts, ["a", "b"])["precision"] == ["100.0%", "80.0%"]
