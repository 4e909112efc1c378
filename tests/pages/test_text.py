"""Text generation, run whole: what can be handed in, what is trained, what comes back. Training happens on the spot."""

import io
from types import SimpleNamespace

import numpy as np
import pytest

from lstm import LSTM, Dense, OneHot, Sequential
from lstm.datasets import DownloadError, download
from lstm.lessons.text.drift import drift, in_words, outcome
from lstm.lessons.text.experiment import PRESETS, TextGeneration
from lstm.storage import model_bytes
from tests.pages.desk import offer, open_page, press, sentences
from ui import downloads, keep
from ui.frame import ROOT
from ui.text import corpus, train, write
from ui.text.controls import controls
from ui.text.drift import COSTS
from ui.text.inspect import SAMPLE, readable
from ui.text.models import SHELF

TITLE = "Text generation"


@pytest.fixture(autouse=True)
def quick(desk, monkeypatch):
    desk.steps = 3
    monkeypatch.setattr(write, "FRAME", 0.0)
    monkeypatch.setattr(corpus, "cloud", lambda _: None)  # a third of a second each; it has a test of its own


def open_text(**params):
    return open_page("pages/text.py", **params)


def written(page):
    """The text on the writing desk."""
    return page.session_state.text_written["text"]


def test_the_model_that_ships_writes_by_itself_and_repeats_itself_with_the_same_seed():
    page = open_text()
    first = written(page)
    assert len(first) == 500
    page.text_input(key="write_prompt").set_value("It was the ").run()  # Enter
    assert written(page) != first and page.session_state.text_written["prompt"] == "It was the "
    cold = written(page)
    page.slider(key="write_temperature").set_value(1.5).run()
    assert written(page) != cold, "a text belongs to the settings it was written with"
    pieces = page.session_state.text_written["pieces"]
    assert "".join(piece for piece, *_ in pieces) == written(page)
    for _, p, likeliest in pieces:
        assert 0 < p <= likeliest[0][1] + 1e-5 and [share for _, share in likeliest] == sorted((s for _, s in likeliest), reverse=True)
    again = written(page)
    press(page, "Generate")
    assert written(page) == again


def test_a_prompt_or_a_setting_that_cannot_be_used_is_one_sentence_and_the_text_stays():
    page = open_text()
    first = written(page)
    page.text_input(key="write_prompt").set_value("naïve <b>*é*</b>")
    press(page, "Generate")
    assert sentences(page) == [
        "The prompt must use only characters the model knows, got 4 unknown characters: 'ï', '<', '>' and '/'."
    ]
    assert written(page) == first
    page.text_input(key="write_prompt").set_value("")
    page.number_input(key="write_length").set_value(9_000)
    press(page, "Generate")
    assert sentences(page) == ["Length must be at most 5,000, got 9,000."]
    assert written(page) == first and any("The text is older" in one.value for one in page.caption)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"units": 0}, "Units must be a positive integer, got 0."),
        ({"units": -3}, "Units must be a positive integer, got -3."),
        ({"learning_rate": -1.0}, "Learning rate must be"),
        (
            {"units": 1024, "layers": 4, "batch": 512, "time_steps": 512},
            "take fewer units, layers, lanes or time steps",
        ),
    ],
)
def test_settings_that_cannot_be_trained_are_refused_before_the_button(settings, sentence):
    page = open_text(**{f"text_{name}": str(value) for name, value in settings.items()})
    assert len(sentences(page)) == 1
    assert sentence in sentences(page)[0]
    assert page.button(key="text_train").disabled


def test_a_text_too_short_for_the_settings_says_so_and_offers_settings_that_fit(desk):
    page = open_text(text_corpus="A Tale of Two Cities: the opening")
    assert len(sentences(page)) == 1
    assert "32 lanes of 64 time steps need 2,049: take a longer text" in sentences(page)[0]
    press(page, "Take a batch size and time steps that fit")
    assert sentences(page) == []
    press(page, "Train")
    assert desk.all[0].config.batch * desk.all[0].config.time_steps < 1_200


