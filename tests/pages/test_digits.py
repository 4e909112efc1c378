"""Digits, run whole: what a drawing brings, what is trained, what can be handed in. Training happens on the spot."""

import base64
import io
import json
import zlib

import numpy as np
import pytest

from lstm import LSTM, Dense, Sequential
from lstm.datasets import DownloadError
from lstm.lessons.digits.experiment import PRESETS, Digits
from lstm.storage import model_bytes
from tests.pages.desk import kept, offer, open_page, press, sentences
from ui import downloads
from ui.digits import sheet as digit_sheet
from ui.digits.canvas import SIDE
from ui.digits.controls import controls
from ui.digits.examples import example
from ui.training_charts import running_mean

TITLE = "Digits"
ROWS = "Rows of a digit"


@pytest.fixture(autouse=True)
def no_downloads(desk, monkeypatch, tmp_path):
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path / "cache"))


def open_digits(**params):
    return open_page("pages/digits.py", **params)


def told(page, component):
    """What the components of that name were last told, in the order of the page."""
    return [json.loads(e.proto.json) for e in page.get("bidi_component") if e.proto.component_name == component]


def draw(page, pixels):
    """Send what a browser would send; the page runs."""
    sheet = page.session_state["_kept digits"]["sheet"]
    try:
        sheet.update(drawing=digit_sheet.from_browser(pixels, SIDE), problem=None, drawn=True, example=None)
    except ValueError as problem:
        sheet.update(problem=digit_sheet.sentence(problem))
    page.run()
    assert not page.exception


def pixels(name):
    return np.round(example(name) * 255).astype(int).ravel().tolist()


def answer(page):
    """What the network says of the digit on the sheet."""
    return int(np.argmax(told(page, "lab_row_reader")[0]["belief"][-1]))


def test_it_opens_with_a_digit_the_shipped_network_has_read():
    page = open_digits()
    assert page.title[0].value == TITLE
    assert answer(page) == 4
    first = told(page, "lab_row_reader")[0]
    assert len(first["belief"]) == 28 and len(first["pixels"]) == 784 and first["play"]
    assert told(page, "lab_canvas")[0]["side"] == SIDE
    assert any("trained on MNIST, row by row, test accuracy 99" in caption.value for caption in page.caption)
    assert any(code.value.startswith("def centred(") for code in page.code)
    assert not page.error and not page.warning


@pytest.mark.parametrize("name", ["1", "0", "3", "7"])
def test_an_example_is_read(name):
    page = open_digits()
    page.button_group(key="digits_example").set_value(name).run()
    assert answer(page) == int(name)
    assert told(page, "lab_canvas")[0]["revision"] == 2
    assert not told(page, "lab_row_reader")[0]["play"]


def test_a_drawing_is_read_and_an_empty_sheet_says_so():
    page = open_digits()
    draw(page, pixels("7"))
    assert answer(page) == 7
    draw(page, [0] * SIDE**2)
    assert "The sheet is empty. Draw a digit from 0 to 9, or take an example." in sentences(page)
    assert not any(sub.value == "Make it harder" for sub in page.header)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (None, "got NoneType."),
        ([0] * 783, "got 783 values."),
        ([0] * (SIDE**2 - 1) + [256], "got '256'."),
        (["<img src=x>"] * SIDE**2, "got '<img src=x>'."),
    ],
)
def test_a_message_no_canvas_would_send_is_one_sentence_and_the_drawing_stays(message, said):
    page = open_digits()
    draw(page, message)
    (sentence,) = [s for s in sentences(page) if s.startswith("The drawing must")]
    assert said in sentence and sentence.endswith("The drawing before it stays.")
    assert answer(page) == 4


