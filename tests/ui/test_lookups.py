"""A widget's own value is looked up by itself, and everything that a page can ask of the session stays as it was."""

import pytest
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from ui.server import lookups


def draw():
    import streamlit as st

    st.session_state.setdefault("kept", [1, 2])
    st.session_state.setdefault("emptied", None)
    st.number_input("a", value=3, key="number")
    st.number_input("b", value=3, key="emptied")
    st.selectbox("c", ["x", "y"], key="menu", index=1)
    st.radio("d", ["x", "y"], key="one")
    st.text_input("e", "w", key="word")
    st.number_input("without a name", value=7)
    st.session_state.told = {name: st.session_state[name] for name in sorted(st.session_state) if name != "told"}


def told(app: AppTest) -> list[dict]:
    found = [app.run().session_state["told"]]
    app.number_input(key="number").set_value(8)
    found.append(app.run().session_state["told"])
    assert not app.exception
    return found


def test_pages_see_the_same_session(monkeypatch):
    before = told(AppTest.from_function(draw, default_timeout=60))
    monkeypatch.setattr(SafeSessionState, "filtered_state", SafeSessionState.filtered_state)
    lookups.look_up_one_by_one()
    after = told(AppTest.from_function(draw, default_timeout=60))
    assert after == before
    assert [one["number"] for one in after] == [3, 8]
    assert after[0]["emptied"] is None and after[0]["menu"] == "y" and after[0]["kept"] == [1, 2]


def test_a_widget_does_not_read_the_whole_session(monkeypatch):
    whole = []
    monkeypatch.setattr(SafeSessionState, "filtered_state", SafeSessionState.filtered_state)
    lookups.look_up_one_by_one()
    monkeypatch.setattr(lookups, "_whole", whole.append)

    def page():
        import streamlit as st

        st.number_input("a", value=3, key="number")
        st.selectbox("c", ["x", "y"], key="menu")
        st.radio("d", ["x", "y"], key="one")
        st.text_input("e", "w", key="word")

    assert not AppTest.from_function(page, default_timeout=60).run().exception
    assert whole == []


@pytest.mark.parametrize("key", ["there", "missing"])
def test_one_value(key):
    class State(dict):
        pass

    found = lookups.OneByOne(State(there=1))
    assert (key in found) == (key == "there")
    assert found.get(key, 0) == (1 if key == "there" else 0)
