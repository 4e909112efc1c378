"""Charts of the cell: the right rows in the right colours, and layouts that stay while values move."""

import pytest

from lstm.lessons.gates import PRESETS, gate_table
from tests.scalar import with_weight
from ui.gates import charts
from ui.theme import DARK, LIGHT

TABLE = gate_table(PRESETS["Three numbers, scaled"].run())


def colours_of(figure):
    found = {}

    def walk(node):
        if isinstance(node, dict):
            if "domain" in node and isinstance(node.get("range"), list):
                found.update(zip(node["domain"], node["range"], strict=True))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(dict(figure.layout))
    return found


FIGURES = {
    "bars": lambda: charts.gate_bars(TABLE, 2),
    "states": lambda: charts.state_lines(TABLE, 2, 0.0, 0.5, TABLE),
    "left": lambda: charts.c0_left(TABLE, 2),
    "squash": lambda: charts.squashing(TABLE, 2),
}


@pytest.mark.parametrize("name", list(FIGURES))
def test_each_is_a_valid_altair_chart(name):
    figure = FIGURES[name]()
    assert figure.chart().to_dict()["layer"]  # Altair checks it against the schema
    assert {len(set(map(len, columns.values()))) for columns in figure.rows.values()} == {1}


def test_bars_hold_every_gate_of_every_step():
    rows = charts.gate_bars(TABLE, 2).rows["rows"]
    assert rows["value"][:4] == [TABLE[gate][0] for gate in "figo"]
    assert len(rows["value"]) == 12
    assert charts.gate_bars(TABLE, None).rows["now"]["step"] == []


def test_lines_begin_at_the_start_and_the_ghost_is_pale():
    rows = charts.state_lines(TABLE, 1, 0.25, 0.5, TABLE).rows["rows"]
    starts = [(state, value) for step, state, value in zip(rows["step"], rows["state"], rows["value"]) if step == 0]
    assert starts == [("cell state C", 0.5), ("hidden state h", 0.25)] * 2
    assert rows["pale"].count(True) == rows["pale"].count(False) == 8


def test_squashed_points_lie_on_the_curve_and_held_gates_have_none():
    rows = charts.squashing(TABLE, 3, held=("f",)).rows["points"]
    assert set(rows["gate"]) == {"input", "candidate", "output"}
    assert rows["now"].count(True) == 3
    assert charts.squashing(TABLE, 1, held=tuple("ifgo")).rows["points"]["z"] == []
    curves = charts.squashing(TABLE, 1, activation="relu").rows["curves"]
    assert set(curves["curve"]) == {"σ", "ReLU"} and max(curves["value"]) == max(curves["z"])
    assert set(charts.squashing(TABLE, 1, activation="sigmoid").rows["curves"]["curve"]) == {"σ"}


def test_what_is_left_of_c0_starts_at_all_of_it():
    assert charts.c0_left(TABLE, 1).rows["rows"]["left"] == [1.0, *TABLE["c0_left"]]


def test_the_layout_stays_while_a_slider_moves():
    moved = gate_table(with_weight(PRESETS["Three numbers, scaled"], "f", "W", 0.45).run())
    for draw in (lambda t: charts.gate_bars(t, 2), lambda t: charts.squashing(t, 2), lambda t: charts.c0_left(t, 1)):
        assert draw(TABLE).layout is draw(moved).layout
        assert draw(TABLE).rows != draw(moved).rows
    assert charts.state_lines(TABLE, 1, 0, 0).layout is charts.state_lines(moved, 2, 0, 0).layout


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_gates_keep_their_colours_in_both_themes(palette, monkeypatch):
    monkeypatch.setattr(charts, "scheme", lambda: "dark" if palette is DARK else "light")
    assert colours_of(charts.gate_bars(TABLE, 1)) == {
        "forget": palette["f"], "input": palette["i"], "candidate": palette["g"], "output": palette["o"]
    }  # fmt: skip
    assert colours_of(charts.state_lines(TABLE, 1, 0, 0))["cell state C"] == palette["c"]