def test_the_callback_of_the_canvas(monkeypatch):
    """What the browser sends goes through the check, and nothing it sends raises."""
    state = _State()
    monkeypatch.setattr(digit_sheet.st, "session_state", state)
    digit_sheet._take(pixels("3"))
    assert np.allclose(state["_kept digits"]["sheet"]["drawing"], example("3"), atol=1 / 255)
    digit_sheet._take({"pixels": "x"})
    assert "list of 7,056 numbers" in state["_kept digits"]["sheet"]["problem"].replace("\\", "")
    digit_sheet._put("no such example")
    assert state["_kept digits"]["sheet"]["revision"] == 1


class _State(dict):
    """A session's state: items are attributes too."""

    def __setattr__(self, key, value):
        self[key] = value


def test_made_harder_and_back():
    page = open_digits()
    assert any("Nothing is changed yet" in caption.value for caption in page.caption)
    page.slider(key="digits_try_hide").set_value(20).run()
    shown = told(page, "lab_row_reader")[1]
    assert not any(shown["pixels"][8 * 28 :]) and any(shown["pixels"])
    press(page, "As it was")
    assert told(page, "lab_row_reader")[1]["pixels"] == told(page, "lab_row_reader")[0]["pixels"]
    page = open_digits(digits_try_flip="true", digits_try_noise="0.3", digits_try_turn="45", digits_try_right="-6")
    assert not page.error


def test_predictions_are_checked_against_the_network_on_the_page():
    page = open_digits()
    page.button_group(key="digits_example").set_value("3").run()
    from ui.digits.harder import can_hide
    from ui.digits.models import SHELF, DigitModel

    who: DigitModel = SHELF.shipped()
    hidden = can_hide(who, who.reader.prepared(example("3")))
    right = "0 to 6" if hidden <= 6 else "7 to 12" if hidden <= 12 else "13 to 18" if hidden <= 18 else "more than 18"
    page.radio(key="predict_digits_hide").set_value(right).run()
    assert "Right" in page.success[0].value and f"With {hidden} rows hidden it still says 3" in page.success[0].value
    page.button_group(key="digits_example").set_value("6").run()
    turned = int(np.argmax(who.believes(who.reader.prepared(example("6"))[::-1, ::-1])[-1]))
    page.radio(key="predict_digits_flip").set_value(str(turned)).run()
    assert any(f"For a {turned}, " in found.value for found in page.success)


def test_a_training_shows_its_curves_its_digits_and_its_mistakes(desk):
    desk.hold = True
    page = open_digits(digits_units="16")
    press(page, "Train")
    (job,) = desk.all
    assert job.config == Digits(units=16)
    assert len(told(page, "lab_digit_grid")[0]["pixels"]) == 24
    assert any("right after the last row" in caption.value for caption in page.caption)
    assert next(button for button in page.button if button.label == "Training …").disabled
    press(page, "Reset")
    desk.hold = False
    press(page, "Train")
    assert page.session_state.digits_model == desk.all[-1].id
    assert told(page, "lab_row_reader")[0]["side"] == 8
    grids = told(page, "lab_digit_grid")
    assert grids[-1]["clickable"] and 1 <= len(grids[-1]["pixels"]) <= 30
    assert any("The surest mistakes" in text.value for text in page.markdown)
    labels = [button.label for button in page.get("download_button")]
    assert labels == ["The network (.npz)", "The history (.csv)", "The confusion matrix (.csv)", "The experiment (.ipynb)"]
    page.segmented_control(key="digits_model").set_value("shipped").run()
    assert told(page, "lab_row_reader")[0]["side"] == 28 and not page.exception


@pytest.mark.parametrize(
    "settings", [{"digits_reading": "pixel by pixel"}, {"digits_reading": "column by column", "digits_layers": "2"}]
)
def test_a_network_that_reads_otherwise_can_be_looked_into(settings, desk):
    page = open_digits(digits_units="4", digits_try_hide="20", digits_answer="after the last step only", **settings)
    press(page, "Train")
    reader = told(page, "lab_row_reader")[0]
    assert reader["reading"] in ("pixels", "columns") and len(reader["belief"]) in (64, 8)
    for look in ("Gates by digit", "Two digits side by side"):
        page.segmented_control(key="digits_look").set_value(look).run()
        assert not page.exception