FILES_OF_NO_USE = {
    "empty.txt": (b"", "is empty"),
    "blank.txt": (b" \n ", "holds nothing but blank space"),
    "same.txt": (b"aaaaaaaaa", "repeats a single character, 'a', from which nothing can be learnt"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n" + bytes(100), "is a PNG image, not plain text"),
    "program.txt": (bytes(range(256)) * 4, "is a binary file, not plain text"),
    "long.txt": (b"ab " * 700_000, "is too long: it has 2,100,000 characters"),
    "noise.txt": (bytes(range(128, 256)) * 3, "its encoding cannot be told"),
}


def test_a_file_that_is_no_use_is_one_sentence_and_the_text_before_it_stays():
    page = open_text(text_corpus="Your own .txt file")
    offer(page, "Plain text", "good.txt", b"the cat sat on the mat\n" * 200)
    assert sentences(page) == []
    for name, (data, sentence) in FILES_OF_NO_USE.items():
        offer(page, "Plain text", name, data)
        assert len(sentences(page)) == 1, sentences(page)
        assert sentence in sentences(page)[0]
        assert not page.button(key="text_train").disabled
        assert any("good\\.txt" in caption.value for caption in page.caption)


def test_an_encoding_that_was_guessed_can_be_chosen_and_words_of_no_spaces_are_explained():
    page = open_text(text_corpus="Your own .txt file")
    offer(page, "Plain text", "mac.txt", ("It’s a “test” – naïve café. " * 200).encode("mac_roman"))
    assert any("read as Mac Roman" in caption.value and "was read as Mac Roman" in caption.value for caption in page.caption)
    [box] = [box for box in page.selectbox if box.label == "Encoding"]
    assert box.options[0] == "Mac Roman" and "Windows-1252" in box.options
    box.set_value("Windows-1252").run()
    assert any("read as Windows-1252" in caption.value for caption in page.caption) and not page.exception
    offer(page, "Plain text", "chinese.txt", ("春天来了，花开了。我们去公园散步。" * 100).encode())
    assert any("Chinese characters are written without spaces: each character counts as a word" in c.value for c in page.caption)
    assert not [box for box in page.selectbox if box.label == "Encoding"]


def test_an_own_text_is_trained_on_and_shown_as_text(desk):
    page = open_text(text_corpus="Your own .txt file")
    assert page.button(key="text_train").disabled
    text = "# <script>alert(1)</script> **bold** $x$ :smile:\n" * 100
    offer(page, "Plain text", "a_[b](c).txt", text.encode("utf-16"))
    assert any("read as UTF-16" in caption.value for caption in page.caption)
    press(page, "Train")
    assert desk.all[0].config.text == text
    for kind in (page.markdown, page.caption, page.error):
        assert not any("alert(1)" in shown.value or "**bold**" in shown.value for shown in kind)
    assert not any("<script>" in html.proto.body for html in page.get("html"))


def test_training_stops_with_a_model_that_writes_and_can_be_brought_back(desk):
    page = open_text(text_units="8", text_batch="4")
    press(page, "Train")
    [job] = desk.all
    assert (job.config, job.title) == (TextGeneration(units=8, batch=4), TITLE)
    assert page.session_state.text_model == job.id
    assert page.session_state.text_written["model"] == job.id
    assert len(written(page)) == 500
    assert any("8 units" in caption.value for caption in page.caption)

    other = open_text()  # a tab of the same session finds the training again, and its settings
    assert other.number_input(key="text_units").value == 8
    assert any("reloaded; your training is still here" in caption.value for caption in other.caption)

    desk.all.clear()
    fresh = open_text()
    offer(fresh, "Load a model back", "mine.npz", model_bytes(job.result.model))
    assert fresh.session_state.text_loaded.model.count_params() == job.result.model.count_params()
    assert fresh.session_state.text_model == fresh.session_state.text_loaded.key


def test_words_in_two_layers_are_trained_written_and_looked_into(desk):
    page = open_text(
        text_corpus="Your own .txt file", text_level="word", text_layers="2", text_units="4", text_batch="2",
        text_time_steps="8",
    )  # fmt: skip
    text = "You are late said the doctor and he closed the door behind him "
    offer(page, "Plain text", "words.txt", text.encode() * 20)
    press(page, "Train")
    assert desk.all[0].config.level == "word"
    assert set(written(page).split()) <= set(text.lower().split())
    page.number_input(key="look_layer").set_value(2).run()
    assert not page.exception
    assert any("of layer 2, after each word" in caption.value for caption in page.caption)
    page.segmented_control(key="look_source").set_value("Your own").run()
    page.text_area(key="look_own").set_value("nothing known here 123").run()
    assert sentences(page) == ["There is no word in this text that the model knows."]


def other_lesson():
    model = Sequential([OneHot(3), LSTM(2), Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.build((None, None))
    model.metadata = {"lesson": "digits"}
    return model_bytes(model)


def pickled():
    file = io.BytesIO()
    np.savez(file, config=np.array([{"a": print}], dtype=object))
    return file.getvalue()


def test_a_model_file_that_is_no_use_is_one_sentence_and_the_model_stays():
    page = open_text()
    before = written(page)
    for data, sentence in (
        ((ROOT / "data/pretrained/text.npz").read_bytes()[:5000], "damaged: it breaks off before its end"),
        (b"PNG, honestly", "not a model file of LSTM Lab"),
        (b"", "it is empty"),
        (pickled(), "pickled objects, which could run code"),
        (other_lesson(), "belongs to the lesson 'digits'"),
    ):
        offer(page, "Load a model back", "model.npz", data)
        assert len(sentences(page)) == 1
        assert sentence in sentences(page)[0]
        assert page.session_state.text_model == "shipped"
        assert written(page) == before


def test_a_rate_that_diverges_is_one_sentence_and_keeps_a_model_that_writes(desk):
    desk.steps = 200
    page = open_text(
        text_optimizer="SGD", text_learning_rate="1e38", text_clip="not at all", text_units="8", text_batch="4"
    )
    press(page, "Train")
    [problem] = sentences(page)
    assert "no longer a finite number" in problem
    assert problem.endswith("The weights it had before are kept.")
    assert page.session_state.text_written["model"] == desk.all[0].id


def test_pause_stop_reset_and_what_the_page_says_meanwhile(desk):
    desk.hold = True
    page = open_text(text_units="8", text_batch="4")
    press(page, "Train")
    [job] = desk.all
    assert page.button(key="text_train").disabled
    press(page, "Pause")
    assert job.state == "paused"
    press(page, "Resume")
    assert job.state == "running"
    job.recovered = "The worker was lost at step 3; training went on from the checkpoint at step 2."
    press(page, "Stop")
    assert job.state == "stopped"
    assert sentences(page) == [job.recovered]
    press(page, "Reset")
    assert not any(button.label == "Stop" for button in page.button)
    assert not page.button(key="text_train").disabled
    assert page.number_input(key="text_units").value == 8, "reset forgets the training, not the settings"


def test_what_was_set_survives_a_visit_to_another_page():
    page = open_text()
    page.number_input(key="text_units").set_value(33)
    page.text_input(key="write_prompt").set_value("Once ").run()
    text = written(page)
    page.switch_page("pages/gates.py").run()
    page.switch_page("pages/text.py").run()
    assert page.number_input(key="text_units").value == 33
    assert page.text_input(key="write_prompt").value == "Once "
    assert written(page) == text


def test_a_link_sets_what_it_says_and_everything_else_as_at_first():
    page = open_text(**controls.link(learning_rate=1.0, optimizer="sgd"))
    assert page.number_input(key="text_learning_rate").value == 1.0
    assert page.selectbox(key="text_optimizer").value == "sgd"
    page.number_input(key="text_units").set_value(33).run()
    page.query_params.clear()
    page.query_params.update(controls.link())
    page.run()
    assert page.number_input(key="text_units").value == 128
    [toast] = page.toast
    assert toast.value.startswith("**Changed:** Units 128, ") and toast.value.endswith("; press **Train** at the top.")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_one_click_and_stands_beside_what_was_printed(name, monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))
    monkeypatch.setattr(download, "_download", lambda *_: pytest.fail("nothing is downloaded unasked"))
    page = open_text()
    page.pills(key="text_preset_pills").set_value(name).run()
    assert not page.exception
    assert any(name in text.value and PRESETS[name].summary in text.value for text in page.markdown)
    if name == "A Tale of Two Cities, by character":
        assert not page.button(key="text_train").disabled
        press(page, "Train")
    else:  # a download is offered, and something that needs none
        assert page.button(key="text_train").disabled
        press(page, "Take Python's documentation instead")
        assert page.selectbox(key="text_corpus").value == "python_docs"
        assert not page.button(key="text_train").disabled


def test_the_presets_are_those_of_the_reference():
    one, two, three = (preset.config for preset in PRESETS.values())
    assert (one.layers, one.units, one.time_steps, one.optimizer) == (1, 10, 25, "sgd")
    assert (two.layers, two.units, two.time_steps, two.batch) == (2, 100, 25, 1)
    assert (two.optimizer, two.learning_rate, two.initial, two.limit) == ("adagrad", 0.1, "small_normal", 100_000)
    assert two.clip == "value"
    assert two.clip_at * two.time_steps == pytest.approx(1)  # ±1 on a sum over 25 characters
    assert (three.level, three.layers, three.units, three.time_steps) == ("word", 2, 128, 10)
    assert three.batch * three.time_steps == 130  # predictions an update; there it was 128
    assert three.parameters(2503) + 2 * 4 * 128 == 1_803_079  # it has a second bias in each layer


def test_a_download_that_fails_is_one_sentence(monkeypatch, tmp_path):
    def fetch(name, progress, note):
        progress(10, 100)
        raise DownloadError("Tiny Shakespeare could not be downloaded: example.org sent another file (wrong checksum)")

    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path))
    monkeypatch.setattr(downloads, "fetch", fetch)
    page = open_text(text_corpus="Tiny Shakespeare")
    press(page, "Download it")
    assert "Tiny Shakespeare could not be downloaded: example.org sent another file (wrong checksum)." in sentences(
        page
    )


