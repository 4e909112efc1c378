"""What is kept for one visitor, and what for everybody: computed once, bounded, never written to."""

import threading
from dataclasses import dataclass

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from jobs import engine
from lstm import Sequential
from lstm.bidirectional import Bidirectional
from lstm.layers import Dense
from lstm.recurrent import LSTM
from ui import keep
from ui.frame import ROOT


def visitor():
    import streamlit as st

    from ui import keep

    made = st.session_state.setdefault("made", [])
    for key in st.session_state.asked:
        keep.of_session("squares", key, lambda key=key: made.append(key) or key**2, most=2)
    st.text(str(keep.table("squares")))


def asks(page, *keys):
    page.session_state.asked = keys
    page.run()
    assert not page.exception
    return page.session_state.made, page.text[0].value


def test_a_visitor_computes_a_thing_once_and_the_newest_stay():
    page = AppTest.from_function(visitor, default_timeout=60)
    assert asks(page, 3, 3, 4) == ([3, 4], "{3: 9, 4: 16}")
    assert asks(page, 3) == ([3, 4], "{3: 9, 4: 16}")
    assert asks(page, 5) == ([3, 4, 5], "{4: 16, 5: 25}")
    assert asks(page, 3)[0] == [3, 4, 5, 3], "the oldest had gone"


def test_one_visitor_never_gets_what_another_made():
    one, other = (AppTest.from_function(visitor, default_timeout=60) for _ in range(2))
    asks(one, 3)
    assert asks(other, 3)[0] == [3]


def test_who_comes_meanwhile_waits_for_the_same_computation():
    began, go_on, made, got = threading.Event(), threading.Event(), [], []

    def make():
        made.append(1)
        began.set()
        assert go_on.wait(30)
        return np.zeros(3)

    ask = lambda: got.append(keep.of_all("test meanwhile", "once", make))  # noqa: E731
    first, second = threading.Thread(target=ask), threading.Thread(target=ask)
    first.start()
    assert began.wait(30)
    second.start()
    assert not got
    go_on.set()
    first.join(30), second.join(30)
    assert len(made) == 1
    assert got[0] is got[1]


def test_what_failed_is_not_kept():
    with pytest.raises(ValueError, match="not now"):
        keep.of_all("test failure", "once", lambda: (_ for _ in ()).throw(ValueError("not now")))
    assert keep.of_all("test failure", "once", lambda: 7) == 7


@dataclass(frozen=True)
class Table:
    rows: dict
    name: str = "t"


def test_what_everybody_gets_cannot_be_written_to():
    kept = keep.of_all("test frozen", "once", lambda: (Table({"a": [np.zeros(2)]}), np.ones(1)))
    for array in (kept[0].rows["a"][0], kept[1]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5


def test_the_weights_of_everybodys_network_cannot_be_written_to_and_it_still_answers():
    model = Sequential([Bidirectional(LSTM(3)), Dense(2, activation="softmax")])
    x = np.ones((1, 4, 2), np.float32)
    before = model.predict(x)
    keep.of_all("test network", "once", lambda: model)
    for layer in model.layers:
        with pytest.raises(ValueError, match="read-only"):
            layer.set_weights([weight + 1 for weight in layer.get_weights()])
    assert np.array_equal(model.predict(x), before)


def holder():
    import numpy as np
    import streamlit as st

    from ui import keep

    key = keep.brought("test file", "your file (Test)")
    for order in st.session_state.pop("orders", ()):
        name, megabytes = order
        value = np.zeros(int(megabytes * 2**20), np.int8)
        if name == key:
            st.session_state[key] = value
        else:
            keep.remember("test readings", name, value, most=10)
    st.text(f"{keep.make_room(2**20)} {sorted(keep.table('test readings'))} {key in st.session_state}")


def test_what_a_visitor_has_held_longest_makes_room_and_only_what_was_brought_is_said():
    page = AppTest.from_function(holder, default_timeout=60)

    def holds(*orders):
        page.session_state.orders = orders
        page.run()
        assert not page.exception
        return page.text[0].value

    assert holds(("test file", 0.5), ("one", 0.4)) == "[] ['one'] True"
    assert holds(("two", 0.4)) == "['your file (Test)'] ['one', 'two'] False"
    assert holds(("three", 0.4)) == "[] ['three', 'two'] False"
    assert holds(("test file", 0.3)) == "[] ['three'] True"
    assert holds(("large", 5)) == "['your file (Test)'] ['large'] False", "the newest stays"
    assert holds() == "[] ['large'] False"
    assert holds(("test file", 0.5)) == "[] [] True"


def test_the_page_says_what_had_to_go(monkeypatch):
    monkeypatch.setattr(engine, "let_go", lambda session: ["Topics", "Topics"])
    monkeypatch.setattr(keep, "make_room", lambda: ["your *table* (Topics)"])
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    page.switch_page("pages/gates.py").run()
    assert not page.exception
    said = [one.value for one in page.caption if "To make room" in one.value]
    assert said == [
        r":material/inventory_2: To make room, what you had longest was let go: the result of a training "
        r"\(Topics\), your \*table\* \(Topics\). What is to last, take home as a file."
    ]
    monkeypatch.setattr(engine, "let_go", lambda session: [])
    monkeypatch.setattr(keep, "make_room", list)
    page.run()
    assert any("To make room" in one.value for one in page.caption), "as long as the page is open"
    page.switch_page("pages/memory.py").run()
    assert not any("To make room" in one.value for one in page.caption)
