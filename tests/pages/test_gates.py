"""Gate arithmetic, run whole: what a link, a preset, the desk and the buttons do to what is shown."""

import json
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lstm.lessons.gates import MAX_STEPS, PRESETS
from ui.cell.formula import sub
from ui.frame import ROOT


def open_gates(**params):
    page = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60).run()
    page.switch_page("pages/gates.py")
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def desk(page):
    """What the desk was last sent."""
    return next(
        json.loads(e.proto.json) for e in page.get("bidi_component") if e.proto.component_name == "lab_gate_desk"
    )


def picture(page):
    return next(
        json.loads(e.proto.json)["svg"] for e in page.get("bidi_component") if e.proto.component_name == "lab_drawing"
    )


def formulas(page):
    """The words of every formula."""
    sheets = [
        json.loads(e.proto.json)["html"] for e in page.get("bidi_component") if e.proto.component_name == "lab_sheet"
    ]
    return [re.sub("<[^>]*>", "", one) for html in sheets for one in html.split('<div class="formula">')[1:]]


def button(page, label):
    return next(b for b in page.button if b.label == label)


def state(page):
    return page.session_state["_kept gates"]["desk"]


def test_it_opens_on_the_scaled_preset_and_everything_is_there():
    page = open_gates()
    assert page.title[0].value == "Gate arithmetic"
    assert state(page).setting == PRESETS["Three numbers, scaled"]
    assert len(page.get("vega_lite_chart")) == 6
    assert len(formulas(page)) == 7
    assert "0.599" in picture(page)  # f = σ(.4·1)
    assert page.code[0].value.startswith("def forward(")
    assert not page.warning


def test_three_numbers_shows_the_published_figures():
    # The arithmetic stands in tests/lstm/test_scalar.py; here it is read off the page, step by step.
    shown = {1: ("0.982", "0.993", "1.000", "0.999", "0.993", "0.758"), 3: ("1.000",) * 4 + ("2.993", "0.995")}
    for t, figures in shown.items():
        page = open_gates(x="10 20 30", t=str(t))
        assert state(page).setting == PRESETS["Three numbers"]
        found = formulas(page)
        for symbol, figure in zip(("f", "i", "c̃", "o", "C", "h"), figures, strict=True):
            block = next(one for one in found if one.startswith(f"{symbol}{sub(t)}"))
            assert block.endswith(f"= {figure}")
    assert next(one for one in found if one.startswith("prediction")).endswith("= 3 · 0.995 = 2.985")


def test_a_preset_undo_and_reset():
    page = open_gates()
    page.button_group(key="gates_preset").set_value("Three numbers").run()
    assert state(page).setting.xs == (10, 20, 30)
    assert page.query_params["x"] == ["10 20 30"] or page.query_params["x"] == "10 20 30"
    button(page, "Undo").click().run()
    assert state(page).setting == PRESETS["Three numbers, scaled"]
    assert button(page, "Undo").disabled
    page.button_group(key="gates_preset").set_value("A latch").run()
    button(page, "Reset").click().run()
    assert state(page).setting == PRESETS["Three numbers, scaled"]
    button(page, "Undo").click().run()
    assert state(page).setting == PRESETS["A latch"]


def test_steps_forward_and_back():
    page = open_gates(t="2")
    assert button(page, "Previous").disabled is False
    button(page, "Next").click().run()
    assert desk(page)["t"] == 3 and button(page, "Next").disabled
    button(page, "Previous").click().run()
    assert desk(page)["t"] == 2
    page.button_group(key="gates_step").set_value(1).run()
    assert desk(page)["t"] == 1 and "cell at step 1" in picture(page)


def test_play_starts_at_the_beginning_when_it_is_at_the_end():
    page = open_gates(t="3")
    button(page, "Play").click().run()
    assert state(page).playing and state(page).t == 1
    button(page, "Pause").click().run()
    assert not state(page).playing


def test_a_held_gate_is_drawn_held_beside_its_ghost():
    page = open_gates(clamp="f0", c0="2", t="2")
    assert "held" in picture(page)
    held, ghost = state(page).setting.run()[-1], state(page).setting.run_unclamped()[-1]
    caption = next(c.value for c in page.caption if c.value.startswith("You hold"))
    assert f"{held.c:.3f} instead of {ghost.c:.3f}" in caption
    open_gates(clamp="f0 i1 g1 o0")  # all of them: nothing is left for the curves to show