def test_the_question_is_answered_by_the_model_itself():
    page = open_text()
    page.radio(key="predict_text_temperature").set_value("It becomes likelier still").run()
    [answer] = [shown.value for shown in page.success]
    assert answer.startswith("**Right.**")
    assert "**e**" in answer


def test_a_unit_of_the_shipped_model_knows_whether_it_is_inside_quotation_marks():
    page = open_text()
    assert page.pills(key="look_feature").value == "inside quotation marks"
    [heat] = [html.proto.body for html in page.get("html") if "<pre" in html.proto.body]
    assert heat.count("<span") > 500


# Why its texts drift ------------------------------------------------------------------------------------------------


def test_what_its_own_text_does_to_it_is_predicted_and_then_shown():
    page = open_text()
    ids = SHELF.shipped().vocabulary.encode(readable(SAMPLE, SHELF.shipped()))
    found = drift(SHELF.shipped().model, ids)
    asked = next(one for one in page.radio if one.key == "predict_text_drift")
    assert not any(one.label.startswith("Characters after") for one in page.slider)
    asked.set_value(COSTS[outcome(found)]).run()
    assert any(in_words(found, "character") in one.value and "**Right.**" in one.value for one in page.success)
    slider = next(one for one in page.slider if one.label == "Characters after the beginning")
    vocabulary = SHELF.shipped().vocabulary
    texts = lambda: {one.value for one in page.code}  # noqa: E731
    assert vocabulary.decode(found.prompts[0].tolist()) in texts()  # both have read the same
    slider.set_value(15).run()
    assert not page.exception
    for way in (found.true, found.own):
        assert vocabulary.decode([*found.prompts[0].tolist(), *way[0][:15].tolist()]) in texts()