def test_looking_inside_the_shipped_network():
    page = open_digits()
    page.selectbox(key="digits_units_q").set_value("f").run()
    page.selectbox(key="digits_units_order").set_value("by when they are strongest").run()
    assert not page.exception
    page.segmented_control(key="digits_look").set_value("Two digits side by side").run()
    page.selectbox(key="digits_two_b").set_value("4").run()
    assert "Twice the same digit: the states never part." in [caption.value for caption in page.caption]


def test_the_preset_stands_beside_what_was_printed(desk):
    page = open_digits()
    page.button_group(key="digits_preset_pills").set_value(ROWS).run()
    assert not page.exception
    config = PRESETS[ROWS].config
    assert (config.layers, config.units, config.batch, config.optimizer, config.epochs) == (2, 100, 1, "adagrad", 3.0)
    assert (config.answer, config.vary, config.learning_rate, config.data) == ("last", 0.0, 0.1, "mnist")
    table = page.dataframe[0].value
    assert "9.93 → 92.31 → 95.09 → 96.48 %" in table.to_string() and "133,010" in table.to_string()
    assert any(PRESETS[ROWS].to_beat in text.value for text in page.markdown)
    # MNIST is not here: the page says what a download would bring, and goes on with what there is.
    assert any(s.startswith("MNIST is not on this server yet: 11.6 MB") for s in sentences(page))
    assert next(button for button in page.button if button.label == "Train").disabled
    assert answer(page) == 4


def test_a_download_that_fails_is_one_sentence_and_the_rest_goes_on(monkeypatch):
    page = open_digits(digits_data="MNIST")

    def fail(name, progress, note):
        note("mnist/t10k-images-idx3-ubyte.gz in the cache was altered; it is fetched again")
        raise DownloadError("MNIST digits could not be downloaded: nobody answers")

    monkeypatch.setattr(downloads, "fetch", fail)
    press(page, "Download it")
    assert "MNIST digits could not be downloaded: nobody answers." in sentences(page)
    assert any("t10k-images-idx3-ubyte.gz in the cache was altered" in s for s in sentences(page))
    press(page, "Take the 8 × 8 digits instead")
    assert not next(button for button in page.button if button.label == "Train").disabled


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"digits_units": "0"}, "Units must be a positive integer, got 0."),
        ({"digits_limit": "-3"}, "Only the first digits must be a positive integer, got -3."),
        ({"digits_batch": "0"}, "Batch size must be a positive integer, got 0."),
        ({"digits_learning_rate": "-1"}, "Learning rate must be a positive number, got -1.0."),
        ({"digits_vary": "9"}, "Vary each digit must be a number from 0 to 2, got 9.0."),
        ({"digits_data": "MNIST", "digits_reading": "pixel by pixel"}, 'Reading "pixels" is for the 8 × 8 digits'),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence(params, said):
    page = open_digits(**params)
    assert [s for s in sentences(page) if s.lower().startswith(said.lower())]
    assert next(button for button in page.button if button.label == "Train").disabled


def model(units=4, lesson="digits", classes=10, **facts):
    network = Sequential([LSTM(units), Dense(classes, activation="softmax")])
    network.build((None, 8, 8))
    reader = {"data": "digits8", "reading": "rows", "mean": 0.3, "std": 0.4}
    network.metadata = {"lesson": lesson, "reader": reader} | facts
    return model_bytes(network)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty."),
        (b"hello", "This is not a model file of LSTM Lab"),
        (model()[:-200], "The model file is damaged"),
        (model(lesson="text"), "This model belongs to the lesson 'text'"),
        (model(classes=3), "The model must end in a softmax over 10 digits."),
        (model(reader=None), "The model does not say how it wants to be shown a digit"),
        (
            model(reader={"data": "mnist", "reading": "rows", "mean": 0.1, "std": 0.3}),
            "The model reads 8 numbers a time step",
        ),
    ],
)
def test_a_file_that_is_no_network_of_this_lesson_is_one_sentence(data, said):
    page = open_digits()
    offer(page, "Load a network back", "*mine*.npz", data)
    (sentence,) = [s for s in sentences(page) if s.startswith("*mine*.npz: ")]
    assert said in sentence
    assert answer(page) == 4