@pytest.mark.parametrize(("squash", "name"), [("sigmoid", "σ"), ("relu", "ReLU")])
def test_another_function_where_tanh_stands(squash, name):
    page = open_gates(squash=squash, x="10 20 30", t="3")
    assert state(page).setting.activation == squash and page.button_group(key="gates_squash").value == squash
    chosen, usual = state(page).setting.run(), state(page).setting.run_with_tanh()
    assert chosen[-1].c != usual[-1].c and chosen[-1].f != usual[-1].f  # h goes back into the gates
    words = next(c.value for c in page.caption if c.value.startswith(f"With {name}, C at the last step"))
    assert f"is {chosen[-1].c:.3f}" in words or f"is {chosen[-1].c:.2f}" in words
    assert f"with tanh it is {usual[-1].c:.3f}" in words
    assert ("no longer kept within" in words) == (max(s.h for s in chosen) > 1)
    assert name in picture(page) and any(f"{name}(" in one for one in formulas(page) if one.startswith("c̃"))
    assert page.query_params["squash"] in (squash, [squash])
    page.button_group(key="gates_squash").set_value("tanh").run()
    assert state(page).setting.activation == "tanh" and "squash" not in page.query_params
    button(page, "Undo").click().run()
    assert state(page).setting.activation == squash


def test_the_desk_changes_the_setting_and_a_drag_is_one_undo():
    page = open_gates()
    values = desk(page)["values"]
    for sequence, (weight, done) in enumerate(((1.0, False), (1.5, False), (2.0, False), (2.0, True)), 1):
        values["W"]["f"] = weight
        state(page).edit({"sequence": sequence, "name": "Wf", "done": done, "values": values})
        page.run()
        assert desk(page)["ack"] == sequence
        assert ("w" in page.query_params) == done  # the address is written when the hand lets go
    assert state(page).setting.cell.f.W == 2.0
    button(page, "Undo").click().run()
    assert state(page).setting == PRESETS["Three numbers, scaled"]


@pytest.mark.parametrize(
    "message",
    [None, "x", {}, {"values": None}, {"values": {"x": [], "W": 7, "clamp": "f"}}, {"values": {"x": [1e99] * 40}}],
)
def test_a_message_no_desk_would_send_breaks_nothing(message):
    page = open_gates()
    state(page).edit(message)
    page.run()
    assert not page.exception
    assert 1 <= len(state(page).setting.xs) <= MAX_STEPS


@pytest.mark.parametrize(
    ("params", "sane"),
    [
        ({"w": "nan 0.4 0.6 0.7"}, {}),
        ({"w": "inf 0.4 0.6 0.7"}, {"W of gate i": 5.0}),
        ({"w": "1"}, {}),
        ({"x": " ".join(["1"] * 10_000)}, {"steps": MAX_STEPS}),
        ({"x": ""}, {"steps": 1}),
        ({"x": "10 banana 30"}, {"steps": 3}),
        ({"h0": "7"}, {"h0": 1.0}),
        ({"c0": "-1e999"}, {"c0": -5.0}),
        ({"t": "99"}, {"t": 3}),
        ({"t": "-1"}, {"t": 1}),
        ({"t": "nan"}, {"t": 1}),
        ({"clamp": "f7"}, {}),
        ({"squash": "gelu"}, {}),
        ({"v": "<script>alert(1)</script>"}, {}),
        ({"w": "a b c d", "u": "1e9 1e9 1e9 1e9", "b": "; drop", "x": "∞", "t": "0x3"}, {}),
    ],
)
def test_garbage_in_a_link_is_one_sentence_and_a_sane_state(params, sane):
    page = open_gates(**params)
    assert len(page.warning) == 1
    assert page.warning[0].value.count(". ") == 0 and "<script>" not in page.warning[0].value
    setting = state(page).setting
    found = {
        "W of gate i": setting.cell.i.W,
        "steps": len(setting.xs),
        "h0": setting.h0,
        "c0": setting.c0,
        "t": state(page).t,
    }
    assert {name: found[name] for name in sane} == sane
    button(page, "Reset").click().run()
    assert not page.warning


def test_a_visit_elsewhere_keeps_the_desk():
    page = open_gates(x="10 20 30", c0="1")
    before = state(page).setting
    page.switch_page("dashboard.py").run()
    page.query_params.clear()
    page.switch_page("pages/gates.py").run()
    assert state(page).setting == before == replace(PRESETS["Three numbers"], c0=1.0)


def test_predictions_are_checked_against_the_live_numbers():
    page = open_gates()
    page.radio(key="predict_gates_scale").set_value("It is 1 almost at once and stays there").run()
    assert "Right" in page.success[0].value and "0.982, 1.000, 1.000" in page.success[0].value
    page.radio(key="predict_gates_hold").set_value("It shrinks towards 0").run()
    assert len(page.success) == 2
    # With a negative past and a positive present, forgetting makes C larger: the same answer is wrong now.
    page = open_gates(x="1", c0="-0.9")
    page.radio(key="predict_gates_hold").set_value("It shrinks towards 0").run()
    assert len(page.warning) == 1


def test_what_else_is_held_on_the_desk_of_gates_stays_held():
    page = open_gates(clamp="i0", c0="1")
    question = page.radio(key="predict_gates_hold")
    assert question.label.startswith("On the desk as it stands, i at 0:")
    question.set_value("It shrinks towards 0").run()
    (said,) = [one.value for one in page.success if "C goes from" in one.value]
    assert "to 0.000" in said  # with i shut as well, the last step writes nothing
