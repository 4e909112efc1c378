"""Keras against scratch, run whole: what shows at once, what a run adds, what a file may hold.

Keras itself is not needed here: where a run is wanted, the lab computes both sides on the spot, one a little off.
"""

import csv
import io
import json
import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from lstm import LSTM, Dense, Embedding, Sequential, cell
from lstm.cell import GATES
from lstm.keras_files.files import write_keras, write_keras_weights
from lstm.lessons import gates
from lstm.lessons.keras import experiment as engine
from lstm.lessons.keras import process
from lstm.lessons.keras.experiment import Growth, KerasVsScratch
from lstm.lessons.keras.lab_side import LabSide
from lstm.loading import read_keras
from tests.pages.desk import kept, offer, open_page, press, sentences
from ui.cell import formula
from ui.keras import charts as keras_charts
from ui.keras import code, exercises, models, run, speed
from ui.keras.controls import PRESETS, controls, growth_from, moved_only
from ui.lesson import csv_text

OFF = {"float32": 1e-6, "float64": 1e-14}
SMALL = {"keras_task": "Noisy sine", "keras_units": "4", "keras_batch": "8"}


class Here:
    """A side that computes in this very process. Keras's comes out a little off, as rounding would."""

    def __init__(self, kind, dtype, threads):
        self.side, self.off, self.answers = LabSide(), OFF[dtype] if kind == "keras" else 0.0, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def send(self, order, arrays=None, **what):
        if order == "peak":
            self.answers.append(({"peak": 90 * 2**20}, []))
            return
        head, out = process._obey(self.side, {"do": order, **what}, arrays or [])
        self.answers.append((head, [one * (1 + self.off) for one in out]))

    def receive(self):
        return self.answers.pop(0)

    def ask(self, order, arrays=None, **what):
        self.send(order, arrays, **what)
        return self.receive()

    def prepare(self, what, weights):
        self.ask("prepare", weights, network=what)


