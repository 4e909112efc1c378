"""Home, and the frame around every page."""

import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote_plus
from xml.etree import ElementTree

import pytest
from streamlit.testing.v1 import AppTest

from lstm.lessons.gates import PRESETS
from ui import frame
from ui.cell.drawing import number
from ui.frame import ROOT
from ui.home import plan
from ui.home.journey import SENTENCES, legs
from ui.home.pictures import picture


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
    fake.let_go = lambda session: []
    fake.touch = fake.touched.append
    monkeypatch.setitem(sys.modules, "jobs.engine", fake)
    return fake


def test_home_says_what_an_lstm_is_in_five_sentences_and_a_picture_that_a_number_travels_through():
    assert [e.proto.component_name for e in home().main.get("bidi_component")].count("lab_journey") == 1
    steps = PRESETS["Three numbers, scaled"].run()
    way = legs(steps)
    assert len(SENTENCES) == 5 and {leg["sentence"] for leg in way} == set(range(5))
    for leg, after in pairwise(way):  # without a jump, except to the next step's input
        assert after["points"][0] == leg["points"][-1] or after["label"].startswith("x")
    said = " ".join(leg["label"] + leg["tells"] for leg in way)
    assert all(number(value) in said for step in steps for value in (step.x, step.g, step.i, step.written, step.c, step.o, step.h))


def test_every_lesson_has_its_picture_on_home_and_home_knows_who_was_visited():
    there = frame.lessons()
    stems = [Path(lesson.file).stem for lesson in there]
    assert all(ElementTree.fromstring(picture(stem)).tag == "svg" for stem in stems)
    page = home()
    assert [e.proto.component_name for e in page.main.get("bidi_component")].count("lab_picture") == len(there)
    assert any(caption.value == f"0 of {len(there)} visited" for caption in page.main.caption)
    page.session_state["_kept visited"] = {there[0].title: True}
    assert any(caption.value == f"1 of {len(there)} visited" for caption in page.run().main.caption)


def test_every_lesson_whose_page_exists_is_linked_and_no_other():
    page = home()
    there = {lesson.title for lesson in frame.LESSONS if (ROOT / lesson.file).is_file()}
    assert {"Gate arithmetic"} <= there
    for where in ("main", "sidebar"):
        labels = {proto.label.strip("*") for proto in links(page, where)}
        assert there <= labels
        assert not labels & ({lesson.title for lesson in frame.LESSONS} - there)


def test_the_plan_is_a_class_of_45_minutes_and_its_trainings_fit():
    steps = list(plan.steps())
    assert steps[0][0].startswith("0–") and steps[-1][0].endswith("–45 min")
    queries = {proto.label: proto.query_string for proto in links(home())}
    for _, step in steps:
        for link in step.links:
            assert all(f"{quote_plus(name)}={quote_plus(value)}" in queries[link.label] for name, value in link.params.items())
    assert plan.training_minutes(30, workers=1) < plan.minutes_to_train()
    assert plan.training_minutes(30, workers=2) < plan.training_minutes(30, workers=1)


def test_for_teachers_tells_every_step_and_which_classes_fit():
    page = home().switch_page("pages/teachers.py").run()
    assert not page.exception
    said = text(page)
    for _, step in plan.steps():
        assert step.everyone in said and step.teacher in said and step.listen in said and step.room in said
    assert sum(bool(step.room) for _, step in plan.steps()) >= 3 and "works without it" in said
    page.number_input(key="teachers_students").set_value(100).run()
    assert "no: share screens" in page.table[0].value.to_string() and "yes" in page.table[0].value.to_string()


def test_nothing_trains_and_no_engine_is_loaded_to_say_so(monkeypatch):
    monkeypatch.delitem(sys.modules, "jobs.engine", raising=False)
    assert "Nothing is training" in text(home())
    assert "jobs.engine" not in sys.modules


def test_everyones_runs_are_on_home_and_this_sessions_in_the_sidebar(engine):
    engine.everyone = [SimpleNamespace(title="Text generation", state="running", fraction=0.25, done=0.25)]
    engine.here = [
        SimpleNamespace(title="Text generation", state="queued", place=2, progress=None, done=0.0, ended=False, id="a"),
        SimpleNamespace(title="Elsewhere", state="running", place=None, progress=SimpleNamespace(), done=1.0, ended=False, id="a"),
        SimpleNamespace(title="Over", state="finished", place=None, progress=None, done=1.0, ended=True),
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
