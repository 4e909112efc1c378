"""Every link of the lab that sets controls starts the experiment that its words promise, whatever was set before."""

import ast
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest

from lstm.lessons.gates import PRESETS
from tests.pages.desk import open_page
from ui import frame
from ui.controls import Controls
from ui.digits.controls import controls as digits
from ui.forecast.controls import controls as forecast
from ui.frame import ROOT
from ui.gates.link import setting_from_link
from ui.gates.state import GateState
from ui.home import plan
from ui.keras.controls import controls as keras
from ui.learning.link import view_from_link
from ui.memory.gradients import reach_controls
from ui.memory.train import controls as memory
from ui.memory.truncated import truncated_controls
from ui.relatives.race import race_controls
from ui.relatives.train import controls as relatives
from ui.sentiment.controls import controls as sentiment
from ui.text.controls import controls as text
from ui.topics.controls import controls as topics

CONTROLS: dict[str, Controls] = {
    one.lesson: one for one in (
        digits, forecast, keras, memory, reach_controls, truncated_controls, race_controls, relatives, sentiment, text, topics
    )
}
SAY_ALL = {"gates", "learning"}
"""Pages whose address says everything that is on show."""
LAB = (ROOT / "dashboard.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "ui").rglob("*.py"))


def calls(path, name):
    return [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]  # fmt: skip


def test_only_one_function_makes_links_that_set_controls():
    makers = {
        path.relative_to(ROOT).as_posix()
        for path in LAB
        for call in calls(path, "page_link")
        if any(word.arg == "query_params" for word in call.keywords)
    }
    assert makers == {"ui/browser/links.py"}


def tries():
    """Each page's own "try this": (page, label, params), read off the page as it was drawn."""
    for lesson in frame.lessons():
        page = open_page(lesson.file)
        assert not page.exception, lesson.title
        found = [one.proto for one in page.main.get("page_link") if "try=1" in one.proto.query_string]
        assert len(found) >= 3, lesson.title
        for proto in found:
            yield Path(lesson.file).stem, proto.label, dict(parse_qsl(proto.query_string))


def in_the_plan():
    for _, step in plan.steps():
        for link in step.links:
            yield Path(link.file).stem, link.label, dict(link.params)


def dirty(controls):
    """Values that are no defaults."""
    return {
        name: not default if isinstance(default, bool) else default + 1 if isinstance(default, int | float) else default
        for name, default in controls.defaults.items()
    }


def promised(controls, params):
    """What the address says, word by word, and the default of everything that it does not say."""
    return {name: params.get(controls.key(name), controls._word(name, default)) for name, default in controls.defaults.items()}


@pytest.fixture
def session(monkeypatch):
    """A session and an address without a page."""
    import ui.controls

    fake = SimpleNamespace(session_state={}, query_params={})
    monkeypatch.setattr(ui.controls, "st", fake)
    return fake


def check(page, label, params, session):
    if page in SAY_ALL:
        if page == "gates":
            state = GateState(setting=PRESETS["A latch"], t=4)
            state.follow(params)
            assert state.setting == setting_from_link(params)[0] and state.problem is None, label
        else:
            view, problem = view_from_link({name: value for name, value in params.items() if name != "try"})
            assert problem is None and view is not None, label
        return
    one = CONTROLS[params["set"]]
    session.session_state.clear()
    one.set(dirty(one))
    before = {name: one._word(name, one[name]) for name in one.defaults}
    session.query_params = dict(params)
    changed = one.follow_link()
    assert changed is not None and "set" not in session.query_params, label
    # What the address names, Streamlit sets by itself; see `Controls.follow_link`.
    after = {name: params.get(one.key(name)) or one._word(name, one[name]) for name in one.defaults}
    assert after == promised(one, params), label
    assert {one._label(name) for name in one.defaults if before[name] != after[name]} == set(changed), label
    named = {name for name in one.defaults if one.key(name) in params}
    for name in named & set(getattr(one, "settings", {})):  # a word that no widget can be set to would be left out in silence
        setting = one.settings[name]
        possible = [setting.word(value) for value in setting.stops or setting.choices or ()]
        assert not possible or params[one.key(name)] in possible, (label, name)
    assert set(one.linked()) == {one._label(name) for name in named if after[name] != one._word(name, one.defaults[name])}


def test_each_link_of_the_plan_resets_the_rest(session):
    found = list(in_the_plan())
    assert len(found) >= 6
    for page, label, params in found:
        check(page, label, params, session)


def test_each_try_this_resets_the_rest(monkeypatch, desk):
    import ui.controls

    found = list(tries())  # with Streamlit, before it is replaced
    assert len(found) >= 3 * len(frame.lessons())
    fake = SimpleNamespace(session_state={}, query_params={})
    monkeypatch.setattr(ui.controls, "st", fake)
    for page, label, params in found:
        check(page, label, params, fake)