@pytest.fixture(autouse=True)
def here(desk, monkeypatch, tmp_path):
    desk.steps = 10_000  # to the end
    monkeypatch.setenv("LSTM_LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(engine, "Side", Here)
    monkeypatch.setattr(engine, "BLOCKS", 2)
    monkeypatch.setattr(engine, "_BLOCK_SECONDS", 0.002)
    monkeypatch.setattr(process, "keras_is_installed", lambda: True)


def open_keras(**params):
    return open_page("pages/keras_vs_scratch.py", **{**SMALL, **params})


def charts(page):
    return page.get("vega_lite_chart")


def captions(page):
    return " ".join(one.value for one in page.caption)


def marks(page):
    return " ".join(one.value for one in page.markdown)


def button(page, label):
    return next(one for one in page.button if one.label == label)


def test_it_opens_with_the_labs_half_and_weights_and_runs_nothing(desk):
    page = open_page("pages/keras_vs_scratch.py")
    assert page.title[0].value == "Keras against scratch"
    assert "The lab's half: its first" in marks(page)
    assert "The recurrent kernel both begin with" in captions(page)
    assert len(charts(page)) >= 6  # loss, recurrent kernel, three matrices, outputs, forgetting
    assert not desk.all and not button(page, "Run both").disabled
    assert not page.error and not page.warning


def test_a_run_shows_gaps_speed_and_what_to_take_home(desk):
    page = open_keras(keras_steps="10")
    press(page, "Run both")
    (job,) = desk.all
    assert job.config == KerasVsScratch("sine", units=4, batch=8, steps=10)
    assert "Largest differences, 1 = float32's resolution" in captions(page)
    assert "Why do they part?" in marks(page) and "64 bits must shrink it" in marks(page)
    assert "A step, once compiled" in marks(page) and "tracing and compiling" in marks(page)
    figures = next(one.value for one in page.dataframe if "Keras" in one.value)
    assert list(figures[""])[:3] == ["last loss", "parameters", "milliseconds a step"]
    assert "windows a second" in list(figures[""]) and "90" in list(figures["Keras"])
    assert page.session_state.keras_network == job.id
    labels = [one.label for one in page.get("download_button")]
    assert labels == [
        "The network (.npz)",
        "For Keras (.keras)",
        "Weights alone (.weights.h5)",
        "The differences (.csv)",
    ]
    table = list(csv.DictReader(io.StringIO(csv_text(run.differences(job)))))
    assert len(table) == 10 and float(table[0]["weight_gap"]) > 0 and table[-1]["step"] == "10"
    assert not page.error


def test_repeated_in_float64_the_gap_falls_and_the_earlier_curve_stays(desk):
    page = open_keras(keras_steps="10")
    press(page, "Run both")
    press(page, "Repeat in float64")
    assert [job.config.dtype for job in desk.all] == ["float32", "float64"]
    assert page.selectbox(key="keras_dtype").value == "float64"
    assert "times** closer: it was rounding" in marks(page)
    assert run.before(desk.all[1], "any") is desk.all[0]
    assert run.before(desk.all[0], "any") is None
    press(page, "Repeat in float32")
    assert len(desk.all) == 3


def test_another_network_is_not_compared_with_the_run_before(desk):
    page = open_keras(keras_steps="10")
    press(page, "Run both")
    page.select_slider(key="keras_units").set_value(8).run()  # runs again by itself
    assert [job.config.units for job in desk.all] == [4, 8]
    assert run.before(desk.all[1], "any") is None


def test_a_slider_starts_nothing_before_the_first_run_nor_when_told_not_to(desk):
    page = open_keras(keras_steps="10")
    page.select_slider(key="keras_units").set_value(8).run()
    assert not desk.all
    press(page, "Run both")
    page.toggle(key="keras_again").set_value(False).run()
    page.select_slider(key="keras_batch").set_value(1).run()
    assert len(desk.all) == 1


def test_while_it_runs(desk):
    desk.steps, desk.hold = 1, True
    page = open_keras(keras_steps="10")
    press(page, "Run both")
    assert button(page, "Running …").disabled
    assert "Largest differences" in captions(page) and "Why do they part" not in marks(page)
    assert "Nothing is measured yet: the speed comes at the end of **Run both**." in sentences(page)
    desk.steps = 0
    press(page, "Reset")
    press(page, "Run both")  # stands still before the first step
    assert "Keras is being loaded and compiled." in captions(page).replace("\\", "")


def test_guess_measure_reveal(desk):
    page = open_keras()
    assert button(page, "Measure four sizes of the batch").disabled
    for size in speed.GUESSED:
        page.radio(key=f"predict_keras_{size}").set_value("Keras").run()
    assert not page.success
    press(page, "Measure four sizes of the batch")
    assert isinstance(desk.all[0].config, Growth)
    told = [one.value for kind in (page.success, page.warning) for one in kind]
    assert sum("At batch 1 and 4 units" in one for one in told) == 1
    assert sum("At batch 256 and 4 units" in one for one in told) == 1
    assert "the lab's step becomes" in captions(page)
    page.segmented_control(key="keras_vary").set_value("units").run()
    assert any("No units measured yet" in one for one in sentences(page))
    press(page, "Measure four sizes of the units")
    assert desk.all[-1].config.vary == "units" and not page.error


@pytest.mark.parametrize(("ms", "keras_ms", "said"), [(1, 2, 0), (2, 1, 1), (1, 1.05, 2), (1.05, 1, 2)])
def test_who_is_faster(ms, keras_ms, said):
    assert speed.faster({"ms": ms, "keras_ms": keras_ms}) == said


def test_without_keras_the_labs_own_side_is_there(desk, monkeypatch):
    monkeypatch.setattr(process, "keras_is_installed", lambda: False)
    page = open_keras()
    assert sum("pip install keras jax adds it" in one for one in sentences(page)) >= 1
    assert button(page, "Run both").disabled and not page.radio(key="predict_keras_order").disabled
    assert "once Keras is installed" in marks(page)
    assert len(charts(page)) >= 6 and not page.error
    mine = network()
    offer(page, "Bring a Keras file", "mine.keras", write_keras(mine))
    assert page.session_state.keras_network.startswith("loaded-")


def network(units=3, shape=(None, 5, 2), layers=None):
    model = Sequential(layers or [LSTM(units), Dense(1)], seed=3)
    model.build(shape)
    return model


def test_a_keras_file_is_inspected_run_and_looked_into():
    page = open_keras()
    mine = network(layers=[Embedding(11, 3, mask_zero=True), LSTM(5), Dense(4, activation="softmax")], shape=(None, 6))
    offer(page, "Bring a Keras file", "mine.keras", write_keras(mine))
    assert "your file, written by Keras" in captions(page)
    table = next(one.value for one in page.dataframe if "puts out" in one.value)
    assert list(table["layer"]) == ["Embedding", "LSTM", "Dense"] and list(table["parameters"]) == ["33", "180", "24"]
    assert "6 ids at random, seed 0" in captions(page)
    page.segmented_control(key="keras_network").set_value("fresh").run()
    assert "freshly drawn" in captions(page) and not page.exception


def test_weights_alone_go_into_the_network_on_show():
    page = open_keras()
    fresh = kept(page, "keras fresh").model
    other = models.copy(fresh)
    other.set_weights([one + 1 for one in fresh.get_weights()])
    offer(page, "Bring a Keras file", "mine.weights.h5", write_keras_weights(other))
    loaded = page.session_state._keras_loaded.model
    assert all(np.array_equal(a, b) for a, b in zip(loaded.get_weights(), other.get_weights()))
    assert not np.array_equal(fresh.get_weights()[0], loaded.get_weights()[0])  # the one before is as it was


def with_layer(kind, settings=None):
    """A Keras file of the lab's whose last layer is another."""
    old, new = zipfile.ZipFile(io.BytesIO(write_keras(network()))), io.BytesIO()
    with zipfile.ZipFile(new, "w") as archive:
        for name in old.namelist():
            data = old.read(name)
            if name == "config.json":
                config = json.loads(data)
                config["config"]["layers"][-1].update({"class_name": kind}, **(settings or {}))
                data = json.dumps(config).encode()
            archive.writestr(name, data)
    return new.getvalue()


def huge():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", b" " * (2**20 + 1))
        archive.writestr("model.weights.h5", b"")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("*a*.keras", lambda: b"", "This is not a Keras file (.keras, as model.save writes it): it is empty."),
        ("*a*.keras", lambda: b"hello", "This is not a Keras file"),
        ("*a*.keras", lambda: write_keras(network())[:-300], "This is not a Keras file"),
        ("*a*.keras", lambda: with_layer("Conv1D"), "The Keras file has a layer 'Conv1D'"),
        ("*a*.keras", lambda: with_layer("Lambda"), "The Keras file holds a Lambda layer, which is code"),
        ("*a*.keras", lambda: with_layer("Dense", {"module": "os"}), "The Keras file needs code from 'os'"),
        ("*a*.keras", huge, "The Keras file's config.json unpacks to more than a file of its size may"),
        ("*a*.weights.h5", lambda: b"hello", "This is not a Keras file"),
        ("*a*.weights.h5", lambda: write_keras_weights(network(units=9)), "The weight 'layers/lstm/cell/vars/0' has the shape"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_use_is_one_sentence_and_nothing_is_lost(name, data, said):
    page = open_keras()
    offer(page, "Bring a Keras file", name, data())
    (sentence,) = [one for one in sentences(page) if one.startswith(f"{name}: ")]
    assert sentence.removeprefix(f"{name}: ").startswith(said) and sentence.endswith(".")
    assert "_keras_loaded" not in page.session_state and "freshly drawn" in captions(page)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"keras_learning_rate": "-1"}, "learning rate must be"),
        ({"keras_layers": "4"}, "layers must be at most 3, got 4."),
        ({"keras_layers": "0"}, "layers must be a positive integer, got 0."),
        ({"keras_clip": "-2"}, "clip all gradients at must be"),
        ({"keras_seed": "-3"}, "seed must be an integer of 0 or more, got -3."),
        ({"keras_task": "MNIST"}, "MNIST is not on this machine yet"),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence(params, said):
    page = open_keras(**params)
    assert [one for one in sentences(page) if one.lower().startswith(said.lower())]
    assert button(page, "Run both").disabled
    assert len(charts(page)) >= 6  # the picture of the last setting that could be stays


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_diverging_run_says_so(desk):
    page = open_keras(keras_optimizer="SGD", keras_learning_rate="1e30", keras_clip="0", keras_steps="10")
    press(page, "Run both")
    assert any("The loss is no longer a finite number, on both sides alike" in one for one in sentences(page))
    assert "Trained just now" not in str(page.main) and not page.exception


