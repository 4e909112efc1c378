"""What pages of trainings are made of: loss curves, users' words in our sentences, files to take home, corpora's pictures."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from lstm.history import History
from ui.files import file_name, history_csv
from ui.plain import plain, sentence
from ui.text.corpus import _count
from ui.text.inspect import heat_map
from ui.text.train import spread
from ui.text.write import next_symbols
from ui.training_charts import Line, loss_curves, thinned
from ui.word_cloud import bars, drawable, word_cloud


def test_a_long_curve_is_thinned_and_keeps_its_ends_and_its_values():
    steps, values = list(range(1, 10_001)), [1 / step for step in range(1, 10_001)]
    points = thinned(steps, values)
    assert len(points) == 300
    assert points[0] == (1, 1.0)
    assert points[-1] == (10_000, 1e-4)
    assert all(value == 1 / step for step, value in points)


def test_a_chart_names_its_lines_and_its_rules():
    lines = [Line("training loss", "train", [1, 2], [3.0, 2.0]), Line("validation loss", "validation", [2], [2.5])]
    figure = loss_curves(lines, {"guessing": 3.1, "half": 1.5}, y="nats")
    assert list(figure.rows["rows"]["curve"]) == ["training loss", "training loss", "validation loss"]
    assert list(figure.rows["rules"]["above"]) == [True, False]
    figure.chart().to_dict()  # Altair checks it against Vega-Lite's schema


def test_a_logarithmic_axis_leaves_out_what_has_no_place_on_it():
    figure = loss_curves([Line("a", "train", [1, 2, 3], [1.0, 0.0, 0.5])], log=True)
    assert list(figure.rows["rows"]["step"]) == [1, 3]
    assert '"type": "log"' in figure.chart().to_json()


def test_no_points_make_an_empty_chart():
    assert len(loss_curves([Line("a", "train", [], [])]).rows["rows"]) == 0


@pytest.mark.parametrize("text", ["*a* _b_ `c`", "<b>x</b>", "[l](u)", "$x$", ":red[x]", "# h", "a\n\nb", "1. x"])
def test_users_words_hold_no_markdown(text):
    assert "\n" not in plain(text)
    for special in "*_`<>[]$#":
        assert plain(text).count(special) == plain(text).count("\\" + special)


def test_a_sentence_begins_large_and_ends_with_a_stop():
    assert sentence("units must be positive, got 0") == r"Units must be positive, got 0\."
    assert sentence("Is it?") == "Is it?"
    assert sentence("notes.txt is empty") == r"notes\.txt is empty\."


def test_a_history_is_a_table_with_empty_cells():
    history = History()
    history.add(1, {"loss": 0.1})
    history.add(2, {"loss": 1 / 3, "val_loss": 0.5})
    assert history_csv(history) == "step,loss,val_loss\n1,0.1,\n2,0.3333333333333333,0.5\n"


def test_file_names_hold_nothing_dangerous():
    assert file_name("text", "jungle_book", ending="npz") == "lstm-lab-text-jungle_book.npz"
    assert file_name("text", "../../<x>", "", ending="txt") == "lstm-lab-text-x.txt"


def test_a_heat_map_shows_letters_never_markup():
    drawn = heat_map(list("<b>&\n"), np.array([1.0, -1.0, 0.0, 0.5, 0.2]))
    assert "<b>" not in drawn
    assert "&lt;" in drawn
    assert "&amp;" in drawn
    assert 'title="-1.000"' in drawn
    assert drawn.count("<span") == 5


def test_samples_on_show_are_the_first_the_last_and_some_between():
    notes = [(step, f"at {step}") for step in range(0, 1001, 10)]
    assert [step for step, _ in spread(notes)] == [0, 250, 500, 1000]
    assert spread(notes[:3]) == notes[:3]


def test_next_symbols_stand_in_the_order_of_what_is_expected():
    before, after = np.array([0.1, 0.6, 0.3]), np.array([0.0, 1.0, 0.0])
    rows = next_symbols(before, after, ("a", " ", "\n")).rows["rows"]
    assert list(rows["symbol"]) == ["space", "space", "newline", "newline", "a", "a"]
    assert list(rows["probability"]) == [0.6, 1.0, 0.3, 0.0, 0.1, 0.0]


@pytest.mark.parametrize(
    "words",
    [
        (("w" * 200, 3), ("x" * 200, 2), ("y" * 200, 1)),
        (("a" * 100_000, 1),),
        (("春", 3), ("天", 2), ("花", 1)),
        (("यह", 3), ("छोटी", 2), ("कहानी", 2), ("cat", 1)),
        (),
    ],
)
def test_words_that_the_picture_has_no_room_or_no_letters_for_are_bars(words):
    assert word_cloud(words, "light") is None
    rows = bars(words).rows["rows"]
    assert rows["count"] == [count for _, count in words] and all(len(word) <= 30 for word in rows["word"])


@pytest.mark.parametrize("words", ["der käse süß", "вишнёвый сад комната", "η άνοιξη ήρθε", "جاء الربيع وتفتحت", "האביב הגיע לפארק"])
def test_the_font_of_the_picture_has_more_than_latin(words):
    counts = tuple((word, 1) for word in words.split()) if len(words.split()) > 2 else ()
    assert len(drawable(counts)) == 3
    assert word_cloud(counts, "dark").startswith(b"\x89PNG")


def test_a_word_of_a_script_without_spaces_is_counted_though_it_is_one_character():
    assert dict(_count("春天 a b c cat")) == {"春": 1, "天": 1, "cat": 1}


def test_a_word_cloud_is_a_picture_of_the_commonest_words():
    words = _count("The cat and the hat. The cat sat; <script> 1234 " * 3)
    assert dict(words) == {"cat": 6, "hat": 3, "sat": 3, "script": 3}
    picture = np.asarray(Image.open(io.BytesIO(word_cloud(words, "dark"))))
    assert picture.shape[2] == 4
    assert 0 < np.count_nonzero(picture[..., 3]) < picture[..., 3].size


def test_no_chart_is_sorted_by_the_order_in_which_its_rows_arrive():
    from ui.frame import ROOT

    unsorted = [
        file.name for file in (ROOT / "ui").rglob("*.py") if re.search(r"\bsort=None\b", file.read_text().replace("`sort=None`", ""))
    ]
    assert not unsorted, "use ui.charts.in_order"


def test_equal_words_keep_their_places_and_a_chart_of_many_words_scrolls():
    from ui.topics.charts import after_each_word

    figure = after_each_word(["the", "bank", "the"], np.full((3, 2), 0.5), ["a", "b"])
    assert list(figure.rows["rows"]["place"])[::2] == ["0000 the", "0001 bank", "0002 the"] and figure.words == 3
    figure.chart().to_dict()


def test_a_chart_without_rules_or_marks_has_no_layer_for_them():
    plain = loss_curves([Line("a", "train", [1, 2], [3.0, 2.0])])
    ruled = loss_curves([Line("a", "train", [1, 2], [3.0, 2.0])], {"guessing": 3.1}, marks={"best": 1})
    assert set(plain.rows) == {"rows"} and set(ruled.rows) == {"rows", "rules", "marks"}
    for figure in (plain, ruled):
        used = set(re.findall(r'"data": {"name": "(\w+)"}', figure.chart().to_json(indent=None)))
        assert used == set(figure.rows)