def test_a_network_is_loaded_back_whatever_its_metadata_claim():
    page = open_digits()
    strange = {"report": {"confusion": [[1]], "accuracy": "x" * 9, "gates": [{"f": 3}]}, "metrics": [], "config": 7}
    offer(page, "Load a network back", "mine.npz", model(**strange))
    assert page.session_state.digits_model.startswith("loaded-")
    assert told(page, "lab_row_reader")[0]["side"] == 8
    assert any("does not say how it did" in s for s in sentences(page))
    page.segmented_control(key="digits_look").set_value("Gates by digit").run()
    assert any("does not hold the means of its gates" in s for s in sentences(page))
    assert io.BytesIO(model()).getvalue()[:2] == b"PK"


def test_a_running_mean_by_hand():
    assert running_mean([1, 0, 1, 1], 2) == [1, 0.5, 0.5, 1]
    assert running_mean([1, 0], 0) == [1, 0]
    assert running_mean([], 3) == []


def test_links_set_the_controls():
    page = open_digits(**controls.link(reading="pixels", seconds=60), **{"try": "2"})
    assert page.selectbox(key="digits_reading").value == "pixels"
    assert page.select_slider(key="digits_seconds").value == 60
    assert not page.error


def test_a_drawing_is_a_word_of_the_address_and_a_strangers_word_is_none():
    for name in ("8", "a closed 4"):
        word = digit_sheet.written(example(name))
        again = digit_sheet.from_address(word)
        assert len(word) <= digit_sheet.LONGEST and again.shape == (digit_sheet.SIDE, digit_sheet.SIDE)
        assert np.mean((again > 0.5) == (example(name) > 0.5)) > 0.97
    bomb = base64.urlsafe_b64encode(zlib.compress(b"\1" * 10_000_000)).decode()
    for stranger in ("", "x", "é", "AAAA", bomb[: digit_sheet.LONGEST], bomb, "../../etc"):
        assert digit_sheet.from_address(stranger) is None


def test_an_example_or_a_drawing_in_the_address_is_on_the_sheet_and_the_address_follows_the_hand(desk):
    page = open_page("pages/digits.py", digits_example="7")
    assert kept(page, "digits")["example"] == "7"
    page.button_group(key="digits_example").set_value("6").run()
    assert page.query_params["digits_example"] == ["6"] or page.query_params["digits_example"] == "6"
    page = open_page("pages/digits.py", digits_drawing=digit_sheet.written(example("3")))
    assert kept(page, "digits")["example"] is None and kept(page, "digits")["drawing"].max() == 1
    page = open_page("pages/digits.py", digits_example="<b>z</b>")
    assert any("which there is not" in one.value and "<b>" not in one.value for one in page.error)
    page = open_page("pages/digits.py", digits_drawing="nonsense")
    assert any("cannot be read" in one.value for one in page.error)


def test_the_sheet_stays_chosen_while_it_is_empty(desk):
    page = open_page("pages/digits.py")
    chosen = page.selectbox(key="digits_units_of")
    assert chosen.value == "the sheet above"
    kept(page, "digits").update(drawing=np.zeros((digit_sheet.SIDE, digit_sheet.SIDE)))
    page.run()
    assert page.selectbox(key="digits_units_of").value == "the sheet above"
    assert any("The sheet is empty, so this is" in one.value for one in page.caption)