def test_a_network_of_one_unit_and_one_step_is_looked_into():
    page = open_keras()
    offer(page, "Bring a Keras file", "one.keras", write_keras(network(layers=[LSTM(1)], shape=(None, 1, 1))))
    assert "Unit 1 at time step 1" in captions(page) and not page.error


def test_weights_that_do_not_fit_one_network_are_tried_with_the_next():
    page = open_keras()
    offer(page, "Bring a Keras file", "mine.weights.h5", write_keras_weights(network(units=8, shape=(None, 10, 1))))
    assert any("has the shape" in one for one in sentences(page))
    page.select_slider(key="keras_units").set_value(8).run()
    assert not any("has the shape" in one for one in sentences(page)) and not page.exception
    assert page.session_state.keras_network.startswith("loaded-")


def test_gate_orders_break_the_outputs_and_the_right_one_does_not():
    page = open_keras()
    page.radio(key="predict_keras_order").set_value(exercises.LOT).run()
    assert "The largest change of an output" in page.success[0].value
    page.selectbox(key="keras_order").set_value("i, f, c̃, o: Keras, PyTorch, the lab").run()
    assert page.radio(key="predict_keras_order").value is None, "another order is asked about anew"
    page.radio(key="predict_keras_order").set_value(exercises.LOT).run()
    assert "nothing changes, to the last bit" in page.warning[0].value
    page.selectbox(key="keras_order").set_value("i, o, f, c̃: ONNX").run()
    assert "The largest change of an output" in page.success[0].value, "the answer is back"
    assert not page.exception