def test_a_model_that_knows_too_little_of_the_page_says_so(monkeypatch):
    monkeypatch.setattr("ui.text.drift.readable", lambda text, shown: text[:50])
    keep.forget_all()
    assert any("The text has 50 symbols that the model knows, and 140 are needed" in one.value for one in open_text().caption)


@pytest.mark.parametrize("ended", [False, True])
def test_samples_to_read_aloud_stand_in_a_box_as_tall_as_they_are(monkeypatch, ended):
    told = []
    sample = {"text": "It was the best of times. " * 20, "seconds": 3.0}
    job = SimpleNamespace(
        ended=ended, config=TextGeneration(), history=SimpleNamespace(series=lambda _: ((), ())),
        notes=lambda _: [(0, sample), (50, sample)],
    )  # fmt: skip
    place = SimpleNamespace(caption=lambda _: None, code=lambda text, **how: told.append((text, how.get("height", "content"))))
    monkeypatch.setattr(train, "st", SimpleNamespace(caption=place.caption, code=place.code, columns=lambda count: [place] * count))
    train.samples_on_the_way(job)
    assert told == [(sample["text"], "content")] * 2
    told.clear()
    train._newest_sample(job)
    assert told == [(sample["text"], "content" if ended else 121)]  # while it trains, nothing below it moves
