"""Home, and the frame around every page."""

import sys
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from ui import frame
from ui.frame import ROOT


def home():
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60).run()
    assert not page.exception
    return page


def links(page, where="main"):
    return [element.proto for element in getattr(page, where).get("page_link")]


def text(page):
    return "\n".join(block.value for block in page.main.markdown)


@pytest.fixture
def engine(monkeypatch):
    """A stand-in for the job engine."""
    fake = SimpleNamespace(here=[], everyone=[], touched=[])
    fake.jobs = lambda session: fake.here
    fake.running = lambda: fake.everyone
    fake.touch = fake.touched.append
    monkeypatch.setitem(sys.modules, "jobs.engine", fake)
    return fake


def test_home_says_what_an_lstm_is_in_five_sentences_and_a_picture():
    page = home()
    sentences = [line for line in text(page).splitlines() if line[:2] in {f"{n}." for n in range(1, 10)}]
    assert len(sentences) == 5
    assert [e.proto.component_name for e in page.main.get("bidi_component")].count("lab_drawing") == 1


def test_every_lesson_whose_page_exists_is_linked_and_no_other():
    page = home()
    there = {lesson.title for lesson in frame.LESSONS if (ROOT / lesson.file).is_file()}
    assert {"Gate arithmetic"} <= there
    for where in ("main", "sidebar"):
        labels = {proto.label.strip("*") for proto in links(page, where)}
        assert there <= labels
        assert not labels & ({lesson.title for lesson in frame.LESSONS} - there)


def test_the_plan_links_set_controls():
    queries = [proto.query_string for proto in links(home()) if "x=" in proto.query_string]
    assert any("x=10+20+30" in query for query in queries)
    assert any(proto.query_string == "task=pencil&step=0" for proto in links(home()))
    if (ROOT / "pages/text.py").is_file():
        assert any(proto.query_string == "text_units=16" for proto in links(home()))


def test_nothing_trains_and_no_engine_is_loaded_to_say_so(monkeypatch):
    monkeypatch.delitem(sys.modules, "jobs.engine", raising=False)
    assert "Nothing is training" in text(home())
    assert "jobs.engine" not in sys.modules


def test_everyones_runs_are_on_home_and_this_sessions_in_the_sidebar(engine):
    engine.everyone = [SimpleNamespace(title="Text generation", state="running", fraction=0.25)]
    engine.here = [
        SimpleNamespace(title="Text generation", state="queued", place=2, progress=None),
        SimpleNamespace(title="Elsewhere", state="running", place=None, progress=SimpleNamespace(fraction=1.5)),
        SimpleNamespace(title="Over", state="finished", place=None, progress=None),
    ]
    page = home()
    bars = [element.proto.text for element in page.main.get("progress")]
    assert bars == ["Text generation: running, 25%"]
    beside = " ".join(block.value for block in page.sidebar.markdown) + " ".join(
        p.label for p in links(page, "sidebar")
    )
    assert "Text generation" in beside and "Elsewhere" in beside and "Over" not in beside
    states = [element.proto.text for element in page.sidebar.get("progress")]
    assert states == ["queued, number 2, 0%", "running, 100%"]
    assert engine.touched == [page.session_state["_session_id"]]
    engine.here[0].title = "Text generation: something else"
    assert [p.page for p in links(home(), "sidebar") if p.label == engine.here[0].title] == ["text"]


def test_two_visitors_are_two_sessions():
    assert home().session_state["_session_id"] != home().session_state["_session_id"]