def test_reordering_by_hand():
    model = network(units=1, shape=(None, 1, 1), layers=[LSTM(1)])
    model.set_weights([np.array([[1.0, 2, 3, 4]]), np.zeros((1, 4)), np.array([5.0, 6, 7, 8])])
    kernel, _, bias = exercises.reordered(model, "iofg").get_weights()
    # The file's columns are i, o, f, g: the lab's second gate, f, is the third column.
    assert kernel.tolist() == [[1, 3, 4, 2]] and bias.tolist() == [5, 7, 8, 6]
    same = exercises.reordered(model, "".join(GATES)).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(same, model.get_weights()))
    assert exercises.without_forget_bias(model).get_weights()[2].tolist() == [5, 5, 7, 8]


def test_what_is_left_of_a_memory_by_hand():
    model = network(units=1, shape=(None, 2, 1), layers=[LSTM(1)])
    model.set_weights([np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4)])  # every gate is σ(0) = 1/2
    assert np.allclose(exercises.left_of_memory(model, np.ones((3, 2, 1))), [0.5, 0.25])
    masked = network(layers=[Embedding(5, 2, mask_zero=True), LSTM(1)], shape=(None, 4))
    masked.set_weights([np.zeros((5, 2)), np.zeros((2, 4)), np.zeros((1, 4)), np.zeros(4)])
    # The second sequence ends after one step and does not count as forgetting from then on.
    left = exercises.left_of_memory(masked, np.array([[1, 2, 3, 0], [1, 0, 0, 0]]))
    assert np.allclose(left, [0.5, 0.25, 0.125])


def test_every_equation_has_its_line():
    lines = [code.line_of(start) for _, start in code.LINES]
    assert lines[0] == "z = x @ kernel + h_prev @ recurrent_kernel + bias  # (batch, 4·units)"
    assert lines[3:] == ["c = f * c_prev + i * g", "tanh_c = squash(c, activation)", "h = o * tanh_c"]


def test_a_difference_of_zero_stands_at_the_bottom():
    series = {name: ([1, 2], [0.0, keras_charts.UNIT]) for name in keras_charts.GAPS}
    rows = keras_charts.gaps(series, "float32").rows["rows"]
    assert rows["gap"].tolist()[:2] == [keras_charts.FLOOR["float32"], 1.0]
    assert rows["equal"].tolist()[:2] == ["equal", ""]


def test_presets_and_links_are_valid_experiments():
    for preset in PRESETS.values():
        assert controls.config(controls.values_of(preset.config)) == preset.config
    assert controls.config({**controls.defaults, "clip": 0.0}).clip is None
    config = controls.config(controls.defaults)
    assert config == KerasVsScratch() and growth_from(config, "units") == Growth("units")
    assert moved_only(replace(config, batch=1, dtype="float64"), config)
    assert not moved_only(replace(config, seed=1), config) and not moved_only(config, config)
    page = open_page("pages/keras_vs_scratch.py", **controls.link(task="topics", units=32, dtype="float64"))
    assert page.selectbox(key="keras_task").value == "topics" and page.select_slider(key="keras_units").value == 32
    assert page.select_slider(key="keras_batch").value == 32 and not page.error


def test_what_is_taken_home_is_a_keras_file():
    page = open_keras()
    model = kept(page, "keras fresh").model
    again = read_keras(write_keras(model)).model
    assert all(np.array_equal(a, b) for a, b in zip(again.get_weights(), model.get_weights()))


def test_one_unit_of_a_wide_cell():
    rng = np.random.default_rng(1)
    step = cell.forward(*(rng.normal(size=shape) for shape in ((2, 3), (2, 4), (2, 4), (3, 16), (4, 16), (16,))))
    one = gates.of_unit(step, 2, 5)
    assert one.t == 5 and np.isnan(one.x) and one.z_f == step.z_f[0, 2] and one.h == step.h[0, 2]
    assert one.kept + one.written == pytest.approx(one.c)
    words = re.sub("<[^>]*>", "", formula.squashed("f", one))
    assert words == f"f₅σ(zf) = σ({one.z_f:.3f}) = {one.f:.3f}".replace("-", "−")
